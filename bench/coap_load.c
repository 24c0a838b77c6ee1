/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a CoAP server and tells in one line how it did, as load.c does for HTTP. Closed loop: each of N
 * sockets asks, waits for the answer, asks again. Messages are written by hand, so that libcoap's own server
 * and dured are asked by the very same client.
 *
 *     coap_load --port 5683 --connections 64 --seconds 4 --over 1000 --path cse-in/bench/c%c/la
 *
 * --plain leaves the options of oneM2M out; --non asks non-confirmably; --put SIZE makes the resource first,
 * with so many bytes; --idle: each socket asks once, then "idle" is printed, and all stay until stdin ends.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bench/measure.h"
#include "net/coap_codec.h"

#define LOST_US  2000000
#define TEMPLATE 512

struct socket {
	int fd;
	uint16_t id;
	int64_t asked_at;
	bool waits;
};

struct load {
	uint64_t port, connections, over, put;
	double seconds;
	const char *path, *originator;
	bool plain, non, idle;
	struct socket *sockets;
	int epoll;
	struct measure m;
	int64_t stop_at;
};

/* Appends the options of the path, with a number for %c. */
static size_t path_options(struct load *load, char text[TEMPLATE], struct coap_opt *options)
{
	const char *mark = strstr(load->path, "%c");
	struct slice rest, segment;
	size_t count = 0;

	if (mark)
		snprintf(text, TEMPLATE, "%.*s%" PRIu64 "%s", (int)(mark - load->path), load->path,
		         measure_draw(&load->m, load->over), mark + 2);
	else
		snprintf(text, TEMPLATE, "%s", load->path);
	rest = slice_of(text);
	while (count < 16 && slice_cut(&rest, '/', &segment))
		options[count++] = (struct coap_opt){COAP_OPT_URI_PATH, segment};
	return count;
}

static void say(struct load *load, struct socket *socket, uint8_t code, struct slice payload)
{
	struct coap_head head = {.kind = load->non ? COAP_NON : COAP_CON, .code = code, .id = ++socket->id};
	char text[TEMPLATE], room[4096];
	struct coap_opt options[24];
	size_t count = path_options(load, text, options);
	struct buf buf = {.ptr = room, .cap = sizeof(room)};

	head.token_len = 2;
	memcpy(head.token, &socket->id, 2);
	if (!load->plain) {
		options[count++] = (struct coap_opt){271, SLICE("3")};
		options[count++] = (struct coap_opt){279, slice_of(load->originator)};
		options[count++] = (struct coap_opt){283, SLICE("r1")};
	}
	coap_codec_write(&buf, &head, options, count, payload);
	socket->asked_at = clock_wall_steady();
	socket->waits = true;
	if (send(socket->fd, buf.ptr, buf.len, 0) < 0)
		measure_lose(&load->m, "cannot send");
}

static void count_answer(struct load *load, const struct socket *socket, const struct coap_head *head,
                         const struct coap_message *message)
{
	if (measure_answer(&load->m, socket->asked_at, clock_wall_steady(), message->payload.len) &&
	    COAP_CLASS(head->code) != 2)
		measure_refuse(&load->m, "the first was %d.%02d", head->code >> 5, head->code & 31);
}

/* True: it was the answer this socket waits for. */
static bool hear(struct load *load, struct socket *socket)
{
	struct coap_message message;
	struct coap_head head;
	char room[4096];
	ssize_t n = recv(socket->fd, room, sizeof(room), MSG_DONTWAIT);

	if (n < 0 || coap_codec_read(slice_make(room, (size_t)n), &head, &message) != 0 ||
	    head.token_len != 2 || memcmp(head.token, &socket->id, 2) != 0)
		return false;
	count_answer(load, socket, &head, &message);
	socket->waits = false;
	return true;
}

static int open_sockets(struct load *load)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load->port)};
	struct rlimit limit = {load->connections + 64, load->connections + 64};

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setrlimit(RLIMIT_NOFILE, &limit);
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	load->sockets = mem_zero(load->connections, sizeof(*load->sockets));
	for (uint64_t i = 0; i < load->connections; i++) {
		struct socket *one = &load->sockets[i];
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};

		one->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		one->id = (uint16_t)measure_draw(&load->m, 65536);
		if (one->fd < 0 || connect(one->fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
		    epoll_ctl(load->epoll, EPOLL_CTL_ADD, one->fd, &event) != 0)
			return -errno;
	}
	return 0;
}

/* Asks again where the answer got lost; counts it. */
static void again(struct load *load)
{
	int64_t now = clock_wall_steady();

	for (uint64_t i = 0; i < load->connections; i++) {
		struct socket *socket = &load->sockets[i];

		if (!socket->waits || now - socket->asked_at < LOST_US)
			continue;
		measure_lose(&load->m, "no answer");
		say(load, socket, COAP_GET, SLICE(""));
	}
}

