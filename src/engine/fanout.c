/* SPDX-License-Identifier: Apache-2.0 */
/* Each member gets a request of its own, a copy, which walks the eight steps like any other; it may be
 * answered at once, or at the end of the turn when it wrote something, or never in time. So what belongs to
 * the fan-out lives on the heap until the last one is back, also when the one who asked has gone meanwhile.
 *
 * Groups may contain groups, and themselves: a fan-out carries an identifier when that is possible, and a
 * group that sees one again refuses. Depth and number are bounded besides. TS-0001 10.2.7.6 */
#include "engine/fanout.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/consult.h"
#include "engine/engine_private.h"
#include "engine/member.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

#define FANOUT_DEEP 16    /* groups in groups */
#define FANOUT_MOST 20000 /* requests of one request, over all groups */

struct fanout;

struct fanout_part {
	struct fanout *fanout;
	struct slice member; /* in the arena of the one who asked, like the answer */
	struct req *sub;     /* under way, or NULL */
	struct val *answer;  /* NULL: none yet */
};

struct fanout {
	struct req *req; /* who asked; held until the last one is back */
	size_t count, open, answered;
	size_t total; /* of the outermost fan-out: requests made below it */
	bool starting;
	bool over; /* the answer stands; what comes now is late */
	struct fanout_part parts[];
};

/* What is to be done, on the request's arena. */
struct fanout_plan {
	struct req *req;
	struct node *group;
	const struct val *mid;
	struct slice *members;
	size_t count;
	struct slice gid;
};

/* ---- may it be done? ---- */

static bool fanout_is_discovery(const struct req *req)
{
	const struct val *fu = req->op == OP_RETRIEVE ? val_find(req->in.at[PRIM_fc], "fu") : NULL;

	return fu && slice_is(fu->text, SLICE("1"));
}

static int fanout_authorize(struct fanout_plan *plan)
{
	static const enum access_op ops[] = {[OP_CREATE] = ACCESS_CREATE,
	                                     [OP_RETRIEVE] = ACCESS_RETRIEVE,
	                                     [OP_UPDATE] = ACCESS_UPDATE,
	                                     [OP_DELETE] = ACCESS_DELETE,
	                                     [OP_NOTIFY] = ACCESS_NOTIFY};
	struct req *req = plan->req;
	const struct val *macp = node_attr(plan->group, SLICE("macp"), &req->arena);
	int64_t ty = prim_int(&req->in, PRIM_ty, 0);
	struct access_ask ask;
	int result;

	access_ask_of(&ask, req, fanout_is_discovery(req) ? ACCESS_DISCOVERY : ops[req->op]);
	if (req->op == OP_CREATE)
		ask.child = ty > 0 && ty < INT32_MAX ? type_find((uint32_t)ty) : NULL;
	while (!(macp && macp->count ? access_permits_by(req->engine, macp, plan->group, &ask)
	                             : access_permits(req->engine, plan->group, &ask))) {
		result = consult_denied(req, plan->group, &ask, "%.*s may not use the members of %.*s",
		                        SLICE_ARG(req->fr), SLICE_ARG(plan->group->rn));
		if (result != STEP_NEXT)
			return result;
	}
	return STEP_NEXT;
}

static bool fanout_seen(struct fanout_gids *gids, uint64_t hash, const struct req *req)
{
	const size_t count = sizeof(gids->last) / sizeof(gids->last[0]);

	for (size_t i = 0; i < count; i++) {
		if (gids->last[i].hash == hash && gids->last[i].until > req->now)
			return true;
	}
	gids->last[gids->at] = (struct fanout_gid){hash, req->deadline};
	gids->at = (gids->at + 1) % count;
	return false;
}

bool fanout_repeats(struct fanout_gids sets[FANOUT_GID_SETS], const struct req *req)
{
	uint64_t seed = req->engine->tree.seed, hash;

	if (!prim_has(&req->in, PRIM_gid) || !req->target)
		return false;
	if (req->virtual_child && req->virtual_child->takes_path)
		return false;
	hash = slice_hash(prim_text(&req->in, PRIM_gid), seed ^ req->target->no ^ req->seq << 32);
	if (req->virtual_child)
		hash ^= slice_hash(slice_of(req->virtual_child->name), seed);
	return fanout_seen(&sets[hash % FANOUT_GID_SETS], hash, req);
}

