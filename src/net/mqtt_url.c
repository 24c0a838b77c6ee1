/* SPDX-License-Identifier: Apache-2.0 */
/* Strict where a mistake would connect to somebody else, generous nowhere: what is not understood is refused.
 */
#include "net/mqtt_url.h"

#include <ctype.h>

#include "base/url.h"

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

/* "host:1883", the host in lower case. */
static void url_name(const struct url *parts, struct arena *arena, struct mqtt_url *ret)
{
	char *lower = arena_text(arena, parts->host);

	for (char *c = lower; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	ret->tls = url_has_scheme(parts->root, "mqtts");
	ret->port = parts->port ? parts->port : ret->tls ? 8883 : 1883;
	ret->host = lower;
	ret->name = arena_text(arena,
	                       arena_printf(arena, parts->is_ipv6 ? "[%s]:%d" : "%s:%d", lower, ret->port));
}

int mqtt_url_read(struct slice url, struct arena *arena, struct why *why, struct mqtt_url *ret)
{
	struct mqtt_url out = {0};
	struct url parts;
	const char *wrong, *topic;
	size_t topic_len = 0;
	int r;

	if (!url_has_scheme(url, "mqtt") && !url_has_scheme(url, "mqtts"))
		return refuse(why, URL_REFUSED, "mqtt URL: mqtt:// or mqtts:// was expected");
	wrong = url_read(url, &parts);
	if (wrong)
		return refuse(why, URL_REFUSED, "mqtt URL: %s", wrong);
	out.query = parts.query;
	topic = url_decode(slice_skip(parts.path, 1), arena, &topic_len);
	if (!topic)
		return refuse(why, URL_REFUSED, "mqtt URL: a broken escape in the topic");
	out.topic = slice_make(topic, topic_len);
	r = parts.has_user ? url_user(parts.user, arena, why, &out) : 0;
	if (r != 0)
		return r;
	url_name(&parts, arena, &out);
	*ret = out;
	return 0;
}
