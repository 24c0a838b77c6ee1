/* SPDX-License-Identifier: Apache-2.0 */
/* The world: see store_world.h. */
#include "store/store_world.h"
#include "base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const label_names[] = {"kitchen", "kit", "temperature", "floor:1", "floor:2", "\xc3\xbc"};
#define LABELS (sizeof(label_names) / sizeof(*label_names))
static const char *const patterns[] = {"kitchen", "floor:*", "k*", "*", "*e*r*", "*:2", "none", "", "kit*n"};
#define PATTERNS (sizeof(patterns) / sizeof(*patterns))

uint64_t world_random(struct world *world, uint64_t below)
{
	uint64_t x = world->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	world->random = x;
	return (x * 0x2545f4914f6cdd1du >> 16) % below;
}

#define EACH(world, store)                                                                                   \
	for (size_t each_i = 0; each_i < 2; each_i++)                                                        \
		if (((store) = (world)->stores[each_i]))

static void put_row(struct world *world, uint64_t no, uint64_t parent)
{
	struct store *store;
	char ri[32], rn[32], body[64];
	struct store_row row = {
	        .no = no, .parent = parent, .ty = parent ? 3 : 5, .ct = world->now, .lt = world->now};

	snprintf(ri, sizeof(ri), "id%" PRIu64, no);
	snprintf(rn, sizeof(rn), "name-%" PRIu64, no);
	snprintf(body, sizeof(body), "\"mni\":%" PRIu64, world_random(world, 1000));
	row.ri = slice_of(ri);
	row.rn = slice_of(rn);
	row.body = slice_of(world_random(world, 4) ? body : "");
	EACH(world, store)
	store->ops->put(store, &row);
}

struct world *world_create(uint64_t seed, struct store *a, struct store *b)
{
	struct world *world = mem_zero(1, sizeof(*world));

	world->random = seed * 2654435761u + 88172645463325252u;
	world->stores[0] = a;
	world->stores[1] = b;
	world->next_no = 1;
	world->next_note = 1;
	world->now = 1795340153000000;
	put_row(world, world->next_no++, 0);
	return world;
}

void world_destroy(struct world *world)
{
	free(world);
}

int world_commit(struct world *world)
{
	struct store *store;
	int ret = 0;

	EACH(world, store)
	{
		int r = store->ops->commit(store);

		ret = ret ? ret : r;
	}
	return ret;
}

static void set_box(struct world *world, const struct store_box *state)
{
	struct store *store;

	EACH(world, store)
	store->ops->set_box(store, state);
}

void world_put(struct world *world, size_t place)
{
	struct world_box *box = &world->boxes[place];
	uint64_t parent = 1;

	for (size_t i = 0; i < WORLD_BOXES; i++)
		if (world->boxes[i].state.no && world_random(world, 3) == 0)
			parent = world->boxes[i].state.no;
	box->count = 0;
	box->state = (struct store_box){.no = world->next_no++, .next = 1, .first = 1, .lt = world->now};
	box->parent = parent;
	put_row(world, box->state.no, parent);
	set_box(world, &box->state);
}

void world_remove(struct world *world, size_t place)
{
	struct world_box *box = &world->boxes[place];
	struct store *store;

	for (size_t i = 0; i < WORLD_BOXES; i++)
		if (world->boxes[i].state.no && world->boxes[i].parent == box->state.no)
			world_remove(world, i);
	EACH(world, store)
	store->ops->remove(store, box->state.no);
	box->state.no = 0;
	box->count = 0;
}

static void changed(struct world *world, struct world_box *box)
{
	box->state.st++;
	box->state.lt = world->now += 1 + (int64_t)world_random(world, 5000);
}

static bool is_early(const struct world_box *box, int64_t et)
{
	const struct world_inst *last = box->count ? &box->insts[box->count - 1] : NULL;

	return et && last && (!last->et || et < last->et);
}

/* A name that no living instance of the box has; empty for most. */
static struct slice choose_name(struct world *world, const struct world_box *box)
{
	static const char *const names[] = {"one", "two", "tres", "vier", "f\xc3\xbcnf"};
	struct slice rn = slice_of(names[world_random(world, 5)]);
	uint64_t seq;

	if (world_random(world, 4))
		return SLICE("");
	if (world->stores[0]->ops->find_name(world->stores[0], box->state.no, rn, &seq) == 0)
		return SLICE("");
	return rn;
}

