/* SPDX-License-Identifier: Apache-2.0 */
/* The tables as pages to be read: plain text for the terminal, mdoc for the man pages, JSON for programs. All
 * add to the end of the buffer. */
#ifndef DURE_MODEL_EXPLAIN_H
#define DURE_MODEL_EXPLAIN_H

#include "base/buf.h"
#include "model/type.h"

/* A page each. */
void explain_type(struct buf *buf, const struct type *type);
void explain_shape(struct buf *buf, const struct shape *shape);
void explain_enum(struct buf *buf, const struct enumeration *in);
/* Lists: all types, all parameters of primitives, all filter criteria, all response status codes, all kinds
 * of values, the names of all enumerations and shapes. */
void explain_types(struct buf *buf);
void explain_params(struct buf *buf);
void explain_filters(struct buf *buf);
void explain_codes(struct buf *buf);
void explain_kinds(struct buf *buf);
void explain_names(struct buf *buf);

/* Whatever is called `what`: a type (short, long or root name), a number of a type or a code, an enumeration,
 * a shape, a kind, a parameter, an attribute; or one of the words types, parameters, filters, codes, kinds,
 * names. False, and nothing written, when there is no such thing. */
bool explain_find(struct buf *buf, struct slice what);

/* All of it as one JSON object: {"types": [...], "shapes": [...], "enumerations": [...], "parameters": [...],
 * "filters": [...], "codes": [...]}. A flexContainer specialization has the form of sdt/, so that it may
 * serve as a pattern for one's own. */
void explain_json(struct buf *buf);
/* One type in that form. */
void explain_json_type(struct buf *buf, const struct type *type);

/* For the man pages: sections of mdoc, beginning with .Sh. */
void explain_mdoc_types(struct buf *buf);
void explain_mdoc_params(struct buf *buf);
void explain_mdoc_codes(struct buf *buf);

/* The words of the columns, as explain prints them: "list of UINT", "exactly 1", "must". */
struct explain_words {
	char kind[64];
	const char *many, *create, *update, *announced;
};
struct explain_words explain_attr(const struct attr *attr);

#endif
