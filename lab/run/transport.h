/* SPDX-License-Identifier: Apache-2.0 */
/* The seam between a case and a binding: a case speaks primitives, a transport carries them, in one of three
 * encodings. A binding is a row of transport_rows and a file of its own; it is written from the standard and
 * not with the eyes of the server under test, which would share its mistakes. */
#ifndef DURE_LAB_TRANSPORT_H
#define DURE_LAB_TRANSPORT_H

#include "base/fail.h"
#include "codec/encoding.h"
#include "codec/val.h"
#include "lab/run/message.h"
#include "lab/run/names.h"
#include "net/loop.h"

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
	const struct val *pc; /* the content with its root; NULL: none */
	struct slice text;    /* the content as these very bytes, in place of pc; ptr NULL: pc */
};

/* What came back. */
struct reply {
	const char *error;      /* NULL, or why there is no answer at all */
	bool closed;            /* the connection was closed instead of an answer */
	int rsc;                /* 0: it said none */
	int http;               /* 0 for a binding without */
	const char *status;     /* the binding's own word for it ("CoAP 2.05"); NULL: none, or HTTP's */
	const char *form_fault; /* what is wrong with its form as this binding wants it; NULL: nothing */
	const char *rqi, *rvi;
	const struct val *params;      /* an object: cnst, ot ... as texts or numbers; NULL: none */
	struct val *pc;                /* NULL: none, or not to be read */
	struct slice body;             /* the content as it came */
	const char *body_fault;        /* why body could not be read; NULL when all is well */
	const struct message *message; /* its headers, or what stands for them; NULL: none */
};

struct boxes;
struct transport;

/* The way to one server by one binding in one encoding. A transport has it as the first member of its own. */
struct place {
	const struct transport *transport;
	struct loop *loop;
	const struct names_server *server;
	enum encoding encoding;
	struct boxes *boxes; /* who hears requests that come to us the same way */
	char host[256];
	char port[8];
	char prefix[256]; /* of the path: "/base", or "" */
	bool secure;
};

struct place_config {
	struct loop *loop;
	const struct names_server *server;
	enum encoding encoding;
	struct boxes *boxes;
	const char *url;
	const char *ca; /* PEM file of who is trusted, for the secure ones; NULL: the system's */
};

struct pending; /* a request under way */

struct transport {
	const char *name;   /* as --binding has it: "http" */
	const char *secure; /* its name over TLS: "https"; NULL: none */
	const char *port;   /* where servers are by default */
	bool brokered;      /* between us and the server stands somebody who takes anything */
	bool whole;         /* the content stands within the primitive: a broken one breaks all of it */
	bool sessions;      /* who speaks this way can be reached this way, without a point of access */
	/* 0, a refusal with a sentence, or -errno. place_init does what all have in common. */
	int (*open)(const struct place_config *config, struct why *why, struct place **ret);
	void (*close)(struct place *place);
	/* A new case begins: what the last one left open is let go. May be NULL. */
	void (*reset)(struct place *place);
	/* NULL, or why this binding cannot carry that: a name too long for an option. May be NULL. */
	const char *(*unsayable)(struct place *place, struct arena *arena, const struct call *call);
	/* Starts the request. Never NULL. bytes: when its ptr is not NULL, these are sent instead of call. */
	struct pending *(*start)(struct place *place, struct arena *arena, const struct call *call,
	                         struct slice bytes);
	/* True when the answer (or the certainty that none comes) is there; then *ret is written. */
	bool (*done)(struct pending *pending, struct arena *arena, struct reply *ret);
	/* Lets go of it, answered or not. */
	void (*destroy)(struct pending *pending);
	/* The request as text, for reports. */
	struct slice (*show)(struct place *place, struct arena *arena, const struct call *call);
};

extern const struct transport transport_http, transport_coap, transport_mqtt, transport_ws;
/* All of them, in the order of reports. NULL-terminated. */
extern const struct transport *const transport_rows[];

/* "http" and "https" -> the row. False: there is no such binding. */
bool transport_find(struct slice name, const struct transport **ret, bool *ret_secure);

/* Fills in what all places have; reads config->url. 0 or a refusal. */
MUST_CHECK int place_init(struct place *place, const struct transport *transport,
                          const struct place_config *config, struct why *why);

/* The value of a parameter of the answer, as text; NULL: absent. */
const char *reply_param(struct arena *arena, const struct reply *reply, struct slice name);
/* Is there a header word of that name ("Accept: ...")? Then its value, without blanks before it; empty for
 * "Accept:". */
bool call_header(const struct call *call, const char *name, struct slice *ret_value);

#endif
