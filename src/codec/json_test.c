/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"
#include "codec/json.h"

#include <stdlib.h>

/* A list in the manner of the official ones: what every reader of JSON must take, and must not. */
static const char *const must_accept[] = {
        "{}",
        "[]",
        "null",
        "true",
        "false",
        "0",
        "-0",
        "\"\"",
        " [ ] ",
        "\t{\r\n} ",
        "[null]",
        "[1,2]",
        "[[],{}]",
        "{\"a\":1}",
        "{\"\":0}",
        "{\"a\":{\"a\":{}}}",
        "{\"a\":1,\"b\":1}",
        "[{\"a\":1},{\"a\":1}]",
        "1.5",
        "-1.5e10",
        "1E+2",
        "1e-2",
        "0.0",
        "0e0",
        "-0.0e-0",
        "12345678901234567890123",
        "12.50",
        "1e999999",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u00e9\"",
        "\"\\u0001\"",
        "\"\\ud83d\\ude00\"",
        "\"\\uDBFF\\uDFFF\"",
        "\"\\uffff\"",
        "\"\x7f\"",
        "\"\xc3\xa9\"",
        "\"\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4 text\"",
        "\"/\"",
        "\" \"",
        "\"\xf4\x8f\xbf\xbf\"",
        "{\"a\\u0062\":1,\"a\":2}",
        "[true,false,null]",
        "[ 1 , 2 ]",
        "\"\\u0020\"",
        "{ \"a\" : 1 , \"b\" : [ 2 ] }",
        "\"it's\"",
        "\"a # b\"",
        "[0]",
        "[-1]",
        "[1.0]",
        "[\"\",\"\"]",
};
static const char *const must_refuse[] = {
        "",
        " ",
        "\n",
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "-",
        "+1",
        "01",
        "-01",
        "00",
        "1.",
        ".5",
        "-.5",
        "1.e1",
        "1e",
        "1e+",
        "1e1.5",
        "0x10",
        "1_000",
        "NaN",
        "Infinity",
        "-Infinity",
        "nul",
        "nulll",
        "True",
        "TRUE",
        "tru",
        "undefined",
        "'a'",
        "a",
        "{a:1}",
        "{'a':1}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\" 1}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1,,\"b\":2}",
        "{1:2}",
        "{null:1}",
        "[1,]",
        "[,1]",
        "[,]",
        "[1 2]",
        "[1,,2]",
        "[1",
        "[1,",
        "[\"a",
        "{\"a",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "[}",
        "{]",
        "[1}",
        "{\"a\":1]",
        "[[]",
        "[]]",
        "{}}",
        "{}{}",
        "[][]",
        "1 2",
        "1,",
        "null x",
        "\"a\" \"b\"",
        "{} #",
        "// c\n1",
        "/**/1",
        "# c\n1",
        "\"\\x41\"",
        "\"\\'\"",
        "\"\\",
        "\"\\\"",
        "\"\\u\"",
        "\"\\u12\"",
        "\"\\u123\"",
        "\"\\u12g4\"",
        "\"\\u 123\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\ud800\"",
        "\"\\ud800\\n\"",
        "\"\\ud800x\"",
        "\"\\ud83d\\u0041\"",
        "\"\\u0000\"",
        "{\"\\u0000\":1}",
        "\"a\tb\"",
        "\"a\nb\"",
        "\"\x01\"",
        "\"1234567\x1f\"",
        "\"\x80\"",
        "\"\xff\"",
        "\"\xc0\xaf\"",
        "\"\xed\xa0\x80\"",
        "\"\xf4\x90\x80\x80\"",
        "\"\xe2\x82\"",
        "\"12345678\xe2\x82 text\"",
        "\xef\xbb\xbf{}",
        "\xc3\xa9",
        "{\"\xff\":1}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"b\":2,\"c\":3,\"b\":4}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"\":1,\"\":2}",
        "[{\"a\":{\"b\":1,\"b\":1}}]",
        "\f1",
        "\v1",
        "\xa0",
        "--1",
        "1-",
        "1a",
        "1\"a\"",
        "[1a]",
        "truefalse",
        "[truenull]",
        "\"\\U00e9\"",
        "{\"a\":1}x",
        "\x01",
        "*",
        "&",
        "<a/>",
};

static int json_try(struct arena *arena, struct slice text, struct val **ret)
{
	struct why why = {0};
	int r = json_read(arena, text, NULL, &why, ret);

	assert_int_equal(why.rsc, r);
	if (r)
		assert_int_equal(strncmp(why.text, "line ", 5), 0);
	return r;
}

