/* SPDX-License-Identifier: Apache-2.0 */
/* The first step: is this a request at all, from whom, and may it still be done? Everything that can be said
 * without looking at the tree is said here. TS-0004 7.3.1 */
#include <inttypes.h>

#include "base/clock.h"
#include "engine/engine_private.h"
#include "engine/nonblocking.h"
#include "engine/steps.h"
#include "model/rsc.h"

static int check_version(struct req *req)
{
	static const char *const known[] = {"2a", "3", "4", "5"};
	struct slice rvi = prim_text(&req->in, PRIM_rvi);
	/* Absent means a Release 1 peer, who knows no such parameter. */
	if (!prim_has(&req->in, PRIM_rvi))
		return STEP_NEXT;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_is_text(rvi, known[i]))
			return STEP_NEXT;
	return req_refuse(req, RSC_RELEASE_VERSION_NOT_SUPPORTED,
	                  "rvi: release %.*s is not spoken here; expected 2a, 3, 4 or 5", SLICE_ARG(rvi));
}

static int read_operation(struct req *req)
{
	int64_t op = prim_int(&req->in, PRIM_op, 0);
	if (op < OP_CREATE || op > OP_NOTIFY)
		return req_refuse(req, RSC_BAD_REQUEST,
		                  "op: expected 1 create, 2 retrieve, 3 update, 4 delete or 5 notify");
	req->op = (enum operation)op;
	if (!prim_text(&req->in, PRIM_rqi).len)
		return req_refuse(req, RSC_BAD_REQUEST, "rqi: the request identifier is missing");
	return STEP_NEXT;
}

static int read_from(struct req *req)
{
	struct engine *engine = req->engine;
	req->fr = prim_text(&req->in, PRIM_fr);
	if (!req->fr.len) {
		/* Only who registers an AE may have no name yet. TS-0001 10.2.2.2 */
		if (req->op == OP_CREATE && prim_int(&req->in, PRIM_ty, 0) == TYPE_AE)
			return STEP_NEXT;
		return req_refuse(req, RSC_BAD_REQUEST, "fr: the originator is missing");
	}
	if (!id_is_originator(req->fr))
		return req_refuse(
		        req, RSC_BAD_REQUEST,
		        "fr: \"%.*s\" is no identifier: expected an AE-ID or a CSE-ID of letters, digits, "
		        "'-', '.', '_', '~' and '/'",
		        SLICE_ARG(req->fr));
	req->from = id_sp_relative(&engine->self, req->fr, &req->arena);
	req->is_admin = engine->admin.len && slice_is(req->from, engine->admin);
	return STEP_NEXT;
}

/* A time parameter: 0 when absent. */
static int read_time(struct req *req, enum prim_id id, int64_t *ret)
{
	*ret = 0;
	if (!prim_has(&req->in, id) || prim_time(req->in.at[id], req->now, ret))
		return STEP_NEXT;
	return req_refuse(req, RSC_BAD_REQUEST,
	                  "%s: expected a time such as 20261122T093000, or milliseconds from now",
	                  prim_rows[id].sn);
}

static int check_times(struct req *req)
{
	int64_t rqet, rset, oet;
	if (read_time(req, PRIM_rqet, &rqet) == STEP_DONE || read_time(req, PRIM_rset, &rset) == STEP_DONE ||
	    read_time(req, PRIM_oet, &oet) == STEP_DONE)
		return STEP_DONE;
	if (rqet && rqet <= req->now)
		return req_refuse(req, RSC_REQUEST_TIMEOUT,
		                  "rqet: the request expired before it was handled");
	if (rset && rset <= req->now)
		return req_refuse(req, RSC_REQUEST_TIMEOUT,
		                  "rset: the result is wanted at a time that has passed");
	if (rset && rqet && rset < rqet)
		return req_refuse(req, RSC_BAD_REQUEST, "rset: must not be earlier than rqet");
	req->deadline = req->now + req->engine->config.request_timeout_us;
	if (rqet)
		req->deadline = rqet;
	if (rset && (!rqet || rset < req->deadline))
		req->deadline = rset;
	return STEP_NEXT;
}

/* The time of sending: a timestamp only. */
static int check_origin_time(struct req *req)
{
	int64_t ot;
	if (!prim_has(&req->in, PRIM_ot) || clock_parse(prim_text(&req->in, PRIM_ot), &ot))
		return STEP_NEXT;
	return req_refuse(req, RSC_BAD_REQUEST, "ot: expected a time such as 20261122T093000");
}

/* Which result contents an operation may ask for: bit n set for rcn n. core of TS-0004 7.5.2 */
static const uint16_t rcn_allowed[] = {
        [OP_CREATE] = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9,
        [OP_RETRIEVE] = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11,
        [OP_UPDATE] = 1 << 0 | 1 << 1 | 1 << 9,
        [OP_DELETE] = 1 << 0 | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8,
        [OP_NOTIFY] = 1 << 0 | 1 << 1,
};

