/* SPDX-License-Identifier: Apache-2.0 */
/* The short names under which the holders of tokens may refer to those they have shown. TS-0001 11.5 */
#ifndef DURE_ENGINE_SHELF_H
#define DURE_ENGINE_SHELF_H

#include "engine/req.h"

struct shelf;

/* A short name for a token of this holder, always the same as long as it is known; in the arena. They are
 * kept in memory only, the newest of each holder, and not beyond `until`. */
struct slice shelf_name(struct engine *engine, struct slice holder, struct slice id, struct slice text,
                        int64_t until, struct arena *arena);
/* What the holder called so: the token and its tokenID, in the arena; empty: nothing. */
struct slice shelf_find(struct engine *engine, struct slice holder, struct slice name, int64_t now,
                        struct slice *ret_id, struct arena *arena);

void shelf_destroy(struct shelf *shelf); /* NULL is fine */

#endif
