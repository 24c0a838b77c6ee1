/* SPDX-License-Identifier: Apache-2.0 */
/* Reaching somebody. A URL is called as it is. An entity that is registered here is reached by its polling
 * channel when it has one (it has chosen to come itself), else by a connection that it holds open, else by
 * its points of access, one after the other until one answers. An entity behind another CSE is reached by
 * that CSE's. TS-0004 7.5.1 */
#include "engine/call.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/queue.h"
#include "engine/type/csr.h"
#include "model/rsc.h"

#define CALL_URLS_MOST 16 /* points of access tried */

static void call_try(struct call *call);

static void call_free(struct call *call)
{
	arena_finish(&call->arena);
	free(call);
}

/* Its user is told, and nobody knows it any more. */
static void call_settle(struct call *call, int result, const struct prim *response)
{
	struct deliver *deliver = call->deliver;

	*(call->prev ? &call->prev->next : &deliver->calls) = call->next;
	if (call->next)
		call->next->prev = call->prev;
	deliver->call_count--;
	channel_withdraw(&call->parcel);
	timer_clear(deliver->engine->timers, &call->timer);
	call->done(call->user, result, response);
}

void call_end(struct call *call, int result, const struct prim *response)
{
	call_settle(call, result, response);
	call_free(call);
}

void call_abandon(struct call *call)
{
	call_settle(call, -ECANCELED, NULL);
	if (call->away)
		call->deliver = NULL;
	else
		call_free(call);
}

static void call_timer(struct timer *timer)
{
	struct call *call = container_of(timer, struct call, timer);
	struct prim good = {.at = {NULL}};

	good.at[PRIM_rsc] = val_int(&call->arena, RSC_OK);
	call_end(call, call->result, call->result == 0 ? &good : NULL);
}

/* Ends it from outside, soon. */
static void call_give_up(struct call *call, int result)
{
	call->result = result;
	timer_set(call->deliver->engine->timers, &call->timer, clock_now());
}

static void call_parcel_done(struct parcel *parcel)
{
	struct call *call = container_of(parcel, struct call, parcel);

	call_end(call, parcel->result, parcel->result == 0 ? &parcel->response : NULL);
}

static void call_answered(void *user, int result, const struct prim *response)
{
	struct call *call = user;

	call->away = false;
	if (!call->deliver) {
		call_free(call);
		return;
	}
	/* An open door that nobody stood behind: perhaps the next one. */
	if (result < 0 && call->at < call->url_count && !call->deliver->closing)
		call_try(call);
	else
		call_end(call, result, response);
}

static void call_try(struct call *call)
{
	struct outbound *outbound = &call->deliver->engine->ports.outbound;
	int r = -EHOSTUNREACH;

	while (call->at < call->url_count) {
		r = outbound->send ? outbound->send(outbound->ctx, call->urls[call->at++], &call->request,
		                                    call->timeout, call_answered, call)
		                   : -ENOSYS;
		if (r == 0 || !outbound->send)
			break;
	}
	call->away = r == 0;
	if (r < 0)
		call_give_up(call, r);
}

static void call_copy_request(struct call *call, const struct prim *request)
{
	for (size_t i = 0; i < PRIM_COUNT; i++)
		call->request.at[i] = request->at[i] ? val_copy(&call->arena, request->at[i]) : NULL;
}

static bool call_is_entity(const struct node *node)
{
	return node && (node->type->number == TYPE_AE || node->type->number == TYPE_CSR);
}

struct node *call_find(struct engine *engine, struct slice target)
{
	struct node *node = tree_find(&engine->tree, &engine->self, target);
	struct id_to to;

	if (node)
		return call_is_entity(node) ? node : NULL;
	if (id_read_to(&engine->self, target, &to, NULL) != 0 || to.here)
		return NULL;
	/* "/Sxyz": an AE with an ID of the service provider. */
	node = to.scope == ID_SP_RELATIVE ? tree_by_ri(&engine->tree, slice_skip(to.cse, 1)) : NULL;
	if (call_is_entity(node) && node->type->number == TYPE_AE && to.path.len == 0)
		return node;
	return csr_find(engine, csr_id(&engine->self, &to));
}

