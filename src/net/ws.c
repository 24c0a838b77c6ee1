/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one connection: bytes come, become messages, are handed on; what is sent gathers and leaves;
 * one timer watches over all patience. A connection ends in ws_settle and nowhere else, so that nobody
 * further up the stack still works on it. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/ws_conn.h"

const struct ws_limits ws_limits_default = {
        .message = 1 << 20,
        .pending = 4 << 20,
        .ping_us = 30000000,
        .pong_us = 20000000,
        .write_us = 30000000,
        .connect_us = 10000000,
};

static void ws_ready(struct watch *watch, uint32_t events);
static void ws_late(struct timer *timer);
static void group_flush(struct loop_hook *hook);

void ws_group_init(struct ws_group *group, struct loop *loop)
{
	*group = (struct ws_group){.loop = loop, .flush.run = group_flush};
	loop_add_flush(loop, &group->flush);
}

void ws_group_finish(struct ws_group *group)
{
	loop_remove_hook(group->loop, &group->flush);
}

struct ws *ws_make(struct loop *loop, struct stream stream, bool client, const struct ws_limits *limits,
                   const struct ws_handler *handler, uint32_t events)
{
	struct ws *ws = mem_zero(1, sizeof(*ws));

	ws->watch.fd = stream.fd;
	ws->watch.ready = ws_ready;
	ws->stream = stream;
	ws->loop = loop;
	ws->limits = limits ? *limits : ws_limits_default;
	ws->handler = *handler;
	ws->timer.run = ws_late;
	ws->heard = ws->closing = loop_wall(loop);
	ws->code = WS_ABNORMAL;
	buf_init(&ws->in, NULL);
	buf_init(&ws->out, NULL);
	if (loop_add(loop, &ws->watch, events) != 0) {
		stream_close(&ws->stream);
		free(ws);
		return NULL;
	}
	ws_frames_init(&ws->frames, client, ws->limits.message);
	ws->group = handler->group;
	ws_watch_time(ws);
	return ws;
}

static void ws_unmark(struct ws *ws)
{
	struct ws_group *group = ws->group;

	if (!ws->dirty)
		return;
	ws->dirty = false;
	if (!group)
		return;
	group->count--;
	*(ws->prev ? &ws->prev->next : &group->first) = ws->next;
	*(ws->next ? &ws->next->prev : &group->last) = ws->prev;
}

void ws_mark(struct ws *ws)
{
	struct ws_group *group = ws->group;

	if (ws->dirty)
		return;
	ws->dirty = true;
	if (!group) {
		timer_set(loop_wall_timers(ws->loop), &ws->timer, loop_wall(ws->loop));
		return;
	}
	group->count++;
	ws->next = NULL;
	ws->prev = group->last;
	*(group->last ? &group->last->next : &group->first) = ws;
	group->last = ws;
	loop_flush_soon(ws->loop);
}

static void ws_free(struct ws *ws)
{
	loop_remove(ws->loop, &ws->watch);
	ws_unmark(ws);
	timer_clear(loop_wall_timers(ws->loop), &ws->timer);
	stream_close(&ws->stream);
	ws_frames_finish(&ws->frames);
	ws_shake_destroy(ws->shake);
	buf_finish(&ws->in);
	buf_finish(&ws->out);
	free(ws);
}

size_t ws_pending(const struct ws *ws)
{
	return ws->out.len - ws->sent;
}

/* --- what may take how long --- */

/* When its patience ends next, as things are. */
static int64_t ws_deadline(const struct ws *ws)
{
	int64_t at = INT64_MAX, stalled = ws->stalled + ws->limits.write_us;

	switch (ws->state) {
	case WS_SHAKING:
		return ws->closing + ws->limits.connect_us;
	case WS_OPEN:
		if (ws->pinged)
			at = ws->pinged + ws->limits.pong_us;
		else if (ws->limits.ping_us)
			at = ws->heard + ws->limits.ping_us;
		break;
	case WS_CLOSING:
	case WS_ENDING:
		at = ws->closing + WS_GOODBYE_US;
		break;
	case WS_DEAD:
		return ws->heard;
	}
	return ws->stalled && stalled < at ? stalled : at;
}

void ws_watch_time(struct ws *ws)
{
	int64_t at = ws_deadline(ws);

	/* Deadlines mostly move away: then the timer runs for nothing now and then, and is never moved. */
	if (at != INT64_MAX && (!timer_is_set(&ws->timer) || at < ws->timer.at))
		timer_set(loop_wall_timers(ws->loop), &ws->timer, at);
}

/* --- out --- */

static void ws_flush(struct ws *ws)
{
	while (ws->sent < ws->out.len && ws->state != WS_DEAD) {
		ssize_t n = stream_write(&ws->stream, ws->out.ptr + ws->sent, ws->out.len - ws->sent);

		if (n > 0) {
			ws->sent += (size_t)n;
			ws->stalled = 0;
		} else if (n == -EAGAIN) {
			break;
		} else if (n != -EINTR) {
			ws->state = WS_DEAD;
		}
	}
	if (ws->sent < ws->out.len) {
		if (!ws->stalled)
			ws->stalled = loop_wall(ws->loop);
		if (ws->sent > ws->out.len / 2) {
			memmove(ws->out.ptr, ws->out.ptr + ws->sent, ws->out.len - ws->sent);
			ws->out.len -= ws->sent;
			ws->sent = 0;
		}
		return;
	}
	ws->stalled = 0;
	ws->out.len = ws->sent = 0;
	if (ws->out.cap > WS_KEEP)
		buf_finish(&ws->out);
}

