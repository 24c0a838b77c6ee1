/* SPDX-License-Identifier: Apache-2.0 */
/* What only the SQLite store promises: the lock, versions, backups, reading beside a node, and fsck's eye. */
#include "base/log.h"
#include "base/unit.h"
#include "store/sqlite.h"
#include "store/store_admin.h"
#include "store/store_dir.h"
#include "store/store_world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_as(const char *dir, bool read_only, struct why *why, struct store **ret)
{
	struct store_config config = {.dir = dir, .fold_at = 16, .read_only = read_only};

	return store_sqlite_create(&config, why, ret);
}

static struct store *open_store(const char *dir)
{
	struct store *store = NULL;
	struct why why;
	int r = open_as(dir, false, &why, &store);

	if (r < 0)
		print_error("%s\n", why.text);
	assert_int_equal(r, 0);
	return store;
}

static void close_store(struct store *store)
{
	store->ops->destroy(store);
}

static void path_in(char *path, size_t size, const char *dir, const char *name)
{
	snprintf(path, size, "%s/%s", dir, name);
}

/* Runs SQL on the file of a store that is closed. */
static void meddle(const char *dir, const char *text)
{
	char path[256];
	struct sqlite sql;
	int r;

	path_in(path, sizeof(path), dir, "dure.db");
	assert_int_equal(sqlite_open(&sql, path, SQL_WRITE, NULL), 0);
	r = sqlite_exec(&sql, text);
	if (r < 0)
		print_error("%s\n", sqlite3_errmsg(sql.db));
	assert_int_equal(r, 0);
	sqlite_close(&sql);
}

static void fold_all(struct store *store)
{
	int r;

	do {
		r = store->ops->tend(store, 1000000);
	} while (r > 0);
	assert_int_equal(r, 0);
}

static void live(struct world *world, int steps)
{
	for (int i = 0; i < steps; i++) {
		world_step(world);
		if (i % 10 == 9)
			assert_int_equal(world_commit(world), 0);
	}
	assert_int_equal(world_commit(world), 0);
}

static void assert_same(const struct world *world, struct store *a, struct store *b)
{
	struct buf x, y;

	buf_init(&x, NULL);
	buf_init(&y, NULL);
	world_dump(world, a, &x);
	world_dump(world, b, &y);
	assert_true(slice_is(buf_slice(&x), buf_slice(&y)));
	buf_finish(&x);
	buf_finish(&y);
}

static void tell(void *user, const char *sentence)
{
	print_error("check: %s\n", sentence);
}

static void keep(void *user, const char *sentence)
{
	buf_printf(user, "%s\n", sentence);
}

/* --- files and locks --- */

