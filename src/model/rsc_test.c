/* SPDX-License-Identifier: Apache-2.0 */
#include "model/rsc.h"

#include "base/unit.h"

UNIT(rsc_rows)
{
	int count = 0, last = 0;

	assert_string_equal(rsc_name(4000), "BAD_REQUEST");
	assert_int_equal(rsc_http(RSC_NOT_FOUND), 404);
	assert_int_equal(rsc_coap(RSC_OK), 205);
	assert_int_equal(rsc_http(4105), 409);
	assert_int_equal(rsc_coap(4105), 403);
	assert_string_equal(rsc_name(4141), "UNKNOWN");
	assert_int_equal(rsc_http(-5), 500);
	assert_int_equal(rsc_coap(0), 500);
	assert_true(rsc_is_good(2001));
	assert_false(rsc_is_good(4004));
	/* The search needs them in order. */
	for (int rsc = 0; (rsc = rsc_next(rsc)); count++) {
		assert_true(rsc > last);
		assert_string_not_equal(rsc_name(rsc), "UNKNOWN");
		assert_in_range(rsc_http(rsc), 200, 599);
		assert_in_range(rsc_coap(rsc), 200, 599);
		last = rsc;
	}
	assert_int_equal(count, 98);
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(rsc_rows)};

	return unit_main(tests);
}
