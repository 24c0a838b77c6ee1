/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a path: a small recursive reader, as deep as 16 nested brackets of tests and no longer than 2,048
 * bytes. Every function returns NULL (or false) after it has told why. */
#include "engine/jsonpath_private.h"
#include "model/rsc.h"

#define JSONPATH_LENGTH  2048
#define JSONPATH_NESTING 16

struct jsonpath_scan {
	struct slice text;
	size_t at;
	unsigned depth;
	struct arena *arena;
	struct why *why;
};

static struct jsonpath_test *jsonpath_read_or(struct jsonpath_scan *scan);
static bool jsonpath_read_steps(struct jsonpath_scan *scan, struct jsonpath_step **ret);

static bool jsonpath_bad(struct jsonpath_scan *scan, const char *expected)
{
	(void)refuse(scan->why, RSC_CONTENTS_UNACCEPTABLE, "cfq: column %zu: expected %s", scan->at + 1,
	             expected);
	return false;
}

static char jsonpath_peek(const struct jsonpath_scan *scan)
{
	return scan->at < scan->text.len ? scan->text.ptr[scan->at] : '\0';
}

static void jsonpath_blanks(struct jsonpath_scan *scan)
{
	while (jsonpath_peek(scan) == ' ' || jsonpath_peek(scan) == '\t')
		scan->at++;
}

static bool jsonpath_take(struct jsonpath_scan *scan, const char *mark)
{
	struct slice m = slice_of(mark);

	jsonpath_blanks(scan);
	if (!slice_starts(slice_skip(scan->text, scan->at), m))
		return false;
	scan->at += m.len;
	return true;
}

static bool jsonpath_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '-' || (unsigned char)c >= 0x80;
}

static struct slice jsonpath_read_name(struct jsonpath_scan *scan)
{
	size_t from = scan->at;

	while (jsonpath_is_name(jsonpath_peek(scan)))
		scan->at++;
	return slice_make(scan->text.ptr + from, scan->at - from);
}

static bool jsonpath_read_int(struct jsonpath_scan *scan, int64_t *ret)
{
	size_t from = scan->at;

	if (jsonpath_peek(scan) == '-')
		scan->at++;
	while (jsonpath_peek(scan) >= '0' && jsonpath_peek(scan) <= '9')
		scan->at++;
	return slice_i64(slice_make(scan->text.ptr + from, scan->at - from), ret) && *ret > INT32_MIN &&
	       *ret < INT32_MAX;
}

/* A quoted string; a backslash takes the next character as it is. */
static bool jsonpath_read_quoted(struct jsonpath_scan *scan, struct slice *ret)
{
	char quote = jsonpath_peek(scan), *copy;
	size_t len = 0;

	if (quote != '\'' && quote != '"')
		return jsonpath_bad(scan, "a quoted name");
	copy = arena_take(scan->arena, scan->text.len - scan->at + 1);
	for (scan->at++; scan->at < scan->text.len && scan->text.ptr[scan->at] != quote; scan->at++) {
		if (scan->text.ptr[scan->at] == '\\' && scan->at + 1 < scan->text.len)
			scan->at++;
		copy[len++] = scan->text.ptr[scan->at];
	}
	if (scan->at >= scan->text.len)
		return jsonpath_bad(scan, "the closing quote");
	scan->at++;
	*ret = slice_make(copy, len);
	return true;
}

static bool jsonpath_literal_end(const struct jsonpath_scan *scan)
{
	return !jsonpath_is_name(jsonpath_peek(scan));
}