UNIT(directory_and_file_are_private)
{
	char *dir = store_dir_create(), inner[256], path[300];
	struct store *store;
	struct stat st;

	path_in(inner, sizeof(inner), dir, "data");
	store = open_store(inner);
	assert_int_equal(stat(inner, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	path_in(path, sizeof(path), inner, "dure.db");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	path_in(path, sizeof(path), inner, "dure.db-wal");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	close_store(store);
	store_dir_destroy(strdup(inner));
	store_dir_destroy(dir);
}

UNIT(two_nodes_never_share)
{
	char *dir = store_dir_create(), pid[32];
	struct store *store = open_store(dir), *second;
	struct why why;

	snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
	assert_int_equal(open_as(dir, false, &why, &second), -EBUSY);
	assert_non_null(strstr(why.text, pid));
	close_store(store);
	close_store(open_store(dir));
	store_dir_destroy(dir);
}

UNIT(tool_reads_beside_the_node)
{
	char *dir = store_dir_create();
	struct store *store = open_store(dir), *tool;
	struct world *world = world_create(3, store, NULL);
	struct why why;

	live(world, 200);
	assert_int_equal(open_as(dir, true, &why, &tool), 0);
	assert_same(world, store, tool);
	live(world, 200);
	assert_true(store->ops->tend(store, 300) >= 0);
	assert_same(world, store, tool); /* load sees what came since */
	assert_int_equal(tool->ops->check(tool, tell, NULL), 0);
	world->stores[0] = tool;
	world_note(world, 0);
	assert_int_equal(world_commit(world), -EROFS);
	close_store(tool);
	close_store(store);
	world_destroy(world);
	store_dir_destroy(dir);
}

UNIT(strangers_and_the_future_are_refused)
{
	char *dir = store_dir_create(), path[256];
	struct store *store;
	struct why why;
	FILE *file;

	close_store(open_store(dir));
	meddle(dir, "UPDATE meta SET value = 3 WHERE key = 'schema'");
	assert_int_equal(open_as(dir, false, &why, &store), -EBADMSG);
	assert_non_null(strstr(why.text, "newer"));
	meddle(dir, "PRAGMA application_id = 7");
	assert_int_equal(open_as(dir, false, &why, &store), -EBADMSG);
	path_in(path, sizeof(path), dir, "dure.db");
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is a letter, not a store\n", file);
	fclose(file);
	assert_int_equal(open_as(dir, false, &why, &store), -EBADMSG);
	assert_true(why.text[0]);
	assert_int_equal(open_as("/proc/none", false, &why, &store), -ENOENT);
	assert_true(why.text[0]);
	store_dir_destroy(dir);
}

/* --- versions --- */

static char *read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	ssize_t got;

	assert_non_null(file);
	got = getdelim(&text, &size, 0, file);
	assert_true(got > 0);
	fclose(file);
	return text;
}

static int count_key(void *user, uint64_t box, uint64_t seq)
{
	++*(int *)user;
	return 0;
}

static int print_seq(void *user, const struct store_inst *inst)
{
	buf_printf(user, " %d%s%.*s", (int)inst->seq, inst->early ? "!" : "", SLICE_ARG(inst->rn));
	return 0;
}

static int print_box(void *user, const struct store_box *box)
{
	buf_printf(user, "box %d next %d first %d cni %d;", (int)box->no, (int)box->next, (int)box->first,
	           (int)box->cni);
	return 0;
}

static int print_row(void *user, const struct store_row *row)
{
	buf_printf(user, "row %d %.*s;", (int)row->no, SLICE_ARG(row->rn));
	return 0;
}

static int print_note(void *user, const struct store_note *note)
{
	buf_printf(user, "note %d of %d;", (int)note->id, (int)note->row);
	return 0;
}

/* src/store/testdata/v1.sql: two boxes, blocks of 1-3 and 5-6 (4 dropped) in box 2, its 7 still in the
 * journal. */
UNIT(version_1_is_brought_up)
{
	char *dir = store_dir_create(), path[256], *text = read_text(TESTDATA "/v1.sql");
	struct store *store;
	struct buf out;
	struct store_reader reader = {print_row, print_box, print_note, &out};
	int early = 0;
	uint64_t seq;
	struct why why;

	path_in(path, sizeof(path), dir, "dure.db");
	fclose(fopen(path, "w"));
	meddle(dir, text);
	assert_int_equal(open_as(dir, true, &why, &store), -EBADMSG); /* a tool does not change it */
	store = open_store(dir);
	buf_init(&out, NULL);
	for (int round = 0; round < 2; round++) {
		out.len = 0;
		assert_int_equal(store->ops->load(store, &reader), 0);
		assert_int_equal(store->ops->walk(store, 2, 0, 1, false, print_seq, &out), 0);
		assert_slice(buf_slice(&out), "row 1 cse;row 2 kwh;row 3 water;box 3 next 2 first 1 cni 1;"
		                              "box 2 next 8 first 1 cni 6;note 4 of 2; 1 2! 3named 5 6! 7");
		early = 0;
		assert_int_equal(store->ops->walk_early(store, INT64_MAX, count_key, &early), 0);
		assert_int_equal(early, 2);
		assert_int_equal(store->ops->find_name(store, 2, SLICE("named"), &seq), 0);
		assert_int_equal(seq, 3);
		assert_int_equal(store->ops->check(store, tell, NULL), 0);
		close_store(store);
		store = open_store(dir);
	}
	buf_finish(&out);
	close_store(store);
	free(text);
	store_dir_destroy(dir);
}

/* --- backup and restore --- */

static int count_steps(void *user, uint64_t done, uint64_t all)
{
	assert_true(done <= all);
	return ++*(int *)user < 0;
}

static int stop_at_once(void *user, uint64_t done, uint64_t all)
{
	return 1;
}

UNIT(backup_is_a_store)
{
	char *dir = store_dir_create(), *other = store_dir_create(), path[256];
	struct store *store = open_store(dir), *copy;
	struct world *world = world_create(5, store, NULL);
	struct why why;
	int steps = 0;

	live(world, 500);
	assert_true(store->ops->tend(store, 200) >= 0);
	path_in(path, sizeof(path), other, "dure.db");
	assert_int_equal(store_sqlite_backup(dir, path, stop_at_once, NULL, &why), -ECANCELED);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(store_sqlite_backup(dir, path, count_steps, &steps, &why), 0);
	assert_true(steps > 0);
	assert_int_equal(store_sqlite_backup(dir, path, NULL, NULL, &why), -EEXIST);
	copy = open_store(other);
	assert_same(world, store, copy);
	assert_int_equal(copy->ops->check(copy, tell, NULL), 0);
	close_store(copy);
	path_in(path, sizeof(path), other, "second.db");
	assert_int_equal(store->ops->backup(store, path), 0);
	assert_int_equal(store_sqlite_backup("/nowhere", path, NULL, NULL, &why), -ENOENT);
	live(world, 100);
	close_store(store);
	world_destroy(world);
	store_dir_destroy(dir);
	store_dir_destroy(other);
}

struct writer {
	struct world *world;
	int steps;
};

/* The node goes on between the pages of a backup. */
static int write_on(void *user, uint64_t done, uint64_t all)
{
	struct writer *writer = user;
	struct store *store = writer->world->stores[0];

	live(writer->world, 50);
	assert_true(store->ops->tend(store, 2000) >= 0);
	writer->steps++;
	return 0;
}

UNIT(backup_while_writing_shows_one_moment)
{
	char *dir = store_dir_create(), *other = store_dir_create(), path[256];
	struct store *store = open_store(dir), *copy;
	struct world *world = world_create(6, store, NULL);
	struct writer writer = {world, 0};
	struct buf before, after;
	struct world *then;
	struct why why;

	for (int i = 0; i < 8; i++) {
		live(world, 2000);
		fold_all(store);
	}
	buf_init(&before, NULL);
	buf_init(&after, NULL);
	world_dump(world, store, &before);
	then = malloc(sizeof(*then));
	assert_non_null(then);
	*then = *world; /* which boxes to look at */
	path_in(path, sizeof(path), other, "dure.db");
	assert_int_equal(store_sqlite_backup(dir, path, write_on, &writer, &why), 0);
	assert_true(writer.steps > 0);
	copy = open_store(other);
	world_dump(then, copy, &after);
	assert_true(slice_is(buf_slice(&before), buf_slice(&after)));
	assert_int_equal(copy->ops->check(copy, tell, NULL), 0);
	close_store(copy);
	fold_all(store);
	close_store(store);
	buf_finish(&before);
	buf_finish(&after);
	world_destroy(world);
	free(then);
	store_dir_destroy(dir);
	store_dir_destroy(other);
}

UNIT(restore_replaces_all_or_nothing)
{
	char *dir = store_dir_create(), *old = store_dir_create(), *crash, path[256], junk[256];
	struct store *store = open_store(dir), *other = open_store(old);
	struct world *world = world_create(7, store, NULL), *lost = world_create(8, other, NULL);
	struct why why;
	FILE *file;

	live(world, 300);
	live(lost, 300);
	path_in(path, sizeof(path), old, "backup");
	assert_int_equal(store->ops->backup(store, path), 0);
	assert_int_equal(store_sqlite_restore(path, old, &why), -EBUSY);
	crash = store_dir_crash(old); /* with a log that must not meet the new file */
	close_store(other);
	path_in(junk, sizeof(junk), dir, "junk");
	file = fopen(junk, "w");
	fputs("SQLite format 3", file);
	fclose(file);
	assert_int_equal(store_sqlite_restore(junk, crash, &why), -EBADMSG);
	assert_int_equal(store_sqlite_restore("/nowhere", crash, &why), -ENOENT);
	assert_int_equal(store_sqlite_restore(path, crash, &why), 0);
	other = open_store(crash);
	assert_same(world, store, other);
	assert_int_equal(other->ops->check(other, tell, NULL), 0);
	close_store(other);
	close_store(store);
	world_destroy(world);
	world_destroy(lost);
	store_dir_destroy(dir);
	store_dir_destroy(old);
	store_dir_destroy(crash);
}

/* --- fsck's eye --- */

struct damage {
	const char *sql, *sentence;
};

static const struct damage damages[] = {
        {"UPDATE res SET parent = 999 WHERE no = 3", "row 3 stands under 999, which is not there"},
        {"UPDATE res SET rn = (SELECT rn FROM res WHERE no = 3), parent = 1 WHERE no IN (3, 4)",
         "children named"},
        {"UPDATE res SET ri = 'same' WHERE no IN (3, 4)", "2 rows have the identifier \"same\""},
        {"UPDATE box SET cni = cni + 1 WHERE no = 2", "box 2: "},
        {"UPDATE box SET cbs = cbs + 1 WHERE no = 2", "box 2: "},
        {"UPDATE box SET next = first WHERE no = 2", "box 2: instance "},
        {"DELETE FROM res WHERE no = (SELECT max(no) FROM res)", "belongs to no row"},
        {"DELETE FROM box WHERE no = 2", "instances stand under box 2, which is not there"},
        {"DELETE FROM label WHERE (label, box, seq) IN (SELECT label, box, seq FROM label LIMIT 1)",
         "is not found by its label"},
        {"INSERT INTO label VALUES('lost', 2, 1)", "rows lead to instances by their labels"},
        {"DELETE FROM name WHERE (box, rn) IN (SELECT box, rn FROM name LIMIT 1)",
         "is not found by its name"},
        {"INSERT INTO name VALUES(2, 'lost', 1)", "rows lead to instances by their names"},
        {"DELETE FROM early WHERE (et, box, seq) IN (SELECT et, box, seq FROM early LIMIT 1)",
         "by its early end"},
        {"INSERT INTO early VALUES(5, 2, 1)", "rows lead to instances by their early ends"},
        {"UPDATE block SET data = substr(data, 1, length(data) - 1) WHERE id = (SELECT min(id) FROM block)",
         "is broken"},
        {"UPDATE block SET last = last + 100000 WHERE id = (SELECT max(id) FROM block WHERE box = 2)",
         "holds"},
        {"INSERT INTO note VALUES(9999, 8888, '')", "note 9999 belongs to row 8888, which is not there"},
        {"UPDATE box SET first = first + 1, cni = cni + 0 WHERE no = 2", "box 2: "},
};

/* Rows 2 to 5, instances in all of them, everything folded. */
static char *make_sound(void)
{
	char *dir = store_dir_create();
	struct store *store = open_store(dir);
	struct world *world = world_create(11, store, NULL);

	for (size_t place = 0; place < 4; place++) {
		world_put(world, place);
		for (int i = 0; i < 150; i++)
			world_append(world, place);
		world_drop(world, place, 70);
		world_trim(world, place, 100);
		world_note(world, place);
	}
	assert_int_equal(world_commit(world), 0);

	close_store(store);
	store = open_store(dir);
	fold_all(store);
	assert_int_equal(store->ops->check(store, tell, NULL), 0);
	close_store(store);
	world_destroy(world);
	return dir;
}

UNIT(check_tells_every_damage)
{
	char *dir = make_sound();

	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		char *hurt = store_dir_crash(dir);
		struct store *store;
		struct buf said;
		int r;

		meddle(hurt, damages[i].sql);
		store = open_store(hurt);
		buf_init(&said, NULL);
		r = store->ops->check(store, keep, &said);
		buf_add_char(&said, 0);
		if (r <= 0 || !strstr(said.ptr, damages[i].sentence))
			fail_msg("%s: %d breaches: %s", damages[i].sql, r, said.ptr);
		buf_finish(&said);
		close_store(store);
		store_dir_destroy(hurt);
	}
	store_dir_destroy(dir);
}

