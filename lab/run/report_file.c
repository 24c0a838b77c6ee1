/* SPDX-License-Identifier: Apache-2.0 */
/* Reports for machines. What servers sent may hold any byte: the writers here let only valid text through. */
#include <errno.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "lab/run/report.h"

/* Bytes that are no UTF-8 become '?'. */
static struct slice report_clean(struct arena *arena, struct slice text)
{
	if (utf8_is_valid(text))
		return text;
	char *copy = arena_text(arena, text);

	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)copy[i] >= 0x80)
			copy[i] = '?';
	return (struct slice){copy, text.len};
}

static void report_member(struct buf *buf, struct arena *arena, const char *name, struct slice text)
{
	buf_printf(buf, "\"%s\":", name);
	json_write_str(buf, report_clean(arena, text));
}

static void report_complaint(struct buf *buf, struct arena *arena, const struct complaint *c)
{
	buf_printf(buf, "{\"line\":%u,", c->line);
	report_member(buf, arena, "step", c->step);
	buf_add_char(buf, ',');
	report_member(buf, arena, "request", c->request);
	buf_add_char(buf, ',');
	report_member(buf, arena, "expected", c->expected);
	buf_add_char(buf, ',');
	report_member(buf, arena, "answer", c->answer);
	buf_add_char(buf, '}');
}

static void report_result(struct buf *buf, struct arena *arena, const char *way, const struct result *result)
{
	const struct lab_case *lab_case = result->lab_case;

	buf_add_char(buf, '{');
	report_member(buf, arena, "way", slice_of(way));
	buf_add_char(buf, ',');
	report_member(buf, arena, "name", lab_case->name);
	buf_add_char(buf, ',');
	report_member(buf, arena, "area", slice_of(lab_case->area));
	buf_add_char(buf, ',');
	report_member(buf, arena, "title", lab_case->title);
	buf_add_char(buf, ',');
	report_member(buf, arena, "tp", lab_case->tp);
	buf_add_char(buf, ',');
	report_member(buf, arena, "file", slice_of(lab_case->file));
	buf_printf(buf, ",\"line\":%u,\"verdict\":\"%s\",\"seconds\":%.6f,", lab_case->line,
	           report_words[result->outcome.verdict], (double)result->outcome.took_us / 1e6);
	report_member(buf, arena, "reason", result->outcome.reason);
	buf_add_lit(buf, ",\"complaints\":[");
	for (const struct complaint *c = result->outcome.complaints; c; c = c->next) {
		report_complaint(buf, arena, c);
		if (c->next)
			buf_add_char(buf, ',');
	}
	buf_add_lit(buf, "]}");
}

static int report_write(const char *path, const struct buf *buf)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return -errno;
	size_t n = fwrite(buf->ptr, 1, buf->len, f);

	bool closed = fclose(f) == 0;
	return n == buf->len && closed ? 0 : -EIO;
}

/* Ways against areas: {"http/json": {"acp": [101, 0, 0], ...}, ...}: passed, failed, skipped. */
static void report_areas(struct buf *buf, struct arena *arena, const struct report *report)
{
	double seconds;

	for (size_t i = 0; i < report->count; i++) {
		const char *area = report->results[i].lab_case->area;
		unsigned of[VERDICT_COUNT] = {0};

		if (i && strcmp(area, report->results[i - 1].lab_case->area) == 0)
			continue;
		report_tally(report, area, of, &seconds);
		if (i)
			buf_add_char(buf, ',');
		json_write_str(buf, slice_of(area));
		buf_printf(buf, ":[%u,%u,%u]", of[VERDICT_PASSED], of[VERDICT_FAILED], of[VERDICT_SKIPPED]);
	}
}

static void report_ways(struct buf *buf, struct arena *arena, const struct report *reports, size_t count)
{
	bool more = false;

	buf_add_lit(buf, "\"matrix\":{");
	for (size_t w = 0; w < count; w++) {
		buf_printf(buf, "%s\"%s\":{", w ? ",\n" : "", reports[w].way);
		report_areas(buf, arena, &reports[w]);
		buf_add_char(buf, '}');
	}
	buf_add_lit(buf, "},\n\"differ\":[");
	for (size_t i = 0; i < reports->count; i++)
		if (report_differs(reports, count, i)) {
			if (more)
				buf_add_char(buf, ',');
			json_write_str(buf, reports->results[i].lab_case->name);
			more = true;
		}
	buf_add_lit(buf, "],\n");
}

