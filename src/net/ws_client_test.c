/* SPDX-License-Identifier: Apache-2.0 */
/* The client's end: its URLs, its handshake against servers that answer well and badly, and a talk with our
 * own server's end. */
#include "net/http_caller.h"

#include <stdio.h>
#include <stdlib.h>

#include "net/ws.h"
#include "net/ws_handshake.h"

static const struct {
	const char *text, *host, *authority, *path;
	uint16_t port;
	bool secure;
} urls[] = {
        {"ws://127.0.0.1:8080/a?b", "127.0.0.1", "127.0.0.1:8080", "/a?b", 8080, false},
        {"WS://localhost", "localhost", "localhost", "", 80, false},
        {"wss://[::1]/x", "::1", "[::1]", "/x", 443, true},
        {"wss://[::1]:8443?q", "::1", "[::1]:8443", "?q", 8443, true},
};
static const char *const no_urls[] = {
        "",          "ws://",       "http://a",  "ws:/a",           "ws://a:0/", "ws://a:65536/",
        "ws://a:x/", "ws://:80/",   "ws://a b/", "ws://a/\r\nX: y", "ws://u@a/", "ws://a/#f",
        "ws://[::1", "ws://[::1]x", "ws://a:/",
};

UNIT(urls_are_taken_apart)
{
	struct ws_url url;

	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		assert_true(ws_url_read(slice_of(urls[i].text), &url));
		assert_slice(url.host, urls[i].host);
		assert_slice(url.authority, urls[i].authority);
		assert_slice(url.path, urls[i].path);
		assert_int_equal(url.port, urls[i].port);
		assert_int_equal(url.secure, urls[i].secure);
	}
	for (size_t i = 0; i < sizeof(no_urls) / sizeof(*no_urls); i++)
		assert_false(ws_url_read(slice_of(no_urls[i]), &url));
}

