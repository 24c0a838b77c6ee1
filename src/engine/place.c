/* SPDX-License-Identifier: Apache-2.0 */
/* Places, found by name and counted by those who want to go there. */
#include "engine/place.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/url.h"

#define PLACE_SEED 0x706c616365 /* the table grows with us, not with strangers: one entry a queue */

static bool place_matches(const void *value, const void *key)
{
	const struct place *place = value;
	const struct slice *name = key;

	return slice_is(place->name, *name);
}

struct place *place_hold(struct map *places, struct slice target)
{
	struct slice name = url_root(target);
	uint64_t hash = slice_hash(name, PLACE_SEED);
	struct place *place = map_find(places, hash, place_matches, &name);

	if (!place) {
		place = mem_zero(1, sizeof(*place) + name.len);
		if (name.len)
			memcpy(place + 1, name.ptr, name.len);
		place->name = slice_make((char *)(place + 1), name.len);
		place->hash = hash;
		map_add(places, hash, place);
	}
	place->refs++;
	return place;
}

void place_drop(struct map *places, struct place *place)
{
	if (--place->refs > 0)
		return;
	map_remove(places, place->hash, place);
	free(place);
}

bool place_is_full(const struct place *place, size_t free_calls)
{
	size_t share = free_calls / 2;

	return place->busy && place->busy >= (share < PLACE_BUSY_MOST ? share : PLACE_BUSY_MOST);
}
