/* SPDX-License-Identifier: Apache-2.0 */
/* Timers: a heap of things to be done at a time of clock_now(). Who runs the loop asks timers_next()
 * how long it may sleep and calls timers_run(). Equal times run in the order they were set. */
#ifndef DURE_BASE_TIMER_H
#define DURE_BASE_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
	int64_t at;                       /* microseconds, as of clock_now() */
	uint64_t order;                   /* among equals */
	size_t place;                     /* in the heap, from 1; 0: not set */
	void (*run)(struct timer *timer); /* set by the owner before timer_set */
};

struct timers {
	struct timer **heap;
	size_t count, cap;
	uint64_t order;
};

void timers_init(struct timers *timers);
/* Frees the heap; timers that were set are forgotten. */
void timers_finish(struct timers *timers);
/* Sets or moves the timer. The memory stays the owner's and must stay until it ran or was cleared. */
void timer_set(struct timers *timers, struct timer *timer, int64_t at);
void timer_clear(struct timers *timers, struct timer *timer);
static inline bool timer_is_set(const struct timer *timer)
{
	return timer->place != 0;
}
/* When the next one is due, or INT64_MAX. */
int64_t timers_next(const struct timers *timers);
/* Runs those due at `now`, at most `most` of them; returns how many ran. A timer may set itself again. */
size_t timers_run(struct timers *timers, int64_t now, size_t most);

/* The owner of a timer that is a member of his struct. */
#define container_of(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
