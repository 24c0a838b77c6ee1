/* SPDX-License-Identifier: Apache-2.0 */
/* Work that can wait. The fold moves the old generation of the tail into the tables: box by box in the order
 * of their numbers, so that neighbours in the file are written together; within a box what goes first, then
 * what comes, then the state. Each slice is a transaction. Whatever happens in between is harmless: until its
 * journal is cut the generation can be folded again, and every step may be done twice.
 *
 * Slices are not synced one by one. The next commit's sync takes them along; should the power fail before,
 * the journal still has everything. */
#include "base/clock.h"
#include "base/mem.h"
#include "store/store_sqlite.h"

#include <limits.h>
#include <stdlib.h>

#define SLICE_MOST_US 20000 /* a slice's transaction must not grow without bound either */
#define LOOK_EVERY    16    /* instances between two looks at the clock */
#define TRIM_AT_ONCE  16    /* blocks; a longer range goes to the table `gone` */
#define IDLE_US       1000000

/* --- begin and end of a fold --- */

static int compare_boxes(const void *a, const void *b)
{
	const struct tail_box *const *x = a, *const *y = b;

	return ((*x)->no > (*y)->no) - ((*x)->no < (*y)->no);
}

void store_sqlite_fold_begin(struct store_sqlite *lite, bool is_again)
{
	struct store_sqlite_fold *fold = &lite->fold;
	struct tail_gen *gen = lite->tail.old;
	struct tail_note *note;
	struct tail_box *box;
	size_t at;

	*fold = (struct store_sqlite_fold){.is_on = true, .is_again = is_again};
	fold->boxes = mem_take(gen->boxes.count * sizeof(struct tail_box *));
	fold->notes = mem_take(gen->notes.count * sizeof(struct tail_note *));
	for (at = 0; (box = map_next(&gen->boxes, &at));)
		fold->boxes[fold->box_count++] = box;
	for (at = 0; (note = map_next(&gen->notes, &at));)
		fold->notes[fold->note_count++] = note;
	if (fold->box_count)
		qsort(fold->boxes, fold->box_count, sizeof(struct tail_box *), compare_boxes);
}

void store_sqlite_fold_forget(struct store_sqlite *lite)
{
	free(lite->fold.boxes);
	free(lite->fold.notes);
	lite->fold = (struct store_sqlite_fold){0};
}

/* --- one box --- */

static int fold_trim(struct store_sqlite *lite, const struct store_box *box)
{
	uint64_t range[] = {box->no, box->first};
	int r = store_sqlite_cut(lite, box->no, 0, box->first - 1, TRIM_AT_ONCE);

	if (r <= 0)
		return r;
	store_sqlite_gone_set(lite, box->no, box->first);
	return sqlite_run(&lite->sql, SQL_SET_GONE, 2, range);
}

/* What must go before what comes. After a restart: what an unfinished fold had moved, for it is moved again.
 */
static int fold_first(struct store_sqlite *lite, const struct tail_box *box)
{
	int r = 0;

	if (box->has_state && box->state.first > 1)
		r = fold_trim(lite, &box->state);
	if (r == 0 && lite->fold.is_again && box->insts.count)
		r = store_sqlite_cut(lite, box->no, lite->tail.old->insts[box->insts.at[0]].seq,
		                     STORE_SQLITE_ALL, UINT_MAX);
	return r;
}

static int fold_insts(struct store_sqlite *lite, const struct tail_box *box, struct store_sqlite_place *at,
                      int64_t end)
{
	struct store_sqlite_block block = {.box = box->no};
	struct journal_record record;
	int r = box->insts.count ? store_sqlite_block_begin(lite, &block) : 0;

	while (r == 0 && at->inst < box->insts.count) {
		const struct tail_inst *inst = &lite->tail.old->insts[box->insts.at[at->inst++]];

		if (tail_is_live(&lite->tail, inst)) {
			tail_record(lite->tail.old, inst->blob, inst->at, &record);
			r = store_sqlite_block_add(lite, &block, &record);
		}
		if (at->inst % LOOK_EVERY == 0 && clock_wall_steady() >= end)
			break;
	}
	if (r == 0)
		r = store_sqlite_block_flush(lite, &block);
	buf_finish(&block.data);
	return r;
}

static int fold_state(struct store_sqlite *lite, const struct store_box *box)
{
	const uint64_t columns[] = {box->no,  box->next, box->first,       box->cni,
	                            box->cbs, box->st,   (uint64_t)box->lt};

	return sqlite_run(&lite->sql, SQL_SET_BOX, 7, columns);
}

/* Goes on with the box at `at` until it is done (then at->box has moved on) or the time is. */
static int fold_box(struct store_sqlite *lite, struct store_sqlite_place *at, int64_t end)
{
	const struct tail_box *box = lite->fold.boxes[at->box];
	int r = at->is_begun ? 0 : fold_first(lite, box);

	at->is_begun = true;
	while (r == 0 && at->drop < box->drop_count) {
		uint64_t seq = box->drops[at->drop++];

		r = store_sqlite_cut(lite, box->no, seq, seq, UINT_MAX);
		if (r == 0 && at->drop % LOOK_EVERY == 0 && clock_wall_steady() >= end)
			return 0;
	}
	if (r == 0)
		r = fold_insts(lite, box, at, end);
	if (at->inst < box->insts.count)
		return r; /* the time is over */
	if (r == 0 && box->has_state)
		r = fold_state(lite, &box->state);
	*at = (struct store_sqlite_place){.box = at->box + 1};
	return r;
}

/* --- notes, and the end --- */

