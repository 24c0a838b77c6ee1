/* SPDX-License-Identifier: Apache-2.0 */
/* The doorstep of the server: the listening socket and the taking of connections. */
#ifndef DURE_NET_HTTP_LISTEN_H
#define DURE_NET_HTTP_LISTEN_H

#include "net/http_conn.h"

/* Opens the socket for "host:port", "[v6]:port" or ":port" and watches it. 0 or -errno. */
int http_listen_open(struct http_server *server, const char *where);
/* Takes no more connections. Fine when it is closed already. */
void http_listen_close(struct http_server *server);

#endif
