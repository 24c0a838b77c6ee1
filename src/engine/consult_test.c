/* SPDX-License-Identifier: Apache-2.0 */
/* Asking authorization servers: what they grant, for how long, and all they can do wrong. */
#include "engine/claims_world.h"

static void answer_with(struct world *w, int rsc, const char *pc)
{
	struct sent *sent = w->first;
	struct prim response = {.at = {NULL}};
	struct why why = {0};
	struct val *v;

	assert_non_null(sent);
	w->first = sent->next;
	if (!w->first)
		w->end = &w->first;
	w->count--;
	assert_int_equal(json_read_relaxed(&w->arena, slice_of(pc), &why, &v), 0);
	response.at[PRIM_rsc] = val_int(&w->arena, rsc);
	response.at[PRIM_pc] = v;
	sent->done(sent->user, 0, &response);
	world_turn(w);
}

/* home/c asks at http://das. */
static void consult_at(struct world *w, const char *more)
{
	struct slice text =
	        arena_printf(&w->arena,
	                     "{op: 1, to: 'cse-in/home', ty: 34, pc: {'m2m:dac': {rn: 'd', dae: true, "
	                     "dap: ['http://das'] %s}}}",
	                     more);

	assert_int_equal(ask(w, "Cme", arena_text(&w->arena, text)), 2001);
	assert_int_equal(
	        ask(w, "Cme", "{op: 3, to: 'cse-in/home/c', pc: {'m2m:cnt': {daci: ['cse-in/home/d']}}}"),
	        2004);
}

#define GRANT_READ "{'m2m:seci': {sit: 2, dres: {dai: {gp: {acr: [{acor: ['Cx'], acop: 2}]}, pl: '60000'}}}}"
#define GRANT_EXPIRED                                                                                        \
	"{'m2m:seci': {sit: 2, dres: {dai: {gp: {acr: [{acor: ['Cx'], acop: 2}]}, pl: '20200101T000000'}}}}"
#define GRANT_ONCE "{'m2m:seci': {sit: 2, dres: {dai: {gp: {acr: [{acor: ['Cx'], acop: 2}]}}}}}"

#define GROUP_TOKEN                                                                                          \
	CLAIMS("a@x.y", "Cx", "tkps: {pm: [{ris: ['cse-in/home/g'], pv: {acr: [{acor: ['all'], acop: 2}]}}]}")

UNIT(an_authorization_server_is_asked_and_remembered)
{
	struct world w;

	open_home(&w, NULL);
	consult_at(&w, "");
	assert_int_equal(ask(&w, "Cme", GET), 2000); /* nobody is asked about what is allowed */
	assert_int_equal(ask(&w, "Cx", GET), 0);
	assert_int_equal(w.count, 1);
	assert_sent(&w, "\"m2m:seci\":{\"sit\":1,\"dreq\":{\"or\":\"/id-in/Cx\",\"trt\":3,\"op\":2");
	assert_sent(&w, "\"trid\":\"/id-in/cnt-");
	assert_sent(&w, "\"fr\":\"/id-in\"");
	answer_with(&w, 2000, GRANT_READ);
	assert_int_equal(w.rsc, 2000);
	/* For a minute nobody is asked, about this and this originator. */
	assert_int_equal(ask(&w, "Cx", "{op: 2, to: 'cse-in/home/c/la'}"), 4004);
	assert_int_equal(w.count, 0);
	assert_int_equal(ask(&w, "Cy", GET), 0);
	world_answer(&w, 4103);
	assert_int_equal(w.rsc, 4103);
	assert_pc(&w, "the authorization server refused to answer (4103)");
	/* It granted no more than to read. */
	assert_int_equal(ask(&w, "Cx", WRITE), 0);
	answer_with(&w, 2000, GRANT_READ);
	assert_int_equal(w.rsc, 4103);
	assert_pc(&w, "did not grant it");
	world_pass(&w, 61 * SECOND);
	assert_int_equal(ask(&w, "Cx", GET), 0);
	answer_with(&w, 2000, GRANT_ONCE);
	assert_int_equal(w.rsc, 2000);
	assert_int_equal(ask(&w, "Cx", GET), 0); /* once was once */
	answer_with(&w, 2000, GRANT_READ);
	assert_int_equal(w.rsc, 2000);
	/* The consultation changes: what it said before is forgotten. */
	world_pass(&w, SECOND);
	assert_int_equal(ask(&w, "Cme", "{op: 3, to: 'cse-in/home/d', pc: {'m2m:dac': {lbl: ['x']}}}"), 2004);
	assert_int_equal(ask(&w, "Cx", GET), 0);
	answer_with(&w, 2000, GRANT_READ);
	assert_int_equal(ask(&w, "Cme", "{op: 3, to: 'cse-in/home/d', pc: {'m2m:dac': {dae: false}}}"), 2004);
	assert_int_equal(ask(&w, "Cx", GET), 4103);
	assert_int_equal(w.engine->consulting, 0);
	world_close(&w);
}

