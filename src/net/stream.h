/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes to and from one peer: a socket, with or without TLS in between. A plain stream costs one comparison.
 */
#ifndef DURE_NET_STREAM_H
#define DURE_NET_STREAM_H

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/tls.h"

struct stream {
	int fd;                  /* non-blocking; the stream owns it */
	struct tls_session *tls; /* NULL: plain */
};

/* n > 0; 0 at the end; -EAGAIN; another -errno for good. */
static inline ssize_t stream_read(struct stream *stream, void *bytes, size_t len)
{
	ssize_t n;

	if (stream->tls)
		return tls_read(stream->tls, bytes, len);
	n = recv(stream->fd, bytes, len, 0);
	return n < 0 ? -errno : n;
}

static inline ssize_t stream_write(struct stream *stream, const void *bytes, size_t len)
{
	ssize_t n;

	if (stream->tls)
		return tls_write(stream->tls, bytes, len);
	n = send(stream->fd, bytes, len, MSG_NOSIGNAL);
	return n < 0 ? -errno : n;
}

/* Bytes wait that epoll will not tell of. */
static inline bool stream_has_more(const struct stream *stream)
{
	return stream->tls && tls_has_more(stream->tls);
}

static inline void stream_close(struct stream *stream)
{
	tls_session_destroy(stream->tls);
	if (stream->fd >= 0)
		close(stream->fd);
	*stream = (struct stream){.fd = -1};
}

#endif
