/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of CBOR share: the first bytes of an item, and numbers. A number is text in the value tree,
 * so whatever is written here must give the very same text when it is read. Only the cbor*.c include this.
 *
 *     text                     CBOR                                       example
 *     fits 64 bits, no "-0"    an integer                                 5          05
 *     up to 38 digits          a bignum, tag 2 or 3
 *     a float's own text       the shortest float that gives it back      12.5       f9 4a40
 *     digits with a point, or  a decimal fraction, tag 4                  12.50      c4 82 21 19 04e2
 *       "5e3"                                                             5e3        c4 82 03 05
 *     all else                 embedded JSON, tag 262: the text itself    1E3        d9 0106 43 314533 */
#ifndef DURE_CODEC_CBOR_NUMBER_H
#define DURE_CODEC_CBOR_NUMBER_H

#include "base/buf.h"

enum cbor_major {
	CBOR_UINT,
	CBOR_NEGATIVE,
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_TAG,
	CBOR_SIMPLE,
};

enum cbor_tag { CBOR_TAG_BIGNUM = 2, CBOR_TAG_NEGATIVE = 3, CBOR_TAG_DECIMAL = 4, CBOR_TAG_JSON = 262 };

#define CBOR_FALSE 0xf4
#define CBOR_TRUE  0xf5
#define CBOR_NULL  0xf6

#define CBOR_NUMBER_TEXT     64   /* room for the text of a float, an integer or a mantissa */
#define CBOR_NUMBER_EXPONENT 9999 /* the largest exponent of a decimal fraction, either way */
#define CBOR_BIGNUM_BYTES    16   /* the largest bignum */

__extension__ typedef unsigned __int128 cbor_wide;

/* The head of an item, as short as it can be, at `at`; returns what is behind it (at most 9 bytes). */
static inline char *cbor_put_head(char *at, enum cbor_major major, uint64_t n)
{
	unsigned char first = (unsigned char)(major << 5);
	int bytes;

	if (n < 24) {
		*at = (char)(first | n);
		return at + 1;
	}
	bytes = n <= 0xff ? 1 : n <= 0xffff ? 2 : n <= 0xffffffff ? 4 : 8;
	*at++ = (char)(first | (unsigned char)(bytes == 8 ? 27 : bytes == 4 ? 26 : 23 + bytes));
	for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
		*at++ = (char)(n >> shift);
	return at;
}

static inline void cbor_add_head(struct buf *buf, enum cbor_major major, uint64_t n)
{
	char *at = buf->cap - buf->len < 9 ? buf_room(buf, 9) : buf->ptr + buf->len;

	buf->len += (size_t)(cbor_put_head(at, major, n) - at);
}

/* Appends the number that this text is. */
void cbor_number_write(struct buf *buf, struct slice text);

/* The texts of what was read; each returns its length. The shortest text of a float that gives back the same
 * float of `bytes` (2, 4 or 8) bytes, laid out as ECMAScript does: no point unless needed, 1e+21, 1e-7. */
size_t cbor_number_print_float(double value, int bytes, char out[CBOR_NUMBER_TEXT]);
size_t cbor_number_print_wide(cbor_wide n, bool negative, char out[CBOR_NUMBER_TEXT]);
/* mantissa * 10^exponent: "12.50", "5e3"; in the arena. exponent is within CBOR_NUMBER_EXPONENT. */
struct slice cbor_number_print_decimal(struct arena *arena, cbor_wide mantissa, bool negative, int exponent);
/* A float of two bytes (RFC 8949 Appendix D). */
double cbor_number_half(unsigned bits);

#endif
