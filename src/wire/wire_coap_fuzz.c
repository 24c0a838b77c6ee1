/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram as request and as reply. What is understood of a request is written again as an answer and as a
 * request of our own, and that is understood again. */
#include "wire/wire_coap.h"

#include <assert.h>

#include "base/utf8.h"
#include "model/type.h"
#include "net/coap_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(struct arena *arena, const struct prim *request, const struct wire_coap_form *form)
{
	struct wire_coap_message message;
	struct wire_coap_form back;
	struct prim prim;
	struct why why;

	wire_coap_write(arena, request, request, form, &message);
	assert(message.option_count <= WIRE_COAP_OPTIONS);
	wire_coap_write_request(arena, request, SLICE("coap://127.0.0.1/a?b=c"), form, &message);
	for (size_t i = 0; i < message.option_count; i++)
		assert(utf8_is_valid(message.options[i].value) || message.options[i].value.len <= 4);
	if (wire_coap_read(arena, &message, &why, &prim, &back) == 0)
		assert(slice_is(prim_text(&prim, PRIM_rqi), prim_text(request, PRIM_rqi)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static bool begun;
	struct coap_message datagram;
	struct coap_head head;
	struct wire_coap_message message;
	struct wire_coap_form form;
	struct arena arena;
	struct prim prim;
	struct why why;

	if (!begun) {
		type_init();
		begun = true;
	}
	if (coap_codec_read(slice_make((const char *)bytes, len), &head, &datagram) != 0)
		return 0;
	message.code = datagram.code;
	message.option_count = datagram.option_count;
	message.body = datagram.payload;
	for (size_t i = 0; i < datagram.option_count; i++)
		message.options[i] =
		        (struct wire_coap_option){datagram.options[i].number, datagram.options[i].value};
	arena_init(&arena);
	if (wire_coap_read(&arena, &message, &why, &prim, &form) == 0)
		check(&arena, &prim, &form);
	(void)!wire_coap_read_reply(&arena, &message, &why, &prim);
	arena_finish(&arena);
	return 0;
}
