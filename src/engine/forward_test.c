/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for other CSEs: which go on and how, what comes back, and how many at once. */
#include "engine/forward.h"
#include "engine/type/csr.h"
#include "engine/world.h"

#define GET_MN "{op: 2, to: '/id-mn/cse-mn/x'}"

/* Answers the oldest with this primitive. */
static void answer(struct world *w, const char *text)
{
	struct sent *sent = w->first;
	struct prim response;
	struct why why = {0};
	struct val *object;

	assert_non_null(sent);
	w->first = sent->next;
	if (!w->first)
		w->end = &w->first;
	w->count--;
	if (json_read_relaxed(&w->arena, slice_of(text), &why, &object) != 0 ||
	    prim_read(&response, &w->arena, object, PRIM_RSP, &why) != 0)
		fail_msg("%s: %s", text, why.text);
	sent->done(sent->user, 0, &response);
	world_turn(w);
}

static bool sent_has(struct world *w, const char *part)
{
	return w->first && memmem(w->first->text.ptr, w->first->text.len, part, strlen(part));
}

static void add_cse(struct world *w, const char *csi, const char *more)
{
	struct slice text =
	        arena_printf(&w->arena,
	                     "{op: 1, to: 'cse-in', ty: 16, pc: {'m2m:csr': {rn: 'csr%s', cb: '%s/x',"
	                     " rr: true%s}}}",
	                     strrchr(csi, '/') + 1, csi, more);

	assert_int_equal(ask(w, csi, arena_text(&w->arena, text)), 2001);
}

/* id-mn with id-asn below it, id-old of the first release, and one of another provider. */
static void make_cses(struct world *w)
{
	make_home(w);
	add_cse(w, "/id-mn",
	        ", csi: '/id-mn', srv: ['2a', '3'], poa: ['test://mn'], dcse: ['/id-asn', '/id-in']");
	add_cse(w, "/id-old", ", srv: ['1'], poa: ['test://old']");
	add_cse(w, "//far.example/id-far", ", srv: ['4'], poa: ['test://far']");
	add_cse(w, "/id-away", ", srv: ['3']");
}

UNIT(a_request_goes_on_as_it_came)
{
	struct world w;

	make_cses(&w);
	assert_int_equal(
	        ask(&w, "Cme",
	            "{op: 2, to: '/id-mn/cse-mn/x', rcn: 4, fc: {fu: 2, lbl: ['a']}, drt: 2, vsi: 'v',"
	            " rqet: 5000, rt: 3, rids: ['r@x.y'], tqi: true}"),
	        0);
	assert_slice(w.first->url, "test://mn");
	assert_sent(&w, "\"to\":\"/id-mn/cse-mn/x\"");
	assert_sent(&w, "\"fr\":\"/id-in/Cme\"");
	assert_sent(&w, "\"rcn\":4");
	assert_sent(&w, "\"fc\":{\"fu\":2,\"lbl\":[\"a\"]}");
	assert_sent(&w, "\"drt\":2");
	assert_sent(&w, "\"vsi\":\"v\"");
	assert_sent(&w, "\"rvi\":\"3\"");
	assert_sent(&w, "\"tqi\":true");
	assert_sent(&w, "\"rids\":[\"r@x.y\"]");
	assert_sent(&w, "\"rqet\":\"2"); /* a point in time */
	assert_false(sent_has(&w, "\"rqi\":\"r1\""));
	assert_false(sent_has(&w, "\"rt\""));
	answer(&w,
	       "{rsc: 2000, rqi: 'other', rvi: '4', pc: {'m2m:cnt': {rn: 'x', v: 2.50}}, cnst: 1, cnot: 7}");
	assert_int_equal(w.rsc, 2000);
	assert_pc(&w, "{\"m2m:cnt\":{\"rn\":\"x\",\"v\":2.50}}");

	assert_int_equal(
	        ask(&w, "Cme", "{op: 1, to: '//dure.local/id-mn/-', ty: 3, pc: {'m2m:cnt': {rn: 'y'}}}"), 0);
	assert_sent(&w, "\"to\":\"//dure.local/id-mn/-\"");
	assert_sent(&w, "\"ty\":3");
	assert_sent(&w, "\"pc\":{\"m2m:cnt\":{\"rn\":\"y\"}}");
	answer(&w, "{rsc: 4103, pc: {'m2m:dbg': 'not you'}}");
	assert_int_equal(w.rsc, 4103);
	assert_pc(&w, "not you");
	assert_null(w.engine->forwards);
	world_close(&w);
}

