/* SPDX-License-Identifier: Apache-2.0 */
/* Coming back: the journals are replayed into the tail, then rows, boxes and notes are told, the tail's word
 * before the tables'. Instances are not touched, so a start takes as long as there are containers, not
 * readings. */
#include "base/mem.h"
#include "store/store_sqlite.h"

#include <errno.h>
#include <stdlib.h>

/* 1: blobs were replayed, 0: the journal is empty. */
static int replay_journal(struct store_sqlite *lite, char journal)
{
	sqlite3_stmt *stmt;
	int r = sqlite_prepare(&lite->sql,
	                       journal == 'a' ? "SELECT n, batch FROM journal_a ORDER BY n"
	                                      : "SELECT n, batch FROM journal_b ORDER BY n",
	                       &stmt);
	int any = 0;

	if (r < 0)
		return r;
	while ((r = sqlite_step(&lite->sql, stmt)) > 0) {
		uint64_t n = sqlite_u64(stmt, 0);

		any = 1;
		if (lite->next_n <= n)
			lite->next_n = n + 1;
		if (tail_replay(&lite->tail, sqlite_slice(stmt, 1)))
			continue;
		r = fault(-EBADMSG, "store: row %llu of journal %c is broken", (unsigned long long)n,
		          journal);
		break;
	}
	sqlite3_finalize(stmt);
	return r < 0 ? r : any;
}

static int read_gone(struct store_sqlite *lite)
{
	sqlite3_stmt *stmt;
	int r = sqlite_prepare(&lite->sql, "SELECT no, below FROM gone", &stmt);

	if (r < 0)
		return r;
	while ((r = sqlite_step(&lite->sql, stmt)) > 0)
		store_sqlite_gone_set(lite, sqlite_u64(stmt, 0), sqlite_u64(stmt, 1));
	sqlite3_finalize(stmt);
	return r;
}

static int read_journal_name(struct store_sqlite *lite)
{
	sqlite3_stmt *stmt;
	struct slice name;
	int r = sqlite_prepare(&lite->sql, "SELECT value FROM meta WHERE key = 'journal'", &stmt);

	if (r < 0)
		return r;
	r = sqlite_step(&lite->sql, stmt);
	name = r > 0 ? sqlite_slice(stmt, 0) : SLICE("");
	if (r >= 0)
		r = slice_is_text(name, "a") || slice_is_text(name, "b") ? 0 : -EBADMSG;
	if (r == 0)
		lite->journal = name.ptr[0];
	sqlite3_finalize(stmt);
	return r;
}

int store_sqlite_replay(struct store_sqlite *lite)
{
	int r;

	store_sqlite_fold_forget(lite);
	store_sqlite_gone_forget(lite);
	tail_finish(&lite->tail);
	tail_init(&lite->tail);
	lite->next_n = 1;
	r = read_journal_name(lite);
	if (r == 0)
		r = read_gone(lite);
	if (r == 0)
		r = replay_journal(lite, lite->journal == 'a' ? 'b' : 'a');
	if (r > 0) {
		tail_switch(&lite->tail);
		store_sqlite_fold_begin(lite, true);
	}
	if (r >= 0)
		r = replay_journal(lite, lite->journal);
	return r < 0 ? r : 0;
}

static int tell_rows(struct store_sqlite *lite, const struct store_reader *reader)
{
	struct store_row row;
	sqlite3_stmt *stmt;
	int r = sqlite_prepare(&lite->sql,
	                       "SELECT no, parent, ty, ct, lt, et, ri, rn, body FROM res ORDER BY no", &stmt);

	if (r < 0)
		return r;
	while ((r = sqlite_step(&lite->sql, stmt)) > 0) {
		row = (struct store_row){
		        .no = sqlite_u64(stmt, 0),
		        .parent = sqlite_u64(stmt, 1),
		        .ty = (uint32_t)sqlite_u64(stmt, 2),
		        .ct = sqlite_i64(stmt, 3),
		        .lt = sqlite_i64(stmt, 4),
		        .et = sqlite_i64(stmt, 5),
		        .ri = sqlite_slice(stmt, 6),
		        .rn = sqlite_slice(stmt, 7),
		        .body = sqlite_slice(stmt, 8),
		};
		if (row.parent >= row.no)
			r = fault(-EBADMSG, "store: row %llu comes before its parent %llu",
			          (unsigned long long)row.no, (unsigned long long)row.parent);
		else
			r = reader->row(reader->user, &row);
		if (r)
			break;
	}
	sqlite3_finalize(stmt);
	return r;
}

static int tell_stored_boxes(struct store_sqlite *lite, const struct store_reader *reader)
{
	struct store_box box;
	sqlite3_stmt *stmt;
	bool removed;
	int r = sqlite_prepare(&lite->sql, "SELECT no, next, first, cni, cbs, st, lt FROM box ORDER BY no",
	                       &stmt);

	if (r < 0)
		return r;
	while ((r = sqlite_step(&lite->sql, stmt)) > 0) {
		box = (struct store_box){
		        sqlite_u64(stmt, 0), sqlite_u64(stmt, 1), sqlite_u64(stmt, 2), sqlite_u64(stmt, 3),
		        sqlite_u64(stmt, 4), sqlite_u64(stmt, 5), sqlite_i64(stmt, 6),
		};
		if (tail_state(&lite->tail, box.no, &removed) || removed)
			continue; /* the tail tells it, or that it is gone */
		r = reader->box(reader->user, &box);
		if (r)
			break;
	}
	sqlite3_finalize(stmt);
	return r;
}

