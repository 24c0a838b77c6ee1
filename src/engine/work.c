/* SPDX-License-Identifier: Apache-2.0 */
/* The lines are chosen by a hash of the key with the tree's seed, which nobody outside knows: two originators
 * share a line by chance only, and then share its turns. No memory is taken: a job brings its links. */
#include "engine/work.h"

#include "base/clock.h"
#include "engine/engine_private.h"
#include "engine/steps.h"

/* ---- the allowance ---- */

static void work_allow(struct work *work, int64_t until)
{
	work->units = 0;
	work->look_at = WORK_LOOK_AFTER;
	work->spent = false;
	work->until = until;
}

/* Time is asked for at every 64th unit, so that counting costs next to nothing. */
static bool work_look(struct work *work)
{
	int64_t now = clock_wall_steady();

	if (!work->until)
		work->until = now + WORK_ARRIVED_US;
	work->look_at = work->units + WORK_LOOK_AFTER;
	work->spent = now >= work->until;
	return work->spent;
}

bool work_spent(struct engine *engine, unsigned cost)
{
	struct work *work = &engine->work;

	work->units += cost;
	if (work->spent)
		return true;
	if (work->units_most)
		return work->spent = work->units >= work->units_most;
	return work->units >= work->look_at && work_look(work);
}

void work_next_turn(struct engine *engine)
{
	work_allow(&engine->work, 0);
}

/* ---- the queue ---- */

static struct work_line *work_line_of(struct engine *engine, const struct work_job *job)
{
	uint64_t hash = (job->key ^ engine->tree.seed) * 0x9e3779b97f4a7c15u;

	return &engine->work.lines[(hash >> 32) % WORK_LINES];
}

void work_queue(struct engine *engine, struct work_job *job)
{
	struct work_line *line = work_line_of(engine, job);

	if (job->queued)
		return;
	job->queued = true;
	job->next = NULL;
	job->prev = line->last;
	*(line->last ? &line->last->next : &line->first) = job;
	line->last = job;
	engine->work.count++;
}

void work_cancel(struct engine *engine, struct work_job *job)
{
	struct work_line *line = work_line_of(engine, job);

	if (!job->queued)
		return;
	job->queued = false;
	*(job->prev ? &job->prev->next : &line->first) = job->next;
	*(job->next ? &job->next->prev : &line->last) = job->prev;
	engine->work.count--;
}

/* The first job of the next line that has one. */
static struct work_job *work_take(struct engine *engine)
{
	struct work *work = &engine->work;
	struct work_job *job = NULL;

	for (size_t i = 0; i < WORK_LINES && !job; i++) {
		work->line = (work->line + 1) % WORK_LINES;
		job = work->lines[work->line].first;
	}
	if (job)
		work_cancel(engine, job);
	return job;
}

void work_run(struct engine *engine)
{
	struct work *work = &engine->work;
	size_t most = work->units_most ? work->count : SIZE_MAX;
	int64_t now, until;
	struct work_job *job;

	if (!work->count)
		return;
	now = clock_wall_steady();
	until = now + WORK_QUEUED_US;
	for (; most && (now < until || work->units_most) && (job = work_take(engine)); most--) {
		work_allow(work, now + WORK_SLICE_US);
		if (job->run(engine, job))
			work_queue(engine, job);
		now = clock_wall_steady();
	}
}

bool work_is_left(const struct engine *engine)
{
	return engine->work.count > 0;
}

/* ---- requests ---- */

/* It goes on, and may have ended and be gone when steps_resume returns. Whether it waits again, it says
 * itself by work_wait. */
static bool work_resume(struct engine *engine, struct work_job *job)
{
	(void)engine;
	steps_resume(container_of(job, struct req, work));
	return false;
}

uint64_t work_key(const struct req *req)
{
	const struct req_peer *peer = &req->peer;
	uint64_t seed = req->engine->tree.seed;

	if (!peer->identity && peer->ip && !peer->local)
		return slice_hash(slice_of(peer->ip), seed);
	return slice_hash(req->from, seed);
}

int work_wait(struct req *req)
{
	req->work.run = work_resume;
	req->work.key = work_key(req);
	work_queue(req->engine, &req->work);
	req->engine->stats.work_waits++;
	return STEP_WAIT;
}
