/* SPDX-License-Identifier: Apache-2.0 */
/* What a session is worth: to nobody but the one who made it, and no longer than both sides know of it. The
 * client is a session held in the hand, so that the test decides which socket its datagrams leave by. */
#include "net/coap_dtls.h"
#include "net/coap_test.h"

static const struct coap_config meter = {.client_psk_identity = "meter",
                                         .client_psk_key = SLICE_INIT("0123456789abcdef")};

struct hand {
	struct world *world;
	struct coap_dtls *dtls;
	struct coap_dtls_session *session;
	int fd;
};

static void hand_send(void *user, struct slice datagram)
{
	send(((struct hand *)user)->fd, datagram.ptr, datagram.len, 0);
}

/* What comes to it within a second, in the clear; empty: nothing, or (*over) the session is. */
static struct slice hand_hear(struct hand *hand, char room[2000], bool *over)
{
	int64_t until = clock_wall_steady() + 1000000;
	ssize_t n = 0;

	while (n == 0 && clock_wall_steady() < until) {
		char bytes[2000];

		loop_turn(hand->world->loop, 1000);
		n = recv(hand->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n < 0) {
			n = 0;
			if (coap_dtls_is_ready(hand->session) && !over)
				continue;
			coap_dtls_again(hand->session);
			continue;
		}
		n = coap_dtls_receive(hand->session, slice_make(bytes, (size_t)n), room, 2000);
		if (over && n < 0)
			*over = true;
		if (!over && coap_dtls_is_ready(hand->session) && n <= 0)
			break;
	}
	return slice_make(room, n > 0 ? (size_t)n : 0);
}

static void hand_begin(struct hand *hand, struct world *world, int fd)
{
	struct why why;
	char room[2000];

	*hand = (struct hand){.world = world, .fd = fd};
	assert_int_equal(coap_dtls_create(&meter, false, &why, &hand->dtls), 0);
	hand->session = coap_dtls_connect(hand->dtls, "127.0.0.1", hand_send, hand);
	assert_non_null(hand->session);
	for (int i = 0; i < 20 && !coap_dtls_is_ready(hand->session); i++)
		hand_hear(hand, room, NULL);
	assert_true(coap_dtls_is_ready(hand->session));
}

static void hand_end(struct hand *hand)
{
	coap_dtls_set_sender(hand->session, NULL, NULL); /* without a word */
	coap_dtls_end(hand->session);
	coap_dtls_destroy(hand->dtls);
}

/* Asks and returns the answer. */
static struct slice hand_ask(struct hand *hand, struct slice datagram, char room[2000])
{
	bool over = false;

	assert_int_equal(coap_dtls_write(hand->session, datagram), 0);
	return hand_hear(hand, room, &over);
}

static void to_port(int fd, int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
}

UNIT(what_one_session_asked_is_not_given_to_another)
{
	static const char ask[] = "\x41\x01\x12\x34T\xb1"
	                          "a";
	static const char begun[] = "\x40\x03\x12\x35\xb1"
	                            "a\xd1\x03\x08\xff"
	                            "0123456789abcdef";
	static const char ended[] = "\x40\x03\x12\x36\xb1"
	                            "a\xd1\x03\x10\xff"
	                            "the end";
	struct coap_config server = {
	        .listen = "127.0.0.1:0", .secure_listen = "127.0.0.1:0", .psk = world_psk};
	struct world world;
	struct hand first, second;
	struct slice heard;
	char room[2000];
	int fd;

	world_begin(&world, &server, NULL);
	fd = world_socket(&world);
	to_port(fd, coap_secure_port(world.server));
	hand_begin(&first, &world, fd);
	for (int i = 0; i < 2; i++)
		assert_int_equal(hand_ask(&first, slice_make(ask, sizeof(ask) - 1), room).len, 7);
	assert_int_equal(world.requests, 1);
	assert_int_equal((uint8_t)hand_ask(&first, slice_make(begun, sizeof(begun) - 1), room).ptr[1],
	                 COAP_CONTINUE);
	/* From the same address, with the same ID, in the clear: another's. */
	to_port(fd, coap_port(world.server));
	assert_int_equal(send(fd, ask, sizeof(ask) - 1, 0), sizeof(ask) - 1);
	assert_int_equal(world_hear(&world, fd, 1000000, room).len, 7);
	assert_int_equal(world.requests, 2);
	/* Nor does it end the body that the session began. */
	assert_int_equal(send(fd, ended, sizeof(ended) - 1, 0), sizeof(ended) - 1);
	heard = world_hear(&world, fd, 1000000, room);
	assert_true(heard.len > 4);
	assert_int_equal((uint8_t)heard.ptr[1], COAP_INCOMPLETE);
	/* A second session. */
	to_port(fd, coap_secure_port(world.server));
	hand_begin(&second, &world, fd);
	assert_int_equal(hand_ask(&second, slice_make(ask, sizeof(ask) - 1), room).len, 7);
	assert_int_equal(world.requests, 3);
	assert_int_equal((uint8_t)hand_ask(&second, slice_make(ended, sizeof(ended) - 1), room).ptr[1],
	                 COAP_INCOMPLETE);
	assert_int_equal(world.requests, 3);
	hand_end(&first);
	hand_end(&second);
	close(fd);
	world_end(&world);
}

