/* SPDX-License-Identifier: Apache-2.0 */
/* A client that means harm: opens many connections, sends on each what it is told and never reads an answer,
 * then holds the connections for a while or cuts them at once. What the node does with that is measured by
 * rows_attack.sh, from outside.
 *
 *     attack --port 8080 --connections 1500 --send 'POST / HTTP/1.1\nHost: a\nContent-Length: 1000000'
 * --filler 900000
 *
 * With --await it first waits for an answer to --send (a WebSocket's 101), then sends --then. Filler is sent
 * after that, as fast as the node takes it. A connection that the node closes is not opened again. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "bench/reactor.h"

enum { ATTACK_PIECE = 65536 };

struct attack {
	uint64_t port, connections, filler, repeat, silent;
	double hold;
	const char *then;
	struct slice send;
	size_t then_len;
	bool await, cut;
	uint64_t sent, closed;
};

struct attack_connection {
	int fd;       /* -1: closed */
	bool awaited; /* the first answer came, or none is awaited */
	uint64_t at;  /* bytes of everything that were sent */
};

static char attack_filler[ATTACK_PIECE];

/* What stands at that place of all that is to be sent: --send, repeated, then --then, then filler. */
static struct slice attack_piece(const struct attack *attack, const struct attack_connection *connection)
{
	size_t first = attack->send.len;
	uint64_t at = connection->at, left;

	if (at < first * attack->repeat)
		return slice_skip(attack->send, at % first);
	if (!connection->awaited)
		return slice_make(NULL, 0);
	at -= first * attack->repeat;
	if (at < attack->then_len)
		return slice_make(attack->then + at, attack->then_len - at);
	left = attack->filler - (at - attack->then_len);
	return slice_make(attack_filler, left < ATTACK_PIECE ? left : ATTACK_PIECE);
}

static void attack_close(struct attack *attack, struct attack_connection *connection)
{
	close(connection->fd);
	connection->fd = -1;
	attack->closed++;
}

static void attack_write(struct attack *attack, struct attack_connection *connection)
{
	struct slice piece = attack_piece(attack, connection);

	while (piece.len) {
		ssize_t n = send(connection->fd, piece.ptr, piece.len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			attack_close(attack, connection);
		if (n < 0)
			return;
		connection->at += (uint64_t)n;
		attack->sent += (uint64_t)n;
		piece = attack_piece(attack, connection);
	}
	if (attack->cut && connection->awaited)
		attack_close(attack, connection);
}

/* One answer is read where one is awaited; else only an end is noticed. */
static void attack_look(struct attack *attack, struct attack_connection *connection, short events)
{
	char answer[1024];

	if (attack->await && !connection->awaited && events & POLLIN)
		connection->awaited = recv(connection->fd, answer, sizeof(answer), 0) > 0;
	if (events & (POLLERR | POLLHUP | POLLRDHUP))
		attack_close(attack, connection);
	else
		attack_write(attack, connection);
}

static void attack_open(struct attack *attack, struct attack_connection *all)
{
	for (uint64_t i = 0; i < attack->connections; i++) {
		all[i] = (struct attack_connection){.fd = reactor_connect((uint16_t)attack->port),
		                                    .awaited = !attack->await};
		if (all[i].fd < 0)
			attack->closed++;
	}
}

static void attack_wait(struct attack *attack, struct attack_connection *all, struct pollfd *polls)
{
	for (uint64_t i = 0; i < attack->connections; i++) {
		polls[i] = (struct pollfd){.fd = all[i].fd, .events = POLLRDHUP};
		if (all[i].fd >= 0 && attack_piece(attack, &all[i]).len)
			polls[i].events |= POLLOUT;
		if (!all[i].awaited)
			polls[i].events |= POLLIN;
	}
	if (poll(polls, attack->connections, 100) < 1)
		return;
	for (uint64_t i = 0; i < attack->connections; i++)
		if (all[i].fd >= 0 && polls[i].revents)
			attack_look(attack, &all[i], polls[i].revents);
}

static void attack_run(struct attack *attack)
{
	struct attack_connection *all = mem_zero(attack->connections, sizeof(*all));
	struct pollfd *polls = mem_zero(attack->connections, sizeof(*polls));
	int64_t until = clock_wall_steady() + (int64_t)(attack->hold * 1e6);

	memset(attack_filler, 'x', sizeof(attack_filler));
	attack_open(attack, all);
	while (clock_wall_steady() < until && attack->closed < attack->connections)
		attack_wait(attack, all, polls);
	printf("sent=%" PRIu64 " closed=%" PRIu64 "\n", attack->sent, attack->closed);
	for (uint64_t i = 0; i < attack->connections; i++)
		if (all[i].fd >= 0)
			close(all[i].fd);
	free(all);
	free(polls);
}

/* Takes datagrams and says nothing. */
static int attack_silent(const struct attack *attack)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)attack->silent)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "127.0.0.53", &address.sin_addr);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		fprintf(stderr, "attack: 127.0.0.53, port %" PRIu64 ": %s\n", attack->silent,
		        strerror(errno));
		return 1;
	}
	usleep((useconds_t)(attack->hold * 1e6));
	close(fd);
	return 0;
}

