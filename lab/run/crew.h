/* SPDX-License-Identifier: Apache-2.0 */
/* Several runs at once: each way is played by a process of its own, with a node of its own, and what came out
 * is handed back. */
#ifndef DURE_LAB_CREW_H
#define DURE_LAB_CREW_H

#include "base/buf.h"
#include "lab/run/run.h"

/* Plays `count` ways, `jobs` at a time, into reports[0..count) (whose results have their cases already).
 * plan: what all have in common. Texts live in arena. 0, or 2 when one of them could not begin. */
int crew_play(const struct run *plan, const struct way *ways, size_t count, size_t jobs, struct arena *arena,
              struct report *reports);

/* The results of a run as text, a JSON line each, and back again. */
void crew_write(struct buf *buf, const struct report *report);
MUST_CHECK int crew_read(struct arena *arena, struct slice text, struct why *why, struct report *ret);

#endif
