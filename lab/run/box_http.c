/* SPDX-License-Identifier: Apache-2.0 */
/* Receivers behind HTTP: one server on loopback, a path for each. Here are the manners that only a stream of
 * bytes can have. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "lab/run/box_private.h"
#include "lab/run/content.h"
#include "lab/run/message.h"

#define BOX_DRIP_US 50000

struct box_conn {
	struct watch watch;
	struct box_http *http;
	struct timer timer;
	char *in, *out;
	size_t in_len, out_len, sent;
	bool drips, closes;
	struct box_conn *next;
};

struct box_http {
	struct watch watch;
	struct boxes *boxes;
	int port;
	struct box_conn *conns;
};

static void box_accept(struct watch *watch, uint32_t events);

int box_http_create(struct boxes *boxes, struct box_http **ret)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	struct box_http *http = calloc(1, sizeof *http);

	if (!http)
		return -ENOMEM;
	http->boxes = boxes;
	http->watch.ready = box_accept;
	http->watch.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = http->watch.fd < 0 || bind(http->watch.fd, (struct sockaddr *)&at, sizeof at) ||
	                        listen(http->watch.fd, 1024) ||
	                        getsockname(http->watch.fd, (struct sockaddr *)&at, &len)
	                ? -errno
	                : 0;

	if (r == 0)
		r = loop_add(boxes->loop, &http->watch, EPOLLIN);
	if (r) {
		if (http->watch.fd >= 0)
			close(http->watch.fd);
		free(http);
		return r;
	}
	http->port = ntohs(at.sin_port);
	*ret = http;
	return 0;
}

int box_http_port(const struct box_http *http)
{
	return http->port;
}

static void box_close(struct box_conn *conn)
{
	struct box_conn **at = &conn->http->conns;
	struct loop *loop = conn->http->boxes->loop;

	while (*at != conn)
		at = &(*at)->next;
	*at = conn->next;
	timer_clear(loop_timers(loop), &conn->timer);
	loop_remove(loop, &conn->watch);
	close(conn->watch.fd);
	free(conn->in);
	free(conn->out);
	free(conn);
}

void box_http_reset(struct box_http *http)
{
	while (http->conns)
		box_close(http->conns);
}

void box_http_destroy(struct box_http *http)
{
	if (!http)
		return;
	box_http_reset(http);
	loop_remove(http->boxes->loop, &http->watch);
	close(http->watch.fd);
	free(http);
}

/* --- hearing --- */

static void box_put(struct arena *arena, struct val *whole, const char *name, const char *value)
{
	if (value)
		val_put(whole, slice_of(name), val_str(arena, slice_of(value)));
}

static const char *const box_media[ENCODING_COUNT] = {"json", "cbor", "xml"};

/* What a notification over HTTP must look like. TS-0009 6.2-6.4, TS-0004 7.5 */
static struct slice box_http_fault(const struct boxes *boxes, const struct message *message,
                                   const struct val *pc, const struct why *why)
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
	if (!type || !strstr(type, box_media[boxes->config.encoding]) || strstr(type, "ty="))
		return arena_printf(boxes->arena, "the Content-Type of a notification is %s, without ty",
		                    box_media[boxes->config.encoding]);
	if (!pc)
		return arena_printf(boxes->arena, "the content cannot be read: %s", why->text);
	return box_content_fault(pc);
}

static void box_hear(struct boxes *boxes, struct box *box, const struct message *message)
{
	struct arena *arena = boxes->arena;
	struct val *whole = val_obj(arena), *pc = NULL, *headers = val_obj(arena);
	struct slice method, rest = message->first, path;
	struct why why = {.text = "it is empty"};

	slice_cut(&rest, ' ', &method);
	slice_cut(&rest, ' ', &path);
	if (message->body.len && content_read(arena, boxes->config.encoding, message->body, &why, &pc) != 0)
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
	box_keep(boxes, box, whole, pc, box_http_fault(boxes, message, pc, &why));
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
			timer_set(loop_timers(conn->http->boxes->loop), &conn->timer,
			          clock_now() + BOX_DRIP_US);
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

/* The bytes of an answer, on the heap; its length. */
static size_t box_print(const struct boxes *boxes, const struct box *box, const char *rqi, char **ret)
{
	enum encoding encoding = boxes->config.encoding;
	int rsc = !box ? 4004 : box->manner == BOX_REFUSES ? box->code : 2000;
	struct slice content = {0};
	struct buf buf;

	buf_init(&buf, NULL);
	if (box && box->manner == BOX_GARBAGE) {
		buf_add_lit(&buf, "\x7f\x01 no HTTP at all \xff\xfe\r\n\r\n");
	} else if (box && box->code && box->manner != BOX_REFUSES) {
		buf_printf(&buf, "HTTP/1.1 %d -\r\nContent-Length: 0\r\n\r\n", box->code);
	} else {
		if (box && box->content)
			content = content_write(boxes->arena, encoding, box->content);
		buf_printf(&buf, "HTTP/1.1 %d -\r\nX-M2M-RSC: %d\r\nX-M2M-RI: %s\r\nX-M2M-RVI: 3\r\n",
		           box_status(rsc), rsc, rqi ? rqi : "");
		if (content.len)
			buf_printf(&buf, "Content-Type: application/%s\r\n", box_media[encoding]);
		buf_printf(&buf, "Content-Length: %zu\r\n\r\n", content.len);
		buf_add_slice(&buf, content);
	}
	*ret = buf.ptr;
	return buf.len;
}

static void box_reply(struct box_conn *conn, const struct box *box, const struct message *message)
{
	enum box_manner manner = box ? box->manner : BOX_ANSWERS;

	free(conn->out);
	conn->sent = 0;
	conn->out_len = box_print(conn->http->boxes, box, message_header(message, "X-M2M-RI"), &conn->out);
	conn->drips = manner == BOX_DRIPS;
	conn->closes = manner == BOX_GARBAGE || manner == BOX_HANGS_UP;
	if (manner == BOX_HANGS || manner == BOX_HANGS_UP)
		conn->out_len = 0;
	if (manner == BOX_SLOW)
		timer_set(loop_timers(conn->http->boxes->loop), &conn->timer, clock_now() + box->after);
	else
		box_flush(conn);
}

/* "POST /12/box?ct=xml HTTP/1.1" */
static struct box *box_of(struct boxes *boxes, struct slice first)
{
	struct slice part;

	return slice_cut(&first, ' ', &part) && slice_cut(&first, ' ', &part)
	               ? box_by_path(boxes, slice_skip(part, 1))
	               : NULL;
}

/* True while the connection is alive and there was a whole message. */
static bool box_one(struct box_conn *conn)
{
	struct box_http *http = conn->http;
	struct boxes *boxes = http->boxes;
	struct message message;
	struct box_conn *alive;

	if (timer_is_set(&conn->timer))
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
	for (alive = http->conns; alive && alive != conn; alive = alive->next)
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
	struct box_http *http = container_of(watch, struct box_http, watch);
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	struct box_conn *conn = calloc(1, sizeof *conn);

	if (!conn)
		abort();
	conn->http = http;
	conn->watch.fd = fd;
	conn->watch.ready = box_ready;
	conn->timer.run = box_timer;
	conn->next = http->conns;
	http->conns = conn;
	if (loop_add(http->boxes->loop, &conn->watch, EPOLLIN))
		box_close(conn);
}
