/* SPDX-License-Identifier: Apache-2.0 */
/* A payload in the encoding that the first byte names: j, c or x. What is understood is written in all of
 * them and read again, and must be the same. */
#include <assert.h>

#include "codec/json.h"
#include "model/type.h"
#include "wire/wire_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_again(struct arena *arena, const struct prim *prim, enum prim_direction direction)
{
	for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
		struct prim again;
		struct buf buf;

		buf_init(&buf, arena);
		wire_payload_write(&buf, (enum encoding)encoding, prim, direction);
		if (wire_payload_read(arena, (enum encoding)encoding, buf_slice(&buf), direction, NULL,
		                      &again))
			assert(!"what was written cannot be read");
		for (int i = 0; i < PRIM_COUNT; i++)
			assert(i == PRIM_rt || i == PRIM_rtu || prim->at[i] == again.at[i] ||
			       val_equal(prim->at[i], again.at[i]));
	}
}

/* What is as deep as it may be gets too deep within a wrapper. */
static bool fuzz_is_flat(const struct val *v, unsigned depth)
{
	bool flat = depth > 0;

	if (v->kind != VAL_ARR && v->kind != VAL_OBJ)
		return true;
	val_each (v, child)
		flat = flat && fuzz_is_flat(child, depth - 1);
	return flat;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum prim_direction direction;
	struct why why = {0};
	struct arena arena;
	struct prim prim;
	bool flat = true;
	int r;

	if (size == 0)
		return 0;
	type_init();
	arena_init(&arena);
	r = wire_payload_read_any(&arena,
	                          data[0] == 'x'   ? ENCODING_XML
	                          : data[0] == 'c' ? ENCODING_CBOR
	                                           : ENCODING_JSON,
	                          slice_make((const char *)data + 1, size - 1), &why, &prim, &direction);
	assert(r == why.rsc && (r == 0 || why.text[0]));
	for (int i = 0; i < PRIM_COUNT; i++)
		flat = flat && (!prim.at[i] || fuzz_is_flat(prim.at[i], 28));
	if (r == 0 && flat)
		fuzz_again(&arena, &prim, direction);
	arena_finish(&arena);
	return 0;
}
