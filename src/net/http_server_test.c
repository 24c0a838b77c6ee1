/* SPDX-License-Identifier: Apache-2.0 */
/* The server over real sockets: what well-behaved callers get. */
#include "net/http_test.h"

#include <stdlib.h>
#include <sys/resource.h>

#define GET(target) "GET " target " HTTP/1.1\r\nHost: a\r\n\r\n"

UNIT(answers_and_keeps_the_connection)
{
	struct world world = {0};
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	for (size_t i = 1; i <= 3; i++) {
		caller_send(&caller, SLICE(GET("/a?b")));
		assert_true(caller_wait(&caller, "[GET /a?b ]", i));
	}
	assert_int_equal(caller_count(&caller, "HTTP/1.1 200 \r\n"), 3);
	assert_int_equal(caller_count(&caller, "Content-Length: 11\r\n"), 3);
	assert_int_equal(caller_count(&caller, "X-Test: yes\r\n"), 3);
	assert_int_equal(caller_count(&caller, " GMT\r\n"), 3);
	assert_int_equal(caller_count(&caller, "Connection:"), 0);
	caller_end(&caller);
	world_end(&world);
}

UNIT(http_1_0_closes_unless_asked)
{
	struct world world = {0};
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
	assert_true(caller_wait(&caller, "[GET /a ]", 1));
	assert_int_equal(caller_count(&caller, "Connection: keep-alive\r\n"), 1);
	caller_send(&caller, SLICE("GET /b HTTP/1.0\r\n\r\n"));
	assert_true(caller_wait_eof(&caller));
	assert_int_equal(caller_count(&caller, "[GET /b ]"), 1);
	assert_int_equal(caller_count(&caller, "Connection: close\r\n"), 1);
	caller_end(&caller);
	world_end(&world);
}

UNIT(head_has_no_body)
{
	struct world world = {0};
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" GET("/204") GET("/b")));
	assert_true(caller_wait(&caller, "[GET /b ]", 1));
	assert_int_equal(caller_count(&caller, "Content-Length: 10\r\n"), 1);
	assert_int_equal(caller_count(&caller, "[HEAD"), 0);
	assert_int_equal(caller_count(&caller, "HTTP/1.1 204 \r\n"), 1);
	assert_int_equal(caller_count(&caller, "Content-Length"), 2);
	caller_end(&caller);
	world_end(&world);
}

UNIT(pipelined_answers_keep_the_order)
{
	struct world world = {.later = true};
	struct caller caller;
	const char *a, *b, *c;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE(GET("/a") GET("/b") "\r\n" GET("/c")));
	world_until(&world, world.waits == 3);
	world_answer(&world, world.waiting[2]);
	world_answer(&world, world.waiting[1]);
	for (int i = 0; i < 5; i++)
		loop_turn(world.loop, 0);
	caller_read(&caller);
	assert_int_equal(caller.got.len, 0);
	world_answer(&world, world.waiting[0]);
	assert_true(caller_wait(&caller, "[GET /c ]", 1));
	a = memmem(caller.got.ptr, caller.got.len, "[GET /a ]", 9);
	b = memmem(caller.got.ptr, caller.got.len, "[GET /b ]", 9);
	c = memmem(caller.got.ptr, caller.got.len, "[GET /c ]", 9);
	assert_true(a && a < b && b < c);
	caller_end(&caller);
	world_end(&world);
}

UNIT(a_thousand_pipelined_are_bounded_and_all_answered)
{
	struct world world = {.later = true};
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	for (int i = 0; i < 1000; i++)
		caller_send(&caller, SLICE(GET("/a")));
	for (size_t done = 0; done < 1000;) {
		world_until(&world, world.waits > 0);
		assert_true(world.waits <= world.limits.pipelined);
		for (size_t i = 0; i < world.waits; i++, done++)
			world_answer(&world, world.waiting[i]);
		world.waits = 0;
	}
	assert_true(caller_wait(&caller, "[GET /a ]", 1000));
	caller_end(&caller);
	world_end(&world);
}

