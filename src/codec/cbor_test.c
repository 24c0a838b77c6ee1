/* SPDX-License-Identifier: Apache-2.0 */
/* CBOR against JSON, as tables: what is read, what is written, what is refused, and that no text of a number
 * is lost on the way there and back. */
#include "base/unit.h"

#include "codec/cbor.h"
#include "codec/cbor_json.h"

#include <stdio.h>
#include <stdlib.h>

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_finish(&arena);
	return 0;
}

static struct slice bytes_of(const char *hex)
{
	struct buf buf;
	char pair[3] = "";

	buf_init(&buf, &arena);
	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		pair[0] = *hex++;
		pair[1] = *hex;
		buf_add_char(&buf, (char)strtoul(pair, NULL, 16));
	}
	return buf.len ? buf_slice(&buf) : SLICE("");
}

static struct slice hex_of(struct slice bytes)
{
	struct buf buf;

	buf_init(&buf, &arena);
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(&buf, "%02x", (unsigned char)bytes.ptr[i]);
	return buf_slice(&buf);
}

static struct val *json_of(const char *text)
{
	struct val *v = NULL;
	struct why why = {0};

	if (json_read(&arena, slice_of(text), &json_limits_own, &why, &v))
		fail_msg("%s: %s", text, why.text);
	return v;
}

static struct slice text_of(const struct val *v)
{
	struct buf buf;

	buf_init(&buf, &arena);
	json_write(&buf, v);
	return buf_slice(&buf);
}

/* The same bytes come out of the tree and out of its text. */
static struct slice write_both(const struct val *v)
{
	struct buf tree, text;

	buf_init(&tree, &arena);
	buf_init(&text, &arena);
	cbor_write(&tree, v);
	cbor_write(&text, val_json(&arena, text_of(v)));
	if (!slice_is(buf_slice(&tree), buf_slice(&text)))
		fail_msg("%.*s: from the tree %.*s, from its text %.*s", SLICE_ARG(text_of(v)),
		         SLICE_ARG(hex_of(buf_slice(&tree))), SLICE_ARG(hex_of(buf_slice(&text))));
	return buf_slice(&tree);
}

/* JSON and its preferred form (the first part is RFC 8949 Appendix A). */
static const struct {
	const char *json, *hex;
} same[] = {
        {"0", "00"},
        {"1", "01"},
        {"10", "0a"},
        {"23", "17"},
        {"24", "1818"},
        {"25", "1819"},
        {"100", "1864"},
        {"1000", "1903e8"},
        {"1000000", "1a000f4240"},
        {"1000000000000", "1b000000e8d4a51000"},
        {"18446744073709551615", "1bffffffffffffffff"},
        {"18446744073709551616", "c249010000000000000000"},
        {"-18446744073709551616", "3bffffffffffffffff"},
        {"-18446744073709551617", "c349010000000000000000"},
        {"-1", "20"},
        {"-10", "29"},
        {"-100", "3863"},
        {"-1000", "3903e7"},
        {"-0", "f98000"},
        {"1.1", "fb3ff199999999999a"},
        {"1.5", "f93e00"},
        {"3.4028234663852886e+38", "fb47efffffe0000000"},
        {"1e+300", "fb7e37e43c8800759c"},
        {"5.9604644775390625e-8", "fb3e70000000000000"},
        {"-4.1", "fbc010666666666666"},
        {"false", "f4"},
        {"true", "f5"},
        {"null", "f6"},
        {"\"\"", "60"},
        {"\"a\"", "6161"},
        {"\"IETF\"", "6449455446"},
        {"\"\\\"\\\\\"", "62225c"},
        {"\"\xc3\xbc\"", "62c3bc"},
        {"\"\xf0\x90\x85\x91\"", "64f0908591"},
        {"[]", "80"},
        {"[1,2,3]", "83010203"},
        {"[1,[2,3],[4,5]]", "8301820203820405"},
        {"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]",
         "98190102030405060708090a0b0c0d0e0f101112131415161718181819"},
        {"{}", "a0"},
        {"{\"a\":1,\"b\":[2,3]}", "a26161016162820203"},
        {"[\"a\",{\"b\":\"c\"}]", "826161a161626163"},
        {"12.5", "f94a40"},
        {"12.50", "c482211904e2"},
        {"100000.5", "fa47c35040"},
        {"21.3", "fb40354ccccccccccd"},
        {"0.1", "fb3fb999999999999a"},
        {"0.00", "c4822100"},
        {"-12.50", "c482213904e1"},
        {"0.0", "c4822000"},
        {"-0.0", "d90106442d302e30"},
        {"5e3", "c4820305"},
        {"1E3", "d9010643314533"},
        {"1e+3", "d9010644"
                 "31652b33"},
        {"1.0e+2", "d9010646"
                   "312e30652b32"},
        {"1e-7", "fb3e7ad7f29abcaf48"},
        {"\"0123456789012345678901234\"", "7819"
                                          "30313233343536373839303132333435363738393031323334"},
};

