/* SPDX-License-Identifier: Apache-2.0 */
/* The third step, for requests that are not for us: they go on to the CSE that has the resource, or to the
 * next one on the way there, and its answer goes back. Also for the members of groups, and for the work
 * behind non-blocking requests, which are ours to wait for. TS-0004 7.3.2.6, TS-0001 8.2.1.1 */
#ifndef DURE_ENGINE_FORWARD_H
#define DURE_ENGINE_FORWARD_H

#include "base/map.h"
#include "engine/req.h"

/* How many requests may be on their way to other CSEs at once: of all, and of one originator (for those of
 * another CSE: of all that come by it). What is more waits in a line, within its time; beyond that it is
 * refused. */
enum { FORWARD_MOST = 256, FORWARD_SHARE = 64, FORWARD_LINE_MOST = 4096, FORWARD_LINE_SHARE = 1024 };

/* Those that are: engine->forwards. */
struct forwards {
	struct map shares; /* of each originator */
	size_t under_way, waiting;
	struct forward *first, *last; /* the line */
};

/* May requests of this originator come from that CSE ("/id-mn")? Of itself, of AEs registered there, of CSEs
 * that are reached by it, and of AEs whose ID says of none where they are ("/Sx"). Never those of our own.
 * For bindings whose peers speak in the name of others. from may be in any form. */
bool forward_comes_by(const struct engine *engine, struct slice cse, struct slice from);

#endif
