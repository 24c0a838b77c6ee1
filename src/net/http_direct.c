/* SPDX-License-Identifier: Apache-2.0 */
/* Places, each with its connections and the calls that wait for one. A call is rendered when it is made, and
 * goes out at the end of the turn. A connection that was kept may have been closed by the other side just as
 * we wrote: then, if no byte of a reply has come, the call is sent once more on a new one (RFC 9112 9.5). */
#include "net/http_direct.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "net/http_direct_url.h"
#include "net/http_reply.h"

#define DIRECT_SCRATCH 65536
#define DIRECT_IDLE_US 60000000 /* a connection without work is kept so long */
#define DIRECT_BURST   1024     /* calls given to one place per turn */

struct call {
	struct call *prev, *next; /* waiting at its place */
	struct place *place;
	struct conn *conn; /* NULL: waiting */
	struct timer timer;
	struct buf out;      /* the request as it is sent */
	bool is_head, again; /* again: it was sent on a connection that had ended */
	void (*done)(void *user, const struct http_reply *reply);
	void (*drop)(void *user);
	void *user;
};

struct conn {
	struct watch watch;
	struct place *place;
	struct conn *prev, *next; /* of the place */
	struct call *call;        /* NULL: idle */
	struct timer timer;       /* while idle */
	size_t sent;
	bool connecting, used; /* used: a reply came on it before */
	struct http_reply_reader reader;
};

/* A host and port. */
struct place {
	struct http_direct *direct;
	struct place *next_pump; /* in the list of places to be looked at */
	bool pumping;
	struct sockaddr_storage address;
	socklen_t address_len;
	uint64_t hash;
	struct conn *conns;
	struct call *first, *last; /* waiting */
	size_t conn_count;
};

struct http_direct {
	struct loop *loop;
	struct http_client_config config;
	struct map places;
	struct place *pump; /* places to be looked at at the end of the turn */
	size_t busy, conn_count;
	struct loop_hook flush;
	bool starved; /* a place waits for a connection that others have */
	bool flushing, closing;
	char scratch[DIRECT_SCRATCH];
};

static void direct_conn_ready(struct watch *watch, uint32_t events);
static void direct_conn_idle_over(struct timer *timer);

static const char *direct_header(const struct http_reply *reply, const char *name)
{
	return reply->private ? http_reply_field(reply->private, name) : NULL;
}

static void direct_call_free(struct call *call)
{
	timer_clear(loop_wall_timers(call->place->direct->loop), &call->timer);
	buf_finish(&call->out);
	free(call);
}

static void direct_unwait(struct call *call)
{
	struct place *place = call->place;

	*(call->prev ? &call->prev->next : &place->first) = call->next;
	*(call->next ? &call->next->prev : &place->last) = call->prev;
	call->prev = call->next = NULL;
}

/* The place is looked at at the end of the turn. */
static void direct_mark(struct place *place)
{
	struct http_direct *direct = place->direct;

	loop_flush_soon(direct->loop);
	if (place->pumping)
		return;
	place->pumping = true;
	place->next_pump = direct->pump;
	direct->pump = place;
}

static void direct_wait(struct call *call, bool in_front)
{
	struct place *place = call->place;

	call->conn = NULL;
	call->prev = in_front ? NULL : place->last;
	call->next = in_front ? place->first : NULL;
	*(call->prev ? &call->prev->next : &place->first) = call;
	*(call->next ? &call->next->prev : &place->last) = call;
	direct_mark(place);
}

/* Tells what came of a call that no connection holds any more. */
static void direct_tell(struct call *call, const struct http_reply *reply)
{
	struct http_direct *direct = call->place->direct;

	direct->busy--;
	if (direct->flushing)
		loop_again(direct->loop);
	call->done(call->user, reply);
	direct_call_free(call);
}

static void direct_fail(struct call *call, int fault, const char *error)
{
	struct http_reply reply = {.error = error, .fault = fault, .header = direct_header};

	direct_tell(call, &reply);
}

static void direct_conn_destroy(struct conn *conn)
{
	struct place *place = conn->place;

	loop_remove(place->direct->loop, &conn->watch);
	close(conn->watch.fd);
	timer_clear(loop_wall_timers(place->direct->loop), &conn->timer);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		place->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	place->conn_count--;
	place->direct->conn_count--;
	/* Somebody may have waited for it to go, and the place may be of no more use. */
	direct_mark(place);
	http_reply_finish(&conn->reader);
	free(conn);
}

