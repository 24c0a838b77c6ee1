/* SPDX-License-Identifier: Apache-2.0 */
/* One buffer takes the text of all resources, in the order they are met. Each direct child is a piece of it,
 * which can be taken back when its subtree turns out to be too much; at the end the pieces are put together
 * by name. Below the direct children the names are put together at once. */
#include "engine/children.h"

#include <stdlib.h>

#include "base/mem.h"
#include "codec/json.h"
#include "engine/access.h"
#include "engine/engine_private.h"
#include "engine/filter.h"
#include "engine/represent.h"
#include "engine/steps.h"
#include "model/rsc.h"

#define CHILDREN_RESOURCES 10000
#define CHILDREN_INSTANCES 1000
#define CHILDREN_BYTES     (8u << 20)
#define CHILDREN_DEEP      60

enum children_stop { CHILDREN_GO_ON, CHILDREN_AT_LIM, CHILDREN_AT_BOUND };

struct children_piece {
	const char *root; /* "m2m:cnt", "ch", "rrf" */
	size_t at, len;
};

struct children {
	struct req *req;
	struct engine *engine;
	const struct filter *filter; /* NULL: none */
	struct arena scratch;
	struct access_ask retrieve, discover;
	bool discovers; /* fu 1: needs that right too */
	bool refs;
	int drt;
	uint64_t lim, ofst, lvl;
	uint64_t count;  /* resources written */
	uint64_t direct; /* direct children met */
	uint64_t shown;  /* and written */
	enum children_stop stop;
	struct buf text;   /* heap */
	struct buf pieces; /* heap */
};

static bool children_matches(struct children *c, const struct node *node, const struct store_inst *inst)
{
	struct filter_subject subject = {c->req, node, inst, &c->scratch, NULL};
	bool matches;

	if (!c->filter)
		return true;
	matches = filter_matches(c->filter, &subject);
	arena_reset(&c->scratch);
	return matches;
}

static bool children_shows(struct children *c, const struct node *node)
{
	if (node->et && node->et <= c->req->now)
		return false;
	return children_matches(c, node, NULL) && access_permits(c->engine, node, &c->retrieve) &&
	       (!c->discovers || access_permits(c->engine, node, &c->discover));
}

static bool children_opens(const struct children *c, const struct node *node, uint64_t depth)
{
	return depth <= c->lvl && node->box && node->box->s.cni && !node->box->disr &&
	       (!c->filter || filter_box_may_match(c->filter, node));
}

/* One more resource: is there room for it? */
static bool children_count(struct children *c)
{
	if (c->stop)
		return false;
	if (c->count >= c->lim)
		c->stop = CHILDREN_AT_LIM;
	else if (c->count >= CHILDREN_RESOURCES || c->text.len >= CHILDREN_BYTES)
		c->stop = CHILDREN_AT_BOUND;
	else
		c->count++;
	return c->stop == CHILDREN_GO_ON;
}

static void children_comma(struct children *c)
{
	char last = c->text.len ? c->text.ptr[c->text.len - 1] : '[';

	if (last != '[' && last != '{' && last != ',')
		buf_add_char(&c->text, ',');
}

static void children_add_ref(struct children *c, const struct node *node, const struct store_inst *inst)
{
	json_write(&c->text, represent_ref(c->engine, node, inst, c->drt, &c->scratch));
	arena_reset(&c->scratch);
}

/* Writes an instance, as a reference or whole. */
static void children_add_inst(struct children *c, const struct node *node, const struct store_inst *inst)
{
	if (c->refs) {
		children_add_ref(c, node, inst);
		return;
	}
	buf_add_char(&c->text, '{');
	represent_inst(&c->text, node, inst);
	buf_add_char(&c->text, '}');
}

/* ---- below the direct children ---- */

struct children_box {
	struct children *c;
	const struct node *node;
	size_t count;
	bool open; /* "[" was written */
};

static int children_box_inst(void *user, const struct store_inst *inst)
{
	struct children_box *box = user;
	struct children *c = box->c;

	if ((inst->et && inst->et <= c->req->now) || !children_matches(c, box->node, inst))
		return 0;
	if (!children_count(c))
		return 1;
	if (c->lim == UINT64_MAX && box->count++ >= CHILDREN_INSTANCES) {
		c->stop = CHILDREN_AT_BOUND;
		return 1;
	}
	children_comma(c);
	if (!c->refs && !box->open) {
		json_write_str(&c->text, slice_of(represent_inst_type(box->node, inst)->root));
		buf_add_lit(&c->text, ":[");
	}
	box->open = true;
	children_add_inst(c, box->node, inst);
	return 0;
}

