/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of others, from the datagram to the answer:
 *
 *   seen before? -> options we do not know? -> one block of many? -> the receiver -> the answer, or its first
 * block
 *
 * Who asks confirmably gets the answer with the acknowledgement when it is there soon, as it nearly always
 * is; after half a second he is told that we have his request, and the answer comes as a message of its own.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/coap_private.h"

#define SERVE_LATE_US    500000 /* a quarter of the time after which he asks again */
#define SERVE_SPARE      64
#define SERVE_WAITING    10000 /* requests under way at once */
#define SERVE_WRITES     32768
#define SERVE_READS      8192
#define SERVE_REMEMBERED ((size_t)16 << 20)
#define SERVE_BODIES     1024
#define SERVE_BODY_BYTES ((size_t)32 << 20)
#define SERVE_QUIET_US   (int64_t)30000000
#define SERVE_RESENDS    16384 /* more messages that wait for an acknowledgement: answers are sent once */
#define SERVE_SENDER     40

/* A request under way; the exchange is what the receiver sees of it. */
struct coap_asked {
	struct coap_exchange exchange;
	struct coap *coap;
	struct arena arena;
	struct coap_path path;
	struct coap_head head;
	struct coap_recent_place place;
	struct coap_recent *recent;
	struct coap_block block1, block2;
	bool has_block1, has_block2;
	bool acked;
	uint64_t body_key;
	int64_t at;
	char peer[INET6_ADDRSTRLEN];
	struct coap_asked *prev, *next;
};

static void serve_late(struct timer *timer);

void coap_serve_begin(struct coap *coap)
{
	struct coap_blocks_limits limits = {
	        .bodies = SERVE_BODIES, .bytes = SERVE_BODY_BYTES, .quiet_us = SERVE_QUIET_US};

	limits.body = coap->config.message;
	if (limits.bytes < 2 * limits.body)
		limits.bytes = 2 * limits.body;
	coap->late.run = serve_late;
	coap->uploads = coap_blocks_create(&limits);
	/* What we have to say is not bounded by what others may say. */
	limits.body = limits.bytes / 2;
	coap->downloads = coap_blocks_create(&limits);
	coap->reads = coap_recent_create(SERVE_READS, SERVE_REMEMBERED / 2);
	coap->writes = coap_recent_create(SERVE_WRITES, SERVE_REMEMBERED);
}

static void serve_free(struct coap_asked *asked)
{
	struct coap *coap = asked->coap;

	coap_peer_release(asked->path.peer);
	if (coap->spare_count < SERVE_SPARE) {
		arena_reset(&asked->arena);
		asked->next = coap->spare;
		coap->spare = asked;
		coap->spare_count++;
	} else {
		arena_finish(&asked->arena);
		free(asked);
	}
}

/* Exchanges not yet answered stay: whoever has them answers into nothing, see coap_answer. */
void coap_serve_end(struct coap *coap)
{
	timer_clear(loop_wall_timers(coap->loop), &coap->late);
	for (struct coap_asked *asked = coap->asked_first; asked; asked = asked->next) {
		coap_peer_release(asked->path.peer);
		asked->coap = NULL;
	}
	while (coap->spare) {
		struct coap_asked *asked = coap->spare;

		coap->spare = asked->next;
		arena_finish(&asked->arena);
		free(asked);
	}
	coap_blocks_destroy(coap->uploads);
	coap_blocks_destroy(coap->downloads);
	coap_recent_destroy(coap->reads);
	coap_recent_destroy(coap->writes);
}

static void serve_append(struct coap *coap, struct coap_asked *asked)
{
	asked->prev = coap->asked_last;
	asked->next = NULL;
	*(coap->asked_last ? &coap->asked_last->next : &coap->asked_first) = asked;
	coap->asked_last = asked;
	coap->asked_count++;
}

static void serve_unlink(struct coap *coap, struct coap_asked *asked)
{
	*(asked->prev ? &asked->prev->next : &coap->asked_first) = asked->next;
	*(asked->next ? &asked->next->prev : &coap->asked_last) = asked->prev;
	coap->asked_count--;
}

/* Whose request it is: the address does not tell, for another session, or somebody in the clear, may come
 * from there, too, and must not be given what this one asked for. RFC 7252 9.1 */
