/* SPDX-License-Identifier: Apache-2.0 */
/* The binding over real sockets, with an engine and a store in memory behind it; the other ends are a second
 * struct bind_coap that only sends, and datagrams written by hand. */
#include "bind/bind_coap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/unit.h"
#include "model/rsc.h"
#include "net/coap_codec.h"
#include "store/store.h"

#define PATIENCE_US 5000000

struct node {
	struct loop *loop;
	struct store *store;
	struct engine *engine;
	struct bind_coap *bind, *client;
	struct loop_hook commit;
	struct arena arena;
	int waiting, result;
	struct prim reply; /* the last one; in arena */
	char url[64];
};

static int out_send(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                    void (*done)(void *user, int result, const struct prim *response), void *user)
{
	return bind_coap_send(((struct node *)ctx)->client, url, request, timeout_us, done, user);
}

static void node_commit(struct loop_hook *hook)
{
	struct node *node = container_of(hook, struct node, commit);

	if (engine_end_turn(node->engine))
		loop_again(node->loop);
}

static void node_begin(struct node *node, bool old_options)
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
	const struct bind_coap_config server = {.listen = "127.0.0.1:0"};
	const struct bind_coap_config client = {.old_options = old_options};
	const struct ports ports = {.outbound = {.send = out_send, .ctx = node}};
	struct why why = {0};

	type_init();
	*node = (struct node){.commit.run = node_commit};
	arena_init(&node->arena);
	assert_int_equal(loop_create(&node->loop), 0);
	assert_int_equal(store_mem_create(&node->store), 0);
	assert_int_equal(
	        engine_create(&engine, node->store, loop_timers(node->loop), &ports, &why, &node->engine), 0);
	loop_add_hook(node->loop, &node->commit);
	assert_int_equal(bind_coap_create(node->loop, node->engine, &server, &why, &node->bind), 0);
	assert_int_equal(bind_coap_create(node->loop, NULL, &client, &why, &node->client), 0);
	snprintf(node->url, sizeof(node->url), "coap://127.0.0.1:%d", bind_coap_port(node->bind));
}

static void node_end(struct node *node)
{
	engine_stop(node->engine);
	bind_coap_destroy(node->client);
	bind_coap_destroy(node->bind);
	engine_destroy(node->engine);
	node->store->ops->destroy(node->store);
	loop_destroy(node->loop);
	arena_finish(&node->arena);
}

static void node_done(void *user, int result, const struct prim *response)
{
	struct node *node = user;

	node->waiting--;
	node->result = result;
	node->reply = (struct prim){0};
	for (int i = 0; response && i < PRIM_COUNT; i++)
		if (response->at[i])
			node->reply.at[i] = val_copy(&node->arena, response->at[i]);
}

static void node_wait(struct node *node)
{
	int64_t until = clock_wall_steady() + PATIENCE_US;

	while (node->waiting > 0 && clock_wall_steady() < until)
		assert_true(loop_turn(node->loop, 10000) >= 0);
	assert_int_equal(node->waiting, 0);
}

struct ask {
	int op;
	const char *to;
	int ty; /* 0: none */
	struct val *pc;
	const char *rcn, *ct;
};

/* Asks and waits; the response status code. */
static int node_ask(struct node *node, struct ask ask)
{
	struct arena *arena = &node->arena;
	struct prim request = {0};
	char url[96];

	request.at[PRIM_op] = val_int(arena, ask.op);
	request.at[PRIM_to] = val_str(arena, slice_of(ask.to));
	request.at[PRIM_fr] = val_str(arena, SLICE("CAdmin"));
	request.at[PRIM_rqi] = val_str(arena, SLICE("r1"));
	request.at[PRIM_rvi] = val_str(arena, SLICE("3"));
	if (ask.ty)
		request.at[PRIM_ty] = val_int(arena, ask.ty);
	if (ask.rcn)
		request.at[PRIM_rcn] = val_num(arena, slice_of(ask.rcn));
	request.at[PRIM_pc] = ask.pc;
	snprintf(url, sizeof(url), "%s%s%s", node->url, ask.ct ? "?ct=" : "", ask.ct ? ask.ct : "");
	node->waiting++;
	assert_int_equal(bind_coap_send(node->client, slice_of(url), &request, PATIENCE_US, node_done, node),
	                 0);
	node_wait(node);
	assert_int_equal(node->result, 0);
	return (int)prim_int(&node->reply, PRIM_rsc, 0);
}

static struct val *content(struct node *node, const char *root, const char *name, struct slice value)
{
	struct val *pc = val_obj(&node->arena), *inner = val_put(pc, slice_of(root), val_obj(&node->arena));

