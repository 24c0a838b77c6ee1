/* SPDX-License-Identifier: Apache-2.0 */
/* Primitives of any form: as one object of JSON, and parameter by parameter as lines "name=text". What was
 * taken must come out and go in again. */
#include "model/prim.h"

#include <assert.h>

#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void play_again(const struct prim *prim, struct arena *arena, enum prim_direction direction)
{
	struct prim again = {{NULL}};

	assert(prim_read(&again, arena, prim_write(prim, arena), direction, NULL) == 0);
	for (size_t i = 0; i < PRIM_COUNT; i++)
		assert(i == PRIM_rt || prim_has(prim, (enum prim_id)i) == prim_has(&again, (enum prim_id)i));
}

static void play_lines(struct slice text, struct arena *arena)
{
	struct prim prim = {{NULL}};
	struct slice line, name = {NULL, 0};
	int64_t us;

	while (slice_cut(&text, '\n', &line)) {
		const struct prim_row *row;

		if (!slice_cut(&line, '=', &name))
			continue;
		(void)filter_row_find(name);
		row = prim_by_header(name);
		row = row ? row : prim_by_query(name);
		row = row ? row : prim_by_name(name);
		if (row && prim_set_text(&prim, arena, row, line, NULL) == 0) {
			(void)prim_int(&prim, row->id, 0);
			(void)prim_bool(&prim, row->id, false);
			(void)prim_text(&prim, row->id);
			(void)prim_time(prim.at[row->id], 0, &us);
		}
	}
	play_again(&prim, arena, PRIM_BOTH);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice text = slice_make((const char *)bytes, len);
	struct prim prim = {{NULL}};
	struct arena arena;
	struct val *v;

	arena_init(&arena);
	if (json_read(&arena, text, NULL, NULL, &v) == 0) {
		if (prim_read(&prim, &arena, v, PRIM_REQ, NULL) == 0)
			play_again(&prim, &arena, PRIM_REQ);
		if (prim_read(&prim, &arena, v, PRIM_RSP, NULL) == 0)
			play_again(&prim, &arena, PRIM_RSP);
	} else {
		play_lines(text, &arena);
	}
	arena_finish(&arena);
	return 0;
}
