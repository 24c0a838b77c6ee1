/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the tail: boxes in order, labels, early ones. Nothing here keeps a place between two calls, so
 * callbacks may write. */
#include "store/tail.h"

#include <assert.h>

uint64_t tail_first(const struct tail *tail, uint64_t no)
{
	const struct tail_box *now = tail_box_find(tail->now, no), *old = tail_box_find(tail->old, no);
	uint64_t first = now && now->has_state ? now->state.first : 0;

	if (old && old->has_state && old->state.first > first)
		first = old->state.first;
	return first;
}

uint64_t tail_bound(const struct tail *tail, uint64_t no)
{
	const struct tail_box *now = tail_box_find(tail->now, no), *old = tail_box_find(tail->old, no);

	if ((now && (now->fresh || now->removed)) || (old && (old->fresh || old->removed)))
		return 0;
	if (old && old->insts.count)
		return tail->old->insts[old->insts.at[0]].seq;
	return now && now->insts.count ? tail->now->insts[now->insts.at[0]].seq : UINT64_MAX;
}

bool tail_is_live(const struct tail *tail, const struct tail_inst *inst)
{
	return !inst->dead && inst->seq >= tail_first(tail, inst->box->no);
}

/* The place of the first instance at or above seq. */
static uint32_t place_of(const struct tail_gen *gen, const struct tail_list *list, uint64_t seq)
{
	uint32_t low = 0, high = list->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (gen->insts[list->at[mid]].seq < seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool next_up(const struct tail *tail, const struct tail_gen *gen, uint64_t no, uint64_t from,
                    struct tail_ref *ret)
{
	const struct tail_box *box = tail_box_find(gen, no);
	uint64_t first = tail_first(tail, no);

	if (!box)
		return false;
	for (uint32_t i = place_of(gen, &box->insts, from > first ? from : first); i < box->insts.count;
	     i++) {
		const struct tail_inst *inst = &gen->insts[box->insts.at[i]];

		if (inst->dead)
			continue;
		*ret = (struct tail_ref){gen, inst};
		return true;
	}
	return false;
}

static bool next_down(const struct tail *tail, const struct tail_gen *gen, uint64_t no, uint64_t from,
                      struct tail_ref *ret)
{
	const struct tail_box *box = tail_box_find(gen, no);
	uint64_t first = tail_first(tail, no);

	if (!box)
		return false;
	for (uint32_t i = from == UINT64_MAX ? box->insts.count : place_of(gen, &box->insts, from + 1);
	     i > 0;) {
		const struct tail_inst *inst = &gen->insts[box->insts.at[--i]];

		if (inst->seq < first)
			return false;
		if (inst->dead)
			continue;
		*ret = (struct tail_ref){gen, inst};
		return true;
	}
	return false;
}

bool tail_next(const struct tail *tail, uint64_t no, uint64_t from, int step, struct tail_ref *ret)
{
	if (step > 0)
		return next_up(tail, tail->old, no, from, ret) || next_up(tail, tail->now, no, from, ret);
	return next_down(tail, tail->now, no, from, ret) || next_down(tail, tail->old, no, from, ret);
}

void tail_record(const struct tail_gen *gen, uint32_t blob, uint32_t at, struct journal_record *ret)
{
	struct slice rest = slice_skip(buf_slice(&gen->blobs[blob]), at);
	bool ok = journal_take(&rest, ret);

	assert(ok); /* we wrote it, or read it once already */
	(void)ok;
}

void tail_read(struct tail_ref ref, struct arena *arena, struct store_inst *ret)
{
	struct journal_record record;

	tail_record(ref.gen, ref.inst->blob, ref.inst->at, &record);
	*ret = record.inst;
	journal_unpack(record.packed, arena, ret);
}

static int walk_list(const struct tail *tail, const struct tail_gen *gen, const struct tail_list *list,
                     store_label_fn *fn, void *user)
{
	for (uint32_t i = 0; i < list->count; i++) {
		const struct tail_inst *inst = &gen->insts[list->at[i]];
		int r = tail_is_live(tail, inst) ? fn(user, inst->box->no, inst->seq) : 0;

		if (r)
			return r;
	}
	return 0;
}

static bool label_match(const void *value, const void *key)
{
	return slice_is(((const struct tail_label *)value)->text, *(const struct slice *)key);
}

static int walk_label(const struct tail *tail, const struct tail_gen *gen, struct slice label,
                      store_label_fn *fn, void *user)
{
	const struct tail_label *found;
	size_t at = 0;
	int r = 0;

	if (!gen)
		return 0;
	if (!label.len || !memchr(label.ptr, '*', label.len)) {
		found = map_find(&gen->labels, slice_hash(label, 0), label_match, &label);
		return found ? walk_list(tail, gen, &found->insts, fn, user) : 0;
	}
	while (!r && (found = map_next(&gen->labels, &at)))
		if (slice_matches(found->text, label))
			r = walk_list(tail, gen, &found->insts, fn, user);
	return r;
}

int tail_walk_label(const struct tail *tail, struct slice label, store_label_fn *fn, void *user)
{
	int r = walk_label(tail, tail->old, label, fn, user);

	return r ? r : walk_label(tail, tail->now, label, fn, user);
}

static int walk_early(const struct tail *tail, const struct tail_gen *gen, int64_t now, store_label_fn *fn,
                      void *user)
{
	if (!gen || gen->early_next > now)
		return 0;
	for (uint32_t i = 0; i < gen->early.count; i++) {
		const struct tail_inst *inst = &gen->insts[gen->early.at[i]];
		int r = 0;

		if (inst->et <= now && tail_is_live(tail, inst))
			r = fn(user, inst->box->no, inst->seq);
		if (r)
			return r;
	}
	return 0;
}

int tail_walk_early(const struct tail *tail, int64_t now, store_label_fn *fn, void *user)
{
	int r = walk_early(tail, tail->old, now, fn, user);

	return r ? r : walk_early(tail, tail->now, now, fn, user);
}

const struct store_box *tail_state(const struct tail *tail, uint64_t no, bool *ret_removed)
{
	const struct tail_gen *gens[2] = {tail->now, tail->old};

	*ret_removed = false;
	for (size_t i = 0; i < 2; i++) {
		const struct tail_box *box = tail_box_find(gens[i], no);

		if (!box || (!box->has_state && !box->removed))
			continue;
		*ret_removed = box->removed;
		return box->removed ? NULL : &box->state;
	}
	return NULL;
}
