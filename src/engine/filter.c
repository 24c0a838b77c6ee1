/* SPDX-License-Identifier: Apache-2.0 */
/* Holding criteria against resources: a table with one small test per tag. What stands in the fields of a
 * node or an instance is looked at there; only conditions on attributes make us read the whole body. */
#include "codec/json.h"
#include "engine/access.h"
#include "engine/box.h"
#include "engine/engine_private.h"
#include "engine/filter_private.h"
#include "engine/represent.h"

#define FILTER_LABELS 128 /* of one resource, looked at by a query */

static uint32_t filter_type(const struct filter_subject *s)
{
	return s->inst ? s->inst->ty : s->node->type->number;
}

static const struct val *filter_attr(struct filter_subject *s, struct slice name)
{
	if (!s->rep)
		s->rep = s->inst ? represent_inst_val(s->node, s->inst, s->scratch)
		                 : represent_node_val(s->req->engine, s->node, s->scratch);
	return val_get(s->rep, name);
}

/* The resource above: of an instance its node. NULL above the base. */
static const struct node *filter_parent(const struct filter_subject *s)
{
	return s->inst ? s->node : s->node->parent;
}

static struct filter_subject filter_node_subject(const struct filter_subject *s, const struct node *node)
{
	return (struct filter_subject){s->req, node, NULL, s->scratch, NULL};
}

static bool filter_in(const struct filter_cond *cond, uint32_t number)
{
	for (size_t i = 0; i < cond->count; i++) {
		if (cond->numbers[i] == number)
			return true;
	}
	return false;
}

static bool filter_ty(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_in(cond, filter_type(s));
}

static int64_t filter_ct(const struct filter_subject *s)
{
	return s->inst ? s->inst->ct : s->node->ct;
}

static int64_t filter_lt(const struct filter_subject *s)
{
	if (s->inst)
		return s->inst->lt ? s->inst->lt : s->inst->ct;
	return s->node->box && s->node->box->s.lt > s->node->lt ? s->node->box->s.lt : s->node->lt;
}

/* What never expires does so later than any time. */
static int64_t filter_et(const struct filter_subject *s)
{
	int64_t et = s->inst ? s->inst->et : s->node->et;

	return et ? et : INT64_MAX;
}

static bool filter_crb(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_ct(s) < cond->number;
}

static bool filter_cra(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_ct(s) >= cond->number;
}

static bool filter_ms(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_lt(s) >= cond->number;
}

static bool filter_us(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_lt(s) < cond->number;
}

static bool filter_exb(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_et(s) < cond->number;
}

static bool filter_exa(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_et(s) >= cond->number;
}

/* False: the resource has no state tag. */
static bool filter_st(const struct filter_subject *s, int64_t *ret)
{
	if (!s->inst && (!s->node->box || !type_attr(s->node->type, SLICE("st"))))
		return false;
	*ret = (int64_t)(s->inst ? s->inst->st : s->node->box->s.st);
	return true;
}

static bool filter_sts(struct filter_cond *cond, struct filter_subject *s)
{
	int64_t st;

	return filter_st(s, &st) && st < cond->number;
}

static bool filter_stb(struct filter_cond *cond, struct filter_subject *s)
{
	int64_t st;

	return filter_st(s, &st) && st >= cond->number;
}

static bool filter_cs(struct filter_subject *s, int64_t *ret)
{
	if (!s->inst)
		return type_attr(s->node->type, SLICE("cs")) && val_is_int(filter_attr(s, SLICE("cs")), ret);
	*ret = (int64_t)s->inst->cs;
	return true;
}

static bool filter_sza(struct filter_cond *cond, struct filter_subject *s)
{
	int64_t cs;

	return filter_cs(s, &cs) && cs >= cond->number;
}

static bool filter_szb(struct filter_cond *cond, struct filter_subject *s)
{
	int64_t cs;

	return filter_cs(s, &cs) && cs < cond->number;
}

