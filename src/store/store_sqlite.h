/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the SQLite store, shared by the files store_sqlite_*.c and by nobody else.
 *
 * One file, dure.db. Rows are written where they belong at once. All else of a batch goes as one blob into
 * one of two journal tables, and into the tail (store/tail.h). When enough has gathered, the journals change
 * places and the fold moves what the full one holds into the tables, in slices, sorted by box: the instances
 * of a box in blocks. Long trimmed ranges and the instances of removed boxes are noted in the table `gone`
 * and deleted slice by slice. */
#ifndef DURE_STORE_STORE_SQLITE_H
#define DURE_STORE_STORE_SQLITE_H

#include "store/store_sqlite_sql.h"
#include "store/tail.h"

#define STORE_SQLITE_SCHEMA  2
#define STORE_SQLITE_APP     0x44757265 /* "Dure": the file's application_id */
#define STORE_SQLITE_FILE    "dure.db"
#define STORE_SQLITE_LOCK    "dure.lock"
#define STORE_SQLITE_PAGE    4096
#define STORE_SQLITE_BLOCK   64 /* instances in a block, at most */
#define STORE_SQLITE_FOLD_AT ((size_t)16384)

struct store_sqlite_gone {
	uint64_t no, below; /* instances below are to be deleted; UINT64_MAX >> 1: all */
};
#define STORE_SQLITE_ALL (UINT64_MAX >> 1)

/* One structural change of the batch; its text is in the batch's arena. */
struct store_sqlite_op {
	bool remove;
	struct store_row row;
};

/* Where the fold stands. A slice that fails begins again where it began. */
struct store_sqlite_place {
	size_t box, drop;
	uint32_t inst;
	bool is_begun; /* the box's old instances are trimmed */
	size_t note;
};

struct store_sqlite_fold {
	bool is_on;              /* the other journal is not empty */
	struct tail_box **boxes; /* of the old generation, by number */
	struct tail_note **notes;
	size_t box_count, note_count;
	struct store_sqlite_place at;
	bool is_again; /* after a restart: some of it may be in the tables */
};

struct store_sqlite {
	struct store store;
	struct sqlite sql;
	char *dir, *path;
	int lock; /* -1: none */
	bool read_only;
	bool failed; /* until load */
	size_t fold_at;
	struct tail tail;
	struct arena batch; /* text of the operations */
	struct store_sqlite_op *ops;
	size_t op_count, op_cap;
	char journal;    /* 'a' or 'b': the one that is written */
	uint64_t next_n; /* of the next row of a journal */
	struct map gone; /* struct store_sqlite_gone, by number */
	struct store_sqlite_fold fold;
	unsigned turn;       /* counts slices, so that fold and deletion alternate */
	size_t wal_pages;    /* in the write-ahead log */
	size_t wal_stuck;    /* so many could not be moved: somebody reads. Try again when there are more. */
	int64_t last_commit; /* clock_wall_steady */
	struct store_stats stats;
};

static inline struct store_sqlite *store_sqlite_of(const struct store *store)
{
	return (struct store_sqlite *)(uintptr_t)store;
}