	val_put(inner, slice_of(name), val_str(&node->arena, value));
	return pc;
}

static const struct val *reply_member(const struct node *node, const char *name)
{
	const struct val *pc = node->reply.at[PRIM_pc];

	return pc && pc->first ? val_get(pc->first, slice_of(name)) : NULL;
}

static void walk_through(struct node *node, const char *ct)
{
	struct val *cnt = content(node, "m2m:cnt", "rn", SLICE("box"));

	assert_int_equal(node_ask(node, (struct ask){OP_CREATE, "cse-in", 3, cnt, .ct = ct}), RSC_CREATED);
	assert_slice(reply_member(node, "rn")->text, "box");
	assert_int_equal(
	        node_ask(node, (struct ask){OP_CREATE, "cse-in/box", 4,
	                                    content(node, "m2m:cin", "con", SLICE("hello")), .ct = ct}),
	        RSC_CREATED);
	assert_int_equal(node_ask(node, (struct ask){OP_RETRIEVE, "cse-in/box/la", .ct = ct}), RSC_OK);
	assert_slice(reply_member(node, "con")->text, "hello");
	assert_slice(prim_text(&node->reply, PRIM_rqi), "r1");
	assert_slice(prim_text(&node->reply, PRIM_rvi), "3");
	assert_int_equal(node_ask(node, (struct ask){OP_UPDATE, "/id-in/cse-in/box", 0,
	                                             content(node, "m2m:cnt", "or", SLICE("x:y")), .ct = ct}),
	                 RSC_UPDATED);
	assert_int_equal(node_ask(node, (struct ask){OP_RETRIEVE, "cse-in/nothing", .ct = ct}),
	                 RSC_NOT_FOUND);
	assert_non_null(val_find(node->reply.at[PRIM_pc], "m2m:dbg"));
	assert_int_equal(node_ask(node, (struct ask){OP_DELETE, "cse-in/box", .ct = ct}), RSC_DELETED);
}

UNIT(all_operations_in_every_encoding_and_both_sets_of_numbers)
{
	static const char *const encodings[] = {NULL, "cbor", "xml", "application/vnd.onem2m-res+json"};

	for (int old = 0; old < 2; old++) {
		struct node node;

		node_begin(&node, old);
		for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
			walk_through(&node, encodings[i]);
		node_end(&node);
	}
}

UNIT(large_bodies_travel_in_blocks_both_ways)
{
	struct node node;
	size_t len = 100000;
	char *text;

	node_begin(&node, false);
	text = arena_take(&node.arena, len);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)('a' + i % 23);
	assert_int_equal(node_ask(&node, (struct ask){OP_CREATE, "cse-in", 3,
	                                              content(&node, "m2m:cnt", "rn", SLICE("box"))}),
	                 RSC_CREATED);
	assert_int_equal(
	        node_ask(&node, (struct ask){OP_CREATE, "cse-in/box", 4,
	                                     content(&node, "m2m:cin", "con", slice_make(text, len))}),
	        RSC_CREATED);
	assert_int_equal(node_ask(&node, (struct ask){OP_RETRIEVE, "cse-in/box/la"}), RSC_OK);
	assert_true(slice_is(reply_member(&node, "con")->text, slice_make(text, len)));
	node_end(&node);
}

/* What a receiver of notifications sees: a second node of CoAP that keeps the last request. */
struct ear {
	struct coap *coap;
	size_t heard;
	uint8_t code;
	bool confirmable;
	uint32_t format;
	size_t segments;
};

static void ear_request(void *user, struct coap_exchange *exchange)
{
	struct ear *ear = user;
	const struct coap_opt *format = coap_codec_find(&exchange->request, COAP_OPT_FORMAT);
	struct coap_message answer = {.code = 0x44};
	size_t at = 0;

	ear->heard++;
	ear->code = exchange->request.code;
	ear->confirmable = exchange->request.confirmable;
	ear->format = 0;
	if (format)
		coap_codec_uint(format->value, &ear->format);
	for (ear->segments = 0; coap_codec_next(&exchange->request, COAP_OPT_URI_PATH, &at);)
		ear->segments++;
	coap_answer(exchange, &answer);
}

static void ear_begin(struct node *node, struct ear *ear)
{
	uint16_t numbers[2 * PRIM_COUNT];
	struct coap_config config = {
	        .listen = "127.0.0.1:0", .known = numbers, .request = ear_request, .user = ear};
	struct why why;

	for (uint16_t i = 0; i < 30; i++)
		numbers[i] = (uint16_t)(259 + 4 * i);
	config.known_count = 30;
	*ear = (struct ear){0};
	assert_int_equal(coap_create(node->loop, &config, &why, &ear->coap), 0);
}

