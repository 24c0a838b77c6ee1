/* SPDX-License-Identifier: Apache-2.0 */
/* The data directory: made for its owner alone, and held by one node at a time. */
#include "base/mem.h"
#include "store/store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int store_sqlite_say(struct why *why, int error, const char *format, ...)
{
	va_list args;

	if (!why)
		return error;
	why->rsc = 0;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return error;
}

char *store_sqlite_path(const char *dir, const char *name)
{
	size_t len = strlen(dir) + (name ? strlen(name) : 0) + 2;
	char *path = mem_take(len);

	snprintf(path, len, "%s%s%s", dir, name ? "/" : "", name ? name : "");
	return path;
}

int store_sqlite_sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return r;
}

int store_sqlite_make_dir(const char *dir, struct why *why)
{
	struct stat st;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return store_sqlite_say(why, -errno, "the data directory %s cannot be made: %s", dir,
		                        strerror(errno));
	if (stat(dir, &st) < 0)
		return store_sqlite_say(why, -errno, "the data directory %s cannot be used: %s", dir,
		                        strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return store_sqlite_say(why, -ENOTDIR, "%s is not a directory", dir);
	return 0;
}

int store_sqlite_lock(const char *dir, struct why *why, int *ret_lock)
{
	char *path = store_sqlite_path(dir, STORE_SQLITE_LOCK), pid[32] = "";
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), r = 0;
	ssize_t got;

	if (fd < 0) {
		r = store_sqlite_say(why, -errno, "%s cannot be opened: %s", path, strerror(errno));
	} else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		r = errno == EWOULDBLOCK ? -EBUSY : -errno;
		got = pread(fd, pid, sizeof(pid) - 1, 0);
		pid[got > 0 ? strcspn(pid, "\n") : 0] = 0;
		store_sqlite_say(why, r, "the data directory %s is held by another node, process %s", dir,
		                 pid[0] ? pid : "(unknown)");
	} else if (ftruncate(fd, 0) < 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0) {
		r = store_sqlite_say(why, -errno, "%s cannot be written: %s", path, strerror(errno));
	}
	free(path);
	if (r == 0)
		*ret_lock = fd;
	else if (fd >= 0)
		close(fd);
	return r;
}
