/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of the whole store, and their way back. A backup reads one moment of the file through a connection
 * of its own, so it never stops the node and does not care in which process it runs. It is written under
 * another name, synced, and only then given its own. */
#include "store/store_admin.h"
#include "store/store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGES_AT_ONCE 256

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static char *with_suffix(const char *path, const char *suffix)
{
	size_t len = strlen(path) + strlen(suffix) + 1;
	char *ret = malloc(len);

	if (!ret)
		abort();
	snprintf(ret, len, "%s%s", path, suffix);
	return ret;
}

static int sync_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return r;
}

/* The folder in which a path stands. */
static int sync_parent(const char *path)
{
	char *dir = with_suffix(path, ""), *slash = strrchr(dir, '/');
	int r;

	if (slash)
		slash[slash == dir] = 0; /* "/x" stands in "/" */
	r = store_sqlite_sync_dir(slash ? dir : ".");
	free(dir);
	return r;
}

static int make_empty(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int copy_pages(struct sqlite *from, struct sqlite *to, store_admin_progress *progress, void *user)
{
	sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
	int code, r = 0;

	if (!backup)
		return sqlite_error(to, sqlite3_errcode(to->db));
	do {
		uint64_t all, left;

		code = sqlite3_backup_step(backup, PAGES_AT_ONCE);
		all = (uint64_t)sqlite3_backup_pagecount(backup);
		left = (uint64_t)sqlite3_backup_remaining(backup);
		if (progress && progress(user, all - left, all))
			r = -ECANCELED;
	} while (r == 0 && code == SQLITE_OK);
	sqlite3_backup_finish(backup);
	return r < 0 || code == SQLITE_DONE ? r : sqlite_error(to, code);
}

static int copy_into(struct sqlite *from, const char *path, store_admin_progress *progress, void *user)
{
	struct sqlite to;
	int64_t n;
	int r = make_empty(path);

	if (r < 0)
		return r;
	r = sqlite_open(&to, path, SQL_WRITE, NULL);
	/* Nobody reads it before it is whole: no journal, one sync at the end. */
	if (r == 0)
		r = sqlite_exec(&to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;");
	/* One read transaction: the moment that is copied. */
	if (r == 0)
		r = sqlite_exec(from, "BEGIN");
	if (r == 0)
		r = sqlite_number(from, "SELECT count(*) FROM meta", &n);
	if (r == 0)
		r = copy_pages(from, &to, progress, user);
	sqlite_close(&to);
	return r < 0 ? r : sync_file(path);
}

int store_sqlite_backup(const char *dir, const char *path, store_admin_progress *progress, void *user,
                        struct why *why)
{
	char *source = store_sqlite_path(dir, STORE_SQLITE_FILE), *part = with_suffix(path, ".part");
	struct sqlite from = {0};
	int64_t version;
	int r = 0;

	if (why)
		why->text[0] = 0;
	if (!is_there(source))
		r = store_sqlite_say(why, -ENOENT, "there is no store in %s", dir);
	else if (is_there(path))
		r = store_sqlite_say(why, -EEXIST, "%s is there already", path);
	if (r == 0)
		r = sqlite_open(&from, source, SQL_READ, NULL);
	if (r == 0)
		r = store_sqlite_identify(&from, source, why, &version);
	if (r == 0) {
		r = copy_into(&from, part, progress, user);
		if (r == 0 && rename(part, path) < 0)
			r = -errno;
		if (r < 0)
			unlink(part);
	}
	if (r == 0)
		r = sync_parent(path);
	sqlite_close(&from);
	if (r < 0 && why && !why->text[0])
		store_sqlite_say(why, r, "%s cannot be written: %s", path, strerror(-r));
	free(source);
	free(part);
	return r;
}

int store_sqlite_copy(struct store *store, const char *path)
{
	struct why why;
	int r = store_sqlite_backup(store_sqlite_of(store)->dir, path, NULL, NULL, &why);

	return r < 0 ? fault(r, "store: backup: %s", why.text) : 0;
}

/* --- restoring --- */

static int file_is_sound(const char *path, struct why *why)
{
	struct sqlite sql;
	int64_t breaches = 0, version = 0;
	char *wal = with_suffix(path, "-wal");
	int r = 0;

	if (!is_there(path))
		r = store_sqlite_say(why, -ENOENT, "there is no file %s", path);
	else if (is_there(wal))
		r = store_sqlite_say(why, -EBADMSG, "%s is not a backup: a log stands beside it", path);
	free(wal);
	if (r < 0)
		return r;
	r = sqlite_open(&sql, path, SQL_FROZEN, NULL);
	if (r < 0)
		return store_sqlite_say(why, r, "%s cannot be opened: %s", path, strerror(-r));
	r = store_sqlite_identify(&sql, path, why, &version);
	if (r == 0 && !version)
		r = -EBADMSG;
	if (r == 0)
		r = sqlite_number(&sql, "SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'",
		                  &breaches);
	if (r == 0 && breaches)
		r = -EBADMSG;
	if (r < 0 && why && !why->text[0])
		store_sqlite_say(why, r, "%s is damaged", path);
	sqlite_close(&sql);
	return r;
}

static int copy_bytes(int from, int to)
{
	char bytes[65536];
	ssize_t got, put;

	while ((got = read(from, bytes, sizeof(bytes))) > 0)
		for (ssize_t at = 0; at < got; at += put) {
			put = write(to, bytes + at, (size_t)(got - at));
			if (put < 0)
				return -errno;
		}
	if (got < 0 || fsync(to) < 0)
		return -errno;
	return 0;
}

static int copy_file(const char *path, const char *to)
{
	int in = open(path, O_RDONLY | O_CLOEXEC), out, r;

	if (in < 0)
		return -errno;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	r = out < 0 ? -errno : copy_bytes(in, out);
	close(in);
	if (out >= 0)
		close(out);
	return r;
}

/* A log left of the old file must never meet the new one. A clean close moves it into its file and deletes
 * it. An old store that cannot be closed so keeps beside: its file gets a second name, its log moves. */
static void put_old_away(const char *db)
{
	char *wal = with_suffix(db, "-wal"), *shm = with_suffix(db, "-shm");
	char *broken = with_suffix(db, ".broken"), *broken_wal = with_suffix(db, ".broken-wal");
	struct sqlite sql;

	if (is_there(db) && sqlite_open(&sql, db, SQL_WRITE, NULL) == 0) {
		sqlite_exec(&sql, "PRAGMA wal_checkpoint(TRUNCATE)");
		sqlite_close(&sql);
	}
	if (is_there(wal)) {
		unlink(broken);
		if (link(db, broken) == 0)
			rename(wal, broken_wal);
		unlink(wal);
	}
	unlink(shm);
	free(wal);
	free(shm);
	free(broken);
	free(broken_wal);
}

static int replace(const char *path, const char *dir, struct why *why)
{
	char *db = store_sqlite_path(dir, STORE_SQLITE_FILE), *fresh = with_suffix(db, ".new");
	int r = copy_file(path, fresh);

	if (r == 0) {
		put_old_away(db);
		r = rename(fresh, db) < 0 ? -errno : store_sqlite_sync_dir(dir);
	}
	if (r < 0) {
		store_sqlite_say(why, r, "%s cannot be put in place: %s", db, strerror(-r));
		unlink(fresh);
	}
	free(fresh);
	free(db);
	return r;
}

int store_sqlite_restore(const char *path, const char *dir, struct why *why)
{
	int lock, r;

	if (why)
		why->text[0] = 0;
	r = file_is_sound(path, why);
	if (r == 0)
		r = store_sqlite_make_dir(dir, why);
	if (r == 0)
		r = store_sqlite_lock(dir, why, &lock);
	if (r < 0)
		return r;
	r = replace(path, dir, why);
	close(lock);
	return r;
}
