/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite store: making it, filling its batch, and the table of its functions. What each part does stands
 * in store_sqlite.h. */
#include "store/store_sqlite.h"
#include "base/clock.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the batch --- */

static void op_add(struct store_sqlite *lite, const struct store_sqlite_op *op)
{
	if (lite->op_count == lite->op_cap) {
		lite->op_cap = lite->op_cap ? lite->op_cap * 2 : 64;
		lite->ops = mem_grow(lite->ops, lite->op_cap, sizeof(*lite->ops));
	}
	lite->ops[lite->op_count++] = *op;
}

static void put(struct store *store, const struct store_row *row)
{
	struct store_sqlite *lite = store_sqlite_of(store);
	struct store_sqlite_op op = {.row = *row};

	assert(row->no > row->parent);
	op.row.ri = arena_copy(&lite->batch, row->ri);
	op.row.rn = arena_copy(&lite->batch, row->rn);
	op.row.body = arena_copy(&lite->batch, row->body);
	op_add(lite, &op);
}

static void record(struct store *store, const struct journal_record *what)
{
	bool ok = tail_add(&store_sqlite_of(store)->tail, what);

	assert(ok); /* an instance's number is higher than all before it */
	(void)ok;
}

static void drop_row(struct store *store, uint64_t no)
{
	op_add(store_sqlite_of(store), &(struct store_sqlite_op){.remove = true, .row.no = no});
	record(store, &(struct journal_record){.kind = JOURNAL_REMOVE, .no = no});
}

static void append(struct store *store, const struct store_inst *inst, const struct store_box *box)
{
	assert(inst->box == box->no && inst->seq < box->next);
	record(store, &(struct journal_record){.kind = JOURNAL_APPEND, .box = *box, .inst = *inst});
}

static void drop(struct store *store, uint64_t seq, const struct store_box *box)
{
	record(store, &(struct journal_record){.kind = JOURNAL_DROP, .box = *box, .inst.seq = seq});
}

static void trim(struct store *store, const struct store_box *box)
{
	record(store, &(struct journal_record){.kind = JOURNAL_TRIM, .box = *box});
}

static void set_box(struct store *store, const struct store_box *box)
{
	record(store, &(struct journal_record){.kind = JOURNAL_BOX, .box = *box});
}

static void note(struct store *store, const struct store_note *what)
{
	record(store, &(struct journal_record){.kind = JOURNAL_NOTE, .note = *what});
}

static void note_done(struct store *store, uint64_t id)
{
	record(store, &(struct journal_record){.kind = JOURNAL_NOTE_DONE, .no = id});
}

static bool is_dirty(const struct store *store)
{
	const struct store_sqlite *lite = store_sqlite_of(store);

	return lite->op_count > 0 || tail_is_dirty(&lite->tail);
}

static void stats(const struct store *store, struct store_stats *ret)
{
	const struct store_sqlite *lite = store_sqlite_of(store);

	*ret = lite->stats;
	ret->journal = lite->tail.now->records + (lite->tail.old ? lite->tail.old->records : 0);
}

/* --- making and destroying --- */

static void destroy(struct store *store)
{
	struct store_sqlite *lite = store_sqlite_of(store);

	if (!store)
		return;
	sqlite_close(&lite->sql);
	tail_finish(&lite->tail);
	store_sqlite_fold_forget(lite);
	store_sqlite_gone_forget(lite);
	arena_finish(&lite->batch);
	free(lite->ops);
	if (lite->lock >= 0)
		close(lite->lock);
	free(lite->dir);
	free(lite->path);
	free(lite);
}