/* A journal that cannot be read is not guessed at. */
UNIT(broken_journal_is_refused)
{
	char *dir = store_dir_create();
	struct store *store = open_store(dir);
	struct why why;

	close_store(store);
	meddle(dir, "INSERT INTO journal_a VALUES(1, x'0101')");
	assert_int_equal(open_as(dir, false, &why, &store), -EBADMSG);
	assert_non_null(strstr(why.text, "journal"));
	store_dir_destroy(dir);
}

/* --- sizes --- */

UNIT(long_batch_becomes_several_rows)
{
	char *dir = store_dir_create();
	struct store *store = open_store(dir), *mem;
	struct world *world;

	assert_int_equal(store_mem_create(&mem), 0);
	world = world_create(12, mem, store);
	world_put(world, 0);
	world_put(world, 1);
	for (int i = 0; i < 9000; i++)
		world_append(world, (size_t)i % 2);
	assert_int_equal(world_commit(world), 0);
	close_store(store);
	store = open_store(dir);
	assert_same(world, mem, store);
	fold_all(store);
	assert_same(world, mem, store);
	assert_int_equal(store->ops->check(store, tell, NULL), 0);
	close_store(store);
	mem->ops->destroy(mem);
	world_destroy(world);
	store_dir_destroy(dir);
}

