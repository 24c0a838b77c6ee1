/* SPDX-License-Identifier: Apache-2.0 */
/* Parcels stand in the order they came. A long poll takes the first that nobody was given yet; it stays,
 * marked as handed out, until its answer comes or its time is over. Everybody is woken by timers, never from
 * within somebody else's request. */
#include "engine/channel.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/steps.h"
#include "model/rsc.h"

#define CHANNEL_MOST       1000 /* parcels */
#define CHANNEL_POLLS_MOST 16   /* long polls that wait */

/* A long poll that waits; in its request's arena, and req->wait. */
struct poll {
	struct poll *next;
	struct channel *channel; /* NULL: it has gone */
	struct req *req;
	bool aggregate;
};

struct channel {
	struct engine *engine;
	struct parcel *first, *last;
	size_t count;
	struct poll *polls; /* oldest first */
	size_t poll_count;
};

struct channel *channel_create(struct engine *engine)
{
	struct channel *channel = mem_zero(1, sizeof(*channel));

	channel->engine = engine;
	return channel;
}

static void channel_unlink(struct parcel *parcel)
{
	struct channel *channel = parcel->channel;

	*(parcel->prev ? &parcel->prev->next : &channel->first) = parcel->next;
	*(parcel->next ? &parcel->next->prev : &channel->last) = parcel->prev;
	parcel->channel = NULL;
	channel->count--;
}

static void channel_way_out(struct timer *timer)
{
	struct parcel *parcel = container_of(timer, struct parcel, timer);

	parcel->done(parcel);
}

/* It leaves the channel; its sender is told soon. */
static void channel_settle(struct parcel *parcel, int result)
{
	channel_unlink(parcel);
	parcel->result = result;
	parcel->timer.run = channel_way_out;
	timer_set(parcel->engine->timers, &parcel->timer, clock_now());
}

static void channel_expired(struct timer *timer)
{
	struct parcel *parcel = container_of(timer, struct parcel, timer);

	channel_unlink(parcel);
	parcel->result = -ETIMEDOUT;
	parcel->done(parcel);
}

/* The poll leaves the list of those that wait. */
static void channel_forget_poll(struct channel *channel, struct poll *poll)
{
	struct poll **at = &channel->polls;

	while (*at != poll)
		at = &(*at)->next;
	*at = poll->next;
	poll->channel = NULL;
	channel->poll_count--;
}

/* Lets the oldest waiting poll look again. */
static void channel_wake(struct channel *channel)
{
	while (channel->polls && channel->polls->req->finished) {
		struct poll *poll = channel->polls;

		channel_forget_poll(channel, poll);
		req_release(poll->req);
	}
	if (channel->polls)
		timer_set(channel->engine->timers, &channel->polls->req->timer, clock_now());
}

void channel_destroy(struct channel *channel)
{
	if (!channel)
		return;
	while (channel->first)
		channel_settle(channel->first, -ECONNRESET);
	while (channel->polls) {
		struct poll *poll = channel->polls;

		channel_forget_poll(channel, poll);
		if (poll->req->finished)
			req_release(poll->req);
		else
			timer_set(channel->engine->timers, &poll->req->timer, clock_now());
	}
	free(channel);
}

struct channel *channel_of(const struct node *owner)
{
	tree_each_child (owner, child)
		if (child->type->number == TYPE_PCH)
			return child->extra;
	return NULL;
}

bool channel_push(struct channel *channel, struct parcel *parcel, int64_t expires)
{
	if (channel->count >= CHANNEL_MOST)
		return false;
	parcel->channel = channel;
	parcel->handed = false;
	parcel->next = NULL;
	parcel->prev = channel->last;
	*(channel->last ? &channel->last->next : &channel->first) = parcel;
	channel->last = parcel;
	channel->count++;
	parcel->timer.run = channel_expired;
	timer_set(channel->engine->timers, &parcel->timer, expires);
	channel_wake(channel);
	return true;
}

void channel_withdraw(struct parcel *parcel)
{
	if (!parcel->engine)
		return;
	if (parcel->channel)
		channel_unlink(parcel);
	timer_clear(parcel->engine->timers, &parcel->timer);
}

static struct parcel *channel_next(const struct channel *channel)
{
	struct parcel *parcel = channel->first;

	while (parcel && parcel->handed)
		parcel = parcel->next;
	return parcel;
}

