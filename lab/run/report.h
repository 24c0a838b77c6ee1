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

struct report {
	struct result *results;
	size_t count;
	bool colour;
	int64_t took_us;
	const char *server; /* "dured-virtual", or the URL */
};

/* One case as soon as it is over: its name, and when it failed, everything about it. */
void report_case(const struct report *report, const struct result *result);
/* The sums; ends with "N passed, N failed[, N skipped]". */
void report_sums(const struct report *report, struct arena *arena);

/* report_file.c: 0 or -errno. */
int report_json(const struct report *report, const char *path);
int report_junit(const struct report *report, const char *path);

#endif