static const struct val *jsonpath_read_number(struct jsonpath_scan *scan)
{
	size_t from = scan->at, digits = 0;

	for (char c = jsonpath_peek(scan);
	     (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
	     c = jsonpath_peek(scan)) {
		digits += c >= '0' && c <= '9';
		scan->at++;
	}
	if (digits == 0 || scan->at - from > 40) {
		(void)jsonpath_bad(scan, "a number, a quoted string, true, false, null, @ or $");
		return NULL;
	}
	return val_num(scan->arena, slice_make(scan->text.ptr + from, scan->at - from));
}

static const struct val *jsonpath_read_literal(struct jsonpath_scan *scan)
{
	struct slice text;
	char c = jsonpath_peek(scan);

	if (c == '\'' || c == '"')
		return jsonpath_read_quoted(scan, &text) ? val_str(scan->arena, text) : NULL;
	if (jsonpath_take(scan, "true") && jsonpath_literal_end(scan))
		return val_bool(scan->arena, true);
	if (jsonpath_take(scan, "false") && jsonpath_literal_end(scan))
		return val_bool(scan->arena, false);
	if (jsonpath_take(scan, "null") && jsonpath_literal_end(scan))
		return val_new(scan->arena, VAL_NULL);
	return jsonpath_read_number(scan);
}

static bool jsonpath_read_operand(struct jsonpath_scan *scan, struct jsonpath_operand *ret)
{
	jsonpath_blanks(scan);
	if (jsonpath_peek(scan) == '@' || jsonpath_peek(scan) == '$') {
		ret->from_root = jsonpath_peek(scan) == '$';
		scan->at++;
		return jsonpath_read_steps(scan, &ret->steps);
	}
	ret->literal = jsonpath_read_literal(scan);
	return ret->literal != NULL;
}

static bool jsonpath_take_op(struct jsonpath_scan *scan, enum jsonpath_op *ret)
{
	static const struct {
		const char *text;
		enum jsonpath_op op;
	} ops[] = {{"==", JSONPATH_EQ}, {"!=", JSONPATH_NE}, {"<=", JSONPATH_LE},
	           {">=", JSONPATH_GE}, {"<", JSONPATH_LT},  {">", JSONPATH_GT}};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (jsonpath_take(scan, ops[i].text)) {
			*ret = ops[i].op;
			return true;
		}
	}
	return false;
}

static struct jsonpath_test *jsonpath_test_new(struct jsonpath_scan *scan, enum jsonpath_op op,
                                               struct jsonpath_test *left, struct jsonpath_test *right)
{
	struct jsonpath_test *test = arena_new(scan->arena, struct jsonpath_test);

	test->op = op;
	test->left = left;
	test->right = right;
	return test;
}

/* '(' test ')', '!' test, operand, operand op operand */
static struct jsonpath_test *jsonpath_read_unit(struct jsonpath_scan *scan)
{
	struct jsonpath_test *test;

	jsonpath_blanks(scan);
	if (jsonpath_take(scan, "(")) {
		test = jsonpath_read_or(scan);
		if (test && !jsonpath_take(scan, ")")) {
			(void)jsonpath_bad(scan, "\")\"");
			return NULL;
		}
		return test;
	}
	if (jsonpath_peek(scan) == '!' && scan->depth < JSONPATH_NESTING) {
		scan->at++;
		scan->depth++;
		test = jsonpath_read_unit(scan);
		scan->depth--;
		return test ? jsonpath_test_new(scan, JSONPATH_NOT, test, NULL) : NULL;
	}
	test = jsonpath_test_new(scan, JSONPATH_EXISTS, NULL, NULL);
	if (!jsonpath_read_operand(scan, &test->a))
		return NULL;
	if (jsonpath_take_op(scan, &test->op))
		return jsonpath_read_operand(scan, &test->b) ? test : NULL;
	if (test->a.literal) {
		(void)jsonpath_bad(scan, "a comparison");
		return NULL;
	}
	return test;
}

static struct jsonpath_test *jsonpath_read_and(struct jsonpath_scan *scan)
{
	struct jsonpath_test *left = jsonpath_read_unit(scan), *right;

	while (left && jsonpath_take(scan, "&&")) {
		right = jsonpath_read_unit(scan);
		left = right ? jsonpath_test_new(scan, JSONPATH_AND, left, right) : NULL;
	}
	return left;
}

static struct jsonpath_test *jsonpath_read_or(struct jsonpath_scan *scan)
{
	struct jsonpath_test *left, *right;

	if (scan->depth >= JSONPATH_NESTING) {
		(void)jsonpath_bad(scan, "fewer brackets inside each other (16 at most)");
		return NULL;
	}
	scan->depth++;
	left = jsonpath_read_and(scan);
	while (left && jsonpath_take(scan, "||")) {
		right = jsonpath_read_and(scan);
		left = right ? jsonpath_test_new(scan, JSONPATH_OR, left, right) : NULL;
	}
	scan->depth--;
	return left;
}

static bool jsonpath_is_digit(char c)
{
	return c == '-' || (c >= '0' && c <= '9');
}

