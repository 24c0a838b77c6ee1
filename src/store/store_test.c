/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of store.h, run over every implementation; then both run side by side through the same random
 * life, and must show the same at every look. */
#include "base/unit.h"
#include "store/store_dir.h"
#include "store/store_world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What the tests run over; the SQLite store folds early and often. */
struct fixture {
	char *dir; /* NULL: the memory store */
	struct store *store;
};

static struct store *open_sqlite(const char *dir, size_t fold_at)
{
	struct store_config config = {.dir = dir, .fold_at = fold_at};
	struct store *store = NULL;
	struct why why;
	int r = store_sqlite_create(&config, &why, &store);

	if (r < 0)
		print_error("%s\n", why.text);
	assert_int_equal(r, 0);
	return store;
}

static int setup_mem(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	*state = fixture;
	return fixture ? store_mem_create(&fixture->store) : -1;
}

static int setup_sqlite(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	*state = fixture;
	if (!fixture)
		return -1;
	fixture->dir = store_dir_create();
	fixture->store = open_sqlite(fixture->dir, 4);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	fixture->store->ops->destroy(fixture->store);
	store_dir_destroy(fixture->dir);
	free(fixture);
	return 0;
}

/* Commits, tends until nothing waits, and, where something lasts, opens it anew: after any of it, the same.
 */
static void settle(struct fixture *fixture)
{
	int r;

	assert_int_equal(fixture->store->ops->commit(fixture->store), 0);
	assert_false(fixture->store->ops->is_dirty(fixture->store));
	do {
		r = fixture->store->ops->tend(fixture->store, 100000);
	} while (r > 0);
	assert_int_equal(r, 0);
	if (!fixture->dir)
		return;
	fixture->store->ops->destroy(fixture->store);
	fixture->store = open_sqlite(fixture->dir, 4);
}

/* --- small things --- */

static struct store_box put_box(struct store *store, uint64_t no)
{
	struct store_box box = {.no = no, .next = 1, .first = 1};

	store->ops->put(
	        store,
	        &(struct store_row){.no = no, .parent = no - 1, .ty = 3, .ri = SLICE("r"), .rn = SLICE("n")});
	store->ops->set_box(store, &box);
	return box;
}

static void append(struct store *store, struct store_box *box, const char *rn, const char *label, int64_t et)
{
	struct slice labels[] = {slice_of(label)};
	struct store_inst inst = {.box = box->no,
	                          .seq = box->next++,
	                          .ty = 4,
	                          .ct = 100,
	                          .lt = 100,
	                          .et = et,
	                          .cs = 2,
	                          .early = et != 0,
	                          .rn = slice_of(rn),
	                          .body = SLICE("\"con\":\"hi\""),
	                          .labels = labels,
	                          .label_count = label ? 1 : 0};

	box->cni++;
	box->cbs += 2;
	store->ops->append(store, &inst, box);
}

static int count_inst(void *user, const struct store_inst *inst)
{
	++*(int *)user;
	return 0;
}

static int count_key(void *user, uint64_t box, uint64_t seq)
{
	++*(int *)user;
	return 0;
}

static int insts_of(struct store *store, uint64_t box)
{
	int count = 0;

	assert_int_equal(store->ops->walk(store, box, 0, 1, true, count_inst, &count), 0);
	return count;
}

static int labelled(struct store *store, const char *label)
{
	int count = 0;

	assert_int_equal(store->ops->walk_label(store, slice_of(label), count_key, &count), 0);
	return count;
}

static int early_until(struct store *store, int64_t now)
{
	int count = 0;

	assert_int_equal(store->ops->walk_early(store, now, count_key, &count), 0);
	return count;
}

static void write_is_readable_before_and_after_commit(void **state)
{
	struct fixture *fixture = *state;
	struct store_box box = put_box(fixture->store, 1);
	struct store_inst inst;
	struct arena arena;
	uint64_t seq;

	arena_init(&arena);
	append(fixture->store, &box, "first", "kitchen", 0);
	append(fixture->store, &box, NULL, NULL, 500);
	assert_true(fixture->store->ops->is_dirty(fixture->store));
	for (int round = 0; round < 2; round++) {
		struct store *store = fixture->store;

		assert_int_equal(store->ops->get(store, 1, 1, &arena, &inst), 0);
		assert_slice(inst.rn, "first");
		assert_slice(inst.body, "\"con\":\"hi\"");
		assert_int_equal(inst.label_count, 1);
		assert_slice(inst.labels[0], "kitchen");
		assert_int_equal(inst.box, 1);
		assert_int_equal(store->ops->get(store, 1, 3, &arena, &inst), -ENOENT);
		assert_int_equal(store->ops->get(store, 9, 1, &arena, &inst), -ENOENT);
		assert_int_equal(store->ops->find_name(store, 1, SLICE("first"), &seq), 0);
		assert_int_equal(seq, 1);
		assert_int_equal(store->ops->find_name(store, 1, SLICE("second"), &seq), -ENOENT);
		assert_int_equal(insts_of(store, 1), 2);
		assert_int_equal(labelled(store, "kitchen"), 1);
		assert_int_equal(labelled(store, "k*n"), 1);
		assert_int_equal(early_until(store, 499), 0);
		assert_int_equal(early_until(store, 500), 1);
		settle(fixture);
	}
	arena_finish(&arena);
}

