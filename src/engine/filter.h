/* SPDX-License-Identifier: Apache-2.0 */
/* Filter criteria: which resources does somebody mean? Read once into a list of conditions, cheapest first,
 * then held against nodes and instances. TS-0001 8.1.2, TS-0004 6.3.5.8
 *
 * Several values of one tag mean "one of them". Conditions of different tags are joined by `fo`: all of them
 * (1), any of them (2), exactly one of them (3). An attribute name is a tag of its own. */
#ifndef DURE_ENGINE_FILTER_H
#define DURE_ENGINE_FILTER_H

#include "engine/req.h"
#include "engine/tree.h"

/* In the order of what a look costs; conditions are tried in this order. */
enum filter_tag {
	FILTER_ty,
	FILTER_crb,
	FILTER_cra,
	FILTER_ms,
	FILTER_us,
	FILTER_exb,
	FILTER_exa,
	FILTER_sts,
	FILTER_stb,
	FILTER_pty,
	FILTER_lbl,
	FILTER_lbq,
	FILTER_palb,
	FILTER_sza,
	FILTER_szb,
	FILTER_cty,
	FILTER_atr,
	FILTER_ops,
	FILTER_geom,
	FILTER_cfq,
	FILTER_patr,
	FILTER_chty,
	FILTER_clbl,
	FILTER_catr,
	FILTER_TAG_COUNT
};

enum filter_usage { FILTER_DISCOVERY = 1, FILTER_CONDITIONAL = 2, FILTER_ON_DEMAND = 3 };
enum filter_join { FILTER_AND = 1, FILTER_OR = 2, FILTER_XOR = 3 };

struct filter_cond {
	enum filter_tag tag;
	int64_t number;                /* times, sizes, states, rights */
	struct slice name;             /* atr, catr, patr */
	size_t count;                  /* of what follows */
	const uint64_t *numbers;       /* ty, pty, chty */
	const struct slice *texts;     /* labels, content types */
	const struct val *const *vals; /* values of an attribute */
	const void *compiled;          /* lbq, cfq, geom */
	/* What a condition on the parent (or on rights) found the last time: neighbours have the same parent.
	 */
	const struct node *known;
	bool known_result;
};

struct filter {
	enum filter_usage usage;
	enum filter_join join;
	uint64_t lim;     /* UINT64_MAX: none */
	uint64_t ofst;    /* from 1 */
	uint64_t lvl;     /* UINT64_MAX: none */
	struct slice arp; /* empty: none */
	size_t count;
	struct filter_cond *conds;
	bool never; /* its ranges contradict each other */
};

/* Reads fc (an object of short names) into the request's arena; fc must live as long. Refuses with 4102 what
 * is malformed, with 5001 what this CSE does not do (smf, aq, fu 3). */
MUST_CHECK int filter_compile(struct req *req, const struct val *fc, struct filter **ret);

/* What is looked at: a node, or an instance of it. */
struct filter_subject {
	struct req *req;
	const struct node *node;
	const struct store_inst *inst; /* NULL: the node itself */
	struct arena *scratch;         /* for attributes; may be reset between subjects */
	struct val *rep;               /* all attributes, once somebody asked; NULL at start */
};
bool filter_matches(const struct filter *filter, struct filter_subject *subject);

/* Forgets what it remembers of nodes: call it when others may have run meanwhile. */
void filter_forget(struct filter *filter);

/* R, U, D with a filter but no discovery: does the addressed resource meet it? True without a filter, and for
 * a retrieve whose result is the children: they are filtered instead (children.h). */
bool filter_admits_target(struct req *req);

/* The condition of that tag that every match must meet, or NULL. */
const struct filter_cond *filter_must(const struct filter *filter, enum filter_tag tag);
/* Could any instance in the box of this node match? Looks at the node only. */
bool filter_box_may_match(const struct filter *filter, const struct node *node);
/* The type of the instances that stand in the box of a node of this type, or NULL. */
const struct type *filter_inst_type(const struct type *type);
/* Are type, size and times of an instance enough to decide? */
bool filter_needs_sizes_only(const struct filter *filter);

static inline bool filter_is_discovery(const struct filter *filter)
{
	return filter && filter->usage == FILTER_DISCOVERY;
}

#endif
