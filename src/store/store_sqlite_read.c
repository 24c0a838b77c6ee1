/* SPDX-License-Identifier: Apache-2.0 */
/* Reading instances: the tables below the tail's bound, the tail from there on, and of the tables only what
 * neither the tail nor `gone` hides. Callbacks may read and fill the batch. */
#include "store/store_sqlite.h"

#include <errno.h>

static bool is_hidden(const struct store_sqlite *lite, uint64_t no, uint64_t seq)
{
	const struct store_sqlite_gone *gone = store_sqlite_gone_find(lite, no);

	return (gone && seq < gone->below) || tail_hides(&lite->tail, no, seq);
}

/* Copies what the slices show. */
static void keep(struct arena *arena, struct store_inst *inst)
{
	struct slice *labels = inst->label_count ? arena_array(arena, inst->label_count, struct slice) : NULL;

	for (size_t i = 0; i < inst->label_count; i++)
		labels[i] = arena_copy(arena, inst->labels[i]);
	inst->labels = labels;
	inst->rn = arena_copy(arena, inst->rn);
	inst->cr = arena_copy(arena, inst->cr);
	inst->body = arena_copy(arena, inst->body);
}

static int find_in_block(struct slice block, uint64_t box, uint64_t seq, struct arena *arena,
                         struct store_inst *ret)
{
	struct journal_record record;

	while (journal_take_inst(&block, &record)) {
		if (record.inst.seq != seq)
			continue;
		*ret = record.inst;
		ret->box = box;
		journal_unpack(record.packed, arena, ret);
		keep(arena, ret);
		return 0;
	}
	return block.len ? fault(-EBADMSG, "store: a block of box %llu is broken", (unsigned long long)box)
	                 : -ENOENT;
}

int store_sqlite_get(struct store *store, uint64_t box, uint64_t seq, struct arena *arena,
                     struct store_inst *ret)
{
	struct store_sqlite *lite = store_sqlite_of(store);
	struct tail_ref ref;
	sqlite3_stmt *stmt;
	int r;

	if (lite->failed)
		return -EROFS;
	if (tail_find(&lite->tail, box, seq, &ref)) {
		tail_read(ref, arena, ret);
		keep(arena, ret);
		return 0;
	}
	if (is_hidden(lite, box, seq))
		return -ENOENT;
	r = sqlite_take(&lite->sql, SQL_BLOCK_AT, &stmt);
	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, box);
	sqlite_bind(stmt, 2, seq);
	r = sqlite_step(&lite->sql, stmt);
	r = r > 0 && sqlite_u64(stmt, 1) <= seq ? find_in_block(sqlite_slice(stmt, 3), box, seq, arena, ret)
	                                        : (r < 0 ? r : -ENOENT);
	sqlite_give(&lite->sql, SQL_BLOCK_AT, stmt);
	return r;
}

int store_sqlite_find_name(struct store *store, uint64_t box, struct slice rn, uint64_t *ret_seq)
{
	struct store_sqlite *lite = store_sqlite_of(store);
	struct tail_ref ref;
	sqlite3_stmt *stmt;
	uint64_t seq = 0;
	int r;

	if (lite->failed)
		return -EROFS;
	if (tail_find_name(&lite->tail, box, rn, &ref)) {
		*ret_seq = ref.inst->seq;
		return 0;
	}
	r = sqlite_take(&lite->sql, SQL_FIND_NAME, &stmt);
	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, box);
	sqlite_bind_text(stmt, 2, rn);
	r = sqlite_step(&lite->sql, stmt);
	if (r > 0)
		seq = sqlite_u64(stmt, 0);
	sqlite_give(&lite->sql, SQL_FIND_NAME, stmt);
	if (r < 0)
		return r;
	if (!seq || is_hidden(lite, box, seq))
		return -ENOENT;
	*ret_seq = seq;
	return 0;
}

/* --- walking a box --- */

struct walk {
	struct store_sqlite *lite;
	uint64_t box, from;
	uint64_t low, high; /* of the tables only these count */
	int step;
	bool sizes_only;
	struct arena arena; /* of the instance just shown */
	store_inst_fn *fn;
	void *user;
};

static int show_sizes(struct walk *walk, uint64_t seq, int64_t ct, int64_t et, uint64_t cs)
{
	struct store_inst sizes = {.box = walk->box, .seq = seq, .ct = ct, .et = et, .cs = cs};

	return walk->fn(walk->user, &sizes);
}