static void dropped_is_gone_everywhere(void **state)
{
	struct fixture *fixture = *state;
	struct store_box box = put_box(fixture->store, 1);
	uint64_t seq;

	for (int i = 0; i < 10; i++)
		append(fixture->store, &box, i == 4 ? "five" : NULL, "x", i == 4 ? 9 : 0);
	for (int round = 0; round < 3; round++) {
		if (round == 1) {
			box.cni--;
			box.cbs -= 2;
			fixture->store->ops->drop(fixture->store, 5, &box);
		}
		assert_int_equal(insts_of(fixture->store, 1), round ? 9 : 10);
		assert_int_equal(labelled(fixture->store, "x"), round ? 9 : 10);
		assert_int_equal(early_until(fixture->store, 9), round ? 0 : 1);
		assert_int_equal(fixture->store->ops->find_name(fixture->store, 1, SLICE("five"), &seq),
		                 round ? -ENOENT : 0);
		settle(fixture);
	}
	assert_int_equal(fixture->store->ops->check(fixture->store, NULL, NULL), 0);
}

static void name_may_be_used_again(void **state)
{
	struct fixture *fixture = *state;
	struct store_box box = put_box(fixture->store, 1);
	uint64_t seq = 0;

	append(fixture->store, &box, "same", NULL, 0);
	settle(fixture);
	box.cni--;
	box.cbs -= 2;
	fixture->store->ops->drop(fixture->store, 1, &box);
	append(fixture->store, &box, "same", NULL, 0);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(fixture->store->ops->find_name(fixture->store, 1, SLICE("same"), &seq), 0);
		assert_int_equal(seq, 2);
		settle(fixture);
	}
	assert_int_equal(fixture->store->ops->check(fixture->store, NULL, NULL), 0);
}

static void trim_leaves_the_rest(void **state)
{
	struct fixture *fixture = *state;
	struct store_box box = put_box(fixture->store, 1);

	for (int i = 0; i < 100; i++)
		append(fixture->store, &box, NULL, "x", 0);
	settle(fixture);
	for (int i = 0; i < 100; i++)
		append(fixture->store, &box, NULL, "x", 0);
	box.first = 151;
	box.cni = 50;
	box.cbs = 100;
	fixture->store->ops->trim(fixture->store, &box);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(insts_of(fixture->store, 1), 50);
		assert_int_equal(labelled(fixture->store, "x"), 50);
		settle(fixture);
	}
	box.first = box.next;
	box.cni = box.cbs = 0;
	fixture->store->ops->trim(fixture->store, &box);
	assert_int_equal(insts_of(fixture->store, 1), 0);
	settle(fixture);
	assert_int_equal(insts_of(fixture->store, 1), 0);
	assert_int_equal(labelled(fixture->store, "*"), 0);
	assert_int_equal(fixture->store->ops->check(fixture->store, NULL, NULL), 0);
}

static void number_may_come_back(void **state)
{
	struct fixture *fixture = *state;
	struct store_box box = put_box(fixture->store, 1);

	for (int i = 0; i < 10; i++)
		append(fixture->store, &box, NULL, "old", 0);
	settle(fixture);
	fixture->store->ops->remove(fixture->store, 1);
	assert_int_equal(insts_of(fixture->store, 1), 0);
	assert_int_equal(labelled(fixture->store, "old"), 0);
	assert_int_equal(fixture->store->ops->commit(fixture->store), 0);
	box = put_box(fixture->store, 1);
	append(fixture->store, &box, NULL, "new", 0);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(insts_of(fixture->store, 1), 1);
		assert_int_equal(labelled(fixture->store, "old"), 0);
		assert_int_equal(labelled(fixture->store, "*"), 1);
		settle(fixture);
	}
	assert_int_equal(fixture->store->ops->check(fixture->store, NULL, NULL), 0);
}

/* --- what callbacks may do --- */

struct dropper {
	struct store *store;
	struct store_box *box;
	int seen, stop_at;
};

static int drop_it(void *user, const struct store_inst *inst)
{
	struct dropper *dropper = user;
	int inner = 0;

	if (++dropper->seen == dropper->stop_at)
		return 77;
	dropper->box->cni--;
	dropper->box->cbs -= inst->cs;
	dropper->store->ops->drop(dropper->store, inst->seq, dropper->box);
	/* A walk within a walk. */
	return dropper->store->ops->walk(dropper->store, dropper->box->no, UINT64_MAX, -1, true, count_inst,
	                                 &inner);
}

