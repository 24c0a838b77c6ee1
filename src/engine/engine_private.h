/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share. Nobody else includes it. */
#ifndef DURE_ENGINE_ENGINE_PRIVATE_H
#define DURE_ENGINE_ENGINE_PRIVATE_H

#include "engine/engine.h"
#include "engine/fanout.h"
#include "engine/tree.h"
#include "engine/work.h"

struct engine {
	struct engine_config config;
	struct id_self self;
	struct slice admin; /* SP-relative; empty: none */
	struct store *store;
	struct timers *timers;
	struct ports ports;
	struct tree tree;
	struct deliver *deliver;
	struct req *committing, **committing_end; /* answers that wait for the commit */
	struct req *spare;                        /* finished requests kept for their arenas */
	size_t spare_count;
	struct req *waiting; /* requests in STEP_WAIT */
	bool reloading;      /* memory is being loaded anew: nobody is resumed */
	bool can_write;      /* false after a failed commit until a probe succeeds */
	struct timer probe;
	struct timer early; /* looks for instances that expire out of order */
	uint64_t rqi;       /* for our own request identifiers */
	uint64_t note_id;
	struct engine_stats stats;
	struct work work;                         /* this turn's allowance, and who waits for the next */
	struct map roles, tokens;                 /* <role>s by roleID, <token>s by tokenID */
	struct map cses;                          /* struct csr_name: CSEs that can be reached, by CSE-ID */
	struct node *registrar;                   /* the <remoteCSE> that is ours; NULL: not known */
	struct forwards *forwards;                /* requests on their way to other CSEs; NULL: none */
	struct shelf *shelf;                      /* short names of tokens; NULL until there is one */
	struct memory *granted;                   /* what authorization servers said; NULL until one did */
	unsigned consulting;                      /* questions to them under way */
	struct fanout_gids gids[FANOUT_GID_SETS]; /* fan-outs seen, by resource */
	char names[512];                          /* the text behind self and admin */
};

/* An instance that expires before the ones ahead of it was made: it is looked for from now on. */
void engine_expects_early(struct engine *engine);

#endif