UNIT(json_takes_what_it_must)
{
	struct arena arena;
	struct val *v;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(must_accept) / sizeof(must_accept[0]); i++) {
		if (json_try(&arena, slice_of(must_accept[i]), &v))
			fail_msg("was refused: %s", must_accept[i]);
	}
	arena_finish(&arena);
}

UNIT(json_refuses_what_it_must)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(must_refuse) / sizeof(must_refuse[0]); i++) {
		struct val *v = NULL;

		if (json_try(&arena, slice_of(must_refuse[i]), &v) != 4000)
			fail_msg("was taken: %s", must_refuse[i]);
		assert_null(v);
	}
	assert_int_equal(json_try(&arena, (struct slice){NULL, 0}, NULL), 4000);
	assert_int_equal(json_try(&arena, (struct slice){"1\0", 2}, NULL), 4000);
	assert_int_equal(json_try(&arena, (struct slice){"\"a\0b\"", 5}, NULL), 4000);
	assert_int_equal(json_try(&arena, (struct slice){"\0", 1}, NULL), 4000);
	arena_finish(&arena);
}

/* Every beginning of a right text is a wrong one; each in a block of its own, so that ASan sees over-reads.
 */
UNIT(json_refuses_every_beginning)
{
	static const char text[] =
	        "{\"m2m:cin\":{\"con\":\"2\\u00e9\\ud83d\\ude00 3\\n\xc3\xa9\",\"lbl\":[\"a\",\"b\"],"
	        "\"n\":-12.50e+3,\"t\":true,\"f\":false,\"z\":null,\"o\":{},\"e\":[]}}";
	struct arena arena;
	struct val *v;

	arena_init(&arena);
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		char *part = malloc(len ? len : 1);

		assert_non_null(part);
		memcpy(part, text, len);
		assert_int_equal(json_try(&arena, slice_make(part, len), &v), 4000);
		free(part);
	}
	assert_int_equal(json_try(&arena, SLICE(text), &v), 0);
	arena_finish(&arena);
}

UNIT(json_says_what_was_wrong_and_where)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
	        {"{\"m2m:cnt\":{\"a\":01}}", "line 1 column 17: a number may not start with 0"},
	        {"{\n  \"\xc3\xa9\": nope\n}", "line 2 column 8: 'n' stands where a value should stand"},
	        {"", "line 1 column 1: the text is empty; a JSON value was expected"},
	        {"{\"a\":1} x", "line 1 column 9: something stands behind the value"},
	        {"[1", "line 1 column 3: the text ends where ',' or ']' should stand"},
	        {"{\"a\":1", "line 1 column 7: the text ends where ',' or '}' should stand"},
	        {"{a:1}", "line 1 column 2: 'a' stands where a name in double quotes should stand"},
	        {"{\"a\" 1}", "line 1 column 6: '1' stands where ':' should stand"},
	        {"[\"ab\n\"]", "line 1 column 5: the control character 0x0a must be escaped in a string"},
	        {"[\"ab]", "line 1 column 2: the string that begins here does not end"},
	        {"[\"ab\xff\"]", "line 1 column 5: bytes that are not UTF-8"},
	        {"\"a\\u0000\"", "line 1 column 3: the character U+0000 is not taken in a string"},
	        {"\"a\\ud800\"", "line 1 column 3: the first half of a surrogate pair stands alone"},
	        {"\"a\\udc00\"", "line 1 column 3: the second half of a surrogate pair stands alone"},
	        {"\"a\\q\"", "line 1 column 3: no such escape in a string"},
	        {"\"a\\u12\"", "line 1 column 3: \\u needs four hexadecimal digits"},
	        {"{\"a\":1,\n\"a\":2}", "line 2 column 2: the name \"a\" stands twice in the same object"},
	        {"\x80", "line 1 column 1: the byte 0x80 stands where a value should stand"},
	        {"-", "line 1 column 1: a digit must follow '-'"},
	        {"1.x", "line 1 column 1: a digit must follow the point of a number"},
	        {"1e", "line 1 column 1: a digit must follow the 'e' of a number"},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct why why = {0};
		struct val *v;

		assert_int_equal(json_read(&arena, slice_of(cases[i].text), NULL, &why, &v), 4000);
		assert_string_equal(why.text, cases[i].sentence);
	}
	arena_finish(&arena);
}

