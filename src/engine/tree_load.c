/* SPDX-License-Identifier: Apache-2.0 */
/* From the store into memory and out again: what stands in a row beside the attributes, loading at start, and
 * taking whole subtrees away. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "codec/json.h"
#include "engine/box.h"
#include "engine/deliver.h"
#include "engine/engine_private.h"
#include "engine/tree_private.h"
#include "engine/type_ops.h"

void tree_write_row_body(const struct tree *tree, const struct node *node, struct buf *buf)
{
	if (node->owner.len) {
		buf_add_lit(buf, "\"@by\":");
		json_write_str(buf, node->owner);
	}
	if (type_has(node->type, TRAIT_SPECIALIZED)) {
		buf_add(buf, ",", buf->len ? 1 : 0);
		buf_add_lit(buf, "\"@root\":");
		json_write_str(buf, slice_of(node->type->root));
	}
	if (!node->parent) {
		buf_add(buf, ",", buf->len ? 1 : 0);
		buf_printf(buf, "\"@no\":%llu", (unsigned long long)tree->reserved_no);
	}
	if (node->body.len) {
		buf_add(buf, ",", buf->len ? 1 : 0);
		buf_add_slice(buf, node->body);
	}
}

/* What a row holds beside the attributes. */
struct row_extra {
	struct slice owner, root, body;
	uint64_t reserved;
};

static int read_row_body(struct arena *arena, struct slice text, struct row_extra *ret)
{
	struct val *v;
	if (json_read(arena, arena_printf(arena, "{%.*s}", SLICE_ARG(text)), &json_limits_own, NULL, &v))
		return fault(-EBADMSG, "a row's attributes cannot be read");
	*ret = (struct row_extra){0};
	struct val *rest = val_obj(arena);
	for (struct val *member = v->first, *next; member; member = next) {
		next = member->next;
		if (slice_is(member->name, SLICE("@by")))
			ret->owner = member->text;
		else if (slice_is(member->name, SLICE("@root")))
			ret->root = member->text;
		else if (slice_is(member->name, SLICE("@no")))
			(void)val_is_uint(member, &ret->reserved);
		else
			val_put(rest, member->name, (member->next = NULL, member));
	}
	struct buf buf;
	buf_init(&buf, arena);
	json_write_members(&buf, rest);
	ret->body = buf_slice(&buf);
	return 0;
}

static const struct type *row_type(const struct store_row *row, const struct row_extra *extra)
{
	const struct type *type = extra->root.len ? type_by_root(extra->root) : NULL;
	if (!type) {
		type = type_find(row->ty);
		if (extra->root.len)
			log_warn("engine",
			         "no definition for %.*s any more: resource %.*s is kept without it",
			         SLICE_ARG(extra->root), SLICE_ARG(row->ri));
	}
	return type;
}

static int load_row(void *user, const struct store_row *row)
{
	struct tree *tree = user;
	struct arena arena;
	arena_init(&arena);
	struct row_extra extra;
	int r = read_row_body(&arena, row->body, &extra);
	const struct type *type = r ? NULL : row_type(row, &extra);
	struct node *parent = row->parent ? tree_by_no(tree, row->parent) : NULL;
	if (!r && (!type || (row->parent && !parent)))
		r = fault(-EBADMSG, "row %llu: unknown type %u or parent %llu missing; try dure fsck",
		          (unsigned long long)row->no, row->ty, (unsigned long long)row->parent);
	if (!r) {
		const struct node_seed seed = {.parent = parent,
		                               .type = type,
		                               .no = row->no,
		                               .ct = row->ct,
		                               .et = row->et,
		                               .ri = row->ri,
		                               .rn = row->rn,
		                               .owner = extra.owner,
		                               .body = extra.body};
		struct node *node = tree_make(tree, &seed);
		node->lt = row->lt;
		if (!parent)
			node->extra = tree->engine; /* the way home for timers */
		if (row->no >= tree->next_no)
			tree->next_no = row->no + 1;
		if (extra.reserved > tree->next_no)
			tree->next_no = extra.reserved;
		if (type_attr(type, SLICE("st")))
			box_create(tree, node);
	}
	arena_finish(&arena);
	return r;
}

static int load_box(void *user, const struct store_box *stored)
{
	struct tree *tree = user;
	struct node *node = tree_by_no(tree, stored->no);
	if (!node || !node->box)
		return fault(-EBADMSG, "box %llu belongs to no container; try dure fsck",
		             (unsigned long long)stored->no);
	node->box->s = *stored;
	node->lt = stored->lt > node->lt ? stored->lt : node->lt;
	tree->instances += stored->cni;
	if (stored->cni) {
		node->box->has_names = true; /* not known: the store is asked */
		/* The oldest's expiry is looked up a little later, spread out, so that starting stays quick.
		 */
		timer_set(tree->timers, &node->box->expire,
		          clock_now() + 1000000 + (int64_t)(node->no % 997) * 10000);
	}
	return 0;
}

static int compile_all(struct tree *tree)
{
	size_t at = 0;
	struct node *node;
	while ((node = map_next(&tree->by_no, &at))) {
		const struct type_ops *ops = type_ops_find(node->type->number);
		struct why why = {0};
		if (!ops || !ops->compile)
			continue;
		int r = ops->compile(tree->engine, node, &why);
		if (r < 0)
			return r;
		if (r > 0)
			log_warn("engine", "resource %.*s does not compile: %s", SLICE_ARG(node->ri),
			         why.text);
	}
	tree->compiled = true;
	return 0;
}

static int load_note(void *user, const struct store_note *note)
{
	struct tree *tree = user;
	/* Notes come last and need their subscriptions ready. */
	int r = tree->compiled ? 0 : compile_all(tree);
	if (!r)
		deliver_restore(tree->engine->deliver, note);
	return r;
}

int tree_load(struct tree *tree)
{
	const struct store_reader reader = {load_row, load_box, load_note, tree};
	int r = tree->store->ops->load(tree->store, &reader);
	tree->reserved_no = tree->next_no;
	return r || tree->compiled ? r : compile_all(tree);
}

/* ---- taking away ---- */

static void forget(struct tree *tree, struct node *node)
{
	const struct type_ops *ops = type_ops_find(node->type->number);
	if (ops && ops->forget)
		ops->forget(tree->engine, node);
	if (node->box)
		box_destroy(tree, node->box);
	tree_unmake(tree, node);
}

void tree_remove(struct tree *tree, struct node *node, void (*each)(struct engine *engine, struct node *node))
{
	for (struct node *leaf = node;;) {
		while (leaf->last)
			leaf = leaf->last;
		struct node *up = leaf->parent;
		bool was_root = leaf == node;
		if (each)
			each(tree->engine, leaf);
		tree->store->ops->remove(tree->store, leaf->no);
		forget(tree, leaf);
		if (was_root)
			return;
		leaf = up;
	}
}

void tree_finish(struct tree *tree)
{
	struct node *node = tree->base;
	while (node) {
		while (node->last)
			node = node->last;
		struct node *up = node->parent;
		forget(tree, node);
		node = up;
	}
	map_finish(&tree->by_ri);
	map_finish(&tree->by_name);
	map_finish(&tree->by_no);
	map_finish(&tree->by_label);
	map_finish(&tree->owners);
}
