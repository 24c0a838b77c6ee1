/* SPDX-License-Identifier: Apache-2.0 */
/* Three bytes are four letters. Both alphabets differ in their last two letters only. */
#include "base/base64.h"

static const char base64_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

struct base64_form {
	char last[2]; /* the letters for 62 and 63 */
	bool padded;
};

static const struct base64_form base64_standard = {{'+', '/'}, true};
static const struct base64_form base64_url = {{'-', '_'}, false};

static char base64_letter(const struct base64_form *form, uint32_t six)
{
	six &= 63;
	return six < 62 ? base64_letters[six] : form->last[six - 62];
}

/* 0 to 63, or -1. */
static int base64_value(const struct base64_form *form, char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == form->last[0] ? 62 : c == form->last[1] ? 63 : -1;
}

static struct slice base64_write(struct arena *arena, const struct base64_form *form, struct slice bytes)
{
	char *start = arena_take(arena, (bytes.len + 2) / 3 * 4 + 1), *at = start;

	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t word = 0;

		for (size_t k = 0; k < n; k++)
			word |= (uint32_t)(uint8_t)bytes.ptr[i + k] << (16 - 8 * k);
		for (size_t k = 0; k <= n; k++)
			*at++ = base64_letter(form, word >> (18 - 6 * k));
		for (size_t k = n; k < 3 && form->padded; k++)
			*at++ = '=';
	}
	return slice_make(start, (size_t)(at - start));
}

/* Takes the padding off; false: it has none where it must, or too much. */
static bool base64_strip(const struct base64_form *form, struct slice *text)
{
	size_t pads = 0;

	if (!form->padded)
		return true;
	if (text->len % 4 != 0)
		return false;
	while (pads < 2 && text->len > 0 && text->ptr[text->len - 1] == '=') {
		text->len--;
		pads++;
	}
	return true;
}

static bool base64_read(struct arena *arena, const struct base64_form *form, struct slice text,
                        struct slice *ret_bytes)
{
	uint32_t word = 0;
	unsigned bits = 0;
	char *start, *at;

	if (!base64_strip(form, &text) || text.len % 4 == 1)
		return false;
	start = at = arena_take(arena, text.len / 4 * 3 + 3);
	for (size_t i = 0; i < text.len; i++) {
		int six = base64_value(form, text.ptr[i]);

		if (six < 0)
			return false;
		word = word << 6 | (uint32_t)six;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*at++ = (char)(word >> bits & 0xff);
		}
	}
	/* Bits left over must be zero, else two texts would mean the same bytes. */
	if (word & ((1U << bits) - 1))
		return false;
	*ret_bytes = slice_make(start, (size_t)(at - start));
	return true;
}

struct slice base64_encode(struct arena *arena, struct slice bytes)
{
	return base64_write(arena, &base64_standard, bytes);
}

struct slice base64url_encode(struct arena *arena, struct slice bytes)
{
	return base64_write(arena, &base64_url, bytes);
}

bool base64_decode(struct arena *arena, struct slice text, struct slice *ret_bytes)
{
	return base64_read(arena, &base64_standard, text, ret_bytes);
}

bool base64url_decode(struct arena *arena, struct slice text, struct slice *ret_bytes)
{
	return base64_read(arena, &base64_url, text, ret_bytes);
}
