/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of spec/, as the rest of the house sees them: resource types, their attributes, the shapes of
 * complex values, the enumerations. Nothing here knows what a type *does*; it knows what a type *is*.
 *
 * Three kinds of struct type live side by side: those of spec/types (number below 10000), their announced
 * twins, derived at start (number + 10000, TS-0001 9.6.26), and the specializations of <flexContainer> and
 * <mgmtObj>, which share a number and differ by cnd or mgd and by their root name. */
#ifndef DURE_MODEL_TYPE_H
#define DURE_MODEL_TYPE_H

#include "base/fail.h"
#include "codec/val.h"

/* The numbers of all types of spec/types.def: TYPE_CNT == 3, TYPE_CIN == 4 ... */
enum type_number {
#define TYPE(id, number, sn, ln, traits, doc) TYPE_##id = number,
#include "model/type_rows.h"
	TYPE_ANNOUNCED = 10000 /* added to the number of the original */
};

/* One enum per type with a constant per attribute: CNT_mni. They exist so that ATTR(CNT, mni) does not
 * compile when the table has no such row. */
#define TYPE(id, number, sn, ln, traits, doc)                                                                \
	enum attr_of_##id                                                                                    \
	{
#define MGMT(id, definition, space, sn, ln, doc)                                                             \
	enum attr_of_##id                                                                                    \
	{
#define ATTR(id, sn, ln, kind, card, create, update, announced, limits, doc) id##_##sn,
#define END(id)                                                                                              \
	id##_ATTR_COUNT                                                                                      \
	}                                                                                                    \
	;
#include "model/type_rows.h"
#define ATTR_NAME(id, sn) ((void)(id##_##sn), SLICE(#sn))

enum kind {
#define KIND(id, name, doc) KIND_##id,
#include "spec/kind.def"
#undef KIND
	KIND_COUNT
};

enum card { CARD_ONE, CARD_OPT, CARD_LIST, CARD_ONELIST };             /* 1, 0..1, 0..1(L), 1(L) */
enum may { MAY_MUST, MAY_MAY, MAY_NO };                                /* M, O, NP */
enum announced { ANNOUNCED_NEVER, ANNOUNCED_ALWAYS, ANNOUNCED_ASKED }; /* NA, MA, OA */

/* A complex value: its members, each a row like an attribute. */
struct shape {
	const char *name; /* "setOfAcrs" */
	const char *doc;
	const struct attr *members;
	size_t count;
};

struct enumeration {
	const char *name; /* "memberType" */
	const char *doc;
	const struct enum_value {
		int64_t number;
		const char *name;
	} * values;
	size_t count;
};

struct attr {
	const char *sn, *ln; /* "mni", "maxNrOfInstances" */
	uint8_t sn_len;
	bool may_be_empty;  /* a list that may have no elements; others that are there have at least one */
	enum kind kind : 8; /* of the value, or of each element of a list */
	enum card card : 8;
	enum may create : 8, update : 8;
	enum announced announced : 8;
	const struct shape *shape;    /* KIND_OBJECT: what stands inside; else NULL */
	const struct enumeration *in; /* KIND_ENUM: the values allowed; else NULL */
	const char *doc;
};

static inline bool attr_is_list(const struct attr *attr)
{
	return attr->card == CARD_LIST || attr->card == CARD_ONELIST;
}

enum type_traits {
	TRAIT_NONE = 0,
	TRAIT_ANNOUNCEABLE = 1, /* has a twin */
	TRAIT_INSTANCE = 2,     /* history: kept by the store in order, not in the tree (cin, fci, tsi) */
	TRAIT_VIRTUAL = 4,
	TRAIT_SPECIALIZED = 8, /* flexContainer, mgmtObj: needs a specialization */
	TRAIT_RECORD = 16,     /* data only so far: not among the supported types of CSEBase */
};

struct type {
	uint32_t number;     /* 3 */
	const char *sn, *ln; /* "cnt", "container" */
	const char *root;    /* "m2m:cnt", "cod:binSh" */
	unsigned traits;
	const char *doc;
	const struct attr *attrs;
	size_t attr_count;
	const uint32_t *children; /* type numbers that may stand below, announced ones too */
	size_t child_count;
	const struct type *original;    /* of an announced twin; else NULL */
	const char *definition;         /* cnd, or mgd as a number; NULL when no specialization */
	const char *const *child_roots; /* specializations: the roots of the SDT children, or NULL: any */
	size_t child_root_count;
	const uint8_t *index; /* private to type.c: places in attrs + 1, by hash of the short name */
	uint8_t index_mask;
	uint8_t musts; /* attributes that a CREATE must give */
};

/* Builds the tables; call once, before all else. Reads the flexContainer definitions compiled in. */
void type_init(void);
/* Adds the flexContainer definitions of one file: JSON in the form of sdt/ (see doc/guide). */
MUST_CHECK int type_load_definitions(const char *path, struct why *why);

/* A struct type is only ever had through the functions here: they fill in what is not filled in yet.
 * NULL when there is none. The number finds the plain type, also for specialized ones (fcnt: the base). */
const struct type *type_find(uint32_t number);
const struct type *type_by_root(struct slice root);      /* "m2m:cnt", "cod:binSh" */
const struct type *type_by_definition(struct slice cnd); /* flexContainer specialization */
const struct type *type_by_name(struct slice name);      /* short or long, for people */
/* The announced twin of a type, or NULL; the type of the instances of a flexContainer (fci), or NULL. */
const struct type *type_twin(const struct type *type);
const struct type *type_instance(const struct type *flex_container);
/* Walks all, but for the announced twins and the instances of flexContainer specializations, which are made
 * when somebody asks for them: *at starts at 0. */
const struct type *type_next(size_t *at);

const struct attr *type_attr(const struct type *type, struct slice sn); /* NULL: no such attribute */
bool type_may_hold(const struct type *parent, uint32_t child_number);
static inline bool type_has(const struct type *type, unsigned traits)
{
	return (type->traits & traits) == traits;
}

const char *kind_name(enum kind kind); /* "xs:nonNegativeInteger" */
const char *kind_word(enum kind kind); /* "UINT" */
const char *kind_doc(enum kind kind);  /* "a whole number, 0 or more" */

const struct enumeration *enumeration_find(struct slice name);
const struct enumeration *enumeration_next(size_t *at);
const char *enumeration_name(const struct enumeration *in, int64_t number); /* NULL: no such value */
const struct shape *shape_find(struct slice name);
const struct shape *shape_next(size_t *at);
const struct attr *shape_member(const struct shape *shape, struct slice sn); /* NULL: no such member */

#endif
