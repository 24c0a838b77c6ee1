/* SPDX-License-Identifier: Apache-2.0 */
/* Reading CBOR: one pass over the bytes, no recursion, nothing copied but text in chunks. While an array or a
 * map is open, two fields of its value that are not needed yet serve: `next` points to the one around it, and
 * `text.len` counts what is still to come. A count is believed only as far as there are bytes for it. */
#include "base/utf8.h"
#include "codec/cbor.h"
#include "codec/cbor_number.h"
#include "codec/json_scan.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define CBOR_BAD     4000 /* BAD_REQUEST of spec/rsc.def; this room does not know the table */
#define CBOR_ENDLESS SIZE_MAX
#define CBOR_INDEF   31
#define CBOR_BREAK   0xff

struct cbor_scan {
	const unsigned char *at, *end, *start;
	struct arena *arena;
	struct why *why;
	struct val *open, *root;
	unsigned depth, depth_left, values_left;
};

/* The head of an item. */
struct cbor_head {
	const unsigned char *at;
	enum cbor_major major;
	unsigned info; /* the low five bits */
	uint64_t n;
};

static int __attribute__((format(printf, 3, 4), cold))
scan_refuse(const struct cbor_scan *scan, const unsigned char *place, const char *format, ...)
{
	char text[240];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return refuse(scan->why, CBOR_BAD, "byte %zu: %s", (size_t)(place - scan->start), text);
}

/* A head whose number stands behind it, or what is none. */
static __attribute__((noinline)) int scan_long_head(struct cbor_scan *scan, struct cbor_head *ret)
{
	const unsigned char *at = scan->at;
	unsigned bytes;

	if (at == scan->end)
		return scan_refuse(scan, at, "the bytes end where a value should stand");
	ret->major = (enum cbor_major)(*at >> 5);
	ret->n = ret->info = *at++ & 31;
	if (ret->info != CBOR_INDEF) {
		if (ret->info > 27)
			return scan_refuse(scan, ret->at, "0x%02x begins nothing in CBOR", *ret->at);
		bytes = 1u << (ret->info - 24);
		if ((size_t)(scan->end - at) < bytes)
			return scan_refuse(scan, ret->at, "the bytes end within a value");
		for (ret->n = 0; bytes; bytes--)
			ret->n = ret->n << 8 | *at++;
	}
	scan->at = at;
	return 0;
}

static inline int scan_head(struct cbor_scan *scan, struct cbor_head *ret)
{
	ret->at = scan->at;
	if (__builtin_expect(scan->at == scan->end || (*scan->at & 31) >= 24, 0))
		return scan_long_head(scan, ret);
	ret->major = (enum cbor_major)(*scan->at >> 5);
	ret->n = ret->info = *scan->at++ & 31;
	return 0;
}

/* ---- text ---- */

/* May one of these eight be no ASCII, or 0? */
static inline bool scan_is_odd(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, 8);
	return (word | (word - JSON_EACH(1))) & JSON_EACH(0x80);
}

static __attribute__((noinline)) bool scan_is_slow_text(const unsigned char *at, size_t len)
{
	return len == 0 || (!memchr(at, 0, len) && utf8_is_valid(slice_make((const char *)at, len)));
}

/* UTF-8, and without U+0000? Mostly it is plain ASCII. */
static inline bool scan_is_text(const unsigned char *at, size_t len, const unsigned char *end)
{
	uint64_t word;

	if (len < 8) {
		/* The letters of a short one, with others before them. */
		if (end - at < 8 || len == 0)
			return scan_is_slow_text(at, len);
		memcpy(&word, at, 8);
		word = le64toh(word) << (64 - 8 * len) | JSON_EACH('.') >> 8 * len;
		return !((word | (word - JSON_EACH(1))) & JSON_EACH(0x80)) || scan_is_slow_text(at, len);
	}
	for (size_t i = 0; i + 8 < len; i += 8)
		if (scan_is_odd(at + i))
			return scan_is_slow_text(at, len);
	return !scan_is_odd(at + len - 8) || scan_is_slow_text(at, len);
}