static int direct_conn_create(struct place *place, struct conn **ret)
{
	struct conn *conn = mem_zero(1, sizeof(*conn));
	int on = 1, r = 0;

	conn->place = place;
	conn->watch.ready = direct_conn_ready;
	conn->timer.run = direct_conn_idle_over;
	conn->watch.fd =
	        socket(place->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (conn->watch.fd < 0) {
		r = -errno;
		free(conn);
		return r;
	}
	setsockopt(conn->watch.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(conn->watch.fd, (struct sockaddr *)&place->address, place->address_len) != 0) {
		conn->connecting = errno == EINPROGRESS;
		r = conn->connecting ? 0 : -errno;
	}
	if (r == 0)
		r = loop_add(place->direct->loop, &conn->watch, conn->connecting ? EPOLLOUT : EPOLLIN);
	if (r != 0) {
		close(conn->watch.fd);
		free(conn);
		return r;
	}
	http_reply_init(&conn->reader, place->direct->config.body_max);
	conn->next = place->conns;
	if (conn->next)
		conn->next->prev = conn;
	place->conns = conn;
	place->conn_count++;
	place->direct->conn_count++;
	*ret = conn;
	return 0;
}

/* The connection is of no use any more; what of its call? */
static void direct_conn_broke(struct conn *conn, int fault, const char *error)
{
	struct call *call = conn->call;
	bool again = call && conn->used && !call->again && !http_reply_has_begun(&conn->reader);

	conn->call = NULL;
	direct_conn_destroy(conn);
	if (!call)
		return;
	if (again) {
		call->again = true;
		direct_wait(call, true);
		return;
	}
	call->conn = NULL;
	direct_fail(call, fault, error);
}

static void direct_conn_send(struct conn *conn)
{
	struct call *call = conn->call;

	while (conn->sent < call->out.len) {
		ssize_t n = send(conn->watch.fd, call->out.ptr + conn->sent, call->out.len - conn->sent,
		                 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0) {
			conn->sent += (size_t)n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			break;
		} else if (errno != EINTR) {
			direct_conn_broke(conn, -errno, strerror(errno));
			return;
		}
	}
	loop_change(conn->place->direct->loop, &conn->watch,
	            conn->sent < call->out.len ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void direct_conn_take(struct conn *conn, struct call *call)
{
	timer_clear(loop_wall_timers(conn->place->direct->loop), &conn->timer);
	direct_unwait(call);
	call->conn = conn;
	conn->call = call;
	conn->sent = 0;
	http_reply_begin(&conn->reader);
	conn->reader.is_head = call->is_head;
	if (!conn->connecting)
		direct_conn_send(conn);
}

/* A whole reply is here. */
static void direct_conn_answered(struct conn *conn)
{
	struct http_direct *direct = conn->place->direct;
	struct call *call = conn->call;
	struct http_reply reply = {.status = conn->reader.status,
	                           .body = buf_slice(&conn->reader.body),
	                           .header = direct_header,
	                           .private = &conn->reader};
	/* Answered before we had said all: what is still to come is not known. */
	bool keep = conn->reader.keep_alive && conn->sent == call->out.len && !direct->closing;

	conn->call = NULL;
	conn->used = true;
	call->conn = NULL;
	/* While it is told, the reply lives in the connection, which nobody takes: that is done in the flush.
	 */
	direct_tell(call, &reply);
	if (!keep) {
		direct_conn_destroy(conn);
		return;
	}
	timer_set(loop_wall_timers(direct->loop), &conn->timer, loop_wall(direct->loop) + DIRECT_IDLE_US);
	if (conn->place->first || direct->starved)
		direct_mark(conn->place);
}

static void direct_conn_receive(struct conn *conn)
{
	struct http_direct *direct = conn->place->direct;
	ssize_t n = recv(conn->watch.fd, direct->scratch, sizeof(direct->scratch), MSG_DONTWAIT);
	enum http_outcome outcome;

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (!conn->call) {
		/* Nobody asked: it ended while idle, or speaks out of turn. */
		direct_conn_broke(conn, 0, NULL);
		return;
	}
	if (n < 0) {
		direct_conn_broke(conn, -errno, strerror(errno));
		return;
	}
	outcome = n > 0 ? http_reply_feed(&conn->reader, slice_make(direct->scratch, (size_t)n))
	                : http_reply_end(&conn->reader);
	if (outcome == HTTP_DONE)
		direct_conn_answered(conn);
	else if (outcome == HTTP_BAD && n == 0 && !http_reply_has_begun(&conn->reader))
		direct_conn_broke(conn, -ECONNRESET, conn->reader.error);
	else if (outcome == HTTP_BAD)
		direct_conn_broke(conn, conn->reader.too_large ? -EMSGSIZE : -EPROTO, conn->reader.error);
}

static void direct_conn_ready(struct watch *watch, uint32_t events)
{
	struct conn *conn = container_of(watch, struct conn, watch);

	if (conn->connecting) {
		socklen_t len = sizeof(int);
		int error = 0;

		getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		if (error) {
			direct_conn_broke(conn, -error, strerror(error));
			return;
		}
		conn->connecting = false;
		if (conn->call)
			direct_conn_send(conn);
		else
			loop_change(conn->place->direct->loop, watch, EPOLLIN);
	} else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
		direct_conn_receive(conn);
	} else if (conn->call) {
		direct_conn_send(conn);
	}
}

static void direct_conn_idle_over(struct timer *timer)
{
	direct_conn_destroy(container_of(timer, struct conn, timer));
}

static void direct_late(struct timer *timer)
{
	struct call *call = container_of(timer, struct call, timer);
	struct conn *conn = call->conn;

	if (conn) {
		conn->call = NULL;
		direct_conn_destroy(conn);
	} else {
		direct_unwait(call);
	}
	call->conn = NULL;
	direct_fail(call, -ETIMEDOUT, "no reply in time");
}

/* Ends a connection without work, of any place: room for one that has. */
static bool direct_make_room(struct http_direct *direct)
{
	struct place *place;
	size_t at = 0;

	while ((place = map_next(&direct->places, &at)))
		for (struct conn *conn = place->conns; conn; conn = conn->next)
			if (!conn->call) {
				direct_conn_destroy(conn);
				return true;
			}
	return false;
}

static struct conn *direct_idle_conn(struct place *place)
{
	for (struct conn *conn = place->conns; conn; conn = conn->next)
		if (!conn->call)
			return conn;
	return NULL;
}

/* Gives the waiting calls of a place their connections, as far as there are any. */
static void direct_pump(struct place *place)
{
	struct http_direct *direct = place->direct;

	for (int i = 0; place->first && i < DIRECT_BURST; i++) {
		struct conn *conn = direct_idle_conn(place);
		struct call *call = place->first;
		int r = 0;

		if (!conn && place->conn_count >= direct->config.per_host)
			return;
		if (!conn && direct->conn_count >= direct->config.connections && !direct_make_room(direct)) {
			direct->starved = true;
			return;
		}
		if (!conn)
			r = direct_conn_create(place, &conn);
		if (r == 0) {
			direct_conn_take(conn, call);
		} else {
			direct_unwait(call);
			direct_fail(call, r, strerror(-r));
		}
	}
	if (place->first)
		direct_mark(place);
}

static void direct_forget(struct place *place)
{
	map_remove(&place->direct->places, place->hash, place);
	free(place);
}

/* Connections were short: all that wait are looked at again. */
static void direct_mark_all(struct http_direct *direct)
{
	struct place *place;
	size_t at = 0;

	direct->starved = false;
	while ((place = map_next(&direct->places, &at)))
		if (place->first)
			direct_mark(place);
}

/* What was asked for in this turn leaves in this turn. */
static void direct_flush(struct loop_hook *hook)
{
	struct http_direct *direct = container_of(hook, struct http_direct, flush);
	struct place *place, *next;

	if (direct->pump && direct->starved)
		direct_mark_all(direct);
	place = direct->pump;
	direct->pump = NULL;
	direct->flushing = true;
	for (; place; place = next) {
		next = place->next_pump;
		place->pumping = false;
		direct_pump(place);
		if (!place->first && !place->conns && !place->pumping)
			direct_forget(place);
	}
	direct->flushing = false;
}

static bool place_is(const void *value, const void *key)
{
	const struct place *place = value;
	const struct http_direct_url *url = key;

	return place->address_len == url->address_len &&
	       memcmp(&place->address, &url->address, url->address_len) == 0;
}

static struct place *direct_place(struct http_direct *direct, const struct http_direct_url *url)
{
	uint64_t hash = slice_hash(slice_make((const char *)&url->address, url->address_len), 0);
	struct place *place = map_find(&direct->places, hash, place_is, url);

	if (place)
		return place;
	place = mem_zero(1, sizeof(*place));
	place->direct = direct;
	place->address = url->address;
	place->address_len = url->address_len;
	place->hash = hash;
	map_add(&direct->places, hash, place);
	return place;
}

/* The request as it is sent. False: a line would break out of its place. */
static bool direct_render(struct buf *out, const struct http_call *http, const struct http_direct_url *url)
{
	bool has_body =
	        http->body.len > 0 || strcmp(http->method, "POST") == 0 || strcmp(http->method, "PUT") == 0;

	if (!http_parse_is_token(slice_of(http->method)))
		return false;
	buf_add_slice(out, slice_of(http->method));
	buf_add_char(out, ' ');
	if (url->path.len == 0 || url->path.ptr[0] != '/')
		buf_add_char(out, '/');
	buf_add_slice(out, url->path);
	buf_add_lit(out, " HTTP/1.1\r\nHost: ");
	buf_add_slice(out, url->authority);
	buf_add_lit(out, "\r\n");
	for (const char *const *line = http->headers; line && *line; line++) {
		if (strpbrk(*line, "\r\n"))
			return false;
		buf_add_slice(out, slice_of(*line));
		buf_add_lit(out, "\r\n");
	}
	if (has_body) {
		buf_add_lit(out, "Content-Length: ");
		buf_add_u64(out, http->body.len);
		buf_add_lit(out, "\r\n");
	}
	buf_add_lit(out, "\r\n");
	buf_add_slice(out, http->body);
	return true;
}

bool http_direct_takes(const char *url)
{
	struct http_direct_url parts;

	return http_direct_url_read(slice_of(url), &parts);
}

int http_direct_send(struct http_direct *direct, const struct http_call *http)
{
	struct http_direct_url url;
	struct call *call;

	if (!http_direct_url_read(slice_of(http->url), &url))
		return -EINVAL;
	call = mem_zero(1, sizeof(*call));
	buf_init(&call->out, NULL);
	if (!direct_render(&call->out, http, &url)) {
		buf_finish(&call->out);
		free(call);
		return -EINVAL;
	}
	call->place = direct_place(direct, &url);
	call->is_head = strcmp(http->method, "HEAD") == 0;
	call->done = http->done;
	call->drop = http->drop;
	call->user = http->user;
	call->timer.run = direct_late;
	timer_set(loop_wall_timers(direct->loop), &call->timer, clock_wall_steady() + http->timeout_us);
	direct->busy++;
	direct_wait(call, false);
	return 0;
}

int http_direct_create(struct loop *loop, const struct http_client_config *config, struct http_direct **ret)
{
	struct http_direct *direct = mem_zero(1, sizeof(*direct));

	direct->loop = loop;
	direct->config = *config;
	direct->flush.run = direct_flush;
	map_init(&direct->places);
	loop_add_flush(loop, &direct->flush);
	*ret = direct;
	return 0;
}

static void direct_drop(struct call *call)
{
	if (call->drop)
		call->drop(call->user);
	direct_call_free(call);
}

static void direct_clear(struct place *place)
{
	while (place->first) {
		struct call *call = place->first;

		direct_unwait(call);
		direct_drop(call);
	}
	while (place->conns) {
		struct call *call = place->conns->call;

		direct_conn_destroy(place->conns);
		if (call)
			direct_drop(call);
	}
}

void http_direct_destroy(struct http_direct *direct)
{
	struct place *place;
	size_t at = 0;

	if (!direct)
		return;
	direct->closing = true;
	loop_remove_hook(direct->loop, &direct->flush);
	while ((place = map_next(&direct->places, &at))) {
		direct_clear(place);
		free(place);
	}
	map_finish(&direct->places);
	free(direct);
}

size_t http_direct_busy(const struct http_direct *direct)
{
	return direct->busy;
}
