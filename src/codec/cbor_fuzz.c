/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: refused with a sentence, or a value that is the same value after it was written as CBOR (from
 * the tree and from its JSON) and read again. */
#include <assert.h>

#include "base/utf8.h"
#include "codec/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_again(struct arena *arena, const struct val *v)
{
	struct buf tree, text, json;
	struct val *again, *read;

	buf_init(&tree, arena);
	buf_init(&text, arena);
	buf_init(&json, arena);
	cbor_write(&tree, v);
	json_write(&json, v);
	cbor_write(&text, val_json(arena, buf_slice(&json)));
	assert(slice_is(buf_slice(&tree), buf_slice(&text)));
	if (cbor_read(arena, buf_slice(&tree), NULL, NULL, &again) ||
	    json_read(arena, buf_slice(&json), NULL, NULL, &read))
		assert(!"what was written cannot be read");
	assert(val_equal(v, again) && val_equal(v, read));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = {0};
	struct arena arena;
	struct val *v;
	int r;

	arena_init(&arena);
	r = cbor_read(&arena, (struct slice){(const char *)data, size}, NULL, &why, &v);
	assert(r == why.rsc);
	assert(arena.taken <= 4096 + 600 * size);
	if (r)
		assert(utf8_is_valid(slice_of(why.text)) && slice_starts(slice_of(why.text), SLICE("byte ")));
	else
		fuzz_again(&arena, v);
	arena_finish(&arena);
	return 0;
}
