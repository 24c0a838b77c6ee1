/* SPDX-License-Identifier: Apache-2.0 */
/* One notification on its way to one target. What it tells (the representation, who did what) is shared by
 * all notifications of the same event: it is written once and counted. TS-0004 7.5.1 */
#ifndef DURE_ENGINE_NOTE_H
#define DURE_ENGINE_NOTE_H

#include "base/buf.h"
#include "codec/val.h"

/* What happened, told once for all who want to know it in the same shape. */
struct tale {
	uint32_t refs;
	int op;            /* the operation, 1..5; 0: nobody asked (an expiry) */
	int64_t at;        /* when; microseconds */
	struct slice from; /* who; empty: nobody */
	struct slice rep;  /* {"m2m:cin":{...}} as JSON; empty: none */
	size_t size;       /* bytes of memory */
	size_t *account;   /* where they are counted */
};

enum note_kind {
	NOTE_EVENT, /* nev */
	NOTE_GONE,  /* the subscription itself was deleted */
	NOTE_KIND_COUNT
};

struct note {
	struct note *next;
	struct tale *tale;
	uint64_t id;   /* of the store; 0: it is not kept there */
	uint64_t turn; /* it may leave when this turn was committed */
	uint8_t kind;
	uint8_t net;  /* notificationEventType; 0: an operation monitor's */
	bool with_or; /* tells the originator too (eeno) */
};

/* Copies from and rep. One reference is the caller's. Its bytes are added to *account while it lives. */
struct tale *note_tale(size_t *account, int op, int64_t at, struct slice from, struct slice rep);
void note_tale_hold(struct tale *tale);
void note_tale_drop(struct tale *tale); /* NULL is fine */

/* Takes its own reference to the tale. */
struct note *note_create(enum note_kind kind, int net, struct tale *tale);
void note_destroy(struct note *note); /* NULL is fine */
/* What it costs against the bounds of its subscription. */
static inline size_t note_size(const struct note *note)
{
	return sizeof(*note) + note->tale->size;
}

/* m2m:sgn of this note, in the arena; rep is not copied and must outlive it. nfu may be empty. */
struct val *note_sgn(const struct note *note, struct slice sur, struct slice nfu, struct arena *arena);

/* As the store keeps it, and back. sur is empty for notes of a subscription that is still there. */
void note_write(const struct note *note, struct slice target, struct slice sur, struct buf *buf);
/* NULL when the bytes are none of ours. The slices point into body. */
struct note *note_read(size_t *account, struct slice body, struct slice *ret_target, struct slice *ret_sur);

#endif
