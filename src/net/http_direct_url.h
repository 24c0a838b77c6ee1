/* SPDX-License-Identifier: Apache-2.0 */
/* Taking apart the URLs of the short way. Only for http_direct.c. */
#ifndef DURE_NET_HTTP_DIRECT_URL_H
#define DURE_NET_HTTP_DIRECT_URL_H

#include <netinet/in.h>

#include "base/slice.h"

/* "http://127.0.0.1:8080/path?query" */
struct http_direct_url {
	struct sockaddr_storage address;
	socklen_t address_len;
	struct slice authority; /* "127.0.0.1:8080" */
	struct slice path;      /* "/path?query"; empty or "?query" when the URL has no path */
};

/* False: not http, not a numeric address, or not a URL at all. */
bool http_direct_url_read(struct slice url, struct http_direct_url *ret);

#endif