UNIT(each_hop_has_its_ways)
{
	static const struct {
		const char *from, *to, *url, *fr;
		bool rvi;
	} rows[] = {
	        {"Cme", "/id-mn", "test://mn", "/id-in/Cme", true},
	        {"Cme", "/id-asn/x#lbl", "test://mn", "/id-in/Cme", true},
	        {"CAdmin", "/id-old/x", "test://old", "/id-in/CAdmin", false},
	        {"/id-mn/Cx", "/id-old/x", "test://old", "/id-mn/Cx", false},
	        {"/id-asn/Cx", "/id-old/x", "test://old", "/id-asn/Cx", false},
	        {"/id-old", "/id-asn/x", "test://mn", "/id-old", true},
	        {"Cme", "//far.example/id-far/x", "test://far", "//dure.local/id-in/Cme", true},
	        {"//far.example/id-far/Cz", "/id-mn/x", "test://mn", "//far.example/id-far/Cz", true},
	};
	struct world w;

	make_cses(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		        ask(&w, rows[i].from,
		            arena_text(&w.arena, arena_printf(&w.arena, "{op: 4, to: '%s'}", rows[i].to))),
		        0);
		assert_slice(w.first->url, rows[i].url);
		assert_sent(&w, arena_text(&w.arena, arena_printf(&w.arena, "\"fr\":\"%s\"", rows[i].fr)));
		assert_sent(&w, arena_text(&w.arena, arena_printf(&w.arena, "\"to\":\"%s\"", rows[i].to)));
		assert_int_equal(sent_has(&w, "\"rvi\""), rows[i].rvi);
		answer(&w, "{rsc: 2002}");
		assert_int_equal(w.rsc, 2002);
	}
	world_close(&w);
}

UNIT(what_does_not_go_on)
{
	static const struct {
		const char *from, *text;
		int rsc;
	} rows[] = {
	        {"Cme", "{op: 2, to: '/id-nobody/x'}", 4004},
	        {"Cme", "{op: 2, to: '//far.example/id-mn/x'}", 4004},
	        {"Cme", "{op: 2, to: '//dure.local/id-far/x'}", 4004},
	        {"Cstranger", GET_MN, 4103},
	        {"/Sstranger", GET_MN, 4103},
	        {"/Cme", GET_MN, 4103},
	        {"/id-nobody/Cx", GET_MN, 4103},
	        {"/id-in", GET_MN, 4103},
	        /* back to where it came from */
	        {"/id-mn", GET_MN, 4004},
	        {"/id-mn/Cx", "{op: 2, to: '/id-asn/x'}", 4004},
	        {"/id-asn/Cx", GET_MN, 4004},
	        {"Cme", "{op: 1, to: '/id-mn', ty: 2, pc: {'m2m:ae': {}}}", 4000},
	        {"Cme", "{op: 1, to: '/id-mn', ty: 16, pc: {'m2m:csr': {}}}", 4000},
	        {"Cme", "{op: 2, to: '/id-mn/x', rqet: '20000101T000000'}", 4008},
	        {"Cme", "{op: 2, to: '/id-mn/x', oet: '20000101T000000'}", 4008},
	        {"Cme", "{op: 2, to: '/id-away/x'}", 5103},
	};
	struct world w;

	make_cses(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (ask(&w, rows[i].from, rows[i].text) != rows[i].rsc)
			fail_msg("%s from %s: %d %.*s", rows[i].text, rows[i].from, w.rsc, SLICE_ARG(w.pc));
		assert_int_equal(w.count, 0);
	}
	assert_null(w.engine->forwards);
	world_close(&w);
}

