/* SPDX-License-Identifier: Apache-2.0 */
/* Several ways side by side: a column for each, a row for each area; then the cases that come true over one
 * way and not over another, and why some were skipped where. */
#include <stdio.h>

#include "lab/run/report.h"

#define REPORT_CELL 10

/* "101", "98!3", "97~4", "94!3~4" */
static void report_cell(const struct report *report, const char *area)
{
	unsigned of[VERDICT_COUNT] = {0};
	char text[48];
	double seconds;
	int len;

	report_tally(report, area, of, &seconds);
	len = snprintf(text, sizeof text, "%u", of[VERDICT_PASSED]);
	if (of[VERDICT_FAILED])
		len += snprintf(text + len, sizeof text - (size_t)len, "!%u", of[VERDICT_FAILED]);
	if (of[VERDICT_SKIPPED])
		len += snprintf(text + len, sizeof text - (size_t)len, "~%u", of[VERDICT_SKIPPED]);
	printf("%*s%s%s%s", len < REPORT_CELL ? REPORT_CELL - len : 1, "",
	       of[VERDICT_FAILED] && report->colour ? "\033[1;31m" : "", text,
	       of[VERDICT_FAILED] && report->colour ? "\033[0m" : "");
}

static void report_row(const struct report *reports, size_t count, const char *area)
{
	printf("%-8s", area ? area : "all");
	for (size_t w = 0; w < count; w++)
		report_cell(&reports[w], area);
	putchar('\n');
}

bool report_differs(const struct report *reports, size_t count, size_t index)
{
	bool seen[VERDICT_COUNT] = {0};

	for (size_t w = 0; w < count; w++)
		if (index < reports[w].count)
			seen[reports[w].results[index].outcome.verdict] = true;
	return seen[VERDICT_PASSED] && seen[VERDICT_FAILED];
}

static void report_differences(const struct report *reports, size_t count)
{
	bool told = false;

	for (size_t i = 0; i < reports->count; i++) {
		const struct lab_case *lab_case = reports->results[i].lab_case;

		if (!report_differs(reports, count, i))
			continue;
		if (!told)
			puts("\ntrue over one way, not over another");
		told = true;
		printf("%s/%.*s: not over", lab_case->area, SLICE_ARG(lab_case->name));
		for (size_t w = 0; w < count; w++)
			if (i < reports[w].count && reports[w].results[i].outcome.verdict == VERDICT_FAILED)
				printf(" %s", reports[w].way);
		putchar('\n');
	}
}

struct report_reason {
	struct slice text;
	unsigned *of; /* for each way */
};

/* "line 12: why" -> "why" */
static struct slice report_plain(struct slice reason)
{
	struct slice rest = reason, head;

	if (slice_starts(reason, SLICE("line ")) && slice_cut(&rest, ':', &head) && rest.len)
		return slice_skip(rest, 1);
	return reason;
}

static void report_skipped(const struct report *reports, size_t count, struct arena *arena)
{
	struct report_reason *reasons = arena_array(arena, reports->count * count + 1, struct report_reason);
	size_t known = 0;

	for (size_t w = 0; w < count; w++)
		for (size_t i = 0; i < reports[w].count; i++) {
			struct slice text = report_plain(reports[w].results[i].outcome.reason);
			size_t at = 0;

			if (!text.len)
				continue;
			while (at < known && !slice_is(reasons[at].text, text))
				at++;
			if (at == known)
				reasons[known++] =
				        (struct report_reason){text, arena_array(arena, count, unsigned)};
			reasons[at].of[w]++;
		}
	if (known)
		puts("\nskipped");
	for (size_t at = 0; at < known; at++) {
		printf("%-8s", "");
		for (size_t w = 0; w < count; w++)
			printf("%*u", REPORT_CELL, reasons[at].of[w]);
		printf("  %.*s\n", SLICE_ARG(reasons[at].text));
	}
}

void report_matrix(const struct report *reports, size_t count, struct arena *arena)
{
	printf("\n%-8s", "area");
	for (size_t w = 0; w < count; w++)
		printf("%*s", REPORT_CELL, reports[w].way);
	puts("   (passed!failed~skipped)");
	for (size_t i = 0; i < reports->count; i++)
		if (!i ||
		    strcmp(reports->results[i].lab_case->area, reports->results[i - 1].lab_case->area) != 0)
			report_row(reports, count, reports->results[i].lab_case->area);
	report_row(reports, count, NULL);
	printf("%-8s", "seconds");
	for (size_t w = 0; w < count; w++)
		printf("%*.1f", REPORT_CELL, (double)reports[w].took_us / 1e6);
	putchar('\n');
	report_differences(reports, count);
	report_skipped(reports, count, arena);
}