static void ws_write(struct ws *ws, enum ws_opcode opcode, struct slice payload)
{
	ws_frames_write(&ws->frames, &ws->out, opcode, payload);
	if (!ws->busy)
		ws_mark(ws);
}

int ws_send(struct ws *ws, bool binary, struct slice message)
{
	if (ws->state != WS_OPEN)
		return -EPIPE;
	if (message.len > ws->limits.pending || ws_pending(ws) > ws->limits.pending - message.len)
		return -ENOBUFS;
	ws_write(ws, binary ? WS_OP_BINARY : WS_OP_TEXT, message);
	return 0;
}

/* Our goodbye, and what becomes of us after it. */
static void ws_leave(struct ws *ws, int code, const char *reason, enum ws_state state)
{
	if (ws->state == WS_OPEN) {
		ws_frames_write_close(&ws->frames, &ws->out, code, reason);
		ws->code = code;
		ws->closing = loop_wall(ws->loop);
	}
	ws->state = state;
	if (!ws->busy)
		ws_mark(ws);
}

void ws_close(struct ws *ws, int code, const char *reason)
{
	if (ws->state == WS_OPEN)
		ws_leave(ws, code, reason, WS_CLOSING);
	else if (ws->state == WS_SHAKING)
		ws_leave(ws, code, reason, WS_DEAD);
}

void ws_destroy(struct ws *ws)
{
	if (!ws)
		return;
	ws->state = WS_DEAD;
	ws->destroyed = true;
	if (!ws->busy)
		ws_free(ws);
}

/* --- in --- */

static void ws_got(struct ws *ws, enum ws_event event, const struct ws_got *got)
{
	switch (event) {
	case WS_MESSAGE:
		if (ws->state == WS_OPEN)
			ws->handler.message(ws->handler.user, ws, got->binary, got->bytes);
		break;
	case WS_PING:
		if (ws->state == WS_OPEN)
			ws_write(ws, WS_OP_PONG, got->bytes);
		break;
	case WS_CLOSE:
		/* Answered with the same code, unless it is the answer to ours. */
		ws_leave(ws, got->code, NULL, WS_ENDING);
		ws->ended = true;
		break;
	case WS_BAD:
		log_debug("ws", "closed with %d: %s", got->code, got->sentence);
		ws_leave(ws, got->code, got->sentence, WS_ENDING);
		break;
	case WS_PONG:
	case WS_MORE:
		break;
	}
}

static bool ws_is_reading(const struct ws *ws)
{
	return ws->state == WS_OPEN || ws->state == WS_CLOSING;
}

static bool ws_is_full(const struct ws *ws)
{
	size_t most = ws->limits.pending / 2 < WS_FULL ? ws->limits.pending / 2 : WS_FULL;

	return ws_pending(ws) > most;
}

/* Understands what was fed, as long as the answers do not pile up. */
static void ws_understand(struct ws *ws)
{
	enum ws_event event = WS_PONG;
	struct ws_got got;

	while (ws_is_reading(ws) && event != WS_MORE) {
		if (ws_is_full(ws)) {
			ws->held = true;
			return;
		}
		event = ws_frames_next(&ws->frames, &got);
		ws_got(ws, event, &got);
	}
}

static void ws_eat(struct ws *ws, struct slice bytes)
{
	if (ws->in.len > 0) {
		buf_add_slice(&ws->in, bytes);
		bytes = buf_slice(&ws->in);
	}
	ws_frames_feed(&ws->frames, bytes);
	ws_understand(ws);
	bytes = ws->frames.feed;
	ws_frames_feed(&ws->frames, SLICE(""));
	if (!ws_is_reading(ws))
		bytes.len = 0;
	if (ws->in.len > 0) {
		if (bytes.len > 0)
			memmove(ws->in.ptr, bytes.ptr, bytes.len);
		ws->in.len = bytes.len;
	} else {
		buf_add_slice(&ws->in, bytes);
	}
	if (ws->in.len == 0)
		buf_finish(&ws->in);
}

/* One read; what it brought is worked on. */
static void ws_receive(struct ws *ws)
{
	char scratch[WS_SCRATCH];
	ssize_t n = stream_read(&ws->stream, scratch, sizeof(scratch));

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		/* Without a goodbye, unless one was said. */
		ws->ended = true;
		ws->state = WS_DEAD;
		return;
	}
	ws->heard = loop_wall(ws->loop);
	ws->pinged = 0;
	ws->more = stream_has_more(&ws->stream);
	if (ws_is_reading(ws))
		ws_eat(ws, slice_make(scratch, (size_t)n));
	else if ((ws->ignored += (size_t)n) > WS_LINGER)
		ws->state = WS_DEAD;
}

