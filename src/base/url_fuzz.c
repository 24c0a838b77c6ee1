/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that anybody may send as points of access or targets. What is taken falls into parts that make
 * the text again, and its host and port say nothing that could mean another host elsewhere. */
#include "base/url.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void fuzz_parts(struct slice text, const struct url *url)
{
	size_t user = url->has_user ? url->user.len + 1 : 0;

	assert(url->root.ptr == text.ptr && url->root.len + url->target.len == text.len);
	assert(url->scheme.len + 3 + user + url->authority.len == url->root.len);
	assert(url->path.len + url->query.len <= url->target.len);
	assert(url->host.len > 0 && url->host.len <= URL_HOST_MOST);
	for (size_t i = 0; i < url->host.len; i++)
		assert(url->host.ptr[i] > ' ' && !strchr("/?#@\\[]", url->host.ptr[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice text = {(const char *)bytes, len}, root = url_root(text);
	struct url_listen listen;
	struct url url, again;
	uint64_t port;

	assert(root.len <= len);
	if (!url_read(text, &url)) {
		fuzz_parts(text, &url);
		assert(slice_is(root, url.root) && slice_is(url_scheme(text), url.scheme));
		assert(!url_read(url.root, &again) && slice_is(again.host, url.host) &&
		       again.port == url.port);
		assert(again.target.len == 0);
	}
	if (url_read_listen(text, &listen)) {
		assert(strlen(listen.host) < sizeof(listen.host));
		assert(slice_u64(slice_of(listen.port), &port) && port <= 65535);
	}
	return 0;
}
