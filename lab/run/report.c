/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/report.h"

#include <stdlib.h>

const char *const report_words[VERDICT_COUNT] = {"passed", "failed", "skipped"};

static const char *report_colour(const struct report *report, enum verdict verdict)
{
	static const char *const colours[VERDICT_COUNT] = {"\033[32m", "\033[1;31m", "\033[33m"};

	return report->colour ? colours[verdict] : "";
}

/* Text that may hold anything: what a terminal would obey is shown as '?', lines are indented. */
static void report_text(const char *label, struct slice text)
{
	if (!text.len)
		return;
	printf("      %-9s ", label);
	for (size_t i = 0; i < text.len && i < 4000; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c == '\n' && i + 1 < text.len)
			fputs("\n                ", stdout);
		else if (c == '\t')
			putchar(' ');
		else if (c >= 0x20 && c != 0x7f)
			putchar(c);
		else if (c != '\r' && c != '\n')
			putchar('?');
	}
	putchar('\n');
}

void report_case(const struct report *report, const struct result *result)
{
	static const char *const words[VERDICT_COUNT] = {"ok", "FAILED", "skipped"};
	const struct lab_case *lab_case = result->lab_case;
	enum verdict verdict = result->outcome.verdict;

	if (strcmp(report->way, "http/json") != 0)
		printf("%-9s ", report->way);
	printf("%s%-7s%s %s/%.*s%s%.*s%s%.*s", report_colour(report, verdict), words[verdict],
	       report->colour ? "\033[0m" : "", lab_case->area, SLICE_ARG(lab_case->name),
	       lab_case->tp.len ? "  " : "", SLICE_ARG(lab_case->tp),
	       result->outcome.reason.len ? "  -- " : "", SLICE_ARG(result->outcome.reason));
	if (verdict == VERDICT_FAILED && lab_case->title.len)
		printf("  \"%.*s\"", SLICE_ARG(lab_case->title));
	putchar('\n');
	for (const struct complaint *c = result->outcome.complaints; c; c = c->next) {
		printf("    %s:%u\n", lab_case->file, c->line);
		report_text("step", c->step);
		report_text("request", c->request);
		report_text("expected", c->expected);
		report_text("answer", c->answer);
	}
}

struct report_sum {
	struct slice name;
	unsigned of[VERDICT_COUNT];
};

static void report_count(struct report_sum *sums, size_t *count, struct slice name, enum verdict verdict)
{
	size_t i = 0;

	while (i < *count && !slice_is(sums[i].name, name))
		i++;
	if (i == *count)
		sums[(*count)++] = (struct report_sum){.name = name};
	sums[i].of[verdict]++;
}

static void report_table(const struct report *report, const char *title, const struct report_sum *sums,
                         size_t count)
{
	printf("\n%-28s %7s %7s %7s %8s\n", title, "cases", "passed", "failed", "skipped");
	for (size_t i = 0; i < count; i++) {
		const unsigned *of = sums[i].of;

		printf("%-28.*s %7u %7u %s%7u%s %8u\n", SLICE_ARG(sums[i].name), of[0] + of[1] + of[2], of[0],
		       of[1] ? report_colour(report, VERDICT_FAILED) : "", of[1],
		       of[1] && report->colour ? "\033[0m" : "", of[2]);
	}
}

/* "TP/oneM2M/CSE/DMR/CRE/001/CNT_CB" -> "CSE/DMR" */
static struct slice report_group(struct slice tp)
{
	struct slice part, rest = tp;

	if (!slice_cut(&rest, '/', &part) || !slice_cut(&rest, '/', &part))
		return tp;
	const char *start = rest.ptr;

	if (!slice_cut(&rest, '/', &part) || !slice_cut(&rest, '/', &part))
		return tp;
	return (struct slice){start, (size_t)(part.ptr + part.len - start)};
}

void report_tally(const struct report *report, const char *area, unsigned of[VERDICT_COUNT],
                  double *ret_seconds)
{
	*ret_seconds = 0;
	for (size_t i = 0; i < report->count; i++)
		if (!area || strcmp(area, report->results[i].lab_case->area) == 0) {
			of[report->results[i].outcome.verdict]++;
			*ret_seconds += (double)report->results[i].outcome.took_us / 1e6;
		}
}

static void report_one(const struct report *report, struct arena *arena)
{
	struct report_sum *areas = arena_array(arena, report->count + 1, struct report_sum);
	struct report_sum *groups = arena_array(arena, report->count + 1, struct report_sum);
	size_t area_count = 0, group_count = 0;

	for (size_t i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];
		enum verdict verdict = result->outcome.verdict;

		report_count(areas, &area_count, slice_of(result->lab_case->area), verdict);
		if (result->lab_case->tp.len)
			report_count(groups, &group_count, report_group(result->lab_case->tp), verdict);
	}
	report_table(report, "area", areas, area_count);
	if (group_count)
		report_table(report, "official test purposes", groups, group_count);
}

bool report_sums(const struct report *reports, size_t count, int64_t took_us, struct arena *arena)
{
	unsigned of[VERDICT_COUNT] = {0}, requests = 0;
	double seconds;

	if (count == 1)
		report_one(reports, arena);
	else
		report_matrix(reports, count, arena);
	for (size_t w = 0; w < count; w++) {
		report_tally(&reports[w], NULL, of, &seconds);
		for (size_t i = 0; i < reports[w].count; i++)
			requests += reports[w].results[i].outcome.requests;
	}
	printf("\n%s: %u requests in %.1f s\n", reports->server, requests, (double)took_us / 1e6);
	printf("%u passed, %u failed", of[VERDICT_PASSED], of[VERDICT_FAILED]);
	if (of[VERDICT_SKIPPED])
		printf(", %u skipped", of[VERDICT_SKIPPED]);
	putchar('\n');
	return of[VERDICT_FAILED] == 0;
}
