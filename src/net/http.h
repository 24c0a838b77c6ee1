/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP/1.1 server: bytes in, exchanges out. It reads strictly (RFC 9112), bounds everything before it is
 * read, cuts slow senders, and lets the answer come whenever it comes; answers of pipelined requests leave in
 * the order of the requests. What a request means is nobody's business here. */
#ifndef DURE_NET_HTTP_H
#define DURE_NET_HTTP_H

#include "base/arena.h"
#include "net/loop.h"
#include "net/stream.h"

struct http_server;
struct http_conn;

struct http_header {
	struct slice name, value; /* name as sent; value without blanks around it */
};

#define HTTP_HEADERS_MAX 64

/* One request and its answer. Lives from `request` until http_answer has been called and the bytes are out.
 */
struct http_exchange {
	struct http_conn *conn;
	struct slice method, target; /* target as sent: "/~/id-in/x?rcn=4" */
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t header_count;
	struct slice body;   /* whole, de-chunked */
	struct arena *arena; /* goes with the exchange; everything above lives in it or as long as it */
	const char *peer;    /* the address of the other side, "127.0.0.1" or "::1" */
	bool wants_close;
	void *user; /* the receiver's */
};

struct http_limits {
	size_t head;        /* request line and headers, bytes (default 16 KiB) */
	size_t body;        /* default 1 MiB */
	size_t target;      /* default 8 KiB */
	int64_t head_us;    /* from the first byte of a request to the end of its head (default 10 s) */
	int64_t body_us;    /* for the whole body (default 30 s) */
	int64_t idle_us;    /* between requests (default 75 s) */
	int64_t write_us;   /* without the other side taking a byte (default 30 s) */
	size_t connections; /* default 20,000; beyond it new ones are closed at once */
	size_t pipelined; /* unanswered requests a connection may have (default 32): then it is not read on */
};
extern const struct http_limits http_limits_default;

struct http_handler {
	/* A whole request. Answer it now or later with http_answer, exactly once; until then the exchange
	 * stays. */
	void (*request)(void *user, struct http_exchange *exchange);
	/* The request was malformed or too large: status and a sentence. The handler answers (http_answer),
	 * so that also these answers have its form; the connection is closed after it. method and target may
	 * be empty. */
	void (*malformed)(void *user, struct http_exchange *exchange, int status, const char *sentence);
	/* The other side went away before the answer. After this call the exchange is still to be answered
	 * (the answer then goes nowhere). May be NULL. */
	void (*gone)(void *user, struct http_exchange *exchange);
	void *user;
};

/* A connection that left HTTP behind. */
struct http_upgraded {
	struct stream stream; /* the receiver's from now on; in no loop */
	struct slice rest;    /* bytes that came behind the request already; valid until http_upgrade's caller
	                         returns */
};

struct http_stats {
	uint64_t accepted, open, requests, malformed, timed_out, refused;
	uint64_t bytes_in, bytes_out; /* without what TLS adds */
	uint64_t handshakes_failed;   /* TLS: refused certificates, plain text, too late, given up; of
	                                 `accepted` */
};

/* Listens on "host:port", "[v6]:port" or ":port" (all addresses). Port 0 picks one. tls: speaks only TLS
 * then; NULL: plain. It must outlive the server. 0 or -errno. */
int http_server_create(struct loop *loop, const char *listen, const struct http_limits *limits,
                       struct tls_context *tls, const struct http_handler *handler, struct http_server **ret);
void http_server_destroy(struct http_server *server);
/* The port it listens on. */
int http_server_port(const struct http_server *server);
/* Stops taking connections and requests; what is under way is answered with Connection: close. True when no
 * exchange is left open. */
bool http_server_drain(struct http_server *server);
void http_server_stats(const struct http_server *server, struct http_stats *ret);

/* Answers. headers: whole lines "Name: value\r\n" one after another, without Content-Length, Date and
 * Connection, which are added. For HEAD the body is counted but not sent. body is copied or sent at once. */
void http_answer(struct http_exchange *exchange, int status, struct slice headers, struct slice body);
/* Who is at the other end by TLS; NULL on a plain connection. */
const struct tls_peer *http_peer(const struct http_exchange *exchange);
/* A pointer of the handler's that stays with the connection, NULL at first: *http_slot(exchange) = x. It is
 * only remembered, never freed or followed. */
void **http_slot(struct http_exchange *exchange);
/* Takes the connection out of HTTP: sends 101 with these header lines and hands the stream over; the exchange
 * is answered and gone then. -EBUSY when other requests of the connection are under way or what was sent
 * before is not out yet: answer it otherwise. -errno likewise. */
int http_upgrade(struct http_exchange *exchange, struct slice headers, struct http_upgraded *ret);
/* The header of that name (any case); empty ptr NULL when absent. */
struct slice http_header(const struct http_exchange *exchange, struct slice name);

#endif
