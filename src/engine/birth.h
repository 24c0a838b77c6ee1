/* SPDX-License-Identifier: Apache-2.0 */
/* What a CSE is born with: the CSEBase and the policy on it. */
#ifndef DURE_ENGINE_BIRTH_H
#define DURE_ENGINE_BIRTH_H

#include "engine/engine.h"

/* Makes the CSEBase of an empty store, or brings the one found up to the configuration. Refuses a store that
 * belongs to another CSE-ID. */
MUST_CHECK int birth_base(struct engine *engine, struct why *why);
/* Writes the CSEBase's attributes anew, if they changed. */
void birth_refresh(struct engine *engine);

#endif
