/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/crew.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/utf8.h"
#include "codec/json.h"

/* --- results as text --- */

static void crew_text(struct val *out, struct arena *arena, struct slice text)
{
	if (!utf8_is_valid(text)) {
		char *copy = arena_text(arena, text);

		for (size_t i = 0; i < text.len; i++)
			if ((unsigned char)copy[i] >= 0x80)
				copy[i] = '?';
		text.ptr = copy;
	}
	val_push(out, val_str(arena, text));
}

void crew_write(struct buf *buf, const struct report *report)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < report->count; i++) {
		const struct outcome *outcome = &report->results[i].outcome;
		struct val *line = val_arr(&arena);

		val_push(line, val_int(&arena, outcome->verdict));
		val_push(line, val_int(&arena, outcome->took_us));
		val_push(line, val_int(&arena, outcome->requests));
		crew_text(line, &arena, outcome->reason);
		for (const struct complaint *c = outcome->complaints; c; c = c->next) {
			struct val *one = val_push(line, val_arr(&arena));

			val_push(one, val_int(&arena, c->line));
			crew_text(one, &arena, c->step);
			crew_text(one, &arena, c->request);
			crew_text(one, &arena, c->expected);
			crew_text(one, &arena, c->answer);
		}
		json_write(buf, line);
		buf_add_char(buf, '\n');
	}
	arena_finish(&arena);
}

/* The next member of a list as a text or a number; nothing when there is none. */
static struct slice crew_next(const struct val **at)
{
	struct slice text = *at ? (*at)->text : (struct slice){0};

	*at = *at ? (*at)->next : NULL;
	return text;
}

static uint64_t crew_number(const struct val **at)
{
	uint64_t n = 0;

	(void)slice_u64(crew_next(at), &n);
	return n;
}

static struct complaint *crew_complaint(struct arena *arena, const struct val *list)
{
	struct complaint *c = arena_new(arena, struct complaint);
	const struct val *at = list->first;

	c->line = (unsigned)crew_number(&at);
	c->step = crew_next(&at);
	c->request = crew_next(&at);
	c->expected = crew_next(&at);
	c->answer = crew_next(&at);
	return c;
}

int crew_read(struct arena *arena, struct slice text, struct why *why, struct report *ret)
{
	struct slice line;
	size_t n = 0;

	for (; n < ret->count && slice_cut(&text, '\n', &line); n++) {
		struct outcome *outcome = &ret->results[n].outcome;
		struct complaint **last = &outcome->complaints;
		struct val *list;
		int r = json_read(arena, line, NULL, why, &list);

		if (r)
			return r;
		const struct val *at = list->first;
		uint64_t verdict = crew_number(&at);

		if (verdict >= VERDICT_COUNT)
			return refuse(why, 4000, "there is no such verdict");
		*outcome = (struct outcome){.verdict = (enum verdict)verdict};
		outcome->took_us = (int64_t)crew_number(&at);
		outcome->requests = (unsigned)crew_number(&at);
		outcome->reason = crew_next(&at);
		for (; at; at = at->next) {
			*last = crew_complaint(arena, at);
			last = &(*last)->next;
		}
	}
	ret->count = n;
	return 0;
}

/* --- processes --- */

struct crew_member {
	pid_t pid; /* 0: not at work */
	FILE *file;
	size_t way;
};

/* The life of a child: never returns. */
static void crew_work(const struct run *plan, const struct way *way, const struct report *report, FILE *file)
{
	struct run *run = malloc(sizeof *run);
	struct buf buf;

	if (!run)
		_exit(2);
	*run = *plan;
	run->way = way;
	run->report = *report;
	int r = run_play(run);

	buf_init(&buf, NULL);
	buf_printf(&buf, "%lld\n", (long long)run->report.took_us);
	crew_write(&buf, &run->report);
	if (fwrite(buf.ptr, 1, buf.len, file) != buf.len || fclose(file) != 0)
		r = 2;
	buf_finish(&buf);
	run_finish(run);
	free(run);
	fflush(NULL);
	_exit(r);
}

static int crew_begin(const struct run *plan, const struct way *way, const struct report *report,
                      struct crew_member *ret)
{
	ret->file = tmpfile();
	if (!ret->file)
		return -errno;
	fflush(NULL);
	ret->pid = fork();
	if (ret->pid == 0)
		crew_work(plan, way, report, ret->file);
	if (ret->pid > 0)
		return 0;
	fclose(ret->file);
	return -errno;
}

static int crew_collect(struct arena *arena, struct crew_member *member, struct report *report)
{
	long size = fseek(member->file, 0, SEEK_END) == 0 ? ftell(member->file) : -1;
	char *text = arena_take(arena, size > 0 ? (size_t)size : 1);
	struct slice rest = {text, size > 0 ? (size_t)size : 0}, first = {0};
	struct why why = {0};
	uint64_t took = 0;

	rewind(member->file);
	rest.len = fread(text, 1, rest.len, member->file);
	fclose(member->file);
	slice_cut(&rest, '\n', &first);
	(void)slice_u64(first, &took);
	report->took_us = (int64_t)took;
	if (crew_read(arena, rest, &why, report) == 0)
		return 0;
	fprintf(stderr, "dure-lab: %s: %s\n", report->way, why.text);
	return 2;
}

/* Waits for any of them. */
static int crew_wait(struct arena *arena, struct crew_member *members, size_t jobs, struct report *reports)
{
	int status = 0;
	pid_t pid = wait(&status);

	for (size_t i = 0; i < jobs; i++) {
		if (pid <= 0 || members[i].pid != pid)
			continue;
		members[i].pid = 0;
		int r = crew_collect(arena, &members[i], &reports[members[i].way]);

		return r ? r : !WIFEXITED(status) ? 2 : WEXITSTATUS(status);
	}
	if (pid < 0 && errno == EINTR)
		for (size_t i = 0; i < jobs; i++)
			if (members[i].pid)
				kill(members[i].pid, SIGTERM); /* we were asked to stop */
	return pid < 0 && errno != EINTR ? 2 : 0;
}

static bool crew_is_busy(const struct crew_member *members, size_t jobs, size_t *ret_free)
{
	bool busy = false;

	*ret_free = jobs;
	for (size_t i = 0; i < jobs; i++) {
		busy = busy || members[i].pid;
		if (!members[i].pid)
			*ret_free = i;
	}
	return busy;
}

int crew_play(const struct run *plan, const struct way *ways, size_t count, size_t jobs, struct arena *arena,
              struct report *reports)
{
	struct crew_member *members = arena_array(arena, jobs, struct crew_member);
	size_t next = 0, slot;
	int r = 0;

	for (size_t i = 0; i < count; i++)
		reports[i].way = ways[i].name;
	while (crew_is_busy(members, jobs, &slot) || (next < count && !run_is_stopped())) {
		if (slot < jobs && next < count && !run_is_stopped()) {
			members[slot].way = next;
			if (crew_begin(plan, &ways[next], &reports[next], &members[slot]))
				return 2;
			next++;
			continue;
		}
		int one = crew_wait(arena, members, jobs, reports);

		r = one > r ? one : r;
	}
	for (; next < count; next++) /* never begun */
		reports[next].count = 0;
	return r;
}
