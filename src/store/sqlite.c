/* SPDX-License-Identifier: Apache-2.0 */
/* Connections, statements, errors. */
#include "store/sqlite.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

/* Somebody else may hold the file for a moment (a tool that opens it); not longer than this. */
#define BUSY_MS 200

/* What SQLite says, and what it is to us. Anything else is -EIO. */
static const struct {
	int code, error;
} meanings[] = {
        {SQLITE_OK, 0},
        {SQLITE_ROW, 0},
        {SQLITE_DONE, 0},
        {SQLITE_FULL, -ENOSPC},
        {SQLITE_READONLY, -EROFS},
        {SQLITE_BUSY, -EBUSY},
        {SQLITE_LOCKED, -EBUSY},
        {SQLITE_CORRUPT, -EBADMSG},
        {SQLITE_NOTADB, -EBADMSG},
        {SQLITE_SCHEMA, -EBADMSG},
        {SQLITE_CONSTRAINT, -EBADMSG},
        {SQLITE_PERM, -EACCES},
        {SQLITE_AUTH, -EACCES},
        {SQLITE_CANTOPEN, -EACCES},
        {SQLITE_NOMEM, -ENOMEM},
        {SQLITE_TOOBIG, -EFBIG},
        {SQLITE_IOERR, -EIO},
};

int sqlite_error(const struct sqlite *sql, int code)
{
	int machine = sql->db ? sqlite3_system_errno(sql->db) : 0, error = -EIO;

	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].code == (code & 0xff))
			error = meanings[i].error;
	if (error != -EIO && error != -EACCES)
		return error;
	/* The machine may know better. */
	if (machine == EDQUOT || machine == ENOSPC)
		return -ENOSPC;
	return machine == EROFS ? -EROFS : error;
}

int sqlite_fault(const struct sqlite *sql, int code, const char *what)
{
	int error = sqlite_error(sql, code);

	return fault(error, "store: %s: %s", what, sql->db ? sqlite3_errmsg(sql->db) : sqlite3_errstr(code));
}

/* As the path of a file: URI; what could mean something else there is escaped. */
static void add_uri(struct buf *buf, const char *path, const char *query)
{
	buf_add_lit(buf, "file:");
	while (path[0] == '/' && path[1] == '/') /* two would begin the name of a machine */
		path++;
	for (; *path; path++) {
		if (*path == '%' || *path == '?' || *path == '#')
			buf_printf(buf, "%%%02x", (unsigned)(unsigned char)*path);
		else
			buf_add_char(buf, *path);
	}
	buf_add_slice(buf, slice_of(query));
	buf_add_char(buf, 0);
}

int sqlite_open(struct sqlite *sql, const char *path, enum sqlite_mode mode, const char *const *texts)
{
	int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	struct buf uri;
	int r;

	*sql = (struct sqlite){.texts = texts};
	buf_init(&uri, NULL);
	add_uri(&uri, path, mode == SQL_FROZEN ? "?immutable=1" : "");
	flags |= mode == SQL_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	r = sqlite3_open_v2(uri.ptr, &sql->db, flags, NULL);
	buf_finish(&uri);
	if (r != SQLITE_OK) {
		r = sqlite_error(sql, r);
		sqlite_close(sql);
		return r;
	}
	sqlite3_busy_timeout(sql->db, BUSY_MS);
	return 0;
}

void sqlite_close(struct sqlite *sql)
{
	for (size_t i = 0; i < SQL_MOST; i++) {
		sqlite3_finalize(sql->kept[i]);
		sql->kept[i] = NULL;
	}
	sqlite3_close_v2(sql->db);
	sql->db = NULL;
}

int sqlite_exec(struct sqlite *sql, const char *text)
{
	return sqlite_error(sql, sqlite3_exec(sql->db, text, NULL, NULL, NULL));
}

int sqlite_number(struct sqlite *sql, const char *text, int64_t *ret)
{
	sqlite3_stmt *stmt;
	int r = sqlite3_prepare_v2(sql->db, text, -1, &stmt, NULL);

	if (r != SQLITE_OK)
		return sqlite_error(sql,
		                    r); /* no line in the log: who opens a stranger's file asks like this */
	r = sqlite3_step(stmt);
	if (r == SQLITE_ROW)
		*ret = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	if (r == SQLITE_ROW)
		return 0;
	return r == SQLITE_DONE ? -ENOENT : sqlite_error(sql, r);
}

int sqlite_prepare(struct sqlite *sql, const char *text, sqlite3_stmt **ret)
{
	int r = sqlite3_prepare_v2(sql->db, text, -1, ret, NULL);

	return r == SQLITE_OK ? 0 : sqlite_fault(sql, r, text);
}

int sqlite_take(struct sqlite *sql, unsigned which, sqlite3_stmt **ret)
{
	sqlite3_stmt *kept;
	int r = SQLITE_OK;

	assert(which < SQL_MOST);
	kept = sql->kept[which];
	if (!kept) {
		r = sqlite3_prepare_v3(sql->db, sql->texts[which], -1, SQLITE_PREPARE_PERSISTENT, &kept,
		                       NULL);
		sql->kept[which] = kept;
	} else if (sqlite3_stmt_busy(kept)) {
		r = sqlite3_prepare_v2(sql->db, sql->texts[which], -1, &kept, NULL);
	}
	*ret = kept;
	return r == SQLITE_OK ? 0 : sqlite_fault(sql, r, sql->texts[which]);
}

void sqlite_give(struct sqlite *sql, unsigned which, sqlite3_stmt *stmt)
{
	if (stmt != sql->kept[which])
		sqlite3_finalize(stmt);
	else if (stmt)
		sqlite3_reset(stmt);
}

int sqlite_step(struct sqlite *sql, sqlite3_stmt *stmt)
{
	int r = sqlite3_step(stmt);

	if (r == SQLITE_ROW)
		return 1;
	return r == SQLITE_DONE ? 0 : sqlite_fault(sql, r, sqlite3_sql(stmt));
}

int sqlite_finish(struct sqlite *sql, unsigned which, sqlite3_stmt *stmt)
{
	int r;

	do {
		r = sqlite_step(sql, stmt);
	} while (r > 0);
	sqlite_give(sql, which, stmt);
	return r;
}

int sqlite_run(struct sqlite *sql, unsigned which, size_t count, const uint64_t *numbers)
{
	sqlite3_stmt *stmt;
	int r = sqlite_take(sql, which, &stmt);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++)
		sqlite_bind(stmt, (int)i + 1, numbers[i]);
	return sqlite_finish(sql, which, stmt);
}
