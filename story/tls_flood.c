/* SPDX-License-Identifier: Apache-2.0 */
/* Opens many connections to a TLS port and leaves each in the middle of the handshake: some without a word,
 * some with half a message. Prints how many are open, waits until the other side has hung up on all of them,
 * and prints how long that took. Usage: tls_flood PORT COUNT SECONDS; ends with 1 when some still stand then.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/slice.h"

#define AHEAD 100 /* connections opened between two looks at those that stand */

/* The beginning of a ClientHello of 512 bytes. */
static const char half[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";

static int flood_open(uint16_t port)
{
	struct sockaddr_in address = {
	        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Looks for those that were hung up on; returns how many stand. */
static size_t flood_look(struct pollfd *all, size_t count, int wait_ms)
{
	size_t stand = 0;
	char byte;

	poll(all, count, wait_ms);
	for (size_t i = 0; i < count; i++) {
		if (all[i].fd >= 0 && all[i].revents && recv(all[i].fd, &byte, 1, MSG_DONTWAIT) <= 0) {
			close(all[i].fd);
			all[i].fd = -1;
		}
		stand += all[i].fd >= 0;
	}
	return stand;
}

int main(int argc, char **argv)
{
	uint64_t port = 0, count = 0, seconds = 0;
	struct rlimit files;
	struct pollfd *all;
	size_t stand = 0;
	int64_t begun, end;

	if (argc != 4 || !slice_u64(slice_of(argv[1]), &port) || !slice_u64(slice_of(argv[2]), &count) ||
	    !slice_u64(slice_of(argv[3]), &seconds) || count > 100000)
		return 2;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	all = mem_zero(count, sizeof(*all));
	begun = clock_wall_steady();
	for (size_t i = 0; i < count; i++) {
		all[i] = (struct pollfd){.fd = flood_open((uint16_t)port), .events = POLLIN};
		if (all[i].fd >= 0 && i % 2)
			send(all[i].fd, half, sizeof(half) - 1, MSG_NOSIGNAL);
		if (i % AHEAD == 0)
			flood_look(all, i + 1, 0);
	}
	printf("open %zu\n", flood_look(all, count, 0));
	fflush(stdout);
	end = begun + (int64_t)seconds * 1000000;
	while ((stand = flood_look(all, count, 100)) > 0 && clock_wall_steady() < end)
		;
	printf("left %zu after %lld ms\n", stand, (long long)((clock_wall_steady() - begun) / 1000));
	free(all);
	return stand > 0;
}