/* m2m:rqp: one request, or all of them as a list. */
static enum step_result channel_hand_out(struct channel *channel, struct req *req, bool aggregate)
{
	struct parcel *parcel = channel_next(channel);
	struct val *pc = val_obj(&req->arena), *list;

	if (!aggregate) {
		parcel->handed = true;
		val_put(pc, SLICE("m2m:rqp"),
		        val_copy(&req->arena, prim_write(&parcel->request, parcel->arena)));
		req_good(req, RSC_OK, pc);
		return STEP_DONE;
	}
	list = val_put(pc, SLICE("m2m:rqp"), val_arr(&req->arena));
	for (; parcel; parcel = channel_next(channel)) {
		parcel->handed = true;
		val_push(list, val_copy(&req->arena, prim_write(&parcel->request, parcel->arena)));
	}
	req_good(req, RSC_OK, pc);
	return STEP_DONE;
}

static void channel_poll_timer(struct timer *timer)
{
	steps_resume(container_of(timer, struct req, timer));
}

enum step_result channel_poll(struct channel *channel, struct req *req, bool aggregate)
{
	struct poll *poll, **end = &channel->polls;

	if (channel_next(channel))
		return channel_hand_out(channel, req, aggregate);
	if (channel->poll_count >= CHANNEL_POLLS_MOST)
		return req_refuse(req, RSC_REQUEST_TIMEOUT, "too many requests wait at this channel already");
	poll = arena_new(&req->arena, struct poll);
	*poll = (struct poll){.channel = channel, .req = req, .aggregate = aggregate};
	while (*end)
		end = &(*end)->next;
	*end = poll;
	channel->poll_count++;
	req_hold(req);
	req->wait = poll;
	req->timer.run = channel_poll_timer;
	timer_set(channel->engine->timers, &req->timer, req->deadline);
	return STEP_WAIT;
}

enum step_result channel_poll_again(struct req *req)
{
	struct poll *poll = req->wait;
	struct channel *channel = poll->channel;

	req_release(req);
	req->wait = NULL;
	if (!channel)
		return req_refuse(req, RSC_NOT_FOUND, "the polling channel has been deleted");
	channel_forget_poll(channel, poll);
	if (authenticate_again(req) == STEP_DONE) {
		channel_wake(channel); /* what came was not for this one */
		return STEP_DONE;
	}
	if (!channel_next(channel) && clock_now() >= req->deadline)
		return req_refuse(req, RSC_REQUEST_TIMEOUT, "no request came in time");
	return channel_poll(channel, req, poll->aggregate);
}

static struct parcel *channel_find(struct channel *channel, struct slice rqi)
{
	struct parcel *parcel = channel->first;

	while (parcel && !(parcel->handed && slice_is(prim_text(&parcel->request, PRIM_rqi), rqi)))
		parcel = parcel->next;
	return parcel;
}

/* One m2m:rsp: 0 or a refusal. */
static int channel_take_answer(struct channel *channel, struct val *rsp, struct why *why)
{
	struct slice rqi;
	struct parcel *parcel;
	int r;

	if (!val_is_str(val_find(rsp, "rqi"), &rqi))
		return refuse(why, RSC_BAD_REQUEST,
		              "m2m:rsp/rqi: the identifier of the answered request is missing");
	parcel = channel_find(channel, rqi);
	if (!parcel)
		return refuse(why, RSC_NOT_FOUND, "no request %.*s waits for an answer here", SLICE_ARG(rqi));
	r = prim_read(&parcel->response, parcel->arena, val_copy(parcel->arena, rsp), PRIM_RSP, why);
	if (r != 0)
		return r;
	channel_settle(parcel, 0);
	return 0;
}

enum step_result channel_answer(struct channel *channel, struct req *req)
{
	struct val *rsp = val_find(req->in.at[PRIM_pc], "m2m:rsp");
	int r = 0;

	if (!rsp || (rsp->kind != VAL_OBJ && rsp->kind != VAL_ARR))
		return req_refuse(req, RSC_BAD_REQUEST, "pc: must hold m2m:rsp, the answer to a request");
	if (rsp->kind == VAL_OBJ) {
		r = channel_take_answer(channel, rsp, &req->why);
	} else {
		val_each (rsp, one)
			r = r ? r : channel_take_answer(channel, one, &req->why);
	}
	if (r)
		return req_fail(req, r);
	req_good(req, RSC_OK, NULL);
	return STEP_DONE;
}
