/* SPDX-License-Identifier: Apache-2.0 */
/* Finding tokens. */
#ifndef DURE_ENGINE_TYPE_TK_H
#define DURE_ENGINE_TYPE_TK_H

#include "engine/type_ops.h"

/* The <token> with this tokenID, or NULL. */
const struct node *tk_find(const struct engine *engine, struct slice id);

#endif
