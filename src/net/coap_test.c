/* SPDX-License-Identifier: Apache-2.0 */
#include "net/coap_test.h"

#include "net/coap_private.h"

UNIT(a_request_is_answered_with_its_acknowledgement)
{
	struct world world;
	char room[2000];
	int fd;

	world_begin(&world, NULL, NULL);
	fd = world_socket(&world);
	world_say(fd, "\x41\x02\x12\x34T\xb1"
	              "a\xff"
	              "hello");
	assert_slice(world_hear(&world, fd, 100000, room), "\x61\x45\x12\x34T\xc1\x32\xff"
	                                                   "hello");
	close(fd);
	world_end(&world);
}

UNIT(one_that_comes_again_is_not_done_again)
{
	struct world world;
	struct slice answer;
	char first[2000], second[2000];
	int fd, other;

	world_begin(&world, NULL, NULL);
	fd = world_socket(&world);
	other = world_socket(&world);
	for (int non = 0; non < 2; non++) {
		char request[] = "\x41\x02\x12\x34T\xb1"
		                 "a\xff"
		                 "hello";

		request[0] = (char)(non ? 0x51 : 0x41);
		world.requests = 0;
		send(fd, request, sizeof(request) - 1, 0);
		answer = world_hear(&world, fd, 100000, first);
		assert_true(answer.len > 4);
		for (int i = 0; i < 3; i++) {
			send(fd, request, sizeof(request) - 1, 0);
			assert_true(slice_is(world_hear(&world, fd, 100000, second), answer));
		}
		assert_int_equal(world.requests, 1);
		send(other, request, sizeof(request) - 1, 0);
		assert_true(world_hear(&world, other, 100000, second).len > 4);
		assert_int_equal(world.requests, 2);
		/* The other kind with the same ID would be the same message to us. */
		close(fd);
		close(other);
		fd = world_socket(&world);
		other = world_socket(&world);
	}
	close(fd);
	close(other);
	world_end(&world);
}

UNIT(an_answer_that_takes_long_comes_by_itself)
{
	struct world world;
	struct slice heard;
	char room[2000];
	int fd;

	world_begin(&world, NULL, NULL);
	world.later = true;
	fd = world_socket(&world);
	world_say(fd, "\x41\x01\x12\x34T\xb1"
	              "a");
	/* Asking again is no reason to tell it anything sooner: half a second without an answer is. */
	assert_slice(world_hear(&world, fd, 50000, room), "");
	world_say(fd, "\x41\x01\x12\x34T\xb1"
	              "a");
	assert_slice(world_hear(&world, fd, 50000, room), "");
	for (int i = 0; i < 3; i++) {
		heard = world_hear(&world, fd, 1500000, room);
		assert_true(slice_is(heard, slice_make("\x60\x00\x12\x34", 4)));
		/* From now on asking again brings that again. */
		world_say(fd, "\x41\x01\x12\x34T\xb1"
		              "a");
	}
	heard = world_hear(&world, fd, 1500000, room);
	assert_true(slice_is(heard, slice_make("\x60\x00\x12\x34", 4)));
	assert_int_equal(world.requests, 1);
	world_answer(&world, world.waiting[0]);
	heard = world_hear(&world, fd, 100000, room);
	assert_int_equal(heard.len, 7);
	assert_true(slice_starts(heard, SLICE("\x41\x45")));
	assert_int_equal(heard.ptr[4], 'T');
	/* Acknowledged, it is not sent again; and asking again brings it again. */
	room[0] = '\x60';
	room[1] = 0;
	assert_int_equal(send(fd, room, 4, 0), 4);
	assert_slice(world_hear(&world, fd, 10000, room), "");
	world_say(fd, "\x41\x01\x12\x34T\xb1"
	              "a");
	heard = world_hear(&world, fd, 100000, room);
	assert_int_equal(heard.len, 7);
	assert_int_equal(world.requests, 1);
	close(fd);
	world_end(&world);
}

static struct coap_exchange *crowd[9000];
static size_t crowded;

