/* SPDX-License-Identifier: Apache-2.0 */
/* The client, against our own server and against others that hang, drip and answer rubbish. */
#include "net/http_client.h"
#include "net/http_direct.h"
#include "net/http_test.h"

#include <stdlib.h>
#include <sys/epoll.h>

/* A numeric address goes the short way, a name goes by libcurl: what is promised must hold for both. */
static const char *client_host = "127.0.0.1";

/* What came of a call. */
struct result {
	int status, fault, calls;
	char body[256], error[128], test[32];
	size_t body_len;
};

static void result_done(void *user, const struct http_reply *reply)
{
	struct result *result = user;
	const char *test = reply->header(reply, "x-test");

	result->calls++;
	result->status = reply->status;
	result->fault = reply->fault;
	result->body_len = reply->body.len;
	snprintf(result->body, sizeof(result->body), "%.*s", SLICE_ARG(reply->body));
	snprintf(result->error, sizeof(result->error), "%s", reply->error ? reply->error : "");
	snprintf(result->test, sizeof(result->test), "%s", test ? test : "");
	assert_null(reply->header(reply, "x-nothing"));
}

/* A server that is none: it accepts one caller, reads, and says what it is told to. */
struct stranger {
	struct watch listen, conn;
	struct loop *loop;
	struct slice says;
	size_t at, step; /* so many bytes each time it is asked; 0: all */
	bool hangs_up;
};

static void stranger_talk(struct watch *watch, uint32_t events)
{
	struct stranger *stranger = container_of(watch, struct stranger, conn);
	char bytes[4096];
	size_t left = stranger->says.len - stranger->at;

	if (recv(watch->fd, bytes, sizeof(bytes), MSG_DONTWAIT) == 0 || (stranger->hangs_up && left == 0)) {
		loop_remove(stranger->loop, watch);
		close(watch->fd);
		watch->fd = -1;
		return;
	}
	if (stranger->step && left > stranger->step)
		left = stranger->step;
	send(watch->fd, stranger->says.ptr + stranger->at, left, MSG_DONTWAIT | MSG_NOSIGNAL);
	stranger->at += left;
	loop_change(stranger->loop, watch, stranger->at < stranger->says.len ? EPOLLIN | EPOLLOUT : EPOLLIN);
	if (stranger->hangs_up && stranger->at == stranger->says.len)
		shutdown(watch->fd, SHUT_WR);
}

static void stranger_accept(struct watch *watch, uint32_t events)
{
	struct stranger *stranger = container_of(watch, struct stranger, listen);
	int fd = accept(watch->fd, NULL, NULL);

	if (stranger->conn.fd >= 0)
		close(stranger->conn.fd);
	stranger->conn.fd = fd;
	stranger->at = 0;
	loop_add(stranger->loop, &stranger->conn, EPOLLIN);
}

static int stranger_begin(struct stranger *stranger, struct loop *loop, const char *says)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	stranger->loop = loop;
	stranger->says = slice_of(says);
	stranger->conn.fd = -1;
	stranger->conn.ready = stranger_talk;
	stranger->listen.ready = stranger_accept;
	stranger->listen.fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(stranger->listen.fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(stranger->listen.fd, 100), 0);
	getsockname(stranger->listen.fd, (struct sockaddr *)&address, &len);
	loop_add(loop, &stranger->listen, EPOLLIN);
	return ntohs(address.sin_port);
}

static void stranger_end(struct stranger *stranger)
{
	if (stranger->conn.fd >= 0)
		close(stranger->conn.fd);
	close(stranger->listen.fd);
}

static int client_call(struct http_client *client, const char *method, int port, const char *path,
                       struct slice body, struct result *result)
{
	static const char *const lines[] = {"X-Test: a", NULL};
	char url[128];
	struct http_call call = {method, url, lines, body, 1000000, result_done, NULL, result};

	snprintf(url, sizeof(url), "http://%s:%d%s", client_host, port, path);
	*result = (struct result){0};
	return http_client_send(client, &call);
}

