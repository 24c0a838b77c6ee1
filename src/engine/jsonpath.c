/* SPDX-License-Identifier: Apache-2.0 */
/* Finding: a path is a list of steps, a step a list of selectors; walking the value tree with them is plain
 * recursion, bounded by the number of steps and by the depth of the value. A stranger chooses both the path
 * and the value, so every look at a value is counted. */
#include <stdlib.h>

#include "engine/jsonpath_private.h"

#define JSONPATH_LOOKS 20000
#define JSONPATH_DEEP  64

struct jsonpath_run {
	const struct val *root;
	unsigned looks;
};

/* Called for each value found; true ends the walk. */
typedef bool jsonpath_visit(struct jsonpath_run *run, const struct val *found, const void *user);

static bool jsonpath_walk(struct jsonpath_run *run, const struct jsonpath_step *step, const struct val *at,
                          jsonpath_visit *visit, const void *user);
static bool jsonpath_holds(struct jsonpath_run *run, const struct jsonpath_test *test, const struct val *at);

static bool jsonpath_any(struct jsonpath_run *run, const struct val *found, const void *user)
{
	return true;
}

static bool jsonpath_number(const struct val *v, double *ret)
{
	char text[64];

	if (v->kind != VAL_NUM || v->text.len == 0 || v->text.len >= sizeof(text))
		return false;
	memcpy(text, v->text.ptr, v->text.len);
	text[v->text.len] = '\0';
	*ret = strtod(text, NULL);
	return true;
}

/* -1, 0, 1; or 2 when the two cannot be ordered (they may still be equal: *ret_equal). */
static int jsonpath_order(const struct val *a, const struct val *b, bool *ret_equal)
{
	double x, y;

	if (jsonpath_number(a, &x) && jsonpath_number(b, &y)) {
		*ret_equal = x == y;
		return x < y ? -1 : x > y ? 1 : 0;
	}
	if (a->kind == VAL_STR && b->kind == VAL_STR) {
		size_t shorter = a->text.len < b->text.len ? a->text.len : b->text.len;
		int order = shorter ? memcmp(a->text.ptr, b->text.ptr, shorter) : 0;

		if (order == 0)
			order = a->text.len < b->text.len ? -1 : a->text.len > b->text.len ? 1 : 0;
		*ret_equal = order == 0;
		return order < 0 ? -1 : order > 0 ? 1 : 0;
	}
	*ret_equal = val_equal(a, b);
	return 2;
}

static bool jsonpath_compare(enum jsonpath_op op, const struct val *a, const struct val *b)
{
	bool equal;
	int order = jsonpath_order(a, b, &equal);

	switch (op) {
	case JSONPATH_EQ:
	case JSONPATH_NE: /* is the negation of EQ over all values found; see jsonpath_holds */
		return equal;
	case JSONPATH_LT:
		return order == -1;
	case JSONPATH_LE:
		return order == -1 || order == 0;
	case JSONPATH_GT:
		return order == 1;
	case JSONPATH_GE:
		return order == 1 || order == 0;
	case JSONPATH_OR:
	case JSONPATH_AND:
	case JSONPATH_NOT:
	case JSONPATH_EXISTS:
		break;
	}
	return false;
}

/* The two sides of a comparison, walked one inside the other. */
struct jsonpath_sides {
	enum jsonpath_op op;
	const struct jsonpath_operand *right;
	const struct val *at;   /* '@' */
	const struct val *left; /* one value of the left side */
};

static bool jsonpath_right(struct jsonpath_run *run, const struct val *found, const void *user)
{
	const struct jsonpath_sides *sides = user;

	return jsonpath_compare(sides->op, sides->left, found);
}

static bool jsonpath_operand_walk(struct jsonpath_run *run, const struct jsonpath_operand *operand,
                                  const struct val *at, jsonpath_visit *visit, const void *user)
{
	if (operand->literal)
		return visit(run, operand->literal, user);
	return jsonpath_walk(run, operand->steps, operand->from_root ? run->root : at, visit, user);
}

static bool jsonpath_left(struct jsonpath_run *run, const struct val *found, const void *user)
{
	struct jsonpath_sides sides = *(const struct jsonpath_sides *)user;

	sides.left = found;
	return jsonpath_operand_walk(run, sides.right, sides.at, jsonpath_right, &sides);
}

