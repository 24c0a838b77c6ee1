/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP messages as bytes: header, token, options, payload. RFC 7252 3, RFC 7959 2.2. Pure; no sockets. */
#ifndef DURE_NET_COAP_CODEC_H
#define DURE_NET_COAP_CODEC_H

#include "base/buf.h"
#include "net/coap.h"

enum coap_kind { COAP_CON, COAP_NON, COAP_ACK, COAP_RST };

/* Codes this room speaks of itself. */
enum coap_code {
	COAP_EMPTY = 0,
	COAP_GET = 1,
	COAP_CONTINUE = 0x5f,       /* 2.31 */
	COAP_BAD_REQUEST = 0x80,    /* 4.00 */
	COAP_BAD_OPTION = 0x82,     /* 4.02 */
	COAP_INCOMPLETE = 0x88,     /* 4.08 */
	COAP_TOO_LARGE = 0x8d,      /* 4.13 */
	COAP_UNAVAILABLE = 0xa3,    /* 5.03 */
	COAP_PROXY_NOT_HERE = 0xa5, /* 5.05 */
};

enum coap_option_number {
	COAP_OPT_URI_HOST = 3,
	COAP_OPT_ETAG = 4,
	COAP_OPT_OBSERVE = 6,
	COAP_OPT_URI_PORT = 7,
	COAP_OPT_URI_PATH = 11,
	COAP_OPT_FORMAT = 12,
	COAP_OPT_URI_QUERY = 15,
	COAP_OPT_ACCEPT = 17,
	COAP_OPT_BLOCK2 = 23,
	COAP_OPT_BLOCK1 = 27,
	COAP_OPT_SIZE2 = 28,
	COAP_OPT_PROXY_URI = 35,
	COAP_OPT_PROXY_SCHEME = 39,
	COAP_OPT_SIZE1 = 60,
};

struct coap_head {
	uint8_t kind, code, token_len;
	uint16_t id;
	uint8_t token[8];
};

#define COAP_CLASS(code) ((code) >> 5)
static inline bool coap_is_request(uint8_t code)
{
	return code >= 1 && COAP_CLASS(code) == 0;
}
static inline bool coap_is_response(uint8_t code)
{
	return COAP_CLASS(code) == 2 || COAP_CLASS(code) == 4 || COAP_CLASS(code) == 5;
}

/* Reads a datagram; values of *ret_message point into it. 0; -EBADMSG: malformed behind a good header
 * (*ret_head is set, also its token when that was whole); -E2BIG: the same for more than COAP_OPTIONS_MAX
 * options; -EINVAL: no CoAP at all, or another version: to be passed over in silence. */
int coap_codec_read(struct slice datagram, struct coap_head *ret_head, struct coap_message *ret_message);

/* Appends a message. Options may stand in any order; equal numbers keep theirs. Values above 65,804 bytes
 * are cut. A code of 0 writes the header alone. */
void coap_codec_write(struct buf *buf, const struct coap_head *head, const struct coap_opt *options,
                      size_t option_count, struct slice payload);

/* The first option of that number from `at` on (then *at stands behind it); NULL: none. */
const struct coap_opt *coap_codec_next(const struct coap_message *message, uint16_t number, size_t *at);
const struct coap_opt *coap_codec_find(const struct coap_message *message, uint16_t number);

/* Numbers of up to four bytes; false: longer. */
bool coap_codec_uint(struct slice value, uint32_t *ret);
/* The shortest form, in the caller's four bytes. */
struct slice coap_codec_put_uint(uint32_t number, uint8_t room[4]);

/* A Block1 or Block2 option. False when it is none: a size of 7, or more than three bytes. RFC 7959 2.2 */
struct coap_block {
	uint32_t number;
	bool more;
	uint8_t exponent; /* of the size: 0 is 16 bytes, 6 is 1024 */
};
#define COAP_BLOCK_NUMBER_MOST    0xfffff
#define COAP_BLOCK_SIZE(exponent) ((size_t)16 << (exponent))
bool coap_codec_block(struct slice value, struct coap_block *ret);
struct slice coap_codec_put_block(const struct coap_block *block, uint8_t room[4]);

/* Is it one of those that RFC 7252 and 7959 oblige us to understand, in a length that they allow? If-Match,
 * If-None-Match and the like are not: who sends them is told so. */
bool coap_codec_is_understood(const struct coap_opt *option);

#endif
