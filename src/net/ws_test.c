/* SPDX-License-Identifier: Apache-2.0 */
/* Both ends on one loop, and strangers who write frames by hand. */
#include "base/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "net/ws.h"

#define PATIENCE_US 20000000

struct end {
	struct ws *ws;
	size_t messages, bytes, opened;
	bool last_binary;
	char last[256];
	int closed; /* the code; 0: not yet */
	bool echo;
	size_t answer; /* so many bytes for each message */
	bool destroys;
};

struct pair {
	struct loop *loop;
	struct ws_group group;
	struct ws_limits limits;
	struct ws_handler handler;
	struct end server;
	int fd; /* the stranger's */
	char got[65536];
	size_t got_len, drained;
	bool eof;
};

static void end_opened(void *user, struct ws *ws)
{
	((struct end *)user)->opened++;
}

static void end_message(void *user, struct ws *ws, bool binary, struct slice bytes)
{
	struct end *end = user;

	end->messages++;
	end->bytes += bytes.len;
	end->last_binary = binary;
	snprintf(end->last, sizeof(end->last), "%.*s", bytes.len > 250 ? 250 : (int)bytes.len, bytes.ptr);
	if (end->echo)
		assert_int_equal(ws_send(ws, binary, bytes), 0);
	if (end->answer) {
		char *big = calloc(1, end->answer);

		assert_int_equal(ws_send(ws, true, slice_make(big, end->answer)), 0);
		free(big);
	}
	if (end->destroys) {
		ws_destroy(ws);
		end->ws = NULL;
	}
}

static void end_closed(void *user, struct ws *ws, int code)
{
	struct end *end = user;

	assert_int_equal(end->closed, 0);
	end->closed = code;
	end->ws = NULL;
}

static struct ws_handler end_handler(struct end *end, struct ws_group *group)
{
	return (struct ws_handler){end_opened, end_message, end_closed, end, group};
}

static void pair_socket(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
}

/* The server's end on the loop, a stranger at the other. */
static void pair_begin_with(struct pair *pair, const struct ws_limits *limits, struct slice rest)
{
	int fds[2];

	*pair = (struct pair){.limits = limits ? *limits : ws_limits_default};
	assert_int_equal(loop_create(&pair->loop), 0);
	ws_group_init(&pair->group, pair->loop);
	pair_socket(fds);
	pair->fd = fds[1];
	pair->handler = end_handler(&pair->server, &pair->group);
	assert_int_equal(ws_accept(pair->loop, (struct stream){.fd = fds[0]}, rest, &pair->limits,
	                           &pair->handler, &pair->server.ws),
	                 0);
}

static void pair_begin(struct pair *pair)
{
	pair_begin_with(pair, NULL, SLICE(""));
}

static void pair_end(struct pair *pair)
{
	ws_destroy(pair->server.ws);
	close(pair->fd);
	ws_group_finish(&pair->group);
	loop_destroy(pair->loop);
}

static void pair_read(struct pair *pair)
{
	ssize_t n =
	        recv(pair->fd, pair->got + pair->got_len, sizeof(pair->got) - pair->got_len, MSG_DONTWAIT);

	if (n > 0)
		pair->got_len += (size_t)n;
	else if (n == 0 && pair->got_len < sizeof(pair->got))
		pair->eof = true;
	else if (n < 0 && errno != EAGAIN)
		pair->eof = true;
}

#define pair_until(pair, condition)                                                                          \
	do {                                                                                                 \
		int64_t until_end = clock_wall_steady() + PATIENCE_US;                                       \
		while (!(condition) && clock_wall_steady() < until_end)                                      \
			loop_turn((pair)->loop, 1000);                                                       \
		assert_true(condition);                                                                      \
	} while (0)

