/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of strangers: answers given lately, and bodies of which a part is here. */
#include <stdio.h>

#include "base/unit.h"
#include "net/coap_blocks.h"
#include "net/coap_recent.h"

static bool look(struct coap_recent *recent, const char *who, uint16_t id, int64_t now,
                 struct coap_recent_place *place, struct slice *answer)
{
	return coap_recent_is_new(recent, slice_of(who), id, now, 1000, place, answer);
}

UNIT(a_request_is_new_once)
{
	struct coap_recent *recent = coap_recent_create(8, 1000);
	struct coap_recent_place place, other;
	struct slice answer;

	assert_true(look(recent, "a", 1, 0, &place, &answer));
	assert_false(look(recent, "a", 1, 0, &other, &answer));
	assert_true(look(recent, "b", 1, 0, &other, &answer));
	assert_true(look(recent, "a", 2, 0, &other, &answer));
	coap_recent_answer(recent, place, SLICE("yes"));
	assert_false(look(recent, "a", 1, 500, &other, &answer));
	assert_slice(answer, "yes");
	/* Message IDs are used again after a while. */
	assert_true(look(recent, "a", 1, 1001, &place, &answer));
	coap_recent_answer(recent, place, SLICE(""));
	assert_false(look(recent, "a", 1, 1001, &other, &answer));
	assert_int_equal(answer.len, 0);
	coap_recent_destroy(recent);
}

UNIT(the_oldest_leaves_for_the_newest)
{
	struct coap_recent *recent = coap_recent_create(8, 1000);
	struct coap_recent_place first, place;
	struct slice answer;

	assert_true(look(recent, "a", 0, 0, &first, &answer));
	for (uint16_t id = 1; id <= 8; id++)
		assert_true(look(recent, "a", id, 0, &place, &answer));
	/* Its place is another's now. */
	coap_recent_answer(recent, first, SLICE("late"));
	assert_false(look(recent, "a", 8, 0, &place, &answer));
	assert_true(look(recent, "a", 0, 0, &place, &answer));
	coap_recent_destroy(recent);
}

UNIT(answers_take_no_more_than_they_may)
{
	struct coap_recent *recent = coap_recent_create(64, 100);
	struct coap_recent_place place;
	struct slice answer;
	char text[60];

	memset(text, 'x', sizeof(text));
	for (uint16_t id = 0; id < 200; id++) {
		assert_true(look(recent, "a", id, 0, &place, &answer));
		coap_recent_answer(recent, place, slice_make(text, 10 + id % 50));
	}
	assert_false(look(recent, "a", 199, 0, &place, &answer));
	assert_int_equal(answer.len, 10 + 199 % 50);
	assert_true(look(recent, "a", 197, 0, &place, &answer));
	/* One that is larger than all that may be kept is not. */
	assert_true(look(recent, "b", 1, 0, &place, &answer));
	coap_recent_answer(recent, place, slice_make(text, 0));
	assert_false(look(recent, "b", 1, 0, &place, &answer));
	coap_recent_destroy(recent);
}

static const struct coap_blocks_limits limits = {.bodies = 4, .bytes = 4096, .body = 1000, .quiet_us = 1000};

static enum coap_blocks_result put(struct coap_blocks *blocks, uint64_t key, uint32_t number, bool more,
                                   const char *text, int64_t now, struct slice *body)
{
	return coap_blocks_put(blocks, key, (struct coap_block){number, more, 0}, slice_of(text), now, body);
}

