/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"
#include "base/utf8.h"

UNIT(utf8_knows_good_from_bad)
{
	static const struct {
		const char *text;
		size_t good; /* bytes from the start */
	} cases[] = {
	        {"", 0},
	        {"plain text that is longer than eight bytes", 42},
	        {"\xc3\xa9", 2},
	        {"\xe2\x82\xac", 3},
	        {"\xf0\x9f\x98\x80", 4},
	        {"\xed\x95\x9c\xea\xb8\x80", 6},
	        {"\xef\xbf\xbf", 3},
	        {"\xf4\x8f\xbf\xbf", 4},
	        {"abc\x80", 3},
	        {"\xc0\xaf", 0},
	        {"\xc1\xbf", 0},
	        {"\xe0\x80\xaf", 0},
	        {"\xe0\x9f\xbf", 0},
	        {"\xed\xa0\x80", 0},
	        {"\xed\xbf\xbf", 0},
	        {"\xf0\x8f\xbf\xbf", 0},
	        {"\xf4\x90\x80\x80", 0},
	        {"\xf5\x80\x80\x80", 0},
	        {"\xff", 0},
	        {"12345678\xe2\x82", 8},
	        {"\xe2\x82x", 0},
	        {"\xf0\x9f\x98", 0},
	        {"12345678\xfe"
	         "12345678",
	         8},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice s = slice_of(cases[i].text);

		assert_int_equal(utf8_valid_length(s), cases[i].good);
		assert_int_equal(utf8_is_valid(s), s.len == cases[i].good);
	}
}

UNIT(utf8_writes_every_character_right)
{
	char out[4];

	for (uint32_t c = 1; c < 0x110000; c++) {
		size_t len;

		if (c == 0xd800)
			c = 0xe000;
		len = utf8_put(c, out);
		assert_true(len == (c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4));
		assert_true(utf8_is_valid(slice_make(out, len)));
		assert_true(len == 1 || !utf8_is_valid(slice_make(out, len - 1)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(utf8_knows_good_from_bad),
	                                   unit(utf8_writes_every_character_right)};

	return unit_main(tests);
}
