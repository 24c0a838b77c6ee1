/* SPDX-License-Identifier: Apache-2.0 */
/* Owners, found by name. */
#include "engine/owner.h"

#include <stdlib.h>

#include "base/mem.h"

static bool owner_matches(const void *value, const void *key)
{
	return slice_is(((const struct owner *)value)->id, *(const struct slice *)key);
}

struct owner *owner_add(struct map *owners, uint64_t seed, struct slice id, bool subscription)
{
	uint64_t hash = slice_hash(id, seed);
	struct owner *owner;

	if (!id.len)
		return NULL;
	owner = map_find(owners, hash, owner_matches, &id);
	if (!owner) {
		owner = mem_zero(1, sizeof(*owner) + id.len);
		memcpy(owner + 1, id.ptr, id.len);
		owner->id = slice_make((char *)(owner + 1), id.len);
		map_add(owners, hash, owner);
	}
	owner->resources++;
	owner->subscriptions += subscription;
	return owner;
}

void owner_remove(struct map *owners, uint64_t seed, struct owner *owner, bool subscription)
{
	if (!owner)
		return;
	owner->subscriptions -= subscription;
	if (--owner->resources > 0)
		return;
	map_remove(owners, slice_hash(owner->id, seed), owner);
	free(owner);
}

const struct owner *owner_find(const struct map *owners, uint64_t seed, struct slice id)
{
	return map_find(owners, slice_hash(id, seed), owner_matches, &id);
}
