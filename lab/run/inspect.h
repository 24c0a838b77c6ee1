/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at every answer and notification with the tables of spec/ in hand, whether the case asks or not. */
#ifndef DURE_LAB_INSPECT_H
#define DURE_LAB_INSPECT_H

#include "lab/run/transport.h"

/* The faults of form of an answer: protocol and content. Empty: none. The first one is told. */
struct slice inspect_reply(struct arena *arena, const struct call *call, const struct reply *reply);
/* Of a representation ({"m2m:cnt": ...}) that came as a part, such as in a notification. */
struct slice inspect_part(struct arena *arena, const struct val *rep);

#endif
