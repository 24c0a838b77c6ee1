/* SPDX-License-Identifier: Apache-2.0 */
/* What to ask for, written once and filled in for every request:
 *
 *     GET /cse-in/bench/c%c/la
 *     POST:4 /cse-in/bench/c%c {"m2m:cin":{"con":"%n"}}        (:4 is the resource type of a create)
 *
 * %c the number of a container, as drawn; %n the number of the request, never used twice; %p the same with
 * ten digits; %t the number of the turn, when several orders take turns; %xa1 a byte; %% a percent sign. */
#ifndef DURE_BENCH_ORDER_H
#define DURE_BENCH_ORDER_H

#include "base/buf.h"

struct order {
	struct slice method, path, body;
	uint64_t ty; /* 0: none */
};

/* What is filled in. */
struct order_values {
	const char *originator;
	const char *type; /* media type of the body, and the one accepted; NULL: JSON, and no Accept */
	uint64_t container, number, turn;
};

/* Reads the text, which must outlive the order. */
bool order_read(struct order *order, const char *text);
/* Writes the HTTP request. `scratch` is the caller's. */
void order_write(const struct order *order, const struct order_values *values, struct buf *scratch,
                 struct buf *out);

#endif
