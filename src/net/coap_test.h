/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of CoAP: a server that echoes, a caller, and datagrams written by hand, all in one thread on
 * one loop. Nobody sleeps: everything waits for what must happen, with a bound. */
#ifndef DURE_NET_COAP_TEST_H
#define DURE_NET_COAP_TEST_H

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/unit.h"
#include "net/coap_codec.h"

#define WORLD_PATIENCE_US 5000000

struct world {
	struct loop *loop;
	struct coap *server, *client;
	struct why why;
	size_t requests;
	bool later; /* exchanges wait until the test answers */
	struct coap_exchange *waiting[128];
	size_t waits;
	size_t answer_size;     /* 0: echo; else so many bytes */
	char psk[64], name[96]; /* of the last peer: identity, first name of its certificate */
	char names[4096];       /* all of them, each ended by a space */
	const char *who;        /* what world_psk said of its key */
	char fingerprint[65];
	/* the caller's */
	size_t calls, done;
	int result;
	uint8_t code;
	struct buf payload;
	char url[64];
};

static inline void world_answer(struct world *world, struct coap_exchange *exchange)
{
	struct coap_message answer = {.code = 0x45, .payload = exchange->request.payload};

	if (world->answer_size) {
		char *bytes = arena_take(exchange->arena, world->answer_size);

		for (size_t i = 0; i < world->answer_size; i++)
			bytes[i] = (char)('a' + i % 26);
		answer.payload = slice_make(bytes, world->answer_size);
	}
	answer.options[answer.option_count++] = (struct coap_opt){COAP_OPT_FORMAT, SLICE("\x32")};
	coap_answer(exchange, &answer);
}

static inline void world_request(void *user, struct coap_exchange *exchange)
{
	struct world *world = user;

	world->requests++;
	snprintf(world->psk, sizeof(world->psk), "%.*s", SLICE_ARG(exchange->psk));
	world->who = exchange->who;
	snprintf(world->name, sizeof(world->name), "%s",
	         exchange->names && exchange->names[0] ? exchange->names[0] : "");
	world->names[0] = 0;
	for (const char *const *name = exchange->names; name && *name; name++)
		snprintf(world->names + strlen(world->names), sizeof(world->names) - strlen(world->names),
		         "%s ", *name);
	snprintf(world->fingerprint, sizeof(world->fingerprint), "%s",
	         exchange->fingerprint ? exchange->fingerprint : "");
	if (world->later && world->waits < 128)
		world->waiting[world->waits++] = exchange;
	else
		world_answer(world, exchange);
}

static inline int world_psk(void *user, struct slice identity, uint8_t *key, size_t cap, size_t *ret_len,
                            const void **ret_who)
{
	if (!slice_is(identity, SLICE("meter")) || cap < 16)
		return -ENOENT;
	memcpy(key, "0123456789abcdef", 16);
	*ret_len = 16;
	*ret_who = "the meter's";
	return 0;
}

/* config may be NULL: a plain server, and a caller without credentials. */
static inline void world_begin(struct world *world, struct coap_config *server, struct coap_config *client)
{
	struct coap_config plain = {.listen = "127.0.0.1:0"}, nothing = {0};

	*world = (struct world){0};
	buf_init(&world->payload, NULL);
	server = server ? server : &plain;
	client = client ? client : &nothing;
	server->request = world_request;
	server->user = world;
	assert_int_equal(loop_create(&world->loop), 0);
	assert_int_equal(coap_create(world->loop, server, &world->why, &world->server), 0);
	assert_int_equal(coap_create(world->loop, client, &world->why, &world->client), 0);
	if (server->secure_listen)
		snprintf(world->url, sizeof(world->url), "coaps://127.0.0.1:%d",
		         coap_secure_port(world->server));
	else
		snprintf(world->url, sizeof(world->url), "coap://127.0.0.1:%d", coap_port(world->server));
}

static inline void world_end(struct world *world)
{
	coap_destroy(world->client);
	coap_destroy(world->server);
	loop_destroy(world->loop);
	buf_finish(&world->payload);
}

static inline void world_done(void *user, int result, const struct coap_message *answer)
{
	struct world *world = user;

	world->done++;
	world->result = result;
	world->payload.len = 0;
	if (answer) {
		world->code = answer->code;
		buf_add_slice(&world->payload, answer->payload);
	}
}

/* Turns until *count is `least`, or for the time that nothing is to happen in. */
static inline bool world_until(struct world *world, const size_t *count, size_t least)
{
	int64_t until = clock_wall_steady() + WORLD_PATIENCE_US;

	while (*count < least && clock_wall_steady() < until)
		assert_true(loop_turn(world->loop, 10000) >= 0);
	return *count >= least;
}

static inline void world_call(struct world *world, uint8_t code, struct slice payload, bool confirmable,
                              int64_t timeout_us)
{
	struct coap_message request = {.code = code, .confirmable = confirmable, .payload = payload};

	request.options[request.option_count++] = (struct coap_opt){COAP_OPT_URI_PATH, SLICE("a")};
	world->calls++;
	assert_int_equal(
	        coap_call(world->client, slice_of(world->url), &request, timeout_us, world_done, world), 0);
}

/* Calls and waits; the result. */
static inline int world_ask(struct world *world, uint8_t code, struct slice payload)
{
	world_call(world, code, payload, true, WORLD_PATIENCE_US);
	assert_true(world_until(world, &world->done, world->calls));
	return world->result;
}

/* A socket of one's own, connected to the server's door. */
static inline int world_socket(const struct world *world)
{
	int port = coap_port(world->server) ? coap_port(world->server) : coap_secure_port(world->server);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* What comes back within wait_us; empty: nothing. */
static inline struct slice world_hear(struct world *world, int fd, int64_t wait_us, char room[2000])
{
	int64_t until = clock_wall_steady() + wait_us;
	ssize_t n;

	do {
		loop_turn(world->loop, 1000);
		n = recv(fd, room, 2000, MSG_DONTWAIT);
	} while (n < 0 && clock_wall_steady() < until);
	return n < 0 ? SLICE("") : slice_make(room, (size_t)n);
}

#define world_say(fd, literal)                                                                               \
	assert_int_equal(send((fd), (literal), sizeof(literal) - 1, 0), (ssize_t)sizeof(literal) - 1)

#endif
