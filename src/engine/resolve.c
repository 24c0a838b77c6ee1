/* SPDX-License-Identifier: Apache-2.0 */
/* The second step: which resource is meant. Structured, unstructured and hybrid addresses, virtual resources,
 * instances, fragments. TS-0004 7.3.2.2, 6.2.3 */
#include <errno.h>

#include "engine/box.h"
#include "engine/engine_private.h"
#include "engine/filter.h"
#include "engine/steps.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

static int not_found(struct req *req)
{
	struct slice to = prim_text(&req->in, PRIM_to);
	return req_refuse(req, RSC_NOT_FOUND, "to: there is no resource %.*s here", SLICE_ARG(to));
}

/* The first segment: the CSEBase by name or '-', or any resource by its ID. */
static bool find_first(struct req *req, struct slice part)
{
	struct engine *engine = req->engine;
	uint64_t no, seq;
	if (slice_is(part, engine->self.name) || slice_is(part, SLICE("-"))) {
		req->target = engine->tree.base;
		return true;
	}
	req->target = tree_by_ri(&engine->tree, part);
	if (req->target)
		return true;
	if (!box_read_id(part, &no, &seq))
		return false;
	req->target = tree_by_no(&engine->tree, no);
	req->seq = seq;
	return req->target && req->target->box;
}

/* One more segment: a child, a virtual resource, or an instance. */
static int find_next(struct req *req, struct slice part, struct slice *rest)
{
	struct node *child = tree_child(&req->engine->tree, req->target, part);
	if (child) {
		req->target = child;
		return 0;
	}
	req->virtual_child = type_ops_virtual(req->target->type, part);
	if (req->virtual_child) {
		if (req->virtual_child->takes_path) {
			req->virtual_rest = *rest;
			rest->len = 0;
		}
		return 0;
	}
	return box_find(&req->engine->tree, req->target, part, &req->seq);
}

static int find_target(struct req *req)
{
	struct slice rest = req->to.path, part;
	req->target = req->engine->tree.base;
	if (slice_cut(&rest, '/', &part) && !find_first(req, part))
		return -ENOENT;
	while (rest.len) {
		/* Nothing stands below an instance or a virtual resource. */
		if (req->seq || req->virtual_child)
			return -ENOENT;
		slice_cut(&rest, '/', &part);
		int r = find_next(req, part, &rest);
		if (r)
			return r;
	}
	return 0;
}

/* An instance is fetched here, so that every later step sees it or nobody does. */
static int fetch_instance(struct req *req)
{
	req->inst = arena_new(&req->arena, struct store_inst);
	return box_get(&req->engine->tree, req->target, req->seq, req->now, &req->arena, req->inst);
}

static int read_fragment(struct req *req)
{
	if (!req->to.fragment.len)
		return STEP_NEXT;
	if (req->op != OP_RETRIEVE)
		return req_refuse(req, RSC_BAD_REQUEST,
		                  "to: only a retrieve may address one attribute with '#'");
	req->atrl = val_arr(&req->arena);
	val_push(req->atrl, val_str(&req->arena, req->to.fragment));
	return STEP_NEXT;
}

/* What a resource does not take from anybody is said before anybody's rights are looked at. */
static int check_operation(struct req *req)
{
	const struct virtual_child *child = req->virtual_child;
	if (child && !(child->ops & 1u << req->op))
		return req_refuse(req, RSC_OPERATION_NOT_ALLOWED,
		                  "to: the virtual resource %s does not take this operation", child->name);
	if (!child && !req->target->parent && (req->op == OP_UPDATE || req->op == OP_DELETE))
		return req_refuse(req, RSC_OPERATION_NOT_ALLOWED,
		                  "to: the CSEBase is not changed by requests");
	if (req->seq && req->op == OP_UPDATE)
		return req_refuse(req, RSC_OPERATION_NOT_ALLOWED, "to: an instance is never updated");
	return STEP_NEXT;
}

static int read_filter(struct req *req)
{
	const struct val *fc = req->in.at[PRIM_fc];
	/* A group's members read it themselves. */
	if (!fc || (req->virtual_child && req->virtual_child->takes_path))
		return 0;
	return filter_compile(req, fc, &req->filter);
}

int step_resolve(struct req *req)
{
	int r = id_read_to(&req->engine->self, prim_text(&req->in, PRIM_to), &req->to, &req->why);
	if (r)
		return req_fail(req, r);
	if (!req->to.here)
		return STEP_NEXT; /* forward's business */
	r = find_target(req);
	if (!r && req->seq)
		r = fetch_instance(req);
	if (r == -ENOENT || (!r && req->target->et && req->target->et <= req->now))
		return not_found(req);
	if (!r)
		r = read_filter(req);
	if (r)
		return req_fail(req, r);
	if (fanout_repeats(req->engine->gids, req))
		return req_refuse(req, RSC_GROUP_REQUEST_IDENTIFIER_EXISTS,
		                  "gid: this fan-out has been at this resource before");
	return read_fragment(req) == STEP_DONE ? STEP_DONE : check_operation(req);
}