UNIT(bodies_are_put_together)
{
	struct coap_blocks *blocks = coap_blocks_create(&limits);
	struct slice body;

	assert_int_equal(put(blocks, 1, 0, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE);
	assert_int_equal(put(blocks, 1, 1, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE);
	assert_int_equal(put(blocks, 1, 1, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE); /* again */
	assert_int_equal(put(blocks, 1, 3, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_GAP);
	assert_int_equal(put(blocks, 2, 1, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_GAP);
	assert_int_equal(put(blocks, 1, 2, true, "short", 0, &body), COAP_BLOCKS_MALFORMED);
	/* A last block in the midst of what is here is of another body. */
	assert_int_equal(put(blocks, 1, 0, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE);
	assert_int_equal(put(blocks, 1, 1, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE);
	assert_int_equal(put(blocks, 1, 1, false, "fedcba9876543210", 0, &body), COAP_BLOCKS_GAP);
	assert_int_equal(put(blocks, 1, 0, false, "fedcba9876543210", 0, &body), COAP_BLOCKS_WHOLE);
	assert_slice(body, "fedcba9876543210");
	assert_int_equal(put(blocks, 1, 0, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE);
	assert_int_equal(put(blocks, 1, 1, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE);
	assert_int_equal(put(blocks, 1, 2, false, "the end", 0, &body), COAP_BLOCKS_WHOLE);
	assert_slice(body, "0123456789abcdef0123456789abcdefthe end");
	assert_int_equal(coap_blocks_count(blocks), 0);
	assert_int_equal(coap_blocks_bytes(blocks), 0);
	assert_int_equal(put(blocks, 1, 62, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_LARGE);
	assert_int_equal(put(blocks, 1, 1048575, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_LARGE);
	coap_blocks_destroy(blocks);
}

UNIT(who_only_begins_does_not_push_out_who_goes_on)
{
	struct coap_blocks *blocks = coap_blocks_create(&limits);
	struct slice body;

	assert_int_equal(put(blocks, 1, 0, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE);
	assert_int_equal(put(blocks, 1, 1, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE);
	for (uint64_t key = 2; key < 1000; key++)
		assert_int_equal(put(blocks, key, 0, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE);
	assert_true(coap_blocks_count(blocks) <= limits.bodies);
	assert_true(coap_blocks_bytes(blocks) <= limits.bytes);
	assert_int_equal(put(blocks, 1, 2, false, "", 0, &body), COAP_BLOCKS_WHOLE);
	assert_int_equal(body.len, 32);
	/* What is quiet too long is gone. */
	assert_int_equal(put(blocks, 999, 1, true, "0123456789abcdef", 900, &body), COAP_BLOCKS_MORE);
	assert_int_equal(put(blocks, 998, 1, true, "0123456789abcdef", 1001, &body), COAP_BLOCKS_GAP);
	assert_int_equal(put(blocks, 999, 2, true, "0123456789abcdef", 1001, &body), COAP_BLOCKS_MORE);
	coap_blocks_expire(blocks, 5000);
	assert_int_equal(coap_blocks_count(blocks), 0);
	assert_int_equal(coap_blocks_bytes(blocks), 0);
	coap_blocks_destroy(blocks);
}

UNIT(beginners_make_room_for_bytes_first)
{
	static const struct coap_blocks_limits tight = {
	        .bodies = 9, .bytes = 3400, .body = 3000, .quiet_us = 1000};
	struct coap_blocks *blocks = coap_blocks_create(&tight);
	struct slice body;
	char text[1025] = {0};

	memset(text, 'x', 1024);
	assert_int_equal(put(blocks, 1, 0, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE);
	assert_int_equal(put(blocks, 1, 1, true, "0123456789abcdef", 0, &body), COAP_BLOCKS_MORE);
	for (uint64_t key = 2; key < 4; key++)
		assert_int_equal(coap_blocks_put(blocks, key, (struct coap_block){0, true, 6}, slice_of(text),
		                                 0, &body),
		                 COAP_BLOCKS_MORE);
	/* The older of the two goes on, which takes room: the other one must go, not the first. */
	assert_int_equal(
	        coap_blocks_put(blocks, 2, (struct coap_block){1, true, 6}, slice_of(text), 0, &body),
	        COAP_BLOCKS_MORE);
	assert_int_equal(put(blocks, 1, 2, false, "", 0, &body), COAP_BLOCKS_WHOLE);
	assert_int_equal(
	        coap_blocks_put(blocks, 3, (struct coap_block){1, true, 6}, slice_of(text), 0, &body),
	        COAP_BLOCKS_GAP);
	coap_blocks_destroy(blocks);
}

UNIT(bytes_are_bounded_too)
{
	struct coap_blocks *blocks = coap_blocks_create(&limits);
	struct slice body;

	for (uint32_t number = 0; number < 60; number++)
		for (uint64_t key = 1; key <= 4; key++) {
			put(blocks, key, number, true, "0123456789abcdef", 0, &body);
			assert_true(coap_blocks_bytes(blocks) <= limits.bytes + 2048);
		}
	coap_blocks_destroy(blocks);
}

UNIT(answers_are_kept_for_those_who_fetch_them)
{
	struct coap_blocks *blocks = coap_blocks_create(&limits);
	struct slice body;
	char text[1001] = {0};

	coap_blocks_keep(blocks, 7, SLICE("an answer"), 0);
	assert_true(coap_blocks_find(blocks, 7, 0, &body));
	assert_slice(body, "an answer");
	coap_blocks_keep(blocks, 7, SLICE("another"), 0);
	assert_true(coap_blocks_find(blocks, 7, 0, &body));
	assert_slice(body, "another");
	coap_blocks_keep(blocks, 7, slice_make(text, sizeof(text)), 0);
	assert_false(coap_blocks_find(blocks, 7, 0, &body));
	coap_blocks_destroy(blocks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(a_request_is_new_once),
	        unit(the_oldest_leaves_for_the_newest),
	        unit(answers_take_no_more_than_they_may),
	        unit(bodies_are_put_together),
	        unit(who_only_begins_does_not_push_out_who_goes_on),
	        unit(beginners_make_room_for_bytes_first),
	        unit(bytes_are_bounded_too),
	        unit(answers_are_kept_for_those_who_fetch_them),
	};

	return unit_main(tests);
}
