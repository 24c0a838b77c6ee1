/* SPDX-License-Identifier: Apache-2.0 */
/* Relaxed JSON, for texts that people write: case files and configuration. Beyond JSON it takes
 *
 *     { name: value }          names without quotes
 *     op: create, to: ~/box    simple words as strings: letters, digits and _ ~ / @ . : * - not
 *                              beginning with a digit (but true, false, null are what they are)
 *     'a "string" like this'   single quotes
 *     # a comment              to the end of the line
 *     [1, 2,]                  a comma before the closing bracket
 *
 * A word ends before a ':' that is followed by a blank or the end, so `a: b` reads as everybody expects. */
#include "codec/json_scan.h"

#define JSON_RELAXED_DEPTH  64
#define JSON_RELAXED_VALUES 1000000

static char json_relaxed_peek(struct json_scan *scan)
{
	while (scan->at < scan->end) {
		char c = *scan->at;

		if (c == '#')
			while (scan->at < scan->end && *scan->at != '\n')
				scan->at++;
		else if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
			scan->at++;
		else
			return c;
	}
	return 0;
}

static bool json_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool json_is_word_char(char c)
{
	return json_is_letter(c) || (c >= '0' && c <= '9') || (c && strchr("~/@.:*-", c));
}

/* The word at `at`; names end at any ':'. */
static struct slice json_relaxed_word(const struct json_scan *scan, bool is_name)
{
	const char *at = scan->at;

	for (; at < scan->end && json_is_word_char(*at); at++) {
		bool blank_next = at + 1 == scan->end || strchr(" \t\r\n", at[1]);

		if (*at == ':' && (is_name || blank_next))
			break;
	}
	return slice_make(scan->at, (size_t)(at - scan->at));
}

static int json_relaxed_string(struct json_scan *scan, struct slice *ret_text)
{
	char quote = *scan->at++;

	return quote == '"' ? json_scan_string(scan, ret_text)
	                    : json_scan_string_slowly(scan, quote, ret_text);
}

static int json_relaxed_name(struct json_scan *scan, struct slice *ret_name)
{
	char c = json_relaxed_peek(scan);
	int r = 0;

	if (c == '"' || c == '\'') {
		r = json_relaxed_string(scan, ret_name);
	} else {
		*ret_name = json_relaxed_word(scan, true);
		scan->at += ret_name->len;
		if (ret_name->len == 0)
			r = json_scan_odd(scan, "a name");
	}
	if (r)
		return r;
	if (json_relaxed_peek(scan) != ':')
		return json_scan_odd(scan, "':'");
	scan->at++;
	return 0;
}

static bool json_relaxed_is_number(const struct json_scan *scan)
{
	const char *at = scan->at + (*scan->at == '-');

	return at < scan->end && *at >= '0' && *at <= '9';
}

/* A string, a number or a word. */
static int json_relaxed_scalar(struct json_scan *scan, struct val *v)
{
	char c = json_relaxed_peek(scan);
	int r;

	v->kind = VAL_STR;
	if (c == '"' || c == '\'')
		return json_relaxed_string(scan, &v->text);
	if (!json_is_word_char(c) || c == ':')
		return json_scan_odd(scan, "a value");
	if (json_relaxed_is_number(scan)) {
		v->kind = VAL_NUM;
		r = json_scan_number(scan, &v->text);
		if (!r && scan->at < scan->end && json_is_word_char(*scan->at) && *scan->at != ':')
			r = json_scan_refuse(scan, v->text.ptr,
			                     "a word that begins with a digit needs quotes");
		return r;
	}
	v->text = json_relaxed_word(scan, false);
	scan->at += v->text.len;
	v->kind = json_scan_word(v->text);
	if (v->kind == VAL_KIND_COUNT)
		v->kind = VAL_STR;
	else
		v->text = slice_make(NULL, 0);
	return 0;
}

static int json_relaxed_value(struct json_scan *scan)
{
	struct slice name = {NULL, 0};
	struct val *v;
	int r = 0;
	char c;

	if (scan->open && scan->open->kind == VAL_OBJ)
		r = json_relaxed_name(scan, &name);
	if (r)
		return r;
	c = json_relaxed_peek(scan);
	v = json_scan_add(scan, name, c == '{' ? VAL_OBJ : VAL_ARR);
	if (!v)
		return json_scan_too_many(scan);
	if (c != '{' && c != '[')
		return json_relaxed_scalar(scan, v);
	r = json_scan_open(scan, v);
	scan->at++;
	return r;
}

/* Closes what ends here. When something is still open afterwards, a value comes next. `comma`: a comma or
 * an opening bracket stood just before. */
static int json_relaxed_behind(struct json_scan *scan, bool comma)
{
	while (scan->open) {
		bool is_obj = scan->open->kind == VAL_OBJ;
		char c = json_relaxed_peek(scan);
		int r;

		if (c == (is_obj ? '}' : ']')) {
			scan->at++;
			r = json_scan_close(scan);
			if (r)
				return r;
			comma = false;
			continue;
		}
		if (comma)
			return 0;
		if (c != ',')
			return json_scan_odd(scan, is_obj ? "',' or '}'" : "',' or ']'");
		scan->at++;
		comma = true;
	}
	return 0;
}

int json_read_relaxed(struct arena *arena, struct slice text, struct why *why, struct val **ret_val)
{
	struct json_scan scan;
	int r;

	json_scan_begin(&scan, arena, text, why);
	scan.depth = scan.depth_left = JSON_RELAXED_DEPTH;
	scan.values_left = JSON_RELAXED_VALUES;
	if (json_relaxed_peek(&scan) == 0 && scan.at == scan.end)
		return json_scan_refuse(&scan, NULL, "the text is empty; a value was expected");
	do {
		struct val *open = scan.open;

		r = json_relaxed_value(&scan);
		if (!r)
			r = json_relaxed_behind(&scan, scan.open != open);
		if (r)
			return r;
	} while (scan.open);
	json_relaxed_peek(&scan);
	if (scan.at != scan.end)
		return json_scan_refuse(&scan, NULL, "something stands behind the value");
	*ret_val = scan.root;
	return 0;
}