void world_append(struct world *world, size_t place)
{
	struct world_box *box = &world->boxes[place];
	struct slice labels[3];
	struct store_inst inst = {.box = box->state.no, .ty = 4, .ct = 0};
	struct store *store;
	char body[400];
	size_t len;

	if (box->count == WORLD_INSTS)
		world_trim(world, place, WORLD_INSTS / 2);
	changed(world, box);
	len = world_random(world, 8) ? world_random(world, 60) : world_random(world, 300);
	memset(body, 'a' + (int)world_random(world, 26), sizeof(body));
	inst.seq = box->state.next++;
	inst.ct = world->now;
	inst.lt = world->now + (world_random(world, 10) ? 0 : 77);
	inst.et = world_random(world, 3) ? world->now + 1000000 + (int64_t)world_random(world, 1000000) : 0;
	inst.early = is_early(box, inst.et);
	inst.st = box->state.st;
	inst.cs = len;
	inst.rn = choose_name(world, box);
	inst.cr = world_random(world, 2) ? SLICE("Cme") : SLICE("");
	inst.body = slice_make(body, len);
	inst.labels = labels;
	for (size_t i = world_random(world, 4); i > 0; i--)
		labels[inst.label_count++] = slice_of(label_names[world_random(world, LABELS)]);
	box->insts[box->count++] = (struct world_inst){inst.seq, inst.cs, inst.et};
	box->state.cni++;
	box->state.cbs += inst.cs;
	EACH(world, store)
	store->ops->append(store, &inst, &box->state);
}

void world_drop(struct world *world, size_t place, size_t which)
{
	struct world_box *box = &world->boxes[place];
	struct world_inst inst = box->insts[which];
	struct store *store;

	changed(world, box);
	memmove(box->insts + which, box->insts + which + 1, (box->count - which - 1) * sizeof(inst));
	box->count--;
	box->state.cni--;
	box->state.cbs -= inst.cs;
	EACH(world, store)
	store->ops->drop(store, inst.seq, &box->state);
}

void world_trim(struct world *world, size_t place, size_t keep)
{
	struct world_box *box = &world->boxes[place];
	size_t gone = box->count > keep ? box->count - keep : 0;
	struct store *store;

	changed(world, box);
	for (size_t i = 0; i < gone; i++) {
		box->state.cni--;
		box->state.cbs -= box->insts[i].cs;
	}
	box->state.first = gone < box->count ? box->insts[gone].seq : box->state.next;
	memmove(box->insts, box->insts + gone, (box->count - gone) * sizeof(*box->insts));
	box->count -= gone;
	EACH(world, store)
	store->ops->trim(store, &box->state);
}

void world_note(struct world *world, size_t place)
{
	struct store_note note = {world->next_note++, world->boxes[place].state.no, SLICE("{\"sgn\":1}")};
	struct store *store;

	EACH(world, store)
	store->ops->note(store, &note);
}

static void end_note(struct world *world)
{
	uint64_t id = world_random(world, world->next_note) + 1;
	struct store *store;

	EACH(world, store)
	store->ops->note_done(store, id);
}

void world_step(struct world *world)
{
	size_t place = world_random(world, WORLD_BOXES);
	struct world_box *box = &world->boxes[place];
	uint64_t what = world_random(world, 200);

	if (!box->state.no)
		world_put(world, place);
	else if (what == 0)
		world_remove(world, place);
	else if (what < 3)
		put_row(world, box->state.no, box->parent);
	else if (what < 8)
		world_trim(world, place, world_random(world, box->count + 1));
	else if (what < 20 && box->count)
		world_drop(world, place, world_random(world, box->count));
	else if (what < 28)
		world_note(world, place);
	else if (what < 32)
		end_note(world);
	else if (what < 34)
		set_box(world, &box->state);
	else
		world_append(world, place);
}

/* --- writing down --- */

static int write_inst(void *user, const struct store_inst *inst)
{
	struct buf *out = user;

	buf_printf(out,
	           "  %" PRIu64 "/%" PRIu64 " ty %u ct %" PRId64 " lt %" PRId64 " et %" PRId64 " st %" PRIu64
	           " cs %" PRIu64 "%s rn %.*s cr %.*s body %.*s",
	           inst->box, inst->seq, inst->ty, inst->ct, inst->lt, inst->et, inst->st, inst->cs,
	           inst->early ? " early" : "", SLICE_ARG(inst->rn), SLICE_ARG(inst->cr),
	           SLICE_ARG(inst->body));
	for (size_t i = 0; i < inst->label_count; i++)
		buf_printf(out, " [%.*s]", SLICE_ARG(inst->labels[i]));
	buf_add_char(out, '\n');
	return 0;
}

static int write_sizes(void *user, const struct store_inst *inst)
{
	buf_printf(user, " %" PRIu64 ":%" PRIu64 ":%" PRId64 ":%" PRId64, inst->seq, inst->cs, inst->ct,
	           inst->et);
	return 0;
}

struct keys {
	uint64_t (*all)[2];
	size_t count, cap;
};

static int gather_key(void *user, uint64_t box, uint64_t seq)
{
	struct keys *keys = user;

	if (keys->count == keys->cap) {
		keys->cap = keys->cap ? keys->cap * 2 : 64;
		keys->all = mem_grow(keys->all, keys->cap, sizeof(*keys->all));
	}
	keys->all[keys->count][0] = box;
	keys->all[keys->count++][1] = seq;
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return x[0] == y[0] ? (x[1] > y[1]) - (x[1] < y[1]) : (x[0] > y[0]) - (x[0] < y[0]);
}