static void crowd_request(void *user, struct coap_exchange *exchange)
{
	(void)user;
	crowd[crowded++] = exchange;
}

UNIT(answers_that_nobody_acknowledges_cost_little)
{
	const size_t size = sizeof(crowd) / sizeof(crowd[0]);
	struct coap_message answer = {.code = 0x45};
	struct world world;
	int64_t until;
	int fd;

	world_begin(&world, NULL, NULL);
	world.server->config.request = crowd_request;
	fd = world_socket(&world);
	for (size_t round = 0; round < 2; round++) {
		crowded = 0;
		for (size_t i = 0; i < size; i++) {
			size_t id = round * size + i;
			char request[] = {0x40, 0x01, (char)(id >> 8), (char)id, (char)0xb1, 'a'};

			assert_int_equal(send(fd, request, sizeof(request), 0), sizeof(request));
			if (i % 64 == 63 || i + 1 == size)
				while (loop_turn(world.loop, 0) > 0)
					;
		}
		assert_int_equal(crowded, size);
		/* Each is told that it has to wait; so its answer will be a message of its own. */
		until = clock_wall_steady() + 700000;
		while (clock_wall_steady() < until)
			loop_turn(world.loop, 100000);
		for (size_t i = 0; i < size; i++)
			coap_answer(crowd[i], &answer);
	}
	assert_true(world.server->resends.count > size);
	assert_true(world.server->resends.count <= 16384);
	close(fd);
	world_end(&world);
}

UNIT(what_makes_no_sense_is_reset_or_passed_over)
{
	struct world world;
	struct coap_stats stats;
	char room[2000], large[60000];
	int fd;

	world_begin(&world, NULL, NULL);
	fd = world_socket(&world);
	world_say(fd, "\x40\x00\x00\x07"); /* a ping */
	assert_true(slice_is(world_hear(&world, fd, 100000, room), slice_make("\x70\x00\x00\x07", 4)));
	world_say(fd, "\x49\x01\x00\x08"); /* a token of nine bytes */
	assert_true(slice_is(world_hear(&world, fd, 100000, room), slice_make("\x70\x00\x00\x08", 4)));
	world_say(fd, "\x40\x45\x00\x09"); /* an answer nobody waits for */
	assert_true(slice_is(world_hear(&world, fd, 100000, room), slice_make("\x70\x00\x00\x09", 4)));
	world_say(fd, "\x40\xe1\x00\x0a"); /* a code of a class that is not used */
	assert_true(slice_is(world_hear(&world, fd, 100000, room), slice_make("\x70\x00\x00\x0a", 4)));
	world_say(fd, "\x59\x01\x00\x0b");
	world_say(fd, "\x60\x45\x00\x0c");
	world_say(fd, "\x70\x00\x00\x0d");
	world_say(fd, "no CoAP");
	world_say(fd, "");
	memset(large, 0, sizeof(large));
	memcpy(large, "\x40\x01\x00\x0e", 4);
	assert_int_equal(send(fd, large, sizeof(large), 0), sizeof(large));
	assert_true(slice_is(world_hear(&world, fd, 100000, room), slice_make("\x70\x00\x00\x0e", 4)));
	assert_int_equal(world.requests, 0);
	coap_stats(world.server, &stats);
	assert_int_equal(stats.malformed, 5);
	close(fd);
	world_end(&world);
}

UNIT(options_must_be_understood_and_stand_once)
{
	static const struct {
		const char *options;
		uint8_t code;
	} rows[] = {
	        {"\xb1"
	         "a\xd1\xf3x",
	         0x82}, /* 267 */
	        {"\xb1"
	         "a\xd1\xf2x",
	         0x45},          /* 266: elective */
	        {"\x11x", 0x82}, /* If-Match */
	        {"\xb1"
	         "a\xd1\x0bp",
	         0xa5}, /* Proxy-Uri */
	        {"\xb1"
	         "a\x61\x32\x01\x32",
	         0x82}, /* Accept twice */
	        {"\xb1"
	         "a\x63\x32\x32\x32",
	         0x82}, /* Accept of three bytes */
	        {"\xb1"
	         "a\xc1\x07",
	         0x80}, /* Block2 of no such size */
	        {"\xb1"
	         "a\x01"
	         "b\x41x\x01y",
	         0x45},
	};
	struct world world;
	char room[2000], request[64];
	int fd;

	world_begin(&world, NULL, NULL);
	fd = world_socket(&world);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice answer;

		snprintf(request, sizeof(request), "\x40\x01%c%c%s", 1, (char)(i + 1), rows[i].options);
		send(fd, request, 4 + strlen(rows[i].options), 0);
		answer = world_hear(&world, fd, 100000, room);
		assert_true(answer.len >= 4);
		assert_int_equal((uint8_t)answer.ptr[1], rows[i].code);
	}
	close(fd);
	world_end(&world);
}

