/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks: up to 64 instances of one box in one row of the table, in the writing of the journal. A block is
 * written once; it is changed only when some of its instances go, or while it is small. Beside the blocks
 * stand the rows that lead to an instance by label, by name, and by an early end; they come and go with it in
 * the same transaction. */
#include "store/store_sqlite.h"

#include <errno.h>

#define BLOCK_BYTES ((size_t)16384)
#define BLOCK_SMALL 1024 /* bytes; a last block that is smaller is continued */

/* --- what leads to an instance --- */

static int set_label(struct store_sqlite *lite, unsigned which, const struct store_inst *inst,
                     struct slice label)
{
	sqlite3_stmt *stmt;
	int r = sqlite_take(&lite->sql, which, &stmt);

	if (r < 0)
		return r;
	sqlite_bind_text(stmt, 1, label);
	sqlite_bind(stmt, 2, inst->box);
	sqlite_bind(stmt, 3, inst->seq);
	return sqlite_finish(&lite->sql, which, stmt);
}

static int set_name(struct store_sqlite *lite, unsigned which, const struct store_inst *inst)
{
	sqlite3_stmt *stmt;
	int r = sqlite_take(&lite->sql, which, &stmt);

	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, inst->box);
	sqlite_bind_text(stmt, 2, inst->rn);
	sqlite_bind(stmt, 3, inst->seq);
	return sqlite_finish(&lite->sql, which, stmt);
}

/* Adds them, or deletes them. */
static int set_keys(struct store_sqlite *lite, const struct journal_record *record, bool add)
{
	const struct store_inst *inst = &record->inst;
	const uint64_t early[] = {(uint64_t)inst->et, inst->box, inst->seq};
	struct slice packed = record->packed, label;
	int r = 0;

	while (r == 0 && journal_next_label(&packed, &label))
		r = set_label(lite, add ? SQL_ADD_LABEL : SQL_DELETE_LABEL, inst, label);
	if (r == 0 && inst->rn.len)
		r = set_name(lite, add ? SQL_ADD_NAME : SQL_DELETE_NAME, inst);
	if (r == 0 && inst->early)
		r = sqlite_run(&lite->sql, add ? SQL_ADD_EARLY : SQL_DELETE_EARLY, 3, early);
	return r;
}

/* --- writing --- */

/* Adds the block, or, when it has an id, changes it. */
static int write_block(struct store_sqlite *lite, const struct store_sqlite_block *block)
{
	unsigned which = block->id ? SQL_SET_BLOCK : SQL_ADD_BLOCK;
	sqlite3_stmt *stmt;
	int r = sqlite_take(&lite->sql, which, &stmt);

	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, block->id ? block->id : block->box);
	sqlite_bind(stmt, 2, block->first);
	sqlite_bind(stmt, 3, block->last);
	sqlite_bind_blob(stmt, 4, buf_slice(&block->data));
	return sqlite_finish(&lite->sql, which, stmt);
}

int store_sqlite_block_begin(struct store_sqlite *lite, struct store_sqlite_block *block)
{
	struct journal_record record;
	struct slice rest;
	sqlite3_stmt *stmt;
	int r = sqlite_take(&lite->sql, SQL_SMALL_BLOCK, &stmt);

	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, block->box);
	sqlite_bind(stmt, 2, BLOCK_SMALL);
	r = sqlite_step(&lite->sql, stmt);
	if (r > 0) {
		block->id = sqlite_u64(stmt, 0);
		block->first = sqlite_u64(stmt, 1);
		block->last = sqlite_u64(stmt, 2);
		rest = sqlite_slice(stmt, 3);
		buf_add_slice(&block->data, rest);
		while (journal_take_inst(&rest, &record))
			block->count++;
	}
	sqlite_give(&lite->sql, SQL_SMALL_BLOCK, stmt);
	return r < 0 ? r : 0;
}

int store_sqlite_block_flush(struct store_sqlite *lite, struct store_sqlite_block *block)
{
	int r = block->count ? write_block(lite, block) : 0;

	block->id = 0;
	block->count = 0;
	block->data.len = 0;
	return r;
}

int store_sqlite_block_add(struct store_sqlite *lite, struct store_sqlite_block *block,
                           const struct journal_record *record)
{
	int r = 0;

	if (block->count >= STORE_SQLITE_BLOCK || block->data.len + record->raw.len > BLOCK_BYTES)
		r = store_sqlite_block_flush(lite, block);
	if (!block->count)
		block->first = record->inst.seq;
	block->last = record->inst.seq;
	block->count++;
	buf_add_slice(&block->data, record->raw);
	return r < 0 ? r : set_keys(lite, record, true);
}

/* --- cutting --- */

struct cut {
	struct store_sqlite *lite;
	uint64_t no, low, high;
	struct buf data; /* the block */
	struct store_sqlite_block kept;
	unsigned gone;
};

/* Reads the first block that ends at or above low. 0: there is none within the range. */
static int read_block(struct cut *cut, uint64_t *ret_last)
{
	sqlite3_stmt *stmt;
	int r = sqlite_take(&cut->lite->sql, SQL_BLOCK_AT, &stmt);

	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, cut->no);
	sqlite_bind(stmt, 2, cut->low);
	r = sqlite_step(&cut->lite->sql, stmt);
	if (r > 0 && sqlite_u64(stmt, 1) > cut->high)
		r = 0;
	if (r > 0) {
		cut->kept.id = sqlite_u64(stmt, 0);
		*ret_last = sqlite_u64(stmt, 2);
		cut->data.len = 0;
		buf_add_slice(&cut->data, sqlite_slice(stmt, 3));
	}
	sqlite_give(&cut->lite->sql, SQL_BLOCK_AT, stmt);
	return r;
}

