/* SPDX-License-Identifier: Apache-2.0 */
/* The WebSocket binding: primitives both ways over one connection, which the other side opens on the HTTP
 * port. Whoever has spoken on a connection (fr of a request that was admitted) can be reached by it, in place
 * of a point of access. TS-0020 */
#ifndef DURE_BIND_BIND_WS_H
#define DURE_BIND_BIND_WS_H

#include "bind/bind.h"
#include "engine/engine.h"
#include "net/http.h"
#include "net/ws.h"

struct bind_ws;

struct bind_ws_config {
	const struct ws_limits *limits; /* NULL: the default */
	size_t in_flight;   /* unanswered requests of one connection (default 256): above it, refused 4139 */
	size_t connections; /* default 20,000; beyond it 503 */
	/* Pages of these origins may connect, as bind_http_config.cors_origins; besides, those that this node
	 * itself serves on loopback or over TLS (bind_origin.h). It must outlive the binding. */
	const char *const *cors_origins;
};

struct bind_ws_stats {
	uint64_t open, accepted, received, sent, malformed, dropped;
};

/* 0 or -errno. config may be NULL. loop and engine must outlive it. */
int bind_ws_create(struct loop *loop, struct engine *engine, const struct bind_ws_config *config,
                   struct bind_ws **ret);
void bind_ws_destroy(struct bind_ws *bind);
struct binding *bind_ws_binding(struct bind_ws *bind);
void bind_ws_stats(const struct bind_ws *bind, struct bind_ws_stats *ret);

/* For bind_http_config.upgrade; ctx is the struct bind_ws. Chooses the first of the subprotocols offered that
 * we speak (oneM2M.json, oneM2M.cbor, oneM2M.xml, also with the older "R2.0." within, in any case of
 * letters); none: 400. A page of a stranger's origin: 403. False: this is no WebSocket handshake, the
 * exchange is untouched. */
bool bind_ws_upgrade(void *ctx, struct http_exchange *exchange, const struct req_peer *peer);

/* A page can give its WebSocket no header, but it can offer subprotocols: "dure.bearer.TOKEN" is the proof
 * "Authorization: Bearer TOKEN" then. It is never agreed to and never logged. ptr NULL: none is offered. */
struct slice bind_ws_bearer(const struct http_exchange *exchange);

/* What bind_ws_route names, for outbox_add. */
#define BIND_WS_SCHEME "ws-session://"
/* Sends a request primitive over the connection named by bind_ws_route: "ws-session://id-in:Cmeter". ctx is
 * the struct bind_ws. -EHOSTUNREACH: it has none; done's result is -ECONNRESET when it closes meanwhile. */
bind_send bind_ws_send;
/* For outbound.route. The newest connection on which a request of the entity was answered with success. */
struct slice bind_ws_route(void *ctx, struct slice entity, bool addressed, struct arena *arena);

#endif
