/* SPDX-License-Identifier: Apache-2.0 */
/* A place is where notifications go to: a host and port, or an ID. Only so many may be under way to one
 * place, so that a thousand subscriptions of one that hangs cannot use up what the others need. */
#ifndef DURE_ENGINE_PLACE_H
#define DURE_ENGINE_PLACE_H

#include "base/map.h"
#include "base/slice.h"

/* Notifications under way to one place. */
enum { PLACE_BUSY_MOST = 64 };

struct queue;

struct queue_list {
	struct queue *first, *last;
};

struct place {
	struct slice name; /* "scheme://host:port", or the ID */
	uint64_t hash;
	uint32_t refs;
	uint32_t busy;             /* under way */
	struct queue_list waiting; /* for one of them to come back */
};

/* The place of a target, counted: place_drop when it is no longer needed. */
struct place *place_hold(struct map *places, struct slice target);
void place_drop(struct map *places, struct place *place);
/* May no more be sent there while so many calls are free for all? One place has at most half of what is left,
 * so that the more of them hang the less each of them holds, and something is always left for the others. */
bool place_is_full(const struct place *place, size_t free_calls);

#endif
