/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up one member, segment by segment, like the target of a request. */
#include "engine/member.h"

#include <errno.h>
#include <inttypes.h>

#include "engine/box.h"
#include "engine/engine_private.h"
#include "engine/filter.h"

static bool member_first(struct engine *engine, struct slice part, struct member *member)
{
	uint64_t no, seq;

	if (slice_is(part, engine->self.name) || slice_is(part, SLICE("-"))) {
		member->node = engine->tree.base;
		return true;
	}
	member->node = tree_by_ri(&engine->tree, part);
	if (member->node)
		return true;
	if (!box_read_id(part, &no, &seq))
		return false;
	member->node = tree_by_no(&engine->tree, no);
	member->seq = seq;
	return member->node && member->node->box;
}

static int member_next(struct engine *engine, struct slice part, struct slice *rest, struct member *member)
{
	struct node *child = tree_child(&engine->tree, member->node, part);

	if (child) {
		member->node = child;
		return 0;
	}
	member->virtual_child = type_ops_virtual(member->node->type, part);
	if (!member->virtual_child)
		return box_find(&engine->tree, member->node, part, &member->seq);
	if (member->virtual_child->takes_path) {
		member->rest = *rest;
		rest->len = 0;
	}
	return 0;
}

static int member_walk(struct engine *engine, struct slice path, struct member *member)
{
	struct slice rest = path, part;
	int r;

	member->node = engine->tree.base;
	if (slice_cut(&rest, '/', &part) && !member_first(engine, part, member))
		return -ENOENT;
	while (rest.len) {
		if (member->seq || member->virtual_child)
			return -ENOENT;
		slice_cut(&rest, '/', &part);
		r = member_next(engine, part, &rest, member);
		if (r)
			return r;
	}
	return 0;
}

static int member_instance(struct engine *engine, const struct member *member, struct arena *arena)
{
	struct store_inst inst;

	return engine->store->ops->get(engine->store, member->node->no, member->seq, arena, &inst);
}

int member_find(struct engine *engine, struct slice address, struct arena *arena, struct why *why,
                struct member *ret)
{
	struct member member = {.address = address};
	struct id_to to;
	int r = id_read_to(&engine->self, address, &to, why);

	if (r)
		return r;
	member.here = to.here;
	if (!to.here) {
		member.key =
		        arena_printf(arena, "%.*s%.*s/%.*s", SLICE_ARG(to.sp.len ? to.sp : engine->self.sp),
		                     SLICE_ARG(to.cse), SLICE_ARG(to.path));
		*ret = member;
		return 0;
	}
	r = member_walk(engine, to.path, &member);
	if (r == 0 && member.seq)
		r = member_instance(engine, &member, arena);
	if (r)
		return r;
	member.key =
	        arena_printf(arena, "%" PRIu64 ".%" PRIu64 "/%s/%.*s", member.node->no, member.seq,
	                     member.virtual_child ? member.virtual_child->name : "", SLICE_ARG(member.rest));
	*ret = member;
	return 0;
}

uint32_t member_type(const struct member *member, struct arena *arena)
{
	const struct type *inst;
	int64_t mt;

	if (member->seq) {
		inst = filter_inst_type(member->node->type);
		return inst ? inst->number : 0;
	}
	if (!member->virtual_child)
		return member->node->type->number;
	if (slice_is_text(SLICE("la"), member->virtual_child->name))
		return MEMBER_LATEST;
	if (slice_is_text(SLICE("ol"), member->virtual_child->name))
		return MEMBER_OLDEST;
	/* A path behind fopt may lead to anything. */
	if (member->rest.len || !val_is_int(node_attr(member->node, SLICE("mt"), arena), &mt))
		return 0;
	return (uint32_t)mt;
}
