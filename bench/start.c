/* SPDX-License-Identifier: Apache-2.0 */
/* How long from exec() to the first good answer? Starts a node, asks for its CSEBase again and again until
 * that is answered with 200, tells the time and the memory it stands at, and ends it.
 *
 *     start PORT PATH dured --http-listen 127.0.0.1:PORT ... */
#include "base/clock.h"
#include "bench/order.h"
#include "bench/reactor.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE (120 * 1000000LL)

/* One try. True when the answer began with 200. */
static bool is_answered(uint16_t port, struct slice request)
{
	char answer[64];
	int fd = reactor_connect(port);
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	bool good;

	if (fd < 0)
		return false;
	good = send(fd, request.ptr, request.len, MSG_NOSIGNAL) == (ssize_t)request.len &&
	       poll(&wait, 1, 10000) == 1 && recv(fd, answer, sizeof(answer), 0) > 12 &&
	       memcmp(answer, "HTTP/1.1 200", 12) == 0;
	close(fd);
	return good;
}

static uint64_t status_kb(pid_t pid, const char *name)
{
	char path[64], line[200];
	uint64_t kb = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			sscanf(line + strlen(name), ": %" SCNu64, &kb);
	if (file)
		fclose(file);
	return kb;
}

static int64_t end(pid_t pid)
{
	int64_t begun = clock_wall_steady();

	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	return clock_wall_steady() - begun;
}

int main(int argc, char **argv)
{
	struct order order = {.method = SLICE("GET")};
	struct buf request, scratch;
	struct timespec nap = {.tv_nsec = 200000};
	uint64_t port;
	int64_t begun, took;
	bool good = false;
	pid_t pid;

	if (argc < 4 || !slice_u64(slice_of(argv[1]), &port) || port > 65535) {
		fputs("usage: start PORT PATH COMMAND...\n", stderr);
		return 2;
	}
	order.path = slice_of(argv[2]);
	buf_init(&request, NULL);
	buf_init(&scratch, NULL);
	order_write(&order, &(struct order_values){.originator = "CAdmin"}, &scratch, &request);
	begun = clock_wall_steady();
	pid = fork();
	if (pid == 0) {
		execvp(argv[3], argv + 3);
		fprintf(stderr, "start: %s: %s\n", argv[3], strerror(errno));
		_exit(127);
	}
	while (pid > 0 && !good && clock_wall_steady() - begun < PATIENCE &&
	       waitpid(pid, NULL, WNOHANG) == 0) {
		good = is_answered((uint16_t)port, buf_slice(&request));
		if (!good)
			nanosleep(&nap, NULL);
	}
	took = clock_wall_steady() - begun;
	if (good) {
		uint64_t resident = status_kb(pid, "VmRSS"), own = status_kb(pid, "RssAnon");

		printf("ms=%.1f rss_kb=%" PRIu64 " anon_kb=%" PRIu64 " stop_ms=%.1f\n", (double)took / 1e3,
		       resident, own, (double)end(pid) / 1e3);
	} else {
		fprintf(stderr, "start: no good answer\n");
		if (pid > 0)
			end(pid);
	}
	buf_finish(&request);
	buf_finish(&scratch);
	return good ? 0 : 1;
}
