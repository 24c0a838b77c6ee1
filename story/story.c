/* SPDX-License-Identifier: Apache-2.0 */
/* The node's life and the lines of TAP; see story.h. What goes over a connection is in story_line.c. */
#include "story/story.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define STORY_OPTIONS 32

bool story_begin(struct story *story, int argc, char **argv)
{
	*story = (struct story){0};
	if (argc < 2) {
		fprintf(stderr, "usage: %s DURED\n", argv[0]);
		return false;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	story->node = argv[1];
	arena_init(&story->arena);
	snprintf(story->dir, sizeof(story->dir), "/tmp/dure-story-XXXXXX");
	return mkdtemp(story->dir) != NULL;
}

/* Runs a program to its end, its output going to the log; the exit status. */
static int story_run(struct story *story, const char *program, const char *const *argv, pid_t *ret_pid)
{
	char log[128];
	int status;
	pid_t pid;

	snprintf(log, sizeof(log), "%s/log", story->dir);
	pid = fork();
	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

		dup2(fd, 1);
		dup2(fd, 2);
		/* execv does not write to them. */
		execv(program, (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (ret_pid) {
		*ret_pid = pid;
		return 0;
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void story_show_log(const struct story *story)
{
	char line[600];
	FILE *log;

	snprintf(line, sizeof(line), "%s/log", story->dir);
	log = fopen(line, "re");
	while (log && fgets(line, sizeof(line), log))
		printf("# %s", line);
	if (log)
		fclose(log);
}

static int story_port(const struct story *story)
{
	char path[128], text[16];
	uint64_t port = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/data/http.port", story->dir);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fgets(text, sizeof(text), file))
		slice_u64(slice_make(text, strcspn(text, "\n")), &port);
	fclose(file);
	return (int)port;
}

void story_start(struct story *story, const char *const *options)
{
	const char *argv[STORY_OPTIONS + 6] = {story->node, "--data-dir", NULL, "--http-listen",
	                                       "127.0.0.1:0"};
	int64_t end = clock_wall_steady() + STORY_PATIENCE_US;
	char data[128], path[128];

	snprintf(data, sizeof(data), "%s/data", story->dir);
	snprintf(path, sizeof(path), "%s/data/http.port", story->dir);
	unlink(path);
	argv[2] = data;
	for (size_t i = 0; options && options[i] && i < STORY_OPTIONS; i++)
		argv[5 + i] = options[i];
	story_run(story, story->node, argv, &story->pid);
	for (story->port = 0; story->port == 0 && clock_wall_steady() < end;) {
		poll(NULL, 0, 10);
		if (waitpid(story->pid, NULL, WNOHANG) != 0)
			break;
		story->port = story_port(story);
	}
	if (story->port != 0)
		return;
	printf("Bail out! the node does not start\n");
	story_show_log(story);
	exit(1);
}

int story_stop(struct story *story)
{
	int64_t end = clock_wall_steady() + STORY_PATIENCE_US;
	int status;
	pid_t gone;

	kill(story->pid, SIGTERM);
	do {
		poll(NULL, 0, 10);
		gone = waitpid(story->pid, &status, WNOHANG);
	} while (gone == 0 && clock_wall_steady() < end);
	if (gone == 0) {
		story_kill(story);
		return -1;
	}
	story->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void story_kill(struct story *story)
{
	if (story->pid == 0)
		return;
	kill(story->pid, SIGKILL);
	waitpid(story->pid, NULL, 0);
	story->pid = 0;
}

int story_fsck(struct story *story)
{
	char program[512], data[128];
	const char *slash = strrchr(story->node, '/');
	const char *argv[] = {program, "fsck", "--data-dir", data, NULL};

	snprintf(program, sizeof(program), "%.*s/../../cli/dure", slash ? (int)(slash - story->node) : 1,
	         slash ? story->node : ".");
	snprintf(data, sizeof(data), "%s/data", story->dir);
	return access(program, X_OK) == 0 ? story_run(story, program, argv, NULL) : -1;
}

void story_stops_well(struct story *story)
{
	int clean;

	story_check(story, story_stop(story) == 0, "after all that the node stops with 0");
	clean = story_fsck(story);
	if (clean >= 0)
		story_check(story, clean == 0, "and dure fsck finds nothing");
	else
		story_skip(story, "and dure fsck finds nothing", "dure is not built");
}

void story_want_files(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

int story_end(struct story *story)
{
	const char *argv[] = {"/bin/rm", "-rf", story->dir, NULL};

	story_kill(story);
	if (story->failed)
		story_show_log(story);
	story_run(story, argv[0], argv, NULL);
	arena_finish(&story->arena);
	printf("1..%d\n", story->count);
	return story->failed ? 1 : 0;
}

bool story_check(struct story *story, bool good, const char *format, ...)
{
	va_list args;

	story->count++;
	story->failed += !good;
	printf("%s %d - ", good ? "ok" : "not ok", story->count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	return good;
}

void story_note(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

void story_skip(struct story *story, const char *what, const char *reason)
{
	printf("ok %d - %s # SKIP %s\n", ++story->count, what, reason);
}

void story_forget(struct story *story)
{
	arena_reset(&story->arena);
}
