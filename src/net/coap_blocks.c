/* SPDX-License-Identifier: Apache-2.0 */
/* Two queues in the order of their last block: beginners, of which there was one block, and those that go on.
 * A place is made by ending the first of the beginners, or when there is none the first of the others. */
#include "net/coap_blocks.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

struct body {
	uint64_t key;
	struct buf bytes;
	int64_t last;
	bool beginner;
	size_t cost; /* what it counts in the sum */
	struct body *prev, *next;
};

struct body_queue {
	struct body *first, *last;
};

struct coap_blocks {
	struct coap_blocks_limits limits;
	struct map map;
	struct body_queue beginners, others;
	struct buf whole; /* what the last call gave */
	size_t bytes;
};

static struct body_queue *blocks_queue(struct coap_blocks *blocks, const struct body *body)
{
	return body->beginner ? &blocks->beginners : &blocks->others;
}

static void blocks_unlink(struct coap_blocks *blocks, struct body *body)
{
	struct body_queue *queue = blocks_queue(blocks, body);

	*(body->prev ? &body->prev->next : &queue->first) = body->next;
	*(body->next ? &body->next->prev : &queue->last) = body->prev;
}

static void blocks_append(struct coap_blocks *blocks, struct body *body)
{
	struct body_queue *queue = blocks_queue(blocks, body);

	body->prev = queue->last;
	body->next = NULL;
	*(queue->last ? &queue->last->next : &queue->first) = body;
	queue->last = body;
}

static void blocks_end(struct coap_blocks *blocks, struct body *body)
{
	blocks_unlink(blocks, body);
	map_remove(&blocks->map, body->key, body);
	blocks->bytes -= body->cost;
	buf_finish(&body->bytes);
	free(body);
}

static bool blocks_match(const void *value, const void *key)
{
	return ((const struct body *)value)->key == *(const uint64_t *)key;
}

static struct body *blocks_get(const struct coap_blocks *blocks, uint64_t key)
{
	return map_find(&blocks->map, key, blocks_match, &key);
}

struct coap_blocks *coap_blocks_create(const struct coap_blocks_limits *limits)
{
	struct coap_blocks *blocks = mem_zero(1, sizeof(*blocks));

	blocks->limits = *limits;
	map_init(&blocks->map);
	buf_init(&blocks->whole, NULL);
	return blocks;
}

void coap_blocks_destroy(struct coap_blocks *blocks)
{
	if (!blocks)
		return;
	while (blocks->beginners.first)
		blocks_end(blocks, blocks->beginners.first);
	while (blocks->others.first)
		blocks_end(blocks, blocks->others.first);
	map_finish(&blocks->map);
	buf_finish(&blocks->whole);
	free(blocks);
}

static struct body *blocks_first(const struct body_queue *queue, const struct body *but)
{
	return queue->first && queue->first == but ? but->next : queue->first;
}

/* Makes room for one body more, or for bytes; `but` stays. */
static void blocks_make_room(struct coap_blocks *blocks, const struct body *but, size_t bytes)
{
	while (blocks->map.count > 0 && (blocks->bytes + bytes > blocks->limits.bytes ||
	                                 (!but && blocks->map.count >= blocks->limits.bodies))) {
		struct body *first = blocks_first(&blocks->beginners, but);

		if (!first)
			first = blocks_first(&blocks->others, but);
		if (!first)
			return;
		blocks_end(blocks, first);
	}
}

static struct body *blocks_begin(struct coap_blocks *blocks, uint64_t key)
{
	struct body *body;

	blocks_make_room(blocks, NULL, sizeof(*body));
	body = mem_zero(1, sizeof(*body));
	body->key = key;
	body->beginner = true;
	body->cost = sizeof(*body);
	blocks->bytes += body->cost;
	buf_init(&body->bytes, NULL);
	map_add(&blocks->map, key, body);
	blocks_append(blocks, body);
	return body;
}

