/* SPDX-License-Identifier: Apache-2.0 */
/* The client against a server of a few lines that answers what the test tells it to, sensible or not. */
#include "client/client.h"

#include "base/unit.h"
#include "codec/json.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEEN_MAX 600

/* A server: each connection has a thread; each request gets `answer`, as it is. */
struct double_server {
	int fd;
	int port;
	char url[64];
	const char *answer;
	bool hangs_up; /* close after the answer */
	pthread_t thread;
	pthread_mutex_t mutex;
	char *seen[SEEN_MAX]; /* requests, in the order they came */
	size_t count;
};

/* One request, read to its end; false when the other side left. */
static bool read_request(int fd, char *text, size_t size)
{
	size_t len = 0;
	for (;;) {
		ssize_t n = read(fd, text + len, size - 1 - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
		text[len] = 0;
		char *end = strstr(text, "\r\n\r\n");
		if (!end)
			continue;
		const char *length = strcasestr(text, "content-length: ");
		size_t body = length && length < end ? strtoul(length + 16, NULL, 10) : 0;
		if (len >= (size_t)(end - text) + 4 + body)
			return true;
	}
}

struct conn {
	struct double_server *server;
	int fd;
};

static void *serve(void *user)
{
	struct conn conn = *(struct conn *)user;
	free(user);
	char *text = malloc(65536);
	while (text && read_request(conn.fd, text, 65536)) {
		pthread_mutex_lock(&conn.server->mutex);
		if (conn.server->count < SEEN_MAX)
			conn.server->seen[conn.server->count++] = strdup(text);
		pthread_mutex_unlock(&conn.server->mutex);
		const char *answer = conn.server->answer;
		if (send(conn.fd, answer, strlen(answer), MSG_NOSIGNAL) < 0 || conn.server->hangs_up)
			break;
	}
	free(text);
	close(conn.fd);
	return NULL;
}

static void *accept_all(void *user)
{
	struct double_server *server = user;
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int fd; (fd = accept(server->fd, NULL, NULL)) >= 0;) {
		struct conn *conn = malloc(sizeof(*conn));
		pthread_t thread;
		*conn = (struct conn){server, fd};
		pthread_create(&thread, &attr, serve, conn);
	}
	pthread_attr_destroy(&attr);
	return NULL;
}

static struct double_server *server_start(const char *answer)
{
	struct double_server *server = calloc(1, sizeof(*server));
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	server->answer = answer;
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server->fd, 64), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d/", server->port);
	pthread_mutex_init(&server->mutex, NULL);
	pthread_create(&server->thread, NULL, accept_all, server);
	return server;
}

/* The client must be gone already; the threads of its connections end with it. The server's memory is theirs,
 * so it stays until the process ends (reachable from the list below). */
static struct double_server *graveyard[32];

static void server_stop(struct double_server *server)
{
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	for (size_t i = 0; i < sizeof(graveyard) / sizeof(graveyard[0]); i++)
		if (!graveyard[i]) {
			graveyard[i] = server;
			return;
		}
}

static bool saw(const struct double_server *server, size_t number, const char *text)
{
	return number < server->count && strcasestr(server->seen[number], text);
}

/* One call with all that goes with it. */
struct one {
	struct double_server *server;
	struct m2m_client *client;
	struct arena arena;
	struct m2m_answer answer;
	int result;
};

static void one_call(struct one *one, const char *reply, bool hangs_up, const struct m2m_request *request)
{
	one->server = server_start(reply);
	one->server->hangs_up = hangs_up;
	struct m2m_config config = {.url = one->server->url, .timeout_us = 300 * 1000};
	arena_init(&one->arena);
	assert_int_equal(m2m_create(&config, &one->client), 0);
	one->result = m2m_call(one->client, &one->arena, request, &one->answer);
}

static void one_end(struct one *one)
{
	m2m_destroy(one->client);
	arena_finish(&one->arena);
	server_stop(one->server);
}

#define OK_EMPTY "HTTP/1.1 200 OK\r\nX-M2M-RSC: 2000\r\nContent-Length: 0\r\n\r\n"

