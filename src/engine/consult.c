/* SPDX-License-Identifier: Apache-2.0 */
/* Asking an authorization server. Its points of access are tried in turn while nobody answers; when one
 * answers no, the next consultation that the resource names is asked. What comes back is a stranger's: it is
 * held against its shape, and whatever is wrong with it is a no.
 *
 * Nobody is asked about a request of our own, nor is a server asked about its own requests: two who ask each
 * other would never end. Beyond that, questions under way are bounded, each by time and all by number, so
 * that a ring over several servers comes to its end, too. */
#include "engine/consult.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "engine/deliver.h"
#include "engine/engine_private.h"
#include "engine/grant.h"
#include "engine/memory.h"
#include "engine/type/dac.h"
#include "engine/verify.h"
#include "model/check.h"
#include "model/rsc.h"

#define CONSULT_MOST          64                  /* questions under way */
#define CONSULT_DAC_MOST      16                  /* of them, of one consultation */
#define CONSULT_POINTS_MOST   16                  /* tried for one request */
#define CONSULT_LIFETIME_MOST INT64_C(3600000000) /* an answer is believed no longer, whatever it says */
enum { SIT_REQUEST = 1, SIT_RESPONSE = 2 };

struct consult_point {
	struct slice url;
	uint64_t dac;  /* the consultation's number */
	int64_t until; /* its dal; 0: none */
};

/* In the request's arena. */
struct consult {
	struct req *req;
	struct consult_point points[CONSULT_POINTS_MOST];
	size_t count, at; /* at: the next to be tried */
	bool asked;       /* the last one was, and has answered when we are called again */
	int result;       /* of it */
	struct prim response;
};

static struct node *consult_dac(const struct engine *engine, uint64_t no)
{
	struct node *node = tree_by_no(&engine->tree, no);

	return node && node->type->number == TYPE_DAC && node->extra ? node : NULL;
}

/* ---- whom? ---- */

static void consult_add(struct consult *c, const struct node *dac)
{
	struct req *req = c->req;
	int64_t until;
	const struct val *points = dac_points(dac, req->now, &req->arena, &until);

	if (points)
		val_each (points, url)
			if (c->count < CONSULT_POINTS_MOST)
				c->points[c->count++] = (struct consult_point){url->text, dac->no, until};
}

/* The resource's own daci, else its parent's. */
static struct consult *consult_begin(struct req *req, const struct node *node)
{
	struct engine *engine = req->engine;
	struct consult *c = req->consult = arena_new(&req->arena, struct consult);
	const struct val *daci = node_attr(node, SLICE("daci"), &req->arena);

	c->req = req;
	if (!daci && node->parent)
		daci = node_attr(node->parent, SLICE("daci"), &req->arena);
	if (!daci || !req->from.len || slice_is(req->from, engine->self.csi))
		return c;
	val_each (daci, address) {
		const struct node *dac = tree_find(&engine->tree, &engine->self, address->text);

		if (dac && dac->type->number == TYPE_DAC && dac->extra)
			consult_add(c, dac);
	}
	return c;
}

/* ---- the question ---- */

static void consult_put_claims(struct req *req, struct val *dreq)
{
	const struct grants *grants = req->grants;
	struct arena *arena = &req->arena;
	struct val *roles = val_arr(arena), *tokens = val_arr(arena);

	for (size_t i = 0; grants && i < grants->role_count; i++)
		val_push(roles, val_str(arena, grants->roles[i].id));
	for (size_t i = 0; grants && i < grants->token_count; i++)
		val_push(tokens, val_str(arena, grants->tokens[i].id));
	if (roles->count)
		val_put(dreq, SLICE("orid"), roles);
	if (tokens->count)
		val_put(dreq, SLICE("tids"), tokens);
}

/* m2m:dynAuthDasRequest. TS-0004 6.3.5 */
static struct val *consult_request(struct req *req, const struct node *node, int64_t until)
{
	struct arena *arena = &req->arena;
	struct val *dreq = val_obj(arena), *wanted = access_roles(req->engine, node, arena);
	const char *ip = req->peer.ip;
	char time[CLOCK_TEXT];

