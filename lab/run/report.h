/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a run: failures with request, expected and answer; sums by area and by official purpose;
 * files for machines. */
#ifndef DURE_LAB_REPORT_H
#define DURE_LAB_REPORT_H

#include "lab/run/lab.h"

struct result {
	const struct lab_case *lab_case;
	struct outcome outcome;
	struct arena *arena; /* where the complaints live; NULL: none */
};

/* What came out over one way. */
struct report {
	struct result *results; /* of the same cases for all ways */
	size_t count;
	bool colour;
	int64_t took_us;
	const char *server; /* "dured-virtual", or the URL */
	const char *way;    /* "http/json" */
};

/* One case as soon as it is over: its name, and when it failed, everything about it. */
void report_case(const struct report *report, const struct result *result);
/* The sums, over several ways as a matrix; ends with "N passed, N failed[, N skipped]". True when none
 * failed. */
bool report_sums(const struct report *reports, size_t count, int64_t took_us, struct arena *arena);

/* report_matrix.c: areas against ways, and what differs between them. */
void report_matrix(const struct report *reports, size_t count, struct arena *arena);
/* Does the case differ: passed over one way and failed over another? */
bool report_differs(const struct report *reports, size_t count, size_t index);
/* Of an area, NULL for all. */
void report_tally(const struct report *report, const char *area, unsigned of[VERDICT_COUNT],
                  double *ret_seconds);
extern const char *const report_words[VERDICT_COUNT];

/* report_file.c: 0 or -errno. */
int report_json(const struct report *reports, size_t count, int64_t took_us, const char *path);
int report_junit(const struct report *reports, size_t count, const char *path);

#endif
