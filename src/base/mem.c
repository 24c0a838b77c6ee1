/* SPDX-License-Identifier: Apache-2.0 */
/* The heap that never says no. */
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void mem_none(size_t wanted)
{
	fprintf(stderr, "dure: no memory left for %zu more bytes; ending\n", wanted);
	abort();
}

void *mem_take(size_t size)
{
	void *ptr = malloc(size ? size : 1);

	if (!ptr)
		mem_none(size);
	return ptr;
}

void *mem_zero(size_t n, size_t size)
{
	void *ptr = calloc(n ? n : 1, size ? size : 1);

	if (!ptr)
		mem_none(size);
	return ptr;
}

void *mem_grow(void *ptr, size_t n, size_t size)
{
	size_t all;
	void *grown;

	if (__builtin_mul_overflow(n, size, &all))
		mem_none(SIZE_MAX);
	grown = realloc(ptr, all ? all : 1);
	if (!grown)
		mem_none(all);
	return grown;
}
