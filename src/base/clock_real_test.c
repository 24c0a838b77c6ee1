/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/unit.h"

UNIT(clock_never_goes_back)
{
	int64_t last = clock_now(), last_steady = clock_steady();

	assert_false(clock_is_virtual());
	assert_true(last > INT64_C(1700000000) * 1000000);
	for (int i = 0; i < 100000; i++) {
		int64_t now = clock_now(), steady = clock_steady();

		assert_true(now >= last && steady >= last_steady);
		last = now;
		last_steady = steady;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(clock_never_goes_back)};

	return unit_main(tests);
}
