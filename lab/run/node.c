/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/node.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define NODE_READY_US 15000000
#define NODE_PASS_US  60000000
#define NODE_ARGS     96

struct node_process {
	struct loop *loop;
	struct watch watch; /* its standard output */
	int in;             /* its standard input */
	pid_t pid;          /* 0: gone */
	char directory[256];
	const char *door;
	int port;
	char line[128];
	size_t line_len;
	unsigned passed; /* how often it said so */
};

int node_port(const struct node_process *node)
{
	return node->port;
}

const char *node_directory(const struct node_process *node)
{
	return node->directory;
}

static void node_ready(struct watch *watch, uint32_t events)
{
	struct node_process *node = container_of(watch, struct node_process, watch);
	char bytes[256];
	ssize_t n = read(watch->fd, bytes, sizeof bytes);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		loop_remove(node->loop, watch);
		close(watch->fd);
		watch->fd = -1;
		return;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] != '\n') {
			if (node->line_len < sizeof node->line)
				node->line[node->line_len++] = bytes[i];
			continue;
		}
		node->passed += slice_is_text((struct slice){node->line, node->line_len}, "passed");
		node->line_len = 0;
	}
}

bool node_is_alive(struct node_process *node)
{
	if (node->pid && waitpid(node->pid, NULL, WNOHANG) == node->pid)
		node->pid = 0;
	return node->pid != 0;
}

static void node_exec(const struct node_process *node, const char *program, const char *const *options,
                      int in, int out)
{
	const char *args[NODE_ARGS] = {program, "--data-dir", node->directory, "--http-listen",
	                               "127.0.0.1:0"};
	char log[280];
	size_t n = 5;

	for (; options && *options && n + 1 < NODE_ARGS; options++)
		args[n++] = *options;
	snprintf(log, sizeof log, "%s/log", node->directory);
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	dup2(in, 0);
	dup2(out, 1);
	if (fd >= 0)
		dup2(fd, 2);
	execvp(program, (char *const *)(uintptr_t)args);
	_exit(127);
}

/* Reads DATA_DIR/DOOR.port, which dured writes once it is ready. */
static int node_read_port(const struct node_process *node)
{
	char path[280], text[16] = "";
	int port = 0;

	snprintf(path, sizeof path, "%s/%s.port", node->directory, node->door);
	FILE *f = fopen(path, "re");

	if (!f)
		return 0;
	if (fgets(text, sizeof text, f) && strchr(text, '\n'))
		port = (int)strtol(text, NULL, 10);
	else if (text[0] && feof(f))
		port = (int)strtol(text, NULL, 10);
	fclose(f);
	return port > 0 && port < 65536 ? port : 0;
}

static int node_wait(struct node_process *node, const char *program, struct why *why)
{
	int64_t end = clock_wall_steady() + NODE_READY_US;

	while (!(node->port = node_read_port(node))) {
		if (!node_is_alive(node))
			return refuse(why, 4000, "%s ended at once; see %s/log", program, node->directory);
		if (clock_wall_steady() > end)
			return refuse(why, 4000, "%s was not ready within 15 s; see %s/log", program,
			              node->directory);
		int r = loop_turn(node->loop, 2000);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Nonzero with errno: it could not be made. */
/* In memory where that can be had: what the node writes is gone with it anyway, and syncing costs nothing. */
static int node_directory_make(struct node_process *node)
{
	const char *tmp = getenv("TMPDIR");

	if (!tmp || !*tmp)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(node->directory, sizeof node->directory, "%s/dure-lab.XXXXXX", tmp);
	return mkdtemp(node->directory) ? 0 : -1;
}

int node_start(struct loop *loop, const char *program, const char *const *options, const char *door,
               struct why *why, struct node_process **ret)
{
	struct node_process *node = calloc(1, sizeof *node);
	int in[2] = {-1, -1}, out[2] = {-1, -1};

	if (!node)
		return -ENOMEM;
	node->loop = loop;
	node->door = door;
	node->in = node->watch.fd = -1;
	node->watch.ready = node_ready;
	int r = node_directory_make(node) || pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) ? -errno : 0;

	if (r == 0) {
		node->pid = fork();
		if (node->pid == 0)
			node_exec(node, program, options, in[0], out[1]);
		r = node->pid < 0 ? -errno : 0;
	}
	if (in[0] >= 0)
		close(in[0]);
	if (out[1] >= 0)
		close(out[1]);
	node->in = in[1];
	node->watch.fd = out[0];
	if (r == 0)
		fcntl(node->watch.fd, F_SETFL, O_NONBLOCK);
	if (r == 0)
		r = loop_add(loop, &node->watch, EPOLLIN);
	if (r == 0)
		r = node_wait(node, program, why);
	if (r)
		node_stop(node, r > 0);
	else
		*ret = node;
	return r;
}

static int node_unlink(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void node_stop(struct node_process *node, bool keep)
{
	if (!node)
		return;
	if (node->watch.fd >= 0) {
		loop_remove(node->loop, &node->watch);
		close(node->watch.fd);
	}
	if (node->in >= 0)
		close(node->in);
	if (node->pid > 0) {
		int64_t end = clock_wall_steady() + 3000000;

		kill(node->pid, SIGTERM);
		while (node_is_alive(node) && clock_wall_steady() < end)
			usleep(2000);
		if (node->pid) {
			kill(node->pid, SIGKILL);
			waitpid(node->pid, NULL, 0);
		}
	}
	if (!keep)
		nftw(node->directory, node_unlink, 16, FTW_DEPTH | FTW_PHYS);
	free(node);
}

int node_pass(struct node_process *node, int64_t us, struct why *why)
{
	int64_t end = clock_wall_steady() + NODE_PASS_US;
	unsigned want = node->passed + 1;
	char line[64];
	int len = snprintf(line, sizeof line, "pass %lld\n", (long long)us);

	if (write(node->in, line, (size_t)len) != len)
		return refuse(why, 4000, "our node does not take orders any more; see %s/log",
		              node->directory);
	while (node->passed != want) {
		if (node->watch.fd < 0 || clock_wall_steady() > end)
			return refuse(why, 4000, "our node did not say \"passed\"; see %s/log",
			              node->directory);
		int r = loop_turn(node->loop, 100000);

		if (r < 0)
			return r;
	}
	return 0;
}
