/* SPDX-License-Identifier: Apache-2.0 */
/* Answers leave: all that stand ready at the front of the queue, in one call to the kernel when it takes
 * them. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "net/http_conn.h"

#define FLUSH_PIECES 64

/* n > 0 or -errno. */
static ssize_t http_flush_send(struct http_conn *conn)
{
	struct iovec pieces[FLUSH_PIECES];
	struct msghdr message = {.msg_iov = pieces};
	struct exchange *exchange = conn->first;
	ssize_t n;

	if (!exchange->next || !exchange->next->answered || conn->stream.tls)
		return stream_write(&conn->stream, exchange->out.ptr, exchange->out.len);
	for (; exchange && exchange->answered && message.msg_iovlen < FLUSH_PIECES;
	     exchange = exchange->next) {
		/* sendmsg does not write to them; iovec has no const. */
		memcpy(&pieces[message.msg_iovlen].iov_base, &exchange->out.ptr, sizeof(void *));
		pieces[message.msg_iovlen++].iov_len = exchange->out.len;
	}
	n = sendmsg(conn->stream.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	return n < 0 ? -errno : n;
}

/* So many bytes are out: exchanges that are through go back to the pool. */
static void http_flush_eat(struct http_conn *conn, size_t sent)
{
	conn->pending -= sent;
	conn->server->stats.bytes_out += sent;
	while (conn->first && conn->first->answered && sent >= conn->first->out.len) {
		struct exchange *exchange = conn->first;

		sent -= exchange->out.len;
		conn->first = exchange->next;
		conn->count--;
		if (!conn->first)
			conn->last = NULL;
		if (exchange->close)
			conn->reading = READING_NO_MORE;
		exchange_give(exchange);
	}
	if (sent > 0)
		conn->first->out = slice_skip(conn->first->out, sent);
}

void http_flush(struct http_conn *conn)
{
	conn->blocked = false;
	while (conn->first && conn->first->answered && !conn->dead) {
		ssize_t sent = http_flush_send(conn);

		if (sent > 0) {
			http_flush_eat(conn, (size_t)sent);
			/* It took something: it lives. */
			if (conn->pending > 0 && conn->write.class != DEADLINE_NONE)
				http_deadline_set(&conn->server->deadlines, &conn->write, DEADLINE_WRITE);
		} else if (sent == -EAGAIN) {
			conn->blocked = true;
			conn->writes_on = conn->stream.tls ? tls_wants(conn->stream.tls) : (uint32_t)EPOLLOUT;
			break;
		} else if (sent != -EINTR) {
			conn->dead = true;
		}
	}
	if (conn->blocked && conn->write.class == DEADLINE_NONE)
		http_deadline_set(&conn->server->deadlines, &conn->write, DEADLINE_WRITE);
	else if (!conn->blocked && conn->write.class != DEADLINE_NONE)
		http_deadline_set(&conn->server->deadlines, &conn->write, DEADLINE_NONE);
}
