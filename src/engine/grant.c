/* SPDX-License-Identifier: Apache-2.0 */
/* Roles and permissions, gathered for one request and asked by access.c. */
#include "engine/grant.h"

#include <stdarg.h>
#include <stdio.h>

#include "engine/claim.h"
#include "engine/engine_private.h"
#include "engine/memory.h"
#include "engine/shelf.h"
#include "engine/type/rol.h"
#include "model/rsc.h"

/* What is added goes with the request that adds it, so who looked at another's until now gets his own. */
struct grants *grant_of(struct req *req)
{
	const struct grants *before = req->grants;
	struct grants *grants;

	if (before && before->req == req)
		return req->grants;
	grants = req->grants = arena_new(&req->arena, struct grants);
	if (before)
		*grants = *before;
	grants->req = req;
	grants->roles = arena_array(&req->arena, GRANT_ROLES_MOST, struct grant_role);
	grants->permissions = arena_array(&req->arena, GRANT_PERMISSIONS_MOST, struct grant_permission);
	grants->tokens = arena_array(&req->arena, GRANT_TOKENS_MOST, struct grant_token);
	if (before) {
		memcpy(grants->roles, before->roles, before->role_count * sizeof(*before->roles));
		memcpy(grants->permissions, before->permissions,
		       before->permission_count * sizeof(*before->permissions));
		memcpy(grants->tokens, before->tokens, before->token_count * sizeof(*before->tokens));
	}
	return grants;
}

void grant_complain(struct req *req, const char *format, ...)
{
	struct grants *grants = grant_of(req);
	char text[160];
	va_list args;

	if (grants->complaint.len)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	grants->complaint = arena_copy(&req->arena, slice_of(text));
}

/* ---- what tokens and servers give ---- */

void grant_allow(struct req *req, const struct access_rules *rules, const struct node *node)
{
	struct grants *grants = grant_of(req);
	struct grant_permission *permission;

	if (grants->permission_count == GRANT_PERMISSIONS_MOST)
		return;
	permission = &grants->permissions[grants->permission_count++];
	permission->rules = *rules;
	permission->nodes = arena_new(&req->arena, uint64_t);
	permission->nodes[0] = node->no;
	permission->node_count = 1;
}

static int grant_resources(struct req *req, const struct val *ris, struct grant_permission *permission)
{
	struct engine *engine = req->engine;

	permission->everywhere = !ris;
	if (!ris)
		return 0;
	if (ris->count > GRANT_RESOURCES_MOST)
		return refuse(&req->why, RSC_ORIGINATOR_HAS_NO_PRIVILEGE,
		              "a permission names more than %d resources", GRANT_RESOURCES_MOST);
	permission->nodes = arena_array(&req->arena, ris->count + 1, uint64_t);
	val_each (ris, id) {
		const struct node *node = tree_find(&engine->tree, &engine->self, id->text);

		if (node)
			permission->nodes[permission->node_count++] = node->no;
	}
	return 0;
}

static void grant_role(struct grants *grants, struct slice id, const struct grant_permission *where)
{
	if (grants->role_count < GRANT_ROLES_MOST)
		grants->roles[grants->role_count++] = (struct grant_role){id, where};
}

/* One m2m:tokenPermission. */
static int grant_permission(struct req *req, const struct val *pm)
{
	struct grants *grants = req->grants;
	struct grant_permission *permission;
	const struct val *roles = val_find(pm, "rids");
	int r;

	if (grants->permission_count == GRANT_PERMISSIONS_MOST)
		return refuse(&req->why, RSC_ORIGINATOR_HAS_NO_PRIVILEGE,
		              "the tokens have more than %d permissions together", GRANT_PERMISSIONS_MOST);
	permission = &grants->permissions[grants->permission_count];
	r = grant_resources(req, val_find(pm, "ris"), permission);
	if (!r)
		r = access_rule_read(&req->engine->self, val_find(pm, "pv"), &req->arena, &req->why,
		                     &permission->rules);
	if (r)
		return r;
	grants->permission_count++;
	if (roles)
		val_each (roles, id)
			grant_role(grants, id->text, permission->everywhere ? NULL : permission);
	return 0;
}

/* A token's permissions, whole or not at all. */
static int grant_permissions(struct req *req, const struct val *claims)
{
	struct grants *grants = req->grants;
	size_t permissions = grants->permission_count, roles = grants->role_count;
	const struct val *pm = val_find(val_find(claims, "tkps"), "pm");
	int r = 0;

	if (pm)
		for (const struct val *one = pm->first; one && !r; one = one->next)
			r = grant_permission(req, one);
	if (r) {
		grants->permission_count = permissions;
		grants->role_count = roles;
	}
	return r;
}

/* ---- tokens ---- */

/* Believed, it gives what it permits; else the reason is kept. `name`: how the request called it, and NULL
 * when it came as itself. */
static int grant_token(struct req *req, struct slice token, struct slice name, const char *parameter)
{
	struct grants *grants = grant_of(req);
	struct claim claims;
	int r;

	if (++grants->tokens_seen > GRANT_TOKENS_MOST)
		return refuse(&req->why, RSC_BAD_REQUEST, "%s: at most %d tokens are looked at", parameter,
		              GRANT_TOKENS_MOST);
	r = claim_read(req->engine, token, req->now, &req->arena, &req->why, &claims);
	if (!r)
		r = claim_is_for(&claims, req, &req->why);
	if (!r && name.len && !slice_is(name, claims.id))
		r = refuse(&req->why, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "it is another token, %.*s",
		           SLICE_ARG(claims.id));
	if (!r)
		r = grant_permissions(req, claims.claims);
	if (r < 0)
		return r;
	if (r)
		grant_complain(req, "%s: the token was not taken: %s", parameter, req->why.text);
	else if (!name.len)
		grants->tokens[grants->token_count++] = (struct grant_token){claims.id, token, claims.until};
	return 0;
}