	val_put(dreq, SLICE("or"), val_str(arena, req->from));
	val_put(dreq, SLICE("trt"), val_int(arena, node->type->number));
	val_put(dreq, SLICE("op"), val_int(arena, req->op));
	if (ip)
		val_put(val_put(dreq, SLICE("oip"), val_obj(arena)),
		        strchr(ip, ':') ? SLICE("ip6") : SLICE("ip4"), val_str(arena, slice_of(ip)));
	clock_print(req->now, time);
	val_put(dreq, SLICE("rts"), val_str(arena, arena_copy(arena, slice_make(time, CLOCK_TEXT))));
	val_put(dreq, SLICE("trid"),
	        val_str(arena, arena_printf(arena, "%.*s/%.*s", SLICE_ARG(req->engine->self.csi),
	                                    SLICE_ARG(node->ri))));
	if (until) {
		clock_print(until, time);
		val_put(dreq, SLICE("ppl"), val_str(arena, arena_copy(arena, slice_make(time, CLOCK_TEXT))));
	}
	if (wanted)
		val_put(dreq, SLICE("rfa"), wanted);
	consult_put_claims(req, dreq);
	return dreq;
}

/* Indirect: where the originator may ask himself. */
static void consult_tell(struct consult *c, const struct node *node)
{
	struct req *req = c->req;
	struct arena *arena = &req->arena;
	struct val *list;

	if (!c->count)
		return;
	req->out.at[PRIM_tqf] = val_obj(arena);
	list = val_put(req->out.at[PRIM_tqf], SLICE("dasi"), val_arr(arena));
	for (size_t i = 0; i < c->count; i++) {
		struct val *one = val_push(list, val_obj(arena));

		val_put(one, SLICE("uri"), val_str(arena, c->points[i].url));
		val_put(one, SLICE("dreq"), consult_request(req, node, c->points[i].until));
	}
}

static void consult_answered(void *user, int result, const struct prim *response)
{
	struct consult *c = user;
	struct req *req = c->req;
	struct engine *engine = req->engine;
	struct node *dac = consult_dac(engine, c->points[c->at - 1].dac);

	engine->consulting--;
	if (dac && ((struct dac *)dac->extra)->busy)
		((struct dac *)dac->extra)->busy--;
	c->result = result;
	for (size_t i = 0; i < PRIM_COUNT; i++)
		c->response.at[i] =
		        result == 0 && response->at[i] ? val_copy(&req->arena, response->at[i]) : NULL;
	if (!req->finished && !deliver_is_closing(engine->deliver))
		steps_resume(req);
	req_release(req);
}

static bool consult_may_ask(struct consult *c, const struct consult_point *point)
{
	struct req *req = c->req;
	const struct node *dac = consult_dac(req->engine, point->dac);

	if (!dac || verify_is_originator(req, point->url))
		return false;
	if (req->engine->consulting >= CONSULT_MOST || ((struct dac *)dac->extra)->busy >= CONSULT_DAC_MOST) {
		grant_complain(req, "too many questions to the authorization server are under way");
		return false;
	}
	return true;
}

/* Asks the next one, if there is one. */
static int consult_next(struct consult *c, const struct node *node)
{
	struct req *req = c->req;
	struct engine *engine = req->engine;

	while (c->at < c->count) {
		const struct consult_point *point = &c->points[c->at++];
		/* Half of what is left: there must be time for the next, and for our answer. */
		int64_t timeout = (req->deadline - clock_now()) / 2;
		struct val *pc, *seci;
		struct prim request;

		if (timeout <= 0 || !consult_may_ask(c, point))
			continue;
		pc = val_obj(&req->arena);
		seci = val_put(pc, SLICE("m2m:seci"), val_obj(&req->arena));
		val_put(seci, SLICE("sit"), val_int(&req->arena, SIT_REQUEST));
		val_put(seci, SLICE("dreq"), consult_request(req, node, point->until));
		deliver_request(engine, &req->arena, point->url, pc, &request);
		c->asked = true;
		engine->consulting++;
		((struct dac *)consult_dac(engine, point->dac)->extra)->busy++;
		req_hold(req);
		deliver_send(engine, point->url, &request, timeout, consult_answered, c);
		return STEP_WAIT;
	}
	return STEP_DONE;
}

/* ---- the answer ---- */

/* How long it may be remembered; 0: it is for this request alone. */
static int64_t consult_lifetime(const struct consult *c, const struct val *dai)
{
	const struct consult_point *point = &c->points[c->at - 1];
	int64_t until, now = clock_now();

	if (!val_find(dai, "pl") || !prim_time(val_find(dai, "pl"), now, &until) || until <= now)
		return 0;
	if (point->until && until > point->until)
		until = point->until;
	return until < now + CONSULT_LIFETIME_MOST ? until : now + CONSULT_LIFETIME_MOST;
}