UNIT(noise_from_his_address_is_no_sign_of_life)
{
	static const char ask[] = "\x41\x01\x12\x34T\xb1"
	                          "a";
	static const char noise[] = "\x17\xfe\xfd\x00\x01\x00\x00\x00\x00\x00\x77\x00\x20"
	                            "0123456789abcdef0123456789abcdef";
	struct coap_config server = {.secure_listen = "127.0.0.1:0", .psk = world_psk, .sessions = 2};
	struct world world;
	struct hand quiet, other, third;
	bool over = false;
	char room[2000];
	int fds[3];

	world_begin(&world, &server, NULL);
	for (int i = 0; i < 3; i++)
		fds[i] = world_socket(&world);
	hand_begin(&quiet, &world, fds[0]);
	hand_begin(&other, &world, fds[1]);
	assert_int_equal(hand_ask(&quiet, slice_make(ask, sizeof(ask) - 1), room).len, 7);
	assert_int_equal(hand_ask(&other, slice_make(ask, sizeof(ask) - 1), room).len, 7);
	assert_int_equal(send(fds[0], noise, sizeof(noise) - 1, 0), sizeof(noise) - 1);
	hand_begin(&third, &world, fds[2]);
	hand_hear(&quiet, room, &over);
	assert_true(over);
	assert_int_equal(hand_ask(&other, slice_make(ask, sizeof(ask) - 1), room).len, 7);
	hand_end(&quiet);
	hand_end(&other);
	hand_end(&third);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	world_end(&world);
}

struct capture {
	char bytes[2000];
	size_t len;
};

static void capture(void *user, struct slice datagram)
{
	struct capture *capture = user;

	assert_true(datagram.len <= sizeof(capture->bytes));
	memcpy(capture->bytes, datagram.ptr, datagram.len);
	capture->len = datagram.len;
}

UNIT(a_cookie_that_was_overheard_is_soon_worthless)
{
	static const int64_t second = 1000000;
	struct coap_config server = {.secure_listen = "x", .psk = world_psk};
	struct coap_dtls *ours, *theirs;
	struct coap_dtls_session *session, *client;
	struct capture said, answered, none;
	struct slice hello;
	struct why why;
	char room[2000];

	assert_int_equal(coap_dtls_create(&server, true, &why, &ours), 0);
	assert_int_equal(coap_dtls_create(&meter, false, &why, &theirs), 0);
	client = coap_dtls_connect(theirs, "127.0.0.1", capture, &said);
	hello = slice_make(said.bytes, said.len);
	assert_null(coap_dtls_listen(ours, SLICE("me"), hello, 100 * second, capture, &answered));
	assert_int_equal(
	        coap_dtls_receive(client, slice_make(answered.bytes, answered.len), room, sizeof(room)), 0);
	hello = slice_make(said.bytes, said.len); /* with the cookie, now */
	assert_null(coap_dtls_listen(ours, SLICE("you"), hello, 100 * second, capture, &none));
	assert_null(coap_dtls_listen(ours, SLICE("me"), hello, 155 * second, capture, &none));
	assert_null(coap_dtls_listen(ours, SLICE("me"), hello, 3 * second, capture, &none));
	session = coap_dtls_listen(ours, SLICE("me"), hello, 130 * second, capture, &answered);
	assert_non_null(session);
	coap_dtls_end(session);
	coap_dtls_end(client);
	coap_dtls_destroy(ours);
	coap_dtls_destroy(theirs);
}

/* Passes datagrams on, so that the server behind it may become another one. */
struct relay {
	int in, out;
	struct sockaddr_in caller;
};

static void relay_pass(struct relay *relay)
{
	socklen_t len = sizeof(relay->caller);
	char bytes[2000];
	ssize_t n;

	while ((n = recvfrom(relay->in, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr *)&relay->caller,
	                     &len)) > 0)
		send(relay->out, bytes, (size_t)n, 0);
	while ((n = recv(relay->out, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		sendto(relay->in, bytes, (size_t)n, 0, (struct sockaddr *)&relay->caller, len);
}

static int relay_ask(struct relay *relay, struct world *world, int64_t timeout_us)
{
	int64_t until = clock_wall_steady() + WORLD_PATIENCE_US;

	world_call(world, 1, SLICE(""), true, timeout_us);
	while (world->done < world->calls && clock_wall_steady() < until) {
		loop_turn(world->loop, 1000);
		relay_pass(relay);
	}
	assert_int_equal(world->done, world->calls);
	return world->result;
}

UNIT(a_server_that_was_started_anew_is_found_again)
{
	struct coap_config server = {.secure_listen = "127.0.0.1:0", .psk = world_psk}, client = meter;
	struct relay relay;
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t len = sizeof(addr);
	struct world world;

	world_begin(&world, &server, &client);
	relay.in = socket(AF_INET, SOCK_DGRAM, 0);
	relay.out = world_socket(&world);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(relay.in, (struct sockaddr *)&addr, sizeof(addr)), 0);
	getsockname(relay.in, (struct sockaddr *)&addr, &len);
	snprintf(world.url, sizeof(world.url), "coaps://127.0.0.1:%d", ntohs(addr.sin_port));
	assert_int_equal(relay_ask(&relay, &world, WORLD_PATIENCE_US), 0);
	/* It is gone without goodbye, and another one stands there. */
	close(relay.out);
	coap_destroy(world.server);
	assert_int_equal(coap_create(world.loop, &server, &world.why, &world.server), 0);
	relay.out = world_socket(&world);
	assert_int_equal(relay_ask(&relay, &world, 300000), -ETIMEDOUT);
	assert_int_equal(relay_ask(&relay, &world, WORLD_PATIENCE_US), 0);
	assert_int_equal(world.requests, 2);
	close(relay.in);
	close(relay.out);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(what_one_session_asked_is_not_given_to_another),
	        unit(noise_from_his_address_is_no_sign_of_life),
	        unit(a_cookie_that_was_overheard_is_soon_worthless),
	        unit(a_server_that_was_started_anew_is_found_again),
	};

	return unit_main(tests);
}