static int check_result_content(struct req *req)
{
	int64_t rcn = prim_int(&req->in, PRIM_rcn, -1);
	if (prim_has(&req->in, PRIM_rcn) && (rcn < 0 || rcn > 15 || !(rcn_allowed[req->op] & 1 << rcn)))
		return req_refuse(req, RSC_BAD_REQUEST, "rcn: %" PRId64 " is not allowed for this operation",
		                  rcn);
	req->rcn = (int)rcn;
	if (req->op == OP_CREATE && prim_has(&req->in, PRIM_fc))
		return req_refuse(req, RSC_BAD_REQUEST, "fc: a create takes no filter criteria");
	int64_t ec = prim_int(&req->in, PRIM_ec, 3);
	if ((ec < 2 || ec > 4) && (ec < 100 || ec > 999))
		return req_refuse(req, RSC_BAD_REQUEST, "ec: expected 2, 3, 4, or 100 to 999");
	int64_t drt = prim_int(&req->in, PRIM_drt, 1);
	if (drt != 1 && drt != 2)
		return req_refuse(req, RSC_BAD_REQUEST, "drt: expected 1 structured or 2 unstructured");
	if (prim_bool(&req->in, PRIM_sqi, false) || rcn == 10)
		return req_refuse(req, RSC_NOT_IMPLEMENTED, "sqi: semantic queries are not supported");
	return STEP_NEXT;
}

/* The one member of pc is the representation; its name says of which type. */
static int read_content(struct req *req)
{
	struct val *pc = req->in.at[PRIM_pc];
	if (req->op == OP_DELETE)
		return STEP_NEXT;
	if (req->op == OP_RETRIEVE) {
		if (val_find(pc, "m2m:atrl"))
			req->atrl = val_find(pc, "m2m:atrl");
		return STEP_NEXT;
	}
	if (!pc || pc->kind != VAL_OBJ || pc->count != 1)
		return req_refuse(
		        req, RSC_BAD_REQUEST,
		        "pc: expected a body of one object with one member, such as {\"m2m:cnt\": {...}}");
	req->root = pc->first->name;
	req->rep = pc->first;
	if (req->op != OP_NOTIFY && req->rep->kind != VAL_OBJ)
		return req_refuse(req, RSC_BAD_REQUEST, "%.*s: expected an object, not %s",
		                  SLICE_ARG(req->root), val_kind_name(req->rep));
	return STEP_NEXT;
}

/* operationExecutionTime: not before. TS-0004 7.3.2.1 */
static void wake_up(struct timer *timer)
{
	steps_resume(container_of(timer, struct req, timer));
}

static bool is_for_another(const struct req *req)
{
	struct id_to to;
	return id_read_to(&req->engine->self, prim_text(&req->in, PRIM_to), &to, NULL) == 0 && !to.here;
}

static int wait_for_execution(struct req *req)
{
	int64_t oet;
	if (!prim_has(&req->in, PRIM_oet) || !prim_time(req->in.at[PRIM_oet], req->now, &oet) ||
	    oet <= req->now || req->wait)
		return STEP_NEXT;
	if (oet > req->deadline && (prim_has(&req->in, PRIM_rqet) || prim_has(&req->in, PRIM_rset)))
		return req_refuse(req, RSC_REQUEST_TIMEOUT, "oet: lies behind the expiration of the request");
	if (is_for_another(req)) /* who hosts it waits */
		return STEP_NEXT;
	req->wait = req; /* once */
	req->timer.run = wake_up;
	timer_set(req->engine->timers, &req->timer, oet);
	return STEP_WAIT;
}

/* Who comes from outside is asked for once. What we made of an admitted request has its parent's peer, and is
 * not charged again; but of a fan-out each member is a request more. */
static int admit(struct req *req)
{
	const struct admission *admission = &req->engine->ports.admission;
	if (!admission->admit || (req->peer.inner && !req->parent))
		return 0;
	return admission->admit(admission->ctx, req, &req->why);
}

/* Whose proof was revoked meanwhile is not heard any more. */
enum step_result authenticate_again(struct req *req)
{
	const struct admission *admission = &req->engine->ports.admission;
	int r = admission->still ? admission->still(admission->ctx, req, &req->why) : 0;
	return r ? (enum step_result)req_fail(req, r) : STEP_NEXT;
}

int step_authenticate(struct req *req)
{
	static int (*const checks[])(struct req *) = {
	        read_operation,    check_version,        read_from,    check_times,
	        check_origin_time, check_result_content, read_content,
	};
	if (req->wait == req) { /* back from waiting for oet: time has passed */
		req->wait = NULL;
		req->now = clock_now();
		if (!prim_has(&req->in, PRIM_rqet) && !prim_has(&req->in, PRIM_rset))
			req->deadline = req->now + req->engine->config.request_timeout_us;
		return authenticate_again(req);
	}
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (checks[i](req) == STEP_DONE)
			return STEP_DONE;
	int r = admit(req);
	if (r)
		return req_fail(req, r);
	int result = nonblocking_start(req);
	return result == STEP_NEXT ? wait_for_execution(req) : result;
}