static const struct store_ops sqlite_ops = {
        .name = "sqlite",
        .destroy = destroy,
        .load = store_sqlite_load,
        .put = put,
        .remove = drop_row,
        .append = append,
        .drop = drop,
        .trim = trim,
        .set_box = set_box,
        .note = note,
        .note_done = note_done,
        .commit = store_sqlite_commit,
        .is_dirty = is_dirty,
        .tend = store_sqlite_tend,
        .get = store_sqlite_get,
        .find_name = store_sqlite_find_name,
        .walk = store_sqlite_walk,
        .walk_label = store_sqlite_walk_label,
        .walk_early = store_sqlite_walk_early,
        .backup = store_sqlite_copy,
        .check = store_sqlite_check,
        .stats = stats,
};

static int on_commit(void *user, sqlite3 *db, const char *name, int pages)
{
	struct store_sqlite *lite = user;

	lite->wal_pages = pages > 0 ? (size_t)pages : 0;
	return SQLITE_OK;
}

static int open_as(struct store_sqlite *lite, enum sqlite_mode mode, struct why *why)
{
	int r = sqlite_open(&lite->sql, lite->path, mode, store_sqlite_texts);

	if (r < 0)
		return store_sqlite_say(why, r, "%s cannot be opened: %s", lite->path, strerror(-r));
	r = store_sqlite_schema(&lite->sql, lite->read_only, lite->path, why);
	if (r < 0)
		sqlite_close(&lite->sql);
	return r;
}

/* A reader needs a place for the log's index beside the file. On a medium that cannot be written there is
 * none; then nobody writes, and the file alone is enough if it has no log. */
static int open_to_read(struct store_sqlite *lite, struct why *why)
{
	int r = open_as(lite, SQL_READ, why);
	struct stat st;
	char *wal;

	if (r != -EACCES && r != -EROFS)
		return r;
	wal = store_sqlite_path(lite->dir, STORE_SQLITE_FILE "-wal");
	if (stat(wal, &st) < 0 || st.st_size == 0)
		r = open_as(lite, SQL_FROZEN, why);
	free(wal);
	return r;
}

static int open_to_write(struct store_sqlite *lite, struct why *why)
{
	int fd = open(lite->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), r;

	/* Only a fresh file is ever closed here: closing one that SQLite has open would lose its locks. */
	if (fd < 0 && errno != EEXIST)
		return store_sqlite_say(why, -errno, "%s cannot be made: %s", lite->path, strerror(errno));
	if (fd >= 0)
		close(fd);
	r = open_as(lite, SQL_WRITE, why);
	if (r == 0 && fd >= 0)
		r = store_sqlite_sync_dir(lite->dir);
	return r;
}

static int open_file(struct store_sqlite *lite, struct why *why)
{
	int r = lite->read_only ? open_to_read(lite, why) : open_to_write(lite, why);

	if (r < 0)
		return r;
	sqlite3_wal_hook(lite->sql.db, on_commit, lite);
	r = store_sqlite_replay(lite);
	return r < 0 ? store_sqlite_say(why, r, "%s: its journal cannot be read", lite->path) : 0;
}

int store_sqlite_create(const struct store_config *config, struct why *why, struct store **ret)
{
	struct store_sqlite *lite = mem_zero(1, sizeof(*lite));
	int r = 0;

	if (why)
		why->text[0] = 0;
	*lite = (struct store_sqlite){
	        .store.ops = &sqlite_ops,
	        .lock = -1,
	        .read_only = config->read_only,
	        .fold_at = config->fold_at ? config->fold_at : STORE_SQLITE_FOLD_AT,
	        .last_commit = clock_wall_steady(),
	};
	arena_init(&lite->batch);
	map_init(&lite->gone);
	tail_init(&lite->tail);
	lite->dir = store_sqlite_path(config->dir, NULL);
	lite->path = store_sqlite_path(config->dir, STORE_SQLITE_FILE);
	if (!lite->read_only)
		r = store_sqlite_make_dir(lite->dir, why);
	if (r == 0 && !lite->read_only)
		r = store_sqlite_lock(lite->dir, why, &lite->lock);
	if (r == 0)
		r = open_file(lite, why);
	if (r < 0) {
		destroy(&lite->store);
		return r;
	}
	*ret = &lite->store;
	return 0;
}