static int fold_note(struct store_sqlite *lite, const struct tail_note *note)
{
	struct journal_record record;
	sqlite3_stmt *stmt;
	int r;

	if (note->done)
		return sqlite_run(&lite->sql, SQL_END_NOTE, 1, &note->id);
	tail_record(lite->tail.old, note->blob, note->at, &record);
	r = sqlite_take(&lite->sql, SQL_ADD_NOTE, &stmt);
	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, record.note.id);
	sqlite_bind(stmt, 2, record.note.row);
	sqlite_bind_text(stmt, 3, record.note.body);
	return sqlite_finish(&lite->sql, SQL_ADD_NOTE, stmt);
}

/* Cuts some rows off the full journal, the oldest first: what is left can still be replayed. 0: empty. */
static int cut_journal(struct store_sqlite *lite)
{
	int r = sqlite_run(&lite->sql, lite->journal == 'a' ? SQL_CUT_B : SQL_CUT_A, 0, NULL);

	return r < 0 ? r : sqlite3_changes(lite->sql.db) > 0;
}

/* Until the time is over: 1, or all is folded and the journal is empty: 0. */
static int fold_some(struct store_sqlite *lite, struct store_sqlite_place *at, int64_t end)
{
	const struct store_sqlite_fold *fold = &lite->fold;
	int r;

	do {
		if (at->box < fold->box_count)
			r = fold_box(lite, at, end);
		else if (at->note < fold->note_count)
			r = fold_note(lite, fold->notes[at->note++]);
		else if ((r = cut_journal(lite)) == 0)
			return 0;
	} while (r >= 0 && clock_wall_steady() < end);
	return r < 0 ? r : 1;
}

static int fold_slice(struct store_sqlite *lite, int64_t end)
{
	struct store_sqlite_place at = lite->fold.at;
	int r = store_sqlite_begin(lite);

	if (r < 0)
		return r;
	r = store_sqlite_end(lite, fold_some(lite, &at, end));
	if (r < 0)
		return r;
	lite->fold.at = at;
	if (r > 0)
		return 1;
	lite->stats.folded += lite->tail.old->records;
	tail_forget_old(&lite->tail);
	store_sqlite_fold_forget(lite);
	return 0;
}

static int switch_journals(struct store_sqlite *lite)
{
	char other = lite->journal == 'a' ? 'b' : 'a';
	sqlite3_stmt *stmt;
	int r = sqlite_take(&lite->sql, SQL_SET_META, &stmt);

	if (r < 0)
		return r;
	sqlite_bind_text(stmt, 1, slice_make(&other, 1));
	r = sqlite_finish(&lite->sql, SQL_SET_META, stmt);
	if (r < 0)
		return r;
	lite->journal = other;
	tail_switch(&lite->tail);
	store_sqlite_fold_begin(lite, false);
	return 1;
}

/* --- tending --- */

static bool is_fold_due(const struct store_sqlite *lite)
{
	uint64_t waiting = lite->tail.now->records;

	return waiting >= lite->fold_at || (waiting && clock_wall_steady() - lite->last_commit >= IDLE_US);
}

static bool is_waiting(const struct store_sqlite *lite)
{
	return lite->fold.is_on || lite->gone.count || is_fold_due(lite);
}

/* One piece of work. Folding comes first, but every fourth turn belongs to what is to be deleted. */
static int work(struct store_sqlite *lite, int64_t end)
{
	if (lite->gone.count && (lite->turn++ % 4 == 0 || !(lite->fold.is_on || is_fold_due(lite))))
		return store_sqlite_gone_slice(lite, end);
	if (lite->fold.is_on)
		return fold_slice(lite, end);
	return is_fold_due(lite) ? switch_journals(lite) : 0;
}

static int tend_until(struct store_sqlite *lite, int64_t budget_us)
{
	int64_t begun = clock_wall_steady(),
	        end = begun + budget_us / 2; /* the other half: writing what changed */
	int64_t slice, now;
	int r = 0;

	for (now = begun; r >= 0 && (now < end || now == begun); now = clock_wall_steady()) {
		slice = now + SLICE_MOST_US;
		if (store_sqlite_log_is_long(lite, budget_us)) {
			if (now > begun && budget_us < 2 * SLICE_MOST_US)
				return 1; /* a piece of its own for those who are in a hurry */
			r = store_sqlite_log_move(lite);
		} else if (is_waiting(lite)) {
			r = work(lite, slice < end ? slice : end);
		} else {
			return 0;
		}
	}
	if (r < 0)
		return r;
	return is_waiting(lite) || store_sqlite_log_is_long(lite, budget_us);
}

int store_sqlite_tend(struct store *store, int64_t budget_us)
{
	struct store_sqlite *lite = store_sqlite_of(store);
	int r, full;

	if (lite->failed || lite->read_only ||
	    !(is_waiting(lite) || store_sqlite_log_is_long(lite, budget_us)))
		return 0;
	if (store->ops->is_dirty(store))
		return 1; /* an instance dropped in the batch must not be left out before the batch is safe */
	r = sqlite_exec(&lite->sql, "PRAGMA synchronous = NORMAL");
	if (r == 0)
		r = tend_until(lite, budget_us);
	full = sqlite_exec(&lite->sql, "PRAGMA synchronous = FULL");
	if (full < 0) {
		lite->failed = true; /* rather nothing than a commit that is not safe */
		return sqlite_fault(&lite->sql, sqlite3_errcode(lite->sql.db), "PRAGMA synchronous");
	}
	if (r < 0)
		lite->stats.faults++;
	return r;
}
