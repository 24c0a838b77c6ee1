/* SPDX-License-Identifier: Apache-2.0 */
/* All that waits, W bytes, may be at most T = deliver->most_bytes. Nobody is asked for anything before that:
 * one who is alone may have all of it.
 *
 * When W would exceed T, the owner who has most gives up the oldest eighth of each of his queues, and so on
 * until W is at most T - T/16. While that goes on W is more than 15/16 T, and of n owners the one who has
 * most has at least W/n. So nobody is ever asked who has no more than 15/16 T/n: what an owner can be sure of
 * depends on how many others wait, too, and not on how much they want. (What several subscriptions tell alike
 * is in memory once, and counts for each of them: sharing makes nobody poorer.)
 *
 * To look who has most costs a step for each queue, and is done once for each T/16 that was written. */
#include "engine/share.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/queue.h"

#define SHARE_SEED 0x7368617265 /* one entry an owner of subscriptions */

static bool share_is(const void *value, const void *key)
{
	return slice_is(((const struct share *)value)->owner, *(const struct slice *)key);
}

void share_join(struct map *shares, struct slice owner, struct queue *queue)
{
	uint64_t hash = slice_hash(owner, SHARE_SEED);
	struct share *share = map_find(shares, hash, share_is, &owner);

	if (!share) {
		share = mem_zero(1, sizeof(*share) + owner.len);
		if (owner.len)
			memcpy(share + 1, owner.ptr, owner.len);
		share->owner = slice_make((char *)(share + 1), owner.len);
		share->hash = hash;
		map_add(shares, hash, share);
	}
	queue->share = share;
	queue->share_next = share->queues;
	if (share->queues)
		share->queues->share_prev = queue;
	share->queues = queue;
}

void share_leave(struct map *shares, struct queue *queue)
{
	struct share *share = queue->share;

	*(queue->share_prev ? &queue->share_prev->share_next : &share->queues) = queue->share_next;
	if (queue->share_next)
		queue->share_next->share_prev = queue->share_prev;
	if (share->queues)
		return;
	map_remove(shares, share->hash, share);
	free(share);
}

static size_t share_bytes(const struct share *share)
{
	size_t bytes = 0;

	for (const struct queue *queue = share->queues; queue; queue = queue->share_next)
		bytes += queue->bytes;
	return bytes;
}

/* Who has most; NULL: nobody has anything that waits. */
static struct share *share_largest(const struct map *shares)
{
	struct share *share, *largest = NULL;
	size_t at = 0, most = 0;

	while ((share = map_next(shares, &at))) {
		size_t bytes = share_bytes(share);

		if (bytes > most) {
			most = bytes;
			largest = share;
		}
	}
	return largest;
}

static void share_give_up(struct share *share)
{
	log_warn("engine",
	         "the notifications that wait need too much memory: of %.*s, who has most, the oldest are "
	         "dropped",
	         SLICE_ARG(share->owner));
	for (struct queue *queue = share->queues; queue; queue = queue->share_next)
		queue_shrink(queue, queue->count - (queue->count + 7) / 8);
}

static size_t share_used(const struct deliver *deliver)
{
	return deliver->tale_bytes + deliver->note_count * sizeof(struct note);
}

bool share_make_room(struct deliver *deliver)
{
	struct share *largest;

	if (share_used(deliver) <= deliver->most_bytes)
		return true;
	while (share_used(deliver) > deliver->most_bytes - deliver->most_bytes / 16) {
		largest = share_largest(&deliver->shares);
		if (!largest)
			break;
		share_give_up(largest);
	}
	return share_used(deliver) <= deliver->most_bytes;
}
