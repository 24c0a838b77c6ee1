/* SPDX-License-Identifier: Apache-2.0 */
/* Dynamic authorization: when the policies say no, a resource may name somebody else to ask. He is sent a
 * NOTIFY with m2m:seci and answers with rules, tokens, or a no. Or, when the originator wishes so (tqi), the
 * originator is told where to get a token himself. TS-0001 10.2.3.7, 11.5, TS-0003 7.3 */
#ifndef DURE_ENGINE_CONSULT_H
#define DURE_ENGINE_CONSULT_H

#include "engine/access.h"
#include "engine/steps.h"

/* For a step to which `ask` about `node` was denied. STEP_NEXT: there is something in its favour that was not
 * there before (ask->grants knows it): ask the policies again. STEP_WAIT: somebody is asked; the step will be
 * called again from its beginning. STEP_DONE: refused with 4103, the sentence given, and the reasons. So:
 *
 *     while (!access_permits(engine, node, &ask)) {
 *             int result = consult_denied(req, node, &ask, "...");
 *             if (result != STEP_NEXT)
 *                     return result;
 *     } */
int consult_denied(struct req *req, const struct node *node, struct access_ask *ask, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

#endif
