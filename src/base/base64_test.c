/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors of RFC 4648 10, both ways, and what must not pass. */
#include "base/unit.h"

#include "base/base64.h"

static const struct {
	const char *bytes, *standard, *url;
} pairs[] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/", "-_-_"},
};

UNIT(both_forms_go_both_ways)
{
	struct arena arena;
	struct slice bytes;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		assert_slice(base64_encode(&arena, slice_of(pairs[i].bytes)), pairs[i].standard);
		assert_slice(base64url_encode(&arena, slice_of(pairs[i].bytes)), pairs[i].url);
		assert_true(base64_decode(&arena, slice_of(pairs[i].standard), &bytes));
		assert_slice(bytes, pairs[i].bytes);
		assert_true(base64url_decode(&arena, slice_of(pairs[i].url), &bytes));
		assert_slice(bytes, pairs[i].bytes);
	}
	arena_finish(&arena);
}

UNIT(every_byte_in_every_place_comes_back)
{
	struct arena arena;
	struct slice bytes;
	char all[258];

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	for (size_t len = 0; len <= sizeof(all); len++) {
		struct slice in = {all, len};

		assert_true(base64_decode(&arena, base64_encode(&arena, in), &bytes));
		assert_true(slice_is(bytes, in));
		assert_true(base64url_decode(&arena, base64url_encode(&arena, in), &bytes));
		assert_true(slice_is(bytes, in));
	}
	arena_finish(&arena);
}

UNIT(what_is_not_strict_is_none)
{
	static const char *const standard[] = {"Z",    "Zg",   "Zg=",   "Zg=a",     "Z===",       "=",
	                                       "====", "Zh==", "Zm9=",  "Zm9v ",    " Zm9v",      "Zm9v\n",
	                                       "Zm9-", "Zm_v", "Zm9v=", "Zg==Zg==", "Z\xc3\xa9=", "Zm9v===="};
	static const char *const url[] = {"Z", "Zg==", "Zm8=", "Zh", "Zm9", "Zm9+", "Zm/v", "Zm9v ", "Zm9vZ"};
	struct arena arena;
	struct slice bytes;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(standard) / sizeof(*standard); i++)
		assert_false(base64_decode(&arena, slice_of(standard[i]), &bytes));
	for (size_t i = 0; i < sizeof(url) / sizeof(*url); i++)
		assert_false(base64url_decode(&arena, slice_of(url[i]), &bytes));
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(both_forms_go_both_ways),
	        unit(every_byte_in_every_place_comes_back),
	        unit(what_is_not_strict_is_none),
	};

	return unit_main(tests);
}
