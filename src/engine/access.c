/* SPDX-License-Identifier: Apache-2.0 */
/* Which policies decide about a resource, and what they say. TS-0001 11.3, TS-0003 7.1 */
#include "engine/access.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/grant.h"

/* An <accessControlPolicy>, read: node->extra. */
struct acp {
	struct arena arena;
	struct access_rules pv, pvs;
};

int access_compile(const struct engine *engine, struct node *node, struct why *why)
{
	struct acp *acp = mem_zero(1, sizeof(*acp));
	arena_init(&acp->arena);
	struct arena arena;
	arena_init(&arena);
	const struct id_self *self = &engine->self;
	const struct val *body = node_body(node, &arena);
	int r = access_rule_read(self, val_find(body, "pv"), &acp->arena, why, &acp->pv);
	if (!r)
		r = access_rule_read(self, val_find(body, "pvs"), &acp->arena, why, &acp->pvs);
	arena_finish(&arena);
	access_forget(node);
	node->extra = acp;
	return r;
}

void access_forget(struct node *node)
{
	struct acp *acp = node->extra;
	if (!acp)
		return;
	arena_finish(&acp->arena);
	free(acp);
	node->extra = NULL;
}

void access_ask_of(struct access_ask *ask, const struct req *req, enum access_op op)
{
	*ask = (struct access_ask){
	        .from = req->from,
	        .is_admin = req->is_admin,
	        .op = op,
	        .child = req->type,
	        .names = req->op == OP_UPDATE ? req->rep : req->atrl,
	        .peer = &req->peer,
	        .grants = req->grants,
	        .now = req->now,
	};
}

static bool is_acp(const struct node *node)
{
	return node && node->type->number == TYPE_ACP && node->extra;
}

/* The policies that acpi names, found once and kept until any policy comes or goes. */
static void resolve_acps(const struct engine *engine, struct node *node)
{
	struct arena arena;
	arena_init(&arena);
	const struct val *acpi = node_attr(node, SLICE("acpi"), &arena);
	size_t count = acpi ? acpi->count : 0;
	free(node->acps);
	node->acps = count ? mem_zero(count, sizeof(struct node *)) : NULL;
	node->acp_count = 0;
	if (acpi)
		val_each (acpi, item) {
			struct node *acp = tree_find(&engine->tree, &engine->self, item->text);

			/* Anything else may go without the epoch telling us. */
			node->acps[node->acp_count++] = acp && acp->type->number == TYPE_ACP ? acp : NULL;
		}
	node->acps_epoch = engine->tree.acp_epoch;
	arena_finish(&arena);
}

static bool owner_permits(const struct engine *engine, const struct node *node, const struct access_ask *ask)
{
	if (node->owner.len && slice_is(node->owner, ask->from))
		return true;
	/* A custodian stands beside the creator (R4). */
	if (!node->body.len || !memmem(node->body.ptr, node->body.len, "\"cstn\":", 7))
		return false;
	struct arena arena;
	arena_init(&arena);
	const struct val *cstn = node_attr(node, SLICE("cstn"), &arena);
	bool is = cstn && slice_is(id_sp_relative(&engine->self, cstn->text, &arena), ask->from);
	arena_finish(&arena);
	return is;
}

static bool policies_permit(const struct engine *engine, const struct node *at, const struct node *node,
                            const struct access_ask *ask)
{
	if (is_acp(at))
		return access_rule_permits(engine, &((struct acp *)at->extra)->pvs, at, ask);
	if (at->acps_epoch != engine->tree.acp_epoch)
		resolve_acps(engine, (struct node *)at);
	for (size_t i = 0; i < at->acp_count; i++)
		if (is_acp(at->acps[i]) &&
		    access_rule_permits(engine, &((struct acp *)at->acps[i]->extra)->pv, node, ask))
			return true;
	return at->acp_count == 0 && owner_permits(engine, at, ask);
}

bool access_permits(const struct engine *engine, const struct node *node, const struct access_ask *ask)
{
	if (ask->is_admin)
		return true;
	const struct node *at = node;
	while (at->type->number != TYPE_ACP && at->parent && !type_attr(at->type, SLICE("acpi"))) {
		/* No acpi of its own: the parent decides. A polling channel and a request belong to one
		 * alone. */
		if (at->type->number == TYPE_PCH || at->type->number == TYPE_REQ)
			return owner_permits(engine, at, ask);
		at = at->parent;
	}
	return policies_permit(engine, at, node, ask) ||
	       (ask->grants && grant_permits(engine, ask->grants, node, ask));
}

struct val *access_roles(const struct engine *engine, const struct node *node, struct arena *arena)
{
	struct val *roles = val_arr(arena);
	if (node->acps_epoch != engine->tree.acp_epoch)
		resolve_acps(engine, (struct node *)node);
	for (size_t i = 0; i < node->acp_count; i++) {
		const struct acp *acp = is_acp(node->acps[i]) ? node->acps[i]->extra : NULL;
		for (size_t j = 0; acp && j < acp->pv.count; j++)
			access_rule_roles(&acp->pv.rules[j], roles, arena);
	}
	return roles->count ? roles : NULL;
}

bool access_permits_by(const struct engine *engine, const struct val *acpi, const struct node *node,
                       const struct access_ask *ask)
{
	if (ask->is_admin)
		return true;
	if (!acpi || acpi->kind != VAL_ARR)
		return false;
	val_each (acpi, item) {
		struct node *acp = tree_find(&engine->tree, &engine->self, item->text);
		if (is_acp(acp) && access_rule_permits(engine, &((struct acp *)acp->extra)->pv, NULL, ask))
			return true;
	}
	return ask->grants && grant_permits(engine, ask->grants, node, ask);
}

bool access_permits_acpi(const struct engine *engine, const struct node *node, const struct access_ask *ask)
{
	if (ask->is_admin)
		return true;
	if (node->acps_epoch != engine->tree.acp_epoch)
		resolve_acps(engine, (struct node *)node);
	for (size_t i = 0; i < node->acp_count; i++)
		if (is_acp(node->acps[i]) &&
		    access_rule_permits(engine, &((struct acp *)node->acps[i]->extra)->pvs, node, ask))
			return true;
	return node->acp_count == 0 && owner_permits(engine, node, ask);
}
