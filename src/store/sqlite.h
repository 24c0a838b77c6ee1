/* SPDX-License-Identifier: Apache-2.0 */
/* The only door to SQLite: a connection with its prepared statements, and its errors as ours. Private to this
 * room. Statements are known by number; their text is the owner's table. */
#ifndef DURE_STORE_SQLITE_H
#define DURE_STORE_SQLITE_H

#include "base/buf.h"
#include "base/fail.h"

#include <sqlite3.h>

#define SQL_MOST 64

struct sqlite {
	sqlite3 *db;
	const char *const *texts;
	sqlite3_stmt *kept[SQL_MOST];
};

enum sqlite_mode {
	SQL_WRITE,  /* the file must exist */
	SQL_READ,   /* reads a file that others may write */
	SQL_FROZEN, /* reads a file that nobody writes, touching nothing beside it */
};

/* Opens the file; texts (statements by number) may be NULL when none are used. 0 or -errno. */
MUST_CHECK int sqlite_open(struct sqlite *sql, const char *path, enum sqlite_mode mode,
                           const char *const *texts);
/* Closes; harmless on a zeroed struct. */
void sqlite_close(struct sqlite *sql);

/* What the last failed call means to us: -ENOSPC, -EROFS, -EBUSY, -EIO, -EBADMSG, -EACCES ... */
int sqlite_error(const struct sqlite *sql, int code);
/* The same, and a line in the log that says what was tried. */
int sqlite_fault(const struct sqlite *sql, int code, const char *what);

/* Runs statements given as text, without results. */
int sqlite_exec(struct sqlite *sql, const char *text);
/* The first column of the first row; -ENOENT when there is no row. */
int sqlite_number(struct sqlite *sql, const char *text, int64_t *ret);

/* A statement of one use; sqlite3_finalize it. */
int sqlite_prepare(struct sqlite *sql, const char *text, sqlite3_stmt **ret);

/* A statement ready for binding. The kept one, or a second one while that is in use. Give it back. */
int sqlite_take(struct sqlite *sql, unsigned which, sqlite3_stmt **ret);
void sqlite_give(struct sqlite *sql, unsigned which, sqlite3_stmt *stmt);
/* 1: a row; 0: the end; -errno. */
int sqlite_step(struct sqlite *sql, sqlite3_stmt *stmt);
/* Steps to the end and gives it back. */
int sqlite_finish(struct sqlite *sql, unsigned which, sqlite3_stmt *stmt);
/* Takes, binds the numbers, runs, gives back. */
int sqlite_run(struct sqlite *sql, unsigned which, size_t count, const uint64_t *numbers);

/* Our counters are unsigned; the file keeps the same 64 bits. */
static inline void sqlite_bind(sqlite3_stmt *stmt, int column, uint64_t n)
{
	sqlite3_bind_int64(stmt, column, (sqlite3_int64)n);
}

static inline void sqlite_bind_text(sqlite3_stmt *stmt, int column, struct slice s)
{
	sqlite3_bind_text64(stmt, column, s.ptr ? s.ptr : "", s.len, SQLITE_STATIC, SQLITE_UTF8);
}

static inline void sqlite_bind_blob(sqlite3_stmt *stmt, int column, struct slice s)
{
	sqlite3_bind_blob64(stmt, column, s.ptr ? s.ptr : "", s.len, SQLITE_STATIC);
}

static inline uint64_t sqlite_u64(sqlite3_stmt *stmt, int column)
{
	return (uint64_t)sqlite3_column_int64(stmt, column);
}

static inline int64_t sqlite_i64(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_int64(stmt, column);
}

/* Text or blob; valid until the next step. */
static inline struct slice sqlite_slice(sqlite3_stmt *stmt, int column)
{
	const char *ptr = sqlite3_column_blob(stmt, column);

	return slice_make(ptr, (size_t)sqlite3_column_bytes(stmt, column));
}

#endif
