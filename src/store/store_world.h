/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: a small world of rows, boxes, instances and notes that does to one or more stores what an engine
 * would do, at random but repeatably, and that can write down all that a store shows. Two stores to which the
 * same was done must show the same. */
#ifndef DURE_STORE_STORE_WORLD_H
#define DURE_STORE_STORE_WORLD_H

#include "store/store.h"

#define WORLD_BOXES 12
#define WORLD_INSTS 4096

struct world_inst {
	uint64_t seq, cs;
	int64_t et;
};

struct world_box {
	struct store_box state; /* state.no 0: not there */
	uint64_t parent;
	struct world_inst insts[WORLD_INSTS];
	size_t count;
};

struct world {
	struct store *stores[2]; /* NULL: none */
	uint64_t random, next_no, next_note;
	int64_t now;
	struct world_box boxes[WORLD_BOXES];
};

/* The CSEBase is put (number 1). NULL stores are left out. */
struct world *world_create(uint64_t seed, struct store *a, struct store *b);
void world_destroy(struct world *world);
uint64_t world_random(struct world *world, uint64_t below);

/* One random change; most often an instance. */
void world_step(struct world *world);
/* Commits to all stores; the first result that is not 0, or 0. */
int world_commit(struct world *world);

/* Single changes, to all stores. */
void world_put(struct world *world, size_t place); /* a box */
void world_remove(struct world *world, size_t place);
void world_append(struct world *world, size_t place); /* box must be there */
void world_drop(struct world *world, size_t place, size_t which);
void world_trim(struct world *world, size_t place, size_t keep);
void world_note(struct world *world, size_t place);

/* Writes down the instances of the world's boxes, by every way of reading. */
void world_look(const struct world *world, struct store *store, struct buf *out);
/* Writes down all the store knows, as load tells it, and world_look. The batch must be empty. */
void world_dump(const struct world *world, struct store *store, struct buf *out);

#endif
