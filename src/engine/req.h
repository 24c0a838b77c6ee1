/* SPDX-License-Identifier: Apache-2.0 */
/* One request, from its first byte to its last: a binding makes it, fills `in`, submits it, and is called
 * back once with `out`. Everything it needs is taken from its arena and goes with it. */
#ifndef DURE_ENGINE_REQ_H
#define DURE_ENGINE_REQ_H

#include "base/timer.h"
#include "engine/work.h"
#include "model/id.h"
#include "model/prim.h"
#include "model/type.h"

struct consult;
struct engine;
struct grants;
struct identity;
struct node;

/* Who stands at the other end, as far as the binding knows. */
struct req_peer {
	const char *ip; /* "127.0.0.1"; NULL: unknown */
	/* What the transport has proven, for the admission port; the engine does not look into it. NULL:
	 * nothing. It outlives the request. */
	const struct identity *identity;
	bool local; /* a plain connection on loopback: whoever speaks is believed, if the house does so */
	/* Somebody stands between us, a broker or a proxy, who does not say for whom he speaks: whatever its
	 * address, it may come from anywhere. */
	bool relayed;
	bool inner;         /* made by ourselves for another request, which was admitted */
	bool authenticated; /* counts as authenticated for access policies (acaf): set by the admission port
	                     */
};

struct req {
	struct arena arena;
	struct engine *engine;
	struct prim in;  /* the request; the binding fills it */
	struct prim out; /* the response: rsc, rqi, pc ... */
	struct req_peer peer;
	/* Called exactly once, when the answer may leave: at once for reads, after the commit for writes. The
	 * callee ends the request with req_destroy, then or later. */
	void (*answered)(struct req *req);
	void *user;
	bool silent; /* responseType noResponse: `answered` is called, nothing should be sent */

	/* What the steps found; private to the engine. */
	struct why why;
	int step;         /* index into the table of steps */
	int64_t now;      /* the time of arrival: one request, one time */
	int64_t deadline; /* rqet or the house's default */
	enum operation op;
	struct slice fr;   /* as sent */
	struct slice from; /* SP-relative */
	bool is_admin;
	struct grants *grants;   /* what it may do besides; NULL: nothing */
	struct consult *consult; /* the question to an authorization server, when there was one */
	struct id_to to;
	struct node *target; /* the structural node addressed, or the parent of what is addressed */
	const struct virtual_child *virtual_child; /* la, ol, fopt, pcu ...; else NULL */
	struct slice virtual_rest;                 /* the path behind fopt */
	uint64_t seq;                              /* an instance of target is addressed; 0: none */
	const struct type *type;                   /* CREATE: of the new resource */
	struct slice root;                         /* CREATE, UPDATE: "m2m:cnt" */
	struct val *rep;                           /* CREATE, UPDATE: the representation inside pc */
	int rcn;
	struct val *atrl;                 /* partial retrieve: names, or NULL */
	struct filter *filter;            /* NULL: none */
	struct node *made;                /* CREATE: the new node (structural) */
	uint64_t made_no;                 /* CREATE: the number taken for it beforehand; 0: none */
	struct slice made_ri, made_rn;    /* CREATE: set by the type when it knows better; empty: made up */
	struct slice made_owner;          /* CREATE: empty: the originator */
	int64_t made_et;                  /* CREATE: its expiration time */
	struct val *before;               /* UPDATE: the representation as it was, for rcn 9; else NULL */
	struct store_inst *inst;          /* the instance made or found */
	struct val *changed;              /* UPDATE: the attributes that changed, null for those that went */
	bool wrote;                       /* the answer waits for the commit */
	bool finished;                    /* answered was called */
	int refs;                         /* sub-requests and calls that still hold it */
	struct req *parent;               /* of a sub-request (fan-out, non-blocking) */
	void *wait;                       /* what the step that waits keeps */
	void *asked;                      /* UPDATE: whom notify_ask_first asks */
	struct timer timer;               /* the step's: execution time, long poll ... */
	struct req *next;                 /* in the engine's list of answers to be committed */
	uint64_t target_no;               /* while waiting: target's number; it may be deleted meanwhile */
	struct req *wait_next, **wait_at; /* while waiting: in the engine's list */
	struct work_job work;             /* while it waits for its next slice of work */
	bool ended;                       /* req_destroy was called, somebody still holds it */
};

/* A fresh request on its own arena. Never NULL. */
struct req *req_create(struct engine *engine);
/* Frees it. Only after `answered`, or when it was never submitted. NULL is fine. */
void req_destroy(struct req *req);

/* A request made for another, which was admitted: it comes from the same peer. */
void req_inherit(struct req *sub, const struct req *req);

/* Keeps the memory of a request that may be answered and destroyed meanwhile; each hold needs one release. */
void req_hold(struct req *req);
void req_release(struct req *req);
/* The resourceID that the resource being created will have (its type must be known: validate and later). */
struct slice req_reserve_ri(struct req *req);
/* Sets the answer to a refusal and returns STEP_DONE; the sentence goes to m2m:dbg. */
int req_refuse(struct req *req, int rsc, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* From a function's result: a refusal (>0, its sentence stands in req->why) or a fault (<0: 5000). */
int req_fail(struct req *req, int result);
/* Sets the good answer: rsc and, when not NULL, pc (an object of one member, "m2m:cnt": ...). */
void req_good(struct req *req, int rsc, struct val *pc);

#endif
