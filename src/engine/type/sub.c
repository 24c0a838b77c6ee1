/* SPDX-License-Identifier: Apache-2.0 */
/* <subscription>: accepted when its rules hold, its creator may read what it watches, and its targets agree;
 * counted down by its deliveries; and said goodbye to. What it wants is read in sub_compile.c, what it may
 * say stands in sub_rules.c. TS-0001 9.6.8, TS-0004 7.4.8 */
#include "engine/type/sub.h"

#include "codec/json.h"
#include "engine/access.h"
#include "engine/engine_private.h"
#include "engine/expire.h"
#include "engine/notify.h"
#include "engine/type/sub_rules.h"
#include "engine/type_ops.h"
#include "engine/verify.h"
#include "model/rsc.h"

struct slice sub_reference(const struct engine *engine, struct slice ri, struct arena *arena)
{
	return arena_printf(arena, "%.*s/%.*s", SLICE_ARG(engine->self.csi), SLICE_ARG(ri));
}

/* Attributes changed by ourselves: the times stay. */
static void sub_write(struct engine *engine, struct node *node, const struct val *body, struct arena *arena)
{
	struct buf buf;

	buf_init(&buf, arena);
	json_write_members(&buf, body);
	tree_change(&engine->tree, node, buf_slice(&buf), node->lt, node->et);
}

static void sub_put_stat(struct val *list, struct arena *arena, const struct queue *queue,
                         struct slice target)
{
	struct val *one = val_push(list, val_obj(arena));

	val_put(one, SLICE("tg"), val_str(arena, target));
	val_put(one, SLICE("rqs"), val_int(arena, queue ? (int64_t)queue->sent : 0));
	val_put(one, SLICE("rsr"), val_int(arena, queue ? (int64_t)queue->answered : 0));
	val_put(one, SLICE("noec"), val_int(arena, queue ? (int64_t)queue->events : 0));
}

void sub_keep_stats(struct engine *engine, struct sub *sub)
{
	struct arena arena;
	struct val *body, *list;

	if (!engine->can_write)
		return;
	arena_init(&arena);
	body = node_body(sub->node, &arena);
	list = val_arr(&arena);
	for (const struct queue *queue = sub->queues; queue; queue = queue->next)
		sub_put_stat(list, &arena, queue, queue->target);
	val_set(body, SLICE("nsi"), list);
	sub_write(engine, sub->node, body, &arena);
	arena_finish(&arena);
}

/* notificationStatsEnable was set: counting begins anew. */
static void sub_reset_stats(struct val *body, const struct val *nu, struct arena *arena)
{
	struct val *list = val_arr(arena);

	val_each (nu, target)
		sub_put_stat(list, arena, NULL, target->text);
	val_set(body, SLICE("nsi"), list);
}

bool sub_delivered(struct engine *engine, struct sub *sub, uint64_t delivered)
{
	struct arena arena;
	struct val *body;
	bool counts = sub->exc > 0 && delivered > sub->delivered;

	if (delivered > sub->delivered)
		sub->delivered = delivered;
	if (counts && --sub->exc == 0) {
		expire_delete(engine, NULL, sub->node);
		return true;
	}
	if (counts && engine->can_write) {
		arena_init(&arena);
		body = node_body(sub->node, &arena);
		val_set(body, SLICE("exc"), val_int(&arena, (int64_t)sub->exc));
		sub_write(engine, sub->node, body, &arena);
		arena_finish(&arena);
	}
	if (sub->rules.stats)
		sub_keep_stats(engine, sub);
	return false;
}

/* Only one subscription may block the updates of a resource. */
static bool sub_blocks_already(const struct node *parent)
{
	tree_each_child (parent, child) {
		const struct sub *sub = child->type->number == TYPE_SUB ? child->extra : NULL;

		if (sub && sub->nets & 1u << NET_BLOCKING_UPDATE)
			return true;
	}
	return false;
}

/* What the CSE adds to what was sent. */
static void sub_complete(struct req *req, uint32_t nets)
{
	struct arena *arena = &req->arena;
	struct val *rep = req->rep, *nu = val_find(rep, "nu");
	bool nse = false;

	if (!val_find(rep, "nct"))
		val_put(rep, SLICE("nct"), val_int(arena, sub_rules_nct(nets)));
	if (!val_find(rep, "cr"))
		val_each (nu, target)
			if (!verify_is_originator(req, target->text)) {
				val_put(rep, SLICE("cr"), val_str(arena, req->fr));
				break;
			}
	if (val_is_bool(val_find(rep, "nse"), &nse) && nse)
		sub_reset_stats(rep, nu, arena);
}

