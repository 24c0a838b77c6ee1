/* SPDX-License-Identifier: Apache-2.0 */
/* The four operations on resources, for execute.c: nothing is refused once the tree begins to change. */
#ifndef DURE_ENGINE_EXECUTE_H
#define DURE_ENGINE_EXECUTE_H

#include "engine/steps.h"

/* Each returns a step_result. create.c, update.c, delete.c */
int execute_create(struct req *req);
int execute_update(struct req *req);
int execute_delete(struct req *req);

/* A representation as the stored body: JSON members, without nulls and without what are fields of the node.
 * In the request's arena. */
struct slice execute_body(struct req *req, const struct val *rep);
/* Fields of the node, not of its body: rn, et. */
bool execute_is_field(struct slice sn);
/* Lets the type derive what it derives from the body. As type_ops.compile. */
int execute_compile(struct req *req, struct node *node);

#endif
