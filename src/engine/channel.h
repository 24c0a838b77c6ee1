/* SPDX-License-Identifier: Apache-2.0 */
/* The polling channel: requests wait here for an entity that cannot be called. It fetches them by a long poll
 * and answers each by a notification. TS-0001 9.6.21, TS-0001 9.6.22 */
#ifndef DURE_ENGINE_CHANNEL_H
#define DURE_ENGINE_CHANNEL_H

#include "engine/req.h"
#include "engine/steps.h"
#include "engine/tree.h"

struct channel;

/* A request in the channel. Embedded in what its sender keeps. */
struct parcel {
	struct parcel *prev, *next;
	struct channel *channel; /* NULL: not (or no more) in one */
	struct engine *engine;
	struct arena *arena; /* the sender's: request and response live there */
	struct prim request, response;
	bool handed; /* somebody fetched it; its answer is awaited */
	int result;
	struct timer timer; /* expiry; then: the way out */
	/* Once, never from within channel_push: 0 with the response, -ETIMEDOUT, -ECONNRESET (the channel
	 * went). */
	void (*done)(struct parcel *parcel);
};

/* One per <pollingChannel>, in node->extra. */
struct channel *channel_create(struct engine *engine);
/* Those who wait get 4004 when they poll again; the parcels end. */
void channel_destroy(struct channel *channel);
/* The channel of an AE or remoteCSE, or NULL. */
struct channel *channel_of(const struct node *owner);

/* Puts a request in; false when the channel is full. The parcel's engine, arena, request, done are set. */
bool channel_push(struct channel *channel, struct parcel *parcel, int64_t expires);
/* Takes it out again without telling. Fine when it is in none. */
void channel_withdraw(struct parcel *parcel);

/* RETRIEVE of pcu: hands out, or waits. aggregate: all at once, as a list. When the request is resumed
 * (req->wait is set), channel_poll_again; the node may have gone by then. */
enum step_result channel_poll(struct channel *channel, struct req *req, bool aggregate);
enum step_result channel_poll_again(struct req *req);
/* NOTIFY of pcu: the answer to one of them. */
enum step_result channel_answer(struct channel *channel, struct req *req);

#endif
