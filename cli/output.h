/* SPDX-License-Identifier: Apache-2.0 */
/* Text for people: columns that line up, also with Hangul in them, and never a control character of a
 * stranger on the terminal. */
#ifndef DURE_CLI_OUTPUT_H
#define DURE_CLI_OUTPUT_H

#include "base/buf.h"
#include "codec/val.h"

#include <stdio.h>

#define OUTPUT_COLUMNS_MAX 6

struct output_table {
	struct arena *arena;
	size_t columns, count, cap;
	struct slice *cells; /* row by row */
};

/* arena keeps the cells. */
void output_init(struct output_table *table, struct arena *arena, size_t columns);
/* Adds one row; as many cells as columns. Cells are made safe and copied. */
void output_row(struct output_table *table, const struct slice *cells);
/* Prints all rows, columns lined up, the last one ragged; a cell wider than 48 does not widen its column. */
void output_print(const struct output_table *table, const char *indent, FILE *file);

/* Places the text takes on a terminal: Hangul and its like take two. */
size_t output_width(struct slice text);
/* The text without control characters ("\n" is written as such) and bad UTF-8. */
struct slice output_safe(struct arena *arena, struct slice text);
/* A value as people read it: strings bare, all else as JSON. Not yet safe. */
struct slice output_text(struct arena *arena, const struct val *v);
/* The value as indented JSON and a line end. */
void output_json(struct arena *arena, const struct val *v, FILE *file);

#endif
