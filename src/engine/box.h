/* SPDX-License-Identifier: Apache-2.0 */
/* The instances of one node: adding, finding, retention, expiry. Works for <contentInstance>,
 * <flexContainerInstance> and every other type whose row says INSTANCE. */
#ifndef DURE_ENGINE_BOX_H
#define DURE_ENGINE_BOX_H

#include "engine/tree.h"

struct box *box_create(struct tree *tree, struct node *node);
void box_destroy(struct tree *tree, struct box *box);

/* Adds the instance as the newest (fills box, seq, st, early) and lets the oldest go until the limits hold.
 * The instance stays the caller's. TS-0004 7.4.7 */
void box_add(struct tree *tree, struct node *node, struct store_inst *inst);
/* Removes one. */
void box_drop(struct tree *tree, struct node *node, uint64_t seq, uint64_t cs, int64_t now);
/* Removes all (disableRetrieval switched off). */
void box_clear(struct tree *tree, struct node *node, int64_t now);
/* Lets the oldest go until the limits hold (after mni or mbs was lowered). */
void box_shrink(struct tree *tree, struct node *node);
/* State tag up by one, lt to now. */
void box_tick(struct tree *tree, struct node *node, int64_t now);

/* 0, -ENOENT or a fault. Expired ones are not found. newest: without the store when it is known. */
MUST_CHECK int box_newest(struct tree *tree, struct node *node, int64_t now, struct arena *arena,
                          struct store_inst *ret);
MUST_CHECK int box_oldest(struct tree *tree, struct node *node, int64_t now, struct arena *arena,
                          struct store_inst *ret);
MUST_CHECK int box_get(struct tree *tree, struct node *node, uint64_t seq, int64_t now, struct arena *arena,
                       struct store_inst *ret);
/* The instance of that name. */
MUST_CHECK int box_find(struct tree *tree, struct node *node, struct slice rn, uint64_t *ret_seq);

/* "cin-2s-1f": the resourceID of an instance, made from its node and sequence number, and the way back.
 * box_read_id is false for any other text, and does not look whether it exists. */
struct slice box_id(const struct node *node, const struct store_inst *inst, struct arena *arena);
enum { BOX_ID_TEXT = 40 };
struct slice box_print_id(const struct node *node, const struct store_inst *inst, char out[BOX_ID_TEXT]);
bool box_read_id(struct slice ri, uint64_t *ret_no, uint64_t *ret_seq);
/* Its resource name: given, or equal to its ID. */
struct slice box_name(const struct node *node, const struct store_inst *inst, struct arena *arena);

/* Deletes what expired before now, at most `most`; sets the timer for the next. */
void box_expire(struct tree *tree, struct node *node, int64_t now, size_t most);

#endif
