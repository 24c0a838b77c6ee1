/* SPDX-License-Identifier: Apache-2.0 */
/* Brings requests to others: to URLs by the outbound port, to AEs and CSEs by their polling channel or their
 * points of access, in turn. Notifications of subscriptions wait in queues (queue.h) that keep their order,
 * retry with back-off, and never block anybody. */
#ifndef DURE_ENGINE_DELIVER_H
#define DURE_ENGINE_DELIVER_H

#include "engine/req.h"
#include "engine/steps.h"
#include "engine/tree.h"

struct deliver;

/* Made before the tree is loaded. Never NULL. */
struct deliver *deliver_create(struct engine *engine);
/* Every call under way ends now: its `done` is called with -ECANCELED, and no request is resumed. While the
 * engine reloads, the outbound port may still answer them (nobody hears it); at the end of the engine it must
 * not. What waits stays, until the tree that it belongs to is gone. */
void deliver_close(struct deliver *deliver);
/* After tree_finish. NULL is fine. */
void deliver_destroy(struct deliver *deliver);
/* A stored note, at start, after the rows were loaded. */
void deliver_restore(struct deliver *deliver, const struct store_note *note);
/* After the commit: what was queued in this turn may leave. */
void deliver_after_commit(struct deliver *deliver);
/* Nothing is being sent and nothing is about to be. (What waits for its time does not count.) */
bool deliver_is_idle(const struct deliver *deliver);
/* Everything ends: whoever is told an answer now resumes nobody. */
bool deliver_is_closing(const struct deliver *deliver);

/* Sends one NOTIFY (or any request) to a target: a URL, or the ID of an AE or CSE known here. done is called
 * exactly once, not from within: result 0 with the response (valid until done returns), or -errno when nobody
 * could be reached. */
void deliver_send(struct engine *engine, struct slice target, const struct prim *request, int64_t timeout_us,
                  void (*done)(void *user, int result, const struct prim *response), void *user);
/* A fresh NOTIFY primitive from this CSE with this pc, in the arena. */
void deliver_request(struct engine *engine, struct arena *arena, struct slice to, struct val *pc,
                     struct prim *ret);

/* A NOTIFY for an AE hosted here (req->target): forwards it, waits, and passes the AE's answer back; 5103
 * when it cannot be reached. Whether the originator may is the caller's business. TS-0004 7.5.1 */
enum step_result deliver_retarget(struct req *req);

/* Steps that ask others and wait: begin, send `count` times, return STEP_WAIT. When the last answer has come
 * the request is resumed and finds the answers. Lives in the request's arena. */
struct deliver_answer {
	struct deliver_wait *wait; /* private */
	int result;                /* 0, or -errno: not reached */
	int rsc;                   /* of the response; 0: it had none */
	struct prim response;      /* copied into the request's arena; empty when not reached */
};
struct deliver_wait {
	struct req *req;
	size_t open; /* answers still to come; 0: all are here */
	size_t count;
	struct deliver_answer answers[]; /* one for each sent */
};
struct deliver_wait *deliver_wait_begin(struct req *req, size_t count);
void deliver_wait_send(struct deliver_wait *wait, size_t i, struct slice target, const struct prim *request);

#endif
