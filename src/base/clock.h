/* SPDX-License-Identifier: Apache-2.0 */
/* Time is asked for here and nowhere else. clock_real.c reads the machine's clock; clock_virtual.c is
 * linked instead of it in the lab's build, where time stands still until the runner moves it. */
#ifndef DURE_BASE_CLOCK_H
#define DURE_BASE_CLOCK_H

#include "base/slice.h"

/* Microseconds since 1970-01-01 00:00 UTC; never goes back within a process. */
int64_t clock_now(void);
/* Microseconds since some point in the past; for measuring and time-outs. Virtual too in the lab. */
int64_t clock_steady(void);
/* The machine's own steady time even in the lab: for waiting on the network. */
int64_t clock_wall_steady(void);
/* True in the lab's build. */
bool clock_is_virtual(void);
/* Moves virtual time forward by so many microseconds. Only in the lab's build; aborts elsewhere. */
void clock_pass(int64_t us);

/* The largest text clock_print writes, without NUL: "20261122T093553,123456". */
#define CLOCK_TEXT 22
/* oneM2M m2m:timestamp, UTC, with six fraction digits: writes exactly CLOCK_TEXT bytes. TS-0004 6.3.3 */
void clock_print(int64_t us, char out[CLOCK_TEXT]);
/* Reads "YYYYMMDDThhmmss" with an optional ",f" of one to six digits. False for anything else, also for
 * the 30th of February. */
bool clock_parse(struct slice text, int64_t *ret_us);
/* Reads an xs:duration "PnYnMnDTnHnMn.nS" (a year is 365 days, a month 30). False for anything else. */
bool clock_parse_duration(struct slice text, int64_t *ret_us);
/* The calendar, UTC. */
struct clock_civil {
	int year, month, day, hour, minute, second, weekday; /* month 1-12, weekday 0 = Sunday */
};
void clock_civil(int64_t us, struct clock_civil *ret);

#endif
