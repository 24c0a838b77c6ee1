/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers of any form. Input: an entry and an ID, a newline between. */
#include "model/id.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct id_self self = {{"//sp.example", 12}, {"/id-in", 6}, {"cse-in", 6}};
	struct slice id = slice_make((const char *)bytes, len), entry = {NULL, 0};
	struct arena arena;
	struct id_to to;

	arena_init(&arena);
	(void)slice_cut(&id, '\n', &entry);
	if (id_read_to(&self, entry, &to, NULL) == 0)
		assert(to.sp.len + to.cse.len + to.path.len + to.fragment.len <= entry.len);
	if (id_is_originator(id)) {
		assert(id.len > 0 && id.len <= 255);
		assert(id_matches(&self, id, id, &arena));
		/* Who may be meant in one form is meant in the other. */
		assert(id_matches(&self, id, id_sp_relative(&self, id, &arena), &arena));
	}
	(void)id_is_cse(id);
	(void)id_is_ae_stem(id);
	(void)id_is_url(id);
	(void)id_matches(&self, entry, id, &arena);
	arena_finish(&arena);
	return 0;
}
