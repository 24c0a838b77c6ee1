/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing CoAP. Options stand in the order of their numbers, each telling only the distance to
 * the one before: so whoever writes sorts first, and whoever reads adds up. */
#include "net/coap_codec.h"

#include <errno.h>

#define CODEC_HEADER  4
#define CODEC_VERSION 1
#define CODEC_MARKER  0xff
#define CODEC_LONGEST (65535 + 269) /* what two more bytes can say of a length */

/* Takes what a nibble stands for: itself, or 13 and 14 for one and two bytes more. */
static bool codec_extended(struct slice *rest, unsigned nibble, size_t *ret)
{
	const unsigned char *at = (const unsigned char *)rest->ptr;

	if (nibble < 13) {
		*ret = nibble;
		return true;
	}
	if (nibble == 13 && rest->len >= 1) {
		*ret = 13u + at[0];
		*rest = slice_skip(*rest, 1);
		return true;
	}
	if (nibble == 14 && rest->len >= 2) {
		*ret = 269u + (size_t)at[0] * 256 + at[1];
		*rest = slice_skip(*rest, 2);
		return true;
	}
	return false;
}

static int codec_options(struct slice rest, struct coap_message *ret)
{
	size_t number = 0, delta, len;

	while (rest.len > 0) {
		unsigned first = (unsigned char)rest.ptr[0];

		rest = slice_skip(rest, 1);
		if (first == CODEC_MARKER) {
			ret->payload = rest;
			return rest.len > 0 ? 0 : -EBADMSG;
		}
		if (!codec_extended(&rest, first >> 4, &delta) || !codec_extended(&rest, first & 15, &len) ||
		    len > rest.len || number + delta > 65535)
			return -EBADMSG;
		number += delta;
		if (ret->option_count == COAP_OPTIONS_MAX)
			return -E2BIG;
		ret->options[ret->option_count++] =
		        (struct coap_opt){(uint16_t)number, slice_make(rest.ptr, len)};
		rest = slice_skip(rest, len);
	}
	return 0;
}

int coap_codec_read(struct slice datagram, struct coap_head *ret_head, struct coap_message *ret_message)
{
	const unsigned char *at = (const unsigned char *)datagram.ptr;

	if (datagram.len < CODEC_HEADER || at[0] >> 6 != CODEC_VERSION)
		return -EINVAL;
	memset(ret_head, 0, sizeof(*ret_head));
	ret_head->kind = (at[0] >> 4) & 3;
	ret_head->code = at[1];
	ret_head->id = (uint16_t)(at[2] << 8 | at[3]);
	ret_message->code = at[1];
	ret_message->confirmable = ret_head->kind == COAP_CON;
	ret_message->option_count = 0;
	ret_message->payload = SLICE("");
	if ((at[0] & 15) > sizeof(ret_head->token) || datagram.len < CODEC_HEADER + (size_t)(at[0] & 15))
		return -EBADMSG;
	ret_head->token_len = at[0] & 15;
	memcpy(ret_head->token, at + CODEC_HEADER, ret_head->token_len);
	if (at[1] == COAP_EMPTY)
		return datagram.len == CODEC_HEADER ? 0 : -EBADMSG;
	return codec_options(slice_skip(datagram, CODEC_HEADER + (size_t)ret_head->token_len), ret_message);
}

static unsigned codec_nibble(size_t n)
{
	return n < 13 ? (unsigned)n : n < 269 ? 13 : 14;
}

static void codec_put_extended(struct buf *buf, size_t n)
{
	if (n >= 269) {
		buf_add_char(buf, (char)((n - 269) >> 8));
		buf_add_char(buf, (char)(n - 269));
	} else if (n >= 13) {
		buf_add_char(buf, (char)(n - 13));
	}
}

