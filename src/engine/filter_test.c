/* SPDX-License-Identifier: Apache-2.0 */
/* Reading criteria, and holding them against instances; whole searches are the lab's business. */
#include "base/clock.h"
#include "base/unit.h"
#include "codec/json.h"
#include "engine/engine_private.h"
#include "engine/filter_private.h"

static struct engine engine;
static struct req req = {.engine = &engine};

static int compile(const char *relaxed, struct filter **ret)
{
	struct val *fc;

	req.why = (struct why){0};
	assert_int_equal(json_read_relaxed(&req.arena, slice_of(relaxed), NULL, &fc), 0);
	return filter_compile(&req, fc, ret);
}

UNIT(filter_reads)
{
	struct filter *filter;

	assert_int_equal(
	        compile("{fu: 1, lbl: [\"a\", \"b\"], ty: [3, 4], lim: 10, ofst: 3, lvl: 2, arp: \"la\"}",
	                &filter),
	        0);
	assert_true(filter_is_discovery(filter));
	assert_int_equal(filter->count, 2);
	assert_int_equal(filter->conds[0].tag, FILTER_ty);
	assert_int_equal(filter->conds[1].tag, FILTER_lbl);
	assert_int_equal(filter->lim, 10);
	assert_int_equal(filter->ofst, 3);
	assert_int_equal(filter->lvl, 2);
	assert_slice(filter->arp, "la");
	assert_non_null(filter_must(filter, FILTER_lbl));
	/* numbers as text, single values instead of lists */
	assert_int_equal(compile("{fu: \"1\", ty: \"3\", lim: \"5\", fo: \"2\", lbl: \"x\"}", &filter), 0);
	assert_int_equal(filter->lim, 5);
	assert_int_equal(filter->join, FILTER_OR);
	assert_null(filter_must(filter, FILTER_lbl));
	assert_int_equal(compile("{}", &filter), 0);
	assert_int_equal(filter->usage, FILTER_CONDITIONAL);
	assert_int_equal(
	        compile("{atr: [{nm: \"cnf\", val: \"a\"}, {nm: \"cr\", val: \"b\"}, {nm: \"cnf\", val: 5}]}",
	                &filter),
	        0);
	assert_int_equal(filter->count, 2);
	assert_int_equal(compile("{gmty: 1, gsf: 1, geom: \"[1,2]\"}", &filter), 0);
	assert_int_equal(filter->count, 1);
	assert_int_equal(compile("{cfs: 1, cfq: \"$.a\"}", &filter), 0);
}

UNIT(filter_refuses)
{
	static const struct {
		const char *fc;
		int rsc;
	} cases[] = {
	        {"{nonsense: 1}", 4102},
	        {"{crb: \"yesterday\"}", 4102},
	        {"{crb: 5}", 4102},
	        {"{crb: \"20230230T000000\"}", 4102},
	        {"{lim: -1}", 4102},
	        {"{lim: \"x\"}", 4102},
	        {"{lim: 1.5}", 4102},
	        {"{lim: 99999999999999999999}", 4102},
	        {"{lvl: 0}", 4102},
	        {"{ofst: 0}", 4102},
	        {"{fu: 0}", 4102},
	        {"{fu: 4}", 4102},
	        {"{fu: 3}", 5001},
	        {"{fo: 4}", 4102},
	        {"{ty: []}", 4102},
	        {"{ty: \"cnt\"}", 4102},
	        {"{ty: [3, null]}", 4102},
	        {"{lbl: []}", 4102},
	        {"{lbl: [5]}", 4102},
	        {"{lbl: \"\"}", 4102},
	        {"{lbl: null}", 4102},
	        {"{sza: \"big\"}", 4102},
	        {"{stb: true}", 4102},
	        {"{atr: {nm: \"cnf\"}}", 4102},
	        {"{atr: {nm: \"cnf\", val: null}}", 4102},
	        {"{atr: {nm: \"nobodyknows\", val: 1}}", 4102},
	        {"{atr: 5}", 4102},
	        {"{smf: [\"x\"]}", 5001},
	        {"{aq: \"x\"}", 5001},
	        {"{cfs: 2, cfq: \"$\"}", 4102},
	        {"{cfs: 1}", 4102},
	        {"{cfq: \"a.b\"}", 4102},
	        {"{gmty: 1}", 4102},
	        {"{gmty: 9, gsf: 1, geom: \"[1,2]\"}", 4102},
	        {"{gmty: 1, gsf: 4, geom: \"[1,2]\"}", 4102},
	        {"{ops: 64}", 4102},
	        {"{ops: 0}", 4102},
	        {"{arp: \"/a\"}", 4102},
	        {"{lbq: \"a NEVER b\"}", 4102},
	        {"{lbq: \"a AND \"}", 4102},
	        {"[]", 4102},
	};
	struct filter *filter;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int r = compile(cases[i].fc, &filter);

		if (r != cases[i].rsc || req.why.rsc != r || !req.why.text[0])
			fail_msg("%s: %d %s", cases[i].fc, r, req.why.text);
	}
}

