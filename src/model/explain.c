/* SPDX-License-Identifier: Apache-2.0 */
/* Plain pages: a line of heads, a line a row, the columns as wide as their widest word. */
#include "model/explain.h"

#include <stdio.h>

#include "model/prim.h"
#include "model/rsc.h"

#define COLUMNS_MOST 8
#define ROWS_MOST    500

/* A table of text, to be measured before it is printed. */
struct explain_table {
	struct arena arena; /* of the table itself and the words in it */
	size_t columns, rows;
	struct slice (*cells)[COLUMNS_MOST];
};

static void explain_row(struct explain_table *table, const char *const *cells)
{
	if (table->rows == ROWS_MOST)
		return;
	for (size_t i = 0; i < table->columns; i++)
		table->cells[table->rows][i] = arena_copy(&table->arena, slice_of(cells[i]));
	table->rows++;
}

static void explain_begin(struct explain_table *table, const char *const *heads)
{
	*table = (struct explain_table){.rows = 0};
	arena_init(&table->arena);
	table->cells = arena_zero(&table->arena, ROWS_MOST, sizeof *table->cells);
	while (heads[table->columns])
		table->columns++;
	explain_row(table, heads);
}

static void explain_end(struct explain_table *table, struct buf *buf)
{
	size_t width[COLUMNS_MOST] = {0};

	for (size_t r = 0; r < table->rows; r++)
		for (size_t c = 0; c < table->columns; c++)
			if (table->cells[r][c].len > width[c])
				width[c] = table->cells[r][c].len;
	for (size_t r = 0; r < table->rows; r++) {
		buf_add_lit(buf, "  ");
		for (size_t c = 0; c < table->columns; c++) {
			buf_add_slice(buf, table->cells[r][c]);
			for (size_t i = table->cells[r][c].len; c + 1 < table->columns && i < width[c] + 2;
			     i++)
				buf_add_char(buf, ' ');
		}
		buf_add_char(buf, '\n');
	}
	arena_finish(&table->arena);
}

struct explain_words explain_attr(const struct attr *attr)
{
	static const char *const many[] = {"1", "0..1", "0..n", "1..n"};
	static const char *const may[] = {"must", "may", "no"};
	static const char *const announced[] = {"never", "always", "asked"};
	struct explain_words words;

	snprintf(words.kind, sizeof words.kind, "%s%s", attr_is_list(attr) ? "list of " : "",
	         attr->in      ? attr->in->name
	         : attr->shape ? attr->shape->name
	                       : kind_word(attr->kind));
	words.many = many[attr->card];
	words.create = may[attr->create];
	words.update = may[attr->update];
	words.announced = announced[attr->announced];
	return words;
}

static void explain_attrs(struct buf *buf, const struct attr *attrs, size_t count)
{
	static const char *const heads[] = {"name",      "kind",      "many",       "create", "update",
	                                    "announced", "long name", "what it is", NULL};
	struct explain_table table;

	explain_begin(&table, heads);
	for (size_t i = 0; i < count; i++) {
		const struct attr *attr = &attrs[i];
		struct explain_words words = explain_attr(attr);
		const char *const cells[] = {attr->sn,     words.kind,      words.many, words.create,
		                             words.update, words.announced, attr->ln,   attr->doc};

		explain_row(&table, cells);
	}
	explain_end(&table, buf);
}

/* A line that is broken before it gets too long. */
static void explain_word(struct buf *buf, size_t *column, const char *word)
{
	size_t len = strlen(word);

	if (*column + len > 96) {
		buf_add_lit(buf, "\n   ");
		*column = 3;
	}
	buf_printf(buf, " %s", word);
	*column += len + 1;
}

static void explain_family(struct buf *buf, const struct type *type)
{
	size_t column = 100, at = 0;

	if (type->child_count)
		buf_add_lit(buf, "\nChildren:");
	for (size_t i = 0; i < type->child_count; i++)
		explain_word(buf, &column, type_find(type->children[i])->sn);
	column = 100;
	if (type->child_root_count)
		buf_add_lit(buf, "\n\nChildren of its model:");
	for (size_t i = 0; i < type->child_root_count; i++)
		explain_word(buf, &column, type->child_roots[i]);
	column = 100;
	buf_add_lit(buf, "\n\nParents:");
	for (const struct type *parent; (parent = type_next(&at));)
		if (parent == type_find(parent->number) && type_may_hold(parent, type->number))
			explain_word(buf, &column, parent->sn);
	buf_add_char(buf, '\n');
}

