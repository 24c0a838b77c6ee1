/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses: the rest is XML that is read, or JSON that becomes XML. Either way, what was
 * understood is written and read again, and must be the same. */
#include <assert.h>

#include "codec/json.h"
#include "model/type.h"
#include "model/xml_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned fuzz_depth(const struct val *v)
{
	unsigned most = 0, depth;

	val_each (v, child) {
		depth = fuzz_depth(child);
		most = depth > most ? depth : most;
	}
	return most + (v->kind == VAL_ARR || v->kind == VAL_OBJ);
}

static void fuzz_again(struct arena *arena, struct val *v)
{
	struct why why = {0};
	struct val *again;
	struct buf xml;

	buf_init(&xml, arena);
	xml_map_write(&xml, v);
	if (xml_map_read(arena, buf_slice(&xml), &why, &again))
		assert(!"what was written cannot be read");
	assert(val_equal(v, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = {0};
	struct slice rest;
	struct arena arena;
	struct val *v;
	int r;

	if (size == 0)
		return 0;
	type_init();
	arena_init(&arena);
	rest = slice_make((const char *)data + 1, size - 1);
	if (data[0] == 'x') {
		r = xml_map_read(&arena, rest, &why, &v);
		assert(r == why.rsc && (r == 0 || why.text[0]));
		assert(r != 0 || fuzz_depth(v) <= json_limits_default.depth + 1);
	} else {
		const struct json_limits limits = {.depth = 28, .values = 20000};

		r = json_read(&arena, rest, &limits, NULL, &v);
	}
	if (r == 0)
		fuzz_again(&arena, v);
	arena_finish(&arena);
	return 0;
}
