/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what besides what the policies say by name: the admission port, roles, tokens, authorization
 * servers, and connections that lead to those who have no address. */
#include "engine/claims_world.h"

/* ---- an admission port ---- */

struct gate {
	int members; /* of fan-outs, asked of */
	int asked, authenticated, refuse_with;
	uint64_t subscriptions, resources, most; /* as last told; most: 0 no limit */
};

static int gate_admit(void *ctx, struct req *req, struct why *why)
{
	struct gate *gate = ctx;

	gate->asked++;
	if (req->peer.inner) {
		gate->members++;
		return 0;
	}
	req->peer.authenticated = gate->authenticated;
	return gate->refuse_with ? refuse(why, gate->refuse_with, "the gate is closed") : 0;
}

static int gate_grow(void *ctx, const struct req *req, uint64_t subscriptions, uint64_t resources,
                     struct why *why)
{
	struct gate *gate = ctx;

	assert_non_null(req->type);
	gate->subscriptions = subscriptions;
	gate->resources = resources;
	if (gate->most && resources >= gate->most)
		return refuse(why, 4139, "no more than %d", (int)gate->most);
	return 0;
}

UNIT(the_port_is_asked_once_and_its_word_holds)
{
	struct gate gate = {0};
	const struct ports ports = {.admission = {.admit = gate_admit, .ctx = &gate}};
	struct world w;

	open_home(&w, &ports);
	assert_int_equal(ask(&w, "Cme",
	                     "{op: 1, to: 'cse-in/home', ty: 9, pc: {'m2m:grp': {rn: 'g', mnm: 9, mid: "
	                     "['cse-in/home/c']}}}"),
	                 2001);
	guard(&w, "{acor: ['Cx'], acop: 63, acaf: true}");
	gate.asked = 0;
	assert_int_equal(ask(&w, "Cx", GET), 4103);
	gate.authenticated = 1;
	assert_int_equal(ask(&w, "Cx", GET), 2000);
	assert_int_equal(gate.asked, 2);
	/* What we make of it ourselves is as authenticated as the whole; members of a group are told of. */
	assert_int_equal(
	        ask(&w, "Cme", "{op: 3, to: 'cse-in/home/g', pc: {'m2m:grp': {acpi: ['cse-in/home/p']}}}"),
	        2004);
	gate.asked = 0;
	assert_int_equal(ask(&w, "Cx", "{op: 2, to: 'cse-in/home/g/fopt'}"), 2000);
	assert_pc(&w, "\"rsc\":2000");
	assert_int_equal(gate.asked, 2);
	assert_int_equal(gate.members, 1);
	assert_int_equal(ask(&w, "Cx", "{op: 2, to: 'cse-in/home/c', rt: {rtv: 1}}"), 1001);
	assert_int_equal(gate.asked, 3);
	assert_int_equal(gate.members, 1);
	/* Its refusal goes out as it is, and nothing is left. */
	uint64_t nodes = w.engine->tree.nodes;

	gate.refuse_with = 4106;
	assert_int_equal(ask(&w, "Cy",
	                     "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {api: 'N.h', rr: true,"
	                     " srv: ['3']}}}"),
	                 4106);
	assert_pc(&w, "the gate is closed");
	assert_int_equal(ask(&w, "Cy", "{op: 2, to: 'cse-in', rt: {rtv: 1}}"), 4106);
	assert_int_equal(w.engine->tree.nodes, nodes);
	world_close(&w);
}