/* Was the group part of this fan-out before? Remembers it otherwise. */
static int fanout_check_gid(struct fanout_plan *plan)
{
	struct req *req = plan->req;

	for (const struct req *above = req->parent; above; above = above->parent) {
		if (above->target == plan->group)
			return refuse(&req->why, RSC_GROUP_REQUEST_IDENTIFIER_EXISTS,
			              "gid: the group %.*s contains itself", SLICE_ARG(plan->group->rn));
	}
	if (!fanout_seen(plan->group->extra, slice_hash(plan->gid, req->engine->tree.seed), req))
		return 0;
	return refuse(&req->why, RSC_GROUP_REQUEST_IDENTIFIER_EXISTS,
	              "gid: this fan-out has been at the group %.*s before", SLICE_ARG(plan->group->rn));
}

static bool fanout_has_fopt(struct slice path)
{
	struct slice part;

	while (slice_cut(&path, '/', &part)) {
		if (slice_is(part, SLICE("fopt")))
			return true;
	}
	return false;
}

/* An identifier is needed when the request could come back here. */
static int fanout_mark(struct fanout_plan *plan)
{
	struct req *req = plan->req;
	bool nested = fanout_has_fopt(req->virtual_rest);

	if (prim_has(&req->in, PRIM_gid)) {
		plan->gid = prim_text(&req->in, PRIM_gid);
		return fanout_check_gid(plan);
	}
	for (size_t i = 0; i < plan->count && !nested; i++)
		nested = fanout_has_fopt(plan->members[i]);
	if (!nested)
		return 0;
	plan->gid =
	        arena_printf(&req->arena, "%.*s-%" PRId64 "-%" PRIu64,
	                     SLICE_ARG(slice_skip(req->engine->self.csi, 1)), req->now, ++req->engine->rqi);
	return fanout_check_gid(plan);
}

/* A child of that type must be possible below every member. */
static int fanout_check_type(struct fanout_plan *plan)
{
	struct req *req = plan->req;
	int64_t mt = 0, ty = prim_int(&req->in, PRIM_ty, 0);
	const struct type *member;

	(void)val_is_int(node_attr(plan->group, SLICE("mt"), &req->arena), &mt);
	if (req->op != OP_CREATE || req->virtual_rest.len || mt == 0)
		return 0;
	member = mt > 0 && mt < INT32_MAX ? type_find((uint32_t)mt) : NULL;
	if (member && ty > 0 && ty < INT32_MAX && type_may_hold(member, (uint32_t)ty))
		return 0;
	return refuse(&req->why, RSC_INVALID_CHILD_RESOURCE_TYPE,
	              "ty: a resource of type %" PRId64
	              " can't stand below the members, which are of type %" PRId64,
	              ty, mt);
}

/* ---- to whom? ---- */

static bool fanout_is_member(struct fanout_plan *plan, struct slice address, struct slice *ret)
{
	struct req *req = plan->req;
	struct member wanted, member;

	val_each (plan->mid, have) {
		if (slice_is(have->text, address)) {
			*ret = arena_copy(&req->arena, have->text);
			return true;
		}
	}
	if (member_find(req->engine, address, &req->arena, NULL, &wanted) != 0)
		return false;
	val_each (plan->mid, have) {
		if (member_find(req->engine, have->text, &req->arena, NULL, &member) == 0 &&
		    slice_is(member.key, wanted.key)) {
			*ret = arena_copy(&req->arena, have->text);
			return true;
		}
	}
	return false;
}

