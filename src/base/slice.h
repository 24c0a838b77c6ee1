/* SPDX-License-Identifier: Apache-2.0 */
/* A slice is text that somebody else owns: a pointer and a length, never NUL-terminated by promise.
 * Everything that comes from outside travels as slices, so that no length is ever guessed. */
#ifndef DURE_BASE_SLICE_H
#define DURE_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *ptr; /* may be NULL when len is 0 */
	size_t len;      /* bytes */
};

/* A slice over a string literal. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})
/* The same for static tables, which C wants without the cast: `{SLICE_INIT("a"), 1}`. */
#define SLICE_INIT(literal)                                                                                  \
	{                                                                                                    \
		(literal), sizeof(literal) - 1                                                               \
	}
/* For printf("%.*s"): SLICE_ARG(s). */
#define SLICE_ARG(s) (int)(s).len, (s).ptr

/* A slice over a NUL-terminated string; NULL gives the empty slice. */
static inline struct slice slice_of(const char *text)
{
	return (struct slice){text, text ? strlen(text) : 0};
}

static inline struct slice slice_make(const char *ptr, size_t len)
{
	return (struct slice){ptr, len};
}

static inline bool slice_is(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool slice_is_text(struct slice a, const char *text)
{
	return slice_is(a, slice_of(text));
}

static inline bool slice_starts(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

/* The rest of s after n bytes; n beyond the end gives the empty slice. */
static inline struct slice slice_skip(struct slice s, size_t n)
{
	if (n > s.len)
		n = s.len;
	return n ? (struct slice){s.ptr + n, s.len - n} : s;
}

/* Takes from *rest what stands before the next `mark` (the mark is eaten). False when *rest was
 * empty: `while (slice_cut(&rest, '/', &part))` walks all parts but a trailing empty one. */
bool slice_cut(struct slice *rest, char mark, struct slice *ret_part);

/* Strict decimal readers: digits only (slice_i64: one leading '-' too), no blanks, no overflow.
 * False, and *ret untouched, when s is anything else. */
bool slice_u64(struct slice s, uint64_t *ret);
bool slice_i64(struct slice s, int64_t *ret);

/* Does s match the pattern, in which '*' stands for any run of bytes (also none)? Linear in
 * s.len * number of stars at worst; no recursion. */
bool slice_matches(struct slice s, struct slice pattern);

/* A hash good for tables that strangers fill: keyed once per process (SipHash-like mixing). */
uint64_t slice_hash(struct slice s, uint64_t seed);

#endif
