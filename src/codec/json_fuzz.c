/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever reads must write, compactly and for people, and read again as the same value. What the strict
 * reader takes, the relaxed one takes too. */
#include "base/utf8.h"
#include "codec/json.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void json_fuzz_again(struct arena *arena, const struct val *v,
                            void (*write)(struct buf *, const struct val *))
{
	struct why why = {0};
	struct val *again;
	struct buf buf;

	buf_init(&buf, arena);
	write(&buf, v);
	assert(utf8_is_valid(buf_slice(&buf)));
	assert(json_read(arena, buf_slice(&buf), NULL, &why, &again) == 0);
	assert(val_equal(v, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice text = slice_make((const char *)bytes, len);
	struct why why = {0};
	struct arena arena;
	struct val *v, *relaxed;
	int r;

	arena_init(&arena);
	r = json_read(&arena, text, NULL, &why, &v);
	assert(r == 0 || r == 4000);
	assert(why.rsc == r && utf8_is_valid(slice_of(why.text)));
	if (r == 0) {
		json_fuzz_again(&arena, v, json_write);
		json_fuzz_again(&arena, v, json_write_pretty);
		assert(val_equal(v, val_copy(&arena, v)));
		assert(json_read_relaxed(&arena, text, &why, &relaxed) == 0);
		assert(val_equal(v, relaxed));
	}
	arena_finish(&arena);
	return 0;
}
