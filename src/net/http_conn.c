/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one connection: bytes come, become requests, are handed on; in the end it takes leave so that
 * the other side can read our last word. Everything here is done in small bounded steps, and a connection is
 * only destroyed where nobody further up the stack still works on it. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/http_conn.h"

#define RECORDS_MOST 4 /* of TLS, read from one connection per turn */

static void conn_ready(struct watch *watch, uint32_t events);

struct http_conn *http_conn_create(struct http_server *server, int fd, const char *peer)
{
	struct http_conn *conn = mem_zero(1, sizeof(*conn));

	conn->watch.fd = conn->stream.fd = fd;
	conn->watch.ready = conn_ready;
	conn->server = server;
	conn->reads_on = EPOLLIN;
	conn->shaking = server->tls != NULL;
	buf_init(&conn->in, NULL);
	memcpy(conn->peer, peer, strnlen(peer, HTTP_PEER - 1));
	if ((server->tls && tls_session_accept(server->tls, fd, &conn->stream.tls) != 0) ||
	    loop_add(server->loop, &conn->watch, EPOLLIN) != 0) {
		stream_close(&conn->stream);
		free(conn);
		return NULL;
	}
	conn->next = server->conns;
	if (server->conns)
		server->conns->prev = conn;
	server->conns = conn;
	server->stats.open++;
	http_deadline_set(&server->deadlines, &conn->read, conn->shaking ? DEADLINE_HEAD : DEADLINE_IDLE);
	return conn;
}

static void conn_drop_coming(struct http_conn *conn)
{
	if (conn->coming)
		exchange_give(conn->coming);
	conn->coming = NULL;
}

/* Hands were not shaken. */
static void conn_note(const struct http_conn *conn)
{
	const char *error = tls_session_error(conn->stream.tls);

	conn->server->stats.handshakes_failed++;
	log_info("net", "no TLS with %s: %s", conn->peer, error[0] ? error : "it was given up");
}

void http_conn_destroy(struct http_conn *conn)
{
	struct http_server *server = conn->server;
	struct exchange *exchange = conn->first, *next;

	loop_remove(server->loop, &conn->watch);
	if (conn->shaking)
		conn_note(conn);
	stream_close(&conn->stream);
	http_deadline_set(&server->deadlines, &conn->read, DEADLINE_NONE);
	http_deadline_set(&server->deadlines, &conn->write, DEADLINE_NONE);
	http_conn_unmark(conn);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		server->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	server->stats.open--;
	conn_drop_coming(conn);
	for (; exchange; exchange = next) {
		next = exchange->next;
		if (exchange->answered)
			exchange_give(exchange);
		else
			exchange_orphan(exchange);
	}
	buf_finish(&conn->in);
	free(conn);
}

void http_conn_mark(struct http_conn *conn)
{
	struct http_server *server = conn->server;

	if (conn->dirty)
		return;
	conn->dirty = true;
	conn->next_dirty = NULL;
	conn->prev_dirty = server->last_dirty;
	if (server->last_dirty)
		server->last_dirty->next_dirty = conn;
	else
		server->dirty = conn;
	server->last_dirty = conn;
	loop_flush_soon(server->loop);
}

void http_conn_unmark(struct http_conn *conn)
{
	struct http_server *server = conn->server;

	if (!conn->dirty)
		return;
	conn->dirty = false;
	if (conn->prev_dirty)
		conn->prev_dirty->next_dirty = conn->next_dirty;
	else
		server->dirty = conn->next_dirty;
	if (conn->next_dirty)
		conn->next_dirty->prev_dirty = conn->prev_dirty;
	else
		server->last_dirty = conn->prev_dirty;
}

bool http_conn_is_idle(const struct http_conn *conn)
{
	return !conn->first && !conn->coming;
}

void http_conn_read_no_more(struct http_conn *conn)
{
	if (conn->reading == READING_LINGER)
		return;
	conn_drop_coming(conn);
	conn->reading = READING_NO_MORE;
	conn->stalled = false;
}

/* Too much is unanswered, or too many answers are not taken. */
static bool conn_is_full(const struct http_conn *conn)
{
	return conn->count >= conn->server->limits.pipelined || conn->pending >= HTTP_PENDING;
}

static struct exchange *conn_exchange(struct http_conn *conn)
{
	struct exchange *exchange = exchange_take(conn->server);

	exchange->pub.conn = conn;
	memcpy(exchange->peer, conn->peer, HTTP_PEER);
	return exchange;
}

