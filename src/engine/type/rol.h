/* SPDX-License-Identifier: Apache-2.0 */
/* Asking after roles. */
#ifndef DURE_ENGINE_TYPE_ROL_H
#define DURE_ENGINE_TYPE_ROL_H

#include "engine/type_ops.h"

/* Is there a <role> here that gives this role to this holder (SP-relative), valid at `now`? */
bool rol_holds(const struct engine *engine, struct slice role, struct slice holder, int64_t now);

#endif