static int show_record(struct walk *walk, struct journal_record *record)
{
	struct store_inst *inst = &record->inst;

	if (inst->seq < walk->low || inst->seq > walk->high || is_hidden(walk->lite, walk->box, inst->seq))
		return 0;
	if (walk->sizes_only)
		return show_sizes(walk, inst->seq, inst->ct, inst->et, inst->cs);
	inst->box = walk->box;
	arena_reset(&walk->arena);
	journal_unpack(record->packed, &walk->arena, inst);
	return walk->fn(walk->user, inst);
}

/* Upwards as they are written; downwards from a list of where each begins. */
static int show_block(struct walk *walk, struct slice block)
{
	struct slice at[STORE_SQLITE_BLOCK];
	struct journal_record record;
	size_t count = 0;
	int r = 0;

	while (!r && block.len) {
		if (count == STORE_SQLITE_BLOCK)
			return fault(-EBADMSG, "store: a block of box %llu is too long",
			             (unsigned long long)walk->box);
		at[count++] = block;
		if (!journal_take_inst(&block, &record))
			return fault(-EBADMSG, "store: a block of box %llu is broken",
			             (unsigned long long)walk->box);
		if (walk->step > 0)
			r = show_record(walk, &record);
	}
	while (!r && walk->step < 0 && count > 0)
		if (journal_take_inst(&at[--count], &record))
			r = show_record(walk, &record);
	return r;
}

/* Downwards begins with the block in which `high` stands: the end of that, or the highest. */
static int find_end(struct walk *walk, uint64_t *ret_end)
{
	sqlite3_stmt *stmt;
	int r = sqlite_take(&walk->lite->sql, SQL_BLOCK_AT, &stmt);

	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, walk->box);
	sqlite_bind(stmt, 2, walk->high);
	r = sqlite_step(&walk->lite->sql, stmt);
	*ret_end = r > 0 ? sqlite_u64(stmt, 2) : STORE_SQLITE_ALL;
	sqlite_give(&walk->lite->sql, SQL_BLOCK_AT, stmt);
	return r < 0 ? r : 0;
}

/* 1: there is something to walk. */
static int set_bounds(struct walk *walk)
{
	const struct store_sqlite_gone *gone = store_sqlite_gone_find(walk->lite, walk->box);
	uint64_t bound = tail_bound(&walk->lite->tail, walk->box);

	walk->low = tail_first(&walk->lite->tail, walk->box);
	walk->high = bound > STORE_SQLITE_ALL ? STORE_SQLITE_ALL : bound - 1;
	if (gone && gone->below > walk->low)
		walk->low = gone->below;
	if (walk->step > 0 && walk->from > walk->low)
		walk->low = walk->from;
	if (walk->step < 0 && walk->from < walk->high)
		walk->high = walk->from;
	return bound > 0 && walk->low <= walk->high;
}

static int walk_tables(struct walk *walk)
{
	unsigned which = walk->step > 0 ? SQL_WALK_UP : SQL_WALK_DOWN;
	uint64_t edge = walk->low;
	sqlite3_stmt *stmt;
	int r = walk->step > 0 ? 0 : find_end(walk, &edge);

	if (r < 0)
		return r;
	r = sqlite_take(&walk->lite->sql, which, &stmt);
	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, walk->box);
	sqlite_bind(stmt, 2, edge);
	while ((r = sqlite_step(&walk->lite->sql, stmt)) > 0) {
		if (walk->step > 0 ? sqlite_u64(stmt, 1) > walk->high : sqlite_u64(stmt, 2) < walk->low) {
			r = 0;
			break;
		}
		r = show_block(walk, sqlite_slice(stmt, 0));
		if (r)
			break;
	}
	sqlite_give(&walk->lite->sql, which, stmt);
	return r;
}

static int show_ref(struct walk *walk, struct tail_ref ref)
{
	struct store_inst inst;

	if (walk->sizes_only)
		return show_sizes(walk, ref.inst->seq, ref.inst->ct, ref.inst->et, ref.inst->cs);
	arena_reset(&walk->arena);
	tail_read(ref, &walk->arena, &inst);
	keep(&walk->arena, &inst); /* the callback may write, and the batch move */
	return walk->fn(walk->user, &inst);
}

