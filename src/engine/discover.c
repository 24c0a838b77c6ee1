/* SPDX-License-Identifier: Apache-2.0 */
/* Searching the tree. Labels have an index, and a search that must meet one starts there (discover_label.c).
 * Any other walks the nodes below the target, and opens the box of a node only when something in it could
 * match. The walk goes from node to node without recursion: how deep a tree is, strangers decide. */
#include "engine/discover_private.h"

#include "base/clock.h"
#include "engine/box.h"
#include "engine/children.h"
#include "engine/consult.h"
#include "engine/engine_private.h"
#include "engine/represent.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

#define DISCOVER_HITS_MAX    100000
#define DISCOVER_LOOKS_AFTER 10000 /* candidates to see whether there is more, once the answer is full */
#define DISCOVER_SEARCH_FROM 256   /* instances that make a search for the first one in time worth it */

static bool discover_may_see(struct discover *d, const struct node *node)
{
	if (d->asked != node) {
		d->permitted = access_permits(d->engine, node, &d->ask);
		d->asked = node;
	}
	return d->permitted;
}

static struct slice discover_path(struct discover *d, const struct node *node)
{
	if (d->path_of != node) {
		d->path = tree_path(node, &d->req->arena);
		d->path_of = node;
	}
	return d->path;
}

static struct slice discover_address(struct discover *d, const struct node *node,
                                     const struct store_inst *inst)
{
	struct arena *arena = &d->req->arena;

	if (d->drt == 2)
		return inst ? box_id(node, inst, arena) : arena_copy(arena, node->ri);
	if (!inst)
		return tree_path(node, arena);
	return arena_printf(arena, "%.*s/%.*s", SLICE_ARG(discover_path(d, node)),
	                    SLICE_ARG(box_name(node, inst, arena)));
}

/* applyRelativePath: from the hit along `arp`. What the path ends at: a node, an instance, or a virtual
 * child. False: there is nothing. */
struct discover_end {
	struct node *node;
	struct store_inst inst;
	bool is_inst;
	struct slice virtual_name;
};

static bool discover_virtual(struct discover *d, struct slice name, struct discover_end *end)
{
	struct tree *tree = &d->engine->tree;
	struct arena *arena = &d->req->arena;

	if (!type_ops_virtual(end->node->type, name))
		return false;
	end->virtual_name = name;
	if (slice_is(name, SLICE("la")))
		return box_newest(tree, end->node, d->req->now, arena, &end->inst) == 0;
	if (slice_is(name, SLICE("ol")))
		return box_oldest(tree, end->node, d->req->now, arena, &end->inst) == 0;
	return true;
}

static bool discover_relative(struct discover *d, const struct node *node, struct discover_end *end)
{
	struct slice rest = d->filter->arp, part;
	struct tree *tree = &d->engine->tree;
	struct node *child;
	uint64_t seq;

	*end = (struct discover_end){.node = (struct node *)node};
	while (slice_cut(&rest, '/', &part)) {
		if (end->is_inst || end->virtual_name.len)
			return false;
		child = tree_child(tree, end->node, part);
		if (child) {
			end->node = child;
		} else if (box_find(tree, end->node, part, &seq) == 0) {
			end->is_inst = true;
			if (box_get(tree, end->node, seq, d->req->now, &d->req->arena, &end->inst) != 0)
				return false;
		} else if (!discover_virtual(d, part, end)) {
			return false;
		}
	}
	return discover_may_see(d, end->node);
}

static struct val *discover_item(struct discover *d, const struct node *node, const struct store_inst *inst,
                                 struct slice virtual_name)
{
	struct arena *arena = &d->req->arena;
	struct slice address;
	struct val *ref;

	if (!virtual_name.len && !d->refs)
		return val_str(arena, discover_address(d, node, inst));
	if (!virtual_name.len) /* copied: the name of an instance goes with it */
		return val_copy(arena, represent_ref(d->engine, node, inst, d->drt, arena));
	address = arena_printf(arena, "%.*s/%.*s", SLICE_ARG(discover_address(d, node, NULL)),
	                       SLICE_ARG(virtual_name));
	if (!d->refs)
		return val_str(arena, address);
	ref = represent_ref(d->engine, node, NULL, d->drt, arena);
	val_set(ref, SLICE("nm"), val_str(arena, virtual_name));
	val_set(ref, SLICE("val"), val_str(arena, address));
	return ref;
}

/* A hit: into the answer, unless it stands before the offset or the answer is full. */
static int discover_hit(struct discover *d, const struct node *node, const struct store_inst *inst)
{
	struct discover_end end = {.node = (struct node *)node};

	if (d->filter->arp.len) {
		if (inst || !discover_relative(d, node, &end))
			return 0;
		node = end.node;
		inst = end.is_inst ? &end.inst : NULL;
	}
	d->found++;
	if (d->found < d->filter->ofst)
		return 0;
	if (d->list->count >= d->lim) {
		d->cut = true;
		return 1;
	}
	val_push(d->list, discover_item(d, node, inst, end.virtual_name));
	return 0;
}

