/* SPDX-License-Identifier: Apache-2.0 */
/* Definition files of any form. What is taken is asked for in all its forms. A definition that was taken
 * stays, so the registry is fed with at most some hundreds. */
#include <assert.h>

#include "codec/json.h"
#include "model/type_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static unsigned taken;
	struct slice text = slice_make((const char *)bytes, len);
	struct arena arena;
	struct val *v;

	type_init();
	if (taken > 300 || type_load_text(text, NULL) != 0)
		return 0;
	taken++;
	arena_init(&arena);
	assert(json_read(&arena, text, NULL, NULL, &v) == 0);
	val_each (val_find(v, "definitions"), definition) {
		const struct type *type = type_by_root(val_find(definition, "root")->text);

		assert(type && type->number == TYPE_FCNT && type->attr_count > 10);
		assert(type_twin(type)->attr_count > 5);
		assert(type_instance(type)->attr_count > 5);
	}
	arena_finish(&arena);
	return 0;
}
