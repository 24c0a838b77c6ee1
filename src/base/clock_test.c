/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/unit.h"

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)

UNIT(clock_reads_and_writes_timestamps)
{
	static const struct {
		const char *text;
		int64_t us;
		const char *again; /* NULL: as text */
	} cases[] = {
	        {"19700101T000000,000000", 0, NULL},
	        {"19700101T000000", 0, "19700101T000000,000000"},
	        {"20261122T093553,123456", 1795340153 * SECOND + 123456, NULL},
	        {"20261122T093553,1", 1795340153 * SECOND + 100000, "20261122T093553,100000"},
	        {"20000229T235959", 951868799 * SECOND, "20000229T235959,000000"},
	        {"19691231T235959,999999", -1, NULL},
	        {"00010101T000000", -62135596800 * SECOND, "00010101T000000,000000"},
	        {"99991231T235959,999999", 253402300799 * SECOND + 999999, NULL},
	};
	char out[CLOCK_TEXT];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t us;

		assert_true(clock_parse(slice_of(cases[i].text), &us));
		assert_true(us == cases[i].us);
		clock_print(us, out);
		assert_slice(slice_make(out, CLOCK_TEXT), cases[i].again ? cases[i].again : cases[i].text);
	}
	clock_print(INT64_MAX, out);
	assert_slice(slice_make(out, CLOCK_TEXT), "99991231T235959,999999");
	clock_print(INT64_MIN, out);
	assert_slice(slice_make(out, CLOCK_TEXT), "00010101T000000,000000");
}

UNIT(clock_refuses_what_is_no_timestamp)
{
	static const char *const bad[] = {
	        "",
	        "2026",
	        "20261122",
	        "20261122T",
	        "20261122T0935",
	        "20261122T093553,",
	        "20261122T093553,1234567",
	        "20261122T093553.5",
	        "20261122T093553Z",
	        "20261122 093553",
	        "2026-11-22T09:35:53",
	        "20260230T000000",
	        "20250229T000000",
	        "19000229T000000",
	        "20261301T000000",
	        "20260001T000000",
	        "20260100T000000",
	        "20260132T000000",
	        "20260431T000000",
	        "00000101T000000",
	        "20261122T240000",
	        "20261122T006000",
	        "20261122T000060",
	        "2026112xT000000",
	        "-0261122T000000",
	        "20261122t093553",
	        "20261122T093553 ",
	        "20261122T093553,12x",
	        " 20261122T093553",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t us = 4711;

		assert_false(clock_parse(slice_of(bad[i]), &us));
		assert_int_equal(us, 4711);
	}
}

UNIT(clock_calendar_holds_for_every_day)
{
	struct clock_civil c, before = {.year = 0, .month = 12, .day = 31, .weekday = 0};
	char out[CLOCK_TEXT];
	int64_t us;

	for (int64_t day = -719162; day <= 2932896; day += 1) {
		clock_civil(day * DAY + 12 * 3600 * SECOND, &c);
		assert_true(c.weekday == (before.weekday + 1) % 7 && c.hour == 12);
		if (c.day != before.day + 1)
			assert_true(c.day == 1 && (c.month == before.month + 1 ||
			                           (c.month == 1 && c.year == before.year + 1)));
		before = c;
		if (day % 7 == 0) {
			clock_print(day * DAY + 1, out);
			assert_true(clock_parse(slice_make(out, CLOCK_TEXT), &us) && us == day * DAY + 1);
		}
	}
	assert_true(c.year == 9999 && c.month == 12 && c.day == 31);
	clock_civil(1795340153 * SECOND, &c);
	assert_int_equal(c.weekday, 0); /* 2026-11-22 is a Sunday */
}

UNIT(clock_reads_durations)
{
	static const struct {
		const char *text;
		int64_t us; /* -1: no duration */
	} cases[] = {
	        {"PT10S", 10 * SECOND},
	        {"PT1.5S", 1500000},
	        {"PT0.0000001S", 0},
	        {"PT1M", 60 * SECOND},
	        {"P1D", DAY},
	        {"P1M", 30 * DAY},
	        {"P1Y", 365 * DAY},
	        {"P1Y2M3DT4H5M6S", (365 + 60 + 3) * DAY + (4 * 3600 + 5 * 60 + 6) * SECOND},
	        {"PT36H", 36 * 3600 * SECOND},
	        {"P0D", 0},
	        {"", -1},
	        {"P", -1},
	        {"PT", -1},
	        {"P1DT", -1},
	        {"10S", -1},
	        {"P10S", -1},
	        {"PT1D", -1},
	        {"P1D1Y", -1},
	        {"PT1S1M", -1},
	        {"P1D1D", -1},
	        {"PT1.S", -1},
	        {"PT.5S", -1},
	        {"PT1.5M", -1},
	        {"P1.5D", -1},
	        {"-P1D", -1},
	        {"P-1D", -1},
	        {"PT1S ", -1},
	        {"PT1ST1S", -1},
	        {"P1W", -1},
	        {"P1", -1},
	        {"P9999999999Y", -1},
	        {"P292470Y", 292470LL * 365 * DAY},
	        {"P99999999999999999999999D", -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t us = -1;

		assert_int_equal(clock_parse_duration(slice_of(cases[i].text), &us), cases[i].us >= 0);
		assert_true(us == cases[i].us);
	}
}

UNIT(clock_virtual_moves_only_when_told)
{
	int64_t now = clock_now(), steady = clock_steady();

	assert_true(clock_is_virtual());
	assert_int_equal(clock_now(), now);
	clock_pass(3600 * SECOND);
	assert_true(clock_now() == now + 3600 * SECOND);
	assert_true(clock_steady() == steady + 3600 * SECOND);
	assert_true(clock_wall_steady() > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(clock_reads_and_writes_timestamps),  unit(clock_refuses_what_is_no_timestamp),
	        unit(clock_calendar_holds_for_every_day), unit(clock_reads_durations),
	        unit(clock_virtual_moves_only_when_told),
	};

	return unit_main(tests);
}
