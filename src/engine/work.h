/* SPDX-License-Identifier: Apache-2.0 */
/* How much may be done in one turn of the loop. Everything whose length others decide (a search, a delete of
 * a large subtree, a fan-out) counts what it looks at with work_spent(), and stops when that says true: it
 * keeps its place and goes on in a later turn. So nobody waits for the end of somebody else's long operation.
 *
 * A turn has two allowances. What arrives in the turn shares the first (WORK_ARRIVED_US). What stands in the
 * queue shares the second (WORK_QUEUED_US), a slice (WORK_SLICE_US) for each in turn; it is spent at the end
 * of the turn, before the commit, so new arrivals can't keep the queue from running. Both are measured in
 * clock_wall_steady(), also where time is virtual.
 *
 * The queue has WORK_LINES lines. A job's key (of its originator) says in which it stands; the lines have
 * their turn one after the other, so a hundred long searches of one originator delay another's by one slice.
 */
#ifndef DURE_ENGINE_WORK_H
#define DURE_ENGINE_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;
struct req;

enum {
	WORK_ARRIVED_US = 3000,
	WORK_QUEUED_US = 4000,
	WORK_SLICE_US = 1000,
	WORK_LOOK_AFTER = 64, /* units between two looks at the clock */
	WORK_LINES = 256,
};

/* One thing that goes on in slices. Brought by its owner, who zeroes it and sets run and key; it must stay
 * until run returned false, or work_cancel. */
struct work_job {
	/* Does a slice: until it is done (false; the job is no longer looked at, and may be freed by run
	 * itself) or work_spent() said true (true). Must get on by at least one unit each time. */
	bool (*run)(struct engine *engine, struct work_job *job);
	uint64_t key;                 /* whose it is; any number that is equal for equal originators */
	struct work_job *prev, *next; /* private */
	bool queued;                  /* private */
};

/* The engine's. Private but for `units_most`. */
struct work {
	unsigned units, look_at;
	bool spent;
	int64_t until;       /* of clock_wall_steady; 0: not looked at yet */
	unsigned units_most; /* for tests: a slice is so many units instead of a time, and each job has one a
	                        turn; 0: a time */
	size_t line;         /* that had its turn last */
	size_t count;        /* jobs queued */
	struct work_line {
		struct work_job *first, *last;
	} lines[WORK_LINES];
};

/* Counts cost units; one unit is about one node, rule, label or instance looked at. True: the allowance is
 * spent, go on in a later turn. At least WORK_LOOK_AFTER units of a slice are always given. */
bool work_spent(struct engine *engine, unsigned cost);
/* For a step of a request: returns STEP_WAIT, and the same step is called again in a later turn, in fair
 * order among originators. Its deadline is the step's to look at. A request that is ended meanwhile leaves
 * the queue. */
int work_wait(struct req *req);
/* Whose a request's work is, for the key of a job made for it: the originator's, or, when nobody proved to be
 * that originator and it comes from elsewhere, its address's. */
uint64_t work_key(const struct req *req);
/* Queues a job; nothing when it is queued already. */
void work_queue(struct engine *engine, struct work_job *job);
/* Takes it out again; fine when it is not queued. */
void work_cancel(struct engine *engine, struct work_job *job);

/* For the end of a turn, before the commit: does the queued allowance's worth. */
void work_run(struct engine *engine);
/* What arrives from now on is of the next turn. */
void work_next_turn(struct engine *engine);
/* Is anything queued? Then the next turn must come soon. */
bool work_is_left(const struct engine *engine);

#endif
