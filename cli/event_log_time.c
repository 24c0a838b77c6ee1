/* SPDX-License-Identifier: Apache-2.0 */
/* Both forms are brought to the one that base/clock reads, which knows the calendar. */
#include "cli/event_log_time.h"

#include "base/clock.h"

#include <strings.h>

static bool month_number(struct slice name, uint64_t *ret)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	if (name.len != 3)
		return false;
	for (uint64_t i = 0; i < 12; i++)
		if (strncasecmp(names + i * 3, name.ptr, 3) == 0) {
			*ret = i + 1;
			return true;
		}
	return false;
}

static void put(char *at, uint64_t number, int digits)
{
	while (digits--) {
		at[digits] = (char)('0' + number % 10);
		number /= 10;
	}
}

/* Year, month and day, whichever way round. */
static bool read_date(struct slice date, uint64_t n[3])
{
	struct slice part[3];
	for (int i = 0; i < 3; i++)
		if (!slice_cut(&date, '-', &part[i]))
			return false;
	bool year_first = part[0].len == 4;
	bool month = year_first ? slice_u64(part[1], &n[1]) : month_number(part[1], &n[1]);
	return month && !date.len && slice_u64(part[year_first ? 0 : 2], &n[0]) &&
	       slice_u64(part[year_first ? 2 : 0], &n[2]) && n[0] >= 1970 && n[0] <= 9999 && n[1] <= 12 &&
	       n[2] <= 31;
}

static bool read_clock(struct slice clock, uint64_t n[3])
{
	struct slice part;
	for (int i = 0; i < 3; i++)
		if (!slice_cut(&clock, ':', &part) || part.len > 2 || !slice_u64(part, &n[i]))
			return false;
	return !clock.len;
}

bool event_log_time(struct slice text, int64_t *ret_us)
{
	struct slice date, clock = text;
	uint64_t n[6];
	char stamp[15];
	if (!slice_cut(&clock, ' ', &date) || !read_date(date, n) || !read_clock(clock, n + 3))
		return false;
	put(stamp, n[0], 4);
	for (int i = 1; i < 6; i++)
		put(stamp + (i < 3 ? 2 + i * 2 : 3 + i * 2), n[i], 2);
	stamp[8] = 'T';
	return clock_parse(slice_make(stamp, 15), ret_us);
}