static struct slice serve_sender(const struct coap_path *path, char room[SERVE_SENDER])
{
	uint64_t serial = coap_peer_serial(path->peer);

	memcpy(room, &path->addr.at, path->addr.len);
	memcpy(room + path->addr.len, &serial, sizeof(serial));
	return slice_make(room, path->addr.len + sizeof(serial));
}

/* An answer without a receiver: sent with the acknowledgement, remembered, done. */
static void serve_reply(const struct coap_path *path, const struct coap_head *head,
                        struct coap_recent *recent, struct coap_recent_place place, uint8_t code,
                        const struct coap_opt *options, size_t option_count, const char *words)
{
	struct coap *coap = path->door->coap;
	struct coap_head out = *head;

	out.code = code;
	if (head->kind == COAP_CON) {
		out.kind = COAP_ACK;
	} else {
		out.kind = COAP_NON;
		out.id = coap->next_id++;
	}
	coap->out.len = 0;
	coap_codec_write(&coap->out, &out, options, option_count, slice_of(words));
	coap_recent_answer(recent, place, buf_slice(&coap->out));
	coap_door_send(path, buf_slice(&coap->out));
	coap->stats.answers++;
}

static void serve_refuse(struct coap_asked *asked, uint8_t code, const char *words)
{
	serve_reply(&asked->path, &asked->head, asked->recent, asked->place, code, NULL, 0, words);
}

/* What the blocks of one body have in common: sender, method, and all options but those about blocks. */
static uint64_t serve_body_key(const struct coap_path *path, const struct coap_message *message)
{
	char room[SERVE_SENDER];
	uint64_t key = slice_hash(serve_sender(path, room), message->code);

	for (size_t i = 0; i < message->option_count; i++) {
		const struct coap_opt *option = &message->options[i];

		if (option->number != COAP_OPT_BLOCK1 && option->number != COAP_OPT_BLOCK2 &&
		    option->number != COAP_OPT_SIZE1 && option->number != COAP_OPT_SIZE2)
			key = slice_hash(option->value, key ^ option->number);
	}
	return key;
}

static void serve_block_reply(struct coap_asked *asked, uint8_t code, const char *words)
{
	uint8_t room[4], size_room[4];
	struct coap_opt options[2] = {
	        {COAP_OPT_BLOCK1, coap_codec_put_block(&asked->block1, room)},
	        {COAP_OPT_SIZE1, coap_codec_put_uint((uint32_t)asked->coap->config.message, size_room)}};

	serve_reply(&asked->path, &asked->head, asked->recent, asked->place, code, options,
	            code == COAP_TOO_LARGE ? 2 : 1, words);
}

/* A block of the request's body. True: it is whole now. */
static bool serve_upload(struct coap_asked *asked)
{
	struct coap_message *request = &asked->exchange.request;
	const struct coap_opt *size = coap_codec_find(request, COAP_OPT_SIZE1);
	struct slice body;
	uint32_t total;

	if (size && coap_codec_uint(size->value, &total) && total > asked->coap->config.message) {
		serve_block_reply(asked, COAP_TOO_LARGE, "the body is too large");
		return false;
	}
	switch (coap_blocks_put(asked->coap->uploads, asked->body_key, asked->block1, request->payload,
	                        asked->at, &body)) {
	case COAP_BLOCKS_MORE:
		serve_block_reply(asked, COAP_CONTINUE, "");
		return false;
	case COAP_BLOCKS_GAP:
		serve_block_reply(asked, COAP_INCOMPLETE, "not the block that was expected; begin again");
		return false;
	case COAP_BLOCKS_LARGE:
		serve_block_reply(asked, COAP_TOO_LARGE, "the body is too large");
		return false;
	case COAP_BLOCKS_MALFORMED:
		serve_refuse(asked, COAP_BAD_REQUEST, "the block is not as long as it says");
		return false;
	case COAP_BLOCKS_WHOLE:
		break;
	}
	request->payload = arena_copy(&asked->arena, body);
	return true;
}

/* Writes the answer, or the block of it that was asked for, into coap->out. options has room for four more.
 */
