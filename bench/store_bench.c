/* SPDX-License-Identifier: Apache-2.0 */
/* What does the store cost? Durable records a second for batches of 1, 64 and 256 over 1,000 boxes:
 *
 *   raw    SQLite itself, the same rows, one INSERT a record into a plain table, same pragmas, same batches
 *   ours   append and commit, nothing folded (only the log is moved into the file, as raw does)
 *   fold   append and commit, tended whenever that is due, until all is folded and the log is in the file
 *
 * and the length of a commit and of a tend that was given 5 ms. Raw and ours take turns, so that a noisy
 * machine is noisy to both.
 *
 *   store_bench [DIRECTORY [RECORDS [LABELS [BATCH]]]]      default: /tmp/dure-store-bench 100000 0 and all
 * three */
#include "base/clock.h"
#include "store/sqlite.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define BOXES  1000
#define ROUNDS 3
#define BUDGET 5000 /* us for tending after a commit */

struct bench {
	const char *dir;
	uint64_t records;
	size_t labels;
	struct store_box boxes[BOXES];
};

static const char body[] = "\"con\":{\"t\":21.4,\"h\":48.2,\"p\":1013.25,\"unit\":\"C\",\"room\":\"kitchen\","
                           "\"when\":\"20261122T093553\"},\"cnf\":\"application/json:0\",\"or\":\"home\"";

static void fail(const char *what, int r)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-r));
	exit(1);
}

static void next_inst(struct bench *bench, uint64_t i, struct store_inst *inst)
{
	static const struct slice labels[] = {
	        {"kitchen", 7}, {"temperature", 11}, {"floor:1", 7}, {"demo", 4}};
	struct store_box *box = &bench->boxes[i * 7919 % BOXES];

	*inst = (struct store_inst){
	        .box = box->no,
	        .seq = box->next++,
	        .ty = 4,
	        .ct = 1795340153000000 + (int64_t)i * 25,
	        .lt = 1795340153000000 + (int64_t)i * 25,
	        .et = 1826876153000000 + (int64_t)i * 25,
	        .st = box->next,
	        .cs = 96,
	        .cr = SLICE("Csensor-0042"),
	        .body = slice_of(body),
	        .labels = labels,
	        .label_count = bench->labels,
	};
	box->cni++;
	box->cbs += inst->cs;
	box->st++;
	box->lt = inst->ct;
}

static char *fresh_dir(struct bench *bench, const char *name)
{
	static char dir[512];
	char command[1200];

	snprintf(dir, sizeof(dir), "%s/%s", bench->dir, name);
	snprintf(command, sizeof(command), "rm -rf '%s' && mkdir -p '%s'", dir, dir);
	if (system(command) != 0)
		exit(1);
	for (size_t i = 0; i < BOXES; i++)
		bench->boxes[i] = (struct store_box){.no = i + 2, .next = 1, .first = 1};
	return dir;
}

/* --- raw --- */

static void raw_insert(sqlite3_stmt *stmt, const struct store_inst *inst)
{
	sqlite_bind(stmt, 1, inst->box);
	sqlite_bind(stmt, 2, inst->seq);
	sqlite_bind(stmt, 3, inst->ty);
	sqlite_bind(stmt, 4, (uint64_t)inst->ct);
	sqlite_bind(stmt, 5, (uint64_t)inst->et);
	sqlite_bind(stmt, 6, inst->st);
	sqlite_bind(stmt, 7, inst->cs);
	sqlite_bind_text(stmt, 8, inst->cr);
	sqlite_bind_text(stmt, 9, inst->body);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		fail("raw insert", -EIO);
	sqlite3_reset(stmt);
}

