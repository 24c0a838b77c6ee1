/* SPDX-License-Identifier: Apache-2.0 */
/* <role>: says that somebody holds a role, and when. Whoever may create one may give any role to anybody, so
 * the policies of its parent are the whole protection; by those that a CSE is born with only the
 * administrator may. A role that names a token of ours ends with it. TS-0001 9.6.38, TS-0003 7.4 */
#include "engine/type/rol.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/claim.h"
#include "engine/engine_private.h"
#include "model/rsc.h"

/* node->extra */
struct rol {
	struct slice id, holder; /* stand behind */
	int64_t from, until;
	bool by_token; /* rltl is there */
};

/* The times of validity; until: not in the past and not before from. */
static enum step_result rol_check_times(struct req *req)
{
	int64_t from, until;

	if (!clock_parse(val_find(req->rep, "tknb")->text, &from) ||
	    !clock_parse(val_find(req->rep, "tkna")->text, &until))
		return req_refuse(req, RSC_BAD_REQUEST, "tknb, tkna: expected times");
	if (until <= from)
		return req_refuse(req, RSC_BAD_REQUEST, "tkna: must be later than tknb");
	if (until <= req->now)
		return req_refuse(req, RSC_BAD_REQUEST, "tkna: lies in the past");
	if (!val_find(req->rep, "et") && until < req->made_et)
		req->made_et = until; /* nobody needs it longer */
	return STEP_NEXT;
}

static enum step_result rol_may_create(struct req *req)
{
	struct slice id = val_find(req->rep, "rlid")->text, holder = val_find(req->rep, "tkhd")->text;

	if (!claim_is_id(id))
		return req_refuse(req, RSC_BAD_REQUEST,
		                  "rlid: \"%.*s\" is no role ID, expected one such as owner@example.com",
		                  SLICE_ARG(id));
	if (!id_is_originator(holder))
		return req_refuse(req, RSC_BAD_REQUEST, "tkhd: \"%.*s\" is no AE-ID or CSE-ID",
		                  SLICE_ARG(holder));
	return rol_check_times(req);
}

static struct slice rol_text(const struct val *body, const char *name)
{
	const struct val *v = val_get(body, slice_of(name));

	return v && v->kind == VAL_STR ? v->text : (struct slice){NULL, 0};
}

static void rol_forget(struct engine *engine, struct node *node)
{
	struct rol *rol = node->extra;

	if (!rol)
		return;
	map_remove(&engine->roles, slice_hash(rol->id, engine->tree.seed), node);
	free(rol);
	node->extra = NULL;
}

static int rol_compile(struct engine *engine, struct node *node, struct why *why)
{
	struct arena arena;
	struct rol *rol;

	rol_forget(engine, node);
	arena_init(&arena);
	const struct val *body = node_body(node, &arena);
	struct slice id = rol_text(body, "rlid"), holder = rol_text(body, "tkhd");

	holder = id_sp_relative(&engine->self, holder, &arena);
	rol = mem_zero(1, sizeof(*rol) + id.len + holder.len);
	rol->id = slice_make(memcpy(rol + 1, id.ptr ? id.ptr : "", id.len), id.len);
	rol->holder = slice_make(memcpy((char *)(rol + 1) + id.len, holder.ptr ? holder.ptr : "", holder.len),
	                         holder.len);
	rol->by_token = val_find(body, "rltl") != NULL;
	/* What can't be read is never valid. */
	if (!clock_parse(rol_text(body, "tknb"), &rol->from) ||
	    !clock_parse(rol_text(body, "tkna"), &rol->until))
		rol->from = rol->until = 0;
	arena_finish(&arena);
	node->extra = rol;
	map_add(&engine->roles, slice_hash(rol->id, engine->tree.seed), node);
	return 0;
}

/* A token elsewhere can't be looked at; one of ours must be there. */
static bool rol_token_stands(const struct engine *engine, const struct node *node)
{
	struct arena arena;
	struct id_to to;
	bool stands = true;

	arena_init(&arena);
	const struct val *link = node_attr(node, SLICE("rltl"), &arena);
	if (link && id_read_to(&engine->self, link->text, &to, NULL) == 0 && to.here) {
		const struct node *token = tree_find(&engine->tree, &engine->self, link->text);

		stands = token && token->type->number == TYPE_TK;
	}
	arena_finish(&arena);
	return stands;
}

bool rol_holds(const struct engine *engine, struct slice role, struct slice holder, int64_t now)
{
	const struct node *node;
	size_t at = 0;

	while ((node = map_next_under(&engine->roles, slice_hash(role, engine->tree.seed), &at))) {
		const struct rol *rol = node->extra;

		if (slice_is(rol->id, role) && holder.len && slice_is(rol->holder, holder) &&
		    rol->from <= now && now < rol->until && (!node->et || node->et > now) &&
		    (!rol->by_token || rol_token_stands(engine, node)))
			return true;
	}
	return false;
}

const struct type_ops type_ops_rol = {
        .number = TYPE_ROL,
        .may_create = rol_may_create,
        .compile = rol_compile,
        .forget = rol_forget,
};
