/* SPDX-License-Identifier: Apache-2.0 */
/* The promise that matters most: what was acknowledged is there, nothing else is, whatever fails and whenever
 * the process dies. Three ways to try it: a disk that fails at the n-th write, for every n; the files as a
 * crash would leave them, in the middle of a fold; and kill -9.
 *
 *   store_crash_test [ROUNDS]      rounds of killing, default 30; more also tries more places to fail */
#include "base/log.h"
#include "base/unit.h"
#include "store/sqlite.h"
#include "store/store_dir.h"
#include "store/store_faults.h"
#include "store/store_world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS_MOST 300 /* from one commit to the next */

static unsigned long kill_rounds = 30;
static struct store_faults *faults;

static int open_as(const char *dir, struct store **ret)
{
	struct store_config config = {.dir = dir, .fold_at = 24};
	struct why why;

	return store_sqlite_create(&config, &why, ret);
}

static struct store *open_store(const char *dir)
{
	struct store *store = NULL;

	assert_int_equal(open_as(dir, &store), 0);
	return store;
}

static void tell(void *user, const char *sentence)
{
	print_error("check: %s\n", sentence);
}

static int no_row(void *user, const struct store_row *row)
{
	return 0;
}

static int no_box(void *user, const struct store_box *box)
{
	return 0;
}

static int no_note(void *user, const struct store_note *note)
{
	return 0;
}

static void assert_shows(const struct world *world, struct store *store, const struct buf *wanted,
                         const char *when, long n)
{
	struct buf got;

	buf_init(&got, NULL);
	world_dump(world, store, &got);
	if (!slice_is(buf_slice(&got), buf_slice(wanted)))
		fail_msg("%s, %ld: the store does not show what was acknowledged", when, n);
	buf_finish(&got);
}

/* --- a disk that fails --- */

struct scenario {
	char *dir;
	struct store *store;
	struct world *world, *then; /* now; and as of the last commit that went well */
	struct buf acknowledged;
};

static void remember(struct scenario *scenario)
{
	*scenario->then = *scenario->world;
	scenario->acknowledged.len = 0;
	world_dump(scenario->world, scenario->store, &scenario->acknowledged);
}

static void begin(struct scenario *scenario, uint64_t seed)
{
	scenario->dir = store_dir_create();
	scenario->store = open_store(scenario->dir);
	scenario->world = world_create(seed, scenario->store, NULL);
	scenario->then = malloc(sizeof(*scenario->then));
	assert_non_null(scenario->then);
	buf_init(&scenario->acknowledged, NULL);
	for (size_t i = 0; i < WORLD_BOXES; i++)
		world_put(scenario->world, i);
	assert_int_equal(world_commit(scenario->world), 0);
	remember(scenario);
}

static void end(struct scenario *scenario)
{
	scenario->store->ops->destroy(scenario->store);
	world_destroy(scenario->world);
	free(scenario->then);
	buf_finish(&scenario->acknowledged);
	store_dir_destroy(scenario->dir);
}

/* Lives until a commit fails, or to the end. Tending may fail too; that must not matter. Writing down what
 * was acknowledged takes the longest, so it is done only when the fault may come before the next commit. */
static int live_until_fault(struct scenario *scenario)
{
	bool is_remembered = true;
	int r;

	for (int turn = 0; turn < 12; turn++) {
		for (int i = 0; i < 20; i++)
			world_step(scenario->world);
		r = world_commit(scenario->world);
		assert_true(r == 0 || is_remembered);
		if (r < 0)
			return r;
		is_remembered = store_faults_left(faults) < CALLS_MOST || turn == 11;
		if (is_remembered)
			remember(scenario);
		for (int i = 0; i < 4; i++)
			scenario->store->ops->tend(scenario->store, 3000);
	}
	return 0;
}

static void recover(struct scenario *scenario, long n)
{
	struct store_reader nothing = {no_row, no_box, no_note, NULL};
	struct store *store = scenario->store;

	/* Nothing is accepted before load, though the disk is well. */
	*scenario->world = *scenario->then;
	scenario->world->stores[0] = store;
	world_note(scenario->world, 0);
	assert_int_equal(world_commit(scenario->world), -EROFS);
	assert_int_equal(store->ops->load(store, &nothing), 0);
	*scenario->world = *scenario->then;
	assert_shows(scenario->then, store, &scenario->acknowledged, "after load", n);
	assert_int_equal(store->ops->check(store, tell, NULL), 0);
	/* It works again without being opened anew. */
	for (int i = 0; i < 20; i++)
		world_step(scenario->world);
	assert_int_equal(world_commit(scenario->world), 0);
	assert_true(store->ops->tend(store, 3000) >= 0);
	remember(scenario);
}

static void reopen(struct scenario *scenario, long n)
{
	scenario->store->ops->destroy(scenario->store);
	scenario->store = open_store(scenario->dir);
	scenario->then->stores[0] = scenario->store;
	assert_shows(scenario->then, scenario->store, &scenario->acknowledged, "after a restart", n);
	assert_int_equal(scenario->store->ops->check(scenario->store, tell, NULL), 0);
}