int report_json(const struct report *reports, size_t count, int64_t took_us, const char *path)
{
	unsigned of[VERDICT_COUNT] = {0};
	struct arena arena;
	struct buf buf;
	double seconds;

	arena_init(&arena);
	buf_init(&buf, &arena);
	for (size_t w = 0; w < count; w++)
		report_tally(&reports[w], NULL, of, &seconds);
	buf_add_char(&buf, '{');
	report_member(&buf, &arena, "server", slice_of(reports->server));
	buf_printf(&buf, ",\"passed\":%u,\"failed\":%u,\"skipped\":%u,\"seconds\":%.3f,\n", of[0], of[1],
	           of[2], (double)took_us / 1e6);
	report_ways(&buf, &arena, reports, count);
	buf_add_lit(&buf, "\"cases\":[\n");
	for (size_t w = 0; w < count; w++)
		for (size_t i = 0; i < reports[w].count; i++) {
			report_result(&buf, &arena, reports[w].way, &reports[w].results[i]);
			buf_add(&buf, ",\n", i + 1 < reports[w].count || w + 1 < count ? 2 : 0);
		}
	buf_add_lit(&buf, "\n]}\n");
	int r = report_write(path, &buf);

	arena_finish(&arena);
	return r;
}

/* --- JUnit XML --- */

static void report_xml(struct buf *buf, struct arena *arena, struct slice text)
{
	text = report_clean(arena, text);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c == '<')
			buf_add_lit(buf, "&lt;");
		else if (c == '>')
			buf_add_lit(buf, "&gt;");
		else if (c == '&')
			buf_add_lit(buf, "&amp;");
		else if (c == '"')
			buf_add_lit(buf, "&quot;");
		else if (c == '\n')
			buf_add_lit(buf, "&#10;");
		else if (c >= 0x20 && c != 0x7f)
			buf_add_char(buf, (char)c);
		else
			buf_add_char(buf, ' ');
	}
}

static void report_testcase(struct buf *buf, struct arena *arena, const struct result *result)
{
	buf_add_lit(buf, "<testcase classname=\"");
	report_xml(buf, arena, slice_of(result->lab_case->area));
	buf_add_lit(buf, "\" name=\"");
	report_xml(buf, arena, result->lab_case->name);
	buf_printf(buf, "\" time=\"%.6f\">", (double)result->outcome.took_us / 1e6);
	if (result->outcome.verdict == VERDICT_SKIPPED) {
		buf_add_lit(buf, "<skipped message=\"");
		report_xml(buf, arena, result->outcome.reason);
		buf_add_lit(buf, "\"/>");
	}
	const struct complaint *c = result->outcome.complaints;

	if (result->outcome.verdict == VERDICT_FAILED && c) {
		buf_add_lit(buf, "<failure message=\"");
		report_xml(buf, arena, c->expected);
		buf_add_lit(buf, "\">");
		for (; c; c = c->next) {
			report_xml(buf, arena,
			           arena_printf(arena, "%s:%u\n", result->lab_case->file, c->line));
			report_xml(buf, arena,
			           arena_printf(arena,
			                        "step: %.*s\nrequest: %.*s\nexpected: %.*s\nanswer: %.*s\n",
			                        SLICE_ARG(c->step), SLICE_ARG(c->request),
			                        SLICE_ARG(c->expected), SLICE_ARG(c->answer)));
		}
		buf_add_lit(buf, "</failure>");
	}
	buf_add_lit(buf, "</testcase>\n");
}

/* One suite for each area; over several ways their names stand before it. */
static void report_suites(struct buf *buf, struct arena *arena, const struct report *report, bool named)
{
	double seconds;

	for (size_t i = 0; i < report->count; i++) {
		const char *area = report->results[i].lab_case->area;
		unsigned of[VERDICT_COUNT] = {0};

		if (i && strcmp(area, report->results[i - 1].lab_case->area) == 0)
			continue;
		report_tally(report, area, of, &seconds);
		buf_add_lit(buf, "<testsuite name=\"");
		if (named)
			buf_printf(buf, "%s ", report->way);
		report_xml(buf, arena, slice_of(area));
		buf_printf(buf, "\" tests=\"%u\" failures=\"%u\" skipped=\"%u\" time=\"%.3f\">\n",
		           of[0] + of[1] + of[2], of[1], of[2], seconds);
		for (size_t j = i; j < report->count && strcmp(area, report->results[j].lab_case->area) == 0;
		     j++)
			report_testcase(buf, arena, &report->results[j]);
		buf_add_lit(buf, "</testsuite>\n");
	}
}

int report_junit(const struct report *reports, size_t count, const char *path)
{
	struct arena arena;
	struct buf buf;

	arena_init(&arena);
	buf_init(&buf, &arena);
	buf_add_lit(&buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	for (size_t w = 0; w < count; w++)
		report_suites(&buf, &arena, &reports[w], count > 1);
	buf_add_lit(&buf, "</testsuites>\n");
	int r = report_write(path, &buf);

	arena_finish(&arena);
	return r;
}