static int walk_tail(struct walk *walk)
{
	uint64_t at = walk->from;
	struct tail_ref ref;
	int r = 0;

	while (!r && tail_next(&walk->lite->tail, walk->box, at, walk->step, &ref)) {
		at = ref.inst->seq;
		r = show_ref(walk, ref);
		if (walk->step > 0 ? at == UINT64_MAX : at == 0)
			break;
		at = walk->step > 0 ? at + 1 : at - 1;
	}
	return r;
}

int store_sqlite_walk(struct store *store, uint64_t box, uint64_t from, int step, bool sizes_only,
                      store_inst_fn *fn, void *user)
{
	struct store_sqlite *lite = store_sqlite_of(store);
	struct walk walk = {
	        .lite = lite,
	        .box = box,
	        .from = from,
	        .step = step,
	        .sizes_only = sizes_only,
	        .fn = fn,
	        .user = user,
	};
	int r = 0;

	if (lite->failed)
		return -EROFS;
	arena_init(&walk.arena);
	if (step < 0)
		r = walk_tail(&walk);
	if (!r && set_bounds(&walk))
		r = walk_tables(&walk);
	if (!r && step > 0)
		r = walk_tail(&walk);
	arena_finish(&walk.arena);
	return r;
}

/* --- labels, early ones --- */

/* Shows box and seq of each row that is not hidden and, with a pattern, whose label matches. */
static int show_keys(struct store_sqlite *lite, unsigned which, sqlite3_stmt *stmt,
                     const struct slice *pattern, store_label_fn *fn, void *user)
{
	int r;

	while ((r = sqlite_step(&lite->sql, stmt)) > 0) {
		uint64_t box = sqlite_u64(stmt, 0), seq = sqlite_u64(stmt, 1);

		if (pattern && !slice_matches(sqlite_slice(stmt, 2), *pattern))
			continue;
		r = is_hidden(lite, box, seq) ? 0 : fn(user, box, seq);
		if (r)
			break;
	}
	sqlite_give(&lite->sql, which, stmt);
	return r;
}

/* The labels that begin with `prefix` are those from it up to it with its last byte one higher. */
static int walk_pattern(struct store_sqlite *lite, struct slice pattern, size_t prefix, store_label_fn *fn,
                        void *user)
{
	struct arena arena;
	sqlite3_stmt *stmt;
	char *end;
	int r = sqlite_take(&lite->sql, SQL_LABELS, &stmt);

	if (r < 0)
		return r;
	arena_init(&arena);
	end = arena_text(&arena, slice_make(pattern.ptr, prefix));
	sqlite_bind_text(stmt, 1, slice_make(pattern.ptr, prefix));
	if (prefix && (unsigned char)end[prefix - 1] < 0xff) {
		end[prefix - 1]++;
		sqlite_bind_text(stmt, 2, slice_make(end, prefix));
	} else {
		sqlite_bind_blob(stmt, 2, SLICE("")); /* every text is smaller than every blob */
	}
	r = show_keys(lite, SQL_LABELS, stmt, &pattern, fn, user);
	arena_finish(&arena);
	return r;
}

int store_sqlite_walk_label(struct store *store, struct slice label, store_label_fn *fn, void *user)
{
	struct store_sqlite *lite = store_sqlite_of(store);
	const char *star = label.len ? memchr(label.ptr, '*', label.len) : NULL;
	sqlite3_stmt *stmt;
	int r;

	if (lite->failed)
		return -EROFS;
	if (star) {
		r = walk_pattern(lite, label, (size_t)(star - label.ptr), fn, user);
	} else {
		r = sqlite_take(&lite->sql, SQL_LABEL, &stmt);
		if (r < 0)
			return r;
		sqlite_bind_text(stmt, 1, label);
		r = show_keys(lite, SQL_LABEL, stmt, NULL, fn, user);
	}
	return r ? r : tail_walk_label(&lite->tail, label, fn, user);
}

int store_sqlite_walk_early(struct store *store, int64_t now, store_label_fn *fn, void *user)
{
	struct store_sqlite *lite = store_sqlite_of(store);
	sqlite3_stmt *stmt;
	int r;

	if (lite->failed)
		return -EROFS;
	r = sqlite_take(&lite->sql, SQL_EARLY, &stmt);
	if (r < 0)
		return r;
	sqlite_bind(stmt, 1, (uint64_t)now);
	r = show_keys(lite, SQL_EARLY, stmt, NULL, fn, user);
	return r ? r : tail_walk_early(&lite->tail, now, fn, user);
}
