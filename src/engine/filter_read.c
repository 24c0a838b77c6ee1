/* SPDX-License-Identifier: Apache-2.0 */
/* Reading filter criteria: a table of rows says which member becomes which condition, and how it is read.
 * Numbers may arrive as text, because a query has nothing else. */
#include <stdlib.h>

#include "base/clock.h"
#include "engine/engine_private.h"
#include "engine/filter_private.h"
#include "model/rsc.h"

#define FILTER_READ_VALUES 256 /* of one tag */
#define FILTER_READ_CONDS  64

struct filter_read {
	struct req *req;
	struct filter *filter;
	const struct val *fc;
};

static int filter_read_bad(struct filter_read *read, const struct val *member, const char *expected)
{
	return refuse(&read->req->why, RSC_CONTENTS_UNACCEPTABLE, "fc/%.*s: expected %s",
	              SLICE_ARG(member->name), expected);
}

/* NULL: there are too many. */
static struct filter_cond *filter_read_add(struct filter_read *read, enum filter_tag tag)
{
	struct filter_cond *cond;

	if (read->filter->count == FILTER_READ_CONDS)
		return NULL;
	cond = &read->filter->conds[read->filter->count++];
	*cond = (struct filter_cond){.tag = tag};
	return cond;
}

static bool filter_read_u64(const struct val *v, uint64_t *ret)
{
	return (v->kind == VAL_NUM || v->kind == VAL_STR) && slice_u64(v->text, ret) && *ret <= INT64_MAX;
}

static int filter_read_time(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	struct filter_cond *cond = filter_read_add(read, tag);
	struct slice text;

	if (!cond || !val_is_str(v, &text) || !clock_parse(text, &cond->number))
		return filter_read_bad(read, v, "a time such as 20261122T093000");
	return 0;
}

static int filter_read_number(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	struct filter_cond *cond = filter_read_add(read, tag);
	uint64_t n;

	if (!cond || !filter_read_u64(v, &n))
		return filter_read_bad(read, v, "a whole number, 0 or more");
	cond->number = (int64_t)n;
	return 0;
}

/* The values of a tag that may be given once or as a list. */
static size_t filter_read_count(const struct val *v)
{
	return v->kind == VAL_ARR ? v->count : 1;
}

static const struct val *filter_read_first(const struct val *v)
{
	return v->kind == VAL_ARR ? v->first : v;
}

static const struct val *filter_read_next(const struct val *v, const struct val *at)
{
	return v->kind == VAL_ARR ? at->next : NULL;
}

static bool filter_read_count_fits(const struct val *v)
{
	return filter_read_count(v) >= 1 && filter_read_count(v) <= FILTER_READ_VALUES;
}

static int filter_read_types(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	struct filter_cond *cond = filter_read_add(read, tag);
	uint64_t *numbers;

	if (!cond || !filter_read_count_fits(v))
		return filter_read_bad(read, v, "one to 256 type numbers");
	numbers = arena_array(&read->req->arena, filter_read_count(v), uint64_t);
	for (const struct val *one = filter_read_first(v); one; one = filter_read_next(v, one)) {
		if (!filter_read_u64(one, &numbers[cond->count++]))
			return filter_read_bad(read, v, "numbers of resource types");
	}
	cond->numbers = numbers;
	return 0;
}

static int filter_read_texts(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	struct filter_cond *cond = filter_read_add(read, tag);
	struct slice *texts;

	if (!cond || !filter_read_count_fits(v))
		return filter_read_bad(read, v, "one to 256 strings");
	texts = arena_array(&read->req->arena, filter_read_count(v), struct slice);
	for (const struct val *one = filter_read_first(v); one; one = filter_read_next(v, one)) {
		if (!val_is_str(one, &texts[cond->count]) || texts[cond->count].len == 0)
			return filter_read_bad(read, v, "strings that are not empty");
		cond->count++;
	}
	cond->texts = texts;
	return 0;
}

/* Is there any type that has such an attribute? A misspelt name would silently match nothing. */
static bool filter_read_known(struct slice name)
{
	const struct type *type;
	size_t at = 0;

	while ((type = type_next(&at))) {
		if (type_attr(type, name))
			return true;
	}
	return false;
}

