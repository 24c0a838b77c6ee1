/* SPDX-License-Identifier: Apache-2.0 */
/* The registry of types: found by number, by root name, by definition. It is built once at start and grows
 * only when an operator loads further definitions. */
#include "model/type_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

#define TYPE_NUMBERS 128 /* numbers of spec/types are below this */

/* The tables, once built. */
static struct {
	bool ready;
	struct arena arena;
	struct map by_root, by_definition;
	struct build **list; /* in the order of registration */
	size_t count, cap;
	struct build *plain[TYPE_NUMBERS], *twins[TYPE_NUMBERS];
} all;

static uint64_t type_hash(struct slice s)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.ptr[i]) * 0x100000001b3;
	return hash ^ hash >> 32;
}

static bool type_match_root(const void *value, const void *key)
{
	const struct build *build = value;

	const struct slice *root = key;

	return build->root_len == root->len && memcmp(build->type.root, root->ptr, root->len) == 0;
}

static bool type_match_definition(const void *value, const void *key)
{
	const struct build *build = value;

	return slice_is_text(*(const struct slice *)key, build->type.definition);
}

static struct build *type_lookup(struct slice root)
{
	return map_find(&all.by_root, type_hash(root), type_match_root, &root);
}

static const struct type *type_filled(struct build *build)
{
	if (!build)
		return NULL;
	if (!build->type.attrs)
		type_build_fill(build);
	return &build->type;
}

struct arena *type_arena(void)
{
	return &all.arena;
}

bool type_register(struct build *build)
{
	struct slice root = slice_of(build->type.root);
	struct slice definition = slice_of(build->type.definition);

	if (type_lookup(root))
		return false;
	build->root_len = root.len;
	map_add(&all.by_root, type_hash(root), build);
	if (definition.len && build->type.number == TYPE_FCNT)
		map_add(&all.by_definition, type_hash(definition), build);
	if (all.count == all.cap) {
		all.cap = all.cap ? all.cap * 2 : 512;
		all.list = mem_grow(all.list, all.cap, sizeof(*all.list));
	}
	all.list[all.count++] = build;
	return true;
}

static void type_init_table(void)
{
	for (size_t i = 0; i < table_type_count; i++) {
		const struct table_type *row = &table_types[i];
		struct build *build = arena_new(&all.arena, struct build);

		build->form = TYPE_FORM_TABLE;
		build->own = row->attrs;
		build->own_count = row->attr_count;
		build->children = &table_twin_children[i];
		build->type = (struct type){.number = row->number,
		                            .sn = row->sn,
		                            .ln = row->ln,
		                            .root = row->root,
		                            .traits = row->traits,
		                            .doc = row->doc,
		                            .children = table_children[i].numbers,
		                            .child_count = table_children[i].count};
		all.plain[row->number] = build;
		if (!type_register(build))
			abort();
	}
}

static void type_init_mgmt(void)
{
	struct build *base = all.plain[TYPE_MGO];

	for (size_t i = 0; i < table_mgmt_count; i++) {
		const struct table_mgmt *row = &table_mgmts[i];
		struct build *build = arena_new(&all.arena, struct build);

		build->form = TYPE_FORM_SPECIAL;
		build->from = type_filled(base);
		build->own = row->attrs;
		build->own_count = row->attr_count;
		build->type = base->type;
		build->type.attrs = NULL;
		build->type.sn = row->sn;
		build->type.ln = row->ln;
		build->type.root = row->root;
		build->type.doc = row->doc;
		build->type.definition = row->definition;
		if (!type_register(build))
			abort();
	}
}

static void type_init_twins(void)
{
	size_t count = all.count;

	for (size_t i = 0; i < count; i++) {
		struct build *twin = type_build_twin(all.list[i]);

		if (!twin)
			continue;
		if (!type_register(twin))
			abort();
		if (all.list[i]->form == TYPE_FORM_TABLE)
			all.twins[all.list[i]->type.number] = twin;
	}
}