/* n, n:m, n:m:step, with parts left out */
static bool jsonpath_read_range(struct jsonpath_scan *scan, struct jsonpath_pick *pick)
{
	pick->kind = JSONPATH_AT;
	pick->to = INT32_MAX;
	pick->step = 1;
	if (jsonpath_is_digit(jsonpath_peek(scan)) && !jsonpath_read_int(scan, &pick->from))
		return jsonpath_bad(scan, "an index");
	if (!jsonpath_take(scan, ":"))
		return true;
	pick->kind = JSONPATH_SLICE;
	jsonpath_blanks(scan);
	if (jsonpath_is_digit(jsonpath_peek(scan)) && !jsonpath_read_int(scan, &pick->to))
		return jsonpath_bad(scan, "an index");
	if (!jsonpath_take(scan, ":"))
		return true;
	jsonpath_blanks(scan);
	if (jsonpath_is_digit(jsonpath_peek(scan)) &&
	    (!jsonpath_read_int(scan, &pick->step) || pick->step < 1))
		return jsonpath_bad(scan, "a step of 1 or more");
	return true;
}

static bool jsonpath_read_pick(struct jsonpath_scan *scan, struct jsonpath_pick *pick)
{
	char c;

	jsonpath_blanks(scan);
	c = jsonpath_peek(scan);
	if (c == '*') {
		pick->kind = JSONPATH_ALL;
		scan->at++;
		return true;
	}
	if (c == '?') {
		pick->kind = JSONPATH_WHERE;
		scan->at++;
		pick->test = jsonpath_read_or(scan);
		return pick->test != NULL;
	}
	if (c == '\'' || c == '"') {
		pick->kind = JSONPATH_NAME;
		return jsonpath_read_quoted(scan, &pick->name);
	}
	if (c == ':' || jsonpath_is_digit(c))
		return jsonpath_read_range(scan, pick);
	return jsonpath_bad(scan, "an index, *, a quoted name or ?(...)");
}

static bool jsonpath_read_brackets(struct jsonpath_scan *scan, struct jsonpath_step *step)
{
	struct jsonpath_pick **end = &step->picks;

	do {
		*end = arena_new(scan->arena, struct jsonpath_pick);
		if (!jsonpath_read_pick(scan, *end))
			return false;
		end = &(*end)->next;
	} while (jsonpath_take(scan, ","));
	return jsonpath_take(scan, "]") ? true : jsonpath_bad(scan, "\"]\"");
}

static bool jsonpath_read_dotted(struct jsonpath_scan *scan, struct jsonpath_step *step)
{
	step->picks = arena_new(scan->arena, struct jsonpath_pick);
	step->picks->kind = JSONPATH_ALL;
	if (jsonpath_peek(scan) == '*') {
		scan->at++;
		return true;
	}
	step->picks->kind = JSONPATH_NAME;
	step->picks->name = jsonpath_read_name(scan);
	return step->picks->name.len ? true : jsonpath_bad(scan, "a name");
}

static bool jsonpath_read_steps(struct jsonpath_scan *scan, struct jsonpath_step **ret)
{
	for (;;) {
		char c = jsonpath_peek(scan);

		if (c != '.' && c != '[')
			return true;
		*ret = arena_new(scan->arena, struct jsonpath_step);
		scan->at++;
		if (c == '.' && jsonpath_peek(scan) == '.') {
			(*ret)->deep = true;
			scan->at++;
			c = jsonpath_peek(scan) == '[' ? '[' : '.';
			scan->at += c == '[';
		}
		if (c == '[' ? !jsonpath_read_brackets(scan, *ret) : !jsonpath_read_dotted(scan, *ret))
			return false;
		ret = &(*ret)->next;
	}
}

int jsonpath_compile(struct arena *arena, struct slice text, struct why *why, struct jsonpath **ret)
{
	struct jsonpath_scan scan = {text, 0, 0, arena, why};
	struct jsonpath *path = arena_new(arena, struct jsonpath);

	if (text.len > JSONPATH_LENGTH)
		return refuse(why, RSC_CONTENTS_UNACCEPTABLE, "cfq: a path of at most %d bytes",
		              JSONPATH_LENGTH);
	if (!jsonpath_take(&scan, "$")) {
		(void)jsonpath_bad(&scan, "\"$\"");
		return RSC_CONTENTS_UNACCEPTABLE;
	}
	if (!jsonpath_read_steps(&scan, &path->steps))
		return RSC_CONTENTS_UNACCEPTABLE;
	jsonpath_blanks(&scan);
	if (scan.at < text.len) {
		(void)jsonpath_bad(&scan, "\".\", \"[\" or the end");
		return RSC_CONTENTS_UNACCEPTABLE;
	}
	*ret = path;
	return 0;
}
