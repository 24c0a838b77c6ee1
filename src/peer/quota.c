/* SPDX-License-Identifier: Apache-2.0 */
/* Strangers pay, and cannot pay with a new name.
 *
 * An account is a pair of buckets: each fills by its rate r and holds at most B = QUOTA_BURST * r. In any
 * time t one account is so given at most B + r t, and one large request (long, or for many members of a
 * group) that it pays for afterwards.
 *
 * There are M = QUOTA_PLACES places for accounts. When all are taken, a newcomer takes the place of the
 * account that was silent for longest, and with it what is in its buckets: the allowance belongs to the
 * place, not to the name. So all strangers together, under however many addresses, are given at most M (B + r
 * t), and who changes his address gains nothing that waiting would not have given him. A place silent for
 * QUOTA_BURST seconds is full: unless M strangers ask within these seconds, a newcomer loses nothing by this.
 *
 * Those who have proven who they are have M places of their own, which no stranger can take. */
#include "peer/quota.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

#define SECOND  INT64_C(1000000)
#define LONGEST (3600 * SECOND) /* nothing is owed for longer */

struct account {
	uint64_t key;
	int64_t at;              /* when the buckets were last filled */
	int64_t requests, bytes; /* what is in them, in millionths; bytes may be owed */
	struct account *older, *newer;
};

/* Accounts of one sort, the longest silent first. */
struct side {
	struct map map;
	struct account *oldest, *newest;
};

struct quota {
	struct quota_rates rates;
	struct side sides[2];
};

struct quota *quota_create(const struct quota_rates *rates)
{
	struct quota *quota = mem_zero(1, sizeof(*quota));

	quota->rates = *rates;
	if (quota->rates.requests > QUOTA_RATE_MOST)
		quota->rates.requests = QUOTA_RATE_MOST;
	if (quota->rates.bytes > QUOTA_RATE_MOST)
		quota->rates.bytes = QUOTA_RATE_MOST;
	return quota;
}

void quota_destroy(struct quota *quota)
{
	if (!quota)
		return;
	for (size_t i = 0; i < 2; i++) {
		struct side *side = &quota->sides[i];

		while (side->oldest) {
			struct account *account = side->oldest;

			side->oldest = account->newer;
			free(account);
		}
		map_finish(&side->map);
	}
	free(quota);
}

static void take_out(struct side *side, struct account *account)
{
	*(account->older ? &account->older->newer : &side->oldest) = account->newer;
	*(account->newer ? &account->newer->older : &side->newest) = account->older;
}

static void put_newest(struct side *side, struct account *account)
{
	account->older = side->newest;
	account->newer = NULL;
	*(side->newest ? &side->newest->newer : &side->oldest) = account;
	side->newest = account;
}

static int64_t bucket(uint64_t rate)
{
	return (int64_t)rate * QUOTA_BURST * SECOND;
}

static int64_t filled(int64_t level, uint64_t rate, int64_t since_us)
{
	level += (int64_t)rate * since_us;
	return level < bucket(rate) ? level : bucket(rate);
}

static bool account_is(const void *value, const void *key)
{
	return ((const struct account *)value)->key == *(const uint64_t *)key;
}

/* The account, its buckets filled, at the end of the line. */
static struct account *find(struct quota *quota, struct side *side, uint64_t key, int64_t now_us)
{
	struct account *account = map_find(&side->map, key, account_is, &key);
	int64_t since;

	if (account) {
		take_out(side, account);
	} else {
		if (side->map.count < QUOTA_PLACES) {
			account = mem_zero(1, sizeof(*account));
			account->at = now_us;
			account->requests = bucket(quota->rates.requests);
			account->bytes = bucket(quota->rates.bytes);
		} else {
			account = side->oldest;
			take_out(side, account);
			map_remove(&side->map, account->key, account);
		}
		account->key = key;
		map_add(&side->map, key, account);
	}
	put_newest(side, account);
	since = now_us - account->at;
	/* A large debt takes its time; and nothing overflows. */
	if (since > 0) {
		if (since > LONGEST)
			since = LONGEST;
		account->requests = filled(account->requests, quota->rates.requests, since);
		account->bytes = filled(account->bytes, quota->rates.bytes, since);
		account->at = now_us;
	}
	return account;
}

static int64_t taken(int64_t level, uint64_t rate, uint64_t amount)
{
	int64_t least = -(int64_t)rate * LONGEST;

	level -= (int64_t)(amount < QUOTA_RATE_MOST ? amount : QUOTA_RATE_MOST) * SECOND;
	return level > least ? level : least;
}

static void take_from(const struct quota_rates *rates, struct account *account, uint64_t bytes)
{
	if (rates->requests)
		account->requests = taken(account->requests, rates->requests, 1);
	if (rates->bytes)
		account->bytes = taken(account->bytes, rates->bytes, bytes);
}

enum quota_verdict quota_charge(struct quota *quota, bool stranger, uint64_t account_key, uint64_t bytes,
                                int64_t now_us, int64_t *ret_wait_us)
{
	const struct quota_rates *rates = &quota->rates;
	struct account *account = find(quota, &quota->sides[stranger], account_key, now_us);

	*ret_wait_us = 0;
	if (rates->requests && account->requests < SECOND) {
		*ret_wait_us = (SECOND - account->requests + (int64_t)rates->requests - 1) /
		               (int64_t)rates->requests;
		return QUOTA_REQUESTS;
	}
	if (rates->bytes && account->bytes <= 0) {
		*ret_wait_us = -account->bytes / (int64_t)rates->bytes + 1;
		return QUOTA_BYTES;
	}
	/* A large one is taken once something is there, and owed: else it could never be sent. */
	take_from(rates, account, bytes);
	return QUOTA_FINE;
}

void quota_owe(struct quota *quota, bool stranger, uint64_t account, uint64_t bytes, int64_t now_us)
{
	take_from(&quota->rates, find(quota, &quota->sides[stranger], account, now_us), bytes);
}

size_t quota_count(const struct quota *quota)
{
	return quota->sides[0].map.count + quota->sides[1].map.count;
}
