/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the tail: generations, blobs, and the indexes that grow with every record. */
#include "store/tail.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

/* A longer batch becomes several rows of the journal, so that no row takes long to delete. */
#define TAIL_BLOB ((size_t)256 * 1024)

struct tail_drop {
	uint64_t box, seq;
};

struct tail_name {
	const struct tail_gen *gen;
	const struct tail_box *box;
	struct slice rn;
	uint32_t inst;
};

static struct tail_gen *gen_create(void)
{
	struct tail_gen *gen = mem_zero(1, sizeof(*gen));

	arena_init(&gen->arena);
	map_init(&gen->boxes);
	map_init(&gen->labels);
	map_init(&gen->names);
	map_init(&gen->drops);
	map_init(&gen->notes);
	gen->early_next = INT64_MAX;
	return gen;
}

static void gen_destroy(struct tail_gen *gen)
{
	if (!gen)
		return;
	for (size_t i = 0; i < gen->blob_count; i++)
		buf_finish(&gen->blobs[i]);
	free(gen->blobs);
	free(gen->insts);
	map_finish(&gen->boxes);
	map_finish(&gen->labels);
	map_finish(&gen->names);
	map_finish(&gen->drops);
	map_finish(&gen->notes);
	arena_finish(&gen->arena);
	free(gen);
}

void tail_init(struct tail *tail)
{
	*tail = (struct tail){.now = gen_create()};
}

void tail_finish(struct tail *tail)
{
	gen_destroy(tail->old);
	gen_destroy(tail->now);
	*tail = (struct tail){0};
}

void tail_switch(struct tail *tail)
{
	assert(!tail->old && !tail_is_dirty(tail));
	tail->old = tail->now;
	tail->now = gen_create();
}

void tail_forget_old(struct tail *tail)
{
	gen_destroy(tail->old);
	tail->old = NULL;
}

/* --- blobs --- */

static struct buf *blob_new(struct tail_gen *gen)
{
	if (gen->blob_count == gen->blob_cap) {
		gen->blob_cap = gen->blob_cap ? gen->blob_cap * 2 : 64;
		gen->blobs = mem_grow(gen->blobs, gen->blob_cap, sizeof(*gen->blobs));
	}
	buf_init(&gen->blobs[gen->blob_count], NULL);
	return &gen->blobs[gen->blob_count++];
}

static struct buf *blob_open(struct tail_gen *gen)
{
	struct buf *blob;

	if (gen->blob_count > gen->durable && gen->blobs[gen->blob_count - 1].len < TAIL_BLOB)
		return &gen->blobs[gen->blob_count - 1];
	blob = blob_new(gen);
	journal_begin(blob);
	return blob;
}

bool tail_is_dirty(const struct tail *tail)
{
	return tail->now->blob_count > tail->now->durable;
}

bool tail_batch(const struct tail *tail, size_t i, struct slice *ret)
{
	const struct tail_gen *gen = tail->now;

	if (i >= gen->blob_count - gen->durable)
		return false;
	*ret = buf_slice(&gen->blobs[gen->durable + i]);
	return true;
}

void tail_committed(struct tail *tail)
{
	struct tail_gen *gen = tail->now;

	/* The blobs stay until the fold is done: give back what they do not need. */
	for (size_t i = gen->durable; i < gen->blob_count; i++) {
		gen->blobs[i].ptr = mem_grow(gen->blobs[i].ptr, gen->blobs[i].len, 1);
		gen->blobs[i].cap = gen->blobs[i].len;
	}
	gen->durable = gen->blob_count;
	gen->records += gen->batch_records;
	gen->batch_records = 0;
}

/* --- indexes --- */

static void *list_grow(struct arena *arena, const void *old, size_t count, size_t *cap, size_t size)
{
	void *wide;

	*cap = *cap ? *cap * 2 : 4;
	wide = arena_take(arena, *cap * size);
	if (count)
		memcpy(wide, old, count * size);
	return wide;
}

static void list_add(struct tail_gen *gen, struct tail_list *list, uint32_t at)
{
	size_t cap = list->cap;

	if (list->count == list->cap) {
		list->at = list_grow(&gen->arena, list->at, list->count, &cap, sizeof(*list->at));
		list->cap = (uint32_t)cap;
	}
	list->at[list->count++] = at;
}

