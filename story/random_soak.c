/* SPDX-License-Identifier: Apache-2.0 */
/* Random requests, valid and nearly valid, over HTTP against a real node, for as long as one likes. Rounds of
 * half a minute: some workers ask, each a process with its own seed; then, when all is quiet, what is counted
 * must be what is there, in each container; then the node goes down, by SIGTERM or kill -9 in turn, fsck
 * looks at what it left, it comes up again, and every container must be as it was.
 *
 * usage: random_soak DURED [SECONDS [SEED]]; random_soak.sh builds a node with sanitizers for it. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "codec/json.h"
#include "story/random_soak.h"

#define ROUND_US (30 * 1000000LL)
#define WORKERS  3

static const char *const options[] = {
        "--request-timeout", "300ms", "--default-request-lifetime", "5s", "--log-level", "error", NULL};

static int soak_work(const struct story *story, const struct soak_world *world, uint64_t seed, int64_t until)
{
	struct story own = *story;
	struct soak_dice dice = {seed * 2654435761u + 88172645463325252u};
	uint64_t count = 0;
	struct line line = {.fd = -1};
	bool good = true;

	arena_init(&own.arena);
	while (good && clock_wall_steady() < until) {
		good = soak_ask(&own, world, &dice, &line);
		count++;
		story_forget(&own);
	}
	story_hang_up(&line);
	atomic_fetch_add(world->asked, count);
	return good ? 0 : 1;
}

static bool soak_round(struct story *story, const struct soak_world *world, uint64_t seed, int64_t until)
{
	pid_t workers[WORKERS];
	bool good = true;

	for (int i = 0; i < WORKERS; i++) {
		fflush(stdout);
		workers[i] = fork();
		if (workers[i] == 0)
			_exit(soak_work(story, world, seed + (uint64_t)i, until));
	}
	for (int i = 0; i < WORKERS; i++) {
		int status;

		waitpid(workers[i], &status, 0);
		good = WIFEXITED(status) && WEXITSTATUS(status) == 0 && good;
	}
	return good;
}

/* ---- what must hold ---- */

static uint64_t soak_figure(const struct val *resource, const char *name)
{
	uint64_t n = 0;

	val_is_uint(val_get(resource, slice_of(name)), &n);
	return n;
}

/* One container and its instances, in one answer. */
struct soak_count {
	uint64_t count, size, cni, cbs, st;
};

/* False: the answer is none. */
static bool soak_count(struct story *story, struct slice path, struct soak_count *ret)
{
	struct slice where = arena_printf(&story->arena, "/%.*s?rcn=4&ty=4&lvl=1", SLICE_ARG(path));
	struct ask ask = {.method = "GET", .path = arena_text(&story->arena, where)};
	struct answer answer;
	const struct val *list;
	struct val *pc;

	*ret = (struct soak_count){0};
	story_ask(story, &ask, &answer);
	/* It expired meanwhile, or nobody may read its instances. */
	if (answer.rsc == 4004 || answer.rsc == 4005)
		return true;
	if (answer.rsc != 2000 || json_read(&story->arena, answer.body, NULL, NULL, &pc) != 0)
		return false;
	list = val_find(pc->first, "m2m:cin");
	if (list)
		val_each (list, cin) {
			ret->count++;
			ret->size += soak_figure(cin, "cs");
		}
	ret->cni = soak_figure(pc->first, "cni");
	ret->cbs = soak_figure(pc->first, "cbs");
	ret->st = soak_figure(pc->first, "st");
	return true;
}

/* Do the figures agree? What has expired is not shown at once any more, but counted until it is looked for
 * (after a restart that takes up to eleven seconds), so they may have a while. Adds its state to the digest.
 */
static bool soak_container(struct story *story, struct slice path, uint64_t *digest)
{
	int64_t end = clock_wall_steady() + STORY_PATIENCE_US;
	struct soak_count c;

	while (soak_count(story, path, &c)) {
		if (c.count == c.cni && c.size == c.cbs) {
			*digest = *digest * 1099511628211u + c.st + slice_hash(path, 7);
			return true;
		}
		if (clock_wall_steady() > end)
			break;
		poll(NULL, 0, 50);
	}
	story_note("%.*s has %llu instances of %llu bytes in all, says %llu and %llu", SLICE_ARG(path),
	           (unsigned long long)c.count, (unsigned long long)c.size, (unsigned long long)c.cni,
	           (unsigned long long)c.cbs);
	return false;
}

