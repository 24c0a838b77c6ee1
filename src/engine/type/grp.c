/* SPDX-License-Identifier: Apache-2.0 */
/* <group>: a list of members that is kept clean when it is written. Reaching the members through fopt is
 * fanout.c's business. TS-0001 9.6.13, TS-0004 7.4.13
 *
 * What we chose where the standard is silent: a member that should be here but is not is refused with 4000;
 * the originator must be able to retrieve every member, also of a mixed group (5105); members on other CSEs
 * are believed, and memberTypeValidated is false as long as there is one. */
#include <errno.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "engine/access.h"
#include "engine/engine_private.h"
#include "engine/fanout.h"
#include "engine/filter.h"
#include "engine/member.h"
#include "model/rsc.h"

enum { GRP_ABANDON_MEMBER = 1, GRP_ABANDON_GROUP = 2, GRP_SET_MIXED = 3 };

/* The group as it is about to be. */
struct grp {
	struct req *req;
	struct val *body; /* edited in place */
	struct member *members;
	size_t count;
	int64_t mt, csy;
	const struct val *spty;
	bool remote; /* some member is on another CSE */
};

static bool grp_is_key(const void *value, const void *key)
{
	return slice_is(((const struct member *)value)->key, *(const struct slice *)key);
}

/* Looks the members up and leaves out those that are there already under another address. */
static int grp_find_members(struct grp *grp, const struct val *mid)
{
	struct req *req = grp->req;
	struct member *member;
	struct map known;
	int r = 0;

	map_init(&known);
	val_each (mid, address) {
		uint64_t hash;

		member = &grp->members[grp->count];
		r = member_find(req->engine, address->text, &req->arena, &req->why, member);
		if (r == -ENOENT)
			r = refuse(&req->why, RSC_BAD_REQUEST, "mid: there is no resource %.*s here",
			           SLICE_ARG(address->text));
		if (r)
			break;
		hash = slice_hash(member->key, req->engine->tree.seed);
		if (map_find(&known, hash, grp_is_key, &member->key))
			continue;
		map_add(&known, hash, member);
		grp->remote |= !member->here;
		grp->count++;
	}
	map_finish(&known);
	return r;
}

static int grp_check_rights(struct grp *grp)
{
	struct req *req = grp->req;
	struct access_ask ask;

	access_ask_of(&ask, req, ACCESS_RETRIEVE);
	ask.child = NULL;
	ask.names = NULL;
	for (size_t i = 0; i < grp->count; i++) {
		if (grp->members[i].here && !access_permits(req->engine, grp->members[i].node, &ask))
			return refuse(&req->why, RSC_RECEIVER_HAS_NO_PRIVILEGE,
			              "mid: the type of %.*s can't be checked: %.*s may not retrieve it",
			              SLICE_ARG(grp->members[i].address), SLICE_ARG(req->fr));
	}
	return 0;
}

/* specializationType: {cnd}, {mgd}, or the bare value. */
static bool grp_is_special(const struct grp *grp, const struct node *node)
{
	const struct val *want = grp->spty;

	if (want && want->kind == VAL_OBJ)
		want = want->first;
	return !want || (node->type->definition && slice_is_text(want->text, node->type->definition));
}

static bool grp_fits(const struct grp *grp, const struct member *member)
{
	uint32_t type;
	const struct type *inst;

	if (grp->mt == 0 || !member->here)
		return true;
	type = member_type(member, &grp->req->arena);
	if ((int64_t)type == grp->mt)
		return member->seq || member->virtual_child || grp_is_special(grp, member->node);
	if (type != MEMBER_LATEST && type != MEMBER_OLDEST)
		return false;
	inst = filter_inst_type(member->node->type); /* the latest of a container is a contentInstance too */
	return inst && inst->number == grp->mt;
}

/* Members of the wrong type go, or the group does not come to be, or it becomes a mixed one. */
static int grp_check_types(struct grp *grp)
{
	size_t kept = 0;

	for (size_t i = 0; i < grp->count; i++) {
		if (grp_fits(grp, &grp->members[i])) {
			grp->members[kept++] = grp->members[i];
			continue;
		}
		if (grp->csy == GRP_ABANDON_GROUP)
			return refuse(&grp->req->why, RSC_GROUP_MEMBER_TYPE_INCONSISTENT,
			              "mid: %.*s is not of the type %d that mt asks for",
			              SLICE_ARG(grp->members[i].address), (int)grp->mt);
		if (grp->csy == GRP_SET_MIXED) {
			grp->mt = 0;
			return 0;
		}
	}
	grp->count = kept;
	return 0;
}

