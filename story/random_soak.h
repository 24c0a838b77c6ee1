/* SPDX-License-Identifier: Apache-2.0 */
/* Random requests for random_soak.c. */
#ifndef DURE_STORY_RANDOM_SOAK_H
#define DURE_STORY_RANDOM_SOAK_H

#include "story/receiver.h"
#include "story/story.h"

struct soak_dice {
	uint64_t state;
};

struct soak_world {
	int good_port, bad_port; /* who may be notified */
	_Atomic uint64_t *asked; /* requests of all workers */
};

/* One random request, on the worker's connection (opened when it must be) or, when it is garbled, on one of
 * its own. False: the answer makes no sense; request and answer stand in remarks. */
bool soak_ask(struct story *story, const struct soak_world *world, struct soak_dice *dice, struct line *line);

#endif
