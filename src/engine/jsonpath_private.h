/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled path, as its reader (jsonpath_read.c) and its walker (jsonpath.c) see it. */
#ifndef DURE_ENGINE_JSONPATH_PRIVATE_H
#define DURE_ENGINE_JSONPATH_PRIVATE_H

#include "engine/jsonpath.h"

enum jsonpath_op {
	JSONPATH_OR,
	JSONPATH_AND,
	JSONPATH_NOT,
	JSONPATH_EXISTS,
	JSONPATH_EQ,
	JSONPATH_NE,
	JSONPATH_LT,
	JSONPATH_LE,
	JSONPATH_GT,
	JSONPATH_GE,
};

/* One side of a comparison: a literal, or a path from '@' or '$'. */
struct jsonpath_operand {
	const struct val *literal;
	bool from_root;
	struct jsonpath_step *steps;
};

struct jsonpath_test {
	enum jsonpath_op op;
	struct jsonpath_test *left, *right; /* OR, AND, NOT (left only) */
	struct jsonpath_operand a, b;       /* the others; EXISTS: a only */
};

enum jsonpath_what { JSONPATH_NAME, JSONPATH_AT, JSONPATH_SLICE, JSONPATH_ALL, JSONPATH_WHERE };

/* One selector. */
struct jsonpath_pick {
	enum jsonpath_what kind;
	struct slice name;
	int64_t from, to, step; /* AT: from only; negative ones count from the end */
	struct jsonpath_test *test;
	struct jsonpath_pick *next;
};

struct jsonpath_step {
	bool deep; /* ".." */
	struct jsonpath_pick *picks;
	struct jsonpath_step *next;
};

struct jsonpath {
	struct jsonpath_step *steps;
};

#endif