/* The labels of the subject; those of a node are a list in the index. */
static size_t filter_labels(struct filter_subject *s, struct slice room[FILTER_LABELS],
                            const struct slice **ret)
{
	size_t n = 0;

	*ret = room;
	if (s->inst && s->inst->labels) {
		*ret = s->inst->labels;
		return s->inst->label_count;
	}
	if (s->inst && s->inst->body.len && memmem(s->inst->body.ptr, s->inst->body.len, "\"lbl\":", 6)) {
		/* The newest one is kept without its list. */
		const struct val *lbl = filter_attr(s, SLICE("lbl"));

		for (const struct val *v = lbl ? lbl->first : NULL; v && n < FILTER_LABELS; v = v->next)
			room[n++] = v->text;
	}
	for (const struct label_ref *ref = s->inst ? NULL : s->node->labels; ref && n < FILTER_LABELS;
	     ref = ref->of_node)
		room[n++] = ref->label->text;
	return n;
}

static bool filter_lbl(struct filter_cond *cond, struct filter_subject *s)
{
	struct slice room[FILTER_LABELS];
	const struct slice *labels;
	size_t n = filter_labels(s, room, &labels);

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < cond->count; j++) {
			if (slice_matches(labels[i], cond->texts[j]))
				return true;
		}
	}
	return false;
}

static bool filter_lbq(struct filter_cond *cond, struct filter_subject *s)
{
	struct slice room[FILTER_LABELS];
	const struct slice *labels;
	size_t n = filter_labels(s, room, &labels);

	return filter_lbq_holds(cond->compiled, labels, n);
}

/* contentInfo is mediatype:encoding[:security]; only the first part counts. */
static bool filter_cty(struct filter_cond *cond, struct filter_subject *s)
{
	struct slice cnf, media;

	if (!val_is_str(filter_attr(s, SLICE("cnf")), &cnf) || !slice_cut(&cnf, ':', &media))
		return false;
	for (size_t i = 0; i < cond->count; i++) {
		if (slice_is(media, cond->texts[i]))
			return true;
	}
	return false;
}

static struct slice filter_text(const struct val *v)
{
	switch (v->kind) {
	case VAL_TRUE:
		return SLICE("true");
	case VAL_FALSE:
		return SLICE("false");
	case VAL_NUM:
	case VAL_STR:
	case VAL_JSON:
		return v->text;
	case VAL_NULL:
	case VAL_ARR:
	case VAL_OBJ:
	case VAL_KIND_COUNT:
		break;
	}
	return (struct slice){0};
}

/* One value of the resource against one that was asked for: a list has it when one of its elements does. */
static bool filter_value(const struct val *have, const struct val *want)
{
	if (val_equal(have, want))
		return true;
	if (have->kind == VAL_ARR) {
		val_each (have, one) {
			if (one->kind != VAL_ARR && filter_value(one, want))
				return true;
		}
		return false;
	}
	if (have->kind == VAL_OBJ || have->kind == VAL_NULL || want->kind == VAL_OBJ || want->kind == VAL_ARR)
		return false;
	return want->kind == VAL_STR ? slice_matches(filter_text(have), want->text)
	                             : slice_is(filter_text(have), filter_text(want));
}

static bool filter_atr(struct filter_cond *cond, struct filter_subject *s)
{
	const struct val *have = filter_attr(s, cond->name);

	for (size_t i = 0; have && i < cond->count; i++) {
		if (filter_value(have, cond->vals[i]))
			return true;
	}
	return false;
}

/* ops: does the originator hold all these rights? Decided by the node, so neighbours share the answer. */
static bool filter_ops(struct filter_cond *cond, struct filter_subject *s)
{
	struct access_ask ask;

	if (cond->known == s->node)
		return cond->known_result;
	cond->known = s->node;
	cond->known_result = true;
	for (int bit = ACCESS_CREATE; bit <= ACCESS_DISCOVERY && cond->known_result; bit <<= 1) {
		if (!(cond->number & bit))
			continue;
		access_ask_of(&ask, s->req, (enum access_op)bit);
		cond->known_result = access_permits(s->req->engine, s->node, &ask);
	}
	return cond->known_result;
}

static bool filter_geom(struct filter_cond *cond, struct filter_subject *s)
{
	const struct filter_geo *wanted = cond->compiled;
	const struct val *loc = filter_attr(s, SLICE("loc"));
	struct geo *place;
	int64_t typ;

	return loc && val_is_int(val_find(loc, "typ"), &typ) &&
	       geo_read(s->scratch, typ, val_find(loc, "crd"), "loc", NULL, &place) == 0 &&
	       geo_holds(wanted->function, place, wanted->geo);
}

