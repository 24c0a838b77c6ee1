/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: it sleeps until a descriptor is ready or a timer is due, hands out what woke it, and ends the
 * turn with the hooks. It knows nothing of what the descriptors carry. Fairness is the owners' duty: each
 * does a bounded piece of work per call and, when more is left, says loop_again. */
#include "net/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"

#define LOOP_EVENTS     256  /* descriptors handed out per turn */
#define LOOP_TIMERS_RUN 1024 /* timers run per turn, of each clock */

struct loop {
	int epoll;
	struct timers timers, wall_timers;
	struct loop_hook *hooks, *flushes;
	int64_t wall;
	bool again, flush_wanted, stopped;
	struct epoll_event events[LOOP_EVENTS];
	int event_count;
};

int loop_create(struct loop **ret)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return -ENOMEM;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		int error = -errno;

		free(loop);
		return error;
	}
	signal(SIGPIPE, SIG_IGN);
	timers_init(&loop->timers);
	timers_init(&loop->wall_timers);
	loop->wall = clock_wall_steady();
	*ret = loop;
	return 0;
}

void loop_destroy(struct loop *loop)
{
	if (!loop)
		return;
	close(loop->epoll);
	timers_finish(&loop->timers);
	timers_finish(&loop->wall_timers);
	free(loop);
}

struct timers *loop_timers(struct loop *loop)
{
	return &loop->timers;
}

struct timers *loop_wall_timers(struct loop *loop)
{
	return &loop->wall_timers;
}

int64_t loop_wall(const struct loop *loop)
{
	return loop->wall;
}

static int loop_control(struct loop *loop, int what, struct watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	if (epoll_ctl(loop->epoll, what, watch->fd, &event) != 0)
		return -errno;
	watch->events = events;
	return 0;
}

int loop_add(struct loop *loop, struct watch *watch, uint32_t events)
{
	return loop_control(loop, EPOLL_CTL_ADD, watch, events);
}

int loop_change(struct loop *loop, struct watch *watch, uint32_t events)
{
	if (watch->events == events)
		return 0;
	return loop_control(loop, EPOLL_CTL_MOD, watch, events);
}

void loop_remove(struct loop *loop, struct watch *watch)
{
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	/* What this turn still holds for it is forgotten: its owner may free it now. */
	for (int i = 0; i < loop->event_count; i++)
		if (loop->events[i].data.ptr == watch)
			loop->events[i].data.ptr = NULL;
}

static void loop_append(struct loop_hook **list, struct loop_hook *hook)
{
	while (*list)
		list = &(*list)->next;
	hook->next = NULL;
	*list = hook;
}

void loop_add_hook(struct loop *loop, struct loop_hook *hook)
{
	loop_append(&loop->hooks, hook);
}

void loop_add_flush(struct loop *loop, struct loop_hook *hook)
{
	loop_append(&loop->flushes, hook);
}

static void loop_drop(struct loop_hook **list, struct loop_hook *hook)
{
	for (; *list; list = &(*list)->next)
		if (*list == hook) {
			*list = hook->next;
			return;
		}
}

void loop_remove_hook(struct loop *loop, struct loop_hook *hook)
{
	loop_drop(&loop->hooks, hook);
	loop_drop(&loop->flushes, hook);
}

void loop_again(struct loop *loop)
{
	loop->again = true;
}

void loop_flush_soon(struct loop *loop)
{
	loop->flush_wanted = true;
}

/* How long until the first of these is due, at most wait_us (-1: for ever). */
static int64_t loop_until(const struct timers *timers, int64_t now, int64_t wait_us)
{
	int64_t next = timers_next(timers), left;

	if (next == INT64_MAX)
		return wait_us;
	left = next > now ? next - now : 0;
	return wait_us < 0 || left < wait_us ? left : wait_us;
}

static int loop_wait_ms(struct loop *loop, int64_t wait_us)
{
	if (loop->again || loop->flush_wanted)
		return 0;
	if (loop->wall_timers.count > 0)
		wait_us = loop_until(&loop->wall_timers, clock_wall_steady(), wait_us);
	if (loop->timers.count > 0) {
		int64_t left = loop_until(&loop->timers, clock_now(), wait_us);

		/* Virtual time does not pass while we sleep: only what is due already counts. */
		if (!clock_is_virtual() || left == 0)
			wait_us = left;
	}
	if (wait_us < 0)
		return -1;
	/* Rounded up: a timer that is woken for too early would make us spin. */
	wait_us = (wait_us + 999) / 1000;
	return wait_us > 3600 * 1000 ? 3600 * 1000 : (int)wait_us;
}

int loop_turn(struct loop *loop, int64_t wait_us)
{
	int ms = loop_wait_ms(loop, wait_us), n;

	loop->again = false;
	n = epoll_wait(loop->epoll, loop->events, LOOP_EVENTS, ms);
	if (n < 0 && errno != EINTR)
		return -errno;
	loop->wall = clock_wall_steady();
	loop->event_count = n < 0 ? 0 : n;
	for (int i = 0; i < loop->event_count; i++) {
		struct watch *watch = loop->events[i].data.ptr;

		if (watch)
			watch->ready(watch, loop->events[i].events);
	}
	loop->event_count = 0;
	if (loop->timers.count > 0)
		timers_run(&loop->timers, clock_now(), LOOP_TIMERS_RUN);
	if (loop->wall_timers.count > 0)
		timers_run(&loop->wall_timers, loop->wall, LOOP_TIMERS_RUN);
	for (struct loop_hook *hook = loop->hooks, *next; hook; hook = next) {
		next = hook->next;
		hook->run(hook);
	}
	loop->flush_wanted = false;
	for (struct loop_hook *hook = loop->flushes, *next; hook; hook = next) {
		next = hook->next;
		hook->run(hook);
	}
	return n < 0 ? 0 : n;
}

int loop_run(struct loop *loop)
{
	loop->stopped = false;
	while (!loop->stopped) {
		int n = loop_turn(loop, -1);

		if (n < 0)
			return n;
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}
