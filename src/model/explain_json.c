/* SPDX-License-Identifier: Apache-2.0 */
/* The tables for programs: console forms, command-line completion, other people's tools. */
#include "model/explain.h"

#include "codec/json.h"
#include "model/prim.h"
#include "model/rsc.h"

static void explain_member(struct buf *buf, const char *name, const char *text)
{
	char last = buf->len ? buf->ptr[buf->len - 1] : 0;

	if (last != '{' && last != '[')
		buf_add_char(buf, ',');
	json_write_str(buf, slice_of(name));
	buf_add_char(buf, ':');
	json_write_str(buf, slice_of(text));
}

static void explain_member_int(struct buf *buf, const char *name, long long n)
{
	char last = buf->len ? buf->ptr[buf->len - 1] : 0;

	buf_printf(buf, "%s\"%s\":%lld", last == '{' ? "" : ",", name, n);
}

static void explain_json_attr(struct buf *buf, const struct attr *attr)
{
	static const char *const many[] = {"ONE", "OPT", "LIST", "ONELIST"};
	static const char *const may[] = {"MUST", "MAY", "NO"};
	static const char *const announced[] = {"NEVER", "ALWAYS", "ASKED"};

	buf_add_char(buf, '{');
	explain_member(buf, "sn", attr->sn);
	explain_member(buf, "ln", attr->ln);
	explain_member(buf, "kind", kind_word(attr->kind));
	if (attr->in)
		explain_member(buf, "in", attr->in->name);
	if (attr->shape)
		explain_member(buf, "of", attr->shape->name);
	explain_member(buf, "many", many[attr->card]);
	explain_member(buf, "create", may[attr->create]);
	explain_member(buf, "update", may[attr->update]);
	explain_member(buf, "announced", announced[attr->announced]);
	explain_member(buf, "doc", attr->doc);
	buf_add_char(buf, '}');
}

static void explain_json_attrs(struct buf *buf, const struct attr *attrs, size_t count,
                               const struct type *but)
{
	bool first = true;

	buf_add_char(buf, '[');
	for (size_t i = 0; i < count; i++) {
		if (but && type_attr(but, slice_of(attrs[i].sn)))
			continue;
		if (!first)
			buf_add_char(buf, ',');
		explain_json_attr(buf, &attrs[i]);
		first = false;
	}
	buf_add_char(buf, ']');
}

/* In the form of sdt/: only what is not common to all flexContainers. */
static void explain_json_definition(struct buf *buf, const struct type *type)
{
	buf_add_char(buf, '{');
	explain_member(buf, "root", type->root);
	explain_member(buf, "name", type->ln);
	explain_member(buf, "kind", type->doc);
	if (type->definition)
		explain_member(buf, "cnd", type->definition);
	buf_add_lit(buf, ",\"attributes\":");
	explain_json_attrs(buf, type->attrs, type->attr_count, type_find(TYPE_FCNT));
	if (type->child_roots) {
		buf_add_lit(buf, ",\"children\":[");
		for (size_t i = 0; i < type->child_root_count; i++) {
			if (i)
				buf_add_char(buf, ',');
			json_write_str(buf, slice_of(type->child_roots[i]));
		}
		buf_add_char(buf, ']');
	}
	buf_add_char(buf, '}');
}

static bool explain_is_definition(const struct type *type)
{
	return type->number == TYPE_FCNT && type != type_find(TYPE_FCNT);
}

void explain_json_type(struct buf *buf, const struct type *type)
{
	if (explain_is_definition(type)) {
		explain_json_definition(buf, type);
		return;
	}
	buf_add_char(buf, '{');
	explain_member_int(buf, "number", type->number);
	explain_member(buf, "sn", type->sn);
	explain_member(buf, "name", type->ln);
	explain_member(buf, "root", type->root);
	explain_member(buf, "doc", type->doc);
	if (type->definition)
		explain_member(buf, type->number % TYPE_ANNOUNCED == TYPE_MGO ? "mgd" : "cnd",
		               type->definition);
	if (type->original)
		explain_member(buf, "original", type->original->root);
	buf_add_lit(buf, ",\"attributes\":");
	explain_json_attrs(buf, type->attrs, type->attr_count, NULL);
	buf_add_lit(buf, ",\"children\":[");
	for (size_t i = 0; i < type->child_count; i++)
		buf_printf(buf, "%s%u", i ? "," : "", (unsigned)type->children[i]);
	buf_add_lit(buf, "]}");
}

