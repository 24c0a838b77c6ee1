/* SPDX-License-Identifier: Apache-2.0 */
/* How a queue decides what leaves and when, in this order:
 *
 *   1  one at a time: while something is being sent the rest waits
 *   2  not before the commit of the event
 *   3  after a failure not before the back-off is over (1 s, 2 s, 4 s ... 5 min)
 *   4  a batch not before it is full or its time has come
 *   5  no more than the rate allows
 *   6  not outside the schedules (then: kept as pendingNotification says, or dropped without one)
 *   7  no more at once to one place, and to all, than is fair
 *
 * An answer with a 4xxx code is a refusal of this one notification: it is dropped and the next may go. No
 * answer, or a 5xxx code, is a failure of the target. Without pendingNotification a target that failed four
 * times in a row loses what waits; with it, what waits stays, within its bounds. TS-0001 9.6.8 */
#include "engine/pump.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/call.h"
#include "engine/deliver.h"
#include "engine/engine_private.h"
#include "engine/type/sub.h"
#include "engine/window.h"
#include "model/rsc.h"

#define SECOND        INT64_C(1000000)
#define BACK_OFF_MOST (300 * SECOND)
#define TRIES         4             /* without pendingNotification */
#define BATCH_MOST    1000          /* notifications in one batch */
#define CALLS_MOST    512           /* under way at once, to all places */
#define PUMP_MOST     128           /* queues looked at in one go */
#define WINDOW_LOOK   (60 * SECOND) /* a schedule may change meanwhile: look again */

struct flight {
	struct deliver *deliver;
	struct queue *queue; /* NULL: it went away meanwhile */
	struct place *place;
};

static void pump_answered(void *user, int result, const struct prim *response);

static void pump_later(struct queue *queue, int64_t at)
{
	timer_set(queue->deliver->engine->timers, &queue->timer, at);
}

/* Ends a queue whose subscription has gone and that has told all. True: it is no longer there. */
static bool pump_is_over(struct queue *queue)
{
	struct queue **at = &queue->deliver->left;

	if (queue->sub || queue->first || queue->flight)
		return false;
	while (*at != queue)
		at = &(*at)->next;
	*at = queue->next;
	queue_destroy(queue);
	return true;
}

/* maxAge: what waited too long is not told any more. */
static void pump_age(struct queue *queue, int64_t now)
{
	int64_t max_age = queue->rules->max_age;

	while (max_age && queue->first && now - queue->first->tale->at > max_age)
		queue_shrink(queue, queue->count - 1);
}

/* When rules 3 to 5 let the next one go. */
static int64_t pump_due(const struct queue *queue, int64_t now)
{
	const struct queue_rules *rules = queue->rules;
	int64_t due = queue->hold_until;

	if (rules->batch && !(rules->batch_num && queue->batched >= rules->batch_num)) {
		int64_t batch = queue->first->tale->at + rules->batch_dur;

		due = batch > due ? batch : due;
	}
	if (rules->rate_most && queue->rate_used >= rules->rate_most &&
	    queue->rate_from + rules->rate_span > now) {
		int64_t rate = queue->rate_from + rules->rate_span;

		due = rate > due ? rate : due;
	}
	return due;
}

/* Rule 6. True: the window is open. */
static bool pump_window(struct queue *queue, int64_t now)
{
	const struct queue_rules *rules = queue->rules;
	int64_t next =
	        rules->nec == 2 ? now : window_next(queue->deliver->engine, queue->sub, queue->target, now);

	if (next <= now)
		return true;
	if (!rules->pn && queue->sub) {
		queue_shrink(queue, 0);
		queue->batched = 0;
		return false;
	}
	if (rules->pn == 1)
		queue_shrink(queue, 1);
	pump_later(queue, next - now < WINDOW_LOOK ? next : now + WINDOW_LOOK);
	return false;
}