static sqlite3_stmt *raw_open(struct bench *bench, struct sqlite *sql)
{
	sqlite3_stmt *stmt = NULL;
	char path[600];
	FILE *file;
	int r;

	snprintf(path, sizeof(path), "%s/raw.db", fresh_dir(bench, "raw"));
	file = fopen(path, "w");
	if (file)
		fclose(file);
	r = sqlite_open(sql, path, SQL_WRITE, NULL);
	if (r == 0)
		r = sqlite_exec(
		        sql, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		             "PRAGMA secure_delete = OFF; PRAGMA cache_size = -32768;"
		             "CREATE TABLE j(n INTEGER PRIMARY KEY, box, seq, ty, ct, et, st, cs, cr, body)");
	if (r == 0)
		r = sqlite_prepare(sql,
		                   "INSERT INTO j(box, seq, ty, ct, et, st, cs, cr, body) "
		                   "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		                   &stmt);
	if (r < 0)
		fail("raw", r);
	return stmt;
}

static double raw(struct bench *bench, uint64_t batch, uint64_t records)
{
	struct store_inst inst;
	struct sqlite sql;
	sqlite3_stmt *stmt = raw_open(bench, &sql);
	int64_t begun = clock_wall_steady();

	for (uint64_t i = 0; i < records; i += batch) {
		sqlite_exec(&sql, "BEGIN");
		for (uint64_t k = 0; k < batch; k++) {
			next_inst(bench, i + k, &inst);
			raw_insert(stmt, &inst);
		}
		if (sqlite_exec(&sql, "COMMIT") < 0)
			fail("raw commit", -EIO);
	}
	begun = clock_wall_steady() - begun;
	sqlite3_finalize(stmt);
	sqlite_close(&sql);
	return (double)records * 1e6 / (double)begun;
}

/* --- ours --- */

struct ours {
	double rate;         /* records/s */
	double commit_us;    /* mean */
	int64_t commit_most; /* us */
	int64_t tend_most;   /* us */
};

static struct store *open_store(struct bench *bench, size_t fold_at)
{
	struct store_config config = {.dir = fresh_dir(bench, "ours"), .fold_at = fold_at};
	struct store *store;
	struct why why;
	int r = store_sqlite_create(&config, &why, &store);

	if (r < 0)
		fail(why.text, r);
	for (uint64_t no = 1; no <= BOXES + 1; no++)
		store->ops->put(store,
		                &(struct store_row){.no = no, .parent = no > 1, .ty = 3, .body = SLICE("x")});
	r = store->ops->commit(store);
	if (r < 0)
		fail("rows", r);
	return store;
}

static int64_t tend(struct store *store, int64_t budget, int *ret_more)
{
	int64_t begun = clock_wall_steady();

	*ret_more = store->ops->tend(store, budget);
	if (*ret_more < 0)
		fail("tend", *ret_more);
	return clock_wall_steady() - begun;
}

static struct ours ours(struct bench *bench, uint64_t batch, uint64_t records, bool with_fold)
{
	struct store *store = open_store(bench, with_fold ? 0 : SIZE_MAX / 16);
	struct ours ret = {0};
	struct store_inst inst;
	struct store_stats stats;
	int64_t begun = clock_wall_steady(), took;
	int more = 1, r;

	for (uint64_t i = 0; i < records; i += batch) {
		for (uint64_t k = 0; k < batch; k++) {
			next_inst(bench, i + k, &inst);
			store->ops->append(store, &inst, &bench->boxes[inst.box - 2]);
		}
		r = store->ops->commit(store);
		if (r < 0)
			fail("commit", r);
		took = tend(store, BUDGET, &more);
		if (took > ret.tend_most)
			ret.tend_most = took;
	}
	while (more > 0)
		tend(store, 20000, &more);
	begun = clock_wall_steady() - begun;
	store->ops->stats(store, &stats);
	ret.rate = (double)records * 1e6 / (double)begun;
	ret.commit_us = (double)stats.commit_us_sum / (double)stats.commits;
	ret.commit_most = (int64_t)stats.commit_us_max;
	store->ops->destroy(store);
	return ret;
}

static void compare(struct bench *bench, uint64_t batch)
{
	uint64_t records = (batch == 1 ? bench->records / 5 : bench->records) / batch * batch;
	double best_raw = 0;
	struct ours plain = {0}, folded = {0}, now;

	for (int i = 0; i < ROUNDS; i++) {
		double rate = raw(bench, batch, records);

		best_raw = rate > best_raw ? rate : best_raw;
		now = ours(bench, batch, records, false);
		plain = now.rate > plain.rate ? now : plain;
		now = ours(bench, batch, records, true);
		folded = now.rate > folded.rate ? now : folded;
	}
	printf("%5llu  %9.0f  %9.0f  %5.2f  %9.0f  %5.2f  %9.0f  %9lld  %9lld\n", (unsigned long long)batch,
	       best_raw, plain.rate, plain.rate / best_raw, folded.rate, folded.rate / best_raw,
	       plain.commit_us, (long long)plain.commit_most, (long long)folded.tend_most);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static struct bench bench = {.dir = "/tmp/dure-store-bench", .records = 100000};
	static const uint64_t batches[] = {1, 64, 256};
	uint64_t only = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;

	if (argc > 1)
		bench.dir = argv[1];
	if (argc > 2)
		bench.records = strtoull(argv[2], NULL, 10);
	if (argc > 3)
		bench.labels = strtoull(argv[3], NULL, 10) % 5;
	mkdir(bench.dir, 0700);
	printf("batch      raw/s     ours/s  ratio     fold/s  ratio  commit us    longest  tend most\n");
	for (size_t i = 0; i < 3; i++)
		if (!only || only == batches[i])
			compare(&bench, batches[i]);
	return 0;
}