UNIT(it_is_written_in_its_preferred_form)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		struct slice bytes = write_both(json_of(same[i].json));
		struct val *back = NULL;

		assert_slice(hex_of(bytes), same[i].hex);
		assert_int_equal(cbor_read(&arena, bytes, NULL, NULL, &back), 0);
		assert_slice(text_of(back), same[i].json);
	}
}

/* What others may send, and what it is. */
static const struct {
	const char *hex, *json;
} foreign[] = {
        {"1800", "0"},
        {"1b0000000000000001", "1"},
        {"f90000", "0"},
        {"f93c00", "1"},
        {"fa41aa6666", "21.3"}, /* a float's shortest text, not that of the double it could be */
        {"f97bff", "65500"},    /* the shortest that gives 65504 back */
        {"f90001", "6e-8"},
        {"f90400", "0.00006104"},
        {"f9c400", "-4"},
        {"fa47c35000", "100000"},
        {"fa7f7fffff", "3.4028235e+38"},
        {"fb4415af1d78b58c40", "100000000000000000000"},
        {"fb444b1ae4d6e2ef50", "1e+21"},
        {"fb0000000000000001", "5e-324"},
        {"fb7fefffffffffffff", "1.7976931348623157e+308"},
        {"fb400921fb54442d18", "3.141592653589793"},
        {"7f657374726561646d696e67ff", "\"streaming\""},
        {"7fff", "\"\""},
        {"7f60ff", "\"\""},
        {"9fff", "[]"},
        {"9f018202039f0405ffff", "[1,[2,3],[4,5]]"},
        {"83018202039f0405ff", "[1,[2,3],[4,5]]"},
        {"bf61610161629f0203ffff", "{\"a\":1,\"b\":[2,3]}"},
        {"bf7f61616162ff01ff", "{\"ab\":1}"},
        {"8100", "[0]"},
        {"9800", "[]"},
        {"c240", "0"},
        {"c24105", "5"},
        {"c34105", "-6"},
        {"c48200 05", "5"},
        {"c48220 05", "0.5"},
        {"c48223 20", "-0.0001"},
        {"c48221 c24104", "0.04"},
        {"c48219270f 01", "1e9999"},
        {"c48239270e 01", "1e-9999"},
};

UNIT(other_forms_are_read)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		struct why why = {0};
		struct val *v = NULL;

		if (cbor_read(&arena, bytes_of(foreign[i].hex), NULL, &why, &v))
			fail_msg("%s: %s", foreign[i].hex, why.text);
		assert_slice(text_of(v), foreign[i].json);
	}
}

