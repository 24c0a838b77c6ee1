/* SPDX-License-Identifier: Apache-2.0 */
/* The tree itself: nodes, their indexes, and the row that each change leaves in the store's batch. It knows
 * names and numbers, not meanings: what a type does stands in type/. */
#include "engine/tree.h"

#include <stdlib.h>

#include "base/mem.h"
#include "codec/json.h"
#include "engine/expire.h"
#include "engine/tree_private.h"

enum { NUMBERS_TAKEN_AT_ONCE = 1024 };

static uint64_t hash_no(uint64_t no)
{
	no *= 0x9e3779b97f4a7c15u;
	return no ^ (no >> 29);
}

static uint64_t hash_name(const struct tree *tree, const struct node *parent, struct slice rn)
{
	return slice_hash(rn, tree->seed ^ hash_no(parent->no));
}

void tree_init(struct tree *tree, struct engine *engine, struct store *store, struct timers *timers)
{
	*tree = (struct tree){.engine = engine, .store = store, .timers = timers, .next_no = 1};
	map_init(&tree->by_ri);
	map_init(&tree->by_name);
	map_init(&tree->by_no);
	map_init(&tree->by_label);
	map_init(&tree->owners);
	tree->seed = (uint64_t)(uintptr_t)tree ^ (uint64_t)clock_wall_steady() * 0x9e3779b97f4a7c15u;
	tree->acp_epoch = 1;
}

/* ---- indexes ---- */

static bool match_label(const void *value, const void *key)
{
	return slice_is(((const struct label *)value)->text, *(const struct slice *)key);
}

static struct label *label_find(const struct tree *tree, struct slice text)
{
	return map_find(&tree->by_label, slice_hash(text, tree->seed), match_label, &text);
}

static void label_add(struct tree *tree, struct node *node, struct slice text)
{
	struct label *label = label_find(tree, text);
	if (!label) {
		label = mem_zero(1, sizeof(*label) + text.len);
		label->text = slice_make((char *)(label + 1), text.len);
		if (text.len)
			memcpy(label + 1, text.ptr, text.len);
		map_add(&tree->by_label, slice_hash(text, tree->seed), label);
	}
	struct label_ref *ref = mem_zero(1, sizeof(*ref));
	*ref = (struct label_ref){label, node, node->labels, NULL, label->refs};
	if (label->refs)
		label->refs->previous = ref;
	label->refs = ref;
	node->labels = ref;
}

static void labels_clear(struct tree *tree, struct node *node)
{
	while (node->labels) {
		struct label_ref *ref = node->labels;
		struct label *label = ref->label;
		node->labels = ref->of_node;
		if (ref->previous)
			ref->previous->next = ref->next;
		else
			label->refs = ref->next;
		if (ref->next)
			ref->next->previous = ref->previous;
		free(ref);
		if (!label->refs) {
			map_remove(&tree->by_label, slice_hash(label->text, tree->seed), label);
			free(label);
		}
	}
}

void tree_index_labels(struct tree *tree, struct node *node, struct slice body)
{
	labels_clear(tree, node);
	/* Bodies without the word need no reading: most have no labels. */
	if (!body.len || !memmem(body.ptr, body.len, "\"lbl\":", 6))
		return;
	struct arena arena;
	arena_init(&arena);
	const struct val *labels = val_find(node_body(node, &arena), "lbl");
	if (labels)
		val_each (labels, label)
			if (label->kind == VAL_STR)
				label_add(tree, node, label->text);
	arena_finish(&arena);
}

static void link_child(struct node *parent, struct node *node)
{
	node->prev = parent->last;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	parent->child_count++;
	if (node->type->number == TYPE_SUB) {
		parent->sub_count++;
		if (!parent->subs)
			parent->subs = node;
	}
}

static void unlink_child(struct node *node)
{
	struct node *parent = node->parent;
	if (node->prev)
		node->prev->next = node->next;
	else
		parent->first = node->next;
	if (node->next)
		node->next->prev = node->prev;
	else
		parent->last = node->prev;
	parent->child_count--;
	if (node->type->number != TYPE_SUB)
		return;
	parent->sub_count--;
	if (parent->subs == node) {
		struct node *next = node->next;
		while (next && next->type->number != TYPE_SUB)
			next = next->next;
		parent->subs = next;
	}
}

/* ---- making ---- */

uint64_t tree_take_no(struct tree *tree)
{
	uint64_t no = tree->next_no++;
	if (tree->next_no > tree->reserved_no) {
		tree->reserved_no = tree->next_no + NUMBERS_TAKEN_AT_ONCE;
		if (tree->base)
			tree_put(tree, tree->base);
	}
	return no;
}

