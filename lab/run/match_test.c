/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns: what fits and what does not. */
#include "base/unit.h"

#include "codec/json.h"
#include "lab/run/lex.h"
#include "lab/run/match.h"

static struct arena arena;

static const struct names_server server = {{"cse-in", 6}, {"/id-in", 6}, {"//sp.example", 12}, {"CAdmin", 6}};

static bool fits(const char *pattern, const char *found, struct slice *complaint)
{
	struct names names = {.server = &server, .arena = &arena, .is_virtual = true, .clock = 1000000};
	struct why why = {0};
	struct lex lex = {.file = "x", .line = 1, .text = slice_of(pattern), .arena = &arena, .why = &why};
	struct val *p, *f;

	names_make(&names, SLICE("cse-in/meter"))->ri = SLICE("cnt7");
	names_let(&names, SLICE("x"), val_int(&arena, 3));
	assert_int_equal(lex_body(&lex, &p), 0);
	assert_int_equal(json_read(&arena, slice_of(found), NULL, &why, &f), 0);
	return match_value(&names, p, f, complaint);
}

UNIT(match_knows_what_fits)
{
	static const char *const rows[][2] = {
	        {"{ a: 1 }", "{\"a\":1,\"b\":2}"},
	        {"!{ a: 1 }", "{\"a\":1}"},
	        {"{ a: *, b: absent }", "{\"a\":0}"},
	        {"{ a: null }", "{\"a\":null}"},
	        {"{ a: >3, b: <=3, c: !=3 }", "{\"a\":4,\"b\":3,\"c\":4}"},
	        {"{ a: 2|3 }", "{\"a\":3}"},
	        {"{ a: null|absent }", "{}"},
	        {"{ a: ~C*r }", "{\"a\":\"Cmeter\"}"},
	        {"{ a: #2 }", "{\"a\":[1,2]}"},
	        {"{ a: #>1 }", "{\"a\":[1,2]}"},
	        {"[1, 2]", "[2,1]"},
	        {"![1, 2]", "[1,2]"},
	        {"[... 2]", "[1,2,3]"},
	        {"[*, 2]", "[2,1]"},
	        {"[ {a: *}, {a: 1} ]", "[{\"a\":1},{\"a\":2}]"},
	        {"{ a: ~/meter }", "{\"a\":\"cse-in/meter\"}"},
	        {"{ a: ~/meter }", "{\"a\":\"/id-in/cse-in/meter\"}"},
	        {"{ a: ~/meter }", "{\"a\":\"//sp.example/id-in/-/meter\"}"},
	        {"{ a: at:~/meter }", "{\"a\":\"/id-in/cnt7\"}"},
	        {"{ a: ri:~/meter }", "{\"a\":\"cnt7\"}"},
	        {"{ a: $x }", "{\"a\":3}"},
	        {"{ a: @now }", "{\"a\":\"19700101T000001,000000\"}"},
	        {"{ a: >=@now, b: <@+1h }", "{\"a\":\"19700101T000001\",\"b\":\"19700101T005959\"}"},
	        {"{ a: time, b: text, c: number, d: list, e: object, f: bool }",
	         "{\"a\":\"20260101T000000\",\"b\":\"\",\"c\":1,\"d\":[],\"e\":{},\"f\":false}"},
	        {"{ a: admin, b: csi }", "{\"a\":\"CAdmin\",\"b\":\"/id-in\"}"},
	        {"{ a: 1 }", "{\"a\":1.0}"},
	};
	struct slice complaint;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!fits(rows[i][0], rows[i][1], &complaint))
			fail_msg("%s should fit %s: %.*s", rows[i][0], rows[i][1], SLICE_ARG(complaint));
}

UNIT(match_tells_what_does_not)
{
	static const char *const rows[][3] = {
	        {"{ a: 1 }", "{\"a\":2}", "a: expected 1, found 2"},
	        {"{ a: 1 }", "{}", "a: expected 1, found nothing"},
	        {"{ a: { b: \"x\" } }", "{\"a\":{\"b\":\"y\"}}", "a/b: expected \"x\", found \"y\""},
	        {"!{ a: 1 }", "{\"a\":1,\"b\":2}", "\"b\" should not be there"},
	        {"[1, 2]", "[1,3]", "no member fits 2"},
	        {"[1]", "[1,1]", "another number"},
	        {"![1, 2]", "[2,1]", "expected"},
	        {"[... 4]", "[1,2]", "no member fits 4"},
	        {"{ a: absent }", "{\"a\":null}", "a: expected absent, found null"},
	        {"{ a: * }", "{\"a\":null}", "found null"},
	        {"{ a: >3 }", "{\"a\":3}", "a: expected >3, found 3"},
	        {"{ a: ~/meter }", "{\"a\":\"cse-in/meterx\"}", "expected"},
	        {"{ a: ~/meter }", "{\"a\":\"cnt7\"}", "expected"},
	        {"{ a: $nobody }", "{\"a\":\"x\"}", "known as $nobody"},
	        {"{ a: \"1\" }", "{\"a\":1}", "expected"},
	};
	struct slice complaint = {0};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (fits(rows[i][0], rows[i][1], &complaint))
			fail_msg("%s should not fit %s", rows[i][0], rows[i][1]);
		if (!strstr(arena_text(&arena, complaint), rows[i][2]))
			fail_msg("\"%s\" is not in \"%.*s\"", rows[i][2], SLICE_ARG(complaint));
	}
}

UNIT(match_knows_codes)
{
	assert_true(match_code(SLICE("4117|4105"), 4105));
	assert_true(match_code(SLICE("4xxx"), 4105));
	assert_true(match_code(SLICE("405"), 405));
	assert_false(match_code(SLICE("4117|4105"), 4000));
	assert_false(match_code(SLICE("2xxx"), 0));
	assert_false(match_code(SLICE("400"), 4000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(match_knows_what_fits), unit(match_tells_what_does_not),
	                                   unit(match_knows_codes)};

	arena_init(&arena);
	int r = unit_main(tests);

	arena_finish(&arena);
	return r;
}
