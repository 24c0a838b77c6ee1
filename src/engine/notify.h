/* SPDX-License-Identifier: Apache-2.0 */
/* Events to notifications: which subscriptions of a resource want to hear of what just happened, and what
 * they are told. How a notification travels is deliver.h's business. TS-0004 7.5.1 */
#ifndef DURE_ENGINE_NOTIFY_H
#define DURE_ENGINE_NOTIFY_H

#include "engine/req.h"
#include "engine/tree.h"

/* What happened. All take the request that made it happen (NULL: nobody, an expiry). Cheap when the resource
 * has no subscription: the caller need not ask. The content is represented at once, so what is told is what
 * was. */
void notify_updated(struct req *req, struct engine *engine, struct node *node, const struct val *changed);
void notify_child_created(struct req *req, struct engine *engine, struct node *parent, struct node *child,
                          const struct store_inst *inst); /* child or inst */
/* Before they are removed. */
void notify_child_deleted(struct req *req, struct engine *engine, struct node *parent, struct node *child,
                          const struct store_inst *inst);
void notify_deleted(struct req *req, struct engine *engine, struct node *node);
void notify_retrieved_nothing(struct req *req, struct engine *engine, struct node *node); /* net 5 */
/* Any operation on the resource, for operationMonitor. */
void notify_operation(struct req *req, struct engine *engine, struct node *node);

/* Blocking update (net 7): is there a subscription that must be asked first? Then the request waits
 * (STEP_WAIT; steps_resume later) and on the second call it is STEP_NEXT or STEP_DONE (refused). */
int notify_ask_first(struct req *req, struct node *node, const struct val *changed);

/* preSubscriptionNotify: a new subscription (net 3) is told of up to n of the newest instances, oldest first.
 */
void notify_past(struct req *req, struct node *sub, uint64_t n);

#endif