UNIT(methods_and_bodies)
{
	static const struct {
		const char *method, *body, *reply;
	} rows[] = {
	        {"GET", "", "[GET /~/x/../y?a=b ]"},
	        {"POST", "hello", "[POST /~/x/../y?a=b hello]"},
	        {"PUT", "hello", "[PUT /~/x/../y?a=b hello]"},
	        {"POST", "", "[POST /~/x/../y?a=b ]"},
	        {"DELETE", "", "[DELETE /~/x/../y?a=b ]"},
	        {"DELETE", "body", "[DELETE /~/x/../y?a=b body]"},
	        {"HEAD", "", ""},
	        {"GET", "", "[GET /~/x/../y?a=b ]"},
	};
	struct world world = {0};
	struct http_client *client;
	struct result result;
	struct http_stats stats;

	world_begin(&world);
	assert_int_equal(http_client_create(world.loop, NULL, &client), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(client_call(client, rows[i].method, http_server_port(world.server),
		                             "/~/x/../y?a=b", slice_of(rows[i].body), &result),
		                 0);
		assert_int_equal(result.calls, 0);
		world_until(&world, result.calls == 1);
		assert_int_equal(result.status, 200);
		assert_string_equal(result.body, rows[i].reply);
		assert_string_equal(result.test, "yes");
	}
	http_server_stats(world.server, &stats);
	assert_int_equal(stats.accepted, 1);
	assert_int_equal(http_client_busy(client), 0);
	http_client_destroy(client);
	world_end(&world);
}

UNIT(many_at_once)
{
	enum { MANY = 500 };
	struct world world = {0};
	struct result *results = calloc(MANY, sizeof(*results));
	struct http_client_config config = {.connections = 10, .per_host = 8};
	struct http_client *client;
	struct http_stats stats;

	world_begin(&world);
	assert_int_equal(http_client_create(world.loop, &config, &client), 0);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(client_call(client, "POST", http_server_port(world.server), "/n",
		                             SLICE("{}"), &results[i]),
		                 0);
	assert_int_equal(http_client_busy(client), MANY);
	world_until(&world, http_client_busy(client) == 0);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(results[i].status, 200);
	http_server_stats(world.server, &stats);
	assert_true(stats.accepted <= 8);
	http_client_destroy(client);
	world_end(&world);
	free(results);
}

UNIT(strangers_do_not_hurt)
{
	static const struct {
		const char *says;
		size_t step;
		bool hangs_up;
		int status, fault;
	} rows[] = {
	        {"", 0, false, 0, -ETIMEDOUT},
	        {"", 0, true, 0, -ECONNRESET},
	        {"rubbish\r\n\r\n", 0, true, 0, -EPROTO},
	        {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", 0, true, 0, -EPROTO},
	        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 1, true, 200, 0},
	        {"HTTP/1.1 200 OK\r\n\r\nhello", 0, true, 200, 0},
	        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 0, true, 204, 0},
	        {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 0, true,
	         302, 0},
	        {"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", 0, true, 0, -EPROTO},
	};
	struct world world = {0};

	world_begin(&world);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct stranger stranger = {.step = rows[i].step, .hangs_up = rows[i].hangs_up};
		struct http_client *client;
		struct result result = {0};
		int port = stranger_begin(&stranger, world.loop, rows[i].says);

		assert_int_equal(http_client_create(world.loop, NULL, &client), 0);
		assert_int_equal(client_call(client, "POST", port, "/", SLICE("{}"), &result), 0);
		world_until(&world, result.calls == 1);
		if (result.status != rows[i].status || result.fault != rows[i].fault)
			print_error("stranger %zu: %d %d %s\n", i, result.status, result.fault, result.error);
		assert_int_equal(result.status, rows[i].status);
		assert_int_equal(result.fault, rows[i].fault);
		assert_int_equal(result.error[0] == 0, result.status > 0);
		http_client_destroy(client);
		stranger_end(&stranger);
	}
	world_end(&world);
}

UNIT(a_reply_too_large_is_an_error)
{
	struct world world = {.answer_size = 2000};
	struct http_client_config config = {.body_max = 1999};
	struct http_client *client;
	struct result result;

	world_begin(&world);
	assert_int_equal(http_client_create(world.loop, &config, &client), 0);
	assert_int_equal(client_call(client, "GET", http_server_port(world.server), "/", SLICE(""), &result),
	                 0);
	world_until(&world, result.calls == 1);
	assert_int_equal(result.status, 0);
	assert_int_equal(result.fault, -EMSGSIZE);
	assert_string_equal(result.error, "the reply is too large");
	world.answer_size = 1999;
	assert_int_equal(client_call(client, "GET", http_server_port(world.server), "/", SLICE(""), &result),
	                 0);
	world_until(&world, result.calls == 1);
	assert_int_equal(result.body_len, 1999);
	http_client_destroy(client);
	world_end(&world);
}

