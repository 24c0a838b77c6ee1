/* SPDX-License-Identifier: Apache-2.0 */
/* After the crash: does the node still have what it promised, all of it and nothing else? */
#ifndef DURE_BENCH_INQUEST_H
#define DURE_BENCH_INQUEST_H

#include "bench/promise.h"

struct m2m_client;

/* Looks at one client's box. Sets *promise to what is true now: as promised, or with `deed` (what was under
 * way) done, and tells which in *ret_done. False, and a sentence on stderr, when it is neither. */
bool inquest_box(struct m2m_client *client, struct promise *promise, enum deed deed, bool *ret_done);
/* Looks at the shared container: the lines of each client are there in order, 1 up to the promised number, or
 * one more if that was under way (then promise->shared is set to it and done[i] to true). False as above. */
bool inquest_shared(struct m2m_client *client, const char *shared, struct promise *promises,
                    const enum deed *deeds, unsigned count, bool *done);

#endif
