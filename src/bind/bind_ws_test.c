/* SPDX-License-Identifier: Apache-2.0 */
/* The binding over real sockets, with an engine and a store in memory behind it; the other ends are our own
 * WebSocket clients, and callers who write HTTP by hand. */
#include "bind/bind_ws.h"
#include "net/http_caller.h"

#include <stdio.h>

#include "auth/auth.h"
#include "model/rsc.h"
#include "store/store.h"
#include "wire/wire_body.h"

struct node {
	struct loop *loop;
	struct store *store;
	struct engine *engine;
	struct http_server *http;
	struct bind_ws *bind;
	struct loop_hook commit;
	struct req_peer peer;
	size_t plain; /* exchanges that were no handshake */
};

/* The other end of a connection. */
struct device {
	struct node *node;
	struct ws *ws;
	enum encoding encoding;
	struct arena arena; /* all that came */
	struct prim last;   /* the last primitive that came */
	struct slice text;  /* as it came */
	size_t responses, requests;
	bool open, binary, answers;
	int closed, answer_rsc;
};

static int out_send(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                    void (*done)(void *user, int result, const struct prim *response), void *user)
{
	return bind_ws_send(((struct node *)ctx)->bind, url, request, timeout_us, done, user);
}

static struct slice out_route(void *ctx, struct slice entity, bool addressed, struct arena *arena)
{
	return bind_ws_route(((struct node *)ctx)->bind, entity, addressed, arena);
}

static void node_commit(struct loop_hook *hook)
{
	struct node *node = container_of(hook, struct node, commit);

	if (engine_end_turn(node->engine))
		loop_again(node->loop);
}

static void node_request(void *user, struct http_exchange *exchange)
{
	struct node *node = user;

	if (bind_ws_upgrade(node->bind, exchange, &node->peer))
		return;
	node->plain++;
	http_answer(exchange, 200, SLICE(""), SLICE("plain"));
}

static void node_malformed(void *user, struct http_exchange *exchange, int status, const char *sentence)
{
	http_answer(exchange, status, SLICE(""), SLICE(""));
}

static void node_begin(struct node *node, const struct bind_ws_config *config)
{
	static const struct engine_config engine = {.cse_id = "/id-in",
	                                            .cse_name = "cse-in",
	                                            .sp_id = "//sp.example",
	                                            .admin = "CAdmin",
	                                            .cse_type = 1,
	                                            .default_lifetime_us = 3600000000,
	                                            .max_lifetime_us = 7200000000,
	                                            .request_timeout_us = 5000000,
	                                            .request_lifetime_us = 60000000,
	                                            .expiration_interval_us = 60000000};
	const struct ports ports = {.outbound = {.send = out_send, .route = out_route, .ctx = node}};
	const struct http_handler handler = {node_request, node_malformed, NULL, node};
	struct why why = {0};

	type_init();
	*node = (struct node){.commit.run = node_commit, .peer = {.ip = "127.0.0.1", .local = true}};
	assert_int_equal(loop_create(&node->loop), 0);
	assert_int_equal(store_mem_create(&node->store), 0);
	assert_int_equal(
	        engine_create(&engine, node->store, loop_timers(node->loop), &ports, &why, &node->engine), 0);
	loop_add_hook(node->loop, &node->commit);
	assert_int_equal(bind_ws_create(node->loop, node->engine, config, &node->bind), 0);
	assert_int_equal(http_server_create(node->loop, "127.0.0.1:0", NULL, NULL, &handler, &node->http), 0);
}

static void node_end(struct node *node)
{
	engine_stop(node->engine);
	http_server_destroy(node->http);
	bind_ws_destroy(node->bind);
	engine_destroy(node->engine);
	node->store->ops->destroy(node->store);
	loop_destroy(node->loop);
}

static struct bind_ws_stats node_stats(const struct node *node)
{
	struct bind_ws_stats stats;

	bind_ws_stats(node->bind, &stats);
	return stats;
}

