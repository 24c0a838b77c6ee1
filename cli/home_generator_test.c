/* SPDX-License-Identifier: Apache-2.0 */
/* The made-up household: the same seed plays the same days, and the days make sense. */
#include "cli/home_generator.h"

#include "base/clock.h"
#include "base/unit.h"

#include <stdio.h>

#define DAYS 28

UNIT(the_same_seed_gives_the_same_events)
{
	struct home_generator *a = home_generator_create(7), *b = home_generator_create(7);
	for (int i = 0; i < 20000; i++) {
		struct home_generator_event x, y;
		home_generator_next(a, &x);
		home_generator_next(b, &y);
		assert_true(x.at == y.at);
		assert_int_equal(x.sensor, y.sensor);
		assert_string_equal(x.value, y.value);
	}
	home_generator_destroy(a);
	home_generator_destroy(b);
}

UNIT(another_seed_gives_another_household)
{
	struct home_generator *a = home_generator_create(1), *b = home_generator_create(2);
	int same = 0;
	for (int i = 0; i < 1000; i++) {
		struct home_generator_event x, y;
		home_generator_next(a, &x);
		home_generator_next(b, &y);
		same += x.at == y.at && x.sensor == y.sensor;
	}
	assert_true(same < 500);
	home_generator_destroy(a);
	home_generator_destroy(b);
}

/* What is promised for one event after the other. */
static void check_event(const struct home_generator_event *event, int64_t before, char last[][16])
{
	const struct home_generator_sensor *sensor = &home_generator_sensors[event->sensor];
	assert_true(event->at >= before);
	assert_string_not_equal(event->value, last[event->sensor]);
	if (sensor->form == HOME_DEVICE && strcmp(sensor->point, "state") == 0)
		assert_true(strcmp(event->value, "true") == 0 || strcmp(event->value, "false") == 0);
	if (strcmp(sensor->type, "door") == 0)
		assert_true(strcmp(event->value, "open") == 0 || strcmp(event->value, "closed") == 0);
	if (strcmp(sensor->type, "temperature") == 0)
		assert_true(event->value[0] >= '1' && event->value[0] <= '2' && event->value[2] == '.');
	memcpy(last[event->sensor], event->value, 16);
}

static void play_weeks(uint64_t seed)
{
	struct home_generator *generator = home_generator_create(seed);
	struct home_generator_event event;
	char last[HOME_SENSOR_COUNT][16] = {0};
	int per_day[DAYS] = {0}, per_sensor[HOME_SENSOR_COUNT] = {0}, up_hour[DAYS] = {0};
	int64_t before = 0;
	for (int i = 0; i < HOME_SENSOR_COUNT; i++)
		snprintf(last[i], sizeof(last[i]), "%s", home_generator_sensors[i].start);
	for (home_generator_next(generator, &event); home_generator_day(&event) < DAYS;
	     home_generator_next(generator, &event)) {
		struct clock_civil civil;
		check_event(&event, before, last);
		before = event.at;
		clock_civil(event.at, &civil);
		unsigned day = home_generator_day(&event);
		assert_int_equal(civil.weekday, (day + 1) % 7);
		per_day[day]++;
		per_sensor[event.sensor]++;
		if (event.sensor == HOME_BED && strcmp(event.value, "off") == 0)
			up_hour[day] = civil.hour;
	}
	int work = 0, weekend = 0;
	for (int day = 0; day < DAYS; day++) {
		if (per_day[day] < 100 || per_day[day] > 800)
			fail_msg("seed %u: %d events on day %d", (unsigned)seed, per_day[day], day);
		*(day % 7 >= 5 ? &weekend : &work) += up_hour[day];
	}
	/* People sleep longer at weekends. */
	assert_true(weekend * 5 > work * 2);
	for (int i = 0; i < HOME_SENSOR_COUNT; i++)
		if (per_sensor[i] < DAYS / 4)
			fail_msg("seed %u: %s/%s spoke %d times", (unsigned)seed,
			         home_generator_sensors[i].room, home_generator_sensors[i].name,
			         per_sensor[i]);
	home_generator_destroy(generator);
}

UNIT(days_have_habits_in_them)
{
	for (uint64_t seed = 0; seed < 50; seed++)
		play_weeks(seed);
	play_weeks(UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(the_same_seed_gives_the_same_events),
	        unit(another_seed_gives_another_household),
	        unit(days_have_habits_in_them),
	};
	return unit_main(tests);
}