/* Text of a known length; scan->at stands behind its head. */
static inline int scan_text(struct cbor_scan *scan, const struct cbor_head *head, struct slice *ret)
{
	size_t left = (size_t)(scan->end - scan->at);

	if (head->n > left)
		return scan_refuse(scan, head->at, "a text of %llu bytes where %zu are left",
		                   (unsigned long long)head->n, left);
	if (!scan_is_text(scan->at, (size_t)head->n, scan->end))
		return scan_refuse(scan, head->at, "the text is not UTF-8, or holds the character U+0000");
	*ret = slice_make((const char *)scan->at, (size_t)head->n);
	scan->at += head->n;
	return 0;
}

/* Text in chunks, each a text of a known length. */
static __attribute__((noinline)) int scan_chunks(struct cbor_scan *scan, struct slice *ret)
{
	struct cbor_head head;
	struct slice chunk = {NULL, 0};
	struct buf text;
	int r;

	buf_init(&text, scan->arena);
	for (;;) {
		if (scan->at < scan->end && *scan->at == CBOR_BREAK)
			break;
		r = scan_head(scan, &head);
		if (r)
			return r;
		if (head.major != CBOR_TEXT || head.info == CBOR_INDEF)
			return scan_refuse(scan, head.at, "no piece of text stands within a text in pieces");
		r = scan_text(scan, &head, &chunk);
		if (r)
			return r;
		buf_add_slice(&text, chunk);
	}
	scan->at++;
	*ret = text.len ? buf_slice(&text) : SLICE("");
	return 0;
}

static inline int scan_any_text(struct cbor_scan *scan, const struct cbor_head *head, struct slice *ret)
{
	return head->info == CBOR_INDEF ? scan_chunks(scan, ret) : scan_text(scan, head, ret);
}

/* ---- numbers ---- */

static void scan_wide(struct cbor_scan *scan, cbor_wide n, bool negative, struct val *v)
{
	static const char digits[] = "0123456789";
	char text[CBOR_NUMBER_TEXT];

	v->kind = VAL_NUM;
	if (n < 10 && !negative)
		v->text = slice_make(digits + n, 1);
	else
		v->text =
		        arena_copy(scan->arena, slice_make(text, cbor_number_print_wide(n, negative, text)));
}

static int scan_float(struct cbor_scan *scan, const struct cbor_head *head, struct val *v)
{
	char text[CBOR_NUMBER_TEXT];
	int bytes = 1 << (head->info - 24);
	uint32_t bits = (uint32_t)head->n;
	double value;
	float single;

	if (bytes == 2) {
		value = cbor_number_half(bits);
	} else if (bytes == 4) {
		memcpy(&single, &bits, 4);
		value = (double)single;
	} else {
		memcpy(&value, &head->n, 8);
	}
	if (!isfinite(value))
		return scan_refuse(scan, head->at, "JSON has no number for infinity or what is none");
	v->kind = VAL_NUM;
	v->text = arena_copy(scan->arena, slice_make(text, cbor_number_print_float(value, bytes, text)));
	return 0;
}

/* The bytes of a bignum or of embedded JSON. */
static int scan_bytes(struct cbor_scan *scan, size_t most, struct slice *ret)
{
	struct cbor_head head;
	int r = scan_head(scan, &head);

	if (r)
		return r;
	if (head.major != CBOR_BYTES || head.info == CBOR_INDEF)
		return scan_refuse(scan, head.at, "the tag before wants a byte string of a known length");
	if (head.n > most || head.n > (size_t)(scan->end - scan->at))
		return scan_refuse(scan, head.at, "a number of %llu bytes, expected at most %zu",
		                   (unsigned long long)head.n, most);
	*ret = slice_make((const char *)scan->at, (size_t)head.n);
	scan->at += head.n;
	return 0;
}

/* An integer of any form, its head read already. */
static int scan_integer(struct cbor_scan *scan, const struct cbor_head *head, cbor_wide *ret,
                        bool *ret_negative)
{
	struct slice bytes;
	cbor_wide n = head->n;
	int r;

	*ret_negative = head->major == CBOR_NEGATIVE;
	if (head->major == CBOR_TAG && (head->n == CBOR_TAG_BIGNUM || head->n == CBOR_TAG_NEGATIVE)) {
		*ret_negative = head->n == CBOR_TAG_NEGATIVE;
		r = scan_bytes(scan, CBOR_BIGNUM_BYTES, &bytes);
		if (r)
			return r;
		n = 0;
		for (size_t i = 0; i < bytes.len; i++)
			n = n << 8 | (unsigned char)bytes.ptr[i];
	} else if (head->major > CBOR_NEGATIVE || head->info == CBOR_INDEF) {
		return scan_refuse(scan, head->at, "an integer was expected");
	}
	if (*ret_negative && n == ~(cbor_wide)0)
		return scan_refuse(scan, head->at, "the number has more than 128 bits");
	*ret = n + *ret_negative;
	return 0;
}

