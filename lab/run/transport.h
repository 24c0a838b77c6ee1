/* SPDX-License-Identifier: Apache-2.0 */
/* The seam between a case and a binding: a case speaks primitives, a transport carries them. HTTP with JSON
 * is the one that is built; another binding or encoding is one more row and one more file. */
#ifndef DURE_LAB_TRANSPORT_H
#define DURE_LAB_TRANSPORT_H

#include "base/fail.h"
#include "codec/val.h"
#include "lab/run/line.h"

#define TRANSPORT_PARAMS 64

struct call {
	int op;     /* 1 C, 2 R, 3 U, 4 D, 5 N */
	int64_t ty; /* CREATE; -1: left out */
	struct slice to;
	struct slice fr;  /* ptr NULL: not sent at all */
	struct slice rqi; /* ptr NULL: not sent */
	struct slice rvi; /* ptr NULL: not sent */
	struct {
		struct slice name, value; /* by short name: rcn, lbl, rqet ... */
	} params[TRANSPORT_PARAMS];
	size_t param_count;
	struct slice headers[TRANSPORT_PARAMS]; /* "Name: value"; "Name:" takes away what would be sent */
	size_t header_count;
	struct slice body; /* as it will be sent; ptr NULL: none */
};

/* What came back. */
struct reply {
	const char *error; /* NULL, or why there is no answer at all */
	bool closed;       /* the connection was closed instead of an answer */
	int rsc;           /* 0: it said none */
	int http;          /* 0 for a binding without */
	const char *rqi, *rvi;
	struct val *pc;         /* NULL: none, or not to be read */
	struct slice body;      /* as it came */
	const char *body_fault; /* why body could not be read; NULL when all is well */
	const struct message *message;
};

struct pending; /* a request under way */

struct transport {
	const char *name; /* "http" */
	/* Starts the request. Never NULL. bytes: when its ptr is not NULL, these are sent instead of call. */
	struct pending *(*start)(const struct transport *transport, struct arena *arena,
	                         const struct call *call, struct slice bytes);
	/* True when the answer (or the certainty that none comes) is there; then *ret is written. */
	bool (*done)(struct pending *pending, struct arena *arena, struct reply *ret);
	void (*destroy)(struct pending *pending);
	/* The parameter of a response, by short name (cnst, cnot, ot ...); NULL: absent. */
	const char *(*param)(const struct reply *reply, struct slice name);
	/* The request as text, for reports. */
	struct slice (*show)(struct arena *arena, const struct call *call);
	struct line_place *place;
};

extern const struct transport transport_http; /* copy it and set place */

#endif
