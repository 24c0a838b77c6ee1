/* SPDX-License-Identifier: Apache-2.0 */
/* Fills in a type: its rows in one array, an index over them, and, for an announced twin, what of the
 * original it shows.   TS-0001 9.6.26, TS-0001 9.6.35 */
#include <assert.h>

#include "model/type_private.h"

#define ROWS_MOST 250 /* the index counts them in bytes, and 0 is taken */

static bool type_build_has(const struct attr *rows, size_t count, const struct attr *row)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].sn, row->sn) == 0)
			return true;
	return false;
}

/* The rows of the base and our own; of two with the same name ours counts. */
static size_t type_build_special(const struct build *build, struct attr *rows)
{
	size_t count = 0;

	for (size_t i = 0; i < build->from->attr_count; i++)
		if (!type_build_has(build->own, build->own_count, &build->from->attrs[i]))
			rows[count++] = build->from->attrs[i];
	for (size_t i = 0; i < build->own_count; i++) {
		rows[count] = build->own[i];
		/* An instance holds what has changed, and nobody but the CSE makes one. */
		if (build->form == TYPE_FORM_INSTANCE) {
			rows[count].create = rows[count].update = MAY_NO;
			rows[count].card = attr_is_list(&build->own[i]) ? CARD_LIST : CARD_OPT;
		}
		count++;
	}
	return count;
}

static bool type_build_is_universal(const struct attr *row)
{
	static const char *const names[] = {"ty", "ri", "rn", "pi", "ct", "lt"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(row->sn, names[i]) == 0)
			return true;
	return false;
}

/* What the twin has: the universal attributes, its link and expiration, and what is announced. An attribute
 * that every original has and that is always announced has to come with the CREATE; all others may. */
static size_t type_build_twin_rows(const struct build *build, struct attr *rows)
{
	const struct type *from = build->from;
	size_t count = 0;

	for (size_t i = 0; i < table_twin_attr_count; i++)
		rows[count++] = table_twin_attrs[i];
	for (size_t i = 0; i < from->attr_count; i++) {
		const struct attr *row = &from->attrs[i];
		bool universal = type_build_is_universal(row);
		bool must = row->announced == ANNOUNCED_ALWAYS && row->create == MAY_MUST &&
		            (row->card == CARD_ONE || row->card == CARD_ONELIST);

		if ((row->announced == ANNOUNCED_NEVER && !universal) || type_build_has(rows, count, row))
			continue;
		rows[count] = *row;
		rows[count].announced = ANNOUNCED_NEVER;
		if (strcmp(row->sn, "rn") == 0) {
			rows[count].create = MAY_MAY;
		} else if (!universal) {
			rows[count].create = must ? MAY_MUST : MAY_MAY;
			rows[count].update = MAY_MAY;
			if (!must)
				rows[count].card = attr_is_list(row) ? CARD_LIST : CARD_OPT;
		}
		count++;
	}
	return count;
}

static void type_build_index(struct type *type)
{
	size_t size = 16;
	uint8_t *index;

	type->musts = 0;
	while (size < type->attr_count * 2 && size < 256)
		size *= 2;
	index = arena_array(type_arena(), size, uint8_t);
	for (size_t i = 0; i < type->attr_count; i++) {
		struct slice sn = {type->attrs[i].sn, type->attrs[i].sn_len};
		size_t at = type_build_hash(sn) & (size - 1);

		while (index[at])
			at = (at + 1) & (size - 1);
		index[at] = (uint8_t)(i + 1);
		if (type->attrs[i].create == MAY_MUST)
			type->musts++;
	}
	type->index = index;
	type->index_mask = (uint8_t)(size - 1);
}

/* Below a twin may stand the normal and the announced form of each child.   TS-0023 6 */
static void type_build_child_roots(struct build *build)
{
	size_t count = build->from->child_root_count;
	const char **roots;

	if (!build->from->child_roots)
		return;
	roots = arena_array(type_arena(), count * 2 + 1, const char *);
	for (size_t i = 0; i < count; i++) {
		struct slice root = slice_of(build->from->child_roots[i]);
		const char *end = slice_starts(root, SLICE("m2m:")) ? "A" : "Annc";

		roots[2 * i] = root.ptr;
		roots[2 * i + 1] = arena_printf(type_arena(), "%s%s%c", root.ptr, end, 0).ptr;
	}
	build->type.child_roots = roots;
	build->type.child_root_count = count * 2;
}

void type_build_fill(struct build *build)
{
	struct attr rows[ROWS_MOST + 1], *copy;
	size_t count = 0;

	if (build->from && !build->from->attrs)
		type_build_fill((struct build *)(uintptr_t)build->from);
	switch (build->form) {
	case TYPE_FORM_TABLE:
		build->type.attrs = build->own;
		build->type.attr_count = build->own_count;
		break;
	case TYPE_FORM_SPECIAL:
	case TYPE_FORM_INSTANCE:
		count = type_build_special(build, rows);
		break;
	case TYPE_FORM_TWIN:
		count = type_build_twin_rows(build, rows);
		type_build_child_roots(build);
		break;
	}
	if (count) {
		assert(count < ROWS_MOST);
		copy = arena_array(type_arena(), count, struct attr);
		memcpy(copy, rows, count * sizeof rows[0]);
		build->type.attrs = copy;
		build->type.attr_count = count;
	}
	type_build_index(&build->type);
}

static const char *type_build_name(const char *name, const char *end)
{
	struct slice text = arena_printf(type_arena(), "%s%s%c", name, end, 0);

	return text.ptr;
}

struct build *type_build_twin(struct build *of)
{
	struct build *base = of->from ? (struct build *)(uintptr_t)of->from : of;
	struct build *twin;
	const char *end;

	if (of->twin || !type_has(&of->type, TRAIT_ANNOUNCEABLE) || of->form == TYPE_FORM_INSTANCE)
		return of->twin;
	/* TS-0004 writes "A"; the SDT models write "Annc". */
	end = strncmp(of->type.root, "m2m:", 4) == 0 || of->type.number == TYPE_MGO ? "A" : "Annc";
	twin = arena_new(type_arena(), struct build);
	twin->form = TYPE_FORM_TWIN;
	twin->from = &of->type;
	twin->type = of->type;
	twin->type.attrs = NULL;
	twin->type.number = of->type.number + TYPE_ANNOUNCED;
	twin->type.sn = type_build_name(of->type.sn, end);
	twin->type.ln = type_build_name(of->type.ln, "Annc");
	twin->type.root = type_build_name(of->type.root, end);
	twin->type.traits = (of->type.traits & TRAIT_SPECIALIZED) | TRAIT_RECORD;
	twin->type.original = &of->type;
	twin->type.children = base->children->numbers;
	twin->type.child_count = base->children->count;
	of->twin = twin;
	return twin;
}

struct build *type_build_instance(struct build *of)
{
	const struct type *fci = type_find(TYPE_FCI);
	struct build *instance;

	if (of->instance || of->type.number != TYPE_FCNT || of->form != TYPE_FORM_SPECIAL)
		return of->instance;
	instance = arena_new(type_arena(), struct build);
	instance->form = TYPE_FORM_INSTANCE;
	instance->from = fci;
	instance->own = of->own;
	instance->own_count = of->own_count;
	instance->type = *fci;
	instance->type.attrs = NULL;
	instance->type.sn = type_build_name(of->type.sn, "Inst");
	instance->type.ln = type_build_name(of->type.ln, "Inst");
	instance->type.root = type_build_name(of->type.root, "Inst");
	instance->type.definition = of->type.definition;
	of->instance = instance;
	return instance;
}
