/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: refused with a sentence, or a tree within the limits, of texts that XML can hold. */
#include <assert.h>

#include "base/utf8.h"
#include "codec/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_elem(const struct xml_elem *e, unsigned depth, unsigned *count)
{
	unsigned attrs = 0;

	assert(depth <= xml_limits_default.depth && e->name.len > 0);
	assert(xml_can_hold(e->text) && (!e->first || e->text.len == 0));
	for (const struct xml_attr *attr = e->attrs; attr; attr = attr->next) {
		assert(attr->name.len > 0 && xml_can_hold(attr->value));
		attrs++;
	}
	assert(attrs <= xml_limits_default.attrs);
	++*count;
	xml_each(e, child) fuzz_elem(child, depth + 1, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = {0};
	struct xml_elem *root;
	struct arena arena;
	unsigned count = 0;
	int r;

	arena_init(&arena);
	r = xml_read(&arena, (struct slice){(const char *)data, size}, NULL, &why, &root);
	assert(r == why.rsc);
	assert(arena.taken <= 1000 + 100 * size);
	if (r)
		assert(utf8_is_valid(slice_of(why.text)) && slice_starts(slice_of(why.text), SLICE("line ")));
	else
		fuzz_elem(root, 1, &count);
	assert(count <= xml_limits_default.elements);
	arena_finish(&arena);
	return 0;
}