char *tree_print_no(char *end, uint64_t no)
{
	do
		*--end = "0123456789abcdefghijklmnopqrstuvwxyz"[no % 36];
	while (no /= 36);
	return end;
}

struct slice tree_name_of(const struct type *type, uint64_t no, struct arena *arena)
{
	char digits[16], *end = digits + sizeof(digits), *at = tree_print_no(end, no);
	return arena_printf(arena, "%s-%.*s", type->sn, (int)(end - at), at);
}

static struct slice put_text(char **at, struct slice s)
{
	char *to = *at;
	if (s.len)
		memcpy(to, s.ptr, s.len);
	*at += s.len;
	return slice_make(to, s.len);
}

struct slice tree_heap_copy(struct slice s)
{
	if (!s.len)
		return (struct slice){NULL, 0};
	char *copy = mem_take(s.len);
	memcpy(copy, s.ptr, s.len);
	return slice_make(copy, s.len);
}

struct node *tree_make(struct tree *tree, const struct node_seed *seed)
{
	struct node *node = mem_zero(1, sizeof(*node) + seed->ri.len + seed->rn.len);
	char *text = (char *)(node + 1);
	node->no = seed->no;
	node->parent = seed->parent;
	node->type = seed->type;
	node->ct = node->lt = seed->ct;
	node->et = seed->et;
	node->ri = put_text(&text, seed->ri);
	node->rn = put_text(&text, seed->rn);
	node->account = owner_add(&tree->owners, tree->seed, seed->owner, seed->type->number == TYPE_SUB);
	if (node->account)
		node->owner = node->account->id;
	node->body = tree_heap_copy(seed->body);
	node->expire.run = expire_node;
	map_add(&tree->by_no, hash_no(node->no), node);
	map_add(&tree->by_ri, slice_hash(node->ri, tree->seed), node);
	if (node->parent) {
		map_add(&tree->by_name, hash_name(tree, node->parent, node->rn), node);
		link_child(node->parent, node);
	} else {
		tree->base = node;
	}
	if (node->type->number == TYPE_ACP)
		tree->acp_epoch++;
	if (node->et)
		timer_set(tree->timers, &node->expire, node->et);
	tree_index_labels(tree, node, node->body);
	tree->nodes++;
	return node;
}

struct node *tree_add(struct tree *tree, const struct node_seed *seed)
{
	struct arena arena;
	arena_init(&arena);
	struct node_seed whole = *seed;
	if (!whole.no)
		whole.no = tree_take_no(tree);
	while (!whole.ri.len) {
		whole.ri = tree_name_of(whole.type, whole.no, &arena);
		if (tree_by_ri(tree, whole.ri) ||
		    (!whole.rn.len && tree_child(tree, whole.parent, whole.ri))) {
			whole.no = tree_take_no(tree);
			whole.ri.len = 0;
		}
	}
	if (!whole.rn.len)
		whole.rn = whole.ri;
	struct node *node = tree_make(tree, &whole);
	tree_put(tree, node);
	arena_finish(&arena);
	return node;
}

/* ---- changing ---- */

void tree_put(struct tree *tree, struct node *node)
{
	struct buf buf;
	buf_init(&buf, NULL);
	tree_write_row_body(tree, node, &buf);
	const struct store_row row = {
	        .no = node->no,
	        .parent = node->parent ? node->parent->no : 0,
	        .ty = node->type->number,
	        .ct = node->ct,
	        .lt = node->lt,
	        .et = node->et,
	        .ri = node->ri,
	        .rn = node->rn,
	        .body = buf_slice(&buf),
	};
	tree->store->ops->put(tree->store, &row);
	buf_finish(&buf);
}

void tree_change(struct tree *tree, struct node *node, struct slice body, int64_t lt, int64_t et)
{
	struct slice old = node->body;
	node->body = tree_heap_copy(body);
	node->lt = lt;
	if (node->et != et) {
		node->et = et;
		if (et)
			timer_set(tree->timers, &node->expire, et);
		else
			timer_clear(tree->timers, &node->expire);
	}
	tree_index_labels(tree, node, node->body);
	free((char *)old.ptr);
	node->acps_epoch = 0;
	tree_put(tree, node);
}

void tree_touch(struct tree *tree, struct node *node, int64_t lt)
{
	node->lt = lt;
	tree_put(tree, node);
}

