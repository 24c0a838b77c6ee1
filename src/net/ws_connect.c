/* SPDX-License-Identifier: Apache-2.0 */
/* A client's first steps: the socket connects, TLS shakes hands below, the request goes out, and the answer
 * is held against what was asked. Bytes behind the answer are frames already. */
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>

#include "base/base64.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/ws_conn.h"
#include "net/ws_handshake.h"

struct ws_shake {
	struct arena arena;
	struct ws_expected expected;
	struct slice request; /* not sent yet */
	struct buf answer;
};

void ws_shake_destroy(struct ws_shake *shake)
{
	if (!shake)
		return;
	buf_finish(&shake->answer);
	arena_finish(&shake->arena);
	free(shake);
}

/* A connection under way; the descriptor, or -errno. */
static int shake_socket(const struct ws_url *url, struct arena *arena)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	                               .ai_socktype = SOCK_STREAM};
	char *host = arena_text(arena, url->host);
	struct addrinfo *found;
	char port[8];
	int fd, error, on = 1;

	snprintf(port, sizeof(port), "%u", url->port);
	/* Names are not asked for: that would block. */
	if (getaddrinfo(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, port, &hints, &found) != 0)
		return -EINVAL;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	error = fd < 0 ? -errno : 0;
	/* A message is whole when it is sent: nothing is gained by waiting for more. */
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS) {
		error = -errno;
		close(fd);
	}
	freeaddrinfo(found);
	return error ? error : fd;
}

static int shake_request(struct ws_shake *shake, const struct ws_url *url, const char *protocol,
                         const char *const *headers)
{
	char nonce[16];
	struct slice key;
	struct buf request;

	if (getrandom(nonce, sizeof(nonce), 0) != sizeof(nonce))
		return -EIO;
	key = base64_encode(&shake->arena, slice_make(nonce, sizeof(nonce)));
	if (!ws_accept_key(&shake->arena, key, &shake->expected.accept))
		return -EINVAL;
	shake->expected.protocol = arena_copy(&shake->arena, slice_of(protocol));
	buf_init(&request, &shake->arena);
	buf_add_lit(&request, "GET ");
	if (url->path.len == 0 || url->path.ptr[0] != '/')
		buf_add_char(&request, '/');
	buf_add_slice(&request, url->path);
	buf_add_lit(&request, " HTTP/1.1\r\nHost: ");
	buf_add_slice(&request, url->authority);
	buf_add_lit(&request, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	                      "Sec-WebSocket-Key: ");
	buf_add_slice(&request, key);
	buf_add_lit(&request, "\r\n");
	if (protocol)
		buf_printf(&request, "Sec-WebSocket-Protocol: %s\r\n", protocol);
	for (; headers && *headers; headers++) {
		buf_add_slice(&request, slice_of(*headers));
		buf_add_lit(&request, "\r\n");
	}
	buf_add_lit(&request, "\r\n");
	shake->request = buf_slice(&request);
	return 0;
}

static int shake_stream(const struct ws_url *url, struct tls_context *tls, struct arena *arena,
                        struct stream *ret)
{
	int fd, r = 0;

	*ret = (struct stream){.fd = -1};
	if (url->secure && !tls)
		return -EINVAL;
	fd = shake_socket(url, arena);
	if (fd < 0)
		return fd;
	ret->fd = fd;
	if (url->secure)
		r = tls_session_connect(tls, fd, arena_text(arena, url->host), &ret->tls);
	if (r != 0)
		stream_close(ret);
	return r;
}

int ws_connect(struct loop *loop, const char *text, const char *protocol, const char *const *headers,
               struct tls_context *tls, const struct ws_limits *limits, const struct ws_handler *handler,
               struct ws **ret)
{
	struct ws_shake *shake = mem_zero(1, sizeof(*shake));
	struct ws_url url;
	struct stream stream;
	int r;

	arena_init(&shake->arena);
	buf_init(&shake->answer, NULL);
	r = ws_url_read(slice_of(text), &url) ? shake_request(shake, &url, protocol, headers) : -EINVAL;
	if (r == 0)
		r = shake_stream(&url, tls, &shake->arena, &stream);
	if (r == 0) {
		*ret = ws_make(loop, stream, true, limits, handler, EPOLLOUT);
		r = *ret ? 0 : -ENOMEM;
	}
	if (r == 0)
		(*ret)->shake = shake;
	else
		ws_shake_destroy(shake);
	return r;
}

/* Sends; 0: all is out. */
static int shake_send(struct ws *ws)
{
	struct ws_shake *shake = ws->shake;

	while (shake->request.len > 0) {
		ssize_t n = stream_write(&ws->stream, shake->request.ptr, shake->request.len);

		if (n > 0)
			shake->request = slice_skip(shake->request, (size_t)n);
		else if (n != -EINTR)
			return n < 0 ? (int)n : -EPIPE;
	}
	return 0;
}

/* Reads until the head is whole; *ret_len: how long it is. */
static int shake_receive(struct ws *ws, size_t *ret_len)
{
	struct buf *answer = &ws->shake->answer;

	for (;;) {
		ssize_t n;

		*ret_len = ws_handshake_scan(buf_slice(answer));
		if (*ret_len > 0)
			return 0;
		if (answer->len >= WS_HEAD_MAX)
			return -EMSGSIZE;
		buf_room(answer, WS_HEAD_MAX - answer->len);
		n = stream_read(&ws->stream, answer->ptr + answer->len, WS_HEAD_MAX - answer->len);
		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? (int)n : -ECONNRESET;
		answer->len += (size_t)n;
	}
}

int ws_shake_step(struct ws *ws)
{
	struct ws_shake *shake = ws->shake;
	const char *wrong;
	struct slice got;
	size_t len = 0;
	int r = shake_send(ws);

	if (r == 0)
		r = shake_receive(ws, &len);
	if (r == -EAGAIN) {
		uint32_t events = shake->request.len > 0 ? EPOLLOUT : EPOLLIN;

		if (ws->stream.tls && !tls_is_ready(ws->stream.tls))
			events = tls_wants(ws->stream.tls);
		return loop_change(ws->loop, &ws->watch, events);
	}
	if (r < 0) {
		log_debug("ws", "no connection: %s %s", strerror(-r),
		          ws->stream.tls ? tls_session_error(ws->stream.tls) : "");
		return r;
	}
	got = buf_slice(&shake->answer);
	wrong = ws_handshake_check(slice_make(got.ptr, len), &shake->expected);
	if (wrong) {
		log_debug("ws", "no handshake: %s", wrong);
		return -EPROTO;
	}
	ws->shake = NULL;
	ws_open(ws, slice_skip(got, len));
	ws_shake_destroy(shake);
	if (ws->handler.opened)
		ws->handler.opened(ws->handler.user, ws);
	return 0;
}
