/* SPDX-License-Identifier: Apache-2.0 */
/* Case files come from people, but a reader is a reader: no text may break it or keep it busy. */
#include "lab/run/case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct case_set set = {0};
	struct why why = {0};
	struct arena arena;

	if (size > 20000)
		return 0;
	arena_init(&arena);
	struct slice text = {(const char *)data, size};

	(void)!case_read(&arena, "fuzz.case", "fuzz", text, SLICE("scene s\nget ~\n"), &why, &set);
	arena_finish(&arena);
	return 0;
}
