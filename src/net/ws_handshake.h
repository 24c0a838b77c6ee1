/* SPDX-License-Identifier: Apache-2.0 */
/* The client's half of the opening handshake as pure functions (RFC 6455 4.1). Only for ws_connect.c. */
#ifndef DURE_NET_WS_HANDSHAKE_H
#define DURE_NET_WS_HANDSHAKE_H

#include "base/arena.h"

#define WS_HEAD_MAX 8192 /* bytes of the answer */

/* "ws://host:port/path", taken apart. */
struct ws_url {
	bool secure;
	struct slice host;      /* without the brackets of IPv6 */
	uint16_t port;          /* also when it is the usual one */
	struct slice authority; /* as written, for Host */
	struct slice path;      /* "/path?query"; empty or "?query" when there is none */
};
/* False: no such URL. */
bool ws_url_read(struct slice url, struct ws_url *ret);

/* What a client expects. */
struct ws_expected {
	struct slice accept;   /* the value of Sec-WebSocket-Accept */
	struct slice protocol; /* empty: none */
};
/* Is the whole head in `in`? Its length with the empty line, 0: not yet. */
size_t ws_handshake_scan(struct slice in);
/* Holds a whole head against what was expected; NULL: it is fine, else a sentence (static). */
const char *ws_handshake_check(struct slice head, const struct ws_expected *expected);

#endif
