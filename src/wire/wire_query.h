/* SPDX-License-Identifier: Apache-2.0 */
/* The query of a request: parameters, filter criteria, attribute conditions and partial retrieve, by the rows
 * of prim.def and filter.def. TS-0009 6.2
 *
 *     rcn=4               a parameter
 *     lbl=a+b&ty=2        filter criteria; '+' stands between the values of a list, "%2B" is a plus
 *     cr=Sam              any other name: a condition on that attribute (fc.atr)
 *     c.lbl=x p.cr=y      the same for children and the parent (fc.catr, fc.patr)
 *     atrl=ri+lbl         only these attributes (pc = {"m2m:atrl":["ri","lbl"]}) */
#ifndef DURE_WIRE_WIRE_QUERY_H
#define DURE_WIRE_WIRE_QUERY_H

#include "base/buf.h"
#include "model/prim.h"

/* Reads what stands behind '?'. Refuses (4000) unknown forms, a single-valued key that comes twice, values
 * that its row does not allow. */
MUST_CHECK int wire_query_read(struct arena *arena, struct slice query, struct why *why, struct prim *prim);
/* Appends the query of a request, '?' included; nothing when there is none. */
void wire_query_write(const struct prim *prim, struct buf *buf);

/* One value from text, as the row's kind wants it; `name` for the sentence. */
MUST_CHECK int wire_query_value(struct arena *arena, enum prim_how how, const char *name, struct slice text,
                                struct why *why, struct val **ret);

#endif
