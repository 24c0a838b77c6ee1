/* SPDX-License-Identifier: Apache-2.0 */
/* Folders for tests. */
#include "store/store_dir.h"
#include "base/buf.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

char *store_dir_create(void)
{
	char name[64];

	snprintf(name, sizeof(name), "%s/dure-store-XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(name))
		abort();
	return strdup(name);
}

void store_dir_destroy(char *dir)
{
	DIR *open_dir = dir ? opendir(dir) : NULL;
	struct dirent *entry;

	while (open_dir && (entry = readdir(open_dir)))
		unlinkat(dirfd(open_dir), entry->d_name, 0);
	if (open_dir)
		closedir(open_dir);
	if (dir)
		rmdir(dir);
	free(dir);
}

static void copy(const char *from_dir, const char *to_dir, const char *name)
{
	char from[128], to[128], bytes[65536];
	ssize_t got = 0;
	int in, out;

	snprintf(from, sizeof(from), "%s/%s", from_dir, name);
	snprintf(to, sizeof(to), "%s/%s", to_dir, name);
	in = open(from, O_RDONLY | O_CLOEXEC);
	out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (out >= 0 && (got = read(in, bytes, sizeof(bytes))) > 0)
		if (write(out, bytes, (size_t)got) != got)
			abort();
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
}

char *store_dir_crash(const char *dir)
{
	char *to = store_dir_create();
	pid_t child = fork();
	int status;

	/* In a child: whoever closes a file here would give up the locks that SQLite has on it. */
	if (child == 0) {
		copy(dir, to, "dure.db");
		copy(dir, to, "dure.db-wal");
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		abort();
	return to;
}