UNIT(what_somebody_owns_is_counted)
{
	struct gate gate = {0};
	const struct ports ports = {.admission = {.grow = gate_grow, .ctx = &gate}};
	struct world w;

	open_home(&w, &ports);
	/* The AE, and now a container more. */
	assert_int_equal(gate.resources, 1);
	assert_int_equal(ask(&w, "Cme", "{op: 1, to: 'cse-in/home', ty: 3, pc: {'m2m:cnt': {rn: 'd'}}}"),
	                 2001);
	assert_int_equal(gate.resources, 2);
	assert_int_equal(ask(&w, "Cme",
	                     "{op: 1, to: 'cse-in/home/c', ty: 23, pc: {'m2m:sub': {rn: 's', nu: "
	                     "['http://me/n']}}}"),
	                 2001);
	assert_int_equal(gate.subscriptions, 0);
	assert_int_equal(ask(&w, "Cme", "{op: 1, to: 'cse-in/home/c', ty: 3, pc: {'m2m:cnt': {}}}"), 2001);
	assert_int_equal(gate.subscriptions, 1);
	assert_int_equal(gate.resources, 4);
	/* Instances are not asked for. */
	gate.most = 5;
	assert_int_equal(ask(&w, "Cme", WRITE), 2001);
	assert_int_equal(ask(&w, "Cme", "{op: 1, to: 'cse-in/home', ty: 3, pc: {'m2m:cnt': {rn: 'e'}}}"),
	                 4139);
	assert_pc(&w, "no more than 5");
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: 'cse-in/home/e'}"), 4004);
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: 'cse-in/home', rt: {rtv: 1}}"), 4139);
	/* What goes makes room; and the counts are there again after a start. */
	assert_int_equal(ask(&w, "Cme", "{op: 4, to: 'cse-in/home/c'}"), 2002);
	engine_destroy(w.engine);
	world_start(&w);
	gate.most = 3;
	assert_int_equal(ask(&w, "Cme", "{op: 1, to: 'cse-in/home', ty: 3, pc: {'m2m:cnt': {rn: 'e'}}}"),
	                 2001);
	assert_int_equal(gate.resources, 2);
	assert_int_equal(gate.subscriptions, 0);
	assert_int_equal(ask(&w, "Cme", "{op: 1, to: 'cse-in/home', ty: 3, pc: {'m2m:cnt': {rn: 'f'}}}"),
	                 4139);
	assert_int_equal(ask(&w, "Cme", "{op: 4, to: 'cse-in/home'}"), 2002);
	assert_null(owner_find(&w.engine->tree.owners, w.engine->tree.seed, SLICE("/id-in/Cme")));
	world_close(&w);
}

/* ---- roles ---- */

static int give_role(struct world *w, const char *from, const char *rest)
{
	struct slice text =
	        arena_printf(&w->arena,
	                     "{op: 1, to: 'cse-in', ty: 31, pc: {'m2m:rol': {rlid: 'reader@ex.org', "
	                     "tkis: 'Cauth', %s}}}",
	                     rest);

	return ask(w, from, arena_text(&w->arena, text));
}

#define ALWAYS "tknb: '20200101T000000', tkna: '20990101T000000'"

UNIT(a_role_counts_when_it_was_issued)
{
	struct world w;

	open_home(&w, NULL);
	guard(&w, "{acor: ['reader@ex.org'], acop: 2}");
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_rids, "reader@ex.org"), 4103);
	assert_pc(&w, "rids: no role reader@ex.org");
	/* Only who may create below the CSEBase gives roles. */
	assert_int_equal(give_role(&w, "Cx", "rn: 'r', tkhd: 'Cx', " ALWAYS), 4103);
	assert_int_equal(give_role(&w, "CAdmin", "rn: 'r', tkhd: 'Cx', " ALWAYS), 2001);
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_rids, "reader@ex.org"), 2000);
	assert_int_equal(ask(&w, "Cx", GET), 4103); /* not claimed */
	assert_int_equal(ask_with(&w, "Cy", GET, PRIM_rids, "reader@ex.org"), 4103);
	assert_int_equal(ask_with(&w, "/id-in/Cx", GET, PRIM_rids, "reader@ex.org"), 2000);
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_rids, "other@ex.org"), 4103);
	assert_int_equal(ask_with(&w, "Cx", WRITE, PRIM_rids, "reader@ex.org"), 4103);
	/* It is read again at a start, and goes with its resource. */
	engine_destroy(w.engine);
	world_start(&w);
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_rids, "reader@ex.org"), 2000);
	assert_int_equal(ask(&w, "CAdmin", "{op: 4, to: 'cse-in/r'}"), 2002);
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_rids, "reader@ex.org"), 4103);
	world_close(&w);
}

