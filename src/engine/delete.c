/* SPDX-License-Identifier: Apache-2.0 */
/* DELETE: the resource and all below it, shown as it was if wanted. TS-0004 7.3.3.8 */
#include "engine/box.h"
#include "engine/children.h"
#include "engine/engine_private.h"
#include "engine/execute.h"
#include "engine/expire.h"
#include "engine/notify.h"
#include "engine/represent.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

static int delete_instance(struct req *req)
{
	struct node *node = req->target;
	if (node->box->disr)
		return req_refuse(req, RSC_OPERATION_NOT_ALLOWED, "to: the instances are disabled (disr)");
	if (req->rcn > 0) /* shown as it was, before it goes */
		req->out.at[PRIM_pc] = represent_inst_pc(node, req->inst, &req->arena);
	notify_child_deleted(req, req->engine, node, NULL, req->inst);
	box_drop(&req->engine->tree, node, req->seq, req->inst->cs, req->now);
	req->wrote = true;
	return STEP_NEXT;
}

int execute_delete(struct req *req)
{
	struct node *node = req->target;
	if (req->seq)
		return delete_instance(req);
	const struct type_ops *ops = type_ops_find(node->type->number);
	if (ops && ops->may_delete) {
		int result = ops->may_delete(req);
		if (result != STEP_NEXT)
			return result;
	}
	if (req->rcn == 1) {
		req->out.at[PRIM_pc] = represent_node_pc(req->engine, node, &req->arena);
	} else if (req->rcn > 1) {
		if (children_respond(req) == STEP_DONE && !rsc_is_good((int)prim_int(&req->out, PRIM_rsc, 0)))
			return STEP_DONE;
	}
	notify_operation(req, req->engine, node);
	expire_delete(req->engine, req, node);
	req->target = NULL;
	req->wrote = true;
	return STEP_NEXT;
}
