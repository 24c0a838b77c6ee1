/* SPDX-License-Identifier: Apache-2.0 */
/* The sixth step: do it. Nothing can be refused any more when the tree begins to change, so that a request is
 * done whole or leaves no trace. TS-0004 7.3.3 */
#include "codec/json.h"
#include "engine/box.h"
#include "engine/children.h"
#include "engine/deliver.h"
#include "engine/discover.h"
#include "engine/engine_private.h"
#include "engine/expire.h"
#include "engine/filter.h"
#include "engine/notify.h"
#include "engine/represent.h"
#include "engine/steps.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

/* Fields of the node, not of its body. */
static bool is_field(struct slice sn)
{
	return slice_is(sn, SLICE("rn")) || slice_is(sn, SLICE("et"));
}

static struct slice write_body(struct req *req, const struct val *rep)
{
	struct buf buf;
	buf_init(&buf, &req->arena);
	for (const struct val *member = rep->first; member; member = member->next) {
		if (is_field(member->name) || member->kind == VAL_NULL)
			continue;
		if (buf.len)
			buf_add_char(&buf, ',');
		json_write_str(&buf, member->name);
		buf_add_char(&buf, ':');
		json_write(&buf, member);
	}
	return buf_slice(&buf);
}

static int compile(struct req *req, struct node *node)
{
	const struct type_ops *ops = type_ops_find(node->type->number);
	return ops && ops->compile ? ops->compile(req->engine, node, &req->why) : 0;
}

static int create_node(struct req *req)
{
	struct engine *engine = req->engine;
	const struct type_ops *ops = type_ops_find(req->type->number);
	const struct node_seed seed = {
		.parent = req->target,
		.type = req->type,
		.no = req->made_no,
		.ct = req->now,
		.et = req->made_et,
		.ri = req->made_ri,
		.rn = req->made_rn,
		.owner = req->made_owner.len ? req->made_owner : req->from,
		.body = write_body(req, req->rep),
	};
	struct node *node = req->made = tree_add(&engine->tree, &seed);
	if (type_attr(node->type, SLICE("st")))
		box_create(&engine->tree, node);
	int r = compile(req, node);
	if (r) { /* may_create checks what compile needs: this is a fault of ours */
		tree_remove(&engine->tree, node, NULL);
		req->made = NULL;
		return req_fail(req, r);
	}
	if (node->box)
		engine->store->ops->set_box(engine->store, &node->box->s);
	if (req->target->box)
		box_tick(&engine->tree, req->target, req->now);
	req->wrote = true;
	if (ops && ops->created)
		ops->created(req, node);
	return STEP_NEXT;
}

static int create_instance(struct req *req)
{
	struct store_inst *inst = req->inst = arena_new(&req->arena, struct store_inst);
	const struct val *cs = val_find(req->rep, "cs"), *cr = val_find(req->rep, "cr");
	struct val *rep = req->rep;
	if (cs)
		(void)val_is_uint(cs, &inst->cs);
	if (cr)
		inst->cr = cr->text;
	val_remove(rep, SLICE("cs"));
	val_remove(rep, SLICE("cr"));
	inst->ty = req->type->number;
	inst->ct = inst->lt = req->now;
	inst->et = req->made_et;
	inst->rn = req->made_rn;
	inst->body = write_body(req, rep);
	const struct val *labels = val_find(rep, "lbl");
	if (labels && labels->kind == VAL_ARR) {
		struct slice *list = arena_array(&req->arena, labels->count + 1, struct slice);
		val_each(labels, label)
			list[inst->label_count++] = label->text;
		inst->labels = list;
	}
	box_add(&req->engine->tree, req->target, inst);
	req->seq = inst->seq;
	req->wrote = true;
	return STEP_NEXT;
}

static int execute_create(struct req *req)
{
	return type_has(req->type, TRAIT_INSTANCE) ? create_instance(req) : create_node(req);
}