static const struct {
	const char *hex, *sentence;
} wrong[] = {
        {"", "byte 0: the bytes end"},
        {"18", "byte 0: the bytes end within"},
        {"1b00000000000000", "within"},
        {"1c", "0x1c begins nothing"},
        {"1f", "0x1f begins nothing"},
        {"3f", "begins nothing"},
        {"df00", "begins nothing"},
        {"0000", "byte 1: something stands behind"},
        {"40", "byte string"},
        {"5f4101ff", "byte string"},
        {"61", "a text of 1 bytes where 0 are left"},
        {"7bffffffffffffffff", "a text of 18446744073709551615 bytes"},
        {"61ff", "not UTF-8"},
        {"6100", "U+0000"},
        {"62c300", "not UTF-8"},
        {"6a30313233343536373800", "U+0000"},
        {"63eda080", "not UTF-8"},
        {"7f6161", "end where"},
        {"7f01ff", "no piece of text"},
        {"7f7f6161ffff", "no piece of text"},
        {"81", "1 values are announced where 0 bytes are left"},
        {"9b1000000000000000 00", "1152921504606846976 values"},
        {"bb1000000000000000 616101", "1152921504606846976 members"},
        {"a161", "byte 0: 1 members are announced where 1 bytes"},
        {"8201", "2 values"},
        {"9f01", "end where"},
        {"bf6161", "end where"},
        {"bf6161ff", "break"},
        {"a10001", "the name of a member is a text"},
        {"a2616101616102", "the name \"a\" stands twice"},
        {"ff", "break"},
        {"81ff", "break"},
        {"f7", "simple value 23"},
        {"e0", "simple value 0"},
        {"f8ff", "simple value 255"},
        {"f97c00", "infinity"},
        {"f97e00", "infinity"},
        {"fa7f800000", "infinity"},
        {"fb7ff0000000000000", "infinity"},
        {"c000", "the tag 0"},
        {"c501", "the tag 5"},
        {"d9d9f700", "the tag 55799"},
        {"c1c1c1c1c1c1c100", "the tag 1"},
        {"c201", "byte string"},
        {"c25f4101ff", "byte string"},
        {"c25100000000000000000000000000000000 00", "17 bytes"},
        {"c350ffffffffffffffffffffffffffffffff", "128 bits"},
        {"c25bffffffffffffffff", "a number of"},
        {"c400", "array of two"},
        {"c48100", "array of two"},
        {"c49f0102ff", "array of two"},
        {"c48261610a", "an integer was expected"},
        {"c48219271001", "beyond"},
        {"c482c24910000000000000000001", "beyond"},
        {"c48201c4820101", "an integer was expected"},
        {"d9010640", "numbers only"},
        {"d901064131", NULL},
        {"d901064174", "numbers only"},
        {"d9010642312c", "numbers only"},
        {"d90106423031", "numbers only"},
        {"d9010661 31", "byte string"},
};

UNIT(what_is_wrong_is_refused)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct why why = {0};
		struct val *v = NULL;
		int r = cbor_read(&arena, bytes_of(wrong[i].hex), NULL, &why, &v);

		assert_int_equal(r, wrong[i].sentence ? 4000 : 0);
		if (wrong[i].sentence && !strstr(why.text, wrong[i].sentence))
			fail_msg("%s: \"%s\" instead of \"%s\"", wrong[i].hex, why.text, wrong[i].sentence);
	}
}

/* Depth and number are bounded before anything is built: a few kilobytes of arena are all it costs. */
UNIT(bombs_cost_nothing)
{
	static const char *const heads[] = {"81", "9f", "a16161", "bf6161", "c1", "c2", "7f"};
	struct why why = {0};
	struct val *v = NULL;

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		struct slice head = bytes_of(heads[i]);
		struct buf bomb;

		buf_init(&bomb, NULL);
		while (bomb.len < 100000)
			buf_add_slice(&bomb, head);
		arena_reset(&arena);
		assert_int_equal(cbor_read(&arena, buf_slice(&bomb), NULL, &why, &v), 4000);
		assert_true(arena.taken < 10000);
		buf_finish(&bomb);
	}
	arena_reset(&arena);
	assert_int_equal(cbor_read(&arena, bytes_of("9b0fffffffffffffff 9b0fffffffffffffff"), NULL, &why, &v),
	                 4000);
	assert_true(arena.taken < 1000);
}

UNIT(values_are_counted)
{
	struct json_limits limits = {.depth = 2, .values = 3};
	struct val *v;

	assert_int_equal(cbor_read(&arena, bytes_of("820101"), &limits, NULL, &v), 0);
	assert_int_equal(cbor_read(&arena, bytes_of("83010101"), &limits, NULL, &v), 4000);
	assert_int_equal(cbor_read(&arena, bytes_of("818101"), &limits, NULL, &v), 0);
	assert_int_equal(cbor_read(&arena, bytes_of("818181"), &limits, NULL, &v), 4000);
}

