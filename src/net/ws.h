/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket connections (RFC 6455), either end of them, by wslay. Messages come whole and bounded; what is
 * sent waits in a bounded queue while the other side does not read; pings find out who has gone. */
#ifndef DURE_NET_WS_H
#define DURE_NET_WS_H

#include "base/arena.h"
#include "net/loop.h"
#include "net/stream.h"

struct ws;

struct ws_limits {
	size_t message;  /* largest message taken, all its fragments together (default 1 MiB): else close 1009
	                  */
	size_t pending;  /* bytes waiting to be sent (default 4 MiB): else ws_send answers -ENOBUFS */
	int64_t ping_us; /* a quiet connection is pinged (default 30 s; 0: never) */
	int64_t pong_us; /* and cut when it says nothing for so long after (default 20 s) */
	int64_t write_us;   /* without the other side taking a byte while some wait (default 30 s): cut */
	int64_t connect_us; /* for connecting and the handshake, clients only (default 10 s) */
};
extern const struct ws_limits ws_limits_default;

/* Connections whose messages leave together at the end of a turn of the loop: whoever has thousands of them
 * brings one. Those without wait for the next turn. */
struct ws_group {
	struct loop *loop;
	struct loop_hook flush;
	struct ws *first, *last; /* those with something to do */
	size_t count;
};
/* The group is the caller's; its connections must go before ws_group_finish. */
void ws_group_init(struct ws_group *group, struct loop *loop);
void ws_group_finish(struct ws_group *group);

struct ws_handler {
	/* Clients: the handshake is through. May be NULL. */
	void (*opened)(void *user, struct ws *ws);
	/* A whole message. bytes are valid until it returns. */
	void (*message)(void *user, struct ws *ws, bool binary, struct slice bytes);
	/* It is over: the code of RFC 6455 7.4.1 of whoever said goodbye first (1006: without a goodbye; and
	 * of clients that never got in; 1005: without a code). The ws is gone when this returns. Exactly
	 * once, unless the user called ws_destroy; never from within ws_send or ws_close. */
	void (*closed)(void *user, struct ws *ws, int code);
	void *user;
	struct ws_group *group; /* may be NULL */
};

/* The value of Sec-WebSocket-Accept for a Sec-WebSocket-Key; false: that is no key (16 bytes in base64). */
bool ws_accept_key(struct arena *arena, struct slice key, struct slice *ret);

/* Goes on with a connection whose 101 was sent. Takes the stream; rest: bytes that came already. limits may
 * be NULL. 0, or -errno and the stream closed. */
int ws_accept(struct loop *loop, struct stream stream, struct slice rest, const struct ws_limits *limits,
              const struct ws_handler *handler, struct ws **ret);
/* Connects to "ws://host:port/path" or "wss://..." with this subprotocol, which the answer must name (NULL:
 * none); further header lines ("Name: value", NULL-terminated) may be NULL.
 * tls: for wss. Numeric hosts and localhost only. 0 or -errno; then opened or closed will be called. */
int ws_connect(struct loop *loop, const char *url, const char *protocol, const char *const *headers,
               struct tls_context *tls, const struct ws_limits *limits, const struct ws_handler *handler,
               struct ws **ret);
/* Queues a message; it is copied. 0, -ENOBUFS when too much waits already, -EPIPE when it is closing or not
 * open yet. */
int ws_send(struct ws *ws, bool binary, struct slice message);
/* Says goodbye, after what waits to be sent; `closed` follows. code: 1000 to 1003, 1007 to 1014, 3000 to
 * 4999. reason: at most 123 bytes are sent; may be NULL. */
void ws_close(struct ws *ws, int code, const char *reason);
/* Ends it at once, without telling. NULL is fine. */
void ws_destroy(struct ws *ws);
/* Bytes waiting to be sent. */
size_t ws_pending(const struct ws *ws);

#endif
