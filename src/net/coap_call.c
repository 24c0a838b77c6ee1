/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of our own. A link is a socket connected to one server, with DTLS if it is a secure one, and stays
 * for a minute after its last call; several calls share it, told apart by their tokens. A call sends its body
 * block by block when it is long, and asks for the rest of an answer that is. RFC 7959 */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/coap_link.h"

#define CALL_AT_ONCE 64 /* of one link; the others wait */

struct call {
	struct coap_link *link;
	struct arena arena;
	struct coap_opt options[COAP_OPTIONS_MAX];
	size_t option_count;
	struct slice payload;
	uint8_t code;
	bool confirmable;
	int64_t sent_us; /* 0: it waits */
	uint64_t token;
	struct coap_block block1; /* being sent */
	struct coap_block block2; /* being asked for; number 0: the answer begins */
	struct buf body;          /* of the answer, as far as it is here */
	struct slice etag;
	struct coap_resend *resend;
	struct timer timer;
	int result; /* to be told by the timer, when not 0 */
	void (*done)(void *user, int result, const struct coap_message *answer);
	void *user;
	struct call *prev, *next;
};

static void call_send(struct call *call);

/* Takes it out and tells how it ended; the link may get its next one to send. */
static void call_over(struct call *call, int result, const struct coap_message *answer)
{
	struct coap_link *link = call->link;

	timer_clear(loop_wall_timers(coap_link_coap(link)->loop), &call->timer);
	coap_resend_stop(call->resend);
	*(call->prev ? &call->prev->next : &link->first) = call->next;
	*(call->next ? &call->next->prev : &link->last) = call->prev;
	if (call->sent_us)
		link->sent--;
	if (result == -ETIMEDOUT)
		coap_link_coap(link)->stats.timeouts++;
	call->done(call->user, result, answer);
	link->count--; /* only now may the link be closed for another */
	buf_finish(&call->body);
	arena_finish(&call->arena);
	free(call);
}

static void call_timer(struct timer *timer)
{
	struct call *call = container_of(timer, struct call, timer);
	struct coap_link *link = call->link;
	int result = call->result ? call->result : -ETIMEDOUT;

	if (result == -ETIMEDOUT && call->sent_us)
		coap_link_unanswered(link, call->sent_us);
	call_over(call, result, NULL);
	coap_call_next(link);
}

/* To be told at the next turn: `done` is never called from within. */
static void call_fail(struct call *call, int result)
{
	call->result = result;
	coap_resend_stop(call->resend);
	call->resend = NULL;
	timer_set(loop_wall_timers(coap_link_coap(call->link)->loop), &call->timer, 0);
}

static void call_acked(void *user, int result)
{
	struct call *call = user;

	call->resend = NULL;
	if (result < 0)
		call_fail(call, result == -ETIMEDOUT ? -ETIMEDOUT : -EPROTO);
}

/* Writes the next message of the call and lets it go. */
static void call_send(struct call *call)
{
	struct coap *coap = coap_link_coap(call->link);
	struct coap_path path = {.door = call->link->door};
	struct coap_opt options[COAP_OPTIONS_MAX + 4];
	struct coap_head head = {.code = call->code, .id = coap->next_id++, .token_len = sizeof(call->token)};
	size_t count = call->option_count, size = COAP_BLOCK_SIZE(call->block1.exponent);
	uint8_t block1[4], block2[4], total[4];
	struct slice payload = call->payload;

	head.kind = call->confirmable ? COAP_CON : COAP_NON;
	call->token++; /* late answers to the block before are none to this one */
	memcpy(head.token, &call->token, sizeof(call->token));
	memcpy(options, call->options, count * sizeof(options[0]));
	if (call->block2.number > 0) {
		options[count++] =
		        (struct coap_opt){COAP_OPT_BLOCK2, coap_codec_put_block(&call->block2, block2)};
		payload = SLICE("");
	} else if (payload.len > size || call->block1.number > 0) {
		size_t offset = size * call->block1.number;

		call->block1.more = offset + size < payload.len;
		options[count++] =
		        (struct coap_opt){COAP_OPT_BLOCK1, coap_codec_put_block(&call->block1, block1)};
		if (call->block1.number == 0)
			options[count++] = (struct coap_opt){
			        COAP_OPT_SIZE1, coap_codec_put_uint((uint32_t)payload.len, total)};
		payload = slice_make(payload.ptr + offset, call->block1.more ? size : payload.len - offset);
	}
	coap->out.len = 0;
	coap_codec_write(&coap->out, &head, options, count, payload);
	coap_resend_stop(call->resend);
	call->resend = NULL;
	if (call->confirmable)
		call->resend = coap_resend_begin(&path, head.id, buf_slice(&coap->out), call_acked, call);
	else
		coap_door_send(&path, buf_slice(&coap->out));
}

void coap_call_next(struct coap_link *link)
{
	if (!coap_link_is_ready(link))
		return;
	for (struct call *call = link->first; call && link->sent < CALL_AT_ONCE; call = call->next) {
		if (call->sent_us || call->result)
			continue;
		call->sent_us = clock_wall_steady();
		link->sent++;
		call_send(call);
	}
}

void coap_call_fail_all(struct coap_link *link, int result)
{
	for (struct call *call = link->first; call; call = call->next)
		if (!call->result)
			call_fail(call, result);
}

void coap_call_end_all(struct coap_link *link)
{
	while (link->first)
		call_over(link->first, -ECANCELED, NULL);
}

