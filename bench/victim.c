/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/victim.h"

#include "base/clock.h"
#include "bench/reactor.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE (30 * 1000000LL)

static void port_path(const struct victim *victim, char *out, size_t size)
{
	snprintf(out, size, "%s/http.port", victim->dir);
}

int victim_start(struct victim *victim)
{
	char path[600];

	port_path(victim, path, sizeof(path));
	unlink(path);
	victim->port = 0;
	victim->pid = fork();
	if (victim->pid < 0)
		return -errno;
	if (victim->pid > 0)
		return 0;
	execl(victim->dured, victim->dured, "--data-dir", victim->dir, "--http-listen", "127.0.0.1:0",
	      "--log-level", "error", (char *)NULL);
	fprintf(stderr, "%s: %s\n", victim->dured, strerror(errno));
	_exit(127);
}

static uint16_t read_port(const struct victim *victim)
{
	char path[600];
	uint64_t port = 0;

	port_path(victim, path, sizeof(path));
	FILE *file = fopen(path, "re");
	if (file && fscanf(file, "%" SCNu64, &port) != 1)
		port = 0;
	if (file)
		fclose(file);
	return port < 65536 ? (uint16_t)port : 0;
}

bool victim_is_ready(struct victim *victim)
{
	int64_t begun = clock_wall_steady();
	struct timespec nap = {.tv_nsec = 500000};

	while (clock_wall_steady() - begun < PATIENCE) {
		int fd = -1;

		if (waitpid(victim->pid, NULL, WNOHANG) != 0) {
			victim->pid = 0;
			return false;
		}
		victim->port = read_port(victim);
		if (victim->port)
			fd = reactor_connect(victim->port);
		if (fd >= 0) {
			close(fd);
			return true;
		}
		nanosleep(&nap, NULL);
	}
	return false;
}

void victim_kill(struct victim *victim)
{
	if (victim->pid <= 0)
		return;
	kill(victim->pid, SIGKILL);
	waitpid(victim->pid, NULL, 0);
	victim->pid = 0;
}

bool victim_stop(struct victim *victim)
{
	int status = -1;

	if (victim->pid <= 0)
		return false;
	kill(victim->pid, SIGTERM);
	waitpid(victim->pid, &status, 0);
	victim->pid = 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
