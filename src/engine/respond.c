/* SPDX-License-Identifier: Apache-2.0 */
/* The last step: the result in the shape that resultContent asks for. TS-0004 7.5.2 */
#include "engine/box.h"
#include "engine/children.h"
#include "engine/engine_private.h"
#include "engine/represent.h"
#include "engine/steps.h"
#include "model/rsc.h"

static struct val *whole(struct req *req, struct node *node, const struct store_inst *inst)
{
	return inst ? represent_inst_pc(node, inst, &req->arena)
	            : represent_node_pc(req->engine, node, &req->arena);
}

static struct slice address(struct req *req, const struct node *node, const struct store_inst *inst)
{
	struct slice path = tree_path(node, &req->arena);
	return inst ? arena_printf(&req->arena, "%.*s/%.*s", SLICE_ARG(path),
	                           SLICE_ARG(box_name(node, inst, &req->arena)))
	            : path;
}

/* rcn 9: what the CSE changed or chose itself; what went is null. `after` minus `before` minus the request.
 */
static struct val *modified(struct req *req, const struct val *before, const struct val *after)
{
	struct val *out = val_obj(&req->arena);
	val_each (after, member) {
		if (val_equal(val_get(before, member->name), member))
			continue;
		if (!val_equal(val_get(req->rep, member->name), member))
			val_put(out, member->name, val_copy(&req->arena, member));
	}
	if (before)
		val_each (before, member)
			if (!val_get(after, member->name))
				val_put(out, member->name, val_new(&req->arena, VAL_NULL));
	return out;
}

static struct val *wrap(struct req *req, struct slice name, struct val *content)
{
	struct val *pc = val_obj(&req->arena);
	val_put(pc, name, content);
	return pc;
}

static struct val *created_pc(struct req *req)
{
	struct node *node = req->made ? req->made : req->target;
	const struct store_inst *inst = req->made ? NULL : req->inst;
	const struct type *type = inst ? represent_inst_type(node, inst) : node->type;
	switch (req->rcn) {
	case 0:
		return NULL;
	case 2:
		return wrap(req, SLICE("m2m:uri"), val_str(&req->arena, address(req, node, inst)));
	case 3: {
		struct val *rce = whole(req, node, inst);
		val_put(rce, SLICE("uri"), val_str(&req->arena, address(req, node, inst)));
		return wrap(req, SLICE("m2m:rce"), rce);
	}
	case 9: {
		struct val *after = inst ? represent_inst_val(node, inst, &req->arena)
		                         : represent_node_val(req->engine, node, &req->arena);
		return wrap(req, slice_of(type->root), modified(req, NULL, after));
	}
	default:
		return whole(req, node, inst);
	}
}

static struct val *updated_pc(struct req *req)
{
	if (req->rcn == 0)
		return NULL;
	if (req->rcn != 9)
		return whole(req, req->target, NULL);
	struct val *after = represent_node_val(req->engine, req->target, &req->arena);
	return wrap(req, slice_of(req->target->type->root), modified(req, req->before, after));
}

/* Partial retrieve: an attribute that is not there is 4004, one the type does not have is 4000. */
static int respond_names(struct req *req)
{
	const struct store_inst *inst = req->seq ? req->inst : NULL;
	const struct type *type = inst ? represent_inst_type(req->target, inst) : req->target->type;
	struct val *all = inst ? represent_inst_val(req->target, inst, &req->arena)
	                       : represent_node_val(req->engine, req->target, &req->arena);
	struct val *out = val_obj(&req->arena);
	if (req->atrl->kind != VAL_ARR || !req->atrl->first)
		return req_refuse(req, RSC_BAD_REQUEST, "atrl: expected a list of attribute names");
	val_each (req->atrl, name) {
		struct val *found = val_get(all, name->text);
		if (!type_attr(type, name->text))
			return req_refuse(req, RSC_BAD_REQUEST, "atrl: a <%s> has no attribute %.*s",
			                  type->ln, SLICE_ARG(name->text));
		if (!found)
			return req_refuse(req, RSC_NOT_FOUND, "atrl: the resource has no %.*s",
			                  SLICE_ARG(name->text));
		if (!val_get(out, name->text))
			val_put(out, name->text, val_copy(&req->arena, found));
	}
	req_good(req, RSC_OK, wrap(req, slice_of(type->root), out));
	return STEP_DONE;
}

static int respond_retrieve(struct req *req)
{
	if (req->atrl)
		return respond_names(req);
	switch (req->rcn) {
	case 4:
	case 5:
	case 6:
	case 8:
		return children_respond(req);
	case 7:
		return req_refuse(req, RSC_BAD_REQUEST,
		                  "rcn: 7 (original resource) needs an announced resource");
	case 11:
		return req_refuse(req, RSC_BAD_REQUEST, "rcn: 11 is for discovery");
	default:
		req_good(req, RSC_OK, whole(req, req->target, req->seq ? req->inst : NULL));
		return STEP_DONE;
	}
}

int step_respond(struct req *req)
{
	switch (req->op) {
	case OP_CREATE:
		req_good(req, RSC_CREATED, created_pc(req));
		break;
	case OP_RETRIEVE:
		return respond_retrieve(req);
	case OP_UPDATE:
		req_good(req, RSC_UPDATED, updated_pc(req));
		break;
	case OP_DELETE:
		req_good(req, RSC_DELETED, req->out.at[PRIM_pc]);
		break;
	case OP_NOTIFY:
		req_good(req, RSC_OK, NULL);
		break;
	}
	return STEP_DONE;
}
