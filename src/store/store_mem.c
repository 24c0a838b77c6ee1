/* SPDX-License-Identifier: Apache-2.0 */
/* The store that forgets: everything in plain memory structures, for tests, for the lab, and for measuring
 * what the other one costs. Committing only says that it happened. It shares no code with the SQLite store,
 * so that the contract test compares two independent answers. */
#include "base/map.h"
#include "base/mem.h"
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct mem_label;

struct mem_inst {
	struct store_inst inst; /* its text stands behind the struct */
	struct mem_label **in;  /* one per different label */
	size_t *place;          /* where in them */
	size_t in_count;
};

struct mem_label {
	struct slice text;
	struct mem_inst **insts;
	size_t count, cap;
};

struct mem_box {
	struct store_box state;
	struct mem_inst **insts; /* ascending, from `head` */
	size_t head, count, cap; /* count includes head */
};

struct mem_row {
	struct store_row row;
};

struct mem_note {
	struct store_note note;
};

struct store_mem {
	struct store store;
	struct map rows, boxes, notes, labels, names; /* names: struct mem_inst */
	struct store_stats stats;
	bool is_dirty;
	uint64_t batch;
};

static struct store_mem *mem_of(const struct store *store)
{
	return (struct store_mem *)(uintptr_t)store;
}

/* --- finding --- */

static bool row_match(const void *value, const void *key)
{
	return ((const struct mem_row *)value)->row.no == *(const uint64_t *)key;
}

static bool box_match(const void *value, const void *key)
{
	return ((const struct mem_box *)value)->state.no == *(const uint64_t *)key;
}

static bool note_match(const void *value, const void *key)
{
	return ((const struct mem_note *)value)->note.id == *(const uint64_t *)key;
}

static bool label_match(const void *value, const void *key)
{
	return slice_is(((const struct mem_label *)value)->text, *(const struct slice *)key);
}

static bool name_match(const void *value, const void *key)
{
	const struct store_inst *inst = &((const struct mem_inst *)value)->inst, *wanted = key;

	return inst->box == wanted->box && slice_is(inst->rn, wanted->rn);
}

static struct mem_box *box_find(const struct store_mem *mem, uint64_t no)
{
	return map_find(&mem->boxes, no, box_match, &no);
}