UNIT(answers_that_are_none)
{
	static const char *const rows[] = {
	        "{rsc: 7}",    "{rsc: 123456}",       "{rqi: 'x'}",
	        "{rsc: 2000}", "{rsc: 2000, pc: {}}", "{rsc: 2000, pc: {a: 1, b: 2}}"};
	struct world w;

	make_cses(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ask(&w, "Cme", GET_MN), 0);
		answer(&w, rows[i]);
		assert_int_equal(w.rsc, 5103);
		assert_pc(&w, "makes no sense");
	}
	assert_int_equal(ask(&w, "Cme", GET_MN), 0);
	world_answer(&w, 0);
	assert_int_equal(w.rsc, 5103);
	assert_pc(&w, "cannot be reached");
	/* No answer: the usual time, or that of the originator. */
	assert_int_equal(ask(&w, "Cme", GET_MN), 0);
	world_pass(&w, 11 * SECOND);
	assert_int_equal(w.rsc, 4008);
	world_answer(&w, 2000); /* late */
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: '/id-mn/x', rqet: 60000}"), 0);
	world_pass(&w, 59 * SECOND);
	assert_int_equal(w.rsc, 0);
	world_pass(&w, 2 * SECOND);
	assert_int_equal(w.rsc, 4008);
	world_answer(&w, 0);
	/* It is done there, not here; we wait for that. */
	assert_int_equal(ask(&w, "Cme", "{op: 4, to: '/id-mn/x', oet: 20000}"), 0);
	assert_sent(&w, "\"oet\":\"2");
	world_pass(&w, 25 * SECOND);
	assert_int_equal(w.rsc, 0);
	answer(&w, "{rsc: 2002, pc: {}}");
	assert_int_equal(w.rsc, 2002);
	assert_null(w.engine->forwards);
	world_close(&w);
}

UNIT(the_way_goes_while_it_is_used)
{
	struct world w;

	make_cses(&w);
	assert_int_equal(ask(&w, "Cme", GET_MN), 0);
	assert_int_equal(ask(&w, "/id-mn", "{op: 4, to: 'cse-in/csrid-mn'}"), 2002);
	answer(&w, "{rsc: 2000, pc: {'m2m:cnt': {}}}");
	assert_int_equal(w.rsc, 2000);
	assert_int_equal(ask(&w, "Cme", GET_MN), 4004);
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: '/id-asn/x'}"), 4004);
	/* Another takes the descendants over. */
	assert_int_equal(
	        ask(&w, "/id-old",
	            "{op: 3, to: 'cse-in/csrid-old', pc: {'m2m:csr': {dcse: ['/id-asn', '/id-mn']}}}"),
	        2004);
	assert_int_equal(ask(&w, "Cme", GET_MN), 0);
	assert_slice(w.first->url, "test://old");
	/* The end comes while it is away. */
	world_close(&w);
}

UNIT(a_share_for_each_and_a_line)
{
	struct world w;
	int many = FORWARD_SHARE + 10;

	make_cses(&w);
	for (int i = 0; i < many; i++)
		world_submit(&w, "Cme", GET_MN);
	assert_int_equal(w.count, FORWARD_SHARE);
	assert_int_equal(w.engine->forwards->waiting, 10);
	/* Others go before those who wait for their own. */
	world_submit(&w, "/id-old/C1", GET_MN);
	world_submit(&w, "/id-old/C2", GET_MN);
	assert_int_equal(w.count, FORWARD_SHARE + 2);
	answer(&w, "{rsc: 2002}");
	assert_int_equal(w.count, FORWARD_SHARE + 2);
	assert_int_equal(w.engine->forwards->waiting, 9);
	for (int i = 0; i < 5; i++)
		answer(&w, "{rsc: 2002}");
	assert_int_equal(w.answered, 3 + 4 + 6 - 1);
	assert_int_equal(w.engine->forwards->waiting, 4);
	/* The rest is too late, in the line and away. */
	world_pass(&w, 11 * SECOND);
	assert_int_equal(w.engine->forwards->waiting, 0);
	assert_int_equal(w.rsc, 4008);
	while (w.count)
		answer(&w, "{rsc: 2002}");
	assert_null(w.engine->forwards);
	/* The line has its end; and all ends while it is full. */
	for (int i = 0; i < FORWARD_SHARE + FORWARD_LINE_SHARE; i++)
		world_submit(&w, "Cme", GET_MN);
	assert_int_equal(w.rsc, 0);
	assert_int_equal(ask(&w, "Cme", GET_MN), 4139);
	assert_int_equal(ask(&w, "/id-old/C1", GET_MN), 0);
	world_close(&w);
}

