/* SPDX-License-Identifier: Apache-2.0 */
/* Making the batch durable. Rows go where they belong; everything else is one blob for the journal, so a turn
 * that only brought instances costs a single INSERT. */
#include "base/clock.h"
#include "base/log.h"
#include "store/store_sqlite.h"

#include <errno.h>

/* Nobody found time to tend: then commits help, before memory and the log grow without bound. */
#define HELP_AT 8 /* times fold_at */
#define HELP_US 5000

int store_sqlite_begin(struct store_sqlite *lite)
{
	return sqlite_run(&lite->sql, SQL_BEGIN, 0, NULL);
}

int store_sqlite_end(struct store_sqlite *lite, int r)
{
	if (r >= 0) {
		int end = sqlite_run(&lite->sql, SQL_COMMIT, 0, NULL);

		r = end < 0 ? end : r;
	}
	if (r < 0 && !sqlite3_get_autocommit(lite->sql.db))
		sqlite_run(&lite->sql, SQL_ROLLBACK, 0, NULL);
	return r;
}

void store_sqlite_forget_batch(struct store_sqlite *lite)
{
	lite->op_count = 0;
	arena_reset(&lite->batch);
}

static int write_row(struct store_sqlite *lite, const struct store_row *row)
{
	sqlite3_stmt *stmt;
	int r = sqlite_take(&lite->sql, SQL_PUT, &stmt);

	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, row->no);
	sqlite_bind(stmt, 2, row->parent);
	sqlite_bind(stmt, 3, row->ty);
	sqlite_bind_text(stmt, 4, row->ri);
	sqlite_bind_text(stmt, 5, row->rn);
	sqlite_bind(stmt, 6, (uint64_t)row->ct);
	sqlite_bind(stmt, 7, (uint64_t)row->lt);
	sqlite_bind(stmt, 8, (uint64_t)row->et);
	sqlite_bind_text(stmt, 9, row->body);
	return sqlite_finish(&lite->sql, SQL_PUT, stmt);
}

/* 1, 0, or -errno. */
static int has_stored_box(struct store_sqlite *lite, uint64_t no)
{
	sqlite3_stmt *stmt;
	int r;

	if (tail_box_find(lite->tail.old, no))
		return 1; /* the fold may have moved some of it */
	r = sqlite_take(&lite->sql, SQL_HAS_BOX, &stmt);
	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, no);
	r = sqlite_step(&lite->sql, stmt);
	sqlite_give(&lite->sql, SQL_HAS_BOX, stmt);
	return r;
}

static int remove_row(struct store_sqlite *lite, uint64_t no)
{
	int r = has_stored_box(lite, no);

	if (r > 0) {
		r = sqlite_run(&lite->sql, SQL_SET_GONE, 2, (const uint64_t[]){no, STORE_SQLITE_ALL});
		store_sqlite_gone_set(lite, no, STORE_SQLITE_ALL);
		if (r == 0)
			r = sqlite_run(&lite->sql, SQL_REMOVE_BOX, 1, &no);
	}
	if (r == 0)
		r = sqlite_run(&lite->sql, SQL_REMOVE_RES, 1, &no);
	if (r == 0)
		r = sqlite_run(&lite->sql, SQL_REMOVE_NOTES, 1, &no);
	return r;
}

static int write_op(struct store_sqlite *lite, const struct store_sqlite_op *op)
{
	const struct store_sqlite_gone *gone;
	int r = 0;

	if (op->remove)
		return remove_row(lite, op->row.no);
	/* A number is used again when the youngest row was removed and the node started anew: what is left of
	 * the old box must be out of the way first. */
	gone = store_sqlite_gone_find(lite, op->row.no);
	if (gone && gone->below == STORE_SQLITE_ALL)
		r = store_sqlite_delete_all(lite, op->row.no);
	return r < 0 ? r : write_row(lite, &op->row);
}

static int write_blob(struct store_sqlite *lite, struct slice blob)
{
	unsigned which = lite->journal == 'a' ? SQL_JOURNAL_A : SQL_JOURNAL_B;
	sqlite3_stmt *stmt;
	int r = sqlite_take(&lite->sql, which, &stmt);

	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, lite->next_n++);
	sqlite_bind_blob(stmt, 2, blob);
	return sqlite_finish(&lite->sql, which, stmt);
}

static int write_batch(struct store_sqlite *lite)
{
	struct slice blob, second;
	int r;

	if (!lite->op_count && tail_batch(&lite->tail, 0, &blob) && !tail_batch(&lite->tail, 1, &second))
		return write_blob(lite, blob); /* a transaction of its own */
	r = store_sqlite_begin(lite);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < lite->op_count; i++)
		r = write_op(lite, &lite->ops[i]);
	for (size_t i = 0; r == 0 && tail_batch(&lite->tail, i, &blob); i++)
		r = write_blob(lite, blob);
	return store_sqlite_end(lite, r);
}

static void count(struct store_sqlite *lite, int64_t begun)
{
	uint64_t took;

	lite->last_commit = clock_wall_steady();
	took = (uint64_t)(lite->last_commit - begun);
	lite->stats.commits++;
	lite->stats.appended += lite->tail.now->batch_records;
	lite->stats.commit_us_sum += took;
	if (took > lite->stats.commit_us_max)
		lite->stats.commit_us_max = took;
}

static void help(struct store_sqlite *lite)
{
	store_sqlite_log_force(lite);
	if (lite->tail.now->records >= HELP_AT * lite->fold_at)
		store_sqlite_tend(&lite->store, HELP_US);
}

/* On a fault the batch is gone and the tail shows what never was: both are forgotten until load. */
static int fail(struct store_sqlite *lite, int r)
{
	lite->failed = true;
	lite->stats.faults++;
	if (!sqlite3_get_autocommit(lite->sql.db))
		sqlite_exec(&lite->sql, "ROLLBACK");
	store_sqlite_fold_forget(lite);
	tail_finish(&lite->tail);
	tail_init(&lite->tail);
	return r;
}

int store_sqlite_commit(struct store *store)
{
	struct store_sqlite *lite = store_sqlite_of(store);
	int64_t begun = clock_wall_steady();
	int r;

	if (lite->failed || lite->read_only) {
		store_sqlite_forget_batch(lite);
		tail_finish(&lite->tail);
		tail_init(&lite->tail);
		lite->failed = true;
		return -EROFS;
	}
	if (!lite->op_count && !tail_is_dirty(&lite->tail))
		return 0;
	r = write_batch(lite);
	store_sqlite_forget_batch(lite);
	if (r < 0)
		return fail(lite, r);
	count(lite, begun);
	tail_committed(&lite->tail);
	help(lite);
	return 0;
}