static void callback_may_drop_and_stop(void **state)
{
	struct fixture *fixture = *state;
	struct store_box box = put_box(fixture->store, 1);
	struct dropper dropper = {.box = &box, .stop_at = 61};

	for (int i = 0; i < 100; i++) {
		append(fixture->store, &box, NULL, NULL, 0);
		if (i == 49)
			settle(fixture);
	}
	dropper.store = fixture->store;
	assert_int_equal(fixture->store->ops->walk(fixture->store, 1, 0, 1, true, drop_it, &dropper), 77);
	assert_int_equal(insts_of(fixture->store, 1), 40);
	settle(fixture);
	assert_int_equal(insts_of(fixture->store, 1), 40);
	assert_int_equal(fixture->store->ops->check(fixture->store, NULL, NULL), 0);
}

static int stop_row(void *user, const struct store_row *row)
{
	return 5;
}

static void load_stops_when_told(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader reader = {.row = stop_row};

	put_box(fixture->store, 1);
	settle(fixture);
	assert_int_equal(fixture->store->ops->load(fixture->store, &reader), 5);
}

static void check_sees_wrong_counts(void **state)
{
	struct fixture *fixture = *state;
	struct store_box box = put_box(fixture->store, 1);

	append(fixture->store, &box, NULL, NULL, 0);
	box.cni = 7;
	fixture->store->ops->set_box(fixture->store, &box);
	settle(fixture);
	assert_int_equal(fixture->store->ops->check(fixture->store, NULL, NULL), 1);
}

/* --- side by side --- */

static void compare(struct world *world, bool all, uint64_t seed, int step)
{
	struct buf a, b;

	buf_init(&a, NULL);
	buf_init(&b, NULL);
	(all ? world_dump : world_look)(world, world->stores[0], &a);
	(all ? world_dump : world_look)(world, world->stores[1], &b);
	if (!slice_is(buf_slice(&a), buf_slice(&b))) {
		size_t at = 0;

		while (at < a.len && at < b.len && a.ptr[at] == b.ptr[at])
			at++;
		at = at > 200 ? at - 200 : 0;
		fail_msg("seed %d, step %d: they differ\nmemory: %.*s\nsqlite: %.*s", (int)seed, step,
		         (int)(a.len - at > 600 ? 600 : a.len - at), a.ptr + at,
		         (int)(b.len - at > 600 ? 600 : b.len - at), b.ptr + at);
	}
	buf_finish(&a);
	buf_finish(&b);
}

static void tell(void *user, const char *sentence)
{
	print_error("check: %s\n", sentence);
}

/* One turn: some changes, a commit, a little tending. */
static void turn(struct world *world)
{
	struct store *store = world->stores[1];

	for (uint64_t i = world_random(world, 60); i > 0; i--)
		world_step(world);
	if (world_random(world, 3) == 0)
		compare(world, false, 0, 0); /* the batch is seen */
	assert_int_equal(world_commit(world), 0);
	if (world_random(world, 3))
		assert_true(store->ops->tend(store, (int64_t)world_random(world, 400)) >= 0);
}

static void live(uint64_t seed, int turns, size_t fold_at)
{
	char *dir = store_dir_create();
	struct world *world;
	struct store *mem;

	assert_int_equal(store_mem_create(&mem), 0);
	world = world_create(seed, mem, open_sqlite(dir, fold_at));
	assert_int_equal(world_commit(world), 0);
	for (int i = 0; i < turns; i++) {
		turn(world);
		if (i % 8 == 7)
			compare(world, world_random(world, 2), seed, i);
		if (world_random(world, 20) == 0) {
			world->stores[1]->ops->destroy(world->stores[1]);
			world->stores[1] = open_sqlite(dir, fold_at);
			compare(world, true, seed, i);
		}
		if (i % 16 == 15)
			assert_int_equal(world->stores[1]->ops->check(world->stores[1], tell, NULL), 0);
	}
	mem->ops->destroy(mem);
	world->stores[1]->ops->destroy(world->stores[1]);
	world_destroy(world);
	store_dir_destroy(dir);
}

static void both_live_the_same(void **state)
{
	const char *more = getenv("DURE_STORE_SEEDS");
	uint64_t seeds = more ? strtoull(more, NULL, 10) : 4;

	for (uint64_t seed = 1; seed <= seeds; seed++)
		live(seed, 80, seed % 3 == 0 ? 20 : seed % 3 == 1 ? 150 : 700);
}

#define BOTH(test)                                                                                           \
	{#test " (memory)", test, setup_mem, teardown, NULL},                                                \
	{                                                                                                    \
#test " (sqlite)", test, setup_sqlite, teardown, NULL                                        \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        BOTH(write_is_readable_before_and_after_commit),
	        BOTH(dropped_is_gone_everywhere),
	        BOTH(name_may_be_used_again),
	        BOTH(trim_leaves_the_rest),
	        BOTH(number_may_come_back),
	        BOTH(callback_may_drop_and_stop),
	        BOTH(load_stops_when_told),
	        BOTH(check_sees_wrong_counts),
	        unit(both_live_the_same),
	};

	return unit_main(tests);
}