static int scan_decimal(struct cbor_scan *scan, struct val *v)
{
	struct cbor_head head;
	bool minus, negative;
	cbor_wide exponent, mantissa;
	int r = scan_head(scan, &head);

	if (r)
		return r;
	if (head.major != CBOR_ARRAY || head.n != 2 || head.info == CBOR_INDEF)
		return scan_refuse(scan, head.at, "a decimal fraction is an array of two integers");
	if ((r = scan_head(scan, &head)) || (r = scan_integer(scan, &head, &exponent, &minus)))
		return r;
	if (exponent > CBOR_NUMBER_EXPONENT)
		return scan_refuse(scan, head.at, "the exponent is beyond %d", CBOR_NUMBER_EXPONENT);
	if ((r = scan_head(scan, &head)) || (r = scan_integer(scan, &head, &mantissa, &negative)))
		return r;
	v->kind = VAL_NUM;
	v->text = cbor_number_print_decimal(scan->arena, mantissa, negative,
	                                    minus ? -(int)exponent : (int)exponent);
	return 0;
}

/* Embedded JSON: a number whose text no other form keeps. */
static int scan_embedded(struct cbor_scan *scan, struct val *v)
{
	const unsigned char *place = scan->at;
	struct json_scan json;
	struct slice text;
	int r = scan_bytes(scan, JSON_NUMBER_LONGEST, &text);

	if (r)
		return r;
	json_scan_begin(&json, scan->arena, text, NULL);
	if (text.len == 0 || (text.ptr[0] != '-' && (text.ptr[0] < '0' || text.ptr[0] > '9')) ||
	    json_scan_number(&json, &v->text) || json.at != json.end)
		return scan_refuse(scan, place, "embedded JSON is taken for numbers only");
	v->kind = VAL_NUM;
	return 0;
}

static int scan_tag(struct cbor_scan *scan, const struct cbor_head *head, struct val *v)
{
	cbor_wide n;
	bool negative;
	int r;

	if (head->n == CBOR_TAG_DECIMAL)
		return scan_decimal(scan, v);
	if (head->n == CBOR_TAG_JSON)
		return scan_embedded(scan, v);
	if (head->n != CBOR_TAG_BIGNUM && head->n != CBOR_TAG_NEGATIVE)
		return scan_refuse(scan, head->at, "the tag %llu means nothing here",
		                   (unsigned long long)head->n);
	r = scan_integer(scan, head, &n, &negative);
	if (r == 0)
		scan_wide(scan, n, negative, v);
	return r;
}

/* ---- arrays, maps, all values ---- */

static int scan_open(struct cbor_scan *scan, const struct cbor_head *head, struct val *v)
{
	size_t left = (size_t)(scan->end - scan->at);
	bool is_map = head->major == CBOR_MAP;

	if (head->info != CBOR_INDEF && head->n > left / (is_map ? 2 : 1))
		return scan_refuse(scan, head->at, "%llu %s are announced where %zu bytes are left",
		                   (unsigned long long)head->n, is_map ? "members" : "values", left);
	if (scan->depth_left == 0)
		return scan_refuse(scan, head->at, "nested more than %u deep", scan->depth);
	scan->depth_left--;
	v->kind = is_map ? VAL_OBJ : VAL_ARR;
	v->text.len = head->info == CBOR_INDEF ? CBOR_ENDLESS : (size_t)head->n;
	v->next = scan->open;
	scan->open = v;
	return 0;
}

