/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/line.h"

#include <errno.h>
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

void line_place_rest(struct line_place *place)
{
	stream_close(&place->idle);
}

static void line_done(struct line *line, const char *error)
{
	line->done = true;
	line->error = error;
	if (line->watch.fd < 0)
		return;
	loop_remove(line->place->place.loop, &line->watch);
	line->watch.fd = -1;
	if (!error && !line->fresh && !line->message.closes && line->place->idle.fd < 0 &&
	    line->in_len == line->message.size)
		line->place->idle = line->stream;
	else
		stream_close(&line->stream);
}

static int line_socket(const struct place *place)
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

static struct stream line_connect(struct line_place *place)
{
	struct stream stream = {.fd = line_socket(&place->place)};

	if (stream.fd >= 0 && place->tls &&
	    tls_session_connect(place->tls, stream.fd, place->place.host, &stream.tls))
		stream_close(&stream);
	return stream;
}

static void line_open(struct line *line, struct stream stream)
{
	line->stream = stream;
	line->watch.ready = line_ready;
	line->watch.fd = stream.fd;
	line->sent = line->in_len = 0;
	if (stream.fd < 0) {
		line_done(line, "nobody listens there");
	} else if (loop_add(line->place->place.loop, &line->watch, EPOLLIN | EPOLLOUT)) {
		stream_close(&line->stream);
		line->watch.fd = -1;
		line_done(line, "the loop took no more");
	}
}

static void line_write(struct line *line)
{
	while (line->sent < line->out.len) {
		ssize_t n =
		        stream_write(&line->stream, line->out.ptr + line->sent, line->out.len - line->sent);

		if (n == -EAGAIN || n == -ENOTCONN)
			return;
		if (n == -ECONNREFUSED) {
			line_done(line, "nobody listens there");
			return;
		}
		if (n < 0) { /* it may have answered and closed: reading tells */
			line->sent = line->out.len;
			break;
		}
		line->sent += (size_t)n;
	}
	loop_change(line->place->place.loop, &line->watch, EPOLLIN);
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

/* Reads what there is; the number of bytes, 0 at the end, -errno. */
static ssize_t line_read(struct line *line)
{
	if (line->in_cap - line->in_len < 65536) {
		line->in_cap = line->in_cap * 2 + 131072;
		line->in = realloc(line->in, line->in_cap);
		if (!line->in || line->in_cap > LINE_IN_MAX)
			abort();
	}
	ssize_t n = stream_read(&line->stream, line->in + line->in_len, line->in_cap - line->in_len);

	line->in_len += n > 0 ? (size_t)n : 0;
	return n;
}

static void line_ready(struct watch *watch, uint32_t events)
{
	struct line *line = container_of(watch, struct line, watch);

	if (line->sent < line->out.len) /* TLS may have waited for bytes to come before it can write */
		line_write(line);
	if (line->done || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	ssize_t n = line_read(line);

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0 && !line->in_len && line->reused) {
		/* An idle connection may have ended just now: then the server never saw the request. */
		loop_remove(line->place->place.loop, watch);
		stream_close(&line->stream);
		line->reused = false;
		line_open(line, line_connect(line->place));
	} else if (n == -ECONNREFUSED && !line->in_len) {
		line_done(line, "nobody listens there");
	} else {
		line_look(line, n <= 0);
		if (!line->done && stream_has_more(&line->stream))
			line_ready(watch, EPOLLIN);
	}
}

struct line *line_start(struct line_place *place, struct arena *arena, struct slice bytes, bool fresh,
                        bool no_body)
{
	struct line *line = calloc(1, sizeof *line);
	struct stream stream = {.fd = -1};

	if (!line)
		abort();
	line->place = place;
	line->arena = arena;
	line->out = bytes;
	line->no_body = no_body;
	line->fresh = fresh;
	line->reused = !fresh && place->idle.fd >= 0;
	if (line->reused) {
		stream = place->idle;
		place->idle = (struct stream){.fd = -1};
	} else {
		stream = line_connect(place);
	}
	line_open(line, stream);
	return line;
}

void line_destroy(struct line *line)
{
	if (!line)
		return;
	if (line->watch.fd >= 0) {
		loop_remove(line->place->place.loop, &line->watch);
		stream_close(&line->stream);
	}
	free(line->in);
	free(line);
}
