/* SPDX-License-Identifier: Apache-2.0 */
/* XML to values. What a name's text becomes, its form says; xsi:type overrules it. Depth and number of values
 * are bounded as in JSON, depth by the value tree and not by the elements. */
#include "codec/json.h"
#include "codec/xml.h"
#include "model/rsc.h"
#include "model/xml_form.h"
#include "model/xml_map.h"

#define READ_SEARCH 32 /* members looked at for a list that goes on behind other members */

struct reader {
	struct arena *arena;
	struct why *why;
	unsigned values_left, depth_left;
};

/* The one element at hand: its plain attributes counted, the others understood. */
struct looked {
	enum xml_hint hint;
	bool has_attrs;
	struct slice name; /* json:name; ptr NULL: none */
};

static int read_refuse(const struct reader *r, const struct xml_elem *e, const char *sentence)
{
	return refuse(r->why, RSC_BAD_REQUEST, "line %u: %.*s: %s", e->line,
	              e->name.len > 60 ? 60 : (int)e->name.len, e->name.ptr, sentence);
}

static void read_look(const struct xml_elem *e, struct looked *ret)
{
	*ret = (struct looked){0};
	for (const struct xml_attr *attr = e->attrs; attr; attr = attr->next) {
		if (attr->ns.len == 0)
			ret->has_attrs = true;
		else if (slice_is(attr->ns, SLICE(XML_FORM_JSON)) && slice_is(attr->name, SLICE("name")))
			ret->name = attr->value.ptr ? attr->value : SLICE("");
		else if (!slice_is(attr->ns, SLICE(XML_FORM_XSI)))
			ret->has_attrs |= !slice_is(attr->prefix, SLICE("xml"));
		else if (slice_is(attr->name, SLICE("type")))
			ret->hint = xml_form_hint(attr->value);
		else if (slice_is(attr->name, SLICE("nil")) && slice_is(attr->value, SLICE("true")))
			ret->hint = XML_HINT_NULL;
	}
}

static int read_new(struct reader *r, const struct xml_elem *e, enum val_kind kind, struct slice text,
                    struct val **ret)
{
	if (r->values_left == 0)
		return read_refuse(r, e, "more values than are allowed here");
	r->values_left--;
	*ret = val_new(r->arena, kind);
	(*ret)->text = text;
	return 0;
}

/* ---- text ---- */

