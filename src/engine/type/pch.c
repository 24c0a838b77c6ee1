/* SPDX-License-Identifier: Apache-2.0 */
/* <pollingChannel> and its pollingChannelURI: for the one entity that owns it, and for nobody else, not even
 * the administrator (who would take away what is meant for another). TS-0001 9.6.21, TS-0004 7.4.22 */
#include "engine/channel.h"
#include "engine/engine_private.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

/* Is the originator the AE or CSE that this resource stands for? */
static bool pch_is_owner(struct req *req, const struct node *entity)
{
	struct slice id = entity->ri;

	if (entity->type->number == TYPE_CSR &&
	    !val_is_str(node_attr(entity, SLICE("csi"), &req->arena), &id))
		return false;
	return slice_is(id_sp_relative(&req->engine->self, id, &req->arena), req->from);
}

static enum step_result pch_may_create(struct req *req)
{
	if (!pch_is_owner(req, req->target))
		return req_refuse(req, RSC_ORIGINATOR_HAS_NO_PRIVILEGE,
		                  "to: only its owner may make a polling channel here");
	if (channel_of(req->target))
		return req_refuse(req, RSC_CONFLICT, "to: there is a polling channel here already");
	return STEP_NEXT;
}

static int pch_compile(struct engine *engine, struct node *node, struct why *why)
{
	if (!node->extra)
		node->extra = channel_create(engine);
	return 0;
}

static void pch_forget(struct engine *engine, struct node *node)
{
	channel_destroy(node->extra);
	node->extra = NULL;
}

static enum step_result pch_pcu(struct req *req)
{
	bool aggregate = false;

	if (req->wait)
		return channel_poll_again(req);
	if (!pch_is_owner(req, req->target->parent))
		return req_refuse(req, RSC_ORIGINATOR_HAS_NO_PRIVILEGE,
		                  "to: the polling channel belongs to another");
	if (req->op == OP_NOTIFY)
		return channel_answer(req->target->extra, req);
	(void)val_is_bool(node_attr(req->target, SLICE("rqag"), &req->arena), &aggregate);
	return channel_poll(req->target->extra, req, aggregate);
}

static const struct virtual_child pch_children[] = {
        {"pcu", 1u << OP_RETRIEVE | 1u << OP_NOTIFY, false, pch_pcu},
        {NULL, 0, false, NULL},
};

const struct type_ops type_ops_pch = {
        .number = TYPE_PCH,
        .may_create = pch_may_create,
        .compile = pch_compile,
        .forget = pch_forget,
        .virtual_children = pch_children,
};
