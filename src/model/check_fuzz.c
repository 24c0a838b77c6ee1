/* SPDX-License-Identifier: Apache-2.0 */
/* Content of any form against the table of any type: the first byte chooses the type, the rest is JSON. */
#include <assert.h>

#include "codec/json.h"
#include "model/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct type *type = NULL;
	struct arena arena;
	struct val *v;
	size_t at = 0;

	if (len == 0)
		return 0;
	type_init();
	for (unsigned i = 0; i <= bytes[0]; i++)
		type = type_next(&at);
	assert(type);
	arena_init(&arena);
	if (json_read(&arena, slice_make((const char *)bytes + 1, len - 1), NULL, NULL, &v) == 0) {
		struct why why = {0};
		int r = check_create(type, v, &why);

		assert(r == 0 || (r == 4000 && why.text[0]));
		r = check_update(type, v, &why);
		assert(r == 0 || (r == 4000 && why.text[0]));
		r = check_shape(shape_find(SLICE("filterCriteria")), v, "fc", &why);
		assert(r == 0 || r == 4000);
	}
	arena_finish(&arena);
	return 0;
}