static bool box_match(const void *value, const void *key)
{
	return ((const struct tail_box *)value)->no == *(const uint64_t *)key;
}

struct tail_box *tail_box_find(const struct tail_gen *gen, uint64_t no)
{
	return gen ? map_find(&gen->boxes, no, box_match, &no) : NULL;
}

static struct tail_box *box_make(struct tail_gen *gen, uint64_t no)
{
	struct tail_box *box = tail_box_find(gen, no);

	if (box)
		return box;
	box = arena_new(&gen->arena, struct tail_box);
	box->no = no;
	map_add(&gen->boxes, no, box);
	return box;
}

static struct tail_box *box_set(struct tail_gen *gen, const struct store_box *state)
{
	struct tail_box *box = box_make(gen, state->no);

	box->state = *state;
	box->has_state = true;
	box->removed = false;
	return box;
}

static bool label_match(const void *value, const void *key)
{
	return slice_is(((const struct tail_label *)value)->text, *(const struct slice *)key);
}

static void label_add(struct tail_gen *gen, struct slice text, uint32_t inst)
{
	uint64_t hash = slice_hash(text, 0);
	struct tail_label *label = map_find(&gen->labels, hash, label_match, &text);

	if (!label) {
		label = arena_new(&gen->arena, struct tail_label);
		label->text = arena_copy(&gen->arena, text);
		map_add(&gen->labels, hash, label);
	}
	if (!label->insts.count || label->insts.at[label->insts.count - 1] != inst)
		list_add(gen, &label->insts, inst);
}

static void name_add(struct tail_gen *gen, const struct tail_box *box, struct slice rn, uint32_t inst)
{
	struct tail_name *name = arena_new(&gen->arena, struct tail_name);

	*name = (struct tail_name){gen, box, arena_copy(&gen->arena, rn), inst};
	map_add(&gen->names, slice_hash(rn, box->no), name);
}

/* The highest number the tail has of a box. */
static uint64_t box_last(const struct tail_gen *gen, const struct tail_box *box)
{
	return box && box->insts.count ? gen->insts[box->insts.at[box->insts.count - 1]].seq : 0;
}

static bool does_ascend(const struct tail *tail, const struct journal_record *record)
{
	uint64_t no = record->box.no, seq = record->inst.seq;

	if (!seq || seq == UINT64_MAX || tail->now->inst_count == UINT32_MAX)
		return false;
	return seq > box_last(tail->now, tail_box_find(tail->now, no)) &&
	       seq > box_last(tail->old, tail_box_find(tail->old, no));
}

/* The labels come from the caller's array, or as they are stored. */
static void index_labels(struct tail_gen *gen, const struct journal_record *record, uint32_t inst)
{
	struct slice packed = record->packed, label;

	for (size_t i = 0; record->inst.labels && i < record->inst.label_count; i++)
		label_add(gen, record->inst.labels[i], inst);
	while (journal_next_label(&packed, &label))
		label_add(gen, label, inst);
}

static void apply_append(struct tail *tail, const struct journal_record *record, uint32_t blob, uint32_t at)
{
	struct tail_gen *gen = tail->now;
	const struct store_inst *inst = &record->inst;
	struct tail_box *box = box_set(gen, &record->box);
	uint32_t no = gen->inst_count++;

	if (no >= gen->inst_cap) {
		gen->inst_cap = gen->inst_cap ? gen->inst_cap * 2 : 64;
		gen->insts = mem_grow(gen->insts, gen->inst_cap, sizeof(*gen->insts));
	}
	gen->insts[no] = (struct tail_inst){box, inst->seq, inst->ct, inst->et, inst->cs, blob, at, false};
	list_add(gen, &box->insts, no);
	index_labels(gen, record, no);
	if (inst->rn.len)
		name_add(gen, box, inst->rn, no);
	if (!inst->early)
		return;
	list_add(gen, &gen->early, no);
	if (inst->et < gen->early_next)
		gen->early_next = inst->et;
}

