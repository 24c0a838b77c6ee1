/* SPDX-License-Identifier: Apache-2.0 */
/* What all loads count, and the one line in which they tell it; and the numbers they draw. */
#ifndef DURE_BENCH_MEASURE_H
#define DURE_BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/histogram.h"

struct measure {
	/* set before measure_begin */
	uint64_t pid; /* the server; 0: the time it used is not told */
	double warm;  /* seconds that do not count */
	/* seen */
	uint64_t answered, refused, lost, bytes, notified;
	struct histogram times;
	int64_t begun, counting_from; /* -1: not yet */
	uint64_t server_ns;           /* what the server had used when counting began */
	uint64_t random;
	char trouble[300]; /* the first */
};

void measure_begin(struct measure *m);
/* An answer to what was asked then (or was due then). False: it came too early to count. */
bool measure_answer(struct measure *m, int64_t asked, int64_t now, uint64_t bytes);
/* It was a refusal, or something was lost; the first says why. */
void measure_refuse(struct measure *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void measure_lose(struct measure *m, const char *why);
/* Below `over`. */
uint64_t measure_draw(struct measure *m, uint64_t over);
/* The line, and on stderr what went wrong. `name` of the program. */
void measure_report(const struct measure *m, const char *name);

#endif
