/* SPDX-License-Identifier: Apache-2.0 */
/* The CSE as a whole: starting, the end of every turn, and what happens when the store can't write. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/birth.h"
#include "engine/deliver.h"
#include "engine/engine_private.h"
#include "engine/expire.h"
#include "engine/grant.h"
#include "engine/steps.h"
#include "model/rsc.h"

enum { PROBE_US = 1000000 };

/* ---- starting ---- */

static int copy_name(struct engine *engine, size_t *at, const char *text, struct slice *ret)
{
	size_t len = strlen(text);
	if (*at + len >= sizeof(engine->names))
		return -ENAMETOOLONG;
	memcpy(engine->names + *at, text, len);
	*ret = slice_make(engine->names + *at, len);
	*at += len;
	return 0;
}

static int read_names(struct engine *engine, struct why *why)
{
	const struct engine_config *config = &engine->config;
	struct slice admin = slice_of(config->admin);
	struct arena arena;
	size_t at = 0;
	if (!id_is_cse(slice_of(config->cse_id)) || config->cse_id[1] == '/')
		return refuse(why, RSC_BAD_REQUEST,
		              "cse-id: \"%s\" is no CSE-ID, expected one such as /id-in", config->cse_id);
	if (strncmp(config->sp_id, "//", 2) != 0)
		return refuse(why, RSC_BAD_REQUEST,
		              "sp-id: \"%s\" is no SP-ID, expected one such as //dure.local", config->sp_id);
	if (copy_name(engine, &at, config->cse_id, &engine->self.csi) ||
	    copy_name(engine, &at, config->cse_name, &engine->self.name) ||
	    copy_name(engine, &at, config->sp_id, &engine->self.sp))
		return refuse(why, RSC_BAD_REQUEST, "cse-id, cse-name and sp-id are too long together");
	arena_init(&arena);
	struct slice full = admin.len ? id_sp_relative(&engine->self, admin, &arena) : admin;
	int r = copy_name(engine, &at, arena_text(&arena, full), &engine->admin);
	arena_finish(&arena);
	return r ? refuse(why, RSC_BAD_REQUEST, "admin-originator: is too long") : 0;
}

static void look_for_early(struct timer *timer)
{
	struct engine *engine = container_of(timer, struct engine, early);
	/* Most nodes have none: then nobody is woken until there is one again. */
	if (expire_early(engine))
		timer_set(engine->timers, timer, clock_now() + engine->config.expiration_interval_us);
}

void engine_expects_early(struct engine *engine)
{
	if (!timer_is_set(&engine->early))
		timer_set(engine->timers, &engine->early,
		          clock_now() + engine->config.expiration_interval_us);
}

static int load(struct engine *engine, struct why *why)
{
	tree_init(&engine->tree, engine, engine->store, engine->timers);
	map_init(&engine->roles);
	map_init(&engine->tokens);
	map_init(&engine->cses);
	engine->deliver = deliver_create(engine);
	int r = tree_load(&engine->tree);
	if (!r)
		r = birth_base(engine, why);
	/* After a failed commit the store may still be full: the probe writes what there is to write. */
	if (!r && !engine->reloading && engine->store->ops->is_dirty(engine->store))
		r = engine->store->ops->commit(engine->store);
	return r;
}

static void unload(struct engine *engine)
{
	deliver_close(engine->deliver);
	tree_finish(&engine->tree);
	map_finish(&engine->roles);
	map_finish(&engine->tokens);
	map_finish(&engine->cses);
	deliver_destroy(engine->deliver);
	engine->deliver = NULL;
}

int engine_create(const struct engine_config *config, struct store *store, struct timers *timers,
                  const struct ports *ports, struct why *why, struct engine **ret)
{
	struct engine *engine = mem_zero(1, sizeof(*engine));
	engine->config = *config;
	engine->store = store;
	engine->timers = timers;
	engine->committing_end = &engine->committing;
	engine->can_write = true;
	engine->early.run = look_for_early;
	work_next_turn(engine);
	if (ports)
		engine->ports = *ports;
	int r = read_names(engine, why);
	if (r) {
		free(engine);
		return r;
	}
	r = load(engine, why);
	if (r) {
		engine_destroy(engine);
		return r;
	}
	engine_expects_early(engine);
	*ret = engine;
	return 0;
}

/* ---- the end of a turn ---- */

