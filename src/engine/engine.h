/* SPDX-License-Identifier: Apache-2.0 */
/* The CSE itself: a tree of resources and eight steps that every request walks. It reads no bytes and opens
 * no sockets. One thread. */
#ifndef DURE_ENGINE_ENGINE_H
#define DURE_ENGINE_ENGINE_H

#include "base/timer.h"
#include "engine/ports.h"
#include "engine/req.h"
#include "model/id.h"
#include "store/store.h"

struct engine;

struct engine_config {
	const char *cse_id;             /* "/id-in" */
	const char *cse_name;           /* "cse-in" */
	const char *sp_id;              /* "//dure.local" */
	const char *admin;              /* "CAdmin"; NULL or "": none */
	int cse_type;                   /* 1 IN, 2 MN, 3 ASN */
	const char *const *poa;         /* of this CSE, NULL-terminated; may be NULL */
	int64_t default_lifetime_us;    /* et of a resource that brings none */
	int64_t max_lifetime_us;        /* no et further away than this */
	int64_t request_timeout_us;     /* a blocking request without rqet */
	int64_t request_lifetime_us;    /* how long a <request> is kept */
	int64_t expiration_interval_us; /* how often instances that expire out of order are looked for */
	uint64_t backlog_most; /* notifications that may wait of one subscription, for all its targets; the
	                          oldest are dropped beyond, and counted. 0: 10,000 */
	bool strict_discovery; /* contradicting ranges are refused with 4102 */
};

struct engine_stats {
	uint64_t requests[6]; /* by operation, 1..5 */
	uint64_t answers[10]; /* by the first digit of rsc */
	uint64_t resources;   /* structural */
	uint64_t instances;
	uint64_t notifications_sent, notifications_failed, notifications_waiting, notifications_dropped;
	uint64_t refused[10000 / 100]; /* rsc / 100 */
	uint64_t work_waits;           /* times a request went on in a later turn, as it was long */
	bool can_write;
};

/* Loads the store and stands ready. 0, -errno, or a refusal (a bad configuration, sentence in why). The
 * store and the timers stay the caller's and must outlive the engine, as do the contexts of the ports. ports
 * may be NULL: nothing is sent, everybody may, no token is trusted. */
MUST_CHECK int engine_create(const struct engine_config *config, struct store *store, struct timers *timers,
                             const struct ports *ports, struct why *why, struct engine **ret);
void engine_destroy(struct engine *engine);
/* Answers everything that still waits (5000) and writes what is to be written; nothing is handled any more.
 * Call it while those who wait for answers are still there. engine_destroy does it too. */
void engine_stop(struct engine *engine);

/* Starts the request on its walk; from here it is the engine's until `answered`. */
void engine_submit(struct req *req);
/* Ends a turn: commits what was written, then lets the answers leave and the notifications go. Call once per
 * turn of the loop. Returns true when work is left that wants the next turn soon. */
bool engine_end_turn(struct engine *engine);
/* Does about that much background work; true when more is left. */
bool engine_tend(struct engine *engine, int64_t budget_us);
/* Answers or writes wait for the end of the turn: it must come soon, also when nothing else happens. */
bool engine_is_pending(const struct engine *engine);
/* Nothing under way: no request waits, no notification is being sent. */
bool engine_is_idle(const struct engine *engine);

/* The points of access, when they are known only after the start. The list stays the caller's and must
 * outlive the engine; NULL-terminated. */
void engine_set_poa(struct engine *engine, const char *const *poa);

bool engine_can_write(const struct engine *engine);
void engine_stats(const struct engine *engine, struct engine_stats *ret);
const struct id_self *engine_self(const struct engine *engine);

#endif
