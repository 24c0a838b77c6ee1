/* SPDX-License-Identifier: Apache-2.0 */
/* One way from the left to the right: scheme, authority, target; then the authority from its ends to the
 * host. */
#include "base/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

static bool url_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool url_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct slice url_scheme(struct slice text)
{
	size_t n = 0;

	while (n < text.len && (url_is_alpha(text.ptr[n]) ||
	                        (n > 0 && (url_is_digit(text.ptr[n]) || memchr("+-.", text.ptr[n], 3)))))
		n++;
	return n > 0 && slice_starts(slice_skip(text, n), SLICE("://")) ? slice_make(text.ptr, n) : SLICE("");
}

bool url_has_scheme(struct slice text, const char *scheme)
{
	struct slice found = url_scheme(text);

	return found.len > 0 && found.len == strlen(scheme) && strncasecmp(found.ptr, scheme, found.len) == 0;
}

/* Up to the first '/', '?' or '#'. */
static struct slice url_before_target(struct slice text)
{
	size_t n = 0;

	while (n < text.len && !memchr("/?#", text.ptr[n], 3))
		n++;
	return slice_make(text.ptr, n);
}

struct slice url_root(struct slice text)
{
	struct slice scheme = url_scheme(text);
	size_t skip = scheme.len + 3;

	if (scheme.len == 0)
		return text;
	return slice_make(text.ptr, skip + url_before_target(slice_skip(text, skip)).len);
}

/* ---- the host ---- */

static bool url_is_address(int family, struct slice text)
{
	char copy[INET6_ADDRSTRLEN], address[16];

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return strlen(copy) == text.len && inet_pton(family, copy, address) == 1;
}

static bool url_is_name_char(char c)
{
	return url_is_alpha(c) || url_is_digit(c) || c == '-' || c == '_';
}

/* "::1", "fe80::1%eth0" */
static bool url_is_ipv6(struct slice host)
{
	const char *mark = host.len ? memchr(host.ptr, '%', host.len) : NULL;
	struct slice zone;

	if (!mark)
		return url_is_address(AF_INET6, host);
	zone = slice_skip(host, (size_t)(mark - host.ptr) + 1);
	for (size_t i = 0; i < zone.len; i++)
		if (!url_is_name_char(zone.ptr[i]) && zone.ptr[i] != '.')
			return false;
	return zone.len > 0 && url_is_address(AF_INET6, slice_make(host.ptr, (size_t)(mark - host.ptr)));
}

/* Would some reader take the label for a number? Digits, or 0x and anything. */
static bool url_is_numeric(struct slice label)
{
	if (label.len >= 2 && label.ptr[0] == '0' && (label.ptr[1] | 0x20) == 'x')
		return true;
	for (size_t i = 0; i < label.len; i++)
		if (!url_is_digit(label.ptr[i]))
			return false;
	return true;
}

/* Labels of letters, digits, '-' and '_' between single dots; one dot may stand at the end. */
static bool url_is_name(struct slice host)
{
	struct slice rest = host, label = {0};

	while (slice_cut(&rest, '.', &label)) {
		if (label.len == 0 || label.len > 63)
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (!url_is_name_char(label.ptr[i]))
				return false;
	}
	return label.len > 0 && (!url_is_numeric(label) || url_is_address(AF_INET, host));
}

static const char *url_take_port(struct slice text, bool may_be_any, uint16_t *ret)
{
	uint64_t port;

	if (text.len == 0 || text.ptr[0] != ':' || text.len > 6 || !slice_u64(slice_skip(text, 1), &port) ||
	    port > 65535 || (port == 0 && !may_be_any))
		return "behind the host a colon and a port from 1 to 65535 were expected";
	*ret = (uint16_t)port;
	return NULL;
}

/* "host", "host:80", "[::1]:80" */
static const char *url_take_host(struct slice text, struct url *ret)
{
	const char *end;
	size_t len, brackets;

	ret->authority = text;
	ret->is_ipv6 = text.len > 0 && text.ptr[0] == '[';
	brackets = ret->is_ipv6;
	end = text.len ? memchr(text.ptr, ret->is_ipv6 ? ']' : ':', text.len) : NULL;
	if (ret->is_ipv6 && !end)
		return "a '[' without ']'";
	len = end ? (size_t)(end - text.ptr) : text.len;
	ret->host = slice_make(text.ptr + brackets, len - brackets);
	if (ret->host.len == 0 || ret->host.len > URL_HOST_MOST)
		return "a host of 1 to 253 bytes was expected behind ://";
	if (ret->is_ipv6 ? !url_is_ipv6(ret->host) : !url_is_name(ret->host))
		return "the host is neither a name nor an address as 192.0.2.1 or [2001:db8::1]";
	text = slice_skip(text, len + brackets);
	return text.len > 0 ? url_take_port(text, false, &ret->port) : NULL;
}

static const char *url_take_authority(struct slice text, struct url *ret)
{
	const char *at = text.len ? memchr(text.ptr, '@', text.len) : NULL;

	if (!at)
		return url_take_host(text, ret);
	ret->has_user = true;
	ret->user = slice_make(text.ptr, (size_t)(at - text.ptr));
	text = slice_skip(text, ret->user.len + 1);
	if (ret->user.len == 0)
		return "an empty user before the '@'";
	if (memchr(text.ptr, '@', text.len))
		return "a second '@' before the path (one within a password is written %40)";
	return url_take_host(text, ret);
}

static const char *url_look_at_bytes(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c <= ' ' || c >= 127 || c == '\\')
			return "a blank, a backslash, a control or a non-ASCII byte";
		if (c == '#')
			return "a fragment ('#') names nothing that could be called";
	}
	return NULL;
}

const char *url_read(struct slice text, struct url *ret)
{
	const char *wrong = text.len > URL_MOST ? "longer than 4096 bytes" : url_look_at_bytes(text);
	const char *mark;

	if (wrong)
		return wrong;
	*ret = (struct url){.scheme = url_scheme(text)};
	if (ret->scheme.len == 0)
		return "scheme://host was expected";
	ret->root = url_root(text);
	ret->target = slice_skip(text, ret->root.len);
	ret->path = ret->target;
	mark = ret->target.len ? memchr(ret->target.ptr, '?', ret->target.len) : NULL;
	if (mark) {
		ret->path.len = (size_t)(mark - ret->target.ptr);
		ret->query = slice_skip(ret->target, ret->path.len + 1);
	}
	return url_take_authority(slice_skip(ret->root, ret->scheme.len + 3), ret);
}

bool url_read_listen(struct slice text, struct url_listen *ret)
{
	const char *colon = text.len ? memrchr(text.ptr, ':', text.len) : NULL;
	struct slice host = {text.ptr, colon ? (size_t)(colon - text.ptr) : 0};
	struct url url = {0};
	uint16_t port;

	if (!colon || url_take_port(slice_skip(text, host.len), true, &port))
		return false;
	if (host.len > 0 && url_take_host(host, &url))
		return false;
	*ret = (struct url_listen){.is_ipv6 = url.is_ipv6};
	memcpy(ret->host, url.host.ptr ? url.host.ptr : "", url.host.len);
	snprintf(ret->port, sizeof(ret->port), "%u", port);
	return true;
}
