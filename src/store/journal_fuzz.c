/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a blob of the journal, and as a block: read to the end or refused, never more. What is read is
 * written again and must read the same; and the tail must take it or refuse it. */
#include "store/tail.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void again(const struct journal_record *record, struct arena *arena)
{
	struct journal_record copy = *record, second;
	struct buf out;
	struct slice rest;
	bool ok;

	journal_unpack(record->packed, arena, &copy.inst);
	assert(copy.inst.label_count == record->inst.label_count);
	buf_init(&out, arena);
	journal_add(&out, &copy);
	rest = buf_slice(&out);
	ok = journal_take(&rest, &second);
	assert(ok && rest.len == 0);
	assert(second.kind == record->kind && second.no == record->no);
	assert(memcmp(&second.box, &record->box, sizeof(second.box)) == 0);
	assert(second.inst.seq == record->inst.seq && second.inst.et == record->inst.et);
	assert(slice_is(second.packed, record->packed) && slice_is(second.inst.body, record->inst.body));
	assert(slice_is(second.raw, record->raw) && slice_is(second.note.body, record->note.body));
	(void)ok;
}

static int count(void *user, uint64_t box, uint64_t seq)
{
	++*(uint64_t *)user;
	return 0;
}

static void play_tail(struct slice blob)
{
	struct tail tail;
	struct tail_ref ref;
	uint64_t seen = 0;

	tail_init(&tail);
	if (tail_replay(&tail, blob)) {
		tail_switch(&tail);
		tail_replay(&tail, blob); /* numbers do not ascend: often refused */
		tail_walk_label(&tail, SLICE("*"), count, &seen);
		tail_walk_early(&tail, INT64_MAX, count, &seen);
		for (uint64_t no = 0; no < 8; no++)
			for (uint64_t at = 0; tail_next(&tail, no, at, 1, &ref) && seen < 100000; seen++)
				at = ref.inst->seq + 1;
	}
	tail_finish(&tail);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice blob = slice_make((const char *)bytes, len), rest = blob;
	struct journal_record record;
	struct arena arena;

	arena_init(&arena);
	while (journal_take_inst(&rest, &record))
		journal_unpack(record.packed, &arena, &record.inst);
	rest = blob;
	if (journal_open(&rest))
		while (journal_take(&rest, &record))
			again(&record, &arena);
	play_tail(blob);
	arena_finish(&arena);
	return 0;
}