static int execute_retrieve(struct req *req)
{
	if (filter_is_discovery(req->filter)) {
		notify_operation(req, req->engine, req->target);
		return discover_run(req);
	}
	const struct box *box = req->target->box;
	if (req->seq && box->disr)
		return req_refuse(req, RSC_OPERATION_NOT_ALLOWED, "to: retrieval of instances is disabled (disr)");
	return STEP_NEXT;
}

/* ---- update ---- */

/* The body as it will be, and in req->changed what the request changes. */
static struct val *merge(struct req *req)
{
	struct val *next = node_body(req->target, &req->arena);
	val_each(req->rep, member) {
		if (is_field(member->name))
			continue;
		if (member->kind == VAL_NULL)
			val_remove(next, member->name);
		else
			val_set(next, member->name, val_copy(&req->arena, member));
	}
	return next;
}

static int execute_update(struct req *req)
{
	struct node *node = req->target;
	struct engine *engine = req->engine;
	const struct type_ops *ops = type_ops_find(node->type->number);
	struct val *next = merge(req);
	req->changed = req->rep;
	if (ops && ops->may_update) {
		int result = (int)ops->may_update(req, next);
		if (result != STEP_NEXT)
			return result;
	}
	int result = notify_ask_first(req, node, req->changed);
	if (result != STEP_NEXT)
		return result;
	req->before = represent_node_val(engine, node, &req->arena);
	tree_change(&engine->tree, node, write_body(req, next), req->now, req->made_et);
	if (node->box)
		box_tick(&engine->tree, node, req->now);
	if (node->parent->box)
		box_tick(&engine->tree, node->parent, req->now);
	req->wrote = true;
	int r = compile(req, node);
	if (r)
		return req_fail(req, r); /* may_update checks what compile needs: a fault of ours */
	if (ops && ops->changed)
		ops->changed(req, node);
	return STEP_NEXT;
}

/* ---- delete ---- */

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

static int execute_delete(struct req *req)
{
	struct node *node = req->target;
	if (req->seq)
		return delete_instance(req);
	const struct type_ops *ops = type_ops_find(node->type->number);
	if (ops && ops->may_delete) {
		int result = (int)ops->may_delete(req);
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

/* A notification that arrives: an AE's goes on to it; others have no use for it. TS-0001 10.2.10.3 */
static int execute_notify(struct req *req)
{
	if (req->target->type->number == TYPE_AE)
		return (int)deliver_retarget(req);
	if (!req->target->parent) {
		/* Verifications and results that end at the CSE itself. */
		req_good(req, RSC_OK, NULL);
		return STEP_DONE;
	}
	return req_refuse(req, RSC_OPERATION_NOT_ALLOWED, "to: a <%s> takes no notifications", req->target->type->ln);
}

int step_execute(struct req *req)
{
	/* After a failed commit nothing may be written until the store is well again. */
	if (!req->engine->can_write && (req->op == OP_CREATE || req->op == OP_UPDATE || req->op == OP_DELETE))
		return req_refuse(req, RSC_INTERNAL_SERVER_ERROR,
				  "the store can't write at the moment; reading works; try again later");
	if (req->virtual_child)
		return (int)req->virtual_child->run(req);
	switch (req->op) {
	case OP_CREATE:
		return execute_create(req);
	case OP_RETRIEVE:
		return execute_retrieve(req);
	case OP_UPDATE:
		return execute_update(req);
	case OP_DELETE:
		return execute_delete(req);
	case OP_NOTIFY:
		return execute_notify(req);
	}
	return STEP_NEXT;
}

/* The seventh step: who subscribed is told; the notifications themselves leave after the commit. */
int step_notify(struct req *req)
{
	struct engine *engine = req->engine;
	struct node *node = req->target;
	switch (req->op) {
	case OP_CREATE:
		notify_child_created(req, engine, node, req->made, req->made ? NULL : req->inst);
		notify_operation(req, engine, node);
		break;
	case OP_UPDATE:
		notify_updated(req, engine, node, req->changed);
		notify_operation(req, engine, node);
		break;
	case OP_RETRIEVE:
		notify_operation(req, engine, node);
		break;
	default:
		break;
	}
	return STEP_NEXT;
}
