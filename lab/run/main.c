/* SPDX-License-Identifier: Apache-2.0 */
/* Welcome. dure-lab reads cases (case.h has their grammar), tells them to a server, ours or anybody's, over
 * every binding and in every encoding it is asked for, and reports which came true. It starts our node in
 * virtual time, or is pointed at a running server with --at.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "lab/run/crew.h"
#include "model/type.h"

#ifndef DURE_LAB_CASES /* set by the build: where the cases stand in the source tree, and once installed */
#define DURE_LAB_CASES     "lab/cases"
#define DURE_LAB_INSTALLED "/usr/share/dure/cases"
#endif

static void main_signal(int number)
{
	run_stop();
}

struct main_lab {
	struct options options;
	struct arena arena; /* cases, and all that lives as long as the program */
	struct case_set set;
	const struct lab_case **cases; /* those that were asked for */
	size_t count;
	struct way ways[WAY_MOST];
	size_t way_count;
	struct report reports[WAY_MOST];
	int64_t took_us;
};

/* --- choosing --- */

static bool main_wants(const struct options *options, struct arena *arena, const struct lab_case *lab_case)
{
	struct slice full = arena_printf(arena, "%s/%.*s", lab_case->area, SLICE_ARG(lab_case->name));

	for (size_t i = 0; i < options->only_count; i++) {
		struct slice pattern = slice_of(options->only[i]);

		if (slice_matches(lab_case->name, pattern) || slice_matches(full, pattern) ||
		    (lab_case->tp.len && slice_matches(lab_case->tp, pattern)))
			return true;
	}
	return options->only_count == 0;
}

static int main_load(struct main_lab *lab)
{
	const char *fallback = getenv("DURE_LAB_CASES");
	struct options *options = &lab->options;
	struct why why = {0};

	if (!fallback)
		fallback = access(DURE_LAB_CASES, R_OK) == 0 ? DURE_LAB_CASES : DURE_LAB_INSTALLED;
	if (!options->path_count)
		options->paths[options->path_count++] = fallback;
	for (size_t i = 0; i < options->path_count; i++) {
		int r = case_load(&lab->arena, options->paths[i], &why, &lab->set);

		if (r) {
			fprintf(stderr, "dure-lab: %s%s%s\n", r < 0 ? options->paths[i] : "",
			        r < 0 ? ": " : "", r < 0 ? strerror(-r) : why.text);
			return 2;
		}
	}
	lab->cases = arena_array(&lab->arena, lab->set.count + 1, const struct lab_case *);
	for (size_t i = 0; i < lab->set.count; i++)
		if (main_wants(options, &lab->arena, &lab->set.cases[i]))
			lab->cases[lab->count++] = &lab->set.cases[i];
	return 0;
}

static int main_list(const struct main_lab *lab)
{
	for (size_t i = 0; i < lab->count; i++) {
		const struct lab_case *lab_case = lab->cases[i];

		printf("%-12s %-40.*s %-44.*s %.*s\n", lab_case->area, SLICE_ARG(lab_case->name),
		       SLICE_ARG(lab_case->tp), SLICE_ARG(lab_case->title));
	}
	return 0;
}

/* --- running --- */

static void main_prepare(struct main_lab *lab)
{
	const struct options *options = &lab->options;

	for (size_t w = 0; w < lab->way_count; w++) {
		struct report *report = &lab->reports[w];

		report->results = arena_array(&lab->arena, lab->count + 1, struct result);
		report->count = lab->count;
		report->colour = strcmp(options->colour, "always") == 0 ||
		                 (strcmp(options->colour, "auto") == 0 && isatty(1));
		for (size_t i = 0; i < lab->count; i++)
			report->results[i].lab_case = lab->cases[i];
	}
}

/* How many at a time: as many as there are processors; but on a server that is not ours they would stand in
 * each other's way. */
static size_t main_jobs(const struct main_lab *lab)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t jobs = cpus > 1 ? (uint64_t)cpus : 1;

	if (lab->options.jobs && (!slice_u64(slice_of(lab->options.jobs), &jobs) || jobs < 1 || jobs > 64)) {
		fprintf(stderr, "dure-lab: expected a number from 1 to 64 behind --jobs, found %s\n",
		        lab->options.jobs);
		return 0;
	}
	return lab->options.at_count ? 1 : jobs;
}

static void main_tell(const struct main_lab *lab)
{
	for (size_t w = 0; w < lab->way_count; w++)
		for (size_t i = 0; i < lab->reports[w].count; i++)
			if (lab->options.verbose || lab->reports[w].results[i].outcome.complaints)
				report_case(&lab->reports[w], &lab->reports[w].results[i]);
}

static int main_report(const struct main_lab *lab, struct arena *arena)
{
	const struct options *options = &lab->options;
	int r = 0;

	if (options->json && (r = report_json(lab->reports, lab->way_count, lab->took_us, options->json)))
		fprintf(stderr, "dure-lab: %s: %s\n", options->json, strerror(-r));
	if (options->junit && r == 0 && (r = report_junit(lab->reports, lab->way_count, options->junit)))
		fprintf(stderr, "dure-lab: %s: %s\n", options->junit, strerror(-r));
	bool good = report_sums(lab->reports, lab->way_count, lab->took_us, arena);

	return r ? 2 : good ? 0 : 1;
}

static int main_go(struct main_lab *lab, const char *self)
{
	struct run *run = arena_new(&lab->arena, struct run);
	int64_t start = clock_wall_steady();
	size_t jobs = main_jobs(lab);
	int r;

	if (lab->options.record && remove(lab->options.record) && errno != ENOENT) {
		perror(lab->options.record);
		return 2;
	}
	lab->way_count = way_list(&lab->options, lab->ways);
	if (!lab->way_count || !jobs)
		return 2;
	main_prepare(lab);
	*run = (struct run){.options = &lab->options,
	                    .program = run_program(&lab->options, self, &lab->arena),
	                    .way = &lab->ways[0],
	                    .tells = lab->way_count == 1,
	                    .report = lab->reports[0]};
	for (size_t w = 0; w < lab->way_count; w++)
		lab->reports[w].server = lab->ways[w].at ? lab->ways[w].at : run->program;
	if (lab->way_count == 1) {
		r = run_play(run);
		lab->reports[0] = run->report;
	} else {
		r = crew_play(run, lab->ways, lab->way_count, jobs, &lab->arena, lab->reports);
		main_tell(lab);
	}
	lab->took_us = clock_wall_steady() - start;
	if (r == 0)
		r = main_report(lab, &lab->arena);
	if (lab->way_count == 1)
		run_finish(run);
	return r;
}

int main(int argc, char **argv)
{
	struct main_lab *lab = calloc(1, sizeof *lab);
	int r = lab ? options_read(argc, argv, &lab->options) : 2;

	if (r || lab->options.help || lab->options.version) {
		if (r == 0 && lab->options.help)
			options_help();
		else if (r == 0)
			puts("dure-lab " DURE_VERSION);
		free(lab);
		return r;
	}
	signal(SIGPIPE, SIG_IGN);
	struct sigaction action = {.sa_handler = main_signal}; /* waiting is to be interrupted by it */

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	arena_init(&lab->arena);
	type_init();
	r = log_open(&(struct log_config){.level = LOG_ERROR});
	if (r == 0)
		r = main_load(lab);
	if (r == 0)
		r = lab->options.list ? main_list(lab) : main_go(lab, argv[0]);
	arena_finish(&lab->arena);
	free(lab);
	return run_is_stopped() ? 130 : r;
}