#define node_until(node, condition)                                                                          \
	do {                                                                                                 \
		int64_t until_end = clock_wall_steady() + CALLER_PATIENCE_US;                                \
		while (!(condition) && clock_wall_steady() < until_end)                                      \
			loop_turn((node)->loop, 1000);                                                       \
		assert_true(condition);                                                                      \
	} while (0)

static void device_opened(void *user, struct ws *ws)
{
	((struct device *)user)->open = true;
}

static void device_write(struct device *device, const struct prim *prim, enum prim_direction direction)
{
	struct buf payload;

	buf_init(&payload, &device->arena);
	wire_payload_write(&payload, device->encoding, prim, direction);
	assert_int_equal(ws_send(device->ws, device->encoding == ENCODING_CBOR, buf_slice(&payload)), 0);
}

static void device_message(void *user, struct ws *ws, bool binary, struct slice bytes)
{
	struct device *device = user;
	enum prim_direction direction;
	struct why why = {0};

	device->text = arena_copy(&device->arena, bytes);
	device->binary = binary;
	assert_int_equal(wire_payload_read_any(&device->arena, device->encoding, device->text, &why,
	                                       &device->last, &direction),
	                 0);
	if (direction == PRIM_RSP) {
		device->responses++;
		return;
	}
	device->requests++;
	if (device->answers) {
		struct prim response = {0};

		response.at[PRIM_rqi] = device->last.at[PRIM_rqi];
		response.at[PRIM_rsc] =
		        val_int(&device->arena, device->answer_rsc ? device->answer_rsc : 2000);
		device_write(device, &response, PRIM_RSP);
	}
}

static void device_closed(void *user, struct ws *ws, int code)
{
	struct device *device = user;

	device->closed = code;
	device->ws = NULL;
}

static void device_begin(struct node *node, struct device *device, enum encoding encoding)
{
	const struct ws_handler handler = {device_opened, device_message, device_closed, device, NULL};
	char url[64], protocol[32];

	*device = (struct device){.node = node, .encoding = encoding};
	arena_init(&device->arena);
	snprintf(url, sizeof(url), "ws://127.0.0.1:%d/", http_server_port(node->http));
	snprintf(protocol, sizeof(protocol), "oneM2M.%s", encoding_name(encoding));
	assert_int_equal(ws_connect(node->loop, url, protocol, NULL, NULL, NULL, &handler, &device->ws), 0);
	node_until(node, device->open || device->closed);
	assert_true(device->open);
}

static void device_end(struct device *device)
{
	ws_destroy(device->ws);
	arena_finish(&device->arena);
}

static void device_text(struct device *device, const char *text)
{
	assert_int_equal(ws_send(device->ws, false, slice_of(text)), 0);
}

/* Asks, written as JSON in whatever encoding, and waits for the answer. Returns its code. */
static int device_ask(struct device *device, const char *json)
{
	size_t before = device->responses;
	struct why why = {0};
	struct prim prim;

	assert_int_equal(
	        wire_payload_read(&device->arena, ENCODING_JSON, slice_of(json), PRIM_REQ, &why, &prim), 0);
	device_write(device, &prim, PRIM_REQ);
	node_until(device->node, device->responses > before || device->closed);
	return device->closed ? device->closed : (int)prim_int(&device->last, PRIM_rsc, 0);
}

static bool device_has(const struct device *device, const char *text)
{
	return memmem(device->text.ptr, device->text.len, text, strlen(text)) != NULL;
}

#define RETRIEVE(fr, to) "{\"op\":2,\"to\":\"" to "\",\"fr\":\"" fr "\",\"rqi\":\"r1\",\"rvi\":\"3\"}"
#define CREATE(fr, to, ty, pc)                                                                               \
	"{\"op\":1,\"to\":\"" to "\",\"fr\":\"" fr "\",\"rqi\":\"c1\",\"rvi\":\"3\",\"ty\":" ty              \
	",\"pc\":" pc "}"
