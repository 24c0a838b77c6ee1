/* SPDX-License-Identifier: Apache-2.0 */
/* The binding over real sockets, with an engine and a store in memory behind it. */
#include "bind/bind_http_test.h"
#include "model/rsc.h"

#define JSON "Content-Type: application/json"

static int page_fill(void *user, struct buf *body, const char **ret_type)
{
	*ret_type = "text/x-test";
	buf_add_slice(body, slice_of(user));
	return 503;
}

UNIT(a_container_is_made_and_read)
{
	struct bind_http_config config = {0};
	struct node node;

	node_begin(&node, &config);
	node_ask(&node,
	         "POST /cse-in HTTP/1.1\r\n" FROM JSON
	         ";ty=3\r\nContent-Length: 22\r\n\r\n{\"m2m:cnt\":{\"rn\":\"a\"}}",
	         "\"rn\":\"a\"");
	assert_int_equal(node_has(&node, "HTTP/1.1 201 \r\n"), 1);
	assert_int_equal(node_has(&node, "X-M2M-RSC: 2001\r\n"), 1);
	assert_int_equal(node_has(&node, "X-M2M-RI: 42\r\n"), 1);
	assert_int_equal(node_has(&node, "X-M2M-RVI: 3\r\n"), 1);
	assert_int_equal(node_has(&node, "Content-Location: cnt"), 1);
	node_ask(&node, "GET /~/id-in/cse-in/a HTTP/1.1\r\n" FROM "\r\n", "\"rn\":\"a\"");
	assert_int_equal(node_has(&node, "X-M2M-RSC: 2000\r\n"), 1);
	node_ask(&node, "HEAD /cse-in/a HTTP/1.1\r\n" FROM "\r\n", "\r\n\r\n");
	assert_int_equal(node_has(&node, "Content-Length: 0\r\n"), 0);
	assert_int_equal(node_has(&node, "\"rn\""), 0);
	node_ask(&node, "GET /cse-in/b HTTP/1.1\r\n" FROM "\r\n", "m2m:dbg");
	assert_int_equal(node_has(&node, "HTTP/1.1 404 \r\n"), 1);
	node_end(&node);
}

UNIT(the_answer_has_the_type_that_was_asked_for)
{
	struct bind_http_config config = {0};
	struct node node;

	node_begin(&node, &config);
	node_ask(&node, "GET /cse-in HTTP/1.1\r\n" FROM "Accept: application/vnd.onem2m-res+json\r\n\r\n",
	         "m2m:cb");
	assert_int_equal(node_has(&node, "Content-Type: application/vnd.onem2m-res+json\r\n"), 1);
	node_end(&node);
}

static const struct {
	const char *message, *status, *rsc;
} refusals[] = {
        {"GET /cse-in HTTP/1.1\r\nHost: a\r\nX-M2M-Origin: C\r\n\r\n", "400", "4000"},
        {"PATCH /cse-in HTTP/1.1\r\n" FROM "\r\n", "405", "4005"},
        {"GET /cse-in HTTP/1.1\r\n" FROM "Accept: text/html\r\n\r\n", "406", "5207"},
        {"PUT /cse-in HTTP/1.1\r\n" FROM "Content-Type: text/html\r\nContent-Length: 1\r\n\r\nx", "415",
         "4015"},
        {"PUT /cse-in HTTP/1.1\r\n" FROM "Content-Length: 1\r\n\r\nx", "400", "4000"},
};

UNIT(refusals_say_why_and_keep_the_connection)
{
	struct bind_http_config config = {0};
	struct node node;

	node_begin(&node, &config);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		char line[64];

		node_ask(&node, refusals[i].message, "{\"m2m:dbg\":\"");
		snprintf(line, sizeof(line), "HTTP/1.1 %s \r\n", refusals[i].status);
		assert_int_equal(node_has(&node, line), 1);
		snprintf(line, sizeof(line), "X-M2M-RSC: %s\r\n", refusals[i].rsc);
		assert_int_equal(node_has(&node, line), 1);
		assert_int_equal(node_has(&node, "Allow:"), strcmp(refusals[i].status, "405") == 0);
	}
	node_end(&node);
}

UNIT(malformed_messages_are_told_in_our_words)
{
	struct bind_http_config config = {0};
	struct node node;

	node_begin(&node, &config);
	node_ask(&node, "POST /cse-in HTTP/1.1\r\n" FROM "Content-Length: 99999999\r\n\r\n",
	         "{\"m2m:dbg\":\"");
	assert_int_equal(node_has(&node, "HTTP/1.1 413 \r\n"), 1);
	assert_int_equal(node_has(&node, "X-M2M-RSC: 4000\r\n"), 1);
	assert_int_equal(node_has(&node, "X-M2M-RI: 42\r\n"), 1);
	assert_int_equal(node_has(&node, "Connection: close\r\n"), 1);
	assert_true(caller_wait_eof(&node.caller));
	node_end(&node);
}