UNIT(answers_that_grant_nothing)
{
	static const char *const rows[] = {
	        "{}",
	        "{'m2m:dbg': 'no'}",
	        "{'m2m:seci': 3}",
	        "{'m2m:seci': {}}",
	        "{'m2m:seci': {sit: 2}}",
	        "{'m2m:seci': {sit: 1, dres: {dai: {gp: {acr: [{acor: ['Cx'], acop: 2}]}}}}}",
	        "{'m2m:seci': {sit: 2, dres: {}}}",
	        "{'m2m:seci': {sit: 2, dres: {dai: {}}}}",
	        "{'m2m:seci': {sit: 2, dres: {dai: {gp: {acr: [{acor: ['Cy'], acop: 2}]}}}}}",
	        GRANT_EXPIRED,
	        "{'m2m:seci': {sit: 2, dres: {dai: {gp: {acr: [{acor: ['Cx'], acop: 200}]}}}}}",
	        "{'m2m:seci': {sit: 2, dres: {dai: {gp: [1]}}}}",
	        "{'m2m:seci': {sit: 2, dres: {tkns: ['{rubbish']}}}",
	        "{'m2m:seci': {sit: 2, dres: {asri: true}}}",
	};
	struct world w;

	open_home(&w, &with_vouch);
	consult_at(&w, "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ask(&w, "Cx", GET), 0);
		answer_with(&w, 2000, rows[i]);
		assert_int_equal(w.rsc, 4103);
	}
	assert_int_equal(ask(&w, "Cx", GET), 0);
	world_answer(&w, 0);
	assert_int_equal(w.rsc, 4103);
	assert_pc(&w, "can't be reached");
	world_close(&w);
}

UNIT(a_server_may_answer_with_a_token)
{
	struct world w;

	open_home(&w, &with_vouch);
	consult_at(&w, "");
	assert_int_equal(ask_for_name(&w, "Cx", "{rubbish"), 0);
	answer_with(&w, 2000, "{'m2m:seci': {sit: 2, dres: {tkns: [\"" READ_TOKEN "\"]}}}");
	assert_int_equal(w.rsc, 2000);
	assert_true(last_ati.len > 0);
	assert_int_equal(ask_with(&w, "Cx", GET, PRIM_ltids, arena_text(&w.arena, last_ati)), 2000);
	assert_int_equal(w.count, 0);
	world_close(&w);
}

UNIT(all_operations_ask)
{
	static const char *const rows[] = {
	        WRITE,
	        GET,
	        "{op: 3, to: 'cse-in/home/c', pc: {'m2m:cnt': {mni: 3}}}",
	        "{op: 2, to: 'cse-in/home/c', fc: {fu: 1}}",
	        "{op: 2, to: 'cse-in/home/c/la'}",
	        "{op: 4, to: 'cse-in/home/c/la'}",
	        "{op: 4, to: 'cse-in/home/c'}",
	};
	struct world w;

	open_home(&w, NULL);
	consult_at(&w, "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ask(&w, "Cx", rows[i]), 0);
		answer_with(&w, 2000,
		            "{'m2m:seci': {sit: 2, dres: {dai: {gp: {acr: [{acor: ['all'], acop: 63}]}}}}}");
		assert_in_range(w.rsc, 2000, 2004);
		if (i > 0 && i < 5)
			assert_int_equal(w.rsc, i == 2 ? 2004 : 2000);
		if (i == 5)
			assert_int_equal(ask(&w, "Cme", WRITE), 2001);
	}
	world_close(&w);
}

