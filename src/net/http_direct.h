/* SPDX-License-Identifier: Apache-2.0 */
/* The short way of the client: plain http to a numeric address, which is what a notification to a device or a
 * neighbour mostly is. No name to look up, no TLS, no proxy: connect, send, read, keep the connection. It
 * costs a third of what libcurl costs; everything else goes by libcurl (http_curl.h). Only for http_client.c.
 */
#ifndef DURE_NET_HTTP_DIRECT_H
#define DURE_NET_HTTP_DIRECT_H

#include "net/http_client.h"

struct http_direct;

int http_direct_create(struct loop *loop, const struct http_client_config *config, struct http_direct **ret);
void http_direct_destroy(struct http_direct *direct);
/* Is that a URL for the short way? */
bool http_direct_takes(const char *url);
/* As http_client_send. */
int http_direct_send(struct http_direct *direct, const struct http_call *call);
size_t http_direct_busy(const struct http_direct *direct);

#endif
