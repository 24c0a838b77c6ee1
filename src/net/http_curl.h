/* SPDX-License-Identifier: Apache-2.0 */
/* The long way of the client: libcurl, for https and for addresses with names. http_curl.c is the only file
 * that includes <curl/curl.h>. Only for http_client.c. */
#ifndef DURE_NET_HTTP_CURL_H
#define DURE_NET_HTTP_CURL_H

#include "net/http_client.h"

struct http_curl;

/* All as in http_client.h; config is complete here. */
int http_curl_create(struct loop *loop, const struct http_client_config *config, struct http_curl **ret);
void http_curl_destroy(struct http_curl *client);
int http_curl_send(struct http_curl *client, const struct http_call *call);
size_t http_curl_busy(const struct http_curl *client);

#endif