int discover_look(struct discover *d, const struct node *node, const struct store_inst *inst)
{
	struct filter_subject subject = {d->req, node, inst, &d->scratch, NULL};
	bool matches = filter_matches(d->filter, &subject);

	arena_reset(&d->scratch);
	if (matches && discover_may_see(d, node) && discover_hit(d, node, inst))
		return 1;
	/* Full, and there may be more: look a little further before saying so. */
	if (d->list->count >= d->lim && ++d->looks > DISCOVER_LOOKS_AFTER)
		d->cut = true;
	return d->cut;
}

bool discover_is_away(struct discover *d, const struct node *node)
{
	const struct val *regs;
	int64_t status;
	bool away;

	if (node->type->number != TYPE_AE || !node->body.len ||
	    !memmem(node->body.ptr, node->body.len, "\"regs\":", 7))
		return false;
	regs = node_attr(node, SLICE("regs"), &d->scratch);
	away = val_is_int(regs, &status) && status == 2;
	arena_reset(&d->scratch);
	return away;
}

static bool discover_is_gone(struct discover *d, const struct node *node)
{
	return (node->et && node->et <= d->req->now) || discover_is_away(d, node);
}

bool discover_is_hidden(const struct discover *discover, const struct node *node)
{
	for (; node && node != discover->root; node = node->parent) {
		if (discover_is_gone((struct discover *)discover, node))
			return true;
	}
	return false;
}

/* ---- walking the instances of one box ---- */

struct discover_box {
	struct discover *d;
	const struct node *node;
	const struct type *type; /* of the instances */
	int64_t until;           /* createdBefore */
	bool sizes_only;
	int result;
};

static int discover_box_inst(void *user, const struct store_inst *found)
{
	struct discover_box *box = user;
	struct store_inst inst = *found;

	if (inst.ct >= box->until)
		return 1; /* they stand in the order of their creation */
	if (inst.et && inst.et <= box->d->req->now)
		return 0;
	if (box->sizes_only)
		inst = (struct store_inst){.box = box->node->no,
		                           .seq = found->seq,
		                           .ty = box->type->number,
		                           .ct = found->ct,
		                           .lt = found->ct,
		                           .et = found->et,
		                           .cs = found->cs};
	box->result = discover_look(box->d, box->node, &inst);
	if (box->result || !work_spent(box->d->engine, 1))
		return box->result;
	box->d->paused = true;
	box->d->at_seq = inst.seq + 1;
	return 1;
}

static int discover_first_at(void *user, const struct store_inst *inst)
{
	*(struct store_inst *)user = (struct store_inst){.seq = inst->seq, .ct = inst->ct};
	return 1;
}

/* createdAfter in a long box: halves it until the first one in time is found. */
static uint64_t discover_first(struct discover *d, const struct node *node, int64_t since)
{
	uint64_t low = node->box->s.first, high = node->box->s.next;
	struct store *store = d->engine->store;
	struct store_inst inst;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (store->ops->walk(store, node->no, middle, 1, true, discover_first_at, &inst) != 1 ||
		    inst.seq >= high || inst.ct >= since)
			high = middle;
		else
			low = inst.seq + 1;
	}
	return low;
}

/* Non-zero: the end of the search, or of the slice. */
static int discover_box(struct discover *d, const struct node *node)
{
	const struct filter_cond *since = filter_must(d->filter, FILTER_cra);
	const struct filter_cond *until = filter_must(d->filter, FILTER_crb);
	struct discover_box box = {.d = d, .node = node, .until = until ? until->number : INT64_MAX};
	struct store *store = d->engine->store;
	uint64_t from = node->box->s.first;

	box.type = filter_inst_type(node->type);
	box.sizes_only = !d->refs && !node->box->has_names && filter_needs_sizes_only(d->filter);
	if (d->at_seq > from)
		from = d->at_seq;
	else if (since && node->box->s.cni >= DISCOVER_SEARCH_FROM)
		from = discover_first(d, node, since->number);
	if (store->ops->walk(store, node->no, from, 1, box.sizes_only, discover_box_inst, &box) < 0)
		d->cut = true; /* the store has told its log; what was found so far is shown */
	return d->cut || d->paused;
}

/* ---- walking the tree ---- */

static bool discover_opens(const struct discover *d, const struct node *node, uint64_t depth)
{
	return depth < d->filter->lvl && node->box && !node->box->disr &&
	       filter_box_may_match(d->filter, node);
}

