/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"
#include "codec/json.h"

static struct arena arena;

static struct val *val_of(const char *relaxed)
{
	struct val *v;

	assert_int_equal(json_read_relaxed(&arena, slice_of(relaxed), NULL, &v), 0);
	return v;
}

static void assert_val(const struct val *v, const char *json)
{
	struct buf buf;

	buf_init(&buf, &arena);
	json_write(&buf, v);
	assert_slice(buf_slice(&buf), json);
}

UNIT(val_members_come_and_go)
{
	struct val *v = val_obj(&arena);

	assert_false(val_remove(v, SLICE("a")));
	val_set(v, SLICE("a"), val_int(&arena, 1));
	val_set(v, SLICE("b"), val_int(&arena, 2));
	val_set(v, SLICE("c"), val_int(&arena, 3));
	assert_val(v, "{\"a\":1,\"b\":2,\"c\":3}");
	val_set(v, SLICE("b"), val_str(&arena, SLICE("x")));
	val_set(v, SLICE("c"), val_bool(&arena, true));
	val_set(v, SLICE("c"), val_find(v, "c"));
	val_put(v, SLICE("d"), val_arr(&arena));
	assert_val(v, "{\"a\":1,\"b\":\"x\",\"c\":true,\"d\":[]}");
	assert_int_equal(v->count, 4);
	assert_true(val_remove(v, SLICE("d")));
	assert_true(val_remove(v, SLICE("a")));
	assert_val(v, "{\"b\":\"x\",\"c\":true}");
	val_put(v, SLICE("e"), val_new(&arena, VAL_NULL));
	assert_val(v, "{\"b\":\"x\",\"c\":true,\"e\":null}");
	assert_true(val_remove(v, SLICE("b")) && val_remove(v, SLICE("c")) && val_remove(v, SLICE("e")));
	assert_null(v->first);
	assert_null(v->last);
	assert_null(val_get(NULL, SLICE("a")));
	assert_null(val_get(val_arr(&arena), SLICE("a")));
}

UNIT(val_questions)
{
	static const struct {
		const char *text;
		bool is_int, is_uint;
	} cases[] = {
	        {"5", true, true},       {"-5", true, false},
	        {"0", true, true},       {"-0", true, true},
	        {"5.0", false, false},   {"5e0", false, false},
	        {"\"5\"", false, false}, {"9223372036854775808", false, true},
	        {"null", false, false},  {"18446744073709551616", false, false},
	        {"[5]", false, false},
	};
	struct slice s;
	uint64_t u;
	int64_t n;
	bool b;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(val_is_int(val_of(cases[i].text), &n), cases[i].is_int);
		assert_int_equal(val_is_uint(val_of(cases[i].text), &u), cases[i].is_uint);
	}
	assert_false(val_is_int(NULL, &n) || val_is_uint(NULL, &u) || val_is_bool(NULL, &b) ||
	             val_is_str(NULL, &s));
	assert_true(val_is_bool(val_of("false"), &b) && !b);
	assert_true(val_is_str(val_of("x"), &s));
	assert_slice(s, "x");
	assert_string_equal(val_kind_name(val_of("1")), "a number");
	assert_string_equal(val_kind_name(val_of("null")), "null");
	assert_string_equal(val_kind_name(NULL), "nothing");
}

UNIT(val_equality)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
	        {"1", "1", true},
	        {"1", "1.0", false},
	        {"1", "\"1\"", false},
	        {"null", "false", false},
	        {"x", "\"x\"", true},
	        {"[1,2]", "[1,2]", true},
	        {"[1,2]", "[2,1]", false},
	        {"[1]", "[1,1]", false},
	        {"{a:1,b:2}", "{b:2,a:1}", true},
	        {"{a:1}", "{a:2}", false},
	        {"{a:1}", "{b:1}", false},
	        {"{a:1}", "{a:1,b:1}", false},
	        {"{}", "[]", false},
	        {"{a:{b:[{}]}}", "{a:{b:[{}]}}", true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(val_equal(val_of(cases[i].a), val_of(cases[i].b)), cases[i].same);
	assert_false(val_equal(NULL, NULL));
	assert_false(val_equal(val_json(&arena, SLICE("1")), val_json(&arena, SLICE("1"))));
}

UNIT(val_equality_and_copies_of_large_objects)
{
	struct val *a = val_obj(&arena), *b = val_obj(&arena), *copy;

	for (int i = 0; i < 20000; i++) {
		val_put(a, arena_printf(&arena, "%d", i), val_int(&arena, i));
		val_put(b, arena_printf(&arena, "%d", 19999 - i), val_int(&arena, 19999 - i));
	}
	assert_true(val_equal(a, b));
	copy = val_copy(&arena, a);
	assert_true(val_equal(a, copy));
	assert_true(copy->first->text.ptr != a->first->text.ptr &&
	            copy->first->name.ptr != a->first->name.ptr);
	b->first->text = SLICE("x");
	assert_false(val_equal(a, b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(val_members_come_and_go),
	        unit(val_questions),
	        unit(val_equality),
	        unit(val_equality_and_copies_of_large_objects),
	};
	int r;

	arena_init(&arena);
	r = unit_main(tests);
	arena_finish(&arena);
	return r;
}
