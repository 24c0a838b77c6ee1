/* SPDX-License-Identifier: Apache-2.0 */
/* The yardstick of durable writing: SQLite itself appends the rows a node would, one INSERT each, in
 * transactions of the size the node had, with the same pragmas; the log is moved into the file as SQLite does
 * by itself.
 *
 *     raw DIR BATCH SECONDS */
#include "base/clock.h"
#include "store/sqlite.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char content[] = "\"con\":\"0000000000-0123456789\"";

static int insert(sqlite3_stmt *stmt, uint64_t n)
{
	uint64_t now = (uint64_t)clock_wall_steady();

	sqlite_bind(stmt, 1, n * 7919 % 1000 + 2);
	sqlite_bind(stmt, 2, n / 1000 + 1);
	sqlite_bind(stmt, 3, 4);
	sqlite_bind(stmt, 4, now);
	sqlite_bind(stmt, 5, now + 31536000000000);
	sqlite_bind(stmt, 6, n / 1000 + 1);
	sqlite_bind(stmt, 7, 21);
	sqlite_bind_text(stmt, 8, SLICE("Cbench"));
	sqlite_bind_text(stmt, 9, SLICE(content));
	if (sqlite3_step(stmt) != SQLITE_DONE)
		return -1;
	return sqlite3_reset(stmt) == SQLITE_OK ? 0 : -1;
}

static int fill(struct sqlite *sql, sqlite3_stmt *stmt, uint64_t batch, int64_t us)
{
	int64_t begun = clock_wall_steady(), took = 0;
	uint64_t n = 0, commits = 0;

	for (; took < us; took = clock_wall_steady() - begun, commits++) {
		if (sqlite_exec(sql, "BEGIN") < 0)
			return -1;
		for (uint64_t i = 0; i < batch; i++)
			if (insert(stmt, n++) < 0)
				return -1;
		if (sqlite_exec(sql, "COMMIT") < 0)
			return -1;
	}
	printf("rate=%.0f commits=%" PRIu64 " batch=%" PRIu64 "\n", (double)n * 1e6 / (double)took, commits,
	       batch);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t batch, seconds;
	char path[600];
	struct sqlite sql = {0};
	sqlite3_stmt *stmt = NULL;
	FILE *file;
	int r;

	if (argc != 4 || !slice_u64(slice_of(argv[2]), &batch) || !slice_u64(slice_of(argv[3]), &seconds) ||
	    !batch) {
		fputs("usage: raw DIR BATCH SECONDS\n", stderr);
		return 2;
	}
	mkdir(argv[1], 0700);
	snprintf(path, sizeof(path), "%s/raw.db", argv[1]);
	unlink(path);
	file = fopen(path, "we");
	r = file ? sqlite_open(&sql, path, SQL_WRITE, NULL) : -1;
	if (file)
		fclose(file);
	if (r == 0)
		r = sqlite_exec(
		        &sql,
		        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		        "PRAGMA secure_delete = OFF; PRAGMA cache_size = -32768;"
		        "CREATE TABLE j(n INTEGER PRIMARY KEY, box, seq, ty, ct, et, st, cs, cr, body)");
	if (r == 0)
		r = sqlite_prepare(&sql,
		                   "INSERT INTO j(box, seq, ty, ct, et, st, cs, cr, body) "
		                   "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		                   &stmt);
	if (r == 0)
		r = fill(&sql, stmt, batch, (int64_t)seconds * 1000000);
	sqlite3_finalize(stmt);
	sqlite_close(&sql);
	unlink(path);
	if (r != 0)
		fprintf(stderr, "raw: %s: it does not work\n", path);
	return r ? 1 : 0;
}
