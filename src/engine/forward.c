/* SPDX-License-Identifier: Apache-2.0 */
/* A request for another CSE goes on as it came, but for what belongs to each hop: who asks is named so that
 * it can be understood elsewhere; the identifier is one of ours, because answers are matched by it and two
 * originators may have chosen the same; times that count from now become points in time; a first release
 * hears nothing of releases. Everybody on the way waits for the next: what was to be answered later is
 * answered later by us, and the request goes on as a blocking one.
 *
 * Nobody may use us as his proxy: who asks must be registered here, or at a CSE that is. No request goes back
 * to where it came from; a circle of more than two comes to its end because each of them lets an originator
 * have only so many under way. TS-0004 7.3.2.6, TS-0001 8.2.1.1, TS-0001 8.2.1.2 */
#include "engine/forward.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/deliver.h"
#include "engine/engine_private.h"
#include "engine/steps.h"
#include "engine/type/csr.h"
#include "model/rsc.h"

#define FORWARD_LONGEST INT64_C(600000000) /* nobody is waited for longer, whatever rqet says */

/* What one originator has under way. */
struct forward_share {
	uint64_t hash;
	struct slice name; /* stands behind */
	size_t under_way, waiting;
	size_t refs; /* struct forward that know it */
};

enum forward_state { FORWARD_WAITS, FORWARD_AWAY, FORWARD_ANSWERED };

/* One request, in its own arena; it holds the request until it has left the line, or is answered. */
struct forward {
	struct forward *prev, *next; /* in the line */
	struct req *req;
	struct forward_share *share;
	enum forward_state state;
	struct slice hop; /* the resourceID of the remoteCSE */
	struct prim request, response;
	int64_t until;
	int result;
};

/* ---- who, and where to ---- */

static bool forward_is_ae_here(const struct engine *engine, struct slice from)
{
	struct slice csi = engine->self.csi, ri = SLICE("");
	const struct node *node;

	if (slice_starts(from, csi) && from.len > csi.len && from.ptr[csi.len] == '/')
		ri = slice_skip(from, csi.len + 1);
	else if (slice_starts(from, SLICE("/S")))
		ri = slice_skip(from, 1);
	node = tree_by_ri(&engine->tree, ri);
	return node && node->type->number == TYPE_AE;
}

/* The remoteCSE by which requests of this originator (SP-relative) come; NULL: none. */
static struct node *forward_origin(const struct engine *engine, struct slice from)
{
	struct id_to id;

	if (id_read_to(&engine->self, from, &id, NULL) != 0 || id.here)
		return NULL;
	return csr_find(engine, csr_id(&engine->self, &id));
}

bool forward_comes_by(const struct engine *engine, struct slice cse, struct slice from)
{
	const struct node *via = csr_named(engine, cse), *hop;
	struct arena arena;
	struct id_to id;
	bool comes = false;

	if (!id_is_cse(cse) || slice_is(cse, engine->self.csi))
		return false;
	arena_init(&arena);
	from = id_sp_relative(&engine->self, from, &arena);
	if (slice_starts(from, cse) && (from.len == cse.len || from.ptr[cse.len] == '/')) {
		comes = true;
	} else if (via && id_read_to(&engine->self, from, &id, NULL) == 0 && !id.here) {
		hop = csr_named(engine, csr_id(&engine->self, &id));
		if (hop)
			comes = hop == via;
		else
			comes = via == engine->registrar ||
			        (slice_starts(from, SLICE("/S")) && id_is_cse(from) &&
			         !forward_is_ae_here(engine, from));
	}
	arena_finish(&arena);
	return comes;
}

/* Refuses what does not go on; else *ret is the next CSE's and *share who is charged. */
static int forward_check(struct req *req, struct node **ret, struct slice *share)
{
	struct engine *engine = req->engine;
	struct slice cse = csr_id(&engine->self, &req->to);
	struct node *hop = csr_find(engine, cse), *origin;
	int64_t ty = prim_int(&req->in, PRIM_ty, 0);

	if (req->op == OP_CREATE && (ty == TYPE_AE || ty == TYPE_CSR))
		return refuse(&req->why, RSC_BAD_REQUEST,
		              "to: a registration is made at the CSE itself, not through another");
	if (!hop)
		return refuse(&req->why, RSC_NOT_FOUND, "to: no CSE %.*s is known here", SLICE_ARG(cse));
	*ret = hop;
	*share = req->from;
	if (req->is_admin || forward_is_ae_here(engine, req->from))
		return 0;
	origin = forward_origin(engine, req->from);
	if (!origin)
		return refuse(&req->why, RSC_ORIGINATOR_HAS_NO_PRIVILEGE,
		              "fr: %.*s is not registered here, and requests for other CSEs go on only for "
		              "those who are",
		              SLICE_ARG(req->fr));
	if (origin == hop)
		return refuse(&req->why, RSC_NOT_FOUND,
		              "to: %.*s lies where the request comes from, and does not go back there",
		              SLICE_ARG(cse));
	*share = origin->owner;
	return 0;
}

