/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/histogram.h"

/* Slot: below 32 the value itself; above, the power of two and the five bits behind its first. */
static unsigned slot_of(uint64_t us)
{
	if (us < 32)
		return (unsigned)us;
	unsigned power = 63 - (unsigned)__builtin_clzll(us);
	unsigned slot = (power - 4) * 32 + (unsigned)(us >> (power - 5) & 31);
	return slot < HISTOGRAM_SLOTS ? slot : HISTOGRAM_SLOTS - 1;
}

static int64_t top_of(unsigned slot)
{
	if (slot < 32)
		return slot;
	unsigned shift = slot / 32 - 1;
	return (int64_t)(((32ULL + slot % 32 + 1) << shift) - 1);
}

void histogram_add(struct histogram *histogram, int64_t us)
{
	if (us < 0)
		us = 0;
	histogram->slots[slot_of((uint64_t)us)]++;
	histogram->count++;
	if (us > histogram->max)
		histogram->max = us;
}

int64_t histogram_at(const struct histogram *histogram, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)histogram->count + 0.5), seen = 0;

	for (unsigned slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
		seen += histogram->slots[slot];
		if (seen >= wanted && seen > 0)
			return top_of(slot) < histogram->max ? top_of(slot) : histogram->max;
	}
	return histogram->max;
}
