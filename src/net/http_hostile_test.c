/* SPDX-License-Identifier: Apache-2.0 */
/* The server over real sockets: what the others get. */
#include "net/http_test.h"

#include <stdlib.h>
#include <sys/resource.h>

#define GET(target) "GET " target " HTTP/1.1\r\nHost: a\r\n\r\n"

/* Deadlines short enough for a test. */
static struct http_limits hostile_limits(void)
{
	struct http_limits limits = http_limits_default;

	limits.head_us = 60000;
	limits.body_us = 60000;
	limits.idle_us = 120000;
	limits.write_us = 60000;
	return limits;
}

static const struct {
	const char *text, *status;
} nonsense[] = {
        {"\x16\x03\x01\x02garbage", "400"},
        {"GET / HTTP/1.1\r\n\r\n", "400"},
        {"GET / HTTP/1.1\n\n", "400"},
        {"GET / HTTP/9.9\r\nHost: a\r\n\r\n", "505"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", "413"},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", "413"},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: the worst\r\nContent-Length: 5\r\n\r\n", "417"},
        {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
};

UNIT(nonsense_is_answered_and_hung_up_on)
{
	struct world world = {0};

	world_begin(&world);
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(*nonsense); i++) {
		struct caller caller;
		char line[32];

		snprintf(line, sizeof(line), "HTTP/1.1 %s \r\n", nonsense[i].status);
		caller_begin(&world, &caller);
		/* What was asked before is still answered. */
		caller_send(&caller, SLICE(GET("/before")));
		caller_send(&caller, slice_of(nonsense[i].text));
		assert_true(caller_wait_eof(&caller));
		assert_int_equal(caller_count(&caller, "[GET /before ]"), 1);
		if (caller_count(&caller, line) != 1)
			print_error("nonsense %zu: %.*s\n", i, (int)caller.got.len, caller.got.ptr);
		assert_int_equal(caller_count(&caller, line), 1);
		assert_int_equal(caller_count(&caller, "Connection: close\r\n"), 1);
		caller_end(&caller);
	}
	assert_int_equal(world.malformed, sizeof(nonsense) / sizeof(*nonsense));
	world_end(&world);
}

UNIT(no_request_is_smuggled_behind_a_refusal)
{
	struct world world = {0};
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller,
	            SLICE("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" GET("/evil")));
	assert_true(caller_wait_eof(&caller));
	caller_end(&caller);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/evil")));
	assert_true(caller_wait_eof(&caller));
	assert_int_equal(world.requests, 1);
	caller_end(&caller);
	world_end(&world);
}

UNIT(a_huge_head_is_refused)
{
	struct world world = {0};
	char *bytes = malloc(1 << 20);
	struct caller caller;

	memset(bytes, 'x', 1 << 20);
	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE("GET / HTTP/1.1\r\nHost: a\r\nX: "));
	caller_send(&caller, slice_make(bytes, 1 << 20));
	assert_true(caller_wait_eof(&caller));
	assert_int_equal(caller_count(&caller, "HTTP/1.1 431 \r\n"), 1);
	caller_end(&caller);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE("GET /"));
	caller_send(&caller, slice_make(bytes, 1 << 20));
	assert_true(caller_wait_eof(&caller));
	assert_int_equal(caller_count(&caller, "HTTP/1.1 414 \r\n"), 1);
	caller_end(&caller);
	world_end(&world);
	free(bytes);
}

/* Ten megabytes sent blindly: the answer must still be readable. */
UNIT(a_huge_body_is_refused_and_the_refusal_read)
{
	struct world world = {0};
	char *bytes = calloc(1, 10 << 20);
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10485760\r\n\r\n"));
	caller_send(&caller, slice_make(bytes, 10 << 20));
	assert_true(caller_wait_eof(&caller));
	assert_int_equal(caller_count(&caller, "HTTP/1.1 413 \r\n"), 1);
	caller_end(&caller);
	world_end(&world);
	free(bytes);
}

UNIT(slow_senders_are_cut)
{
	static const struct slice slow[] = {
	        {"GET / HT", 8},
	        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nh", 45},
	        {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nh", 59},
	};
	struct world world = {.limits = hostile_limits()};

	world_begin(&world);
	for (size_t i = 0; i < sizeof(slow) / sizeof(*slow); i++) {
		int64_t began = clock_wall_steady();
		struct caller caller;

		caller_begin(&world, &caller);
		caller_send(&caller, slice_make(slow[i].ptr, strlen(slow[i].ptr)));
		/* A byte now and then does not help: the deadline is for the whole. */
		while (!caller_wait(&caller, "HTTP/1.1 408 \r\n", 1) && !caller.eof)
			;
		assert_int_equal(caller_count(&caller, "HTTP/1.1 408 \r\n"), 1);
		assert_true(clock_wall_steady() - began > 50000);
		assert_true(caller_wait_eof(&caller));
		caller_end(&caller);
	}
	world_end(&world);
}

UNIT(dripping_does_not_help)
{
	struct world world = {.limits = hostile_limits()};
	struct caller caller;
	int64_t end = clock_wall_steady() + WORLD_PATIENCE_US;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE("GET / HTTP/1.1\r\nHost: a\r\nX: "));
	while (!caller.eof && clock_wall_steady() < end) {
		send(caller.fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		loop_turn(world.loop, 5000);
		caller_read(&caller);
	}
	assert_true(caller.eof);
	assert_int_equal(caller_count(&caller, "HTTP/1.1 408 \r\n"), 1);
	caller_end(&caller);
	world_end(&world);
}

UNIT(the_idle_are_let_go_without_a_word)
{
	struct world world = {.limits = hostile_limits()};
	struct caller silent, once;

	world_begin(&world);
	caller_begin(&world, &silent);
	caller_begin(&world, &once);
	caller_send(&once, SLICE(GET("/a") "\r\n"));
	assert_true(caller_wait(&once, "[GET /a ]", 1));
	once.got.len = 0;
	assert_true(caller_wait_eof(&silent));
	assert_true(caller_wait_eof(&once));
	assert_int_equal(silent.got.len, 0);
	assert_int_equal(once.got.len, 0);
	assert_int_equal(world.malformed, 0);
	caller_end(&silent);
	caller_end(&once);
	world_end(&world);
}

UNIT(an_unanswered_request_has_no_deadline_of_ours)
{
	struct world world = {.limits = hostile_limits(), .later = true};
	int64_t end = clock_wall_steady() + 300000;
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE(GET("/a")));
	world_until(&world, world.waits == 1);
	while (clock_wall_steady() < end)
		loop_turn(world.loop, 10000);
	world_answer(&world, world.waiting[0]);
	assert_true(caller_wait(&caller, "[GET /a ]", 1));
	caller_end(&caller);
	world_end(&world);
}

