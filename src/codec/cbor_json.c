/* SPDX-License-Identifier: Apache-2.0 */
/* One pass. How many members follow is not known at a brace, so one byte is left for the head, which is
 * enough for 23; when more have come, what was written since is moved.
 *
 * Every GET of a CBOR client comes through here, so the two places, where it reads and where it writes,
 * travel in registers, and what nearly everything is made of (names and texts of less than 24 bytes, small
 * numbers) is done without a call. */
#include "codec/cbor_json.h"
#include "codec/cbor_number.h"
#include "codec/json_scan.h"

#define JSON_DEEPEST 1000
#define JSON_SHORT   24 /* a text below this has a head of one byte */
#define JSON_ROOM    32 /* there is always room for so many bytes when a name or a value begins */

struct transcoding {
	const char *end;
	char *limit; /* of the room in buf */
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

/* A text of any length. */
static struct cursor json_long_text(struct transcoding *t, struct cursor c)
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

/* A text; c.at stands behind the opening quote. It is copied while its end is looked for. */
static inline struct cursor json_text(struct transcoding *t, struct cursor c)
{
	uint64_t word, marks;
	unsigned len;

	if (__builtin_expect(t->end - c.at < JSON_SHORT, 0))
		return json_long_text(t, c);
	for (unsigned i = 0; i < JSON_SHORT; i += 8) {
		memcpy(&word, c.at + i, 8);
		memcpy(c.out + 1 + i, &word, 8);
		word = le64toh(word) ^ JSON_EACH('"');
		marks = (word - JSON_EACH(1)) & ~word &
		        JSON_EACH(0x80); /* of the bytes that are 0; the lowest is sure */
		if (!marks)
			continue;
		len = i + (unsigned)__builtin_ctzll(marks) / 8;
		if (t->escapes && memchr(c.at, '\\', len))
			break;
		*c.out = (char)(CBOR_TEXT << 5 | len);
		return (struct cursor){c.at + len + 1, c.out + len + 1};
	}
	return json_long_text(t, c);
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

/* The members of an array or an object, and its end; c.at stands behind the bracket. */
static struct cursor json_members(struct transcoding *t, struct cursor c, enum cbor_major major, char close)
{
	size_t start = (size_t)(c.out - t->buf->ptr), count = 0;
	char next;

	c.out++;
	t->depth++;
	while ((next = json_next(t, &c)) != close) {
		c.out = json_room(t, c.out, 2 * JSON_ROOM);
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
	struct cursor c = {json.len ? json.ptr : "", buf_room(buf, json.len + 2 * JSON_ROOM)};
	struct transcoding t = {.end = c.at + json.len, .limit = buf->ptr + buf->cap, .buf = buf};

	t.escapes = memchr(c.at, '\\', json.len) != NULL;
	arena_init(&t.arena);
	c = json_value(&t, c);
	json_leave(&t, c.out);
	arena_finish(&t.arena);
}
