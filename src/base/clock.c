/* SPDX-License-Identifier: Apache-2.0 */
/* The calendar and the two ways oneM2M writes time. The Gregorian calendar, UTC, no leap seconds. */
#include "base/clock.h"

#define CLOCK_SECOND    INT64_C(1000000)
#define CLOCK_DAY       (86400 * CLOCK_SECOND)
#define CLOCK_YEAR_9999 (INT64_C(253402300799) * CLOCK_SECOND + 999999)
#define CLOCK_YEAR_1    (INT64_C(-62135596800) * CLOCK_SECOND)

/* Days from 1970-01-01. Years are counted from March, so that the odd day comes last. */
static int64_t clock_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static int64_t clock_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void clock_civil(int64_t us, struct clock_civil *ret)
{
	int64_t days, second, era, day, year, month;

	us = us < CLOCK_YEAR_1 ? CLOCK_YEAR_1 : us > CLOCK_YEAR_9999 ? CLOCK_YEAR_9999 : us;
	days = clock_floor_div(us, CLOCK_DAY);
	second = (us - days * CLOCK_DAY) / CLOCK_SECOND;
	ret->weekday = (int)((days + 4 + 7 * 200000) % 7);
	days += 719468; /* from 0000-03-01 */
	era = days / 146097;
	day = days % 146097;
	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	ret->day = (int)(day - (153 * month + 2) / 5 + 1);
	ret->month = (int)(month < 10 ? month + 3 : month - 9);
	ret->year = (int)(era * 400 + year + (ret->month <= 2));
	ret->hour = (int)(second / 3600);
	ret->minute = (int)(second / 60 % 60);
	ret->second = (int)(second % 60);
}

static void clock_digits(char *out, int count, int64_t n)
{
	for (int i = count - 1; i >= 0; i--, n /= 10)
		out[i] = (char)('0' + n % 10);
}

void clock_print(int64_t us, char out[CLOCK_TEXT])
{
	struct clock_civil c;

	us = us < CLOCK_YEAR_1 ? CLOCK_YEAR_1 : us > CLOCK_YEAR_9999 ? CLOCK_YEAR_9999 : us;
	clock_civil(us, &c);
	clock_digits(out, 4, c.year);
	clock_digits(out + 4, 2, c.month);
	clock_digits(out + 6, 2, c.day);
	out[8] = 'T';
	clock_digits(out + 9, 2, c.hour);
	clock_digits(out + 11, 2, c.minute);
	clock_digits(out + 13, 2, c.second);
	out[15] = ',';
	clock_digits(out + 16, 6, us - clock_floor_div(us, CLOCK_SECOND) * CLOCK_SECOND);
}

/* Takes exactly `count` digits from the front of *s. */
static bool clock_take(struct slice *s, size_t count, int *ret)
{
	uint64_t n;

	if (s->len < count || !slice_u64(slice_make(s->ptr, count), &n))
		return false;
	*s = slice_skip(*s, count);
	*ret = (int)n;
	return true;
}

static bool clock_is_date(const struct clock_civil *c)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = c->year % 4 == 0 && (c->year % 100 != 0 || c->year % 400 == 0);

	if (c->year < 1 || c->month < 1 || c->month > 12 || c->day < 1)
		return false;
	return c->day <= days[c->month - 1] + (leap && c->month == 2);
}

/* ",f" to ",ffffff": digits of a fraction, as microseconds. */
static bool clock_take_fraction(struct slice *s, size_t most, int64_t *ret_us)
{
	int64_t unit = 100000;
	size_t len = 0;

	*ret_us = 0;
	for (; len < s->len && s->ptr[len] >= '0' && s->ptr[len] <= '9'; len++, unit /= 10)
		*ret_us += (s->ptr[len] - '0') * unit;
	*s = slice_skip(*s, len);
	return len >= 1 && len <= most;
}

bool clock_parse(struct slice text, int64_t *ret_us)
{
	struct clock_civil c = {0};
	int64_t fraction = 0;

	if (!clock_take(&text, 4, &c.year) || !clock_take(&text, 2, &c.month) ||
	    !clock_take(&text, 2, &c.day) || !slice_starts(text, SLICE("T")))
		return false;
	text = slice_skip(text, 1);
	if (!clock_take(&text, 2, &c.hour) || !clock_take(&text, 2, &c.minute) ||
	    !clock_take(&text, 2, &c.second))
		return false;
	if (slice_starts(text, SLICE(","))) {
		text = slice_skip(text, 1);
		if (!clock_take_fraction(&text, 6, &fraction))
			return false;
	}
	if (text.len || !clock_is_date(&c) || c.hour > 23 || c.minute > 59 || c.second > 59)
		return false;
	*ret_us = clock_days(c.year, c.month, c.day) * CLOCK_DAY +
	          (c.hour * 3600 + c.minute * 60 + c.second) * CLOCK_SECOND + fraction;
	return true;
}

/* The "n" or "n.f" before a letter; only seconds may have a fraction. */
static bool clock_take_amount(struct slice *s, bool in_time, int64_t *ret_n, int64_t *ret_fraction)
{
	size_t len = 0;

	*ret_fraction = 0;
	while (len < s->len && s->ptr[len] >= '0' && s->ptr[len] <= '9')
		len++;
	if (!slice_i64(slice_make(s->ptr, len), ret_n))
		return false;
	*s = slice_skip(*s, len);
	if (!in_time || !slice_starts(*s, SLICE(".")))
		return s->len > 0;
	*s = slice_skip(*s, 1);
	return clock_take_fraction(s, 18, ret_fraction) && slice_starts(*s, SLICE("S"));
}

/* One amount and its letter, if the letter comes behind *place in the order Y M D, H M S. */
static bool clock_take_part(struct slice *s, bool in_time, int *place, int64_t *sum)
{
	static const char letters[] = "YMDHMS";
	static const int64_t seconds[] = {365 * 86400, 30 * 86400, 86400, 3600, 60, 1};
	int at = in_time ? 3 : 0, end = in_time ? 6 : 3;
	int64_t n, fraction;

	if (!clock_take_amount(s, in_time, &n, &fraction))
		return false;
	while (at < end && letters[at] != s->ptr[0])
		at++;
	if (at == end || at <= *place)
		return false;
	*place = at;
	*s = slice_skip(*s, 1);
	return !__builtin_mul_overflow(n, seconds[at] * CLOCK_SECOND, &n) &&
	       !__builtin_add_overflow(*sum, n, sum) && !__builtin_add_overflow(*sum, fraction, sum);
}

bool clock_parse_duration(struct slice text, int64_t *ret_us)
{
	bool in_time = false, has_part = false;
	int64_t sum = 0;
	int place = -1;

	if (!slice_starts(text, SLICE("P")))
		return false;
	for (text = slice_skip(text, 1); text.len; has_part = true) {
		if (text.ptr[0] == 'T') {
			if (in_time)
				return false;
			in_time = true;
			text = slice_skip(text, 1);
			if (text.len == 0)
				return false;
		}
		if (!clock_take_part(&text, in_time, &place, &sum))
			return false;
	}
	if (!has_part)
		return false;
	*ret_us = sum;
	return true;
}