/* How many leave together. */
static size_t pump_amount(struct queue *queue)
{
	const struct queue_rules *rules = queue->rules;
	size_t most = queue->count < BATCH_MOST ? queue->count : BATCH_MOST;

	if (!rules->batch || rules->latest) {
		queue->batched = 0;
		return 1;
	}
	if (rules->batch_num && queue->batched >= rules->batch_num && rules->batch_num < most)
		most = (size_t)rules->batch_num;
	queue->batched =
	        queue->batched - most < queue->count - most ? queue->batched - most : queue->count - most;
	return most;
}

static void pump_take(struct queue *queue, size_t count)
{
	struct note *last = NULL;

	queue->flying = queue->first;
	queue->flying_count = count;
	for (size_t i = 0; i < count; i++) {
		last = queue->first;
		queue->first = last->next;
		queue->bytes -= note_size(last);
	}
	queue->count -= count;
	if (!queue->first)
		queue->last = NULL;
	last->next = NULL;
}

/* {"m2m:sgn":{...}}, or {"m2m:agn":{"m2m:sgn":[...]}} for a batch. */
static struct val *pump_content(const struct queue *queue, struct arena *arena)
{
	const struct sub *sub = queue->sub;
	struct slice nfu = sub ? sub->nfu : SLICE("");
	struct slice sur = sub ? sub_reference(queue->deliver->engine, sub->node->ri, arena) : queue->sur;
	struct val *pc = val_obj(arena), *list;

	if (!queue->rules->batch) {
		val_put(pc, SLICE("m2m:sgn"), note_sgn(queue->flying, sur, nfu, arena));
		return pc;
	}
	list = val_arr(arena);
	for (const struct note *note = queue->flying; note; note = note->next)
		val_push(list, note_sgn(note, sur, nfu, arena));
	val_put(val_put(pc, SLICE("m2m:agn"), val_obj(arena)), SLICE("m2m:sgn"), list);
	return pc;
}

static void pump_send(struct queue *queue, int64_t now)
{
	struct deliver *deliver = queue->deliver;
	const struct queue_rules *rules = queue->rules;
	struct arena *arena = &deliver->scratch;
	struct prim request;
	int nec = rules->nec ? rules->nec : rules->latest ? 4 : 0;

	pump_take(queue, pump_amount(queue));
	if (now - queue->rate_from >= rules->rate_span) {
		queue->rate_from = now;
		queue->rate_used = 0;
	}
	queue->rate_used++;
	queue->sent++;
	deliver_request(deliver->engine, arena, queue->target, pump_content(queue, arena), &request);
	if (nec)
		request.at[PRIM_ec] = val_int(arena, nec);
	queue->flight = mem_take(sizeof(*queue->flight));
	*queue->flight = (struct flight){deliver, queue, place_hold(&deliver->places, queue->target)};
	queue->place->busy++;
	deliver_send(deliver->engine, queue->target, &request, deliver->engine->config.request_timeout_us,
	             pump_answered, queue->flight);
	arena_reset(arena);
}

static size_t pump_free_calls(const struct deliver *deliver)
{
	return deliver->call_count < CALLS_MOST ? CALLS_MOST - deliver->call_count : 0;
}

/* Rules 1 to 7. The queue may be gone afterwards. */
static void pump_queue(struct queue *queue, int64_t now)
{
	struct deliver *deliver = queue->deliver;
	int64_t due;

	queue_list_remove(queue);
	if (queue->flight)
		return;
	if (queue->first && (queue->rules->batch ? queue->last : queue->first)->turn >= deliver->turn) {
		queue_is_ready(queue);
		return;
	}
	pump_age(queue, now);
	if (pump_is_over(queue) || !queue->first)
		return;
	if (queue->failures && queue->rules->pn == 1)
		queue_shrink(queue, 1);
	due = pump_due(queue, now);
	if (due > now) {
		pump_later(queue, due);
		return;
	}
	if (!pump_window(queue, now))
		return;
	if (place_is_full(queue->place, pump_free_calls(deliver)))
		queue_list_add(queue, &queue->place->waiting);
	else if (deliver->call_count >= CALLS_MOST)
		queue_is_ready(queue);
	else
		pump_send(queue, now);
}

