/* SPDX-License-Identifier: Apache-2.0 */
/* The server under TLS, our client over https, and connections that leave HTTP, with TLS and without. */
#include "net/http_client.h"
#include "net/http_test.h"
#include "net/tls_caller.h"

#include <signal.h>

#define GET(target) "GET " target " HTTP/1.1\r\nHost: a\r\n\r\n"

static struct tls_files files;

static void world_secure(struct world *world, const char *cert, const char *ca)
{
	world->tls = tls_test_context(&files, true, cert, ca, ca ? "crl" : NULL);
	world_begin(world);
}

static void world_over(struct world *world)
{
	world_end(world);
	tls_context_destroy(world->tls);
}

static struct http_stats world_stats(const struct world *world)
{
	struct http_stats stats;

	http_server_stats(world->server, &stats);
	return stats;
}

static bool tell_peer(struct world *world, struct http_exchange *exchange)
{
	const struct tls_peer *peer = http_peer(exchange);
	const char *name = peer ? (peer->verified ? peer->names[0] : "nobody") : "plain";
	void **slot = http_slot(exchange);
	bool again = *slot != NULL;

	*slot = world;
	http_answer(exchange, 200, SLICE(""),
	            arena_printf(exchange->arena, "[%s%s]", name, again ? " again" : ""));
	return true;
}

UNIT(the_handler_knows_who_it_is_and_remembers)
{
	struct world world = {.first = tell_peer};
	struct caller plain;
	struct secure known, unknown;

	world_secure(&world, "server", "ca");
	secure_begin(&files, world.loop, http_server_port(world.server), &known, "client");
	secure_begin(&files, world.loop, http_server_port(world.server), &unknown, NULL);
	secure_send(&known, SLICE(GET("/a") GET("/b")));
	secure_send(&unknown, SLICE(GET("/a")));
	assert_true(secure_wait(&known, "[URI:https://dure.test/id-in/Cclient again]", 1));
	assert_true(secure_wait(&unknown, "[nobody]", 1));
	secure_end(&known);
	secure_end(&unknown);
	world_over(&world);
	world.tls = NULL;
	world_begin(&world);
	caller_begin(&world, &plain);
	caller_send(&plain, SLICE(GET("/a")));
	assert_true(caller_wait(&plain, "[plain]", 1));
	caller_end(&plain);
	world_end(&world);
}

