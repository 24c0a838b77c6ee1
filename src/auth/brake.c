/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses in a map, and in a list by the time of their last wrong guess; the oldest makes room. */
#include "auth/brake.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

#define SECOND  INT64_C(1000000)
#define LONGEST (300 * SECOND)
#define FORGET  (900 * SECOND) /* after so long without a wrong guess all is well again */

struct place {
	uint64_t address;
	unsigned wrong;
	int64_t until, seen;
	struct place *older, *newer;
};

struct brake {
	struct map places;
	struct place *oldest, *newest;
	int64_t checks_at; /* when the budget was last filled */
	int64_t checks;    /* in it, in microseconds of a check each SECOND / BRAKE_CHECKS */
};

struct brake *brake_create(void)
{
	struct brake *brake = mem_zero(1, sizeof(*brake));

	map_init(&brake->places);
	brake->checks = SECOND;
	return brake;
}

static void unlink_place(struct brake *brake, struct place *place)
{
	*(place->older ? &place->older->newer : &brake->oldest) = place->newer;
	*(place->newer ? &place->newer->older : &brake->newest) = place->older;
	place->older = place->newer = NULL;
}

static void link_place(struct brake *brake, struct place *place)
{
	place->older = brake->newest;
	*(brake->newest ? &brake->newest->newer : &brake->oldest) = place;
	brake->newest = place;
}

static void forget(struct brake *brake, struct place *place)
{
	unlink_place(brake, place);
	map_remove(&brake->places, place->address, place);
	free(place);
}

void brake_destroy(struct brake *brake)
{
	if (!brake)
		return;
	while (brake->oldest)
		forget(brake, brake->oldest);
	map_finish(&brake->places);
	free(brake);
}

static bool place_is(const void *value, const void *key)
{
	return ((const struct place *)value)->address == *(const uint64_t *)key;
}

static struct place *find(struct brake *brake, uint64_t address)
{
	return map_find(&brake->places, address, place_is, &address);
}

int64_t brake_wait(struct brake *brake, uint64_t address, int64_t now_us)
{
	struct place *place = find(brake, address);

	return place && place->until > now_us ? place->until - now_us : 0;
}

void brake_wrong(struct brake *brake, uint64_t address, int64_t now_us)
{
	struct place *place = find(brake, address);
	int64_t hold = SECOND;

	if (place) {
		unlink_place(brake, place);
	} else {
		if (brake->places.count >= BRAKE_PLACES)
			forget(brake, brake->oldest);
		place = mem_zero(1, sizeof(*place));
		place->address = address;
		map_add(&brake->places, address, place);
	}
	link_place(brake, place);
	if (now_us - place->seen > FORGET)
		place->wrong = 0;
	place->seen = now_us;
	if (++place->wrong < BRAKE_FREE)
		return;
	for (unsigned i = BRAKE_FREE; i < place->wrong && hold < LONGEST; i++)
		hold *= 2;
	place->until = now_us + (hold < LONGEST ? hold : LONGEST);
}

bool brake_spend(struct brake *brake, int64_t now_us)
{
	int64_t since = now_us - brake->checks_at;

	brake->checks_at = now_us;
	brake->checks += since > 0 && since < SECOND ? since : since >= SECOND ? SECOND : 0;
	if (brake->checks > SECOND)
		brake->checks = SECOND;
	if (brake->checks < SECOND / BRAKE_CHECKS)
		return false;
	brake->checks -= SECOND / BRAKE_CHECKS;
	return true;
}

size_t brake_count(const struct brake *brake)
{
	return brake->places.count;
}
