/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as a server may send them, cut where the first byte says: the outcome is the same as uncut. */
#include <assert.h>

#include "net/http_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum http_outcome fuzz_read(struct http_reply_reader *reader, struct slice text, size_t cut)
{
	enum http_outcome outcome;

	http_reply_begin(reader);
	outcome = http_reply_feed(reader, slice_make(text.ptr, cut));
	if (outcome == HTTP_MORE)
		outcome = http_reply_feed(reader, slice_skip(text, cut));
	if (outcome == HTTP_MORE)
		outcome = http_reply_end(reader);
	assert(outcome == HTTP_DONE || (outcome == HTTP_BAD && reader->error));
	assert(reader->body.len <= reader->body_max);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data + 1, size - 1};
	struct http_reply_reader whole, cut;

	if (size < 1)
		return 0;
	http_reply_init(&whole, 512);
	http_reply_init(&cut, 512);
	assert(fuzz_read(&whole, text, text.len) == fuzz_read(&cut, text, text.len * data[0] / 256));
	assert(whole.status == cut.status || whole.error);
	assert(whole.error || slice_is(buf_slice(&whole.body), buf_slice(&cut.body)));
	http_reply_field(&whole, "x");
	http_reply_finish(&whole);
	http_reply_finish(&cut);
	return 0;
}
