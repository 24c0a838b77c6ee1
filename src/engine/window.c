/* SPDX-License-Identifier: Apache-2.0 */
/* The schedules that stand in the way of a notification: a child of the subscription, and children of the
 * target AE or of the node that the AE says it runs on. All of them must be open; of the entries of one
 * resource, one. */
#include "engine/window.h"

#include "engine/call.h"
#include "engine/deliver.h"
#include "engine/engine_private.h"
#include "engine/queue.h"
#include "engine/type/sub.h"
#include "model/schedule.h"

#define WINDOW_ROUNDS 64 /* of looking for a moment that fits all */

/* Those whose <schedule> children count. */
struct window_owners {
	const struct node *at[3];
	size_t count;
};

static int64_t window_of_entries(const struct val *entries, int64_t now)
{
	int64_t first = INT64_MAX;

	val_each (entries, entry) {
		/* The moment itself, not only the next whole second. */
		int64_t next = schedule_holds(entry->text, now) ? now : schedule_next(entry->text, now);

		if (next < first)
			first = next;
	}
	return first;
}

/* The first open moment of the schedules below one owner; now when there are none. */
static int64_t window_of(const struct node *owner, int64_t now, struct arena *arena)
{
	int64_t first = INT64_MAX;
	bool any = false;

	tree_each_child (owner, child) {
		const struct val *se;
		int64_t next;

		if (child->type->number != TYPE_SCH)
			continue;
		se = node_attr(child, SLICE("se"), arena);
		next = window_of_entries(se && se->kind == VAL_OBJ ? val_find(se, "sce") : se, now);
		any = true;
		if (next < first)
			first = next;
	}
	return any ? first : now;
}

static void window_owners_of(struct engine *engine, const struct sub *sub, struct slice target,
                             struct arena *arena, struct window_owners *ret)
{
	const struct node *node;
	struct slice link;

	if (sub)
		ret->at[ret->count++] = sub->node;
	node = id_is_url(target) ? NULL : call_find(engine, target);
	if (!node)
		return;
	ret->at[ret->count++] = node;
	if (!val_is_str(node_attr(node, SLICE("nl"), arena), &link))
		return;
	node = tree_find(&engine->tree, &engine->self, link);
	if (node)
		ret->at[ret->count++] = node;
}

int64_t window_next(struct engine *engine, const struct sub *sub, struct slice target, int64_t now)
{
	struct window_owners owners = {.count = 0};
	struct arena arena;
	int64_t at = now;
	size_t fits = 0, i = 0;

	if (engine->deliver->schedules == 0)
		return now;
	arena_init(&arena);
	window_owners_of(engine, sub, target, &arena, &owners);
	/* Each in turn moves the moment on until none of them does. */
	for (size_t round = 0; fits < owners.count && round < WINDOW_ROUNDS && at != INT64_MAX; round++) {
		int64_t next = window_of(owners.at[i], at, &arena);

		fits = next == at ? fits + 1 : 1;
		at = next;
		i = (i + 1) % owners.count;
	}
	arena_finish(&arena);
	return fits < owners.count ? INT64_MAX : at;
}
