/* SPDX-License-Identifier: Apache-2.0 */
/* What all cases of a run share: the server under test and the way to it; and what comes out of a case. */
#ifndef DURE_LAB_LAB_H
#define DURE_LAB_LAB_H

#include <stdio.h>

#include "lab/run/box.h"
#include "lab/run/case.h"
#include "lab/run/names.h"
#include "lab/run/node.h"
#include "lab/run/transport.h"

struct lab {
	struct loop *loop;
	struct place *place; /* the binding and the encoding under test */
	struct boxes *boxes;
	struct node_process *node; /* our own; NULL: --at, real time */
	struct names_server server;
	const char *release;   /* rvi of what we send */
	int64_t clock, skew;   /* as in struct names */
	int64_t patience_us;   /* how long we wait for what should come, without a clock of our own */
	bool lenient;          /* a fault of form is told, but fails no case */
	const uint64_t *types; /* srt of the CSEBase; NULL: everything is there */
	size_t type_count;
	struct slice lacks; /* "fopt,pcu": features the server has not got */
	FILE *record;       /* a JSON line for each answer; NULL: none */
	unsigned requests;  /* sent in all: numbers them */
	char session[16];   /* part of request identifiers, so that two runs do not share them */
};

enum verdict { VERDICT_PASSED, VERDICT_FAILED, VERDICT_SKIPPED, VERDICT_COUNT };

/* Why a case did not come true. */
struct complaint {
	unsigned line;
	struct slice step, request, expected, answer; /* for people; may be empty */
	struct complaint *next;
};

struct outcome {
	enum verdict verdict;
	struct slice reason;          /* why it was skipped */
	struct complaint *complaints; /* the first is what stopped it; others are of form */
	int64_t took_us;
	unsigned requests;
	bool dirty; /* what it made could not all be removed: a server of our own is started afresh */
};

/* Asks the server who it is (CSEBase) and what time it is. 0, a refusal with a sentence, or -errno. */
MUST_CHECK int lab_meet(struct lab *lab, struct arena *arena, struct why *why);
/* Sends and waits. False: nobody answered within `wait_us`; then reply->error says so. */
bool lab_call(struct lab *lab, struct arena *arena, const struct call *call, int64_t wait_us,
              struct reply *ret);
/* A fresh request identifier. */
struct slice lab_rqi(struct lab *lab, struct arena *arena);

/* skip.c: NULL, or the reason to skip the case on this server, or over this binding and encoding. */
const char *lab_skip(const struct lab *lab, struct arena *arena, const struct lab_case *lab_case);

/* Plays one case. Texts of *ret live in arena. */
void play_case(struct lab *lab, struct arena *arena, const struct lab_case *lab_case, struct outcome *ret);

#endif
