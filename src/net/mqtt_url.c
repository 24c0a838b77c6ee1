/* SPDX-License-Identifier: Apache-2.0 */
/* Strict where a mistake would connect to somebody else, generous nowhere: what is not understood is refused.
 */
#include "net/mqtt_url.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#define URL_LONGEST 2048
#define URL_REFUSED 4000

static int url_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decodes into the arena, with a NUL behind; a NUL within or a broken escape: NULL. */
static char *url_decode(struct slice text, struct arena *arena, size_t *ret_len)
{
	char *out = arena_take(arena, text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '%') {
			int high = i + 2 < text.len ? url_hex(text.ptr[i + 1]) : -1;
			int low = i + 2 < text.len ? url_hex(text.ptr[i + 2]) : -1;

			if (high < 0 || low < 0)
				return NULL;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (c == '\0')
			return NULL;
		out[len++] = c;
	}
	out[len] = '\0';
	if (ret_len)
		*ret_len = len;
	return out;
}

static int url_scheme(struct slice *rest, struct mqtt_url *ret)
{
	static const struct {
		struct slice name;
		bool tls;
		int port;
	} schemes[] = {{SLICE_INIT("mqtt://"), false, 1883}, {SLICE_INIT("mqtts://"), true, 8883}};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (rest->len < schemes[i].name.len ||
		    strncasecmp(rest->ptr, schemes[i].name.ptr, schemes[i].name.len) != 0)
			continue;
		*rest = slice_skip(*rest, schemes[i].name.len);
		ret->tls = schemes[i].tls;
		ret->port = schemes[i].port;
		return 0;
	}
	return URL_REFUSED;
}

static int url_user(struct slice text, struct arena *arena, struct why *why, struct mqtt_url *ret)
{
	const char *colon = memchr(text.ptr, ':', text.len);
	size_t user = colon ? (size_t)(colon - text.ptr) : text.len;

	ret->user = url_decode(slice_make(text.ptr, user), arena, NULL);
	if (colon)
		ret->password = url_decode(slice_skip(text, user + 1), arena, NULL);
	if (!ret->user || (colon && !ret->password))
		return refuse(why, URL_REFUSED, "mqtt URL: a broken escape in what stands before the '@'");
	if (!*ret->user)
		return refuse(why, URL_REFUSED, "mqtt URL: an empty user before the '@'");
	return 0;
}

/* The letters of a host name or address; anything else would not survive where the name is shown or looked
 * up.
 */
static bool url_host_letters(struct slice host, bool brackets)
{
	for (size_t i = 0; i < host.len; i++) {
		unsigned char c = (unsigned char)host.ptr[i];

		if (!isascii(c) || (!isalnum(c) && !strchr(brackets ? ":.%" : "-._", c)))
			return false;
	}
	return host.len > 0 && host.len <= 253;
}

static int url_host(struct slice text, struct arena *arena, struct why *why, struct mqtt_url *ret)
{
	bool brackets = text.len > 0 && text.ptr[0] == '[';
	const char *end = text.len ? memchr(text.ptr, brackets ? ']' : ':', text.len) : NULL;
	struct slice host = text, port = {0};
	uint64_t number;
	char *lower;

	if (brackets && !end)
		return refuse(why, URL_REFUSED, "mqtt URL: a '[' without ']'");
	if (end) {
		host = slice_make(text.ptr + brackets, (size_t)(end - text.ptr) - brackets);
		port = slice_skip(text, (size_t)(end - text.ptr) + brackets);
	}
	if (!url_host_letters(host, brackets))
		return refuse(why, URL_REFUSED, "mqtt URL: \"%.*s\" is no host", SLICE_ARG(host));
	if (port.len > 0) {
		if (port.ptr[0] != ':' || !slice_u64(slice_skip(port, 1), &number) || number == 0 ||
		    number > 65535)
			return refuse(why, URL_REFUSED, "mqtt URL: a port from 1 to 65535 was expected");
		ret->port = (int)number;
	}
	lower = arena_text(arena, host);
	for (char *c = lower; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	ret->host = lower;
	ret->name = arena_text(arena, arena_printf(arena, brackets ? "[%s]:%d" : "%s:%d", lower, ret->port));
	return 0;
}

int mqtt_url_read(struct slice url, struct arena *arena, struct why *why, struct mqtt_url *ret)
{
	struct mqtt_url out = {0};
	struct slice rest = url, authority;
	const char *mark, *topic;
	size_t topic_len = 0;
	int r;

	if (url.len > URL_LONGEST)
		return refuse(why, URL_REFUSED, "mqtt URL: longer than %d bytes", URL_LONGEST);
	if (url_scheme(&rest, &out) != 0)
		return refuse(why, URL_REFUSED, "mqtt URL: mqtt:// or mqtts:// was expected");
	authority = rest;
	for (authority.len = 0; authority.len < rest.len && !strchr("/?#", rest.ptr[authority.len]);)
		authority.len++;
	rest = slice_skip(rest, authority.len);
	mark = rest.len ? memchr(rest.ptr, '?', rest.len) : NULL;
	if (mark) {
		out.query = slice_make(mark + 1, rest.len - (size_t)(mark - rest.ptr) - 1);
		rest.len = (size_t)(mark - rest.ptr);
	}
	topic = url_decode(slice_skip(rest, 1), arena, &topic_len);
	if (!topic)
		return refuse(why, URL_REFUSED, "mqtt URL: a broken escape in the topic");
	out.topic = slice_make(topic, topic_len);
	mark = memrchr(authority.ptr, '@', authority.len);
	if (mark) {
		r = url_user(slice_make(authority.ptr, (size_t)(mark - authority.ptr)), arena, why, &out);
		if (r != 0)
			return r;
		authority = slice_skip(authority, (size_t)(mark - authority.ptr) + 1);
	}
	r = url_host(authority, arena, why, &out);
	if (r == 0)
		*ret = out;
	return r;
}