UNIT(roles_that_are_none_yet_or_any_more)
{
	static const struct {
		const char *rest;
		int made, got;
	} rows[] = {
	        {"tkhd: 'Cx', tknb: '20980101T000000', tkna: '20990101T000000'", 2001, 4103},
	        {"tkhd: 'Cx', tknb: '20000101T000000', tkna: '20010101T000000'", 4000, 4103},
	        {"tkhd: 'Cx', tknb: '20990101T000000', tkna: '20980101T000000'", 4000, 4103},
	        {"tkhd: 'a b', " ALWAYS, 4000, 4103},
	        {"tkhd: 'Cx', rltl: 'cse-in/none', " ALWAYS, 2001, 4103},
	        {"tkhd: 'Cx', rltl: '/id-far/t', " ALWAYS, 2001, 2000},
	};
	struct world w;

	open_home(&w, NULL);
	guard(&w, "{acor: ['reader@ex.org'], acop: 2}");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(give_role(&w, "CAdmin", rows[i].rest), rows[i].made);
		assert_int_equal(ask_with(&w, "Cx", GET, PRIM_rids, "reader@ex.org"), rows[i].got);
	}
	assert_int_equal(
	        ask(&w, "CAdmin",
	            "{op: 1, to: 'cse-in', ty: 31, pc: {'m2m:rol': {rlid: 'Reader@EX.org', tkis: 'a', "
	            "tkhd: 'Cx', " ALWAYS "}}}"),
	        4000);
	world_close(&w);
}

UNIT(a_policy_names_so_many_and_no_more)
{
	struct world w;
	struct buf buf;

	open_home(&w, NULL);
	buf_init(&buf, &w.arena);
	buf_add_lit(&buf, "{op: 1, to: 'cse-in/home', ty: 1, pc: {'m2m:acp': {pv: {acr: [");
	for (int rule = 0; rule < 3; rule++) {
		buf_add_lit(&buf, "{acop: 2, acor: [");
		for (int i = 0; i < 4000; i++)
			buf_add_lit(&buf, "'Ca',");
		buf_add_lit(&buf, "'Cb']},");
	}
	buf.len--;
	buf_printf(&buf, "]}, pvs: {acr: [{acor: ['Cme'], acop: 63}]}}}}%c", 0);
	assert_int_equal(ask(&w, "Cme", buf.ptr), 4000);
	assert_pc(&w, "acor: 12003 entries in all rules together");
	world_close(&w);
}

/* ---- tokens ---- */