#define REGISTER(fr, rn)                                                                                     \
	CREATE(fr, "cse-in", "2",                                                                            \
	       "{\"m2m:ae\":{\"rn\":\"" rn "\",\"api\":\"N.x\",\"rr\":true,\"srv\":[\"3\"]}}")

/* --- the handshake --- */

#define GET       "GET / HTTP/1.1\r\nHost: localhost:80\r\n"
#define UPGRADE   "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
#define KEY       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION   "Sec-WebSocket-Version: 13\r\n"
#define PROTOCOL  "Sec-WebSocket-Protocol: oneM2M.json\r\n"
#define SHAKE     GET UPGRADE KEY VERSION PROTOCOL
#define ACCEPTED  "HTTP/1.1 101 "
#define ACCEPTING "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

static const struct {
	const char *request, *status, *also;
	bool far; /* the caller is not on loopback */
} handshakes[] = {
        {SHAKE, ACCEPTED, ACCEPTING},
        {SHAKE, ACCEPTED, "Sec-WebSocket-Protocol: oneM2M.json\r\n"},
        {GET UPGRADE KEY VERSION "Sec-WebSocket-Protocol: chat, oneM2M.R2.0.cbor ,oneM2M.json\r\n", ACCEPTED,
         "Sec-WebSocket-Protocol: oneM2M.R2.0.cbor\r\n"},
        {GET UPGRADE KEY VERSION "Sec-WebSocket-Protocol: chat\r\n" PROTOCOL, ACCEPTED, ACCEPTING},
        {SHAKE "Origin: http://localhost:80\r\n", ACCEPTED, ACCEPTING},
        {SHAKE "Origin: https://good.example\r\n", ACCEPTED, ACCEPTING},
        {SHAKE "Origin: https://good.example\r\n", ACCEPTED, ACCEPTING, true},
        {GET UPGRADE KEY VERSION "Sec-WebSocket-Protocol: onem2m.r2.0.JSON\r\n", ACCEPTED,
         "Sec-WebSocket-Protocol: onem2m.r2.0.JSON\r\n"},
        /* A token is heard (bind_http_peer_test.c), and what is agreed to is another one. */
        {GET UPGRADE KEY VERSION "Sec-WebSocket-Protocol: dure.bearer.dure-x, oneM2M.json\r\n", ACCEPTED,
         "Sec-WebSocket-Protocol: oneM2M.json\r\n"},
        {GET UPGRADE KEY VERSION, "HTTP/1.1 400 ", "X-M2M-RSC: 4000\r\n"},
        {GET UPGRADE KEY VERSION "Sec-WebSocket-Protocol: dure.bearer.dure-x\r\n", "HTTP/1.1 400 ",
         "oneM2M.cbor"},
        {GET UPGRADE KEY VERSION "Sec-WebSocket-Protocol: oneM2M\r\n", "HTTP/1.1 400 ", "oneM2M.cbor"},
        {GET UPGRADE KEY VERSION "Sec-WebSocket-Protocol: oneM2M.yaml\r\n", "HTTP/1.1 400 ", "oneM2M.cbor"},
        {GET UPGRADE KEY PROTOCOL "Sec-WebSocket-Version: 8\r\n", "HTTP/1.1 426 ",
         "Sec-WebSocket-Version: 13\r\n"},
        {GET UPGRADE VERSION PROTOCOL, "HTTP/1.1 400 ", "Sec-WebSocket-Key"},
        {GET "Upgrade: websocket\r\n" KEY VERSION PROTOCOL, "HTTP/1.1 400 ", "Connection"},
        {SHAKE "Origin: https://evil.example\r\n", "HTTP/1.1 403 ", "X-M2M-RSC: 4103\r\n"},
        {SHAKE "Origin: null\r\n", "HTTP/1.1 403 ", "Origin"},
        {SHAKE "Origin: \r\n", "HTTP/1.1 403 ", "Origin"},
        {SHAKE "Origin: http://localhost:81\r\n", "HTTP/1.1 403 ", "Origin"},
        {SHAKE "Origin: http://localhost:80\r\n", "HTTP/1.1 403 ", "Origin", true},
        /* A name of a stranger's that leads to us. */
        {"GET / HTTP/1.1\r\nHost: evil.example:80\r\n" UPGRADE KEY VERSION PROTOCOL
         "Origin: http://evil.example:80\r\n",
         "HTTP/1.1 403 ", "Origin"},
        {GET "Upgrade: h2c\r\nConnection: Upgrade\r\n", "HTTP/1.1 200 ", "plain"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" UPGRADE KEY VERSION PROTOCOL, "HTTP/1.1 200 ",
         "plain"},
};

