/* SPDX-License-Identifier: Apache-2.0 */
/* Time as the lab wants it: it stands still until clock_pass moves it. It starts where the machine's clock
 * stood when it was first asked, or at the m2m:timestamp in the environment's DURE_VIRTUAL_START. */
#include "base/clock.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

static struct {
	pthread_once_t once;
	_Atomic int64_t now;
	_Atomic int64_t passed;
} clock_virtual = {.once = PTHREAD_ONCE_INIT};

static void clock_begin(void)
{
	const char *wanted = getenv("DURE_VIRTUAL_START");
	int64_t us;

	if (!wanted || !clock_parse(slice_of(wanted), &us))
		us = (int64_t)time(NULL) * 1000000;
	atomic_store(&clock_virtual.now, us);
}

int64_t clock_now(void)
{
	pthread_once(&clock_virtual.once, clock_begin);
	return atomic_load_explicit(&clock_virtual.now, memory_order_relaxed);
}

int64_t clock_steady(void)
{
	return atomic_load_explicit(&clock_virtual.passed, memory_order_relaxed) + 1000000;
}

int64_t clock_wall_steady(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

bool clock_is_virtual(void)
{
	return true;
}

void clock_pass(int64_t us)
{
	assert(us >= 0);
	pthread_once(&clock_virtual.once, clock_begin);
	atomic_fetch_add(&clock_virtual.now, us);
	atomic_fetch_add(&clock_virtual.passed, us);
}
