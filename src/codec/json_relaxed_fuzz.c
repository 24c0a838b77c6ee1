/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the relaxed reader takes must come out as JSON that the strict one reads as the same value. */
#include "base/utf8.h"
#include "codec/json.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct json_limits limits = {.depth = 64, .values = 1000000};
	struct why why = {0};
	struct val *v, *again;
	struct arena arena;
	struct buf buf;
	int r;

	arena_init(&arena);
	buf_init(&buf, &arena);
	r = json_read_relaxed(&arena, slice_make((const char *)bytes, len), &why, &v);
	assert(r == 0 || r == 4000);
	assert(why.rsc == r && utf8_is_valid(slice_of(why.text)));
	if (r == 0) {
		json_write(&buf, v);
		assert(json_read(&arena, buf_slice(&buf), &limits, &why, &again) == 0);
		assert(val_equal(v, again));
	}
	arena_finish(&arena);
	return 0;
}
