/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL reads from and writes to: a socket that is somebody else's. Its own kind for that uses read
 * and write, which cost more than recv and send on a socket and may raise SIGPIPE, and looks at much that we
 * do not need with every record. */
#include "net/tls_private.h"

#include <errno.h>
#include <sys/socket.h>

static int socket_of(BIO *bio)
{
	return (int)(intptr_t)BIO_get_data(bio);
}

static bool socket_is_busy(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static int socket_read(BIO *bio, char *bytes, size_t len, size_t *ret_len)
{
	ssize_t n = recv(socket_of(bio), bytes, len, 0);

	BIO_clear_retry_flags(bio);
	*ret_len = n > 0 ? (size_t)n : 0;
	if (n < 0 && socket_is_busy(errno))
		BIO_set_retry_read(bio);
	else if (n == 0)
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
	return n > 0;
}

static int socket_write(BIO *bio, const char *bytes, size_t len, size_t *ret_len)
{
	ssize_t n = send(socket_of(bio), bytes, len, MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	*ret_len = n > 0 ? (size_t)n : 0;
	if (n < 0 && socket_is_busy(errno))
		BIO_set_retry_write(bio);
	return n > 0;
}

static long socket_ctrl(BIO *bio, int what, long number, void *pointer)
{
	if (what == BIO_CTRL_FLUSH)
		return 1;
	return what == BIO_CTRL_EOF && BIO_test_flags(bio, BIO_FLAGS_IN_EOF);
}

BIO_METHOD *tls_socket_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket");

	if (method && (BIO_meth_set_read_ex(method, socket_read) != 1 ||
	               BIO_meth_set_write_ex(method, socket_write) != 1 ||
	               BIO_meth_set_ctrl(method, socket_ctrl) != 1)) {
		BIO_meth_free(method);
		method = NULL;
	}
	return method;
}

BIO *tls_socket_create(BIO_METHOD *method, int fd)
{
	BIO *bio = BIO_new(method);

	if (bio) {
		BIO_set_data(bio, (void *)(intptr_t)fd);
		BIO_set_init(bio, 1);
	}
	return bio;
}