/* All values that the list gives for one name, as one condition. */
static int filter_read_attr(struct filter_read *read, const struct val *v, enum filter_tag tag,
                            struct slice name)
{
	struct filter_cond *cond = filter_read_add(read, tag);
	const struct val **vals = arena_array(&read->req->arena, filter_read_count(v), const struct val *);
	struct slice nm;

	if (!cond)
		return filter_read_bad(read, v, "fewer conditions (64 at most)");
	cond->name = name;
	cond->vals = vals;
	for (const struct val *one = filter_read_first(v); one; one = filter_read_next(v, one)) {
		if (val_is_str(val_find(one, "nm"), &nm) && slice_is(nm, name))
			vals[cond->count++] = val_find(one, "val");
	}
	return 0;
}

static bool filter_read_has(const struct filter *filter, enum filter_tag tag, struct slice name)
{
	for (size_t i = 0; i < filter->count; i++) {
		if (filter->conds[i].tag == tag && slice_is(filter->conds[i].name, name))
			return true;
	}
	return false;
}

static int filter_read_attrs(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	const struct val *val;
	struct slice name;
	int r;

	if (!filter_read_count_fits(v))
		return filter_read_bad(read, v, "one to 256 attributes");
	for (const struct val *one = filter_read_first(v); one; one = filter_read_next(v, one)) {
		val = val_find(one, "val");
		if (!val_is_str(val_find(one, "nm"), &name) || !val || val->kind == VAL_NULL ||
		    one->count != 2)
			return filter_read_bad(read, v, "objects {nm, val}");
		if (!filter_read_known(name))
			return refuse(&read->req->why, RSC_CONTENTS_UNACCEPTABLE,
			              "fc: \"%.*s\" is neither a filter criterion nor an attribute of any "
			              "resource type",
			              SLICE_ARG(name));
		if (filter_read_has(read->filter, tag, name))
			continue;
		r = filter_read_attr(read, v, tag, name);
		if (r)
			return r;
	}
	return 0;
}

static int filter_read_lbq(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	struct filter_cond *cond = filter_read_add(read, tag);
	struct filter_lbq *lbq;
	struct slice text;
	int r;

	if (!cond || !val_is_str(v, &text))
		return filter_read_bad(read, v, "a labels query as a string");
	r = filter_lbq_read(&read->req->arena, text, &read->req->why, &lbq);
	if (r == 0)
		cond->compiled = lbq;
	return r;
}

static int filter_read_cfq(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	const struct val *syntax = val_find(read->fc, "cfs");
	struct filter_cond *cond = filter_read_add(read, tag);
	struct jsonpath *path;
	struct slice text;
	uint64_t n;
	int r;

	if (syntax && (!filter_read_u64(syntax, &n) || n != 1))
		return filter_read_bad(read, syntax, "1 (JSONPath), the only syntax there is");
	if (!cond || !val_is_str(v, &text))
		return filter_read_bad(read, v, "a JSONPath as a string");
	r = jsonpath_compile(&read->req->arena, text, &read->req->why, &path);
	if (r == 0)
		cond->compiled = path;
	return r;
}

static int filter_read_cfs(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	return val_find(read->fc, "cfq") ? 0
	                                 : filter_read_bad(read, v, "a contentFilterQuery (cfq) beside it");
}

/* Of gmty, geom and gsf all are needed; geom does the work. */
static int filter_read_geom(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	const struct val *type = val_find(read->fc, "gmty"), *function = val_find(read->fc, "gsf");
	const struct val *geometry = val_find(read->fc, "geom");
	struct filter_geo *geo = arena_new(&read->req->arena, struct filter_geo);
	struct filter_cond *cond;
	uint64_t gmty, gsf;
	int r;

	if (!type || !function || !geometry)
		return filter_read_bad(read, v, "all three of gmty, geom and gsf");
	if (filter_read_has(read->filter, FILTER_geom, (struct slice){0}))
		return 0;
	if (!filter_read_u64(type, &gmty))
		return filter_read_bad(read, type, "1 to 6");
	if (!filter_read_u64(function, &gsf) || gsf < GEO_WITHIN || gsf > GEO_INTERSECTS)
		return filter_read_bad(read, function, "1 (within), 2 (contains) or 3 (intersects)");
	geo->function = (enum geo_function)gsf;
	r = geo_read(&read->req->arena, (int64_t)gmty, geometry, "fc/geom", &read->req->why, &geo->geo);
	if (r)
		return r;
	cond = filter_read_add(read, FILTER_geom);
	if (!cond)
		return filter_read_bad(read, v, "fewer conditions (64 at most)");
	cond->compiled = geo;
	return 0;
}