/* ---- what goes on ---- */

/* A time that counts from its arrival becomes a point in time: in whole seconds, rounded up, as not every
 * binding has room for more. */
static void forward_fix_time(struct req *req, struct prim *request, enum prim_id id)
{
	const size_t whole = sizeof("20261122T093553") - 1;
	const int64_t second = 1000000;
	char text[CLOCK_TEXT];
	int64_t at;

	if (prim_text(request, id).len == whole || !prim_has(request, id) ||
	    !prim_time(request->at[id], req->now, &at))
		return;
	clock_print((at + second - 1) / second * second, text);
	request->at[id] = val_str(&req->arena, arena_copy(&req->arena, slice_make(text, whole)));
}

static void forward_write(struct req *req, const struct node *hop, struct prim *request)
{
	const struct id_self *self = &req->engine->self;
	struct arena *arena = &req->arena;
	struct slice from = req->from;

	*request = req->in;
	/* For another provider. */
	if (req->to.scope == ID_ABSOLUTE && !slice_is(req->to.sp, self->sp) &&
	    !slice_starts(from, SLICE("//")))
		from = arena_printf(arena, "%.*s%.*s", SLICE_ARG(self->sp), SLICE_ARG(from));
	request->at[PRIM_fr] = val_str(arena, from);
	request->at[PRIM_rqi] = val_str(arena, arena_printf(arena, "f%" PRIx64, ++req->engine->rqi));
	request->at[PRIM_rt] = request->at[PRIM_rtu] = request->at[PRIM_rp] = NULL;
	forward_fix_time(req, request, PRIM_rqet);
	forward_fix_time(req, request, PRIM_rset);
	forward_fix_time(req, request, PRIM_oet);
	if (csr_is_release1(hop))
		request->at[PRIM_rvi] = request->at[PRIM_vsi] = NULL;
}

/* ---- the line ---- */

static bool forward_share_is(const void *value, const void *key)
{
	return slice_is(((const struct forward_share *)value)->name, *(const struct slice *)key);
}

static struct forward_share *forward_share(struct engine *engine, struct slice name)
{
	uint64_t hash = slice_hash(name, engine->tree.seed);
	struct forward_share *share;

	if (!engine->forwards) {
		engine->forwards = mem_zero(1, sizeof(*engine->forwards));
		map_init(&engine->forwards->shares);
	}
	share = map_find(&engine->forwards->shares, hash, forward_share_is, &name);
	if (share)
		return share;
	share = mem_zero(1, sizeof(*share) + name.len);
	share->hash = hash;
	share->name = slice_make(memcpy(share + 1, name.ptr ? name.ptr : "", name.len), name.len);
	map_add(&engine->forwards->shares, hash, share);
	return share;
}

/* It has left the line or is answered: what nobody needs any more goes. */
static void forward_end(struct forward *forward)
{
	struct req *req = forward->req;
	struct engine *engine = req->engine;
	struct forwards *all = engine->forwards;
	struct forward_share *share = forward->share;

	if (--share->refs == 0) {
		map_remove(&all->shares, share->hash, share);
		free(share);
	}
	if (all->shares.count == 0) {
		map_finish(&all->shares);
		free(all);
		engine->forwards = NULL;
	}
	req_release(req);
}

static void forward_done(void *user, int result, const struct prim *response);

static void forward_go(struct forward *forward)
{
	struct req *req = forward->req;
	int64_t left = forward->until - clock_now();

	forward->state = FORWARD_AWAY;
	forward->share->under_way++;
	req->engine->forwards->under_way++;
	deliver_send(req->engine, forward->hop, &forward->request, left > 0 ? left : 1, forward_done,
	             forward);
}

static void forward_line_up(struct forward *forward)
{
	struct forwards *all = forward->req->engine->forwards;

	forward->state = FORWARD_WAITS;
	forward->prev = all->last;
	*(all->last ? &all->last->next : &all->first) = forward;
	all->last = forward;
	all->waiting++;
	forward->share->waiting++;
}

static void forward_leave_line(struct forward *forward)
{
	struct forwards *all = forward->req->engine->forwards;

	*(forward->prev ? &forward->prev->next : &all->first) = forward->next;
	*(forward->next ? &forward->next->prev : &all->last) = forward->prev;
	all->waiting--;
	forward->share->waiting--;
}

/* There is room for one more: the first of those whose share allows it goes. Those that were answered
 * meanwhile, because all is given up, leave. */
static void forward_next(struct engine *engine)
{
	struct forward *next, *forward = engine->forwards ? engine->forwards->first : NULL;
	bool gone = false;

	for (; forward && !gone; forward = next) {
		next = forward->next;
		if (forward->req->finished) {
			forward_leave_line(forward);
			forward_end(forward);
		} else if (forward->share->under_way < FORWARD_SHARE &&
		           !deliver_is_closing(engine->deliver)) {
			forward_leave_line(forward);
			forward_go(forward);
			gone = true;
		}
	}
}

