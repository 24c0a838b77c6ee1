/* SPDX-License-Identifier: Apache-2.0 */
/* What lies below HTTP: who the other side is, what is remembered of the connection, and how a connection
 * leaves HTTP behind. The connection's own shell stays until nobody works on it any more, then it is
 * destroyed like any other, without the stream. */
#include <assert.h>
#include <errno.h>

#include "net/http_conn.h"

const struct tls_peer *http_peer(const struct http_exchange *exchange)
{
	const struct http_conn *conn = exchange->conn;

	return conn && conn->stream.tls ? tls_session_peer(conn->stream.tls) : NULL;
}

void **http_slot(struct http_exchange *pub)
{
	return pub->conn ? &pub->conn->slot : &container_of(pub, struct exchange, pub)->orphaned_slot;
}

/* Nothing else is under way, in either direction. */
static bool upgrade_may(const struct http_conn *conn, const struct exchange *exchange)
{
	return conn->first == exchange && conn->last == exchange && conn->pending == 0 && !conn->coming &&
	       !conn->ended && !exchange->pub.wants_close && !conn->server->draining;
}

int http_upgrade(struct http_exchange *pub, struct slice headers, struct http_upgraded *ret)
{
	struct exchange *exchange = container_of(pub, struct exchange, pub);
	struct http_conn *conn = pub->conn;
	struct slice head;
	ssize_t sent;

	assert(!exchange->answered);
	if (!conn || conn->dead)
		return -EPIPE;
	if (!upgrade_may(conn, exchange))
		return -EBUSY;
	head = exchange_render(exchange, 101, headers, SLICE(""));
	sent = stream_write(&conn->stream, head.ptr, head.len);
	if (sent == -EAGAIN || sent == -EINTR)
		return -EBUSY;
	if (sent < 0 || (size_t)sent < head.len) {
		conn->dead = true;
		http_conn_mark(conn);
		return sent < 0 ? (int)sent : -EPIPE;
	}
	conn->server->stats.bytes_out += head.len;
	loop_remove(conn->server->loop, &conn->watch);
	ret->stream = conn->stream;
	ret->rest = conn->unread ? *conn->unread : buf_slice(&conn->in);
	conn->stream = (struct stream){.fd = -1};
	conn->watch.fd = -1;
	conn->reading = READING_NO_MORE;
	conn->dead = true;
	exchange->out = SLICE("");
	exchange->answered = true;
	http_conn_mark(conn);
	return 0;
}
