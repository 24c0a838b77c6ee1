/* SPDX-License-Identifier: Apache-2.0 */
#include "base/timer.h"
#include "base/unit.h"

struct bell {
	struct timer timer;
	struct timers *timers;
	int number, again;
};

static int bell_rung[2000], bell_count;

static void bell_ring(struct timer *timer)
{
	struct bell *bell = container_of(timer, struct bell, timer);

	bell_rung[bell_count++] = bell->number;
	if (bell->again-- > 0)
		timer_set(bell->timers, timer, timer->at);
}

UNIT(timers_run_in_order_and_equals_as_set)
{
	static const int64_t at[] = {50, 10, 30, 10, 20, 10};
	static const int order[] = {1, 3, 5, 4, 2, 0};
	struct timers timers;
	struct bell bells[6];

	bell_count = 0;
	timers_init(&timers);
	assert_true(timers_next(&timers) == INT64_MAX);
	for (int i = 0; i < 6; i++) {
		bells[i] = (struct bell){.timer.run = bell_ring, .number = i, .timers = &timers};
		timer_set(&timers, &bells[i].timer, at[i]);
	}
	assert_int_equal(timers_next(&timers), 10);
	assert_int_equal(timers_run(&timers, 9, 100), 0);
	assert_int_equal(timers_run(&timers, 10, 2), 2);
	assert_int_equal(timers_run(&timers, 50, 100), 4);
	assert_memory_equal(bell_rung, order, sizeof(order));
	assert_false(timer_is_set(&bells[0].timer));
	timers_finish(&timers);
}

UNIT(timer_may_be_moved_cleared_and_set_again)
{
	struct timers timers;
	struct bell a = {.timer.run = bell_ring, .number = 1, .timers = &timers, .again = 3}, b = a;

	bell_count = 0;
	timers_init(&timers);
	b.number = 2;
	timer_clear(&timers, &a.timer); /* was not set: nothing happens */
	timer_set(&timers, &a.timer, 5);
	timer_set(&timers, &b.timer, 6);
	timer_set(&timers, &a.timer, 7);
	assert_int_equal(timers.count, 2);
	assert_int_equal(timers_next(&timers), 6);
	timer_clear(&timers, &b.timer);
	assert_int_equal(timers_run(&timers, 7, 3),
	                 3); /* one that sets itself again cannot hold up the loop */
	assert_int_equal(timers_run(&timers, 7, 3), 1);
	timer_set(&timers, &a.timer, 9);
	timers_finish(&timers);
	assert_false(timer_is_set(&a.timer));
}

UNIT(timers_heap_stays_in_order)
{
	static struct bell bells[1000];
	struct timers timers;
	uint64_t random = 3;
	int64_t last = -1;

	timers_init(&timers);
	bell_count = 0;
	for (int i = 0; i < 20000; i++) {
		struct bell *bell;

		random = random * 6364136223846793005u + 1442695040888963407u;
		bell = &bells[(random >> 40) % 1000];
		bell->timer.run = bell_ring;
		bell->number = (int)(bell - bells);
		if ((random >> 60) < 5)
			timer_clear(&timers, &bell->timer);
		else
			timer_set(&timers, &bell->timer, (int64_t)(random >> 50));
	}
	while (timers.count) {
		int64_t next = timers_next(&timers);

		assert_true(next >= last);
		last = next;
		assert_int_equal(timers_run(&timers, next, 1), 1);
		assert_int_equal(bells[bell_rung[bell_count - 1]].timer.at, next);
	}
	timers_finish(&timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(timers_run_in_order_and_equals_as_set),
	        unit(timer_may_be_moved_cleared_and_set_again),
	        unit(timers_heap_stays_in_order),
	};

	return unit_main(tests);
}