static int filter_read_ops(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	int r = filter_read_number(read, v, tag);

	if (r)
		return r;
	r = (int)read->filter->conds[read->filter->count - 1].number;
	return r >= 1 && r <= 63 ? 0 : filter_read_bad(read, v, "a sum of operations, 1 to 63");
}

static int filter_read_usage(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	uint64_t n;

	if (!filter_read_u64(v, &n) || n < FILTER_DISCOVERY || n > FILTER_ON_DEMAND)
		return filter_read_bad(read, v, "1 (discovery), 2 (conditional) or 3 (on demand)");
	if (n == FILTER_ON_DEMAND)
		return refuse(
		        &read->req->why, RSC_NOT_IMPLEMENTED,
		        "fc/fu: discovery on demand through an interworking proxy (3) is not done here");
	read->filter->usage = (enum filter_usage)n;
	return 0;
}

static int filter_read_join(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	uint64_t n;

	if (!filter_read_u64(v, &n) || n < FILTER_AND || n > FILTER_XOR)
		return filter_read_bad(read, v, "1 (AND), 2 (OR) or 3 (XOR)");
	read->filter->join = (enum filter_join)n;
	return 0;
}

static int filter_read_lim(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	return filter_read_u64(v, &read->filter->lim) ? 0
	                                              : filter_read_bad(read, v, "a whole number, 0 or more");
}

static int filter_read_lvl(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	return filter_read_u64(v, &read->filter->lvl) && read->filter->lvl
	               ? 0
	               : filter_read_bad(read, v, "a whole number, 1 or more");
}

static int filter_read_ofst(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	return filter_read_u64(v, &read->filter->ofst) && read->filter->ofst
	               ? 0
	               : filter_read_bad(read, v, "a whole number, 1 or more");
}

static int filter_read_arp(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	struct slice text;

	if (!val_is_str(v, &text) || text.len == 0 || text.len > 1024 || text.ptr[0] == '/' ||
	    text.ptr[text.len - 1] == '/')
		return filter_read_bad(read, v, "a relative path without a slash at its ends");
	read->filter->arp = text;
	return 0;
}

static int filter_read_not_done(struct filter_read *read, const struct val *v, enum filter_tag tag)
{
	return refuse(&read->req->why, RSC_NOT_IMPLEMENTED,
	              "fc/%.*s: this CSE answers no semantic and no advanced queries", SLICE_ARG(v->name));
}

#define FILTER_READ_NONE FILTER_TAG_COUNT

static const struct filter_read_row {
	const char *sn;
	enum filter_tag tag;
	int (*read)(struct filter_read *read, const struct val *v, enum filter_tag tag);
} filter_read_rows[] = {
        {"fu", FILTER_READ_NONE, filter_read_usage},
        {"fo", FILTER_READ_NONE, filter_read_join},
        {"lim", FILTER_READ_NONE, filter_read_lim},
        {"lvl", FILTER_READ_NONE, filter_read_lvl},
        {"ofst", FILTER_READ_NONE, filter_read_ofst},
        {"arp", FILTER_READ_NONE, filter_read_arp},
        {"cfs", FILTER_READ_NONE, filter_read_cfs},
        {"gmty", FILTER_READ_NONE, filter_read_geom},
        {"gsf", FILTER_READ_NONE, filter_read_geom},
        {"smf", FILTER_READ_NONE, filter_read_not_done},
        {"aq", FILTER_READ_NONE, filter_read_not_done},
        {"ty", FILTER_ty, filter_read_types},
        {"crb", FILTER_crb, filter_read_time},
        {"cra", FILTER_cra, filter_read_time},
        {"ms", FILTER_ms, filter_read_time},
        {"us", FILTER_us, filter_read_time},
        {"exb", FILTER_exb, filter_read_time},
        {"exa", FILTER_exa, filter_read_time},
        {"sts", FILTER_sts, filter_read_number},
        {"stb", FILTER_stb, filter_read_number},
        {"pty", FILTER_pty, filter_read_types},
        {"lbl", FILTER_lbl, filter_read_texts},
        {"lbq", FILTER_lbq, filter_read_lbq},
        {"palb", FILTER_palb, filter_read_texts},
        {"sza", FILTER_sza, filter_read_number},
        {"szb", FILTER_szb, filter_read_number},
        {"cty", FILTER_cty, filter_read_texts},
        {"atr", FILTER_atr, filter_read_attrs},
        {"ops", FILTER_ops, filter_read_ops},
        {"geom", FILTER_geom, filter_read_geom},
        {"cfq", FILTER_cfq, filter_read_cfq},
        {"patr", FILTER_patr, filter_read_attrs},
        {"chty", FILTER_chty, filter_read_types},
        {"clbl", FILTER_clbl, filter_read_texts},
        {"catr", FILTER_catr, filter_read_attrs},
};

