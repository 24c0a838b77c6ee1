/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the WebSocket binding, shared by bind_ws.c (connections), bind_ws_shake.c (who may open one),
 * bind_ws_request.c (messages that come) and bind_ws_route.c (who is where, and requests of ours). Nobody
 * else includes it. */
#ifndef DURE_BIND_BIND_WS_PRIVATE_H
#define DURE_BIND_BIND_WS_PRIVATE_H

#include "auth/auth.h"
#include "base/map.h"
#include "bind/bind_ws.h"
#include "wire/wire_body.h"

#define SESSION_NAMES 64 /* originators that one connection is remembered for */
#define SESSION_BYTES                                                                                        \
	(1UL << 20) /* of unanswered requests of one connection: above it, refused like too many */
#define SESSION_SWEEP_US 1000000 /* how often revoked identities are looked for */

/* A request of theirs, at the engine. In its arena. The connection may go before the answer, and so may the
 * binding. */
struct walk {
	struct bind_ws *bind;
	struct session *session;  /* NULL: gone, nobody is answered */
	struct walk *prev, *next; /* of the session, or of the binding's orphans */
	size_t size;              /* bytes of the message */
	int64_t began;            /* for the access log; 0: not wanted */
};

struct walks {
	struct walk *first;
	size_t count, bytes;
};

/* A request of ours that waits for its answer. */
struct ask {
	struct session *session;
	struct ask *prev, *next;
	struct timer timer;
	void (*done)(void *user, int result, const struct prim *response);
	void *user;
	struct slice rqi; /* behind the struct */
};

/* An AE or CSE that has spoken on some connections: the newest is where it can be reached. */
struct entity {
	uint64_t hash;
	struct name *newest;
	struct slice id; /* "/id-in/Cmeter", behind the struct */
};

/* That it has spoken on this one. */
struct name {
	struct entity *entity;
	struct session *session;
	struct name *newer, *older; /* of the entity */
	struct name *next;          /* of the session; the last who spoke is the first */
	struct slice fr;            /* as it was sent, behind the struct */
};

struct session {
	struct bind_ws *bind;
	struct ws *ws;
	enum encoding encoding;
	struct session *prev, *next;
	struct walks walks;
	struct ask *asks;
	struct name *names;
	size_t name_count;
	struct req_peer peer; /* as the handshake proved it */
	bool leaving;         /* closes when its last request is answered */
	char ip[48];
};

struct bind_ws {
	struct binding binding;
	struct loop *loop;
	struct engine *engine;
	struct bind_ws_config config;
	struct ws_limits limits;
	struct bind_ws_stats stats;
	struct ws_group group;
	struct session *sessions;
	struct walks orphans; /* requests whose connection is gone */
	struct map entities;
	struct timer sweep;
	bool draining;
};

/* bind_ws_shake.c: what an opening handshake agrees on. */
struct shake {
	struct slice protocol, accept;
	enum encoding encoding;
	int status; /* of the answer when it is refused */
	int rsc;
	const char *sentence;
};
/* Is this one at all? */
bool shake_is_asked(const struct http_exchange *exchange);
/* False: refused, with a status, a code and a sentence. */
bool shake_read(const struct http_exchange *exchange, const char *const *origins, bool local,
                struct shake *ret);

/* bind_ws_request.c */
void session_message(void *user, struct ws *ws, bool binary, struct slice bytes);
/* The session ends: its requests are done, but answered to nobody. */
void session_orphan(struct session *session);
/* Is the one who opened it still who he was? Else it is closed. */
bool session_is_trusted(struct session *session);
/* Writes a primitive to it. 0 or -errno. */
int session_send(struct session *session, struct arena *arena, const struct prim *prim,
                 enum prim_direction direction);

/* bind_ws_route.c */
/* fr has spoken on this connection, and was heard. */
void session_bind(struct session *session, struct slice fr, struct arena *arena);
void session_unbind(struct session *session);
/* The answer to a request of ours came; without rsc: one that makes no sense. */
void session_answer(struct session *session, const struct prim *response);
/* No answers will come: all are told so. The session must not be found by bind_ws_route any more. */
void session_forsake(struct session *session, int error);

#endif
