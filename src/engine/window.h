/* SPDX-License-Identifier: Apache-2.0 */
/* Windows in time: when may this target be notified for this subscription? */
#ifndef DURE_ENGINE_WINDOW_H
#define DURE_ENGINE_WINDOW_H

#include "engine/tree.h"

struct sub;

/* The first moment at or after `now` that lies in the notification schedule of the subscription (NULL: none)
 * and in the reachability schedule of the target, when there are such; INT64_MAX: never. TS-0001 9.6.9 */
int64_t window_next(struct engine *engine, const struct sub *sub, struct slice target, int64_t now);

#endif
