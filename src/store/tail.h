/* SPDX-License-Identifier: Apache-2.0 */
/* The tail: what stands in the journal and not yet in the tables, indexed in memory. Whoever reads asks the
 * tail first and the tables for the rest; together they show exactly the truth.
 *
 * It has two generations. `now` is appended to; `old`, when there is one, is being folded into the tables and
 * no longer grows. For every box the order is: tables, then old, then now. An instance of the old generation
 * may stand in the tables already; therefore the tables count only below the tail's first instance of a box.
 *
 * What is dropped from the tail is marked dead; what is dropped from the tables is remembered as a drop of
 * the generation, until the fold has deleted it.
 *
 * The records themselves stay in the blobs in which they were written; the indexes point into them. */
#ifndef DURE_STORE_TAIL_H
#define DURE_STORE_TAIL_H

#include "base/map.h"
#include "store/journal.h"

struct tail_inst {
	struct tail_box *box;
	uint64_t seq;
	int64_t ct, et;
	uint64_t cs;
	uint32_t blob, at; /* where the record begins */
	bool dead;
};

struct tail_note {
	uint64_t id, row; /* row: 0 when only its end is known */
	uint32_t blob, at;
	bool done;
	struct tail_note *next; /* of the same row */
};

struct tail_list {
	uint32_t *at; /* numbers of instances, in the arena */
	uint32_t count, cap;
};

struct tail_box {
	uint64_t no;
	struct store_box state; /* when has_state */
	bool has_state;
	bool removed; /* and not made again */
	bool fresh; /* was removed in this generation: what the tables have under its number is not its own */
	struct tail_list insts; /* ascending */
	uint64_t *drops;        /* instances of the tables that are gone */
	size_t drop_count, drop_cap;
	struct tail_note *notes;
};

struct tail_label {
	struct slice text;
	struct tail_list insts;
};

struct tail_gen {
	struct arena arena; /* boxes, labels, names, notes, lists */
	struct buf *blobs;
	size_t blob_count, blob_cap;
	size_t durable; /* blobs that were committed; the rest is the batch */
	struct tail_inst *insts;
	uint32_t inst_count, inst_cap;
	struct map boxes, labels, names, drops, notes;
	struct tail_list early;
	int64_t early_next; /* no early one expires before */
	uint64_t records, batch_records;
};

struct tail {
	struct tail_gen *now;
	struct tail_gen *old; /* NULL: nothing is being folded */
};

struct tail_ref {
	const struct tail_gen *gen;
	const struct tail_inst *inst;
};

void tail_init(struct tail *tail);
void tail_finish(struct tail *tail);

/* --- writing --- */

/* Encodes the record into the batch and indexes it. False when its instance does not come after those that
 * are there (then nothing was done). */
bool tail_add(struct tail *tail, const struct journal_record *record);
/* Indexes a blob of the journal, which is copied. False when it is broken. */
bool tail_replay(struct tail *tail, struct slice blob);
/* The i-th blob of the batch; false when there is none. */
bool tail_batch(const struct tail *tail, size_t i, struct slice *ret);
bool tail_is_dirty(const struct tail *tail);
/* The batch is on disk. */
void tail_committed(struct tail *tail);
/* now becomes old, a new generation begins. The batch must be empty and old NULL. */
void tail_switch(struct tail *tail);
/* The fold is done with the old generation. */
void tail_forget_old(struct tail *tail);

/* --- reading --- */

struct tail_box *tail_box_find(const struct tail_gen *gen, uint64_t no);
/* Instances below are gone, as far as the tail knows (0: it does not). */
uint64_t tail_first(const struct tail *tail, uint64_t no);
/* The first sequence number the tail speaks for; the tables count only below. UINT64_MAX: none. */
uint64_t tail_bound(const struct tail *tail, uint64_t no);
/* Is this instance of the tables gone, or shown by the tail itself? */
bool tail_hides(const struct tail *tail, uint64_t no, uint64_t seq);
bool tail_is_live(const struct tail *tail, const struct tail_inst *inst);
/* The live instance; false when the tail has none of this number. */
bool tail_find(const struct tail *tail, uint64_t no, uint64_t seq, struct tail_ref *ret);
/* The live instance of that name. */
bool tail_find_name(const struct tail *tail, uint64_t no, struct slice rn, struct tail_ref *ret);
/* The nearest live instance at or above `from` (step 1), at or below (step -1). */
bool tail_next(const struct tail *tail, uint64_t no, uint64_t from, int step, struct tail_ref *ret);
/* Reads the record of an instance; labels from the arena, text from the blob (which moves when the batch
 * grows). */
void tail_read(struct tail_ref ref, struct arena *arena, struct store_inst *ret);
/* The record at a place, as it was written. */
void tail_record(const struct tail_gen *gen, uint32_t blob, uint32_t at, struct journal_record *ret);
/* Like those of the store. */
int tail_walk_label(const struct tail *tail, struct slice label, store_label_fn *fn, void *user);
int tail_walk_early(const struct tail *tail, int64_t now, store_label_fn *fn, void *user);
/* The latest state; NULL when the tail has none. *ret_removed: the box is gone. */
const struct store_box *tail_state(const struct tail *tail, uint64_t no, bool *ret_removed);
/* What the tail knows of a note, the later generation first; NULL: nothing. */
const struct tail_note *tail_note_find(const struct tail *tail, uint64_t id, const struct tail_gen **ret_gen);

/* A hash for pairs of our own numbers. */
static inline uint64_t tail_hash(uint64_t a, uint64_t b)
{
	a = (a + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
	a ^= (a >> 29) + b;
	a *= 0x94d049bb133111ebu;
	return a ^ (a >> 32);
}

#endif