/* The place of the first instance at or above seq. */
static size_t place_of(const struct mem_box *box, uint64_t seq)
{
	size_t low = box->head, high = box->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (box->insts[mid]->inst.seq < seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* --- instances in and out --- */

/* Puts a copy of the text at *at, which moves on. */
static struct slice lay(char **at, struct slice text)
{
	struct slice copy = slice_make(*at, text.len);

	if (text.len)
		memcpy(*at, text.ptr, text.len);
	*at += text.len;
	return copy;
}

static struct mem_inst *inst_copy(const struct store_inst *inst)
{
	size_t size = inst->rn.len + inst->cr.len + inst->body.len, count = inst->label_count;
	struct mem_inst *copy;
	struct slice *labels;
	char *at;

	for (size_t i = 0; i < count; i++)
		size += inst->labels[i].len + sizeof(*labels) + sizeof(*copy->in) + sizeof(*copy->place);
	copy = mem_zero(1, sizeof(*copy) + size);
	labels = (struct slice *)(copy + 1);
	copy->in = (struct mem_label **)(labels + count);
	copy->place = (size_t *)(copy->in + count);
	at = (char *)(copy->place + count);
	copy->inst = *inst;
	copy->inst.rn = lay(&at, inst->rn);
	copy->inst.cr = lay(&at, inst->cr);
	copy->inst.body = lay(&at, inst->body);
	copy->inst.labels = count ? labels : NULL;
	for (size_t i = 0; i < count; i++)
		labels[i] = lay(&at, inst->labels[i]);
	return copy;
}

static void label_add(struct store_mem *mem, struct slice text, struct mem_inst *inst)
{
	uint64_t hash = slice_hash(text, 0);
	struct mem_label *label = map_find(&mem->labels, hash, label_match, &text);
	char *at;

	if (!label) {
		label = mem_zero(1, sizeof(*label) + text.len);
		at = (char *)(label + 1);
		label->text = lay(&at, text);
		map_add(&mem->labels, hash, label);
	}
	if (label->count && label->insts[label->count - 1] == inst)
		return; /* carries it twice */
	if (label->count == label->cap) {
		label->cap = label->cap ? label->cap * 2 : 4;
		label->insts = mem_grow(label->insts, label->cap, sizeof(struct mem_inst *));
	}
	inst->in[inst->in_count] = label;
	inst->place[inst->in_count++] = label->count;
	label->insts[label->count++] = inst;
}

/* The last of the label takes the place of the one that goes. */
static void label_remove(struct store_mem *mem, struct mem_label *label, size_t place)
{
	struct mem_inst *last = label->insts[--label->count];

	label->insts[place] = last;
	for (size_t i = 0; i < last->in_count; i++)
		if (last->in[i] == label)
			last->place[i] = place;
	if (label->count)
		return;
	map_remove(&mem->labels, slice_hash(label->text, 0), label);
	free(label->insts);
	free(label);
}

static void inst_free(struct store_mem *mem, struct mem_inst *inst)
{
	for (size_t i = 0; i < inst->in_count; i++)
		label_remove(mem, inst->in[i], inst->place[i]);
	if (inst->inst.rn.len)
		map_remove(&mem->names, slice_hash(inst->inst.rn, inst->inst.box), inst);
	free(inst);
}

static struct mem_box *box_set(struct store_mem *mem, const struct store_box *state)
{
	struct mem_box *box = box_find(mem, state->no);

	if (!box) {
		box = mem_zero(1, sizeof(*box));
		map_add(&mem->boxes, state->no, box);
	}
	box->state = *state;
	while (box->head < box->count && box->insts[box->head]->inst.seq < state->first)
		inst_free(mem, box->insts[box->head++]);
	mem->is_dirty = true;
	mem->batch++;
	return box;
}

static void box_free(struct store_mem *mem, struct mem_box *box)
{
	for (size_t i = box->head; i < box->count; i++)
		inst_free(mem, box->insts[i]);
	free(box->insts);
	free(box);
}

static void set_box(struct store *store, const struct store_box *state)
{
	box_set(mem_of(store), state);
}

static void append(struct store *store, const struct store_inst *inst, const struct store_box *state)
{
	struct store_mem *mem = mem_of(store);
	struct mem_box *box = box_set(mem, state);
	struct mem_inst *copy = inst_copy(inst);

	assert(inst->box == state->no && inst->seq < state->next);
	assert(box->head == box->count || box->insts[box->count - 1]->inst.seq < inst->seq);
	if (box->count == box->cap && box->head > box->count / 2) {
		memmove(box->insts, box->insts + box->head,
		        (box->count - box->head) * sizeof(struct mem_inst *));
		box->count -= box->head;
		box->head = 0;
	} else if (box->count == box->cap) {
		box->cap = box->cap ? box->cap * 2 : 4;
		box->insts = mem_grow(box->insts, box->cap, sizeof(struct mem_inst *));
	}
	box->insts[box->count++] = copy;
	for (size_t i = 0; i < inst->label_count; i++)
		label_add(mem, copy->inst.labels[i], copy);
	if (inst->rn.len)
		map_add(&mem->names, slice_hash(inst->rn, inst->box), copy);
}

static void drop(struct store *store, uint64_t seq, const struct store_box *state)
{
	struct store_mem *mem = mem_of(store);
	struct mem_box *box = box_set(mem, state);
	size_t at = place_of(box, seq);

	if (at == box->count || box->insts[at]->inst.seq != seq)
		return;
	inst_free(mem, box->insts[at]);
	memmove(box->insts + at, box->insts + at + 1, (box->count - at - 1) * sizeof(struct mem_inst *));
	box->count--;
}

/* --- rows and notes --- */

static void put(struct store *store, const struct store_row *row)
{
	struct store_mem *mem = mem_of(store);
	struct mem_row *old = map_find(&mem->rows, row->no, row_match, &row->no), *copy;
	char *at;

	assert(row->no > row->parent);
	copy = mem_zero(1, sizeof(*copy) + row->ri.len + row->rn.len + row->body.len);
	at = (char *)(copy + 1);
	copy->row = *row;
	copy->row.ri = lay(&at, row->ri);
	copy->row.rn = lay(&at, row->rn);
	copy->row.body = lay(&at, row->body);
	if (old)
		map_remove(&mem->rows, row->no, old);
	free(old);
	map_add(&mem->rows, row->no, copy);
	mem->is_dirty = true;
}

static void remove_row(struct store *store, uint64_t no)
{
	struct store_mem *mem = mem_of(store);
	struct mem_row *row = map_find(&mem->rows, no, row_match, &no);
	struct mem_box *box = box_find(mem, no);
	struct mem_note *kept;
	size_t at = 0;

	mem->is_dirty = true;
	if (row)
		map_remove(&mem->rows, no, row);
	free(row);
	if (box) {
		map_remove(&mem->boxes, no, box);
		box_free(mem, box);
	}
	while ((kept = map_next(&mem->notes, &at)))
		if (kept->note.row == no) {
			map_remove(&mem->notes, kept->note.id, kept);
			free(kept);
		}
}

static void note_done(struct store *store, uint64_t id)
{
	struct store_mem *mem = mem_of(store);
	struct mem_note *kept = map_find(&mem->notes, id, note_match, &id);

	mem->is_dirty = true;
	if (kept)
		map_remove(&mem->notes, id, kept);
	free(kept);
}

static void note(struct store *store, const struct store_note *what)
{
	struct mem_note *copy = mem_zero(1, sizeof(*copy) + what->body.len);
	char *at = (char *)(copy + 1);

	note_done(store, what->id);
	copy->note = *what;
	copy->note.body = lay(&at, what->body);
	map_add(&mem_of(store)->notes, what->id, copy);
}

/* --- the batch --- */

static int commit(struct store *store)
{
	struct store_mem *mem = mem_of(store);

	mem->stats.commits += mem->is_dirty;
	mem->stats.appended += mem->batch;
	mem->batch = 0;
	mem->is_dirty = false;
	return 0;
}

static bool is_dirty(const struct store *store)
{
	return mem_of(store)->is_dirty;
}

static int tend(struct store *store, int64_t budget_us)
{
	return 0;
}

/* --- telling all --- */

static int compare_rows(const void *a, const void *b)
{
	const struct mem_row *const *x = a, *const *y = b;

	return ((*x)->row.no > (*y)->row.no) - ((*x)->row.no < (*y)->row.no);
}

static int compare_notes(const void *a, const void *b)
{
	const struct mem_note *const *x = a, *const *y = b;

	return ((*x)->note.id > (*y)->note.id) - ((*x)->note.id < (*y)->note.id);
}

/* All values of a map, sorted; free() them. */
static void **sorted(const struct map *map, int (*compare)(const void *, const void *))
{
	void **all = mem_take(map->count * sizeof(*all)), *value;
	size_t at = 0, count = 0;

	while ((value = map_next(map, &at)))
		all[count++] = value;
	if (count)
		qsort(all, count, sizeof(*all), compare);
	return all;
}

static int load(struct store *store, const struct store_reader *reader)
{
	struct store_mem *mem = mem_of(store);
	void **rows = sorted(&mem->rows, compare_rows), **notes = sorted(&mem->notes, compare_notes);
	const struct mem_box *box;
	size_t at = 0;
	int r = 0;

	for (size_t i = 0; !r && i < mem->rows.count; i++)
		r = reader->row(reader->user, &((struct mem_row *)rows[i])->row);
	while (!r && (box = map_next(&mem->boxes, &at)))
		r = reader->box(reader->user, &box->state);
	for (size_t i = 0; !r && i < mem->notes.count; i++)
		r = reader->note(reader->user, &((struct mem_note *)notes[i])->note);
	free(rows);
	free(notes);
	return r;
}

/* --- reading --- */

static void inst_keep(struct arena *arena, const struct store_inst *from, struct store_inst *ret)
{
	struct slice *labels = from->label_count ? arena_array(arena, from->label_count, struct slice) : NULL;

	*ret = *from;
	ret->rn = arena_copy(arena, from->rn);
	ret->cr = arena_copy(arena, from->cr);
	ret->body = arena_copy(arena, from->body);
	ret->labels = labels;
	for (size_t i = 0; i < from->label_count; i++)
		labels[i] = arena_copy(arena, from->labels[i]);
}

static int get(struct store *store, uint64_t no, uint64_t seq, struct arena *arena, struct store_inst *ret)
{
	const struct mem_box *box = box_find(mem_of(store), no);
	size_t at = box ? place_of(box, seq) : 0;

	if (!box || at == box->count || box->insts[at]->inst.seq != seq)
		return -ENOENT;
	inst_keep(arena, &box->insts[at]->inst, ret);
	return 0;
}

static int find_name(struct store *store, uint64_t no, struct slice rn, uint64_t *ret_seq)
{
	struct store_inst key = {.box = no, .rn = rn};
	const struct mem_inst *inst = map_find(&mem_of(store)->names, slice_hash(rn, no), name_match, &key);

	if (!inst)
		return -ENOENT;
	*ret_seq = inst->inst.seq;
	return 0;
}

/* The nearest instance; NULL: none. */
static const struct mem_inst *nearest(const struct mem_box *box, uint64_t from, int step)
{
	size_t at;

	if (step > 0) {
		at = place_of(box, from);
		return at < box->count ? box->insts[at] : NULL;
	}
	at = from == UINT64_MAX ? box->count : place_of(box, from + 1);
	return at > box->head ? box->insts[at - 1] : NULL;
}

static int walk(struct store *store, uint64_t no, uint64_t from, int step, bool sizes_only, store_inst_fn *fn,
                void *user)
{
	const struct mem_inst *inst;
	const struct mem_box *box;
	int r = 0;

	/* Looked up anew each time: the callback may write. */
	while (!r && (box = box_find(mem_of(store), no)) && (inst = nearest(box, from, step))) {
		struct store_inst sizes = {.box = no,
		                           .seq = inst->inst.seq,
		                           .ct = inst->inst.ct,
		                           .et = inst->inst.et,
		                           .cs = inst->inst.cs};

		r = fn(user, sizes_only ? &sizes : &inst->inst);
		if (step < 0 && sizes.seq == 0)
			break;
		from = step > 0 ? sizes.seq + 1 : sizes.seq - 1;
	}
	return r;
}

static int walk_one_label(const struct mem_label *label, store_label_fn *fn, void *user)
{
	int r = 0;

	/* From behind: dropping the one shown puts the last in its place, and that was shown already. */
	for (size_t i = label->count; !r && i > 0; i--)
		r = fn(user, label->insts[i - 1]->inst.box, label->insts[i - 1]->inst.seq);
	return r;
}

static int walk_label(struct store *store, struct slice text, store_label_fn *fn, void *user)
{
	const struct store_mem *mem = mem_of(store);
	const struct mem_label *label;
	size_t at = 0;
	int r = 0;

	if (!text.len || !memchr(text.ptr, '*', text.len)) {
		label = map_find(&mem->labels, slice_hash(text, 0), label_match, &text);
		return label ? walk_one_label(label, fn, user) : 0;
	}
	while (!r && (label = map_next(&mem->labels, &at)))
		if (slice_matches(label->text, text))
			r = walk_one_label(label, fn, user);
	return r;
}

static int walk_early(struct store *store, int64_t now, store_label_fn *fn, void *user)
{
	const struct store_mem *mem = mem_of(store);
	const struct mem_box *box;
	size_t at = 0;
	int r = 0;

	while (!r && (box = map_next(&mem->boxes, &at)))
		for (size_t i = box->count; !r && i > box->head; i--) {
			const struct store_inst *inst = &box->insts[i - 1]->inst;

			if (inst->early && inst->et <= now)
				r = fn(user, inst->box, inst->seq);
		}
	return r;
}

/* --- the rest --- */

static int backup(struct store *store, const char *path)
{
	return -ENOTSUP;
}

static int check_box(const struct store_mem *mem, const struct mem_box *box,
                     void (*tell)(void *user, const char *sentence), void *user)
{
	uint64_t bytes = 0, count = box->count - box->head;
	char sentence[160];
	bool ok = map_find(&mem->rows, box->state.no, row_match, &box->state.no) != NULL;

	for (size_t i = box->head; i < box->count; i++) {
		bytes += box->insts[i]->inst.cs;
		ok = ok && box->insts[i]->inst.seq < box->state.next &&
		     box->insts[i]->inst.seq >= box->state.first;
	}
	if (ok && bytes == box->state.cbs && count == box->state.cni)
		return 0;
	snprintf(sentence, sizeof(sentence),
	         "box %llu: its row, its bounds, its count or its bytes are wrong",
	         (unsigned long long)box->state.no);
	if (tell)
		tell(user, sentence);
	return 1;
}

static int check(struct store *store, void (*tell)(void *user, const char *sentence), void *user)
{
	const struct store_mem *mem = mem_of(store);
	const struct mem_box *box;
	size_t at = 0;
	int count = 0;

	while ((box = map_next(&mem->boxes, &at)))
		count += check_box(mem, box, tell, user);
	return count;
}

static void stats(const struct store *store, struct store_stats *ret)
{
	*ret = mem_of(store)->stats;
}

static void destroy(struct store *store)
{
	struct store_mem *mem = mem_of(store);
	struct mem_box *box;
	void *value;
	size_t at;

	if (!store)
		return;
	for (at = 0; (box = map_next(&mem->boxes, &at));)
		box_free(mem, box);
	for (at = 0; (value = map_next(&mem->rows, &at));)
		free(value);
	for (at = 0; (value = map_next(&mem->notes, &at));)
		free(value);
	map_finish(&mem->rows);
	map_finish(&mem->boxes);
	map_finish(&mem->notes);
	map_finish(&mem->labels);
	map_finish(&mem->names);
	free(mem);
}

static const struct store_ops mem_ops = {
        .name = "memory",
        .destroy = destroy,
        .load = load,
        .put = put,
        .remove = remove_row,
        .append = append,
        .drop = drop,
        .trim = set_box,
        .set_box = set_box,
        .note = note,
        .note_done = note_done,
        .commit = commit,
        .is_dirty = is_dirty,
        .tend = tend,
        .get = get,
        .find_name = find_name,
        .walk = walk,
        .walk_label = walk_label,
        .walk_early = walk_early,
        .backup = backup,
        .check = check,
        .stats = stats,
};

int store_mem_create(struct store **ret)
{
	struct store_mem *mem = mem_zero(1, sizeof(*mem));

	mem->store.ops = &mem_ops;
	*ret = &mem->store;
	return 0;
}
