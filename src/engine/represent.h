/* SPDX-License-Identifier: Apache-2.0 */
/* Resources as they are shown: the attributes of a node or an instance, written as JSON once, straight from
 * the fields and the stored body. */
#ifndef DURE_ENGINE_REPRESENT_H
#define DURE_ENGINE_REPRESENT_H

#include "codec/json.h"
#include "engine/tree.h"

/* Writes all attributes as JSON members, without braces. */
void represent_node(struct buf *buf, const struct engine *engine, const struct node *node);
void represent_inst(struct buf *buf, const struct node *node, const struct store_inst *inst);
/* As a value: an object of all attributes (for filters, partial retrieve, comparing). */
struct val *represent_node_val(const struct engine *engine, const struct node *node, struct arena *arena);
struct val *represent_inst_val(const struct node *node, const struct store_inst *inst, struct arena *arena);
/* {"m2m:cnt": {...}}: ready to be a primitive's pc. The inner value is VAL_JSON. */
struct val *represent_wrap(struct arena *arena, const char *root, struct slice members);
struct val *represent_node_pc(const struct engine *engine, const struct node *node, struct arena *arena);
struct val *represent_inst_pc(const struct node *node, const struct store_inst *inst, struct arena *arena);
/* The type of an instance ("m2m:cin"). */
const struct type *represent_inst_type(const struct node *node, const struct store_inst *inst);
/* {nm, typ, val[, spty]}: a child reference. val is structured or unstructured as `drt` wants (1, 2). */
struct val *represent_ref(const struct engine *engine, const struct node *node, const struct store_inst *inst,
                          int drt, struct arena *arena);

#endif
