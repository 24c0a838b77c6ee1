/* SPDX-License-Identifier: Apache-2.0 */
/* What filter_read.c compiles and filter.c holds against resources. */
#ifndef DURE_ENGINE_FILTER_PRIVATE_H
#define DURE_ENGINE_FILTER_PRIVATE_H

#include "engine/filter.h"
#include "engine/geo.h"
#include "engine/jsonpath.h"

/* labelsQuery: any of the terms, each all of its atoms. */
enum filter_lbq_op {
	FILTER_LBQ_HAS,
	FILTER_LBQ_NOT,
	FILTER_LBQ_EQ,
	FILTER_LBQ_NE,
	FILTER_LBQ_IN,
	FILTER_LBQ_NI
};

struct filter_lbq_atom {
	enum filter_lbq_op op;
	struct slice key;
	size_t count;
	struct slice *values;
	struct filter_lbq_atom *next;
};

struct filter_lbq {
	struct filter_lbq_atom *atoms;
	struct filter_lbq *next;
};

MUST_CHECK int filter_lbq_read(struct arena *arena, struct slice text, struct why *why,
                               struct filter_lbq **ret);
/* Is it true of these labels? */
bool filter_lbq_holds(const struct filter_lbq *lbq, const struct slice *labels, size_t count);

struct filter_geo {
	enum geo_function function;
	struct geo *geo;
};

#endif
