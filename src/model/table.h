/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of spec/ as arrays: what the compiler made of them, before type.c derives the rest at start.
 * For the files of this room only. */
#ifndef DURE_MODEL_TABLE_H
#define DURE_MODEL_TABLE_H

#include "model/type.h"

struct table_type {
	uint32_t number;
	const char *sn, *ln, *root;
	unsigned traits;
	const char *doc;
	const struct attr *attrs;
	size_t attr_count;
};

/* What may stand below; parallel to table_types. */
struct table_children {
	const uint32_t *numbers; /* NULL: nothing */
	size_t count;
};

/* The specializations of <mgmtObj>. */
struct table_mgmt {
	const char *definition; /* "1001" */
	const char *sn, *ln, *root;
	const char *doc;
	const struct attr *attrs;
	size_t attr_count;
};

extern const struct table_type table_types[];
extern const size_t table_type_count;
extern const struct table_children table_children[], table_twin_children[];
extern const struct table_mgmt table_mgmts[];
extern const size_t table_mgmt_count;
extern const struct enumeration *const table_enumerations[];
extern const size_t table_enumeration_count;
extern const struct shape *const table_shapes[];
extern const size_t table_shape_count;
/* What every announced twin has, whatever its original has: lnk and et. */
extern const struct attr table_twin_attrs[];
extern const size_t table_twin_attr_count;

#endif
