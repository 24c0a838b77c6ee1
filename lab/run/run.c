/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "lab/run/lex.h"

static volatile sig_atomic_t run_stopped;

void run_stop(void)
{
	run_stopped = 1;
}

bool run_is_stopped(void)
{
	return run_stopped;
}

static int run_fault(const char *what, int r, const struct why *why)
{
	if (r > 0)
		fprintf(stderr, "dure-lab: %s\n", why->text);
	else if (r < 0)
		fprintf(stderr, "dure-lab: %s: %s\n", what, strerror(-r));
	return r ? 2 : 0;
}

/* --- the server --- */

const char *run_program(const struct options *options, const char *self, struct arena *arena)
{
	static const char *const places[] = {"dured-virtual", "../src/dured/dured-virtual"};
	const char *slash = strrchr(self, '/');

	if (options->node)
		return options->node;
	for (size_t i = 0; slash && i < 2; i++) {
		struct slice path = arena_printf(arena, "%.*s/%s", (int)(slash - self), self, places[i]);

		if (access(path.ptr, X_OK) == 0)
			return path.ptr;
	}
	return places[0];
}

static int run_meet(struct run *run, const char *url, struct why *why)
{
	struct lab *lab = &run->lab;
	const struct place_config config = {.loop = lab->loop,
	                                    .server = &lab->server,
	                                    .encoding = run->way->encoding,
	                                    .boxes = lab->boxes,
	                                    .url = url,
	                                    .ca = run->cert.directory[0] ? run->cert.cert : run->options->ca};
	int r = run->way->transport->open(&config, why, &lab->place);

	return r ? r : lab_meet(lab, &run->arena, why);
}

static void run_leave(struct run *run)
{
	if (run->lab.place)
		run->way->transport->close(run->lab.place);
	run->lab.place = NULL;
}

/* What the cases are told of beside them: issuer.json, the signers of tokens that our node is to trust. */
static const char *run_issuers(struct run *run)
{
	for (size_t i = 0; i < run->report.count; i++) {
		const struct lab_case *lab_case = run->report.results[i].lab_case;
		const char *slash = strrchr(lab_case->file, '/');

		for (size_t n = 0; n < lab_case->need_count; n++) {
			if (!slice_is_text(lab_case->needs[n], "issuer"))
				continue;
			const char *path =
			        arena_printf(&run->arena, "%.*sissuer.json",
			                     slash ? (int)(slash + 1 - lab_case->file) : 0, lab_case->file)
			                .ptr;

			return access(path, R_OK) == 0 ? path : NULL;
		}
	}
	return NULL;
}

/* The doors that our node may open, by the way that goes through. */
static const struct run_door {
	const struct transport *transport;
	const char *option, *file, *secure_option, *secure_file; /* file: FILE.port tells where it is */
} run_doors[] = {
        {&transport_http, NULL, "http", "--https-listen", "https"}, /* HTTP is open anyway */
        {&transport_ws, NULL, "http", "--https-listen", "https"},
        {&transport_coap, "--coap-listen", "coap", "--coaps-listen", "coaps"},
};

/* The arguments that open the door of this way; the door. */
static const char *run_open(const struct run *run, const char **args, size_t *n)
{
	const struct way *way = run->way;
	const char *door = "http";

	for (size_t i = 0; i < sizeof run_doors / sizeof *run_doors; i++) {
		if (run_doors[i].transport != way->transport)
			continue;
		const char *option = way->secure ? run_doors[i].secure_option : run_doors[i].option;

		if (option) {
			args[(*n)++] = option;
			args[(*n)++] = "127.0.0.1:0";
		}
		door = way->secure ? run_doors[i].secure_file : run_doors[i].file;
	}
	if (way->transport->brokered) {
		args[(*n)++] = "--mqtt-broker";
		args[(*n)++] = run->url;
		args[(*n)++] =
		        "--mqtt-clean"; /* a node that is new wants nothing that was for the last one */
		/* Nobody else is at this broker. */
		args[(*n)++] = "--mqtt-trust-broker";
	}
	if (way->secure) {
		const char *const secure[] = {"--tls-cert",  run->cert.cert,     "--tls-key",
		                              run->cert.key, "--authentication", "never"};

		/* Who speaks as whom over TLS is for stories to tell; here it is the cases' own word. */
		memcpy(args + *n, secure, sizeof secure);
		*n += sizeof secure / sizeof *secure;
	}
	if (way->secure && way->transport->brokered) {
		args[(*n)++] = "--tls-ca";
		args[(*n)++] = run->cert.cert;
	}
	return door;
}

