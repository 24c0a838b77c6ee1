/* SPDX-License-Identifier: Apache-2.0 */
/* A bar on a terminal; nothing when stderr is none. */
#ifndef DURE_CLI_PROGRESS_H
#define DURE_CLI_PROGRESS_H

#include "cli/messages.h"

#include <stdbool.h>
#include <stdint.h>

struct progress {
	enum language language;
	uint64_t total;
	int64_t started, shown; /* clock_steady */
	bool is_terminal;
};

void progress_init(struct progress *progress, enum language language, uint64_t total);
/* Draws at most ten times a second. */
void progress_show(struct progress *progress, uint64_t done, uint64_t errors);
/* Draws once more and goes to the next line. */
void progress_end(struct progress *progress, uint64_t done, uint64_t errors);
/* Removes the bar so that something else can be said. */
void progress_clear(struct progress *progress);

#endif
