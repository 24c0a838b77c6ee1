/* SPDX-License-Identifier: Apache-2.0 */
/* Three loops over the rows of spec/prim.def: from text, from an object, to an object. The one parameter that
 * is not one value is the response type: {"rtv":2,"nu":[...]} is kept as PRIM_rt and PRIM_rtu. */
#include "model/prim.h"

#include <strings.h>

#include "base/clock.h"
#include "model/grammar.h"
#include "model/rsc.h"

#define PRIM_DIGITS    15 /* of a relative time: some 30,000 years of milliseconds */
#define PRIM_LIST_MOST 1000

const struct prim_row prim_rows[PRIM_COUNT] = {
#define PRIM(name, ln, how, header, query, option, older, direction)                                         \
	{PRIM_##name,       #name,           #ln,     PRIM_##how,       (header),                            \
	 (query),           (option),        (older), PRIM_##direction, sizeof #name - 1,                    \
	 sizeof header - 1, sizeof query - 1},
#include "spec/prim.def"
#undef PRIM
};

static const struct filter_row filter_rows[] = {
#define FILTER(sn, ln, how, multi) {#sn, #ln, PRIM_##how, (multi)},
#include "spec/filter.def"
#undef FILTER
};

static bool prim_is(struct slice name, const char *text, size_t len)
{
	return name.len == len && len > 0 && name.ptr[0] == text[0] && memcmp(name.ptr, text, len) == 0;
}

const struct prim_row *prim_by_name(struct slice sn)
{
	for (size_t i = 0; i < PRIM_COUNT; i++)
		if (prim_is(sn, prim_rows[i].sn, prim_rows[i].sn_len))
			return &prim_rows[i];
	return NULL;
}

const struct prim_row *prim_by_header(struct slice name)
{
	for (size_t i = 0; i < PRIM_COUNT; i++) {
		const char *header = prim_rows[i].header;

		/* They all begin alike, so the end is looked at first. */
		if (prim_rows[i].header_len == name.len && name.len > 0 &&
		    ((header[name.len - 1] ^ name.ptr[name.len - 1]) & ~0x20) == 0 &&
		    strncasecmp(header, name.ptr, name.len) == 0)
			return &prim_rows[i];
	}
	return NULL;
}

const struct prim_row *prim_by_query(struct slice key)
{
	for (size_t i = 0; i < PRIM_COUNT; i++)
		if (prim_is(key, prim_rows[i].query, prim_rows[i].query_len))
			return &prim_rows[i];
	return NULL;
}

const struct prim_row *prim_by_option(uint16_t number)
{
	for (size_t i = 0; number && i < PRIM_COUNT; i++)
		if (prim_rows[i].option == number || prim_rows[i].older == number)
			return &prim_rows[i];
	return NULL;
}

const struct filter_row *filter_row_find(struct slice sn)
{
	for (size_t i = 0; i < sizeof filter_rows / sizeof filter_rows[0]; i++)
		if (sn.len && filter_rows[i].sn[0] == sn.ptr[0] && slice_is_text(sn, filter_rows[i].sn))
			return &filter_rows[i];
	return NULL;
}

const struct filter_row *filter_row_next(size_t *at)
{
	return *at < sizeof filter_rows / sizeof filter_rows[0] ? &filter_rows[(*at)++] : NULL;
}

static bool prim_is_time(struct slice text)
{
	int64_t us;

	return clock_parse(text, &us) || (grammar_digits(text) && text.len <= PRIM_DIGITS);
}

/* What stands between the marks; the marks are those that bindings put between the values of a list: '+'
 * (which a query may have turned into a blank), and '&' between notification URIs. */
static int prim_list_from_text(struct val **list, struct arena *arena, const struct prim_row *row,
                               struct slice text, struct why *why)
{
	size_t begin = 0;

	if (!*list)
		*list = val_arr(arena);
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len &&
		    (row->id == PRIM_rtu ? text.ptr[i] != '&' : text.ptr[i] != '+' && text.ptr[i] != ' '))
			continue;
		if (i > begin) {
			if ((*list)->count >= PRIM_LIST_MOST)
				return refuse(why, RSC_BAD_REQUEST, "%s: more than %d values", row->sn,
				              PRIM_LIST_MOST);
			val_push(*list, val_str(arena, slice_make(text.ptr + begin, i - begin)));
		}
		begin = i + 1;
	}
	return 0;
}

