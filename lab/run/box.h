/* SPDX-License-Identifier: Apache-2.0 */
/* Receivers of notifications: one HTTP server on loopback, a path for each receiver of the case. They answer
 * as they were told to, also badly, and remember what came, in its order. */
#ifndef DURE_LAB_BOX_H
#define DURE_LAB_BOX_H

#include "base/fail.h"
#include "codec/val.h"
#include "net/loop.h"

enum box_manner { BOX_ANSWERS, BOX_REFUSES, BOX_SLOW, BOX_HANGS, BOX_HANGS_UP, BOX_DRIPS, BOX_GARBAGE };

/* One thing that came. */
struct box_heard {
	/* { fr, rqi, rvi, to, ty, method, header: {...} } and the members of the content (m2m:sgn ...) */
	const struct val *whole;
	struct slice fault; /* what was wrong with its form; empty: nothing */
	struct box_heard *next;
};

struct boxes;

/* Listens on 127.0.0.1, any port. 0 or -errno. */
int boxes_create(struct loop *loop, struct boxes **ret);
void boxes_destroy(struct boxes *boxes);
/* A new case: all receivers and what they heard are forgotten, connections are closed. What is heard from now
 * on lives in arena, which must stay until the next reset. */
void boxes_reset(struct boxes *boxes, struct arena *arena);

/* Makes a receiver, or changes its manner. how and argument as in `listen BOX how argument`; how may be
 * empty. */
MUST_CHECK int boxes_listen(struct boxes *boxes, struct slice name, struct slice how, struct slice argument,
                            struct why *why);
bool boxes_url(const struct boxes *boxes, struct slice name, struct slice *ret_url);
/* Takes the oldest thing heard; NULL: nothing. */
struct box_heard *boxes_take(struct boxes *boxes, struct slice name);

#endif
