/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that lie to those who call them: what must not hang, must not be believed, and must not cost more
 * than was allowed. The server is a bare socket; each row of the table is a conversation with it. */
#include "net/coap_test.h"

#define LIES_MESSAGE 100000 /* the longest answer that is taken */

struct liar {
	struct world world;
	int fd;
	struct sockaddr_in caller;
	struct coap_head head; /* of the request that came last */
	struct coap_message request;
	char room[2000];
};

static void liar_begin(struct liar *liar)
{
	struct coap_config config = {.message = LIES_MESSAGE};
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t len = sizeof(addr);

	world_begin(&liar->world, NULL, &config);
	liar->fd = socket(AF_INET, SOCK_DGRAM, 0);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(liar->fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	getsockname(liar->fd, (struct sockaddr *)&addr, &len);
	snprintf(liar->world.url, sizeof(liar->world.url), "COAP://127.0.0.1:%d", ntohs(addr.sin_port));
}

static void liar_end(struct liar *liar)
{
	close(liar->fd);
	world_end(&liar->world);
}

/* The next message of the caller; false: none within a twentieth of a second. */
static bool liar_hear(struct liar *liar)
{
	int64_t until = clock_wall_steady() + 50000;
	socklen_t len = sizeof(liar->caller);
	ssize_t n;

	do {
		loop_turn(liar->world.loop, 1000);
		n = recvfrom(liar->fd, liar->room, sizeof(liar->room), MSG_DONTWAIT,
		             (struct sockaddr *)&liar->caller, &len);
	} while (n < 0 && clock_wall_steady() < until);
	return n >= 0 && coap_codec_read(slice_make(liar->room, (size_t)n), &liar->head, &liar->request) == 0;
}

/* Answers it: code, options, so many bytes. */
static void liar_say(struct liar *liar, uint8_t kind, uint8_t code, const struct coap_opt *options,
                     size_t count, size_t len)
{
	static const char bytes[1024] = "";
	struct coap_head head = liar->head;
	struct buf buf;

	head.kind = kind;
	head.code = code;
	buf_init(&buf, NULL);
	coap_codec_write(&buf, &head, options, count, slice_make(bytes, len));
	sendto(liar->fd, buf.ptr, buf.len, 0, (struct sockaddr *)&liar->caller, sizeof(liar->caller));
	buf_finish(&buf);
	loop_turn(liar->world.loop, 10000);
	loop_turn(liar->world.loop, 0);
}

static void liar_ask(struct liar *liar, size_t body)
{
	static const char bytes[5000] = "";

	world_call(&liar->world, 2, slice_make(bytes, body), true, WORLD_PATIENCE_US);
	assert_true(liar_hear(liar));
}

UNIT(one_answer_that_lies_ends_the_call)
{
	static const struct {
		uint8_t code;
		struct coap_opt option;
		size_t len, body; /* of the answer, of the request */
		int result;
	} rows[] = {
	        {0x45, {COAP_OPT_FORMAT, SLICE_INIT("\x32")}, 3, 0, 0},
	        {0x45, {4097, SLICE_INIT("x")}, 3, 0, -EPROTO},               /* critical, and unknown */
	        {0x45, {4098, SLICE_INIT("x")}, 3, 0, 0},                     /* elective */
	        {0x45, {COAP_OPT_BLOCK2, SLICE_INIT("\x16")}, 3, 0, -EPROTO}, /* begins with the second */
	        {0x45, {COAP_OPT_BLOCK2, SLICE_INIT("\x07")}, 3, 0, -EPROTO}, /* of no such size */
	        {0x45, {COAP_OPT_BLOCK2, SLICE_INIT("\x0e")}, 3, 0, -EPROTO}, /* shorter than it says */
	        {0x45, {COAP_OPT_BLOCK2, SLICE_INIT("\xff\xff\xfe")}, 1024, 0, -EPROTO},
	        {0x5f, {COAP_OPT_FORMAT, SLICE_INIT("\x32")}, 0, 0, -EPROTO}, /* continue what? */
	        {0x5f, {COAP_OPT_FORMAT, SLICE_INIT("\x32")}, 0, 3000, -EPROTO},
	        {0x5f, {COAP_OPT_BLOCK1, SLICE_INIT("\x1e")}, 0, 3000, -EPROTO}, /* not the one it got */
	        {0x5f, {COAP_OPT_BLOCK1, SLICE_INIT("\xff\xff\xfe")}, 0, 3000, -EPROTO},
	        {0x8d,
	         {COAP_OPT_BLOCK1, SLICE_INIT("\x0e")},
	         0,
	         3000,
	         0}, /* too large, and no smaller ones help */
	        {0x84, {COAP_OPT_BLOCK1, SLICE_INIT("\x0e")}, 0, 3000, 0},
	        {0x44, {COAP_OPT_BLOCK1, SLICE_INIT("\x0e")}, 0, 3000, 0}, /* done already */
	};
	struct liar liar;

	liar_begin(&liar);
	for (int kind = COAP_CON; kind <= COAP_ACK; kind++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			liar_ask(&liar, rows[i].body);
			liar_say(&liar, (uint8_t)kind, rows[i].code, &rows[i].option, 1, rows[i].len);
			assert_int_equal(liar.world.done, liar.world.calls);
			assert_int_equal(liar.world.result, rows[i].result);
			if (kind != COAP_CON)
				continue;
			assert_true(liar_hear(&liar));
			assert_int_equal(liar.head.kind, rows[i].option.number == 4097 ? COAP_RST : COAP_ACK);
		}
	liar_end(&liar);
}

UNIT(answers_to_something_else_are_none)
{
	struct liar liar;
	struct coap_head asked;

	liar_begin(&liar);
	liar_ask(&liar, 0);
	asked = liar.head;
	liar.head.token[0] ^= 1;
	liar_say(&liar, COAP_CON, 0x45, NULL, 0, 0);
	assert_true(liar_hear(&liar));
	assert_int_equal(liar.head.kind, COAP_RST);
	liar.head = asked;
	liar.head.token_len = 7;
	liar_say(&liar, COAP_NON, 0x45, NULL, 0, 0);
	liar.head.token_len = 8;
	liar_say(&liar, COAP_NON, 0xe1, NULL, 0, 0);
	liar_say(&liar, COAP_RST, 0x45, NULL, 0, 0);
	assert_int_equal(liar.world.done, 1); /* a reset is an answer of its kind */
	assert_int_equal(liar.world.result, -EPROTO);
	liar_end(&liar);
}

UNIT(an_answer_without_end_ends)
{
	struct liar liar;
	size_t blocks = 0;

	liar_begin(&liar);
	liar_ask(&liar, 0);
	while (liar.world.done == 0 && blocks < 1000) {
		uint8_t room[4];
		struct coap_block block = {(uint32_t)blocks, true, 6};
		struct coap_opt option = {COAP_OPT_BLOCK2, coap_codec_put_block(&block, room)};

		liar_say(&liar, COAP_ACK, 0x45, &option, 1, 1024);
		blocks++;
		if (liar.world.done == 0)
			assert_true(liar_hear(&liar));
	}
	assert_int_equal(liar.world.result, -EPROTO);
	assert_int_equal(blocks, LIES_MESSAGE / 1024 + 1);
	liar_end(&liar);
}

UNIT(what_changes_midway_is_not_put_together)
{
	struct coap_opt first[] = {{COAP_OPT_BLOCK2, SLICE("\x0e")}, {COAP_OPT_ETAG, SLICE("a")}};
	struct coap_opt second[] = {{COAP_OPT_BLOCK2, SLICE("\x16")}, {COAP_OPT_ETAG, SLICE("b")}};
	struct coap_opt lie = {COAP_OPT_BLOCK1, SLICE("\x0e")};
	struct liar liar;

	liar_begin(&liar);
	liar_ask(&liar, 0);
	liar_say(&liar, COAP_ACK, 0x45, first, 2, 1024);
	assert_true(liar_hear(&liar));
	assert_slice(coap_codec_find(&liar.request, COAP_OPT_BLOCK2)->value, "\x16");
	liar_say(&liar, COAP_ACK, 0x45, second, 2, 10);
	assert_int_equal(liar.world.result, -EPROTO);
	/* Nor does the body go on when the answer has begun. */
	liar_ask(&liar, 3000);
	liar_say(&liar, COAP_ACK, 0x45, first, 2, 1024);
	assert_true(liar_hear(&liar));
	liar_say(&liar, COAP_ACK, 0x5f, &lie, 1, 0);
	assert_int_equal(liar.world.done, 2);
	assert_int_equal(liar.world.result, -EPROTO);
	/* A refusal may be long, too. */
	liar_ask(&liar, 0);
	liar_say(&liar, COAP_ACK, 0x84, first, 2, 1024);
	assert_true(liar_hear(&liar));
	second[1] = first[1];
	liar_say(&liar, COAP_ACK, 0x84, second, 2, 10);
	assert_int_equal(liar.world.result, 0);
	assert_int_equal(liar.world.payload.len, 1034);
	liar_end(&liar);
}

UNIT(smaller_blocks_are_sent_where_they_are_wanted)
{
	static const struct {
		uint8_t code;
		const char *said, *next; /* Block1 of the answer, and of the request that follows */
		size_t len;
	} rows[] = {
	        {0x8d, "\x0b", "\x0b", 128},        /* from the beginning */
	        {0x5f, "\x0b", "\x1b", 128},        /* the second, */
	        {0x5f, "\x18", "\x01\x08", 16},     /* but smaller: what came ends at byte 256 */
	        {0x5f, "\x01\x0e", "\x01\x18", 16}, /* larger ones are not taken up */
	};
	struct coap_opt option = {COAP_OPT_BLOCK1, SLICE("")};
	struct liar liar;

	liar_begin(&liar);
	liar_ask(&liar, 3000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		option.value = slice_of(rows[i].said);
		liar_say(&liar, COAP_ACK, rows[i].code, &option, 1, 0);
		assert_true(liar_hear(&liar));
		assert_slice(coap_codec_find(&liar.request, COAP_OPT_BLOCK1)->value, rows[i].next);
		assert_int_equal(liar.request.payload.len, rows[i].len);
	}
	liar_end(&liar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(one_answer_that_lies_ends_the_call),
	        unit(answers_to_something_else_are_none),
	        unit(an_answer_without_end_ends),
	        unit(what_changes_midway_is_not_put_together),
	        unit(smaller_blocks_are_sent_where_they_are_wanted),
	};

	return unit_main(tests);
}
