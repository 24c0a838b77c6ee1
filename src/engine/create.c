/* SPDX-License-Identifier: Apache-2.0 */
/* CREATE: a node in the tree, or an instance in the box of one. TS-0004 7.3.3.5 */
#include "codec/json.h"
#include "engine/box.h"
#include "engine/engine_private.h"
#include "engine/execute.h"
#include "engine/type_ops.h"

bool execute_is_field(struct slice sn)
{
	return slice_is(sn, SLICE("rn")) || slice_is(sn, SLICE("et"));
}

struct slice execute_body(struct req *req, const struct val *rep)
{
	struct buf buf;
	buf_init(&buf, &req->arena);
	for (const struct val *member = rep->first; member; member = member->next) {
		if (execute_is_field(member->name) || member->kind == VAL_NULL)
			continue;
		if (buf.len)
			buf_add_char(&buf, ',');
		json_write_str(&buf, member->name);
		buf_add_char(&buf, ':');
		json_write(&buf, member);
	}
	return buf_slice(&buf);
}

int execute_compile(struct req *req, struct node *node)
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
	        .body = execute_body(req, req->rep),
	};
	struct node *node = req->made = tree_add(&engine->tree, &seed);
	if (type_attr(node->type, SLICE("st")))
		box_create(&engine->tree, node);
	int r = execute_compile(req, node);
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
	inst->body = execute_body(req, rep);
	const struct val *labels = val_find(rep, "lbl");
	if (labels && labels->kind == VAL_ARR) {
		struct slice *list = arena_array(&req->arena, labels->count + 1, struct slice);
		val_each (labels, label)
			list[inst->label_count++] = label->text;
		inst->labels = list;
	}
	box_add(&req->engine->tree, req->target, inst);
	req->seq = inst->seq;
	req->wrote = true;
	return STEP_NEXT;
}

int execute_create(struct req *req)
{
	return type_has(req->type, TRAIT_INSTANCE) ? create_instance(req) : create_node(req);
}