UNIT(subscribers_hear_by_coap)
{
	struct node node;
	struct ear ear;
	struct val *pc, *sub, *nu;
	int64_t until;

	node_begin(&node, false);
	ear_begin(&node, &ear);
	assert_int_equal(node_ask(&node, (struct ask){OP_CREATE, "cse-in", 3,
	                                              content(&node, "m2m:cnt", "rn", SLICE("box"))}),
	                 RSC_CREATED);
	pc = content(&node, "m2m:sub", "rn", SLICE("sub"));
	sub = pc->first;
	nu = val_put(sub, SLICE("nu"), val_arr(&node.arena));
	val_push(nu, val_str(&node.arena, arena_printf(&node.arena, "coap://127.0.0.1:%d/hear/me?ct=cbor",
	                                               coap_port(ear.coap))));
	/* It is asked whether it wants to hear before the subscription is made. */
	assert_int_equal(node_ask(&node, (struct ask){OP_CREATE, "cse-in/box", 23, pc}), RSC_CREATED);
	assert_int_equal(ear.heard, 1);
	assert_int_equal(ear.code, 2);
	assert_true(ear.confirmable);
	assert_int_equal(ear.segments, 2);
	assert_int_equal(node_ask(&node, (struct ask){OP_CREATE, "cse-in/box", 3,
	                                              content(&node, "m2m:cnt", "rn", SLICE("in"))}),
	                 RSC_CREATED);
	assert_int_equal(node_ask(&node, (struct ask){OP_UPDATE, "cse-in/box", 0,
	                                              content(&node, "m2m:cnt", "or", SLICE("a:b"))}),
	                 RSC_UPDATED);
	until = clock_wall_steady() + PATIENCE_US;
	while (ear.heard < 2 && clock_wall_steady() < until)
		loop_turn(node.loop, 10000);
	assert_int_equal(ear.heard, 2);
	snprintf(node.url, sizeof(node.url), "coap://127.0.0.1:%d/x", coap_port(ear.coap));
	assert_int_equal(node_ask(&node, (struct ask){OP_NOTIFY, "", 0, pc, .ct = "cbor"}), RSC_OK);
	assert_int_equal(ear.format, 60);
	coap_destroy(ear.coap);
	node_end(&node);
}

/* A datagram by hand, and the one that comes back; empty: none within a tenth of a second. */
static struct slice by_hand(struct node *node, int fd, const void *bytes, size_t len, char room[2000])
{
	int64_t until = clock_wall_steady() + 100000;
	ssize_t n;

	assert_int_equal(send(fd, bytes, len, 0), (ssize_t)len);
	do {
		loop_turn(node->loop, 1000);
		n = recv(fd, room, 2000, MSG_DONTWAIT);
	} while (n < 0 && clock_wall_steady() < until);
	return n < 0 ? SLICE("") : slice_make(room, (size_t)n);
}

static int hand(struct node *node)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	                         .sin_port = htons((uint16_t)bind_coap_port(node->bind))};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static struct slice written(struct node *node, struct coap_head head, const struct coap_opt *options,
                            size_t count, const char *payload)
{
	struct buf buf;

	buf_init(&buf, &node->arena);
	coap_codec_write(&buf, &head, options, count, slice_of(payload));
	return buf_slice(&buf);
}

static uint32_t number_of(const struct coap_message *message, uint16_t option)
{
	const struct coap_opt *found = coap_codec_find(message, option);
	uint32_t n = 0;

	if (found)
		assert_true(coap_codec_uint(found->value, &n));
	return n;
}

