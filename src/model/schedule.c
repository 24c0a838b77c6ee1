/* SPDX-License-Identifier: Apache-2.0 */
/* An entry is read into one set of bits per field (years stay text: 8000 bits would be many); then the next
 * moment is found field by field, from the year down, never second by second. */
#include "model/schedule.h"

#include "base/clock.h"

#define SECOND      1000000LL
#define DAY         (86400 * SECOND)
#define LONGEST     1024 /* bytes of an entry */
#define YEARS_AHEAD 30   /* how far schedule_next looks */

struct schedule_entry {
	uint64_t second, minute, hour, day, month, weekday;
	struct slice year;
};

/* Reads digits from *rest; at most four of them. */
static bool schedule_number(struct slice *rest, unsigned low, unsigned high, unsigned *ret)
{
	unsigned n = 0;
	size_t len = 0;

	while (len < rest->len && len < 4 && rest->ptr[len] >= '0' && rest->ptr[len] <= '9')
		n = n * 10 + (unsigned)(rest->ptr[len++] - '0');
	if (len == 0 || n < low || n > high)
		return false;
	*rest = slice_skip(*rest, len);
	*ret = n;
	return true;
}

static bool schedule_eat(struct slice *rest, char c)
{
	if (rest->len == 0 || rest->ptr[0] != c)
		return false;
	*rest = slice_skip(*rest, 1);
	return true;
}

/* One term: a star, a number or a range, the first and the last with a step perhaps. */
struct schedule_term {
	unsigned from, to, step;
	bool all;
};

static bool schedule_term(struct slice *rest, unsigned low, unsigned high, struct schedule_term *ret)
{
	bool many;

	*ret = (struct schedule_term){low, high, 1, false};
	if (!schedule_eat(rest, '*')) {
		if (!schedule_number(rest, low, high, &ret->from))
			return false;
		ret->to = ret->from;
		many = schedule_eat(rest, '-');
		if (many && !schedule_number(rest, ret->from, high, &ret->to))
			return false;
		return !many || !schedule_eat(rest, '/') || schedule_number(rest, 1, 9999, &ret->step);
	}
	ret->all = !schedule_eat(rest, '/');
	return ret->all || schedule_number(rest, 1, 9999, &ret->step);
}

/* A field: terms with commas between. The bits of their numbers are set in *ret. */
static bool schedule_field(struct slice field, unsigned low, unsigned high, uint64_t *ret)
{
	struct schedule_term term;

	*ret = 0;
	do {
		if (!schedule_term(&field, low, high, &term))
			return false;
		for (unsigned n = term.from; n <= term.to; n += term.step)
			*ret |= 1ULL << n;
	} while (schedule_eat(&field, ','));
	return field.len == 0;
}

/* Is the year in the field? With year 0: is the field well-formed? */
static bool schedule_has_year(struct slice field, unsigned year)
{
	struct schedule_term term;
	bool found = false;

	do {
		if (!schedule_term(&field, 2000, 9999, &term))
			return false;
		if (term.all || (year >= term.from && year <= term.to && (year - term.from) % term.step == 0))
			found = true;
	} while (schedule_eat(&field, ','));
	return field.len == 0 && (found || year == 0);
}

static bool schedule_read(struct slice text, struct schedule_entry *ret)
{
	static const struct {
		unsigned low, high;
	} limits[6] = {{0, 59}, {0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}};
	uint64_t *const bits[6] = {&ret->second, &ret->minute, &ret->hour,
	                           &ret->day,    &ret->month,  &ret->weekday};
	struct slice part;

	if (text.len > LONGEST)
		return false;
	for (size_t i = 0; i < 6; i++)
		if (!slice_cut(&text, ' ', &part) ||
		    !schedule_field(part, limits[i].low, limits[i].high, bits[i]))
			return false;
	ret->year = text;
	return schedule_has_year(ret->year, 0);
}

bool schedule_is_valid(struct slice text)
{
	struct schedule_entry entry;

	return schedule_read(text, &entry);
}

static bool schedule_has_day(const struct schedule_entry *entry, const struct clock_civil *civil)
{
	return (entry->day >> civil->day & 1) && (entry->month >> civil->month & 1) &&
	       (entry->weekday >> civil->weekday & 1);
}

bool schedule_holds(struct slice text, int64_t us)
{
	struct schedule_entry entry;
	struct clock_civil civil;

	if (!schedule_read(text, &entry))
		return false;
	clock_civil(us, &civil);
	return schedule_has_day(&entry, &civil) && (entry.hour >> civil.hour & 1) &&
	       (entry.minute >> civil.minute & 1) && (entry.second >> civil.second & 1) &&
	       schedule_has_year(entry.year, (unsigned)civil.year);
}

/* The first number at or after `from` whose bit is set; 64 when there is none. */
static unsigned schedule_bit(uint64_t bits, unsigned from)
{
	if (from > 63)
		return 64;
	bits &= ~0ULL << from;
	return bits ? (unsigned)__builtin_ctzll(bits) : 64;
}

/* The first second of the day, at or after `from`, that hour, minute and second allow; -1: none. */
static int schedule_in_day(const struct schedule_entry *entry, unsigned from)
{
	unsigned hour = from / 3600, minute = from / 60 % 60, second = from % 60;

	second = schedule_bit(entry->second, second);
	if (second > 59) {
		minute++;
		second = schedule_bit(entry->second, 0);
	}
	if (schedule_bit(entry->minute, minute) != minute) {
		minute = schedule_bit(entry->minute, minute);
		second = schedule_bit(entry->second, 0);
	}
	if (minute > 59) {
		hour++;
		minute = schedule_bit(entry->minute, 0);
		second = schedule_bit(entry->second, 0);
	}
	if (schedule_bit(entry->hour, hour) != hour) {
		hour = schedule_bit(entry->hour, hour);
		minute = schedule_bit(entry->minute, 0);
		second = schedule_bit(entry->second, 0);
	}
	return hour > 23 ? -1 : (int)(hour * 3600 + minute * 60 + second);
}

/* The midnight that begins the given moment's next month, or its next year. */
static int64_t schedule_next_month(int64_t midnight, const struct clock_civil *civil)
{
	struct clock_civil other;
	int64_t at = midnight + (28 - (civil->day > 28 ? 28 : civil->day)) * DAY;

	do {
		at += DAY;
		clock_civil(at, &other);
	} while (other.month == civil->month);
	return at;
}

int64_t schedule_next(struct slice text, int64_t us)
{
	struct schedule_entry entry;
	struct clock_civil civil;
	int64_t at, midnight;
	int first_year, in_day;

	if (!schedule_read(text, &entry) || us > INT64_MAX / 2)
		return INT64_MAX;
	at = us > 0 ? (us + SECOND - 1) / SECOND * SECOND : 0;
	clock_civil(at, &civil);
	first_year = civil.year;
	while (civil.year - first_year <= YEARS_AHEAD) {
		midnight = at - at % DAY;
		if (!(entry.month >> civil.month & 1) ||
		    !schedule_has_year(entry.year, (unsigned)civil.year)) {
			at = schedule_next_month(midnight, &civil);
		} else {
			in_day = schedule_has_day(&entry, &civil)
			                 ? schedule_in_day(&entry, (unsigned)((at - midnight) / SECOND))
			                 : -1;
			if (in_day >= 0)
				return midnight + in_day * SECOND;
			at = midnight + DAY;
		}
		clock_civil(at, &civil);
	}
	return INT64_MAX;
}