/* The instance of that number in one generation, dead or alive. */
static struct tail_inst *gen_find(const struct tail_gen *gen, uint64_t no, uint64_t seq)
{
	const struct tail_box *box = tail_box_find(gen, no);
	uint32_t low = 0, high = box ? box->insts.count : 0;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (gen->insts[box->insts.at[mid]].seq < seq)
			low = mid + 1;
		else
			high = mid;
	}
	if (!box || low == box->insts.count || gen->insts[box->insts.at[low]].seq != seq)
		return NULL;
	return &gen->insts[box->insts.at[low]];
}

static bool drop_match(const void *value, const void *key)
{
	const struct tail_drop *a = value, *b = key;

	return a->box == b->box && a->seq == b->seq;
}

static bool is_dropped(const struct tail_gen *gen, uint64_t no, uint64_t seq)
{
	struct tail_drop key = {no, seq};

	return gen && gen->drops.count && map_find(&gen->drops, tail_hash(no, seq), drop_match, &key);
}

static void apply_drop(struct tail *tail, const struct journal_record *record)
{
	struct tail_gen *gen = tail->now;
	struct tail_box *box = box_set(gen, &record->box);
	uint64_t seq = record->inst.seq;
	struct tail_inst *inst = gen_find(gen, box->no, seq);
	struct tail_drop *drop;

	if (inst) {
		inst->dead = true;
		return;
	}
	inst = gen_find(tail->old, box->no, seq);
	if (inst)
		inst->dead = true; /* and it may stand in the tables already: a drop too */
	if (is_dropped(gen, box->no, seq))
		return;
	drop = arena_new(&gen->arena, struct tail_drop);
	*drop = (struct tail_drop){box->no, seq};
	map_add(&gen->drops, tail_hash(box->no, seq), drop);
	if (box->drop_count == box->drop_cap)
		box->drops = list_grow(&gen->arena, box->drops, box->drop_count, &box->drop_cap, sizeof(seq));
	box->drops[box->drop_count++] = seq;
}

static void box_remove(struct tail_gen *gen, struct tail_box *box)
{
	if (!box)
		return;
	for (uint32_t i = 0; i < box->insts.count; i++)
		gen->insts[box->insts.at[i]].dead = true;
	for (struct tail_note *note = box->notes; note; note = note->next)
		note->done = true;
	box->insts.count = 0;
	box->drop_count = 0;
	box->has_state = false;
	box->removed = box->fresh = true;
}

static bool note_match(const void *value, const void *key)
{
	return ((const struct tail_note *)value)->id == *(const uint64_t *)key;
}

static struct tail_note *note_make(struct tail_gen *gen, uint64_t id)
{
	struct tail_note *note = map_find(&gen->notes, id, note_match, &id);

	if (note)
		return note;
	note = arena_new(&gen->arena, struct tail_note);
	note->id = id;
	map_add(&gen->notes, id, note);
	return note;
}

static void apply_note(struct tail *tail, const struct journal_record *record, uint32_t blob, uint32_t at)
{
	struct tail_gen *gen = tail->now;
	struct tail_note *note = note_make(gen, record->note.id);
	struct tail_box *box;

	note->blob = blob;
	note->at = at;
	note->done = false;
	if (note->row == record->note.row)
		return;
	/* A note changes its row only in a damaged file; it is then in both chains, which does no harm as
	 * long as it is linked once. */
	if (!note->row) {
		box = box_make(gen, record->note.row);
		note->next = box->notes;
		box->notes = note;
	}
	note->row = record->note.row;
}

static void apply_note_done(struct tail *tail, uint64_t id)
{
	struct tail_note *old = tail->old ? map_find(&tail->old->notes, id, note_match, &id) : NULL;

	if (old)
		old->done = true;
	note_make(tail->now, id)->done = true;
}

static void apply(struct tail *tail, const struct journal_record *record, uint32_t blob, uint32_t at)
{
	struct tail_gen *gen = tail->now;

	switch (record->kind) {
	case JOURNAL_APPEND:
		apply_append(tail, record, blob, at);
		break;
	case JOURNAL_DROP:
		apply_drop(tail, record);
		break;
	case JOURNAL_TRIM:
	case JOURNAL_BOX:
		box_set(gen, &record->box);
		break;
	case JOURNAL_REMOVE:
		box_remove(gen, box_make(gen, record->no));
		box_remove(tail->old, tail_box_find(tail->old, record->no));
		break;
	case JOURNAL_NOTE:
		apply_note(tail, record, blob, at);
		break;
	case JOURNAL_NOTE_DONE:
		apply_note_done(tail, record->no);
		break;
	}
	gen->batch_records++;
}

