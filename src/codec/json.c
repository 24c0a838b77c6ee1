/* SPDX-License-Identifier: Apache-2.0 */
/* The strict reader (RFC 8259): one pass over the text, no recursion, nothing copied but strings with
 * escapes. This is the hot path of every request; its ways of going wrong are in json_scan.c. */
#include "codec/json_scan.h"

const struct json_limits json_limits_default = {.depth = 32, .values = 100000};
const struct json_limits json_limits_own = {.depth = 64, .values = 10000000};

static inline void json_blanks(struct json_scan *scan)
{
	const char *at = scan->at, *end = scan->end;

	while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
		at++;
	scan->at = at;
}

/* The next character that is no blank; 0 at the end (a NUL is no part of JSON, so that is no confusion). */
static inline char json_peek(struct json_scan *scan)
{
	if (scan->at<scan->end && * scan->at> ' ')
		return *scan->at;
	json_blanks(scan);
	return scan->at < scan->end ? *scan->at : 0;
}

static int json_name(struct json_scan *scan, struct slice *ret_name)
{
	int r;

	if (json_peek(scan) != '"')
		return json_scan_odd(scan, "a name in double quotes");
	scan->at++;
	r = json_scan_string(scan, ret_name);
	if (r)
		return r;
	if (json_peek(scan) != ':')
		return json_scan_odd(scan, "':'");
	scan->at++;
	return 0;
}

/* A number, true, false or null; scan->at stands at its first character. */
static int json_read_plain(struct json_scan *scan, struct val *v)
{
	const char *end = scan->at;

	if (end < scan->end && (*end == '-' || (*end >= '0' && *end <= '9'))) {
		v->kind = VAL_NUM;
		return json_scan_number(scan, &v->text);
	}

	while (end < scan->end && end - scan->at < 6 && *end >= 'a' && *end <= 'z')
		end++;
	v->kind = json_scan_word(slice_make(scan->at, (size_t)(end - scan->at)));
	if (v->kind == VAL_KIND_COUNT)
		return json_scan_odd(scan, "a value");
	scan->at = end;
	return 0;
}

/* Opens v; when it is empty it is closed again at once. */
static int json_read_open(struct json_scan *scan, struct val *v, char close)
{
	int r = json_scan_open(scan, v);

	if (r)
		return r;
	scan->at++;
	if (json_peek(scan) != close)
		return 0;
	scan->at++;
	return json_scan_close(scan);
}

/* One value with its name where it has one. Arrays and objects are only opened. */
static int json_read_value(struct json_scan *scan)
{
	struct slice name = {NULL, 0};
	struct val *v;
	int r;

	if (scan->open && scan->open->kind == VAL_OBJ) {
		r = json_name(scan, &name);
		if (r)
			return r;
	}
	v = json_scan_add(scan, name, VAL_STR);
	if (!v)
		return json_scan_too_many(scan);
	switch (json_peek(scan)) {
	case '"':
		scan->at++;
		return json_scan_string(scan, &v->text);
	case '{':
		v->kind = VAL_OBJ;
		return json_read_open(scan, v, '}');
	case '[':
		v->kind = VAL_ARR;
		return json_read_open(scan, v, ']');
	default:
		return json_read_plain(scan, v);
	}
}

/* Behind a value: closes what ends here, up to the comma before the next value or the end of all. */
static int json_read_behind(struct json_scan *scan)
{
	while (scan->open) {
		bool is_obj = scan->open->kind == VAL_OBJ;
		char c = json_peek(scan);
		int r;

		if (c == ',') {
			scan->at++;
			return 0;
		}
		if (c != (is_obj ? '}' : ']'))
			return json_scan_odd(scan, is_obj ? "',' or '}'" : "',' or ']'");
		scan->at++;
		r = json_scan_close(scan);
		if (r)
			return r;
	}
	return 0;
}

int json_read(struct arena *arena, struct slice text, const struct json_limits *limits, struct why *why,
              struct val **ret_val)
{
	struct json_scan scan;
	int r;

	json_scan_begin(&scan, arena, text, why);
	limits = limits ? limits : &json_limits_default;
	scan.depth = scan.depth_left = limits->depth;
	scan.values_left = limits->values;
	if (json_peek(&scan) == 0 && scan.at == scan.end)
		return json_scan_refuse(&scan, NULL, "the text is empty; a JSON value was expected");
	do {
		struct val *open = scan.open;

		r = json_read_value(&scan);
		if (r)
			return r;
		/* Just opened, and something stands in it: its first value comes next. */
		if (scan.open != open && scan.open)
			continue;
		r = json_read_behind(&scan);
		if (r)
			return r;
	} while (scan.open);
	json_blanks(&scan);
	if (scan.at != scan.end)
		return json_scan_refuse(&scan, NULL, "something stands behind the value");
	*ret_val = scan.root;
	return 0;
}
