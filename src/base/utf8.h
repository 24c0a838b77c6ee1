/* SPDX-License-Identifier: Apache-2.0 */
/* What is text and what is only bytes (RFC 3629). */
#ifndef DURE_BASE_UTF8_H
#define DURE_BASE_UTF8_H

#include "base/slice.h"

/* Well-formed UTF-8 (no overlong forms, no surrogates, not above U+10FFFF)? */
bool utf8_is_valid(struct slice s);
/* How many bytes of s from its start are well-formed: s.len when all are. */
size_t utf8_valid_length(struct slice s);
/* Writes one code point (a valid scalar value) and returns its length, 1 to 4. */
size_t utf8_put(uint32_t code_point, char out[4]);

#endif