/* Returns false when the disk had no call left to fail. */
static bool fail_at(long n, int code, int error, bool stays)
{
	struct scenario scenario;
	bool was_hit;
	int r;

	begin(&scenario, (uint64_t)n % 7 + 1);
	store_faults_arm(faults, n, code, stays);
	r = live_until_fault(&scenario);
	was_hit = store_faults_disarm(faults) > 0;
	if (r < 0) {
		assert_int_equal(r, error);
		recover(&scenario, n);
	}
	reopen(&scenario, n);
	end(&scenario);
	return was_hit;
}

static void fail_everywhere(int code, int error, bool stays, long step)
{
	long n = 0;

	step = step * 30 / (long)kill_rounds + 1;
	while (fail_at(n, code, error, stays))
		n += n < 20 ? 1 : step;
	assert_true(n > 100);
}

UNIT(disk_full_anywhere)
{
	fail_everywhere(SQLITE_FULL, -ENOSPC, true, 31);
}

UNIT(disk_full_once)
{
	fail_everywhere(SQLITE_FULL, -ENOSPC, false, 47);
}

UNIT(disk_breaks_anywhere)
{
	fail_everywhere(SQLITE_IOERR_WRITE, -EIO, true, 67);
}

UNIT(sync_fails_once)
{
	fail_everywhere(SQLITE_IOERR_FSYNC, -EIO, false, 53);
}

UNIT(read_only_disk)
{
	fail_everywhere(SQLITE_READONLY, -EROFS, true, 89);
}

/* --- the files of a crash --- */

/* In the middle of whatever the store does, its files are copied and opened elsewhere. */
UNIT(crash_between_any_two_steps)
{
	struct scenario scenario;
	struct store *copy;
	char *dir;

	for (uint64_t seed = 1; seed <= kill_rounds / 30; seed++) {
		begin(&scenario, seed + 20);
		for (int turn = 0; turn < 30; turn++) {
			for (uint64_t i = world_random(scenario.world, 50); i > 0; i--)
				world_step(scenario.world);
			assert_int_equal(world_commit(scenario.world), 0);
			remember(&scenario);
			for (int i = 0; i < 3; i++) {
				/* A budget of nothing: the smallest slices there are. */
				assert_true(scenario.store->ops->tend(scenario.store, 2) >= 0);
				dir = store_dir_crash(scenario.dir);
				copy = open_store(dir);
				assert_shows(scenario.then, copy, &scenario.acknowledged, "in the copy",
				             turn);
				if (i == 2)
					while (copy->ops->tend(copy, 1000) > 0)
						;
				assert_int_equal(copy->ops->check(copy, tell, NULL), 0);
				assert_shows(scenario.then, copy, &scenario.acknowledged, "folded", turn);
				copy->ops->destroy(copy);
				store_dir_destroy(dir);
			}
		}
		end(&scenario);
	}
}

/* --- kill -9 --- */

#define KILL_BOXES 7
#define KILL_KEEP  50 /* instances a box keeps */

/* The i-th instance there ever is goes to box i % 7 and has the number i / 7 + 1; the size of batches follows
 * from i too: so the whole state follows from how many there are. */
static uint64_t batch_after(uint64_t i)
{
	return 1 + i * 2654435761u % 23;
}

struct progress {
	struct store_box boxes[KILL_BOXES];
	uint64_t rows;
};

static int progress_row(void *user, const struct store_row *row)
{
	((struct progress *)user)->rows++;
	return 0;
}

static int progress_box(void *user, const struct store_box *box)
{
	((struct progress *)user)->boxes[box->no - 2] = *box;
	return 0;
}

static struct store_inst inst_of(uint64_t i, struct slice *label, char body[64])
{
	struct store_inst inst = {
	        .box = 2 + i % KILL_BOXES, .seq = i / KILL_BOXES + 1, .ty = 4, .labels = label};

	inst.ct = inst.lt = 1000000 + (int64_t)i;
	inst.cs = i % 90;
	inst.label_count = i % 3 == 0;
	snprintf(body, 64, "\"con\":\"%llu\"", (unsigned long long)(i * 7919));
	inst.body = slice_of(body);
	return inst;
}

static void kill_append(struct store *store, struct progress *progress, uint64_t i)
{
	struct slice label = SLICE("third");
	char body[64];
	struct store_inst inst = inst_of(i, &label, body);
	struct store_box *box = &progress->boxes[i % KILL_BOXES];

	box->next = inst.seq + 1;
	box->cni++;
	box->cbs += inst.cs;
	store->ops->append(store, &inst, box);
	if (box->cni <= KILL_KEEP)
		return;
	box->cni--;
	box->cbs -= (i - KILL_KEEP * KILL_BOXES) % 90;
	box->first++;
	store->ops->trim(store, box);
}

/* Makes the rows if they are missing; returns how many instances there ever were. */
static uint64_t kill_load(struct store *store, struct progress *progress)
{
	struct store_reader reader = {progress_row, progress_box, no_note, progress};
	uint64_t count = 0;

	*progress = (struct progress){0};
	if (store->ops->load(store, &reader) != 0)
		_exit(3);
	for (size_t i = 0; i < KILL_BOXES; i++)
		count += progress->boxes[i].next ? progress->boxes[i].next - 1 : 0;
	return count;
}

