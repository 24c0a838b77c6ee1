/* SPDX-License-Identifier: Apache-2.0 */
/* What a server may answer to our handshake: it passes only when all three magic words are in it. And URLs.
 */
#include <assert.h>

#include "net/ws_handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ws_expected expected = {SLICE_INIT("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
	                                            SLICE_INIT("oneM2M.json")};
	struct slice text = {(const char *)data, size};
	size_t len = ws_handshake_scan(text);
	struct ws_url url;

	assert(len <= size);
	if (ws_url_read(text, &url))
		assert(url.port && url.host.len && url.authority.len + url.path.len < size);
	if (len == 0)
		return 0;
	if (!ws_handshake_check(slice_make(text.ptr, len), &expected)) {
		assert(memmem(text.ptr, len, expected.accept.ptr, expected.accept.len));
		assert(memmem(text.ptr, len, expected.protocol.ptr, expected.protocol.len));
		assert(memmem(text.ptr, len, " 101", 4));
	}
	return 0;
}