/* groupRequestTargetMembers: only these, and they must be members. */
static int fanout_choose(struct fanout_plan *plan, const struct val *grtm)
{
	struct req *req = plan->req;

	if (grtm->kind != VAL_ARR || grtm->count == 0 || grtm->count > plan->mid->count || grtm->count > 100)
		return refuse(&req->why, RSC_BAD_REQUEST,
		              "grtm: expected a list of members of the group, at most 100");
	val_each (grtm, one) {
		if (one->kind != VAL_STR || !fanout_is_member(plan, one->text, &plan->members[plan->count++]))
			return refuse(&req->why, RSC_BAD_REQUEST, "grtm: %.*s is no member of the group",
			              SLICE_ARG(one->text));
	}
	return 0;
}

static int fanout_members(struct fanout_plan *plan)
{
	struct req *req = plan->req;
	int64_t most = prim_int(&req->in, PRIM_gstn, INT64_MAX);
	int r = 0;

	plan->mid = node_attr(plan->group, SLICE("mid"), &req->arena);
	if (!plan->mid || plan->mid->count == 0)
		return refuse(&req->why, RSC_NO_MEMBERS, "to: the group %.*s has no members",
		              SLICE_ARG(plan->group->rn));
	if (most < 1)
		return refuse(&req->why, RSC_BAD_REQUEST, "gstn: expected a number of members, 1 or more");
	plan->members = arena_array(&req->arena, plan->mid->count, struct slice);
	if (prim_has(&req->in, PRIM_grtm)) {
		r = fanout_choose(plan, req->in.at[PRIM_grtm]);
	} else {
		/* Copied: the group itself may change or go while its members are asked. */
		val_each (plan->mid, member)
			plan->members[plan->count++] = arena_copy(&req->arena, member->text);
	}
	if ((int64_t)plan->count > most)
		plan->count = (size_t)most;
	return r;
}

static int fanout_check_bounds(struct fanout_plan *plan)
{
	const struct req *above = plan->req;
	struct fanout *outermost;
	unsigned depth = 0;

	for (; above->parent; above = above->parent)
		depth++;
	if (depth >= FANOUT_DEEP)
		return refuse(&plan->req->why, RSC_BAD_REQUEST, "to: groups are nested deeper than %d",
		              FANOUT_DEEP);
	outermost = above == plan->req ? NULL : above->wait;
	if (!outermost)
		return 0;
	outermost->total += plan->count;
	return outermost->total <= FANOUT_MOST
	               ? 0
	               : refuse(&plan->req->why, RSC_BAD_REQUEST,
	                        "to: the groups within the group have more than %d members together",
	                        FANOUT_MOST);
}

/* ---- doing it ---- */

/* When the last one is back, or was never sent. */
static void fanout_end(struct fanout *fanout)
{
	if (fanout->open)
		return;
	req_release(fanout->req);
	free(fanout);
}

/* All are back: the one who asked goes on. When the engine is giving everything up it does not, and is
 * finished without us. */
static void fanout_resume(struct fanout *fanout)
{
	struct req *req = fanout->req;

	req_hold(req);
	steps_resume(req);
	if (req->wait == fanout) {
		req->wait = NULL;
		fanout_end(fanout);
	}
	req_release(req);
}

static void fanout_answered(struct req *sub)
{
	struct fanout_part *part = sub->user;
	struct fanout *fanout = part->fanout;
	struct req *req = fanout->req;
	bool late = fanout->over || req->finished;

	part->sub = NULL;
	fanout->open--;
	if (!late) {
		part->answer = val_copy(&req->arena, prim_write(&sub->out, &sub->arena));
		val_set(part->answer, SLICE("fr"), val_str(&req->arena, part->member));
		fanout->answered++;
	}
	req_destroy(sub);
	if (late)
		fanout_end(fanout);
	else if (fanout->open == 0 && !fanout->starting)
		fanout_resume(fanout);
}

static struct slice fanout_rqi(const struct req *req, size_t i, struct arena *arena)
{
	return arena_printf(arena, "%.*s.%zu", SLICE_ARG(prim_text(&req->in, PRIM_rqi)), i + 1);
}

static struct req *fanout_copy(struct fanout_plan *plan, size_t i)
{
	struct req *req = plan->req, *sub = req_create(req->engine);
	struct slice to = plan->members[i];

