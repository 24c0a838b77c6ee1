/* SPDX-License-Identifier: Apache-2.0 */
/* The store keeps resources; it does not know what they mean.
 *
 * Three sorts of things are kept. *Rows* are structural resources (all but instances): the engine holds all
 * of them in memory, the store gives them back at start. *Instances* (contentInstance and its like) stand in
 * a *box*, the row of their container, in the order of their sequence number; the engine asks for them when
 * it needs them. *Notes* are notifications not yet delivered.
 *
 * Writing is cheap and is not durable: store_put and its like only fill the batch. store_commit makes the
 * batch durable, all of it or nothing; only then may anybody be told. Reading always sees the batch.
 *
 * Times are microseconds since 1970; 0 means none. Slices given to the store are copied by it; slices it
 * gives live in the arena the caller brought (callbacks: until the callback returns). */
#ifndef DURE_STORE_STORE_H
#define DURE_STORE_STORE_H

#include "base/buf.h"
#include "base/fail.h"

struct store;

struct store_row {
	uint64_t no;     /* our own number, never used again */
	uint64_t parent; /* 0: none (the CSEBase) */
	uint32_t ty;
	int64_t ct, lt, et;
	struct slice ri, rn;
	struct slice body; /* the attributes as JSON members without braces; may be empty */
};

/* What changes with every instance. Every function that touches instances brings it whole. */
struct store_box {
	uint64_t no;    /* the row's */
	uint64_t next;  /* the sequence number of the next instance; from 1 */
	uint64_t first; /* instances below are gone */
	uint64_t cni, cbs, st;
	int64_t lt;
};

struct store_inst {
	uint64_t box, seq;
	uint32_t ty;
	int64_t ct, lt, et;         /* lt equals ct for most */
	uint64_t st;                /* the state tag copied into it */
	uint64_t cs;                /* size of the content, bytes */
	bool early;                 /* expires before the instance ahead of it */
	struct slice rn;            /* empty: named by its sequence number */
	struct slice cr;            /* creator; empty: none */
	struct slice body;          /* attributes as JSON members */
	const struct slice *labels; /* may be NULL */
	size_t label_count;
};

struct store_note {
	uint64_t id;  /* ascending */
	uint64_t row; /* the subscription it belongs to */
	struct slice body;
};

struct store_config {
	const char *dir; /* data directory; made when it is not there (0700) */
	bool read_only;  /* for tools: no lock is taken, nothing is written */
	size_t fold_at;  /* instances in the journal that start a fold; 0: the default (16384) */
};

struct store_stats {
	uint64_t commits, appended, folded, journal; /* journal: records not folded yet */
	uint64_t commit_us_sum, commit_us_max;
	uint64_t faults;
};

/* What load tells. Each callback returns 0 to go on. */
struct store_reader {
	int (*row)(void *user, const struct store_row *row);
	int (*box)(void *user, const struct store_box *box);
	int (*note)(void *user, const struct store_note *note);
	void *user;
};
typedef int store_inst_fn(void *user, const struct store_inst *inst);
typedef int store_label_fn(void *user, uint64_t box, uint64_t seq);

/* The functions of one implementation. All return 0 or -errno unless they say otherwise. */
struct store_ops {
	const char *name; /* "memory", "sqlite" */
	void (*destroy)(struct store *store);

	/* Tells all rows (parents before children), then all boxes, then all notes by id. Called at start,
	 * and again after a failed commit. A callback that returns non-zero ends it with that value. */
	int (*load)(struct store *store, const struct store_reader *reader);

	void (*put)(struct store *store, const struct store_row *row); /* new or changed */
	void (*remove)(struct store *store,
	               uint64_t no); /* the row, its box and instances, its notes; not its children */
	void (*append)(struct store *store, const struct store_inst *inst, const struct store_box *box);
	void (*drop)(struct store *store, uint64_t seq,
	             const struct store_box *box);                      /* one instance of box->no */
	void (*trim)(struct store *store, const struct store_box *box); /* all below box->first */
	void (*set_box)(struct store *store, const struct store_box *box);
	void (*note)(struct store *store, const struct store_note *note);
	void (*note_done)(struct store *store, uint64_t id);

	/* Makes the batch durable. On a fault nothing of the batch is kept, and until load was called again
	 * every commit fails with -EROFS. */
	int (*commit)(struct store *store);
	bool (*is_dirty)(const struct store *store); /* is anything in the batch? */
	/* Work that can wait: folding, check-pointing, deleting what is gone. Does about `budget_us` of it;
	 * returns 1 when more is waiting, 0 when not, or -errno. With a batch open it does nothing and
	 * returns 1 if something waits: commit first. A fault here harms nothing; it is tried again. */
	int (*tend)(struct store *store, int64_t budget_us);

	/* Instances. Return -ENOENT when there is none. Callbacks may read and fill the batch; they may drop
	 * the instance they are shown (its slices are then no longer valid). */
	int (*get)(struct store *store, uint64_t box, uint64_t seq, struct arena *arena,
	           struct store_inst *ret);
	int (*find_name)(struct store *store, uint64_t box, struct slice rn, uint64_t *ret_seq);
	/* Walks a box from `from` upwards (step 1) or downwards (step -1). Ends when there is no more or the
	 * callback returns non-zero (returned as is). `sizes_only`: only seq, ct, et, cs are filled. */
	int (*walk)(struct store *store, uint64_t box, uint64_t from, int step, bool sizes_only,
	            store_inst_fn *fn, void *user);
	/* Walks the instances that carry a label that matches; '*' in it stands for any run. Each instance at
	 * most once per label it carries. Order: box, then seq, is not promised. */
	int (*walk_label)(struct store *store, struct slice label, store_label_fn *fn, void *user);
	/* Walks the early instances that expired at or before `now`. */
	int (*walk_early)(struct store *store, int64_t now, store_label_fn *fn, void *user);

	/* A consistent copy into a new file while writing goes on. -ENOTSUP for the memory store. */
	int (*backup)(struct store *store, const char *path);
	/* Checks every invariant; tells each breach as a sentence. Returns how many, or -errno; -EBUSY with a
	 * batch open or before load. */
	int (*check)(struct store *store, void (*tell)(void *user, const char *sentence), void *user);
	void (*stats)(const struct store *store, struct store_stats *ret);
};

struct store {
	const struct store_ops *ops;
};

/* Each makes a store, or fails with -errno and a sentence in why->text (who asks tells the operator).
 * sqlite: -EBUSY when another node holds the directory, -EROFS, -EACCES, -ENOSPC, -EBADMSG when the file is
 * no store of ours or from the future. */
MUST_CHECK int store_mem_create(struct store **ret);
MUST_CHECK int store_sqlite_create(const struct store_config *config, struct why *why, struct store **ret);

#endif