UNIT(handshakes_are_held_to_the_rules)
{
	static const char *const origins[] = {"https://good.example", NULL};
	const struct bind_ws_config config = {.cors_origins = origins};
	struct node node;

	node_begin(&node, &config);
	for (size_t i = 0; i < sizeof(handshakes) / sizeof(*handshakes); i++) {
		struct caller caller;

		node.peer.local = !handshakes[i].far;
		caller_begin_at(node.loop, http_server_port(node.http), &caller);
		caller_send(&caller, slice_of(handshakes[i].request));
		caller_send(&caller, SLICE("\r\n"));
		if (!caller_wait(&caller, handshakes[i].status, 1) ||
		    !caller_wait(&caller, handshakes[i].also, 1))
			print_error("%s\n%.*s\n", handshakes[i].request, (int)caller.got.len, caller.got.ptr);
		assert_int_equal(caller_count(&caller, handshakes[i].status), 1);
		assert_true(caller_count(&caller, handshakes[i].also) > 0);
		caller_end(&caller);
	}
	assert_int_equal(node.plain, 2);
	assert_int_equal(node_stats(&node).accepted, 9);
	node_until(&node, node_stats(&node).open == 0);
	node_end(&node);
}

UNIT(too_many_connections_are_503)
{
	const struct bind_ws_config config = {.connections = 1};
	struct node node;
	struct device device;
	struct caller caller;

	node_begin(&node, &config);
	device_begin(&node, &device, ENCODING_JSON);
	caller_begin_at(node.loop, http_server_port(node.http), &caller);
	caller_send(&caller, SLICE(SHAKE "\r\n"));
	assert_true(caller_wait(&caller, "HTTP/1.1 503 ", 1));
	caller_end(&caller);
	device_end(&device);
	node_end(&node);
}

/* --- requests --- */

UNIT(requests_are_answered_in_the_encoding_of_the_connection)
{
	struct node node;
	struct device device;

	node_begin(&node, NULL);
	for (int i = 0; i < ENCODING_COUNT; i++) {
		device_begin(&node, &device, (enum encoding)i);
		assert_int_equal(device_ask(&device, REGISTER("CAdmin", "a")), i == 0 ? 2001 : 4105);
		assert_slice(prim_text(&device.last, PRIM_rqi), "c1");
		assert_slice(prim_text(&device.last, PRIM_rvi), "3");
		assert_int_equal(device.binary, i == ENCODING_CBOR);
		assert_int_equal(device_ask(&device, RETRIEVE("CAdmin", "cse-in/a")), 2000);
		assert_non_null(val_find(device.last.at[PRIM_pc], "m2m:ae"));
		assert_int_equal(device_ask(&device, RETRIEVE("CAdmin", "cse-in/none")), 4004);
		device_end(&device);
	}
	node_end(&node);
}

