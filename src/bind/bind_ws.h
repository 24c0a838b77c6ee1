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
	size_t in_flight; /* unanswered requests of one connection (default 256): above it, refused 4139 */
};

struct bind_ws_stats {
	uint64_t open, accepted, received, sent, malformed, dropped;
};

/* 0 or -errno. config may be NULL. */
int bind_ws_create(struct loop *loop, struct engine *engine, const struct bind_ws_config *config,
                   struct bind_ws **ret);
void bind_ws_destroy(struct bind_ws *bind);
struct binding *bind_ws_binding(struct bind_ws *bind);
void bind_ws_stats(const struct bind_ws *bind, struct bind_ws_stats *ret);

/* For bind_http_config.upgrade; ctx is the struct bind_ws. Chooses the first of the subprotocols offered that
 * we speak (oneM2M.json, oneM2M.cbor, oneM2M.xml, also with the older "R2.0." within); none: 400. */
bool bind_ws_upgrade(void *ctx, struct http_exchange *exchange, const struct req_peer *peer);

/* Sends a request primitive over the connection named by bind_ws_route: "ws-session://id-in:Cmeter". ctx is
 * the struct bind_ws. */
bind_send bind_ws_send;
/* For outbound.route. */
struct slice bind_ws_route(void *ctx, struct slice entity, struct arena *arena);

#endif