static bool read_is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static struct slice read_trim(struct slice text)
{
	while (text.len > 0 && read_is_blank(text.ptr[0]))
		text = slice_skip(text, 1);
	while (text.len > 0 && read_is_blank(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

/* The kind that JSON would give the text, when it is a number (or a truth, as XML writes it too). */
static enum val_kind read_kind(struct reader *r, enum xml_is is, struct slice text)
{
	struct val *v = NULL;

	if (is == XML_IS_TRUTH) {
		if (slice_is(text, SLICE("true")) || slice_is(text, SLICE("1")))
			return VAL_TRUE;
		return slice_is(text, SLICE("false")) || slice_is(text, SLICE("0")) ? VAL_FALSE : VAL_STR;
	}
	if (is == XML_IS_TEXT || text.len == 0 ||
	    (text.ptr[0] != '-' && (text.ptr[0] < '0' || text.ptr[0] > '9')))
		return VAL_STR;
	return json_read(r->arena, text, NULL, NULL, &v) == 0 && v->kind == VAL_NUM ? VAL_NUM : VAL_STR;
}

/* A text that is there: as the form has it, else as a string. */
static int read_word(struct reader *r, const struct xml_elem *e, enum xml_is is, struct slice text,
                     struct val **ret)
{
	struct slice trimmed = read_trim(text);
	enum val_kind kind = read_kind(r, is, trimmed);

	return read_new(r, e, kind, kind == VAL_NUM ? trimmed : kind == VAL_STR ? text : SLICE(""), ret);
}

static int read_escaped(struct reader *r, const struct xml_elem *e, struct slice text, struct slice *ret)
{
	struct slice json = arena_printf(r->arena, "\"%.*s\"", SLICE_ARG(text));
	struct val *v = NULL;

	if (json_read(r->arena, json, NULL, NULL, &v) || v->kind != VAL_STR)
		return read_refuse(r, e, "the text is not escaped like a string of JSON");
	*ret = v->text;
	return 0;
}

/* The text of an element without hint. */
static int read_text(struct reader *r, const struct xml_elem *e, const struct xml_form *form,
                     struct val **ret)
{
	bool empty = form->is == XML_IS_TEXT ? e->text.len == 0 : read_trim(e->text).len == 0;

	if (!empty)
		return read_word(r, e, form->is, e->text, ret);
	if (!form->keeps || form->is == XML_IS_NUMBER || form->is == XML_IS_TRUTH)
		return read_new(r, e, VAL_NULL, SLICE(""), ret);
	return read_new(r, e, form->is == XML_IS_OBJECT ? VAL_OBJ : VAL_STR, SLICE(""), ret);
}

/* ---- names ---- */

static struct slice read_join(struct reader *r, struct slice prefix, struct slice name)
{
	char *text = arena_take(r->arena, prefix.len + 1 + name.len);

	memcpy(text, prefix.ptr, prefix.len);
	text[prefix.len] = ':';
	memcpy(text + prefix.len + 1, name.ptr, name.len);
	return slice_make(text, prefix.len + 1 + name.len);
}

/* The name as JSON has it. Where a default namespace was declared, which the standard's elements do not want,
 * names that the place knows are plain, and so are those that nobody knows. */
static int read_name(struct reader *r, const struct xml_place *place, const struct xml_elem *e,
                     const struct looked *looked, struct slice *ret)
{
	struct slice prefix = e->ns.len ? xml_form_prefix(e->ns) : e->ns, full;

	*ret = e->name;
	if (looked->name.ptr)
		return read_escaped(r, e, looked->name, ret);
	if (e->ns.len == 0)
		return 0;
	if (prefix.len == 0)
		prefix = e->prefix;
	if (prefix.len == 0)
		return 0;
	full = read_join(r, prefix, e->name);
	if (e->prefix.len > 0 || !e->above ||
	    (!xml_form_of(place, e->name).known && xml_form_of(place, full).known))
		*ret = full;
	return 0;
}

/* ---- objects, arrays ---- */

static int read_value(struct reader *r, const struct xml_elem *e, const struct xml_form *form,
                      const struct looked *looked, struct val **ret);

/* The list of that name that stands in the object already; NULL: none. */
static struct val *read_list_so_far(struct val *obj, struct slice name)
{
	struct val *v = obj->last && slice_is(obj->last->name, name) ? obj->last : NULL;

	if (!v && obj->count <= READ_SEARCH)
		v = val_get(obj, name);
	return v && v->kind == VAL_ARR ? v : NULL;
}

static int read_list_new(struct reader *r, const struct xml_elem *e, struct val *obj, struct slice name,
                         struct val **ret)
{
	int result;

	*ret = read_list_so_far(obj, name);
	if (*ret)
		return 0;
	result = read_new(r, e, VAL_ARR, SLICE(""), ret);
	if (result == 0)
		val_put(obj, name, *ret);
	return result;
}

/* Words with blanks between, or the whole text where the name comes several times. */
static int read_words(struct reader *r, const struct xml_elem *e, enum xml_is is, bool whole,
                      struct slice text, struct val *list)
{
	struct val *v = NULL;
	int result;

	if (whole) {
		result = read_word(r, e, is, text, &v);
		if (result == 0)
			val_push(list, v);
		return result;
	}
	for (;;) {
		struct slice word = text = read_trim(text);

		if (text.len == 0)
			return 0;
		for (word.len = 0; word.len < text.len && !read_is_blank(text.ptr[word.len]); word.len++)
			;
		text = slice_skip(text, word.len);
		result = read_word(r, e, is, word, &v);
		if (result)
			return result;
		val_push(list, v);
	}
}

static bool read_is_same(const struct xml_elem *a, const struct xml_elem *b)
{
	return a && b && slice_is(a->name, b->name) && slice_is(a->ns, b->ns) &&
	       !slice_is(a->ns, SLICE(XML_FORM_JSON));
}

/* Nothing in it that could be a member? */
static bool read_is_empty(const struct xml_elem *e, const struct looked *looked)
{
	return looked->hint == XML_HINT_NONE && !e->first && !looked->has_attrs &&
	       read_trim(e->text).len == 0;
}

/* An element that is the value as a whole: empty, or hinted as an array, as null, as what is no list. */
static bool read_is_whole(const struct xml_elem *e, const struct looked *looked)
{
	return looked->hint == XML_HINT_ARRAY || looked->hint == XML_HINT_NULL ||
	       (looked->hint == XML_HINT_VALUE && e->first) || read_is_empty(e, looked);
}

static int read_whole(struct reader *r, const struct xml_elem *e, const struct xml_form *each, bool keeps,
                      const struct looked *looked, struct val **ret)
{
	struct looked inner;

	if (looked->hint == XML_HINT_VALUE) {
		read_look(e->first, &inner);
		return read_value(r, e->first, each, &inner, ret);
	}
	if (keeps && read_is_empty(e, looked))
		return read_new(r, e, VAL_ARR, SLICE(""), ret);
	return read_value(r, e, each, looked, ret);
}

/* An element where the form says list: the whole of it, or one more member. */
static int read_list_at(struct reader *r, const struct xml_elem *e, const struct xml_form *form,
                        const struct looked *looked, struct slice name, struct val *obj)
{
	struct xml_form each = *form;
	struct val *list = NULL, *v = NULL;
	bool whole = read_is_whole(e, looked), more = read_list_so_far(obj, name) != NULL;
	int result;

	each.list = each.keeps = false;
	if (whole) {
		result = read_whole(r, e, &each, form->keeps, looked, &v);
		if (result == 0)
			val_put(obj, name, v);
		return result;
	}
	result = read_list_new(r, e, obj, name, &list);
	if (result)
		return result;
	if (looked->hint == XML_HINT_NONE && !e->first && !looked->has_attrs)
		return read_words(r, e, form->is, more || read_is_same(e, e->next), e->text, list);
	result = read_value(r, e, &each, looked, &v);
	if (result == 0)
		val_push(list, v);
	return result;
}

static int read_list(struct reader *r, const struct xml_elem *e, const struct xml_form *form,
                     const struct looked *looked, struct slice name, struct val *obj)
{
	int result;

	if (r->depth_left == 0)
		return read_refuse(r, e, "nested too deep");
	r->depth_left--; /* the list */
	result = read_list_at(r, e, form, looked, name, obj);
	r->depth_left++;
	return result;
}

/* A name nobody knows that comes several times in a row: a list. */
static int read_repeated(struct reader *r, const struct xml_elem **e, const struct xml_form *form,
                         struct slice name, struct val *obj)
{
	const struct xml_elem *first = *e;
	struct val *list = NULL, *v = NULL;
	struct looked looked;
	int result = r->depth_left ? read_new(r, first, VAL_ARR, SLICE(""), &list)
	                           : read_refuse(r, first, "nested too deep");

	if (result)
		return result;
	val_put(obj, name, list);
	r->depth_left--;
	for (;; *e = (*e)->next) {
		read_look(*e, &looked);
		result = read_value(r, *e, form, &looked, &v);
		if (result)
			break;
		val_push(list, v);
		if (!read_is_same(first, (*e)->next))
			break;
	}
	r->depth_left++;
	return result;
}

/* An element inside another one; *e is moved to the last that was read. */
static int read_member(struct reader *r, const struct xml_place *place, const struct xml_elem **e,
                       struct val *obj)
{
	struct xml_form form;
	struct looked looked;
	struct slice name;
	struct val *v = NULL;
	int result;

	read_look(*e, &looked);
	result = read_name(r, place, *e, &looked, &name);
	if (result)
		return result;
	form = xml_form_of(place, name);
	if (form.list)
		return read_list(r, *e, &form, &looked, name, obj);
	if (!form.known && read_is_same(*e, (*e)->next))
		return read_repeated(r, e, &form, name, obj);
	result = read_value(r, *e, &form, &looked, &v);
	if (result == 0)
		val_put(obj, name, v);
	return result;
}

static int read_attributes(struct reader *r, const struct xml_elem *e, const struct xml_place *place,
                           struct val *obj)
{
	for (const struct xml_attr *attr = e->attrs; attr; attr = attr->next) {
		struct slice name = attr->name;
		struct xml_form form;
		struct val *v = NULL;
		int result;

		if (slice_is(attr->ns, SLICE(XML_FORM_XSI)) || slice_is(attr->ns, SLICE(XML_FORM_JSON)) ||
		    slice_is(attr->prefix, SLICE("xml")))
			continue;
		if (attr->ns.len > 0)
			name = read_join(r, attr->prefix, attr->name);
		form = xml_form_of(place, name);
		if (form.list) {
			result = read_new(r, e, VAL_ARR, SLICE(""), &v);
			if (result == 0)
				result = read_words(r, e, form.is, false, attr->value, v);
		} else {
			result = read_word(r, e, form.is, attr->value, &v);
		}
		if (result)
			return result;
		val_put(obj, name, v);
	}
	return 0;
}

/* Its attributes, its elements, and text beside attributes as `val`. */
static int read_object(struct reader *r, const struct xml_elem *e, const struct xml_place *place,
                       const struct looked *looked, struct val **ret)
{
	struct val *v = NULL, *twice;
	int result = read_new(r, e, VAL_OBJ, SLICE(""), ret);

	if (result == 0 && looked->has_attrs)
		result = read_attributes(r, e, place, *ret);
	if (result == 0 && !e->first && read_trim(e->text).len > 0) {
		result = read_word(r, e, xml_form_of(place, SLICE("val")).is, e->text, &v);
		if (result == 0)
			val_put(*ret, SLICE("val"), v);
	}
	for (const struct xml_elem *child = e->first; child && result == 0; child = child->next)
		result = read_member(r, place, &child, *ret);
	if (result)
		return result;
	twice = (*ret)->count > 1 ? val_twice(*ret) : NULL;
	if (!twice)
		return 0;
	return refuse(r->why, RSC_BAD_REQUEST, "line %u: \"%.*s\" stands twice in %.*s", e->line,
	              twice->name.len > 60 ? 60 : (int)twice->name.len, twice->name.ptr,
	              e->name.len > 60 ? 60 : (int)e->name.len, e->name.ptr);
}

static int read_array(struct reader *r, const struct xml_elem *e, const struct xml_form *form,
                      struct val **ret)
{
	struct xml_form each = *form;
	struct looked looked;
	struct val *v = NULL;
	int result = read_new(r, e, VAL_ARR, SLICE(""), ret);

	each.keeps = false;
	for (const struct xml_elem *child = e->first; child && result == 0; child = child->next) {
		read_look(child, &looked);
		result = read_value(r, child, &each, &looked, &v);
		if (result == 0)
			val_push(*ret, v);
	}
	return result;
}

static int read_deeper(struct reader *r, const struct xml_elem *e, const struct xml_form *form,
                       const struct looked *looked, struct val **ret)
{
	int result;

	if (r->depth_left == 0)
		return read_refuse(r, e, "nested too deep");
	r->depth_left--;
	result = looked->hint == XML_HINT_ARRAY ? read_array(r, e, form, ret)
	                                        : read_object(r, e, &form->inside, looked, ret);
	r->depth_left++;
	return result;
}

/* What one element is. */
static int read_value(struct reader *r, const struct xml_elem *e, const struct xml_form *form,
                      const struct looked *looked, struct val **ret)
{
	struct slice text = SLICE("");
	int result;

	switch (looked->hint) {
	case XML_HINT_NUMBER:
		return read_word(r, e, XML_IS_NUMBER, e->text, ret);
	case XML_HINT_TRUTH:
		return read_word(r, e, XML_IS_TRUTH, e->text, ret);
	case XML_HINT_STRING:
		return read_new(r, e, VAL_STR, e->text, ret);
	case XML_HINT_ESCAPED:
		result = read_escaped(r, e, e->text, &text);
		return result ? result : read_new(r, e, VAL_STR, text, ret);
	case XML_HINT_NULL:
		return read_new(r, e, VAL_NULL, SLICE(""), ret);
	case XML_HINT_OBJECT:
	case XML_HINT_ARRAY:
		return read_deeper(r, e, form, looked, ret);
	case XML_HINT_VALUE:
	case XML_HINT_NONE:
		break;
	}
	return e->first || looked->has_attrs ? read_deeper(r, e, form, looked, ret)
	                                     : read_text(r, e, form, ret);
}

int xml_map_read(struct arena *arena, struct slice bytes, struct why *why, struct val **ret)
{
	struct reader r = {arena, why, json_limits_default.values, json_limits_default.depth - 1};
	const struct xml_place nowhere = {0};
	const struct xml_elem *root;
	struct xml_elem *document;
	struct looked looked;
	int result = xml_read(arena, bytes, NULL, why, &document);

	if (result)
		return result;
	root = document;
	if (slice_is(root->ns, SLICE(XML_FORM_JSON)) && slice_is(root->name, SLICE("root")) && root->first) {
		struct xml_form form = {.is = XML_IS_TEXT};

		read_look(root->first, &looked);
		return read_value(&r, root->first, &form, &looked, ret);
	}
	*ret = val_obj(arena);
	return read_member(&r, &nowhere, &root, *ret);
}
