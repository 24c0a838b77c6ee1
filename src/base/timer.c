/* SPDX-License-Identifier: Apache-2.0 */
/* A binary heap; each timer knows its place, so moving and clearing one is cheap too. */
#include "base/timer.h"
#include "base/mem.h"

#include <stdlib.h>

void timers_init(struct timers *timers)
{
	*timers = (struct timers){0};
}

void timers_finish(struct timers *timers)
{
	for (size_t i = 0; i < timers->count; i++)
		timers->heap[i]->place = 0;
	free(timers->heap);
	timers_init(timers);
}

static bool timer_is_before(const struct timer *a, const struct timer *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void timer_stand(struct timers *timers, struct timer *timer, size_t at)
{
	timers->heap[at] = timer;
	timer->place = at + 1;
}

static void timer_rise(struct timers *timers, struct timer *timer, size_t at)
{
	while (at > 0 && timer_is_before(timer, timers->heap[(at - 1) / 2])) {
		timer_stand(timers, timers->heap[(at - 1) / 2], at);
		at = (at - 1) / 2;
	}
	timer_stand(timers, timer, at);
}

static void timer_sink(struct timers *timers, struct timer *timer, size_t at)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < timers->count &&
		    timer_is_before(timers->heap[child + 1], timers->heap[child]))
			child++;
		if (child >= timers->count || !timer_is_before(timers->heap[child], timer))
			break;
		timer_stand(timers, timers->heap[child], at);
		at = child;
	}
	timer_stand(timers, timer, at);
}

void timer_clear(struct timers *timers, struct timer *timer)
{
	size_t at = timer->place - 1;
	struct timer *last;

	if (timer->place == 0)
		return;
	timer->place = 0;
	last = timers->heap[--timers->count];
	if (last == timer)
		return;
	if (at > 0 && timer_is_before(last, timers->heap[(at - 1) / 2]))
		timer_rise(timers, last, at);
	else
		timer_sink(timers, last, at);
}

void timer_set(struct timers *timers, struct timer *timer, int64_t at)
{
	timer_clear(timers, timer);
	timer->at = at;
	timer->order = timers->order++;
	if (timers->count == timers->cap) {
		timers->cap = timers->cap ? 2 * timers->cap : 16;
		timers->heap = mem_grow(timers->heap, timers->cap, sizeof(*timers->heap));
	}
	timers->count++;
	timer_rise(timers, timer, timers->count - 1);
}

int64_t timers_next(const struct timers *timers)
{
	return timers->count ? timers->heap[0]->at : INT64_MAX;
}

size_t timers_run(struct timers *timers, int64_t now, size_t most)
{
	size_t ran = 0;

	while (ran < most && timers->count && timers->heap[0]->at <= now) {
		struct timer *timer = timers->heap[0];

		timer_clear(timers, timer);
		timer->run(timer);
		ran++;
	}
	return ran;
}