UNIT(those_who_do_not_read_are_cut)
{
	struct world world = {.limits = hostile_limits(), .answer_size = 200000};
	struct caller caller;
	struct http_stats stats;
	int small = 4096;

	world_begin(&world);
	caller_begin(&world, &caller);
	setsockopt(caller.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	for (int i = 0; i < 200; i++)
		if (send(caller.fd, GET("/a"), sizeof(GET("/a")) - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			break;
	do {
		loop_turn(world.loop, 10000);
		http_server_stats(world.server, &stats);
	} while (stats.open > 0);
	assert_int_equal(stats.timed_out, 1);
	/* It was not read on for ever meanwhile. */
	assert_true(world.requests < 100);
	caller_end(&caller);
	world_end(&world);
}

/* Answers far larger than what the kernel takes at once, read slowly: all of it comes. */
UNIT(slow_readers_get_all)
{
	struct world world = {.answer_size = 300000};
	size_t want = 20 * (size_t)300000;
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	for (int i = 0; i < 20; i++)
		caller_send(&caller, SLICE(GET("/a")));
	while (caller.got.len < want && !caller.eof) {
		char bytes[10000];
		ssize_t n = recv(caller.fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (n > 0)
			buf_add(&caller.got, bytes, (size_t)n);
		loop_turn(world.loop, n > 0 ? 0 : 1000);
	}
	assert_true(caller_wait(&caller, "Content-Length: 300000\r\n", 20));
	caller_end(&caller);
	world_end(&world);
}

UNIT(too_many_connections_are_refused)
{
	struct world world = {.limits = http_limits_default};
	struct caller callers[4];
	struct http_stats stats;

	world.limits.connections = 3;
	world_begin(&world);
	for (int i = 0; i < 4; i++)
		caller_begin(&world, &callers[i]);
	assert_true(caller_wait_eof(&callers[3]));
	for (int i = 0; i < 3; i++) {
		caller_send(&callers[i], SLICE(GET("/a")));
		assert_true(caller_wait(&callers[i], "[GET /a ]", 1));
	}
	http_server_stats(world.server, &stats);
	assert_int_equal(stats.refused, 1);
	for (int i = 0; i < 4; i++)
		caller_end(&callers[i]);
	world_end(&world);
}

UNIT(out_of_descriptors_is_survived)
{
	struct world world = {0};
	struct rlimit files, few;
	struct caller callers[8];
	struct http_stats stats;
	int next = dup(0);

	close(next);
	getrlimit(RLIMIT_NOFILE, &files);
	world_begin(&world);
	for (int i = 0; i < 8; i++)
		caller_begin(&world, &callers[i]);
	/* Room for three of the eight. */
	few = files;
	few.rlim_cur = (rlim_t)callers[7].fd + 4;
	setrlimit(RLIMIT_NOFILE, &few);
	do {
		loop_turn(world.loop, 1000);
		http_server_stats(world.server, &stats);
	} while (stats.accepted + stats.refused < 8);
	setrlimit(RLIMIT_NOFILE, &files);
	assert_int_equal(stats.accepted, 3);
	assert_int_equal(stats.refused, 5);
	caller_send(&callers[0], SLICE(GET("/a")));
	assert_true(caller_wait(&callers[0], "[GET /a ]", 1));
	for (int i = 0; i < 8; i++)
		caller_end(&callers[i]);
	caller_begin(&world, &callers[0]);
	caller_send(&callers[0], SLICE(GET("/b")));
	assert_true(caller_wait(&callers[0], "[GET /b ]", 1));
	caller_end(&callers[0]);
	world_end(&world);
}

UNIT(a_request_that_ends_in_the_middle)
{
	struct world world = {0};
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel"));
	shutdown(caller.fd, SHUT_WR);
	assert_true(caller_wait_eof(&caller));
	assert_int_equal(caller_count(&caller, "HTTP/1.1 400 \r\n"), 1);
	assert_int_equal(world.requests, 0);
	caller_end(&caller);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(nonsense_is_answered_and_hung_up_on),
	        unit(no_request_is_smuggled_behind_a_refusal),
	        unit(a_huge_head_is_refused),
	        unit(a_huge_body_is_refused_and_the_refusal_read),
	        unit(slow_senders_are_cut),
	        unit(dripping_does_not_help),
	        unit(the_idle_are_let_go_without_a_word),
	        unit(an_unanswered_request_has_no_deadline_of_ours),
	        unit(those_who_do_not_read_are_cut),
	        unit(slow_readers_get_all),
	        unit(too_many_connections_are_refused),
	        unit(out_of_descriptors_is_survived),
	        unit(a_request_that_ends_in_the_middle),
	};

	return unit_main(tests);
}
