/* SPDX-License-Identifier: Apache-2.0 */
/* The one parser of addresses: points of access, notification targets, brokers, what is listened on. RFC
 * 3986, the part of it that names a place on a network:
 *
 *     scheme://[user[:password]@]host[:port][/path][?query]
 *
 * It is strict, so that two readers of one address can never mean two hosts: no blanks, no control or
 * non-ASCII bytes, no backslash, no fragment; one '@'; a port has digits and lies in 1 to 65535; a host whose
 * last label looks like a number is a whole IPv4 address ("127.1" and "0x7f000001" are none); brackets hold
 * an IPv6 address, with a zone if need be. Nothing is decoded and nothing is looked up. */
#ifndef DURE_BASE_URL_H
#define DURE_BASE_URL_H

#include "base/slice.h"

enum { URL_MOST = 4096, URL_HOST_MOST = 253 }; /* bytes */

/* An address taken apart. All slices lie within the text that was read. */
struct url {
	struct slice scheme;    /* "http" */
	struct slice root;      /* everything before the path: "http://u@host:80" */
	struct slice user;      /* what stands before '@', as it stands; empty: none */
	struct slice authority; /* "host:80", "[::1]:80": without the user */
	struct slice host;      /* without brackets, in the letters that were written */
	bool is_ipv6;           /* it stood in brackets */
	bool has_user;          /* there was an '@' */
	uint16_t port;          /* 0: none was given */
	struct slice target;    /* path and query, as HTTP sends them; empty, or begins with '/' or '?' */
	struct slice path;      /* with its '/'; empty: none */
	struct slice query;     /* behind the '?' */
};

/* NULL: *ret is filled. Otherwise what is wrong, a static sentence without the text (which may hold a
 * password), and *ret is not to be used. */
const char *url_read(struct slice text, struct url *ret);

/* "http" of "http://..." and of "HTTP://..."; empty: the text does not begin like an address. Whether the
 * rest is one is url_read's to say. */
struct slice url_scheme(struct slice text);
/* Is that the scheme, in any case of letters? */
bool url_has_scheme(struct slice text, const char *scheme);
/* "http://host:80" of "http://host:80/path": what stands before '/', '?' or '#', also of texts that only look
 * like an address; any other text as it is. */
struct slice url_root(struct slice text);

/* Where to listen: "host:port", "[v6]:port", or ":port" for all addresses; port 0 takes any that is free. */
struct url_listen {
	char host[URL_HOST_MOST + 1]; /* without brackets; empty: all addresses */
	char port[6];
	bool is_ipv6; /* it stood in brackets */
};
/* False: none of these. */
bool url_read_listen(struct slice text, struct url_listen *ret);

#endif