	for (size_t id = 0; id < PRIM_COUNT; id++) {
		if (req->in.at[id])
			sub->in.at[id] = val_copy(&sub->arena, req->in.at[id]);
	}
	to = req->virtual_rest.len
	             ? arena_printf(&sub->arena, "%.*s/%.*s", SLICE_ARG(to), SLICE_ARG(req->virtual_rest))
	             : arena_copy(&sub->arena, to);
	sub->in.at[PRIM_to] = val_str(&sub->arena, to);
	sub->in.at[PRIM_rqi] = val_str(&sub->arena, fanout_rqi(req, i, &sub->arena));
	if (plan->gid.len)
		sub->in.at[PRIM_gid] = val_str(&sub->arena, arena_copy(&sub->arena, plan->gid));
	/* These were for us: we wait, choose, and have waited already. */
	sub->in.at[PRIM_rt] = sub->in.at[PRIM_rtu] = sub->in.at[PRIM_oet] = sub->in.at[PRIM_rset] = NULL;
	sub->in.at[PRIM_grtm] = sub->in.at[PRIM_gstn] = NULL;
	req_inherit(sub, req);
	sub->grants = req->grants; /* read once for all; we are held until the last one is back */
	sub->parent = req;
	sub->answered = fanout_answered;
	return sub;
}

static void fanout_start(struct fanout_plan *plan, struct fanout *fanout)
{
	fanout->starting = true;
	for (size_t i = 0; i < plan->count; i++) {
		struct fanout_part *part = &fanout->parts[i];

		part->fanout = fanout;
		part->member = plan->members[i];
		part->sub = fanout_copy(plan, i);
		part->sub->user = part;
		fanout->open++;
		engine_submit(part->sub);
	}
	fanout->starting = false;
}

static void fanout_deadline(struct timer *timer)
{
	steps_resume(container_of(timer, struct req, timer));
}

static enum step_result fanout_finish(struct req *req)
{
	struct fanout *fanout = req->wait;
	struct arena *arena = &req->arena;
	struct val *pc = val_obj(arena), *agr = val_put(pc, SLICE("m2m:agr"), val_obj(arena));
	struct val *list = val_put(agr, SLICE("m2m:rsp"), val_arr(arena));
	size_t answered = fanout->answered;

	for (size_t i = 0; i < fanout->count; i++) {
		if (fanout->parts[i].answer)
			val_push(list, fanout->parts[i].answer);
		if (fanout->parts[i].sub)
			fanout->parts[i].sub->parent = NULL; /* too late: what it finds is dropped */
	}
	req->wait = NULL;
	fanout->over = true;
	fanout_end(fanout);
	if (answered == 0)
		return req_refuse(req, RSC_GROUP_MEMBERS_NOT_RESPONDED,
		                  "to: no member of the group answered");
	req_good(req, RSC_OK, pc);
	return STEP_DONE;
}

static int fanout_plan(struct fanout_plan *plan)
{
	static int (*const checks[])(struct fanout_plan * plan) = {
	        fanout_members,
	        fanout_check_bounds,
	        fanout_mark,
	        fanout_check_type,
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && r == 0; i++)
		r = checks[i](plan);
	return r;
}

enum step_result fanout_run(struct req *req)
{
	struct fanout_plan plan = {.req = req, .group = req->target};
	struct fanout *fanout;
	uint64_t group;
	int r;

	if (req->wait)
		return fanout_finish(req);
	group = req->target->no;
	r = fanout_authorize(&plan);
	if (r != STEP_NEXT)
		return r;
	r = fanout_plan(&plan);
	if (r)
		return req_fail(req, r);
	fanout = mem_zero(1, sizeof(*fanout) + plan.count * sizeof(fanout->parts[0]));
	req_hold(req);
	fanout->req = req;
	fanout->count = fanout->total = plan.count;
	req->wait = fanout;
	fanout_start(&plan, fanout);
	req->target = tree_by_no(&req->engine->tree, group); /* a member may have taken it along */
	if (fanout->open == 0)
		return fanout_finish(req);
	req->timer.run = fanout_deadline;
	timer_set(req->engine->timers, &req->timer, req->deadline);
	return STEP_WAIT;
}
