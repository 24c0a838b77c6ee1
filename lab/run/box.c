/* SPDX-License-Identifier: Apache-2.0 */
/* The manners of a receiver stand in one table; what they do to a connection, in box_reply. */
#include "lab/run/box.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "codec/json.h"
#include "lab/run/lex.h"
#include "lab/run/message.h"

#define BOX_DRIP_US 50000

static const struct {
	const char *how;
	enum box_manner manner;
} box_manners[] = {{"", BOX_ANSWERS},    {"answers", BOX_ANSWERS}, {"refuses", BOX_REFUSES},
                   {"slow", BOX_SLOW},   {"hangs", BOX_HANGS},     {"hangs-up", BOX_HANGS_UP},
                   {"drips", BOX_DRIPS}, {"garbage", BOX_GARBAGE}};

struct box {
	struct slice name, url;
	enum box_manner manner;
	int code;      /* answers: an HTTP status without RSC, or 0; refuses: the RSC */
	int64_t after; /* slow: microseconds */
	struct box_heard *first, *last;
	struct box *next;
};

struct box_conn {
	struct watch watch;
	struct boxes *boxes;
	struct timer timer;
	char *in, *out;
	size_t in_len, out_len, sent;
	bool drips, closes;
	struct box_conn *next;
};

struct boxes {
	struct loop *loop;
	struct watch watch;
	int port;
	unsigned turn; /* of the case: part of the path */
	struct arena *arena;
	struct box *first;
	struct box_conn *conns;
};

static void box_accept(struct watch *watch, uint32_t events);

int boxes_create(struct loop *loop, struct boxes **ret)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	struct boxes *boxes = calloc(1, sizeof *boxes);

	if (!boxes)
		return -ENOMEM;
	boxes->loop = loop;
	boxes->watch.ready = box_accept;
	boxes->watch.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = boxes->watch.fd < 0 || bind(boxes->watch.fd, (struct sockaddr *)&at, sizeof at) ||
	                        listen(boxes->watch.fd, 1024) ||
	                        getsockname(boxes->watch.fd, (struct sockaddr *)&at, &len)
	                ? -errno
	                : 0;

	if (r == 0)
		r = loop_add(loop, &boxes->watch, EPOLLIN);
	if (r) {
		if (boxes->watch.fd >= 0)
			close(boxes->watch.fd);
		free(boxes);
		return r;
	}
	boxes->port = ntohs(at.sin_port);
	*ret = boxes;
	return 0;
}

static void box_close(struct box_conn *conn)
{
	struct box_conn **at = &conn->boxes->conns;

	while (*at != conn)
		at = &(*at)->next;
	*at = conn->next;
	timer_clear(loop_timers(conn->boxes->loop), &conn->timer);
	loop_remove(conn->boxes->loop, &conn->watch);
	close(conn->watch.fd);
	free(conn->in);
	free(conn->out);
	free(conn);
}

void boxes_reset(struct boxes *boxes, struct arena *arena)
{
	while (boxes->conns)
		box_close(boxes->conns);
	boxes->first = NULL;
	boxes->arena = arena;
	boxes->turn++;
}

void boxes_destroy(struct boxes *boxes)
{
	if (!boxes)
		return;
	boxes_reset(boxes, NULL);
	loop_remove(boxes->loop, &boxes->watch);
	close(boxes->watch.fd);
	free(boxes);
}

static struct box *box_find(const struct boxes *boxes, struct slice name)
{
	for (struct box *box = boxes->first; box; box = box->next)
		if (slice_is(box->name, name))
			return box;
	return NULL;
}

int boxes_listen(struct boxes *boxes, struct slice name, struct slice how, struct slice argument,
                 struct why *why)
{
	struct box *box = box_find(boxes, name);
	size_t row = 0, rows = sizeof box_manners / sizeof *box_manners;
	uint64_t code = 0;
	int64_t after = 0;

	while (row < rows && !slice_is_text(how, box_manners[row].how))
		row++;
	if (row == rows)
		return refuse(
		        why, 4000,
		        "expected answers, refuses, slow, hangs, hangs-up, drips or garbage, found %.*s",
		        SLICE_ARG(how));
	enum box_manner manner = box_manners[row].manner;

	if (manner == BOX_SLOW ? !lex_time(argument, &after) : argument.len && !slice_u64(argument, &code))
		return refuse(why, 4000, "expected a time or a code behind %.*s, found %.*s", SLICE_ARG(how),
		              SLICE_ARG(argument));
	if (!box) {
		box = arena_new(boxes->arena, struct box);
		box->name = name;
		box->url = arena_printf(boxes->arena, "http://127.0.0.1:%d/%u/%.*s", boxes->port, boxes->turn,
		                        SLICE_ARG(name));
		box->next = boxes->first;
		boxes->first = box;
	}
	box->manner = manner;
	box->code = manner == BOX_REFUSES && !code ? 4103 : (int)code;
	box->after = after;
	return 0;
}

