/* SPDX-License-Identifier: Apache-2.0 */
/* Non-blocking requests. The <request> is made and answered; a request of its own, a copy, does the work and
 * writes its result into it. Both go through the same eight steps. TS-0004 7.4.12 */
#include "engine/nonblocking.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "codec/json.h"
#include "engine/deliver.h"
#include "engine/engine_private.h"
#include "engine/steps.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

enum { RT_SYNCH = 1, RT_ASYNCH = 2, RT_BLOCKING = 3, RT_FLEX = 4, RT_NONE = 5 };
enum { RS_COMPLETED = 1, RS_FAILED = 2, RS_PENDING = 3 };

/* Parameters that go into metaInformation. TS-0004 6.5.4.2 */
static const enum prim_id meta[] = {PRIM_ty, PRIM_ot,  PRIM_rqet, PRIM_rset, PRIM_oet,
                                    PRIM_rp, PRIM_rcn, PRIM_ec,   PRIM_da,   PRIM_gid,
                                    PRIM_fc, PRIM_drt, PRIM_rids, PRIM_rvi,  PRIM_vsi};

static struct val *put_text(struct req *req, struct val *obj, const char *name, struct slice text)
{
	return val_put(obj, slice_of(name), val_str(&req->arena, text));
}

static struct val *meta_information(struct req *req)
{
	struct val *mi = val_obj(&req->arena), *rt = val_obj(&req->arena);
	for (size_t i = 0; i < sizeof(meta) / sizeof(meta[0]); i++)
		if (prim_has(&req->in, meta[i]))
			val_put(mi, slice_of(prim_rows[meta[i]].sn),
			        val_copy(&req->arena, req->in.at[meta[i]]));
	val_put(rt, SLICE("rtv"), val_int(&req->arena, prim_int(&req->in, PRIM_rt, RT_BLOCKING)));
	if (prim_has(&req->in, PRIM_rtu))
		val_put(rt, SLICE("nu"), val_copy(&req->arena, req->in.at[PRIM_rtu]));
	val_put(mi, SLICE("rt"), rt);
	return mi;
}

static struct slice request_body(struct req *req)
{
	struct val *body = val_obj(&req->arena), *labels = val_arr(&req->arena), *ors = val_obj(&req->arena);
	struct buf buf;
	val_push(labels, val_str(&req->arena, req->fr));
	val_put(body, SLICE("lbl"), labels);
	val_put(body, SLICE("op"), val_int(&req->arena, req->op));
	put_text(req, body, "tg", prim_text(&req->in, PRIM_to));
	put_text(req, body, "org", req->fr);
	put_text(req, body, "rid", prim_text(&req->in, PRIM_rqi));
	val_put(body, SLICE("mi"), meta_information(req));
	if (prim_has(&req->in, PRIM_pc))
		val_put(body, SLICE("pc"), val_copy(&req->arena, req->in.at[PRIM_pc]));
	val_put(body, SLICE("rs"), val_int(&req->arena, RS_PENDING));
	val_put(ors, SLICE("rsc"), val_int(&req->arena, RSC_ACCEPTED));
	put_text(req, ors, "rqi", prim_text(&req->in, PRIM_rqi));
	val_put(body, SLICE("ors"), ors);
	buf_init(&buf, &req->arena);
	json_write_members(&buf, body);
	return buf_slice(&buf);
}

static struct node *make_request(struct req *req)
{
	const struct engine_config *config = &req->engine->config;
	int64_t et = req->now + config->request_lifetime_us, rp;
	if (prim_has(&req->in, PRIM_rp) && prim_time(req->in.at[PRIM_rp], req->now, &rp) && rp > req->now)
		et = rp;
	if (et < req->deadline)
		et = req->deadline + 1000000;
	const struct node_seed seed = {
	        .parent = req->engine->tree.base,
	        .type = type_find(TYPE_REQ),
	        .ct = req->now,
	        .et = et,
	        .owner = req->from,
	        .body = request_body(req),
	};
	return tree_add(&req->engine->tree, &seed);
}

/* ---- the work behind it ---- */

struct nonblocking {
	struct engine *engine;
	uint64_t no; /* the <request> */
	bool tell;   /* asynchronous: send the result */
};