UNIT(later_blocks_of_answers_exist_or_not)
{
	static const struct {
		const char *block2; /* of the request */
		uint8_t code;
		size_t len;       /* of the payload */
		const char *said; /* block2 of the answer; "": none */
	} rows[] = {
	        {"\x06", 0x45, 1024, "\x0e"}, {"\x16", 0x45, 1024, "\x1e"},   {"\x26", 0x45, 52, "\x26"},
	        {"\x04", 0x45, 256, "\x0c"},  {"\x84", 0x45, 52, "\x84"}, /* smaller ones midway */
	        {"\x36", 0x80, 22, ""},       {"\xff\xff\xf6", 0x80, 22, ""}, {"\x0f\xff\xf0", 0x80, 22, ""},
	};
	struct world world;
	char bytes[64], room[2000];
	int fd;

	world_begin(&world, NULL, NULL);
	world.answer_size = 2100;
	fd = world_socket(&world);
	/* Of the answer that is kept, and where there is none, of one made anew. */
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *block2 = rows[i / 2].block2;
		const struct coap_opt *option;
		struct coap_message message;
		struct coap_head head;
		int len = snprintf(bytes, sizeof(bytes), "\x40\x01%c%c\xb1%c%c%s", 2, (char)(i + 1),
		                   (char)(i % 2 ? 'a' : 'b' + i), (char)(0xc0 | strlen(block2)), block2);

		assert_int_equal(send(fd, bytes, (size_t)len, 0), len);
		assert_int_equal(coap_codec_read(world_hear(&world, fd, 100000, room), &head, &message), 0);
		assert_int_equal(head.code, rows[i / 2].code);
		assert_int_equal(message.payload.len, rows[i / 2].len);
		option = coap_codec_find(&message, COAP_OPT_BLOCK2);
		assert_slice(option ? option->value : SLICE(""), rows[i / 2].said);
	}
	close(fd);
	world_end(&world);
}

UNIT(a_door_on_all_addresses_answers_from_the_one_that_was_asked)
{
	static const char *const doors[] = {":0", "0.0.0.0:0", "[::]:0"};
	static const char request[] = "\x50\x02\x00\x02\xb1"
	                              "a";
	struct sockaddr_in to = {.sin_family = AF_INET};
	int on = 1;

	for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++) {
		struct coap_config config = {.listen = doors[i]};
		struct world world;
		char room[2000];
		int fd = socket(AF_INET, SOCK_DGRAM, 0), all = socket(AF_INET, SOCK_DGRAM, 0);

		world_begin(&world, &config, NULL);
		to.sin_port = htons((uint16_t)coap_port(world.server));
		to.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 4);
		assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
		world_say(fd, request);
		assert_true(world_hear(&world, fd, 1000000, room).len > 4);
		assert_int_equal(world.requests, 1);
		/* What all at once are asked it does not do. */
		to.sin_addr.s_addr = htonl(INADDR_LOOPBACK | 0xffffff);
		assert_int_equal(setsockopt(all, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)), 0);
		assert_int_equal(
		        sendto(all, request, sizeof(request) - 1, 0, (struct sockaddr *)&to, sizeof(to)),
		        sizeof(request) - 1);
		assert_slice(world_hear(&world, all, 50000, room), "");
		assert_int_equal(world.requests, 1);
		if (i != 1) {
			snprintf(world.url, sizeof(world.url), "coap://[::1]:%d", coap_port(world.server));
			assert_int_equal(world_ask(&world, 1, SLICE("")), 0);
		}
		close(fd);
		close(all);
		world_end(&world);
	}
}

