/* SPDX-License-Identifier: Apache-2.0 */
/* The fifth step: does the content fit the type's table, and the place? TS-0004 7.3.3.3 and following */
#include <inttypes.h>

#include "engine/box.h"
#include "engine/engine_private.h"
#include "engine/filter.h"
#include "engine/steps.h"
#include "engine/type_ops.h"
#include "model/check.h"
#include "model/rsc.h"

static int find_type(struct req *req)
{
	int64_t ty = prim_int(&req->in, PRIM_ty, 0);
	if (!prim_has(&req->in, PRIM_ty))
		return req_refuse(req, RSC_BAD_REQUEST, "ty: the type of the resource to create is missing");
	if (!req->type)
		return req_refuse(req, RSC_BAD_REQUEST, "ty: there is no resource type %" PRId64, ty);
	if (ty == TYPE_CB || ty == TYPE_REQ)
		return req_refuse(req, RSC_OPERATION_NOT_ALLOWED, "ty: a <%s> is made by the CSE alone",
		                  req->type->ln);
	if (type_has(req->type, TRAIT_RECORD))
		return req_refuse(req, RSC_NOT_IMPLEMENTED, "ty: <%s> is not supported", req->type->ln);
	return STEP_NEXT;
}

/* Specializations share a number: the name of the content says which it is. TS-0004 7.4.37 */
static int find_special(struct req *req)
{
	const struct type *type = type_by_root(req->root);
	bool special = type_has(req->type, TRAIT_SPECIALIZED);
	if (type && type->number == req->type->number && (!special || type->definition)) {
		req->type = type;
		return STEP_NEXT;
	}
	if (special && req->type->number % TYPE_ANNOUNCED == TYPE_FCNT)
		return req_refuse(req, RSC_SPECIALIZATION_SCHEMA_NOT_FOUND,
		                  "%.*s: no such flexContainer definition is known here",
		                  SLICE_ARG(req->root));
	return req_refuse(req, RSC_BAD_REQUEST, "pc: the content is named %.*s, expected %s for type %u",
	                  SLICE_ARG(req->root), req->type->root, req->type->number);
}

static int check_place(struct req *req)
{
	uint32_t number = req->type->number;
	const char *parent = req->seq ? "contentInstance" : req->target->type->ln;
	if (!req->seq && type_may_hold(req->target->type, number))
		return STEP_NEXT;
	if (number == TYPE_SUB)
		return req_refuse(req, RSC_TARGET_NOT_SUBSCRIBABLE, "to: a <%s> can't be subscribed to",
		                  parent);
	return req_refuse(req, RSC_INVALID_CHILD_RESOURCE_TYPE, "ty: a <%s> can't stand below a <%s>",
	                  req->type->ln, parent);
}

static int check_name(struct req *req)
{
	const struct val *rn = val_find(req->rep, "rn");
	struct slice name = req->made_rn;
	uint64_t seq;
	if (rn)
		name = rn->text;
	if (!name.len)
		return STEP_NEXT;
	if (type_ops_virtual(req->target->type, name))
		return req_refuse(req, RSC_OPERATION_NOT_ALLOWED,
		                  "rn: %.*s is the name of a virtual resource", SLICE_ARG(name));
	if (tree_child(&req->engine->tree, req->target, name))
		return req_refuse(req, RSC_CONFLICT, "rn: there is a resource %.*s here already",
		                  SLICE_ARG(name));
	if (req->target->box && box_find(&req->engine->tree, req->target, name, &seq) == 0)
		return req_refuse(req, RSC_CONFLICT, "rn: there is an instance %.*s here already",
		                  SLICE_ARG(name));
	req->made_rn = name;
	return STEP_NEXT;
}

/* expirationTime: never later than the parent's, never in the past; made up when absent. TS-0004 7.4.1 */
static int choose_expiration(struct req *req, const struct val *et)
{
	const struct engine_config *config = &req->engine->config;
	const struct node *parent = req->op == OP_CREATE ? req->target : req->target->parent;
	int64_t latest = req->now + config->max_lifetime_us, us = req->now + config->default_lifetime_us;
	if (et && et->kind == VAL_STR) {
		if (!prim_time(et, req->now, &us))
			return req_refuse(req, RSC_BAD_REQUEST,
			                  "et: expected a time such as 20261122T093000");
		if (us <= req->now)
			return req_refuse(req, RSC_BAD_REQUEST, "et: lies in the past");
	}
	if (us > latest)
		us = latest;
	if (parent && parent->et && us > parent->et)
		us = parent->et;
	req->made_et = us;
	return STEP_NEXT;
}