UNIT(the_wrong_kind_of_message_is_1003)
{
	struct node node;
	struct device device;

	node_begin(&node, NULL);
	device_begin(&node, &device, ENCODING_JSON);
	assert_int_equal(ws_send(device.ws, true, SLICE(RETRIEVE("CAdmin", "cse-in"))), 0);
	node_until(&node, device.closed == 1003);
	device_end(&device);
	device_begin(&node, &device, ENCODING_CBOR);
	device_text(&device, RETRIEVE("CAdmin", "cse-in"));
	node_until(&node, device.closed == 1003);
	device_end(&device);
	node_end(&node);
}

UNIT(what_is_malformed_is_answered_when_it_can_be_addressed)
{
	struct node node;
	struct device device;

	node_begin(&node, NULL);
	device_begin(&node, &device, ENCODING_JSON);
	device_text(&device, "{\"op\":\"x\",\"to\":\"cse-in\",\"fr\":\"C\",\"rqi\":\"m1\",\"rvi\":\"3\"}");
	node_until(&node, device.responses == 1);
	assert_int_equal(prim_int(&device.last, PRIM_rsc, 0), 4000);
	assert_slice(prim_text(&device.last, PRIM_rqi), "m1");
	assert_true(device_has(&device, "m2m:dbg"));
	/* A response that nobody waits for is passed over, a senseless one too. */
	device_text(&device, "{\"rsc\":2000,\"rqi\":\"nobody\"}");
	device_text(&device, "{\"rsc\":\"x\",\"rqi\":\"nobody\"}");
	assert_int_equal(device_ask(&device, RETRIEVE("CAdmin", "cse-in")), 2000);
	assert_int_equal(node_stats(&node).malformed, 2);
	assert_int_equal(node_stats(&node).dropped, 2);
	device_text(&device, "{\"op\":2");
	node_until(&node, device.closed == 1007);
	device_end(&device);
	node_end(&node);
}

UNIT(too_many_at_once_are_refused)
{
	const struct bind_ws_config config = {.in_flight = 4};
	struct node node;
	struct device device;

	node_begin(&node, &config);
	device_begin(&node, &device, ENCODING_JSON);
	assert_int_equal(device_ask(&device, REGISTER("CAdmin", "a")), 2001);
	/* Writes are answered at the end of the turn: these all come in one. */
	for (int i = 0; i < 10; i++)
		device_text(&device, CREATE("CAdmin", "cse-in/a", "3", "{\"m2m:cnt\":{}}"));
	node_until(&node, device.responses == 11);
	assert_int_equal(device_ask(&device, RETRIEVE("CAdmin", "cse-in/a?")), 4000);
	assert_int_equal(device_ask(&device, RETRIEVE("CAdmin", "cse-in/a")), 2000);
	device_text(&device,
	            "{\"op\":2,\"to\":\"cse-in/a\",\"fr\":\"CAdmin\",\"rqi\":\"k\",\"rvi\":\"3\",\"rcn\":6}");
	node_until(&node, device.responses == 14);
	assert_true(device_has(&device, "\"typ\":3"));
	device_end(&device);
	node_end(&node);
}

/* --- the other way --- */

#define SUBSCRIBE(fr, to, nu)                                                                                \
	CREATE(fr, to, "23", "{\"m2m:sub\":{\"rn\":\"s\",\"nu\":[\"" nu "\"],\"enc\":{\"net\":[3]}}}")
#define INSTANCE(fr, to) CREATE(fr, to, "4", "{\"m2m:cin\":{\"con\":\"21\"}}")

/* An AE without a point of access, its container, and a subscription that leads back to it. */
static void device_settle(struct device *device)
{
	device->answers = true;
	assert_int_equal(device_ask(device, REGISTER("Cmeter", "meter")), 2001);
	assert_int_equal(
	        device_ask(device, CREATE("Cmeter", "cse-in/meter", "3", "{\"m2m:cnt\":{\"rn\":\"c\"}}")),
	        2001);
	assert_int_equal(device_ask(device, SUBSCRIBE("Cmeter", "cse-in/meter/c", "/id-in/Cmeter")), 2001);
}

