/* SPDX-License-Identifier: Apache-2.0 */
/* Counts how long things took: exact below 32 us, within 3 % above, up to hours, in a fixed 10 KB. */
#ifndef DURE_BENCH_HISTOGRAM_H
#define DURE_BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SLOTS (32 * 40)

struct histogram {
	uint64_t slots[HISTOGRAM_SLOTS];
	uint64_t count;
	int64_t max; /* us, exact */
};

/* A zeroed struct is an empty one. */
void histogram_add(struct histogram *histogram, int64_t us);
/* The time that `share` (0..1) of all stayed at or below; 0 when it is empty. */
int64_t histogram_at(const struct histogram *histogram, double share);

#endif
