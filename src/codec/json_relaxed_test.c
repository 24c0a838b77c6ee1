/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"
#include "codec/json.h"

UNIT(json_relaxed_reads_what_people_write)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
	        {"{ rn: \"meter\", api: N.meter, rr: false }",
	         "{\"rn\":\"meter\",\"api\":\"N.meter\",\"rr\":false}"},
	        {"{ to: ~/meter/kwh, u: http://127.0.0.1:80/x }",
	         "{\"to\":\"~/meter/kwh\",\"u\":\"http://127.0.0.1:80/x\"}"},
	        {"[a, b-c, m2m:cin, C*, a@b, /id-in]",
	         "[\"a\",\"b-c\",\"m2m:cin\",\"C*\",\"a@b\",\"/id-in\"]"},
	        {"{ 'q q': 'say \"hi\", it\\'s' }", "{\"q q\":\"say \\\"hi\\\", it's\"}"},
	        {"# first\n{ a: 1, # one\n  b: [1, 2,], }# last", "{\"a\":1,\"b\":[1,2]}"},
	        {"{ \"m2m:cnt\": { mni: 3 } }", "{\"m2m:cnt\":{\"mni\":3}}"},
	        {"{con:{net:[3]}}", "{\"con\":{\"net\":[3]}}"},
	        {"{a:b}", "{\"a\":\"b\"}"},
	        {"{a: true, b: null, c: truely, d: -5, e: 1.50}",
	         "{\"a\":true,\"b\":null,\"c\":\"truely\",\"d\":-5,\"e\":1.50}"},
	        {"{a: -, b: -x, c: *}", "{\"a\":\"-\",\"b\":\"-x\",\"c\":\"*\"}"},
	        {"{true: false}", "{\"true\":false}"},
	        {"word", "\"word\""},
	        {"[]", "[]"},
	        {"[[],[{},],]", "[[],[{}]]"},
	        {"{a:{b:{c:1}},d:2}", "{\"a\":{\"b\":{\"c\":1}},\"d\":2}"},
	        {"\"\\u00e9\"", "\"\xc3\xa9\""},
	        {"'\\u00e9\xc3\xa9'", "\"\xc3\xa9\xc3\xa9\""},
	};
	struct arena arena;
	struct buf buf;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct why why = {0};
		struct val *v;

		buf_init(&buf, &arena);
		if (json_read_relaxed(&arena, slice_of(cases[i].text), &why, &v))
			fail_msg("%s: %s", cases[i].text, why.text);
		json_write(&buf, v);
		assert_slice(buf_slice(&buf), cases[i].json);
	}
	arena_finish(&arena);
}

UNIT(json_relaxed_refuses_the_rest)
{
	static const char *const bad[] = {
	        "",       "# only a comment",  "{",      "[",         "[,]",         "{,}",
	        "[1,,2]", "{a:1,,}",           "[a b]",  "{a 1}",     "{a:}",        "{a:1 b:2}",
	        "[2a]",   "[20261122T000000]", "[01]",   "{a:1,a:2}", "{a:1,'a':2}", "'abc",
	        "'a\nb'", "\"it\\'s\"",        "[:]",    "{:1}",      "a b",         "[1}",
	        "{a:[}",  "\"\\u0000\"",       "'\xff'", "[(x)]",     "[a=b]",       "{a:b: c}",
	        "[1-2]",
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct why why = {0};
		struct val *v;

		if (json_read_relaxed(&arena, slice_of(bad[i]), &why, &v) != 4000)
			fail_msg("was taken: %s", bad[i]);
		assert_int_equal(strncmp(why.text, "line ", 5), 0);
	}
	arena_finish(&arena);
}

/* What is JSON is relaxed JSON too, and means the same. */
UNIT(json_relaxed_takes_json)
{
	struct slice text = SLICE("{\"a\":[1,\"x # y\",true,null,-1.5e3],\"b\":{\"c\":\"\\\"\"}}");
	struct arena arena;
	struct val *strict, *relaxed;

	arena_init(&arena);
	assert_int_equal(json_read(&arena, text, NULL, NULL, &strict), 0);
	assert_int_equal(json_read_relaxed(&arena, text, NULL, &relaxed), 0);
	assert_true(val_equal(strict, relaxed));
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(json_relaxed_reads_what_people_write),
	        unit(json_relaxed_refuses_the_rest),
	        unit(json_relaxed_takes_json),
	};

	return unit_main(tests);
}
