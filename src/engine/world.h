/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: an engine on a memory store, virtual time, and an outside world that is a list of what was sent.
 * Nothing here opens a connection or waits. */
#ifndef DURE_ENGINE_WORLD_H
#define DURE_ENGINE_WORLD_H

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/unit.h"
#include "codec/json.h"
#include "engine/deliver.h"
#include "engine/engine_private.h"

#define SECOND INT64_C(1000000)

/* One request that left, until the test answers it. */
struct sent {
	struct sent *next;
	struct slice url, text; /* the primitive as JSON */
	void (*done)(void *user, int result, const struct prim *response);
	void *user;
};

struct world {
	struct engine *engine;
	struct store *store;
	struct timers timers;
	struct sent *first, **end;
	int count; /* waiting for the test's answer */
	struct arena arena;
	const struct ports *more; /* ports besides sending; NULL: none */
	int answered, rsc, rsc_before;
	struct slice pc;
};

static inline int world_send(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                             void (*done)(void *user, int result, const struct prim *response), void *user)
{
	struct world *w = ctx;
	struct sent *sent = arena_new(&w->arena, struct sent);
	struct buf buf;

	buf_init(&buf, &w->arena);
	json_write(&buf, prim_write(request, &w->arena));
	*sent = (struct sent){NULL, arena_copy(&w->arena, url), buf_slice(&buf), done, user};
	*w->end = sent;
	w->end = &sent->next;
	w->count++;
	return timeout_us > 0 ? 0 : -EINVAL;
}

static const struct engine_config world_config = {.cse_id = "/id-in",
                                                  .cse_name = "cse-in",
                                                  .sp_id = "//dure.local",
                                                  .admin = "CAdmin",
                                                  .cse_type = 1,
                                                  .default_lifetime_us = 3600 * 24 * 365 * SECOND,
                                                  .max_lifetime_us = 3600 * 24 * 3650 * SECOND,
                                                  .request_timeout_us = 10 * SECOND,
                                                  .request_lifetime_us = 3600 * SECOND,
                                                  .expiration_interval_us = 3600 * SECOND};

static inline void world_start(struct world *w)
{
	struct ports ports = w->more ? *w->more : (struct ports){.outbound = {.send = NULL}};
	struct why why = {0};

	ports.outbound.send = world_send;
	ports.outbound.ctx = w;
	assert_int_equal(engine_create(&world_config, w->store, &w->timers, &ports, &why, &w->engine), 0);
}

/* One turn of the loop. */
static inline void world_turn(struct world *w)
{
	timers_run(&w->timers, clock_now(), 1000);
	engine_end_turn(w->engine);
	timers_run(&w->timers, clock_now(), 1000);
	engine_end_turn(w->engine);
}

static inline void world_pass(struct world *w, int64_t us)
{
	clock_pass(us);
	world_turn(w);
}

static inline void world_open_with(struct world *w, const struct ports *more)
{
	*w = (struct world){.end = NULL, .more = more};
	w->end = &w->first;
	arena_init(&w->arena);
	timers_init(&w->timers);
	type_init();
	assert_int_equal(store_mem_create(&w->store), 0);
	world_start(w);
	world_turn(w);
}

static inline void world_open(struct world *w)
{
	world_open_with(w, NULL);
}

static inline void world_close(struct world *w)
{
	engine_destroy(w->engine);
	w->store->ops->destroy(w->store);
	timers_finish(&w->timers);
	arena_finish(&w->arena);
}

/* Answers the oldest request that waits. rsc 0: nobody was there. */
static inline void world_answer(struct world *w, int rsc)
{
	struct sent *sent = w->first;
	struct prim response = {.at = {NULL}};

	assert_non_null(sent);
	w->first = sent->next;
	if (!w->first)
		w->end = &w->first;
	w->count--;
	response.at[PRIM_rsc] = val_int(&w->arena, rsc);
	sent->done(sent->user, rsc ? 0 : -ECONNREFUSED, rsc ? &response : NULL);
	world_turn(w);
}

/* The oldest that was sent holds this text. */
#define assert_sent(w, part)                                                                                 \
	do {                                                                                                 \
		assert_non_null((w)->first);                                                                 \
		if (!memmem((w)->first->text.ptr, (w)->first->text.len, (part), strlen(part)))               \
			fail_msg("%s is not in %.*s", (part), SLICE_ARG((w)->first->text));                  \
	} while (0)

static inline void world_answered(struct req *req)
{
	struct world *w = req->user;
	struct buf buf;

	w->answered++;
	w->rsc_before = w->rsc;
	w->rsc = (int)prim_int(&req->out, PRIM_rsc, 0);
	buf_init(&buf, &w->arena);
	if (req->out.at[PRIM_pc])
		json_write(&buf, req->out.at[PRIM_pc]);
	w->pc = buf_slice(&buf);
	req_destroy(req);
}

/* Submits a request given as relaxed JSON. */
static inline void world_submit(struct world *w, const char *from, const char *text)
{
	struct req *req = req_create(w->engine);
	struct why why = {0};
	struct val *object;

	if (json_read_relaxed(&req->arena, slice_of(text), &why, &object) != 0)
		fail_msg("%s: %s", text, why.text);
	val_put(object, SLICE("fr"), val_str(&req->arena, slice_of(from)));
	val_put(object, SLICE("rqi"), val_str(&req->arena, SLICE("r1")));
	val_put(object, SLICE("rvi"), val_str(&req->arena, SLICE("3")));
	if (prim_read(&req->in, &req->arena, object, PRIM_REQ, &why) != 0)
		fail_msg("%s: %s", text, why.text);
	req->answered = world_answered;
	req->user = w;
	w->rsc = 0;
	engine_submit(req);
}

/* The same, with a turn; returns rsc, or 0 while it waits. */
static inline int ask(struct world *w, const char *from, const char *text)
{
	world_submit(w, from, text);
	world_turn(w);
	return w->rsc;
}

#define assert_pc(w, part)                                                                                   \
	do {                                                                                                 \
		if (!memmem((w)->pc.ptr, (w)->pc.len, (part), strlen(part)))                                 \
			fail_msg("%s is not in %.*s", (part), SLICE_ARG((w)->pc));                           \
	} while (0)

static inline void make_home(struct world *w)
{
	world_open(w);
	assert_int_equal(ask(w, "Cme",
	                     "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {rn: 'home', api: 'N.h', rr: true,"
	                     " srv: ['3'], poa: ['http://me/n']}}}"),
	                 2001);
	assert_int_equal(ask(w, "Cme", "{op: 1, to: 'cse-in/home', ty: 3, pc: {'m2m:cnt': {rn: 'c'}}}"),
	                 2001);
}

#endif