/* The answer to a block of the body. 1: the next one is sent; 0: it is the answer to the whole; -EPROTO. */
static int call_continue(struct call *call, const struct coap_message *message)
{
	const struct coap_opt *option = coap_codec_find(message, COAP_OPT_BLOCK1);
	struct coap_block *own = &call->block1, block;
	bool usable = option && coap_codec_block(option->value, &block) && call->block2.number == 0;
	unsigned smaller =
	        usable && block.exponent < own->exponent ? (unsigned)(own->exponent - block.exponent) : 0;
	size_t next = ((size_t)own->number + 1) << smaller;

	if (message->code == COAP_TOO_LARGE && own->number == 0 && smaller > 0) {
		next = 0; /* from the beginning */
	} else if (message->code != COAP_CONTINUE) {
		return 0;
	} else if (!usable || !own->more || block.number != own->number || next > COAP_BLOCK_NUMBER_MOST) {
		return -EPROTO;
	}
	/* What was taken ends at the same byte, counted in their smaller blocks. */
	own->number = (uint32_t)next;
	own->exponent = (uint8_t)(own->exponent - smaller);
	call_send(call);
	return 1;
}

/* A block of the answer. 1: more to come; 0: that was all, or it is no block; -EPROTO. */
static int call_collect(struct call *call, const struct coap_message *message)
{
	const struct coap_opt *option = coap_codec_find(message, COAP_OPT_BLOCK2);
	const struct coap_opt *etag = coap_codec_find(message, COAP_OPT_ETAG);
	struct coap_block block;

	if (!option)
		return call->block2.number > 0 ? -EPROTO : 0;
	if (!coap_codec_block(option->value, &block) ||
	    COAP_BLOCK_SIZE(block.exponent) * block.number != call->body.len)
		return -EPROTO;
	if (block.number == 0)
		call->etag = etag ? arena_copy(&call->arena, etag->value) : SLICE("");
	else if (!slice_is(call->etag, etag ? etag->value : SLICE("")))
		return -EPROTO; /* it is of another answer */
	if ((block.more && (message->payload.len != COAP_BLOCK_SIZE(block.exponent) ||
	                    block.number == COAP_BLOCK_NUMBER_MOST)) ||
	    call->body.len + message->payload.len > coap_link_coap(call->link)->config.message)
		return -EPROTO;
	buf_add_slice(&call->body, message->payload);
	if (!block.more)
		return 0;
	call->block2 = (struct coap_block){.number = block.number + 1, .exponent = block.exponent};
	call_send(call);
	return 1;
}

/* Whose answer is it? NULL: nobody waits for that. */
static struct call *call_find(const struct coap_link *link, const struct coap_head *head)
{
	for (struct call *call = link->first; call; call = call->next)
		if (call->sent_us && !call->result && head->token_len == sizeof(call->token) &&
		    memcmp(head->token, &call->token, sizeof(call->token)) == 0)
			return call;
	return NULL;
}

bool coap_call_answer(const struct coap_path *path, const struct coap_head *head,
                      const struct coap_message *message)
{
	struct coap_link *link = path->door->link;
	struct call *call = call_find(link, head);
	bool fits = coap_options_fit(coap_link_coap(link), message);
	struct coap_message whole;
	int r;

	if (!call)
		return false;
	if (head->kind == COAP_CON)
		coap_door_empty(path, fits ? COAP_ACK : COAP_RST, head->id);
	coap_resend_stop(call->resend);
	call->resend = NULL;
	r = fits ? call_continue(call, message) : -EPROTO;
	if (r == 0)
		r = call_collect(call, message);
	if (r > 0)
		return true;
	if (r == 0) {
		whole = *message;
		if (call->body.len > 0)
			whole.payload = buf_slice(&call->body);
	}
	call_over(call, r, r == 0 ? &whole : NULL);
	coap_call_next(link);
	return true;
}

static struct call *call_new(const struct coap_message *request)
{
	struct call *call = mem_zero(1, sizeof(*call));

	arena_init(&call->arena);
	buf_init(&call->body, NULL);
	call->code = request->code;
	call->confirmable = request->confirmable;
	call->option_count = request->option_count;
	for (size_t i = 0; i < request->option_count; i++)
		call->options[i] = (struct coap_opt){request->options[i].number,
		                                     arena_copy(&call->arena, request->options[i].value)};
	call->payload = arena_copy(&call->arena, request->payload);
	call->block1.exponent = COAP_BLOCK_EXPONENT;
	call->timer.run = call_timer;
	return call;
}

int coap_call(struct coap *coap, struct slice url, const struct coap_message *request, int64_t timeout_us,
              void (*done)(void *user, int result, const struct coap_message *answer), void *user)
{
	struct coap_link *link;
	struct call *call;
	int r = coap_link_get(coap, url, &link);

	if (r < 0)
		return r;
	call = call_new(request);
	call->link = link;
	call->done = done;
	call->user = user;
	call->token = slice_hash(slice_make((const char *)&coap->stats.calls, sizeof(coap->stats.calls)),
	                         (uint64_t)(uintptr_t)call);
	coap->stats.calls++;
	call->prev = link->last;
	*(link->last ? &link->last->next : &link->first) = call;
	link->last = call;
	link->count++;
	timer_set(loop_wall_timers(coap->loop), &call->timer,
	          clock_wall_steady() + (timeout_us > 0 ? timeout_us : 1));
	coap_call_next(link);
	return 0;
}