/* The buffer doubles as it grows; what it takes is counted before it is taken. */
static void blocks_add(struct coap_blocks *blocks, struct body *body, struct slice bytes)
{
	size_t cap = body->bytes.cap;

	if (body->bytes.len + bytes.len > cap) {
		size_t more = cap > bytes.len ? cap : bytes.len;

		blocks_make_room(blocks, body, more);
		buf_room(&body->bytes, bytes.len);
		blocks->bytes += body->bytes.cap - cap;
		body->cost += body->bytes.cap - cap;
	}
	buf_add_slice(&body->bytes, bytes);
}

/* Puts it to the end of its queue, and out of the beginners'. */
static void blocks_touch(struct coap_blocks *blocks, struct body *body, bool beginner, int64_t now_us)
{
	blocks_unlink(blocks, body);
	body->beginner = beginner;
	body->last = now_us;
	blocks_append(blocks, body);
}

enum coap_blocks_result coap_blocks_put(struct coap_blocks *blocks, uint64_t key, struct coap_block block,
                                        struct slice payload, int64_t now_us, struct slice *ret_body)
{
	size_t size = COAP_BLOCK_SIZE(block.exponent), offset = size * block.number;
	struct body *body;

	if (offset + payload.len > blocks->limits.body)
		return COAP_BLOCKS_LARGE;
	if (block.more ? payload.len != size : payload.len > size)
		return COAP_BLOCKS_MALFORMED;
	coap_blocks_expire(blocks, now_us);
	body = blocks_get(blocks, key);
	if (body && block.number == 0)
		blocks_end(blocks, body);
	if (block.number == 0)
		body = blocks_begin(blocks, key);
	if (!body || offset > body->bytes.len)
		return COAP_BLOCKS_GAP;
	/* One that is here already may come again; but the last one ends the body. */
	if (offset == body->bytes.len)
		blocks_add(blocks, body, payload);
	else if (offset + payload.len > body->bytes.len || !block.more)
		return COAP_BLOCKS_GAP;
	blocks_touch(blocks, body, block.number == 0, now_us);
	if (block.more)
		return COAP_BLOCKS_MORE;
	buf_finish(&blocks->whole);
	blocks->whole = body->bytes;
	buf_init(&body->bytes, NULL);
	blocks_end(blocks, body);
	*ret_body = buf_slice(&blocks->whole);
	return COAP_BLOCKS_WHOLE;
}

void coap_blocks_keep(struct coap_blocks *blocks, uint64_t key, struct slice body, int64_t now_us)
{
	struct body *kept = blocks_get(blocks, key);

	if (kept)
		blocks_end(blocks, kept);
	if (body.len > blocks->limits.body || body.len + sizeof(*kept) > blocks->limits.bytes)
		return;
	coap_blocks_expire(blocks, now_us);
	kept = blocks_begin(blocks, key);
	blocks_add(blocks, kept, body);
	blocks_touch(blocks, kept, true, now_us);
}

bool coap_blocks_find(struct coap_blocks *blocks, uint64_t key, int64_t now_us, struct slice *ret_body)
{
	struct body *body;

	coap_blocks_expire(blocks, now_us);
	body = blocks_get(blocks, key);
	if (!body)
		return false;
	blocks_touch(blocks, body, false, now_us);
	*ret_body = buf_slice(&body->bytes);
	return true;
}

void coap_blocks_expire(struct coap_blocks *blocks, int64_t now_us)
{
	int64_t since = now_us - blocks->limits.quiet_us;

	while (blocks->beginners.first && blocks->beginners.first->last < since)
		blocks_end(blocks, blocks->beginners.first);
	while (blocks->others.first && blocks->others.first->last < since)
		blocks_end(blocks, blocks->others.first);
}

size_t coap_blocks_count(const struct coap_blocks *blocks)
{
	return blocks->map.count;
}

size_t coap_blocks_bytes(const struct coap_blocks *blocks)
{
	return blocks->bytes;
}
