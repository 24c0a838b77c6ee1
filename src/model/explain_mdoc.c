/* SPDX-License-Identifier: Apache-2.0 */
/* The tables as sections of a man page, in mdoc. Every text is escaped: a '.' or ''' at the beginning of a
 * line and a backslash mean something to troff. */
#include "model/explain.h"
#include "model/prim.h"
#include "model/rsc.h"

static void explain_mdoc_text(struct buf *buf, const char *text)
{
	if (*text == '.' || *text == '\'')
		buf_add_lit(buf, "\\&");
	for (; *text; text++) {
		if (*text == '\\')
			buf_add_lit(buf, "\\e");
		else if (*text == '-')
			buf_add_lit(buf, "\\-");
		else
			buf_add_char(buf, *text);
	}
}

/* An item of a tagged list; a word such as "in" or "ta" may be the name of a macro, so it is made plain. */
static void explain_mdoc_item(struct buf *buf, const char *word)
{
	buf_add_lit(buf, ".It Cm \\&");
	explain_mdoc_text(buf, word);
	buf_add_char(buf, '\n');
}

static void explain_mdoc_type(struct buf *buf, const struct type *type)
{
	buf_add_lit(buf, ".Ss ");
	explain_mdoc_text(buf, type->ln);
	buf_printf(buf, " (%s, %u)\n", type->sn, (unsigned)type->number);
	explain_mdoc_text(buf, type->doc);
	buf_add_lit(buf, ".\n.Bl -tag -width \"xxxxx\" -compact\n");
	for (size_t i = 0; i < type->attr_count; i++) {
		const struct attr *attr = &type->attrs[i];
		struct explain_words words = explain_attr(attr);

		explain_mdoc_item(buf, attr->sn);
		explain_mdoc_text(buf, attr->doc);
		buf_printf(buf, "\n(%s, %s; create %s, update %s)\n", words.kind, words.many, words.create,
		           words.update);
	}
	buf_add_lit(buf, ".El\n");
}

void explain_mdoc_types(struct buf *buf)
{
	size_t at = 0;

	buf_add_lit(buf, ".Sh RESOURCE TYPES\n");
	for (const struct type *type; (type = type_next(&at));)
		if (!type->original && !type_has(type, TRAIT_RECORD) && type == type_find(type->number))
			explain_mdoc_type(buf, type);
}

void explain_mdoc_params(struct buf *buf)
{
	buf_add_lit(buf, ".Sh PARAMETERS\n.Bl -tag -width \"xxxxx\" -compact\n");
	for (size_t i = 0; i < PRIM_COUNT; i++) {
		explain_mdoc_item(buf, prim_rows[i].sn);
		explain_mdoc_text(buf, prim_rows[i].ln);
		if (prim_rows[i].header[0]) {
			buf_add_lit(buf, "; header\n");
			explain_mdoc_text(buf, prim_rows[i].header);
		}
		if (prim_rows[i].query[0]) {
			buf_add_lit(buf, "; query key\n");
			explain_mdoc_text(buf, prim_rows[i].query);
		}
		buf_add_char(buf, '\n');
	}
	buf_add_lit(buf, ".El\n");
}

void explain_mdoc_codes(struct buf *buf)
{
	buf_add_lit(buf, ".Sh RESPONSE STATUS CODES\n.Bl -tag -width \"xxxx\" -compact\n");
	for (int rsc = 0; (rsc = rsc_next(rsc));) {
		buf_printf(buf, ".It %d\n%s (HTTP %d):\n", rsc, rsc_name(rsc), rsc_http(rsc));
		explain_mdoc_text(buf, rsc_sentence(rsc));
		buf_add_char(buf, '\n');
	}
	buf_add_lit(buf, ".El\n");
}