static int consult_take_rules(struct consult *c, const struct node *node, const struct val *dai)
{
	struct req *req = c->req;
	const struct node *dac = consult_dac(req->engine, c->points[c->at - 1].dac);
	const struct val *gp = val_find(dai, "gp"), *pl = val_find(dai, "pl");
	int64_t until = consult_lifetime(c, dai);
	struct access_rules rules;
	int r;

	if (!gp || !dac || (pl && !until))
		return 0;
	r = access_rule_read(&req->engine->self, gp, &req->arena, &req->why, &rules);
	if (r) {
		grant_complain(req, "the authorization server granted what is no rule: %s", req->why.text);
		return r < 0 ? r : 0;
	}
	grant_allow(req, &rules, node);
	if (until)
		memory_keep(req, node, dac, gp, until);
	return 0;
}

/* m2m:dynAuthDasResponse, or NULL. */
static const struct val *consult_response(struct consult *c)
{
	struct req *req = c->req;
	const struct val *seci = val_find(c->response.at[PRIM_pc], "m2m:seci");
	int64_t sit = 0, rsc = prim_int(&c->response, PRIM_rsc, 0);
	struct why why = {0};

	if (c->result < 0)
		grant_complain(req, "the authorization server can't be reached");
	else if (!rsc_is_good((int)rsc))
		grant_complain(req, "the authorization server refused to answer (%d)", (int)rsc);
	else if (!seci)
		grant_complain(req, "the authorization server answered without m2m:seci");
	else if (check_shape(shape_find(SLICE("securityInfo")), seci, "m2m:seci", &why))
		grant_complain(req, "the authorization server's answer can't be read: %s", why.text);
	else if (!val_is_int(val_find(seci, "sit"), &sit) || sit != SIT_RESPONSE || !val_find(seci, "dres"))
		grant_complain(req, "the authorization server answered with another m2m:seci than 2");
	else
		return val_find(seci, "dres");
	return NULL;
}

/* Takes what it gives, and passes over the other doors of the same server when it has answered. */
static int consult_hear(struct consult *c, const struct node *node)
{
	uint64_t dac = c->points[c->at - 1].dac;
	const struct val *dres = consult_response(c), *tokens = val_find(dres, "tkns");
	bool sign = false;
	int r = dres ? consult_take_rules(c, node, val_find(dres, "dai")) : 0;

	if (tokens)
		for (const struct val *token = tokens->first; token && !r; token = token->next)
			r = grant_take(c->req, token->text);
	if (val_is_bool(val_find(dres, "asri"), &sign) && sign)
		grant_complain(c->req, "the authorization server wants signatures, which are not supported");
	else if (dres)
		grant_complain(c->req, "the authorization server did not grant it");
	while (c->result == 0 && c->at < c->count && c->points[c->at].dac == dac)
		c->at++;
	return r;
}

static size_t consult_amount(const struct req *req)
{
	return req->grants ? req->grants->permission_count + req->grants->role_count : 0;
}

/* What was granted earlier, by those whom the resource still points to. */
static int consult_remember(struct consult *c, const struct node *node)
{
	struct req *req = c->req;
	struct access_rules rules;
	int r = 0;

	for (size_t i = 0; i < c->count && !r; i++) {
		const struct node *dac = consult_dac(req->engine, c->points[i].dac);
		const struct val *kept = dac ? memory_find(req, node, dac) : NULL;

		if (!kept || (i && c->points[i].dac == c->points[i - 1].dac))
			continue;
		r = access_rule_read(&req->engine->self, kept, &req->arena, &req->why, &rules);
		if (!r)
			grant_allow(req, &rules, node);
	}
	return r;
}

/* STEP_NEXT: there is more to go by; STEP_DONE: there is no more; STEP_WAIT; or a fault. */
static int consult_go_on(struct req *req, const struct node *node)
{
	struct consult *c = req->consult;
	size_t had = consult_amount(req);
	int r = 0;

	if (!c) {
		c = consult_begin(req, node);
		r = consult_remember(c, node);
	} else if (c->asked) {
		c->asked = false;
		r = consult_hear(c, node);
	}
	if (r < 0)
		return r;
	if (consult_amount(req) > had)
		return STEP_NEXT;
	if (!prim_bool(&req->in, PRIM_tqi, false))
		return consult_next(c, node);
	consult_tell(c, node);
	return STEP_DONE;
}

int consult_denied(struct req *req, const struct node *node, struct access_ask *ask, const char *format, ...)
{
	char text[200];
	struct slice complaint;
	va_list args;
	int r = consult_go_on(req, node);

	ask->grants = req->grants;

	if (r < 0)
		return req_fail(req, r);
	if (r != STEP_DONE)
		return r;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	complaint = req->grants ? req->grants->complaint : (struct slice){NULL, 0};
	return req_refuse(req, RSC_ORIGINATOR_HAS_NO_PRIVILEGE,
	                  "%s: no access control policy allows it%s%.*s", text, complaint.len ? "; " : "",
	                  SLICE_ARG(complaint));
}
