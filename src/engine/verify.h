/* SPDX-License-Identifier: Apache-2.0 */
/* Before somebody is notified he is asked whether he wants to be: subscription verification.
 * TS-0004 7.5.1 */
#ifndef DURE_ENGINE_VERIFY_H
#define DURE_ENGINE_VERIFY_H

#include "engine/req.h"
#include "engine/steps.h"

/* Asks all targets in nu (a list) that are not the originator and not among `known` (a list, or NULL). Called
 * again after STEP_WAIT. STEP_NEXT: all agree (or none needed to be asked); STEP_DONE: refused with 4101,
 * 5205 or 5204. ri: of the subscription (to be). */
enum step_result verify_targets(struct req *req, const struct val *nu, const struct val *known,
                                struct slice ri);
/* Is this target the originator himself, or where he lives? */
bool verify_is_originator(struct req *req, struct slice target);

#endif
