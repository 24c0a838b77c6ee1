/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of a browser, held against the list of origins and against the Host header. */
#include "bind/bind_origin.h"

#include <strings.h>

#include "base/url.h"

bool bind_origin_host_is_ours(struct slice host)
{
	static const struct slice localhost = SLICE_INIT(".localhost");
	bool number = true, dotted = false;
	size_t len = 0;

	if (host.len > 0 && host.ptr[0] == '[')
		return true;
	for (; len < host.len && host.ptr[len] != ':'; len++) {
		dotted = dotted || host.ptr[len] == '.';
		number = number && (host.ptr[len] == '.' || (host.ptr[len] >= '0' && host.ptr[len] <= '9'));
	}
	return number || !dotted ||
	       (len > localhost.len &&
	        strncasecmp(host.ptr + len - localhost.len, localhost.ptr, localhost.len) == 0);
}

/* "https://host:port" and nothing else. */
static bool origin_read(struct slice text, struct url *ret)
{
	return !url_read(text, ret) && !ret->has_user && ret->target.len == 0;
}

static uint16_t origin_port(const struct url *url)
{
	return url->port ? url->port : url_has_scheme(url->root, "https") ? 443 : 80;
}

/* The scheme, host and port of the origin are those that the request was sent to. */
static bool origin_is_own(const struct http_exchange *exchange, struct slice origin)
{
	const char *scheme = http_peer(exchange) ? "https" : "http";
	struct slice host = http_header(exchange, SLICE("Host"));
	struct url page, here;

	if (!http_peer(exchange) && !bind_origin_host_is_ours(host))
		return false;
	if (!origin_read(origin, &page) ||
	    !origin_read(arena_printf(exchange->arena, "%s://%.*s", scheme, SLICE_ARG(host)), &here))
		return false;
	return url_has_scheme(origin, scheme) && page.host.len == here.host.len &&
	       strncasecmp(page.host.ptr, here.host.ptr, here.host.len) == 0 &&
	       origin_port(&page) == origin_port(&here);
}

enum bind_origin bind_origin_of(const struct http_exchange *exchange, const char *const *origins)
{
	struct slice origin = http_header(exchange, SLICE("Origin"));
	struct slice site = http_header(exchange, SLICE("Sec-Fetch-Site"));
	bool any = false;

	/* Requests of pages that name no origin: images, links, forms that are followed. */
	if (!origin.ptr)
		return !site.ptr || slice_is(site, SLICE("none")) ? BIND_ORIGIN_NONE
		       : slice_is(site, SLICE("same-origin"))     ? BIND_ORIGIN_OWN
		                                                  : BIND_ORIGIN_FOREIGN;
	for (; origins && *origins; origins++) {
		if (slice_is_text(origin, *origins))
			return BIND_ORIGIN_NAMED;
		any = any || strcmp(*origins, "*") == 0;
	}
	if (origin_is_own(exchange, origin) && (!site.ptr || slice_is(site, SLICE("same-origin"))))
		return BIND_ORIGIN_OWN;
	return any ? BIND_ORIGIN_ANY : BIND_ORIGIN_FOREIGN;
}