UNIT(later_answers_are_ours)
{
	struct world w;
	struct slice uri;

	make_cses(&w);
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: '/id-mn/cse-mn/x', rt: {rtv: 1}}"), 1001);
	assert_sent(&w, "\"fr\":\"/id-in/Cme\"");
	assert_false(sent_has(&w, "\"rt\""));
	uri = slice_skip(w.pc, strlen("{\"m2m:uri\":\""));
	uri.len -= 2;
	answer(&w, "{rsc: 2000, pc: {'m2m:cnt': {rn: 'x'}}}");
	assert_int_equal(
	        ask(&w, "Cme",
	            arena_text(&w.arena, arena_printf(&w.arena, "{op: 2, to: '%.*s'}", SLICE_ARG(uri)))),
	        2000);
	assert_pc(&w, "\"rs\":1");
	assert_pc(&w, "\"pc\":{\"m2m:cnt\":{\"rn\":\"x\"}}");
	world_close(&w);
}

UNIT(members_of_groups_elsewhere)
{
	struct world w;

	make_cses(&w);
	assert_int_equal(ask(&w, "Cme",
	                     "{op: 1, to: 'cse-in/home', ty: 9, pc: {'m2m:grp': {rn: 'g', mnm: 4, mid:"
	                     " ['cse-in/home/c', '/id-mn/cse-mn/x', '/id-nobody/y', '/id-asn/z']}}}"),
	                 2001);
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: 'cse-in/home/g/fopt'}"), 0);
	assert_int_equal(w.count, 2);
	assert_sent(&w, "\"to\":\"/id-mn/cse-mn/x\"");
	answer(&w, "{rsc: 2000, pc: {'m2m:cnt': {rn: 'far'}}}");
	assert_sent(&w, "\"to\":\"/id-asn/z\"");
	world_answer(&w, 0);
	assert_int_equal(w.rsc, 2000);
	assert_pc(&w, "{\"rn\":\"far\"");
	assert_pc(&w, "\"rsc\":4004");
	assert_pc(&w, "\"rsc\":5103");
	/* The one who asked ends first. */
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: 'cse-in/home/g/fopt', rqet: 1000}"), 0);
	world_pass(&w, 2 * SECOND);
	assert_int_equal(w.rsc, 2000);
	world_close(&w);
}

UNIT(who_comes_by_whom)
{
	static const struct {
		const char *cse, *from;
		bool comes;
	} rows[] = {
	        {"/id-mn", "/id-mn", true},
	        {"/id-mn", "/id-mn/Cx", true},
	        {"/id-mn", "/id-asn/Cx", true},
	        {"/id-mn", "/Sx", true},
	        {"/id-mn", "/id-old/Cx", false},
	        {"/id-mn", "/id-mnx", false},
	        {"/id-mn", "Cme", false},
	        {"/id-mn", "/id-in/Cme", false},
	        {"/id-mn", "/id-nobody/C", false},
	        {"/id-in", "/id-in/Cme", false},
	        {"/id-in", "Cme", false},
	        {"/id-new", "/id-new/Cx", true},
	        {"/Sx", "/Sy", false},
	        {"/id-mn", "//far.example/id-far", false},
	        {"id-mn", "/id-mn", false},
	        {"//far.example/id-far", "//far.example/id-far/C", true},
	};
	struct world w;

	make_cses(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (forward_comes_by(w.engine, slice_of(rows[i].cse), slice_of(rows[i].from)) !=
		    rows[i].comes)
			fail_msg("%s by %s", rows[i].from, rows[i].cse);
	world_close(&w);
}

/* At a middle node the IN-CSE that the administrator names has what nobody else has. */
UNIT(up_to_the_registrar)
{
	struct world w;

	make_home(&w);
	w.engine->config.cse_type = 2;
	assert_int_equal(
	        ask(&w, "/id-evil",
	            "{op: 1, to: 'cse-in', ty: 16, pc: {'m2m:csr': {cb: '/id-evil/x', rr: true, srv: ['3'],"
	            " cst: 1}}}"),
	        4005);
	assert_int_equal(
	        ask(&w, "CAdmin",
	            "{op: 1, to: 'cse-in', ty: 16, pc: {'m2m:csr': {rn: 'up', csi: '/id-up', cb: '/id-up/x',"
	            " rr: true, srv: ['3'], cst: 1, poa: ['test://up']}}}"),
	        2001);
	add_cse(&w, "/id-mn", ", srv: ['3'], poa: ['test://mn']");
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: '/id-elsewhere/x'}"), 0);
	assert_slice(w.first->url, "test://up");
	answer(&w, "{rsc: 4004}");
	assert_int_equal(w.rsc, 4004);
	assert_int_equal(ask(&w, "/id-mn/Cx", "{op: 2, to: '/id-elsewhere/x'}"), 0);
	answer(&w, "{rsc: 4004}");
	/* From there it goes down only. */
	assert_int_equal(ask(&w, "/id-elsewhere/Cx", GET_MN), 0);
	assert_slice(w.first->url, "test://mn");
	answer(&w, "{rsc: 4004}");
	assert_int_equal(ask(&w, "/id-elsewhere/Cx", "{op: 2, to: '/id-other/x'}"), 4004);
	assert_int_equal(w.count, 0);
	assert_int_equal(ask(&w, "CAdmin", "{op: 4, to: 'cse-in/up'}"), 2002);
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: '/id-elsewhere/x'}"), 4004);
	world_close(&w);
}

