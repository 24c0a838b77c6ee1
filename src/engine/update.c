/* SPDX-License-Identifier: Apache-2.0 */
/* UPDATE: what the request names changes, what it sets to null goes, all else stays. TS-0004 7.3.3.7 */
#include "engine/box.h"
#include "engine/engine_private.h"
#include "engine/execute.h"
#include "engine/notify.h"
#include "engine/represent.h"
#include "engine/type_ops.h"

/* The body as it will be, and in req->changed what the request changes. */
static struct val *merge(struct req *req)
{
	struct val *next = node_body(req->target, &req->arena);
	val_each (req->rep, member) {
		if (execute_is_field(member->name))
			continue;
		if (member->kind == VAL_NULL)
			val_remove(next, member->name);
		else
			val_set(next, member->name, val_copy(&req->arena, member));
	}
	return next;
}

int execute_update(struct req *req)
{
	struct node *node = req->target;
	struct engine *engine = req->engine;
	const struct type_ops *ops = type_ops_find(node->type->number);
	struct val *next = merge(req);
	req->changed = req->rep;
	if (ops && ops->may_update) {
		int result = ops->may_update(req, next);
		if (result != STEP_NEXT)
			return result;
	}
	int result = notify_ask_first(req, node, req->changed);
	if (result != STEP_NEXT)
		return result;
	req->before = represent_node_val(engine, node, &req->arena);
	tree_change(&engine->tree, node, execute_body(req, next), req->now, req->made_et);
	if (node->box)
		box_tick(&engine->tree, node, req->now);
	if (node->parent->box)
		box_tick(&engine->tree, node->parent, req->now);
	req->wrote = true;
	int r = execute_compile(req, node);
	if (r)
		return req_fail(req, r); /* may_update checks what compile needs: a fault of ours */
	if (ops && ops->changed)
		ops->changed(req, node);
	return STEP_NEXT;
}
