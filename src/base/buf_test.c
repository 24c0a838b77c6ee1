/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/unit.h"

static void buf_fill_and_look(struct buf *buf)
{
	for (int i = 0; i < 10000; i++)
		buf_add_char(buf, (char)('a' + i % 26));
	assert_int_equal(buf->len, 10000);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(buf->ptr[i], 'a' + i % 26);
}

UNIT(buf_grows_on_the_heap_and_in_an_arena)
{
	struct arena arena;
	struct buf buf;

	buf_init(&buf, NULL);
	assert_int_equal(buf_slice(&buf).len, 0);
	buf_fill_and_look(&buf);
	buf_finish(&buf);
	assert_int_equal(buf.len, 0);
	buf_fill_and_look(&buf);
	buf_finish(&buf);
	arena_init(&arena);
	buf_init(&buf, &arena);
	buf_fill_and_look(&buf);
	arena_take(&arena, 100); /* so that it is not the last any more and must move */
	buf_add_lit(&buf, "xyz");
	buf_room(&buf, 100000);
	assert_slice(slice_skip(buf_slice(&buf), 10000), "xyz");
	arena_finish(&arena);
}

UNIT(buf_writes_numbers)
{
	struct buf buf;

	buf_init(&buf, NULL);
	buf_add_u64(&buf, 0);
	buf_add_char(&buf, ' ');
	buf_add_u64(&buf, UINT64_MAX);
	buf_add_char(&buf, ' ');
	buf_add_i64(&buf, INT64_MIN);
	buf_add_char(&buf, ' ');
	buf_add_i64(&buf, -7);
	assert_slice(buf_slice(&buf), "0 18446744073709551615 -9223372036854775808 -7");
	buf.len = 0;
	buf_printf(&buf, "%d and %*s", 5, 500, "x");
	assert_int_equal(buf.len, 506);
	buf_finish(&buf);
}

UNIT(buf_varints_come_back)
{
	static const uint64_t numbers[] = {0,     1,     127,        128,       300,
	                                   16383, 16384, UINT32_MAX, INT64_MAX, UINT64_MAX};
	struct slice rest;
	struct buf buf;
	uint64_t n;

	buf_init(&buf, NULL);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		buf_add_varint(&buf, numbers[i]);
	rest = buf_slice(&buf);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		assert_true(buf_take_varint(&rest, &n));
		assert_true(n == numbers[i]);
	}
	assert_int_equal(rest.len, 0);
	buf_finish(&buf);
}

UNIT(buf_bad_varints_are_refused)
{
	static const struct slice bad[] = {
	        {"", 0},
	        {"\x80", 1},
	        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10},
	        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
	        {"\x80\x00", 2},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct slice rest = bad[i];
		uint64_t n;

		assert_false(buf_take_varint(&rest, &n));
		assert_int_equal(rest.len, bad[i].len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(buf_grows_on_the_heap_and_in_an_arena),
	        unit(buf_writes_numbers),
	        unit(buf_varints_come_back),
	        unit(buf_bad_varints_are_refused),
	};

	return unit_main(tests);
}