/* Parts the block into what stays and what goes. */
static int part_block(struct cut *cut)
{
	struct slice rest = buf_slice(&cut->data);
	struct journal_record record;
	int r = 0;

	cut->kept.count = 0;
	cut->kept.data.len = 0;
	cut->gone = 0;
	while (r == 0 && rest.len) {
		if (!journal_take_inst(&rest, &record))
			return fault(-EBADMSG, "store: block %lld is broken", (long long)cut->kept.id);
		record.inst.box = cut->no;
		if (record.inst.seq >= cut->low && record.inst.seq <= cut->high) {
			cut->gone++;
			r = set_keys(cut->lite, &record, false);
			continue;
		}
		if (!cut->kept.count++)
			cut->kept.first = record.inst.seq;
		cut->kept.last = record.inst.seq;
		buf_add_slice(&cut->kept.data, record.raw);
	}
	return r;
}

static int write_rest(struct cut *cut)
{
	if (!cut->gone)
		return 0;
	return cut->kept.count ? write_block(cut->lite, &cut->kept)
	                       : sqlite_run(&cut->lite->sql, SQL_DELETE_BLOCK, 1, &cut->kept.id);
}

int store_sqlite_cut(struct store_sqlite *lite, uint64_t no, uint64_t low, uint64_t high, unsigned most)
{
	struct cut cut = {.lite = lite, .no = no, .low = low, .high = high};
	uint64_t last;
	int r = 1;

	for (unsigned i = 0; r > 0 && cut.low <= high && i < most; i++) {
		r = read_block(&cut, &last);
		if (r <= 0)
			break;
		r = part_block(&cut);
		if (r == 0)
			r = write_rest(&cut);
		cut.low = last + 1;
		if (r == 0)
			r = cut.low <= high;
	}
	buf_finish(&cut.data);
	buf_finish(&cut.kept.data);
	return r;
}

/* --- from version 1 --- */

/* An instance is early when one ahead of it stays longer: the highest end so far, none counting as for ever.
 */
static int mark_block(struct sqlite *sql, sqlite3_stmt *row, sqlite3_stmt *add, int64_t *stay,
                      struct buf *fresh)
{
	struct slice rest = sqlite_slice(row, 2);
	struct journal_record record;
	struct arena arena;
	int marked = 0, r = 0;

	arena_init(&arena);
	while (r == 0 && rest.len) {
		struct store_inst *inst = &record.inst;

		if (!journal_take_inst(&rest, &record)) {
			r = fault(-EBADMSG, "store: block %lld is broken", (long long)sqlite_i64(row, 0));
			break;
		}
		journal_unpack(record.packed, &arena, inst);
		inst->early = inst->et && inst->et < *stay;
		if (!inst->et || inst->et > *stay)
			*stay = inst->et ? inst->et : INT64_MAX;
		journal_add_inst(fresh, inst);
		if (!inst->early)
			continue;
		marked = 1;
		sqlite_bind(add, 1, (uint64_t)inst->et);
		sqlite_bind(add, 2, sqlite_u64(row, 1));
		sqlite_bind(add, 3, inst->seq);
		r = sqlite_step(sql, add);
		sqlite3_reset(add);
	}
	arena_finish(&arena);
	return r < 0 ? r : marked;
}

static int mark_blocks(struct sqlite *sql, sqlite3_stmt *row, sqlite3_stmt *add, sqlite3_stmt *set)
{
	uint64_t box = 0;
	int64_t stay = 0;
	struct buf fresh;
	int r;

	buf_init(&fresh, NULL);
	while ((r = sqlite_step(sql, row)) > 0) {
		if (sqlite_u64(row, 1) != box)
			stay = 0;
		box = sqlite_u64(row, 1);
		fresh.len = 0;
		r = mark_block(sql, row, add, &stay, &fresh);
		if (r > 0) {
			sqlite_bind(set, 1, sqlite_u64(row, 0));
			sqlite_bind_blob(set, 2, buf_slice(&fresh));
			r = sqlite_step(sql, set);
			sqlite3_reset(set);
		}
		if (r < 0)
			break;
	}
	buf_finish(&fresh);
	return r;
}

int store_sqlite_mark_early(struct sqlite *sql)
{
	sqlite3_stmt *row = NULL, *add = NULL, *set = NULL;
	int r = sqlite_prepare(sql, "SELECT id, box, data FROM block ORDER BY box, last", &row);

	if (r == 0)
		r = sqlite_prepare(sql, "INSERT INTO early(et, box, seq) VALUES(?1, ?2, ?3)", &add);
	if (r == 0)
		r = sqlite_prepare(sql, "UPDATE block SET data = ?2 WHERE id = ?1", &set);
	if (r == 0)
		r = mark_blocks(sql, row, add, set);
	sqlite3_finalize(row);
	sqlite3_finalize(add);
	sqlite3_finalize(set);
	return r;
}
