/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: opened by a handshake on the HTTP port, kept, closed. */
#include "bind/bind_ws.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "bind/bind_ws_private.h"
#include "model/rsc.h"
#include "net/ws_frames.h"

static struct bind_ws *ws_bind(struct binding *binding)
{
	return container_of(binding, struct bind_ws, binding);
}

/* Takes it out of everything that leads to it; what waits for answers on it is told. */
static void session_end(struct session *session, int error)
{
	struct bind_ws *bind = session->bind;

	*(session->prev ? &session->prev->next : &bind->sessions) = session->next;
	if (session->next)
		session->next->prev = session->prev;
	bind->stats.open--;
	session_unbind(session);
	session_orphan(session);
	session_forsake(session, error);
	free(session);
}

static void session_closed(void *user, struct ws *ws, int code)
{
	struct session *session = user;

	log_debug("ws", "%s left with %d", session->ip, code);
	session_end(session, -ECONNRESET);
}

static int session_begin(struct bind_ws *bind, const struct http_upgraded *upgraded,
                         const struct shake *shake, const struct req_peer *peer)
{
	struct session *session = mem_zero(1, sizeof(*session));
	const struct ws_handler handler = {
	        .message = session_message, .closed = session_closed, .user = session, .group = &bind->group};
	int r;

	session->bind = bind;
	session->encoding = shake->encoding;
	session->peer = *peer;
	if (peer->ip)
		memcpy(session->ip, peer->ip, strnlen(peer->ip, sizeof(session->ip) - 1));
	r = ws_accept(bind->loop, upgraded->stream, upgraded->rest, &bind->limits, &handler, &session->ws);
	if (r != 0) {
		free(session);
		return r;
	}
	session->next = bind->sessions;
	if (bind->sessions)
		bind->sessions->prev = session;
	bind->sessions = session;
	bind->stats.open++;
	bind->stats.accepted++;
	if (!timer_is_set(&bind->sweep))
		timer_set(loop_wall_timers(bind->loop), &bind->sweep,
		          loop_wall(bind->loop) + SESSION_SWEEP_US);
	return 0;
}

static void upgrade_refuse(struct http_exchange *exchange, const struct shake *shake)
{
	struct slice rqi = http_header(exchange, SLICE("X-M2M-RI"));
	struct buf headers, body;
	struct val *dbg = val_obj(exchange->arena);

	buf_init(&headers, exchange->arena);
	buf_init(&body, exchange->arena);
	buf_printf(&headers, "Content-Type: application/json\r\nX-M2M-RSC: %d\r\n", shake->rsc);
	if (rqi.len > 0)
		buf_printf(&headers, "X-M2M-RI: %.*s\r\n", SLICE_ARG(rqi));
	if (shake->status == 426)
		buf_add_lit(&headers, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
	val_put(dbg, SLICE("m2m:dbg"), val_str(exchange->arena, slice_of(shake->sentence)));
	wire_body_write(&body, ENCODING_JSON, dbg);
	http_answer(exchange, shake->status, buf_slice(&headers), buf_slice(&body));
}

bool bind_ws_upgrade(void *ctx, struct http_exchange *exchange, const struct req_peer *peer)
{
	static const struct shake full = {
	        .status = 503, .rsc = RSC_TARGET_NOT_REACHABLE, .sentence = "no more connections are taken"};
	struct bind_ws *bind = ctx;
	struct http_upgraded upgraded;
	struct shake shake;
	struct slice headers;

	if (!shake_is_asked(exchange))
		return false;
	if (!shake_read(exchange, bind->config.cors_origins, peer->local, &shake)) {
		bind->stats.malformed++;
		upgrade_refuse(exchange, &shake);
		return true;
	}
	headers = arena_printf(exchange->arena,
	                       "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %.*s\r\n"
	                       "Sec-WebSocket-Protocol: %.*s\r\n",
	                       SLICE_ARG(shake.accept), SLICE_ARG(shake.protocol));
	if (bind->draining || bind->stats.open >= bind->config.connections ||
	    http_upgrade(exchange, headers, &upgraded) != 0)
		upgrade_refuse(exchange, &full);
	else
		(void)session_begin(bind, &upgraded, &shake, peer);
	return true;
}

/* Revoked identities do not wait until they speak. */
static void ws_sweep(struct timer *timer)
{
	struct bind_ws *bind = container_of(timer, struct bind_ws, sweep);

	for (struct session *session = bind->sessions; session; session = session->next)
		(void)session_is_trusted(session);
	if (bind->sessions)
		timer_set(loop_wall_timers(bind->loop), timer, loop_wall(bind->loop) + SESSION_SWEEP_US);
}

/* Says goodbye to all: at once where nothing is under way, else after the last answer. */
static bool ws_drain(struct binding *binding)
{
	struct bind_ws *bind = ws_bind(binding);
	bool idle = bind->orphans.count == 0;

	for (struct session *session = bind->sessions; session; session = session->next) {
		if (!session->leaving && session->walks.count == 0)
			ws_close(session->ws, WS_AWAY, "the node stops");
		session->leaving = true;
		idle = idle && session->walks.count == 0 && ws_pending(session->ws) == 0;
	}
	bind->draining = true;
	return idle;
}

static void ws_destroy_binding(struct binding *binding)
{
	bind_ws_destroy(ws_bind(binding));
}

int bind_ws_create(struct loop *loop, struct engine *engine, const struct bind_ws_config *config,
                   struct bind_ws **ret)
{
	struct bind_ws *bind = mem_zero(1, sizeof(*bind));

	bind->binding = (struct binding){"ws", ws_drain, ws_destroy_binding};
	bind->loop = loop;
	bind->engine = engine;
	if (config)
		bind->config = *config;
	bind->limits = bind->config.limits ? *bind->config.limits : ws_limits_default;
	if (!bind->config.in_flight)
		bind->config.in_flight = 256;
	if (!bind->config.connections)
		bind->config.connections = 20000;
	bind->sweep.run = ws_sweep;
	map_init(&bind->entities);
	ws_group_init(&bind->group, loop);
	*ret = bind;
	return 0;
}

void bind_ws_destroy(struct bind_ws *bind)
{
	if (!bind)
		return;
	while (bind->sessions) {
		struct ws *ws = bind->sessions->ws;

		session_end(bind->sessions, -ECANCELED);
		ws_destroy(ws);
	}
	for (struct walk *walk = bind->orphans.first; walk; walk = walk->next)
		walk->bind = NULL;
	timer_clear(loop_wall_timers(bind->loop), &bind->sweep);
	ws_group_finish(&bind->group);
	map_finish(&bind->entities);
	free(bind);
}

struct binding *bind_ws_binding(struct bind_ws *bind)
{
	return &bind->binding;
}

void bind_ws_stats(const struct bind_ws *bind, struct bind_ws_stats *ret)
{
	*ret = bind->stats;
}