bool boxes_url(const struct boxes *boxes, struct slice name, struct slice *ret_url)
{
	const struct box *box = box_find(boxes, name);

	if (box)
		*ret_url = box->url;
	return box != NULL;
}

struct box_heard *boxes_take(struct boxes *boxes, struct slice name)
{
	struct box *box = box_find(boxes, name);
	struct box_heard *heard = box ? box->first : NULL;

	if (heard)
		box->first = heard->next;
	return heard;
}

/* --- hearing --- */

static void box_put(struct arena *arena, struct val *whole, const char *name, const char *value)
{
	if (value)
		val_put(whole, slice_of(name), val_str(arena, slice_of(value)));
}

/* What a notification over HTTP must look like. TS-0009 6.2-6.4, TS-0004 7.5 */
static struct slice box_fault(struct arena *arena, const struct message *message, const struct val *pc,
                              const struct why *why)
{
	const char *rvi = message_header(message, "X-M2M-RVI"),
	           *type = message_header(message, "Content-Type");

	if (!slice_starts(message->first, SLICE("POST ")))
		return SLICE("a notification is a POST");
	if (!message_header(message, "X-M2M-Origin"))
		return SLICE("a notification says who it is from (X-M2M-Origin)");
	if (!message_header(message, "X-M2M-RI"))
		return SLICE("a notification has a request identifier (X-M2M-RI)");
	if (!rvi)
		return SLICE("a notification says its release (X-M2M-RVI)");
	if (message_header(message, "X-M2M-RSC"))
		return SLICE("a request has no X-M2M-RSC");
	if (!type || !strstr(type, "json") || strstr(type, "ty="))
		return SLICE("the Content-Type of a notification is JSON, without ty");
	if (!pc)
		return arena_printf(arena, "the content cannot be read: %s", why->text);
	if (pc->kind != VAL_OBJ || pc->count != 1 || !memchr(pc->first->name.ptr, ':', pc->first->name.len))
		return SLICE("the content has one member, such as m2m:sgn");
	return (struct slice){0};
}

static void box_hear(struct boxes *boxes, struct box *box, const struct message *message)
{
	struct arena *arena = boxes->arena;
	struct box_heard *heard = arena_new(arena, struct box_heard);
	struct val *whole = val_obj(arena), *pc = NULL, *headers = val_obj(arena);
	struct slice method, rest = message->first, path;
	struct why why = {.text = "it is empty"};

	slice_cut(&rest, ' ', &method);
	slice_cut(&rest, ' ', &path);
	if (message->body.len && json_read(arena, message->body, NULL, &why, &pc) != 0)
		pc = NULL;
	box_put(arena, whole, "fr", message_header(message, "X-M2M-Origin"));
	box_put(arena, whole, "rqi", message_header(message, "X-M2M-RI"));
	box_put(arena, whole, "rvi", message_header(message, "X-M2M-RVI"));
	box_put(arena, whole, "ec", message_header(message, "X-M2M-EC"));
	val_put(whole, SLICE("method"), val_str(arena, method));
	val_put(whole, SLICE("path"), val_str(arena, path));
	for (size_t i = 0; i < message->header_count; i++)
		val_put(headers, slice_of(message->headers[i].name),
		        val_str(arena, slice_of(message->headers[i].value)));
	val_put(whole, SLICE("header"), headers);
	if (pc && pc->kind == VAL_OBJ)
		val_each (pc, member)
			val_put(whole, member->name, val_copy(arena, member));
	heard->whole = whole;
	heard->fault = box_fault(arena, message, pc, &why);
	if (box->first)
		box->last->next = heard;
	else
		box->first = heard;
	box->last = heard;
}

/* --- answering --- */

static void box_flush(struct box_conn *conn)
{
	while (conn->sent < conn->out_len) {
		size_t len = conn->drips ? 1 : conn->out_len - conn->sent;
		ssize_t n = send(conn->watch.fd, conn->out + conn->sent, len, MSG_NOSIGNAL);

		if (n < 0) {
			conn->closes = true;
			break;
		}
		conn->sent += (size_t)n;
		if (conn->drips && conn->sent < conn->out_len) {
			timer_set(loop_timers(conn->boxes->loop), &conn->timer, clock_now() + BOX_DRIP_US);
			return;
		}
	}
	conn->sent = conn->out_len = 0;
	if (conn->closes)
		box_close(conn);
}

