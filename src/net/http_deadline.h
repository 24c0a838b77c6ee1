/* SPDX-License-Identifier: Apache-2.0 */
/* The deadlines of many connections, cheaply. All deadlines of one class are the same time away, so each
 * class is a plain list whose first is always the next due: setting one is two pointers, not a heap
 * operation. One timer of the loop watches over all lists. Times are real (clock_wall_steady), also in
 * virtual time. */
#ifndef DURE_NET_HTTP_DEADLINE_H
#define DURE_NET_HTTP_DEADLINE_H

#include "net/loop.h"

enum http_deadline_class {
	DEADLINE_NONE,
	DEADLINE_IDLE,   /* between requests */
	DEADLINE_HEAD,   /* a head has begun */
	DEADLINE_BODY,   /* a body has begun */
	DEADLINE_WRITE,  /* the other side must take a byte */
	DEADLINE_LINGER, /* after our last word */
	DEADLINE_COUNT
};

struct http_deadline {
	struct http_deadline *prev, *next;
	int64_t at;
	enum http_deadline_class class;
};

struct http_deadlines {
	struct http_deadline heads[DEADLINE_COUNT];
	int64_t lengths[DEADLINE_COUNT]; /* microseconds; set by the owner after init */
	struct loop *loop;
	struct timer timer; /* run: set by the owner before init; it asks http_deadline_due until NULL */
};

void http_deadlines_init(struct http_deadlines *all, struct loop *loop);
void http_deadlines_finish(struct http_deadlines *all);

/* Sets, or moves, `deadline` (all zero: not set) to now plus the length of its class. NONE clears it. */
void http_deadline_set(struct http_deadlines *all, struct http_deadline *deadline,
                       enum http_deadline_class class);
/* The next that is due, cleared, and which it was; NULL: none, and the timer is set for the next. */
struct http_deadline *http_deadline_due(struct http_deadlines *all, enum http_deadline_class *ret_class);

#endif