UNIT(notifications_go_through_the_connection_of_the_one_who_registered)
{
	struct node node;
	struct device device, other;

	node_begin(&node, NULL);
	for (int i = 0; i < ENCODING_COUNT; i++) {
		size_t before;

		device_begin(&node, &device, (enum encoding)i);
		device_begin(&node, &other, ENCODING_JSON);
		device_settle(&device);
		before = device.requests;
		assert_int_equal(device_ask(&other, INSTANCE("CAdmin", "cse-in/meter/c")), 2001);
		node_until(&node, device.requests == before + 1);
		assert_int_equal(prim_int(&device.last, PRIM_op, 0), 5);
		assert_non_null(val_find(device.last.at[PRIM_pc], "m2m:sgn"));
		assert_int_equal(device_ask(&device,
		                            "{\"op\":4,\"to\":\"cse-in/"
		                            "meter\",\"fr\":\"Cmeter\",\"rqi\":\"d\",\"rvi\":\"3\"}"),
		                 2002);
		device_end(&device);
		device_end(&other);
		node_until(&node, node_stats(&node).open == 0);
	}
	node_end(&node);
}

UNIT(the_newest_connection_has_the_notifications)
{
	struct node node;
	struct device first, second;
	size_t told;

	node_begin(&node, NULL);
	device_begin(&node, &first, ENCODING_JSON);
	device_settle(&first);
	told = first.requests;
	device_begin(&node, &second, ENCODING_CBOR);
	second.answers = true;
	/* Being there is not enough, being refused neither. */
	assert_int_equal(device_ask(&second, RETRIEVE("Cmeter", "cse-in/none")), 4004);
	assert_int_equal(device_ask(&first, INSTANCE("Cmeter", "cse-in/meter/c")), 2001);
	node_until(&node, first.requests == told + 1);
	assert_int_equal(device_ask(&second, RETRIEVE("Cmeter", "cse-in/meter")), 2000);
	assert_int_equal(device_ask(&first, INSTANCE("Cmeter", "cse-in/meter/c")), 2001);
	node_until(&node, second.requests == 1);
	/* When it goes, the one before is good enough. */
	ws_close(second.ws, 1000, NULL);
	node_until(&node, second.closed && node_stats(&node).open == 1);
	assert_int_equal(device_ask(&first, INSTANCE("Cmeter", "cse-in/meter/c")), 2001);
	node_until(&node, first.requests == told + 2);
	device_end(&first);
	device_end(&second);
	node_end(&node);
}

/* Who has no name of his own and reads of an AE does not take its place. */
UNIT(who_reads_of_an_ae_is_not_that_ae)
{
	struct node node;
	struct device first, second;

	node_begin(&node, NULL);
	device_begin(&node, &first, ENCODING_JSON);
	device_settle(&first);
	assert_int_equal(
	        device_ask(&first, CREATE("Cmeter", "cse-in/meter", "1",
	                                  "{\"m2m:acp\":{\"rn\":\"open\",\"pv\":{\"acr\":[{\"acor\":["
	                                  "\"all\"],\"acop\":63}]},\"pvs\":{\"acr\":[{\"acor\":["
	                                  "\"Cmeter\"],\"acop\":63}]}}}")),
	        2001);
	assert_int_equal(device_ask(&first,
	                            "{\"op\":3,\"to\":\"cse-in/meter\",\"fr\":\"Cmeter\",\"rqi\":\"u\","
	                            "\"rvi\":\"3\",\"pc\":{\"m2m:ae\":{\"acpi\":[\"cse-in/meter/open\"]}}"
	                            "}"),
	                 2004);
	device_begin(&node, &second, ENCODING_JSON);
	second.answers = true;
	assert_int_equal(device_ask(&second, RETRIEVE("C", "cse-in/meter")), 2000);
	device_end(&first);
	node_until(&node, node_stats(&node).open == 1);
	assert_int_equal(bind_ws_route(node.bind, SLICE("/id-in/Cmeter"), false, &second.arena).len, 0);
	device_end(&second);
	node_end(&node);
}

