/* SPDX-License-Identifier: Apache-2.0 */
/* One request on its way to one target: the points of access are tried in turn, or it waits in the target's
 * polling channel. */
#ifndef DURE_ENGINE_CALL_H
#define DURE_ENGINE_CALL_H

#include "engine/channel.h"

struct deliver;

typedef void call_done(void *user, int result, const struct prim *response);

struct call {
	struct call *prev, *next; /* those under way */
	struct deliver *deliver;  /* NULL: abandoned */
	bool away;                /* the outbound port has it, and will answer */
	struct arena arena;       /* the request, when it may be needed again */
	struct prim request;
	struct slice *urls; /* points of access */
	size_t url_count, at;
	int64_t timeout;      /* for each attempt; microseconds */
	struct timer timer;   /* tells a failure from outside */
	struct parcel parcel; /* when it goes by a polling channel */
	int result;
	call_done *done;
	void *user;
};

/* deliver_send in deliver.h tells what it does. */
void call_start(struct deliver *deliver, struct slice target, const struct prim *request, int64_t timeout_us,
                call_done *done, void *user);
/* Ends it now with this result. */
void call_end(struct call *call, int result, const struct prim *response);
/* Ends it with -ECANCELED while the outbound port may still answer: that answer goes nowhere. */
void call_abandon(struct call *call);
/* The AE or remoteCSE hosted here that this ID means, or by which it is reached; or NULL. */
struct node *call_find(struct engine *engine, struct slice target);

#endif
