/* SPDX-License-Identifier: Apache-2.0 */
#include "net/coap_codec.h"

#include <errno.h>

#include "base/unit.h"

static const struct {
	const char *bytes;
	size_t len;
	int result;
	uint8_t kind, code, token_len, options;
	const char *payload;
} messages[] = {
        {"\x40\x01\x12\x34", 4, 0, COAP_CON, 1, 0, 0, ""},
        {"\x51\x02\x00\x01t", 5, 0, COAP_NON, 2, 1, 0, ""},
        {"\x40\x01\x12\x34\xb1"
         "a\x01"
         "b\xff"
         "x",
         10, 0, COAP_CON, 1, 0, 2, "x"},
        {"\x60\x45\x00\x00\xff"
         "body",
         9, 0, COAP_ACK, 0x45, 0, 0, "body"},
        /* one byte and two bytes more, of distance and of length */
        {"\x40\x01\x00\x00\xd0\x00", 6, 0, COAP_CON, 1, 0, 1, ""},
        {"\x40\x01\x00\x00\xe0\x00\x0a", 7, 0, COAP_CON, 1, 0, 1, ""},
        {"\x40\x01\x00\x00\xe0\xfe\xf2", 7, 0, COAP_CON, 1, 0, 1, ""},
        /* an empty message */
        {"\x40\x00\x00\x07", 4, 0, COAP_CON, 0, 0, 0, ""},
        /* no CoAP at all */
        {"", 0, -EINVAL, 0, 0, 0, 0, ""},
        {"\x40\x01\x12", 3, -EINVAL, 0, 0, 0, 0, ""},
        {"\x80\x01\x12\x34", 4, -EINVAL, 0, 0, 0, 0, ""},
        /* a token that is too long, or not there */
        {"\x49\x01\x12\x34"
         "123456789",
         13, -EBADMSG, COAP_CON, 1, 0, 0, ""},
        {"\x48\x01\x12\x34"
         "1234567",
         11, -EBADMSG, COAP_CON, 1, 0, 0, ""},
        /* something in an empty message; a marker with nothing behind it */
        {"\x40\x00\x00\x07x", 5, -EBADMSG, COAP_CON, 0, 0, 0, ""},
        {"\x40\x01\x00\x00\xff", 5, -EBADMSG, COAP_CON, 1, 0, 0, ""},
        /* options that end too early, with the reserved 15, or behind the last number */
        {"\x40\x01\x00\x00\xb2"
         "a",
         6, -EBADMSG, COAP_CON, 1, 0, 0, ""},
        {"\x40\x01\x00\x00\xd0", 5, -EBADMSG, COAP_CON, 1, 0, 0, ""},
        {"\x40\x01\x00\x00\xe0\x00", 6, -EBADMSG, COAP_CON, 1, 0, 0, ""},
        {"\x40\x01\x00\x00\xf0", 5, -EBADMSG, COAP_CON, 1, 0, 0, ""},
        {"\x40\x01\x00\x00\x0f", 5, -EBADMSG, COAP_CON, 1, 0, 0, ""},
        {"\x40\x01\x00\x00\xe0\xfe\xf3", 7, -EBADMSG, COAP_CON, 1, 0, 0, ""},
};

UNIT(messages_are_read_as_the_standard_says)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct coap_message message;
		struct coap_head head = {0};

		assert_int_equal(
		        coap_codec_read(slice_make(messages[i].bytes, messages[i].len), &head, &message),
		        messages[i].result);
		if (messages[i].result == -EINVAL)
			continue;
		assert_int_equal(head.kind, messages[i].kind);
		assert_int_equal(head.code, messages[i].code);
		assert_int_equal(head.token_len, messages[i].token_len);
		if (messages[i].result == 0) {
			assert_int_equal(message.option_count, messages[i].options);
			assert_slice(message.payload, messages[i].payload);
		}
	}
}

UNIT(too_many_options_are_refused)
{
	char bytes[4 + COAP_OPTIONS_MAX + 1];
	struct coap_message message;
	struct coap_head head;

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, "\x40\x01\x00\x00", 4);
	assert_int_equal(coap_codec_read(slice_make(bytes, sizeof(bytes) - 1), &head, &message), 0);
	assert_int_equal(coap_codec_read(slice_make(bytes, sizeof(bytes)), &head, &message), -E2BIG);
}

UNIT(what_is_written_reads_the_same)
{
	char text[400];
	const struct coap_opt options[] = {{291, slice_make(text, 300)},
	                                   {11, SLICE("b")},
	                                   {11, SLICE("a")},
	                                   {0, SLICE("")},
	                                   {65535, SLICE("")},
	                                   {12, slice_make(text, 13)},
	                                   {24, slice_make(text, 268)},
	                                   {293, slice_make(text, 269)}};
	const uint16_t order[] = {0, 11, 11, 12, 24, 291, 293, 65535};
	const struct coap_head head = {
	        .kind = COAP_NON, .code = 0x45, .id = 0xfedc, .token_len = 3, .token = "tok"};
	struct coap_message message;
	struct coap_head back;
	struct buf buf;

	memset(text, 'o', sizeof(text));
	buf_init(&buf, NULL);
	coap_codec_write(&buf, &head, options, 8, SLICE("the body"));
	assert_int_equal(coap_codec_read(buf_slice(&buf), &back, &message), 0);
	assert_memory_equal(&back, &head, sizeof(head));
	assert_int_equal(message.option_count, 8);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(message.options[i].number, order[i]);
	assert_slice(message.options[1].value, "b");
	assert_slice(message.options[2].value, "a");
	assert_int_equal(message.options[4].value.len, 268);
	assert_int_equal(message.options[5].value.len, 300);
	assert_int_equal(message.options[6].value.len, 269);
	assert_slice(message.payload, "the body");
	buf_finish(&buf);
}

UNIT(numbers_and_blocks)
{
	static const uint32_t numbers[] = {0, 1, 255, 256, 65535, 65536, 0xffffffff};
	static const size_t lengths[] = {0, 1, 1, 2, 2, 3, 4};
	const struct coap_block block = {.number = 1048575, .more = true, .exponent = 6};
	struct coap_block back;
	uint8_t room[4];
	uint32_t n;

	for (size_t i = 0; i < 7; i++) {
		struct slice value = coap_codec_put_uint(numbers[i], room);

		assert_int_equal(value.len, lengths[i]);
		assert_true(coap_codec_uint(value, &n));
		assert_int_equal(n, numbers[i]);
	}
	assert_false(coap_codec_uint(SLICE("12345"), &n));
	assert_true(coap_codec_block(coap_codec_put_block(&block, room), &back));
	assert_int_equal(back.number, 1048575);
	assert_true(back.more);
	assert_int_equal(back.exponent, 6);
	assert_true(coap_codec_block(SLICE(""), &back));
	assert_int_equal(back.number, 0);
	assert_false(coap_codec_block(SLICE("\x07"), &back));
	assert_false(coap_codec_block(SLICE("\x00\x00\x00\x06"), &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(messages_are_read_as_the_standard_says),
	        unit(too_many_options_are_refused),
	        unit(what_is_written_reads_the_same),
	        unit(numbers_and_blocks),
	};

	return unit_main(tests);
}
