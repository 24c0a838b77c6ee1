/* SPDX-License-Identifier: Apache-2.0 */
/* What a case file means before a single verb is read: cases and scenes as lists of lines, tables of variants
 * told out row by row, scenes put in, repetitions written out. Text in, text out. */
#ifndef DURE_LAB_EXPAND_H
#define DURE_LAB_EXPAND_H

#include "base/fail.h"

struct expand_line {
	unsigned number;
	struct slice text; /* without its newline */
};

struct expand_lines {
	struct expand_line *at;
	size_t count, cap;
};

/* `case` or `scene` with the lines below it; the first line is its own. */
struct expand_block {
	struct slice name;
	struct expand_lines lines;
};

struct expand_file {
	const char *file;
	struct arena *arena;
	struct why *why;
	struct expand_block *cases, *scenes;
	size_t case_count, scene_count;
	struct expand_row *rows; /* of the table of the case at hand */
	size_t row_count;
	size_t turns; /* how often lines were told, so that scenes and repeats cannot go on for ever */
};

/* Splits a text into its blocks. With scenes_only, cases in it are refused. */
MUST_CHECK int expand_split(struct expand_file *file, struct slice text, bool scenes_only);

/* Tells one case out: how many rows its table has (1 without one), and the lines of each. */
MUST_CHECK int expand_rows(struct expand_file *file, const struct expand_block *block, size_t *ret_rows);
MUST_CHECK int expand_case(struct expand_file *file, const struct expand_block *block, size_t row,
                           struct expand_lines *ret);

void expand_add(struct arena *arena, struct expand_lines *lines, struct expand_line line);
/* Walks over text that may hold quotes and brackets, byte by byte (an escaped one goes with its escape). */
struct expand_scan {
	char quote; /* 0: outside */
	int depth;  /* in brackets */
};
/* Takes text.ptr[*i]. True: it stands outside of quotes and brackets. */
bool expand_scan(struct expand_scan *scan, struct slice text, size_t *i);
/* The first word of a line, and what follows it. */
struct slice expand_first(struct slice line, struct slice *ret_rest);

#endif