void ws_open(struct ws *ws, struct slice rest)
{
	ws->state = WS_OPEN;
	buf_add_slice(&ws->in, rest);
	ws->held = rest.len > 0;
	ws->more = stream_has_more(&ws->stream);
	if (ws->held || ws->more)
		ws_mark(ws);
	ws_watch_time(ws);
}

/* --- what next? --- */

/* What epoll is to tell. */
static uint32_t ws_events(const struct ws *ws)
{
	bool reads = ws->state == WS_ENDING ? !ws->ended : !ws_is_full(ws);

	if (ws->stream.tls && !tls_is_ready(ws->stream.tls))
		return tls_wants(ws->stream.tls);
	return (reads ? (uint32_t)EPOLLIN : 0) | (ws->stalled ? (uint32_t)EPOLLOUT : 0);
}

/* Is there something to be read that epoll will not tell of? */
static bool ws_may_read_on(const struct ws *ws)
{
	return ws_is_reading(ws) ? (ws->held || ws->more) && !ws_is_full(ws)
	                         : ws->state == WS_ENDING && ws->more;
}

/* After any work: ends it, or says what it waits for. */
static void ws_settle(struct ws *ws)
{
	if (ws->state == WS_ENDING && ws_pending(ws) == 0) {
		/* Our last word is out. Closing at once could reset the connection under it while the other
		 * side still sends, so we listen a while without hearing. */
		if (ws->ended)
			ws->state = WS_DEAD;
		else if (!ws->silent && !ws->stream.tls)
			shutdown(ws->stream.fd, SHUT_WR);
		ws->silent = true;
	}
	if (ws->state != WS_DEAD && ws->state != WS_SHAKING &&
	    loop_change(ws->loop, &ws->watch, ws_events(ws)) != 0)
		ws->state = WS_DEAD;
	if (ws->state == WS_DEAD && !ws->destroyed) {
		ws->destroyed = true;
		ws->busy = true;
		ws->handler.closed(ws->handler.user, ws, ws->code);
		ws->busy = false;
	}
	if (ws->destroyed) {
		ws_free(ws);
		return;
	}
	if (ws_may_read_on(ws))
		ws_mark(ws);
	ws_watch_time(ws);
}

/* Reads on without epoll: what was held back, what TLS holds. */
static void ws_read_on(struct ws *ws)
{
	if (!ws_may_read_on(ws))
		return;
	if (ws->held) {
		ws->held = false;
		ws_eat(ws, SLICE(""));
	} else {
		ws->more = false;
		ws_receive(ws);
	}
	/* The hooks that end a turn may have run; what these messages gave them to do must not wait. */
	loop_again(ws->loop);
}

static void ws_work(struct ws *ws)
{
	ws->busy = true;
	ws_flush(ws);
	ws_read_on(ws);
	ws_flush(ws);
	ws->busy = false;
	ws_settle(ws);
}

static void group_flush(struct loop_hook *hook)
{
	struct ws_group *group = container_of(hook, struct ws_group, flush);

	/* Those that are marked meanwhile come in the next turn. */
	for (size_t n = group->count; n > 0 && group->first; n--) {
		struct ws *ws = group->first;

		ws_unmark(ws);
		ws_work(ws);
	}
	if (group->first)
		loop_flush_soon(group->loop);
}

static void ws_ready(struct watch *watch, uint32_t events)
{
	struct ws *ws = container_of(watch, struct ws, watch);

	ws->busy = true;
	if (ws->state == WS_SHAKING) {
		if (ws_shake_step(ws) < 0)
			ws->state = WS_DEAD;
	} else if ((events & EPOLLERR) || ((events & EPOLLHUP) && !(watch->events & EPOLLIN))) {
		ws->state = WS_DEAD;
	} else if (events & (EPOLLIN | EPOLLHUP)) {
		ws_receive(ws);
	}
	ws_flush(ws);
	ws->busy = false;
	ws_settle(ws);
}

static void ws_late(struct timer *timer)
{
	struct ws *ws = container_of(timer, struct ws, timer);
	int64_t now = loop_wall(ws->loop);

	if (ws->dirty && !ws->group) {
		ws_unmark(ws);
		ws_work(ws);
		return;
	}
	if (now < ws_deadline(ws)) {
		ws_watch_time(ws);
		return;
	}
	if (ws->state == WS_OPEN && !ws->pinged &&
	    !(ws->stalled && now >= ws->stalled + ws->limits.write_us)) {
		ws->pinged = now;
		ws_write(ws, WS_OP_PING, SLICE(""));
		ws_watch_time(ws);
		return;
	}
	ws->state = WS_DEAD;
	ws_settle(ws);
}

int ws_accept(struct loop *loop, struct stream stream, struct slice rest, const struct ws_limits *limits,
              const struct ws_handler *handler, struct ws **ret)
{
	struct ws *ws = ws_make(loop, stream, false, limits, handler, EPOLLIN);

	if (!ws)
		return -ENOMEM;
	ws_open(ws, rest);
	*ret = ws;
	return 0;
}