UNIT(a_create_carries_all_headers_and_the_body)
{
	struct one one;
	struct arena arena;
	arena_init(&arena);
	struct val *pc;
	struct why why;
	assert_int_equal(json_read(&arena, SLICE("{\"m2m:cnt\":{\"rn\":\"k\"}}"), NULL, &why, &pc), 0);
	struct m2m_request request = {.op = 1, .to = "cse-in/home", .ty = 3, .pc = pc, .query = "rcn=1"};
	one_call(&one,
	         "HTTP/1.1 201 Created\r\nX-M2M-RSC: 2001\r\nX-M2M-RI: 17\r\nContent-Location: "
	         "cse-in/home/k\r\n"
	         "Content-Length: 23\r\n\r\n{\"m2m:cnt\":{\"rn\":\"k\"}}\n",
	         false, &request);
	assert_int_equal(one.result, 0);
	assert_int_equal(one.answer.rsc, 2001);
	assert_int_equal(one.answer.http, 201);
	assert_slice(one.answer.rqi, "17");
	assert_slice(one.answer.content_location, "cse-in/home/k");
	assert_string_equal(one.answer.header(&one.answer, "x-m2m-ri"), "17");
	assert_null(one.answer.header(&one.answer, "X-M2M"));
	assert_non_null(val_find(val_find(one.answer.pc, "m2m:cnt"), "rn"));
	assert_null(one.answer.garbage);
	assert_true(saw(one.server, 0, "POST /cse-in/home?rcn=1 HTTP/1.1\r\n"));
	assert_true(saw(one.server, 0, "\r\nX-M2M-Origin: CAdmin\r\n"));
	assert_true(saw(one.server, 0, "\r\nX-M2M-RVI: 3\r\n"));
	assert_true(saw(one.server, 0, "\r\nX-M2M-RI: d"));
	assert_true(saw(one.server, 0, "\r\nContent-Type: application/json;ty=3\r\n"));
	assert_true(saw(one.server, 0, "\r\n\r\n{\"m2m:cnt\":{\"rn\":\"k\"}}"));
	assert_false(saw(one.server, 0, "Expect:"));
	one_end(&one);
	arena_finish(&arena);
}

