/* SPDX-License-Identifier: Apache-2.0 */
/* What the strict and the relaxed reader share: a place in the text, and the parts that are the same in
 * both; CBOR borrows some. Only the json*.c and cbor*.c include this. Reading does not recurse: while an
 * array or an object is open, its `next`, not needed yet, points to the one around it. */
#ifndef DURE_CODEC_JSON_SCAN_H
#define DURE_CODEC_JSON_SCAN_H

#include "codec/json.h"

#include <endian.h>

#define JSON_NUMBER_LONGEST 1000

struct json_scan {
	const char *at, *end, *start;
	struct arena *arena;
	struct why *why;
	struct val *open; /* the innermost open array or object */
	struct val *root;
	unsigned depth, depth_left, values_left;
};

static inline void json_scan_begin(struct json_scan *scan, struct arena *arena, struct slice text,
                                   struct why *why)
{
	text = text.len ? text : SLICE("");
	*scan = (struct json_scan){.at = text.ptr, .end = text.ptr + text.len, .start = text.ptr};
	scan->arena = arena;
	scan->why = why;
}

/* Refuses with 4000, naming the line and the column of `place` (or of scan->at when it is not in the text).
 */
int json_scan_refuse(const struct json_scan *scan, const char *place, const char *format, ...)
        __attribute__((format(printf, 3, 4), cold));
/* Refuses what stands at scan->at, naming it and what was wanted: "a value", "',' or '}'". */
int json_scan_odd(const struct json_scan *scan, const char *wanted) __attribute__((cold));

/* A string that holds an escape, or ends badly: scan->at stands behind the opening quote. */
MUST_CHECK int json_scan_string_slowly(struct json_scan *scan, char quote, struct slice *ret_text);
/* A number; scan->at stands at its first character. */
MUST_CHECK int json_scan_number(struct json_scan *scan, struct slice *ret_text);
/* Finds a name that stands twice in obj, which is complete. */
MUST_CHECK int json_scan_names(const struct json_scan *scan, const struct val *obj);
/* Opens the array or object v, which was attached already. */
MUST_CHECK int json_scan_open(struct json_scan *scan, struct val *v);
/* Refuses one value too many. */
int json_scan_too_many(const struct json_scan *scan) __attribute__((cold));

#define JSON_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Marks, in the top bit of each of eight bytes, those that are `"`, `\` or below 0x20. Only the lowest mark
 * is sure, and it is the one that is asked for. */
static inline uint64_t json_scan_marks(uint64_t word)
{
	uint64_t quote = word ^ JSON_EACH('"'), slash = word ^ JSON_EACH('\\');

	return (((quote - JSON_EACH(1)) & ~quote) | ((slash - JSON_EACH(1)) & ~slash) |
	        ((word - JSON_EACH(0x20)) & ~word)) &
	       JSON_EACH(0x80);
}

/* The first byte in [at, end) that a string cannot just hold, or end. *ret_high: may be no ASCII. */
static inline const char *json_scan_plain(const char *at, const char *end, bool *ret_high)
{
	uint64_t word, marks, high = 0;

	while (end - at >= 8) {
		memcpy(&word, at, 8);
		word = le64toh(word);
		marks = json_scan_marks(word);
		if (marks) {
			int bit = __builtin_ctzll(marks);

			high |= word & ((UINT64_C(1) << bit) - 1);
			*ret_high = (high & JSON_EACH(0x80)) != 0;
			return at + bit / 8;
		}
		high |= word;
		at += 8;
	}
	for (; at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20; at++)
		high |= (unsigned char)*at;
	*ret_high = (high & JSON_EACH(0x80)) != 0;
	return at;
}

/* A string in double quotes: scan->at stands behind the opening one. */
MUST_CHECK static inline int json_scan_string(struct json_scan *scan, struct slice *ret_text)
{
	bool high;
	const char *stop = json_scan_plain(scan->at, scan->end, &high);

	if (__builtin_expect(stop == scan->end || *stop != '"' || high, 0))
		return json_scan_string_slowly(scan, '"', ret_text);
	*ret_text = slice_make(scan->at, (size_t)(stop - scan->at));
	scan->at = stop + 1;
	return 0;
}

/* Takes a value into the innermost open array or object; NULL when there are too many. */
static inline struct val *json_scan_add(struct json_scan *scan, struct slice name, enum val_kind kind)
{
	struct val *v, *open = scan->open;

	if (__builtin_expect(scan->values_left == 0, 0))
		return NULL;
	scan->values_left--;
	v = arena_take(scan->arena, sizeof(*v));
	*v = (struct val){.kind = kind, .name = name};
	if (!open) {
		scan->root = v;
		return v;
	}
	if (open->last)
		open->last->next = v;
	else
		open->first = v;
	open->last = v;
	open->count++;
	return v;
}

/* Closes the innermost open one. */
MUST_CHECK static inline int json_scan_close(struct json_scan *scan)
{
	struct val *v = scan->open;

	scan->open = v->next;
	v->next = NULL;
	scan->depth_left++;
	return v->kind == VAL_OBJ && v->count > 1 ? json_scan_names(scan, v) : 0;
}

/* What `true`, `false` and `null` say: the kind, or VAL_KIND_COUNT when word is none of them. */
static inline enum val_kind json_scan_word(struct slice word)
{
	if (word.len == 4 && memcmp(word.ptr, "true", 4) == 0)
		return VAL_TRUE;
	if (word.len == 4 && memcmp(word.ptr, "null", 4) == 0)
		return VAL_NULL;
	if (word.len == 5 && memcmp(word.ptr, "false", 5) == 0)
		return VAL_FALSE;
	return VAL_KIND_COUNT;
}

#endif
