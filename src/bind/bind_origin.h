/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a browser speaks, and for a page of whom. doc/adr/0013
 *
 * A browser sends the requests of any page anywhere, also to a node on the machine of whoever looks at the
 * page. It says so: Origin names where the page came from, Sec-Fetch-Site how that is related to where the
 * request goes. No page can change either. */
#ifndef DURE_BIND_BIND_ORIGIN_H
#define DURE_BIND_BIND_ORIGIN_H

#include "net/http.h"

enum bind_origin {
	BIND_ORIGIN_NONE,    /* a program, or what somebody typed into the browser */
	BIND_ORIGIN_OWN,     /* a page of this very listener */
	BIND_ORIGIN_NAMED,   /* of an origin that --http-cors-origin names */
	BIND_ORIGIN_ANY,     /* of one that only its '*' lets in */
	BIND_ORIGIN_FOREIGN, /* of any other */
};

/* origins: NULL-terminated, or NULL for none. An origin is our own when its scheme, host and port are those
 * of the request's Host header; on a plain connection that must be a name which nobody else can own, because
 * any other name could be made to lead here after the page was loaded (DNS rebinding); over TLS the
 * certificate has shown that the name is ours. */
enum bind_origin bind_origin_of(const struct http_exchange *exchange, const char *const *origins);

/* "127.0.0.1:8080", "[::1]", "localhost", "box:8080", and what ends in .localhost; no other name with a dot
 * in it, for that could be anybody's. */
bool bind_origin_host_is_ours(struct slice host);

#endif
