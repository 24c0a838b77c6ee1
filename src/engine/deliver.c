/* SPDX-License-Identifier: Apache-2.0 */
/* The room of everything that leaves: it makes the requests, starts the calls, and gives the queues their
 * turn after each commit. */
#include "engine/deliver.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/call.h"
#include "engine/engine_private.h"
#include "engine/pump.h"
#include "engine/type/sub.h"
#include "model/rsc.h"

#define WAITING_MOST ((size_t)256 << 20) /* bytes of all notifications that wait */

struct deliver *deliver_create(struct engine *engine)
{
	struct deliver *deliver = mem_zero(1, sizeof(*deliver));

	deliver->engine = engine;
	deliver->turn = 1;
	map_init(&deliver->places);
	map_init(&deliver->shares);
	deliver->most_bytes = WAITING_MOST;
	arena_init(&deliver->scratch);
	deliver->timer.run = pump_ready_timer;
	deliver->done_timer.run = queue_flush_done_timer;
	/* Request identifiers go on where no earlier life of ours has been; and so do the numbers of notes,
	 * of which the store may still hold those that were delivered. */
	if (engine->rqi == 0)
		engine->rqi = (uint64_t)clock_now();
	if (engine->note_id == 0)
		engine->note_id = (uint64_t)clock_now();
	return deliver;
}

static void deliver_forget(struct deliver *deliver)
{
	while (deliver->left) {
		struct queue *queue = deliver->left;

		deliver->left = queue->next;
		queue_destroy(queue);
	}
	deliver->done_count = 0;
	timer_clear(deliver->engine->timers, &deliver->done_timer);
}

void deliver_close(struct deliver *deliver)
{
	struct store *store = deliver->engine->store;

	queue_flush_done(deliver);
	if (deliver->engine->can_write && store->ops->is_dirty(store) && store->ops->commit(store) < 0)
		log_warn("engine", "the last deliveries could not be written down; they will be told again");
	deliver->closing = true;
	while (deliver->calls)
		if (!deliver->engine->can_write) /* this is a reload: the port lives on */
			call_abandon(deliver->calls);
		else
			call_end(deliver->calls, -ECANCELED, NULL);
}

void deliver_destroy(struct deliver *deliver)
{
	if (!deliver)
		return;
	deliver_close(deliver);
	deliver_forget(deliver);
	timer_clear(deliver->engine->timers, &deliver->timer);
	map_finish(&deliver->places);
	map_finish(&deliver->shares);
	arena_finish(&deliver->scratch);
	free(deliver);
}

void deliver_restore(struct deliver *deliver, const struct store_note *kept)
{
	struct engine *engine = deliver->engine;
	struct node *node = tree_by_no(&engine->tree, kept->row);
	struct slice target, sur;
	struct note *note = note_read(&deliver->tale_bytes, kept->body, &target, &sur);
	struct queue *queue = NULL;

	if (kept->id > engine->note_id)
		engine->note_id = kept->id;
	if (note && node == engine->tree.base) {
		queue = queue_left(deliver, target, sur);
	} else if (note && node && node->type->number == TYPE_SUB && node->extra) {
		queue = ((struct sub *)node->extra)->queues;
		while (queue && !slice_is(queue->target, target))
			queue = queue->next;
	}
	if (!queue) {
		note_destroy(note);
		return;
	}
	note->id = kept->id;
	queue_restore(queue, note);
}

void deliver_after_commit(struct deliver *deliver)
{
	deliver->turn++;
	pump_ready(deliver);
}

bool deliver_is_idle(const struct deliver *deliver)
{
	return deliver->call_count == 0 && !deliver->ready.first;
}

bool deliver_is_closing(const struct deliver *deliver)
{
	return deliver->closing;
}

void deliver_send(struct engine *engine, struct slice target, const struct prim *request, int64_t timeout_us,
                  void (*done)(void *user, int result, const struct prim *response), void *user)
{
	call_start(engine->deliver, target, request, timeout_us, done, user);
}

/* Where only the identifier joins an answer to its request, who can guess it can answer for another:
 * behind the number stands what only we know of it. */
static struct slice deliver_rqi(struct engine *engine, struct arena *arena)
{
	uint64_t no = ++engine->rqi;
	uint64_t mark = slice_hash(slice_make((const char *)&no, sizeof(no)), engine->tree.seed);

	return arena_printf(arena, "n%llx-%08x", (unsigned long long)no, (unsigned)(mark >> 32));
}

void deliver_request(struct engine *engine, struct arena *arena, struct slice to, struct val *pc,
                     struct prim *ret)
{
	*ret = (struct prim){.at = {NULL}};
	ret->at[PRIM_op] = val_int(arena, OP_NOTIFY);
	ret->at[PRIM_to] = val_str(arena, to);
	ret->at[PRIM_fr] = val_str(arena, engine->self.csi);
	ret->at[PRIM_rqi] = val_str(arena, deliver_rqi(engine, arena));
	ret->at[PRIM_rvi] = val_str(arena, SLICE("3"));
	ret->at[PRIM_pc] = pc;
}

/* A wait of one answer, begun by deliver_retarget. */
enum step_result deliver_retarget(struct req *req)
{
	struct deliver_wait *wait = req->wait;
	struct prim request;

	if (!wait) {
		request = req->in;
		request.at[PRIM_fr] = val_str(&req->arena, req->from);
		wait = deliver_wait_begin(req, 1);
		deliver_wait_send(wait, 0, arena_printf(&req->arena, "%.*s", SLICE_ARG(req->target->ri)),
		                  &request);
		return STEP_WAIT;
	}
	req->wait = NULL;
	if (wait->answers[0].result < 0)
		return req_refuse(req, RSC_TARGET_NOT_REACHABLE, "the AE that this is for cannot be reached");
	req->out = wait->answers[0].response;
	if (!prim_has(&req->out, PRIM_rsc))
		req->out.at[PRIM_rsc] = val_int(&req->arena, RSC_OK);
	return STEP_DONE;
}

struct deliver_wait *deliver_wait_begin(struct req *req, size_t count)
{
	struct deliver_wait *wait =
	        arena_take(&req->arena, sizeof(*wait) + count * sizeof(struct deliver_answer));

	memset(wait, 0, sizeof(*wait) + count * sizeof(struct deliver_answer));
	wait->req = req;
	wait->count = count;
	req->wait = wait;
	return wait;
}

static void deliver_wait_answered(void *user, int result, const struct prim *response)
{
	struct deliver_answer *answer = user;
	struct deliver_wait *wait = answer->wait;
	struct req *req = wait->req;

	answer->result = result;
	if (result == 0) {
		answer->rsc = (int)prim_int(response, PRIM_rsc, 0);
		for (size_t i = 0; i < PRIM_COUNT; i++)
			answer->response.at[i] =
			        response->at[i] ? val_copy(&req->arena, response->at[i]) : NULL;
	}
	if (--wait->open > 0)
		return;
	if (!req->finished && !req->engine->deliver->closing)
		steps_resume(req);
	req_release(req);
}

void deliver_wait_send(struct deliver_wait *wait, size_t i, struct slice target, const struct prim *request)
{
	struct req *req = wait->req;
	int64_t timeout = req->deadline - clock_now(), most = req->engine->config.request_timeout_us;

	if (timeout <= 0 || timeout > most)
		timeout = most;
	if (wait->open++ == 0)
		req_hold(req);
	wait->answers[i].wait = wait;
	deliver_send(req->engine, target, request, timeout, deliver_wait_answered, &wait->answers[i]);
}