static void let_answers_leave(struct engine *engine, bool committed)
{
	struct req *req = engine->committing;
	engine->committing = NULL;
	engine->committing_end = &engine->committing;
	while (req) {
		struct req *next = req->next;
		if (!committed)
			req_refuse(req, RSC_INTERNAL_SERVER_ERROR,
			           "the store could not write, so nothing of this was done or is true; try "
			           "again later");
		req->answered(req);
		req = next;
	}
}

static void probe(struct timer *timer);

/* A commit failed: nothing of the batch is kept, so memory must forget it too. It is loaded again from what
 * is on disk; until a write succeeds the node only reads. */
static void fall_back(struct engine *engine)
{
	struct why why = {0};
	engine->can_write = false;
	engine->reloading = true;
	steps_give_up(engine);
	unload(engine);
	int r = load(engine, &why);
	engine->reloading = false;
	if (r) {
		log_error("engine",
		          "the store can't even be read again (%s): the node ends, so that nothing wrong is "
		          "told",
		          r < 0 ? strerror(-r) : why.text);
		abort();
	}
	engine->probe.run = probe;
	timer_set(engine->timers, &engine->probe, clock_now() + PROBE_US);
}

static bool commit(struct engine *engine)
{
	if (!engine->store->ops->is_dirty(engine->store))
		return true;
	int r = engine->store->ops->commit(engine->store);
	if (!r)
		return true;
	log_error("engine", "the store could not write (%s): answering 5000, reading only until it can again",
	          strerror(-r));
	return false;
}

/* Writes the CSEBase's row again, unchanged, to see whether writing works. */
static void probe(struct timer *timer)
{
	struct engine *engine = container_of(timer, struct engine, probe);
	tree_touch(&engine->tree, engine->tree.base, engine->tree.base->lt);
	if (commit(engine)) {
		engine->can_write = true;
		log_info("engine", "the store can write again");
		return;
	}
	fall_back(engine);
}

bool engine_end_turn(struct engine *engine)
{
	work_run(engine);
	bool committed = commit(engine);
	/* The requests of the batch are answered before memory is loaded anew: they may still point into it.
	 */
	if (!committed) {
		let_answers_leave(engine, false);
		fall_back(engine);
		work_next_turn(engine);
		return false;
	}
	deliver_after_commit(engine->deliver);
	work_next_turn(engine);
	let_answers_leave(engine, true);
	return work_is_left(engine) || engine->store->ops->is_dirty(engine->store);
}

void engine_stop(struct engine *engine)
{
	engine->reloading = true; /* for good: nobody is resumed */
	steps_give_up(engine);
	for (int i = 0; i < 4 && engine->tree.base; i++)
		let_answers_leave(engine, commit(engine));
}

void engine_destroy(struct engine *engine)
{
	if (!engine)
		return;
	engine_stop(engine);
	timer_clear(engine->timers, &engine->early);
	timer_clear(engine->timers, &engine->probe);
	unload(engine);
	grant_forget(engine);
	while (engine->spare) {
		struct req *req = engine->spare;
		engine->spare = req->next;
		arena_finish(&req->arena);
		free(req);
	}
	free(engine);
}

bool engine_tend(struct engine *engine, int64_t budget_us)
{
	if (!engine->can_write)
		return false;
	int r = engine->store->ops->tend(engine->store, budget_us);
	if (r < 0)
		log_error("engine", "background work of the store failed: %s", strerror(-r));
	return r > 0;
}

bool engine_is_pending(const struct engine *engine)
{
	return engine->committing || engine->store->ops->is_dirty(engine->store);
}

bool engine_is_idle(const struct engine *engine)
{
	return !engine->committing && !engine->waiting && !work_is_left(engine) &&
	       deliver_is_idle(engine->deliver);
}

void engine_set_poa(struct engine *engine, const char *const *poa)
{
	engine->config.poa = poa;
	birth_refresh(engine);
}

bool engine_can_write(const struct engine *engine)
{
	return engine->can_write;
}

void engine_stats(const struct engine *engine, struct engine_stats *ret)
{
	*ret = engine->stats;
	ret->resources = engine->tree.nodes;
	ret->instances = engine->tree.instances;
	ret->can_write = engine->can_write;
}

const struct id_self *engine_self(const struct engine *engine)
{
	return &engine->self;
}
