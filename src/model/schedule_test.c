/* SPDX-License-Identifier: Apache-2.0 */
#include "model/schedule.h"

#include "base/clock.h"
#include "base/unit.h"

static int64_t at(const char *text)
{
	int64_t us;

	assert_true(clock_parse(slice_of(text), &us));
	return us;
}

UNIT(schedule_valid_or_not)
{
	static const char *const right[] = {
	        "* * * * * * *",         "0 0 0 1 1 0 2000",
	        "59 59 23 31 12 6 9999", "0,1,2 * * * * * *",
	        "0-59/5 * * * * * *",    "*/15 * * * * * *",
	        "* * 8-18 * * 1-5 2026", "* * * * * * 2026-2030/2,2040",
	        "5-5 * * * * * *",
	};
	static const char *const wrong[] = {
	        "",
	        "*",
	        "* * * * * *",
	        "* * * * * * * *",
	        "60 * * * * * *",
	        "* 60 * * * * *",
	        "* * 24 * * * *",
	        "* * * 0 * * *",
	        "* * * 32 * * *",
	        "* * * * 13 * *",
	        "* * * * * 7 *",
	        "* * * * * * 1999",
	        "* * * * * * 10000",
	        "5-1 * * * * * *",
	        "*/0 * * * * * *",
	        "1/2 * * * * * *",
	        "a * * * * * *",
	        "1, * * * * * *",
	        ",1 * * * * * *",
	        "-1 * * * * * *",
	        "*  * * * * * *",
	        " * * * * * * *",
	        "* * * * * * * ",
	        "1--2 * * * * * *",
	        "** * * * * * *",
	        "* * * * * * ",
	        "00000 * * * * * *",
	        "* * * * * * 2026,",
	};

	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
		if (!schedule_is_valid(slice_of(right[i])))
			fail_msg("\"%s\" is valid", right[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (schedule_is_valid(slice_of(wrong[i])))
			fail_msg("\"%s\" is not valid", wrong[i]);
}

UNIT(schedule_next_moment)
{
	static const struct {
		const char *entry, *from, *next; /* NULL: never */
	} cases[] = {
	        {"* * * * * * *", "20261122T093000", "20261122T093000"},
	        {"* * * * * * *", "20261122T093000,5", "20261122T093001"},
	        {"0 * * * * * *", "20261122T093001", "20261122T093100"},
	        {"30 15 * * * * *", "20261122T091531", "20261122T101530"},
	        {"0 0 12 * * * *", "20261122T120001", "20261123T120000"},
	        {"0 0 0 1 1 * *", "20261122T093000", "20270101T000000"},
	        {"0 0 0 29 2 * *", "20261122T093000", "20280229T000000"},
	        {"0 0 0 30 2 * *", "20261122T093000", NULL},
	        {"0 0 0 * * 0 *", "20261122T093000", "20261129T000000"},
	        {"59 59 23 31 12 * 2050", "20261122T093000", "20501231T235959"},
	        {"59 59 23 31 12 * 2060", "20261122T093000", NULL},
	        {"0 0 0 * * * 2025", "20261122T093000", NULL},
	        {"0 0 0 * * * 2026-2040/5", "20270101T000000", "20310101T000000"},
	        {"*/20 59 23 31 12 * *", "20261231T235941", "20271231T235900"},
	        {"5 0-10 3,5 * * * *", "20261122T031006", "20261122T050005"},
	        {"0 0 0 31 * * *", "20260901T000000", "20261031T000000"},
	        {"0 0 8 * 3 1-5 *", "20260331T080001", "20270301T080000"},
	        {"rubbish", "20261122T093000", NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t next = schedule_next(slice_of(cases[i].entry), at(cases[i].from));
		int64_t wanted = cases[i].next ? at(cases[i].next) : INT64_MAX;

		if (next != wanted)
			fail_msg("\"%s\" from %s: %lld, not %lld", cases[i].entry, cases[i].from,
			         (long long)next, (long long)wanted);
		if (cases[i].next)
			assert_true(schedule_holds(slice_of(cases[i].entry), next));
	}
	assert_int_equal(schedule_next(SLICE("* * * * * * *"), -5), 0);
	assert_int_equal(schedule_next(SLICE("* * * * * * *"), INT64_MAX), INT64_MAX);
}

/* The slow way, second by second, over two days. */
UNIT(schedule_next_agrees_with_holds)
{
	static const char *const entries[] = {"*/7 3,9 */5 * * * *", "0-10/3 0,59 23,0 * * 1 *",
	                                      "59 59 * * * 0,6 2026"};

	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		struct slice entry = slice_of(entries[i]);
		int64_t from = at("20261121T120000"), next = schedule_next(entry, from);

		for (int64_t t = from; t < from + 2 * 86400 * INT64_C(1000000); t += 1000000) {
			bool holds = schedule_holds(entry, t);

			assert_true(t <= next);
			assert_int_equal(holds, t == next);
			if (holds)
				next = schedule_next(entry, t + 1000000);
		}
	}
}

UNIT(schedule_holds_within)
{
	assert_true(schedule_holds(SLICE("* * 8-18 * * 1-5 *"), at("20261123T083000,5")));
	assert_false(schedule_holds(SLICE("* * 8-18 * * 1-5 *"), at("20261122T083000")));
	assert_true(schedule_holds(SLICE("* * * * * * *"), 0));
	assert_false(schedule_holds(SLICE("* * * * * * 2000-9999"), 0));
	assert_false(schedule_holds(SLICE(""), 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(schedule_valid_or_not),
	        unit(schedule_next_moment),
	        unit(schedule_next_agrees_with_holds),
	        unit(schedule_holds_within),
	};

	return unit_main(tests);
}
