/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that goes with the request: take and never give back; the whole arena goes at once.
 *
 * Taking never fails: how much a stranger can make us take is bounded where his bytes enter, and
 * when the machine itself has no more, the process ends (the store survives that). */
#ifndef DURE_BASE_ARENA_H
#define DURE_BASE_ARENA_H

#include "base/slice.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunk; /* newest */
	char *at, *end;            /* free room in it */
	size_t taken;              /* bytes taken since init or reset */
};

/* Makes an empty arena in the caller's memory; allocates nothing. */
void arena_init(struct arena *arena);
/* Frees all; the arena is empty and may be used again. */
void arena_finish(struct arena *arena);
/* Forgets all that was taken but keeps the first chunk for the next user. */
void arena_reset(struct arena *arena);

/* `size` bytes, aligned for any type, not cleared. Never NULL. */
void *arena_take(struct arena *arena, size_t size);
/* The same, cleared to zero; n * size must not overflow (it ends the process if it does). */
void *arena_zero(struct arena *arena, size_t n, size_t size);
#define arena_new(arena, type)      ((type *)arena_zero((arena), 1, sizeof(type)))
#define arena_array(arena, n, type) ((type *)arena_zero((arena), (n), sizeof(type)))

/* Makes what was taken last larger where it stands. False when it was not the last or there is no room:
 * then take anew and copy. (buf.c lives on this.) */
bool arena_extend(struct arena *arena, void *ptr, size_t size, size_t new_size);

/* Copies. arena_text gives a NUL after the copy. */
struct slice arena_copy(struct arena *arena, struct slice s);
char *arena_text(struct arena *arena, struct slice s);
/* printf into the arena. */
struct slice arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
