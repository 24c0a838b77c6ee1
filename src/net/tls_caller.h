/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: somebody who calls a server by TLS, in the same thread and on the same loop. */
#ifndef DURE_NET_TLS_CALLER_H
#define DURE_NET_TLS_CALLER_H

#include "net/http_caller.h"
#include "net/stream.h"
#include "net/tls_test.h"

struct secure {
	struct caller caller;
	struct stream stream;
	struct tls_context *tls;
};

/* Takes the context. */
static inline void secure_begin_with(struct loop *loop, int port, struct secure *secure,
                                     struct tls_context *tls)
{
	caller_begin_at(loop, port, &secure->caller);
	secure->tls = tls;
	secure->stream = (struct stream){.fd = secure->caller.fd};
	assert_int_equal(
	        tls_session_connect(secure->tls, secure->caller.fd, "localhost", &secure->stream.tls), 0);
}

/* cert: who it is, or NULL. It trusts ca. */
static inline void secure_begin(const struct tls_files *files, struct loop *loop, int port,
                                struct secure *secure, const char *cert)
{
	secure_begin_with(loop, port, secure, tls_test_context(files, false, cert, "ca", NULL));
}

static inline void secure_end(struct secure *secure)
{
	tls_session_destroy(secure->stream.tls);
	tls_context_destroy(secure->tls);
	caller_end(&secure->caller);
}

static inline void secure_read(struct secure *secure)
{
	char bytes[16384];
	ssize_t n;

	while ((n = stream_read(&secure->stream, bytes, sizeof(bytes))) > 0)
		buf_add(&secure->caller.got, bytes, (size_t)n);
	secure->caller.eof = n != -EAGAIN;
}

static inline void secure_send(struct secure *secure, struct slice bytes)
{
	int64_t end = clock_wall_steady() + CALLER_PATIENCE_US;

	while (bytes.len > 0 && clock_wall_steady() < end) {
		ssize_t n = stream_write(&secure->stream, bytes.ptr, bytes.len);

		assert_true(n > 0 || n == -EAGAIN);
		if (n > 0)
			bytes = slice_skip(bytes, (size_t)n);
		else
			secure_read(secure);
		loop_turn(secure->caller.loop, 0);
	}
	assert_int_equal(bytes.len, 0);
}

static inline bool secure_wait(struct secure *secure, const char *text, size_t times)
{
	int64_t end = clock_wall_steady() + CALLER_PATIENCE_US;

	while (caller_count(&secure->caller, text) < times) {
		if (secure->caller.eof || clock_wall_steady() > end)
			return false;
		loop_turn(secure->caller.loop, 1000);
		secure_read(secure);
	}
	return true;
}

#endif