UNIT(a_group_asks_for_itself_and_each_member_for_itself)
{
	struct world w;

	open_home(&w, NULL);
	consult_at(&w, "");
	assert_int_equal(ask(&w, "Cme",
	                     "{op: 1, to: 'cse-in/home', ty: 9, pc: {'m2m:grp': {rn: 'g', mnm: 9, mid: "
	                     "['cse-in/home/c'], daci: ['cse-in/home/d']}}}"),
	                 2001);
	assert_int_equal(ask(&w, "Cx", "{op: 2, to: 'cse-in/home/g/fopt'}"), 0);
	assert_sent(&w, "\"trt\":9");
	answer_with(&w, 2000, GRANT_ONCE);
	assert_int_equal(w.rsc, 0);
	assert_sent(&w, "\"trt\":3");
	answer_with(&w, 2000, GRANT_ONCE);
	assert_int_equal(w.rsc, 2000);
	assert_pc(&w, "\"rsc\":2000");
	world_close(&w);
}

UNIT(members_add_nothing_to_what_all_may)
{
	struct world w;

	open_home(&w, &with_vouch);
	consult_at(&w, "");
	assert_int_equal(ask(&w, "Cme",
	                     "{op: 1, to: 'cse-in/home', ty: 3, pc: {'m2m:cnt': {rn: 'b', daci: "
	                     "['cse-in/home/d']}}}"),
	                 2001);
	assert_int_equal(ask(&w, "Cme",
	                     "{op: 1, to: 'cse-in/home', ty: 9, pc: {'m2m:grp': {rn: 'g', mnm: 9, mid: "
	                     "['cse-in/home/c', 'cse-in/home/b']}}}"),
	                 2001);
	assert_int_equal(ask_with(&w, "Cx", "{op: 2, to: 'cse-in/home/g/fopt'}", PRIM_tkns, GROUP_TOKEN), 0);
	assert_int_equal(w.count, 2);
	answer_with(&w, 2000, GRANT_ONCE);
	answer_with(&w, 2000, GRANT_EXPIRED);
	assert_int_equal(w.rsc, 2000);
	assert_pc(&w, "\"rsc\":2000");
	assert_pc(&w, "\"rsc\":4103");
	world_close(&w);
}

UNIT(several_doors_and_several_servers)
{
	struct world w;

	open_home(&w, NULL);
	assert_int_equal(ask(&w, "Cme",
	                     "{op: 1, to: 'cse-in/home', ty: 34, pc: {'m2m:dac': {rn: 'd', dae: true, "
	                     "dap: ['http://a', 'http://b', 'http://c']}}}"),
	                 2001);
	assert_int_equal(ask(&w, "Cme",
	                     "{op: 1, to: 'cse-in/home', ty: 34, pc: {'m2m:dac': {rn: 'e', dae: true, "
	                     "dap: ['http://e']}}}"),
	                 2001);
	assert_int_equal(ask(&w, "Cme",
	                     "{op: 3, to: 'cse-in/home/c', pc: {'m2m:cnt': {daci: ['cse-in/home/d', "
	                     "'cse-in/none', 'cse-in/home/e']}}}"),
	                 2004);
	assert_int_equal(ask(&w, "Cx", GET), 0);
	assert_slice(w.first->url, "http://a");
	world_answer(&w, 0); /* nobody there: its next door */
	assert_slice(w.first->url, "http://b");
	world_answer(&w, 2000); /* no: the other server */
	assert_slice(w.first->url, "http://e");
	answer_with(&w, 2000, GRANT_ONCE);
	assert_int_equal(w.rsc, 2000);
	world_close(&w);
}

UNIT(the_parents_server_is_asked_and_rights_to_name_one_are_kept)
{
	struct world w;

	open_home(&w, NULL);
	consult_at(&w, "");
	assert_int_equal(ask(&w, "Cme", "{op: 1, to: 'cse-in/home/c', ty: 3, pc: {'m2m:cnt': {rn: 'k'}}}"),
	                 2001);
	assert_int_equal(ask(&w, "Cx", "{op: 2, to: 'cse-in/home/c/k'}"), 0);
	answer_with(&w, 2000, GRANT_ONCE);
	assert_int_equal(w.rsc, 2000);
	/* Who may only write can't choose his own judge. */
	guard(&w, "{acor: ['Cw'], acop: 63}");
	assert_int_equal(
	        ask(&w, "Cw", "{op: 3, to: 'cse-in/home/c', pc: {'m2m:cnt': {daci: ['cse-in/home/d']}}}"),
	        4103);
	assert_int_equal(ask(&w, "Cw", "{op: 3, to: 'cse-in/home/c', pc: {'m2m:cnt': {mni: 5}}}"), 2004);
	world_close(&w);
}