static void grp_write(struct grp *grp)
{
	struct arena *arena = &grp->req->arena;
	struct val *mid = val_arr(arena);

	for (size_t i = 0; i < grp->count; i++)
		val_push(mid, val_str(arena, grp->members[i].address));
	val_set(grp->body, SLICE("mt"), val_int(arena, grp->mt));
	if (grp->mt == 0)
		val_remove(grp->body, SLICE("spty"));
	val_set(grp->body, SLICE("csy"), val_int(arena, grp->csy));
	val_set(grp->body, SLICE("mid"), mid);
	val_set(grp->body, SLICE("cnm"), val_int(arena, (int64_t)grp->count));
	val_set(grp->body, SLICE("mtv"), val_bool(arena, !grp->remote));
}

static int grp_check(struct req *req, struct val *body)
{
	const struct val *mid = val_find(body, "mid");
	struct grp grp = {
	        .req = req, .body = body, .csy = GRP_ABANDON_MEMBER, .spty = val_find(body, "spty")};
	uint64_t mnm = 0;
	int r;

	if (!mid || mid->kind != VAL_ARR || !val_is_uint(val_find(body, "mnm"), &mnm))
		return refuse(&req->why, RSC_BAD_REQUEST,
		              "mid, mnm: expected a list of members and how many there may be");
	if (mid->count > MEMBER_MAX)
		return refuse(&req->why, RSC_MAX_NUMBER_OF_MEMBER_EXCEEDED,
		              "mid: a group holds at most %d members here, not %u", MEMBER_MAX, mid->count);
	(void)val_is_int(val_find(body, "mt"), &grp.mt);
	(void)val_is_int(val_find(body, "csy"), &grp.csy);
	grp.members = arena_array(&req->arena, mid->count + 1, struct member);
	r = grp_find_members(&grp, mid);
	if (r)
		return r;
	if (grp.count > mnm)
		return refuse(&req->why, RSC_MAX_NUMBER_OF_MEMBER_EXCEEDED,
		              "mid: %zu members are more than mnm allows", grp.count);
	r = grp_check_rights(&grp);
	if (r == 0)
		r = grp_check_types(&grp);
	if (r == 0)
		grp_write(&grp);
	return r;
}

static enum step_result grp_may_create(struct req *req)
{
	int r = grp_check(req, req->rep);

	return r ? req_fail(req, r) : STEP_NEXT;
}

static enum step_result grp_may_update(struct req *req, struct val *next)
{
	const struct val *mid = val_find(next, "mid");
	uint64_t mnm;
	int r;

	if (val_find(req->rep, "mid")) {
		r = grp_check(req, next);
		return r ? req_fail(req, r) : STEP_NEXT;
	}
	if (val_find(req->rep, "mnm") && val_is_uint(val_find(next, "mnm"), &mnm) && mid && mid->count > mnm)
		return req_refuse(req, RSC_MAX_NUMBER_OF_MEMBER_EXCEEDED, "mnm: the group has %u members now",
		                  mid->count);
	return STEP_NEXT;
}

/* What a group remembers: the fan-outs it took part in. */
static int grp_compile(struct engine *engine, struct node *node, struct why *why)
{
	if (!node->extra)
		node->extra = mem_zero(1, sizeof(struct fanout_gids));
	return 0;
}

static void grp_forget(struct engine *engine, struct node *node)
{
	free(node->extra);
	node->extra = NULL;
}

static enum step_result grp_run_sfop(struct req *req)
{
	return req_refuse(req, RSC_NOT_IMPLEMENTED, "to: semantic fan-out is not supported");
}

static const struct virtual_child grp_virtual_children[] = {
        {"fopt", 1u << OP_CREATE | 1u << OP_RETRIEVE | 1u << OP_UPDATE | 1u << OP_DELETE | 1u << OP_NOTIFY,
         true, fanout_run},
        {"sfop", 1u << OP_RETRIEVE, true, grp_run_sfop},
        {NULL, 0, false, NULL},
};

const struct type_ops type_ops_grp = {
        .number = TYPE_GRP,
        .may_create = grp_may_create,
        .may_update = grp_may_update,
        .compile = grp_compile,
        .forget = grp_forget,
        .virtual_children = grp_virtual_children,
};
