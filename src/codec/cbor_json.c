/* SPDX-License-Identifier: Apache-2.0 */
/* One pass. How many members follow is not known at a brace, so one byte is left for the head, which is
 * enough for 23; when more have come, what was written since is moved.
 *
 * Every answer to a CBOR client comes through here, so the two places, where it reads and where it writes,
 * travel in registers, and what nearly everything is made of (names and texts of less than 24 bytes, small
 * numbers) is done without a call, and without waiting for the end of one text to see the next. */
#include "codec/cbor_json.h"
#include "codec/cbor_number.h"
#include "codec/json_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define JSON_DEEPEST 1000
#define JSON_SHORT   24 /* a text below this has a head of one byte */
#define JSON_ROOM    16 /* there is always room for so many bytes when a value begins */
#define JSON_WINDOW  96 /* a usual member is shorter, and what is read or written behind it */
#define JSON_COPY    1024

struct transcoding {
	const char *end;
	const char *safe; /* before it, JSON_WINDOW bytes can be read */
	char *limit;      /* of the room in buf */
	struct buf *buf;
	struct arena arena; /* for texts with escapes */
	unsigned depth;
	bool escapes; /* there is a backslash somewhere */
};

struct cursor {
	const char *at;
	char *out;
};

/* Room for `more` bytes at out, which may move. */
static char *json_grow(struct transcoding *t, char *out, size_t more)
{
	t->buf->len = (size_t)(out - t->buf->ptr);
	out = buf_room(t->buf, more);
	t->limit = t->buf->ptr + t->buf->cap;
	return out;
}

static inline char *json_room(struct transcoding *t, char *out, size_t more)
{
	return __builtin_expect((size_t)(t->limit - out) < more, 0) ? json_grow(t, out, more) : out;
}

/* What writes to the buffer itself: before and after it. */
static inline void json_leave(struct transcoding *t, char *out)
{
	t->buf->len = (size_t)(out - t->buf->ptr);
}

static inline char *json_return(struct transcoding *t)
{
	t->limit = t->buf->ptr + t->buf->cap;
	return t->buf->ptr + t->buf->len;
}

/* Puts the head before what was written since `start`, where one byte was left for it. */
static inline char *json_fix_head(struct transcoding *t, char *out, size_t start, enum cbor_major major,
                                  uint64_t n)
{
	char head[9];
	size_t len;

	if (__builtin_expect(n < 24, 1)) {
		t->buf->ptr[start] = (char)(major << 5 | n);
		return out;
	}
	len = (size_t)(cbor_put_head(head, major, n) - head);
	out = json_room(t, out, len);
	memmove(t->buf->ptr + start + len, t->buf->ptr + start + 1, (size_t)(out - t->buf->ptr) - start - 1);
	memcpy(t->buf->ptr + start, head, len);
	return out + len - 1;
}

/* A text with escapes; c.at stands behind the opening quote. */
static struct cursor json_slow_text(struct transcoding *t, struct cursor c)
{
	struct json_scan scan;
	struct slice text;

	json_scan_begin(&scan, &t->arena, slice_make(c.at, (size_t)(t->end - c.at)), NULL);
	if (c.at == t->end || json_scan_string_slowly(&scan, '"', &text)) {
		text = SLICE("");
		scan.at = t->end;
	}
	json_leave(t, c.out);
	cbor_add_head(t->buf, CBOR_TEXT, text.len);
	buf_add_slice(t->buf, text);
	return (struct cursor){scan.at, json_room(t, json_return(t), JSON_ROOM)};
}

/* A text; c.at stands behind the opening quote. */
static struct cursor json_text(struct transcoding *t, struct cursor c)
{
	const char *close = memchr(c.at, '"', (size_t)(t->end - c.at));
	size_t len;

	if (!close || (t->escapes && memchr(c.at, '\\', (size_t)(close - c.at))))
		return json_slow_text(t, c);
	len = (size_t)(close - c.at);
	c.out = cbor_put_head(json_room(t, c.out, len + 9 + JSON_ROOM), CBOR_TEXT, len);
	memcpy(c.out, c.at, len);
	return (struct cursor){close + 1, c.out + len};
}

/* To what is no blank, and what that is, or 0. There are hardly any blanks. */
static inline char json_next(const struct transcoding *t, struct cursor *c)
{
	if (c->at < t->end && (unsigned char)*c->at > ' ')
		return *c->at;
	while (c->at < t->end && (unsigned char)*c->at <= ' ')
		c->at++;
	return c->at < t->end ? *c->at : 0;
}

/* A number, true, false, null, or what is nothing of these. */
static struct cursor json_plain(struct transcoding *t, struct cursor c)
{
	const char *start = c.at;
	char word = start < t->end ? *start : 0;

	while (c.at < t->end && (unsigned char)*c.at > ' ' && !strchr(",]}:", *c.at))
		c.at++;
	json_leave(t, c.out);
	if (word == '-' || (word >= '0' && word <= '9')) {
		cbor_number_write(t->buf, slice_make(start, (size_t)(c.at - start)));
	} else {
		buf_add_char(t->buf, (char)(word == 't' ? CBOR_TRUE : word == 'f' ? CBOR_FALSE : CBOR_NULL));
		if (word != 't' && word != 'f' && word != 'n')
			c.at = t->end; /* broken: nothing more is taken from it */
	}
	c.out = json_return(t);
	return c;
}

static inline struct cursor json_digits(struct transcoding *t, struct cursor c)
{
	const char *start = c.at;
	uint64_t n = 0;

	while (t->end - c.at > 0 && (unsigned)(unsigned char)*c.at - '0' <= 9 && c.at - start < 18)
		n = n * 10 + (unsigned)(*c.at++ - '0');
	if (c.at == t->end || *c.at == ',' || *c.at == '}' || *c.at == ']') {
		c.out = cbor_put_head(c.out, CBOR_UINT, n);
		return c;
	}
	c.at = start;
	return json_plain(t, c);
}

