/* SPDX-License-Identifier: Apache-2.0 */
/* Reading "application/json; ty=3; charset=utf-8" and "application/json, text/html;q=0.5": any case,
 * parameters in any order, quotes and blanks where HTTP allows them (RFC 9110 8.3, 12.5.1). */
#include "wire/wire_media.h"

#include <strings.h>

#include "model/rsc.h"

#define MEDIA_JSON "application/json"
#define MEDIA_RES  "application/vnd.onem2m-res+json"

static struct slice media_trim(struct slice s)
{
	while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = slice_skip(s, 1);
	while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static bool media_is(struct slice a, const char *b)
{
	return a.len == strlen(b) && strncasecmp(a.ptr, b, a.len) == 0;
}

static bool media_is_json(struct slice name)
{
	static const char *const forms[] = {MEDIA_JSON, MEDIA_RES, "application/vnd.onem2m-ntfy+json",
	                                    "application/vnd.onem2m-preq+json",
	                                    "application/vnd.onem2m-prsp+json"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (media_is(name, forms[i]))
			return true;
	return false;
}

/* Takes the next piece up to `mark`, not looking into quoted strings. False at the end. */
static bool media_cut(struct slice *rest, char mark, struct slice *ret_piece)
{
	bool quoted = false;
	size_t n = 0;

	if (rest->len == 0)
		return false;
	for (; n < rest->len && (quoted || rest->ptr[n] != mark); n++)
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

int wire_media_read(struct slice value, struct why *why, struct wire_media *ret)
{
	struct slice piece, name, text;

	*ret = (struct wire_media){0};
	if (!media_cut(&value, ';', &ret->name) || !ret->name.len ||
	    !memchr(ret->name.ptr, '/', ret->name.len))
		return refuse(why, RSC_BAD_REQUEST, "Content-Type: expected a media type");
	ret->is_json = media_is_json(ret->name);
	while (media_cut(&value, ';', &piece)) {
		media_parameter(piece, &name, &text);
		if (media_is(name, "charset") && !media_is(text, "utf-8") && !media_is(text, "utf8"))
			ret->is_json = false;
		if (!media_is(name, "ty"))
			continue;
		if (ret->ty.ptr)
			return refuse(why, RSC_BAD_REQUEST, "Content-Type: ty stands there twice");
		ret->ty = text;
	}
	return 0;
}

/* "0.5" as 500; what is no such number as 1000, as if it were not there. */
static int media_weight(struct slice text)
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
	return weight > 1000 ? 1000 : weight;
}

static void media_raise(int *weight, int to)
{
	if (to > *weight)
		*weight = to;
}

void wire_media_accept(struct slice value, struct wire_accept *accept)
{
	struct slice range, media, piece, name, text;

	accept->seen = accept->seen || media_trim(value).len > 0;
	while (media_cut(&value, ',', &range)) {
		int weight = 1000;

		if (!media_cut(&range, ';', &media))
			continue;
		while (media_cut(&range, ';', &piece)) {
			media_parameter(piece, &name, &text);
			if (media_is(name, "q"))
				weight = media_weight(text);
		}
		if (media_is(media, "*/*"))
			media_raise(&accept->star, weight);
		else if (media_is(media, "application/*"))
			media_raise(&accept->application, weight);
		else if (media_is(media, MEDIA_JSON))
			media_raise(&accept->json, weight);
		else if (media_is(media, MEDIA_RES))
			media_raise(&accept->res, weight);
		else if (media_is_json(media))
			media_raise(&accept->any, weight);
	}
}

/* The weight of a form: what names it most precisely counts. */
static int media_weight_of(const struct wire_accept *accept, int named)
{
	if (named >= 0)
		return named;
	if (accept->application >= 0)
		return accept->application;
	return accept->star >= 0 ? accept->star : 0;
}

bool wire_media_is_acceptable(const struct wire_accept *accept)
{
	return !accept->seen || media_weight_of(accept, accept->json) > 0 ||
	       media_weight_of(accept, accept->res) > 0 || accept->any > 0;
}

struct slice wire_media_answer(const struct wire_accept *accept)
{
	if (accept->seen && media_weight_of(accept, accept->res) > media_weight_of(accept, accept->json))
		return SLICE(MEDIA_RES);
	return SLICE(MEDIA_JSON);
}