UNIT(pipelined_and_large)
{
	enum { MANY = 1000, LARGE = 300000 };
	struct world world = {0};
	struct secure secure;
	struct buf text;

	world_secure(&world, "server", NULL);
	secure_begin(&files, world.loop, http_server_port(world.server), &secure, NULL);
	buf_init(&text, NULL);
	for (int i = 0; i < MANY; i++)
		buf_add_lit(&text, GET("/a"));
	secure_send(&secure, buf_slice(&text));
	assert_true(secure_wait(&secure, "[GET /a ]", MANY));
	text.len = 0;
	buf_printf(&text, "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", LARGE);
	for (int i = 0; i < LARGE; i++)
		buf_add_char(&text, (char)('a' + i % 7));
	buf_add_lit(&text, GET("/c"));
	secure.caller.got.len = 0;
	secure_send(&secure, buf_slice(&text));
	assert_true(secure_wait(&secure, "[GET /c ]", 1));
	assert_true(secure.caller.got.len > LARGE);
	/* An answer larger than any buffer. */
	world.answer_size = 3 << 20;
	secure.caller.got.len = 0;
	secure_send(&secure, SLICE("GET /d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
	while (!secure.caller.eof) {
		loop_turn(world.loop, 1000);
		secure_read(&secure);
	}
	assert_true(secure.caller.got.len > world.answer_size);
	assert_int_equal(caller_count(&secure.caller, "Connection: close\r\n"), 1);
	assert_int_equal(world_stats(&world).handshakes_failed, 0);
	buf_finish(&text);
	secure_end(&secure);
	world_over(&world);
}

UNIT(draining_says_goodbye)
{
	struct world world = {0};
	struct secure secure;

	world_secure(&world, "server", NULL);
	secure_begin(&files, world.loop, http_server_port(world.server), &secure, NULL);
	secure_send(&secure, SLICE(GET("/a")));
	assert_true(secure_wait(&secure, "[GET /a ]", 1));
	assert_true(http_server_drain(world.server));
	secure_read(&secure);
	assert_true(secure.caller.eof);
	assert_string_equal(tls_session_error(secure.stream.tls), "");
	secure_end(&secure);
	world_over(&world);
}

/* ---- those who do not shake hands ---- */

UNIT(handshakes_that_do_not_end_are_cut)
{
	struct world world = {.limits = http_limits_default};
	struct caller silent, half;

	world.limits.head_us = 100000;
	world.limits.idle_us = 60000000;
	world_secure(&world, "server", NULL);
	caller_begin(&world, &silent);
	caller_begin(&world, &half);
	caller_send(&half, slice_make("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
	assert_true(caller_wait_eof(&silent));
	assert_true(caller_wait_eof(&half));
	assert_int_equal(world_stats(&world).timed_out, 2);
	assert_int_equal(world_stats(&world).handshakes_failed, 2);
	assert_int_equal(world_stats(&world).open, 0);
	assert_int_equal(silent.got.len + half.got.len, 0);
	caller_end(&silent);
	caller_end(&half);
	world_over(&world);
}

UNIT(the_deadline_of_the_first_request_begins_after_the_handshake)
{
	struct world world = {.limits = http_limits_default};
	struct secure secure;

	world.limits.head_us = 100000;
	world_secure(&world, "server", NULL);
	secure_begin(&files, world.loop, http_server_port(world.server), &secure, NULL);
	secure_send(&secure, SLICE(GET("/a") "GET /b"));
	assert_true(secure_wait(&secure, "HTTP/1.1 408 ", 1));
	assert_int_equal(caller_count(&secure.caller, "[GET /a ]"), 1);
	secure_end(&secure);
	world_over(&world);
}

UNIT(plain_text_is_hung_up_on)
{
	struct world world = {0};
	struct caller caller;

	world_secure(&world, "server", NULL);
	caller_begin(&world, &caller);
	caller_send(&caller, SLICE(GET("/a")));
	assert_true(caller_wait_eof(&caller));
	assert_int_equal(caller_count(&caller, "HTTP"), 0);
	assert_int_equal(world_stats(&world).handshakes_failed, 1);
	assert_int_equal(world.requests + world.malformed, 0);
	caller_end(&caller);
	world_over(&world);
}

UNIT(the_limit_of_connections_holds_for_handshakes)
{
	struct world world = {.limits = http_limits_default};
	struct caller callers[3], late;

	world.limits.connections = 3;
	world_secure(&world, "server", NULL);
	for (int i = 0; i < 3; i++)
		caller_begin(&world, &callers[i]);
	world_until(&world, world_stats(&world).open == 3);
	caller_begin(&world, &late);
	assert_true(caller_wait_eof(&late));
	assert_int_equal(world_stats(&world).refused, 1);
	for (int i = 0; i < 3; i++)
		caller_end(&callers[i]);
	caller_end(&late);
	world_over(&world);
}

/* ---- the client ---- */

struct result {
	int status, fault, calls;
	char body[100], error[300];
};

static void result_done(void *user, const struct http_reply *reply)
{
	struct result *result = user;

	result->calls++;
	result->status = reply->status;
	result->fault = reply->fault;
	snprintf(result->body, sizeof(result->body), "%.*s", SLICE_ARG(reply->body));
	snprintf(result->error, sizeof(result->error), "%s", reply->error ? reply->error : "");
}

static void client_ask(struct world *world, const struct http_client_config *config, const char *host,
                       struct result *result)
{
	struct http_client *client;
	char url[100];
	struct http_call call = {.method = "POST",
	                         .url = url,
	                         .body = SLICE("hello"),
	                         .timeout_us = 10000000,
	                         .done = result_done,
	                         .user = result};

	*result = (struct result){0};
	snprintf(url, sizeof(url), "https://%s:%d/a?secret", host, http_server_port(world->server));
	assert_int_equal(http_client_create(world->loop, config, &client), 0);
	assert_int_equal(http_client_send(client, &call), 0);
	world_until(world, result->calls == 1);
	http_client_destroy(client);
}

static const struct {
	const char *server, *client, *ca, *crl, *host;
	const char *says; /* why there is no answer; NULL: there is one */
	const char *name; /* who the server sees */
} calls[] = {
        {"server", NULL, "ca", NULL, "localhost", NULL, "nobody"},
        {"server", "client", "ca", NULL, "127.0.0.1", NULL, "URI:https://dure.test/id-in/Cclient"},
        {"server", "client", "ca", "crl", "[::ffff:127.0.0.1]", "subject name", NULL},
        {"server", "client", "ca", "crl", "localhost", NULL, "URI:https://dure.test/id-in/Cclient"},
        {"server-wrong-name", NULL, "ca", NULL, "localhost", "subject name", NULL},
        {"server-wrong-usage", NULL, "ca", NULL, "localhost", "certificate purpose", NULL},
        {"server-revoked", NULL, "ca", NULL, "localhost", NULL, "nobody"},
        {"server-revoked", NULL, "ca", "crl", "localhost", "certificate revoked", NULL},
        {"server-stranger", NULL, "ca", NULL, "localhost", "issuer certificate", NULL},
        {"server", NULL, NULL, NULL, "localhost", "self-signed certificate", NULL},
        {"server", "client-stranger", "ca", NULL, "localhost", "unknown ca", NULL},
        {"server", "client-expired", "ca", NULL, "localhost", "certificate expired", NULL},
};

UNIT(the_client_trusts_whom_it_should)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		struct world world = {.first = tell_peer};
		struct http_client_config config = {.ca = tls_file(&files, calls[i].ca, "pem"),
		                                    .cert = tls_file(&files, calls[i].client, "pem"),
		                                    .key = tls_file(&files, calls[i].client, "key"),
		                                    .crl = tls_file(&files, calls[i].crl, "pem")};
		struct result result;
		char expected[100];

		world_secure(&world, calls[i].server, "ca");
		client_ask(&world, &config, calls[i].host, &result);
		if (calls[i].says) {
			if (!strstr(result.error, calls[i].says))
				print_error("call %zu: \"%s\"\n", i, result.error);
			assert_int_equal(result.status, 0);
			assert_int_equal(result.fault, -EPROTO);
			assert_non_null(strstr(result.error, calls[i].says));
			assert_int_equal(world.requests, 0);
		} else {
			if (result.status != 200)
				print_error("call %zu: \"%s\"\n", i, result.error);
			snprintf(expected, sizeof(expected), "[%s]", calls[i].name);
			assert_string_equal(result.body, expected);
		}
		world_over(&world);
	}
}

/* ---- those who leave HTTP ---- */

struct upgrading {
	struct world world;
	struct http_upgraded upgraded;
	char rest[64];
	int result;
	struct http_exchange *later; /* asked for, not done yet */
	bool wait;
};

static void upgrade_now(struct upgrading *up, struct http_exchange *exchange)
{
	up->result = http_upgrade(exchange, SLICE("Upgrade: echo\r\nConnection: Upgrade\r\n"), &up->upgraded);
	if (up->result != 0)
		http_answer(exchange, 503, SLICE(""), SLICE("[no]"));
	else
		snprintf(up->rest, sizeof(up->rest), "%.*s", SLICE_ARG(up->upgraded.rest));
}

static bool upgrade_first(struct world *world, struct http_exchange *exchange)
{
	struct upgrading *up = container_of(world, struct upgrading, world);

	if (!slice_is(exchange->target, SLICE("/up")))
		return false;
	if (up->wait)
		up->later = exchange;
	else
		upgrade_now(up, exchange);
	return true;
}

#define UP "GET /up HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"

/* What is said now is heard on the stream, and the answer comes through. */
static void upgrade_echo(struct upgrading *up, struct caller *caller)
{
	char bytes[16];

	caller_send(caller, SLICE("ping"));
	for (int i = 0; i < 10; i++)
		loop_turn(up->world.loop, 0);
	assert_int_equal(stream_read(&up->upgraded.stream, bytes, sizeof(bytes)), 4);
	assert_memory_equal(bytes, "ping", 4);
	assert_int_equal(stream_write(&up->upgraded.stream, "pong", 4), 4);
	assert_true(caller_wait(caller, "pong", 1));
}

UNIT(a_connection_leaves_http)
{
	struct upgrading up = {.world.first = upgrade_first, .result = 1};
	struct caller caller;

	world_begin(&up.world);
	caller_begin(&up.world, &caller);
	caller_send(&caller, SLICE(GET("/a")));
	assert_true(caller_wait(&caller, "[GET /a ]", 1));
	caller_send(&caller, SLICE(UP "and what is behind"));
	assert_true(caller_wait(&caller, "HTTP/1.1 101 \r\n", 1));
	assert_int_equal(caller_count(&caller, "Upgrade: echo\r\nConnection: Upgrade\r\n"), 1);
	assert_int_equal(caller_count(&caller, "Content-Length"), 1);
	assert_int_equal(up.result, 0);
	assert_string_equal(up.rest, "and what is behind");
	assert_int_equal(world_stats(&up.world).open, 0);
	upgrade_echo(&up, &caller);
	assert_true(http_server_drain(up.world.server));
	stream_close(&up.upgraded.stream);
	assert_true(caller_wait_eof(&caller));
	caller_end(&caller);
	world_end(&up.world);
}

UNIT(bytes_that_came_in_pieces_are_handed_on)
{
	struct upgrading up = {.world.first = upgrade_first, .result = 1};
	struct caller caller;

	world_begin(&up.world);
	caller_begin(&up.world, &caller);
	caller_send(&caller, SLICE("GET /up HTTP/1.1\r\nHost: a\r\n"));
	loop_turn(up.world.loop, 0);
	loop_turn(up.world.loop, 0);
	caller_send(&caller, SLICE("Upgrade: echo\r\n\r\nrest"));
	assert_true(caller_wait(&caller, "HTTP/1.1 101 \r\n", 1));
	assert_string_equal(up.rest, "rest");
	stream_close(&up.upgraded.stream);
	caller_end(&caller);
	world_end(&up.world);
}

UNIT(an_upgrade_can_come_later)
{
	struct upgrading up = {.world.first = upgrade_first, .result = 1, .wait = true};
	struct caller caller;

	world_begin(&up.world);
	caller_begin(&up.world, &caller);
	caller_send(&caller, SLICE(UP));
	world_until(&up.world, up.later != NULL);
	caller_send(&caller, SLICE("be"));
	for (int i = 0; i < 5; i++)
		loop_turn(up.world.loop, 0);
	upgrade_now(&up, up.later);
	assert_int_equal(up.result, 0);
	assert_string_equal(up.rest, "be");
	loop_turn(up.world.loop, 0);
	assert_int_equal(world_stats(&up.world).open, 0);
	upgrade_echo(&up, &caller);
	stream_close(&up.upgraded.stream);
	caller_end(&caller);
	world_end(&up.world);
}

UNIT(not_while_others_are_under_way)
{
	struct upgrading up = {.world = {.first = upgrade_first, .later = true}, .result = 1};
	struct caller caller;

	world_begin(&up.world);
	caller_begin(&up.world, &caller);
	caller_send(&caller, SLICE(GET("/a") UP));
	world_until(&up.world, up.result != 1);
	assert_int_equal(up.result, -EBUSY);
	world_answer(&up.world, up.world.waiting[0]);
	assert_true(caller_wait(&caller, "[no]", 1));
	assert_int_equal(caller_count(&caller, "[GET /a ]"), 1);
	/* And neither with one that came behind. */
	up.wait = true;
	up.later = NULL;
	caller_send(&caller, SLICE(UP GET("/b")));
	world_until(&up.world, up.world.waits == 2);
	upgrade_now(&up, up.later);
	assert_int_equal(up.result, -EBUSY);
	world_answer(&up.world, up.world.waiting[1]);
	assert_true(caller_wait(&caller, "[GET /b ]", 1));
	caller_end(&caller);
	world_end(&up.world);
}

UNIT(not_when_the_other_side_is_gone)
{
	struct upgrading up = {.world.first = upgrade_first, .result = 1, .wait = true};
	struct linger hard = {1, 0};
	struct caller caller;

	world_begin(&up.world);
	caller_begin(&up.world, &caller);
	caller_send(&caller, SLICE(UP));
	world_until(&up.world, up.later != NULL);
	setsockopt(caller.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	caller_end(&caller);
	world_until(&up.world, up.world.gone == 1);
	assert_null(http_peer(up.later));
	*http_slot(up.later) = &up;
	upgrade_now(&up, up.later);
	assert_int_equal(up.result, -EPIPE);
	world_end(&up.world);
}

UNIT(a_secure_connection_leaves_http)
{
	struct upgrading up = {.world.first = upgrade_first, .result = 1};
	struct secure secure;
	char bytes[16];

	world_secure(&up.world, "server", "ca");
	secure_begin(&files, up.world.loop, http_server_port(up.world.server), &secure, "client");
	secure_send(&secure, SLICE(UP "more"));
	assert_true(secure_wait(&secure, "HTTP/1.1 101 \r\n", 1));
	assert_int_equal(up.result, 0);
	assert_string_equal(up.rest, "more");
	assert_true(tls_session_peer(up.upgraded.stream.tls)->verified);
	secure_send(&secure, SLICE("ping"));
	assert_int_equal(stream_read(&up.upgraded.stream, bytes, sizeof(bytes)), 4);
	assert_int_equal(stream_write(&up.upgraded.stream, "pong", 4), 4);
	assert_true(secure_wait(&secure, "pong", 1));
	stream_close(&up.upgraded.stream);
	assert_int_equal(world_stats(&up.world).handshakes_failed, 0);
	secure_end(&secure);
	world_over(&up.world);
}

static int begin(void **state)
{
	tls_files_begin(&files);
	return 0;
}

static int end(void **state)
{
	tls_files_end(&files);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(the_handler_knows_who_it_is_and_remembers),
	        unit(pipelined_and_large),
	        unit(draining_says_goodbye),
	        unit(handshakes_that_do_not_end_are_cut),
	        unit(the_deadline_of_the_first_request_begins_after_the_handshake),
	        unit(plain_text_is_hung_up_on),
	        unit(the_limit_of_connections_holds_for_handshakes),
	        unit(the_client_trusts_whom_it_should),
	        unit(a_connection_leaves_http),
	        unit(bytes_that_came_in_pieces_are_handed_on),
	        unit(an_upgrade_can_come_later),
	        unit(not_while_others_are_under_way),
	        unit(not_when_the_other_side_is_gone),
	        unit(a_secure_connection_leaves_http),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin, end);
}