static void explain_json_types(struct buf *buf, bool definitions)
{
	bool first = true;
	size_t at = 0;

	for (const struct type *type; (type = type_next(&at));) {
		if (explain_is_definition(type) != definitions)
			continue;
		buf_add(buf, ",\n", first ? 0 : 2);
		explain_json_type(buf, type);
		first = false;
	}
}

static void explain_json_values(struct buf *buf)
{
	const struct enumeration *in;
	const struct shape *shape;
	size_t at = 0;

	buf_add_lit(buf, "],\n\"shapes\":[");
	while ((shape = shape_next(&at))) {
		buf_add(buf, ",\n", at == 1 ? 0 : 2);
		buf_add_char(buf, '{');
		explain_member(buf, "name", shape->name);
		explain_member(buf, "doc", shape->doc);
		buf_add_lit(buf, ",\"members\":");
		explain_json_attrs(buf, shape->members, shape->count, NULL);
		buf_add_char(buf, '}');
	}
	buf_add_lit(buf, "],\n\"enumerations\":[");
	at = 0;
	while ((in = enumeration_next(&at))) {
		buf_add(buf, ",\n", at == 1 ? 0 : 2);
		buf_add_char(buf, '{');
		explain_member(buf, "name", in->name);
		explain_member(buf, "doc", in->doc);
		buf_add_lit(buf, ",\"values\":[");
		for (size_t i = 0; i < in->count; i++) {
			buf_add(buf, ",", i ? 1 : 0);
			buf_add_char(buf, '{');
			explain_member_int(buf, "number", (long long)in->values[i].number);
			explain_member(buf, "name", in->values[i].name);
			buf_add_char(buf, '}');
		}
		buf_add_lit(buf, "]}");
	}
}

static void explain_json_prims(struct buf *buf)
{
	static const char *const how[] = {"TEXT", "INT", "BOOL", "TIME", "LIST", "INTS", "OBJECT"};
	static const char *const direction[] = {"", "REQ", "RSP", "BOTH"};
	const struct filter_row *filter;
	size_t at = 0;

	buf_add_lit(buf, "],\n\"parameters\":[");
	for (size_t i = 0; i < PRIM_COUNT; i++) {
		buf_add(buf, ",\n", i ? 2 : 0);
		buf_add_char(buf, '{');
		explain_member(buf, "sn", prim_rows[i].sn);
		explain_member(buf, "ln", prim_rows[i].ln);
		explain_member(buf, "how", how[prim_rows[i].how]);
		explain_member(buf, "header", prim_rows[i].header);
		explain_member(buf, "query", prim_rows[i].query);
		explain_member(buf, "direction", direction[prim_rows[i].direction]);
		buf_add_char(buf, '}');
	}
	buf_add_lit(buf, "],\n\"filters\":[");
	while ((filter = filter_row_next(&at))) {
		buf_add(buf, ",\n", at == 1 ? 0 : 2);
		buf_add_char(buf, '{');
		explain_member(buf, "sn", filter->sn);
		explain_member(buf, "ln", filter->ln);
		explain_member(buf, "how", how[filter->how]);
		buf_printf(buf, ",\"multi\":%s}", filter->multi ? "true" : "false");
	}
	buf_add_lit(buf, "],\n\"codes\":[");
	for (int rsc = 0; (rsc = rsc_next(rsc));) {
		buf_add(buf, ",\n", rsc == 1000 ? 0 : 2);
		buf_add_char(buf, '{');
		explain_member_int(buf, "number", rsc);
		explain_member(buf, "name", rsc_name(rsc));
		explain_member_int(buf, "http", rsc_http(rsc));
		explain_member_int(buf, "coap", rsc_coap(rsc));
		explain_member(buf, "sentence", rsc_sentence(rsc));
		buf_add_char(buf, '}');
	}
}

void explain_json(struct buf *buf)
{
	buf_add_lit(buf, "{\"types\":[");
	explain_json_types(buf, false);
	buf_add_lit(buf, "],\n\"definitions\":[");
	explain_json_types(buf, true);
	explain_json_values(buf);
	explain_json_prims(buf);
	buf_add_lit(buf, "]}\n");
}