static void pair_write(struct pair *pair, const void *bytes, size_t len)
{
	assert_int_equal(send(pair->fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* A masked frame with a mask of zeros; returns its length. */
static size_t frame_put(char *at, int first, struct slice payload)
{
	size_t n = 0;

	at[n++] = (char)first;
	if (payload.len < 126) {
		at[n++] = (char)(0x80 | payload.len);
	} else {
		at[n++] = (char)(0x80 | 126);
		at[n++] = (char)(payload.len >> 8);
		at[n++] = (char)payload.len;
	}
	memset(at + n, 0, 4);
	n += 4;
	memcpy(at + n, payload.ptr, payload.len);
	return n + payload.len;
}

static void pair_frame(struct pair *pair, int first, struct slice payload)
{
	char frame[70000];

	pair_write(pair, frame, frame_put(frame, first, payload));
}

/* What came from the server is exactly this. */
static void pair_expect(struct pair *pair, const void *bytes, size_t len)
{
	pair_until(pair, (pair_read(pair), pair->got_len >= len || pair->eof));
	assert_int_equal(pair->got_len, len);
	assert_memory_equal(pair->got, bytes, len);
	pair->got_len = 0;
}

/* The server says goodbye with that code; whatever it sent before is skipped. */
static void pair_expect_goodbye(struct pair *pair, int code)
{
	const char *at;

	pair_until(pair, (pair_read(pair), (at = memchr(pair->got, 0x88, pair->got_len)) != NULL));
	pair_until(pair, (pair_read(pair), pair->got + pair->got_len >= at + 4));
	assert_int_equal((uint8_t)at[2] << 8 | (uint8_t)at[3], code);
}

UNIT(a_message_comes_whole_and_its_answer_leaves_in_one_piece)
{
	struct pair pair;

	pair_begin(&pair);
	pair.server.echo = true;
	/* RFC 6455 5.7: a masked "Hello". */
	pair_write(&pair, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
	pair_until(&pair, pair.server.messages == 1);
	assert_string_equal(pair.server.last, "Hello");
	assert_false(pair.server.last_binary);
	pair_expect(&pair, "\x81\x05Hello", 7);
	/* Fragments, with a ping between them. */
	pair_frame(&pair, 0x02, SLICE("Hel"));
	pair_frame(&pair, 0x89, SLICE("are you there"));
	pair_frame(&pair, 0x00, SLICE(""));
	pair_frame(&pair, 0x80, SLICE("lo"));
	pair_expect(&pair,
	            "\x8a\x0d"
	            "are you there\x82\x05Hello",
	            22);
	assert_true(pair.server.last_binary);
	pair_end(&pair);
}

UNIT(bytes_that_came_with_the_handshake_are_not_lost)
{
	struct pair pair;

	pair_begin_with(&pair, NULL, SLICE("\x81\x82\x00\x00\x00\x00hi\x81\x82\x00\x00"));
	assert_int_equal(pair.server.messages, 0);
	pair_until(&pair, pair.server.messages == 1);
	pair_write(&pair, "\x00\x00ho", 4);
	pair_until(&pair, pair.server.messages == 2);
	assert_string_equal(pair.server.last, "ho");
	pair_end(&pair);
}

UNIT(one_byte_at_a_time_is_the_same)
{
	struct pair pair;
	char frame[600], text[301];
	size_t len;

	pair_begin(&pair);
	memset(text, 'x', 300);
	text[300] = 0;
	len = frame_put(frame, 0x81, slice_of(text));
	for (size_t i = 0; i < len; i++) {
		pair_write(&pair, frame + i, 1);
		loop_turn(pair.loop, 0);
	}
	pair_until(&pair, pair.server.messages == 1);
	assert_int_equal(pair.server.bytes, 300);
	pair_end(&pair);
}

static const struct {
	const char *what;
	struct slice bytes;
	int code;
} hostile[] = {
        {"a client that does not mask", SLICE_INIT("\x81\x02hi"), 1002},
        {"a reserved bit", SLICE_INIT("\xc1\x82\x00\x00\x00\x00hi"), 1002},
        {"another reserved bit", SLICE_INIT("\x91\x82\x00\x00\x00\x00hi"), 1002},
        {"an unknown kind", SLICE_INIT("\x83\x80\x00\x00\x00\x00"), 1002},
        {"an unknown control frame", SLICE_INIT("\x8b\x80\x00\x00\x00\x00"), 1002},
        {"an oversized control frame", SLICE_INIT("\x89\xfe\x00\x7e\x00\x00\x00\x00"), 1002},
        {"a fragmented control frame", SLICE_INIT("\x09\x80\x00\x00\x00\x00"), 1002},
        {"a continuation of nothing", SLICE_INIT("\x80\x80\x00\x00\x00\x00"), 1002},
        {"a message within another", SLICE_INIT("\x01\x81\x00\x00\x00\x00x\x81\x80\x00\x00\x00\x00"), 1002},
        {"a length longer than it need be", SLICE_INIT("\x81\xfe\x00\x01\x00\x00\x00\x00x"), 1002},
        {"a length with its highest bit set",
         SLICE_INIT("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00x"), 1002},
        {"more than is taken", SLICE_INIT("\x82\xff\x00\x00\x00\x00\x00\x20\x00\x00\x00\x00\x00\x00x"), 1009},
        {"a text that is not UTF-8", SLICE_INIT("\x81\x82\x00\x00\x00\x00\xc3\x28"), 1007},
        {"a text that ends within a letter", SLICE_INIT("\x81\x81\x00\x00\x00\x00\xc3"), 1007},
        {"half a code", SLICE_INIT("\x88\x81\x00\x00\x00\x00\x03"), 1002},
        {"a code that may not be sent", SLICE_INIT("\x88\x82\x00\x00\x00\x00\x03\xee"), 1002},
        {"a reason that is not UTF-8", SLICE_INIT("\x88\x83\x00\x00\x00\x00\x03\xe8\xff"), 1007},
};

UNIT(what_breaks_the_rules_is_closed_with_a_code)
{
	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		struct pair pair;

		pair_begin(&pair);
		pair_write(&pair, hostile[i].bytes.ptr, hostile[i].bytes.len);
		/* And goes on talking. */
		pair_write(&pair, "\x81\x82\x00\x00\x00\x00hi", 8);
		pair_until(&pair, (pair_read(&pair), pair.got_len >= 4));
		if ((pair.got[2] & 0xff) << 8 != (hostile[i].code & 0xff00) ||
		    (uint8_t)pair.got[3] != (hostile[i].code & 0xff))
			print_error("%s\n", hostile[i].what);
		assert_int_equal((uint8_t)pair.got[0], 0x88);
		assert_int_equal((uint8_t)pair.got[2] << 8 | (uint8_t)pair.got[3], hostile[i].code);
		assert_int_equal(pair.server.messages, 0);
		/* We have said our last word, they hear its end. */
		pair_until(&pair, (pair_read(&pair), pair.eof));
		shutdown(pair.fd, SHUT_WR);
		pair_until(&pair, pair.server.closed);
		assert_int_equal(pair.server.closed, hostile[i].code);
		pair_end(&pair);
	}
}

UNIT(fragments_without_end_are_too_big)
{
	struct ws_limits limits = ws_limits_default;
	struct pair pair;
	char piece[1000];

	limits.message = 10000;
	pair_begin_with(&pair, &limits, SLICE(""));
	memset(piece, 'x', sizeof(piece));
	pair_frame(&pair, 0x01, slice_make(piece, sizeof(piece)));
	for (int i = 0; i < 10; i++)
		pair_frame(&pair, 0x00, slice_make(piece, sizeof(piece)));
	pair_expect_goodbye(&pair, 1009);
	pair_end(&pair);
}

UNIT(a_message_of_just_the_limit_passes)
{
	struct ws_limits limits = ws_limits_default;
	struct pair pair;
	char piece[5000];

	limits.message = 10000;
	pair_begin_with(&pair, &limits, SLICE(""));
	memset(piece, 'x', sizeof(piece));
	pair_frame(&pair, 0x01, slice_make(piece, sizeof(piece)));
	pair_frame(&pair, 0x80, slice_make(piece, sizeof(piece)));
	pair_until(&pair, pair.server.messages == 1);
	assert_int_equal(pair.server.bytes, 10000);
	pair_end(&pair);
}

UNIT(goodbyes_are_answered_with_their_code)
{
	struct pair pair;

	pair_begin(&pair);
	pair_frame(&pair, 0x88,
	           SLICE("\x03\xe8"
	                 "bye"));
	pair_expect(&pair, "\x88\x02\x03\xe8", 4);
	pair_until(&pair, pair.server.closed == 1000);
	pair_end(&pair);
	pair_begin(&pair);
	pair_frame(&pair, 0x88, SLICE(""));
	pair_expect(&pair, "\x88\x00", 2);
	pair_until(&pair, pair.server.closed == 1005);
	pair_end(&pair);
}

UNIT(our_goodbye_waits_for_theirs)
{
	struct pair pair;

	pair_begin(&pair);
	assert_int_equal(ws_send(pair.server.ws, false, SLICE("last")), 0);
	ws_close(pair.server.ws, 1001, "the node stops");
	assert_int_equal(ws_send(pair.server.ws, false, SLICE("later")), -EPIPE);
	pair_expect(&pair,
	            "\x81\x04last\x88\x10\x03\xe9"
	            "the node stops",
	            24);
	assert_int_equal(pair.server.closed, 0);
	pair_frame(&pair, 0x81, SLICE("crossing"));
	pair_frame(&pair, 0x88, SLICE("\x03\xe9"));
	pair_until(&pair, pair.server.closed == 1001);
	assert_int_equal(pair.server.messages, 0);
	pair_end(&pair);
}

UNIT(who_goes_without_a_word_has_1006)
{
	struct pair pair;

	pair_begin(&pair);
	pair_write(&pair, "\x81\x8a\x00\x00", 4);
	shutdown(pair.fd, SHUT_RDWR);
	pair_until(&pair, pair.server.closed == 1006);
	pair_end(&pair);
}

UNIT(half_a_frame_and_silence_is_pinged_and_cut)
{
	struct ws_limits limits = ws_limits_default;
	struct pair pair;

	limits.ping_us = limits.pong_us = 20000;
	pair_begin_with(&pair, &limits, SLICE(""));
	pair_write(&pair, "\x81\x8a\x00\x00", 4);
	pair_until(&pair, pair.server.closed == 1006);
	pair_read(&pair);
	assert_int_equal(pair.got_len, 2);
	assert_memory_equal(pair.got, "\x89\x00", 2);
	pair_end(&pair);
}

UNIT(who_answers_pings_stays)
{
	struct ws_limits limits = ws_limits_default;
	struct pair pair;

	limits.ping_us = 2000;
	limits.pong_us = 10000000;
	pair_begin_with(&pair, &limits, SLICE(""));
	for (int i = 0; i < 5; i++) {
		pair_expect(&pair, "\x89\x00", 2);
		pair_frame(&pair, 0x8a, SLICE(""));
	}
	assert_int_equal(pair.server.closed, 0);
	pair_end(&pair);
}

UNIT(who_never_reads_is_cut_and_keeps_no_more_than_the_limit)
{
	struct ws_limits limits = ws_limits_default;
	struct pair pair;
	char big[65536] = {0};
	int r;

	limits.write_us = 50000;
	limits.pending = 1 << 20;
	pair_begin_with(&pair, &limits, SLICE(""));
	do {
		r = ws_send(pair.server.ws, true, slice_make(big, sizeof(big)));
		loop_turn(pair.loop, 0);
	} while (r == 0);
	assert_int_equal(r, -ENOBUFS);
	assert_true(ws_pending(pair.server.ws) <= limits.pending + 1024);
	pair_until(&pair, pair.server.closed == 1006);
	pair_end(&pair);
}

/* Who asks and asks without reading the answers is not heard on; when he reads, nothing was lost. */
UNIT(answers_that_pile_up_stop_the_questions)
{
	struct pair pair;
	size_t asked = 0, want;

	pair_begin(&pair);
	pair.server.answer = 100000;
	for (; asked < 200; asked++)
		pair_frame(&pair, 0x81, SLICE("more"));
	for (int i = 0; i < 50; i++)
		loop_turn(pair.loop, 0);
	assert_true(pair.server.messages < 20);
	want = asked * (pair.server.answer + 10);
	pair_until(&pair,
	           (pair.got_len = 0, pair_read(&pair), pair.drained += pair.got_len, pair.drained >= want));
	assert_int_equal(pair.drained, want);
	assert_int_equal(pair.server.messages, asked);
	assert_int_equal(ws_pending(pair.server.ws), 0);
	pair_end(&pair);
}

UNIT(pings_that_nobody_wants_answered_stop_too)
{
	struct pair pair;
	char frame[200], text[125] = {0};
	size_t len = frame_put(frame, 0x89, slice_make(text, sizeof(text))), sent = 0;

	pair_begin(&pair);
	for (int i = 0; i < 100000; i++) {
		if (send(pair.fd, frame, len, MSG_NOSIGNAL) == (ssize_t)len)
			sent++;
		else if (i % 16 == 0)
			loop_turn(pair.loop, 0);
	}
	assert_true(ws_pending(pair.server.ws) < 400000);
	assert_true(sent < 100000);
	pair_end(&pair);
}

UNIT(destroying_it_from_within_is_fine)
{
	struct pair pair;

	pair_begin(&pair);
	pair.server.destroys = true;
	pair_frame(&pair, 0x81, SLICE("one"));
	pair_frame(&pair, 0x81, SLICE("two"));
	pair_until(&pair, pair.server.messages == 1);
	pair_until(&pair, (pair_read(&pair), pair.eof));
	assert_int_equal(pair.server.messages, 1);
	assert_int_equal(pair.server.closed, 0);
	pair_end(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(a_message_comes_whole_and_its_answer_leaves_in_one_piece),
	        unit(bytes_that_came_with_the_handshake_are_not_lost),
	        unit(one_byte_at_a_time_is_the_same),
	        unit(what_breaks_the_rules_is_closed_with_a_code),
	        unit(fragments_without_end_are_too_big),
	        unit(a_message_of_just_the_limit_passes),
	        unit(goodbyes_are_answered_with_their_code),
	        unit(our_goodbye_waits_for_theirs),
	        unit(who_goes_without_a_word_has_1006),
	        unit(half_a_frame_and_silence_is_pinged_and_cut),
	        unit(who_answers_pings_stays),
	        unit(who_never_reads_is_cut_and_keeps_no_more_than_the_limit),
	        unit(answers_that_pile_up_stop_the_questions),
	        unit(pings_that_nobody_wants_answered_stop_too),
	        unit(destroying_it_from_within_is_fine),
	};

	return unit_main(tests);
}
