/* SPDX-License-Identifier: Apache-2.0 */
/* Queries. Which row a key belongs to decides everything else; there is no list of keys here. */
#include "wire/wire_query.h"

#include "model/rsc.h"
#include "wire/wire_url.h"

struct query {
	struct arena *arena;
	struct why *why;
	struct prim *prim;
};

int wire_query_value(struct arena *arena, enum prim_how how, const char *name, struct slice text,
                     struct why *why, struct val **ret)
{
	/* prim_set_text knows what each kind allows; any place of a primitive will do. */
	struct prim_row row = {.id = PRIM_rqi, .sn = name, .ln = name, .how = how};
	struct prim place = {0};
	int r = prim_set_text(&place, arena, &row, text, why);

	if (r == 0)
		*ret = place.at[PRIM_rqi];
	return r;
}

static bool query_is_list(enum prim_how how)
{
	return how == PRIM_LIST || how == PRIM_INTS;
}

/* Adds the values of "a+b" to list, each decoded after the cut. */
static int query_list(struct query *query, enum prim_how how, struct slice key, struct slice text,
                      struct val *list)
{
	const char *name = arena_text(query->arena, key);

	while (text.len > 0) {
		const char *plus = memchr(text.ptr, '+', text.len);
		size_t n = plus ? (size_t)(plus - text.ptr) : text.len;
		struct slice piece;
		struct val *v;
		int r = wire_url_decode(query->arena, slice_make(text.ptr, n), query->why, &piece);

		if (r == 0 && (piece.len == 0 || n + 1 == text.len))
			r = refuse(query->why, RSC_BAD_REQUEST, "%s: an empty value in a list", name);
		if (r == 0 && how == PRIM_INTS)
			r = wire_query_value(query->arena, PRIM_INT, name, piece, query->why, &v);
		else if (r == 0)
			v = val_str(query->arena, piece);
		if (r != 0)
			return r;
		val_push(list, v);
		text = slice_skip(text, n + 1);
	}
	return 0;
}

static int query_scalar(struct query *query, enum prim_how how, struct slice key, struct slice text,
                        struct val **ret)
{
	struct slice plain;
	int r = wire_url_decode(query->arena, text, query->why, &plain);

	if (r != 0)
		return r;
	return wire_query_value(query->arena, how, arena_text(query->arena, key), plain, query->why, ret);
}

static int query_twice(struct query *query, struct slice key)
{
	return refuse(query->why, RSC_BAD_REQUEST, "the query names %.*s twice", SLICE_ARG(key));
}

static int query_parameter(struct query *query, const struct prim_row *row, struct slice key,
                           struct slice text)
{
	struct val **at = &query->prim->at[row->id];

	if (!query_is_list(row->how))
		return *at ? query_twice(query, key) : query_scalar(query, row->how, key, text, at);
	if (!*at)
		*at = val_arr(query->arena);
	return query_list(query, row->how, key, text, *at);
}

/* The filter criteria, born when first needed. */
static struct val *query_fc(struct query *query)
{
	struct val **fc = &query->prim->at[PRIM_fc];

	if (!*fc)
		*fc = val_obj(query->arena);
	return *fc;
}

/* The list of that name in the filter criteria, born when first needed. */
static struct val *query_fc_list(struct query *query, struct slice name)
{
	struct val *fc = query_fc(query), *list = val_get(fc, name);

	return list ? list : val_put(fc, name, val_arr(query->arena));
}

static int query_filter(struct query *query, const struct filter_row *row, struct slice key,
                        struct slice text)
{
	struct slice name = slice_of(row->sn);
	struct val *v;
	int r;

	if (row->how == PRIM_OBJECT)
		return refuse(query->why, RSC_BAD_REQUEST,
		              "the query cannot carry %s: name the attribute itself, as in cr=Sam or c.lbl=x",
		              row->sn);
	if (query_is_list(row->how))
		return query_list(query, row->how, key, text, query_fc_list(query, name));
	if (val_get(query_fc(query), name))
		return query_twice(query, key);
	r = query_scalar(query, row->how, key, text, &v);
	if (r == 0)
		val_put(query_fc(query), name, v);
	/* A criterion that is malformed has a code of its own. */
	return r == RSC_BAD_REQUEST ? (query->why->rsc = RSC_CONTENTS_UNACCEPTABLE) : r;
}

/* Could it be the short name of an attribute? */
static bool query_is_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-' || c == '.')))
			return false;
	}
	return name.len > 0 && name.len <= 64;
}

/* A condition on an attribute; each value of "a+b" is one. */
static int query_condition(struct query *query, struct slice list, struct slice attr, struct slice text)
{
	struct val *values = val_arr(query->arena), *to, *next;
	int r;

	if (!query_is_name(attr))
		return refuse(query->why, RSC_BAD_REQUEST,
		              "the query has a key that nothing is called: \"%.*s\"", SLICE_ARG(attr));
	r = query_list(query, PRIM_LIST, attr, text, values);
	if (r != 0)
		return r;
	to = query_fc_list(query, list);
	for (struct val *v = values->first; v; v = next) {
		struct val *condition = val_obj(query->arena);

		next = v->next;
		v->next = NULL;
		val_put(condition, SLICE("nm"), val_str(query->arena, attr));
		val_put(condition, SLICE("val"), v);
		val_push(to, condition);
	}
	return 0;
}