static void conn_queue(struct http_conn *conn, struct exchange *exchange)
{
	if (conn->last)
		conn->last->next = exchange;
	else
		conn->first = exchange;
	conn->last = exchange;
	conn->count++;
}

/* A whole request is here. */
static void conn_request(struct http_conn *conn, struct exchange *exchange)
{
	struct http_server *server = conn->server;

	conn->coming = NULL;
	conn->reading = exchange->pub.wants_close ? READING_NO_MORE : READING_HEAD;
	conn->fresh = true;
	conn_queue(conn, exchange);
	server->stats.requests++;
	server->handler.request(server->handler.user, &exchange->pub);
}

/* What came is not to be answered by anybody but with a refusal; the connection ends after it. */
static void conn_refuse(struct http_conn *conn, struct exchange *exchange, const struct http_bad *bad)
{
	struct http_server *server = conn->server;

	conn->coming = NULL;
	conn->reading = READING_NO_MORE;
	exchange->pub.wants_close = true;
	conn_queue(conn, exchange);
	server->stats.malformed++;
	server->handler.malformed(server->handler.user, &exchange->pub, bad->status, bad->sentence);
}

/* The client waits to be told that its body is wanted; what was asked before is answered before. */
static void conn_continue(struct http_conn *conn)
{
	struct exchange *exchange = conn_exchange(conn);

	conn_queue(conn, exchange);
	exchange_ready(exchange, SLICE("HTTP/1.1 100 Continue\r\n\r\n"));
}

/* The head is whole: `bytes` begins with it. */
static void conn_head(struct http_conn *conn, struct slice *bytes, size_t len)
{
	struct exchange *exchange = conn_exchange(conn);
	struct slice text = arena_copy(&exchange->arena, slice_make(bytes->ptr, len));
	struct http_head head = {.headers = exchange->pub.headers};
	struct http_bad bad;
	enum http_outcome outcome;

	*bytes = slice_skip(*bytes, len);
	conn->scan = (struct http_scan){0};
	conn->blank = false;
	conn->fresh = true;
	outcome = http_parse_head(text, &conn->server->limits, &head, &bad);
	exchange->pub.method = head.method;
	exchange->pub.target = head.target;
	exchange->pub.header_count = head.header_count;
	exchange->is_head = slice_is(head.method, SLICE("HEAD"));
	if (outcome == HTTP_BAD) {
		conn_refuse(conn, exchange, &bad);
		return;
	}
	exchange->pub.wants_close = !head.keep_alive;
	exchange->keep_alive_1_0 = head.keep_alive && head.is_1_0;
	if (!head.chunked && head.length == 0) {
		conn_request(conn, exchange);
		return;
	}
	conn->coming = exchange;
	conn->reading = head.chunked ? READING_CHUNKS : READING_BODY;
	conn->left = head.length;
	conn->chunked = (struct http_chunked){0};
	if (head.expects_continue && bytes->len == 0)
		conn_continue(conn);
}

/* Looks for a head; false when there is none yet. */
static bool conn_read_head(struct http_conn *conn, struct slice *bytes)
{
	struct http_bad bad;
	size_t len;

	/* RFC 9112 2.2: one empty line before a request is forgiven. */
	if (conn->scan.at == 0 && !conn->blank && bytes->ptr[0] == '\r') {
		if (bytes->len == 1)
			return false;
		if (bytes->ptr[1] == '\n') {
			conn->blank = true;
			*bytes = slice_skip(*bytes, 2);
			return true;
		}
	}
	switch (http_parse_scan(&conn->scan, *bytes, &conn->server->limits, &len, &bad)) {
	case HTTP_DONE:
		conn_head(conn, bytes, len);
		return true;
	case HTTP_BAD:
		conn_refuse(conn, conn_exchange(conn), &bad);
		return true;
	case HTTP_MORE:
	case HTTP_DATA:
		break;
	}
	return false;
}

static void conn_read_body(struct http_conn *conn, struct slice *bytes)
{
	struct exchange *exchange = conn->coming;
	size_t n = bytes->len < conn->left ? bytes->len : (size_t)conn->left;
	struct slice piece = {bytes->ptr, n};

	*bytes = slice_skip(*bytes, n);
	conn->left -= n;
	if (conn->left == 0 && exchange->gathered.len == 0) {
		exchange->pub.body = arena_copy(&exchange->arena, piece);
		conn_request(conn, exchange);
		return;
	}
	buf_add_slice(&exchange->gathered, piece);
	if (conn->left == 0) {
		exchange->pub.body = buf_slice(&exchange->gathered);
		conn_request(conn, exchange);
	}
}