static void write_keys(struct buf *out, const char *what, int result, struct keys *keys)
{
	buf_printf(out, "%s: %d", what, result);
	if (keys->count)
		qsort(keys->all, keys->count, sizeof(*keys->all), compare_keys);
	for (size_t i = 0; i < keys->count; i++)
		buf_printf(out, " %" PRIu64 "/%" PRIu64, keys->all[i][0], keys->all[i][1]);
	buf_add_char(out, '\n');
	keys->count = 0;
}

static void look_at_box(struct store *store, const struct world_box *box, struct buf *out)
{
	static const char *const names[] = {"one", "two", "tres", "vier", "f\xc3\xbcnf", "x"};
	uint64_t no = box->state.no, middle = (box->state.first + box->state.next) / 2, seq;
	struct arena arena;
	struct store_inst inst;

	arena_init(&arena);
	buf_printf(out, "box %" PRIu64 "\n", no);
	buf_printf(out, "  -> %d\n", store->ops->walk(store, no, 0, 1, false, write_inst, out));
	buf_printf(out, "  -> %d\n", store->ops->walk(store, no, UINT64_MAX, -1, true, write_sizes, out));
	buf_printf(out, "  -> %d\n", store->ops->walk(store, no, middle, 1, true, write_sizes, out));
	buf_printf(out, "  -> %d\n", store->ops->walk(store, no, middle, -1, false, write_inst, out));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (store->ops->find_name(store, no, slice_of(names[i]), &seq) == 0)
			buf_printf(out, "  %s is %" PRIu64 "\n", names[i], seq);
	for (seq = box->state.next > 20 ? box->state.next - 20 : 0; seq <= box->state.next; seq++) {
		int r = store->ops->get(store, no, seq, &arena, &inst);

		buf_printf(out, "  get %" PRIu64 ": %d\n", seq, r);
		if (r == 0)
			write_inst(out, &inst);
	}
	arena_finish(&arena);
}

void world_look(const struct world *world, struct store *store, struct buf *out)
{
	struct keys keys = {0};
	int r;

	for (size_t i = 0; i < WORLD_BOXES; i++)
		if (world->boxes[i].state.no)
			look_at_box(store, &world->boxes[i], out);
	for (size_t i = 0; i < PATTERNS; i++) {
		r = store->ops->walk_label(store, slice_of(patterns[i]), gather_key, &keys);
		write_keys(out, patterns[i], r, &keys);
	}
	r = store->ops->walk_early(store, world->now + 1100000, gather_key, &keys);
	write_keys(out, "soon", r, &keys);
	r = store->ops->walk_early(store, INT64_MAX, gather_key, &keys);
	write_keys(out, "early", r, &keys);
	free(keys.all);
}

struct dump {
	struct buf *out;
	struct store_box boxes[256];
	size_t count;
};

static int write_row(void *user, const struct store_row *row)
{
	struct dump *dump = user;

	buf_printf(dump->out,
	           "row %" PRIu64 " under %" PRIu64 " ty %u %" PRId64 " %" PRId64 " %" PRId64
	           " ri %.*s rn %.*s %.*s\n",
	           row->no, row->parent, row->ty, row->ct, row->lt, row->et, SLICE_ARG(row->ri),
	           SLICE_ARG(row->rn), SLICE_ARG(row->body));
	return 0;
}

static int gather_box(void *user, const struct store_box *box)
{
	struct dump *dump = user;

	if (dump->count < 256)
		dump->boxes[dump->count++] = *box;
	return 0;
}

static int compare_boxes(const void *a, const void *b)
{
	const struct store_box *x = a, *y = b;

	return (x->no > y->no) - (x->no < y->no);
}

static int write_note(void *user, const struct store_note *note)
{
	struct dump *dump = user;

	buf_printf(dump->out, "note %" PRIu64 " of %" PRIu64 " %.*s\n", note->id, note->row,
	           SLICE_ARG(note->body));
	return 0;
}

void world_dump(const struct world *world, struct store *store, struct buf *out)
{
	struct dump dump = {.out = out};
	struct store_reader reader = {write_row, gather_box, write_note, &dump};

	buf_printf(out, "load: %d\n", store->ops->load(store, &reader));
	qsort(dump.boxes, dump.count, sizeof(*dump.boxes), compare_boxes);
	for (size_t i = 0; i < dump.count; i++) {
		const struct store_box *box = &dump.boxes[i];

		buf_printf(out,
		           "state %" PRIu64 ": %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
		           " %" PRId64 "\n",
		           box->no, box->next, box->first, box->cni, box->cbs, box->st, box->lt);
	}
	world_look(world, store, out);
}
