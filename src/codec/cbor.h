/* SPDX-License-Identifier: Apache-2.0 */
/* CBOR (RFC 8949) to and from the value tree, as TS-0004 8.5 uses it: the JSON model, so text for names, no
 * tags, no byte strings, no undefined. Strict where JSON is: duplicate names, bad UTF-8, trailing bytes are
 * refused, and depth and number of values are bounded before anything is built. Indefinite lengths are read
 * (within the same bounds), never written. */
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

/* Writes the shortest form. A number goes out as an integer when its text is one that fits 64 bits, as a
 * float when reading that gives the very same text back, and else as a decimal fraction (tag 4, with a
 * bignum where needed), which cbor_read takes too: no digit is ever lost. VAL_JSON is read and written. */
void cbor_write(struct buf *buf, const struct val *v);

#endif