static void conn_read_chunks(struct http_conn *conn, struct slice *bytes)
{
	struct exchange *exchange = conn->coming;
	struct http_bad bad;
	struct slice piece;

	switch (http_parse_chunked(&conn->chunked, bytes, &conn->server->limits, &piece, &bad)) {
	case HTTP_DATA:
		buf_add_slice(&exchange->gathered, piece);
		break;
	case HTTP_DONE:
		exchange->pub.body = buf_slice(&exchange->gathered);
		conn_request(conn, exchange);
		break;
	case HTTP_BAD:
		conn_refuse(conn, exchange, &bad);
		break;
	case HTTP_MORE:
		break;
	}
}

/* Understands what can be understood, and gives back what must wait. */
static struct slice conn_understand(struct http_conn *conn, struct slice bytes)
{
	conn->stalled = false;
	conn->unread = &bytes;
	while (bytes.len > 0) {
		switch (conn->reading) {
		case READING_HEAD:
			if (conn_is_full(conn)) {
				conn->stalled = true;
				return bytes;
			}
			if (!conn_read_head(conn, &bytes))
				return bytes;
			break;
		case READING_BODY:
			conn_read_body(conn, &bytes);
			break;
		case READING_CHUNKS:
			conn_read_chunks(conn, &bytes);
			break;
		case READING_NO_MORE:
		case READING_LINGER:
			return SLICE("");
		}
	}
	return bytes;
}

/* The bytes are behind conn->in, or in it when it is not empty. What was not understood stays in it. */
static void conn_eat(struct http_conn *conn, struct slice bytes)
{
	struct slice rest;

	conn->busy = true;
	if (conn->in.len == 0) {
		rest = conn_understand(conn, bytes);
		buf_add_slice(&conn->in, rest);
	} else {
		buf_add_slice(&conn->in, bytes);
		rest = conn_understand(conn, buf_slice(&conn->in));
		if (rest.len > 0)
			memmove(conn->in.ptr, rest.ptr, rest.len);
		conn->in.len = rest.len;
	}
	conn->unread = NULL;
	if (conn->in.len == 0)
		buf_finish(&conn->in);
	conn->busy = false;
}

/* The other side has said its last word; perhaps it still listens. */
static void conn_eof(struct http_conn *conn)
{
	static const struct http_bad bad = {400, "the request ended in the middle"};

	conn->ended = true;
	if (conn->reading == READING_LINGER || conn->reading == READING_NO_MORE)
		return;
	if (conn->coming || conn->in.len > 0) {
		conn->busy = true;
		conn_refuse(conn, conn->coming ? conn->coming : conn_exchange(conn), &bad);
		conn->busy = false;
	}
	conn->reading = READING_NO_MORE;
}

/* Bytes are taken. */
static bool conn_reads(const struct http_conn *conn)
{
	if (conn->reading == READING_HEAD && conn_is_full(conn))
		return false;
	return !conn->ended && conn->reading != READING_NO_MORE && !conn->stalled;
}

/* What comes after our last word is thrown away, and need not be deciphered for that. */
static ssize_t conn_overhear(struct http_conn *conn)
{
	ssize_t n = recv(conn->stream.fd, conn->server->scratch, HTTP_SCRATCH, MSG_DONTWAIT);

	return n < 0 ? -errno : n;
}

/* One piece of what the other side says. False: there is nothing more now. */
static bool conn_take(struct http_conn *conn)
{
	char *scratch = conn->server->scratch;
	ssize_t n = conn->reading == READING_LINGER ? conn_overhear(conn)
	                                            : stream_read(&conn->stream, scratch, HTTP_SCRATCH);

	if (conn->shaking && tls_is_ready(conn->stream.tls)) {
		conn->shaking = false;
		conn->fresh = true;
	}
	if (n < 0) {
		if (n != -EAGAIN && n != -EINTR)
			conn->dead = true;
		else if (conn->stream.tls)
			conn->reads_on = tls_wants(conn->stream.tls);
		return false;
	}
	if (n == 0) {
		conn_eof(conn);
		return false;
	}
	conn->server->stats.bytes_in += (uint64_t)n;
	if (conn->reading != READING_LINGER)
		conn_eat(conn, slice_make(scratch, (size_t)n));
	else if (conn->left > (uint64_t)n)
		conn->left -= (uint64_t)n;
	else
		conn->dead = true;
	return !conn->dead;
}

