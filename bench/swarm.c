/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/swarm.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/timer.h"
#include "net/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MOST (64u << 20)

enum state { RESTING, BUSY, DONE, LOST };

struct connection {
	struct reactor_item item;
	struct swarm *swarm;
	unsigned no;
	struct stream stream;
	enum state state;
	struct buf out, in;
	size_t sent;
	uint64_t heard; /* answers */
	int64_t due;    /* when the request in flight (or the next one) should have been sent */
};

struct swarm {
	const struct swarm_handler *handler;
	struct connection *all;
	unsigned count, busy, alive;
	int64_t period; /* between two requests of one connection; 0: no rate */
};

static void lose(struct connection *connection)
{
	struct swarm *swarm = connection->swarm;

	if (connection->stream.fd < 0)
		return;
	stream_close(&connection->stream);
	if (connection->state == BUSY)
		swarm->busy--;
	if (connection->state != DONE)
		swarm->alive--;
	connection->state = LOST;
	if (swarm->handler->lost)
		swarm->handler->lost(swarm->handler->user, connection->no);
}

static void send_rest(struct connection *connection)
{
	while (connection->sent < connection->out.len) {
		ssize_t n = stream_write(&connection->stream, connection->out.ptr + connection->sent,
		                         connection->out.len - connection->sent);

		if (n == -EINTR)
			continue;
		if (n < 0 && n != -EAGAIN)
			lose(connection);
		if (n < 0)
			return;
		connection->sent += (size_t)n;
	}
}

/* Sends the next request, now or (with a rate) when its time comes. */
static void ask(struct connection *connection, int64_t now)
{
	struct swarm *swarm = connection->swarm;

	connection->state = RESTING;
	if (swarm->period && connection->due > now)
		return;
	if (!swarm->period)
		connection->due = now;
	connection->out.len = connection->sent = 0;
	if (!swarm->handler->next(swarm->handler->user, connection->no, &connection->out)) {
		connection->state = DONE;
		swarm->alive--;
		return;
	}
	connection->state = BUSY;
	swarm->busy++;
	send_rest(connection);
}