static void serve_write(struct coap_asked *asked, const struct coap_head *head, struct coap_opt *options,
                        size_t count, struct slice payload)
{
	struct coap *coap = asked->coap;
	struct coap_block block = {.exponent = COAP_BLOCK_EXPONENT};
	uint8_t block1[4], block2[4], size_room[4], etag_room[8];
	size_t size, offset;

	if (asked->has_block1)
		options[count++] =
		        (struct coap_opt){COAP_OPT_BLOCK1, coap_codec_put_block(&asked->block1, block1)};
	if (asked->has_block2)
		block = asked->block2;
	size = COAP_BLOCK_SIZE(block.exponent);
	offset = size * block.number;
	coap->out.len = 0;
	if (offset > 0 && offset >= payload.len) {
		if (COAP_CLASS(head->code) == 2) {
			struct coap_head refusal = *head;

			refusal.code = COAP_BAD_REQUEST;
			coap_codec_write(&coap->out, &refusal, NULL, 0, SLICE("there is no such block"));
			return;
		}
		block.number = 0, offset = 0; /* a refusal, which is whole without that */
	}
	if (payload.len > size || asked->has_block2) {
		uint64_t etag = slice_hash(payload, 0);

		memcpy(etag_room, &etag, sizeof(etag));
		block.more = offset + size < payload.len;
		options[count++] = (struct coap_opt){COAP_OPT_BLOCK2, coap_codec_put_block(&block, block2)};
		options[count++] = (struct coap_opt){COAP_OPT_SIZE2,
		                                     coap_codec_put_uint((uint32_t)payload.len, size_room)};
		options[count++] =
		        (struct coap_opt){COAP_OPT_ETAG, slice_make((char *)etag_room, sizeof(etag))};
		payload = slice_make(payload.ptr + offset, block.more ? size : payload.len - offset);
	}
	coap_codec_write(&coap->out, head, options, count, payload);
}

/* A later block of an answer that was kept: from there, without asking the receiver again. */
static bool serve_download(struct coap_asked *asked)
{
	struct coap_opt options[COAP_OPTIONS_MAX + 4];
	struct coap_message kept;
	struct coap_head head;
	struct slice bytes;

	if (!coap_blocks_find(asked->coap->downloads, asked->body_key, asked->at, &bytes) ||
	    coap_codec_read(bytes, &head, &kept) != 0)
		return false;
	memcpy(options, kept.options, kept.option_count * sizeof(options[0]));
	head.kind = asked->head.kind == COAP_CON ? COAP_ACK : COAP_NON;
	head.id = asked->head.kind == COAP_CON ? asked->head.id : asked->coap->next_id++;
	head.token_len = asked->head.token_len;
	memcpy(head.token, asked->head.token, sizeof(head.token));
	asked->has_block1 = false;
	serve_write(asked, &head, options, kept.option_count, kept.payload);
	coap_recent_answer(asked->recent, asked->place, buf_slice(&asked->coap->out));
	coap_door_send(&asked->path, buf_slice(&asked->coap->out));
	asked->coap->stats.answers++;
	return true;
}

/* The options about blocks. False: they were malformed, and that was said. */
static bool serve_blocks_read(struct coap_asked *asked)
{
	const struct coap_message *request = &asked->exchange.request;
	const struct coap_opt *block1 = coap_codec_find(request, COAP_OPT_BLOCK1);
	const struct coap_opt *block2 = coap_codec_find(request, COAP_OPT_BLOCK2);

	asked->has_block1 = block1 != NULL;
	asked->has_block2 = block2 != NULL;
	if ((block1 && !coap_codec_block(block1->value, &asked->block1)) ||
	    (block2 && !coap_codec_block(block2->value, &asked->block2))) {
		serve_refuse(asked, COAP_BAD_REQUEST, "a block has no such size");
		return false;
	}
	if (block1 || block2)
		asked->body_key = serve_body_key(&asked->path, request);
	return true;
}