UNIT(bodies_of_all_sizes)
{
	static const size_t sizes[] = {1, 100, 65536, 65537, 300000, 1 << 20};
	struct world world = {0};
	struct caller caller;
	char *bytes = malloc(1 << 20);

	memset(bytes, 'b', 1 << 20);
	world_begin(&world);
	caller_begin(&world, &caller);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		char head[128];

		snprintf(head, sizeof(head), "POST /%zu HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
		         sizes[i], sizes[i]);
		caller_send(&caller, slice_of(head));
		caller_send(&caller, slice_make(bytes, sizes[i]));
		snprintf(head, sizeof(head), "[POST /%zu b", sizes[i]);
		assert_true(caller_wait(&caller, head, 1));
		assert_true(caller_wait(&caller, "]", i + 1));
	}
	caller_end(&caller);
	world_end(&world);
	free(bytes);
}

UNIT(any_cut_between_two_packets)
{
	static const struct slice texts[] = {
	        {"GET /a HTTP/1.1\r\nHost: a\r\n\r\n", 28},
	        {"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 53},
	        {"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
	         "chunked\r\n\r\n2\r\nhe\r\n3;x\r\nllo\r\n0\r\nT: "
	         "1\r\n\r\n",
	         90},
	};
	struct world world = {0};
	struct caller caller;
	size_t answered = 0;

	world_begin(&world);
	caller_begin(&world, &caller);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct slice text = slice_make(texts[i].ptr, strlen(texts[i].ptr));

		for (size_t cut = 1; cut < text.len; cut++) {
			size_t before = world.requests;

			caller_send(&caller, slice_make(text.ptr, cut));
			loop_turn(world.loop, 0);
			loop_turn(world.loop, 0);
			assert_int_equal(world.requests, before);
			caller_send(&caller, slice_skip(text, cut));
			answered++;
			assert_true(caller_wait(&caller, i ? "[POST /a hello]" : "[GET /a ]", 1));
			caller.got.len = 0;
		}
	}
	assert_int_equal(world.requests, answered);
	assert_int_equal(world.malformed, 0);
	caller_end(&caller);
	world_end(&world);
}

UNIT(expect_is_met)
{
	struct world world = {.later = true};
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE(GET("/first") "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
	                                         "Content-Length: 5\r\n\r\n"));
	world_until(&world, world.waits == 1);
	loop_turn(world.loop, 0);
	caller_read(&caller);
	assert_int_equal(caller.got.len, 0);
	world_answer(&world, world.waiting[0]);
	assert_true(caller_wait(&caller, "HTTP/1.1 100 Continue\r\n\r\n", 1));
	assert_int_equal(caller_count(&caller, "[GET /first ]"), 1);
	world.later = false;
	caller_send(&caller, SLICE("hello"));
	assert_true(caller_wait(&caller, "[POST /a hello]", 1));
	/* A body that is here already needs no invitation. */
	caller.got.len = 0;
	caller_send(
	        &caller,
	        SLICE("POST /b HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nyo"));
	assert_true(caller_wait(&caller, "[POST /b yo]", 1));
	assert_int_equal(caller_count(&caller, "100"), 0);
	caller_end(&caller);
	world_end(&world);
}

UNIT(half_closed_callers_are_answered)
{
	struct world world = {.later = true};
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE(GET("/a") GET("/b")));
	shutdown(caller.fd, SHUT_WR);
	world_until(&world, world.waits == 2);
	for (int i = 0; i < 5; i++)
		loop_turn(world.loop, 0);
	assert_int_equal(world.gone, 0);
	world_answer(&world, world.waiting[0]);
	world_answer(&world, world.waiting[1]);
	assert_true(caller_wait_eof(&caller));
	assert_int_equal(caller_count(&caller, "[GET /b ]"), 1);
	caller_end(&caller);
	world_end(&world);
}

UNIT(those_who_leave_are_told_of)
{
	struct world world = {.later = true};
	struct linger hard = {1, 0};
	struct caller caller;
	struct http_stats stats;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE(GET("/a")));
	world_until(&world, world.waits == 1);
	setsockopt(caller.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	caller_end(&caller);
	world_until(&world, world.gone == 1);
	http_server_stats(world.server, &stats);
	assert_int_equal(stats.open, 0);
	assert_false(http_server_drain(world.server));
	world_answer(&world, world.waiting[0]);
	assert_true(http_server_drain(world.server));
	world_end(&world);
}