/* What became of a request of ours. */
struct fate {
	int result, rsc;
	size_t calls;
};

static void fate_done(void *user, int result, const struct prim *response)
{
	struct fate *fate = user;

	fate->calls++;
	fate->result = result;
	fate->rsc = response ? (int)prim_int(response, PRIM_rsc, 0) : 0;
}

static int node_send(struct node *node, struct slice url, const char *rqi, int64_t timeout_us,
                     struct fate *fate)
{
	struct prim request = {0};
	struct arena arena;
	int r;

	arena_init(&arena);
	request.at[PRIM_op] = val_int(&arena, OP_NOTIFY);
	request.at[PRIM_to] = val_str(&arena, SLICE("/id-in/Cdev"));
	request.at[PRIM_fr] = val_str(&arena, SLICE("/id-in"));
	request.at[PRIM_rqi] = val_str(&arena, slice_of(rqi));
	r = bind_ws_send(node->bind, url, &request, timeout_us, fate_done, fate);
	arena_finish(&arena);
	return r;
}

UNIT(requests_of_ours_end_in_every_way)
{
	struct node node;
	struct device device;
	struct fate a = {0}, b = {0}, c = {0}, d = {0};
	struct slice url;

	node_begin(&node, NULL);
	device_begin(&node, &device, ENCODING_JSON);
	assert_int_equal(bind_ws_route(node.bind, SLICE("/id-in/Cdev"), true, &device.arena).len, 0);
	assert_int_equal(device_ask(&device, REGISTER("C", "dev")), 2001);
	assert_int_equal(device_ask(&device, REGISTER("Cdev", "dev2")), 2001);
	url = bind_ws_route(node.bind, SLICE("/id-in/Cdev"), true, &device.arena);
	assert_slice(url, "ws-session://id-in:Cdev");
	assert_int_equal(node_send(&node, SLICE("ws-session://id-in:Cnone"), "1", 1000000, &a),
	                 -EHOSTUNREACH);
	assert_int_equal(node_send(&node, SLICE("http://x"), "1", 1000000, &a), -EHOSTUNREACH);
	/* Answered, too late, answered with nonsense, and the connection goes. */
	device.answers = true;
	device.answer_rsc = 4004;
	assert_int_equal(node_send(&node, url, "1", 10000000, &a), 0);
	assert_int_equal(a.calls, 0);
	node_until(&node, a.calls == 1);
	assert_int_equal(a.result, 0);
	assert_int_equal(a.rsc, 4004);
	device.answers = false;
	assert_int_equal(node_send(&node, url, "2", 20000, &b), 0);
	node_until(&node, b.calls == 1);
	assert_int_equal(b.result, -ETIMEDOUT);
	assert_int_equal(node_send(&node, url, "3", 10000000, &c), 0);
	device_text(&device, "{\"rsc\":[],\"rqi\":\"3\"}");
	node_until(&node, c.calls == 1);
	assert_int_equal(c.result, -EBADMSG);
	assert_int_equal(node_send(&node, url, "4", 10000000, &d), 0);
	node_until(&node, device.requests == 4);
	ws_destroy(device.ws);
	device.ws = NULL;
	node_until(&node, d.calls == 1);
	assert_int_equal(d.result, -ECONNRESET);
	assert_int_equal(node_send(&node, url, "5", 10000000, &a), -EHOSTUNREACH);
	device_end(&device);
	node_end(&node);
}

UNIT(what_is_under_way_when_we_end_is_cancelled)
{
	struct node node;
	struct device device;
	struct fate fate = {0};

	node_begin(&node, NULL);
	device_begin(&node, &device, ENCODING_JSON);
	assert_int_equal(device_ask(&device, REGISTER("Cdev", "dev")), 2001);
	assert_int_equal(node_send(&node, SLICE("ws-session://id-in:Cdev"), "1", 10000000, &fate), 0);
	device_text(&device, REGISTER("Cdev2", "dev2"));
	device_end(&device);
	node_end(&node);
	assert_int_equal(fate.calls, 1);
	assert_int_equal(fate.result, -ECANCELED);
}

