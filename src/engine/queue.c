/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for one target: kept in order, within bounds, and in the store. When it leaves is pump.c's
 * business. */
#include "engine/queue.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/pump.h"
#include "engine/type/sub.h"
#include "model/prim.h"

#define DONE_LATER 100000 /* microseconds until the store is told of what was delivered */

const struct queue_rules queue_rules_none = {.most = 1000, .most_bytes = 4 << 20};

void queue_list_remove(struct queue *queue)
{
	struct queue_list *list = queue->list;

	if (!list)
		return;
	*(queue->list_prev ? &queue->list_prev->list_next : &list->first) = queue->list_next;
	*(queue->list_next ? &queue->list_next->list_prev : &list->last) = queue->list_prev;
	queue->list = NULL;
	queue->list_prev = queue->list_next = NULL;
}

void queue_list_add(struct queue *queue, struct queue_list *list)
{
	if (queue->list)
		return;
	queue->list = list;
	queue->list_prev = list->last;
	*(list->last ? &list->last->list_next : &list->first) = queue;
	list->last = queue;
}

void queue_is_ready(struct queue *queue)
{
	queue_list_add(queue, &queue->deliver->ready);
}

struct queue *queue_create(struct deliver *deliver, struct slice target, struct sub *sub)
{
	struct queue *queue = mem_zero(1, sizeof(*queue) + target.len);

	if (target.len)
		memcpy(queue + 1, target.ptr, target.len);
	queue->target = slice_make((char *)(queue + 1), target.len);
	queue->deliver = deliver;
	queue->place = place_hold(&deliver->places, target);
	queue->timer.run = pump_timer;
	queue->sub = sub;
	queue->rules = sub ? &sub->rules : &queue_rules_none;
	share_join(&deliver->shares, sub ? sub->node->owner : SLICE(""), queue);
	return queue;
}

void queue_flush_done(struct deliver *deliver)
{
	struct engine *engine = deliver->engine;

	if (!engine->can_write)
		return;
	for (size_t i = 0; i < deliver->done_count; i++)
		engine->store->ops->note_done(engine->store, deliver->done[i]);
	deliver->done_count = 0;
	timer_clear(engine->timers, &deliver->done_timer);
}

void queue_flush_done_timer(struct timer *timer)
{
	queue_flush_done(container_of(timer, struct deliver, done_timer));
}

void queue_note_done(struct deliver *deliver, uint64_t id)
{
	if (!id)
		return;
	if (deliver->done_count == sizeof(deliver->done) / sizeof(deliver->done[0]))
		queue_flush_done(deliver);
	/* A store that cannot write keeps them: they will be told again. */
	if (deliver->done_count == sizeof(deliver->done) / sizeof(deliver->done[0]))
		return;
	deliver->done[deliver->done_count++] = id;
	if (!timer_is_set(&deliver->done_timer))
		timer_set(deliver->engine->timers, &deliver->done_timer, clock_now() + DONE_LATER);
}

/* Forgets the oldest that waits. done: also in the store. */
void queue_drop_first(struct queue *queue, bool done)
{
	struct engine *engine = queue->deliver->engine;
	struct note *note = queue->first;

	queue->first = note->next;
	if (!queue->first)
		queue->last = NULL;
	queue->count--;
	queue->bytes -= note_size(note);
	if (done)
		queue_note_done(queue->deliver, note->id);
	queue->deliver->note_count--;
	engine->stats.notifications_waiting--;
	note_destroy(note);
}

/* Drops the oldest until no more than `keep` wait; counts them. */
void queue_shrink(struct queue *queue, size_t keep)
{
	while (queue->count > keep) {
		queue->deliver->engine->stats.notifications_dropped++;
		queue_drop_first(queue, true);
	}
}

/* Puts what was being sent back to the head. */
void queue_put_back(struct queue *queue)
{
	struct note *last = queue->flying;

	if (!last)
		return;
	while (true) {
		queue->bytes += note_size(last);
		if (!last->next)
			break;
		last = last->next;
	}
	last->next = queue->first;
	if (!queue->first)
		queue->last = last;
	queue->first = queue->flying;
	queue->count += queue->flying_count;
	queue->flying = NULL;
	queue->flying_count = 0;
}

void queue_destroy(struct queue *queue)
{
	struct deliver *deliver = queue->deliver;

	queue_put_back(queue);
	while (queue->first)
		queue_drop_first(queue, false);
	queue_list_remove(queue);
	timer_clear(deliver->engine->timers, &queue->timer);
	pump_forget(queue);
	place_drop(&deliver->places, queue->place);
	share_leave(&deliver->shares, queue);
	free((char *)queue->sur.ptr);
	free(queue);
}

void queue_abandon(struct queue *queue)
{
	queue_put_back(queue);
	queue_shrink(queue, 0);
	queue_destroy(queue);
}

