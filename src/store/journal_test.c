/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"
#include "store/journal.h"

static const struct store_box box = {7, 12, 3, 9, UINT64_MAX, 1u << 30, -5};

static struct journal_record append_record(void)
{
	static const struct slice labels[] = {{"kitchen", 7}, {"", 0}, {"k\xc3\xbc", 3}};

	return (struct journal_record){
	        .kind = JOURNAL_APPEND,
	        .box = box,
	        .inst = {.box = 7,
	                 .seq = 11,
	                 .ty = 4,
	                 .ct = 1795340153000000,
	                 .lt = 1795340153000001,
	                 .et = INT64_MAX,
	                 .st = 4,
	                 .cs = 5,
	                 .early = true,
	                 .rn = SLICE("rn"),
	                 .cr = SLICE("Cme"),
	                 .body = SLICE("\"con\":1"),
	                 .labels = labels,
	                 .label_count = 3},
	};
}

static void check_box(const struct store_box *got)
{
	assert_memory_equal(got, &box, sizeof(box));
}

UNIT(journal_append_comes_back)
{
	struct journal_record record = append_record(), got;
	struct arena arena;
	struct slice rest;
	struct buf buf;

	arena_init(&arena);
	buf_init(&buf, NULL);
	journal_begin(&buf);
	journal_add(&buf, &record);
	journal_add(&buf, &record);
	rest = buf_slice(&buf);
	assert_true(journal_open(&rest));
	assert_true(journal_take(&rest, &got));
	assert_true(journal_take(&rest, &got));
	assert_int_equal(rest.len, 0);
	assert_false(journal_take(&rest, &got));
	check_box(&got.box);
	assert_int_equal(got.inst.box, 7);
	assert_int_equal(got.inst.seq, 11);
	assert_int_equal(got.inst.ty, 4);
	assert_true(got.inst.ct == record.inst.ct && got.inst.lt == record.inst.lt &&
	            got.inst.et == INT64_MAX);
	assert_true(got.inst.early);
	assert_slice(got.inst.rn, "rn");
	assert_slice(got.inst.cr, "Cme");
	assert_slice(got.inst.body, "\"con\":1");
	assert_int_equal(got.inst.label_count, 3);
	journal_unpack(got.packed, &arena, &got.inst);
	assert_int_equal(got.inst.label_count, 3);
	assert_slice(got.inst.labels[0], "kitchen");
	assert_slice(got.inst.labels[1], "");
	assert_slice(got.inst.labels[2], "k\xc3\xbc");
	/* The same bytes are a block. */
	rest = got.raw;
	assert_true(journal_take_inst(&rest, &got));
	assert_int_equal(rest.len, 0);
	assert_int_equal(got.inst.seq, 11);
	buf_finish(&buf);
	arena_finish(&arena);
}

UNIT(journal_small_records_come_back)
{
	const struct journal_record records[] = {
	        {.kind = JOURNAL_DROP, .box = box, .inst.seq = UINT64_MAX - 1},
	        {.kind = JOURNAL_TRIM, .box = box},
	        {.kind = JOURNAL_BOX, .box = box},
	        {.kind = JOURNAL_REMOVE, .no = 99},
	        {.kind = JOURNAL_NOTE, .note = {3, 4, SLICE("body")}},
	        {.kind = JOURNAL_NOTE_DONE, .no = 3},
	};
	struct journal_record got;
	struct slice rest;
	struct buf buf;

	buf_init(&buf, NULL);
	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++)
		journal_add(&buf, &records[i]);
	rest = buf_slice(&buf);
	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++) {
		assert_true(journal_take(&rest, &got));
		assert_int_equal(got.kind, records[i].kind);
		assert_true(got.no == records[i].no && got.inst.seq == records[i].inst.seq);
		assert_true(got.note.id == records[i].note.id && got.note.row == records[i].note.row);
		assert_true(slice_is(got.note.body, records[i].note.body));
		assert_memory_equal(&got.box, &records[i].box, sizeof(box));
	}
	assert_int_equal(rest.len, 0);
	buf_finish(&buf);
}

/* Cut anywhere it is refused; with any byte changed it is read or refused, and nothing else. */
UNIT(journal_broken_is_refused)
{
	struct journal_record record = append_record(), got;
	struct slice whole, rest;
	struct buf buf;

	buf_init(&buf, NULL);
	journal_add(&buf, &record);
	whole = buf_slice(&buf);
	for (size_t len = 0; len < whole.len; len++) {
		rest = slice_make(whole.ptr, len);
		assert_false(journal_take(&rest, &got));
		assert_int_equal(rest.len, len);
	}
	for (size_t i = 0; i < whole.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			buf.ptr[i] ^= (char)(1 << bit);
			rest = whole;
			while (journal_take(&rest, &got))
				;
			buf.ptr[i] ^= (char)(1 << bit);
		}
	rest = SLICE("\x02");
	assert_false(journal_open(&rest));
	rest = SLICE("");
	assert_false(journal_open(&rest));
	buf_finish(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(journal_append_comes_back),
	        unit(journal_small_records_come_back),
	        unit(journal_broken_is_refused),
	};

	return unit_main(tests);
}