UNIT(json_reads_values_as_they_are)
{
	struct slice text = SLICE(" {\"s\":\"plain\",\"n\":12.50,\"big\":12345678901234567890123,\"e\":"
	                          "\"\\u00e9\\ud83d\\ude00\\n\","
	                          "\"a\":[1,\"x\",null],\"t\":true,\"o\":{\"in\":-3}} ");
	struct arena arena;
	struct val *v;
	int64_t n;
	bool b;

	arena_init(&arena);
	assert_int_equal(json_try(&arena, text, &v), 0);
	assert_int_equal(v->count, 7);
	assert_slice(val_find(v, "s")->text, "plain");
	assert_true(val_find(v, "s")->text.ptr > text.ptr &&
	            val_find(v, "s")->text.ptr < text.ptr + text.len);
	assert_slice(val_find(v, "n")->text, "12.50");
	assert_slice(val_find(v, "big")->text, "12345678901234567890123");
	assert_false(val_is_int(val_find(v, "big"), &n) || val_is_int(val_find(v, "n"), &n));
	assert_slice(val_find(v, "e")->text, "\xc3\xa9\xf0\x9f\x98\x80\n");
	assert_int_equal(val_find(v, "a")->count, 3);
	assert_int_equal(val_find(v, "a")->last->kind, VAL_NULL);
	assert_true(val_is_bool(val_find(v, "t"), &b) && b);
	assert_true(val_is_int(val_find(val_find(v, "o"), "in"), &n) && n == -3);
	assert_null(v->next);
	assert_null(val_find(v, "o")->next);
	arena_finish(&arena);
}

/* `count` times open, then close; NULL close: left open. */
static struct slice json_nest(struct arena *arena, size_t count, const char *open, char close)
{
	size_t len = strlen(open);
	char *text = arena_take(arena, count * (len + 1) + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(text + i * len, open, len);
	memset(text + count * len, close ? close : ' ', count);
	return slice_make(text, count * len + (close ? count : 0));
}

UNIT(json_holds_the_limits)
{
	static const struct json_limits small = {.depth = 3, .values = 5};
	struct why why = {0};
	struct arena arena;
	struct val *v;

	arena_init(&arena);
	assert_int_equal(json_read(&arena, json_nest(&arena, 32, "[", ']'), NULL, &why, &v), 0);
	assert_int_equal(json_read(&arena, json_nest(&arena, 33, "[", ']'), NULL, &why, &v), 4000);
	assert_string_equal(why.text, "line 1 column 33: nested more than 32 deep");
	assert_int_equal(json_read(&arena, json_nest(&arena, 100000, "[", 0), NULL, &why, &v), 4000);
	assert_int_equal(json_read(&arena, json_nest(&arena, 100000, "{\"a\":", 0), NULL, &why, &v), 4000);
	assert_int_equal(json_read(&arena, SLICE("[[[]],[[]]]"), &small, &why, &v), 0);
	assert_int_equal(json_read(&arena, SLICE("[[[[]]]]"), &small, &why, &v), 4000);
	assert_int_equal(json_read(&arena, SLICE("[1,2,3,4]"), &small, &why, &v), 0);
	assert_int_equal(json_read(&arena, SLICE("[1,2,3,4,5]"), &small, &why, &v), 4000);
	assert_string_equal(why.text, "line 1 column 10: more values than are allowed here");
	arena_finish(&arena);
}

UNIT(json_bounds_numbers)
{
	struct arena arena;
	struct val *v;
	char text[1001];

	arena_init(&arena);
	memset(text, '7', sizeof(text));
	assert_int_equal(json_try(&arena, slice_make(text, 1000), &v), 0);
	assert_int_equal(v->text.len, 1000);
	assert_int_equal(json_try(&arena, slice_make(text, 1001), &v), 4000);
	arena_finish(&arena);
}

static struct slice json_many_names(struct arena *arena, int count, int twice)
{
	struct buf buf;

	buf_init(&buf, arena);
	for (int i = 0; i < count; i++)
		buf_printf(&buf, "%c\"name-%d\":0", i ? ',' : '{', i == twice ? 3 : i);
	buf_add_char(&buf, '}');
	return buf_slice(&buf);
}

/* In a moment also when there are 99,999 of them. */
UNIT(json_finds_names_that_stand_twice_among_many)
{
	static const int counts[] = {5, 16, 17, 18, 64, 65, 1000, 99999};
	struct arena arena;
	struct val *v;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		assert_int_equal(json_try(&arena, json_many_names(&arena, counts[i], -1), &v), 0);
		assert_int_equal(v->count, counts[i]);
		assert_int_equal(json_try(&arena, json_many_names(&arena, counts[i], counts[i] - 1), &v),
		                 4000);
		assert_int_equal(json_try(&arena, json_many_names(&arena, counts[i], 4), &v), 4000);
		arena_reset(&arena);
	}
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(json_takes_what_it_must),       unit(json_refuses_what_it_must),
	        unit(json_refuses_every_beginning),  unit(json_says_what_was_wrong_and_where),
	        unit(json_reads_values_as_they_are), unit(json_holds_the_limits),
	        unit(json_bounds_numbers),           unit(json_finds_names_that_stand_twice_among_many),
	};

	return unit_main(tests);
}