void tree_unmake(struct tree *tree, struct node *node)
{
	labels_clear(tree, node);
	timer_clear(tree->timers, &node->expire);
	map_remove(&tree->by_no, hash_no(node->no), node);
	map_remove(&tree->by_ri, slice_hash(node->ri, tree->seed), node);
	if (node->parent) {
		map_remove(&tree->by_name, hash_name(tree, node->parent, node->rn), node);
		unlink_child(node);
	} else {
		tree->base = NULL;
	}
	if (node->type->number == TYPE_ACP)
		tree->acp_epoch++;
	tree->nodes--;
	owner_remove(&tree->owners, tree->seed, node->account, node->type->number == TYPE_SUB);
	free(node->acps);
	free((char *)node->body.ptr);
	free(node);
}

/* ---- finding ---- */

static bool match_no(const void *value, const void *key)
{
	return ((const struct node *)value)->no == *(const uint64_t *)key;
}

static bool match_ri(const void *value, const void *key)
{
	return slice_is(((const struct node *)value)->ri, *(const struct slice *)key);
}

struct name_key {
	const struct node *parent;
	struct slice rn;
};

static bool match_name(const void *value, const void *key)
{
	const struct node *node = value;
	const struct name_key *name = key;
	return node->parent == name->parent && slice_is(node->rn, name->rn);
}

struct node *tree_by_no(const struct tree *tree, uint64_t no)
{
	return map_find(&tree->by_no, hash_no(no), match_no, &no);
}

struct node *tree_by_ri(const struct tree *tree, struct slice ri)
{
	return map_find(&tree->by_ri, slice_hash(ri, tree->seed), match_ri, &ri);
}

struct node *tree_child(const struct tree *tree, const struct node *parent, struct slice rn)
{
	const struct name_key key = {parent, rn};
	return map_find(&tree->by_name, hash_name(tree, parent, rn), match_name, &key);
}

struct node *tree_find(const struct tree *tree, const struct id_self *self, struct slice address)
{
	struct id_to to;
	if (id_read_to(self, address, &to, NULL) || !to.here)
		return NULL;
	struct slice rest = to.path, part;
	struct node *node = tree->base;
	if (!slice_cut(&rest, '/', &part))
		return node;
	if (!slice_is(part, self->name) && !slice_is(part, SLICE("-")))
		node = tree_by_ri(tree, part);
	while (node && slice_cut(&rest, '/', &part))
		node = tree_child(tree, node, part);
	return node;
}

bool tree_is_below(const struct node *node, const struct node *root)
{
	while (node && node != root)
		node = node->parent;
	return node != NULL;
}

unsigned tree_depth(const struct node *node, const struct node *root)
{
	unsigned depth = 0;
	for (; node && node != root; node = node->parent)
		depth++;
	return depth;
}

struct slice tree_path(const struct node *node, struct arena *arena)
{
	size_t len = 0;
	for (const struct node *n = node; n; n = n->parent)
		len += n->rn.len + 1;
	char *text = arena_take(arena, len);
	char *at = text + len;
	for (const struct node *n = node; n; n = n->parent) {
		*--at = '/';
		at -= n->rn.len;
		memcpy(at, n->rn.ptr, n->rn.len);
	}
	return slice_make(text, len - 1);
}

static int walk_refs(const struct label *label, int (*fn)(void *user, struct node *node), void *user)
{
	for (const struct label_ref *ref = label ? label->refs : NULL; ref; ref = ref->next) {
		int r = fn(user, ref->node);
		if (r)
			return r;
	}
	return 0;
}

int tree_walk_label(const struct tree *tree, struct slice text, int (*fn)(void *user, struct node *node),
                    void *user)
{
	if (!text.len || !memchr(text.ptr, '*', text.len))
		return walk_refs(label_find(tree, text), fn, user);
	size_t at = 0;
	const struct label *label;
	while ((label = map_next(&tree->by_label, &at))) {
		int r = slice_matches(label->text, text) ? walk_refs(label, fn, user) : 0;
		if (r)
			return r;
	}
	return 0;
}

struct val *node_body(const struct node *node, struct arena *arena)
{
	struct slice text = arena_printf(arena, "{%.*s}", SLICE_ARG(node->body));
	struct val *v;
	if (json_read(arena, text, &json_limits_own, NULL, &v))
		return val_obj(arena); /* cannot be: we wrote it */
	return v;
}

struct val *node_attr(const struct node *node, struct slice sn, struct arena *arena)
{
	return val_get(node_body(node, arena), sn);
}