static void turn(struct load *load, bool ask_on)
{
	struct epoll_event events[256];
	int count = epoll_wait(load->epoll, events, 256, 100);

	for (int i = 0; i < count; i++)
		if (hear(load, events[i].data.ptr) && ask_on)
			say(load, events[i].data.ptr, COAP_GET, SLICE(""));
}

static bool any_waits(const struct load *load)
{
	for (uint64_t i = 0; i < load->connections; i++)
		if (load->sockets[i].waits)
			return true;
	return false;
}

static void make_resource(struct load *load)
{
	char *bytes = mem_take(load->put);
	int64_t until = clock_wall_steady() + LOST_US;

	memset(bytes, 'x', load->put);
	say(load, &load->sockets[0], 3, slice_make(bytes, load->put));
	while (load->sockets[0].waits && clock_wall_steady() < until)
		turn(load, false);
	free(bytes);
	load->m = (struct measure){.pid = load->m.pid, .warm = load->m.warm};
}

/* A few at a time, so that none gets lost. */
static void ask_once(struct load *load)
{
	char end;

	for (uint64_t i = 0; i < load->connections; i++) {
		say(load, &load->sockets[i], COAP_GET, SLICE(""));
		while (load->sockets[i].waits && clock_wall_steady() - load->sockets[i].asked_at < LOST_US)
			turn(load, false);
	}
	printf("idle=%" PRIu64 " refused=%" PRIu64 "\n", load->m.answered, load->m.refused);
	fflush(stdout);
	while (read(STDIN_FILENO, &end, 1) > 0)
		;
}

static void ask_on(struct load *load)
{
	int64_t checked = clock_wall_steady();

	measure_begin(&load->m);
	load->stop_at = load->m.begun + (int64_t)((load->m.warm + load->seconds) * 1e6);
	for (uint64_t i = 0; i < load->connections; i++)
		say(load, &load->sockets[i], COAP_GET, SLICE(""));
	while (clock_wall_steady() < load->stop_at) {
		turn(load, true);
		if (clock_wall_steady() - checked > LOST_US / 4) {
			checked = clock_wall_steady();
			again(load);
		}
	}
	for (int i = 0; i < 20 && any_waits(load); i++)
		turn(load, false);
}

static bool options(struct load *load, int argc, char **argv)
{
	static const struct option table[] = {
	        {"port", 1, NULL, 'p'},  {"connections", 1, NULL, 'c'}, {"seconds", 1, NULL, 's'},
	        {"warm", 1, NULL, 'w'},  {"over", 1, NULL, 'o'},        {"path", 1, NULL, 't'},
	        {"pid", 1, NULL, 'i'},   {"originator", 1, NULL, 'f'},  {"put", 1, NULL, 'u'},
	        {"plain", 0, NULL, 'l'}, {"non", 0, NULL, 'n'},         {"idle", 0, NULL, 'd'},
	        {NULL, 0, NULL, 0},
	};
	uint64_t *const numbers[128] = {['p'] = &load->port,
	                                ['c'] = &load->connections,
	                                ['o'] = &load->over,
	                                ['i'] = &load->m.pid,
	                                ['u'] = &load->put};
	double *const times[128] = {['s'] = &load->seconds, ['w'] = &load->m.warm};
	const char **const texts[128] = {['t'] = &load->path, ['f'] = &load->originator};
	bool *const flags[128] = {['l'] = &load->plain, ['n'] = &load->non, ['d'] = &load->idle};
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) >= 0) {
		if (option == '?' || (numbers[option] && !slice_u64(slice_of(optarg), numbers[option])))
			return false;
		if (times[option])
			*times[option] = strtod(optarg, NULL);
		if (texts[option])
			*texts[option] = optarg;
		if (flags[option])
			*flags[option] = true;
	}
	return load->port && load->path && load->over && load->connections;
}

int main(int argc, char **argv)
{
	struct load load = {
	        .connections = 64, .over = 1, .seconds = 2, .m.warm = 0.2, .originator = "CAdmin"};

	if (!options(&load, argc, argv)) {
		fprintf(stderr,
		        "coap_load --port N --path PATH [--connections N] [--seconds S] [--over N] [--plain] "
		        "[--non] [--put SIZE] [--pid N] [--idle]\n");
		return 2;
	}
	if (open_sockets(&load) < 0) {
		perror("coap_load");
		return 1;
	}
	if (load.put)
		make_resource(&load);
	if (load.idle)
		ask_once(&load);
	else
		ask_on(&load);
	if (!load.idle)
		measure_report(&load.m, "coap_load");
	return load.m.refused > 0 || load.m.answered == 0;
}