int grant_take(struct req *req, struct slice token)
{
	int r = grant_token(req, token, SLICE(""), "tkns");

	return r > 0 ? 0 : r;
}

static int grant_by_value(struct req *req, struct slice token)
{
	return grant_token(req, token, SLICE(""), "tkns");
}

static int grant_by_id(struct req *req, struct slice id)
{
	struct slice text = claim_kept(req->engine, id, &req->arena);

	if (text.len)
		return grant_token(req, text, id, "tids");
	grant_complain(req, "tids: no token %.*s is kept here", SLICE_ARG(id));
	return 0;
}

static int grant_by_short_name(struct req *req, struct slice name)
{
	struct slice id, text = shelf_find(req->engine, req->from, name, req->now, &id, &req->arena);

	if (text.len)
		return grant_token(req, text, id, "ltids");
	grant_complain(req, "ltids: %.*s stands for no token of this originator", SLICE_ARG(name));
	return 0;
}

static bool grant_knows_role(const struct grants *grants, struct slice role)
{
	for (size_t i = 0; i < grants->role_count; i++)
		if (slice_is(grants->roles[i].id, role))
			return true;
	return false;
}

static int grant_by_role(struct req *req, struct slice id)
{
	if (rol_holds(req->engine, id, req->from, req->now))
		grant_role(grant_of(req), id, NULL);
	else if (!grant_knows_role(grant_of(req), id))
		grant_complain(req, "rids: no role %.*s, valid now, was issued to this originator",
		               SLICE_ARG(id));
	return 0;
}

static const struct grant_way {
	enum prim_id id;
	int (*take)(struct req *req, struct slice text);
	size_t most;
} grant_ways[] = {
        /* Roles last: tokens may carry them. */
        {PRIM_tkns, grant_by_value, GRANT_TOKENS_MOST},
        {PRIM_tids, grant_by_id, GRANT_TOKENS_MOST},
        {PRIM_ltids, grant_by_short_name, GRANT_TOKENS_MOST},
        {PRIM_rids, grant_by_role, GRANT_ROLES_MOST},
};

static int grant_each(struct req *req, const struct grant_way *way)
{
	const struct val *list = req->in.at[way->id];
	const char *name = prim_rows[way->id].sn;
	int r = 0;

	if (!list)
		return 0;
	if (list->kind != VAL_ARR || list->count > way->most)
		return refuse(&req->why, RSC_BAD_REQUEST, "%s: expected a list of at most %zu", name,
		              way->most);
	for (const struct val *item = list->first; item && !r; item = item->next)
		r = item->kind == VAL_STR && item->text.len
		            ? way->take(req, item->text)
		            : refuse(&req->why, RSC_BAD_REQUEST, "%s: expected texts, not %s", name,
		                     val_kind_name(item));
	return r;
}

int grant_read(struct req *req)
{
	int r = 0;

	grant_of(req);
	for (size_t i = 0; i < sizeof(grant_ways) / sizeof(grant_ways[0]) && !r; i++)
		r = grant_each(req, &grant_ways[i]);
	req->why = r ? req->why : (struct why){0};
	return r;
}

/* ---- asked by the policies ---- */

/* Also what has no policies of its own below a resource that is named. */
static bool grant_covers(const struct grant_permission *permission, const struct node *node)
{
	if (permission->everywhere)
		return true;
	for (; node; node = node->parent) {
		for (size_t i = 0; i < permission->node_count; i++)
			if (permission->nodes[i] == node->no)
				return true;
		if (type_attr(node->type, SLICE("acpi")))
			return false;
	}
	return false;
}

bool grant_permits(const struct engine *engine, const struct grants *grants, const struct node *node,
                   const struct access_ask *ask)
{
	for (size_t i = 0; i < grants->permission_count; i++)
		if (grant_covers(&grants->permissions[i], node) &&
		    access_rule_permits(engine, &grants->permissions[i].rules, node, ask))
			return true;
	return false;
}

bool grant_has_role(const struct grants *grants, struct slice role, const struct node *node)
{
	for (size_t i = 0; i < grants->role_count; i++)
		if (slice_is(grants->roles[i].id, role) &&
		    (!grants->roles[i].where || grant_covers(grants->roles[i].where, node)))
			return true;
	return false;
}

/* ---- the answer ---- */

void grant_finish(struct req *req)
{
	const struct grants *grants = req->grants;
	struct arena *arena = &req->arena;
	struct val *list;

	/* A member of a fan-out has the grants of the one who asked, who is told himself. */
	if (req->parent || !grants->token_count)
		return;
	req->out.at[PRIM_ati] = val_obj(arena);
	list = val_put(req->out.at[PRIM_ati], SLICE("ltia"), val_arr(arena));
	for (size_t i = 0; i < grants->token_count; i++) {
		const struct grant_token *token = &grants->tokens[i];
		struct val *one = val_push(list, val_obj(arena));
		struct slice name =
		        shelf_name(req->engine, req->from, token->id, token->text, token->until, arena);

		val_put(one, SLICE("lti"), val_str(arena, name));
		val_put(one, SLICE("tkid"), val_str(arena, token->id));
	}
}

void grant_forget(struct engine *engine)
{
	shelf_destroy(engine->shelf);
	memory_destroy(engine->granted);
}
