/* SPDX-License-Identifier: Apache-2.0 */
/* Reports for machines. What servers sent may hold any byte: the writers here let only valid text through. */
#include <errno.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "lab/run/report.h"

static const char *const report_words[VERDICT_COUNT] = {"passed", "failed", "skipped"};

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

static void report_result(struct buf *buf, struct arena *arena, const struct result *result)
{
	const struct lab_case *lab_case = result->lab_case;

	buf_add_char(buf, '{');
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

static void report_tally(const struct report *report, const char *area, unsigned of[VERDICT_COUNT],
                         double *ret_seconds)
{
	*ret_seconds = 0;
	for (size_t i = 0; i < report->count; i++)
		if (!area || strcmp(area, report->results[i].lab_case->area) == 0) {
			of[report->results[i].outcome.verdict]++;
			*ret_seconds += (double)report->results[i].outcome.took_us / 1e6;
		}
}

int report_json(const struct report *report, const char *path)
{
	unsigned of[VERDICT_COUNT] = {0};
	struct arena arena;
	struct buf buf;
	double seconds;

	arena_init(&arena);
	buf_init(&buf, &arena);
	report_tally(report, NULL, of, &seconds);
	buf_add_char(&buf, '{');
	report_member(&buf, &arena, "server", slice_of(report->server));
	buf_printf(&buf, ",\"passed\":%u,\"failed\":%u,\"skipped\":%u,\"seconds\":%.3f,\"cases\":[\n", of[0],
	           of[1], of[2], (double)report->took_us / 1e6);
	for (size_t i = 0; i < report->count; i++) {
		report_result(&buf, &arena, &report->results[i]);
		buf_add(&buf, ",\n", i + 1 < report->count ? 2 : 0);
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

int report_junit(const struct report *report, const char *path)
{
	struct arena arena;
	struct buf buf;
	double seconds;

	arena_init(&arena);
	buf_init(&buf, &arena);
	buf_add_lit(&buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	for (size_t i = 0; i < report->count; i++) {
		const char *area = report->results[i].lab_case->area;
		unsigned of[VERDICT_COUNT] = {0};

		if (i && strcmp(area, report->results[i - 1].lab_case->area) == 0)
			continue;
		report_tally(report, area, of, &seconds);
		buf_add_lit(&buf, "<testsuite name=\"");
		report_xml(&buf, &arena, slice_of(area));
		buf_printf(&buf, "\" tests=\"%u\" failures=\"%u\" skipped=\"%u\" time=\"%.3f\">\n",
		           of[0] + of[1] + of[2], of[1], of[2], seconds);
		for (size_t j = i; j < report->count && strcmp(area, report->results[j].lab_case->area) == 0;
		     j++)
			report_testcase(&buf, &arena, &report->results[j]);
		buf_add_lit(&buf, "</testsuite>\n");
	}
	buf_add_lit(&buf, "</testsuites>\n");
	int r = report_write(path, &buf);

	arena_finish(&arena);
	return r;
}
