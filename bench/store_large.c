/* SPDX-License-Identifier: Apache-2.0 */
/* A large store: 1,000,000 instances under 10,000 boxes, then one box of 1,000,000. How long does a start
 * take, how long is the longest piece of background work, how fast are readings found?
 *
 *   store_large [DIRECTORY]      default: /tmp/dure-store-large; needs some 500 MB */
#include "base/clock.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

#define BOXES  10000
#define INSTS  1000000
#define BIG    (BOXES + 2) /* the number of the large box */
#define BUDGET 2000

static const char *dir = "/tmp/dure-store-large";
static struct store_box boxes[BOXES + 1]; /* numbers 2 to BIG */

static void must(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-r));
	exit(1);
}

static struct store *open_store(void)
{
	struct store_config config = {.dir = dir};
	struct store *store;
	struct why why;

	must(store_sqlite_create(&config, &why, &store), why.text);
	return store;
}

static void append(struct store *store, struct store_box *box)
{
	static const struct slice labels[] = {{"temperature", 11}};
	struct store_inst inst = {
	        .box = box->no,
	        .seq = box->next++,
	        .ty = 4,
	        .ct = 1795340153000000 + (int64_t)box->next * 25,
	        .lt = 1795340153000000 + (int64_t)box->next * 25,
	        .cs = 60,
	        .body = SLICE(
	                "\"con\":{\"t\":21.4,\"h\":48.2,\"p\":1013.25,\"unit\":\"C\",\"room\":\"kitchen\"}"),
	        .labels = labels,
	        .label_count = box->next % 16 == 0,
	};

	box->cni++;
	box->cbs += inst.cs;
	box->st++;
	store->ops->append(store, &inst, box);
}

/* Tends until nothing waits, in pieces of BUDGET; returns the longest. */
static int64_t tend_all(struct store *store, int64_t *ret_all)
{
	int64_t begun = clock_wall_steady(), longest = 0;
	int r;

	do {
		int64_t at = clock_wall_steady();

		r = store->ops->tend(store, BUDGET);
		must(r, "tend");
		at = clock_wall_steady() - at;
		longest = at > longest ? at : longest;
	} while (r > 0);
	*ret_all = clock_wall_steady() - begun;
	return longest;
}

static void fill(struct store *store, bool one_box)
{
	int64_t begun = clock_wall_steady(), longest, rest;

	for (uint64_t i = 0; i < INSTS; i++) {
		append(store, &boxes[one_box ? BOXES : i * 7919 % BOXES]);
		if (i % 256 == 255) {
			must(store->ops->commit(store), "commit");
			must(store->ops->tend(store, BUDGET), "tend");
		}
	}
	must(store->ops->commit(store), "commit");
	longest = tend_all(store, &rest);
	printf("%d instances in %s: %lld ms; the fold's end %lld ms, longest piece %lld us\n", INSTS,
	       one_box ? "one box" : "10,000 boxes", (long long)(clock_wall_steady() - begun) / 1000,
	       (long long)rest / 1000, (long long)longest);
}

static uint64_t told;

static int row(void *user, const struct store_row *row)
{
	told++;
	return 0;
}

static int box(void *user, const struct store_box *box)
{
	told++;
	return 0;
}

static int note(void *user, const struct store_note *note)
{
	return 0;
}

static int count(void *user, const struct store_inst *inst)
{
	return ++*(uint64_t *)user == 100;
}

static struct store *start(void)
{
	struct store_reader reader = {row, box, note, NULL};
	int64_t begun = clock_wall_steady();
	struct store *store = open_store();

	must(store->ops->load(store, &reader), "load");
	printf("start: %lld ms, %llu rows and boxes told\n", (long long)(clock_wall_steady() - begun) / 1000,
	       (unsigned long long)told);
	return store;
}

static void read_some(struct store *store)
{
	int64_t begun = clock_wall_steady();
	struct store_inst inst;
	struct arena arena;
	uint64_t seen = 0;

	arena_init(&arena);
	for (uint64_t i = 0; i < 10000; i++) {
		must(store->ops->get(store, 2 + i * 31 % BOXES, 1 + i % 90, &arena, &inst), "get");
		arena_reset(&arena);
	}
	printf("get: %.1f us each\n", (double)(clock_wall_steady() - begun) / 10000);
	begun = clock_wall_steady();
	for (uint64_t i = 0; i < 1000; i++, seen = 0)
		store->ops->walk(store, 2 + i * 31 % BOXES, UINT64_MAX, -1, false, count, &seen);
	printf("walk: %.1f us for the newest 100\n", (double)(clock_wall_steady() - begun) / 1000);
	arena_finish(&arena);
}

static void remove_big(struct store *store)
{
	int64_t all, longest, commit = clock_wall_steady();

	store->ops->remove(store, BIG);
	must(store->ops->commit(store), "commit");
	commit = clock_wall_steady() - commit;
	longest = tend_all(store, &all);
	printf("box of %d removed: commit %lld us, deleted in %lld ms, longest piece %lld us of %d\n", INSTS,
	       (long long)commit, (long long)all / 1000, (long long)longest, BUDGET);
}

int main(int argc, char **argv)
{
	char command[600];
	struct store *store;

	if (argc > 1)
		dir = argv[1];
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (system(command) != 0)
		return 1;
	store = open_store();
	for (uint64_t no = 1; no <= BIG; no++) {
		store->ops->put(store, &(struct store_row){.no = no, .parent = no > 1, .ty = 3});
		if (no > 1)
			boxes[no - 2] = (struct store_box){.no = no, .next = 1, .first = 1};
	}
	must(store->ops->commit(store), "rows");
	fill(store, false);
	store->ops->destroy(store);
	store = start();
	read_some(store);
	fill(store, true);
	remove_big(store);
	store->ops->destroy(store);
	return 0;
}
