/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody types a word: what could he mean? The first thing of that name, in the order in which people ask.
 */
#include "model/explain.h"
#include "model/prim.h"
#include "model/rsc.h"

static bool explain_find_list(struct buf *buf, struct slice what)
{
	static const struct {
		const char *word;
		void (*explain)(struct buf *buf);
	} lists[] = {{"types", explain_types}, {"parameters", explain_params}, {"filters", explain_filters},
	             {"codes", explain_codes}, {"kinds", explain_kinds},       {"names", explain_names}};

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (slice_is_text(what, lists[i].word)) {
			lists[i].explain(buf);
			return true;
		}
	return false;
}

static bool explain_find_code(struct buf *buf, int rsc)
{
	for (int next = 0; (next = rsc_next(next));)
		if (next == rsc) {
			buf_printf(buf, "%d %s: %s\n\nHTTP: %d   CoAP: %d.%02d\n", rsc, rsc_name(rsc),
			           rsc_sentence(rsc), rsc_http(rsc), rsc_coap(rsc) / 100,
			           rsc_coap(rsc) % 100);
			return true;
		}
	return false;
}

static bool explain_find_number(struct buf *buf, uint64_t number)
{
	const struct type *type = number <= UINT32_MAX ? type_find((uint32_t)number) : NULL;

	if (type) {
		explain_type(buf, type);
		return true;
	}
	return number <= 9999 && explain_find_code(buf, (int)number);
}

static bool explain_find_code_name(struct buf *buf, struct slice what)
{
	for (int rsc = 0; (rsc = rsc_next(rsc));)
		if (slice_is_text(what, rsc_name(rsc)))
			return explain_find_code(buf, rsc);
	return false;
}

static bool explain_find_prim(struct buf *buf, struct slice what)
{
	static const char *const in[] = {"", "requests", "responses", "requests and responses"};
	bool found = false;

	for (size_t i = 0; i < PRIM_COUNT; i++) {
		const struct prim_row *row = &prim_rows[i];

		if (!slice_is_text(what, row->sn) && !slice_is_text(what, row->ln))
			continue;
		buf_printf(buf, "%s (%s): a parameter of %s%s%s%s%s\n", row->ln, row->sn, in[row->direction],
		           row->header[0] ? "; HTTP header " : "", row->header,
		           row->query[0] ? "; query key " : "", row->query);
		found = true;
	}
	return found;
}

/* The attribute, and the types that have it; those with the same words share a line. */
static bool explain_find_attr(struct buf *buf, struct slice what)
{
	const char *last = NULL;
	size_t at = 0;

	for (const struct type *type; (type = type_next(&at));) {
		const struct type *plain = type_find(type->number); /* a specialization tells only its own */

		for (size_t i = 0; !type->original && i < type->attr_count; i++) {
			const struct attr *attr = &type->attrs[i];

			if ((!slice_is_text(what, attr->sn) && !slice_is_text(what, attr->ln)) ||
			    (plain != type && type_attr(plain, slice_of(attr->sn))))
				continue;
			if (!last || strcmp(last, attr->doc) != 0)
				buf_printf(buf, "%s%s (%s, %s): %s\n  attribute of", last ? "\n" : "",
				           attr->ln, attr->sn, explain_attr(attr).kind, attr->doc);
			last = attr->doc;
			buf_printf(buf, " %s", plain != type ? type->root : type->sn);
		}
	}
	if (last)
		buf_add_char(buf, '\n');
	return last != NULL;
}

static bool explain_find_value(struct buf *buf, struct slice what)
{
	const struct enumeration *in = enumeration_find(what);
	const struct shape *shape = shape_find(what);

	if (in)
		explain_enum(buf, in);
	if (shape)
		explain_shape(buf, shape);
	for (unsigned kind = 0; kind < KIND_COUNT && !in && !shape; kind++)
		if (slice_is_text(what, kind_word((enum kind)kind))) {
			buf_printf(buf, "%s: %s (%s in the standard)\n", kind_word((enum kind)kind),
			           kind_doc((enum kind)kind), kind_name((enum kind)kind));
			return true;
		}
	return in || shape;
}

bool explain_find(struct buf *buf, struct slice what)
{
	const struct type *type;
	uint64_t number;
	bool found;

	if (explain_find_list(buf, what))
		return true;
	if (slice_u64(what, &number))
		return explain_find_number(buf, number);
	type = type_by_name(what);
	if (type) {
		explain_type(buf, type);
		return true;
	}
	if (explain_find_value(buf, what) || explain_find_code_name(buf, what))
		return true;
	found = explain_find_prim(buf, what);
	return explain_find_attr(buf, what) || found;
}