static bool is_name(struct slice line, struct slice name, struct slice *ret_value)
{
	if (line.len <= name.len || line.ptr[name.len] != ':' ||
	    strncasecmp(line.ptr, name.ptr, name.len) != 0)
		return false;
	line = slice_skip(line, name.len + 1);
	while (line.len && *line.ptr == ' ')
		line = slice_skip(line, 1);
	while (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	*ret_value = line;
	return true;
}

/* Reads the head; false when it is none of HTTP/1.1 with a Content-Length. */
static bool read_head(struct slice head, struct swarm_answer *ret, size_t *ret_length)
{
	struct slice line, value;
	uint64_t number, length = 0;

	if (!slice_cut(&head, '\n', &line) || !slice_starts(line, SLICE("HTTP/1.1 ")) || line.len < 12 ||
	    !slice_u64(slice_make(line.ptr + 9, 3), &number))
		return false;
	*ret = (struct swarm_answer){.status = (int)number};
	while (slice_cut(&head, '\n', &line)) {
		if (is_name(line, SLICE("content-length"), &value) && !slice_u64(value, &length))
			return false;
		if (is_name(line, SLICE("x-m2m-rsc"), &value) && slice_u64(value, &number))
			ret->rsc = (int)number;
		if (is_name(line, SLICE("transfer-encoding"), &value))
			return false;
	}
	*ret_length = length;
	return length <= ANSWER_MOST;
}

/* Takes one whole answer from what came in. False when there is none yet. */
static bool take_answer(struct connection *connection, int64_t now)
{
	struct swarm *swarm = connection->swarm;
	const struct swarm_handler *handler = swarm->handler;
	struct buf *in = &connection->in;
	const char *end = in->len ? memmem(in->ptr, in->len, "\r\n\r\n", 4) : NULL;
	struct swarm_answer answer;
	size_t head, length;

	if (!end)
		return false;
	head = (size_t)(end - in->ptr) + 4;
	if (connection->state != BUSY || !read_head(slice_make(in->ptr, head - 2), &answer, &length)) {
		lose(connection);
		return false;
	}
	if (in->len < head + length)
		return false;
	answer.body = slice_make(in->ptr + head, length);
	answer.us = now - connection->due;
	connection->state = RESTING;
	connection->heard++;
	swarm->busy--;
	handler->answer(handler->user, connection->no, &answer);
	in->len -= head + length;
	if (in->len)
		memmove(in->ptr, in->ptr + head + length, in->len);
	connection->due += swarm->period;
	ask(connection, now);
	return connection->stream.fd >= 0;
}

static void ready(struct reactor_item *item, uint32_t events)
{
	struct connection *connection = container_of(item, struct connection, item);
	ssize_t n;

	/* Under TLS what is to be sent may wait for something to be read: the handshake. */
	if (connection->stream.fd >= 0 && (events & EPOLLOUT || connection->stream.tls))
		send_rest(connection);
	while (connection->stream.fd >= 0) {
		char *room = buf_room(&connection->in, 16384);
		uint64_t heard = connection->heard;

		n = stream_read(&connection->stream, room, 16384);
		if (n == -EINTR)
			continue;
		if (n == -EAGAIN)
			return;
		if (n <= 0) {
			lose(connection);
			return;
		}
		connection->in.len += (size_t)n;
		while (take_answer(connection, clock_wall_steady()))
			;
		/* Less than asked for, or (TLS) a whole answer: there is no more, and epoll tells when there
		 * is again. */
		if (connection->stream.tls
		            ? connection->heard != heard && !stream_has_more(&connection->stream)
		            : n < 16384)
			return;
	}
}

int swarm_create(struct reactor *reactor, uint16_t port, unsigned connections, double rate,
                 const struct swarm_handler *handler, struct swarm **ret)
{
	struct swarm *swarm = mem_zero(1, sizeof(*swarm));
	int r = 0;

	swarm->handler = handler;
	swarm->all = mem_zero(connections, sizeof(*swarm->all));
	if (rate > 0)
		swarm->period = (int64_t)(1e6 * connections / rate) + 1;
	while (swarm->count < connections && r >= 0) {
		struct connection *connection = &swarm->all[swarm->count];

		*connection = (struct connection){
		        .item.ready = ready, .swarm = swarm, .no = swarm->count, .state = DONE};
		buf_init(&connection->in, NULL);
		buf_init(&connection->out, NULL);
		connection->stream.fd = r = reactor_connect(port);
		if (r < 0)
			break;
		swarm->count++;
		if (handler->tls)
			r = tls_session_connect(handler->tls, connection->stream.fd, "127.0.0.1",
			                        &connection->stream.tls);
		if (r < 0)
			break;
		r = reactor_watch(reactor, connection->stream.fd, &connection->item);
	}
	if (r < 0) {
		swarm_destroy(swarm);
		return r;
	}
	*ret = swarm;
	return 0;
}

void swarm_destroy(struct swarm *swarm)
{
	if (!swarm)
		return;
	for (unsigned i = 0; i < swarm->count; i++) {
		struct connection *connection = &swarm->all[i];

		stream_close(&connection->stream);
		buf_finish(&connection->in);
		buf_finish(&connection->out);
	}
	free(swarm->all);
	free(swarm);
}

void swarm_start(struct swarm *swarm)
{
	int64_t now = clock_wall_steady();

	swarm->alive = swarm->count;
	for (unsigned i = 0; i < swarm->count; i++) {
		swarm->all[i].due = now + swarm->period * i / swarm->count;
		ask(&swarm->all[i], now);
	}
}

int64_t swarm_tick(struct swarm *swarm, int64_t most)
{
	int64_t now;

	if (!swarm->period)
		return most;
	now = clock_wall_steady();
	for (unsigned i = 0; i < swarm->count; i++) {
		struct connection *connection = &swarm->all[i];

		if (connection->state == RESTING)
			ask(connection, now);
		if (connection->state == RESTING && connection->due - now < most)
			most = connection->due > now ? connection->due - now : 0;
	}
	return most;
}

unsigned swarm_busy(const struct swarm *swarm)
{
	return swarm->busy;
}

unsigned swarm_alive(const struct swarm *swarm)
{
	return swarm->alive;
}
