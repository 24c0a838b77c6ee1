/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probing. A removed value leaves a mark so that those behind it are still
 * found; marks at the end of a run go at once, the others when the table is laid out anew. Only map_add
 * lays out anew, so whoever walks may remove. */
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>

#define MAP_FIRST ((size_t)8)

static char map_gone_mark;
#define MAP_GONE ((void *)&map_gone_mark)

void map_init(struct map *map)
{
	*map = (struct map){0};
}

void map_finish(struct map *map)
{
	free(map->slots);
	map_init(map);
}

/* Users may give plain numbers as hashes; spread them. */
static inline size_t map_place(const struct map *map, uint64_t hash)
{
	hash ^= hash >> 32;
	hash *= 0x9e3779b97f4a7c15u;
	return (size_t)(hash >> 29) & map->mask;
}

void *map_find(const struct map *map, uint64_t hash, map_match *match, const void *key)
{
	if (!map->slots)
		return NULL;
	for (size_t i = map_place(map, hash);; i = (i + 1) & map->mask) {
		const struct map_slot *slot = &map->slots[i];

		if (!slot->value)
			return NULL;
		if (slot->hash == hash && slot->value != MAP_GONE && match(slot->value, key))
			return slot->value;
	}
}

static void map_lay(struct map *map, size_t slots)
{
	struct map_slot *old = map->slots;
	size_t old_slots = old ? map->mask + 1 : 0;

	map->slots = mem_zero(slots, sizeof(*old));
	map->mask = slots - 1;
	map->used = map->count;
	for (size_t i = 0; i < old_slots; i++) {
		size_t at;

		if (!old[i].value || old[i].value == MAP_GONE)
			continue;
		for (at = map_place(map, old[i].hash); map->slots[at].value; at = (at + 1) & map->mask)
			;
		map->slots[at] = old[i];
	}
	free(old);
}

static void map_make_room(struct map *map)
{
	size_t slots = map->slots ? map->mask + 1 : 0;

	if (slots && (map->used + 1) * 10 <= slots * 7)
		return;
	if (!slots)
		slots = MAP_FIRST;
	else if ((map->count + 1) * 2 > slots)
		slots *= 2;
	else
		while (slots > MAP_FIRST && (map->count + 1) * 8 < slots)
			slots /= 2;
	map_lay(map, slots);
}

void map_add(struct map *map, uint64_t hash, void *value)
{
	size_t at;

	map_make_room(map);
	at = map_place(map, hash);
	while (map->slots[at].value && map->slots[at].value != MAP_GONE)
		at = (at + 1) & map->mask;
	map->used += map->slots[at].value == NULL;
	map->slots[at] = (struct map_slot){hash, value};
	map->count++;
}

bool map_remove(struct map *map, uint64_t hash, const void *value)
{
	size_t at;

	if (!map->slots)
		return false;
	for (at = map_place(map, hash); map->slots[at].value != value; at = (at + 1) & map->mask)
		if (!map->slots[at].value)
			return false;
	map->slots[at].value = MAP_GONE;
	map->count--;
	if (map->slots[(at + 1) & map->mask].value)
		return true;
	for (; map->slots[at].value == MAP_GONE; at = (at - 1) & map->mask) {
		map->slots[at].value = NULL;
		map->used--;
	}
	return true;
}

void *map_next(const struct map *map, size_t *at)
{
	while (map->slots && *at <= map->mask) {
		void *value = map->slots[(*at)++].value;

		if (value && value != MAP_GONE)
			return value;
	}
	return NULL;
}

void *map_next_under(const struct map *map, uint64_t hash, size_t *at)
{
	if (!map->slots)
		return NULL;
	while (*at <= map->mask) {
		const struct map_slot *slot = &map->slots[(map_place(map, hash) + (*at)++) & map->mask];

		if (!slot->value)
			return NULL;
		if (slot->hash == hash && slot->value != MAP_GONE)
			return slot->value;
	}
	return NULL;
}
