/* SPDX-License-Identifier: Apache-2.0 */
/* Time as the machine has it. */
#include "base/clock.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

static int64_t clock_read(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* When the machine's clock is set back, time stands still until it has caught up: nothing that we wrote
 * down as earlier may turn out to be later. */
int64_t clock_now(void)
{
	static _Atomic int64_t latest;
	int64_t now = clock_read(CLOCK_REALTIME);
	int64_t seen = atomic_load_explicit(&latest, memory_order_relaxed);

	while (now > seen)
		if (atomic_compare_exchange_weak_explicit(&latest, &seen, now, memory_order_relaxed,
		                                          memory_order_relaxed))
			return now;
	return seen;
}

int64_t clock_steady(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

int64_t clock_wall_steady(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

bool clock_is_virtual(void)
{
	return false;
}

void clock_pass(int64_t us)
{
	(void)us;
	abort();
}
