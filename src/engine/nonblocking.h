/* SPDX-License-Identifier: Apache-2.0 */
/* Non-blocking requests: the answer comes at once and names a <request>, the work goes on behind it.
 * TS-0001 8.2.2, TS-0004 7.4.12 */
#ifndef DURE_ENGINE_NONBLOCKING_H
#define DURE_ENGINE_NONBLOCKING_H

#include "engine/req.h"

/* If the request asks for it (rt 1 or 2; flexBlocking is served as blocking): makes the <request>, answers
 * 1001 or 1002 (STEP_DONE), and starts the work as a request of its own. Else STEP_NEXT. */
int nonblocking_start(struct req *req);

#endif