static bool jsonpath_holds(struct jsonpath_run *run, const struct jsonpath_test *test, const struct val *at)
{
	struct jsonpath_sides sides = {test->op, &test->b, at, NULL};
	bool found;

	if (++run->looks > JSONPATH_LOOKS)
		return false;
	switch (test->op) {
	case JSONPATH_OR:
		return jsonpath_holds(run, test->left, at) || jsonpath_holds(run, test->right, at);
	case JSONPATH_AND:
		return jsonpath_holds(run, test->left, at) && jsonpath_holds(run, test->right, at);
	case JSONPATH_NOT:
		return !jsonpath_holds(run, test->left, at);
	case JSONPATH_EXISTS:
		return jsonpath_operand_walk(run, &test->a, at, jsonpath_any, NULL);
	case JSONPATH_EQ:
	case JSONPATH_NE:
	case JSONPATH_LT:
	case JSONPATH_LE:
	case JSONPATH_GT:
	case JSONPATH_GE:
		break;
	}
	found = jsonpath_operand_walk(run, &test->a, at, jsonpath_left, &sides);
	return test->op == JSONPATH_NE ? !found : found;
}

static bool jsonpath_index(struct jsonpath_run *run, const struct jsonpath_pick *pick,
                           const struct jsonpath_step *step, const struct val *at, jsonpath_visit *visit,
                           const void *user)
{
	int64_t count = at->count, from, to, i = 0;

	if (at->kind != VAL_ARR)
		return false;
	from = pick->from < 0 ? pick->from + count : pick->from;
	to = pick->kind == JSONPATH_AT ? from + 1 : pick->to < 0 ? pick->to + count : pick->to;
	val_each (at, child) {
		if (i >= to || ++run->looks > JSONPATH_LOOKS)
			break;
		if (i >= from &&
		    (pick->kind == JSONPATH_AT || (i - (from < 0 ? 0 : from)) % pick->step == 0) &&
		    jsonpath_walk(run, step->next, child, visit, user))
			return true;
		i++;
	}
	return false;
}

static bool jsonpath_pick(struct jsonpath_run *run, const struct jsonpath_pick *pick,
                          const struct jsonpath_step *step, const struct val *at, jsonpath_visit *visit,
                          const void *user)
{
	const struct val *member;

	switch (pick->kind) {
	case JSONPATH_NAME:
		run->looks += at->count / 8; /* finding a member is a walk too */
		member = val_get(at, pick->name);
		return member && jsonpath_walk(run, step->next, member, visit, user);
	case JSONPATH_AT:
	case JSONPATH_SLICE:
		return jsonpath_index(run, pick, step, at, visit, user);
	case JSONPATH_ALL:
	case JSONPATH_WHERE:
		break;
	}
	val_each (at, child) {
		if (pick->kind == JSONPATH_WHERE && !jsonpath_holds(run, pick->test, child))
			continue;
		if (jsonpath_walk(run, step->next, child, visit, user))
			return true;
		if (run->looks > JSONPATH_LOOKS)
			return false;
	}
	return false;
}

static bool jsonpath_step_at(struct jsonpath_run *run, const struct jsonpath_step *step, const struct val *at,
                             jsonpath_visit *visit, const void *user, unsigned depth)
{
	if (++run->looks > JSONPATH_LOOKS || depth > JSONPATH_DEEP)
		return false;
	for (const struct jsonpath_pick *pick = step->picks; pick; pick = pick->next) {
		if (jsonpath_pick(run, pick, step, at, visit, user))
			return true;
	}
	if (!step->deep || (at->kind != VAL_ARR && at->kind != VAL_OBJ))
		return false;
	val_each (at, child) {
		if (jsonpath_step_at(run, step, child, visit, user, depth + 1))
			return true;
	}
	return false;
}

static bool jsonpath_walk(struct jsonpath_run *run, const struct jsonpath_step *step, const struct val *at,
                          jsonpath_visit *visit, const void *user)
{
	if (run->looks > JSONPATH_LOOKS)
		return false;
	if (!step)
		return visit(run, at, user);
	return jsonpath_step_at(run, step, at, visit, user, 0);
}

bool jsonpath_finds(const struct jsonpath *path, const struct val *root)
{
	struct jsonpath_run run = {root, 0};

	return jsonpath_walk(&run, path->steps, root, jsonpath_any, NULL) && run.looks <= JSONPATH_LOOKS;
}