static int query_atrl(struct query *query, struct slice key, struct slice text)
{
	struct val **pc = &query->prim->at[PRIM_pc];
	struct val *list;

	if (!*pc) {
		*pc = val_obj(query->arena);
		val_put(*pc, SLICE("m2m:atrl"), val_arr(query->arena));
	}
	list = val_find(*pc, "m2m:atrl");
	return query_list(query, PRIM_LIST, key, text, list);
}

static int query_pair(struct query *query, struct slice key, struct slice text)
{
	const struct prim_row *row = prim_by_query(key);
	const struct filter_row *filter = row ? NULL : filter_row_find(key);

	if (text.len == 0)
		return refuse(query->why, RSC_BAD_REQUEST, "the query gives no value for \"%.*s\"",
		              SLICE_ARG(key));
	if (row)
		return query_parameter(query, row, key, text);
	if (filter)
		return query_filter(query, filter, key, text);
	if (slice_is(key, SLICE("atrl")))
		return query_atrl(query, key, text);
	if (slice_starts(key, SLICE("c.")))
		return query_condition(query, SLICE("catr"), slice_skip(key, 2), text);
	if (slice_starts(key, SLICE("p.")))
		return query_condition(query, SLICE("patr"), slice_skip(key, 2), text);
	return query_condition(query, SLICE("atr"), key, text);
}

int wire_query_read(struct arena *arena, struct slice query, struct why *why, struct prim *prim)
{
	struct query self = {arena, why, prim};
	struct slice pair, key;

	/* What needs no decoding stays where it is: in our copy. */
	query = arena_copy(arena, query);
	while (slice_cut(&query, '&', &pair)) {
		const char *equals = pair.len ? memchr(pair.ptr, '=', pair.len) : NULL;
		size_t n = equals ? (size_t)(equals - pair.ptr) : pair.len;
		int r;

		if (pair.len == 0)
			continue;
		r = wire_url_decode(arena, slice_make(pair.ptr, n), why, &key);
		if (r == 0)
			r = query_pair(&self, key, slice_skip(pair, equals ? n + 1 : n));
		if (r != 0)
			return r;
	}
	return 0;
}

static void query_put_key(struct buf *buf, bool *first, const char *prefix, struct slice key)
{
	buf_add_char(buf, *first ? '?' : '&');
	*first = false;
	buf_add_slice(buf, slice_of(prefix));
	wire_url_encode(buf, key);
	buf_add_char(buf, '=');
}

static void query_put_value(struct buf *buf, const struct val *v)
{
	if (v->kind == VAL_TRUE)
		buf_add_lit(buf, "true");
	else if (v->kind == VAL_FALSE)
		buf_add_lit(buf, "false");
	else
		wire_url_encode(buf, v->text);
}

static void query_put(struct buf *buf, bool *first, const char *prefix, struct slice key, const struct val *v)
{
	if (v->kind == VAL_ARR && v->count == 0)
		return;
	query_put_key(buf, first, prefix, key);
	if (v->kind != VAL_ARR) {
		query_put_value(buf, v);
		return;
	}
	val_each (v, one) {
		if (one != v->first)
			buf_add_char(buf, '+');
		query_put_value(buf, one);
	}
}

/* {"nm":..., "val":...}, alone or in a list. */
static void query_put_conditions(struct buf *buf, bool *first, const char *prefix, const struct val *v)
{
	const struct val *name = val_find(v, "nm"), *value = val_find(v, "val");

	if (v->kind == VAL_ARR) {
		val_each (v, one)
			query_put_conditions(buf, first, prefix, one);
		return;
	}
	if (name && value)
		query_put(buf, first, prefix, name->text, value);
}

static void query_put_filter(struct buf *buf, bool *first, const struct val *v)
{
	if (slice_is(v->name, SLICE("atr")))
		query_put_conditions(buf, first, "", v);
	else if (slice_is(v->name, SLICE("catr")))
		query_put_conditions(buf, first, "c.", v);
	else if (slice_is(v->name, SLICE("patr")))
		query_put_conditions(buf, first, "p.", v);
	else
		query_put(buf, first, "", v->name, v);
}

void wire_query_write(const struct prim *prim, struct buf *buf)
{
	const struct val *atrl = val_find(prim->at[PRIM_pc], "m2m:atrl");
	bool first = true;

	for (int i = 0; i < PRIM_COUNT; i++)
		if (prim_rows[i].query[0] && prim->at[i])
			query_put(buf, &first, "", slice_of(prim_rows[i].query), prim->at[i]);
	if (prim->at[PRIM_fc])
		val_each (prim->at[PRIM_fc], v)
			query_put_filter(buf, &first, v);
	if (atrl)
		query_put(buf, &first, "", SLICE("atrl"), atrl);
}