/* Without anybody tending, commits keep the journal from growing for ever. With a batch open, tending waits.
 */
UNIT(commits_help_when_nobody_tends)
{
	char *dir = store_dir_create();
	struct store *store = open_store(dir);
	struct world *world = world_create(14, store, NULL);
	struct store_stats stats;

	world_put(world, 0);
	for (int i = 0; i < 3000; i++) {
		world_append(world, 0);
		if (i % 50 == 0)
			assert_int_equal(store->ops->tend(store, 1000), i > 16);
		if (i % 10 == 9)
			assert_int_equal(world_commit(world), 0);
	}
	store->ops->stats(store, &stats);
	assert_true(stats.journal < 1000);
	assert_true(stats.folded > 2000);
	assert_int_equal(store->ops->check(store, tell, NULL), 0);
	close_store(store);
	world_destroy(world);
	store_dir_destroy(dir);
}

static int count_inst(void *user, const struct store_inst *inst)
{
	++*(int *)user;
	return 0;
}

UNIT(large_box_goes_in_slices)
{
	char *dir = store_dir_create();
	struct store *store = open_store(dir);
	struct world *world = world_create(13, store, NULL);
	struct store_inst inst = {.box = 2, .ty = 4, .ct = 5, .lt = 5, .cs = 3, .body = SLICE("\"con\":123")};
	struct store_box *box = &world->boxes[0].state;
	int slices = 0, seen = 0, r;

	world_put(world, 0);
	for (int i = 0; i < 50000; i++) {
		inst.seq = box->next++;
		box->cni++;
		box->cbs += 3;
		store->ops->append(store, &inst, box);
	}
	assert_int_equal(world_commit(world), 0);
	fold_all(store);
	box->first = 40001; /* a long trim */
	box->cni = 10000;
	box->cbs = 30000;
	store->ops->trim(store, box);
	assert_int_equal(world_commit(world), 0);
	assert_int_equal(store->ops->walk(store, 2, 0, 1, true, count_inst, &seen), 0);
	assert_int_equal(seen, 10000);
	assert_int_equal(store->ops->check(store, tell, NULL), 0);
	store->ops->remove(store, 2);
	assert_int_equal(world_commit(world), 0);
	seen = 0;
	assert_int_equal(store->ops->walk(store, 2, 0, 1, true, count_inst, &seen), 0);
	assert_int_equal(seen, 0);
	close_store(store);
	store = open_store(dir); /* it goes on after a restart */
	while ((r = store->ops->tend(store, 200)) > 0)
		slices++;
	assert_int_equal(r, 0);
	assert_true(slices > 1);
	assert_int_equal(store->ops->check(store, tell, NULL), 0);
	close_store(store);
	world_destroy(world);
	store_dir_destroy(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(directory_and_file_are_private),
	        unit(two_nodes_never_share),
	        unit(tool_reads_beside_the_node),
	        unit(strangers_and_the_future_are_refused),
	        unit(version_1_is_brought_up),
	        unit(backup_is_a_store),
	        unit(backup_while_writing_shows_one_moment),
	        unit(restore_replaces_all_or_nothing),
	        unit(check_tells_every_damage),
	        unit(broken_journal_is_refused),
	        unit(long_batch_becomes_several_rows),
	        unit(commits_help_when_nobody_tends),
	        unit(large_box_goes_in_slices),
	};

	log_open(&(struct log_config){.level = LOG_ERROR, .file = "/dev/null"}); /* the faults are meant */
	return unit_main(tests);
}
