/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the type registry share: type.c (finding), type_build.c (filling in), type_load.c
 * (definitions read from JSON). */
#ifndef DURE_MODEL_TYPE_PRIVATE_H
#define DURE_MODEL_TYPE_PRIVATE_H

#include "model/table.h"

enum type_form {
	TYPE_FORM_TABLE,    /* as it stands in spec/types */
	TYPE_FORM_SPECIAL,  /* the rows of `from` and its own: a mgmtObj or flexContainer specialization */
	TYPE_FORM_INSTANCE, /* the instances of a flexContainer specialization */
	TYPE_FORM_TWIN,     /* the announced twin of `from` */
};

/* A type and how it comes about. Most types are never asked for in the life of a node, so the rows of derived
 * ones are put together when somebody asks (one thread does: house.md, "one thread owns the tree"). */
struct build {
	struct type type; /* attrs NULL: not filled in yet */
	enum type_form form;
	size_t root_len; /* of type.root; set by type_register */
	const struct type *from;
	const struct attr *own; /* rows of its own */
	size_t own_count;
	struct build *twin, *instance;         /* NULL: none, or not made yet */
	const struct table_children *children; /* of the twin of a type of spec/types; else NULL */
};

/* type.c: puts the type under its root. False when the root is taken. */
bool type_register(struct build *build);
/* type.c: memory that lives as long as the process. */
struct arena *type_arena(void);

/* type_build.c: fills in attrs, index and children. */
void type_build_fill(struct build *build);
/* type_build.c: the twin and the instance type; made at the first call, not registered. NULL: there is none.
 */
struct build *type_build_twin(struct build *of);
struct build *type_build_instance(struct build *of);
/* type_build.c: the hash of a short name, as the index has it. */
static inline unsigned type_build_hash(struct slice sn)
{
	unsigned hash = (unsigned)sn.len;

	for (size_t i = 0; i < sn.len; i++)
		hash = hash * 33 + (unsigned char)sn.ptr[i];
	return hash ^ hash >> 7;
}

/* type_load.c: reads the definitions of one JSON text. */
MUST_CHECK int type_load_text(struct slice json, struct why *why);
/* Made of sdt/ at build time: the files one after the other, a NUL behind each. */
extern const unsigned char type_embedded[];
extern const size_t type_embedded_len;

#endif