static struct cursor json_members(struct transcoding *t, struct cursor c, enum cbor_major major, char close);

static inline struct cursor json_value(struct transcoding *t, struct cursor c)
{
	char first = json_next(t, &c);

	if (first == '"') {
		c.at++;
		return json_text(t, c);
	}
	if (first >= '0' && first <= '9')
		return json_digits(t, c);
	if ((first != '{' && first != '[') || t->depth == JSON_DEEPEST)
		return json_plain(t, c);
	c.at++;
	return first == '{' ? json_members(t, c, CBOR_MAP, '}') : json_members(t, c, CBOR_ARRAY, ']');
}

/* ---- what is usual ---- */

/* A stretch of 64 bytes, and which of them are quotes: the lowest bit stands for the first. */
struct stretch {
	const char *from;
	uint64_t quotes; /* those that were passed are gone */
};

/* All of them at once: else where one text ends had to be known before the next can be looked at. */
static inline struct stretch json_stretch(const char *from)
{
	struct stretch s = {from, 0};

#ifdef __SSE2__
	for (int i = 48; i >= 0; i -= 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(from + i));
		__m128i found = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));

		s.quotes = s.quotes << 16 | (unsigned)_mm_movemask_epi8(found);
	}
#else
	for (int i = 63; i >= 0; i--)
		s.quotes = s.quotes << 1 | (from[i] == '"');
#endif
	return s;
}

/* A short text within the stretch; c->at stands at its quote, which is the first that is left. */
static inline bool json_short_text(struct stretch *s, struct cursor *c)
{
	uint64_t left = s->quotes & (s->quotes - 1);
	const char *end;
	size_t len;

	if (!left)
		return false;
	end = s->from + __builtin_ctzll(left);
	len = (size_t)(end - c->at) - 1;
	if (len >= JSON_SHORT)
		return false;
	*c->out = (char)(CBOR_TEXT << 5 | len);
	memcpy(c->out + 1, c->at + 1, JSON_SHORT);
	c->at = end + 1;
	c->out += len + 1;
	s->quotes = left & (left - 1);
	return true;
}

/* A number below 100. */
static inline bool json_small_number(struct cursor *c)
{
	unsigned number = (unsigned)(unsigned char)c->at[0] - '0',
	         more = (unsigned)(unsigned char)c->at[1] - '0';

	if (number > 9)
		return false;
	if (more <= 9)
		number = number * 10 + more;
	c->at += more <= 9 ? 2 : 1;
	c->out = cbor_put_head(c->out, CBOR_UINT, number);
	return true;
}

static inline bool json_usual_member(struct stretch *s, struct cursor *c)
{
	if (*c->at != '"' || !json_short_text(s, c) || *c->at != ':')
		return false;
	c->at++;
	return (*c->at == '"' ? json_short_text(s, c) : json_small_number(c)) &&
	       (*c->at == ',' || *c->at == '}');
}

/* Members of an object that are as nearly all are: short names, short texts or small numbers, no blanks.
 * Stops before the first that is not so. What lies within a stretch is not longer in CBOR. */
static inline struct cursor json_usual_members(const struct transcoding *t, struct cursor c,
                                               size_t *inout_count)
{
	const char *from = NULL;

	while (c.at != from && c.at < t->safe && t->limit - c.out >= JSON_WINDOW) {
		struct stretch s = json_stretch(c.at);
		struct cursor next = c;

		from = c.at;
		while (json_usual_member(&s, &next)) {
			++*inout_count;
			c = next;
			if (*c.at == '}')
				return c;
			next.at = ++c.at;
		}
	}
	return c;
}

/* The members of an array or an object, and its end; c.at stands behind the bracket. */
static struct cursor json_members(struct transcoding *t, struct cursor c, enum cbor_major major, char close)
{
	size_t start = (size_t)(c.out - t->buf->ptr), count = 0;
	char next;

	c.out++;
	t->depth++;
	for (;;) {
		if (major == CBOR_MAP && !t->escapes)
			c = json_usual_members(t, c, &count);
		next = json_next(t, &c);
		if (next == close)
			break;
		c.out = json_room(t, c.out, JSON_ROOM);
		if (major == CBOR_MAP) {
			if (next != '"')
				break;
			c.at++;
			c = json_text(t, c);
			c.at += json_next(t, &c) == ':';
		}
		c = json_value(t, c);
		count++;
		next = json_next(t, &c);
		if (next != ',')
			break;
		c.at++;
	}
	t->depth--;
	c.at = next == close ? c.at + 1 : t->end; /* broken: nothing more is taken from it */
	c.out = json_fix_head(t, c.out, start, major, count);
	return c;
}

void cbor_json_write(struct buf *buf, struct slice json)
{
	struct transcoding t = {.buf = buf};
	char copy[JSON_COPY + JSON_WINDOW];
	struct cursor c = {json.ptr, buf_room(buf, json.len + JSON_WINDOW)};
	size_t behind = JSON_WINDOW;

	t.limit = buf->ptr + buf->cap;
	/* A short one is looked at where there is something behind it. */
	if (json.len <= JSON_COPY) {
		if (json.len)
			memcpy(copy, json.ptr, json.len);
		memset(copy + json.len, 0, JSON_WINDOW);
		c.at = copy;
		behind = 0;
	}
	t.end = c.at + json.len;
	t.safe = t.end - behind;
	t.escapes = memchr(c.at, '\\', json.len) != NULL;
	arena_init(&t.arena);
	c = json_value(&t, c);
	json_leave(&t, c.out);
	arena_finish(&t.arena);
}
