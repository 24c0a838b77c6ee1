/* SPDX-License-Identifier: Apache-2.0 */
/* The one epoll loop of a benchmark program: connections that ask and the sink that listens share it, so that
 * a measuring process is one thread on one core. Not for servers: it knows no timers. */
#ifndef DURE_BENCH_REACTOR_H
#define DURE_BENCH_REACTOR_H

#include <stdint.h>

struct reactor {
	int fd;
};

/* Stands inside what waits; `ready` gets epoll's events. Descriptors are watched edge by edge for both
 * directions: read until there is no more. */
struct reactor_item {
	void (*ready)(struct reactor_item *item, uint32_t events);
};

/* 0 or -errno. */
int reactor_init(struct reactor *reactor);
void reactor_finish(struct reactor *reactor);
int reactor_watch(struct reactor *reactor, int fd, struct reactor_item *item);
/* Waits at most so many microseconds (0: not at all) for something and handles it. 0 or -errno. An item may
 * be freed within its own ready() only. */
int reactor_turn(struct reactor *reactor, int64_t wait_us);

/* A connected (or a listening) TCP socket on 127.0.0.1 that never blocks; -errno when that fails. Port 0
 * takes any; reactor_port tells which. */
int reactor_connect(uint16_t port);
int reactor_listen(uint16_t port);
uint16_t reactor_port(int fd);

#endif
