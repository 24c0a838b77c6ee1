/* SPDX-License-Identifier: Apache-2.0 */
/* What strangers may try with a node, in groups; hostile_test.c runs them all on one. A node with
 * --http-max-body 8M and --http-head-timeout 1s is up, with the AE /cse-in/home in it. */
#ifndef DURE_STORY_HOSTILE_H
#define DURE_STORY_HOSTILE_H

#include "story/story.h"

#define HOSTILE_BODY_MAX (8 << 20)

void hostile_json(struct story *story);
void hostile_text(struct story *story);
void hostile_message(struct story *story);
void hostile_name(struct story *story);
void hostile_value(struct story *story);
void hostile_size(struct story *story);
void hostile_crowd(struct story *story);

/* One line of TAP: it is refused so (0: anyhow), and the node is well after it. */
void hostile_refused(struct story *story, const char *name, const struct ask *ask, int status, int rsc);
void hostile_refused_raw(struct story *story, const char *name, struct slice bytes, int status, int rsc);

#endif