UNIT(nobody_there)
{
	struct world world = {0};
	struct stranger stranger = {0};
	struct http_client *client;
	struct result result;
	int port;

	world_begin(&world);
	port = stranger_begin(&stranger, world.loop, "");
	loop_remove(world.loop, &stranger.listen);
	stranger_end(&stranger);
	assert_int_equal(http_client_create(world.loop, NULL, &client), 0);
	assert_int_equal(client_call(client, "GET", port, "/", SLICE(""), &result), 0);
	world_until(&world, result.calls == 1);
	assert_int_equal(result.fault, -ECONNREFUSED);
	http_client_destroy(client);
	world_end(&world);
}

/* One that hangs takes the only connection: who waits behind it must still be told in time. */
UNIT(waiting_behind_one_that_hangs)
{
	struct world world = {0};
	struct stranger stranger = {0};
	struct http_client_config config = {.per_host = 1};
	struct http_client *client;
	struct result first, second, other;
	int64_t began = clock_wall_steady();
	int port;

	world_begin(&world);
	port = stranger_begin(&stranger, world.loop, "");
	assert_int_equal(http_client_create(world.loop, &config, &client), 0);
	assert_int_equal(client_call(client, "GET", port, "/1", SLICE(""), &first), 0);
	assert_int_equal(client_call(client, "GET", port, "/2", SLICE(""), &second), 0);
	assert_int_equal(client_call(client, "GET", http_server_port(world.server), "/3", SLICE(""), &other),
	                 0);
	world_until(&world, other.calls == 1);
	assert_int_equal(other.status, 200);
	world_until(&world, first.calls == 1 && second.calls == 1);
	assert_int_equal(first.fault, -ETIMEDOUT);
	assert_int_equal(second.fault, -ETIMEDOUT);
	assert_true(clock_wall_steady() - began < 5000000);
	http_client_destroy(client);
	stranger_end(&stranger);
	world_end(&world);
}

UNIT(what_cannot_be_tried)
{
	static const char *const bad_line[] = {"X-Test: a\r\nX-Evil: b", NULL};
	struct http_call call = {"GET",   "ftp://127.0.0.1/", NULL, SLICE(""),
	                         1000000, result_done,        NULL, NULL};
	struct world world = {0};
	struct http_client *client;

	world_begin(&world);
	assert_int_equal(http_client_create(world.loop, NULL, &client), 0);
	assert_int_equal(http_client_send(client, &call), -EPROTONOSUPPORT);
	call.url = "file:///etc/passwd";
	assert_int_equal(http_client_send(client, &call), -EPROTONOSUPPORT);
	call.url = "http://127.0.0.1:1/";
	call.headers = bad_line;
	assert_int_equal(http_client_send(client, &call), -EINVAL);
	assert_int_equal(http_client_busy(client), 0);
	http_client_destroy(client);
	world_end(&world);
}

static void count_drop(void *user)
{
	++*(int *)user;
}