UNIT(the_key_of_the_standard_has_the_answer_of_the_standard)
{
	struct arena arena;
	struct slice accept;

	arena_init(&arena);
	/* RFC 6455 1.3 */
	assert_true(ws_accept_key(&arena, SLICE("dGhlIHNhbXBsZSBub25jZQ=="), &accept));
	assert_slice(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_false(ws_accept_key(&arena, SLICE(""), &accept));
	assert_false(ws_accept_key(&arena, SLICE("dGhlIHNhbXBsZSBub25jZQ"), &accept));
	assert_false(ws_accept_key(&arena, SLICE("dGhlIHNhbXBsZSBub25j"), &accept));
	assert_false(ws_accept_key(&arena, SLICE("dGhlIHNhbXBsZSBub25jZXM="), &accept));
	arena_finish(&arena);
}

#define OK       "HTTP/1.1 101 Switching Protocols\r\n"
#define UPGRADE  "Upgrade: WebSocket\r\n"
#define CONNECT  "connection: keep-alive, Upgrade\r\n"
#define ACCEPT   "Sec-WebSocket-Accept: abc=\r\n"
#define PROTOCOL "Sec-WebSocket-Protocol: oneM2M.json\r\n"

static const struct {
	bool good;
	const char *head;
} heads[] = {
        {true, OK UPGRADE CONNECT ACCEPT PROTOCOL "\r\n"},
        {true, "HTTP/1.1 101\r\n" ACCEPT PROTOCOL "Date: now\r\n" CONNECT UPGRADE "\r\n"},
        {false, "HTTP/1.1 200 OK\r\n" UPGRADE CONNECT ACCEPT PROTOCOL "\r\n"},
        {false, "HTTP/1.1 1010\r\n" UPGRADE CONNECT ACCEPT PROTOCOL "\r\n"},
        {false, "HTTP/1.0 101 Yes\r\n" UPGRADE CONNECT ACCEPT PROTOCOL "\r\n"},
        {false, OK CONNECT ACCEPT PROTOCOL "\r\n"},
        {false, OK UPGRADE ACCEPT PROTOCOL "\r\n"},
        {false, OK UPGRADE CONNECT PROTOCOL "\r\n"},
        {false, OK UPGRADE CONNECT ACCEPT "\r\n"},
        {false, OK UPGRADE CONNECT "Sec-WebSocket-Accept: abd=\r\n" PROTOCOL "\r\n"},
        {false, OK UPGRADE CONNECT "Sec-WebSocket-Accept: ABC=\r\n" PROTOCOL "\r\n"},
        {false, OK UPGRADE CONNECT ACCEPT "Sec-WebSocket-Protocol: oneM2M.cbor\r\n\r\n"},
        {false, OK UPGRADE CONNECT ACCEPT ACCEPT PROTOCOL "\r\n"},
        {false, OK UPGRADE CONNECT ACCEPT PROTOCOL "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"},
        {false, OK UPGRADE "Connection: close\r\n" ACCEPT PROTOCOL "\r\n"},
        {false, OK "Upgrade: h2c\r\n" CONNECT ACCEPT PROTOCOL "\r\n"},
        {false, OK "No header\r\n" UPGRADE CONNECT ACCEPT PROTOCOL "\r\n"},
        {false, OK "Bad name: x\r\n" UPGRADE CONNECT ACCEPT PROTOCOL "\r\n"},
        {false, OK "Bare: x\n" UPGRADE CONNECT ACCEPT PROTOCOL "\r\n"},
};

UNIT(answers_are_held_against_what_was_asked)
{
	const struct ws_expected expected = {SLICE_INIT("abc="), SLICE_INIT("oneM2M.json")};

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		struct slice head = slice_of(heads[i].head);

		assert_int_equal(ws_handshake_scan(head), head.len);
		assert_int_equal(ws_handshake_scan(slice_make(head.ptr, head.len - 1)), 0);
		if (!ws_handshake_check(head, &expected) != heads[i].good)
			print_error("%s\n", heads[i].head);
		assert_int_equal(!ws_handshake_check(head, &expected), heads[i].good);
	}
}

/* A server on a listening socket that plays its part by hand, and a client. */
struct play {
	struct loop *loop;
	struct ws *client, *server;
	int listen, fd;
	struct buf got;
	size_t opened, messages;
	char first[64], last[64];
	bool last_binary;
	int closed, server_closed;
};

static void play_opened(void *user, struct ws *ws)
{
	((struct play *)user)->opened++;
	assert_int_equal(ws_send(ws, false, SLICE("greetings")), 0);
}

static void play_message(void *user, struct ws *ws, bool binary, struct slice bytes)
{
	struct play *play = user;

	if (play->messages++ == 1)
		memcpy(play->first, play->last, sizeof(play->first));
	play->last_binary = binary;
	snprintf(play->last, sizeof(play->last), "%.*s", bytes.len > 60 ? 60 : (int)bytes.len, bytes.ptr);
}

static void play_closed(void *user, struct ws *ws, int code)
{
	struct play *play = user;

	play->client = NULL;
	play->closed = code;
}

static void server_message(void *user, struct ws *ws, bool binary, struct slice bytes)
{
	assert_int_equal(ws_send(ws, binary, bytes), 0);
}

static void server_closed(void *user, struct ws *ws, int code)
{
	struct play *play = user;

	play->server = NULL;
	play->server_closed = code;
}

#define play_until(play, condition)                                                                          \
	do {                                                                                                 \
		int64_t until_end = clock_wall_steady() + CALLER_PATIENCE_US;                                \
		while (!(condition) && clock_wall_steady() < until_end)                                      \
			loop_turn((play)->loop, 1000);                                                       \
		assert_true(condition);                                                                      \
	} while (0)

