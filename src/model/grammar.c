/* SPDX-License-Identifier: Apache-2.0 */
#include "model/grammar.h"

/* Sixteen bytes a line: blanks and signs, digits, capitals, small letters; nothing above 127. */
/* clang-format off */
const bool grammar_table[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
	0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1,
	0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0,
};
/* clang-format on */

bool grammar_is_name(struct slice s)
{
	if (s.len == 0 || s.len > GRAMMAR_NAME_MOST)
		return false;
	if (!grammar_alpha(s.ptr[0]) && !grammar_digit(s.ptr[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!grammar_unreserved(s.ptr[i]) || s.ptr[i] == '~')
			return false;
	return true;
}

bool grammar_is_ncname(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool first = grammar_alpha(c) || c == '_' || (unsigned char)c >= 0x80;

		if (!first && (i == 0 || !grammar_unreserved(c) || c == '~'))
			return false;
	}
	return s.len > 0;
}

bool grammar_is_visible(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7f)
			return false;
	return s.len > 0;
}