static const struct {
	const char *token;
	int get, write;
	const char *why;
} token_rows[] = {
        {CLAIMS("a@x.y", "Cx",
                "tkps: {pm: [{ris: ['cse-in/home/c'], pv: {acr: [{acor: ['Cx'], acop: 2}]}}]}"),
         2000, 4103, NULL},
        {CLAIMS("a@x.y", "/id-in/Cx", "tkps: {pm: [{pv: {acr: [{acor: ['all'], acop: 3}]}}]}"), 2000, 2001,
         NULL},
        {CLAIMS("a@x.y", "Cx", "tkps: {pm: [{ris: ['cse-in/home'], pv: {acr: [{acor: ['all'], acop: 2}]}}]}"),
         4103, 4103, NULL},
        {CLAIMS("a@x.y", "Cx", "tkps: {pm: [{rids: ['reader@ex.org']}]}"), 2000, 4103, NULL},
        {CLAIMS("a@x.y", "Cx", "tkps: {pm: [{ris: ['cse-in/home/c'], rids: ['reader@ex.org']}]}"), 2000, 4103,
         NULL},
        {CLAIMS("a@x.y", "Cx", "tkps: {pm: [{ris: ['cse-in/home'], rids: ['reader@ex.org']}]}"), 4103, 4103,
         NULL},
        {CLAIMS("a@x.y", "Cy", "tkps: {pm: [{pv: {acr: [{acor: ['all'], acop: 3}]}}]}"), 4103, 4103,
         "it was issued to /id-in/Cy"},
        {"{vr: '1', tkid: 'a@x.y', tkhd: 'Cx', tkis: 'x', tknb: '20200101T000000', tkna: "
         "'20990101T000000', "
         "tkau: ['/id-mn'], tkps: {pm: [{pv: {acr: [{acor: ['all'], acop: 3}]}}]}}",
         4103, 4103, "its audience does not name /id-in"},
        {"{vr: '1', tkid: 'a@x.y', tkhd: 'Cx', tkis: 'x', tknb: '20200101T000000', tkna: "
         "'20210101T000000', "
         "tkau: ['/id-in'], tkps: {pm: [{pv: {acr: [{acor: ['all'], acop: 3}]}}]}}",
         4103, 4103, "it expired at 20210101T000000"},
        {"{vr: '1', tkid: 'a@x.y', tkhd: 'Cx', tkis: 'x', tknb: '20980101T000000', tkna: "
         "'20990101T000000', "
         "tkau: ['/id-in'], tkps: {pm: [{pv: {acr: [{acor: ['all'], acop: 3}]}}]}}",
         4103, 4103, "not valid before 20980101T000000"},
        {CLAIMS("a@x.y", "Cx", "tkps: {pm: [{pv: {acr: [{acor: ['all'], acop: 99}]}}]}"), 4103, 4103, "acop"},
        {CLAIMS("a@x.y", "Cx", "zz: 1"), 4103, 4103, "zz"},
        {"{tkhd: 'Cx'}", 4103, 4103, "is missing"},
        {"{rubbish", 4103, 4103, "it is no token"},
};

UNIT(a_token_widens_what_its_holder_may)
{
	struct world w;

	open_home(&w, &with_vouch);
	guard(&w, "{acor: ['reader@ex.org'], acop: 2}");
	for (size_t i = 0; i < sizeof(token_rows) / sizeof(token_rows[0]); i++) {
		assert_int_equal(ask_with(&w, "Cx", GET, PRIM_tkns, token_rows[i].token), token_rows[i].get);
		if (token_rows[i].why)
			assert_pc(&w, token_rows[i].why);
		assert_int_equal(
		        ask_with(&w, "Cx", "{op: 2, to: 'cse-in/home/c/la'}", PRIM_tkns, token_rows[i].token),
		        token_rows[i].get == 2000 ? 4004 : 4103);
		assert_int_equal(ask_with(&w, "Cx", WRITE, PRIM_tkns, token_rows[i].token),
		                 token_rows[i].write);
		if (token_rows[i].write == 2001)
			assert_int_equal(ask(&w, "CAdmin", "{op: 4, to: 'cse-in/home/c/la'}"), 2002);
	}
	/* A bad token does no harm where none is needed. */
	assert_int_equal(ask_with(&w, "CAdmin", GET, PRIM_tkns, "{rubbish"), 2000);
	world_close(&w);
	/* Nobody is trusted. */
	open_home(&w, NULL);
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_tkns, token_rows[0].token), 4103);
	assert_pc(&w, "nobody who signs tokens is trusted here");
	world_close(&w);
}

static int keep_token(struct world *w, const char *id, const char *token, const char *rest)
{
	struct slice text = arena_printf(&w->arena,
	                                 "{op: 1, to: 'cse-in', ty: 32, pc: {'m2m:tk': {rn: 't', tkid: '%s', "
	                                 "tkob: \"%s\" %s}}}",
	                                 id, token, rest);

	return ask(w, "CAdmin", arena_text(&w->arena, text));
}

