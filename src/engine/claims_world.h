/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: a world in which tokens are trusted (their claims as text are the token), requests that bring
 * claims, and a guarded container. */
#ifndef DURE_ENGINE_CLAIMS_WORLD_H
#define DURE_ENGINE_CLAIMS_WORLD_H

#include "engine/world.h"

static inline int fake_claims(void *ctx, struct arena *arena, struct slice token, struct why *why,
                              struct val **ret_claims)
{
	const bool *distrust = ctx;

	if (distrust && *distrust)
		return refuse(why, 4107, "its signer is not trusted");
	if (json_read_relaxed(arena, arena_copy(arena, token), why, ret_claims) != 0)
		return refuse(why, 4107, "it is no token");
	return 0;
}

static const struct ports with_vouch = {.vouch = {.claims = fake_claims}};

#define CLAIMS(id, holder, rest)                                                                             \
	"{vr: '1', tkid: '" id "', tkhd: '" holder "', tkis: 'x', tknb: '20200101T000000', "                 \
	"tkna: '20990101T000000', tkau: ['/id-in'], " rest "}"

static inline void submit_with(struct world *w, const char *from, const char *text, enum prim_id id,
                               const char *const *list)
{
	struct req *req = req_create(w->engine);
	struct why why = {0};
	struct val *object, *names = val_arr(&req->arena);

	assert_int_equal(json_read_relaxed(&req->arena, slice_of(text), &why, &object), 0);
	val_put(object, SLICE("fr"), val_str(&req->arena, slice_of(from)));
	val_put(object, SLICE("rqi"), val_str(&req->arena, SLICE("r1")));
	val_put(object, SLICE("rvi"), val_str(&req->arena, SLICE("3")));
	assert_int_equal(prim_read(&req->in, &req->arena, object, PRIM_REQ, &why), 0);
	for (; list && *list; list++)
		val_push(names, val_str(&req->arena, slice_of(*list)));
	if (names->count)
		req->in.at[id] = names;
	req->answered = world_answered;
	req->user = w;
	w->rsc = 0;
	engine_submit(req);
	world_turn(w);
}

/* A request with one token, role or name. */
static inline int ask_with(struct world *w, const char *from, const char *text, enum prim_id id,
                           const char *one)
{
	const char *const list[] = {one, NULL};

	submit_with(w, from, text, id, list);
	return w->rsc;
}

#define GET   "{op: 2, to: 'cse-in/home/c'}"
#define WRITE "{op: 1, to: 'cse-in/home/c', ty: 4, pc: {'m2m:cin': {con: '1'}}}"

static inline void open_home(struct world *w, const struct ports *ports)
{
	world_open_with(w, ports);
	assert_int_equal(ask(w, "Cme",
	                     "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {rn: 'home', api: 'N.h', rr: true,"
	                     " srv: ['3'], poa: ['http://me/n']}}}"),
	                 2001);
	assert_int_equal(ask(w, "Cme", "{op: 1, to: 'cse-in/home', ty: 3, pc: {'m2m:cnt': {rn: 'c'}}}"),
	                 2001);
}

/* A policy with one rule for home/c. */
static inline void guard(struct world *w, const char *rule)
{
	struct slice text =
	        arena_printf(&w->arena,
	                     "{op: 1, to: 'cse-in/home', ty: 1, pc: {'m2m:acp': {rn: 'p', pv: {acr: "
	                     "[%s]}, pvs: {acr: [{acor: ['Cme'], acop: 63}]}}}}",
	                     rule);

	assert_int_equal(ask(w, "Cme", arena_text(&w->arena, text)), 2001);
	assert_int_equal(ask(w, "Cme",
	                     "{op: 3, to: 'cse-in/home/c', pc: {'m2m:cnt': {acpi: "
	                     "['cse-in/home/p']}}}"),
	                 2004);
}

#define READ_TOKEN CLAIMS("a@x.y", "Cx", "tkps: {pm: [{pv: {acr: [{acor: ['all'], acop: 2}]}}]}")

/* The member of the assignment in the last answer; test requests have one arena each, so it is copied. */
static struct slice last_ati;

static inline void ati_answered(struct req *req)
{
	struct world *w = req->user;
	const struct val *ltia = val_find(req->out.at[PRIM_ati], "ltia");

	last_ati =
	        ltia && ltia->first ? arena_copy(&w->arena, val_find(ltia->first, "lti")->text) : SLICE("");
	world_answered(req);
}

static inline int ask_for_name(struct world *w, const char *from, const char *token)
{
	struct req *req = req_create(w->engine);

	req->in.at[PRIM_op] = val_int(&req->arena, OP_RETRIEVE);
	req->in.at[PRIM_to] = val_str(&req->arena, SLICE("cse-in/home/c"));
	req->in.at[PRIM_fr] = val_str(&req->arena, slice_of(from));
	req->in.at[PRIM_rqi] = val_str(&req->arena, SLICE("r"));
	req->in.at[PRIM_tkns] = val_arr(&req->arena);
	val_push(req->in.at[PRIM_tkns], val_str(&req->arena, slice_of(token)));
	req->answered = ati_answered;
	req->user = w;
	w->rsc = 0;
	engine_submit(req);
	world_turn(w);
	return w->rsc;
}

#endif
