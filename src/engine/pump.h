/* SPDX-License-Identifier: Apache-2.0 */
/* When a queued notification leaves, and what its answer means. */
#ifndef DURE_ENGINE_PUMP_H
#define DURE_ENGINE_PUMP_H

#include "engine/queue.h"

/* Looks at some of the ready queues and sends what may be sent. */
void pump_ready(struct deliver *deliver);
/* For a queue's timer, and for the one of all queues. */
void pump_timer(struct timer *timer);
void pump_ready_timer(struct timer *timer);
/* The queue goes away; what it is sending ends alone. */
void pump_forget(struct queue *queue);

#endif
