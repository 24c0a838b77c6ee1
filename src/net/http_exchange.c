/* SPDX-License-Identifier: Apache-2.0 */
/* Exchanges: taken from the pool, answered, given back. The answer is rendered as it will stand on the wire,
 * into the arena of its exchange, where it waits for its turn. */
#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/http_conn.h"

struct exchange *exchange_take(struct http_server *server)
{
	struct exchange *exchange = server->pool;

	if (exchange) {
		server->pool = exchange->next;
		server->pooled--;
	} else {
		exchange = mem_zero(1, sizeof(*exchange));
		arena_init(&exchange->arena);
		buf_init(&exchange->gathered, NULL);
		exchange->pub.arena = &exchange->arena;
		exchange->pub.peer = exchange->peer;
		exchange->server = server;
	}
	exchange->next = NULL;
	exchange->answered = exchange->is_head = exchange->close = exchange->keep_alive_1_0 = false;
	exchange->pub.method = exchange->pub.target = exchange->pub.body = SLICE("");
	exchange->pub.header_count = 0;
	exchange->pub.wants_close = false;
	exchange->pub.user = NULL;
	return exchange;
}

void exchange_give(struct exchange *exchange)
{
	struct http_server *server = exchange->server;

	buf_finish(&exchange->gathered);
	if (!server || server->pooled >= HTTP_POOL) {
		arena_finish(&exchange->arena);
		free(exchange);
		return;
	}
	arena_reset(&exchange->arena);
	exchange->next = server->pool;
	server->pool = exchange;
	server->pooled++;
}

void exchange_orphan(struct exchange *exchange)
{
	struct http_server *server = exchange->server;

	exchange->pub.conn = NULL;
	exchange->orphaned_slot = NULL;
	exchange->prev_orphan = NULL;
	exchange->next_orphan = server->orphans;
	if (server->orphans)
		server->orphans->prev_orphan = exchange;
	server->orphans = exchange;
	server->orphaned++;
	if (server->handler.gone)
		server->handler.gone(server->handler.user, &exchange->pub);
}

static void exchange_end_orphan(struct exchange *exchange)
{
	struct http_server *server = exchange->server;

	if (server) {
		if (exchange->prev_orphan)
			exchange->prev_orphan->next_orphan = exchange->next_orphan;
		else
			server->orphans = exchange->next_orphan;
		if (exchange->next_orphan)
			exchange->next_orphan->prev_orphan = exchange->prev_orphan;
		server->orphaned--;
	}
	exchange_give(exchange);
}

void exchange_ready(struct exchange *exchange, struct slice bytes)
{
	exchange->out = bytes;
	exchange->answered = true;
	exchange->pub.conn->pending += bytes.len;
}

static void put(char **at, const char *bytes, size_t len)
{
	if (len)
		memcpy(*at, bytes, len);
	*at += len;
}

#define put_lit(at, literal) put((at), (literal), sizeof(literal) - 1)

static void put_number(char **at, size_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	put(at, digits + i, sizeof(digits) - i);
}

static void put_two(char *at, int n)
{
	at[0] = (char)('0' + n / 10 % 10);
	at[1] = (char)('0' + n % 10);
}

/* The Date of RFC 9110 5.6.7, written once a second. */
static struct slice exchange_date(struct http_server *server)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t now = clock_now();
	char *at = server->date;
	struct clock_civil civil;

	if (now / 1000000 == server->date_second)
		return slice_make(at, 29);
	server->date_second = now / 1000000;
	clock_civil(now, &civil);
	memcpy(at, "Sun, 00 Jan 0000 00:00:00 GMT", 29);
	memcpy(at, days + 3 * civil.weekday, 3);
	put_two(at + 5, civil.day);
	memcpy(at + 8, months + 3 * (civil.month - 1), 3);
	put_two(at + 12, civil.year / 100);
	put_two(at + 14, civil.year);
	put_two(at + 17, civil.hour);
	put_two(at + 20, civil.minute);
	put_two(at + 23, civil.second);
	return slice_make(at, 29);
}

/* A body is what its Content-Type says, and no browser is to guess better. */
/* Status line, our own headers, theirs, blank line, body. The reason phrase is left out, its blank is not:
 * RFC 9112 4. */
struct slice exchange_render(struct exchange *exchange, int status, struct slice headers, struct slice body)
{
	bool bare = status < 200 || status == 204 || status == 304;
	char *start = arena_take(&exchange->arena, 224 + headers.len + body.len), *at = start;
	struct slice date = exchange_date(exchange->server);

	put_lit(&at, "HTTP/1.1 ");
	put_number(&at, (size_t)status);
	put_lit(&at, " \r\nDate: ");
	put(&at, date.ptr, date.len);
	if (!bare) {
		put_lit(&at, "\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ");
		put_number(&at, body.len);
	}
	put_lit(&at, "\r\n");
	if (exchange->close)
		put_lit(&at, "Connection: close\r\n");
	else if (exchange->keep_alive_1_0)
		put_lit(&at, "Connection: keep-alive\r\n");
	put(&at, headers.ptr, headers.len);
	put_lit(&at, "\r\n");
	if (!bare && !exchange->is_head)
		put(&at, body.ptr, body.len);
	return slice_make(start, (size_t)(at - start));
}

void http_answer(struct http_exchange *pub, int status, struct slice headers, struct slice body)
{
	struct exchange *exchange = container_of(pub, struct exchange, pub);
	struct http_conn *conn = pub->conn;

	assert(!exchange->answered);
	assert(status >= 100 && status <= 999);
	if (!conn) {
		exchange_end_orphan(exchange);
		return;
	}
	if (pub->wants_close)
		http_conn_read_no_more(conn);
	exchange->close = exchange == conn->last && (pub->wants_close || conn->server->draining);
	exchange_ready(exchange, exchange_render(exchange, status, headers, body));
	if (!conn->busy)
		http_conn_mark(conn);
}

struct slice http_header(const struct http_exchange *exchange, struct slice name)
{
	for (size_t i = 0; i < exchange->header_count; i++)
		if (http_parse_same(exchange->headers[i].name, name))
			return exchange->headers[i].value;
	return (struct slice){NULL, 0};
}
