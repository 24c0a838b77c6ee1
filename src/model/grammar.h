/* SPDX-License-Identifier: Apache-2.0 */
/* The letters that names and identifiers are made of, and the small words made of them.   TS-0001 7.2 */
#ifndef DURE_MODEL_GRAMMAR_H
#define DURE_MODEL_GRAMMAR_H

#include "base/slice.h"

/* For each byte: may it stand in an identifier? */
extern const bool grammar_table[256];

/* ALPHA / DIGIT / "-" / "." / "_" / "~" */
static inline bool grammar_unreserved(char c)
{
	return grammar_table[(unsigned char)c];
}

static inline bool grammar_alpha(char c)
{
	return (unsigned)((unsigned char)c | 32) - 'a' < 26;
}

static inline bool grammar_digit(char c)
{
	return (unsigned)(unsigned char)c - '0' < 10;
}

static inline bool grammar_digits(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!grammar_digit(s.ptr[i]))
			return false;
	return s.len > 0;
}

/* A resource name: letters, digits, '-', '.', '_', the first a letter or a digit; at most GRAMMAR_NAME_MOST.
 */
#define GRAMMAR_NAME_MOST 255
bool grammar_is_name(struct slice s);
/* An XML name without colon, also in other scripts than Latin. */
bool grammar_is_ncname(struct slice s);
/* At least one visible character, nothing else: no blanks, no controls. Bytes above 127 are taken for
 * letters. */
bool grammar_is_visible(struct slice s);

#endif