/* What is compiled in was tried by the tests: a refusal here is our own mistake. */
static void type_init_definitions(void)
{
	struct slice rest = {(const char *)type_embedded, type_embedded_len}, text;
	struct why why = {0};

	while (slice_cut(&rest, '\0', &text)) {
		if (type_load_text(text, &why) != 0) {
			fprintf(stderr, "model: the definitions compiled in are broken: %s\n", why.text);
			abort();
		}
	}
}

void type_init(void)
{
	if (all.ready)
		return;
	all.ready = true;
	arena_init(&all.arena);
	map_init(&all.by_root);
	map_init(&all.by_definition);
	type_init_table();
	type_init_mgmt();
	type_init_twins();
	type_init_definitions();
}

const struct type *type_find(uint32_t number)
{
	if (number < TYPE_NUMBERS)
		return type_filled(all.plain[number]);
	number -= TYPE_ANNOUNCED;
	return number < TYPE_NUMBERS ? type_filled(all.twins[number]) : NULL;
}

/* "cod:binShAnnc" and "cod:binShInst" are made of "cod:binSh" when they are first seen. */
static struct build *type_derived(struct slice root)
{
	static const struct slice annc = {"Annc", 4}, inst = {"Inst", 4}, a = {"A", 1};
	struct slice end = root.len > 4 ? slice_skip(root, root.len - 4) : root;
	struct build *of, *derived;

	if (slice_is(end, annc) || slice_is(end, inst))
		root.len -= 4;
	else if (root.len > 1 && slice_is(slice_skip(root, root.len - 1), a))
		root.len--;
	else
		return NULL;
	of = type_lookup(root);
	if (!of || of->type.number != TYPE_FCNT || of->form != TYPE_FORM_SPECIAL)
		return NULL;
	derived = slice_is(end, inst) ? type_build_instance(of) : type_build_twin(of);
	root = slice_make(root.ptr, root.len + (slice_is(end, annc) || slice_is(end, inst) ? 4 : 1));
	return derived && slice_is_text(root, derived->type.root) ? derived : NULL;
}

const struct type *type_by_root(struct slice root)
{
	struct build *build = type_lookup(root);

	return type_filled(build ? build : type_derived(root));
}

const struct type *type_by_definition(struct slice cnd)
{
	return type_filled(map_find(&all.by_definition, type_hash(cnd), type_match_definition, &cnd));
}

const struct type *type_by_name(struct slice name)
{
	const struct type *type = type_by_root(name);

	if (type)
		return type;
	for (size_t i = 0; i < all.count; i++)
		if (slice_is_text(name, all.list[i]->type.sn) || slice_is_text(name, all.list[i]->type.ln))
			return type_filled(all.list[i]);
	return NULL;
}

const struct type *type_next(size_t *at)
{
	return *at < all.count ? type_filled(all.list[(*at)++]) : NULL;
}

static struct build *type_build_of(const struct type *type)
{
	return (struct build *)(uintptr_t)type; /* the type is the build's first member */
}

const struct type *type_twin(const struct type *type)
{
	return type_filled(type_build_twin(type_build_of(type)));
}

const struct type *type_instance(const struct type *flex_container)
{
	return type_filled(type_build_instance(type_build_of(flex_container)));
}

/* Short names are two to six letters: shorter than the call of memcmp. */
static inline bool type_same(const char *a, const char *b, size_t len)
{
	size_t i = 0;

	while (i < len && a[i] == b[i])
		i++;
	return i == len;
}

const struct attr *type_attr(const struct type *type, struct slice sn)
{
	unsigned at = type_build_hash(sn) & type->index_mask;

	while (type->index[at]) {
		const struct attr *attr = &type->attrs[type->index[at] - 1];

		if (attr->sn_len == sn.len && type_same(attr->sn, sn.ptr, sn.len))
			return attr;
		at = (at + 1) & type->index_mask;
	}
	return NULL;
}

bool type_may_hold(const struct type *parent, uint32_t child_number)
{
	for (size_t i = 0; i < parent->child_count; i++)
		if (parent->children[i] == child_number)
			return true;
	return false;
}
