/* SPDX-License-Identifier: Apache-2.0 */
/* The fan-out point of a group: one request for it becomes one request for each member, and their answers one
 * answer. TS-0001 10.2.7.6 to 10.2.7.10, TS-0004 7.4.14 */
#ifndef DURE_ENGINE_FANOUT_H
#define DURE_ENGINE_FANOUT_H

#include "engine/steps.h"

/* What a group remembers of the last fan-outs it took part in, so that one that comes back is told apart. The
 * node's extra. */
struct fanout_gids {
	struct fanout_gid {
		uint64_t hash;
		int64_t until;
	} last[16];
	size_t at;
};

/* Has this request's group request identifier been at this very resource before? Remembers it otherwise,
 * until the request's deadline. For requests that are resolved; the engine keeps the sets. (A fopt asks its
 * group.) A resource that two groups of one fan-out hold is so asked once. TS-0001 10.2.7 */
enum { FANOUT_GID_SETS = 256 };
bool fanout_repeats(struct fanout_gids sets[FANOUT_GID_SETS], const struct req *req);

/* For virtual_child.run of fopt. Waits until all members have answered or the request's time is over; called
 * again then. Answers 2000 with m2m:agr; 4103, 4104 (it came back), 4108, 4109 (no members), 4000 (grtm names
 * others), 5209 (nobody answered). Members on other CSEs are asked through forward.c. */
enum step_result fanout_run(struct req *req);

#endif
