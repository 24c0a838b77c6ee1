/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (RFC 3629). Plain ASCII is looked at eight bytes at a time. */
#include "base/utf8.h"

/* How long a sequence is that begins with this byte >= 0x80; 0: none does. */
static size_t utf8_length(unsigned char lead)
{
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* The length of the well-formed sequence at `at`, which begins with a byte >= 0x80; 0 when it is none. */
static size_t utf8_sequence(const unsigned char *at, size_t left)
{
	size_t len = utf8_length(at[0]);
	unsigned char low, high;

	if (!len || left < len)
		return 0;
	/* The second byte is what keeps overlong forms, surrogates and too large ones out. */
	low = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
	high = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

size_t utf8_valid_length(struct slice s)
{
	const unsigned char *at = (const unsigned char *)s.ptr;
	size_t i = 0, len;
	uint64_t word;

	while (i < s.len) {
		if (s.len - i >= 8) {
			memcpy(&word, at + i, 8);
			if (!(word & 0x8080808080808080u)) {
				i += 8;
				continue;
			}
		}
		if (at[i] < 0x80) {
			i++;
			continue;
		}
		len = utf8_sequence(at + i, s.len - i);
		if (!len)
			return i;
		i += len;
	}
	return i;
}

bool utf8_is_valid(struct slice s)
{
	return utf8_valid_length(s) == s.len;
}

size_t utf8_put(uint32_t code_point, char out[4])
{
	if (code_point < 0x80) {
		out[0] = (char)code_point;
		return 1;
	}
	if (code_point < 0x800) {
		out[0] = (char)(0xc0 | code_point >> 6);
		out[1] = (char)(0x80 | (code_point & 0x3f));
		return 2;
	}
	if (code_point < 0x10000) {
		out[0] = (char)(0xe0 | code_point >> 12);
		out[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code_point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code_point >> 18);
	out[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code_point & 0x3f));
	return 4;
}