UNIT(filter_contradictions)
{
	static const char *const cases[] = {
	        "{crb: \"20240101T000000\", cra: \"20240101T000000\"}",
	        "{us: \"20240101T000000\", ms: \"20250101T000000\"}",
	        "{exb: \"20240101T000000\", exa: \"20250101T000000\"}",
	        "{sts: 5, stb: 5}",
	        "{szb: 5, sza: 6}",
	};
	struct filter *filter;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		engine.config.strict_discovery = false;
		assert_int_equal(compile(cases[i], &filter), 0);
		assert_true(filter->never);
		engine.config.strict_discovery = true;
		assert_int_equal(compile(cases[i], &filter), 4102);
	}
	assert_int_equal(compile("{sts: 5, stb: 6, fo: 2}", &filter), 0);
	assert_false(filter->never);
	assert_int_equal(compile("{sts: 6, stb: 5}", &filter), 0);
	assert_false(filter->never);
	engine.config.strict_discovery = false;
}

static bool inst_matches(const char *fc, const struct store_inst *inst, const struct node *node)
{
	struct filter *filter;
	struct filter_subject subject = {&req, node, inst, &req.arena, NULL};

	if (compile(fc, &filter) != 0)
		fail_msg("%s: %s", fc, req.why.text);
	return filter_matches(filter, &subject);
}

