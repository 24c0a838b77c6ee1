/* SPDX-License-Identifier: Apache-2.0 */
/* The small public library for everyone who is not the server: it speaks oneM2M over HTTP to any CSE.
 *
 * A client belongs to one thread. Two ways to use it: m2m_call waits for the answer; m2m_send/m2m_run keep
 * many requests in flight (pipelined over several connections) and call back. Built on libcurl. */
#ifndef DURE_CLIENT_H
#define DURE_CLIENT_H

#include "base/fail.h"
#include "codec/val.h"

struct m2m_client;

struct m2m_config {
	const char *url;        /* "http://127.0.0.1:8080"; the default when NULL */
	const char *originator; /* "CAdmin"; the default when NULL */
	const char *release;    /* rvi, default "3" */
	int64_t timeout_us;     /* default 30 s */
	unsigned connections;   /* in flight at once, default 1 */
	/* Who we are, if the CSE wants a proof; each may be NULL: a bearer token, or user and password, and a
	 * certificate with its key (PEM files). */
	const char *token;
	const char *user, *password;
	const char *cert, *key;
	const char *ca; /* PEM file of those whom we trust to name the CSE; NULL: those of the system */
	/* Every request and answer, for --verbose, without the proof; may be NULL. */
	void (*trace)(void *user, const char *line);
	void *trace_user;
};

struct m2m_request {
	int op;                     /* 1 C, 2 R, 3 U, 4 D, 5 N */
	const char *to;             /* any addressing form; CSE-relative without leading slash */
	int ty;                     /* CREATE */
	const struct val *pc;       /* {"m2m:cnt":{...}}; may be NULL */
	const char *query;          /* "rcn=4&lbl=a", percent-encoded; may be NULL */
	const char *originator;     /* instead of the client's; "" sends an empty one; NULL: the client's */
	const char *const *headers; /* further lines, NULL-terminated; may be NULL. A line takes the place of
	                               ours of the same name; "Name:" with nothing behind leaves ours out */
	unsigned lane; /* m2m_send: requests of one lane (1, 2, ...) leave one after the other, in order;
	                  0: on any free connection */
};

struct m2m_answer {
	int rsc;             /* X-M2M-RSC; 0 when nobody answered */
	int http;            /* the HTTP status; 0 when nobody answered */
	const char *error;   /* NULL, or why nobody answered */
	struct val *pc;      /* NULL: there was none, or it could not be read */
	const char *garbage; /* NULL, or why the body is no JSON */
	struct slice body;   /* as it came */
	struct slice rqi, content_location;
	const char *(*header)(const struct m2m_answer *answer, const char *name);
	void *private;
};

/* 0 or -errno. config may be NULL. */
int m2m_create(const struct m2m_config *config, struct m2m_client **ret);
void m2m_destroy(struct m2m_client *client);

/* Sends and waits. Everything in *ret lives in arena. 0 when anybody answered (also with a refusal), else
 * -errno with ret->error set. */
int m2m_call(struct m2m_client *client, struct arena *arena, const struct m2m_request *request,
             struct m2m_answer *ret);

/* GETs a plain page of the same server, such as "/metrics"; the text is in ret->body. As m2m_call. */
int m2m_fetch(struct m2m_client *client, struct arena *arena, const char *path, struct m2m_answer *ret);

/* Sends without waiting; blocks only while all connections (with a lane: its queue) are busy. done is called
 * from m2m_run or a later m2m_send (from this one only when the request cannot even be started), and may send
 * again. The request is copied. */
int m2m_send(struct m2m_client *client, const struct m2m_request *request,
             void (*done)(void *user, const struct m2m_answer *answer), void *user);
/* Goes on until nothing is in flight (wait true) or nothing is ready. 0 or -errno. */
int m2m_run(struct m2m_client *client, bool wait);
/* Requests sent and not yet answered. */
size_t m2m_busy(const struct m2m_client *client);
/* The address all requests go to, without a slash at the end. */
const char *m2m_url(const struct m2m_client *client);

/* Percent-encodes one value for a query ('+', which separates list members, too). */
struct slice m2m_escape(struct arena *arena, struct slice text);

/* The sentence of m2m:dbg, or the name of the code; for people. */
struct slice m2m_reason(const struct m2m_answer *answer, struct arena *arena);

#endif
