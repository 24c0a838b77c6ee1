/* SPDX-License-Identifier: Apache-2.0 */
/* Welcome. dure-lab reads cases (case.h has their grammar), tells them to a server, ours or anybody's, and
 * reports which came true. It starts our node in virtual time, or is pointed at a running server with --at.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "lab/run/lex.h"
#include "lab/run/options.h"
#include "lab/run/report.h"
#include "model/type.h"

#ifndef DURE_LAB_CASES /* set by the build: where the cases stand in the source tree, and once installed */
#define DURE_LAB_CASES     "lab/cases"
#define DURE_LAB_INSTALLED "/usr/share/dure/cases"
#endif

static volatile sig_atomic_t main_stop;

static void main_signal(int number)
{
	main_stop = number;
}

struct main_run {
	struct options options;
	struct lab lab;
	struct arena arena; /* cases, and all that lives as long as the run */
	struct case_set set;
	struct report report;
	const char *program; /* of our own node */
};

static int main_fault(const char *what, int r, const struct why *why)
{
	if (r > 0)
		fprintf(stderr, "dure-lab: %s\n", why->text);
	else if (r < 0)
		fprintf(stderr, "dure-lab: %s: %s\n", what, strerror(-r));
	return r ? 2 : 0;
}

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

static int main_load(struct main_run *run)
{
	const char *fallback = getenv("DURE_LAB_CASES");
	struct options *options = &run->options;
	struct why why = {0};
	int r = 0;

	if (!fallback)
		fallback = access(DURE_LAB_CASES, R_OK) == 0 ? DURE_LAB_CASES : DURE_LAB_INSTALLED;
	if (!options->path_count)
		options->paths[options->path_count++] = fallback;
	for (size_t i = 0; r == 0 && i < options->path_count; i++) {
		r = case_load(&run->arena, options->paths[i], &why, &run->set);
		r = main_fault(options->paths[i], r, &why);
	}
	if (r)
		return r;
	run->report.results = arena_array(&run->arena, run->set.count + 1, struct result);
	for (size_t i = 0; i < run->set.count; i++)
		if (main_wants(options, &run->arena, &run->set.cases[i]))
			run->report.results[run->report.count++].lab_case = &run->set.cases[i];
	return 0;
}

static int main_list(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct lab_case *lab_case = report->results[i].lab_case;

		printf("%-12s %-40.*s %-44.*s %.*s\n", lab_case->area, SLICE_ARG(lab_case->name),
		       SLICE_ARG(lab_case->tp), SLICE_ARG(lab_case->title));
	}
	return 0;
}

/* --- the server --- */

static int main_start_node(struct main_run *run)
{
	const struct options *options = &run->options;
	const char *args[OPTIONS_MANY + 10] = {"--cse-id",           options->cse_id,    "--cse-name",
	                                       options->cse_name,    "--sp-id",          options->sp_id,
	                                       "--admin-originator", options->originator};
	struct why why = {0};
	size_t n = 8;

	for (size_t i = 0; i < options->node_option_count; i++)
		args[n++] = options->node_options[i];
	int r = node_start(run->lab.loop, run->program, args, &why, &run->lab.node);

	if (r == 0)
		r = line_place_init(&run->lab.place, run->lab.loop, node_url(run->lab.node), &why);
	if (r == 0)
		r = lab_meet(&run->lab, &run->arena, &why);
	return main_fault(run->program, r, &why);
}

/* dured-virtual beside this program, or in the build tree, or in the path. */
static const char *main_program(struct main_run *run, const char *self)
{
	static const char *const places[] = {"dured-virtual", "../src/dured/dured-virtual"};
	const char *slash = strrchr(self, '/');

	if (run->options.node)
		return run->options.node;
	for (size_t i = 0; slash && i < 2; i++) {
		struct slice path =
		        arena_printf(&run->arena, "%.*s/%s", (int)(slash - self), self, places[i]);

		if (access(path.ptr, X_OK) == 0)
			return path.ptr;
	}
	return places[0];
}

static int main_connect(struct main_run *run, const char *self)
{
	struct options *options = &run->options;
	struct lab *lab = &run->lab;
	struct why why = {0};
	int r = loop_create(&lab->loop);

	lab->server = (struct names_server){slice_of(options->cse_name), slice_of(options->cse_id),
	                                    slice_of(options->sp_id), slice_of(options->originator)};
	lab->release = options->release;
	lab->lenient = options->lenient;
	lab->lacks = slice_of(options->lacks);
	if (!options->at) /* our node is told by nobody where an originator is */
		lab->lacks = arena_printf(&run->arena, "originator-location,%s", options->lacks);
	lab->transport = transport_http;
	lab->transport.place = &lab->place;
	lab->place.idle = -1;
	snprintf(lab->session, sizeof lab->session, "%lx", (unsigned long)(clock_now() / 1000) & 0xffffff);
	if (!lex_time(slice_of(options->patience), &lab->patience_us)) {
		fprintf(stderr, "dure-lab: expected a time such as 5s behind --patience, found %s\n",
		        options->patience);
		return 2;
	}
	if (r == 0)
		r = boxes_create(lab->loop, &lab->boxes);
	if (r)
		return main_fault("starting", r, &why);
	if (options->record && !(lab->record = fopen(options->record, "we")))
		return main_fault(options->record, -errno, &why);
	run->report.server = options->at ? options->at : (run->program = main_program(run, self));
	if (!options->at)
		return main_start_node(run);
	r = line_place_init(&lab->place, lab->loop, options->at, &why);
	if (r == 0)
		r = lab_meet(lab, &run->arena, &why);
	return main_fault(options->at, r, &why);
}