static void play_begin(struct play *play, const struct ws_limits *limits, const char *const *headers)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	const struct ws_handler handler = {play_opened, play_message, play_closed, play, NULL};
	char url[64];

	*play = (struct play){.fd = -1};
	buf_init(&play->got, NULL);
	assert_int_equal(loop_create(&play->loop), 0);
	play->listen = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(play->listen, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(play->listen, 4), 0);
	assert_int_equal(getsockname(play->listen, (struct sockaddr *)&address, &len), 0);
	snprintf(url, sizeof(url), "ws://localhost:%d/there?x", ntohs(address.sin_port));
	assert_int_equal(
	        ws_connect(play->loop, url, "oneM2M.json", headers, NULL, limits, &handler, &play->client),
	        0);
	play->fd = accept(play->listen, NULL, NULL);
	assert_true(play->fd >= 0);
	fcntl(play->fd, F_SETFL, O_NONBLOCK);
}

static void play_read(struct play *play)
{
	ssize_t n = recv(play->fd, buf_room(&play->got, 4096), 4096, MSG_DONTWAIT);

	if (n > 0)
		play->got.len += (size_t)n;
}

/* Waits for the request and gives the right value of Accept. */
static struct slice play_request(struct play *play, struct arena *arena)
{
	struct slice text, key, accept;
	const char *at;

	play_until(play, (play_read(play), ws_handshake_scan(buf_slice(&play->got)) > 0));
	text = buf_slice(&play->got);
	assert_true(slice_starts(text, SLICE("GET /there?x HTTP/1.1\r\nHost: localhost:")));
	at = memmem(text.ptr, text.len, "Sec-WebSocket-Key: ", 19);
	assert_non_null(at);
	key = slice_make(at + 19, 24);
	assert_true(ws_accept_key(arena, key, &accept));
	return accept;
}

static void play_end(struct play *play)
{
	ws_destroy(play->client);
	ws_destroy(play->server);
	if (play->fd >= 0)
		close(play->fd);
	close(play->listen);
	buf_finish(&play->got);
	loop_destroy(play->loop);
}

/* Answers the handshake; then our own server's end takes the connection. */
static void play_welcome(struct play *play, struct slice behind)
{
	static const struct ws_handler handler = {NULL, server_message, server_closed, NULL, NULL};
	struct ws_handler mine = handler;
	struct arena arena;
	struct slice accept;
	struct buf answer;

	arena_init(&arena);
	buf_init(&answer, &arena);
	accept = play_request(play, &arena);
	buf_printf(&answer, OK UPGRADE CONNECT PROTOCOL "Sec-WebSocket-Accept: %.*s\r\n\r\n",
	           SLICE_ARG(accept));
	buf_add_slice(&answer, behind);
	assert_int_equal(send(play->fd, answer.ptr, answer.len, MSG_NOSIGNAL), (ssize_t)answer.len);
	arena_finish(&arena);
	mine.user = play;
	assert_int_equal(
	        ws_accept(play->loop, (struct stream){.fd = play->fd}, SLICE(""), NULL, &mine, &play->server),
	        0);
	play->fd = -1;
}

UNIT(both_our_ends_talk)
{
	static const char *const headers[] = {"Authorization: Bearer x", NULL};
	struct play play;

	play_begin(&play, NULL, headers);
	assert_int_equal(ws_send(play.client, false, SLICE("early")), -EPIPE);
	play_welcome(&play, SLICE("\x81\x02hi"));
	assert_non_null(memmem(play.got.ptr, play.got.len, "\r\nAuthorization: Bearer x\r\n", 27));
	play_until(&play, play.messages == 2);
	assert_int_equal(play.opened, 1);
	assert_string_equal(play.first, "hi");
	assert_string_equal(play.last, "greetings");
	assert_int_equal(ws_send(play.client, true, SLICE("a masked message")), 0);
	play_until(&play, play.messages == 3);
	assert_string_equal(play.last, "a masked message");
	assert_true(play.last_binary);
	ws_close(play.client, 1000, NULL);
	play_until(&play, play.closed && play.server_closed);
	assert_int_equal(play.closed, 1000);
	assert_int_equal(play.server_closed, 1000);
	play_end(&play);
}