UNIT(addresses_become_paths)
{
	static const struct {
		const char *to, *line;
	} rows[] = {
	        {"cse-in/a", "GET /cse-in/a HTTP"},
	        {"/id-in/cse-in/a", "GET /~/id-in/cse-in/a HTTP"},
	        {"//sp.example/id-in/x", "GET /_/sp.example/id-in/x HTTP"},
	        {"-/a", "GET /-/a HTTP"},
	        {"", "GET / HTTP"},
	        {"a b?c#d", "GET /a%20b%3Fc%23d HTTP"},
	        {"a/../b", "GET /a/../b HTTP"},
	        {"\xed\x95\x9c", "GET /%ED%95%9C HTTP"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct one one;
		struct m2m_request request = {.op = 2, .to = rows[i].to};
		one_call(&one, OK_EMPTY, false, &request);
		assert_int_equal(one.result, 0);
		if (!saw(one.server, 0, rows[i].line))
			fail_msg("%s: %s", rows[i].to, one.server->seen[0]);
		one_end(&one);
	}
}

UNIT(own_headers_take_the_place_of_ours)
{
	struct one one;
	static const char *const headers[] = {"X-M2M-RVI: 2a", "X-M2M-RI:", "X-Other: 1", NULL};
	struct m2m_request request = {.op = 4, .to = "a", .originator = "", .headers = headers};
	one_call(&one, OK_EMPTY, false, &request);
	assert_true(saw(one.server, 0, "DELETE /a HTTP"));
	assert_true(saw(one.server, 0, "\r\nX-M2M-RVI: 2a\r\n"));
	assert_false(saw(one.server, 0, "\r\nX-M2M-RVI: 3\r\n"));
	assert_false(saw(one.server, 0, "X-M2M-RI:"));
	assert_true(saw(one.server, 0, "\r\nX-M2M-Origin:\r\n"));
	assert_true(saw(one.server, 0, "\r\nX-Other: 1\r\n"));
	one_end(&one);
}

UNIT(a_refusal_is_an_answer)
{
	struct one one;
	struct m2m_request request = {.op = 2, .to = "a"};
	one_call(&one,
	         "HTTP/1.1 404 x\r\nX-M2M-RSC: 4004\r\nContent-Length: 25\r\n\r\n{\"m2m:dbg\":\"no such "
	         "way\"}",
	         false, &request);
	assert_int_equal(one.result, 0);
	assert_int_equal(one.answer.rsc, 4004);
	assert_slice(m2m_reason(&one.answer, &one.arena), "no such way");
	one_end(&one);
	one_call(&one, "HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n", false, &request);
	assert_int_equal(one.answer.rsc, 4103);
	assert_true(
	        slice_starts(m2m_reason(&one.answer, &one.arena), SLICE("ORIGINATOR_HAS_NO_PRIVILEGE: ")));
	one_end(&one);
}

/* Whatever answers, it is an answer or a sentence. */
UNIT(rubbish_is_survived)
{
	static const struct {
		const char *reply;
		bool answered, garbage;
		int rsc;
	} rows[] = {
	        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{]x", true, true, 2000},
	        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\xff\xfe\x00\x01null", false, false, 0},
	        {"HTTP/1.1 200 OK\r\nX-M2M-RSC: 99999999999999999999\r\nContent-Length: 0\r\n\r\n", true,
	         false, 2000},
	        {"HTTP/1.1 200 OK\r\nX-M2M-RSC: -1\r\nX-M2M-RI:\r\n: x\r\nContent-Length: 4\r\n\r\nnull",
	         true, false, 2000},
	        {"HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n", true, false, 5000},
	        {"hello\r\n\r\n", false, false, 0},
	        {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", false, false, 0},
	        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", false, false, 0},
	        {"", false, false, 0},
	        {"\r\n\r\n\r\n", false, false, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct one one;
		struct m2m_request request = {.op = 2, .to = "a"};
		one_call(&one, rows[i].reply, true, &request);
		if ((one.result == 0) != rows[i].answered)
			fail_msg("row %zu: %d %s", i, one.result,
			         one.answer.error ? one.answer.error : "answered");
		assert_int_equal(one.answer.rsc, rows[i].rsc);
		assert_int_equal(one.answer.garbage != NULL, rows[i].garbage);
		assert_true(rows[i].answered || (one.answer.error && *one.answer.error));
		assert_true(m2m_reason(&one.answer, &one.arena).len > 0);
		one_end(&one);
	}
}

UNIT(nobody_there_is_told)
{
	struct one one;
	struct m2m_request request = {.op = 2, .to = "a"};
	one_call(&one, OK_EMPTY, false, &request);
	m2m_destroy(one.client);
	char url[64];
	snprintf(url, sizeof(url), "%s", one.server->url);
	server_stop(one.server);
	struct m2m_config config = {.url = url};
	assert_int_equal(m2m_create(&config, &one.client), 0);
	assert_true(m2m_call(one.client, &one.arena, &request, &one.answer) < 0);
	assert_int_equal(one.answer.http, 0);
	assert_non_null(one.answer.error);
	m2m_destroy(one.client);
	config.url = "ftp://127.0.0.1:1";
	assert_int_equal(m2m_create(&config, &one.client), 0);
	assert_true(m2m_call(one.client, &one.arena, &request, &one.answer) < 0);
	m2m_destroy(one.client);
	arena_finish(&one.arena);
}

UNIT(a_silent_server_times_out)
{
	struct one one;
	struct m2m_request request = {.op = 2, .to = "a"};
	one_call(&one, "HTTP/1.1 200 OK\r\n", false, &request);
	assert_true(one.result < 0);
	assert_string_equal(one.answer.error, "no answer came in time");
	one_end(&one);
}

struct many {
	int done, good;
};

static void count_done(void *user, const struct m2m_answer *answer)
{
	struct many *many = user;
	many->done++;
	many->good += answer->rsc == 2000;
}

/* Requests of one lane are seen in the order they were sent, however many connections there are. */
static void send_many(unsigned connections, unsigned lanes)
{
	struct double_server *server = server_start(OK_EMPTY);
	struct m2m_config config = {.url = server->url, .connections = connections};
	struct m2m_client *client;
	struct many many = {0, 0};
	const int count = 500;
	assert_int_equal(m2m_create(&config, &client), 0);
	for (int i = 0; i < count; i++) {
		char to[32];
		snprintf(to, sizeof(to), "lane%u/%d", (unsigned)i % lanes, i);
		struct m2m_request request = {
		        .op = 2, .to = to, .lane = connections > 1 ? (unsigned)i % lanes + 1 : 0};
		assert_int_equal(m2m_send(client, &request, count_done, &many), 0);
	}
	assert_int_equal(m2m_run(client, true), 0);
	assert_int_equal(m2m_busy(client), 0);
	assert_int_equal(many.done, count);
	assert_int_equal(many.good, count);
	assert_int_equal(server->count, count);
	int last[16];
	memset(last, -1, sizeof(last));
	for (int i = 0; i < count; i++) {
		unsigned lane;
		int number;
		assert_int_equal(sscanf(server->seen[i], "GET /lane%u/%d ", &lane, &number), 2);
		assert_true(lane < lanes && number > last[lane]);
		last[lane] = number;
	}
	m2m_destroy(client);
	server_stop(server);
}

UNIT(one_connection_keeps_the_order)
{
	send_many(1, 1);
}

UNIT(lanes_keep_their_order)
{
	send_many(4, 7);
	send_many(8, 3);
}

/* From within done the next request may be sent. */
struct chain {
	struct m2m_client *client;
	int left;
};

static void chain_next(void *user, const struct m2m_answer *answer)
{
	struct chain *chain = user;
	assert_int_equal(answer->rsc, 2000);
	struct m2m_request request = {.op = 2, .to = "a"};
	if (chain->left-- > 0)
		assert_int_equal(m2m_send(chain->client, &request, chain_next, chain), 0);
}

UNIT(done_may_send)
{
	struct double_server *server = server_start(OK_EMPTY);
	struct m2m_config config = {.url = server->url};
	struct chain chain = {NULL, 20};
	assert_int_equal(m2m_create(&config, &chain.client), 0);
	struct m2m_request request = {.op = 2, .to = "a"};
	assert_int_equal(m2m_send(chain.client, &request, chain_next, &chain), 0);
	assert_int_equal(m2m_run(chain.client, true), 0);
	assert_int_equal(server->count, 21);
	m2m_destroy(chain.client);
	server_stop(server);
}

UNIT(destroying_with_requests_under_way_is_clean)
{
	struct double_server *server = server_start("HTTP/1.1 200 OK\r\n");
	struct m2m_config config = {.url = server->url, .connections = 2};
	struct m2m_client *client;
	struct many many = {0, 0};
	assert_int_equal(m2m_create(&config, &client), 0);
	struct m2m_request request = {.op = 2, .to = "a", .lane = 1};
	for (int i = 0; i < 10; i++)
		assert_int_equal(m2m_send(client, &request, count_done, &many), 0);
	assert_int_equal(m2m_run(client, false), 0);
	m2m_destroy(client);
	assert_int_equal(many.done, 0);
	server_stop(server);
}

static void count_line(void *user, const char *line)
{
	*(int *)user += line[0] == '>' || line[0] == '<';
}

UNIT(a_plain_page_and_a_trace)
{
	struct double_server *server = server_start("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\na 1\nb\n");
	int lines = 0;
	struct m2m_config config = {.url = server->url, .trace = count_line, .trace_user = &lines};
	struct m2m_client *client;
	struct m2m_answer answer;
	struct arena arena;
	arena_init(&arena);
	assert_int_equal(m2m_create(&config, &client), 0);
	assert_int_equal(m2m_fetch(client, &arena, "/metrics", &answer), 0);
	assert_slice(answer.body, "a 1\nb\n");
	assert_true(saw(server, 0, "GET /metrics HTTP"));
	assert_int_equal(lines, 3);
	m2m_destroy(client);
	arena_finish(&arena);
	server_stop(server);
}

struct proof_trace {
	bool has_name, has_secret;
};

static void look_for_secret(void *user, const char *line)
{
	struct proof_trace *trace = user;

	trace->has_name |= strstr(line, "Authorization") != NULL;
	trace->has_secret |= strstr(line, "tok3n") || strstr(line, "a2ltOndvcmQ=");
}

UNIT(a_proof_is_sent_and_not_traced)
{
	struct double_server *server = server_start(OK_EMPTY);
	struct proof_trace trace = {false, false};
	struct m2m_config configs[] = {{.url = server->url, .token = "tok3n"},
	                               {.url = server->url, .user = "kim", .password = "word"}};
	const struct m2m_request request = {.op = 2, .to = "cse-in"};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < 2; i++) {
		struct m2m_client *client;
		struct m2m_answer answer;

		configs[i].trace = look_for_secret;
		configs[i].trace_user = &trace;
		assert_int_equal(m2m_create(&configs[i], &client), 0);
		assert_int_equal(m2m_call(client, &arena, &request, &answer), 0);
		m2m_destroy(client);
	}
	assert_true(saw(server, 0, "\r\nAuthorization: Bearer tok3n\r\n"));
	assert_true(saw(server, 1, "\r\nAuthorization: Basic a2ltOndvcmQ=\r\n"));
	assert_true(trace.has_name);
	assert_false(trace.has_secret);
	arena_finish(&arena);
	server_stop(server);
}

UNIT(files_of_tls_that_are_not_there_are_named)
{
	static const struct m2m_config configs[] = {
	        {.url = "https://127.0.0.1:1", .ca = "/nowhere/ca.pem"},
	        {.url = "https://127.0.0.1:1", .cert = "/nowhere/c.pem", .key = "/nowhere/k.pem"},
	};
	const struct m2m_request request = {.op = 2, .to = "cse-in"};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < 2; i++) {
		struct m2m_client *client;
		struct m2m_answer answer;

		assert_int_equal(m2m_create(&configs[i], &client), 0);
		assert_true(m2m_call(client, &arena, &request, &answer) < 0);
		assert_non_null(answer.error);
		m2m_destroy(client);
	}
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(a_create_carries_all_headers_and_the_body),
	        unit(addresses_become_paths),
	        unit(own_headers_take_the_place_of_ours),
	        unit(a_refusal_is_an_answer),
	        unit(rubbish_is_survived),
	        unit(nobody_there_is_told),
	        unit(a_silent_server_times_out),
	        unit(one_connection_keeps_the_order),
	        unit(lanes_keep_their_order),
	        unit(done_may_send),
	        unit(destroying_with_requests_under_way_is_clean),
	        unit(a_plain_page_and_a_trace),
	        unit(a_proof_is_sent_and_not_traced),
	        unit(files_of_tls_that_are_not_there_are_named),
	};
	return unit_main(tests);
}