/* Bytes wait that the loop will not tell of. */
static bool conn_has_more(const struct http_conn *conn)
{
	return stream_has_more(&conn->stream) && conn->reading != READING_LINGER && conn_reads(conn);
}

/* TLS gives a record at a time; a few are taken, then others have their turn. */
static void conn_receive(struct http_conn *conn)
{
	for (int i = 0; i < RECORDS_MOST && conn_take(conn) && conn_has_more(conn); i++)
		;
}

static uint32_t conn_events(const struct http_conn *conn)
{
	return (conn_reads(conn) ? conn->reads_on : 0) | (conn->blocked ? conn->writes_on : 0);
}

static enum http_deadline_class conn_deadline(const struct http_conn *conn)
{
	if (conn->shaking)
		return DEADLINE_HEAD;
	switch (conn->reading) {
	case READING_HEAD:
		if (conn->in.len > 0)
			return conn->stalled ? DEADLINE_NONE : DEADLINE_HEAD;
		return conn->first ? DEADLINE_NONE : DEADLINE_IDLE;
	case READING_BODY:
	case READING_CHUNKS:
		return DEADLINE_BODY;
	case READING_LINGER:
		return DEADLINE_LINGER;
	case READING_NO_MORE:
		break;
	}
	return DEADLINE_NONE;
}

/* Our last word is out. Closing at once could reset the connection under it while the other side still sends,
 * so we only stop speaking, and listen a while without hearing. */
static void conn_leave(struct http_conn *conn)
{
	if (conn->stream.tls)
		tls_end(conn->stream.tls);
	if (conn->ended || shutdown(conn->stream.fd, SHUT_WR) != 0) {
		conn->dead = true;
		return;
	}
	buf_finish(&conn->in);
	conn->reads_on = EPOLLIN;
	conn->reading = READING_LINGER;
	conn->left = HTTP_LINGER;
}

/* After any work: what do we wait for now, and how long? May destroy it. */
static void conn_settle(struct http_conn *conn)
{
	enum http_deadline_class class;

	if (conn->reading == READING_NO_MORE && !conn->first && !conn->dead)
		conn_leave(conn);
	else if (conn->reading == READING_LINGER && conn->ended)
		conn->dead = true;
	if (conn->dead) {
		http_conn_destroy(conn);
		return;
	}
	if ((conn->stalled && !conn_is_full(conn)) || conn_has_more(conn))
		http_conn_mark(conn);
	class = conn_deadline(conn);
	if (class != conn->read.class || conn->fresh)
		http_deadline_set(&conn->server->deadlines, &conn->read, class);
	conn->fresh = false;
	if (loop_change(conn->server->loop, &conn->watch, conn_events(conn)) != 0)
		http_conn_destroy(conn);
}

void http_conn_work(struct http_conn *conn)
{
	bool stalled;

	http_flush(conn);
	stalled = conn->stalled && !conn_is_full(conn);
	if (!conn->dead && (stalled || conn_has_more(conn))) {
		if (stalled)
			conn_eat(conn, SLICE(""));
		else
			conn_receive(conn);
		http_flush(conn);
		/* The hooks that end a turn have run; what these requests gave them to do must not wait. */
		loop_again(conn->server->loop);
	}
	conn_settle(conn);
}

static void conn_ready(struct watch *watch, uint32_t events)
{
	struct http_conn *conn = container_of(watch, struct http_conn, watch);

	if ((events & EPOLLERR) || ((events & EPOLLHUP) && !(watch->events & EPOLLIN)))
		conn->dead = true;
	else if (events & (EPOLLHUP | conn->reads_on))
		conn_receive(conn);
	if (!conn->dead)
		http_flush(conn);
	conn_settle(conn);
}

void http_conn_late(struct http_conn *conn, enum http_deadline_class class)
{
	static const struct http_bad head = {408, "the request line and headers did not arrive in time"};
	static const struct http_bad body = {408, "the body did not arrive in time"};

	if (conn->shaking || (class != DEADLINE_HEAD && class != DEADLINE_BODY)) {
		if (conn->shaking || class == DEADLINE_WRITE)
			conn->server->stats.timed_out++;
		http_conn_destroy(conn);
		return;
	}
	conn->server->stats.timed_out++;
	conn->busy = true;
	conn_refuse(conn, conn->coming ? conn->coming : conn_exchange(conn),
	            class == DEADLINE_HEAD ? &head : &body);
	conn->busy = false;
	http_flush(conn);
	conn_settle(conn);
}