static void children_add_box(struct children *c, const struct node *node)
{
	struct children_box box = {.c = c, .node = node};
	struct store *store = c->engine->store;

	if (store->ops->walk(store, node->no, node->box->s.first, 1, false, children_box_inst, &box) < 0)
		c->stop = CHILDREN_AT_BOUND;
	if (box.open && !c->refs)
		buf_add_char(&c->text, ']');
}

static void children_add_node(struct children *c, const struct node *node, uint64_t depth);

/* The visible children of a node, those of one name after each other. */
static const struct node **children_list(struct children *c, const struct node *node, size_t *ret_count)
{
	const struct node **list = mem_zero(node->child_count + 1, sizeof(*list));
	size_t n = 0;

	tree_each_child (node, child) {
		if (n < node->child_count && children_shows(c, child))
			list[n++] = child;
	}
	*ret_count = n;
	return list;
}

static void children_add_group(struct children *c, const struct node **list, size_t count, uint64_t depth)
{
	struct slice root = slice_of(list[0]->type->root);

	children_comma(c);
	json_write_str(&c->text, root);
	buf_add_lit(&c->text, ":[");
	for (size_t i = 0; i < count && !c->stop; i++) {
		if (!list[i] || !slice_is_text(root, list[i]->type->root))
			continue;
		children_add_node(c, list[i], depth);
		list[i] = NULL;
	}
	buf_add_char(&c->text, ']');
}

static void children_add_below(struct children *c, const struct node *node, uint64_t depth)
{
	const struct node **list;
	size_t count;

	if (depth > CHILDREN_DEEP && node->first)
		c->stop = CHILDREN_AT_BOUND;
	if (depth > c->lvl || c->stop)
		return;
	list = children_list(c, node, &count);
	for (size_t i = 0; i < count && !c->stop; i++) {
		if (!list[i])
			continue;
		if (c->refs)
			children_add_node(c, list[i], depth);
		else
			children_add_group(c, list + i, count - i, depth);
	}
	free(list);
	if (!c->stop && children_opens(c, node, depth))
		children_add_box(c, node);
}

/* A node with all below it. */
static void children_add_node(struct children *c, const struct node *node, uint64_t depth)
{
	if (!children_count(c))
		return;
	children_comma(c);
	if (c->refs) {
		children_add_ref(c, node, NULL);
		children_add_below(c, node, depth + 1);
		return;
	}
	buf_add_char(&c->text, '{');
	represent_node(&c->text, c->engine, node);
	children_add_below(c, node, depth + 1);
	buf_add_char(&c->text, '}');
}

/* ---- the direct children ---- */

/* Keeps what was written since `at` as a direct child, or takes it back. Non-zero: that was the last. */
static int children_keep(struct children *c, const char *root, size_t at, uint64_t count)
{
	struct children_piece piece = {root, at, c->text.len - at};

	/* A subtree too big for any answer of ours would never be seen: the first one is shown cut. */
	if (c->stop == CHILDREN_AT_LIM || (c->stop && (c->shown || piece.len == 0))) {
		c->text.len = at;
		c->count = count;
		return 1;
	}
	buf_add(&c->pieces, &piece, sizeof(piece));
	c->shown++;
	return c->stop != CHILDREN_GO_ON;
}

static int children_direct_node(struct children *c, const struct node *node)
{
	size_t at = c->text.len;
	uint64_t count = c->count;

	if (++c->direct < c->ofst)
		return 0;
	if (at && c->text.ptr[at - 1] != ',')
		buf_add_char(&c->text, ','); /* keeps the pieces apart; not part of them */
	at = c->text.len;
	children_add_node(c, node, 1);
	return children_keep(c, c->refs ? "" : node->type->root, at, count);
}

static int children_direct_inst(void *user, const struct store_inst *inst)
{
	struct children_box *box = user;
	struct children *c = box->c;
	size_t at = c->text.len;

	if ((inst->et && inst->et <= c->req->now) || !children_matches(c, box->node, inst))
		return 0;
	if (++c->direct < c->ofst)
		return 0;
	if (!children_count(c))
		return 1;
	if (c->lim == UINT64_MAX && box->count++ >= CHILDREN_INSTANCES) {
		c->stop = CHILDREN_AT_BOUND;
		return 1;
	}
	children_add_inst(c, box->node, inst);
	return children_keep(c, c->refs ? "" : represent_inst_type(box->node, inst)->root, at, c->count - 1);
}