static const struct {
	const char *fc;
	bool matches;
} instance_cases[] = {
        {"{ty: 4}", true},
        {"{ty: [2, 4]}", true},
        {"{ty: 3}", false},
        {"{ty: 4294967300}", false},
        {"{pty: 3}", true},
        {"{pty: 2}", false},
        {"{chty: 4}", false},
        {"{crb: \"20240101T000001\"}", true},
        {"{crb: \"20240101T000000\"}", false},
        {"{cra: \"20240101T000000\"}", true},
        {"{cra: \"20240101T000000,000001\"}", false},
        {"{exa: \"20240601T000000\"}", true},
        {"{exb: \"20240601T000000\"}", false},
        {"{ms: \"20240101T000000\", us: \"20240101T000001\"}", true},
        {"{sts: 8}", true},
        {"{sts: 7}", false},
        {"{stb: 7}", true},
        {"{sza: 5, szb: 6}", true},
        {"{szb: 5}", false},
        {"{lbl: \"room:kitchen\"}", true},
        {"{lbl: \"room:*\"}", true},
        {"{lbl: [\"x\", \"warm\"]}", true},
        {"{lbl: \"room\"}", false},
        {"{lbq: \"room\"}", true},
        {"{lbq: \"NT room\"}", false},
        {"{lbq: \"NT cellar\"}", true},
        {"{lbq: \"room EQ kitchen\"}", true},
        {"{lbq: \"room:kitchen\"}", true},
        {"{lbq: \"room NE kitchen\"}", false},
        {"{lbq: \"room NE hall\"}", true},
        {"{lbq: \"room IN (hall, kitchen)\"}", true},
        {"{lbq: \"room NI (hall,cellar)\"}", true},
        {"{lbq: \"room NI (hall,kitchen)\"}", false},
        {"{lbq: \"cellar OR room AND warm\"}", true},
        {"{lbq: \"cellar AND room OR cold\"}", false},
        {"{cty: \"application/json\"}", true},
        {"{cty: \"text/plain\"}", false},
        {"{atr: {nm: \"cr\", val: \"Cme\"}}", true},
        {"{atr: {nm: \"cr\", val: \"C*\"}}", true},
        {"{atr: [{nm: \"cr\", val: \"x\"}, {nm: \"cr\", val: \"Cme\"}]}", true},
        {"{atr: [{nm: \"cr\", val: \"Cme\"}, {nm: \"rn\", val: \"x\"}]}", false},
        {"{atr: {nm: \"dcnt\", val: \"5\"}}", true},
        {"{atr: {nm: \"dcnt\", val: 5}}", true},
        {"{atr: {nm: \"dcnt\", val: 55}}", false},
        {"{cfq: \"$.t\"}", true},
        {"{cfq: \"$.t[?(@ > 3)]\"}", false},
        {"{cfq: \"$[?(@ > 3)]\"}", true},
        {"{gmty: 3, gsf: 1, geom: \"[[[0,0],[9,0],[9,9],[0,0]]]\"}", false},
        {"{gmty: 3, gsf: 1, geom: \"[[[0,0],[9,0],[0,9],[0,0]]]\"}", true},
        {"{ty: 3, lbl: \"warm\"}", false},
        {"{ty: 3, lbl: \"warm\", fo: 2}", true},
        {"{ty: 3, lbl: \"warm\", fo: 3}", true},
        {"{ty: 4, lbl: \"warm\", fo: 3}", false},
        {"{ty: 3, lbl: \"cold\", fo: 3}", false},
        {"{}", true},
        {"{fo: 2}", true},
};

UNIT(filter_instances)
{
	const struct slice labels[] = {SLICE("room:kitchen"), SLICE("warm")};
	struct node node = {.no = 7, .type = type_find(TYPE_CNT), .ri = SLICE("cnt-7"), .rn = SLICE("c")};
	struct store_inst inst = {.box = 7,
	                          .seq = 1,
	                          .ty = 4,
	                          .st = 7,
	                          .cs = 5,
	                          .rn = SLICE("one"),
	                          .cr = SLICE("Cme"),
	                          .labels = labels,
	                          .label_count = 2};

	inst.body = SLICE("\"con\":\"{\\\"t\\\":21.5}\",\"cnf\":\"application/json:0\",\"dcnt\":5,"
	                  "\"loc\":{\"typ\":1,\"crd\":\"[1,2]\"},\"lbl\":[\"room:kitchen\",\"warm\"]");
	assert_true(clock_parse(SLICE("20240101T000000"), &inst.ct));
	assert_true(clock_parse(SLICE("20250101T000000"), &inst.et));
	inst.lt = inst.ct;
	for (size_t i = 0; i < sizeof(instance_cases) / sizeof(instance_cases[0]); i++) {
		inst.labels = i % 2 ? labels : NULL; /* the newest instance is kept without its list */
		inst.label_count = i % 2 ? 2 : 0;
		if (inst_matches(instance_cases[i].fc, &inst, &node) != instance_cases[i].matches)
			fail_msg("%s", instance_cases[i].fc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(filter_reads), unit(filter_refuses),
	                                   unit(filter_contradictions), unit(filter_instances)};
	int failed;

	type_init();
	arena_init(&req.arena);
	failed = unit_main(tests);
	arena_finish(&req.arena);
	return failed;
}
