/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as they may come from a socket, cut where the first byte says: the outcome must be the same as uncut,
 * a head must hold only what it was given, and a chunked body no more than its limit. */
#include <assert.h>
#include <stdlib.h>

#include "net/http_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct http_limits fuzz_limits = {.head = 2048, .body = 4096, .target = 512};

static bool fuzz_is_within(struct slice part, struct slice whole)
{
	return part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

/* Reads a head of which first only `cut` bytes are there. */
static enum http_outcome fuzz_head(struct slice text, size_t cut, struct http_head *head,
                                   struct http_bad *bad)
{
	struct http_scan scan = {0};
	size_t len = 0;
	enum http_outcome outcome =
	        http_parse_scan(&scan, slice_make(text.ptr, cut), &fuzz_limits, &len, bad);

	if (outcome == HTTP_MORE)
		outcome = http_parse_scan(&scan, text, &fuzz_limits, &len, bad);
	if (outcome != HTTP_DONE)
		return outcome;
	assert(len <= text.len && len <= fuzz_limits.head);
	return http_parse_head(slice_make(text.ptr, len), &fuzz_limits, head, bad);
}

static void fuzz_chunks(struct slice rest)
{
	struct http_chunked chunked = {0};
	struct http_bad bad = {0};
	enum http_outcome outcome;
	struct slice piece;
	size_t total = 0;

	while ((outcome = http_parse_chunked(&chunked, &rest, &fuzz_limits, &piece, &bad)) == HTTP_DATA) {
		assert(piece.len > 0);
		total += piece.len;
	}
	assert(total <= fuzz_limits.body);
	assert(outcome != HTTP_BAD || bad.status >= 400);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data + 1, size - 1};
	struct http_header headers[HTTP_HEADERS_MAX];
	struct http_head head = {.headers = headers};
	struct http_bad bad = {0}, bad_cut = {0};
	enum http_outcome outcome, cut;

	if (size < 1)
		return 0;
	fuzz_chunks(text);
	cut = fuzz_head(text, text.len * data[0] / 256, &head, &bad_cut);
	outcome = fuzz_head(text, text.len, &head, &bad);
	/* In a cut message what is too large may be seen earlier than what is wrong; else nothing changes. */
	assert(outcome == cut || text.len > fuzz_limits.target);
	assert(outcome != HTTP_BAD || bad.status >= 400);
	if (outcome != HTTP_DONE)
		return 0;
	assert(http_parse_is_token(head.method) && head.length <= fuzz_limits.body);
	assert(!head.chunked || head.length == 0);
	for (size_t i = 0; i < head.header_count; i++)
		assert(fuzz_is_within(headers[i].name, text) && fuzz_is_within(headers[i].value, text));
	return 0;
}
