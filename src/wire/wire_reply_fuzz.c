/* SPDX-License-Identifier: Apache-2.0 */
/* A reply as text: a status, header lines, an empty line, the body. Whatever it is, a response with a code
 * comes of it or a refusal. */
#include <assert.h>

#include "wire/wire_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_HEADERS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_http_header headers[FUZZ_HEADERS];
	struct slice rest = {(const char *)data, size}, line = {0}, name;
	struct why why = {0};
	struct arena arena;
	struct prim prim;
	uint64_t status;
	size_t count = 0;
	int r;

	slice_cut(&rest, '\n', &line);
	if (!slice_u64(line, &status) || status < 200 || status > 599)
		status = 200;
	while (slice_cut(&rest, '\n', &line) && line.len > 0)
		if (count < FUZZ_HEADERS && slice_cut(&line, ':', &name))
			headers[count++] = (struct wire_http_header){name, line};
	arena_init(&arena);
	r = wire_http_read_reply(&arena, (int)status, headers, count, rest, &why, &prim);
	assert(r == 0 || r == why.rsc);
	assert(r != 0 || prim_int(&prim, PRIM_rsc, -1) != -1);
	arena_finish(&arena);
	return 0;
}
