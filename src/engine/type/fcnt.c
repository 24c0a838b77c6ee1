/* SPDX-License-Identifier: Apache-2.0 */
/* <flexContainer>: attributes of the site's own choosing, by definition; and, when asked for, a history of
 * itself in instances. TS-0001 9.6.35, TS-0004 7.4.37 */
#include "codec/json.h"
#include "engine/box.h"
#include "engine/engine_private.h"
#include "engine/notify.h"
#include "engine/type/cnt.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

/* An attribute of the specialization, not of every flexContainer? */
static bool is_custom(struct slice sn)
{
	return !type_attr(type_find(TYPE_FCNT), sn);
}

static uint64_t content_size(struct arena *arena, const struct val *rep)
{
	uint64_t size = 0;
	val_each (rep, member)
		if (member->kind != VAL_NULL && is_custom(member->name))
			size += cnt_content_size(arena, member);
	return size;
}

static enum step_result may_create(struct req *req)
{
	struct slice cnd = val_find(req->rep, "cnd")->text;
	if (!type_by_definition(cnd))
		return req_refuse(req, RSC_SPECIALIZATION_SCHEMA_NOT_FOUND,
		                  "cnd: no definition %.*s is known here", SLICE_ARG(cnd));
	if (!slice_is_text(cnd, req->type->definition))
		return req_refuse(req, RSC_BAD_REQUEST, "cnd: %.*s does not belong to %s, expected %s",
		                  SLICE_ARG(cnd), req->type->root, req->type->definition);
	val_set(req->rep, SLICE("cs"), val_int(&req->arena, (int64_t)content_size(&req->arena, req->rep)));
	return STEP_NEXT;
}

static enum step_result may_update(struct req *req, struct val *next)
{
	val_set(next, SLICE("cs"), val_int(&req->arena, (int64_t)content_size(&req->arena, next)));
	return STEP_NEXT;
}

static int compile(struct engine *engine, struct node *node, struct why *why)
{
	cnt_read_limits(node);
	return 0;
}

/* One instance of the custom attributes as they are now. */
static void take_instance(struct req *req, struct node *node)
{
	struct box *box = node->box;
	struct val *body = node_body(node, &req->arena), *custom = val_obj(&req->arena);
	for (struct val *member = body->first, *next; member; member = next) {
		next = member->next;
		member->next = NULL;
		if (is_custom(member->name) || slice_is(member->name, SLICE("loc")))
			val_put(custom, member->name, member);
	}
	struct buf buf;
	buf_init(&buf, &req->arena);
	json_write_members(&buf, custom);
	struct store_inst inst = {
	        .ty = TYPE_FCI,
	        .ct = req->now,
	        .lt = req->now,
	        .et = box->mia == INT64_MAX || node->et < req->now + box->mia ? node->et
	                                                                      : req->now + box->mia,
	        .cr = req->from,
	        .cs = content_size(&req->arena, custom),
	        .body = buf_slice(&buf),
	};
	if (inst.cs > box->mbs)
		return;
	box_add(&req->engine->tree, node, &inst);
	notify_child_created(req, req->engine, node, NULL, &inst);
}

static void created(struct req *req, struct node *node)
{
	if (node->box->fcied)
		take_instance(req, node);
}

static bool changes_content(const struct val *rep)
{
	val_each (rep, member)
		if (is_custom(member->name))
			return true;
	return false;
}

static void changed(struct req *req, struct node *node)
{
	bool was = false;
	(void)val_is_bool(val_find(req->before, "fcied"), &was);
	if (was && !node->box->fcied) {
		if (val_find(req->rep, "fcied")->kind != VAL_NULL)
			box_clear(&req->engine->tree, node,
			          req->now); /* switched off: the history goes; null keeps it */
		return;
	}
	if (node->box->fcied && (!was || changes_content(req->rep)))
		take_instance(req, node);
	box_shrink(&req->engine->tree, node);
}

const struct type_ops type_ops_fcnt = {
        .number = TYPE_FCNT,
        .may_create = may_create,
        .may_update = may_update,
        .compile = compile,
        .created = created,
        .changed = changed,
        .virtual_children = cnt_virtual_children,
};
