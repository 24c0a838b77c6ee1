/* SPDX-License-Identifier: Apache-2.0 */
/* Expiry: resources leave when their time has come, like a DELETE that nobody sent. TS-0001 9.6.1.3 */
#ifndef DURE_ENGINE_EXPIRE_H
#define DURE_ENGINE_EXPIRE_H

#include "engine/req.h"
#include "engine/tree.h"

/* For a node's timer. */
void expire_node(struct timer *timer);
/* For a box's timer: the oldest instances. */
void expire_box(struct timer *timer);
/* Instances that expire before the ones ahead of them; called now and then by the engine. True: there are
 * more, now or later. */
bool expire_early(struct engine *engine);
/* Deletes a node and all below it, with all that this entails: subscriptions are told, types clean up. req:
 * who asked, or NULL. */
void expire_delete(struct engine *engine, struct req *req, struct node *node);

#endif