/* Writes the sentence and returns the error. why may be NULL. */
int store_sqlite_say(struct why *why, int error, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* store_sqlite_file.c: the directory, the lock, the path of a file in it (free() it). */
char *store_sqlite_path(const char *dir, const char *name);
int store_sqlite_make_dir(const char *dir, struct why *why);
/* Takes the lock; *ret_lock is a descriptor to be closed. -EBUSY when a node holds it. */
int store_sqlite_lock(const char *dir, struct why *why, int *ret_lock);
int store_sqlite_sync_dir(const char *dir);

/* store_sqlite_schema.c: makes the tables, or checks their version and brings them up to date. */
/* Is it a store of ours? *ret_version is 0 for an empty file. -EBADMSG when not, or from the future. */
int store_sqlite_identify(struct sqlite *sql, const char *path, struct why *why, int64_t *ret_version);
int store_sqlite_schema(struct sqlite *sql, bool read_only, const char *path, struct why *why);

/* store_sqlite_commit.c */
int store_sqlite_commit(struct store *store);
void store_sqlite_forget_batch(struct store_sqlite *lite);
/* Begins a transaction; ends it, by a rollback when r < 0. Returns r, or the error of the end. */
int store_sqlite_begin(struct store_sqlite *lite);
int store_sqlite_end(struct store_sqlite *lite, int r);

/* store_sqlite_load.c: brings the tail to what the journals hold; then tells everything. */
int store_sqlite_replay(struct store_sqlite *lite);
int store_sqlite_load(struct store *store, const struct store_reader *reader);
int store_sqlite_tell_boxes(struct store_sqlite *lite, const struct store_reader *reader);
int store_sqlite_tell_notes(struct store_sqlite *lite, const struct store_reader *reader);
/* A tool reads while a node may write: then all it reads must be of one moment, the tail too. Nothing for the
 * node itself. end gives back r. */
int store_sqlite_begin_reading(struct store_sqlite *lite);
int store_sqlite_end_reading(struct store_sqlite *lite, int r);

/* store_sqlite_block.c: instances in the tables. */
struct store_sqlite_block {
	struct buf data;
	uint64_t id; /* 0: a new one */
	uint64_t box, first, last;
	unsigned count;
};
/* Goes on with the box's last block when that is small, else with a new one. box is set, all else zero. */
int store_sqlite_block_begin(struct store_sqlite *lite, struct store_sqlite_block *block);
/* Adds the instance of an APPEND record, and its label, name and early rows at once; the block is written
 * when it is full, and by flush. */
int store_sqlite_block_add(struct store_sqlite *lite, struct store_sqlite_block *block,
                           const struct journal_record *record);
int store_sqlite_block_flush(struct store_sqlite *lite, struct store_sqlite_block *block);
/* Deletes the instances from low to high, with all that leads to them, going through at most `most` blocks.
 * 1: perhaps more are left; 0: none. */
int store_sqlite_cut(struct store_sqlite *lite, uint64_t no, uint64_t low, uint64_t high, unsigned most);
/* From version 1: finds the early ones, marks them in their blocks and fills the table. */
int store_sqlite_mark_early(struct sqlite *sql);

/* store_sqlite_gone.c: instances that go from the tables in the background. */
struct store_sqlite_gone *store_sqlite_gone_find(const struct store_sqlite *lite, uint64_t no);
void store_sqlite_gone_set(struct store_sqlite *lite, uint64_t no, uint64_t below);
void store_sqlite_gone_forget(struct store_sqlite *lite);
/* Deletes all of a box, now (its number is used again). */
int store_sqlite_delete_all(struct store_sqlite *lite, uint64_t no);
/* One slice of deletion until `end` (clock_wall_steady). 1: more is waiting. */
int store_sqlite_gone_slice(struct store_sqlite *lite, int64_t end);

/* store_sqlite_fold.c */
int store_sqlite_tend(struct store *store, int64_t budget_us);
void store_sqlite_fold_begin(struct store_sqlite *lite, bool is_again); /* over tail.old, which stands */
void store_sqlite_fold_forget(struct store_sqlite *lite);

/* store_sqlite_log.c: the write-ahead log. Is it long, for who has so much time; move it into the file, and,
 * from a commit, only when it has grown beyond all measure. */
bool store_sqlite_log_is_long(const struct store_sqlite *lite, int64_t budget_us);
int store_sqlite_log_move(struct store_sqlite *lite);
int store_sqlite_log_force(struct store_sqlite *lite);

/* store_sqlite_read.c */
int store_sqlite_get(struct store *store, uint64_t box, uint64_t seq, struct arena *arena,
                     struct store_inst *ret);
int store_sqlite_find_name(struct store *store, uint64_t box, struct slice rn, uint64_t *ret_seq);
int store_sqlite_walk(struct store *store, uint64_t box, uint64_t from, int step, bool sizes_only,
                      store_inst_fn *fn, void *user);
int store_sqlite_walk_label(struct store *store, struct slice label, store_label_fn *fn, void *user);
int store_sqlite_walk_early(struct store *store, int64_t now, store_label_fn *fn, void *user);

/* store_sqlite_check.c, store_sqlite_backup.c */
int store_sqlite_check(struct store *store, void (*tell)(void *user, const char *sentence), void *user);
int store_sqlite_copy(struct store *store, const char *path);

#endif
