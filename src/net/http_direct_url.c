/* SPDX-License-Identifier: Apache-2.0 */
/* What is not plain here is left to libcurl, so this may say no to anything unusual. */
#include "net/http_direct_url.h"

#include <arpa/inet.h>
#include <strings.h>

/* "127.0.0.1" or "[::1]" */
static bool url_address(struct slice host, uint16_t port, struct http_direct_url *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&ret->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&ret->address;
	char text[64];

	if (host.len == 0 || host.len >= sizeof(text))
		return false;
	if (host.ptr[0] == '[') {
		if (host.len < 3 || host.ptr[host.len - 1] != ']')
			return false;
		host = slice_make(host.ptr + 1, host.len - 2);
		memcpy(text, host.ptr, host.len);
		text[host.len] = 0;
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		ret->address_len = sizeof(*v6);
		return inet_pton(AF_INET6, text, &v6->sin6_addr) == 1;
	}
	memcpy(text, host.ptr, host.len);
	text[host.len] = 0;
	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	ret->address_len = sizeof(*v4);
	return inet_pton(AF_INET, text, &v4->sin_addr) == 1;
}

static bool url_is_plain(struct slice url)
{
	for (size_t i = 0; i < url.len; i++)
		if (url.ptr[i] <= ' ' || (url.ptr[i] & 0x80) || url.ptr[i] == 127 || url.ptr[i] == '#')
			return false;
	return true;
}

/* Takes ":8080" from the end of *host, but not the colons of an IPv6 address. */
static bool url_port(struct slice *host, uint64_t *ret_port)
{
	size_t i = host->len;

	while (i > 0 && host->ptr[i - 1] >= '0' && host->ptr[i - 1] <= '9')
		i--;
	if (i == 0 || host->ptr[i - 1] != ':')
		return true;
	if (host->len - i > 5 || !slice_u64(slice_skip(*host, i), ret_port))
		return false;
	host->len = i - 1;
	return *ret_port > 0 && *ret_port <= 65535;
}

bool http_direct_url_read(struct slice url, struct http_direct_url *ret)
{
	struct slice host;
	uint64_t port = 80;
	size_t n = 0;

	memset(ret, 0, sizeof(*ret));
	if (url.len < 8 || strncasecmp(url.ptr, "http://", 7) != 0)
		return false;
	url = slice_skip(url, 7);
	if (!url_is_plain(url))
		return false;
	while (n < url.len && url.ptr[n] != '/' && url.ptr[n] != '?')
		n++;
	ret->authority = host = slice_make(url.ptr, n);
	ret->path = slice_skip(url, n);
	return url_port(&host, &port) && url_address(host, (uint16_t)port, ret);
}