/* assignedTokenIdentifiers travel as "local:token + local:token".   TS-0009 6.4 */
static int prim_object_from_text(struct val **ret, struct arena *arena, const struct prim_row *row,
                                 struct slice text, struct why *why)
{
	struct val *object, *list;
	struct slice pair, local;

	if (row->id != PRIM_ati)
		return refuse(why, RSC_BAD_REQUEST, "%s: an object cannot be written as text", row->sn);
	object = val_obj(arena);
	list = val_put(object, SLICE("ltia"), val_arr(arena));
	while (slice_cut(&text, '+', &pair)) {
		struct val *entry = val_obj(arena);

		while (pair.len && pair.ptr[0] == ' ')
			pair = slice_skip(pair, 1);
		while (pair.len && pair.ptr[pair.len - 1] == ' ')
			pair.len--;
		if (!slice_cut(&pair, ':', &local) || local.len == 0 || pair.len == 0)
			return refuse(why, RSC_BAD_REQUEST, "%s: expected local:token pairs", row->sn);
		val_put(entry, SLICE("lti"), val_str(arena, local));
		val_put(entry, SLICE("tkid"), val_str(arena, pair));
		val_push(list, entry);
	}
	*ret = object;
	return 0;
}

static int prim_val_from_text(struct val **ret, struct arena *arena, const struct prim_row *row,
                              struct slice text, struct why *why)
{
	int64_t n;

	switch (row->how) {
	case PRIM_TEXT:
		*ret = val_str(arena, text);
		return 0;
	case PRIM_INT:
		if (!slice_i64(text, &n))
			return refuse(why, RSC_BAD_REQUEST, "%s: expected a whole number, not \"%.*s\"",
			              row->sn, SLICE_ARG(text));
		*ret = val_int(arena, n);
		return 0;
	case PRIM_BOOL:
		if (!slice_is(text, SLICE("true")) && !slice_is(text, SLICE("false")))
			return refuse(why, RSC_BAD_REQUEST, "%s: expected true or false, not \"%.*s\"",
			              row->sn, SLICE_ARG(text));
		*ret = val_bool(arena, text.len == 4);
		return 0;
	case PRIM_TIME:
		if (!prim_is_time(text))
			return refuse(
			        why, RSC_BAD_REQUEST,
			        "%s: expected a time such as 20261122T093000, or milliseconds, not \"%.*s\"",
			        row->sn, SLICE_ARG(text));
		*ret = val_str(arena, text);
		return 0;
	case PRIM_LIST:
	case PRIM_INTS:
		return prim_list_from_text(ret, arena, row, text, why);
	case PRIM_OBJECT:
		return prim_object_from_text(ret, arena, row, text, why);
	}
	return 0;
}

int prim_set_text(struct prim *prim, struct arena *arena, const struct prim_row *row, struct slice text,
                  struct why *why)
{
	struct val *v = prim->at[row->id];
	int r;

	if (v && row->how != PRIM_LIST)
		return refuse(why, RSC_BAD_REQUEST, "%s: given twice", row->sn);
	r = prim_val_from_text(&v, arena, row, text, why);
	if (r == 0)
		prim->at[row->id] = v;
	return r;
}

static bool prim_is_list_of(const struct val *v, enum val_kind kind)
{
	if (v->kind != VAL_ARR)
		return false;
	val_each (v, child)
		if (child->kind != kind)
			return false;
	return true;
}

static bool prim_fits(const struct prim_row *row, const struct val *v)
{
	int64_t n;

	switch (row->how) {
	case PRIM_TEXT:
		return v->kind == VAL_STR;
	case PRIM_INT:
		return val_is_int(v, &n);
	case PRIM_BOOL:
		return v->kind == VAL_TRUE || v->kind == VAL_FALSE;
	case PRIM_TIME:
		return v->kind == VAL_NUM ? val_is_int(v, &n) && n >= 0 && v->text.len <= PRIM_DIGITS
		                          : v->kind == VAL_STR && prim_is_time(v->text);
	case PRIM_LIST:
		return prim_is_list_of(v, VAL_STR);
	case PRIM_INTS:
		return prim_is_list_of(v, VAL_NUM);
	case PRIM_OBJECT:
		return v->kind == VAL_OBJ;
	}
	return false;
}

static const char *prim_how_words(enum prim_how how)
{
	static const char *const words[] = {
	        "a string",          "a whole number",
	        "true or false",     "a time such as 20261122T093000, or milliseconds",
	        "a list of strings", "a list of numbers",
	        "an object"};

	return words[how];
}

