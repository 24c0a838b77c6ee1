/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of dure-lab. One table makes the parser and --help. */
#ifndef DURE_LAB_OPTIONS_H
#define DURE_LAB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_MANY 32

struct options {
	const char *cse_id, *cse_name, *sp_id, *originator, *release, *node, *lacks, *patience, *record,
	        *colour, *jobs, *ca;
	const char *at[OPTIONS_MANY]; /* servers, each by its URL; none: our own node */
	size_t at_count;
	const char *bindings[OPTIONS_MANY]; /* each a list: "http,coap", "all" */
	size_t binding_count;
	const char *encodings[OPTIONS_MANY];
	size_t encoding_count;
	const char *only[OPTIONS_MANY];
	size_t only_count;
	const char *node_options[OPTIONS_MANY]; /* handed to our own node */
	size_t node_option_count;
	const char *json, *junit;        /* files of reports */
	const char *paths[OPTIONS_MANY]; /* case files and folders */
	size_t path_count;
	bool list, verbose, lenient, keep, sweep, help, version;
};

/* 0, or 2 after having said what was wrong on stderr. */
int options_read(int argc, char **argv, struct options *ret);
void options_help(void);

#endif
