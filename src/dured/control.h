/* SPDX-License-Identifier: Apache-2.0 */
/* The lab's hand on the clock: in the build with virtual time the node reads "pass <microseconds>" lines from
 * its standard input and answers "passed" when everything due by then has been done. */
#ifndef DURE_DURED_CONTROL_H
#define DURE_DURED_CONTROL_H

#include "engine/engine.h"
#include "net/loop.h"

struct control;

/* Watches standard input when time is virtual; else does nothing. 0 or -errno. */
int control_create(struct loop *loop, struct control **ret);
void control_destroy(struct control *control);
/* How many calls to others are under way: passing time waits for them (bounded). */
void control_watch_calls(struct control *control, bool (*is_quiet)(void *user), void *user);
/* At the end of a turn: goes on with passing time, one timer at a time. */
void control_turn(struct control *control);

#endif
