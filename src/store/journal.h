/* SPDX-License-Identifier: Apache-2.0 */
/* The language of the journal: what happened to instances, boxes and notes, as compact records, one behind
 * the other in a blob. A commit writes one blob (rarely a few); the fold and a restart read them back.
 *
 * A blob begins with JOURNAL_FORMAT; then records. Numbers are varints, times are told relative to the
 * instance's ct, text has its length in front. Every record that touches instances carries the whole state of
 * its box, so that the last record of a box is enough to know it.
 *
 * A block of the tables holds the instances of one box in the same writing, without the states of the box: so
 * the fold copies bytes and encodes nothing. */
#ifndef DURE_STORE_JOURNAL_H
#define DURE_STORE_JOURNAL_H

#include "store/store.h"

#define JOURNAL_FORMAT 1

enum journal_kind {
	JOURNAL_APPEND = 1, /* box, inst */
	JOURNAL_DROP,       /* box, inst.seq */
	JOURNAL_TRIM,       /* box */
	JOURNAL_BOX,        /* box */
	JOURNAL_REMOVE,     /* no: the row's */
	JOURNAL_NOTE,       /* note */
	JOURNAL_NOTE_DONE,  /* no: the note's id */
};

struct journal_record {
	enum journal_kind kind;
	uint64_t no;
	struct store_box box;
	struct store_inst inst; /* labels stay NULL when read: see packed */
	struct slice packed;    /* the labels as they are stored; set when read */
	struct slice raw;       /* the instance as it is stored in a block; set when read */
	struct store_note note;
};

/* Begins a blob. */
void journal_begin(struct buf *buf);
/* Appends one record. An APPEND's labels are taken from inst.labels. */
void journal_add(struct buf *buf, const struct journal_record *record);
/* Eats the blob's head; false when it is not one of ours. */
bool journal_open(struct slice *blob);
/* Takes the next record; its slices point into the blob. False at a broken one. */
bool journal_take(struct slice *blob, struct journal_record *ret);

/* One instance of a block. Its box is not told. take gives false at the end, and at a broken one (then *block
 * is not empty). */
void journal_add_inst(struct buf *buf, const struct store_inst *inst);
bool journal_take_inst(struct slice *block, struct journal_record *ret);

/* The stored form of labels: each with its length in front. Empty for none. */
void journal_pack(struct buf *buf, const struct slice *labels, size_t count);
/* Takes the next label; false at the end, and at a broken one (then *packed is not empty). */
bool journal_next_label(struct slice *packed, struct slice *ret);
/* Unpacks into inst->labels, the array from the arena, the text still in `packed`. */
void journal_unpack(struct slice packed, struct arena *arena, struct store_inst *inst);

#endif