/* Every text that JSON allows for a number comes back as it was. */
static void check_number(const char *text)
{
	struct slice bytes;
	struct val *back = NULL;

	bytes = write_both(json_of(text));
	if (cbor_read(&arena, bytes, NULL, NULL, &back) || !slice_is(text_of(back), slice_of(text)))
		fail_msg("%s: %.*s came back as %.*s", text, SLICE_ARG(hex_of(bytes)),
		         SLICE_ARG(text_of(back)));
}

UNIT(numbers_keep_their_text)
{
	static const char *const texts[] = {"12345678901234567890123",
	                                    "-12345678901234567890123",
	                                    "12.50",
	                                    "1E3",
	                                    "-0",
	                                    "-0.0",
	                                    "0e0",
	                                    "0E-0",
	                                    "1.0e+2",
	                                    "1e05",
	                                    "123456789.123456789",
	                                    "0.1234567890123456",
	                                    "0.12345678901234567",
	                                    "1e400",
	                                    "-1e400",
	                                    "1e-400",
	                                    "9007199254740993",
	                                    "9007199254740993.0",
	                                    "0.000001",
	                                    "0.0000001",
	                                    "123456789012345678901.5",
	                                    "99999999999999999999999999999999999999",
	                                    "999999999999999999999999999999999999999",
	                                    "340282366920938463463374607431768211456",
	                                    "0.00000000000000000000000000000000000001",
	                                    "0.10000000149011612",
	                                    "21.299999237060547",
	                                    "0.333251953125",
	                                    "65504",
	                                    "65504.0",
	                                    "65520",
	                                    "1e99999999999999999999",
	                                    "1e-99999999999999999999",
	                                    "0.30000000000000004",
	                                    "1.7976931348623157e+308",
	                                    "5e-324",
	                                    "2.2250738585072014e-308"};
	char text[64];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		check_number(texts[i]);
	srand(1);
	for (int i = 0; i < 20000; i++) {
		static const char *const forms[] = {"%s%d",       "%s%d.%d",   "%s%d.%03d",
		                                    "%s%d.%de%d", "%s0.000%d", "%s%dE-%d"};
		static const int ranges[] = {1, 10, 1000, 100000, 100000000};
		int a = rand() % ranges[rand() % 5], b = rand() % ranges[rand() % 5];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), forms[rand() % 6], rand() % 2 ? "-" : "", a, b, rand() % 30);
#pragma GCC diagnostic pop
		check_number(text);
		arena_reset(&arena);
	}
}

/* Floats of all sizes: what is read is written as it was, or shorter, and its text is stable. */
UNIT(floats_are_stable)
{
	char hex[20];

	for (unsigned bits = 0; bits < 0x10000; bits++) {
		struct val *v = NULL, *again = NULL;

		snprintf(hex, sizeof(hex), "f9%04x", bits);
		if ((bits >> 10 & 31) == 31)
			continue;
		assert_int_equal(cbor_read(&arena, bytes_of(hex), NULL, NULL, &v), 0);
		assert_int_equal(cbor_read(&arena, write_both(v), NULL, NULL, &again), 0);
		assert_true(slice_is(v->text, again->text));
		arena_reset(&arena);
	}
}

UNIT(texts_of_any_length_are_transcoded)
{
	for (size_t len = 0; len < 300; len++) {
		struct val *v = val_arr(&arena), *back = NULL;
		char *text = arena_take(&arena, len + 1);

		memset(text, 'x', len);
		val_push(v, val_str(&arena, slice_make(text, len)));
		val_push(v, val_str(&arena, SLICE("\n\"\xc3\xbc and more of it")));
		for (size_t i = 0; i < len; i++)
			val_push(v, val_int(&arena, (int64_t)i));
		assert_int_equal(cbor_read(&arena, write_both(v), NULL, NULL, &back), 0);
		assert_true(val_equal(v, back));
		arena_reset(&arena);
	}
}

