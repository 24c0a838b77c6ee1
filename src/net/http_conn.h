/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the HTTP server, shared by http.c (the door), http_conn.c (one connection's life),
 * http_exchange.c (exchanges and the form of answers), http_flush.c (answers on their way out) and
 * http_upgrade.c (what lies below HTTP, and the leaving of it). Nobody else includes it.
 *
 * A connection at rest has no buffers: bytes are read into the server's one scratch buffer, understood there,
 * and only what is not yet a whole request is kept. A request lives in the arena of its exchange, its answer
 * too; the exchanges of a connection stand in a queue in the order of the requests, and their answers leave
 * from its front. Exchanges that are through wait in the server's pool for the next request. */
#ifndef DURE_NET_HTTP_CONN_H
#define DURE_NET_HTTP_CONN_H

#include "base/buf.h"
#include "net/http.h"
#include "net/http_deadline.h"
#include "net/http_parse.h"

#define HTTP_SCRATCH   65536      /* bytes read from one connection per turn */
#define HTTP_PENDING   (1 << 20)  /* bytes of answers waiting: above it a connection is not read on */
#define HTTP_LINGER_US 3000000    /* how long the other side may take to read our last word */
#define HTTP_LINGER    (64 << 20) /* and how much it may still send meanwhile */
#define HTTP_POOL      192        /* exchanges kept for reuse */
#define HTTP_PEER      48

/* One request and its answer; `pub` is what the handler sees. */
struct exchange {
	struct http_exchange pub;
	struct http_server *server;
	struct exchange *next; /* in the queue of the connection, or in the pool */
	struct exchange *prev_orphan, *next_orphan;
	struct arena arena;
	struct buf gathered;           /* a body that comes in pieces; on the heap */
	struct slice out;              /* the answer's bytes that were not sent yet */
	bool answered, is_head, close; /* close: the connection ends after it */
	bool keep_alive_1_0;           /* must be told that the connection stays */
	void *orphaned_slot;           /* in the place of its connection's */
	char peer[HTTP_PEER];
};

enum http_reading {
	READING_HEAD,
	READING_BODY, /* of known length */
	READING_CHUNKS,
	READING_NO_MORE, /* answers are still to leave, then the connection ends */
	READING_LINGER   /* our last word is out; what comes is thrown away */
};

struct http_conn {
	struct watch watch;
	struct stream stream;
	struct http_server *server;
	void *slot;                    /* the handler's */
	struct http_conn *prev, *next; /* all connections */
	struct http_conn *prev_dirty, *next_dirty;
	struct http_deadline read, write;
	struct exchange *first, *last; /* the queue */
	struct exchange *coming;       /* whose body is being read; not in the queue yet */
	struct buf in;                 /* bytes read but not understood */
	const struct slice *unread;    /* while understanding: what of them is left */
	size_t count;                  /* of the queue */
	size_t pending;                /* bytes of answers in the queue */
	uint64_t left;                 /* of the body; while lingering: bytes we still throw away */
	struct http_scan scan;
	struct http_chunked chunked;
	enum http_reading reading;
	uint32_t reads_on, writes_on; /* the events that reading and writing wait for: under TLS not always
	                                 the plain ones */
	bool shaking;                 /* hands: TLS is not through yet */
	bool dirty;                   /* in the server's list of connections with something to do */
	bool busy;                    /* being worked on: answers wait for its end */
	bool ended;                   /* the other side sends no more */
	bool dead;                    /* to be destroyed as soon as nobody works on it */
	bool blank;                   /* an empty line before the request was forgiven */
	bool blocked;                 /* the socket takes no more */
	bool stalled;                 /* there may be whole requests in `in`, but too much is unanswered */
	bool fresh;                   /* a request is through: its deadline starts anew */
	char peer[HTTP_PEER];
};

struct http_server {
	struct loop *loop;
	struct watch listen;
	struct tls_context *tls; /* NULL: plain */
	struct http_limits limits;
	struct http_handler handler;
	struct http_stats stats;
	struct http_deadlines deadlines;
	struct http_conn *conns;
	struct http_conn *dirty, *last_dirty; /* to be flushed and read on at the end of the turn */
	struct exchange *pool, *orphans; /* orphans: their connection is gone, their answer is not there */
	size_t pooled, orphaned;
	struct loop_hook flush;
	struct timer accept_again; /* after we ran out of descriptors */
	int reserve, port;         /* reserve: a descriptor to give up when there are no more */
	bool draining;
	int64_t date_second;
	char date[32]; /* "Thu, 22 Nov 2026 09:35:53 GMT" */
	char scratch[HTTP_SCRATCH];
};

/* http_exchange.c */
struct exchange *exchange_take(struct http_server *server);
void exchange_give(struct exchange *exchange);
/* The connection is gone before the answer. */
void exchange_orphan(struct exchange *exchange);
/* Ready-made bytes in the place of an answer: 100 Continue. */
void exchange_ready(struct exchange *exchange, struct slice bytes);
/* An answer as it stands on the wire, in the arena of the exchange. */
struct slice exchange_render(struct exchange *exchange, int status, struct slice headers, struct slice body);

/* http_flush.c: sends what may leave, in order. Sets dead when the other side is gone. */
void http_flush(struct http_conn *conn);

/* http_conn.c. Takes the descriptor; NULL (and the descriptor closed) when the loop does not want it. */
struct http_conn *http_conn_create(struct http_server *server, int fd, const char *peer);
void http_conn_destroy(struct http_conn *conn);
/* It has something to do at the end of the turn; and not any more. */
void http_conn_mark(struct http_conn *conn);
void http_conn_unmark(struct http_conn *conn);
/* No request after those that are here already. */
void http_conn_read_no_more(struct http_conn *conn);
/* Does it: flushes, reads on what waits in `in`. May destroy it. */
void http_conn_work(struct http_conn *conn);
/* A deadline of it has passed. May destroy it. */
void http_conn_late(struct http_conn *conn, enum http_deadline_class class);
/* Nothing is under way on it. */
bool http_conn_is_idle(const struct http_conn *conn);

#endif
