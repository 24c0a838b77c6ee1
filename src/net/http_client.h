/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP client in our loop. Keeps connections, sends in parallel, never follows redirects, asks no proxy,
 * never blocks (not for names either). Plain http to a numeric address goes a short way of our own,
 * everything else by libcurl; who calls does not see which. */
#ifndef DURE_NET_HTTP_CLIENT_H
#define DURE_NET_HTTP_CLIENT_H

#include "base/arena.h"
#include "net/loop.h"

struct http_client;

struct http_reply {
	int status;        /* 0: no answer; then error says why */
	const char *error; /* "connection refused" ...; NULL with a status */
	int fault;         /* with status 0: -ECONNREFUSED, -ETIMEDOUT, -EHOSTUNREACH, -EPROTO ... */
	struct slice body; /* at most body_max; valid until the callback returns */
	const char *(*header)(const struct http_reply *reply, const char *name); /* NULL: absent */
	void *private; /* whose it is, header knows */
};

struct http_call {
	const char *method; /* "POST" */
	const char *url;
	const char *const *headers; /* "Name: value" lines, NULL-terminated; may be NULL */
	struct slice body;          /* copied */
	int64_t timeout_us;         /* for everything */
	void (*done)(void *user,
	             const struct http_reply *reply); /* exactly once, never from within http_client_send */
	void (*drop)(void *user); /* instead of done when the client is destroyed before; may be NULL */
	void *user;
};

struct http_client_config {
	size_t connections; /* in all (default 256) */
	size_t per_host;    /* default 64 */
	size_t body_max;    /* of a reply (default 1 MiB); more is cut off as an error */
	/* For https: PEM files, read for each new connection; the texts must outlive the client. TLS 1.2 and
	 * 1.3; a certificate that is not trusted, names another host, has expired, may not be a server's or
	 * is revoked: -EPROTO, and the log tells which. */
	const char *ca;         /* whom we trust; NULL: the system's authorities */
	const char *cert, *key; /* who we are, for those who ask; NULL: nobody */
	const char *crl;        /* what was revoked, for each authority of the chain; NULL: not looked at */
};

/* 0 or -errno. config may be NULL. */
int http_client_create(struct loop *loop, const struct http_client_config *config, struct http_client **ret);
/* Open calls end without `done`; they are told by `drop`. */
void http_client_destroy(struct http_client *client);
/* 0, or -errno when it could not even be tried (then done is not called). http and https only. */
int http_client_send(struct http_client *client, const struct http_call *call);
/* Calls under way. */
size_t http_client_busy(const struct http_client *client);

#endif
