/* SPDX-License-Identifier: Apache-2.0 */
/* The first line is a path, the rest a JSON value. Whatever they are, the answer comes, and soon. */
#include <assert.h>

#include "codec/json.h"
#include "engine/jsonpath.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice rest = slice_make((const char *)bytes, len), text;
	struct why why = {0};
	struct jsonpath *path;
	struct arena arena;
	struct val *v;
	int r;

	if (!slice_cut(&rest, '\n', &text))
		return 0;
	arena_init(&arena);
	r = jsonpath_compile(&arena, text, &why, &path);
	assert(r == 0 || (r == 4102 && why.rsc == 4102));
	if (r == 0 && json_read(&arena, rest, NULL, NULL, &v) == 0)
		(void)jsonpath_finds(path, v);
	arena_finish(&arena);
	return 0;
}
