/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked and answered lately, by sender and message ID: a request that comes again gets the same
 * answer again and is not done twice. RFC 7252 4.5. A ring: the oldest leaves for the newest, so strangers
 * can cost no more than it holds. */
#ifndef DURE_NET_COAP_RECENT_H
#define DURE_NET_COAP_RECENT_H

#include "base/slice.h"

struct coap_recent;

/* A place in the ring; stays ours until the ring comes round: then it is no longer `mine`. */
struct coap_recent_place {
	uint32_t slot;
	uint32_t turn; /* 0: nowhere */
};

/* slots: a power of two; bytes: of answers kept. Never NULL. */
struct coap_recent *coap_recent_create(uint32_t slots, size_t bytes);
void coap_recent_destroy(struct coap_recent *recent);
/* sender: the bytes that tell it from others, at most 40. Is it new? Then it stands there now; else
 * *ret_answer is what was said last, empty: nothing yet. What is older than lifetime_us counts as never seen.
 */
bool coap_recent_is_new(struct coap_recent *recent, struct slice sender, uint16_t id, int64_t now_us,
                        int64_t lifetime_us, struct coap_recent_place *ret_place, struct slice *ret_answer);
/* Keeps a copy of the answer instead of one before, if the place is still ours. */
void coap_recent_answer(struct coap_recent *recent, struct coap_recent_place place, struct slice answer);

#endif
