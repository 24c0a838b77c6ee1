/* SPDX-License-Identifier: Apache-2.0 */
/* The client has two ways: the short one for plain http to a numeric address, libcurl for all else. libcurl
 * is woken up when it is first needed: a node that only ever talks to devices does not pay for it. */
#include "net/http_client.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/url.h"
#include "net/http_curl.h"
#include "net/http_direct.h"

struct http_client {
	struct loop *loop;
	struct http_client_config config;
	struct http_direct *direct;
	struct http_curl *curl; /* NULL: not needed yet */
};

static size_t client_default(size_t n, size_t otherwise)
{
	return n ? n : otherwise;
}

int http_client_create(struct loop *loop, const struct http_client_config *config, struct http_client **ret)
{
	struct http_client *client = mem_zero(1, sizeof(*client));
	int r;

	if (config)
		client->config = *config;
	client->loop = loop;
	client->config.connections = client_default(client->config.connections, 256);
	client->config.per_host = client_default(client->config.per_host, 64);
	client->config.body_max = client_default(client->config.body_max, 1 << 20);
	r = http_direct_create(loop, &client->config, &client->direct);
	if (r != 0) {
		free(client);
		return r;
	}
	*ret = client;
	return 0;
}

void http_client_destroy(struct http_client *client)
{
	if (!client)
		return;
	http_direct_destroy(client->direct);
	http_curl_destroy(client->curl);
	free(client);
}

int http_client_send(struct http_client *client, const struct http_call *call)
{
	struct url url;

	if (http_direct_takes(call->url))
		return http_direct_send(client->direct, call);
	if (!url_has_scheme(slice_of(call->url), "http") && !url_has_scheme(slice_of(call->url), "https"))
		return -EPROTONOSUPPORT;
	if (url_read(slice_of(call->url), &url))
		return -EINVAL;
	if (!client->curl) {
		int r = http_curl_create(client->loop, &client->config, &client->curl);

		if (r != 0)
			return r;
	}
	return http_curl_send(client->curl, call);
}

size_t http_client_busy(const struct http_client *client)
{
	return http_direct_busy(client->direct) + (client->curl ? http_curl_busy(client->curl) : 0);
}