/* Where the instances begin: in a box without gaps those before the offset need not be read. */
static uint64_t children_from(struct children *c, const struct box *box)
{
	uint64_t skip = c->ofst > c->direct + 1 ? c->ofst - c->direct - 1 : 0;

	if (skip == 0 || (c->filter && c->filter->count) || box->s.next - box->s.first != box->s.cni)
		return box->s.first;
	if (skip > box->s.cni)
		skip = box->s.cni;
	c->direct += skip;
	return box->s.first + skip;
}

static void children_gather(struct children *c, const struct node *node)
{
	struct children_box box = {.c = c, .node = node};
	struct store *store = c->engine->store;
	uint64_t from;

	tree_each_child (node, child) {
		if (children_shows(c, child) && children_direct_node(c, child))
			return;
	}
	if (!children_opens(c, node, 1))
		return;
	from = children_from(c, node->box);
	if (store->ops->walk(store, node->no, from, 1, false, children_direct_inst, &box) < 0)
		c->stop = CHILDREN_AT_BOUND;
}

/* ---- the answer ---- */

static void children_join(struct children *c, struct buf *out, const char *name)
{
	struct children_piece *pieces = (void *)c->pieces.ptr;
	size_t count = c->pieces.len / sizeof(*pieces);
	bool first = true;

	json_write_str(out, slice_of(name));
	buf_add_lit(out, ":[");
	for (size_t i = 0; i < count; i++) {
		if (!pieces[i].root || (!c->refs && strcmp(pieces[i].root, name) != 0))
			continue;
		if (!first)
			buf_add_char(out, ',');
		first = false;
		buf_add(out, c->text.ptr + pieces[i].at, pieces[i].len);
		pieces[i].root = NULL;
	}
	buf_add_char(out, ']');
}

static void children_join_all(struct children *c, struct buf *out)
{
	struct children_piece *pieces = (void *)c->pieces.ptr;
	size_t count = c->pieces.len / sizeof(*pieces);

	for (size_t i = 0; i < count; i++) {
		if (!pieces[i].root)
			continue;
		if (out->ptr[out->len - 1] != '{')
			buf_add_char(out, ',');
		children_join(c, out, pieces[i].root);
	}
}

static void children_answer(struct children *c)
{
	struct req *req = c->req;
	const struct node *node = req->target;
	const struct store_inst *inst = req->seq ? req->inst : NULL;
	const char *root = inst ? represent_inst_type(node, inst)->root : node->type->root;
	struct buf out;

	buf_init(&out, &req->arena);
	buf_room(&out, c->text.len + node->body.len + 512);
	buf_add_char(&out, '{');
	if ((req->rcn == 4 || req->rcn == 5) && inst)
		represent_inst(&out, node, inst);
	else if (req->rcn == 4 || req->rcn == 5)
		represent_node(&out, c->engine, node);
	if (req->rcn == 5)
		buf_add_char(&out, ',');
	if (c->refs)
		children_join(c, &out, req->rcn == 5 ? "ch" : "rrf");
	else
		children_join_all(c, &out);
	buf_add_char(&out, '}');
	req_good(req, req->op == OP_DELETE ? RSC_DELETED : RSC_OK,
	         represent_wrap(&req->arena, req->rcn == 6 ? "m2m:rrl" : root, buf_slice(&out)));
	if (req->op == OP_DELETE || !c->stop)
		return;
	req->out.at[PRIM_cnst] = val_int(&req->arena, 1);
	req->out.at[PRIM_cnot] = val_int(&req->arena, (int64_t)(c->ofst + c->shown));
}

int children_respond(struct req *req)
{
	struct children c = {
	        .req = req, .engine = req->engine, .lim = UINT64_MAX, .ofst = 1, .lvl = UINT64_MAX};

	if (req->filter && req->op == OP_RETRIEVE) {
		c.filter = req->filter;
		c.lim = c.filter->lim;
		c.ofst = c.filter->ofst;
		c.lvl = c.filter->lvl;
		c.discovers = filter_is_discovery(c.filter);
	}
	c.refs = req->rcn == 5 || req->rcn == 6;
	c.drt = (int)prim_int(&req->in, PRIM_drt, 1);
	access_ask_of(&c.retrieve, req, ACCESS_RETRIEVE);
	access_ask_of(&c.discover, req, ACCESS_DISCOVERY);
	arena_init(&c.scratch);
	buf_init(&c.text, NULL);
	buf_init(&c.pieces, NULL);
	if (!req->seq)
		children_gather(&c, req->target);
	children_answer(&c);
	buf_finish(&c.pieces);
	buf_finish(&c.text);
	arena_finish(&c.scratch);
	return STEP_DONE;
}