UNIT(nobody_is_asked_about_himself)
{
	struct world w;

	open_home(&w, NULL);
	consult_at(&w, "");
	assert_int_equal(ask(&w, "Cdas",
	                     "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {api: 'N.h', rr: true, srv: ['3'],"
	                     " poa: ['http://das']}}}"),
	                 2001);
	assert_int_equal(ask(&w, "Cdas", GET), 4103);
	assert_int_equal(ask(&w, "/id-in", GET), 4103);
	assert_int_equal(w.count, 0);
	/* And not about more than so many at once. */
	for (int i = 0; i < 16; i++)
		assert_int_equal(ask(&w, "Cx", GET), 0);
	assert_int_equal(ask(&w, "Cx", GET), 4103);
	assert_pc(&w, "too many questions");
	while (w.count)
		world_answer(&w, 4103);
	assert_int_equal(w.engine->consulting, 0);
	assert_int_equal(ask(&w, "Cx", GET), 0);
	/* The resource goes while the answer is awaited. */
	assert_int_equal(ask(&w, "Cx", "{op: 2, to: 'cse-in/home/c/la'}"), 0);
	assert_int_equal(ask(&w, "Cme", "{op: 4, to: 'cse-in/home'}"), 2002);
	answer_with(&w, 2000, GRANT_READ);
	assert_int_equal(w.rsc, 4004);
	answer_with(&w, 2000, GRANT_READ);
	assert_int_equal(w.rsc, 4004);
	assert_int_equal(w.engine->consulting, 0);
	assert_true(engine_is_idle(w.engine));
	world_close(&w);
}

UNIT(the_end_comes_while_a_server_thinks)
{
	struct world w;

	open_home(&w, NULL);
	consult_at(&w, "");
	assert_int_equal(ask(&w, "Cx", GET), 0);
	world_close(&w);
}

static struct slice last_tqf;

static void keep_tqf(struct req *req)
{
	struct world *w = req->user;
	struct buf buf;

	buf_init(&buf, &w->arena);
	if (req->out.at[PRIM_tqf])
		json_write(&buf, req->out.at[PRIM_tqf]);
	last_tqf = buf_slice(&buf);
	world_answered(req);
}

UNIT(who_wants_to_asks_himself)
{
	struct world w;
	struct req *req;

	open_home(&w, &with_vouch);
	consult_at(&w, ", dal: '20990101T000000'");
	req = req_create(w.engine);
	req->in.at[PRIM_op] = val_int(&req->arena, OP_RETRIEVE);
	req->in.at[PRIM_to] = val_str(&req->arena, SLICE("cse-in/home/c"));
	req->in.at[PRIM_fr] = val_str(&req->arena, SLICE("Cx"));
	req->in.at[PRIM_rqi] = val_str(&req->arena, SLICE("r"));
	req->in.at[PRIM_tqi] = val_bool(&req->arena, true);
	req->answered = keep_tqf;
	req->user = &w;
	req->peer.ip = "::1";
	engine_submit(req);
	assert_int_equal(w.rsc, 4103);
	assert_int_equal(w.count, 0);
	assert_true(slice_starts(last_tqf,
	                         SLICE("{\"dasi\":[{\"uri\":\"http://das\",\"dreq\":{\"or\":\"/id-in/Cx\"")));
	assert_non_null(memmem(last_tqf.ptr, last_tqf.len, "\"ip6\":\"::1\"", 11));
	assert_non_null(memmem(last_tqf.ptr, last_tqf.len, "\"ppl\":\"20990101T000000", 22));
	/* With what he got there he may. */
	assert_int_equal(ask_with(&w, "Cx", "{op: 2, to: 'cse-in/home/c', tqi: true}", PRIM_tkns, READ_TOKEN),
	                 2000);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(an_authorization_server_is_asked_and_remembered),
	        unit(answers_that_grant_nothing),
	        unit(a_server_may_answer_with_a_token),
	        unit(all_operations_ask),
	        unit(a_group_asks_for_itself_and_each_member_for_itself),
	        unit(members_add_nothing_to_what_all_may),
	        unit(several_doors_and_several_servers),
	        unit(the_parents_server_is_asked_and_rights_to_name_one_are_kept),
	        unit(nobody_is_asked_about_himself),
	        unit(the_end_comes_while_a_server_thinks),
	        unit(who_wants_to_asks_himself),
	};

	return unit_main(tests);
}
