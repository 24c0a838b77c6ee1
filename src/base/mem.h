/* SPDX-License-Identifier: Apache-2.0 */
/* The heap, for what lives longer than a request. Like the arena it never says no: a machine without
 * memory ends the process with one line on stderr, and the store survives that. */
#ifndef DURE_BASE_MEM_H
#define DURE_BASE_MEM_H

#include <stddef.h>

/* `size` bytes, not cleared; free() them. Never NULL, also for 0. */
void *mem_take(size_t size);
/* n * size bytes, cleared; ends the process when that overflows. */
void *mem_zero(size_t n, size_t size);
/* realloc() to n * size bytes; ptr may be NULL. Never NULL. */
void *mem_grow(void *ptr, size_t n, size_t size);
/* Says that there is no memory left, and ends. */
_Noreturn void mem_none(size_t wanted);

#endif
