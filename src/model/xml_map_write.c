/* SPDX-License-Identifier: Apache-2.0 */
/* Values to XML, in one pass. Each value is written the way its form says when reading would give it back,
 * else with a hint; so whoever changes one of xml_map_read.c and this must look at the other. Depth is
 * bounded by what was read or built, so this may recurse. */
#include "codec/json.h"
#include "codec/xml.h"
#include "model/xml_form.h"
#include "model/xml_map.h"

#define WRITE_PREFIXES 16 /* namespaces of one document; names with further ones are json:member */

struct writer {
	struct buf *buf;
	struct arena arena; /* for VAL_JSON and odd texts */
	struct slice prefixes[WRITE_PREFIXES];
	int prefix_count;
};

/* ---- names and texts ---- */

/* Notes that the prefix must be declared; false: no room. */
static bool write_use(struct writer *w, struct slice prefix)
{
	for (int i = 0; i < w->prefix_count; i++)
		if (slice_is(w->prefixes[i], prefix))
			return true;
	if (w->prefix_count == WRITE_PREFIXES)
		return false;
	w->prefixes[w->prefix_count++] = prefix;
	return true;
}

/* "m2m:cnt", "mni": a name we can write as it is? */
static bool write_is_qname(struct writer *w, struct slice name)
{
	const char *colon = name.len ? memchr(name.ptr, ':', name.len) : NULL;
	struct slice prefix;

	if (!colon)
		return xml_form_is_name(name);
	prefix = slice_make(name.ptr, (size_t)(colon - name.ptr));
	return xml_form_is_name(prefix) && xml_form_is_name(slice_skip(name, prefix.len + 1)) &&
	       !slice_is(prefix, SLICE("json")) && !slice_is(prefix, SLICE("xsi")) && write_use(w, prefix);
}

/* With the escapes of JSON, so that XML can hold it. */
static void write_escaped(struct writer *w, struct slice text)
{
	struct slice rest;
	struct buf json;
	const char *odd;
	size_t n;

	buf_init(&json, &w->arena);
	json_write_str(&json, text);
	rest = slice_make(json.ptr + 1, json.len - 2);
	/* What XML does not have, but JSON: U+FFFE and U+FFFF. */
	while ((odd = memmem(rest.ptr, rest.len, "\xef\xbf", 2))) {
		n = (size_t)(odd - rest.ptr);
		if (n + 2 < rest.len && (unsigned char)odd[2] >= 0xbe) {
			xml_write_quoted(w->buf, slice_make(rest.ptr, n));
			buf_add(w->buf, (unsigned char)odd[2] == 0xbe ? "\\ufffe" : "\\uffff", 6);
		} else {
			xml_write_quoted(w->buf, slice_make(rest.ptr, n + 3));
		}
		rest = slice_skip(rest, n + 3);
	}
	xml_write_quoted(w->buf, rest);
}

/* "<name", without its end; false: the name is no name, and the element is json:member. */
static bool write_open(struct writer *w, struct slice name)
{
	if (write_is_qname(w, name)) {
		buf_add_char(w->buf, '<');
		buf_add_slice(w->buf, name);
		return true;
	}
	write_use(w, SLICE("json"));
	buf_add_lit(w->buf, "<json:member json:name=\"");
	write_escaped(w, name);
	buf_add_char(w->buf, '"');
	return false;
}

static void write_close(struct writer *w, struct slice name, bool named)
{
	buf_add_lit(w->buf, "</");
	buf_add_slice(w->buf, named ? name : SLICE("json:member"));
	buf_add_char(w->buf, '>');
}

static void write_hint(struct writer *w, struct slice prefix, const char *hint)
{
	write_use(w, SLICE("xsi"));
	write_use(w, prefix);
	buf_add_lit(w->buf, " xsi:type=\"");
	buf_add_slice(w->buf, prefix);
	buf_add_char(w->buf, ':');
	buf_add_slice(w->buf, slice_of(hint));
	buf_add_char(w->buf, '"');
}

static void write_hint_xs(struct writer *w, const char *hint)
{
	write_hint(w, SLICE("xs"), hint);
}

static void write_hint_json(struct writer *w, const char *hint)
{
	write_hint(w, SLICE("json"), hint);
}

/* ---- values ---- */

static void write_member(struct writer *w, const struct xml_place *place, const struct val *v);

static bool write_has_blank(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr(" \t\n\r", text.ptr[i]))
			return true;
	return text.len == 0;
}

static void write_number_hint(struct writer *w, struct slice text)
{
	bool point = false, exponent = false;

	for (size_t i = 0; i < text.len; i++) {
		point |= text.ptr[i] == '.';
		exponent |= (text.ptr[i] | 0x20) == 'e';
	}
	write_hint_xs(w, exponent ? "double" : point ? "decimal" : "integer");
}