/* Is this ours to do at all? False: no, and that was said. */
static bool serve_may_begin(struct coap_asked *asked)
{
	const struct coap_message *request = &asked->exchange.request;
	struct coap *coap = asked->coap;

	if (!coap_options_fit(coap, request)) {
		if (asked->head.kind == COAP_CON)
			serve_refuse(asked, COAP_BAD_OPTION, "a critical option is not understood here");
		else
			coap_door_empty(&asked->path, COAP_RST, asked->head.id);
		return false;
	}
	if (coap_codec_find(request, COAP_OPT_PROXY_URI) || coap_codec_find(request, COAP_OPT_PROXY_SCHEME)) {
		serve_refuse(asked, COAP_PROXY_NOT_HERE, "this is no proxy");
		return false;
	}
	if (coap->draining || !coap->config.request || coap->asked_count >= SERVE_WAITING) {
		serve_refuse(asked, COAP_UNAVAILABLE, "not now");
		return false;
	}
	return true;
}

/* True: the receiver must see it. False: it is a part of something, and that was answered. */
static bool serve_is_whole(struct coap_asked *asked)
{
	if (!serve_blocks_read(asked))
		return false;
	if (asked->has_block1 && (asked->block1.more || asked->block1.number > 0))
		return serve_upload(asked);
	if (!asked->has_block2 || asked->block2.number == 0)
		return true;
	if (serve_download(asked))
		return false;
	/* What only reads may be done again for the sake of its later part. */
	if (asked->exchange.request.code == COAP_GET)
		return true;
	serve_refuse(asked, COAP_INCOMPLETE, "the answer is gone; ask again");
	return false;
}

static void serve_identify(struct coap_asked *asked)
{
	struct coap_exchange *exchange = &asked->exchange;

	coap_door_text(&asked->path.addr, asked->peer);
	exchange->arena = &asked->arena;
	exchange->peer = asked->peer;
	exchange->secure = asked->path.peer != NULL;
	exchange->psk = SLICE("");
	exchange->who = NULL;
	exchange->names = NULL;
	exchange->fingerprint = NULL;
	exchange->user = NULL;
	if (exchange->secure) {
		const struct coap_dtls_peer *who = coap_peer_who(asked->path.peer);

		exchange->psk = who->psk;
		exchange->who = who->who;
		exchange->names = who->names;
		exchange->fingerprint = who->fingerprint;
	}
}

static struct coap_asked *serve_new(struct coap *coap)
{
	struct coap_asked *asked = coap->spare;

	if (!asked) {
		asked = mem_zero(1, sizeof(*asked));
		arena_init(&asked->arena);
		return asked;
	}
	coap->spare = asked->next;
	coap->spare_count--;
	return asked;
}

/* The message, with its values in a copy that lasts until the answer. */
static void serve_copy(struct coap_asked *asked, const struct coap_message *message, struct slice datagram)
{
	struct coap_message *request = &asked->exchange.request;
	struct slice copy = arena_copy(&asked->arena, datagram);

	request->code = message->code;
	request->confirmable = message->confirmable;
	request->option_count = message->option_count;
	for (size_t i = 0; i < message->option_count; i++) {
		const struct coap_opt *option = &message->options[i];

		request->options[i].number = option->number;
		request->options[i].value =
		        slice_make(copy.ptr + (option->value.ptr - datagram.ptr), option->value.len);
	}
	request->payload =
	        message->payload.len > 0
	                ? slice_make(copy.ptr + (message->payload.ptr - datagram.ptr), message->payload.len)
	                : SLICE("");
}

void coap_serve_request(const struct coap_path *path, const struct coap_head *head,
                        const struct coap_message *message, struct slice datagram)
{
	struct coap *coap = path->door->coap;
	struct coap_recent *recent = head->code == COAP_GET ? coap->reads : coap->writes;
	int64_t now = loop_wall(coap->loop);
	struct coap_recent_place place;
	struct coap_asked *asked;
	char room[SERVE_SENDER];
	struct slice answer;

	coap->stats.requests++;
	if (!coap_recent_is_new(recent, serve_sender(path, room), head->id, now, COAP_LIFETIME_US, &place,
	                        &answer)) {
		/* What was said last is said again. Nothing yet: it soon will be, see serve_late. */
		if (answer.len > 0)
			coap_door_send(path, answer);
		return;
	}
	asked = serve_new(coap);
	asked->coap = coap;
	asked->path = *path;
	coap_peer_hold(path->peer);
	asked->head = *head;
	asked->place = place;
	asked->recent = recent;
	asked->acked = false;
	asked->at = now;
	serve_copy(asked, message, datagram);
	if (!serve_may_begin(asked) || !serve_is_whole(asked)) {
		serve_free(asked);
		return;
	}
	serve_identify(asked);
	serve_append(coap, asked);
	if (!timer_is_set(&coap->late))
		timer_set(loop_wall_timers(coap->loop), &coap->late, now + SERVE_LATE_US);
	coap->config.request(coap->config.user, &asked->exchange);
}

