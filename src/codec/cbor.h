/* SPDX-License-Identifier: Apache-2.0 */
/* CBOR (RFC 8949) to and from the value tree, as TS-0004 8.5 uses it: the JSON model, so text for names, no
 * byte strings, no undefined, and no tags but those of numbers. Strict where JSON is: duplicate names, bad
 * UTF-8, U+0000, trailing bytes are refused, and depth and number of values are bounded before anything is
 * built. Indefinite lengths are read (within the same bounds), never written. */
#ifndef DURE_CODEC_CBOR_H
#define DURE_CODEC_CBOR_H

#include "base/buf.h"
#include "base/fail.h"
#include "codec/json.h"

/* Reads one value. Text points into `bytes`, which must live as long as the value. Numbers become the text
 * that JSON would write: integers in decimal, floats by their shortest text that reads back the same.
 * limits may be NULL (the default). Refuses with 4000 and "byte N: ...". */
MUST_CHECK int cbor_read(struct arena *arena, struct slice bytes, const struct json_limits *limits,
                         struct why *why, struct val **ret_val);

/* Writes the preferred form. A number goes out as an integer, a bignum (to 128 bits), the shortest float
 * whose text is the very same, a decimal fraction (tag 4: 12.50), or else as its text (tag 262, embedded
 * JSON: 1E3, -0.0), so that cbor_read gives every text back as it was; see cbor_number.h. VAL_JSON is written
 * without building a tree. */
void cbor_write(struct buf *buf, const struct val *v);

#endif
