/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks of memory, the newest first. The first has 4 KiB, each further one twice as much up to 64 KiB;
 * what is too big for that gets a chunk of its own, put behind the newest so that its rest stays in use.
 * Under AddressSanitizer all that was not taken is poisoned, and a gap stands between two takes. */
#include "base/arena.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define ARENA_GAP 16
#else
#define ARENA_GAP                             0
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)0)
#endif

#define ARENA_FIRST        ((size_t)4096)
#define ARENA_LARGEST      ((size_t)65536)
#define ARENA_BIG          ((size_t)16384)
#define ARENA_UNREASONABLE ((size_t)1 << 40)

struct arena_chunk {
	struct arena_chunk *older;
	size_t size; /* bytes behind this head */
} __attribute__((aligned(16)));

void arena_init(struct arena *arena)
{
	*arena = (struct arena){0};
}

static void arena_free_chunk(struct arena_chunk *chunk)
{
	ASAN_UNPOISON_MEMORY_REGION(chunk + 1, chunk->size);
	free(chunk);
}

void arena_finish(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunk, *older;

	for (; chunk; chunk = older) {
		older = chunk->older;
		arena_free_chunk(chunk);
	}
	arena_init(arena);
}

static struct arena_chunk *arena_chunk_create(size_t size)
{
	struct arena_chunk *chunk = mem_take(sizeof(*chunk) + size);

	chunk->size = size;
	chunk->older = NULL;
	ASAN_POISON_MEMORY_REGION(chunk + 1, size);
	return chunk;
}

static void arena_use(struct arena *arena, struct arena_chunk *chunk)
{
	arena->chunk = chunk;
	arena->at = (char *)(chunk + 1);
	arena->end = arena->at + chunk->size;
}

void arena_reset(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunk, *older;

	arena->taken = 0;
	if (!chunk)
		return;
	for (; chunk->older; chunk = older) {
		older = chunk->older;
		arena_free_chunk(chunk);
	}
	ASAN_POISON_MEMORY_REGION(chunk + 1, chunk->size);
	arena_use(arena, chunk);
}

static void arena_widen(struct arena *arena)
{
	size_t total = ARENA_FIRST;
	struct arena_chunk *chunk;

	if (arena->chunk) {
		total = 2 * (arena->chunk->size + sizeof(*chunk));
		total = total > ARENA_LARGEST ? ARENA_LARGEST : total;
	}
	chunk = arena_chunk_create(total - sizeof(*chunk));
	chunk->older = arena->chunk;
	arena_use(arena, chunk);
}

__attribute__((noinline)) static void *arena_take_slowly(struct arena *arena, size_t size, size_t room)
{
	struct arena_chunk *chunk;
	char *at;

	if (!arena->chunk)
		arena_widen(arena);
	if (room > ARENA_BIG) {
		chunk = arena_chunk_create(room);
		chunk->older = arena->chunk->older;
		arena->chunk->older = chunk;
		ASAN_UNPOISON_MEMORY_REGION(chunk + 1, size);
		return chunk + 1;
	}
	while ((size_t)(arena->end - arena->at) < room)
		arena_widen(arena);
	at = arena->at;
	arena->at += room;
	ASAN_UNPOISON_MEMORY_REGION(at, size);
	return at;
}

void *arena_take(struct arena *arena, size_t size)
{
	size_t room = ((size + 15) & ~(size_t)15) + ARENA_GAP;
	char *at = arena->at;

	if (size > ARENA_UNREASONABLE)
		mem_none(size);
	arena->taken += size;
	if ((size_t)(arena->end - at) < room)
		return arena_take_slowly(arena, size, room);
	arena->at = at + room;
	ASAN_UNPOISON_MEMORY_REGION(at, size);
	return at;
}

bool arena_extend(struct arena *arena, void *ptr, size_t size, size_t new_size)
{
#ifdef ARENA_ASAN
	return false; /* always move: that finds those who keep the old place */
#else
	size_t room = (size + 15) & ~(size_t)15, new_room = (new_size + 15) & ~(size_t)15;

	if ((char *)ptr + room != arena->at || new_size > ARENA_UNREASONABLE || !size)
		return false;
	if (new_room - room > (size_t)(arena->end - arena->at))
		return false;
	arena->at += new_room - room;
	arena->taken += new_size - size;
	return true;
#endif
}

void *arena_zero(struct arena *arena, size_t n, size_t size)
{
	size_t all;
	void *ptr;

	if (__builtin_mul_overflow(n, size, &all))
		mem_none(SIZE_MAX);
	ptr = arena_take(arena, all);
	return memset(ptr, 0, all);
}

struct slice arena_copy(struct arena *arena, struct slice s)
{
	char *ptr = arena_take(arena, s.len);

	if (s.len)
		memcpy(ptr, s.ptr, s.len);
	return slice_make(ptr, s.len);
}

char *arena_text(struct arena *arena, struct slice s)
{
	char *ptr = arena_take(arena, s.len + 1);

	if (s.len)
		memcpy(ptr, s.ptr, s.len);
	ptr[s.len] = 0;
	return ptr;
}

struct slice arena_printf(struct arena *arena, const char *format, ...)
{
	char small[256];
	va_list args, again;
	char *ptr;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (len < 0)
		len = 0, small[0] = 0;
	ptr = arena_take(arena, (size_t)len + 1);
	if ((size_t)len < sizeof(small))
		memcpy(ptr, small, (size_t)len + 1);
	else
		vsnprintf(ptr, (size_t)len + 1, format, again);
	va_end(again);
	return slice_make(ptr, (size_t)len);
}