static int scan_simple(struct cbor_scan *scan, const struct cbor_head *head, struct val *v)
{
	switch (head->info) {
	case CBOR_FALSE & 31:
		v->kind = VAL_FALSE;
		return 0;
	case CBOR_TRUE & 31:
		v->kind = VAL_TRUE;
		return 0;
	case CBOR_NULL & 31:
		v->kind = VAL_NULL;
		return 0;
	case 25:
	case 26:
	case 27:
		return scan_float(scan, head, v);
	case CBOR_INDEF:
		return scan_refuse(scan, head->at, "a break stands where a value should stand");
	}
	return scan_refuse(scan, head->at, "JSON has no value for the simple value %llu",
	                   (unsigned long long)head->n);
}

static int scan_fill(struct cbor_scan *scan, const struct cbor_head *head, struct val *v)
{
	if (head->info == CBOR_INDEF && (head->major <= CBOR_NEGATIVE || head->major == CBOR_TAG))
		return scan_refuse(scan, head->at, "0x%02x begins nothing in CBOR", *head->at);
	switch (head->major) {
	case CBOR_UINT:
	case CBOR_NEGATIVE:
		scan_wide(scan, (cbor_wide)head->n + (head->major == CBOR_NEGATIVE),
		          head->major == CBOR_NEGATIVE, v);
		return 0;
	case CBOR_BYTES:
		return scan_refuse(scan, head->at, "a byte string; JSON has text only");
	case CBOR_TEXT:
		return scan_any_text(scan, head, &v->text);
	case CBOR_ARRAY:
	case CBOR_MAP:
		return scan_open(scan, head, v);
	case CBOR_TAG:
		return scan_tag(scan, head, v);
	case CBOR_SIMPLE:
		break;
	}
	return scan_simple(scan, head, v);
}

/* One value, with its name where it has one. Arrays and maps are only opened. */
static int scan_value(struct cbor_scan *scan)
{
	struct val *v, *open = scan->open;
	struct slice name = {NULL, 0};
	struct cbor_head head;
	int r;

	if (open && open->kind == VAL_OBJ) {
		if ((r = scan_head(scan, &head)))
			return r;
		if (head.major != CBOR_TEXT)
			return scan_refuse(scan, head.at, "the name of a member is a text");
		if ((r = scan_any_text(scan, &head, &name)))
			return r;
	}
	if ((r = scan_head(scan, &head)))
		return r;
	if (scan->values_left == 0)
		return scan_refuse(scan, head.at, "more values than are allowed here");
	scan->values_left--;
	v = val_new(scan->arena, VAL_STR);
	v->name = name;
	if (open) {
		open->text.len -= open->text.len != CBOR_ENDLESS;
		val_push(open, v);
	} else {
		scan->root = v;
	}
	return scan_fill(scan, &head, v);
}

/* Behind a value: closes what ends here. */
static int scan_behind(struct cbor_scan *scan)
{
	while (scan->open) {
		struct val *v = scan->open, *twice;

		if (v->text.len == CBOR_ENDLESS) {
			if (scan->at == scan->end || *scan->at != CBOR_BREAK)
				return 0;
			scan->at++;
		} else if (v->text.len) {
			return 0;
		}
		scan->open = v->next;
		v->next = NULL;
		v->text.len = 0;
		scan->depth_left++;
		twice = v->kind == VAL_OBJ && v->count > 1 ? val_twice(v) : NULL;
		if (twice)
			return scan_refuse(scan, scan->at, "the name \"%.*s\" stands twice in the same map",
			                   twice->name.len > 60 ? 60 : (int)twice->name.len, twice->name.ptr);
	}
	return 0;
}

int cbor_read(struct arena *arena, struct slice bytes, const struct json_limits *limits, struct why *why,
              struct val **ret_val)
{
	struct cbor_scan scan = {.arena = arena, .why = why};
	int r;

	limits = limits ? limits : &json_limits_default;
	scan.at = scan.start = (const unsigned char *)(bytes.len ? bytes.ptr : "");
	scan.end = scan.start + bytes.len;
	scan.depth = scan.depth_left = limits->depth;
	scan.values_left = limits->values;
	do {
		r = scan_value(&scan);
		if (r == 0)
			r = scan_behind(&scan);
		if (r)
			return r;
	} while (scan.open);
	if (scan.at != scan.end)
		return scan_refuse(&scan, scan.at, "something stands behind the value");
	*ret_val = scan.root;
	return 0;
}