/* An empty acknowledgement, in coap->out and kept for those who ask again; nothing for a NON. */
static void serve_acknowledge(struct coap_asked *asked)
{
	struct coap_head head = {.kind = COAP_ACK, .id = asked->head.id};
	struct buf *out = &asked->coap->out;

	out->len = 0;
	if (asked->head.kind == COAP_CON)
		coap_codec_write(out, &head, NULL, 0, SLICE(""));
	coap_recent_answer(asked->recent, asked->place, buf_slice(out));
}

/* Those who wait for half a second are told that their request is here. */
static void serve_late(struct timer *timer)
{
	struct coap *coap = container_of(timer, struct coap, late);
	int64_t now = clock_wall_steady();

	for (struct coap_asked *asked = coap->asked_first; asked; asked = asked->next) {
		if (asked->acked || asked->head.kind != COAP_CON)
			continue;
		if (asked->at + SERVE_LATE_US > now) {
			timer_set(loop_wall_timers(coap->loop), timer, asked->at + SERVE_LATE_US);
			return;
		}
		asked->acked = true;
		serve_acknowledge(asked);
		coap_door_send(&asked->path, buf_slice(&coap->out));
	}
}

void coap_serve_tick(struct coap *coap, int64_t now_us)
{
	coap_blocks_expire(coap->uploads, now_us);
	coap_blocks_expire(coap->downloads, now_us);
}

/* Keeps an answer of several blocks for those who will ask for the rest. */
static void serve_keep(struct coap_asked *asked, const struct coap_message *answer)
{
	size_t size = COAP_BLOCK_SIZE(asked->has_block2 ? asked->block2.exponent : COAP_BLOCK_EXPONENT);
	struct coap_head head = {.code = answer->code};
	struct buf kept;

	if (answer->payload.len <= size)
		return;
	if (!asked->has_block1 && !asked->has_block2)
		asked->body_key = serve_body_key(&asked->path, &asked->exchange.request);
	buf_init(&kept, &asked->arena);
	coap_codec_write(&kept, &head, answer->options, answer->option_count, answer->payload);
	coap_blocks_keep(asked->coap->downloads, asked->body_key, buf_slice(&kept), asked->at);
}

static void serve_answer(struct coap_asked *asked, const struct coap_message *answer)
{
	struct coap_opt options[COAP_OPTIONS_MAX + 4];
	struct coap *coap = asked->coap;
	struct coap_head head = asked->head;
	bool piggy = head.kind == COAP_CON && !asked->acked;

	if (answer->code == COAP_EMPTY) {
		serve_acknowledge(asked);
		if (piggy)
			coap_door_send(&asked->path, buf_slice(&coap->out));
		return;
	}
	head.code = answer->code;
	head.kind = piggy ? COAP_ACK : asked->head.kind;
	if (!piggy)
		head.id = coap->next_id++;
	memcpy(options, answer->options, answer->option_count * sizeof(options[0]));
	serve_keep(asked, answer);
	serve_write(asked, &head, options, answer->option_count, answer->payload);
	coap_recent_answer(asked->recent, asked->place, buf_slice(&coap->out));
	if (head.kind == COAP_CON && coap->resends.count < SERVE_RESENDS)
		coap_resend_begin(&asked->path, head.id, buf_slice(&coap->out), NULL, NULL);
	else
		coap_door_send(&asked->path, buf_slice(&coap->out));
}

void coap_answer(struct coap_exchange *exchange, const struct coap_message *answer)
{
	struct coap_asked *asked = container_of(exchange, struct coap_asked, exchange);

	if (!asked->coap) {
		arena_finish(&asked->arena);
		free(asked);
		return;
	}
	serve_unlink(asked->coap, asked);
	serve_answer(asked, answer);
	asked->coap->stats.answers++;
	serve_free(asked);
}
