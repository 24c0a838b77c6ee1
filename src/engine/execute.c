/* SPDX-License-Identifier: Apache-2.0 */
/* The sixth step: do it. Nothing can be refused any more when the tree begins to change, so that a request is
 * done whole or leaves no trace. TS-0004 7.3.3 */
#include "engine/execute.h"
#include "engine/deliver.h"
#include "engine/discover.h"
#include "engine/engine_private.h"
#include "engine/filter.h"
#include "engine/notify.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

static int execute_retrieve(struct req *req)
{
	if (filter_is_discovery(req->filter)) {
		if (!req->wait && !req->consult) /* a long search comes back in slices */
			notify_operation(req, req->engine, req->target);
		return discover_run(req);
	}
	const struct box *box = req->target->box;
	if (req->seq && box->disr)
		return req_refuse(req, RSC_OPERATION_NOT_ALLOWED,
		                  "to: retrieval of instances is disabled (disr)");
	return STEP_NEXT;
}

/* A notification that arrives: an AE's goes on to it; others have no use for it. TS-0001 10.2.10.3 */
static int execute_notify(struct req *req)
{
	if (req->target->type->number == TYPE_AE)
		return deliver_retarget(req);
	if (!req->target->parent) {
		/* Verifications and results that end at the CSE itself. */
		req_good(req, RSC_OK, NULL);
		return STEP_DONE;
	}
	return req_refuse(req, RSC_OPERATION_NOT_ALLOWED, "to: a <%s> takes no notifications",
	                  req->target->type->ln);
}

int step_execute(struct req *req)
{
	/* After a failed commit nothing may be written until the store is well again. */
	if (!req->engine->can_write && (req->op == OP_CREATE || req->op == OP_UPDATE || req->op == OP_DELETE))
		return req_refuse(req, RSC_INTERNAL_SERVER_ERROR,
		                  "the store can't write at the moment; reading works; try again later");
	if (req->virtual_child)
		return req->virtual_child->run(req);
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