static void box_timer(struct timer *timer)
{
	box_flush(container_of(timer, struct box_conn, timer));
}

static int box_status(int rsc)
{
	if (rsc == 2000)
		return 200;
	return rsc >= 4000 && rsc < 5000 ? (rsc == 4004 ? 404 : rsc == 4005 ? 405 : 403) : 500;
}

/* The bytes of an answer; its length. Never fails. */
static int box_print(const struct box *box, const char *rqi, char **ret_text)
{
	static const char empty[] = "Content-Length: 0\r\n\r\n";
	int rsc = !box ? 4004 : box->manner == BOX_REFUSES ? box->code : 2000;
	int len;

	if (box && box->manner == BOX_GARBAGE)
		len = asprintf(ret_text, "\x7f\x01 no HTTP at all \xff\xfe\r\n\r\n");
	else if (box && box->code && box->manner != BOX_REFUSES)
		len = asprintf(ret_text, "HTTP/1.1 %d -\r\n%s", box->code, empty);
	else
		len = asprintf(ret_text,
		               "HTTP/1.1 %d -\r\nX-M2M-RSC: %d\r\nX-M2M-RI: %s\r\nX-M2M-RVI: 3\r\n%s",
		               box_status(rsc), rsc, rqi ? rqi : "", empty);
	if (len < 0)
		abort();
	return len;
}

static void box_reply(struct box_conn *conn, const struct box *box, const struct message *message)
{
	enum box_manner manner = box ? box->manner : BOX_ANSWERS;

	free(conn->out);
	conn->sent = 0;
	conn->out_len = (size_t)box_print(box, message_header(message, "X-M2M-RI"), &conn->out);
	conn->drips = manner == BOX_DRIPS;
	conn->closes = manner == BOX_GARBAGE || manner == BOX_HANGS_UP;
	if (manner == BOX_HANGS || manner == BOX_HANGS_UP)
		conn->out_len = 0;
	if (manner == BOX_SLOW)
		timer_set(loop_timers(conn->boxes->loop), &conn->timer, clock_now() + box->after);
	else
		box_flush(conn);
}

/* "/12/box" and whatever a server puts behind it. */
static struct box *box_of(struct boxes *boxes, struct slice first)
{
	struct slice part;
	uint64_t turn;

	if (!slice_cut(&first, ' ', &part) || !slice_cut(&first, ' ', &part))
		return NULL;
	first = slice_skip(part, 1);
	if (!slice_cut(&first, '/', &part) || !slice_u64(part, &turn) || turn != boxes->turn)
		return NULL;
	slice_cut(&first, '/', &part);
	for (size_t i = 0; i < part.len; i++)
		if (part.ptr[i] == '?')
			part.len = i;
	return box_find(boxes, part);
}

/* True while the connection is alive and there was a whole message. */
static bool box_one(struct box_conn *conn)
{
	struct boxes *boxes = conn->boxes;
	struct message message;
	struct box_conn *alive;

	if (!boxes->arena || timer_is_set(&conn->timer))
		return false;
	enum message_state state =
	        message_read(boxes->arena, (struct slice){conn->in, conn->in_len}, false, false, &message);

	if (state == MESSAGE_BROKEN)
		box_close(conn);
	if (state != MESSAGE_WHOLE)
		return false;
	memmove(conn->in, conn->in + message.size, conn->in_len - message.size);
	conn->in_len -= message.size;
	struct box *box = box_of(boxes, message.first);

	if (box)
		box_hear(boxes, box, &message);
	box_reply(conn, box, &message);
	for (alive = boxes->conns; alive && alive != conn; alive = alive->next)
		;
	return alive != NULL;
}

static void box_ready(struct watch *watch, uint32_t events)
{
	struct box_conn *conn = container_of(watch, struct box_conn, watch);
	char bytes[65536];
	ssize_t n = recv(watch->fd, bytes, sizeof bytes, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		box_close(conn);
		return;
	}
	conn->in = realloc(conn->in, conn->in_len + (size_t)n);
	if (!conn->in)
		abort();
	memcpy(conn->in + conn->in_len, bytes, (size_t)n);
	conn->in_len += (size_t)n;
	while (box_one(conn))
		;
}

static void box_accept(struct watch *watch, uint32_t events)
{
	struct boxes *boxes = container_of(watch, struct boxes, watch);
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	struct box_conn *conn = calloc(1, sizeof *conn);

	if (!conn)
		abort();
	conn->boxes = boxes;
	conn->watch.fd = fd;
	conn->watch.ready = box_ready;
	conn->timer.run = box_timer;
	conn->next = boxes->conns;
	boxes->conns = conn;
	if (loop_add(boxes->loop, &conn->watch, EPOLLIN))
		box_close(conn);
}
