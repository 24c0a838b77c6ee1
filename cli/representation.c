/* SPDX-License-Identifier: Apache-2.0 */
/* Words into values. The table of the type says which kind; people say the rest. */
#include "cli/representation.h"

#include "codec/json.h"
#include "model/rsc.h"

const struct type *representation_type(struct slice word)
{
	uint64_t number;
	const struct type *type = type_by_name(word);
	if (!type)
		type = type_by_root(word);
	if (!type)
		type = type_by_definition(word);
	if (!type && slice_u64(word, &number) && number <= UINT32_MAX)
		type = type_find((uint32_t)number);
	return type;
}

static int read_json(struct arena *arena, struct slice text, struct slice name, struct why *why,
                     struct val **ret)
{
	struct why inner = {0};
	if (json_read(arena, text, NULL, &inner, ret) == 0)
		return 0;
	return refuse(why, RSC_BAD_REQUEST, "%.*s: JSON: %s", SLICE_ARG(name), inner.text);
}

static bool is_number(struct arena *arena, struct slice text, struct val **ret)
{
	struct why why;
	return text.len && strchr("-0123456789", text.ptr[0]) &&
	       json_read(arena, text, NULL, &why, ret) == 0 && (*ret)->kind == VAL_NUM;
}

static bool is_enum_name(struct arena *arena, const struct attr *attr, struct slice text, struct val **ret)
{
	for (size_t i = 0; attr->in && i < attr->in->count; i++)
		if (slice_is_text(text, attr->in->values[i].name)) {
			*ret = val_int(arena, attr->in->values[i].number);
			return true;
		}
	return false;
}

/* Which JSON a kind is written in. */
enum form { FORM_TEXT, FORM_NUMBER, FORM_BOOL, FORM_JSON, FORM_EITHER };

static enum form form_of(enum kind kind)
{
	static const struct {
		enum kind kind;
		enum form form;
	} rows[] = {
	        {KIND_UINT, FORM_NUMBER},     {KIND_POSINT, FORM_NUMBER}, {KIND_INT, FORM_NUMBER},
	        {KIND_FLOAT, FORM_NUMBER},    {KIND_ENUM, FORM_NUMBER},   {KIND_OPS, FORM_NUMBER},
	        {KIND_EVENTCAT, FORM_NUMBER}, {KIND_PORT, FORM_NUMBER},   {KIND_TYPENUMBER, FORM_NUMBER},
	        {KIND_BOOL, FORM_BOOL},       {KIND_OBJECT, FORM_JSON},   {KIND_JSONARR, FORM_JSON},
	        {KIND_ANY, FORM_EITHER},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].kind == kind)
			return rows[i].form;
	return FORM_TEXT;
}

static int read_single(struct arena *arena, const struct attr *attr, struct slice text, struct why *why,
                       struct val **ret)
{
	struct slice name = slice_of(attr->sn);
	bool looks_json = text.len && (text.ptr[0] == '{' || text.ptr[0] == '[');
	switch (form_of(attr->kind)) {
	case FORM_NUMBER:
		if (is_number(arena, text, ret) || is_enum_name(arena, attr, text, ret))
			return 0;
		/* Site-made models may call text a number; the server has the last word on strings only. */
		return refuse(why, RSC_BAD_REQUEST, "%.*s (%s): a number is wanted, not \"%.*s\"",
		              SLICE_ARG(name), attr->ln, SLICE_ARG(text));
	case FORM_BOOL:
		if (slice_is(text, SLICE("true")) || slice_is(text, SLICE("false"))) {
			*ret = val_bool(arena, text.ptr[0] == 't');
			return 0;
		}
		return refuse(why, RSC_BAD_REQUEST, "%.*s (%s): true or false is wanted, not \"%.*s\"",
		              SLICE_ARG(name), attr->ln, SLICE_ARG(text));
	case FORM_JSON:
		return read_json(arena, text, name, why, ret);
	case FORM_EITHER:
		if (looks_json)
			return read_json(arena, text, name, why, ret);
		break;
	case FORM_TEXT:
		break;
	}
	*ret = val_str(arena, text);
	return 0;
}

static int read_value(struct arena *arena, const struct attr *attr, struct slice text, struct why *why,
                      struct val **ret)
{
	bool is_list = attr->card == CARD_LIST || attr->card == CARD_ONELIST;
	if (!is_list)
		return read_single(arena, attr, text, why, ret);
	if (text.len && (text.ptr[0] == '[' || text.ptr[0] == '{')) {
		int r = read_json(arena, text, slice_of(attr->sn), why, ret);
		if (!r && (*ret)->kind == VAL_OBJ) {
			struct val *list = val_arr(arena);
			val_push(list, *ret);
			*ret = list;
		}
		return r;
	}
	*ret = val_arr(arena);
	struct slice part;
	while (slice_cut(&text, ',', &part)) {
		struct val *v;
		int r = read_single(arena, attr, part, why, &v);
		if (r)
			return r;
		val_push(*ret, v);
	}
	return 0;
}

static int read_word(struct arena *arena, const struct type *type, struct slice word, struct why *why,
                     struct val *into)
{
	const char *equals = memchr(word.ptr, '=', word.len);
	if (!equals || equals == word.ptr)
		return refuse(why, RSC_BAD_REQUEST, "NAME=VALUE is wanted, not \"%.*s\"", SLICE_ARG(word));
	struct slice name = slice_make(word.ptr, (size_t)(equals - word.ptr));
	struct slice text = slice_skip(word, name.len + 1);
	bool raw = name.ptr[name.len - 1] == ':';
	if (raw)
		name.len--;
	if (val_get(into, name))
		return refuse(why, RSC_BAD_REQUEST, "%.*s is given twice", SLICE_ARG(name));
	const struct attr *attr = type ? type_attr(type, name) : NULL;
	struct val *v;
	int r = 0;
	if (raw)
		r = read_json(arena, text, name, why, &v);
	else if (!text.len || slice_is(text, SLICE("null")))
		v = val_new(arena, VAL_NULL);
	else if (attr)
		r = read_value(arena, attr, text, why, &v);
	else
		v = val_str(arena, text);
	if (!r)
		val_put(into, name, v);
	return r;
}

int representation_read(struct arena *arena, const struct type *type, const char *const *words, size_t count,
                        struct why *why, struct val **ret)
{
	struct val *object = val_obj(arena);
	for (size_t i = 0; i < count; i++) {
		int r = read_word(arena, type, slice_of(words[i]), why, object);
		if (r)
			return r;
	}
	*ret = object;
	return 0;
}
