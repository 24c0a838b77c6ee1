/* SPDX-License-Identifier: Apache-2.0 */
/* A subscription as it is used: its attributes, read once, so that an event that it does not want costs
 * nearly nothing. Stands in node->extra. */
#ifndef DURE_ENGINE_TYPE_SUB_H
#define DURE_ENGINE_TYPE_SUB_H

#include "engine/queue.h"
#include "engine/tree.h"

enum sub_net {
	NET_UPDATE = 1,
	NET_DELETE = 2,
	NET_CREATE_CHILD = 3,
	NET_DELETE_CHILD = 4,
	NET_RETRIEVE_NOTHING = 5,
	NET_TRIGGER = 6,
	NET_BLOCKING_UPDATE = 7,
	NET_MISSING_DATA = 8,
};

enum sub_nct { NCT_ALL = 1, NCT_MODIFIED = 2, NCT_ID = 3 };

/* Conditions on the subscribed-to resource. The order is that of sub_conditions in sub_compile.c. */
enum sub_condition {
	COND_CRB,
	COND_CRA,
	COND_MS,
	COND_US,
	COND_EXB,
	COND_EXA,
	COND_STS,
	COND_STB,
	COND_SZA,
	COND_SZB,
	COND_COUNT
};

struct sub_monitor {
	unsigned ops;      /* bits of accessControlOperations; 0: any */
	struct slice from; /* pattern; empty: anybody */
};

struct sub {
	struct node *node;
	uint32_t nets; /* bit n: notificationEventType n */
	int nct;
	unsigned conditions;       /* bit c: condition c is set */
	bool any;                  /* filterOperation OR */
	int64_t limit[COND_COUNT]; /* microseconds, state tags, bytes */
	struct slice *atr;         /* NULL: any attribute */
	size_t atr_count;
	uint32_t *chty; /* NULL: any type */
	size_t chty_count;
	struct sub_monitor *om;
	size_t om_count;
	bool with_or;       /* eeno */
	uint64_t exc;       /* 0: no counter */
	uint64_t delivered; /* events counted so far */
	struct slice nfu;
	char *texts; /* the text behind atr, om and nfu */
	struct queue_rules rules;
	struct queue *queues; /* one for each target */
};

/* Reads the attributes into node->extra; keeps the queues of targets that stay. */
int sub_compile(struct engine *engine, struct node *node, struct why *why);
void sub_forget(struct engine *engine, struct node *node);
/* "/id-in/sub-3f": subscriptionReference. */
struct slice sub_reference(const struct engine *engine, struct slice ri, struct arena *arena);

/* After a successful delivery of the `delivered`-th event: counts exc down and keeps the statistics. True
 * when the subscription has gone with it (and its queues are no longer there). */
bool sub_delivered(struct engine *engine, struct sub *sub, uint64_t delivered);
/* Writes the statistics of the queues into the attributes. */
void sub_keep_stats(struct engine *engine, struct sub *sub);

#endif
