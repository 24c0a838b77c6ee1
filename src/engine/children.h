/* SPDX-License-Identifier: Apache-2.0 */
/* Resources with what stands below them: the children inside their parent (resultContent 4 and 8), or
 * references to them (5 and 6). Written straight as JSON. TS-0004 6.3.4.2.7 (resultContent), 7.5.2 */
#ifndef DURE_ENGINE_CHILDREN_H
#define DURE_ENGINE_CHILDREN_H

#include "engine/req.h"

/* Sets the answer (2000, for a delete 2002) for req->rcn 4, 5, 6 or 8 and returns STEP_DONE. The children are
 * those that the filter lets through and that the originator may retrieve; a child that is left out takes its
 * subtree along. `lim` counts all resources shown, `ofst` direct children, `lvl` levels. A direct child comes
 * with its whole subtree or not at all; what was cut has cnst 1 and in cnot the direct child to go on with.
 * Without `lim` there are bounds of our own: 10,000 resources, 1,000 instances of one box, 8 MiB of text. */
int children_respond(struct req *req);

#endif
