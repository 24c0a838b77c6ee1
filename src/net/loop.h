/* SPDX-License-Identifier: Apache-2.0 */
/* One epoll loop, one thread. A turn: wait, hand ready descriptors to their owners, run due timers, then the
 * turn-end hooks in the order they were added (the engine commits there; answers leave after it). */
#ifndef DURE_NET_LOOP_H
#define DURE_NET_LOOP_H

#include "base/timer.h"

struct loop;

/* A descriptor somebody waits on. Brought by the owner, who sets fd and ready. */
struct watch {
	int fd;
	uint32_t events; /* EPOLLIN, EPOLLOUT ...; what is registered now */
	void (*ready)(struct watch *watch, uint32_t events);
};

struct loop_hook {
	void (*run)(struct loop_hook *hook);
	struct loop_hook *next; /* private */
};

/* 0 or -errno. The loop owns its timers. SIGPIPE is ignored from now on. */
int loop_create(struct loop **ret);
void loop_destroy(struct loop *loop);
/* Things to be done at a time of clock_now(); in virtual time only its passing makes them due. */
struct timers *loop_timers(struct loop *loop);
/* Things to be done at a time of clock_wall_steady(), in the lab too: deadlines of strangers on the network.
 */
struct timers *loop_wall_timers(struct loop *loop);
/* clock_wall_steady() as it was when this turn woke up: good enough for deadlines, and free. */
int64_t loop_wall(const struct loop *loop);

/* 0 or -errno. In one turn a watch that was removed gets no more calls. */
int loop_add(struct loop *loop, struct watch *watch, uint32_t events);
int loop_change(struct loop *loop, struct watch *watch, uint32_t events);
void loop_remove(struct loop *loop, struct watch *watch);

/* Run at the end of every turn. */
void loop_add_hook(struct loop *loop, struct loop_hook *hook);
/* Run after all of those: what they gave birth to leaves for the network. */
void loop_add_flush(struct loop *loop, struct loop_hook *hook);
/* There is something for a flush hook to do: no sleep before it ran. Within a turn that costs nothing. */
void loop_flush_soon(struct loop *loop);
/* Takes a hook of either kind out again; fine when it is not there. */
void loop_remove_hook(struct loop *loop, struct loop_hook *hook);
/* Somebody has work left: the next turn does not sleep. */
void loop_again(struct loop *loop);

/* One turn, waiting at most wait_us (-1: until something happens; in virtual time timers do not shorten the
 * wait). Returns the number of ready descriptors, or -errno. */
int loop_turn(struct loop *loop, int64_t wait_us);
/* Turns until loop_stop. 0 or -errno. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif
