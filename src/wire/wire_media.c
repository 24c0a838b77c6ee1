/* SPDX-License-Identifier: Apache-2.0 */
/* Reading "application/json; ty=3; charset=utf-8" and "application/json, text/html;q=0.5": any case,
 * parameters in any order, quotes and blanks where HTTP allows them (RFC 9110 8.3, 12.5.1). */
#include "wire/wire_media.h"

#include <strings.h>

#include "base/buf.h"
#include "model/rsc.h"

/* By encoding and content. The generic names stand without a suffix. bindings.md 1 */
static const struct wire_media_type media_types[ENCODING_COUNT][WIRE_CONTENT_COUNT] = {
#define ROW(encoding, content, name, format)                                                                 \
	[WIRE_CONTENT_##content] = {SLICE_INIT("application/" name), ENCODING_##encoding,                    \
	                            WIRE_CONTENT_##content, format}
        [ENCODING_JSON] = {ROW(JSON, ANY, "json", 50), ROW(JSON, RES, "vnd.onem2m-res+json", 10001),
                           ROW(JSON, NTFY, "vnd.onem2m-ntfy+json", 10003),
                           ROW(JSON, PREQ, "vnd.onem2m-preq+json", 10007),
                           ROW(JSON, PRSP, "vnd.onem2m-prsp+json", 10009)},
        [ENCODING_CBOR] = {ROW(CBOR, ANY, "cbor", 60), ROW(CBOR, RES, "vnd.onem2m-res+cbor", 10010),
                           ROW(CBOR, NTFY, "vnd.onem2m-ntfy+cbor", 10011),
                           ROW(CBOR, PREQ, "vnd.onem2m-preq+cbor", 10012),
                           ROW(CBOR, PRSP, "vnd.onem2m-prsp+cbor", 10013)},
        [ENCODING_XML] = {ROW(XML, ANY, "xml", 41), ROW(XML, RES, "vnd.onem2m-res+xml", 10014),
                          ROW(XML, NTFY, "vnd.onem2m-ntfy+xml", 10002),
                          ROW(XML, PREQ, "vnd.onem2m-preq+xml", 10006),
                          ROW(XML, PRSP, "vnd.onem2m-prsp+xml", 10008)},
#undef ROW
};

#define MEDIA_TYPES (ENCODING_COUNT * WIRE_CONTENT_COUNT)
#define MEDIA_SLASH 12 /* the length of "application/" */

static struct slice media_trim(struct slice s)
{
	while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = slice_skip(s, 1);
	while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static bool media_is(struct slice a, struct slice b)
{
	return a.len == b.len && (memcmp(a.ptr, b.ptr, a.len) == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

const struct wire_media_type *wire_media_find(struct slice name)
{
	char last = (char)(name.len ? name.ptr[name.len - 1] | 0x20 : 0);
	const struct wire_media_type *types = media_types[last == 'n'   ? ENCODING_JSON
	                                                  : last == 'r' ? ENCODING_CBOR
	                                                                : ENCODING_XML];

	for (size_t i = 0; i < WIRE_CONTENT_COUNT; i++)
		if (media_is(types[i].name, name))
			return &types[i];
	return NULL;
}

const struct wire_media_type *wire_media_of_format(unsigned format)
{
	const struct wire_media_type *types = media_types[0];

	for (size_t i = 0; i < MEDIA_TYPES; i++)
		if (types[i].format == format)
			return &types[i];
	return NULL;
}

const struct wire_media_type *wire_media_of(enum encoding encoding, enum wire_content content)
{
	return &media_types[encoding][content];
}

/* The same letters, '+' and ' ' being one, or missing in `given`? */
static bool media_is_loosely(struct slice type, struct slice given)
{
	size_t at = 0;

	for (size_t i = 0; i < type.len; i++) {
		if (type.ptr[i] == '+') {
			at += at < given.len && (given.ptr[at] == '+' || given.ptr[at] == ' ');
			continue;
		}
		if (at == given.len || strncasecmp(&type.ptr[i], &given.ptr[at], 1) != 0)
			return false;
		at++;
	}
	return at == given.len;
}

const struct wire_media_type *wire_media_find_short(struct slice name)
{
	const struct wire_media_type *types = media_types[0];

	for (size_t i = 0; i < MEDIA_TYPES; i++)
		if (media_is_loosely(types[i].name, name) ||
		    media_is_loosely(slice_skip(types[i].name, MEDIA_SLASH), name))
			return &types[i];
	return NULL;
}

/* Takes the next piece up to `mark`, not looking into quoted strings. False at the end. */
static bool media_cut(struct slice *rest, char mark, struct slice *ret_piece)
{
	const char *found;
	bool quoted = false;
	size_t n = 0;

	if (rest->len == 0)
		return false;
	found = memchr(rest->ptr, mark, rest->len);
	n = found ? (size_t)(found - rest->ptr) : rest->len;
	if (memchr(rest->ptr, '"', n))
		for (n = 0; n < rest->len && (quoted || rest->ptr[n] != mark); n++)
			if (rest->ptr[n] == '"')
				quoted = !quoted;
	*ret_piece = media_trim(slice_make(rest->ptr, n));
	*rest = slice_skip(*rest, n < rest->len ? n + 1 : n);
	return true;
}

/* "name=value" or "name = "value"". */
static void media_parameter(struct slice piece, struct slice *ret_name, struct slice *ret_value)
{
	const char *equals = piece.len ? memchr(piece.ptr, '=', piece.len) : NULL;
	size_t n = equals ? (size_t)(equals - piece.ptr) : piece.len;
	struct slice value = media_trim(slice_skip(piece, equals ? n + 1 : n));

	if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
		value = slice_make(value.ptr + 1, value.len - 2);
	*ret_name = media_trim(slice_make(piece.ptr, n));
	*ret_value = value;
}

enum encoding wire_media_encoding(struct slice value)
{
	const struct wire_media_type *type;
	struct slice name = value;

	/* Mostly it is one of these. */
	for (int i = 0; i < ENCODING_COUNT; i++) {
		struct slice plain = media_types[i][WIRE_CONTENT_ANY].name;

		if (slice_starts(value, plain) && (value.len == plain.len || value.ptr[plain.len] == ';'))
			return (enum encoding)i;
	}
	slice_cut(&value, ';', &name);
	type = wire_media_find(media_trim(name));
	return type ? type->encoding : ENCODING_JSON;
}

int wire_media_read(struct slice value, struct why *why, struct wire_media *ret)
{
	struct slice piece, name, text;

	*ret = (struct wire_media){0};
	if (!media_cut(&value, ';', &ret->name) || !ret->name.len ||
	    !memchr(ret->name.ptr, '/', ret->name.len))
		return refuse(why, RSC_BAD_REQUEST, "Content-Type: expected a media type");
	ret->type = wire_media_find(ret->name);
	while (media_cut(&value, ';', &piece)) {
		media_parameter(piece, &name, &text);
		if (media_is(name, SLICE("charset")) && !media_is(text, SLICE("utf-8")) &&
		    !media_is(text, SLICE("utf8")))
			ret->type = NULL;
		if (!media_is(name, SLICE("ty")))
			continue;
		if (ret->ty.ptr)
			return refuse(why, RSC_BAD_REQUEST, "Content-Type: ty stands there twice");
		ret->ty = text;
	}
	return 0;
}

/* "0.5" as 500; what is no such number as 1000, as if it were not there. */
static int16_t media_weight(struct slice text)
{
	int weight = 0, place = 1000;

	if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1') ||
	    (text.len > 1 && text.ptr[1] != '.'))
		return 1000;
	weight = (text.ptr[0] - '0') * 1000;
	for (size_t i = 2; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return 1000;
		place /= 10;
		weight += (text.ptr[i] - '0') * place;
	}
	return weight > 1000 ? 1000 : (int16_t)weight;
}

/* The weight that belongs to a range: NULL when it is nothing of ours. */
static int16_t *media_range(struct wire_accept *accept, struct slice range)
{
	const struct wire_media_type *type;

	if (slice_is(range, SLICE("*/*")))
		return &accept->star;
	if (media_is(range, SLICE("application/*")))
		return &accept->application;
	type = wire_media_find(range);
	return type ? &accept->weight[type->encoding][type->content] : NULL;
}

/* Makes room for weights; what was the only type is one of them then. */
static void media_open(struct wire_accept *accept)
{
	const struct wire_media_type *only = accept->only;

	*accept = (struct wire_accept){.seen = true};
	accept->application = accept->star = -1;
	memset(accept->weight, 0xff, sizeof(accept->weight)); /* -1 each */
	if (only)
		accept->weight[only->encoding][only->content] = 1000;
}

void wire_media_accept(struct slice value, struct wire_accept *accept)
{
	struct slice range, media, piece, name, text;

	if (!accept->seen) {
		if (media_trim(value).len == 0)
			return;
		accept->seen = true;
		/* Mostly it is one type and nothing else. */
		accept->only = wire_media_find(value);
		if (accept->only)
			return;
		media_open(accept);
	} else if (accept->only) {
		media_open(accept);
	}
	while (media_cut(&value, ',', &range)) {
		int16_t weight = 1000, *at;

		if (!media_cut(&range, ';', &media))
			continue;
		while (media_cut(&range, ';', &piece)) {
			media_parameter(piece, &name, &text);
			if (media_is(name, SLICE("q")))
				weight = media_weight(text);
		}
		at = media_range(accept, media);
		if (at && weight > *at)
			*at = weight;
	}
}

/* The weight of a type: what names it most precisely counts. */
static int media_weight_of(const struct wire_accept *accept, enum encoding encoding,
                           enum wire_content content)
{
	int named = accept->weight[encoding][content];

	if (named >= 0)
		return named;
	if (accept->application >= 0)
		return accept->application;
	return accept->star >= 0 ? accept->star : 0;
}

/* The type of an answer in this encoding that is liked best. Who names a type of ours that answers do not
 * have (for notifications, or whole primitives) can read the encoding, so the plain type will do. */
static int media_best(const struct wire_accept *accept, enum encoding encoding,
                      const struct wire_media_type **ret)
{
	int plain = media_weight_of(accept, encoding, WIRE_CONTENT_ANY);
	int res = media_weight_of(accept, encoding, WIRE_CONTENT_RES), best = res > plain ? res : plain;

	*ret = wire_media_of(encoding, res > plain ? WIRE_CONTENT_RES : WIRE_CONTENT_ANY);
	for (int content = WIRE_CONTENT_NTFY; best == 0 && content < WIRE_CONTENT_COUNT; content++)
		if (accept->weight[encoding][content] > best)
			best = accept->weight[encoding][content];
	return best;
}

const struct wire_media_type *wire_media_answer(const struct wire_accept *accept, enum encoding preferred)
{
	const struct wire_media_type *best, *type;
	int most, weight;

	if (!accept->seen)
		return wire_media_of(preferred, WIRE_CONTENT_ANY);
	if (accept->only)
		return accept->only->content <= WIRE_CONTENT_RES
		               ? accept->only
		               : wire_media_of(accept->only->encoding, WIRE_CONTENT_ANY);
	most = media_best(accept, preferred, &best);
	for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
		weight = media_best(accept, (enum encoding)encoding, &type);
		if (weight > most) {
			most = weight;
			best = type;
		}
	}
	return most > 0 ? best : NULL;
}

/* Undoes %2B, %2F and %20 in a short text; false when it is too long. */
static bool media_unescape(struct slice text, char *out, size_t size, struct slice *ret)
{
	static const char hex[] = "0123456789abcdef";
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char *high, *low;
		char c = text.ptr[i];

		if (len == size)
			return false;
		if (c == '%' && text.len - i > 2 && text.ptr[i + 1] && text.ptr[i + 2]) {
			high = strchr(hex, text.ptr[i + 1] | 0x20);
			low = strchr(hex, text.ptr[i + 2] | 0x20);
			if (high && low) {
				c = (char)((high - hex) * 16 + (low - hex));
				i += 2;
			}
		}
		out[len++] = c;
	}
	*ret = slice_make(out, len);
	return true;
}

const struct wire_media_type *wire_media_take(struct arena *arena, struct slice *url)
{
	const char *mark = url->len ? memchr(url->ptr, '?', url->len) : NULL;
	const struct wire_media_type *type = NULL, *found;
	struct slice query, piece, value;
	char text[64];
	struct buf rest;
	size_t base;

	if (!mark)
		return NULL;
	base = (size_t)(mark - url->ptr);
	query = slice_skip(*url, base + 1);
	buf_init(&rest, arena);
	buf_add(&rest, url->ptr, base);
	while (slice_cut(&query, '&', &piece)) {
		found = !type && slice_starts(piece, SLICE("ct=")) &&
		                        media_unescape(slice_skip(piece, 3), text, sizeof(text), &value)
		                ? wire_media_find_short(value)
		                : NULL;
		if (found) {
			type = found;
			continue;
		}
		buf_add_char(&rest, rest.len == base ? '?' : '&');
		buf_add_slice(&rest, piece);
	}
	if (type)
		*url = buf_slice(&rest);
	return type;
}