UNIT(destroyed_while_under_way)
{
	struct http_call call = {"GET", NULL, NULL, SLICE(""), 1000000, result_done, count_drop, NULL};
	struct world world = {.later = true};
	struct http_client *client;
	char url[64];
	int dropped = 0;

	world_begin(&world);
	snprintf(url, sizeof(url), "http://%s:%d/", client_host, http_server_port(world.server));
	call.url = url;
	call.user = &dropped;
	assert_int_equal(http_client_create(world.loop, NULL, &client), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(http_client_send(client, &call), 0);
	world_until(&world, world.waits == 3);
	http_client_destroy(client);
	assert_int_equal(dropped, 3);
	for (int i = 0; i < 3; i++)
		world_answer(&world, world.waiting[i]);
	world_end(&world);
}

UNIT(all_of_it_by_libcurl)
{
	client_host = "localhost";
	methods_and_bodies(unit_state);
	many_at_once(unit_state);
	strangers_do_not_hurt(unit_state);
	a_reply_too_large_is_an_error(unit_state);
	nobody_there(unit_state);
	waiting_behind_one_that_hangs(unit_state);
	destroyed_while_under_way(unit_state);
	client_host = "127.0.0.1";
}

/* A connection that was kept and has ended meanwhile: the call goes out once more, unseen. */
UNIT(a_kept_connection_may_have_ended)
{
	struct http_limits limits = http_limits_default;
	struct world world = {0};
	struct http_client *client;
	struct http_stats stats;
	struct result result;

	limits.idle_us = 30000;
	world.limits = limits;
	world_begin(&world);
	assert_int_equal(http_client_create(world.loop, NULL, &client), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		        client_call(client, "POST", http_server_port(world.server), "/", SLICE("x"), &result),
		        0);
		world_until(&world, result.calls == 1);
		assert_int_equal(result.status, 200);
		do {
			loop_turn(world.loop, 1000);
			http_server_stats(world.server, &stats);
		} while (stats.open > 0);
	}
	assert_int_equal(world.requests, 3);
	http_client_destroy(client);
	world_end(&world);
}

/* More places than connections: each has its turn. */
UNIT(connections_are_shared_between_places)
{
	enum { PLACES = 6 };
	struct world worlds[PLACES] = {0};
	struct http_client_config config = {.connections = 2, .per_host = 2};
	struct result results[PLACES][4];
	struct http_client *client;
	struct http_handler handler;

	world_begin(&worlds[0]);
	for (int i = 1; i < PLACES; i++) {
		handler = (struct http_handler){world_request, world_malformed, world_gone, &worlds[i]};
		worlds[i].loop = worlds[0].loop;
		assert_int_equal(http_server_create(worlds[0].loop, "127.0.0.1:0", NULL, NULL, &handler,
		                                    &worlds[i].server),
		                 0);
	}
	assert_int_equal(http_client_create(worlds[0].loop, &config, &client), 0);
	for (int i = 0; i < 4 * PLACES; i++)
		assert_int_equal(client_call(client, "GET", http_server_port(worlds[i % PLACES].server), "/",
		                             SLICE(""), &results[i % PLACES][i / PLACES]),
		                 0);
	world_until(&worlds[0], http_client_busy(client) == 0);
	for (int i = 0; i < 4 * PLACES; i++)
		assert_int_equal(results[i % PLACES][i / PLACES].status, 200);
	http_client_destroy(client);
	for (int i = 1; i < PLACES; i++)
		http_server_destroy(worlds[i].server);
	world_end(&worlds[0]);
}

UNIT(what_goes_the_short_way)
{
	static const char *const yes[] = {"http://127.0.0.1", "HTTP://127.0.0.1:1/", "http://[::1]:65535/a?b",
	                                  "http://10.0.0.1?x"};
	static const char *const no[] = {"https://127.0.0.1/",
	                                 "http://localhost/",
	                                 "http://",
	                                 "http://127.0.0.1:/",
	                                 "http://127.0.0.1:0/",
	                                 "http://127.0.0.1:65536/",
	                                 "http://127.0.0.1:123456/",
	                                 "http://u@127.0.0.1/",
	                                 "http://127.0.0.1:80 /",
	                                 "http://127.0.0.1/a b",
	                                 "http://127.0.0.1/#x",
	                                 "http://[::1/",
	                                 "http://::1/",
	                                 "http://127.1/",
	                                 "http://127.0.0.1/\xc3\xa9",
	                                 "ftp://127.0.0.1/"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(http_direct_takes(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(http_direct_takes(no[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(methods_and_bodies),
	        unit(many_at_once),
	        unit(strangers_do_not_hurt),
	        unit(a_reply_too_large_is_an_error),
	        unit(nobody_there),
	        unit(waiting_behind_one_that_hangs),
	        unit(what_cannot_be_tried),
	        unit(destroyed_while_under_way),
	        unit(all_of_it_by_libcurl),
	        unit(what_goes_the_short_way),
	        unit(a_kept_connection_may_have_ended),
	        unit(connections_are_shared_between_places),
	};

	return unit_main(tests);
}
