/* SPDX-License-Identifier: Apache-2.0 */
/* Whose notifications wait. Memory for those that wait is bounded for all together; who must give some back
 * when it is used up is decided by owner, so that one with a thousand slow targets pushes nobody else's out.
 */
#ifndef DURE_ENGINE_SHARE_H
#define DURE_ENGINE_SHARE_H

#include "base/map.h"
#include "base/slice.h"

struct deliver;
struct queue;

/* What one owner of subscriptions has waiting. */
struct share {
	struct slice owner; /* SP-relative; stands behind; empty: of nobody who is known any more */
	uint64_t hash;
	struct queue *queues;
};

/* The queue's, from its beginning to its end. */
void share_join(struct map *shares, struct slice owner, struct queue *queue);
void share_leave(struct map *shares, struct queue *queue);
/* Is there memory for more that waits? When it is used up the oldest of those who have most of it goes, and
 * is counted as dropped. False: all of it is on its way at this moment. */
bool share_make_room(struct deliver *deliver);

#endif