static const struct filter_read_row *filter_read_row(struct slice sn)
{
	for (size_t i = 0; i < sizeof(filter_read_rows) / sizeof(filter_read_rows[0]); i++) {
		if (slice_is_text(sn, filter_read_rows[i].sn))
			return &filter_read_rows[i];
	}
	return NULL;
}

static int filter_read_by_cost(const void *a, const void *b)
{
	const struct filter_cond *x = a, *y = b;

	return x->tag < y->tag ? -1 : x->tag > y->tag;
}

static const struct filter_cond *filter_read_find(const struct filter *filter, enum filter_tag tag)
{
	for (size_t i = 0; i < filter->count; i++) {
		if (filter->conds[i].tag == tag)
			return &filter->conds[i];
	}
	return NULL;
}

/* Ranges that nothing can lie in: low <= x < high with high <= low. */
static int filter_read_ranges(struct filter_read *read)
{
	static const struct {
		enum filter_tag low, high;
		const char *names;
	} pairs[] = {{FILTER_cra, FILTER_crb, "cra and crb"},
	             {FILTER_ms, FILTER_us, "ms and us"},
	             {FILTER_stb, FILTER_sts, "stb and sts"},
	             {FILTER_exa, FILTER_exb, "exa and exb"},
	             {FILTER_sza, FILTER_szb, "sza and szb"}};

	if (read->filter->join != FILTER_AND)
		return 0;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct filter_cond *low = filter_read_find(read->filter, pairs[i].low);
		const struct filter_cond *high = filter_read_find(read->filter, pairs[i].high);

		if (!low || !high || low->number < high->number)
			continue;
		read->filter->never = true;
		if (read->req->engine->config.strict_discovery)
			return refuse(&read->req->why, RSC_CONTENTS_UNACCEPTABLE,
			              "fc: nothing can lie between %s: the range is empty", pairs[i].names);
	}
	return 0;
}

int filter_compile(struct req *req, const struct val *fc, struct filter **ret)
{
	struct filter *filter = arena_new(&req->arena, struct filter);
	struct filter_read read = {req, filter, fc};
	const struct filter_read_row *row;
	int r;

	if (fc->kind != VAL_OBJ)
		return refuse(&req->why, RSC_CONTENTS_UNACCEPTABLE, "fc: expected an object, not %s",
		              val_kind_name(fc));
	*filter = (struct filter){FILTER_CONDITIONAL, FILTER_AND, UINT64_MAX, 1,    UINT64_MAX,
	                          {NULL, 0},          0,          NULL,       false};
	filter->conds = arena_array(&req->arena, FILTER_READ_CONDS, struct filter_cond);
	val_each (fc, member) {
		row = filter_read_row(member->name);
		if (!row)
			return refuse(&req->why, RSC_CONTENTS_UNACCEPTABLE,
			              "fc: there is no filter criterion \"%.*s\"", SLICE_ARG(member->name));
		r = row->read(&read, member, row->tag);
		if (r)
			return r;
	}
	qsort(filter->conds, filter->count, sizeof(filter->conds[0]), filter_read_by_cost);
	r = filter_read_ranges(&read);
	if (r == 0)
		*ret = filter;
	return r;
}