/* Puts it into the store's batch. A queue whose subscription has gone keeps its notes under the CSEBase. */
static void queue_keep(struct queue *queue, struct note *note)
{
	struct engine *engine = queue->deliver->engine;
	struct buf buf;
	struct store_note kept;

	if (!engine->can_write)
		return;
	/* This turn writes anyway. */
	queue_flush_done(queue->deliver);
	buf_init(&buf, &queue->deliver->scratch);
	note_write(note, queue->target, queue->sur, &buf);
	note->id = ++engine->note_id;
	kept = (struct store_note){.id = note->id,
	                           .row = queue->sub ? queue->sub->node->no : engine->tree.base->no,
	                           .body = buf_slice(&buf)};
	engine->store->ops->note(engine->store, &kept);
	arena_reset(&queue->deliver->scratch);
}

static void queue_append(struct queue *queue, struct note *note)
{
	note->next = NULL;
	*(queue->last ? &queue->last->next : &queue->first) = note;
	queue->last = note;
	queue->count++;
	queue->bytes += note_size(note);
	queue->batched++;
	queue->deliver->note_count++;
	queue->deliver->engine->stats.notifications_waiting++;
}

/* Makes room for one more; false when there is none at all. First among its own, then among all. */
static bool queue_make_room(struct queue *queue, size_t size)
{
	const struct queue_rules *rules = queue->rules;

	while (queue->count >= rules->most || queue->bytes + size > rules->most_bytes) {
		if (!queue->warned)
			log_warn("engine",
			         "subscription %.*s: its target does not keep up, the oldest notifications "
			         "are dropped",
			         SLICE_ARG(queue->sub ? queue->sub->node->ri : queue->sur));
		queue->warned = true;
		if (!queue->first)
			return false;
		queue_shrink(queue, queue->count - 1);
	}
	return share_make_room(queue->deliver);
}

void queue_push(struct queue *queue, enum note_kind kind, int net, struct tale *tale)
{
	struct note *note = note_create(kind, net, tale);

	queue->events++;
	if (!queue_make_room(queue, note_size(note))) {
		queue->deliver->engine->stats.notifications_dropped++;
		note_destroy(note);
		return;
	}
	note->turn = queue->deliver->turn;
	note->with_or = queue->sub && queue->sub->with_or;
	queue_keep(queue, note);
	queue_append(queue, note);
	if (queue->rules->latest)
		queue_shrink(queue, 1);
	queue_is_ready(queue);
	if (queue->rules->stats)
		sub_keep_stats(queue->deliver->engine, queue->sub);
}

void queue_restore(struct queue *queue, struct note *note)
{
	queue_append(queue, note);
	queue_is_ready(queue);
	timer_set(queue->deliver->engine->timers, &queue->deliver->timer, clock_now());
}

struct queue *queue_left(struct deliver *deliver, struct slice target, struct slice sur)
{
	struct queue *queue = deliver->left;

	while (queue && !(slice_is(queue->target, target) && slice_is(queue->sur, sur)))
		queue = queue->next;
	if (queue)
		return queue;
	queue = queue_create(deliver, target, NULL);
	queue->sur = slice_make(memcpy(mem_take(sur.len), sur.ptr, sur.len), sur.len);
	queue->next = deliver->left;
	deliver->left = queue;
	return queue;
}

void queue_tell_gone(struct deliver *deliver, struct slice target, struct slice sur)
{
	struct tale *tale = note_tale(&deliver->tale_bytes, 0, clock_now(), SLICE(""), SLICE(""));

	queue_push(queue_left(deliver, target, sur), NOTE_GONE, 0, tale);
	note_tale_drop(tale);
}

/* Notes of the deletion of what was subscribed to: they are the last thing there is to tell. */
static bool queue_has_deletion(const struct note *note)
{
	for (; note; note = note->next)
		if (note->net == NET_DELETE || (note->net == 0 && note->tale->op == OP_DELETE))
			return true;
	return false;
}

void queue_leave(struct queue *queue)
{
	struct deliver *deliver = queue->deliver;
	struct arena arena;
	struct slice sur;

	if (!queue_has_deletion(queue->flying) && !queue_has_deletion(queue->first)) {
		queue_put_back(queue);
		while (queue->first)
			queue_drop_first(queue, false); /* the store forgets them with the row */
		queue_destroy(queue);
		return;
	}
	arena_init(&arena);
	sur = sub_reference(deliver->engine, queue->sub->node->ri, &arena);
	queue->sur = slice_make(memcpy(mem_take(sur.len), sur.ptr, sur.len), sur.len);
	arena_finish(&arena);
	queue->sub = NULL;
	queue->rules = &queue_rules_none;
	queue->next = deliver->left;
	deliver->left = queue;
	for (struct note *note = queue->flying; note; note = note->next)
		queue_keep(queue, note);
	for (struct note *note = queue->first; note; note = note->next)
		queue_keep(queue, note);
	queue_is_ready(queue);
}

void queue_adopt(struct queue *queue, struct sub *sub, int pn_before)
{
	queue->sub = sub;
	queue->rules = &sub->rules;
	if (pn_before && !sub->rules.pn && queue->failures > 0)
		queue_shrink(queue, 0);
	else if (pn_before == 2 && sub->rules.pn == 1)
		queue_shrink(queue, 1);
	queue_is_ready(queue);
}
