/* SPDX-License-Identifier: Apache-2.0 */
/* What is not plain here is left to libcurl, so this may say no to anything unusual. */
#include "net/http_direct_url.h"

#include <arpa/inet.h>

#include "base/url.h"

/* "127.0.0.1" or "::1", the latter without a zone */
static bool url_address(const struct url *url, struct http_direct_url *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&ret->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&ret->address;
	uint16_t port = htons(url->port ? url->port : 80);
	char text[INET6_ADDRSTRLEN];

	if (url->host.len >= sizeof(text))
		return false;
	memcpy(text, url->host.ptr, url->host.len);
	text[url->host.len] = 0;
	if (url->is_ipv6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = port;
		ret->address_len = sizeof(*v6);
		return inet_pton(AF_INET6, text, &v6->sin6_addr) == 1;
	}
	v4->sin_family = AF_INET;
	v4->sin_port = port;
	ret->address_len = sizeof(*v4);
	return inet_pton(AF_INET, text, &v4->sin_addr) == 1;
}

bool http_direct_url_read(struct slice text, struct http_direct_url *ret)
{
	struct url url;

	memset(ret, 0, sizeof(*ret));
	if (url_read(text, &url) || !url_has_scheme(text, "http") || url.has_user)
		return false;
	ret->authority = url.authority;
	ret->path = url.target;
	return url_address(&url, ret);
}