/* The content may be a JSON value, or text that holds one. */
static bool filter_cfq(struct filter_cond *cond, struct filter_subject *s)
{
	const struct val *con = filter_attr(s, SLICE("con"));
	struct val *read;

	if (con && con->kind == VAL_STR) {
		if (json_read(s->scratch, con->text, NULL, NULL, &read) != 0)
			return false;
		con = read;
	}
	return con && jsonpath_finds(cond->compiled, con);
}

/* The conditions on the parent: the same question put to it, asked once for all its children. */
static bool filter_of_parent(struct filter_cond *cond, struct filter_subject *s,
                             bool (*test)(struct filter_cond *cond, struct filter_subject *s))
{
	const struct node *parent = filter_parent(s);
	struct filter_subject above;

	if (!parent)
		return false;
	if (cond->known != parent) {
		above = filter_node_subject(s, parent);
		cond->known_result = test(cond, &above);
		cond->known = parent;
	}
	return cond->known_result;
}

static bool filter_pty(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_of_parent(cond, s, filter_ty);
}

static bool filter_palb(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_of_parent(cond, s, filter_lbl);
}

static bool filter_patr(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_of_parent(cond, s, filter_atr);
}

/* The conditions on a child: the same question put to each, until one says yes. */
struct filter_child {
	struct filter_cond *cond;
	const struct filter_subject *parent;
	struct arena *scratch; /* not the parent's: what is known of that is still wanted */
	bool (*test)(struct filter_cond *cond, struct filter_subject *s);
};

static int filter_child_inst(void *user, const struct store_inst *inst)
{
	struct filter_child *child = user;
	struct filter_subject s = {child->parent->req, child->parent->node, inst, child->scratch, NULL};

	if (inst->et && inst->et <= s.req->now)
		return 0;
	arena_reset(child->scratch);
	return child->test(child->cond, &s);
}

static bool filter_child_any(struct filter_child *child)
{
	const struct filter_subject *s = child->parent;
	struct store *store = s->req->engine->store;

	tree_each_child (s->node, node) {
		struct filter_subject below = {s->req, node, NULL, child->scratch, NULL};

		arena_reset(child->scratch);
		if (child->test(child->cond, &below))
			return true;
	}
	return s->node->box && s->node->box->s.cni &&
	       store->ops->walk(store, s->node->no, s->node->box->s.first, 1, false, filter_child_inst,
	                        child) == 1;
}

static bool filter_of_child(struct filter_cond *cond, struct filter_subject *s,
                            bool (*test)(struct filter_cond *cond, struct filter_subject *s))
{
	struct arena scratch;
	struct filter_child child = {cond, s, &scratch, test};
	bool found;

	if (s->inst)
		return false;
	arena_init(&scratch);
	found = filter_child_any(&child);
	arena_finish(&scratch);
	return found;
}

static bool filter_chty(struct filter_cond *cond, struct filter_subject *s)
{
	const struct type *inst = filter_inst_type(s->node->type);

	if (s->inst)
		return false;
	tree_each_child (s->node, node) {
		if (filter_in(cond, node->type->number))
			return true;
	}
	return inst && s->node->box && s->node->box->s.cni && filter_in(cond, inst->number);
}

static bool filter_clbl(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_of_child(cond, s, filter_lbl);
}

static bool filter_catr(struct filter_cond *cond, struct filter_subject *s)
{
	return filter_of_child(cond, s, filter_atr);
}

static bool (*const filter_tests[FILTER_TAG_COUNT])(struct filter_cond *cond, struct filter_subject *s) = {
        [FILTER_ty] = filter_ty,     [FILTER_crb] = filter_crb,   [FILTER_cra] = filter_cra,
        [FILTER_ms] = filter_ms,     [FILTER_us] = filter_us,     [FILTER_exb] = filter_exb,
        [FILTER_exa] = filter_exa,   [FILTER_sts] = filter_sts,   [FILTER_stb] = filter_stb,
        [FILTER_pty] = filter_pty,   [FILTER_lbl] = filter_lbl,   [FILTER_lbq] = filter_lbq,
        [FILTER_palb] = filter_palb, [FILTER_sza] = filter_sza,   [FILTER_szb] = filter_szb,
        [FILTER_cty] = filter_cty,   [FILTER_atr] = filter_atr,   [FILTER_ops] = filter_ops,
        [FILTER_geom] = filter_geom, [FILTER_cfq] = filter_cfq,   [FILTER_patr] = filter_patr,
        [FILTER_chty] = filter_chty, [FILTER_clbl] = filter_clbl, [FILTER_catr] = filter_catr,
};