void pump_timer(struct timer *timer)
{
	pump_queue(container_of(timer, struct queue, timer), clock_now());
}

void pump_ready(struct deliver *deliver)
{
	struct queue *last = deliver->ready.last;
	int64_t now;

	if (!last)
		return;
	now = clock_now();
	/* Those that come back to the end while we walk are for the next time. */
	for (size_t i = 0; i < PUMP_MOST && deliver->ready.first; i++) {
		struct queue *queue = deliver->ready.first;
		bool was_last = queue == last;

		pump_queue(queue, now);
		if (was_last)
			return;
	}
	if (deliver->ready.first)
		timer_set(deliver->engine->timers, &deliver->timer, now);
}

void pump_ready_timer(struct timer *timer)
{
	pump_ready(container_of(timer, struct deliver, timer));
}

void pump_forget(struct queue *queue)
{
	if (queue->flight)
		queue->flight->queue = NULL;
	queue->flight = NULL;
}

/* What was being sent is done with. */
static void pump_landed(struct queue *queue)
{
	struct engine *engine = queue->deliver->engine;

	while (queue->flying) {
		struct note *note = queue->flying;

		queue->flying = note->next;
		queue_note_done(queue->deliver, note->id);
		queue->deliver->note_count--;
		engine->stats.notifications_waiting--;
		note_destroy(note);
	}
	queue->flying_count = 0;
	queue->failures = 0;
	queue->hold_until = 0;
	if (!queue->first)
		queue->warned = false;
}

static void pump_failed(struct queue *queue, int64_t now)
{
	int64_t hold = SECOND;

	queue->failures++;
	for (unsigned i = 1; i < queue->failures && hold < BACK_OFF_MOST; i++)
		hold *= 2;
	queue->hold_until = now + (hold < BACK_OFF_MOST ? hold : BACK_OFF_MOST);
	queue->batched += queue->flying_count;
	queue_put_back(queue);
	if (!queue->rules->pn && queue->failures >= TRIES)
		queue_shrink(queue, 0);
	else if (queue->rules->pn == 1 || queue->rules->latest)
		queue_shrink(queue, 1);
	if (!queue->first)
		queue->batched = 0;
}

/* One place has come free: who waited longest for it goes first. Two, so that it grows again when there is
 * more room for all. */
static void pump_leave_place(struct flight *flight)
{
	struct deliver *deliver = flight->deliver;
	struct place *place = flight->place;

	place->busy--;
	for (int i = 0; i < 2 && !deliver->closing && place->waiting.first &&
	                !place_is_full(place, pump_free_calls(deliver));
	     i++)
		pump_queue(place->waiting.first, clock_now());
	place_drop(&deliver->places, place);
}

static void pump_outcome(struct queue *queue, int result, int rsc)
{
	struct engine *engine = queue->deliver->engine;
	int64_t now = clock_now();

	if (result == 0)
		queue->answered++;
	if (result == 0 && rsc_is_good(rsc)) {
		engine->stats.notifications_sent += queue->flying_count;
		queue->delivered++;
		pump_landed(queue);
		if (queue->sub && sub_delivered(engine, queue->sub, queue->delivered))
			return;
	} else {
		engine->stats.notifications_failed++;
		if (result == 0 && rsc >= 4000 && rsc < 5000)
			pump_landed(queue);
		else
			pump_failed(queue, now);
		if (queue->sub && queue->rules->stats)
			sub_keep_stats(engine, queue->sub);
	}
	pump_queue(queue, now);
}

static void pump_answered(void *user, int result, const struct prim *response)
{
	struct flight *flight = user;
	struct deliver *deliver = flight->deliver;
	struct queue *queue;

	pump_leave_place(flight);
	queue = flight->queue;
	free(flight);
	if (queue)
		queue->flight = NULL;
	if (deliver->closing)
		return;
	if (queue)
		pump_outcome(queue, result, result == 0 ? (int)prim_int(response, PRIM_rsc, 0) : 0);
	if (deliver->call_count == CALLS_MOST - 1)
		pump_ready(deliver);
}
