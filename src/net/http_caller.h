/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: somebody who calls a server on a plain socket, in the same thread and on the same loop. Nobody
 * sleeps: everything waits for what must happen, with a bound. */
#ifndef DURE_NET_HTTP_CALLER_H
#define DURE_NET_HTTP_CALLER_H

#include "base/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/loop.h"

#define CALLER_PATIENCE_US 20000000

struct caller {
	struct loop *loop;
	int fd;
	struct buf got;
	bool eof;
};

static inline void caller_begin_at(struct loop *loop, int port, struct caller *caller)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_port = htons((uint16_t)port),
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	*caller = (struct caller){.loop = loop};
	buf_init(&caller->got, NULL);
	caller->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(caller->fd >= 0);
	assert_int_equal(connect(caller->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	fcntl(caller->fd, F_SETFL, O_NONBLOCK);
}

static inline void caller_end(struct caller *caller)
{
	close(caller->fd);
	buf_finish(&caller->got);
}

/* Reads what is there. */
static inline void caller_read(struct caller *caller)
{
	for (;;) {
		char bytes[16384];
		ssize_t n = recv(caller->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (n > 0) {
			buf_add(&caller->got, bytes, (size_t)n);
			continue;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			caller->eof = true;
		return;
	}
}

static inline void caller_send(struct caller *caller, struct slice bytes)
{
	int64_t end = clock_wall_steady() + CALLER_PATIENCE_US;

	while (bytes.len > 0 && clock_wall_steady() < end) {
		ssize_t n = send(caller->fd, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return;
		if (n > 0)
			bytes = slice_skip(bytes, (size_t)n);
		if (bytes.len > 0)
			loop_turn(caller->loop, 1000);
	}
	assert_int_equal(bytes.len, 0);
}

static inline size_t caller_count(const struct caller *caller, const char *text)
{
	struct slice rest = buf_slice(&caller->got);
	size_t n = 0;
	const char *at;

	while (rest.len > 0 && (at = memmem(rest.ptr, rest.len, text, strlen(text)))) {
		rest = slice_skip(rest, (size_t)(at - rest.ptr) + strlen(text));
		n++;
	}
	return n;
}

/* Until the text has come so many times, or the connection ended. */
static inline bool caller_wait(struct caller *caller, const char *text, size_t times)
{
	int64_t end = clock_wall_steady() + CALLER_PATIENCE_US;

	for (;;) {
		caller_read(caller);
		if (caller_count(caller, text) >= times)
			return true;
		if (caller->eof || clock_wall_steady() > end)
			return false;
		loop_turn(caller->loop, 1000);
	}
}

static inline bool caller_wait_eof(struct caller *caller)
{
	int64_t end = clock_wall_steady() + CALLER_PATIENCE_US;

	for (;;) {
		caller_read(caller);
		if (caller->eof || clock_wall_steady() > end)
			return caller->eof;
		loop_turn(caller->loop, 1000);
	}
}

#endif
