/* SPDX-License-Identifier: Apache-2.0 */
/* A receiver is a child process around poll(); see receiver.h. */
#include "story/receiver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define PORTS_MOST 1000
#define FDS_MOST   (PORTS_MOST + 2000)

static const char good_answer[] = "HTTP/1.1 200 OK\r\nX-M2M-RSC: 2000\r\nContent-Length: 0\r\n\r\n";
static const char refusal[] = "HTTP/1.1 403 No\r\nX-M2M-RSC: 4101\r\nContent-Length: 0\r\n\r\n";
static const char rubbish[] = "\x01\x02 what?\r\n\r\n";
static const char lie[] = "HTTP/1.1 200 OK\r\nX-M2M-RSC: yes\r\nContent-Type: application/json\r\n"
                          "Content-Length: 3\r\n\r\n[}[";
static const char elsewhere[] =
        "HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:1/s/0\r\nContent-Length: 0\r\n\r\n";
static const char flood[1 << 20] =
        "HTTP/1.1 200 OK\r\nX-M2M-RSC: 2000\r\nContent-Type: application/json\r\n\r\n";

/* Within the child. */
struct serving {
	enum receiver_temper temper;
	bool from_the_start;
	struct receiver_heard *heard;
	int listeners, count;
	struct pollfd fds[FDS_MOST];
	struct buf in[FDS_MOST];
	size_t dripped[FDS_MOST]; /* bytes of the answer that are out, and one more */
	int64_t drip_at;
};

static uint32_t serving_number(struct slice text, const char *before)
{
	const char *at = text.len ? memmem(text.ptr, text.len, before, strlen(before)) : NULL;
	uint32_t n = 0;

	if (!at)
		return 0;
	for (at += strlen(before); at < text.ptr + text.len && *at >= '0' && *at <= '9'; at++)
		n = n * 10 + (uint32_t)(*at - '0');
	return n;
}

static void serving_say(struct serving *serving, int i, const char *text, size_t len)
{
	if (send(serving->fds[i].fd, text, len, MSG_NOSIGNAL) < 0)
		shutdown(serving->fds[i].fd, SHUT_RDWR);
}

static void serving_answer(struct serving *serving, int i, bool is_verification)
{
	if (is_verification && !serving->from_the_start) {
		serving_say(serving, i, good_answer, sizeof(good_answer) - 1);
		return;
	}
	switch (serving->temper) {
	case RECEIVER_GOOD:
		serving_say(serving, i, good_answer, sizeof(good_answer) - 1);
		break;
	case RECEIVER_DRIPS:
		serving->dripped[i] = 1;
		break;
	case RECEIVER_RUBBISH:
		serving_say(serving, i, rubbish, sizeof(rubbish) - 1);
		break;
	case RECEIVER_LIES:
		serving_say(serving, i, lie, sizeof(lie) - 1);
		break;
	case RECEIVER_CLOSES:
		shutdown(serving->fds[i].fd, SHUT_RDWR);
		break;
	case RECEIVER_REFUSES:
		serving_say(serving, i, refusal, sizeof(refusal) - 1);
		break;
	case RECEIVER_SENDS_ON:
		serving_say(serving, i, elsewhere, sizeof(elsewhere) - 1);
		break;
	case RECEIVER_FLOODS:
		/* Goes out as fast as it is read, a megabyte at a time, until the other side has enough. */
		for (int times = 0; times < 64; times++)
			if (send(serving->fds[i].fd, flood, sizeof(flood), MSG_NOSIGNAL) < 0)
				break;
		break;
	case RECEIVER_HANGS:
	case RECEIVER_TEMPERS:
		break;
	}
}

/* Whole requests at the front of what came. */
static void serving_understand(struct serving *serving, int i)
{
	struct buf *in = &serving->in[i];

	while (in->len > 0) {
		struct receiver_heard *heard = serving->heard;
		const char *end = memmem(in->ptr, in->len, "\r\n\r\n", 4);
		size_t head = end ? (size_t)(end - in->ptr) + 4 : 0;
		size_t len = head + (end ? serving_number(slice_make(in->ptr, head), "Content-Length: ") : 0);
		struct slice body;
		bool verification;

		if (!end || in->len < len)
			return;
		body = slice_make(in->ptr + head, len - head);
		verification = memmem(body.ptr, body.len, "\"vrq\":true", 10) != NULL;
		if (verification) {
			heard->verified++;
		} else if (heard->count < RECEIVER_HEARD_MOST) {
			heard->rows[heard->count].who = serving_number(slice_make(in->ptr, head), "/s/");
			heard->rows[heard->count].what = serving_number(body, "\"con\":");
			heard->count++;
		}
		serving_answer(serving, i, verification);
		memmove(in->ptr, in->ptr + len, in->len - len);
		in->len -= len;
	}
}

