/* SPDX-License-Identifier: Apache-2.0 */
/* Searching from the label index: the cost is that of the matches, not of the tree. All that carry one of the
 * labels are gathered as pairs of numbers, put in order (so that pages fit together), and then looked at one
 * by one. A label that very many carry is no help; then the tree is walked, which can stop early. */
#include <stdlib.h>

#include "base/buf.h"
#include "engine/discover_private.h"
#include "engine/engine_private.h"

#define DISCOVER_LABEL_PAIRS 16384  /* gathered */
#define DISCOVER_LABEL_SEEN  200000 /* seen, also outside of the target */
#define DISCOVER_LABEL_RUN   8      /* so many of one box, each no further than so many from the next */

struct discover_label_pair {
	uint64_t no, seq; /* seq 0: the node itself */
};

struct discover_label {
	struct discover *d;
	struct buf pairs; /* on the heap */
	size_t count, seen;
	const struct node *box; /* the last one asked about, and whether it lies below the target */
	uint64_t no;
	bool inside;
};

static bool discover_label_inside(const struct discover *d, const struct node *node, unsigned extra)
{
	return node && tree_is_below(node, d->root) &&
	       (d->filter->lvl == UINT64_MAX || tree_depth(node, d->root) + extra <= d->filter->lvl);
}

static int discover_label_add(struct discover_label *label, uint64_t no, uint64_t seq)
{
	struct discover_label_pair pair = {no, seq};

	buf_add(&label->pairs, &pair, sizeof(pair));
	return ++label->count > DISCOVER_LABEL_PAIRS;
}

static int discover_label_node(void *user, struct node *node)
{
	struct discover_label *label = user;

	if (++label->seen > DISCOVER_LABEL_SEEN)
		return 1;
	if (node == label->d->root || !discover_label_inside(label->d, node, 0))
		return 0;
	return discover_label_add(label, node->no, 0);
}

static int discover_label_inst(void *user, uint64_t box, uint64_t seq)
{
	struct discover_label *label = user;
	const struct node *node;

	if (++label->seen > DISCOVER_LABEL_SEEN)
		return 1;
	if (!label->box || label->no != box) {
		node = tree_by_no(&label->d->engine->tree, box);
		label->box = node ? node : label->d->root;
		label->no = box;
		label->inside =
		        node && node->box && !node->box->disr && discover_label_inside(label->d, node, 1);
	}
	return label->inside ? discover_label_add(label, box, seq) : 0;
}

/* Does `ty` let instances (or nodes) through? */
static bool discover_label_wants(const struct filter *filter, bool instances)
{
	const struct filter_cond *ty = filter_must(filter, FILTER_ty);
	const struct type *type;

	for (size_t i = 0; ty && i < ty->count; i++) {
		type = ty->numbers[i] <= UINT32_MAX ? type_find((uint32_t)ty->numbers[i]) : NULL;
		if (type && type_has(type, TRAIT_INSTANCE) == instances)
			return true;
	}
	return !ty;
}

/* Non-zero: too many, or the store failed. */
static int discover_label_gather(struct discover_label *label, const struct filter_cond *lbl)
{
	struct store *store = label->d->engine->store;
	bool nodes = discover_label_wants(label->d->filter, false);
	bool instances = discover_label_wants(label->d->filter, true);
	int r = 0;

	for (size_t i = 0; i < lbl->count && r == 0; i++) {
		if (nodes)
			r = tree_walk_label(&label->d->engine->tree, lbl->texts[i], discover_label_node,
			                    label);
		if (r == 0 && instances)
			r = store->ops->walk_label(store, lbl->texts[i], discover_label_inst, label);
	}
	return r;
}

static int discover_label_order(const void *a, const void *b)
{
	const struct discover_label_pair *x = a, *y = b;

	if (x->no != y->no)
		return x->no < y->no ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int discover_label_look(struct discover *d, const struct discover_label_pair *pair)
{
	const struct node *node = tree_by_no(&d->engine->tree, pair->no);
	struct store *store = d->engine->store;
	struct store_inst inst;
	struct arena arena;
	int r;

	if (!node || discover_is_hidden(d, node))
		return 0;
	if (pair->seq == 0)
		return discover_look(d, node, NULL);
	arena_init(&arena); /* its own: the scratch is forgotten while the instance is looked at */
	r = store->ops->get(store, pair->no, pair->seq, &arena, &inst);
	if (r == 0 && (!inst.et || inst.et > d->req->now))
		r = discover_look(d, node, &inst);
	else
		r = 0;
	arena_finish(&arena);
	return r;
}

/* Many of one box that stand close together: walking over them is cheaper than fetching each. */
struct discover_label_run {
	struct discover *d;
	const struct node *node;
	const struct discover_label_pair *at, *end;
	int result;
};

static int discover_label_run_inst(void *user, const struct store_inst *inst)
{
	struct discover_label_run *run = user;

	while (run->at < run->end && run->at->seq < inst->seq)
		run->at++;
	if (run->at == run->end)
		return 1;
	if (run->at->seq == inst->seq && (!inst->et || inst->et > run->d->req->now))
		run->result = discover_look(run->d, run->node, inst);
	return run->result;
}

static bool discover_label_is_dense(const struct discover_label_pair *first, size_t count)
{
	return count >= DISCOVER_LABEL_RUN && first->seq &&
	       first[count - 1].seq - first->seq < count * DISCOVER_LABEL_RUN;
}

static int discover_label_look_run(struct discover *d, const struct discover_label_pair *first, size_t count)
{
	const struct node *node = tree_by_no(&d->engine->tree, first->no);
	struct discover_label_run run = {d, node, first, first + count, 0};
	struct store *store = d->engine->store;

	if (!node || discover_is_hidden(d, node))
		return 0;
	if (store->ops->walk(store, first->no, first->seq, 1, false, discover_label_run_inst, &run) < 0)
		d->cut = true; /* the store has told its log; what was found so far is shown as cut */
	return run.result || d->cut;
}

/* Those that carry more than one of the labels were found more than once. */
static size_t discover_label_unique(struct discover_label_pair *pairs, size_t count)
{
	size_t kept = 0;

	qsort(pairs, count, sizeof(*pairs), discover_label_order);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || discover_label_order(&pairs[kept - 1], &pairs[i]) != 0)
			pairs[kept++] = pairs[i];
	}
	return kept;
}

static void discover_label_look_all(struct discover_label *label)
{
	struct discover_label_pair *pairs = (void *)label->pairs.ptr;
	size_t count = discover_label_unique(pairs, label->count), run;

	for (size_t i = 0; i < count; i += run) {
		for (run = 1; i + run < count && pairs[i].seq && pairs[i + run].no == pairs[i].no; run++)
			;
		if (discover_label_is_dense(pairs + i, run)) {
			if (discover_label_look_run(label->d, pairs + i, run))
				return;
			continue;
		}
		run = 1;
		if (discover_label_look(label->d, &pairs[i]))
			return;
	}
}

bool discover_label(struct discover *d)
{
	const struct filter_cond *lbl = filter_must(d->filter, FILTER_lbl);
	struct discover_label label = {.d = d};
	bool gathered;

	if (!lbl || d->filter->never)
		return d->filter->never;
	buf_init(&label.pairs, NULL);
	gathered = discover_label_gather(&label, lbl) == 0;
	if (gathered && label.count)
		discover_label_look_all(&label);
	buf_finish(&label.pairs);
	return gathered;
}
