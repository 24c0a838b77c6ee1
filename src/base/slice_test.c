/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"

UNIT(slice_cut_walks_all_parts)
{
	static const struct {
		const char *text, *parts[4];
	} cases[] = {
	        {"a/b/c", {"a", "b", "c"}},
	        {"a//c", {"a", "", "c"}},
	        {"/a", {"", "a"}},
	        {"a/", {"a"}},
	        {"", {NULL}},
	        {"abc", {"abc"}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice rest = slice_of(cases[i].text), part;
		size_t at = 0;

		while (slice_cut(&rest, '/', &part)) {
			assert_non_null(cases[i].parts[at]);
			assert_slice(part, cases[i].parts[at++]);
		}
		assert_null(cases[i].parts[at]);
	}
}

UNIT(slice_numbers_are_strict)
{
	static const struct {
		const char *text;
		bool is_u64, is_i64;
		int64_t n;
	} cases[] = {
	        {"0", true, true, 0},
	        {"17", true, true, 17},
	        {"007", true, true, 7},
	        {"-1", false, true, -1},
	        {"-0", false, true, 0},
	        {"9223372036854775807", true, true, INT64_MAX},
	        {"-9223372036854775808", false, true, INT64_MIN},
	        {"9223372036854775808", true, false, INT64_MIN},
	        {"-9223372036854775809", false, false, 0},
	        {"18446744073709551615", true, false, -1},
	        {"18446744073709551616", false, false, 0},
	        {"4294967300", true, true, 4294967300},
	        {"99999999999999999999999", false, false, 0},
	        {"", false, false, 0},
	        {"-", false, false, 0},
	        {"--1", false, false, 0},
	        {"+1", false, false, 0},
	        {" 1", false, false, 0},
	        {"1 ", false, false, 0},
	        {"1.0", false, false, 0},
	        {"0x1", false, false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice s = slice_of(cases[i].text);
		uint64_t u = 4711;
		int64_t n = 4711;

		assert_int_equal(slice_u64(s, &u), cases[i].is_u64);
		assert_int_equal(u, cases[i].is_u64 ? (uint64_t)cases[i].n : 4711);
		assert_int_equal(slice_i64(s, &n), cases[i].is_i64);
		assert_int_equal(n, cases[i].is_i64 ? cases[i].n : 4711);
	}
}

UNIT(slice_matches_stars)
{
	static const struct {
		const char *text, *pattern;
		bool yes;
	} cases[] = {
	        {"", "", true},
	        {"", "*", true},
	        {"a", "", false},
	        {"abc", "abc", true},
	        {"abc", "a*", true},
	        {"abc", "*c", true},
	        {"abc", "*b*", true},
	        {"abc", "a*c", true},
	        {"abc", "a*b", false},
	        {"abc", "***", true},
	        {"abcabd", "*abd", true},
	        {"aaab", "*aab", true},
	        {"Cmeter", "C*", true},
	        {"Smeter", "C*", false},
	        {"a*b", "a*b", true},
	        {"mississippi", "m*iss*pi", true},
	        {"mississippi", "m*issx*pi", false},
	        {"ab", "ab*", true},
	        {"ab", "abc*", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(slice_matches(slice_of(cases[i].text), slice_of(cases[i].pattern)),
		                 cases[i].yes);
}

UNIT(slice_matches_is_quick_with_many_stars)
{
	static char text[20000], pattern[2001];

	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < 2000; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[2000] = 'b';
	assert_false(slice_matches(slice_make(text, sizeof(text)), slice_make(pattern, sizeof(pattern))));
}

UNIT(slice_hash_depends_on_every_byte)
{
	char text[40] = "the quick brown fox jumps over the lazy";
	uint64_t hash = slice_hash(slice_make(text, 39), 1);

	assert_true(hash == slice_hash(slice_make(text, 39), 1));
	assert_true(hash != slice_hash(slice_make(text, 39), 2));
	assert_true(hash != slice_hash(slice_make(text, 38), 1));
	for (size_t i = 0; i < 39; i++) {
		text[i] ^= 1;
		assert_true(hash != slice_hash(slice_make(text, 39), 1));
		text[i] ^= 1;
	}
	assert_true(slice_hash((struct slice){NULL, 0}, 0) == slice_hash(SLICE(""), 0));
}

UNIT(slice_small_words)
{
	assert_true(slice_is((struct slice){NULL, 0}, SLICE("")));
	assert_true(slice_starts(SLICE("abc"), SLICE("ab")));
	assert_false(slice_starts(SLICE("a"), SLICE("ab")));
	assert_slice(slice_skip(SLICE("abc"), 1), "bc");
	assert_slice(slice_skip(SLICE("abc"), 9), "");
	assert_int_equal(slice_of(NULL).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(slice_cut_walks_all_parts),
	        unit(slice_numbers_are_strict),
	        unit(slice_matches_stars),
	        unit(slice_matches_is_quick_with_many_stars),
	        unit(slice_hash_depends_on_every_byte),
	        unit(slice_small_words),
	};

	return unit_main(tests);
}