/* The node after this one; NULL at the end. */
static const struct node *discover_next(const struct discover *d, const struct node *node, bool down,
                                        uint64_t *depth)
{
	if (down && node->first) {
		++*depth;
		return node->first;
	}
	while (node != d->root && !node->next) {
		node = node->parent;
		--*depth;
	}
	return node == d->root ? NULL : node->next;
}

/* Looks at a node and at what stands in its box. False: here the search or the slice ends. */
static bool discover_node(struct discover *d, const struct node *node, uint64_t depth)
{
	d->at = node->no;
	if (d->at_seq == 0 && work_spent(d->engine, 1)) {
		d->paused = true;
		return false;
	}
	if (node != d->root && d->at_seq == 0 && discover_look(d, node, NULL))
		return false;
	if (discover_opens(d, node, depth) && discover_box(d, node))
		return false;
	d->at_seq = 0;
	return true;
}

/* Walks on from where the last slice ended. */
static void discover_walk(struct discover *d)
{
	const struct node *node = d->at ? tree_by_no(&d->engine->tree, d->at) : d->root;
	uint64_t depth = node ? tree_depth(node, d->root) : 0;
	bool gone;

	d->cut = !node; /* it went meanwhile, and with it the way on */
	while (node) {
		gone = node != d->root && discover_is_gone(d, node);
		if (!gone && !discover_node(d, node, depth))
			return;
		node = discover_next(d, node, !gone && depth < d->filter->lvl, &depth);
	}
}

static void discover_answer(struct discover *d)
{
	struct arena *arena = &d->req->arena;
	struct val *pc = val_obj(arena), *rrl;

	if (d->refs) {
		rrl = val_put(pc, SLICE("m2m:rrl"), val_obj(arena));
		val_put(rrl, SLICE("rrf"), d->list);
	} else {
		val_put(pc, SLICE("m2m:uril"), d->list);
	}
	req_good(d->req, RSC_OK, pc);
	if (!d->cut)
		return;
	d->req->out.at[PRIM_cnst] = val_int(arena, 1);
	d->req->out.at[PRIM_cnot] = val_int(arena, (int64_t)(d->filter->ofst + d->list->count));
}

static struct discover *discover_begin(struct req *req)
{
	struct discover *d = arena_new(&req->arena, struct discover);

	d->req = req;
	d->engine = req->engine;
	d->filter = req->filter;
	d->list = val_arr(&req->arena);
	d->refs = req->rcn == 6;
	d->drt = (int)prim_int(&req->in, PRIM_drt, 1);
	d->lim = d->filter->lim < DISCOVER_HITS_MAX ? d->filter->lim : DISCOVER_HITS_MAX;
	access_ask_of(&d->ask, req, ACCESS_DISCOVERY);
	return d;
}

static int discover_search(struct req *req)
{
	struct discover *d = req->wait ? req->wait : discover_begin(req);
	bool first = !req->wait;

	/* What was remembered of nodes may be wrong by now. */
	d->root = req->target;
	d->asked = d->path_of = NULL;
	filter_forget(req->filter);
	d->paused = false;
	arena_init(&d->scratch);
	if (!req->seq && !d->filter->never && !(first && discover_label(d)))
		discover_walk(d);
	arena_finish(&d->scratch);
	if (d->paused && clock_now() < req->deadline) {
		req->wait = d;
		return work_wait(req);
	}
	d->cut |= d->paused;
	req->wait = NULL;
	discover_answer(d);
	return STEP_DONE;
}

static int discover_authorize(struct req *req, enum access_op op)
{
	struct access_ask ask;
	int result;

	access_ask_of(&ask, req, op);
	while (!access_permits(req->engine, req->target, &ask)) {
		result = consult_denied(req, req->target, &ask, "%.*s may not discover below %.*s",
		                        SLICE_ARG(req->fr), SLICE_ARG(prim_text(&req->in, PRIM_to)));
		if (result != STEP_NEXT)
			return result;
	}
	return STEP_NEXT;
}

int discover_run(struct req *req)
{
	bool shows_target = req->rcn == 4 || req->rcn == 5;

	int result = discover_authorize(req, ACCESS_DISCOVERY);

	if (result == STEP_NEXT && shows_target)
		result = discover_authorize(req, ACCESS_RETRIEVE);
	if (result != STEP_NEXT)
		return result;
	switch (req->rcn) {
	case -1:
	case 1:
	case 6:
	case 11:
		return discover_search(req);
	case 4:
	case 5:
	case 8:
		return children_respond(req);
	default:
		return req_refuse(req, RSC_BAD_REQUEST,
		                  "rcn: %d is not allowed for discovery; expected none, 1, 4, 5, 6, 8 or 11",
		                  req->rcn);
	}
}