UNIT(calls_and_answers_of_every_size)
{
	static const size_t sizes[] = {0, 1, 1023, 1024, 1025, 2048, 2049, 100000};
	struct world world;
	char *bytes = malloc(100000);

	assert_non_null(bytes);
	for (size_t i = 0; i < 100000; i++)
		bytes[i] = (char)(i * 7);
	world_begin(&world, NULL, NULL);
	for (int confirmable = 0; confirmable < 2; confirmable++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			world.answer_size = 0;
			world_call(&world, 2, slice_make(bytes, sizes[i]), confirmable, WORLD_PATIENCE_US);
			assert_true(world_until(&world, &world.done, world.calls));
			assert_int_equal(world.result, 0);
			assert_true(slice_is(buf_slice(&world.payload), slice_make(bytes, sizes[i])));
			world.answer_size = sizes[i];
			assert_int_equal(world_ask(&world, 1, SLICE("")), 0);
			assert_int_equal(world.payload.len, sizes[i]);
		}
	assert_int_equal(world.requests, 32);
	free(bytes);
	world_end(&world);
}

UNIT(many_calls_share_a_way)
{
	struct world world;

	world_begin(&world, NULL, NULL);
	world.later = true;
	for (int i = 0; i < 100; i++)
		world_call(&world, 1, SLICE(""), true, WORLD_PATIENCE_US);
	assert_true(world_until(&world, &world.waits, 64));
	world.later = false;
	for (size_t i = world.waits; i > 0; i--)
		world_answer(&world, world.waiting[i - 1]);
	assert_true(world_until(&world, &world.done, 100));
	assert_int_equal(world.result, 0);
	assert_int_equal(world.requests, 100);
	world_end(&world);
}

UNIT(calls_end_in_time_and_are_repeated_before)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t len = sizeof(addr);
	struct world world;
	char room[2000], again[2000];
	struct slice first, second;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	getsockname(fd, (struct sockaddr *)&addr, &len);
	world_begin(&world, NULL, NULL);
	snprintf(world.url, sizeof(world.url), "coap://127.0.0.1:%d", ntohs(addr.sin_port));
	world_call(&world, 1, SLICE(""), true, 4500000);
	first = world_hear(&world, fd, 1000000, room);
	assert_true(first.len > 4);
	second = world_hear(&world, fd, 3200000, again);
	assert_true(slice_is(first, second));
	assert_int_equal(world.done, 0);
	assert_true(world_until(&world, &world.done, 1));
	assert_int_equal(world.result, -ETIMEDOUT);
	/* Nobody there: the kernel tells. */
	close(fd);
	world_call(&world, 1, SLICE(""), true, 3000000);
	assert_true(world_until(&world, &world.done, 2));
	assert_int_equal(world.result, -ECONNREFUSED);
	world_call(&world, 1, SLICE(""), true, WORLD_PATIENCE_US);
	coap_destroy(world.client);
	world.client = NULL;
	assert_int_equal(world.result, -ECANCELED);
	world_end(&world);
}

