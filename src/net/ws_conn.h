/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a WebSocket connection, shared by ws.c (its life) and ws_connect.c (a client's first steps).
 * Nobody else includes it.
 *
 * A connection at rest has wslay's 4 KiB and nothing more: bytes are read into a scratch buffer on the stack,
 * understood there, and only what must wait is kept. What is to be sent gathers in `out` and leaves once per
 * turn of the loop. */
#ifndef DURE_NET_WS_CONN_H
#define DURE_NET_WS_CONN_H

#include "net/ws.h"
#include "net/ws_frames.h"

#define WS_SCRATCH    65536             /* bytes read from one connection per turn */
#define WS_FULL       ((size_t)1 << 18) /* bytes to be sent: above it a connection is not read on */
#define WS_GOODBYE_US 5000000           /* how long the other side may take to say goodbye too */
#define WS_LINGER     (64 << 20)        /* and how many bytes it may still send meanwhile */
#define WS_KEEP       2048              /* an empty `out` of that size is kept */

enum ws_state {
	WS_SHAKING, /* clients: connecting, TLS, handshake */
	WS_OPEN,
	WS_CLOSING, /* our goodbye is queued, theirs is awaited */
	WS_ENDING,  /* both, or nothing they say counts any more: out with the rest, then away */
	WS_DEAD
};

struct ws_shake; /* ws_connect.c */

struct ws {
	struct watch watch;
	struct stream stream;
	struct loop *loop;
	struct ws_limits limits;
	struct ws_handler handler;
	struct ws_group *group; /* may be NULL */
	struct ws *prev, *next; /* in its list */
	struct ws_frames frames;
	struct timer timer;
	struct buf in;  /* bytes that came but wait until some of ours are taken */
	struct buf out; /* to be sent from `sent` on */
	struct ws_shake *shake;
	size_t sent;
	size_t ignored;  /* bytes, while ending */
	int64_t heard;   /* the last byte; times of loop_wall */
	int64_t pinged;  /* 0: no pong is awaited */
	int64_t stalled; /* since when the other side takes nothing; 0: it does */
	int64_t closing; /* when goodbye was said, or (shaking) connecting began */
	int code;
	enum ws_state state;
	bool dirty;  /* in the list of the group; without one: the timer is set to now */
	bool busy;   /* being worked on: its end comes where nobody up the stack still uses it */
	bool ended;  /* the other side sends no more */
	bool silent; /* we send no more */
	bool more;   /* TLS may hold bytes that epoll does not tell of */
	bool held;   /* bytes that are here were not understood yet, since too much waits to be sent */
	bool destroyed;
};

/* A connection around a stream, in the loop, not yet open. NULL: the loop does not want it; the stream is
 * closed then. */
struct ws *ws_make(struct loop *loop, struct stream stream, bool client, const struct ws_limits *limits,
                   const struct ws_handler *handler, uint32_t events);
/* Frames may come: these bytes first. */
void ws_open(struct ws *ws, struct slice rest);
/* It has something to do at the end of the turn. */
void ws_mark(struct ws *ws);
/* A deadline may have come nearer. */
void ws_watch_time(struct ws *ws);

/* ws_connect.c: the next step of a client that is not in yet. Less than 0: it failed. */
int ws_shake_step(struct ws *ws);
void ws_shake_destroy(struct ws_shake *shake);

#endif