UNIT(pages_options_and_prefix)
{
	char text[] = "a page";
	struct bind_http_page pages[] = {{"/page", page_fill, text}};
	struct bind_http_config config = {.pages = pages, .page_count = 1, .prefix = "/root/"};
	struct node node;

	node_begin(&node, &config);
	node_ask(&node, "GET /page?x=y HTTP/1.1\r\nHost: a\r\n\r\n", "a page");
	assert_int_equal(node_has(&node, "HTTP/1.1 503 \r\n"), 1);
	assert_int_equal(node_has(&node, "Content-Type: text/x-test\r\n"), 1);
	node_ask(&node, "OPTIONS * HTTP/1.1\r\nHost: a\r\nOrigin: http://x\r\n\r\n", "\r\n\r\n");
	assert_int_equal(node_has(&node, "Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n"), 1);
	assert_int_equal(node_has(&node, "Access-Control"), 0);
	node_ask(&node, "GET /root/cse-in HTTP/1.1\r\n" FROM "\r\n", "m2m:cb");
	node_ask(&node, "GET /cse-in HTTP/1.1\r\n" FROM "\r\n", "m2m:dbg");
	assert_int_equal(node_has(&node, "X-M2M-RSC: 4004\r\n"), 1);
	node_ask(&node, "GET /rootcse-in HTTP/1.1\r\n" FROM "\r\n", "m2m:dbg");
	assert_int_equal(node_has(&node, "X-M2M-RSC: 4004\r\n"), 1);
	node_end(&node);
}

UNIT(cors_for_those_who_are_listed)
{
	static const char *const origins[] = {"https://a.example", NULL};
	struct bind_http_config config = {.cors_origins = origins};
	struct node node;

	node_begin(&node, &config);
	node_ask(&node, "GET /cse-in HTTP/1.1\r\n" FROM "Origin: https://a.example\r\n\r\n", "m2m:cb");
	assert_int_equal(node_has(&node, "X-Content-Type-Options: nosniff\r\n"), 1);
	assert_int_equal(node_has(&node, "Access-Control-Allow-Origin: https://a.example\r\n"), 1);
	assert_int_equal(node_has(&node, "Vary: Origin\r\n"), 1);
	assert_int_equal(node_has(&node, "X-M2M-RSC"), 2);
	node_ask(&node, "GET /cse-in HTTP/1.1\r\n" FROM "Origin: https://b.example\r\n\r\n", "m2m:cb");
	assert_int_equal(node_has(&node, "Access-Control"), 0);
	node_ask(&node,
	         "OPTIONS /cse-in HTTP/1.1\r\nHost: a\r\nOrigin: https://a.example\r\n"
	         "Access-Control-Request-Method: POST\r\n\r\n",
	         "\r\n\r\n");
	assert_int_equal(node_has(&node, "HTTP/1.1 204 \r\n"), 1);
	assert_int_equal(node_has(&node, "Access-Control-Allow-Methods: "), 1);
	assert_int_equal(node_has(&node, ", X-M2M-RI"), 1);
	node_end(&node);
}

UNIT(no_response_is_answered_without_a_code)
{
	struct bind_http_config config = {0};
	struct node node;

	node_begin(&node, &config);
	node_ask(&node, "GET /cse-in?rt=5 HTTP/1.1\r\n" FROM "\r\n", "\r\n\r\n");
	if (node_has(&node, "HTTP/1.1 204 \r\n"))
		assert_int_equal(node_has(&node, "X-M2M-RSC"), 0);
	node_end(&node);
}

UNIT(those_who_leave_do_not_undo)
{
	struct bind_http_config config = {0};
	struct linger hard = {1, 0};
	struct http_stats stats;
	struct node node;

	node_begin(&node, &config);
	send(node.caller.fd,
	     "POST /cse-in HTTP/1.1\r\n" FROM JSON
	     ";ty=3\r\nContent-Length: 22\r\n\r\n{\"m2m:cnt\":{\"rn\":\"a\"}}",
	     sizeof("POST /cse-in HTTP/1.1\r\n" FROM JSON
	            ";ty=3\r\nContent-Length: 22\r\n\r\n{\"m2m:cnt\":{\"rn\":\"a\"}}") -
	             1,
	     MSG_NOSIGNAL);
	shutdown(node.caller.fd, SHUT_WR);
	setsockopt(node.caller.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	do {
		loop_turn(node.loop, 1000);
		bind_http_stats(node.bind, &stats);
	} while (stats.requests < 1);
	caller_end(&node.caller);
	for (int i = 0; i < 5; i++)
		loop_turn(node.loop, 0);
	caller_begin_at(node.loop, bind_http_port(node.bind), &node.caller);
	node_ask(&node, "GET /cse-in/a HTTP/1.1\r\n" FROM "\r\n", "\"rn\":\"a\"");
	node_end(&node);
}

UNIT(it_drains)
{
	struct bind_http_config config = {0};
	struct binding *binding;
	struct node node;

	node_begin(&node, &config);
	binding = bind_http_binding(node.bind);
	assert_string_equal(binding->name, "http");
	assert_true(binding->drain(binding));
	assert_true(caller_wait_eof(&node.caller));
	node_end(&node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(a_container_is_made_and_read),
	        unit(the_answer_has_the_type_that_was_asked_for),
	        unit(refusals_say_why_and_keep_the_connection),
	        unit(malformed_messages_are_told_in_our_words),
	        unit(pages_options_and_prefix),
	        unit(cors_for_those_who_are_listed),
	        unit(no_response_is_answered_without_a_code),
	        unit(those_who_leave_do_not_undo),
	        unit(it_drains),
	};

	return unit_main(tests);
}