UNIT(refusals_carry_the_code_and_a_sentence)
{
	struct coap_opt options[] = {{11, SLICE_INIT("cse-in")},
	                             {279, SLICE_INIT("CAdmin")},
	                             {283, SLICE_INIT("q")},
	                             {271, SLICE_INIT("3")},
	                             {12, SLICE_INIT("\x2a")}};
	struct node node;
	struct coap_message answer;
	struct coap_head head;
	struct slice request, reply;
	char room[2000];
	int fd;

	node_begin(&node, false);
	fd = hand(&node);
	request = written(&node, (struct coap_head){.kind = COAP_CON, .code = 3, .id = 1}, options, 5, "{}");
	reply = by_hand(&node, fd, request.ptr, request.len, room);
	assert_int_equal(coap_codec_read(reply, &head, &answer), 0);
	assert_int_equal(head.kind, COAP_ACK);
	assert_int_equal(head.code, 0x8f);
	assert_int_equal(number_of(&answer, 307), RSC_UNSUPPORTED_MEDIA_TYPE);
	assert_slice(coap_codec_find(&answer, 283)->value, "q");
	assert_true(slice_starts(answer.payload, SLICE("{\"m2m:dbg\":")));
	/* A critical option that means nothing, confirmable and not. */
	options[4].number = 343;
	request = written(&node, (struct coap_head){.kind = COAP_CON, .code = 1, .id = 2}, options, 5, NULL);
	reply = by_hand(&node, fd, request.ptr, request.len, room);
	assert_int_equal(coap_codec_read(reply, &head, &answer), 0);
	assert_int_equal(head.code, 0x82);
	request = written(&node, (struct coap_head){.kind = COAP_NON, .code = 1, .id = 3}, options, 5, NULL);
	reply = by_hand(&node, fd, request.ptr, request.len, room);
	assert_int_equal(coap_codec_read(reply, &head, &answer), 0);
	assert_int_equal(head.kind, COAP_RST);
	close(fd);
	node_end(&node);
}

UNIT(the_older_numbers_are_answered_with_the_older_numbers)
{
	const struct coap_opt options[] = {
	        {11, SLICE_INIT("cse-in")}, {256, SLICE_INIT("CAdmin")}, {257, SLICE_INIT("q")}};
	struct node node;
	struct coap_message answer;
	struct coap_head head;
	struct slice request, reply;
	char room[2000];
	int fd;

	node_begin(&node, false);
	fd = hand(&node);
	request = written(&node, (struct coap_head){.kind = COAP_NON, .code = 1, .id = 9}, options, 3, NULL);
	reply = by_hand(&node, fd, request.ptr, request.len, room);
	assert_int_equal(coap_codec_read(reply, &head, &answer), 0);
	assert_int_equal(head.kind, COAP_NON);
	assert_int_equal(number_of(&answer, 265), RSC_OK);
	assert_slice(coap_codec_find(&answer, 257)->value, "q");
	assert_null(coap_codec_find(&answer, 307));
	close(fd);
	node_end(&node);
}

UNIT(who_wants_no_response_gets_an_empty_acknowledgement)
{
	const struct coap_opt options[] = {{11, SLICE_INIT("cse-in")},
	                                   {15, SLICE_INIT("rt=5")},
	                                   {279, SLICE_INIT("CAdmin")},
	                                   {283, SLICE_INIT("q")},
	                                   {271, SLICE_INIT("3")}};
	struct node node;
	struct slice request, reply;
	char room[2000];
	int fd;

	node_begin(&node, false);
	fd = hand(&node);
	request = written(&node, (struct coap_head){.kind = COAP_CON, .code = 1, .id = 0x1234}, options, 5,
	                  NULL);
	reply = by_hand(&node, fd, request.ptr, request.len, room);
	assert_int_equal(reply.len, 4);
	assert_memory_equal(reply.ptr, "\x60\x00\x12\x34", 4);
	request = written(&node, (struct coap_head){.kind = COAP_NON, .code = 1, .id = 0x1235}, options, 5,
	                  NULL);
	reply = by_hand(&node, fd, request.ptr, request.len, room);
	assert_int_equal(reply.len, 0);
	close(fd);
	node_end(&node);
}

UNIT(nobody_there_is_told_at_once)
{
	struct node node;
	struct prim request = {0};
	int fd, port;

	node_begin(&node, false);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	port = bind_coap_port(node.bind);
	bind_coap_destroy(node.bind);
	node.bind = NULL;
	request.at[PRIM_op] = val_int(&node.arena, OP_RETRIEVE);
	request.at[PRIM_to] = val_str(&node.arena, SLICE("cse-in"));
	node.waiting = 1;
	assert_int_equal(bind_coap_send(node.client, arena_printf(&node.arena, "coap://127.0.0.1:%d", port),
	                                &request, PATIENCE_US, node_done, &node),
	                 0);
	node_wait(&node);
	assert_int_equal(node.result, -ECONNREFUSED);
	assert_int_equal(bind_coap_send(node.client, SLICE("http://x"), &request, 1000, node_done, &node),
	                 -EINVAL);
	close(fd);
	node_end(&node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(all_operations_in_every_encoding_and_both_sets_of_numbers),
	        unit(large_bodies_travel_in_blocks_both_ways),
	        unit(subscribers_hear_by_coap),
	        unit(refusals_carry_the_code_and_a_sentence),
	        unit(the_older_numbers_are_answered_with_the_older_numbers),
	        unit(who_wants_no_response_gets_an_empty_acknowledgement),
	        unit(nobody_there_is_told_at_once),
	};

	return unit_main(tests);
}