UNIT(tokens_that_are_kept_are_named_by_their_id)
{
	bool distrust = false;
	const struct ports ports = {.vouch = {.claims = fake_claims, .ctx = &distrust}};
	struct world w;

	open_home(&w, &ports);
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_tids, "a@x.y"), 4103);
	assert_pc(&w, "tids: no token a@x.y is kept here");
	assert_int_equal(keep_token(&w, "b@x.y", READ_TOKEN, ""), 4000);
	assert_int_equal(keep_token(&w, "a b", READ_TOKEN, ""), 4000);
	assert_int_equal(keep_token(&w, "a@x.y", READ_TOKEN, ", tkhd: 'Cy'"), 4000);
	assert_int_equal(keep_token(&w, "a@x.y", "{rubbish", ""), 4102);
	assert_pc(&w, "tkob: the token was not taken: it is no token");
	assert_int_equal(keep_token(&w, "a@x.y", READ_TOKEN, ", tkhd: 'Cx'"), 2001);
	assert_pc(&w, "\"tkis\":\"x\"");
	assert_pc(&w, "\"et\":\"20");
	assert_int_equal(keep_token(&w, "a@x.y", READ_TOKEN, ""), 4105);
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_tids, "a@x.y"), 2000);
	assert_int_equal(ask_with(&w, "Cy", GET, PRIM_tids, "a@x.y"), 4103);
	engine_destroy(w.engine);
	world_start(&w);
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_tids, "a@x.y"), 2000);
	/* Kept, but its signer has fallen from grace. */
	distrust = true;
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_tids, "a@x.y"), 4103);
	assert_pc(&w, "tids: the token was not taken: its signer is not trusted");
	distrust = false;
	assert_int_equal(ask(&w, "CAdmin", "{op: 4, to: 'cse-in/t'}"), 2002);
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_tids, "a@x.y"), 4103);
	world_close(&w);
}

UNIT(tokens_get_short_names)
{
	struct world w;

	open_home(&w, &with_vouch);
	assert_int_equal(ask_for_name(&w, "Cx", READ_TOKEN), 2000);
	assert_true(last_ati.len > 0);
	const char *name = arena_text(&w.arena, last_ati);

	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_ltids, name), 2000);
	assert_int_equal(ask_with(&w, "Cy", GET, PRIM_ltids, name), 4103);
	assert_pc(&w, "stands for no token of this originator");
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_ltids, "t0"), 4103);
	/* The same token, the same name; none for one that was not believed, or in an error. */
	assert_int_equal(ask_for_name(&w, "Cx", READ_TOKEN), 2000);
	assert_slice(last_ati, name);
	assert_int_equal(ask_for_name(&w, "CAdmin", READ_TOKEN), 2000);
	assert_int_equal(last_ati.len, 0);
	/* The holder's own oldest goes when he has too many. */
	for (int i = 0; i < 20; i++) {
		struct slice token = arena_printf(&w.arena,
		                                  CLAIMS("a%d@x.y", "Cx",
		                                         "tkps: {pm: [{pv: {acr: [{acor: ['all'], acop: "
		                                         "2}]}}]}"),
		                                  i);

		assert_int_equal(ask_for_name(&w, "Cx", arena_text(&w.arena, token)), 2000);
	}
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_ltids, name), 4103);
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_ltids, arena_text(&w.arena, last_ati)), 2000);
	world_close(&w);
}

