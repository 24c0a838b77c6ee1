/* SPDX-License-Identifier: Apache-2.0 */
/* What the two ways of searching (discover.c by walking, discover_label.c by the label index) share. */
#ifndef DURE_ENGINE_DISCOVER_PRIVATE_H
#define DURE_ENGINE_DISCOVER_PRIVATE_H

#include "engine/access.h"
#include "engine/discover.h"
#include "engine/filter.h"

struct discover {
	struct req *req;
	struct engine *engine;
	const struct filter *filter;
	const struct node *root;
	struct arena scratch; /* forgotten after every candidate */
	struct access_ask ask;
	const struct node *asked; /* the answer of access control is the same for all instances of a node */
	bool permitted;
	const struct node *path_of; /* and so is their path */
	struct slice path;
	struct val *list; /* the answer */
	bool refs;        /* of references, not of addresses */
	int drt;
	uint64_t lim;   /* the client's, or ours */
	uint64_t found; /* hits before and in the answer */
	uint64_t looks; /* candidates seen since the answer was full */
	bool cut;
	/* A long walk is done in slices, so that others need not wait for its end. */
	bool paused;
	uint64_t at, at_seq; /* where to go on: a node by its number (0: the root), and in its box; 0: at the
	                        node */
};

/* Looks at one candidate that stands below the root and has not expired. Non-zero: stop, there is no more to
 * be found or to be shown. */
int discover_look(struct discover *discover, const struct node *node, const struct store_inst *inst);
/* Is this node hidden: expired, or an AE that is away, or below one? Looks upwards to the root. */
bool discover_is_hidden(const struct discover *discover, const struct node *node);
/* An AE whose registrationStatus is INACTIVE hides itself and all below. TS-0001 9.6.5 */
bool discover_is_away(struct discover *discover, const struct node *node);

/* Searches by the label index. False: the label is too common, or none must be there; walk the tree. */
bool discover_label(struct discover *discover);

#endif