UNIT(bodies_that_never_end_cost_little)
{
	struct coap_config config = {.listen = "127.0.0.1:0", .message = 4096};
	struct world world;
	struct slice answer;
	char room[2000], request[64];
	int fds[100];

	world_begin(&world, &config, NULL);
	for (int i = 0; i < 100; i++)
		fds[i] = world_socket(&world);
	/* 100 senders begin 100 bodies each: PUT, Uri-Path, Block1 0/1/16. */
	for (int i = 0; i < 10000; i++) {
		memcpy(request,
		       "\x50\x03\x00\x00\xb2xy\xd1\x03\x08\xff"
		       "0123456789abcdef",
		       27);
		request[2] = (char)(i >> 8);
		request[3] = (char)i;
		request[5] = (char)('a' + i / 100 % 10);
		request[6] = (char)('a' + i / 1000);
		assert_int_equal(send(fds[i % 100], request, 27, 0), 27);
		if (i % 32 == 0)
			loop_turn(world.loop, 0);
	}
	/* Others are answered meanwhile, and may send bodies of their own. */
	assert_int_equal(world_ask(&world, 2, slice_make(room, 2000)), 0);
	assert_int_equal(world.payload.len, 2000);
	/* A block far away, a body that says it is larger than allowed, one that becomes so. */
	world_say(fds[0], "\x40\x03\x77\x01\xb1"
	                  "a\xd3\x03\xff\xff\xfe\xff"
	                  "0123456789abcdef");
	do
		answer = world_hear(&world, fds[0], 100000, room);
	while (answer.len > 0 && !slice_starts(slice_skip(answer, 2), SLICE("\x77\x01")));
	assert_int_equal((uint8_t)answer.ptr[1], COAP_TOO_LARGE);
	for (int i = 0; i < 100; i++)
		close(fds[i]);
	world_end(&world);
}

UNIT(nobody_new_while_it_drains)
{
	struct world world;

	world_begin(&world, NULL, NULL);
	world.later = true;
	world_call(&world, 1, SLICE(""), true, WORLD_PATIENCE_US);
	assert_true(world_until(&world, &world.waits, 1));
	assert_false(coap_drain(world.server));
	world_call(&world, 1, SLICE(""), true, WORLD_PATIENCE_US);
	assert_true(world_until(&world, &world.done, 1));
	assert_int_equal(world.code, 0xa3);
	world_answer(&world, world.waiting[0]);
	assert_true(coap_drain(world.server));
	assert_true(world_until(&world, &world.done, 2));
	assert_int_equal(world.code, 0x45);
	/* An answer for which there is nobody any more. */
	world_end(&world);
	world_begin(&world, NULL, NULL);
	world.later = true;
	world_call(&world, 1, SLICE(""), true, WORLD_PATIENCE_US);
	assert_true(world_until(&world, &world.waits, 1));
	coap_destroy(world.server);
	world.server = NULL;
	world_answer(&world, world.waiting[0]);
	world_end(&world);
}

UNIT(bad_addresses_are_refused)
{
	static const char *const urls[] = {"",
	                                   "http://127.0.0.1/",
	                                   "coap://",
	                                   "coap://:1",
	                                   "coap://127.0.0.1:99999",
	                                   "coap://[::1",
	                                   "coap://nowhere.example/"};
	static const char *const doors[] = {"", "x", "127.0.0.1", "127.0.0.1:70000", "1.2.3.4:0", "::1:5683"};
	struct coap_message request = {.code = 1};
	struct world world;

	world_begin(&world, NULL, NULL);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		assert_true(coap_call(world.client, slice_of(urls[i]), &request, 1000, world_done, &world) <
		            0);
	for (size_t i = 1; i < sizeof(doors) / sizeof(doors[0]); i++) {
		struct coap_config config = {.listen = doors[i]};
		struct coap *coap = NULL;

		assert_int_equal(coap_create(world.loop, &config, &world.why, &coap), 4000);
		assert_true(strlen(world.why.text) > 5);
	}
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(a_request_is_answered_with_its_acknowledgement),
	        unit(one_that_comes_again_is_not_done_again),
	        unit(an_answer_that_takes_long_comes_by_itself),
	        unit(answers_that_nobody_acknowledges_cost_little),
	        unit(what_makes_no_sense_is_reset_or_passed_over),
	        unit(options_must_be_understood_and_stand_once),
	        unit(later_blocks_of_answers_exist_or_not),
	        unit(a_door_on_all_addresses_answers_from_the_one_that_was_asked),
	        unit(calls_and_answers_of_every_size),
	        unit(many_calls_share_a_way),
	        unit(calls_end_in_time_and_are_repeated_before),
	        unit(bodies_that_never_end_cost_little),
	        unit(nobody_new_while_it_drains),
	        unit(bad_addresses_are_refused),
	};

	return unit_main(tests);
}
