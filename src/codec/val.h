/* SPDX-License-Identifier: Apache-2.0 */
/* The value tree: what JSON, CBOR and XML all become, and what the engine works on.
 *
 * A value lives in an arena. Numbers are kept as their text, so that 23-digit integers and "12.50" come
 * out as they went in. Text of a value may point into the bytes it was read from; those must live as
 * long as the value. */
#ifndef DURE_CODEC_VAL_H
#define DURE_CODEC_VAL_H

#include "base/arena.h"

enum val_kind {
	VAL_NULL,
	VAL_FALSE,
	VAL_TRUE,
	VAL_NUM,  /* text: the number as JSON writes it */
	VAL_STR,  /* text: the characters, UTF-8, unescaped */
	VAL_ARR,  /* first.. */
	VAL_OBJ,  /* first.., each with a name */
	VAL_JSON, /* text: a whole value already written as JSON, made by us and known to be right */
	VAL_KIND_COUNT
};

struct val {
	enum val_kind kind;
	uint32_t count;           /* members of ARR and OBJ */
	struct slice name;        /* within an object: unescaped */
	struct slice text;        /* NUM, STR, JSON */
	struct val *first, *last; /* ARR, OBJ */
	struct val *next;         /* sibling */
};

#define val_each(v, child) for (struct val *child = (v)->first; child; child = child->next)

/* Makers; name is set when the value is added to an object. */
struct val *val_new(struct arena *arena, enum val_kind kind);
struct val *val_str(struct arena *arena, struct slice text);
struct val *val_num(struct arena *arena, struct slice text);
struct val *val_int(struct arena *arena, int64_t n);
struct val *val_bool(struct arena *arena, bool truth);
struct val *val_json(struct arena *arena, struct slice json);
struct val *val_arr(struct arena *arena);
struct val *val_obj(struct arena *arena);
/* A deep copy, text too. */
struct val *val_copy(struct arena *arena, const struct val *v);

/* Adds to the end; returns child. child must not stand in a tree already. */
struct val *val_push(struct val *arr, struct val *child);
struct val *val_put(struct val *obj, struct slice name, struct val *child); /* no look for duplicates */
struct val *val_set(struct val *obj, struct slice name, struct val *child); /* replaces in place */
bool val_remove(struct val *obj, struct slice name);

/* NULL when obj is NULL, is no object, or has no such member. */
struct val *val_get(const struct val *obj, struct slice name);
#define val_find(obj, literal) val_get((obj), SLICE(literal))

/* A member whose name stands before it already; NULL: all names differ. */
struct val *val_twice(const struct val *obj);

/* What it is. All take NULL and answer false. */
bool val_is_int(const struct val *v, int64_t *ret); /* a NUM without fraction or exponent that fits */
bool val_is_uint(const struct val *v, uint64_t *ret);
bool val_is_bool(const struct val *v, bool *ret);
bool val_is_str(const struct val *v, struct slice *ret);
/* The same value? Numbers by their text, objects in any order. VAL_JSON is never equal to anything. */
bool val_equal(const struct val *a, const struct val *b);
/* "a number", "a string", "null" ...: for sentences. */
const char *val_kind_name(const struct val *v);

#endif
