/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram: what can be read is written again and read again, and is the same. */
#include "net/coap_codec.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct coap_message first, second;
	struct coap_head head, back;
	struct buf buf;

	if (coap_codec_read(slice_make((const char *)bytes, len), &head, &first) != 0)
		return 0;
	buf_init(&buf, NULL);
	coap_codec_write(&buf, &head, first.options, first.option_count, first.payload);
	assert(coap_codec_read(buf_slice(&buf), &back, &second) == 0);
	assert(memcmp(&head, &back, sizeof(head)) == 0);
	assert(first.option_count == second.option_count && slice_is(first.payload, second.payload));
	for (size_t i = 0; i < first.option_count; i++)
		assert(first.options[i].number == second.options[i].number &&
		       slice_is(first.options[i].value, second.options[i].value));
	buf_finish(&buf);
	return 0;
}