static void kill_child(const char *dir, int acks)
{
	struct progress progress;
	struct store *store;
	uint64_t i;

	if (open_as(dir, &store) < 0)
		_exit(2);
	i = kill_load(store, &progress);
	for (uint64_t no = 1; !progress.rows && no <= KILL_BOXES + 1; no++) {
		struct store_box box = {.no = no, .next = 1, .first = 1};

		char id[8];

		snprintf(id, sizeof(id), "r%d", (int)no);
		store->ops->put(
		        store,
		        &(struct store_row){
		                .no = no, .parent = no > 1, .ty = 3, .ri = slice_of(id), .rn = slice_of(id)});
		if (no == 1)
			continue;
		progress.boxes[no - 2] = box;
		store->ops->set_box(store, &box);
	}
	if (store->ops->commit(store) < 0)
		_exit(4);
	for (;;) {
		for (uint64_t end_at = i + batch_after(i); i < end_at; i++)
			kill_append(store, &progress, i);
		if (store->ops->commit(store) < 0 || write(acks, &i, sizeof(i)) != sizeof(i))
			_exit(5);
		if (store->ops->tend(store, 500) < 0)
			_exit(6);
	}
}

static void check_insts(struct store *store, uint64_t count)
{
	struct store_inst got, wanted;
	struct slice label = SLICE("third");
	struct arena arena;
	char body[64];

	arena_init(&arena);
	for (uint64_t i = count > 1000 ? count - 1000 : 0; i < count + 20; i++) {
		bool is_kept = i < count && i + KILL_KEEP * KILL_BOXES >= count;
		int r;

		wanted = inst_of(i, &label, body);
		r = store->ops->get(store, wanted.box, wanted.seq, &arena, &got);
		if ((r == 0) != is_kept)
			fail_msg("instance %d of %d: %d", (int)i, (int)count, r);
		if (r == 0)
			assert_true(slice_is(got.body, wanted.body) && got.cs == wanted.cs);
	}
	arena_finish(&arena);
}

static int check_order(void *user, const struct store_inst *inst)
{
	uint64_t *last = user;

	assert_true(inst->seq > *last);
	*last = inst->seq;
	return 0;
}

/* Everything follows from `count`, which is the acknowledged number or that of the batch behind it. */
static uint64_t check_after_kill(const char *dir, uint64_t acknowledged)
{
	struct store *store = open_store(dir);
	struct progress progress;
	uint64_t count = kill_load(store, &progress);

	if (count != acknowledged && count != acknowledged + batch_after(acknowledged))
		fail_msg("%d were acknowledged, %d are there", (int)acknowledged, (int)count);
	for (uint64_t k = 0; progress.rows && k < KILL_BOXES; k++) {
		uint64_t last = 0;

		assert_int_equal(progress.boxes[k].next, (count + KILL_BOXES - 1 - k) / KILL_BOXES + 1);
		assert_int_equal(store->ops->walk(store, 2 + k, 0, 1, true, check_order, &last), 0);
	}
	check_insts(store, count);
	assert_int_equal(store->ops->check(store, tell, NULL), 0);
	store->ops->destroy(store);
	return count;
}

/* Lets the child acknowledge a few batches, then kills it; returns the last number it acknowledged. */
static uint64_t kill_once(const char *dir, uint64_t acknowledged, unsigned patience)
{
	int ends[2], status;
	uint64_t said;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		kill_child(dir, ends[1]);
	}
	assert_true(child > 0);
	close(ends[1]);
	for (unsigned i = 0; i < patience && read(ends[0], &said, sizeof(said)) == sizeof(said); i++)
		acknowledged = said;
	for (volatile unsigned spin = patience * 7919 % 50021; spin > 0; spin--)
		;
	kill(child, SIGKILL);
	while (read(ends[0], &said, sizeof(said)) == sizeof(said))
		acknowledged = said; /* what it said before it died counts */
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	close(ends[0]);
	return acknowledged;
}

UNIT(killed_at_random)
{
	char *dir = store_dir_create();
	uint64_t acknowledged = 0;

	for (unsigned long round = 0; round < kill_rounds; round++) {
		acknowledged = kill_once(dir, acknowledged, (unsigned)(round * 37 % 61));
		acknowledged = check_after_kill(dir, acknowledged);
	}
	assert_true(kill_rounds < 10 || acknowledged > 1000);
	store_dir_destroy(dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        unit(disk_full_anywhere), unit(disk_full_once), unit(disk_breaks_anywhere),
	        unit(sync_fails_once),    unit(read_only_disk), unit(crash_between_any_two_steps),
	        unit(killed_at_random),
	};

	if (argc > 1)
		kill_rounds = strtoul(argv[1], NULL, 10);
	faults = store_faults_install();
	log_open(&(struct log_config){.level = LOG_ERROR, .file = "/dev/null"}); /* the faults are meant */
	return unit_main(tests);
}