UNIT(large_messages_go_both_ways)
{
	struct play play;
	char *big = malloc(1000000);

	memset(big, 'y', 1000000);
	play_begin(&play, NULL, NULL);
	play_welcome(&play, SLICE(""));
	play_until(&play, play.opened);
	assert_int_equal(ws_send(play.client, false, slice_make(big, 1000000)), 0);
	play_until(&play, play.messages == 2);
	play_end(&play);
	free(big);
}

UNIT(a_server_that_masks_is_left)
{
	struct play play;

	play_begin(&play, NULL, NULL);
	play_welcome(&play, SLICE("\x81\x82\x00\x00\x00\x00hi"));
	play_until(&play, play.server_closed);
	assert_int_equal(play.server_closed, 1002);
	play_until(&play, play.closed == 1002);
	assert_int_equal(play.messages, 0);
	play_end(&play);
}

static void play_answer(const struct ws_limits *limits, const char *answer, bool hang_up)
{
	struct play play;
	struct arena arena;

	arena_init(&arena);
	play_begin(&play, limits, NULL);
	play_request(&play, &arena);
	send(play.fd, answer, strlen(answer), MSG_NOSIGNAL);
	if (hang_up)
		shutdown(play.fd, SHUT_RDWR);
	play_until(&play, play.closed);
	assert_int_equal(play.closed, 1006);
	assert_int_equal(play.opened, 0);
	play_end(&play);
	arena_finish(&arena);
}

UNIT(no_handshake_no_connection)
{
	struct ws_limits limits = ws_limits_default;
	char *endless = calloc(1, WS_HEAD_MAX + 100);

	memset(endless, 'x', WS_HEAD_MAX + 99);
	play_answer(NULL, "HTTP/1.1 403 \r\n\r\n", false);
	play_answer(NULL, OK UPGRADE CONNECT ACCEPT PROTOCOL "\r\n", false);
	play_answer(NULL, OK UPGRADE, true);
	play_answer(NULL, endless, false);
	limits.connect_us = 20000;
	play_answer(&limits, OK UPGRADE, false);
	free(endless);
}

UNIT(nobody_listens)
{
	const struct ws_handler handler = {play_opened, play_message, play_closed, NULL, NULL};
	struct play play;
	struct ws_handler mine = handler;
	char url[64];
	struct sockaddr_in address;
	socklen_t len = sizeof(address);

	play_begin(&play, NULL, NULL);
	mine.user = &play;
	assert_int_equal(ws_connect(play.loop, "ftp://x", NULL, NULL, NULL, NULL, &mine, &play.server),
	                 -EINVAL);
	assert_int_equal(ws_connect(play.loop, "wss://[::1]:1/", NULL, NULL, NULL, NULL, &mine, &play.server),
	                 -EINVAL);
	assert_int_equal(getsockname(play.listen, (struct sockaddr *)&address, &len), 0);
	close(play.fd);
	play.fd = -1;
	ws_destroy(play.client);
	close(play.listen);
	play.listen = dup(0);
	snprintf(url, sizeof(url), "ws://127.0.0.1:%d", ntohs(address.sin_port));
	if (ws_connect(play.loop, url, NULL, NULL, NULL, NULL, &mine, &play.client) == 0)
		play_until(&play, play.closed == 1006);
	play.client = NULL;
	play_end(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(urls_are_taken_apart),
	        unit(the_key_of_the_standard_has_the_answer_of_the_standard),
	        unit(answers_are_held_against_what_was_asked),
	        unit(both_our_ends_talk),
	        unit(large_messages_go_both_ways),
	        unit(a_server_that_masks_is_left),
	        unit(no_handshake_no_connection),
	        unit(nobody_listens),
	};

	return unit_main(tests);
}