/* A string, number or truth; behind "<name". */
static void write_simple(struct writer *w, const struct xml_form *form, bool in_list, const struct val *v)
{
	struct slice text = v->text;

	switch ((int)v->kind) {
	case VAL_TRUE:
	case VAL_FALSE:
		text = v->kind == VAL_TRUE ? SLICE("true") : SLICE("false");
		if (form->is != XML_IS_TRUTH)
			write_hint_xs(w, "boolean");
		break;
	case VAL_NUM:
		if (form->is != XML_IS_NUMBER && form->is != XML_IS_OBJECT)
			write_number_hint(w, text);
		break;
	default:
		if (!xml_can_hold(text)) {
			write_hint_json(w, "escaped");
			buf_add_char(w->buf, '>');
			write_escaped(w, text);
			return;
		}
		if (form->is != XML_IS_TEXT || (text.len == 0 && !form->keeps) ||
		    (in_list && write_has_blank(text)))
			write_hint_xs(w, "string");
		break;
	}
	buf_add_char(w->buf, '>');
	xml_write_text(w->buf, text);
}

/* Does this member of an object travel as an XML attribute? */
static bool write_is_attribute(const struct xml_form *form, const struct val *v)
{
	enum xml_is is;

	if (!xml_form_is_attribute(&form->inside, form->refers, v->name) ||
	    (v->kind != VAL_STR && v->kind != VAL_NUM))
		return false;
	is = xml_form_of(&form->inside, v->name).is;
	return v->kind == VAL_NUM ? is == XML_IS_NUMBER : is == XML_IS_TEXT && xml_can_hold(v->text);
}

/* The val of a reference as the text of its element: when it is all that is left. */
static bool write_is_reference(const struct xml_form *form, const struct val *v, uint32_t left)
{
	return form->refers && left == 1 && v->count > 1 && slice_is(v->last->name, SLICE("val")) &&
	       v->last->kind == VAL_STR && v->last->text.len > 0 && !write_has_blank(v->last->text) &&
	       xml_can_hold(v->last->text);
}

/* The attributes, and what stands inside; behind "<name". False when nothing does. */
static bool write_object(struct writer *w, const struct xml_form *form, const struct val *v)
{
	uint32_t left = v->count;

	val_each (v, child) {
		if (!write_is_attribute(form, child))
			continue;
		buf_add_char(w->buf, ' ');
		buf_add_slice(w->buf, child->name);
		buf_add_lit(w->buf, "=\"");
		xml_write_quoted(w->buf, child->text);
		buf_add_char(w->buf, '"');
		left--;
	}
	if (v->count == 0 && !(form->keeps && form->is == XML_IS_OBJECT))
		write_hint_json(w, "object");
	if (left == 0)
		return false;
	buf_add_char(w->buf, '>');
	if (write_is_reference(form, v, left)) {
		xml_write_text(w->buf, v->last->text);
		return true;
	}
	val_each (v, child)
		if (!write_is_attribute(form, child))
			write_member(w, &form->inside, child);
	return true;
}

static void write_single(struct writer *w, const struct xml_form *form, struct slice name, bool in_list,
                         const struct val *v);

/* An array where none is expected: json:array, with an element for each. */
static bool write_array(struct writer *w, const struct xml_form *form, const struct val *v)
{
	struct xml_form each = *form;

	each.keeps = false;
	write_hint_json(w, "array");
	if (v->count == 0)
		return false;
	buf_add_char(w->buf, '>');
	val_each (v, child)
		write_single(w, &each, SLICE("item"), false, child);
	return true;
}

static const struct val *write_expand(struct writer *w, const struct val *v)
{
	struct val *read;

	if (v->kind != VAL_JSON)
		return v;
	if (json_read(&w->arena, v->text, &json_limits_own, NULL, &read))
		return val_new(&w->arena, VAL_NULL); /* cannot be: we wrote it */
	return read;
}

/* One element, whatever v is. */
static void write_single(struct writer *w, const struct xml_form *form, struct slice name, bool in_list,
                         const struct val *v)
{
	bool named = write_open(w, name), filled = true;

	v = write_expand(w, v);
	switch (v->kind) {
	case VAL_NULL:
	case VAL_JSON:
	case VAL_KIND_COUNT:
		if (form->keeps || in_list)
			write_hint_json(w, "null");
		filled = false;
		break;
	case VAL_FALSE:
	case VAL_TRUE:
	case VAL_NUM:
	case VAL_STR:
		write_simple(w, form, in_list, v);
		break;
	case VAL_OBJ:
		filled = write_object(w, form, v);
		break;
	case VAL_ARR:
		filled = write_array(w, form, v);
		break;
	}
	if (filled)
		write_close(w, name, named);
	else
		buf_add_lit(w->buf, "/>");
}

/* ---- lists ---- */