/* The boxes of one generation of which this generation has the last word. */
static int tell_tail_boxes(const struct tail *tail, const struct tail_gen *gen,
                           const struct store_reader *reader)
{
	const struct tail_box *box;
	bool removed;
	size_t at = 0;
	int r = 0;

	while (!r && gen && (box = map_next(&gen->boxes, &at)))
		if (tail_state(tail, box->no, &removed) == &box->state)
			r = reader->box(reader->user, &box->state);
	return r;
}

static int compare_notes(const void *a, const void *b)
{
	const struct tail_note *const *x = a, *const *y = b;

	return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

struct note_list {
	const struct tail_note **notes; /* the tail's live ones, ascending */
	size_t count, at;
};

static void gather_notes(const struct tail *tail, struct note_list *list)
{
	const struct tail_gen *gens[2] = {tail->now, tail->old}, *gen;
	const struct tail_note *note;

	list->notes = mem_take((tail->now->notes.count + (tail->old ? tail->old->notes.count : 0)) *
	                       sizeof(*list->notes));
	for (size_t i = 0; i < 2; i++)
		for (size_t at = 0; gens[i] && (note = map_next(&gens[i]->notes, &at));)
			if (!note->done && tail_note_find(tail, note->id, &gen) == note)
				list->notes[list->count++] = note;
	if (list->count)
		qsort(list->notes, list->count, sizeof(*list->notes), compare_notes);
}

/* The tail's notes with numbers below `id`. */
static int tell_tail_notes(const struct tail *tail, struct note_list *list, uint64_t id,
                           const struct store_reader *reader)
{
	struct journal_record record;
	const struct tail_gen *gen;
	int r = 0;

	for (; !r && list->at < list->count && list->notes[list->at]->id < id; list->at++) {
		const struct tail_note *note = list->notes[list->at];

		tail_note_find(tail, note->id, &gen);
		tail_record(gen, note->blob, note->at, &record);
		r = reader->note(reader->user, &record.note);
	}
	return r;
}

int store_sqlite_tell_notes(struct store_sqlite *lite, const struct store_reader *reader)
{
	struct note_list list = {0};
	const struct tail_gen *gen;
	struct store_note note;
	sqlite3_stmt *stmt;
	int r = sqlite_prepare(&lite->sql, "SELECT id, row, body FROM note ORDER BY id", &stmt);

	if (r < 0)
		return r;
	gather_notes(&lite->tail, &list);
	while ((r = sqlite_step(&lite->sql, stmt)) > 0) {
		note = (struct store_note){sqlite_u64(stmt, 0), sqlite_u64(stmt, 1), sqlite_slice(stmt, 2)};
		r = tell_tail_notes(&lite->tail, &list, note.id, reader);
		if (r)
			break;
		if (!tail_note_find(&lite->tail, note.id, &gen))
			r = reader->note(reader->user, &note);
		if (r)
			break;
	}
	sqlite3_finalize(stmt);
	if (!r)
		r = tell_tail_notes(&lite->tail, &list, UINT64_MAX, reader);
	free(list.notes);
	return r;
}

int store_sqlite_tell_boxes(struct store_sqlite *lite, const struct store_reader *reader)
{
	int r = tell_stored_boxes(lite, reader);

	if (r == 0)
		r = tell_tail_boxes(&lite->tail, lite->tail.old, reader);
	return r ? r : tell_tail_boxes(&lite->tail, lite->tail.now, reader);
}

int store_sqlite_begin_reading(struct store_sqlite *lite)
{
	int r;

	if (!lite->read_only)
		return 0;
	r = sqlite_exec(&lite->sql, "BEGIN");
	return r < 0 ? r : store_sqlite_replay(lite);
}

int store_sqlite_end_reading(struct store_sqlite *lite, int r)
{
	if (lite->read_only && !sqlite3_get_autocommit(lite->sql.db))
		sqlite_exec(&lite->sql, "ROLLBACK");
	return r;
}

static int load(struct store_sqlite *lite, const struct store_reader *reader)
{
	int r = 0;

	if (lite->failed || lite->store.ops->is_dirty(&lite->store)) {
		store_sqlite_forget_batch(lite);
		lite->failed = true;
		r = store_sqlite_replay(lite);
	}
	if (r == 0)
		r = tell_rows(lite, reader);
	if (r == 0)
		r = store_sqlite_tell_boxes(lite, reader);
	if (r == 0)
		r = store_sqlite_tell_notes(lite, reader);
	if (r == 0)
		lite->failed = false;
	return r;
}

int store_sqlite_load(struct store *store, const struct store_reader *reader)
{
	struct store_sqlite *lite = store_sqlite_of(store);
	int r = store_sqlite_begin_reading(lite);

	return store_sqlite_end_reading(lite, r < 0 ? r : load(lite, reader));
}
