/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP for the client: so many slots, each carrying one exchange at a time. Private to client/.
 * transport.c is the only file of client/ that includes <curl/curl.h>. */
#ifndef DURE_CLIENT_TRANSPORT_H
#define DURE_CLIENT_TRANSPORT_H

#include "base/buf.h"

struct transport;

struct transport_reply {
	int status;           /* the HTTP status; 0: nobody answered */
	int error;            /* with status 0: -errno */
	const char *why;      /* with status 0: a sentence */
	struct slice headers; /* lines as they came, each with its CRLF; of the last answer only */
	struct slice body;
};

struct transport_call {
	const char *method;         /* "POST" */
	const char *url;            /* http or https */
	const char *const *headers; /* "Name: value", "Name;" for an empty one; NULL-terminated */
	struct slice body;          /* ptr NULL: none, also no Content-Length */
	int64_t timeout_us;
	/* Called from transport_turn, exactly once; the slot is free again before. */
	void (*done)(void *user, const struct transport_reply *reply);
	void *user;
};

/* The most a reply may hold; more ends the exchange with an error. */
#define TRANSPORT_BODY_MAX    ((size_t)256 << 20)
#define TRANSPORT_HEADERS_MAX ((size_t)256 << 10)

/* PEM files for https; each may be NULL. The texts are copied. */
struct transport_tls {
	const char *ca, *cert, *key;
};

/* 0 or -errno. */
int transport_create(unsigned slots, const struct transport_tls *tls, struct transport **ret);
/* Exchanges under way end without `done`. NULL is fine. */
void transport_destroy(struct transport *transport);
/* Starts an exchange in a free slot. What call points to must stay until done. 0, or -errno when it could not
 * be tried at all (then done is not called). */
int transport_start(struct transport *transport, unsigned slot, const struct transport_call *call);
bool transport_is_free(const struct transport *transport, unsigned slot);
/* Moves all exchanges on, waiting at most wait_us for something to happen; calls `done` of the ended ones.
 * 0 or -errno. */
int transport_turn(struct transport *transport, int64_t wait_us);

#endif
