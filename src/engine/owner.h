/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns how much: counts by owner, kept by the tree as nodes come and go. An owner is known only as long
 * as something is his, so strangers who leave nothing behind cost nothing. */
#ifndef DURE_ENGINE_OWNER_H
#define DURE_ENGINE_OWNER_H

#include "base/map.h"
#include "base/slice.h"

struct owner {
	struct slice id;        /* SP-relative; stands behind the struct */
	uint64_t resources;     /* structural ones, subscriptions too; instances are not counted */
	uint64_t subscriptions; /* of them */
};

/* One more is his; makes him known when he is not. `id` is copied; empty: nobody's, NULL. */
struct owner *owner_add(struct map *owners, uint64_t seed, struct slice id, bool subscription);
/* One fewer. He is gone with the last one. NULL is fine. */
void owner_remove(struct map *owners, uint64_t seed, struct owner *owner, bool subscription);
/* NULL: owns nothing. */
const struct owner *owner_find(const struct map *owners, uint64_t seed, struct slice id);

#endif
