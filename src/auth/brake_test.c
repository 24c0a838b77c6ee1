/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/brake.h"
#include "base/unit.h"

#define SECOND INT64_C(1000000)

UNIT(brake_hears_the_first_guesses)
{
	struct brake *brake = brake_create();

	for (int i = 0; i < BRAKE_FREE; i++) {
		assert_int_equal(brake_wait(brake, 7, 0), 0);
		brake_wrong(brake, 7, 0);
	}
	assert_int_equal(brake_wait(brake, 7, 0), SECOND);
	assert_int_equal(brake_wait(brake, 8, 0), 0);
	assert_int_equal(brake_wait(brake, 7, SECOND), 0);
	brake_destroy(brake);
}

UNIT(brake_doubles_up_to_five_minutes)
{
	struct brake *brake = brake_create();
	int64_t now = 0, expected = SECOND;

	for (int i = 0; i < BRAKE_FREE - 1; i++)
		brake_wrong(brake, 7, now);
	for (int i = 0; i < 12; i++) {
		brake_wrong(brake, 7, now);
		assert_int_equal(brake_wait(brake, 7, now),
		                 expected < 300 * SECOND ? expected : 300 * SECOND);
		now += brake_wait(brake, 7, now);
		expected *= 2;
	}
	now += 901 * SECOND;
	brake_wrong(brake, 7, now);
	assert_int_equal(brake_wait(brake, 7, now), 0);
	brake_destroy(brake);
}

UNIT(brake_remembers_so_many_addresses)
{
	struct brake *brake = brake_create();

	for (int i = 0; i < BRAKE_FREE; i++)
		brake_wrong(brake, 1, 0);
	for (uint64_t address = 2; address < 3 * BRAKE_PLACES; address++) {
		brake_wrong(brake, address, 0);
		assert_true(brake_count(brake) <= BRAKE_PLACES);
		/* Who goes on guessing is not the one who is forgotten. */
		if (address % 1000 == 0)
			brake_wrong(brake, 1, 0);
	}
	assert_true(brake_wait(brake, 1, 0) > 0);
	brake_destroy(brake);
}

UNIT(brake_has_one_budget_for_all)
{
	struct brake *brake = brake_create();
	int64_t now = 5 * SECOND;
	int heard = 0;

	for (int i = 0; i < 100; i++)
		heard += brake_spend(brake, now);
	assert_int_equal(heard, BRAKE_CHECKS);
	/* A hundred tries a second for ten seconds: no more than the budget is heard. */
	for (int i = 0; i < 1000; i++) {
		now += SECOND / 100;
		heard += brake_spend(brake, now);
	}
	assert_in_range(heard, 11 * BRAKE_CHECKS - 1, 11 * BRAKE_CHECKS);
	/* A clock that goes back harms nobody. */
	assert_false(brake_spend(brake, 0) && brake_spend(brake, 0) && brake_spend(brake, 0));
	brake_destroy(brake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(brake_hears_the_first_guesses),
	        unit(brake_doubles_up_to_five_minutes),
	        unit(brake_remembers_so_many_addresses),
	        unit(brake_has_one_budget_for_all),
	};

	brake_destroy(NULL);
	return unit_main(tests);
}
