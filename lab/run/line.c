/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/line.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_IN_MAX (64u << 20)

static void line_ready(struct watch *watch, uint32_t events);

int line_place_init(struct line_place *place, struct loop *loop, const char *url, struct why *why)
{
	struct slice rest = slice_of(url), authority, host;

	memset(place, 0, sizeof *place);
	place->idle = -1;
	place->loop = loop;
	if (!slice_starts(rest, SLICE("http://")))
		return refuse(why, 4000,
		              "expected http://HOST[:PORT][/PREFIX], found \"%s\" (https is not spoken yet)",
		              url);
	rest = slice_skip(rest, 7);
	size_t end = 0;

	while (end < rest.len && rest.ptr[end] != '/')
		end++;
	authority = (struct slice){rest.ptr, end};
	rest = slice_skip(rest, end);
	if (rest.len && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	if (authority.len && authority.ptr[0] == '[') {
		slice_cut(&authority, ']', &host);
		host = slice_skip(host, 1);
		authority = slice_skip(authority, 1);
	} else {
		slice_cut(&authority, ':', &host);
	}
	if (!host.len || host.len >= sizeof place->host || rest.len >= sizeof place->prefix ||
	    authority.len > 5)
		return refuse(why, 4000, "expected http://HOST[:PORT][/PREFIX], found \"%s\"", url);
	memcpy(place->host, host.ptr, host.len);
	memcpy(place->port, authority.len ? authority.ptr : "80", authority.len ? authority.len : 2);
	if (rest.len)
		memcpy(place->prefix, rest.ptr, rest.len);
	return 0;
}

void line_place_finish(struct line_place *place)
{
	if (place->idle >= 0)
		close(place->idle);
	place->idle = -1;
}

static void line_done(struct line *line, const char *error)
{
	line->done = true;
	line->error = error;
	if (line->watch.fd < 0)
		return;
	loop_remove(line->place->loop, &line->watch);
	if (!error && !line->fresh && !line->message.closes && line->place->idle < 0 &&
	    line->in_len == line->message.size)
		line->place->idle = line->watch.fd;
	else
		close(line->watch.fd);
	line->watch.fd = -1;
}

static int line_connect(struct line_place *place)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *list = NULL;
	int fd = -1, on = 1;

	if (getaddrinfo(place->host, place->port, &hints, &list))
		return -1;
	for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) && errno != EINPROGRESS) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

static void line_open(struct line *line, int fd)
{
	line->watch.ready = line_ready;
	line->watch.fd = fd;
	line->sent = line->in_len = 0;
	if (fd < 0) {
		line_done(line, "nobody listens there");
	} else if (loop_add(line->place->loop, &line->watch, EPOLLIN | EPOLLOUT)) {
		close(fd);
		line->watch.fd = -1;
		line_done(line, "the loop took no more");
	}
}

static void line_write(struct line *line)
{
	while (line->sent < line->out.len) {
		ssize_t n = send(line->watch.fd, line->out.ptr + line->sent, line->out.len - line->sent,
		                 MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == ENOTCONN))
			return;
		if (n < 0 && errno == ECONNREFUSED) {
			line_done(line, "nobody listens there");
			return;
		}
		if (n < 0) { /* it may have answered and closed: reading tells */
			line->sent = line->out.len;
			break;
		}
		line->sent += (size_t)n;
	}
	loop_change(line->place->loop, &line->watch, EPOLLIN);
}

static void line_look(struct line *line, bool eof)
{
	struct slice bytes = {line->in, line->in_len};

	switch (message_read(line->arena, bytes, eof, line->no_body, &line->message)) {
	case MESSAGE_WHOLE:
		if (message_status(&line->message) == 100) {
			memmove(line->in, line->in + line->message.size, line->in_len - line->message.size);
			line->in_len -= line->message.size;
			line_look(line, eof);
			return;
		}
		line_done(line, NULL);
		return;
	case MESSAGE_BROKEN:
		line_done(line, "the reply is not HTTP");
		return;
	case MESSAGE_MORE:
		if (eof) {
			line->closed = true;
			line_done(line, "the connection was closed without a reply");
		}
		return;
	}
}

/* Reads what there is; the number of bytes, 0 at the end, -1 with errno. */
static ssize_t line_read(struct line *line)
{
	if (line->in_cap - line->in_len < 65536) {
		line->in_cap = line->in_cap * 2 + 131072;
		line->in = realloc(line->in, line->in_cap);
		if (!line->in || line->in_cap > LINE_IN_MAX)
			abort();
	}
	ssize_t n = recv(line->watch.fd, line->in + line->in_len, line->in_cap - line->in_len, 0);

	line->in_len += n > 0 ? (size_t)n : 0;
	return n;
}

static void line_ready(struct watch *watch, uint32_t events)
{
	struct line *line = container_of(watch, struct line, watch);

	if (events & EPOLLOUT)
		line_write(line);
	if (line->done || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	ssize_t n = line_read(line);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 && !line->in_len && line->reused) {
		/* An idle connection may have ended just now: then the server never saw the request. */
		loop_remove(line->place->loop, watch);
		close(watch->fd);
		line->reused = false;
		line_open(line, line_connect(line->place));
	} else if (n < 0 && !line->in_len && errno == ECONNREFUSED) {
		line_done(line, "nobody listens there");
	} else {
		line_look(line, n <= 0);
	}
}

struct line *line_start(struct line_place *place, struct arena *arena, struct slice bytes, bool fresh,
                        bool no_body)
{
	struct line *line = calloc(1, sizeof *line);
	int fd = fresh ? -1 : place->idle;

	if (!line)
		abort();
	line->place = place;
	line->arena = arena;
	line->out = bytes;
	line->no_body = no_body;
	line->fresh = fresh;
	line->reused = fd >= 0;
	if (fd >= 0) {
		place->idle = -1;
	} else {
		fd = line_connect(place);
	}
	line_open(line, fd);
	return line;
}

void line_destroy(struct line *line)
{
	if (!line)
		return;
	if (line->watch.fd >= 0) {
		loop_remove(line->place->loop, &line->watch);
		close(line->watch.fd);
	}
	free(line->in);
	free(line);
}
