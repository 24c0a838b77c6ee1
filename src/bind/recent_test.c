/* SPDX-License-Identifier: Apache-2.0 */
#include "bind/recent.h"

#include <stdio.h>

#include "base/unit.h"

static struct recent_key key_of(int n)
{
	char text[32];

	snprintf(text, sizeof(text), "request %d", n);
	return recent_key(SLICE("/oneM2M/req/Cx/id-in/json"), slice_of(text));
}

static struct recent *make(size_t count, size_t bytes, int64_t keep)
{
	struct recent *recent;

	recent_create(&(struct recent_config){count, bytes, keep}, &recent);
	return recent;
}

UNIT(a_request_is_new_then_under_way_then_answered)
{
	struct recent *recent = make(10, 1000, 100);
	struct slice answer = {0};

	assert_int_equal(recent_see(recent, key_of(1), 0, &answer), RECENT_NEW);
	assert_int_equal(recent_see(recent, key_of(1), 0, &answer), RECENT_UNDER_WAY);
	assert_int_equal(recent_see(recent, key_of(2), 0, &answer), RECENT_NEW);
	recent_answer(recent, key_of(1), 5, SLICE("done"));
	recent_answer(recent, key_of(1), 5, SLICE("other"));
	assert_int_equal(recent_see(recent, key_of(1), 6, &answer), RECENT_ANSWERED);
	assert_slice(answer, "done");
	recent_answer(recent, key_of(2), 7, SLICE(""));
	assert_int_equal(recent_see(recent, key_of(2), 8, &answer), RECENT_ANSWERED);
	assert_slice(answer, "");
	recent_answer(recent, key_of(3), 7, SLICE("never asked"));
	assert_int_equal(recent_count(recent), 2);
	recent_destroy(recent);
	recent_destroy(NULL);
}

UNIT(another_place_or_another_byte_is_another_request)
{
	struct recent *recent = make(10, 1000, 100);
	struct slice answer;

	assert_int_equal(recent_see(recent, recent_key(SLICE("a"), SLICE("b")), 0, &answer), RECENT_NEW);
	assert_int_equal(recent_see(recent, recent_key(SLICE("a"), SLICE("c")), 0, &answer), RECENT_NEW);
	assert_int_equal(recent_see(recent, recent_key(SLICE("c"), SLICE("b")), 0, &answer), RECENT_NEW);
	assert_int_equal(recent_see(recent, recent_key(SLICE("ab"), SLICE("")), 0, &answer), RECENT_NEW);
	assert_int_equal(recent_see(recent, recent_key(SLICE("a"), SLICE("b")), 0, &answer),
	                 RECENT_UNDER_WAY);
	recent_destroy(recent);
}

UNIT(it_forgets_by_time_but_not_what_is_under_way)
{
	struct recent *recent = make(10, 1000, 100);
	struct slice answer;

	assert_int_equal(recent_see(recent, key_of(1), 0, &answer), RECENT_NEW);
	assert_int_equal(recent_see(recent, key_of(2), 0, &answer), RECENT_NEW);
	recent_answer(recent, key_of(1), 0, SLICE("x"));
	assert_int_equal(recent_see(recent, key_of(1), 99, &answer), RECENT_ANSWERED);
	assert_int_equal(recent_see(recent, key_of(1), 100, &answer), RECENT_NEW);
	assert_int_equal(recent_see(recent, key_of(2), 100000, &answer), RECENT_UNDER_WAY);
	recent_forget(recent, key_of(2));
	recent_forget(recent, key_of(3));
	assert_int_equal(recent_see(recent, key_of(2), 100000, &answer), RECENT_NEW);
	recent_destroy(recent);
}

UNIT(it_is_bounded_in_number_and_bytes)
{
	struct recent *recent = make(10, 1000, 1000000);
	struct slice answer;
	char text[600];

	for (int i = 0; i < 1000; i++) {
		assert_int_equal(recent_see(recent, key_of(i), i, &answer), RECENT_NEW);
		recent_answer(recent, key_of(i), i, SLICE("answer"));
		assert_true(recent_count(recent) <= 10);
	}
	assert_int_equal(recent_see(recent, key_of(990), 1000, &answer), RECENT_ANSWERED);
	assert_int_equal(recent_see(recent, key_of(989), 1000, &answer), RECENT_NEW);
	memset(text, 'x', sizeof(text));
	for (int i = 2000; i < 2010; i++) {
		assert_int_equal(recent_see(recent, key_of(i), i, &answer), RECENT_NEW);
		recent_answer(recent, key_of(i), i, slice_make(text, sizeof(text)));
	}
	/* The one under way (989) and the newest. */
	assert_int_equal(recent_count(recent), 2);
	recent_destroy(recent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(a_request_is_new_then_under_way_then_answered),
	        unit(another_place_or_another_byte_is_another_request),
	        unit(it_forgets_by_time_but_not_what_is_under_way),
	        unit(it_is_bounded_in_number_and_bytes),
	};

	return unit_main(tests);
}
