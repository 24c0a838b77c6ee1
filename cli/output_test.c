/* SPDX-License-Identifier: Apache-2.0 */
/* Text on a terminal. */
#include "cli/output.h"

#include "base/unit.h"

#include <stdlib.h>

UNIT(widths_count_places)
{
	assert_int_equal(output_width(SLICE("")), 0);
	assert_int_equal(output_width(SLICE("abc")), 3);
	assert_int_equal(output_width(slice_of("두레")), 4);
	assert_int_equal(output_width(slice_of("├─ é")), 4);
}

UNIT(control_characters_stay_out)
{
	struct arena arena;
	arena_init(&arena);
	assert_slice(output_safe(&arena, SLICE("a\x1b[31mb\n\t\x7f")), "a?[31mb\\n ?");
	assert_slice(output_safe(&arena, slice_of("두레")), "두레");
	assert_slice(output_safe(&arena, SLICE("a\xff"
	                                       "b")),
	             "a?b");
	assert_slice(output_safe(&arena, SLICE("a\xe2\x80\xae"
	                                       "b")),
	             "a?b");
	assert_slice(output_safe(&arena, SLICE("a\xc2\x9b"
	                                       "b")),
	             "a?b");
	arena_finish(&arena);
}

UNIT(columns_line_up)
{
	struct arena arena;
	struct output_table table;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	arena_init(&arena);
	output_init(&table, &arena, 3);
	for (int i = 0; i < 40; i++) {
		struct slice cells[] = {slice_of(i ? "두레" : "abcdef"), SLICE("x"), SLICE("end")};
		output_row(&table, cells);
	}
	output_print(&table, " ", file);
	fclose(file);
	assert_true(slice_starts(slice_of(text), SLICE(" abcdef  x  end\n 두레    x  end\n")));
	free(text);
	arena_finish(&arena);
}

UNIT(values_read_as_people_do)
{
	struct arena arena;
	arena_init(&arena);
	assert_slice(output_text(&arena, NULL), "");
	assert_slice(output_text(&arena, val_str(&arena, SLICE("a\"b"))), "a\"b");
	assert_slice(output_text(&arena, val_int(&arena, -5)), "-5");
	struct val *list = val_arr(&arena);
	val_push(list, val_str(&arena, SLICE("a")));
	assert_slice(output_text(&arena, list), "[\"a\"]");
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(widths_count_places),
	        unit(control_characters_stay_out),
	        unit(columns_line_up),
	        unit(values_read_as_people_do),
	};
	return unit_main(tests);
}
