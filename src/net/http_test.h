/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of the server and the client: a server that echoes, and callers on plain sockets, all in one
 * thread on one loop. Nobody sleeps: everything waits for what must happen, with a bound. */
#ifndef DURE_NET_HTTP_TEST_H
#define DURE_NET_HTTP_TEST_H

#include <stdio.h>

#include "net/http.h"
#include "net/http_caller.h"

#define WORLD_PATIENCE_US CALLER_PATIENCE_US
#define WORLD_LATER       4096

struct world {
	struct loop *loop;
	struct http_server *server;
	struct http_limits limits;
	struct tls_context *tls;                                            /* NULL: plain */
	bool (*first)(struct world *world, struct http_exchange *exchange); /* true: took it; may be NULL */
	bool later;         /* exchanges wait in `waiting` until the test answers */
	size_t answer_size; /* 0: echo; else so many bytes */
	struct http_exchange *waiting[WORLD_LATER];
	size_t waits, requests, malformed, gone;
	int last_status;
	bool closing; /* the world ends: who is gone need not be answered by the test */
};

static inline void world_answer(struct world *world, struct http_exchange *exchange)
{
	struct slice body;

	if (world->answer_size) {
		body = slice_make(arena_zero(exchange->arena, 1, world->answer_size), world->answer_size);
		memset((char *)(uintptr_t)body.ptr, 'x', body.len);
	} else {
		body = arena_printf(exchange->arena, "[%.*s %.*s %.*s]", SLICE_ARG(exchange->method),
		                    SLICE_ARG(exchange->target), SLICE_ARG(exchange->body));
	}
	http_answer(exchange, 200, SLICE("X-Test: yes\r\n"), body);
}

static inline void world_request(void *user, struct http_exchange *exchange)
{
	struct world *world = user;

	world->requests++;
	if (world->first && world->first(world, exchange))
		return;
	if (slice_is(exchange->target, SLICE("/204")))
		http_answer(exchange, 204, SLICE(""), SLICE(""));
	else if (world->later && world->waits < WORLD_LATER)
		world->waiting[world->waits++] = exchange;
	else
		world_answer(world, exchange);
}

static inline void world_malformed(void *user, struct http_exchange *exchange, int status,
                                   const char *sentence)
{
	struct world *world = user;

	world->malformed++;
	world->last_status = status;
	http_answer(exchange, status, SLICE("X-Test: no\r\n"), slice_of(sentence));
}

static inline void world_gone(void *user, struct http_exchange *exchange)
{
	struct world *world = user;

	world->gone++;
	if (world->closing)
		world_answer(world, exchange);
}

/* Set limits before, if need be: world_begin(&(struct world){.limits = ...}). */
static inline void world_begin(struct world *world)
{
	struct http_handler handler = {world_request, world_malformed, world_gone, world};

	if (world->limits.head == 0)
		world->limits = http_limits_default;
	assert_int_equal(loop_create(&world->loop), 0);
	assert_int_equal(http_server_create(world->loop, "127.0.0.1:0", &world->limits, world->tls, &handler,
	                                    &world->server),
	                 0);
}

static inline void world_end(struct world *world)
{
	world->closing = true;
	http_server_destroy(world->server);
	loop_destroy(world->loop);
}

static inline void caller_begin(struct world *world, struct caller *caller)
{
	caller_begin_at(world->loop, http_server_port(world->server), caller);
}

/* Turns until it is true. */
#define world_until(world, condition)                                                                        \
	do {                                                                                                 \
		int64_t until_end = clock_wall_steady() + WORLD_PATIENCE_US;                                 \
		while (!(condition) && clock_wall_steady() < until_end)                                      \
			loop_turn((world)->loop, 1000);                                                      \
		assert_true(condition);                                                                      \
	} while (0)

#endif
