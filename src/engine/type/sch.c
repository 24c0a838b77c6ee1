/* SPDX-License-Identifier: Apache-2.0 */
/* <schedule>: times at which something is on. Who waits for one looks it up himself (window.c); here it is
 * only checked and counted. TS-0001 9.6.9, TS-0004 7.4.9 */
#include "engine/engine_private.h"
#include "engine/queue.h"
#include "engine/type/sub.h"
#include "engine/type_ops.h"
#include "model/rsc.h"
#include "model/schedule.h"

static enum step_result sch_check(struct req *req, const struct node *parent, const struct val *rep)
{
	const struct val *se = val_find(rep, "se"),
	                 *list = se && se->kind == VAL_OBJ ? val_find(se, "sce") : se;
	bool nco = false;

	if (!list || list->count == 0)
		return req_refuse(req, RSC_BAD_REQUEST, "se: needs at least one schedule entry");
	val_each (list, entry)
		if (!schedule_is_valid(entry->text))
			return req_refuse(req, RSC_BAD_REQUEST, "se: \"%.*s\" is no schedule entry",
			                  SLICE_ARG(entry->text));
	if (!val_is_bool(val_find(rep, "nco"), &nco))
		return STEP_NEXT;
	if (parent->type->number != TYPE_NOD)
		return req_refuse(req, RSC_BAD_REQUEST, "nco: only stands below a <node>");
	if (nco)
		return req_refuse(req, RSC_NOT_IMPLEMENTED,
		                  "nco: there is no network here to coordinate with");
	return STEP_NEXT;
}

/* A node may have several; a subscription and the CSEBase have one at most. */
static enum step_result sch_may_create(struct req *req)
{
	if (req->target->type->number != TYPE_NOD)
		tree_each_child (req->target, child)
			if (child->type->number == TYPE_SCH)
				return req_refuse(req, RSC_CONFLICT, "to: there is a schedule here already");
	return sch_check(req, req->target, req->rep);
}

static enum step_result sch_may_update(struct req *req, struct val *next)
{
	return sch_check(req, req->target->parent, next);
}

/* What waits for a window looks again. */
static void sch_wake(struct node *node)
{
	struct sub *sub = node->parent && node->parent->type->number == TYPE_SUB ? node->parent->extra : NULL;

	if (!sub)
		return;
	for (struct queue *queue = sub->queues; queue; queue = queue->next)
		queue_is_ready(queue);
}

static int sch_compile(struct engine *engine, struct node *node, struct why *why)
{
	/* extra only says that it was counted. */
	if (!node->extra)
		engine->deliver->schedules++;
	node->extra = engine->deliver;
	sch_wake(node);
	return 0;
}

static void sch_removed(struct engine *engine, struct node *node)
{
	sch_wake(node);
}

static void sch_forget(struct engine *engine, struct node *node)
{
	if (node->extra)
		engine->deliver->schedules--;
	node->extra = NULL;
}

const struct type_ops type_ops_sch = {
        .number = TYPE_SCH,
        .may_create = sch_may_create,
        .may_update = sch_may_update,
        .compile = sch_compile,
        .removed = sch_removed,
        .forget = sch_forget,
};