/* {"rtv":2,"nu":["..."]} */
static int prim_read_response_type(struct prim *prim, struct val *v, struct why *why)
{
	int64_t n;

	val_each (v, member) {
		if (slice_is(member->name, SLICE("rtv")) && val_is_int(member, &n))
			prim->at[PRIM_rt] = member;
		else if (slice_is(member->name, SLICE("nu")) && prim_is_list_of(member, VAL_STR))
			prim->at[PRIM_rtu] = member;
		else
			return refuse(why, RSC_BAD_REQUEST,
			              "rt: expected {\"rtv\": number, \"nu\": [addresses]}");
	}
	if (!prim->at[PRIM_rt])
		return refuse(why, RSC_BAD_REQUEST, "rt: rtv is missing");
	return 0;
}

int prim_read(struct prim *prim, struct arena *arena, struct val *object, enum prim_direction direction,
              struct why *why)
{
	struct prim out = {{NULL}};
	int r;

	(void)arena;
	if (!object || object->kind != VAL_OBJ)
		return refuse(why, RSC_BAD_REQUEST, "a primitive is an object, not %s",
		              val_kind_name(object));
	val_each (object, v) {
		const struct prim_row *row = prim_by_name(v->name);

		if (!row || !(row->direction & direction) || row->id == PRIM_rtu)
			return refuse(why, RSC_BAD_REQUEST, "%.*s: a %s has no such parameter",
			              SLICE_ARG(v->name), direction == PRIM_RSP ? "response" : "request");
		if (out.at[row->id])
			return refuse(why, RSC_BAD_REQUEST, "%s: given twice", row->sn);
		if (row->id == PRIM_rt && v->kind == VAL_OBJ) {
			r = prim_read_response_type(&out, v, why);
			if (r)
				return r;
		} else if (prim_fits(row, v)) {
			out.at[row->id] = v;
		} else {
			return refuse(why, RSC_BAD_REQUEST, "%s: expected %s, not %s", row->sn,
			              prim_how_words(row->how), val_kind_name(v));
		}
	}
	*prim = out;
	return 0;
}

/* A second head for the same value, since one value stands in one place only. */
static struct val *prim_share(struct arena *arena, const struct val *v)
{
	struct val *copy = val_new(arena, v->kind);

	*copy = *v;
	copy->next = NULL;
	return copy;
}

struct val *prim_write(const struct prim *prim, struct arena *arena)
{
	struct val *object = val_obj(arena);

	for (size_t i = 0; i < PRIM_COUNT; i++) {
		struct val *v = prim->at[i];

		if (!v || (i == PRIM_rtu && prim->at[PRIM_rt]))
			continue;
		if (i == PRIM_rt || i == PRIM_rtu) {
			struct val *rt = val_obj(arena);

			val_put(rt, SLICE("rtv"), i == PRIM_rt ? prim_share(arena, v) : val_int(arena, 3));
			if (prim->at[PRIM_rtu])
				val_put(rt, SLICE("nu"), prim_share(arena, prim->at[PRIM_rtu]));
			val_put(object, SLICE("rt"), rt);
		} else {
			val_put(object, slice_of(prim_rows[i].sn), prim_share(arena, v));
		}
	}
	return object;
}

struct slice prim_text(const struct prim *prim, enum prim_id id)
{
	const struct val *v = prim->at[id];

	return v && (v->kind == VAL_STR || v->kind == VAL_NUM) ? v->text : (struct slice){NULL, 0};
}

int64_t prim_int(const struct prim *prim, enum prim_id id, int64_t otherwise)
{
	int64_t n;

	return val_is_int(prim->at[id], &n) ? n : otherwise;
}

bool prim_bool(const struct prim *prim, enum prim_id id, bool otherwise)
{
	bool truth;

	return val_is_bool(prim->at[id], &truth) ? truth : otherwise;
}

bool prim_time(const struct val *v, int64_t now, int64_t *ret_us)
{
	uint64_t ms;

	if (!v || (v->kind != VAL_STR && v->kind != VAL_NUM))
		return false;
	if (v->kind == VAL_STR && clock_parse(v->text, ret_us))
		return true;
	if (v->text.len > PRIM_DIGITS || !slice_u64(v->text, &ms))
		return false;
	*ret_us = now + (int64_t)ms * 1000;
	return true;
}