/* A CSE that cannot be called fetches what is for it; what it answers is matched by our identifier. */
UNIT(by_a_polling_channel)
{
	struct world w;
	struct slice rqi;
	const char *at;

	make_cses(&w);
	assert_int_equal(
	        ask(&w, "/id-away", "{op: 1, to: 'cse-in/csrid-away', ty: 15, pc: {'m2m:pch': {rn: 'p'}}}"),
	        2001);
	world_submit(&w, "Cme", "{op: 2, to: '/id-away/x'}");
	assert_int_equal(w.rsc, 0);
	assert_int_equal(ask(&w, "/id-away", "{op: 2, to: 'cse-in/csrid-away/p/pcu'}"), 2000);
	assert_pc(&w, "\"to\":\"/id-away/x\"");
	at = memmem(w.pc.ptr, w.pc.len, "\"rqi\":\"", 7);
	assert_non_null(at);
	rqi = slice_make(at + 7, 0);
	while (rqi.ptr[rqi.len] != '"')
		rqi.len++;
	w.answered = 0;
	world_submit(
	        &w, "/id-away",
	        arena_text(&w.arena,
	                   arena_printf(&w.arena,
	                                "{op: 5, to: 'cse-in/csrid-away/p/pcu', pc: {'m2m:rsp': {rqi: '%.*s',"
	                                " rsc: 2000, pc: {'m2m:cnt': {rn: 'polled'}}}}}",
	                                SLICE_ARG(rqi))));
	world_turn(&w);
	assert_int_equal(w.answered, 2);
	assert_pc(&w, "polled");
	world_close(&w);
}

static int full(struct store *store)
{
	return -ENOSPC;
}

UNIT(the_store_fails_while_they_are_away)
{
	struct world w;
	struct store_ops broken;
	const struct store_ops *good;

	make_cses(&w);
	good = w.store->ops;
	broken = *good;
	broken.commit = full;
	for (int i = 0; i < FORWARD_SHARE + 3; i++)
		world_submit(&w, "Cme", GET_MN);
	w.answered = 0;
	w.store->ops = &broken;
	assert_int_equal(ask(&w, "Cme", "{op: 1, to: 'cse-in/home', ty: 3, pc: {'m2m:cnt': {}}}"), 5000);
	assert_int_equal(w.answered, FORWARD_SHARE + 4);
	w.store->ops = good;
	/* Answers come too late for anybody, and the next ones find their way again. */
	while (w.count)
		answer(&w, "{rsc: 2002}");
	assert_null(w.engine->forwards);
	assert_int_equal(ask(&w, "Cme", GET_MN), 0);
	answer(&w, "{rsc: 2000, pc: {'m2m:cnt': {}}}");
	assert_int_equal(w.rsc, 2000);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(a_request_goes_on_as_it_came),
	        unit(each_hop_has_its_ways),
	        unit(what_does_not_go_on),
	        unit(answers_that_are_none),
	        unit(the_way_goes_while_it_is_used),
	        unit(a_share_for_each_and_a_line),
	        unit(later_answers_are_ours),
	        unit(members_of_groups_elsewhere),
	        unit(who_comes_by_whom),
	        unit(up_to_the_registrar),
	        unit(by_a_polling_channel),
	        unit(the_store_fails_while_they_are_away),
	};

	return unit_main(tests);
}