static int attack_usage(void)
{
	fputs("usage: attack --port PORT --send HEAD [options]\n"
	      "  --connections N    at once (1)\n"
	      "  --send HEAD        of a request; \\n ends a line, a blank line is added\n"
	      "  --repeat N         --send so many times on each (1)\n"
	      "  --await            wait for an answer to it\n"
	      "  --then TEXT        then send this\n"
	      "  --filler BYTES     and so many bytes after it\n"
	      "  --hold S           keep what is open so long (5)\n"
	      "  --cut              close each when all is sent\n"
	      "attack --silent PORT [--hold S]   a name server at 127.0.0.53 that never answers\n",
	      stderr);
	return 2;
}

static const struct option attack_options[] = {
        {"silent", required_argument, NULL, 'u'},
        {"port", required_argument, NULL, 'p'},
        {"connections", required_argument, NULL, 'n'},
        {"send", required_argument, NULL, 's'},
        {"repeat", required_argument, NULL, 'r'},
        {"then", required_argument, NULL, 't'},
        {"filler", required_argument, NULL, 'f'},
        {"hold", required_argument, NULL, 'h'},
        {"await", no_argument, NULL, 'a'},
        {"cut", no_argument, NULL, 'c'},
        {NULL, 0, NULL, 0},
};

/* The head of a request: each \n in the text becomes the end of a line, and a blank line follows. */
static struct slice attack_head(const char *text)
{
	struct buf buf;

	buf_init(&buf, NULL);
	for (; *text; text++) {
		if (text[0] == '\\' && text[1] == 'n') {
			buf_add_lit(&buf, "\r\n");
			text++;
		} else {
			buf_add_char(&buf, *text);
		}
	}
	buf_add_lit(&buf, "\r\n\r\n");
	return buf_slice(&buf); /* as long as the program */
}

static bool attack_take(struct attack *attack, int option)
{
	switch (option) {
	case 'u':
		return slice_u64(slice_of(optarg), &attack->silent);
	case 'p':
		return slice_u64(slice_of(optarg), &attack->port);
	case 'n':
		return slice_u64(slice_of(optarg), &attack->connections);
	case 'r':
		return slice_u64(slice_of(optarg), &attack->repeat);
	case 'f':
		return slice_u64(slice_of(optarg), &attack->filler);
	case 'h':
		return sscanf(optarg, "%lf", &attack->hold) == 1;
	case 's':
		attack->send = attack_head(optarg);
		return *optarg != '\0';
	case 't':
		attack->then = optarg;
		attack->then_len = strlen(optarg);
		return true;
	case 'a':
		return attack->await = true;
	case 'c':
		return attack->cut = true;
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	struct attack attack = {.connections = 1, .repeat = 1, .hold = 5};
	struct rlimit files;
	int option;

	while ((option = getopt_long(argc, argv, "", attack_options, NULL)) != -1)
		if (!attack_take(&attack, option))
			return attack_usage();
	if (attack.silent)
		return attack_silent(&attack);
	if (!attack.send.len || !attack.port || attack.port > 65535 || !attack.connections || !attack.repeat)
		return attack_usage();
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	signal(SIGPIPE, SIG_IGN);
	attack_run(&attack);
	return 0;
}