UNIT(the_server_may_end_before_the_answer)
{
	struct world world = {.later = true};
	struct caller caller;

	world_begin(&world);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE(GET("/a") GET("/b") GET("/c")));
	world_until(&world, world.waits == 3);
	world_answer(&world, world.waiting[1]);
	http_server_destroy(world.server);
	assert_int_equal(world.gone, 2);
	world_answer(&world, world.waiting[0]);
	world_answer(&world, world.waiting[2]);
	loop_destroy(world.loop);
	caller_end(&caller);
}

UNIT(draining_ends_what_is_under_way)
{
	struct world world = {.later = true};
	struct caller idle, busy;

	world_begin(&world);
	caller_begin(&world, &idle);
	caller_begin(&world, &busy);
	caller_send(&busy, SLICE(GET("/a")));
	world_until(&world, world.waits == 1);
	assert_false(http_server_drain(world.server));
	assert_true(caller_wait_eof(&idle));
	world_answer(&world, world.waiting[0]);
	assert_true(caller_wait_eof(&busy));
	assert_int_equal(caller_count(&busy, "Connection: close\r\n"), 1);
	assert_int_equal(caller_count(&busy, "[GET /a ]"), 1);
	assert_true(http_server_drain(world.server));
	caller_end(&idle);
	caller_end(&busy);
	world_end(&world);
}

UNIT(a_thousand_connections)
{
	enum { MANY = 1000 };
	struct rlimit files;
	struct world world = {0};
	struct caller *callers = calloc(MANY, sizeof(*callers));
	struct http_stats stats;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_max < 2 * MANY + 100)
		skip();
	world_begin(&world);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < MANY; i++) {
			caller_begin(&world, &callers[i]);
			if (i % 64 == 0)
				loop_turn(world.loop, 0);
			caller_send(&callers[i], SLICE(GET("/a")));
		}
		for (int i = 0; i < MANY; i++)
			assert_true(caller_wait(&callers[i], "[GET /a ]", 1));
		http_server_stats(world.server, &stats);
		assert_int_equal(stats.open, MANY);
		for (int i = 0; i < MANY; i++)
			caller_end(&callers[i]);
		do {
			loop_turn(world.loop, 1000);
			http_server_stats(world.server, &stats);
		} while (stats.open > 0);
	}
	assert_int_equal(stats.accepted, 3 * MANY);
	assert_int_equal(stats.requests, 3 * MANY);
	world_end(&world);
	free(callers);
}

UNIT(addresses_to_listen_on)
{
	static const char *const good[] = {":0", "127.0.0.1:0", "[::1]:0", "localhost:0"};
	static const char *const bad[] = {
	        "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:0", "127.0.0.1:0x1"};
	struct world world = {0};
	struct http_server *server;
	struct http_handler handler = {world_request, world_malformed, world_gone, &world};
	char taken[32];

	world_begin(&world);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		int r = http_server_create(world.loop, good[i], NULL, NULL, &handler, &server);

		/* A machine without IPv6 may say so. */
		if (i == 2 && r == -EADDRNOTAVAIL)
			continue;
		assert_int_equal(r, 0);
		assert_true(http_server_port(server) > 0);
		http_server_destroy(server);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(http_server_create(world.loop, bad[i], NULL, NULL, &handler, &server),
		                 -EINVAL);
	snprintf(taken, sizeof(taken), "127.0.0.1:%d", http_server_port(world.server));
	assert_int_equal(http_server_create(world.loop, taken, NULL, NULL, &handler, &server), -EADDRINUSE);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(answers_and_keeps_the_connection),
	        unit(http_1_0_closes_unless_asked),
	        unit(head_has_no_body),
	        unit(pipelined_answers_keep_the_order),
	        unit(a_thousand_pipelined_are_bounded_and_all_answered),
	        unit(bodies_of_all_sizes),
	        unit(any_cut_between_two_packets),
	        unit(expect_is_met),
	        unit(half_closed_callers_are_answered),
	        unit(those_who_leave_are_told_of),
	        unit(the_server_may_end_before_the_answer),
	        unit(draining_ends_what_is_under_way),
	        unit(a_thousand_connections),
	        unit(addresses_to_listen_on),
	};

	return unit_main(tests);
}
