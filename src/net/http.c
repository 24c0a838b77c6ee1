/* SPDX-License-Identifier: Apache-2.0 */
/* The server as a whole: its beginning, its end, what it does at the end of a turn and when a deadline
 * passes. The life of one connection is in http_conn.c. */
#include <stdlib.h>

#include "base/mem.h"
#include "net/http_listen.h"

#define LATE_MOST 1024 /* connections cut or warned per turn */

const struct http_limits http_limits_default = {
        .head = 16 << 10,
        .body = 1 << 20,
        .target = 8 << 10,
        .head_us = 10000000,
        .body_us = 30000000,
        .idle_us = 75000000,
        .write_us = 30000000,
        .connections = 20000,
        .pipelined = 32,
};

/* The end of a turn: answers that came since leave, in one go per connection; and connections that were held
 * back read on. Those marked anew have their turn in the next one. */
static void server_flush(struct loop_hook *hook)
{
	struct http_server *server = container_of(hook, struct http_server, flush);
	struct http_conn *last = server->last_dirty, *conn = server->dirty;

	while (conn) {
		bool is_last = conn == last;

		http_conn_unmark(conn);
		http_conn_work(conn);
		conn = is_last ? NULL : server->dirty;
	}
}

static void server_late(struct timer *timer)
{
	struct http_server *server = container_of(timer, struct http_server, deadlines.timer);

	for (int i = 0; i < LATE_MOST; i++) {
		enum http_deadline_class class;
		struct http_deadline *deadline = http_deadline_due(&server->deadlines, &class);

		if (!deadline)
			return;
		if (class == DEADLINE_WRITE)
			http_conn_late(container_of(deadline, struct http_conn, write), class);
		else
			http_conn_late(container_of(deadline, struct http_conn, read), class);
	}
	timer_set(loop_wall_timers(server->loop), timer, loop_wall(server->loop));
	loop_again(server->loop);
}

static void server_limits(struct http_server *server, const struct http_limits *limits)
{
	server->limits = limits ? *limits : http_limits_default;
	server->deadlines.lengths[DEADLINE_IDLE] = server->limits.idle_us;
	server->deadlines.lengths[DEADLINE_HEAD] = server->limits.head_us;
	server->deadlines.lengths[DEADLINE_BODY] = server->limits.body_us;
	server->deadlines.lengths[DEADLINE_WRITE] = server->limits.write_us;
	server->deadlines.lengths[DEADLINE_LINGER] = HTTP_LINGER_US;
}

int http_server_create(struct loop *loop, const char *listen, const struct http_limits *limits,
                       struct tls_context *tls, const struct http_handler *handler, struct http_server **ret)
{
	struct http_server *server = mem_zero(1, sizeof(*server));
	int result;

	server->loop = loop;
	server->handler = *handler;
	server->tls = tls;
	server->listen.fd = server->reserve = -1;
	server->date_second = -1;
	server->deadlines.timer.run = server_late;
	server->flush.run = server_flush;
	server_limits(server, limits);
	http_deadlines_init(&server->deadlines, loop);
	result = http_listen_open(server, listen);
	if (result != 0) {
		free(server);
		return result;
	}
	loop_add_flush(loop, &server->flush);
	*ret = server;
	return 0;
}

void http_server_destroy(struct http_server *server)
{
	if (!server)
		return;
	http_listen_close(server);
	loop_remove_hook(server->loop, &server->flush);
	while (server->conns)
		http_conn_destroy(server->conns);
	http_deadlines_finish(&server->deadlines);
	/* Who still owes an answer may give it: it goes nowhere. */
	for (struct exchange *orphan = server->orphans; orphan; orphan = orphan->next_orphan)
		orphan->server = NULL;
	while (server->pool) {
		struct exchange *exchange = server->pool;

		server->pool = exchange->next;
		arena_finish(&exchange->arena);
		free(exchange);
	}
	free(server);
}

int http_server_port(const struct http_server *server)
{
	return server->port;
}

bool http_server_drain(struct http_server *server)
{
	bool idle = server->orphaned == 0;
	struct http_conn *next;

	if (!server->draining)
		http_listen_close(server);
	for (struct http_conn *conn = server->conns; conn; conn = next) {
		next = conn->next;
		if (!http_conn_is_idle(conn))
			idle = false;
		else if (!server->draining && conn->in.len == 0)
			http_conn_destroy(conn);
	}
	server->draining = true;
	return idle;
}

void http_server_stats(const struct http_server *server, struct http_stats *ret)
{
	*ret = server->stats;
}