/* Names that cases give to things right below the CSEBase: what a broken-off run may have left there. */
static void main_sweep(struct main_run *run)
{
	for (size_t i = 0; i < run->report.count; i++) {
		const struct lab_case *lab_case = run->report.results[i].lab_case;

		for (size_t s = 0; s < lab_case->step_count; s++) {
			const struct step *step = &lab_case->steps[s];
			struct call call = {.op = 4,
			                    .ty = -1,
			                    .fr = run->lab.server.admin,
			                    .rvi = slice_of(run->lab.release)};
			struct reply reply;
			struct slice name;

			if (step->verb != VERB_CREATE || !slice_is_text(step->words[0].text, "~") ||
			    !val_is_str(val_find(step->body, "rn"), &name))
				continue;
			call.rqi = lab_rqi(&run->lab, &run->arena);
			call.to =
			        arena_printf(&run->arena, "%s/%.*s", run->options.cse_name, SLICE_ARG(name));
			(void)lab_call(&run->lab, &run->arena, &call, 5000000, &reply);
		}
	}
}

/* --- running --- */

static int main_revive(struct main_run *run, struct result *result)
{
	struct lab *lab = &run->lab;
	bool alive = lab->node && node_is_alive(lab->node);

	if (!lab->node || (alive && !result->outcome.dirty))
		return 0;
	if (!alive) {
		struct complaint *c = arena_new(&run->arena, struct complaint);

		*c = (struct complaint){.line = result->lab_case->line,
		                        .next = result->outcome.complaints,
		                        .expected = SLICE("the server lives on"),
		                        .answer = arena_printf(&run->arena, "it ended; see %s/log",
		                                               node_directory(lab->node))};
		result->outcome.complaints = c;
		result->outcome.verdict = VERDICT_FAILED;
	}
	line_place_finish(&lab->place);
	node_stop(lab->node, !alive || run->options.keep);
	lab->node = NULL;
	return main_start_node(run);
}

static int main_play(struct main_run *run, struct result *result)
{
	struct arena *arena = arena_new(&run->arena, struct arena);
	const char *reason = lab_skip(&run->lab, &run->arena, result->lab_case);
	int r = 0;

	arena_init(arena);
	if (reason) {
		result->outcome = (struct outcome){.verdict = VERDICT_SKIPPED, .reason = slice_of(reason)};
	} else {
		play_case(&run->lab, arena, result->lab_case, &result->outcome);
		r = main_revive(run, result);
	}
	if (run->options.verbose || result->outcome.complaints)
		report_case(&run->report, result);
	boxes_reset(run->lab.boxes, NULL);
	if (result->outcome.complaints)
		result->arena = arena; /* they live there until the end */
	else
		arena_finish(arena);
	return r;
}

static int main_run_all(struct main_run *run)
{
	bool progress = isatty(2) && !run->options.verbose;
	int64_t start = clock_wall_steady();
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->report.count; i++) {
		if (main_stop) {
			run->report.count = i;
			break;
		}
		struct result *result = &run->report.results[i];

		if (progress)
			fprintf(stderr, "\r\033[K[%zu/%zu] %.*s\r", i + 1, run->report.count,
			        SLICE_ARG(result->lab_case->name));
		r = main_play(run, result);
		fflush(stdout);
	}
	if (progress)
		fputs("\r\033[K", stderr);
	run->report.took_us = clock_wall_steady() - start;
	return r;
}

static int main_report(struct main_run *run)
{
	const struct options *options = &run->options;
	struct why why = {0};
	int r = 0;

	if (options->json)
		r = main_fault(options->json, report_json(&run->report, options->json), &why);
	if (r == 0 && options->junit)
		r = main_fault(options->junit, report_junit(&run->report, options->junit), &why);
	report_sums(&run->report, &run->arena);
	for (size_t i = 0; i < run->report.count; i++) {
		if (r == 0)
			r = run->report.results[i].outcome.verdict == VERDICT_FAILED;
		if (run->report.results[i].arena)
			arena_finish(run->report.results[i].arena);
	}
	return r;
}

static int main_go(struct main_run *run, const char *self)
{
	int r = main_load(run);

	if (r || run->options.list)
		return r ? r : main_list(&run->report);
	r = main_connect(run, self);
	if (r == 0 && run->options.at && run->options.sweep)
		main_sweep(run);
	if (r == 0)
		r = main_run_all(run);
	if (r == 0)
		r = main_report(run);
	node_stop(run->lab.node, run->options.keep);
	boxes_destroy(run->lab.boxes);
	line_place_finish(&run->lab.place);
	if (run->lab.record)
		fclose(run->lab.record);
	if (run->lab.loop)
		loop_destroy(run->lab.loop);
	return r;
}

int main(int argc, char **argv)
{
	struct main_run *run = calloc(1, sizeof *run);
	int r = run ? options_read(argc, argv, &run->options) : 2;

	if (r)
		return r;
	if (run->options.help || run->options.version) {
		if (run->options.help)
			options_help();
		else
			puts("dure-lab " DURE_VERSION);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, main_signal);
	signal(SIGTERM, main_signal);
	arena_init(&run->arena);
	type_init();
	run->report.colour = strcmp(run->options.colour, "always") == 0 ||
	                     (strcmp(run->options.colour, "auto") == 0 && isatty(1));
	r = main_go(run, argv[0]);
	arena_finish(&run->arena);
	free(run);
	return main_stop ? 130 : r;
}