/* All containers that do not lose instances by time (those have an x in their name). */
static bool soak_agrees(struct story *story, size_t *ret_count, uint64_t *ret_digest)
{
	struct answer answer;
	struct val *pc;
	bool good = true;

	*ret_count = 0;
	*ret_digest = 0;
	story_ask(story, &(struct ask){.method = "GET", .path = "/cse-in?fu=1&ty=3"}, &answer);
	if (answer.rsc != 2000 || json_read(&story->arena, answer.body, NULL, NULL, &pc) != 0)
		return false;
	val_each (pc->first, path) {
		uint64_t ignored;
		bool lasts = !memchr(path->text.ptr, 'x', path->text.len);

		good = soak_container(story, path->text, lasts ? ret_digest : &ignored) && good;
		(*ret_count)++;
	}
	story_forget(story);
	return good;
}

/* The node goes down and comes up again. */
static bool soak_restart(struct story *story, bool gently)
{
	bool good = true;

	if (gently)
		good = story_check(story, story_stop(story) == 0, "it stops with 0");
	else
		story_kill(story);
	good = story_check(story, story_fsck(story) <= 0, "dure fsck finds nothing after %s",
	                   gently ? "SIGTERM" : "kill -9") &&
	       good;
	story_start(story, options);
	return good;
}

static bool soak_rounds(struct story *story, const struct soak_world *world, int64_t until, uint64_t seed)
{
	bool good = true;

	for (int round = 0; good && clock_wall_steady() < until; round++) {
		int64_t end = clock_wall_steady() + ROUND_US;
		uint64_t digest = 0, after = 0;
		size_t count = 0, again = 0;

		good = story_check(
		        story,
		        soak_round(story, world, seed + (uint64_t)round * WORKERS, end < until ? end : until),
		        "round %d: every answer makes sense", round);
		good = story_check(story, soak_agrees(story, &count, &digest),
		                   "counts and sizes are those of what is there") &&
		       good;
		story_note("answers of this life: %lld good, %lld refused, %lld that could not be met, %lld "
		           "notifications",
		           (long long)story_metric(story, "dure_responses_total{class=\"2xxx\"}"),
		           (long long)story_metric(story, "dure_responses_total{class=\"4xxx\"}"),
		           (long long)story_metric(story, "dure_responses_total{class=\"5xxx\"}"),
		           (long long)story_metric(story, "dure_notifications_sent_total"));
		good = soak_restart(story, round % 2) && good;
		good = story_check(story, soak_agrees(story, &again, &after) && digest == after,
		                   "after it comes up again all is as it was") &&
		       good;
		story_note("%zu containers, %llu requests, %lld s left", count,
		           (unsigned long long)atomic_load(world->asked),
		           (long long)(until - clock_wall_steady()) / 1000000);
		story_forget(story);
	}
	return good;
}

int main(int argc, char **argv)
{
	uint64_t seconds = 3600, seed = 1;
	struct receiver good = {0}, bad = {0};
	struct soak_world world = {.asked = NULL};
	_Atomic uint64_t *asked;
	struct story story;

	if (!story_begin(&story, argc, argv) || (argc > 2 && !slice_u64(slice_of(argv[2]), &seconds)) ||
	    (argc > 3 && !slice_u64(slice_of(argv[3]), &seed))) {
		fprintf(stderr, "usage: %s DURED [SECONDS [SEED]]\n", argv[0]);
		return 2;
	}
	receiver_start(&good, RECEIVER_GOOD, false, 1);
	receiver_start(&bad, RECEIVER_HANGS, false, 1);
	/* The row that no receiver uses holds the count of all workers. */
	asked = (_Atomic uint64_t *)(void *)&good.heard->rows[RECEIVER_HEARD_MOST - 1];
	world = (struct soak_world){.good_port = good.port, .bad_port = bad.port, .asked = asked};
	story_note("seed %llu, %llu seconds", (unsigned long long)seed, (unsigned long long)seconds);
	story_start(&story, options);
	soak_rounds(&story, &world, clock_wall_steady() + (int64_t)seconds * 1000000, seed);
	story_check(&story, story_stop(&story) == 0 && story_fsck(&story) <= 0,
	            "at the end it stops, and all is in order");
	receiver_end(&good);
	receiver_end(&bad);
	return story_end(&story);
}
