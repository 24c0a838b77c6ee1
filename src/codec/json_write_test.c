/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"
#include "codec/json.h"

UNIT(json_writes_what_it_read)
{
	static const char *const same[] = {
	        "{}",
	        "[]",
	        "null",
	        "true",
	        "-12.50e+3",
	        "\"\"",
	        "{\"a\":[1,2,{\"b\":null}],\"c\":\"\xc3\xa9\"}",
	        "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\"",
	        "[[],{},[{}]]",
	        "{\"q\\\"q\":1}",
	        "\"a\\nlong text with \\\"quotes\\\"\"",
	};
	struct arena arena;
	struct buf buf;
	struct val *v;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		buf_init(&buf, &arena);
		assert_int_equal(json_read(&arena, slice_of(same[i]), NULL, NULL, &v), 0);
		json_write(&buf, v);
		assert_slice(buf_slice(&buf), same[i]);
	}
	arena_finish(&arena);
}

UNIT(json_writes_odd_strings_so_that_they_read_again)
{
	static const struct {
		struct slice text;
		const char *json;
	} cases[] = {
	        {SLICE_INIT("a/b"), "\"a/b\""},
	        {SLICE_INIT("a\0b"), "\"a\\u0000b\""},
	        {SLICE_INIT("\x7f"), "\"\x7f\""},
	        {SLICE_INIT("a\xff"
	                    "b"),
	         "\"a\xef\xbf\xbd"
	         "b\""},
	        {SLICE_INIT("\xc3"), "\"\xef\xbf\xbd\""},
	        {SLICE_INIT("\xed\xa0\x80\n"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\n\""},
	        {SLICE_INIT("\xe2\x82\xac 12345678 \"x\""), "\"\xe2\x82\xac 12345678 \\\"x\\\"\""},
	        {{NULL, 0}, "\"\""},
	};
	struct buf buf;

	buf_init(&buf, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf.len = 0;
		json_write_str(&buf, cases[i].text);
		assert_slice(buf_slice(&buf), cases[i].json);
	}
	buf_finish(&buf);
}

UNIT(json_writes_built_values)
{
	struct arena arena;
	struct buf buf;
	struct val *v;

	arena_init(&arena);
	v = val_obj(&arena);
	val_put(v, SLICE("n"), val_int(&arena, INT64_MIN));
	val_put(v, SLICE("raw"), val_json(&arena, SLICE("{\"x\":[1]}")));
	val_put(v, SLICE("b"), val_bool(&arena, false));
	buf_init(&buf, &arena);
	json_write(&buf, v);
	assert_slice(buf_slice(&buf), "{\"n\":-9223372036854775808,\"raw\":{\"x\":[1]},\"b\":false}");
	buf.len = 0;
	json_write_members(&buf, v);
	assert_slice(buf_slice(&buf), "\"n\":-9223372036854775808,\"raw\":{\"x\":[1]},\"b\":false");
	buf.len = 0;
	json_write_members(&buf, val_obj(&arena));
	json_write(&buf, NULL);
	assert_slice(buf_slice(&buf), "null");
	buf.len = 0;
	json_write_pretty(&buf, v);
	assert_slice(buf_slice(&buf),
	             "{\n  \"n\": -9223372036854775808,\n  \"raw\": {\n    \"x\": [\n      1\n    ]\n  },\n"
	             "  \"b\": false\n}");
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(json_writes_what_it_read),
	        unit(json_writes_odd_strings_so_that_they_read_again),
	        unit(json_writes_built_values),
	};

	return unit_main(tests);
}
