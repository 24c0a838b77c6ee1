/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding and paths. Nothing is resolved here: "..", like any other name, goes through as it is. */
#include "wire/wire_url.h"

#include "base/utf8.h"
#include "model/rsc.h"

static int url_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that the escape at `at` stands for, or -1. */
static int url_escape(struct slice text, size_t at)
{
	int high, low;

	if (text.len - at < 3)
		return -1;
	high = url_hex(text.ptr[at + 1]);
	low = url_hex(text.ptr[at + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* no_slash: a '/' may not hide in an escape. */
static int url_decode(struct arena *arena, struct slice text, bool no_slash, struct why *why,
                      struct slice *ret)
{
	char *out;
	size_t len = 0;

	if (text.len == 0 || !memchr(text.ptr, '%', text.len)) {
		if (!utf8_is_valid(text))
			return refuse(why, RSC_BAD_REQUEST, "the URL has bytes that are not UTF-8");
		*ret = text;
		return 0;
	}
	out = arena_take(arena, text.len);
	for (size_t i = 0; i < text.len; i++) {
		int byte = (unsigned char)text.ptr[i];

		if (byte == '%') {
			byte = url_escape(text, i);
			if (byte <= 0)
				return refuse(why, RSC_BAD_REQUEST, "the URL has a bad escape: \"%.3s\"",
				              (char[4]){'%', i + 1 < text.len ? text.ptr[i + 1] : 0,
				                        i + 2 < text.len ? text.ptr[i + 2] : 0, 0});
			if (byte == '/' && no_slash)
				return refuse(why, RSC_BAD_REQUEST, "the URL hides a '/' in an escape");
			i += 2;
		}
		out[len++] = (char)byte;
	}
	*ret = slice_make(out, len);
	if (!utf8_is_valid(*ret))
		return refuse(why, RSC_BAD_REQUEST, "the URL has escapes that are not UTF-8");
	return 0;
}

int wire_url_decode(struct arena *arena, struct slice text, struct why *why, struct slice *ret)
{
	return url_decode(arena, text, false, why, ret);
}

int wire_url_read_path(struct arena *arena, struct slice path, struct why *why, struct slice *ret_to)
{
	struct slice plain;
	char *to;
	int r = url_decode(arena, path, true, why, &plain);

	if (r != 0)
		return r;
	if (plain.len > 0 && plain.ptr[0] == '/')
		plain = slice_skip(plain, 1);
	if (slice_starts(plain, SLICE("~/"))) {
		plain = slice_skip(plain, 1);
		*ret_to = arena_copy(arena, plain);
		return 0;
	}
	if (!slice_starts(plain, SLICE("_/"))) {
		*ret_to = arena_copy(arena, plain);
		return 0;
	}
	/* "_/sp/cse" becomes "//sp/cse". */
	to = arena_take(arena, plain.len);
	memcpy(to, plain.ptr, plain.len);
	to[0] = '/';
	*ret_to = slice_make(to, plain.len);
	return 0;
}

static bool url_is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.' || c == '_' || c == '~';
}

static void url_encode(struct buf *buf, struct slice text, const char *also)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		unsigned char byte = (unsigned char)c;

		if (url_is_unreserved(c) || (c && strchr(also, c))) {
			buf_add_char(buf, c);
		} else {
			buf_add_char(buf, '%');
			buf_add_char(buf, digits[byte >> 4]);
			buf_add_char(buf, digits[byte & 15]);
		}
	}
}

void wire_url_encode(struct buf *buf, struct slice text)
{
	url_encode(buf, text, "");
}

void wire_url_write_path(struct buf *buf, struct slice to)
{
	if (slice_starts(to, SLICE("//"))) {
		buf_add_lit(buf, "/_/");
		to = slice_skip(to, 2);
	} else if (slice_starts(to, SLICE("/"))) {
		buf_add_lit(buf, "/~/");
		to = slice_skip(to, 1);
	} else {
		buf_add_char(buf, '/');
	}
	url_encode(buf, to, "/!$&'()*+,;=:@");
}
