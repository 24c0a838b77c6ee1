/* SPDX-License-Identifier: Apache-2.0 */
/* The slower parts of reading JSON: escapes, numbers, names that stand twice, and what was wrong where. */
#include "codec/json_scan.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

#define JSON_BAD 4000 /* BAD_REQUEST of spec/rsc.def; this room does not know the table */

int json_scan_refuse(const struct json_scan *scan, const char *place, const char *format, ...)
{
	char text[240];
	unsigned line = 1, column = 1;
	va_list args;

	if (!place || place < scan->start || place > scan->end)
		place = scan->at;
	for (const char *at = scan->start; at < place; at++) {
		if (*at == '\n') {
			line++;
			column = 1;
		} else {
			column += ((unsigned char)*at & 0xc0) != 0x80;
		}
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return refuse(scan->why, JSON_BAD, "line %u column %u: %s", line, column, text);
}

int json_scan_odd(const struct json_scan *scan, const char *wanted)
{
	unsigned char c;

	if (scan->at >= scan->end)
		return json_scan_refuse(scan, NULL, "the text ends where %s should stand", wanted);
	c = (unsigned char)*scan->at;
	if (c > 0x20 && c < 0x7f)
		return json_scan_refuse(scan, NULL, "'%c' stands where %s should stand", c, wanted);
	return json_scan_refuse(scan, NULL, "the byte 0x%02x stands where %s should stand", c, wanted);
}

int json_scan_too_many(const struct json_scan *scan)
{
	return json_scan_refuse(scan, NULL, "more values than are allowed here");
}

int json_scan_open(struct json_scan *scan, struct val *v)
{
	if (scan->depth_left == 0)
		return json_scan_refuse(scan, NULL, "nested more than %u deep", scan->depth);
	scan->depth_left--;
	v->next = scan->open;
	scan->open = v;
	return 0;
}

/* Four hexadecimal digits at `at`. */
static bool json_scan_hex(const char *at, const char *end, uint32_t *ret)
{
	uint32_t n = 0;

	if (end - at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)at[i], low = c | 0x20;

		if (c >= '0' && c <= '9')
			n = n * 16 + (c - '0');
		else if (low >= 'a' && low <= 'f')
			n = n * 16 + 10 + (low - 'a');
		else
			return false;
	}
	*ret = n;
	return true;
}

/* \uXXXX, or two of them that are one character; *at stands at the first digit. */
static int json_scan_unicode(const struct json_scan *scan, const char **at, char **out)
{
	const char *escape = *at - 2;
	uint32_t code, low;

	if (!json_scan_hex(*at, scan->end, &code))
		return json_scan_refuse(scan, escape, "\\u needs four hexadecimal digits");
	*at += 4;
	if (code == 0)
		return json_scan_refuse(scan, escape, "the character U+0000 is not taken in a string");
	if (code >= 0xdc00 && code <= 0xdfff)
		return json_scan_refuse(scan, escape, "the second half of a surrogate pair stands alone");
	if (code >= 0xd800 && code <= 0xdbff) {
		if (scan->end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u' ||
		    !json_scan_hex(*at + 2, scan->end, &low) || low < 0xdc00 || low > 0xdfff)
			return json_scan_refuse(scan, escape,
			                        "the first half of a surrogate pair stands alone");
		*at += 6;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	*out += utf8_put(code, *out);
	return 0;
}

/* One escape; *at stands behind the backslash. */
static int json_scan_escape(const struct json_scan *scan, const char **at, char **out)
{
	static const char from[] = "\"\\/bfnrt'", to[] = "\"\\/\b\f\n\r\t'";
	const char *found;
	char c;

	if (*at == scan->end)
		return json_scan_refuse(scan, scan->end, "the text ends within a string");
	c = *(*at)++;
	if (c == 'u')
		return json_scan_unicode(scan, at, out);
	found = c ? strchr(from, c) : NULL;
	if (!found)
		return json_scan_refuse(scan, *at - 2, "no such escape in a string");
	*(*out)++ = to[found - from];
	return 0;
}

/* Where the string ends: at its closing quote. Refuses control characters and an end that is not there. */
static int json_scan_find_quote(const struct json_scan *scan, char quote, const char **ret, bool *ret_escapes)
{
	const char *at = scan->at;

	*ret_escapes = false;
	for (; at < scan->end && *at != quote; at++) {
		if (*at == '\\') {
			*ret_escapes = true;
			if (quote == '"' && at + 1 < scan->end && at[1] == '\'')
				return json_scan_refuse(scan, at, "no such escape in a string");
			if (++at == scan->end)
				break;
		}
		if ((unsigned char)*at < 0x20)
			return json_scan_refuse(scan, at,
			                        "the control character 0x%02x must be escaped in a string",
			                        (unsigned char)*at);
	}
	if (at >= scan->end)
		return json_scan_refuse(scan, scan->at - 1, "the string that begins here does not end");
	*ret = at;
	return 0;
}

int json_scan_string_slowly(struct json_scan *scan, char quote, struct slice *ret_text)
{
	const char *at = scan->at, *close = at;
	struct slice raw;
	bool escapes = false;
	char *text, *out;
	int r;

	r = json_scan_find_quote(scan, quote, &close, &escapes);
	if (r)
		return r;
	raw = slice_make(scan->at, (size_t)(close - scan->at));
	if (!utf8_is_valid(raw))
		return json_scan_refuse(scan, raw.ptr + utf8_valid_length(raw), "bytes that are not UTF-8");
	if (!escapes) {
		*ret_text = raw;
		scan->at = close + 1;
		return 0;
	}
	text = out = arena_take(scan->arena, raw.len); /* no escape is shorter than what it stands for */
	while (at < close) {
		if (*at != '\\') {
			*out++ = *at++;
			continue;
		}
		at++;
		r = json_scan_escape(scan, &at, &out);
		if (r)
			return r;
	}
	*ret_text = slice_make(text, (size_t)(out - text));
	scan->at = close + 1;
	return 0;
}

/* Behind all the digits at `at`; NULL when there is none. */
static inline const char *json_digits(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && (unsigned)(unsigned char)*at - '0' <= 9)
		at++;
	return at == start ? NULL : at;
}

int json_scan_number(struct json_scan *scan, struct slice *ret_text)
{
	const char *start = scan->at, *end = scan->end, *first = start + (*start == '-'), *at;

	at = json_digits(first, end);
	if (!at)
		return json_scan_refuse(scan, start, "a digit must follow '-'");
	if (*first == '0' && at - first > 1)
		return json_scan_refuse(scan, start, "a number may not start with 0");
	if (at < end && *at == '.') {
		at = json_digits(at + 1, end);
		if (!at)
			return json_scan_refuse(scan, start, "a digit must follow the point of a number");
	}
	if (at < end && (*at | 0x20) == 'e') {
		at++;
		at += at < end && (*at == '+' || *at == '-');
		at = json_digits(at, end);
		if (!at)
			return json_scan_refuse(scan, start, "a digit must follow the 'e' of a number");
	}
	if (at - start > JSON_NUMBER_LONGEST)
		return json_scan_refuse(scan, start, "a number has more than %d characters",
		                        JSON_NUMBER_LONGEST);
	*ret_text = slice_make(start, (size_t)(at - start));
	scan->at = at;
	return 0;
}

int json_scan_names(const struct json_scan *scan, const struct val *obj)
{
	const struct val *v = val_twice(obj);

	if (!v)
		return 0;
	return json_scan_refuse(scan, v->name.ptr, "the name \"%.*s\" stands twice in the same object",
	                        v->name.len > 60 ? 60 : (int)v->name.len, v->name.ptr);
}
