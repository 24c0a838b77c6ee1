/* SPDX-License-Identifier: Apache-2.0 */
/* What tree.c and tree_load.c share. */
#ifndef DURE_ENGINE_TREE_PRIVATE_H
#define DURE_ENGINE_TREE_PRIVATE_H

#include "base/buf.h"
#include "base/clock.h"
#include "engine/tree.h"

/* Makes and indexes a node that has its number and names; the store is not touched. */
struct node *tree_make(struct tree *tree, const struct node_seed *seed);
/* Takes one leaf out of memory; the store is not touched. */
void tree_unmake(struct tree *tree, struct node *node);
/* Puts the node's row into the batch. */
void tree_put(struct tree *tree, struct node *node);
void tree_index_labels(struct tree *tree, struct node *node, struct slice body);
struct slice tree_heap_copy(struct slice s);

/* The stored body: our own members first ("@by" the owner, "@root" of a specialization, "@no" the numbers
 * taken, in this order), then the attributes. */
void tree_write_row_body(const struct tree *tree, const struct node *node, struct buf *buf);

#endif
