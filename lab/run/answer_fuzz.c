/* SPDX-License-Identifier: Apache-2.0 */
/* What servers under test and those who notify may send, in each encoding: as CoAP options and payload, and
 * as a whole primitive. The first byte chooses; of a CoAP message one follows for its code, then options (two
 * bytes number, one length, value) up to number 0, then the payload. */
#include "lab/run/coapmap.h"
#include "lab/run/content.h"
#include "lab/run/inspect.h"
#include "model/type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_coap(struct arena *arena, enum encoding encoding, struct slice rest)
{
	struct coap_message message = {.code = (uint8_t)rest.ptr[0]};
	struct call call = {.op = 2, .ty = -1, .to = SLICE("cse-in"), .rqi = SLICE("r"), .rvi = SLICE("3")};
	struct place place = {.encoding = encoding};
	struct reply reply = {0};
	struct val *primitive;
	struct slice path;

	rest = slice_skip(rest, 1);
	while (rest.len >= 3 && message.option_count < COAP_OPTIONS_MAX) {
		const unsigned char *p = (const unsigned char *)rest.ptr;
		uint16_t number = (uint16_t)(p[0] << 8 | p[1]);
		size_t len = p[2] < rest.len - 3 ? p[2] : rest.len - 3;

		rest = slice_skip(rest, number ? 3 : 2);
		if (!number)
			break;
		message.options[message.option_count++] =
		        (struct coap_opt){number, (struct slice){rest.ptr, len}};
		rest = slice_skip(rest, len);
	}
	message.payload = rest;
	coapmap_read_answer(arena, &place, &call, &message, &reply);
	(void)inspect_reply(arena, &call, &reply);
	(void)coapmap_read_request(arena, encoding, &message, &primitive, &path);
}

static void fuzz_primitive(struct arena *arena, enum encoding encoding, struct slice bytes)
{
	struct call call = {.op = 2, .ty = -1, .to = SLICE("cse-in"), .rqi = SLICE("r"), .rvi = SLICE("3")};
	struct reply reply = {0};
	struct why why = {0};
	struct val *primitive;

	if (content_read_primitive(arena, encoding, bytes, &why, &primitive, &reply.form_fault) != 0)
		return;
	content_reply(arena, primitive, &reply);
	(void)inspect_reply(arena, &call, &reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct arena arena;

	if (!ready)
		type_init();
	ready = true;
	if (size < 2 || size > 50000)
		return 0;
	arena_init(&arena);
	/* A copy of its own, so that reading behind the end is noticed. */
	struct slice rest = arena_copy(&arena, (struct slice){(const char *)data + 1, size - 1});
	enum encoding encoding = (enum encoding)(data[0] % ENCODING_COUNT);

	if (data[0] & 0x40)
		fuzz_coap(&arena, encoding, rest);
	else
		fuzz_primitive(&arena, encoding, rest);
	arena_finish(&arena);
	return 0;
}
