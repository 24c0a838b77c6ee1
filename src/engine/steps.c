/* SPDX-License-Identifier: Apache-2.0 */
/* The journey of a request: eight steps, always the same, always in one direction. A step that must wait is
 * called again when what it waited for has come. */
#include "engine/steps.h"

#include <assert.h>

#include "engine/engine_private.h"
#include "engine/grant.h"
#include "engine/nonblocking.h"
#include "model/rsc.h"

static const struct step {
	const char *name;
	int (*run)(struct req *req);
} steps[] = {
        {"authenticate", step_authenticate}, /* who speaks, and is it a request at all */
        {"resolve", step_resolve},           /* which resource */
        {"forward", step_forward},           /* not ours: send it on */
        {"authorize", step_authorize},       /* do the policies allow it */
        {"validate", step_validate},         /* does the content fit the type */
        {"execute", step_execute},           /* do it */
        {"notify", step_notify},             /* tell who subscribed */
        {"respond", step_respond},           /* shape the result */
};
enum { STEP_COUNT = sizeof(steps) / sizeof(steps[0]) };

static void count(struct req *req, int64_t rsc)
{
	struct engine_stats *stats = &req->engine->stats;
	if (req->op >= OP_CREATE && req->op <= OP_NOTIFY)
		stats->requests[req->op]++;
	if (rsc < 0 || rsc > 9999)
		return;
	stats->answers[rsc / 1000]++;
	if (!rsc_is_good((int)rsc))
		stats->refused[rsc / 100]++;
}

void steps_finish(struct req *req)
{
	struct engine *engine = req->engine;
	assert(!req->finished);
	req->finished = true;
	timer_clear(engine->timers, &req->timer);
	req->out.at[PRIM_rqi] = req->in.at[PRIM_rqi];
	req->out.at[PRIM_rvi] = req->in.at[PRIM_rvi];
	if (req->grants && rsc_is_good((int)prim_int(&req->out, PRIM_rsc, 0)))
		grant_finish(req);
	count(req, prim_int(&req->out, PRIM_rsc, 0));
	/* An answer leaves at once when all it tells of is on disk; otherwise, also that of a read that may
	 * have seen what this turn wrote, after the commit: engine_end_turn. */
	if (!req->wrote && !engine->store->ops->is_dirty(engine->store)) {
		req->answered(req);
		return;
	}
	req->next = NULL;
	*engine->committing_end = req;
	engine->committing_end = &req->next;
}

/* While it waits, others run: its target may be deleted. It is kept by number and looked up again. */
static void begin_wait(struct req *req)
{
	struct engine *engine = req->engine;
	req->target_no = req->target ? req->target->no : 0;
	req->wait_next = engine->waiting;
	req->wait_at = &engine->waiting;
	if (engine->waiting)
		engine->waiting->wait_at = &req->wait_next;
	engine->waiting = req;
}

static void end_wait(struct req *req)
{
	work_cancel(req->engine, &req->work);
	*req->wait_at = req->wait_next;
	if (req->wait_next)
		req->wait_next->wait_at = req->wait_at;
	req->wait_at = NULL;
}

void steps_walk(struct req *req)
{
	while (req->step < STEP_COUNT) {
		int result = steps[req->step].run(req);
		if (result == STEP_WAIT) {
			begin_wait(req);
			return;
		}
		if (result == STEP_DONE)
			break;
		req->step++;
	}
	steps_finish(req);
}

void steps_resume(struct req *req)
{
	if (req->finished || !req->wait_at || req->engine->reloading)
		return;
	end_wait(req);
	if (req->target_no) {
		req->target = tree_by_no(&req->engine->tree, req->target_no);
		/* A virtual child that keeps something while it waits sees to it by itself. */
		if (!req->target && !(req->virtual_child && req->wait)) {
			req_refuse(req, RSC_NOT_FOUND, "to: the resource was deleted meanwhile");
			steps_finish(req);
			return;
		}
	}
	steps_walk(req);
}

void steps_give_up(struct engine *engine)
{
	while (engine->waiting) {
		struct req *req = engine->waiting;
		end_wait(req);
		req->wrote = false;
		req_refuse(req, RSC_INTERNAL_SERVER_ERROR,
		           "the node stopped or its store failed while the request waited; try again");
		steps_finish(req);
	}
}

void engine_submit(struct req *req)
{
	steps_walk(req);
}
