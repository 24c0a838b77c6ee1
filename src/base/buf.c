/* SPDX-License-Identifier: Apache-2.0 */
/* The growing of buffers, and numbers written into them. */
#include "base/buf.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_FIRST ((size_t)256)

void buf_init(struct buf *buf, struct arena *arena)
{
	*buf = (struct buf){.arena = arena};
}

void buf_finish(struct buf *buf)
{
	if (!buf->arena)
		free(buf->ptr);
	buf_init(buf, buf->arena);
}

char *buf_room(struct buf *buf, size_t more)
{
	size_t cap = buf->cap * 2 < BUF_FIRST ? BUF_FIRST : buf->cap * 2;
	char *ptr;

	if (buf->cap - buf->len >= more && buf->ptr)
		return buf->ptr + buf->len;
	if (more > SIZE_MAX / 4)
		mem_none(more);
	if (cap < buf->len + more)
		cap = (buf->len + more + 63) & ~(size_t)63;
	if (!buf->arena) {
		buf->ptr = mem_grow(buf->ptr, cap, 1);
	} else if (!arena_extend(buf->arena, buf->ptr, buf->cap, cap)) {
		ptr = arena_take(buf->arena, cap);
		if (buf->len)
			memcpy(ptr, buf->ptr, buf->len);
		buf->ptr = ptr;
	}
	buf->cap = cap;
	return buf->ptr + buf->len;
}

void buf_add_u64(struct buf *buf, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	buf_add(buf, digits + at, sizeof(digits) - at);
}

void buf_add_i64(struct buf *buf, int64_t n)
{
	if (n < 0)
		buf_add_char(buf, '-');
	buf_add_u64(buf, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	char *at = buf_room(buf, 128);
	size_t room = buf->cap - buf->len;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(at, room, format, args);
	va_end(args);
	if (len >= 0 && (size_t)len >= room) {
		at = buf_room(buf, (size_t)len + 1);
		vsnprintf(at, (size_t)len + 1, format, again);
	}
	va_end(again);
	buf->len += len < 0 ? 0 : (size_t)len;
}

void buf_add_varint(struct buf *buf, uint64_t n)
{
	char *at = buf_room(buf, 10);
	size_t len = 0;

	while (n >= 0x80) {
		at[len++] = (char)(n | 0x80);
		n >>= 7;
	}
	at[len++] = (char)n;
	buf->len += len;
}

bool buf_take_varint(struct slice *rest, uint64_t *ret)
{
	uint64_t n = 0;

	for (size_t i = 0; i < rest->len && i < 10; i++) {
		unsigned char byte = (unsigned char)rest->ptr[i];

		if (i == 9 && byte > 1)
			return false;
		n |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		/* One number has one writing: no zeros in front. */
		if (i > 0 && byte == 0)
			return false;
		*ret = n;
		*rest = slice_skip(*rest, i + 1);
		return true;
	}
	return false;
}
