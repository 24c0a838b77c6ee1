/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of pointers. It knows hashes only; what "the same" means, the user says.
 * Several values may stand under one hash. They stand in one run, so adding and removing takes a step for
 * each of them: an index in which thousands share a key (labels) holds one value per key, with a list. */
#ifndef DURE_BASE_MAP_H
#define DURE_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
	uint64_t hash;
	void *value; /* NULL: never used; MAP_GONE: removed */
};

struct map {
	struct map_slot *slots;
	size_t mask;  /* slots - 1, slots a power of two; 0 when none */
	size_t count; /* values held */
	size_t used;  /* values held and slots of removed ones */
};

/* Is this value the one that key asks for? */
typedef bool map_match(const void *value, const void *key);

void map_init(struct map *map);   /* allocates nothing */
void map_finish(struct map *map); /* frees the table, not the values */

/* The first value under hash that matches, or NULL. */
void *map_find(const struct map *map, uint64_t hash, map_match *match, const void *key);
/* Adds value (not NULL) under hash; does not look whether it is there. */
void map_add(struct map *map, uint64_t hash, void *value);
/* Removes this very pointer under hash; false when it is not there. */
bool map_remove(struct map *map, uint64_t hash, const void *value);
/* Walks all values: start with *at = 0; NULL at the end. Removing the value just given is allowed. */
void *map_next(const struct map *map, size_t *at);
/* Walks the values under one hash: start with *at = 0. */
void *map_next_under(const struct map *map, uint64_t hash, size_t *at);

#endif