static void codec_put_option(struct buf *buf, size_t delta, struct slice value)
{
	if (value.len > CODEC_LONGEST)
		value.len = CODEC_LONGEST;
	buf_add_char(buf, (char)(codec_nibble(delta) << 4 | codec_nibble(value.len)));
	codec_put_extended(buf, delta);
	codec_put_extended(buf, value.len);
	buf_add_slice(buf, value);
}

void coap_codec_write(struct buf *buf, const struct coap_head *head, const struct coap_opt *options,
                      size_t option_count, struct slice payload)
{
	uint8_t order[COAP_OPTIONS_MAX + 8];
	unsigned number = 0;
	size_t count = option_count < sizeof(order) ? option_count : sizeof(order);

	buf_add_char(buf, (char)(CODEC_VERSION << 6 | head->kind << 4 | head->token_len));
	buf_add_char(buf, (char)head->code);
	buf_add_char(buf, (char)(head->id >> 8));
	buf_add_char(buf, (char)head->id);
	if (head->code == COAP_EMPTY)
		return;
	buf_add(buf, head->token, head->token_len);
	for (size_t i = 0; i < count; i++) {
		size_t at = i;

		for (; at > 0 && options[order[at - 1]].number > options[i].number; at--)
			order[at] = order[at - 1];
		order[at] = (uint8_t)i;
	}
	for (size_t i = 0; i < count; i++) {
		const struct coap_opt *option = &options[order[i]];

		codec_put_option(buf, option->number - number, option->value);
		number = option->number;
	}
	if (payload.len > 0) {
		buf_add_char(buf, (char)CODEC_MARKER);
		buf_add_slice(buf, payload);
	}
}

const struct coap_opt *coap_codec_next(const struct coap_message *message, uint16_t number, size_t *at)
{
	while (*at < message->option_count) {
		const struct coap_opt *option = &message->options[(*at)++];

		if (option->number == number)
			return option;
	}
	return NULL;
}

const struct coap_opt *coap_codec_find(const struct coap_message *message, uint16_t number)
{
	size_t at = 0;

	return coap_codec_next(message, number, &at);
}

bool coap_codec_uint(struct slice value, uint32_t *ret)
{
	uint32_t n = 0;

	if (value.len > 4)
		return false;
	for (size_t i = 0; i < value.len; i++)
		n = n << 8 | (unsigned char)value.ptr[i];
	*ret = n;
	return true;
}

struct slice coap_codec_put_uint(uint32_t number, uint8_t room[4])
{
	size_t len = 0;

	for (int shift = 24; shift >= 0; shift -= 8)
		if (len > 0 || number >> shift)
			room[len++] = (uint8_t)(number >> shift);
	return slice_make((const char *)room, len);
}

bool coap_codec_block(struct slice value, struct coap_block *ret)
{
	uint32_t n;

	if (value.len > 3 || !coap_codec_uint(value, &n) || (n & 7) == 7)
		return false;
	*ret = (struct coap_block){.number = n >> 4, .more = (n & 8) != 0, .exponent = n & 7};
	return true;
}

struct slice coap_codec_put_block(const struct coap_block *block, uint8_t room[4])
{
	return coap_codec_put_uint(block->number << 4 | (block->more ? 8u : 0u) | block->exponent, room);
}

bool coap_codec_is_understood(const struct coap_opt *option)
{
	static const struct {
		uint16_t number, least, most;
	} rows[] = {
	        {COAP_OPT_URI_HOST, 1, 255},  {COAP_OPT_URI_PORT, 0, 2},     {COAP_OPT_URI_PATH, 0, 255},
	        {COAP_OPT_URI_QUERY, 0, 255}, {COAP_OPT_ACCEPT, 0, 2},       {COAP_OPT_BLOCK2, 0, 3},
	        {COAP_OPT_BLOCK1, 0, 3},      {COAP_OPT_PROXY_URI, 1, 1034}, {COAP_OPT_PROXY_SCHEME, 1, 255},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].number == option->number)
			return option->value.len >= rows[i].least && option->value.len <= rows[i].most;
	return false;
}