void explain_type(struct buf *buf, const struct type *type)
{
	const struct type *twin = type_twin(type);

	buf_printf(buf, "%s (%s, type %u)%s%s\n\nRoot: %s", type->ln, type->sn, (unsigned)type->number,
	           type->doc[0] ? ": " : "", type->doc, type->root);
	if (type->definition)
		buf_printf(buf, "   %s: %s", type->number % TYPE_ANNOUNCED == TYPE_MGO ? "mgd" : "cnd",
		           type->definition);
	if (type->original)
		buf_printf(buf, "   announced copy of: %s", type->original->sn);
	if (twin)
		buf_printf(buf, "   announced as: %s (%u)", twin->root, (unsigned)twin->number);
	if (type_has(type, TRAIT_SPECIALIZED) && !type->definition && !type->original)
		buf_add_lit(buf, "\nA resource is always of one of its specializations.");
	if (type_has(type, TRAIT_RECORD))
		buf_add_lit(buf, "\nThe table is there; what the type does is not yet.");
	buf_add_lit(buf, "\n\nAttributes:\n");
	explain_attrs(buf, type->attrs, type->attr_count);
	explain_family(buf, type);
}

void explain_shape(struct buf *buf, const struct shape *shape)
{
	static const char *const heads[] = {"name", "kind", "many", "long name", "what it is", NULL};
	struct explain_table table;

	buf_printf(buf, "%s: %s\n\nMembers:\n", shape->name, shape->doc);
	explain_begin(&table, heads);
	for (size_t i = 0; i < shape->count; i++) {
		const struct attr *member = &shape->members[i];
		struct explain_words words = explain_attr(member);
		const char *const cells[] = {member->sn, words.kind, words.many, member->ln, member->doc};

		explain_row(&table, cells);
	}
	explain_end(&table, buf);
}

void explain_enum(struct buf *buf, const struct enumeration *in)
{
	buf_printf(buf, "%s: %s\n\nValues:\n", in->name, in->doc);
	for (size_t i = 0; i < in->count; i++)
		buf_printf(buf, "%7lld  %s\n", (long long)in->values[i].number, in->values[i].name);
}

void explain_types(struct buf *buf)
{
	static const char *const heads[] = {"name", "number", "root", "long name", "what it is", NULL};
	struct explain_table table;
	char number[16];
	size_t at = 0;

	explain_begin(&table, heads);
	for (const struct type *type; (type = type_next(&at));) {
		const char *const cells[] = {type->sn, number, type->root, type->ln, type->doc};

		snprintf(number, sizeof number, "%u", (unsigned)type->number);
		if (!type->original)
			explain_row(&table, cells);
	}
	explain_end(&table, buf);
}

static const char *explain_how(enum prim_how how)
{
	static const char *const words[] = {"text", "number",          "true or false", "time",
	                                    "list", "list of numbers", "object"};

	return words[how];
}

void explain_params(struct buf *buf)
{
	static const char *const heads[] = {"name", "kind", "in", "HTTP header", "query", "long name", NULL};
	static const char *const in[] = {"", "request", "response", "both"};
	struct explain_table table;

	explain_begin(&table, heads);
	for (size_t i = 0; i < PRIM_COUNT; i++) {
		const struct prim_row *row = &prim_rows[i];
		const char *const cells[] = {
		        row->sn, explain_how(row->how), in[row->direction], row->header, row->query, row->ln};

		explain_row(&table, cells);
	}
	explain_end(&table, buf);
}

void explain_filters(struct buf *buf)
{
	static const char *const heads[] = {"name", "kind", "times", "long name", "what it is", NULL};
	const struct shape *shape = shape_find(SLICE("filterCriteria"));
	const struct filter_row *row;
	struct explain_table table;
	size_t at = 0;

	explain_begin(&table, heads);
	while ((row = filter_row_next(&at))) {
		const struct attr *member = shape_member(shape, slice_of(row->sn));
		const char *const cells[] = {row->sn, explain_how(row->how), row->multi ? "many" : "one",
		                             row->ln, member ? member->doc : ""};

		explain_row(&table, cells);
	}
	explain_end(&table, buf);
}

void explain_codes(struct buf *buf)
{
	for (int rsc = 0; (rsc = rsc_next(rsc));)
		buf_printf(buf, "  %d  %-50s HTTP %d  %s\n", rsc, rsc_name(rsc), rsc_http(rsc),
		           rsc_sentence(rsc));
}

void explain_kinds(struct buf *buf)
{
	static const char *const heads[] = {"kind", "what it is", "in the standard", NULL};
	struct explain_table table;

	explain_begin(&table, heads);
	for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
		const char *const cells[] = {kind_word((enum kind)kind), kind_doc((enum kind)kind),
		                             kind_name((enum kind)kind)};

		explain_row(&table, cells);
	}
	explain_end(&table, buf);
}

void explain_names(struct buf *buf)
{
	const struct enumeration *in;
	const struct shape *shape;
	size_t at = 0;

	buf_add_lit(buf, "Enumerations:\n");
	while ((in = enumeration_next(&at)))
		buf_printf(buf, "  %-32s %s\n", in->name, in->doc);
	buf_add_lit(buf, "\nShapes:\n");
	at = 0;
	while ((shape = shape_next(&at)))
		buf_printf(buf, "  %-32s %s\n", shape->name, shape->doc);
}