static void serving_accept(struct serving *serving, int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	if (serving->count == FDS_MOST) {
		close(fd);
		return;
	}
	buf_init(&serving->in[serving->count], NULL);
	serving->dripped[serving->count] = 0;
	serving->fds[serving->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void serving_close(struct serving *serving, int i)
{
	int last = --serving->count;

	close(serving->fds[i].fd);
	buf_finish(&serving->in[i]);
	serving->fds[i] = serving->fds[last];
	serving->in[i] = serving->in[last];
	serving->dripped[i] = serving->dripped[last];
}

static void serving_read(struct serving *serving, int i)
{
	char *at = buf_room(&serving->in[i], 16384);
	ssize_t n = recv(serving->fds[i].fd, at, 16384, MSG_DONTWAIT);

	if (n > 0) {
		serving->in[i].len += (size_t)n;
		serving_understand(serving, i);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		serving_close(serving, i);
	}
}

static void serving_drip(struct serving *serving)
{
	if (clock_wall_steady() < serving->drip_at)
		return;
	serving->drip_at = clock_wall_steady() + 1000000;
	for (int i = serving->listeners; i < serving->count; i++)
		if (serving->dripped[i] > 0 && serving->dripped[i] < sizeof(good_answer))
			serving_say(serving, i, good_answer + serving->dripped[i]++ - 1, 1);
}

static _Noreturn void serving_run(struct serving *serving)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (true) {
		poll(serving->fds, (nfds_t)serving->count, serving->temper == RECEIVER_DRIPS ? 100 : -1);
		for (int i = serving->count - 1; i >= serving->listeners; i--)
			if (serving->fds[i].revents)
				serving_read(serving, i);
		for (int i = 0; i < serving->listeners; i++)
			if (serving->fds[i].revents)
				serving_accept(serving, serving->fds[i].fd);
		serving_drip(serving);
	}
}

/* A listener on that port; 0: any. */
static int receiver_listen(int port, int *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	socklen_t len = sizeof(address);
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 512) != 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	getsockname(fd, (struct sockaddr *)&address, &len);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static void receiver_unlisten(struct serving *serving)
{
	while (serving->listeners > 0)
		close(serving->fds[--serving->listeners].fd);
}

/* Some ports in a row; several beginnings are tried. */
static bool receiver_open(struct receiver *receiver, struct serving *serving, int ports)
{
	for (int attempt = 0; attempt < 50; attempt++) {
		/* Below the ports that the system picks from, there are rows of free ones. */
		int port = receiver->port || ports == 1 ? receiver->port : 15000 + attempt * 331;

		for (int i = 0; i < ports; i++) {
			int got, fd = receiver_listen(port ? port + i : 0, &got);

			if (fd < 0)
				break;
			port = i ? port : got;
			serving->fds[serving->listeners++] = (struct pollfd){.fd = fd, .events = POLLIN};
		}
		if (serving->listeners == ports) {
			serving->count = ports;
			receiver->port = port;
			receiver->ports = ports;
			return true;
		}
		receiver_unlisten(serving);
	}
	return false;
}

bool receiver_start(struct receiver *receiver, enum receiver_temper temper, bool from_the_start, int ports)
{
	struct serving *serving = calloc(1, sizeof(*serving));
	bool open;

	if (!receiver->heard)
		receiver->heard = mmap(NULL, sizeof(*receiver->heard), PROT_READ | PROT_WRITE,
		                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	serving->temper = temper;
	serving->from_the_start = from_the_start;
	serving->heard = receiver->heard;
	open = receiver->heard != MAP_FAILED && receiver_open(receiver, serving, ports);
	if (open) {
		receiver->pid = fork();
		if (receiver->pid == 0)
			serving_run(serving);
		receiver_unlisten(serving);
	}
	free(serving);
	return open;
}

void receiver_away(struct receiver *receiver)
{
	if (receiver->pid <= 0)
		return;
	kill(receiver->pid, SIGKILL);
	waitpid(receiver->pid, NULL, 0);
	receiver->pid = 0;
}

void receiver_end(struct receiver *receiver)
{
	receiver_away(receiver);
	if (receiver->heard)
		munmap(receiver->heard, sizeof(*receiver->heard));
	*receiver = (struct receiver){0};
}

bool receiver_wait(const struct receiver *receiver, uint32_t count, int64_t us)
{
	int64_t end = clock_wall_steady() + us;

	while (receiver->heard->count < count && clock_wall_steady() < end)
		poll(NULL, 0, 5);
	return receiver->heard->count >= count;
}