static void call_add_url(struct call *call, struct slice url)
{
	if (url.len && call->url_count < CALL_URLS_MOST)
		call->urls[call->url_count++] = arena_copy(&call->arena, url);
}

/* Where it may be called, by its own word; NULL: nowhere. */
static const struct val *call_poas(struct call *call, const struct node *node)
{
	bool rr = true;

	if (val_is_bool(node_attr(node, SLICE("rr"), &call->arena), &rr) && !rr)
		return NULL;
	return node_attr(node, SLICE("poa"), &call->arena);
}

/* A connection that the entity has opened itself leads to it, whatever it says of its reachability. */
static void call_use_connection(struct call *call, const struct node *node, bool addressed)
{
	const struct engine *engine = call->deliver->engine;
	const struct outbound *outbound = &engine->ports.outbound;
	struct slice id = node->ri;

	if (!outbound->route)
		return;
	if (node->type->number == TYPE_CSR)
		(void)val_is_str(node_attr(node, SLICE("csi"), &call->arena), &id);
	id = id_sp_relative(&engine->self, id, &call->arena);
	call_add_url(call, outbound->route(outbound->ctx, id, addressed, &call->arena));
}

/* The URL with the encoding that its owner reads, when JSON is none of those. TS-0001 9.6.8 */
static struct slice call_in_its_encoding(struct call *call, const struct node *node, struct slice url)
{
	const struct val *csz = node_attr(node, SLICE("csz"), &call->arena);

	if (!csz || !csz->first || (url.len && memchr(url.ptr, '?', url.len)))
		return url;
	val_each (csz, one)
		if (slice_is(one->text, SLICE("json")))
			return url;
	return arena_printf(&call->arena, "%.*s?ct=%.*s", SLICE_ARG(url), SLICE_ARG(csz->first->text));
}

static void call_use_doors(struct call *call, const struct node *node)
{
	const struct val *poa = call_poas(call, node);

	call->urls = arena_array(&call->arena, CALL_URLS_MOST, struct slice);
	call_use_connection(call, node, poa && poa->first);
	if (!poa)
		return;
	val_each (poa, url)
		if (id_is_url(url->text))
			call_add_url(call, call_in_its_encoding(call, node, url->text));
}

static void call_by_channel(struct call *call, struct channel *channel, int64_t timeout_us)
{
	call->parcel.engine = call->deliver->engine;
	call->parcel.arena = &call->arena;
	call->parcel.request = call->request;
	call->parcel.done = call_parcel_done;
	if (!channel_push(channel, &call->parcel, clock_now() + timeout_us))
		call_give_up(call, -ENOBUFS);
}

void call_start(struct deliver *deliver, struct slice target, const struct prim *request, int64_t timeout_us,
                call_done *done, void *user)
{
	struct call *call = mem_zero(1, sizeof(*call));
	struct node *node;

	arena_init(&call->arena);
	call->deliver = deliver;
	call->timeout = timeout_us;
	call->done = done;
	call->user = user;
	call->timer.run = call_timer;
	call->next = deliver->calls;
	if (call->next)
		call->next->prev = call;
	deliver->calls = call;
	deliver->call_count++;
	if (id_is_url(target)) {
		/* One attempt: the request is not needed again once it was encoded. */
		call->urls = &target;
		call->url_count = 1;
		call->request = *request;
		call_try(call);
		return;
	}
	node = call_find(deliver->engine, target);
	call_copy_request(call, request);
	/* However it was addressed, this is its name. With another one in front, it is for its CSE. */
	if (node && node->type->number == TYPE_AE && prim_int(request, PRIM_op, 0) == OP_NOTIFY)
		call->request.at[PRIM_to] = val_str(&call->arena, arena_copy(&call->arena, node->ri));
	if (node && channel_of(node)) {
		call_by_channel(call, channel_of(node), timeout_us);
		return;
	}
	if (node) {
		call_use_doors(call, node);
	} else if (tree_find(&deliver->engine->tree, &deliver->engine->self, target) ==
	           deliver->engine->tree.base) {
		call_give_up(call, 0); /* ourselves: we have heard it already */
		return;
	}
	call_try(call);
}
