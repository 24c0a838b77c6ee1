/* SPDX-License-Identifier: Apache-2.0 */
/* How much one may ask for: requests and bytes a second, by account. An account is an originator that has
 * proven itself, or, where nobody needs to, an address. Memory is bounded however many come. */
#ifndef DURE_PEER_QUOTA_H
#define DURE_PEER_QUOTA_H

#include "base/fail.h"

enum {
	QUOTA_PLACES = 8192, /* accounts of strangers, and as many of others */
	QUOTA_BURST = 2,     /* seconds of allowance that can be saved up */
	QUOTA_RATE_MOST = 1000000000,
};

struct quota_rates {
	uint64_t requests, bytes; /* a second; 0: no limit */
};

enum quota_verdict { QUOTA_FINE, QUOTA_REQUESTS, QUOTA_BYTES };

struct quota;

struct quota *quota_create(const struct quota_rates *rates);
void quota_destroy(struct quota *quota); /* NULL is fine */
/* Charges the account for one request of so many bytes. Beyond its allowance nothing is charged, and
 * *ret_wait_us tells when the next one would be taken. account: a number that is equal for equal ones (of a
 * keyed hash, where strangers could choose); now_us: of any clock that does not go back. One look-up in a
 * table. */
enum quota_verdict quota_charge(struct quota *quota, bool stranger, uint64_t account, uint64_t bytes,
                                int64_t now_us, int64_t *ret_wait_us);
/* Charges it for one request more that was done without asking; what it can't pay it owes. */
void quota_owe(struct quota *quota, bool stranger, uint64_t account, uint64_t bytes, int64_t now_us);
/* Accounts held. */
size_t quota_count(const struct quota *quota);

#endif
