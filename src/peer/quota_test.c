/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/unit.h"
#include "peer/quota.h"

#define SECOND INT64_C(1000000)

/* How many of `tries` are taken, spread over `span_us`. */
static int taken(struct quota *quota, uint64_t account, int tries, int64_t from_us, int64_t span_us)
{
	int64_t wait;
	int fine = 0;

	for (int i = 0; i < tries; i++)
		fine += quota_charge(quota, true, account, 100, from_us + span_us * i / tries, &wait) ==
		        QUOTA_FINE;
	return fine;
}

UNIT(quota_gives_its_rate)
{
	struct quota *quota = quota_create(&(struct quota_rates){.requests = 100});

	assert_int_equal(taken(quota, 1, 10000, 0, 1), 200);
	assert_in_range(taken(quota, 1, 100000, 0, 10 * SECOND), 999, 1001);
	/* However long it was silent, it has saved up no more than that. */
	assert_int_equal(taken(quota, 1, 10000, 1000 * SECOND, 1), 200);
	quota_destroy(quota);
	quota_destroy(NULL);
}

UNIT(quota_tells_when_to_come_back)
{
	struct quota *quota = quota_create(&(struct quota_rates){.requests = 3});
	int64_t wait, now = 7;

	for (int round = 0; round < 20; round++) {
		while (quota_charge(quota, false, 1, 0, now, &wait) == QUOTA_FINE)
			;
		assert_in_range(wait, 1, SECOND / 3 + 1);
		assert_int_equal(quota_charge(quota, false, 1, 0, now + wait - 2, &wait), QUOTA_REQUESTS);
		now += SECOND / 3 + 1;
		assert_int_equal(quota_charge(quota, false, 1, 0, now, &wait), QUOTA_FINE);
	}
	quota_destroy(quota);
}

UNIT(quota_lends_bytes)
{
	struct quota *quota = quota_create(&(struct quota_rates){.bytes = 1000});
	int64_t wait;

	/* Larger than all that can be saved up: taken, and owed. */
	assert_int_equal(quota_charge(quota, true, 1, 12000, 0, &wait), QUOTA_FINE);
	assert_int_equal(quota_charge(quota, true, 1, 1, 0, &wait), QUOTA_BYTES);
	assert_in_range(wait, 10 * SECOND, 10 * SECOND + 1);
	assert_int_equal(quota_charge(quota, true, 1, 1, 10 * SECOND - 10, &wait), QUOTA_BYTES);
	assert_int_equal(quota_charge(quota, true, 1, 1, 10 * SECOND + 2, &wait), QUOTA_FINE);
	assert_int_equal(quota_charge(quota, true, 2, UINT64_MAX, 0, &wait), QUOTA_FINE);
	assert_int_equal(quota_charge(quota, true, 2, 1, 100 * SECOND, &wait), QUOTA_BYTES);
	assert_true(wait > 0);
	quota_destroy(quota);
}

UNIT(quota_lets_nobody_starve_the_others)
{
	struct quota *quota = quota_create(&(struct quota_rates){.requests = 10});

	assert_int_equal(taken(quota, 1, 100000, 0, SECOND), 30 - 1);
	assert_int_equal(taken(quota, 2, 20, 0, SECOND), 20);
	quota_destroy(quota);
}

/* All strangers together get what the places give, however many names they have. */
UNIT(quota_belongs_to_the_place)
{
	struct quota *quota = quota_create(&(struct quota_rates){.requests = 1});
	int64_t wait, fine = 0;

	assert_int_equal(taken(quota, 0, 1, 0, 1), 1);
	for (uint64_t name = 1; name < 10 * QUOTA_PLACES; name++)
		for (int i = 0; i < 3; i++)
			fine += quota_charge(quota, true, name, 0, SECOND, &wait) == QUOTA_FINE;
	assert_true(fine <= QUOTA_BURST * (int64_t)QUOTA_PLACES);
	assert_int_equal(quota_count(quota), QUOTA_PLACES);
	/* Those who are known have places of their own. */
	assert_int_equal(quota_charge(quota, false, 1, 0, SECOND, &wait), QUOTA_FINE);
	/* And when the crowd has gone, newcomers have all of it. */
	assert_int_equal(taken(quota, 99999999, 5, 10 * SECOND, 1), QUOTA_BURST);
	quota_destroy(quota);
}

/* The clock may stand still or be late; no number overflows. */
UNIT(quota_survives_odd_clocks)
{
	struct quota *quota = quota_create(&(struct quota_rates){UINT64_MAX, UINT64_MAX});
	int64_t wait;

	assert_int_equal(quota_charge(quota, true, 1, 1, INT64_MAX / 2, &wait), QUOTA_FINE);
	assert_int_equal(quota_charge(quota, true, 1, 1, 0, &wait), QUOTA_FINE);
	assert_int_equal(quota_charge(quota, true, 1, 1, INT64_MAX / 2, &wait), QUOTA_FINE);
	quota_destroy(quota);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(quota_gives_its_rate),       unit(quota_tells_when_to_come_back),
	        unit(quota_lends_bytes),          unit(quota_lets_nobody_starve_the_others),
	        unit(quota_belongs_to_the_place), unit(quota_survives_odd_clocks),
	};

	return unit_main(tests);
}
