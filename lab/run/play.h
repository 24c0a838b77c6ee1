/* SPDX-License-Identifier: Apache-2.0 */
/* One case under way. play.c walks the steps; play_call.c makes requests of them; play_expect.c judges
 * answers; play_hear.c what receivers heard. */
#ifndef DURE_LAB_PLAY_H
#define DURE_LAB_PLAY_H

#include "lab/run/lab.h"

/* A request that was sent and may not have been answered yet. */
struct play_flight {
	struct slice name; /* of `later`; empty otherwise */
	const struct step *step;
	enum verb verb;
	struct call call;
	struct slice path;  /* CREATE: of the parent; else of the target; structured where it was told so */
	struct slice shown; /* for reports */
	struct pending *pending;
	struct play_flight *next;
};

struct play {
	struct lab *lab;
	struct arena *arena;
	const struct lab_case *lab_case;
	struct outcome *outcome;
	struct names names;
	struct slice from; /* the originator; ptr NULL: nobody */
	struct play_flight *flights;
	const struct step *step; /* the one at hand */
};

/* Adds to the outcome and makes it a failure. Always false. */
bool play_fail(struct play *play, const struct play_flight *flight, struct slice expected,
               struct slice answer);
bool play_failf(struct play *play, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A fault of form: goes on, but the case has failed (unless the lab is lenient). */
void play_fault(struct play *play, const struct play_flight *flight, struct slice fault, struct slice answer);

/* play_call.c: a request verb into a flight, not sent yet. False: the case failed. */
bool play_prepare(struct play *play, const struct step *step, struct play_flight *flight);
void play_send(struct play *play, struct play_flight *flight);
/* The bytes of `raw` and `bytes`. */
bool play_bytes(struct play *play, const struct step *step, struct play_flight *flight);
/* Words behind `body`, and the like, joined; text(..), times(..), $NAME and addresses are made. */
bool play_join(struct play *play, const struct word *words, size_t count, struct slice *ret);

/* play_expect.c */
bool play_judge(struct play *play, struct play_flight *flight, const struct expect *expect,
                const struct reply *reply);
struct slice play_show_reply(struct arena *arena, const struct reply *reply);

/* play_hear.c */
bool play_hear(struct play *play, const struct step *step);
bool play_silence(struct play *play, const struct step *step);

#endif
