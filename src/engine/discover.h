/* SPDX-License-Identifier: Apache-2.0 */
/* Discovery: a retrieve with filterUsage 1. Everything below the addressed resource that meets the criteria
 * and that the originator may discover, as a list of addresses or of references. TS-0001 10.2.6,
 * TS-0004 7.3.3.14 */
#ifndef DURE_ENGINE_DISCOVER_H
#define DURE_ENGINE_DISCOVER_H

#include "engine/req.h"

/* For a request whose target is resolved and whose filter is read. STEP_WAIT while a long search goes on, a
 * slice at a time (call it again when resumed); then STEP_DONE with the answer in out:
 * 2000 with m2m:uril (rcn absent, 1, 11), m2m:rrl (6) or the tree of hits (4, 5, 8; see children.h); 4103
 * without the DISCOVERY right on the target; 4000 for any other rcn. A list that was cut has cnst 1 and in
 * cnot the ofst to go on with. */
int discover_run(struct req *req);

#endif