static void told(void *user, int result, const struct prim *response)
{
	/* Nobody waits for it; a target that is away finds the result in the <request>. */
}

static void tell_one(struct req *req, struct slice target, struct val *result)
{
	struct prim notification = {{0}};
	struct val *pc = val_obj(&req->arena);
	val_put(pc, SLICE("m2m:rsp"), val_copy(&req->arena, result));
	deliver_request(req->engine, &req->arena, target, pc, &notification);
	deliver_send(req->engine, target, &notification, req->engine->config.request_timeout_us, told, NULL);
}

static void tell(struct req *sub, const struct node *node, struct val *result)
{
	const struct val *mi = node_attr(node, SLICE("mi"), &sub->arena), *rt = val_find(mi, "rt");
	const struct val *nu = val_find(rt, "nu");
	if (!nu)
		tell_one(sub, sub->fr, result);
	else if (nu->kind == VAL_ARR)
		val_each (nu, target)
			tell_one(sub, target->text, result);
}

static void record(struct req *sub, struct node *node, struct val *result)
{
	struct engine *engine = sub->engine;
	struct val *body = node_body(node, &sub->arena);
	bool good = rsc_is_good((int)prim_int(&sub->out, PRIM_rsc, 0));
	struct buf buf;
	val_set(body, SLICE("rs"), val_int(&sub->arena, good ? RS_COMPLETED : RS_FAILED));
	val_set(body, SLICE("ors"), result);
	buf_init(&buf, &sub->arena);
	json_write_members(&buf, body);
	tree_change(&engine->tree, node, buf_slice(&buf), clock_now(), node->et);
}

static void work_answered(struct req *sub)
{
	struct nonblocking *work = sub->user;
	struct node *node = tree_by_no(&work->engine->tree, work->no);
	if (node && node->type->number == TYPE_REQ) {
		struct val *result = prim_write(&sub->out, &sub->arena);
		record(sub, node, result);
		if (work->tell)
			tell(sub, node, result);
	}
	free(work);
	req_destroy(sub);
}

static void start_work(struct req *req, const struct node *node, bool tell_result)
{
	struct req *sub = req_create(req->engine);
	struct nonblocking *work = mem_zero(1, sizeof(*work));
	*work = (struct nonblocking){req->engine, node->no, tell_result};
	for (size_t id = 0; id < PRIM_COUNT; id++)
		if (req->in.at[id])
			sub->in.at[id] = val_copy(&sub->arena, req->in.at[id]);
	sub->in.at[PRIM_rt] = sub->in.at[PRIM_rtu] = NULL;
	req_inherit(sub, req);
	sub->answered = work_answered;
	sub->user = work;
	engine_submit(sub);
}

int nonblocking_start(struct req *req)
{
	int64_t rt = prim_int(&req->in, PRIM_rt, RT_BLOCKING);
	if (rt < RT_SYNCH || rt > RT_NONE)
		return req_refuse(
		        req, RSC_BAD_REQUEST,
		        "rt: expected 1 or 2 non-blocking, 3 blocking, 4 flexBlocking, or 5 no response");
	req->silent = rt == RT_NONE;
	if (rt != RT_SYNCH && rt != RT_ASYNCH)
		return STEP_NEXT;
	if (!req->engine->can_write)
		return req_refuse(req, RSC_INTERNAL_SERVER_ERROR, "the store can't write at the moment");
	/* The <request> is one of the originator's resources. Beyond his share it is refused: none that still
	 * holds a result goes for it. */
	req->type = type_find(TYPE_REQ);
	int r = validate_growth(req);
	req->type = NULL;
	if (r)
		return req_fail(req, r);
	struct node *node = make_request(req);
	struct val *pc = val_obj(&req->arena);
	val_put(pc, SLICE("m2m:uri"), val_str(&req->arena, arena_copy(&req->arena, node->ri)));
	req->wrote = true;
	req_good(req,
	         rt == RT_SYNCH ? RSC_ACCEPTED_NON_BLOCKING_REQUEST_SYNCH
	                        : RSC_ACCEPTED_NON_BLOCKING_REQUEST_ASYNCH,
	         pc);
	start_work(req, node, rt == RT_ASYNCH);
	return STEP_DONE;
}