bool filter_matches(const struct filter *filter, struct filter_subject *subject)
{
	size_t held = 0;

	if (filter->never)
		return false;
	for (size_t i = 0; i < filter->count; i++) {
		bool holds = filter_tests[filter->conds[i].tag](&filter->conds[i], subject);

		if (holds && filter->join == FILTER_OR)
			return true;
		if (!holds && filter->join == FILTER_AND)
			return false;
		held += holds;
		if (held > 1 && filter->join == FILTER_XOR)
			return false;
	}
	return filter->count == 0 || filter->join == FILTER_AND || (filter->join == FILTER_XOR && held == 1);
}

void filter_forget(struct filter *filter)
{
	for (size_t i = 0; i < filter->count; i++)
		filter->conds[i].known = NULL;
}

bool filter_admits_target(struct req *req)
{
	struct filter_subject s = {req, req->target, req->inst, &req->arena, NULL};
	struct store_inst inst;

	if (!req->filter)
		return true;
	if (req->op == OP_RETRIEVE && (req->rcn == 4 || req->rcn == 5 || req->rcn == 6 || req->rcn == 8))
		return true;
	if (req->seq && !req->inst) {
		if (box_get(&req->engine->tree, req->target, req->seq, req->now, &req->arena, &inst) != 0)
			return false;
		s.inst = &inst;
	}
	return filter_matches(req->filter, &s);
}

const struct filter_cond *filter_must(const struct filter *filter, enum filter_tag tag)
{
	if (filter->join != FILTER_AND && filter->count != 1)
		return NULL;
	for (size_t i = 0; i < filter->count; i++) {
		if (filter->conds[i].tag == tag)
			return &filter->conds[i];
	}
	return NULL;
}

const struct type *filter_inst_type(const struct type *type)
{
	for (size_t i = 0; i < type->child_count; i++) {
		const struct type *child = type_find(type->children[i]);

		if (child && type_has(child, TRAIT_INSTANCE))
			return child;
	}
	return NULL;
}

/* An instance has no children. */
static bool filter_wants_children(const struct filter *filter)
{
	return filter_must(filter, FILTER_chty) || filter_must(filter, FILTER_clbl) ||
	       filter_must(filter, FILTER_catr);
}

/* It was made no later than the last change of its box, and not before that. */
static bool filter_box_in_time(const struct filter *filter, const struct node *node)
{
	const struct filter_cond *since = filter_must(filter, FILTER_cra),
	                         *until = filter_must(filter, FILTER_crb);
	const struct filter_cond *stb = filter_must(filter, FILTER_stb);

	return !(since && since->number > node->box->s.lt) && !(until && until->number <= node->ct) &&
	       !(stb && (uint64_t)stb->number > node->box->s.st);
}

bool filter_box_may_match(const struct filter *filter, const struct node *node)
{
	const struct type *inst = node->box && node->box->s.cni ? filter_inst_type(node->type) : NULL;
	const struct filter_cond *ty = filter_must(filter, FILTER_ty), *pty = filter_must(filter, FILTER_pty);

	if (!inst || filter->never || filter_wants_children(filter))
		return false;
	if ((ty && !filter_in(ty, inst->number)) || (pty && !filter_in(pty, node->type->number)))
		return false;
	return filter_box_in_time(filter, node);
}

/* What stands in the index of sizes, or is asked of the node above. */
static const bool filter_by_sizes[FILTER_TAG_COUNT] = {
        [FILTER_ty] = true,   [FILTER_pty] = true,  [FILTER_palb] = true, [FILTER_patr] = true,
        [FILTER_crb] = true,  [FILTER_cra] = true,  [FILTER_exb] = true,  [FILTER_exa] = true,
        [FILTER_sza] = true,  [FILTER_szb] = true,  [FILTER_ops] = true,  [FILTER_chty] = true,
        [FILTER_clbl] = true, [FILTER_catr] = true,
};

bool filter_needs_sizes_only(const struct filter *filter)
{
	for (size_t i = 0; i < filter->count; i++) {
		if (!filter_by_sizes[filter->conds[i].tag])
			return false;
	}
	return true;
}