UNIT(lists_of_claims_are_bounded)
{
	const char *many[102];
	struct world w;

	open_home(&w, &with_vouch);
	for (size_t i = 0; i < 101; i++)
		many[i] = "x@y.z";
	many[101] = NULL;
	submit_with(&w, "CAdmin", GET, PRIM_rids, many);
	assert_int_equal(w.rsc, 4000);
	submit_with(&w, "CAdmin", GET, PRIM_tkns, many);
	assert_int_equal(w.rsc, 4000);
	submit_with(&w, "CAdmin", GET, PRIM_ltids, many);
	assert_int_equal(w.rsc, 4000);
	world_close(&w);
}

/* ---- connections ---- */

static const char *connected; /* the one who is */

static struct slice route(void *ctx, struct slice entity, bool addressed, struct arena *arena)
{
	return connected && slice_is_text(entity, connected)
	               ? arena_printf(arena, "ws-of:%.*s", SLICE_ARG(slice_skip(entity, 1)))
	               : (struct slice){NULL, 0};
}

UNIT(a_connection_leads_to_who_has_no_address)
{
	const struct ports ports = {.outbound = {.route = route}};
	struct world w;

	connected = NULL;
	open_home(&w, &ports);
	assert_int_equal(ask(&w, "Cdeaf",
	                     "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {rn: 'deaf', api: 'N.d', rr: false,"
	                     " srv: ['3']}}}"),
	                 2001);
	assert_int_equal(ask(&w, "CAdmin", "{op: 5, to: 'Cdeaf', pc: {'m2m:sgn': {sur: 'x'}}}"), 5103);
	connected = "/id-in/Cdeaf";
	assert_int_equal(ask(&w, "CAdmin", "{op: 5, to: 'Cdeaf', pc: {'m2m:sgn': {sur: 'x'}}}"), 0);
	assert_slice(w.first->url, "ws-of:id-in/Cdeaf");
	world_answer(&w, 2000);
	assert_int_equal(w.rsc, 2000);
	/* Verification goes the same way. */
	assert_int_equal(
	        ask(&w, "CAdmin", "{op: 1, to: 'cse-in/home/c', ty: 23, pc: {'m2m:sub': {nu: ['Cdeaf']}}}"),
	        0);
	assert_sent(&w, "\"vrq\":true");
	assert_slice(w.first->url, "ws-of:id-in/Cdeaf");
	world_answer(&w, 2000);
	assert_int_equal(w.rsc, 2001);
	/* The connection comes first, then the address. */
	connected = "/id-in/Cme";
	assert_int_equal(ask(&w, "CAdmin", "{op: 5, to: 'Cme', pc: {'m2m:sgn': {sur: 'x'}}}"), 0);
	assert_slice(w.first->url, "ws-of:id-in/Cme");
	world_answer(&w, 0);
	assert_slice(w.first->url, "http://me/n");
	world_answer(&w, 2000);
	assert_int_equal(w.rsc, 2000);
	assert_int_equal(ask(&w, "/id-mn",
	                     "{op: 1, to: 'cse-in', ty: 16, pc: {'m2m:csr': {rn: 'mn', cb: '/id-mn/cse-mn',"
	                     " csi: '/id-mn', rr: false, srv: ['3']}}}"),
	                 2001);
	connected = "/id-mn";
	assert_int_equal(ask(&w, "CAdmin",
	                     "{op: 1, to: 'cse-in/home/c', ty: 23, pc: {'m2m:sub': {nu: ['/id-mn/Cfar']}}}"),
	                 0);
	assert_slice(w.first->url, "ws-of:id-mn");
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(the_port_is_asked_once_and_its_word_holds),
	        unit(what_somebody_owns_is_counted),
	        unit(a_role_counts_when_it_was_issued),
	        unit(roles_that_are_none_yet_or_any_more),
	        unit(a_policy_names_so_many_and_no_more),
	        unit(a_token_widens_what_its_holder_may),
	        unit(tokens_that_are_kept_are_named_by_their_id),
	        unit(tokens_get_short_names),
	        unit(lists_of_claims_are_bounded),
	        unit(a_connection_leads_to_who_has_no_address),
	};

	return unit_main(tests);
}
