/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers between their text and CBOR. Whether a form keeps the text is not argued but tried, but for the two
 * kinds that nearly all numbers are: integers, and decimals of at most 15 digits (which a double always
 * keeps: DBL_DIG). */
#include "codec/cbor_number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NUMBER_DIGITS 38 /* that surely fit cbor_wide */

static const double number_tens[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* ---- the bits of floats ---- */

double cbor_number_half(unsigned bits)
{
	int exponent = bits >> 10 & 31, mantissa = bits & 1023;
	double value;

	if (exponent == 0)
		value = ldexp(mantissa, -24);
	else if (exponent != 31)
		value = ldexp(mantissa + 1024, exponent - 25);
	else
		value = mantissa == 0 ? INFINITY : NAN;
	return bits & 0x8000 ? -value : value;
}

/* Is the value one of a half float? Gives its bits. */
static bool number_as_half(double value, unsigned *ret_bits)
{
	unsigned sign = signbit(value) ? 0x8000 : 0;
	double mantissa, size = fabs(value);
	int exponent;

	if (size == 0) {
		*ret_bits = sign;
		return true;
	}
	mantissa = frexp(size, &exponent); /* 0.5 <= mantissa < 1 */
	if (exponent > 16 || exponent < -23)
		return false;
	mantissa = ldexp(mantissa, exponent < -13 ? 24 + exponent : 11);
	if (mantissa != floor(mantissa))
		return false;
	*ret_bits = sign | (exponent < -13 ? (unsigned)mantissa
	                                   : (unsigned)(exponent + 14) << 10 | ((unsigned)mantissa & 1023));
	return true;
}

/* The value as it is after it went through a float of so many bytes. */
static double number_rounded(double value, int bytes)
{
	double step;
	int exponent;

	if (bytes == 8)
		return value;
	if (bytes == 4)
		return (double)(float)value;
	frexp(value, &exponent);
	step = ldexp(1, exponent < -13 ? -24 : exponent - 11);
	return rint(value / step) * step;
}

/* ---- the text of a float ---- */

/* Digits, and where the point stands in them, as ECMAScript's Number::toString lays them out. */
static size_t number_lay_out(char *out, bool negative, const char *digits, int count, int point)
{
	char *at = out;

	if (negative)
		*at++ = '-';
	if (point > 21 || point <= -6) {
		*at++ = digits[0];
		if (count > 1) {
			*at++ = '.';
			memcpy(at, digits + 1, (size_t)count - 1);
			at += count - 1;
		}
		return (size_t)(at - out) + (size_t)snprintf(at, 8, "e%+d", point - 1);
	}
	if (point <= 0) {
		*at++ = '0';
		*at++ = '.';
		for (int i = point; i < 0; i++)
			*at++ = '0';
		memcpy(at, digits, (size_t)count);
		return (size_t)(at - out) + (size_t)count;
	}
	for (int i = 0; i < count || i < point; i++) {
		if (i == point)
			*at++ = '.';
		*at++ = i < count ? digits[i] : '0';
	}
	return (size_t)(at - out);
}

/* Any value: more and more digits, until they give the value back. So many as the type always keeps can be
 * tried first: zeros behind them go. The smallest numbers keep fewer. */
static size_t number_print_slowly(double value, int bytes, char *out)
{
	int most = bytes == 8 ? 17 : bytes == 4 ? 9 : 5, count = bytes == 8 ? 15 : bytes == 4 ? 6 : 3;
	double size = fabs(value), normal = bytes == 8 ? DBL_MIN : bytes == 4 ? FLT_MIN : 0x1p-14;
	char text[40];
	int exponent;

	if (size < normal)
		count = 1;
	for (;; count++) {
		snprintf(text, sizeof(text), "%.*e", count - 1, size);
		if (count == most || number_rounded(strtod(text, NULL), bytes) == size)
			break;
	}
	exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	if (count > 1)
		memmove(text + 1, text + 2, (size_t)count - 1); /* the point */
	while (count > 1 && text[count - 1] == '0')
		count--;
	return number_lay_out(out, signbit(value), text, count, exponent + 1);
}

size_t cbor_number_print_float(double value, int bytes, char out[CBOR_NUMBER_TEXT])
{
	int digits = bytes == 8 ? 15 : bytes == 4 ? 6 : 3;
	double size = fabs(value), scaled;
	char text[CBOR_NUMBER_TEXT];
	int count;

	if (size == 0) {
		memcpy(out, "-0", 2);
		if (!signbit(value))
			out[0] = '0';
		return signbit(value) ? 2 : 1;
	}
	/* Few digits behind the point: the first number of so many that gives the value back is the shortest.
	 */
	for (int places = 0; places <= 6 && size >= 1e-3; places++) {
		scaled = rint(size * number_tens[places]);
		if (scaled >= number_tens[digits])
			break;
		if (number_rounded(scaled / number_tens[places], bytes) != size)
			continue;
		count = (int)cbor_number_print_wide((cbor_wide)scaled, false, text);
		return number_lay_out(out, signbit(value), text, count, count - places);
	}
	return number_print_slowly(value, bytes, out);
}

/* ---- the text of integers and decimal fractions ---- */

size_t cbor_number_print_wide(cbor_wide n, bool negative, char out[CBOR_NUMBER_TEXT])
{
	char digits[CBOR_NUMBER_TEXT];
	size_t at = sizeof(digits);

	while (n > UINT64_MAX) {
		digits[--at] = (char)('0' + (int)(n % 10));
		n /= 10;
	}
	for (uint64_t rest = (uint64_t)n; rest || at == sizeof(digits); rest /= 10)
		digits[--at] = (char)('0' + rest % 10);
	if (negative)
		digits[--at] = '-';
	memcpy(out, digits + at, sizeof(digits) - at);
	return sizeof(digits) - at;
}

struct slice cbor_number_print_decimal(struct arena *arena, cbor_wide mantissa, bool negative, int exponent)
{
	char digits[CBOR_NUMBER_TEXT];
	size_t count = cbor_number_print_wide(mantissa, false, digits), places;
	const char *sign = negative && mantissa ? "-" : "";
	struct slice text;
	char *at;

	if (exponent == 0)
		return arena_printf(arena, "%s%.*s", sign, (int)count, digits);
	if (exponent > 0 || exponent < -900)
		return arena_printf(arena, "%s%.*se%d", sign, (int)count, digits, exponent);
	places = (size_t)-exponent;
	if (count > places)
		return arena_printf(arena, "%s%.*s.%.*s", sign, (int)(count - places), digits, (int)places,
		                    digits + count - places);
	text.len = strlen(sign) + 2 + places;
	text.ptr = at = arena_take(arena, text.len);
	memcpy(at, sign, strlen(sign));
	at += strlen(sign);
	memset(at, '0', 2 + places - count);
	at[1] = '.';
	memcpy(at + 2 + places - count, digits, count);
	return text;
}

/* ---- writing ---- */

static void number_write_wide(struct buf *buf, cbor_wide n, bool negative)
{
	char bytes[CBOR_BIGNUM_BYTES];
	size_t at = sizeof(bytes);

	n -= negative;
	if (n <= UINT64_MAX) {
		cbor_add_head(buf, negative ? CBOR_NEGATIVE : CBOR_UINT, (uint64_t)n);
		return;
	}
	for (; n; n >>= 8)
		bytes[--at] = (char)n;
	cbor_add_head(buf, CBOR_TAG, negative ? CBOR_TAG_NEGATIVE : CBOR_TAG_BIGNUM);
	cbor_add_head(buf, CBOR_BYTES, sizeof(bytes) - at);
	buf_add(buf, bytes + at, sizeof(bytes) - at);
}

static void number_write_bits(struct buf *buf, unsigned char head, uint64_t bits, int bytes)
{
	char *at = buf_room(buf, 9);

	*at++ = (char)head;
	for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
		*at++ = (char)(bits >> shift);
	buf->len += 1 + (size_t)bytes;
}

static bool number_is_text_of(double value, int bytes, struct slice text)
{
	char out[CBOR_NUMBER_TEXT];

	return slice_is(slice_make(out, cbor_number_print_float(value, bytes, out)), text);
}

/* The shortest float that is exactly the value and whose text is this one. `digits` of it are enough to know
 * that: then no text is compared. */
static bool number_write_float(struct buf *buf, double value, struct slice text, int digits)
{
	float single = (float)value;
	unsigned half;
	uint32_t bits4;
	uint64_t bits8;

	if ((double)single == value) {
		if (number_as_half(value, &half) && (digits <= 3 || number_is_text_of(value, 2, text))) {
			number_write_bits(buf, 0xf9, half, 2);
			return true;
		}
		if (digits <= 6 || number_is_text_of(value, 4, text)) {
			memcpy(&bits4, &single, 4);
			number_write_bits(buf, 0xfa, bits4, 4);
			return true;
		}
	}
	if (digits > 15 && !number_is_text_of(value, 8, text))
		return false;
	memcpy(&bits8, &value, 8);
	number_write_bits(buf, 0xfb, bits8, 8);
	return true;
}

/* A number's text in parts. */
struct number_parts {
	bool negative, has_point, has_exponent;
	int digits, places; /* all of them, and those behind the point */
	int exponent;       /* as written, before places are counted; cut at some size */
	cbor_wide mantissa; /* when digits <= NUMBER_DIGITS */
};

static void number_take_apart(struct slice text, struct number_parts *parts)
{
	size_t i = text.len > 0 && text.ptr[0] == '-';
	bool minus = false;

	*parts = (struct number_parts){.negative = i > 0};
	for (; i < text.len && (text.ptr[i] | 0x20) != 'e'; i++) {
		if (text.ptr[i] == '.') {
			parts->has_point = true;
			continue;
		}
		parts->digits++;
		parts->places += parts->has_point;
		parts->mantissa = parts->mantissa * 10 + (unsigned)(text.ptr[i] - '0');
	}
	if (i >= text.len)
		return;
	parts->has_exponent = true;
	for (i++; i < text.len; i++) {
		if (text.ptr[i] == '-')
			minus = true;
		else if (text.ptr[i] != '+' && parts->exponent <= CBOR_NUMBER_EXPONENT)
			parts->exponent = parts->exponent * 10 + (text.ptr[i] - '0');
	}
	parts->exponent = minus ? -parts->exponent : parts->exponent;
}

/* A plain decimal that a double surely keeps: few digits, the last is none of the zeros that get lost, and it
 * is not so small that its text gets an exponent. */
static bool number_is_plain(const struct number_parts *parts, struct slice text)
{
	return parts->has_point && !parts->has_exponent && parts->digits <= 15 && parts->places <= 6 &&
	       parts->mantissa && text.ptr[text.len - 1] != '0';
}

static bool number_write_decimal(struct buf *buf, const struct number_parts *parts, struct slice text)
{
	int exponent = parts->exponent - parts->places;
	struct arena arena;
	bool same;

	if (parts->digits > NUMBER_DIGITS || abs(exponent) > CBOR_NUMBER_EXPONENT)
		return false;
	arena_init(&arena);
	same = slice_is(cbor_number_print_decimal(&arena, parts->mantissa, parts->negative, exponent), text);
	arena_finish(&arena);
	if (!same)
		return false;
	cbor_add_head(buf, CBOR_TAG, CBOR_TAG_DECIMAL);
	cbor_add_head(buf, CBOR_ARRAY, 2);
	number_write_wide(buf, (cbor_wide)abs(exponent), exponent < 0);
	number_write_wide(buf, parts->mantissa, parts->negative && parts->mantissa);
	return true;
}

static void number_write_odd(struct buf *buf, struct slice text)
{
	struct number_parts parts;
	char copy[CBOR_NUMBER_TEXT];

	number_take_apart(text, &parts);
	if (!parts.has_point && !parts.has_exponent && parts.digits <= NUMBER_DIGITS &&
	    (parts.mantissa || !parts.negative)) {
		number_write_wide(buf, parts.mantissa, parts.negative);
		return;
	}
	if (number_is_plain(&parts, text)) {
		double size = (double)(uint64_t)parts.mantissa / number_tens[parts.places];

		if (number_write_float(buf, parts.negative ? -size : size, text, parts.digits))
			return;
	} else if (text.len < 30) {
		double value;

		memcpy(copy, text.ptr, text.len);
		copy[text.len] = 0;
		value = strtod(copy, NULL);
		if (isfinite(value) && number_write_float(buf, value, text, 99))
			return;
	}
	if (number_write_decimal(buf, &parts, text))
		return;
	cbor_add_head(buf, CBOR_TAG, CBOR_TAG_JSON);
	cbor_add_head(buf, CBOR_BYTES, text.len);
	buf_add_slice(buf, text);
}

void cbor_number_write(struct buf *buf, struct slice text)
{
	uint64_t n = 0;
	size_t i = 0;

	if (text.len > 18 || text.len == 0) {
		number_write_odd(buf, text);
		return;
	}
	for (; i < text.len && (unsigned)(unsigned char)text.ptr[i] - '0' <= 9; i++)
		n = n * 10 + (unsigned)(text.ptr[i] - '0');
	if (i == text.len)
		cbor_add_head(buf, CBOR_UINT, n);
	else
		number_write_odd(buf, text);
}