/* --- ends --- */

UNIT(who_leaves_without_waiting_gets_it_done_all_the_same)
{
	struct node node;
	struct device device;

	node_begin(&node, NULL);
	device_begin(&node, &device, ENCODING_JSON);
	device_text(&device, REGISTER("Cgone", "gone"));
	ws_close(device.ws, 1000, NULL);
	node_until(&node, device.closed);
	device_end(&device);
	device_begin(&node, &device, ENCODING_JSON);
	assert_int_equal(device_ask(&device, RETRIEVE("CAdmin", "cse-in/gone")), 2000);
	device_end(&device);
	node_end(&node);
}

UNIT(a_revoked_identity_loses_its_connection)
{
	static const char *const all[] = {"*", NULL};
	struct identity identity = {.id = "c-1", .name = "x", .kind = IDENTITY_TOKEN, .originators = all};
	struct node node;
	struct device device, silent;

	node_begin(&node, NULL);
	node.peer.identity = &identity;
	device_begin(&node, &device, ENCODING_JSON);
	device_begin(&node, &silent, ENCODING_JSON);
	assert_int_equal(device_ask(&device, RETRIEVE("CAdmin", "cse-in")), 2000);
	identity.revoked = true;
	device_text(&device, RETRIEVE("CAdmin", "cse-in"));
	node_until(&node, device.closed == 1008);
	assert_int_equal(device.responses, 1);
	node_until(&node, silent.closed == 1008);
	device_end(&device);
	device_end(&silent);
	node_end(&node);
}

UNIT(draining_says_goodbye_after_the_last_answer)
{
	struct node node;
	struct device device, idle;
	struct binding *binding;

	node_begin(&node, NULL);
	binding = bind_ws_binding(node.bind);
	device_begin(&node, &device, ENCODING_JSON);
	device_begin(&node, &idle, ENCODING_JSON);
	/* An operation that is to be done later waits in the engine. */
	device_text(&device, "{\"op\":2,\"to\":\"cse-in\",\"fr\":\"CAdmin\",\"rqi\":\"w\",\"rvi\":\"3\","
	                     "\"oet\":\"1000\"}");
	node_until(&node, node_stats(&node).received == 1);
	assert_false(binding->drain(binding));
	node_until(&node, idle.closed == 1001);
	assert_int_equal(device.closed, 0);
	assert_int_equal(device_ask(&device, RETRIEVE("CAdmin", "cse-in")), 5103);
	node_until(&node, device.closed == 1001);
	assert_int_equal(device.responses, 2);
	assert_int_equal(prim_int(&device.last, PRIM_rsc, 0), 2000);
	node_until(&node, binding->drain(binding));
	device_end(&device);
	device_end(&idle);
	node_end(&node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(handshakes_are_held_to_the_rules),
	        unit(too_many_connections_are_503),
	        unit(requests_are_answered_in_the_encoding_of_the_connection),
	        unit(the_wrong_kind_of_message_is_1003),
	        unit(what_is_malformed_is_answered_when_it_can_be_addressed),
	        unit(too_many_at_once_are_refused),
	        unit(notifications_go_through_the_connection_of_the_one_who_registered),
	        unit(the_newest_connection_has_the_notifications),
	        unit(who_reads_of_an_ae_is_not_that_ae),
	        unit(requests_of_ours_end_in_every_way),
	        unit(what_is_under_way_when_we_end_is_cancelled),
	        unit(who_leaves_without_waiting_gets_it_done_all_the_same),
	        unit(a_revoked_identity_loses_its_connection),
	        unit(draining_says_goodbye_after_the_last_answer),
	};

	return unit_main(tests);
}
