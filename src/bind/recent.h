/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked lately and what we answered: so that a request that a broker, or a patient client, sends
 * twice is done once. Bounded in number, bytes and time; what is oldest goes first. It knows no protocol. */
#ifndef DURE_BIND_RECENT_H
#define DURE_BIND_RECENT_H

#include "base/slice.h"

struct recent;

struct recent_config {
	size_t count;    /* answers remembered */
	size_t bytes;    /* of all their texts */
	int64_t keep_us; /* and for how long */
};

/* Names a request: two hashes of where it came in and of all its bytes, keyed once per process. */
struct recent_key {
	uint64_t a, b;
};

enum recent_state {
	RECENT_NEW,       /* never seen, or forgotten: now it is under way */
	RECENT_UNDER_WAY, /* seen, not yet answered */
	RECENT_ANSWERED
};

void recent_create(const struct recent_config *config, struct recent **ret);
/* NULL is fine. */
void recent_destroy(struct recent *recent);
struct recent_key recent_key(struct slice place, struct slice bytes);
/* now_us is of a steady clock. *ret_answer is set when it was answered; it stays until the next call here. */
enum recent_state recent_see(struct recent *recent, struct recent_key key, int64_t now_us,
                             struct slice *ret_answer);
/* It was answered so; copied. Nothing happens when it is not under way. */
void recent_answer(struct recent *recent, struct recent_key key, int64_t now_us, struct slice answer);
/* It is not to be remembered; the next one like it is new. */
void recent_forget(struct recent *recent, struct recent_key key);
/* Those remembered, and those under way. */
size_t recent_count(const struct recent *recent);

#endif