/* ---- there and back ---- */

static void forward_done(void *user, int result, const struct prim *response)
{
	struct forward *forward = user;
	struct req *req = forward->req;
	struct engine *engine = req->engine;

	forward->state = FORWARD_ANSWERED;
	forward->result = result;
	if (result == 0 && !req->finished)
		for (size_t i = 0; i < PRIM_COUNT; i++)
			forward->response.at[i] =
			        response->at[i] ? val_copy(&req->arena, response->at[i]) : NULL;
	forward->share->under_way--;
	engine->forwards->under_way--;
	forward_next(engine);
	if (!req->finished && !deliver_is_closing(engine->deliver))
		steps_resume(req);
	forward_end(forward);
}

static void forward_deadline(struct timer *timer)
{
	steps_resume(container_of(timer, struct req, timer));
}

/* Time to wait: with an execution time of its own, the usual time behind that. */
static int64_t forward_until(const struct req *req)
{
	int64_t oet, until = req->deadline;

	if (prim_has(&req->in, PRIM_oet) && prim_time(req->in.at[PRIM_oet], req->now, &oet) &&
	    !prim_has(&req->in, PRIM_rqet) && !prim_has(&req->in, PRIM_rset))
		until = oet + req->engine->config.request_timeout_us;
	return until < req->now + FORWARD_LONGEST ? until : req->now + FORWARD_LONGEST;
}

static int forward_begin(struct req *req)
{
	struct engine *engine = req->engine;
	struct forward *forward;
	struct slice name;
	struct node *hop = NULL;
	int64_t oet;
	int r = forward_check(req, &hop, &name);

	if (r)
		return req_fail(req, r);
	if (prim_has(&req->in, PRIM_oet) && prim_time(req->in.at[PRIM_oet], req->now, &oet) &&
	    oet <= req->now)
		return req_refuse(req, RSC_REQUEST_TIMEOUT, "oet: the time to do it has passed");
	forward = arena_new(&req->arena, struct forward);
	forward->req = req;
	forward->share = forward_share(engine, name);
	forward->share->refs++;
	req_hold(req);
	if (forward->share->waiting >= FORWARD_LINE_SHARE || engine->forwards->waiting >= FORWARD_LINE_MOST) {
		forward_end(forward);
		return req_refuse(
		        req, RSC_SERVICE_SUBSCRIPTION_LIMITS_EXCEEDED,
		        "to: too many requests of %.*s are on their way to other CSEs; try again later",
		        SLICE_ARG(name));
	}
	forward->hop = arena_copy(&req->arena, hop->ri);
	forward->until = forward_until(req);
	forward_write(req, hop, &forward->request);
	req->wait = forward;
	req->timer.run = forward_deadline;
	timer_set(engine->timers, &req->timer, forward->until);
	if (forward->share->under_way < FORWARD_SHARE && engine->forwards->under_way < FORWARD_MOST)
		forward_go(forward);
	else
		forward_line_up(forward);
	return STEP_WAIT;
}

/* What came back is a stranger's: is it an answer at all? */
static bool forward_makes_sense(const struct req *req, const struct prim *response)
{
	const struct val *pc = response->at[PRIM_pc];
	int64_t rsc = prim_int(response, PRIM_rsc, 0);

	if (rsc < 1000 || rsc > 9999 || (pc && (pc->kind != VAL_OBJ || pc->count > 1)))
		return false;
	return (pc && pc->count) || req->op != OP_RETRIEVE || rsc != RSC_OK;
}

static int forward_finish(struct req *req)
{
	struct forward *forward = req->wait;
	struct slice cse = csr_id(&req->engine->self, &req->to);

	req->wait = NULL;
	if (forward->state == FORWARD_WAITS) {
		forward_leave_line(forward);
		forward_end(forward);
	}
	if (forward->state != FORWARD_ANSWERED || forward->result == -ETIMEDOUT)
		return req_refuse(req, RSC_REQUEST_TIMEOUT, "to: CSE %.*s did not answer in time",
		                  SLICE_ARG(cse));
	if (forward->result == 0 && forward_makes_sense(req, &forward->response)) {
		req->out = forward->response;
		if (req->out.at[PRIM_pc] && req->out.at[PRIM_pc]->count == 0)
			req->out.at[PRIM_pc] = NULL;
		return STEP_DONE;
	}
	if (forward->result == 0 || forward->result == -EBADMSG)
		return req_refuse(req, RSC_TARGET_NOT_REACHABLE, "to: what CSE %.*s answered makes no sense",
		                  SLICE_ARG(cse));
	return req_refuse(req, RSC_TARGET_NOT_REACHABLE, "to: CSE %.*s cannot be reached", SLICE_ARG(cse));
}

int step_forward(struct req *req)
{
	if (req->to.here)
		return STEP_NEXT;
	return req->wait ? forward_finish(req) : forward_begin(req);
}
