/* SPDX-License-Identifier: Apache-2.0 */
/* A byte buffer that grows: in an arena (then it needs no finish) or on the heap. */
#ifndef DURE_BASE_BUF_H
#define DURE_BASE_BUF_H

#include "base/arena.h"

struct buf {
	char *ptr;
	size_t len, cap;
	struct arena *arena; /* NULL: the heap */
};

/* arena may be NULL. Allocates nothing yet. */
void buf_init(struct buf *buf, struct arena *arena);
/* Frees a heap buffer; for an arena buffer just forgets it. The buffer may be used again. */
void buf_finish(struct buf *buf);
/* Room for `more` bytes behind len; returns where they go. Add to len what was written. */
char *buf_room(struct buf *buf, size_t more);

static inline struct slice buf_slice(const struct buf *buf)
{
	return (struct slice){buf->ptr, buf->len};
}

static inline void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (buf->cap - buf->len < len)
		buf_room(buf, len);
	if (len)
		memcpy(buf->ptr + buf->len, bytes, len);
	buf->len += len;
}

static inline void buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

static inline void buf_add_slice(struct buf *buf, struct slice s)
{
	buf_add(buf, s.ptr, s.len);
}

#define buf_add_lit(buf, literal) buf_add((buf), (literal), sizeof(literal) - 1)

void buf_add_u64(struct buf *buf, uint64_t n); /* decimal */
void buf_add_i64(struct buf *buf, int64_t n);  /* decimal */
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* LEB128, for stored records. buf_take_varint reads from *rest; false at a broken or short one. */
void buf_add_varint(struct buf *buf, uint64_t n);
bool buf_take_varint(struct slice *rest, uint64_t *ret);

#endif
