/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/unit.h"

UNIT(arena_gives_aligned_pieces_that_do_not_overlap)
{
	struct arena arena;
	char *pieces[500];

	arena_init(&arena);
	for (size_t i = 0; i < 500; i++) {
		pieces[i] = arena_take(&arena, i);
		assert_int_equal((uintptr_t)pieces[i] % 16, 0);
		if (i)
			memset(pieces[i], (int)(i & 0xff), i);
	}
	for (size_t i = 0; i < 500; i++)
		for (size_t k = 0; k < i; k++)
			assert_int_equal((unsigned char)pieces[i][k], i & 0xff);
	assert_int_equal(arena.taken, 499 * 500 / 2);
	arena_finish(&arena);
	assert_int_equal(arena.taken, 0);
}

UNIT(arena_reset_keeps_the_first_chunk)
{
	struct arena arena;
	void *first;

	arena_init(&arena);
	first = arena_take(&arena, 10);
	for (int i = 0; i < 100; i++)
		arena_take(&arena, 5000);
	arena_take(&arena, 1000000);
	arena_reset(&arena);
	assert_int_equal(arena.taken, 0);
	assert_ptr_equal(arena_take(&arena, 10), first);
	arena_finish(&arena);
	arena_reset(&arena);
	arena_take(&arena, 1);
	arena_finish(&arena);
}

UNIT(arena_big_pieces_leave_the_chunk_in_use)
{
	struct arena arena;
	char *small, *big, *next;

	arena_init(&arena);
	small = arena_take(&arena, 16);
	big = arena_take(&arena, 200000);
	next = arena_take(&arena, 16);
	memset(big, 1, 200000);
	assert_true(next > small && next - small < 4096);
	arena_finish(&arena);
	big = arena_take(&arena, 200000); /* also as the very first */
	memset(big, 1, 200000);
	arena_reset(&arena);
	arena_finish(&arena);
}

UNIT(arena_copies_and_prints)
{
	struct arena arena;
	char long_text[1001];
	struct slice s;
	int *numbers;

	arena_init(&arena);
	assert_slice(arena_copy(&arena, SLICE("abc")), "abc");
	assert_int_equal(arena_copy(&arena, (struct slice){NULL, 0}).len, 0);
	assert_string_equal(arena_text(&arena, SLICE("abc")), "abc");
	assert_string_equal(arena_text(&arena, (struct slice){NULL, 0}), "");
	assert_slice(arena_printf(&arena, "%d-%s", 4, "x"), "4-x");
	memset(long_text, 'y', 1000);
	long_text[1000] = 0;
	s = arena_printf(&arena, "%s!", long_text);
	assert_int_equal(s.len, 1001);
	assert_int_equal(s.ptr[1000], '!');
	numbers = arena_array(&arena, 100, int);
	for (int i = 0; i < 100; i++)
		assert_int_equal(numbers[i], 0);
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(arena_gives_aligned_pieces_that_do_not_overlap),
	        unit(arena_reset_keeps_the_first_chunk),
	        unit(arena_big_pieces_leave_the_chunk_in_use),
	        unit(arena_copies_and_prints),
	};

	return unit_main(tests);
}
