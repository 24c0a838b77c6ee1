/* SPDX-License-Identifier: Apache-2.0 */
/* Discovery, page by page: RETRIEVE with fu=1 asks for addresses; a CSE may give them in portions and says
 * so (contentStatus partial, contentOffset). */
#ifndef DURE_CLI_DISCOVER_H
#define DURE_CLI_DISCOVER_H

#include "base/buf.h"
#include "cli/cli.h"

struct discover_hit {
	const char *path;
	struct slice name; /* of references only */
	int64_t ty;        /* of references only; 0: not told */
};

struct discover {
	struct discover_hit *hits;
	size_t count, cap;
	bool cut; /* there are more than were asked for */
};

/* Adds FILTER=VALUE to a query: type names become numbers, lists repeat the key. False: no '=' in it. */
bool discover_filter(struct arena *arena, struct buf *query, struct slice word);
/* Asks, and goes on asking while the CSE says there is more (all), up to `most` hits. */
int discover_run(struct cli *cli, const char *path, struct slice query, bool all, size_t most,
                 struct discover *ret);

#endif
