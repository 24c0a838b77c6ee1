/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/sink.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/timer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct guest {
	struct reactor_item item;
	struct sink *sink;
	int fd;
	struct guest *next;
	struct buf in, out;
	size_t sent;
};

struct sink {
	struct reactor_item item;
	struct reactor *reactor;
	int fd;
	struct guest *guests;
	uint64_t count;
};

static void leave(struct guest *guest)
{
	if (guest->fd >= 0)
		close(guest->fd);
	guest->fd = -1;
}

static void flush(struct guest *guest)
{
	while (guest->fd >= 0 && guest->sent < guest->out.len) {
		ssize_t n = send(guest->fd, guest->out.ptr + guest->sent, guest->out.len - guest->sent,
		                 MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno != EINTR) {
			leave(guest);
			return;
		}
		if (n > 0)
			guest->sent += (size_t)n;
	}
	guest->sent = guest->out.len = 0;
}

/* The value of a header, or the empty slice. */
static struct slice header(struct slice head, const char *name)
{
	struct slice line;
	size_t len = strlen(name);

	while (slice_cut(&head, '\n', &line)) {
		if (line.len <= len || line.ptr[len] != ':' || strncasecmp(line.ptr, name, len) != 0)
			continue;
		line = slice_skip(line, len + 1);
		while (line.len && *line.ptr == ' ')
			line = slice_skip(line, 1);
		while (line.len && line.ptr[line.len - 1] == '\r')
			line.len--;
		return line;
	}
	return SLICE("");
}

/* Answers one whole request; false when there is none yet. */
static bool take(struct guest *guest)
{
	struct buf *in = &guest->in;
	const char *end = in->len ? memmem(in->ptr, in->len, "\r\n\r\n", 4) : NULL;
	struct slice head, body, rqi;
	uint64_t length = 0;

	if (!end)
		return false;
	head = slice_make(in->ptr, (size_t)(end - in->ptr) + 4);
	if (!slice_u64(header(head, "content-length"), &length))
		length = 0;
	if (in->len - head.len < length)
		return false;
	body = slice_make(in->ptr + head.len, length);
	if (!body.len || !memmem(body.ptr, body.len, "\"vrq\":true", 10))
		guest->sink->count++;
	rqi = header(head, "x-m2m-ri");
	buf_printf(&guest->out,
	           "HTTP/1.1 200 OK\r\nX-M2M-RSC: 2000\r\nX-M2M-RI: %.*s\r\nContent-Length: 0\r\n\r\n",
	           SLICE_ARG(rqi));
	in->len -= head.len + length;
	if (in->len)
		memmove(in->ptr, in->ptr + head.len + length, in->len);
	return true;
}

static void guest_ready(struct reactor_item *item, uint32_t events)
{
	struct guest *guest = container_of(item, struct guest, item);
	ssize_t n = 1;

	if (events & EPOLLOUT)
		flush(guest);
	while (guest->fd >= 0 && n > 0) {
		char *room = buf_room(&guest->in, 16384);

		n = recv(guest->fd, room, 16384, 0);
		if (n > 0)
			guest->in.len += (size_t)n;
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			leave(guest);
		while (take(guest))
			;
		flush(guest);
	}
}

static void sink_ready(struct reactor_item *item, uint32_t events)
{
	struct sink *sink = container_of(item, struct sink, item);
	int fd;

	while ((fd = accept4(sink->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct guest *guest = mem_zero(1, sizeof(*guest));

		*guest = (struct guest){
		        .item.ready = guest_ready, .sink = sink, .fd = fd, .next = sink->guests};
		buf_init(&guest->in, NULL);
		buf_init(&guest->out, NULL);
		sink->guests = guest;
		if (reactor_watch(sink->reactor, fd, &guest->item) < 0)
			leave(guest);
	}
}

int sink_create(struct reactor *reactor, uint16_t port, struct sink **ret)
{
	struct sink *sink = mem_zero(1, sizeof(*sink));
	int r;

	*sink = (struct sink){.item.ready = sink_ready, .reactor = reactor, .fd = reactor_listen(port)};
	r = sink->fd < 0 ? sink->fd : reactor_watch(reactor, sink->fd, &sink->item);
	if (r < 0) {
		sink_destroy(sink);
		return r;
	}
	*ret = sink;
	return 0;
}

void sink_destroy(struct sink *sink)
{
	if (!sink)
		return;
	while (sink->guests) {
		struct guest *guest = sink->guests;

		sink->guests = guest->next;
		leave(guest);
		buf_finish(&guest->in);
		buf_finish(&guest->out);
		free(guest);
	}
	if (sink->fd >= 0)
		close(sink->fd);
	free(sink);
}

uint64_t sink_count(const struct sink *sink)
{
	return sink->count;
}
