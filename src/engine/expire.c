/* SPDX-License-Identifier: Apache-2.0 */
/* Resources leaving: by a DELETE, by expiry, by the end of a counter; it is the same for all of them. */
#include "engine/expire.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/box.h"
#include "engine/engine_private.h"
#include "engine/notify.h"
#include "engine/type_ops.h"

enum { INSTANCES_A_TURN = 1000 };

static void each_leaves(struct engine *engine, struct node *node)
{
	const struct type_ops *ops = type_ops_find(node->type->number);
	if (ops && ops->removed)
		ops->removed(engine, node);
	if (node->box)
		engine->tree.instances -= node->box->s.cni;
}

void expire_delete(struct engine *engine, struct req *req, struct node *node)
{
	struct node *parent = node->parent;
	notify_deleted(req, engine, node);
	notify_child_deleted(req, engine, parent, node, NULL);
	tree_remove(&engine->tree, node, each_leaves);
	/* TS-0004 7.4.6: the state tag of a container tells of its children too. */
	if (parent->box)
		box_tick(&engine->tree, parent, req ? req->now : clock_now());
}

/* The tree is a member of the engine, so that a timer finds its way home through the base. */
static struct engine *engine_of(struct node *node)
{
	while (node->parent)
		node = node->parent;
	return node->extra;
}

void expire_node(struct timer *timer)
{
	struct node *node = container_of(timer, struct node, expire);
	struct engine *engine = engine_of(node);
	log_debug("engine", "%.*s has expired", SLICE_ARG(node->ri));
	if (node->parent)
		expire_delete(engine, NULL, node);
}

void expire_box(struct timer *timer)
{
	struct box *box = container_of(timer, struct box, expire);
	struct engine *engine = engine_of(box->node);
	box_expire(&engine->tree, box->node, clock_now(), INSTANCES_A_TURN);
}

struct early {
	struct engine *engine;
	int64_t now;
	size_t count;
	struct {
		uint64_t box, seq;
	} found[INSTANCES_A_TURN];
};

static int collect_early(void *user, uint64_t box, uint64_t seq)
{
	struct early *early = user;
	early->found[early->count].box = box;
	early->found[early->count].seq = seq;
	return ++early->count == INSTANCES_A_TURN;
}

static int any_early(void *user, uint64_t box, uint64_t seq)
{
	return 1;
}

bool expire_early(struct engine *engine)
{
	struct early early = {.engine = engine, .now = clock_now()};
	struct store *store = engine->store;
	int r = store->ops->walk_early(store, early.now, collect_early, &early);
	if (r < 0)
		log_warn("engine", "expired instances could not be looked up");
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < early.count; i++) {
		struct node *node = tree_by_no(&engine->tree, early.found[i].box);
		struct store_inst inst;
		if (node && node->box &&
		    store->ops->get(store, early.found[i].box, early.found[i].seq, &arena, &inst) == 0)
			box_drop(&engine->tree, node, inst.seq, inst.cs, early.now);
		arena_reset(&arena);
	}
	arena_finish(&arena);
	return store->ops->walk_early(store, INT64_MAX, any_early, NULL) != 0;
}
