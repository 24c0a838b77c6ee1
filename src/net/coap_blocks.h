/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies larger than a datagram: those of which we have a part, and those of which others have a part. RFC
 * 7959. Both are bounded in number, in bytes and in time. When there are too many, those go first of which
 * nothing came but a beginning: who really sends is not pushed out by those who only begin. */
#ifndef DURE_NET_COAP_BLOCKS_H
#define DURE_NET_COAP_BLOCKS_H

#include "net/coap_codec.h"

struct coap_blocks;

struct coap_blocks_limits {
	size_t bodies;    /* how many at once */
	size_t bytes;     /* of all together */
	size_t body;      /* of one */
	int64_t quiet_us; /* without a new block for so long: gone */
};

enum coap_blocks_result {
	COAP_BLOCKS_MORE,  /* taken; send the next one */
	COAP_BLOCKS_WHOLE, /* that was the last: *ret_body */
	COAP_BLOCKS_GAP,   /* not the block that was expected, or of a body that is gone: 4.08 */
	COAP_BLOCKS_LARGE, /* the body is too large: 4.13 */
	COAP_BLOCKS_MALFORMED
};

/* Never NULL. */
struct coap_blocks *coap_blocks_create(const struct coap_blocks_limits *limits);
void coap_blocks_destroy(struct coap_blocks *blocks);
/* A block of the body `key` (a keyed hash of sender and request). *ret_body is valid until the next call. */
enum coap_blocks_result coap_blocks_put(struct coap_blocks *blocks, uint64_t key, struct coap_block block,
                                        struct slice payload, int64_t now_us, struct slice *ret_body);
/* Keeps a whole one, copied, instead of one that has the same key; nothing when it is too large. */
void coap_blocks_keep(struct coap_blocks *blocks, uint64_t key, struct slice body, int64_t now_us);
/* One that was kept; false: none. Valid until the next call. */
bool coap_blocks_find(struct coap_blocks *blocks, uint64_t key, int64_t now_us, struct slice *ret_body);
/* Drops those that were quiet too long. Call it now and then. */
void coap_blocks_expire(struct coap_blocks *blocks, int64_t now_us);
size_t coap_blocks_count(const struct coap_blocks *blocks);
size_t coap_blocks_bytes(const struct coap_blocks *blocks);

#endif
