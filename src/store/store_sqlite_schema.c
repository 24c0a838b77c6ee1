/* SPDX-License-Identifier: Apache-2.0 */
/* The tables and their history. A new file gets the newest; an older one is brought up step by step, each
 * step one transaction; one from the future is refused, for we would break what we do not know.
 *
 *   1  the first (src/store/testdata/v1.sql)
 *   2  tables early and gone */
#include "base/log.h"
#include "store/store_sqlite.h"

#include <errno.h>
#include <stdio.h>

/* Instances stand in blocks of up to 64 of one box, written in the order in which they are folded: no page is
 * split, and neighbours in time are neighbours in the file. (Measured: one row per instance, clustered by box
 * and number, folds at half the speed.) No index on res: it is read only as a whole; what must be unique
 * there is the engine's care and fsck's. */
static const char schema_text[] =
        "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
        "CREATE TABLE res(no INTEGER PRIMARY KEY, parent INTEGER NOT NULL, ty INTEGER NOT NULL, ri TEXT NOT "
        "NULL,"
        " rn TEXT NOT NULL, ct INTEGER NOT NULL, lt INTEGER NOT NULL, et INTEGER NOT NULL, body TEXT NOT "
        "NULL);"
        "CREATE TABLE box(no INTEGER PRIMARY KEY, next INTEGER NOT NULL, first INTEGER NOT NULL,"
        " cni INTEGER NOT NULL, cbs INTEGER NOT NULL, st INTEGER NOT NULL, lt INTEGER NOT NULL);"
        "CREATE TABLE block(id INTEGER PRIMARY KEY, box INTEGER NOT NULL, first INTEGER NOT NULL,"
        " last INTEGER NOT NULL, data BLOB NOT NULL);"
        "CREATE UNIQUE INDEX block_box ON block(box, last, first);"
        "CREATE TABLE early(et INTEGER NOT NULL, box INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " PRIMARY KEY(et, box, seq)) WITHOUT ROWID;"
        "CREATE TABLE label(label TEXT NOT NULL, box INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " PRIMARY KEY(label, box, seq)) WITHOUT ROWID;"
        "CREATE TABLE name(box INTEGER NOT NULL, rn TEXT NOT NULL, seq INTEGER NOT NULL,"
        " PRIMARY KEY(box, rn)) WITHOUT ROWID;"
        "CREATE TABLE note(id INTEGER PRIMARY KEY, row INTEGER NOT NULL, body TEXT NOT NULL);"
        "CREATE INDEX note_row ON note(row);"
        "CREATE TABLE gone(no INTEGER PRIMARY KEY, below INTEGER NOT NULL);"
        "CREATE TABLE journal_a(n INTEGER PRIMARY KEY, batch BLOB NOT NULL);"
        "CREATE TABLE journal_b(n INTEGER PRIMARY KEY, batch BLOB NOT NULL);"
        "INSERT INTO meta VALUES('schema', 2), ('journal', 'a');";

static const char to_2[] =
        "CREATE TABLE early(et INTEGER NOT NULL, box INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " PRIMARY KEY(et, box, seq)) WITHOUT ROWID;"
        "CREATE TABLE gone(no INTEGER PRIMARY KEY, below INTEGER NOT NULL);"
        "UPDATE meta SET value = 2 WHERE key = 'schema';";

/* What SQL alone cannot do is done by a function, in the same transaction. */
struct step {
	const char *text;
	int (*then)(struct sqlite *sql);
};

static const struct step steps[] = {{to_2, store_sqlite_mark_early}}; /* steps[i] leads from version i + 1 */

static int in_transaction(struct sqlite *sql, const struct step *step)
{
	int r = sqlite_exec(sql, "BEGIN IMMEDIATE");

	if (r == 0)
		r = sqlite_exec(sql, step->text);
	if (r == 0 && step->then)
		r = step->then(sql);
	if (r == 0)
		r = sqlite_exec(sql, "COMMIT");
	if (r < 0)
		sqlite_exec(sql, "ROLLBACK");
	return r;
}

static int settings(struct sqlite *sql)
{
	return sqlite_exec(sql, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	                        "PRAGMA secure_delete = OFF; PRAGMA foreign_keys = OFF;"
	                        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;"
	                        "PRAGMA journal_size_limit = 67108864;");
}

static int make(struct sqlite *sql, const char *path, struct why *why)
{
	char text[96];
	int r;

	snprintf(text, sizeof(text), "PRAGMA page_size = %d; PRAGMA auto_vacuum = NONE;", STORE_SQLITE_PAGE);
	r = sqlite_exec(sql, text);
	if (r == 0)
		r = settings(sql);
	snprintf(text, sizeof(text), "PRAGMA application_id = %d;", STORE_SQLITE_APP);
	if (r == 0)
		r = sqlite_exec(sql, text);
	if (r == 0)
		r = in_transaction(sql, &(struct step){schema_text, NULL});
	if (r < 0)
		return store_sqlite_say(why, r, "%s cannot be made: %s", path, strerror(-r));
	return 0;
}

static int upgrade(struct sqlite *sql, int64_t version, const char *path, struct why *why)
{
	int r = 0;

	for (; r == 0 && version < STORE_SQLITE_SCHEMA; version++) {
		log_info("store", "%s: from version %lld to %lld", path, (long long)version,
		         (long long)version + 1);
		r = in_transaction(sql, &steps[version - 1]);
	}
	if (r < 0)
		return store_sqlite_say(why, r, "%s cannot be brought to version %lld: %s", path,
		                        (long long)version, strerror(-r));
	return 0;
}

int store_sqlite_identify(struct sqlite *sql, const char *path, struct why *why, int64_t *ret_version)
{
	int64_t app = 0, tables = 0, version = 0;
	int r = sqlite_number(sql, "PRAGMA application_id", &app);

	if (r == 0)
		r = sqlite_number(sql, "SELECT count(*) FROM sqlite_schema", &tables);
	if (r < 0)
		return store_sqlite_say(why, r, "%s cannot be read: %s", path, strerror(-r));
	if (tables == 0 && (app == 0 || app == STORE_SQLITE_APP)) {
		*ret_version = 0;
		return 0;
	}
	if (app != STORE_SQLITE_APP ||
	    sqlite_number(sql, "SELECT value FROM meta WHERE key = 'schema'", &version) < 0 || version < 1)
		return store_sqlite_say(why, -EBADMSG, "%s is not a store of Dure", path);
	if (version > STORE_SQLITE_SCHEMA)
		return store_sqlite_say(
		        why, -EBADMSG, "%s is of version %lld, made by a newer Dure; this one knows up to %d",
		        path, (long long)version, STORE_SQLITE_SCHEMA);
	*ret_version = version;
	return 0;
}

int store_sqlite_schema(struct sqlite *sql, bool read_only, const char *path, struct why *why)
{
	int64_t version;
	int r = store_sqlite_identify(sql, path, why, &version);

	if (r < 0)
		return r;
	if (read_only && version < STORE_SQLITE_SCHEMA)
		return store_sqlite_say(
		        why, -EBADMSG,
		        "%s is of the older version %lld; start dured on it once to bring it up", path,
		        (long long)version);
	if (read_only)
		return 0;
	if (version == 0)
		return make(sql, path, why);
	r = settings(sql);
	if (r < 0)
		return store_sqlite_say(why, r, "%s cannot be written: %s", path, strerror(-r));
	return upgrade(sql, version, path, why);
}