/* Can the members stand in one element, with blanks between? */
static bool write_is_plain_list(const struct xml_form *form, const struct val *v)
{
	if (form->is == XML_IS_OBJECT)
		return false;
	val_each (v, child) {
		bool fits = form->is == XML_IS_NUMBER  ? child->kind == VAL_NUM
		            : form->is == XML_IS_TRUTH ? child->kind == VAL_TRUE || child->kind == VAL_FALSE
		                                       : child->kind == VAL_STR;

		if (!fits ||
		    (child->kind == VAL_STR && (write_has_blank(child->text) || !xml_can_hold(child->text))))
			return false;
	}
	return true;
}

static void write_plain_list(struct writer *w, struct slice name, const struct val *v)
{
	bool named = write_open(w, name);

	buf_add_char(w->buf, '>');
	val_each (v, child) {
		if (child != v->first)
			buf_add_char(w->buf, ' ');
		if (child->kind == VAL_TRUE)
			buf_add_lit(w->buf, "true");
		else if (child->kind == VAL_FALSE)
			buf_add_lit(w->buf, "false");
		else
			xml_write_text(w->buf, child->text);
	}
	write_close(w, name, named);
}

/* Can the members be elements of the same name, one after the other? */
static bool write_is_repeatable(const struct xml_form *form, const struct val *v)
{
	if (form->alone)
		return false;
	val_each (v, child)
		if (child->kind == VAL_ARR || child->kind == VAL_NULL)
			return false;
	return true;
}

/* What is no list where one is expected. */
static void write_no_list(struct writer *w, const struct xml_form *each, bool keeps, struct slice name,
                          const struct val *v)
{
	bool named = write_open(w, name);

	if (v->kind == VAL_NULL) {
		if (keeps)
			write_hint_json(w, "null");
		buf_add_lit(w->buf, "/>");
		return;
	}
	write_hint_json(w, "value");
	buf_add_char(w->buf, '>');
	write_single(w, each, SLICE("item"), false, v);
	write_close(w, name, named);
}

static void write_list(struct writer *w, const struct xml_form *form, struct slice name, const struct val *v)
{
	struct xml_form each = *form;

	each.list = each.keeps = false;
	if (v->kind != VAL_ARR) {
		write_no_list(w, &each, form->keeps, name, v);
	} else if (v->count == 0 && form->keeps) {
		write_open(w, name);
		buf_add_lit(w->buf, "/>");
	} else if (v->count == 0 || (!write_is_plain_list(form, v) && !write_is_repeatable(form, v))) {
		write_single(w, &each, name, false, v);
	} else if (write_is_plain_list(form, v)) {
		write_plain_list(w, name, v);
	} else {
		val_each (v, child)
			write_single(w, &each, name, true, child);
	}
}

static void write_member(struct writer *w, const struct xml_place *place, const struct val *v)
{
	struct xml_form form = xml_form_of(place, v->name);

	if (form.list)
		write_list(w, &form, v->name, write_expand(w, v));
	else
		write_single(w, &form, v->name, false, v);
}

/* ---- the document ---- */

/* xmlns:... for all prefixes, put where the name of the root ends. */
static void write_declarations(struct writer *w, size_t at)
{
	struct buf text;
	size_t behind = w->buf->len - at;

	buf_init(&text, &w->arena);
	for (int i = 0; i < w->prefix_count; i++) {
		struct slice ns = xml_form_namespace(w->prefixes[i]);

		buf_add_lit(&text, " xmlns:");
		buf_add_slice(&text, w->prefixes[i]);
		buf_add_lit(&text, "=\"");
		if (ns.len == 0)
			buf_add_lit(&text, XML_FORM_JSON ":prefix:");
		buf_add_slice(&text, ns.len ? ns : w->prefixes[i]);
		buf_add_char(&text, '"');
	}
	buf_room(w->buf, text.len);
	memmove(w->buf->ptr + at + text.len, w->buf->ptr + at, behind);
	if (text.len)
		memcpy(w->buf->ptr + at, text.ptr, text.len);
	w->buf->len += text.len;
}

void xml_map_write(struct buf *buf, const struct val *v)
{
	static const struct xml_place nowhere = {0};
	struct writer w = {.buf = buf};
	size_t at;

	arena_init(&w.arena);
	buf_add_lit(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	at = buf->len;
	v = write_expand(&w, v);
	if (v->kind == VAL_OBJ && v->count == 1) {
		write_member(&w, &nowhere, v->first);
	} else {
		struct xml_form form = {.is = XML_IS_TEXT};

		write_use(&w, SLICE("json"));
		buf_add_lit(buf, "<json:root>");
		write_single(&w, &form, SLICE("item"), false, v);
		buf_add_lit(buf, "</json:root>");
	}
	while (at < buf->len && !strchr(" />", buf->ptr[at]))
		at++;
	write_declarations(&w, at);
	arena_finish(&w.arena);
}