static int set_creator(struct req *req)
{
	struct val *cr = val_find(req->rep, "cr");
	if (!cr)
		return STEP_NEXT;
	if (cr->kind != VAL_NULL)
		return req_refuse(req, RSC_BAD_REQUEST, "cr: is set by the CSE; send null to ask for it");
	cr->kind = VAL_STR;
	cr->text = req->fr;
	return STEP_NEXT;
}

static int check_new(struct req *req)
{
	if (find_type(req) == STEP_DONE || check_place(req) == STEP_DONE || find_special(req) == STEP_DONE)
		return STEP_DONE;
	int r = check_create(req->type, req->rep, &req->why);
	if (r)
		return req_fail(req, r);
	if (check_name(req) == STEP_DONE || set_creator(req) == STEP_DONE)
		return STEP_DONE;
	return choose_expiration(req, val_find(req->rep, "et"));
}

int validate_growth(struct req *req)
{
	const struct admission *admission = &req->engine->ports.admission;
	const struct tree *tree = &req->engine->tree;
	if (!admission->grow)
		return 0;
	const struct owner *owner =
	        owner_find(&tree->owners, tree->seed, req->made_owner.len ? req->made_owner : req->from);
	return admission->grow(admission->ctx, req, owner ? owner->subscriptions : 0,
	                       owner ? owner->resources : 0, &req->why);
}

static int validate_create(struct req *req)
{
	/* A type that waited for somebody is asked again; the rest was checked before. */
	bool waited = req->wait != NULL;
	if (!waited && check_new(req) == STEP_DONE)
		return STEP_DONE;
	bool grows = !type_has(req->type, TRAIT_INSTANCE);
	int r = grows && !waited ? validate_growth(req) : 0;
	if (r)
		return req_fail(req, r);
	const struct type_ops *ops = type_ops_find(req->type->number);
	int result = ops && ops->may_create ? ops->may_create(req) : STEP_NEXT;
	/* Others of the same owner may have come while it waited. */
	r = grows && waited && result == STEP_NEXT ? validate_growth(req) : 0;
	return r ? req_fail(req, r) : result;
}

/* Children must not outlive their parent. TS-0004 7.3.3.4 */
static int check_children_expire(struct req *req)
{
	tree_each_child (req->target, child)
		if (child->et > req->made_et)
			return req_refuse(req, RSC_BAD_REQUEST, "et: the child %.*s lives longer than that",
			                  SLICE_ARG(child->rn));
	return STEP_NEXT;
}

static int validate_update(struct req *req)
{
	struct node *node = req->target;
	if (!slice_is_text(req->root, node->type->root))
		return req_refuse(req, RSC_BAD_REQUEST, "pc: the content is named %.*s, expected %s",
		                  SLICE_ARG(req->root), node->type->root);
	int r = check_update(node->type, req->rep, &req->why);
	if (r)
		return req_fail(req, r);
	const struct val *et = val_find(req->rep, "et");
	req->made_et = node->et;
	if (!et)
		return STEP_NEXT;
	if (choose_expiration(req, et) == STEP_DONE)
		return STEP_DONE;
	return req->made_et < node->et ? check_children_expire(req) : STEP_NEXT;
}

/* A conditional request acts on the addressed resource only when that meets the criteria; a retrieve of
 * children applies them to the children instead. TS-0001 8.1.2 */
static bool is_conditional(const struct req *req)
{
	bool of_children = req->rcn == 4 || req->rcn == 5 || req->rcn == 6 || req->rcn == 8;
	return req->filter && !req->virtual_child && req->op != OP_NOTIFY &&
	       !filter_is_discovery(req->filter) && (req->op != OP_RETRIEVE || !of_children);
}

int step_validate(struct req *req)
{
	if (is_conditional(req) && !filter_admits_target(req))
		return req_refuse(req, RSC_NOT_FOUND, "fc: the resource does not meet the filter criteria");
	if (req->virtual_child)
		return STEP_NEXT;
	if (req->op == OP_CREATE)
		return validate_create(req);
	if (req->op == OP_UPDATE)
		return validate_update(req);
	return STEP_NEXT;
}
