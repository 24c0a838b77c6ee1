/* SPDX-License-Identifier: Apache-2.0 */
/* Two questions that HTTP and CoAP both ask: does a request name its target in the path, and where does an
 * answer say that the new resource is? TS-0009 6.2.2, TS-0008 6.2.2 */
#ifndef DURE_WIRE_WIRE_TARGET_H
#define DURE_WIRE_WIRE_TARGET_H

#include "model/prim.h"

/* A notification goes to a URL as it is, and to an AE by its bare name at its point of access; to a CSE on
 * the way ("/id-mn/Cmeter"), the path says for whom it is. */
bool wire_target_needs_path(int64_t op, struct slice to);
/* The address in the content of an answer: m2m:uri, m2m:rce, or the resource's own identifier; empty: none.
 * pc may be NULL. */
struct slice wire_target_location(const struct val *pc);

#endif
