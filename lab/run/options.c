/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/options.h"

#include <stdio.h>
#include <string.h>

enum option_kind { OPTION_TEXT, OPTION_FLAG, OPTION_MANY, OPTION_REPORT };

#define OPTION_AT(member) offsetof(struct options, member)

static const struct option {
	const char *name, *value, *help;
	enum option_kind kind;
	size_t at, count_at;
} options_table[] = {
        {"at", "URL",
         "the server to test, such as http://127.0.0.1:8080 or mqtt://broker; without it our own node is "
         "started; may be given again",
         OPTION_MANY, OPTION_AT(at), OPTION_AT(at_count)},
        {"binding", "http,coap,...",
         "the bindings to go over with our own node: http, coap, mqtt, ws, or all; and https, coaps, mqtts, "
         "wss",
         OPTION_MANY, OPTION_AT(bindings), OPTION_AT(binding_count)},
        {"encoding", "json,cbor,xml", "the encodings, each with each binding; or all", OPTION_MANY,
         OPTION_AT(encodings), OPTION_AT(encoding_count)},
        {"jobs", "N", "combinations played at the same time, each on a node of its own (the processors)",
         OPTION_TEXT, OPTION_AT(jobs), 0},
        {"ca", "FILE", "whom to trust over https, coaps, mqtts and wss: PEM", OPTION_TEXT, OPTION_AT(ca), 0},
        {"cse-id", "ID", "its CSE-ID (/id-in)", OPTION_TEXT, OPTION_AT(cse_id), 0},
        {"cse-name", "NAME", "the resource name of its CSEBase (cse-in)", OPTION_TEXT, OPTION_AT(cse_name),
         0},
        {"sp-id", "ID", "its service provider (//dure.local)", OPTION_TEXT, OPTION_AT(sp_id), 0},
        {"originator", "ID", "who may do everything there (CAdmin)", OPTION_TEXT, OPTION_AT(originator), 0},
        {"release", "RVI", "the release we speak (3)", OPTION_TEXT, OPTION_AT(release), 0},
        {"lacks", "A,B", "features the server has not got: cases that need them are skipped", OPTION_TEXT,
         OPTION_AT(lacks), 0},
        {"patience", "TIME", "how long to wait for what should come, in real time (5s)", OPTION_TEXT,
         OPTION_AT(patience), 0},
        {"sweep", NULL, "with --at: remove first what a run that was cut short may have left", OPTION_FLAG,
         OPTION_AT(sweep), 0},
        {"lenient", NULL, "faults of form are told but fail no case", OPTION_FLAG, OPTION_AT(lenient), 0},
        {"node", "PROGRAM", "our own node (dured-virtual, beside this program)", OPTION_TEXT, OPTION_AT(node),
         0},
        {"node-option", "OPTION", "handed to our own node; may be given again", OPTION_MANY,
         OPTION_AT(node_options), OPTION_AT(node_option_count)},
        {"keep", NULL, "keep our node's directory with its log", OPTION_FLAG, OPTION_AT(keep), 0},
        {"only", "PATTERN",
         "cases whose name, area/name or test purpose fits; * stands for anything; may be given again",
         OPTION_MANY, OPTION_AT(only), OPTION_AT(only_count)},
        {"list", NULL, "list the cases and stop", OPTION_FLAG, OPTION_AT(list), 0},
        {"verbose", NULL, "tell of every case", OPTION_FLAG, OPTION_AT(verbose), 0},
        {"report", "json|junit FILE", "write a report besides the table; may be given again", OPTION_REPORT,
         0, 0},
        {"record", "FILE", "write every answer, a JSON line each", OPTION_TEXT, OPTION_AT(record), 0},
        {"colour", "WHEN", "auto, always or never", OPTION_TEXT, OPTION_AT(colour), 0},
        {"help", NULL, "this", OPTION_FLAG, OPTION_AT(help), 0},
        {"version", NULL, "the version", OPTION_FLAG, OPTION_AT(version), 0},
};

void options_help(void)
{
	printf("dure-lab: tells whether a oneM2M server does what the standard says\n\n"
	       "usage: dure-lab [OPTION ...] [CASE-FILE|FOLDER ...]\n\n");
	for (size_t i = 0; i < sizeof options_table / sizeof *options_table; i++) {
		const struct option *row = &options_table[i];
		int wide =
		        printf("  --%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");

		printf("%*s%s\n", wide < 28 ? 28 - wide : 1, "", row->help);
	}
	printf("\nIt ends with 0 when every case came true or was skipped, 1 when one failed, 2 when it "
	       "could not begin.\n");
}

static int options_complain(const char *what, const char *which)
{
	fprintf(stderr, "dure-lab: %s %s (see dure-lab --help)\n", what, which);
	return 2;
}

/* One option of the table; value is NULL for a flag. */
static int options_set(struct options *options, const struct option *row, const char *value)
{
	char *base = (char *)options;

	if (row->kind == OPTION_FLAG) {
		*(bool *)(void *)(base + row->at) = true;
	} else if (row->kind == OPTION_TEXT) {
		*(const char **)(void *)(base + row->at) = value;
	} else if (row->kind == OPTION_MANY) {
		size_t *count = (size_t *)(void *)(base + row->count_at);

		if (*count + 1 >= OPTIONS_MANY)
			return options_complain("too many of --", row->name);
		((const char **)(void *)(base + row->at))[(*count)++] = value;
	}
	return 0;
}

/* --report json FILE */
static int options_report(struct options *options, const char *form, const char *file)
{
	if (!file)
		return options_complain("expected a file behind --report", form);
	if (strcmp(form, "json") == 0)
		options->json = file;
	else if (strcmp(form, "junit") == 0)
		options->junit = file;
	else
		return options_complain("expected json or junit behind --report, found", form);
	return 0;
}

static const struct option *options_find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof options_table / sizeof *options_table; i++)
		if (strlen(options_table[i].name) == len && strncmp(options_table[i].name, name, len) == 0)
			return &options_table[i];
	return NULL;
}

/* Reads argv[*i], and what belongs to it. */
static int options_one(int argc, char **argv, int *i, struct options *options)
{
	const char *arg = argv[*i], *equals = strchr(arg, '='), *value = equals ? equals + 1 : NULL;
	const struct option *row =
	        options_find(arg + 2, equals ? (size_t)(equals - arg - 2) : strlen(arg) - 2);

	if (!row)
		return options_complain("there is no option", arg);
	if (row->kind == OPTION_FLAG)
		return value ? options_complain("no value goes with", arg) : options_set(options, row, NULL);
	if (!value && ++*i < argc)
		value = argv[*i];
	if (!value)
		return options_complain("expected a value behind", arg);
	if (row->kind == OPTION_REPORT)
		return options_report(options, value, ++*i < argc ? argv[*i] : NULL);
	return options_set(options, row, value);
}

int options_read(int argc, char **argv, struct options *ret)
{
	int r = 0;

	*ret = (struct options){.cse_id = "/id-in",
	                        .cse_name = "cse-in",
	                        .sp_id = "//dure.local",
	                        .originator = "CAdmin",
	                        .release = "3",
	                        .patience = "5s",
	                        .colour = "auto",
	                        .lacks = ""};
	for (int i = 1; r == 0 && i < argc; i++) {
		if (strncmp(argv[i], "--", 2) == 0)
			r = options_one(argc, argv, &i, ret);
		else if (ret->path_count == OPTIONS_MANY)
			r = options_complain("too many files, at", argv[i]);
		else
			ret->paths[ret->path_count++] = argv[i];
	}
	return r;
}
