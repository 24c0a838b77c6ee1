/* SPDX-License-Identifier: Apache-2.0 */
/* <container>: a box of instances, newest last, with limits; and its virtual children. TS-0001 9.6.6 */
#include <errno.h>

#include "engine/box.h"
#include "engine/consult.h"
#include "engine/engine_private.h"
#include "engine/notify.h"
#include "engine/represent.h"
#include "engine/type/cnt.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

static uint64_t limit(const struct val *body, struct slice name)
{
	uint64_t n = UINT64_MAX;
	(void)val_is_uint(val_get(body, name), &n);
	return n;
}

void cnt_read_limits(struct node *node)
{
	struct box *box = node->box;
	struct arena arena;
	arena_init(&arena);
	const struct val *body = node_body(node, &arena);
	uint64_t mia = limit(body, SLICE("mia"));
	box->mni = limit(body, SLICE("mni"));
	box->mbs = limit(body, SLICE("mbs"));
	box->mia = mia > INT64_MAX / 2000000 ? INT64_MAX : (int64_t)mia * 1000000;
	box->disr = box->fcied = false;
	(void)val_is_bool(val_find(body, "disr"), &box->disr);
	(void)val_is_bool(val_find(body, "fcied"), &box->fcied);
	arena_finish(&arena);
}

static int compile(struct engine *engine, struct node *node, struct why *why)
{
	if (node->box)
		cnt_read_limits(node);
	return 0;
}

/* Limits that were lowered hold at once; retrieval that was disabled and is not any more starts empty:
 * what was kept meanwhile was not meant to be read. TS-0004 7.4.6 */
static void changed(struct req *req, struct node *node)
{
	bool was = false;
	(void)val_is_bool(val_find(req->before, "disr"), &was);
	if (was && !node->box->disr)
		box_clear(&req->engine->tree, node, req->now);
	box_shrink(&req->engine->tree, node);
}

/* ---- latest and oldest ---- */

static int run_retrieve(struct req *req, const struct store_inst *inst)
{
	if (req->rcn >= 0 && req->rcn != 1)
		return req_refuse(req, RSC_BAD_REQUEST, "rcn: only 1 (attributes) is allowed for %s",
		                  req->virtual_child->name);
	if (req->atrl)
		return STEP_NEXT; /* respond picks the attributes, and notify tells of it on the way */
	notify_operation(req, req->engine, req->target);
	req_good(req, RSC_OK, represent_inst_pc(req->target, inst, &req->arena));
	return STEP_DONE;
}

static int run_delete(struct req *req, const struct store_inst *inst)
{
	struct val *pc = req->rcn == 1 ? represent_inst_pc(req->target, inst, &req->arena) : NULL;
	if (req->rcn > 1)
		return req_refuse(req, RSC_BAD_REQUEST, "rcn: only 0 and 1 are allowed for %s",
		                  req->virtual_child->name);
	notify_child_deleted(req, req->engine, req->target, NULL, inst);
	box_drop(&req->engine->tree, req->target, inst->seq, inst->cs, req->now);
	req->wrote = true;
	req_good(req, RSC_DELETED, pc);
	return STEP_DONE;
}

static enum step_result run(struct req *req, bool newest)
{
	struct engine *engine = req->engine;
	struct node *node = req->target;
	struct access_ask ask;
	access_ask_of(&ask, req, req->op == OP_DELETE ? ACCESS_DELETE : ACCESS_RETRIEVE);
	while (!access_permits(engine, node, &ask)) {
		int result = consult_denied(req, node, &ask, "%.*s may not %s the instances of %.*s",
		                            SLICE_ARG(req->fr), req->op == OP_DELETE ? "delete" : "retrieve",
		                            SLICE_ARG(node->rn));
		if (result != STEP_NEXT)
			return result;
	}
	if (node->box->disr)
		return req_refuse(req, RSC_OPERATION_NOT_ALLOWED,
		                  "to: retrieval of instances is disabled (disr)");
	struct store_inst *inst = req->inst = arena_new(&req->arena, struct store_inst);
	int r = newest ? box_newest(&engine->tree, node, req->now, &req->arena, inst)
	               : box_oldest(&engine->tree, node, req->now, &req->arena, inst);
	if (r == -ENOENT) {
		notify_retrieved_nothing(req, engine, node);
		return req_refuse(req, RSC_NOT_FOUND, "to: %.*s holds no instance", SLICE_ARG(node->rn));
	}
	if (r)
		return req_fail(req, r);
	req->seq = inst->seq;
	return req->op == OP_DELETE ? run_delete(req, inst) : run_retrieve(req, inst);
}

static enum step_result run_latest(struct req *req)
{
	return run(req, true);
}

static enum step_result run_oldest(struct req *req)
{
	return run(req, false);
}

const struct virtual_child cnt_virtual_children[] = {
        {"la", 1u << OP_RETRIEVE | 1u << OP_DELETE, false, run_latest},
        {"ol", 1u << OP_RETRIEVE | 1u << OP_DELETE, false, run_oldest},
        {NULL, 0, false, NULL},
};

const struct type_ops type_ops_cnt = {
        .number = TYPE_CNT,
        .compile = compile,
        .changed = changed,
        .virtual_children = cnt_virtual_children,
};