/* Our node, with the door open that this way goes through. */
static int run_start_node(struct run *run)
{
	const struct options *options = run->options;
	const struct transport *transport = run->way->transport;
	const char *args[OPTIONS_MANY + 32] = {"--cse-id",           options->cse_id,    "--cse-name",
	                                       options->cse_name,    "--sp-id",          options->sp_id,
	                                       "--admin-originator", options->originator};
	struct why why = {0};
	size_t n = 8;
	const char *door = run_open(run, args, &n);

	if (run->issuers) {
		args[n++] = "--credentials";
		args[n++] = run->issuers;
	}
	for (size_t i = 0; i < options->node_option_count; i++)
		args[n++] = options->node_options[i];
	int r = node_start(run->lab.loop, run->program, args, door, &why, &run->lab.node);

	if (r == 0 && !transport->brokered)
		snprintf(run->url, sizeof run->url, "%s://127.0.0.1:%d",
		         run->way->secure ? transport->secure : transport->name, node_port(run->lab.node));
	if (r == 0)
		r = run_meet(run, run->url, &why);
	return run_fault(run->program, r, &why);
}

static void run_fill_lab(struct run *run)
{
	const struct options *options = run->options;
	struct lab *lab = &run->lab;

	lab->server = (struct names_server){slice_of(options->cse_name), slice_of(options->cse_id),
	                                    slice_of(options->sp_id), slice_of(options->originator)};
	lab->release = options->release;
	lab->lenient = options->lenient;
	lab->lacks = slice_of(options->lacks);
	run->issuers = run->way->at ? NULL : run_issuers(run);
	if (!run->way->at) /* our node is told by nobody where an originator is */
		lab->lacks = arena_printf(&run->arena, "originator-location,%s%s",
		                          run->issuers ? "" : "issuer,", options->lacks);
	snprintf(lab->session, sizeof lab->session, "%lx", (unsigned long)(clock_now() / 1000) & 0xffffff);
}

/* MQTT wants a broker: its own when the node is our own. TLS wants a certificate, likewise. */
static int run_start_broker(struct run *run)
{
	const struct way *way = run->way;
	const char *more = "set_tcp_nodelay true\n";
	struct why why = {0};

	if (way->at)
		return 0;
	int r = way->secure ? cert_make(&run->cert, &why) : 0;

	if (r || !way->transport->brokered)
		return run_fault("openssl", r, &why);
	if (!mqtt_broker_is_there()) {
		fprintf(stderr, "dure-lab: %s: there is no mosquitto on this machine\n", way->name);
		return 2;
	}
	if (way->secure)
		more = arena_printf(&run->arena, "%scertfile %s\nkeyfile %s\n", more, run->cert.cert,
		                    run->cert.key)
		               .ptr;
	r = mqtt_broker_start(&run->broker, more);
	snprintf(run->url, sizeof run->url, "%s://127.0.0.1:%d", way->secure ? "mqtts" : "mqtt",
	         run->broker.port);
	return run_fault("mosquitto", r, &why);
}