bool tail_add(struct tail *tail, const struct journal_record *record)
{
	struct tail_gen *gen = tail->now;
	struct buf *blob;
	size_t at;

	if (record->kind == JOURNAL_APPEND && !does_ascend(tail, record))
		return false;
	blob = blob_open(gen);
	at = blob->len;
	assert(at <= UINT32_MAX && gen->blob_count <= UINT32_MAX);
	journal_add(blob, record);
	apply(tail, record, (uint32_t)gen->blob_count - 1, (uint32_t)at);
	return true;
}

bool tail_replay(struct tail *tail, struct slice blob)
{
	struct tail_gen *gen = tail->now;
	struct journal_record record;
	struct slice rest;
	struct buf *copy;

	assert(!tail_is_dirty(tail));
	if (blob.len > UINT32_MAX || gen->blob_count >= UINT32_MAX)
		return false;
	copy = blob_new(gen);
	buf_add_slice(copy, blob);
	blob = rest = buf_slice(copy);
	if (!journal_open(&rest))
		return false;
	while (rest.len) {
		uint32_t at = (uint32_t)(rest.ptr - blob.ptr);

		if (!journal_take(&rest, &record))
			return false;
		if (record.kind == JOURNAL_APPEND && !does_ascend(tail, &record))
			return false;
		apply(tail, &record, (uint32_t)gen->blob_count - 1, at);
	}
	tail_committed(tail);
	return true;
}

/* --- what reading needs of the inner structures --- */

bool tail_hides(const struct tail *tail, uint64_t no, uint64_t seq)
{
	const struct tail_gen *gens[2] = {tail->now, tail->old};

	for (size_t i = 0; i < 2; i++) {
		const struct tail_box *box = tail_box_find(gens[i], no);

		if (!box)
			continue;
		if (box->fresh || box->removed || (box->has_state && seq < box->state.first))
			return true;
		if (box->insts.count && seq >= gens[i]->insts[box->insts.at[0]].seq)
			return true;
		if (is_dropped(gens[i], no, seq))
			return true;
	}
	return false;
}

bool tail_find(const struct tail *tail, uint64_t no, uint64_t seq, struct tail_ref *ret)
{
	const struct tail_gen *gens[2] = {tail->now, tail->old};

	for (size_t i = 0; i < 2; i++) {
		const struct tail_inst *inst = gen_find(gens[i], no, seq);

		if (!inst)
			continue;
		*ret = (struct tail_ref){gens[i], inst};
		return tail_is_live(tail, inst);
	}
	return false;
}

struct name_key {
	const struct tail *tail;
	uint64_t no;
	struct slice rn;
};

static bool name_match(const void *value, const void *key)
{
	const struct tail_name *name = value;
	const struct name_key *wanted = key;

	return name->box->no == wanted->no && slice_is(name->rn, wanted->rn) &&
	       tail_is_live(wanted->tail, &name->gen->insts[name->inst]);
}

bool tail_find_name(const struct tail *tail, uint64_t no, struct slice rn, struct tail_ref *ret)
{
	const struct tail_gen *gens[2] = {tail->now, tail->old};
	struct name_key key = {tail, no, rn};

	for (size_t i = 0; i < 2; i++) {
		const struct tail_name *name = NULL;

		if (gens[i])
			name = map_find(&gens[i]->names, slice_hash(rn, no), name_match, &key);
		if (!name)
			continue;
		*ret = (struct tail_ref){gens[i], &gens[i]->insts[name->inst]};
		return true;
	}
	return false;
}

const struct tail_note *tail_note_find(const struct tail *tail, uint64_t id, const struct tail_gen **ret_gen)
{
	const struct tail_gen *gens[2] = {tail->now, tail->old};

	for (size_t i = 0; i < 2; i++) {
		const struct tail_note *note = NULL;

		if (gens[i])
			note = map_find(&gens[i]->notes, id, note_match, &id);
		if (!note)
			continue;
		*ret_gen = gens[i];
		return note;
	}
	return NULL;
}
