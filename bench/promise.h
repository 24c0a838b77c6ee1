/* SPDX-License-Identifier: Apache-2.0 */
/* What a node has promised one client: the container that is the client's alone, and its lines in the
 * container that all share. A client does one thing at a time, so after a crash there are two truths at most:
 * without and with what was under way. */
#ifndef DURE_BENCH_PROMISE_H
#define DURE_BENCH_PROMISE_H

#include "base/buf.h"

enum deed { DEED_NONE, DEED_BOX, DEED_ADD, DEED_SHARE, DEED_LABEL, DEED_DROP, DEED_END };

/* The readings first..last stand in the box, each with the content "<client>-<box>-<number>". */
struct promise {
	unsigned client;
	uint64_t box; /* the how manyth box this is */
	bool exists;
	uint64_t most; /* mni; 0: none */
	uint64_t first, last;
	uint64_t label;  /* lbl is ["v<label>"] */
	uint64_t shared; /* lines 1.. in the shared container */
};

/* What the client does next; `dice` decides. */
enum deed promise_choose(const struct promise *promise, uint64_t dice);
/* The request for it. `shared` is the name of the shared container. */
void promise_ask(const struct promise *promise, enum deed deed, const char *shared, struct buf *out);
/* What is promised once that is done. */
void promise_keep(struct promise *promise, enum deed deed);

/* The name of the box, and the content of one of its readings or of a line in the shared container. */
struct slice promise_name(const struct promise *promise, struct arena *arena);
struct slice promise_reading(const struct promise *promise, uint64_t number, struct arena *arena);
struct slice promise_line(const struct promise *promise, uint64_t number, struct arena *arena);

#endif
