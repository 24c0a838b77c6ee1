/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches what many resources say at this moment, several at once. */
#ifndef DURE_CLI_VALUES_H
#define DURE_CLI_VALUES_H

#include "cli/cli.h"

struct values_item {
	const char *path;      /* brought by the caller; NULL: none is fetched */
	bool newest;           /* fetch path/la */
	const struct val *rep; /* filled: NULL when it could not be read */
	struct slice root;     /* filled: "m2m:cin" */
};

/* CLI_GOOD also when some could not be read; CLI_NOBODY (said so) when nobody answers. */
int values_fetch(struct cli *cli, struct values_item *items, size_t count);

#endif