/* What is no JSON, which we never have, at least does no harm. */
/* A value of any shape; the bytes of names and texts go around what is done at once. */
static struct val *any_value(unsigned *random, unsigned depth)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789,:{}[] \"\\\xc3\xa9";
	static const char *const numbers[] = {"0",  "7",   "10",    "42", "99", "100", "1234567890123456789",
	                                      "-1", "1.5", "12.50", "1e3"};
	unsigned draw = *random = *random * 1103515245 + 12345, kind = draw >> 16 & 7;
	unsigned count = draw >> 20 & 31, length = draw >> 18 & 31;
	/* Names come in pieces of an alphabet, mostly without what needs an escape. */
	struct slice text = slice_make(letters + (draw >> 25 & 3), draw >> 24 & 15 ? length : length + 14);
	struct val *v;

	if (kind == 0 || (kind < 4 && depth == 0))
		return val_num(&arena, slice_of(numbers[(draw >> 21) % 11]));
	if (kind == 1)
		return val_bool(&arena, draw >> 22 & 1);
	if (kind < 6 && depth < 4)
		return val_str(&arena, arena_copy(&arena, text));
	v = kind & 1 ? val_obj(&arena) : val_arr(&arena);
	for (unsigned i = 0; depth > 0 && i < count; i++)
		if (kind & 1)
			val_put(v, arena_printf(&arena, "%u%.*s", i, (int)(i % 29), letters),
			        any_value(random, depth - 1));
		else
			val_push(v, any_value(random, depth - 1));
	return v;
}

UNIT(json_of_any_shape_is_transcoded_as_its_tree_is)
{
	unsigned random = 4711;

	for (int i = 0; i < 2000; i++) {
		struct val *v = any_value(&random, (unsigned)i % 5);
		struct buf tree, json, text;
		char *exact;

		buf_init(&tree, &arena);
		buf_init(&json, &arena);
		buf_init(&text, &arena);
		cbor_write(&tree, v);
		json_write(&json, v);
		/* Nothing may be read behind it. */
		exact = malloc(json.len);
		memcpy(exact, json.ptr, json.len);
		cbor_json_write(&text, slice_make(exact, json.len));
		free(exact);
		assert_true(slice_is(buf_slice(&text), buf_slice(&tree)));
		arena_finish(&arena);
		arena_init(&arena);
	}
}

UNIT(broken_json_is_null)
{
	static const char *const texts[] = {"",        "x",        "{",   "[",     "{\"a\"",
	                                    "{\"a\":", "{\"a\":1", "[1,", "[1 2]", "\"a",
	                                    "\"\\",    "{1:2}",    "[}",  "nul",   "-"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct buf buf;
		struct val *v;

		buf_init(&buf, &arena);
		cbor_json_write(&buf, slice_of(texts[i]));
		assert_true(buf.len > 0);
		(void)!cbor_read(&arena, buf_slice(&buf), NULL, NULL, &v);
	}
}

UNIT(bad_text_is_mended)
{
	struct buf buf;

	buf_init(&buf, &arena);
	cbor_write(&buf, val_str(&arena, SLICE("a\xff")));
	assert_slice(hex_of(buf_slice(&buf)), "6461efbfbd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(it_is_written_in_its_preferred_form, setup, teardown),
	        cmocka_unit_test_setup_teardown(other_forms_are_read, setup, teardown),
	        cmocka_unit_test_setup_teardown(what_is_wrong_is_refused, setup, teardown),
	        cmocka_unit_test_setup_teardown(bombs_cost_nothing, setup, teardown),
	        cmocka_unit_test_setup_teardown(values_are_counted, setup, teardown),
	        cmocka_unit_test_setup_teardown(numbers_keep_their_text, setup, teardown),
	        cmocka_unit_test_setup_teardown(floats_are_stable, setup, teardown),
	        cmocka_unit_test_setup_teardown(texts_of_any_length_are_transcoded, setup, teardown),
	        cmocka_unit_test_setup_teardown(json_of_any_shape_is_transcoded_as_its_tree_is, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(broken_json_is_null, setup, teardown),
	        cmocka_unit_test_setup_teardown(bad_text_is_mended, setup, teardown),
	};

	return unit_main(tests);
}