static enum step_result sub_check_new(struct req *req)
{
	const struct node *parent = req->target;
	struct access_ask ask;
	uint32_t nets;
	int r = sub_rules_check(parent, req->rep, &req->why);

	if (!r)
		r = sub_rules_nets(val_find(req->rep, "enc"), &nets, &req->why);
	if (r)
		return req_fail(req, r);
	access_ask_of(&ask, req, ACCESS_RETRIEVE);
	ask.child = NULL;
	if (!access_permits(req->engine, parent, &ask))
		return req_refuse(req, RSC_ORIGINATOR_HAS_NO_PRIVILEGE,
		                  "%.*s may not read what it wants to subscribe to", SLICE_ARG(req->fr));
	if (nets & 1u << NET_BLOCKING_UPDATE && sub_blocks_already(parent))
		return req_refuse(req, RSC_BLOCKING_SUBSCRIPTION_ALREADY_EXISTS,
		                  "enc/net: another subscription blocks the updates of this resource");
	sub_complete(req, nets);
	return STEP_NEXT;
}

static enum step_result sub_may_create(struct req *req)
{
	bool waited = req->wait != NULL;
	enum step_result result;

	if (!waited && sub_check_new(req) == STEP_DONE)
		return STEP_DONE;
	result = verify_targets(req, val_find(req->rep, "nu"), NULL, req_reserve_ri(req));
	/* While the targets thought about it, others may have been quicker. */
	if (result == STEP_NEXT && waited && req->made_rn.len &&
	    tree_child(&req->engine->tree, req->target, req->made_rn))
		return req_refuse(req, RSC_CONFLICT, "rn: there is a resource %.*s here already",
		                  SLICE_ARG(req->made_rn));
	return result;
}

static enum step_result sub_may_update(struct req *req, struct val *next)
{
	const struct node *node = req->target;
	const struct sub *sub = node->extra;
	const struct val *known = node_attr(node, SLICE("nu"), &req->arena), *nu = val_find(next, "nu");
	uint32_t nets;
	bool nse;
	int r = sub_rules_check(node->parent, next, &req->why);

	if (!r)
		r = sub_rules_nets(val_find(next, "enc"), &nets, &req->why);
	if (r)
		return req_fail(req, r);
	if (nets & ~sub->nets & 1u << NET_BLOCKING_UPDATE)
		return req_refuse(req, RSC_BAD_REQUEST, "enc/net: 7 is only set at creation");
	if (val_is_bool(val_find(req->rep, "nse"), &nse) && nse)
		sub_reset_stats(next, nu, &req->arena);
	return verify_targets(req, nu, known, node->ri);
}

static void sub_created(struct req *req, struct node *node)
{
	uint64_t psn;

	if (val_is_uint(val_find(req->rep, "psn"), &psn))
		notify_past(req, node, psn);
}

/* The subscription goes: what it still had to tell of its own end, and the last word to who wants it. */
static void sub_removed(struct engine *engine, struct node *node)
{
	struct sub *sub = node->extra;
	struct arena arena;
	struct slice su, sur;
	const struct val *acrs;

	arena_init(&arena);
	sur = sub_reference(engine, node->ri, &arena);
	while (sub->queues) {
		struct queue *queue = sub->queues;

		sub->queues = queue->next;
		queue_leave(queue);
	}
	if (val_is_str(node_attr(node, SLICE("su"), &arena), &su))
		queue_tell_gone(engine->deliver, su, sur);
	acrs = node_attr(node, SLICE("acrs"), &arena);
	if (acrs)
		val_each (acrs, target)
			queue_tell_gone(engine->deliver, target->text, sur);
	arena_finish(&arena);
}

const struct type_ops type_ops_sub = {
        .number = TYPE_SUB,
        .may_create = sub_may_create,
        .may_update = sub_may_update,
        .compile = sub_compile,
        .created = sub_created,
        .removed = sub_removed,
        .forget = sub_forget,
};