static int run_connect(struct run *run)
{
	const struct options *options = run->options;
	struct lab *lab = &run->lab;
	struct boxes_config boxes = {.encoding = run->way->encoding, .cse = options->cse_id + 1};
	struct why why = {0};
	int r = run_start_broker(run);

	if (r)
		return r;
	boxes.broker = run->way->at ? run->way->at : run->url;
	if (run->way->transport == &transport_coap)
		boxes.way = BOX_COAP;
	else if (run->way->transport->brokered)
		boxes.way = BOX_MQTT;
	run_fill_lab(run);
	if (!lex_time(slice_of(options->patience), &lab->patience_us))
		return run_fault(options->patience, -EINVAL, &why);
	r = loop_create(&lab->loop);
	if (r == 0)
		r = boxes_create(lab->loop, &boxes, &why, &lab->boxes);
	if (r)
		return run_fault("starting", r, &why);
	if (options->record && !(lab->record = fopen(options->record, "ae")))
		return run_fault(options->record, -errno, &why);
	run->report.server = run->way->at ? run->way->at : run->program;
	return run->way->at ? run_fault(run->way->at, run_meet(run, run->way->at, &why), &why)
	                    : run_start_node(run);
}

/* Names that cases give to things right below the CSEBase: what a broken-off run may have left there. */
static void run_sweep(struct run *run)
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
			        arena_printf(&run->arena, "%s/%.*s", run->options->cse_name, SLICE_ARG(name));
			(void)lab_call(&run->lab, &run->arena, &call, 5000000, &reply);
		}
	}
}

/* --- playing --- */

static int run_revive(struct run *run, struct result *result)
{
	struct lab *lab = &run->lab;
	struct why why = {0};
	bool failed = result->outcome.verdict == VERDICT_FAILED;
	/* One that is just dying looks alive: it is asked. */
	bool alive = lab->node && (!failed || node_pass(lab->node, 0, &why) == 0) && node_is_alive(lab->node);

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
	run_leave(run);
	node_stop(lab->node, !alive || run->options->keep);
	lab->node = NULL;
	return run_start_node(run);
}

static int run_case(struct run *run, struct result *result)
{
	struct arena *arena = arena_new(&run->arena, struct arena);
	const char *reason = lab_skip(&run->lab, &run->arena, result->lab_case);
	int r = 0;

	arena_init(arena);
	if (reason) {
		result->outcome = (struct outcome){.verdict = VERDICT_SKIPPED, .reason = slice_of(reason)};
	} else {
		play_case(&run->lab, arena, result->lab_case, &result->outcome);
		r = run_revive(run, result);
	}
	if (run->tells && (run->options->verbose || result->outcome.complaints))
		report_case(&run->report, result);
	boxes_reset(run->lab.boxes, NULL);
	result->outcome.reason = arena_copy(&run->arena, result->outcome.reason);
	if (result->outcome.complaints)
		result->arena = arena; /* they live there until the end */
	else
		arena_finish(arena);
	return r;
}

static int run_all(struct run *run)
{
	bool progress = run->tells && isatty(2) && !run->options->verbose;
	int64_t start = clock_wall_steady();
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->report.count; i++) {
		if (run_stopped) {
			run->report.count = i;
			break;
		}
		struct result *result = &run->report.results[i];

		if (progress)
			fprintf(stderr, "\r\033[K[%zu/%zu] %.*s\r", i + 1, run->report.count,
			        SLICE_ARG(result->lab_case->name));
		r = run_case(run, result);
		fflush(stdout);
	}
	if (progress)
		fputs("\r\033[K", stderr);
	run->report.took_us = clock_wall_steady() - start;
	return r;
}

int run_play(struct run *run)
{
	arena_init(&run->arena);
	run->report.way = run->way->name;
	int r = run_connect(run);

	if (r == 0 && run->way->at && run->options->sweep)
		run_sweep(run);
	if (r == 0)
		r = run_all(run);
	run_leave(run);
	node_stop(run->lab.node, run->options->keep);
	boxes_destroy(run->lab.boxes);
	mqtt_broker_stop(&run->broker);
	cert_remove(&run->cert);
	if (run->lab.record)
		fclose(run->lab.record);
	if (run->lab.loop)
		loop_destroy(run->lab.loop);
	return r;
}

void run_finish(struct run *run)
{
	for (size_t i = 0; i < run->report.count; i++)
		if (run->report.results[i].arena)
			arena_finish(run->report.results[i].arena);
	arena_finish(&run->arena);
}
