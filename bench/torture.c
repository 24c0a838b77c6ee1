/* SPDX-License-Identifier: Apache-2.0 */
/* Kills a node with SIGKILL at random moments under load, again and again, and looks after each restart
 * whether everything that was acknowledged is there, in order, with the right counts, nothing is half there,
 * and the store's own check is clean. Each client has a container of its own, so that what must be there is
 * known exactly; one is shared by all. Sometimes the node is killed a second time while it starts.
 *
 *     torture DURED DURE DIRECTORY ROUNDS [SEED] */
#include "base/clock.h"
#include "base/timer.h"
#include "bench/inquest.h"
#include "bench/swarm.h"
#include "bench/victim.h"
#include "client/client.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS   24
#define LOAD_MOST 250000 /* us of load before the kill */
#define DRAIN     2000000

struct torture {
	struct victim victim;
	const char *dure;
	uint64_t dice;
	struct promise promises[CLIENTS];
	enum deed deeds[CLIENTS]; /* under way */
	char shared[32], before[32];
	bool over;    /* nothing more is asked */
	bool refused; /* an answer was no success */
	uint64_t kept, found_done;
};

static uint64_t roll(struct torture *torture)
{
	torture->dice ^= torture->dice << 13;
	torture->dice ^= torture->dice >> 7;
	torture->dice ^= torture->dice << 17;
	return torture->dice >> 11;
}

/* --- load --- */

static bool next(void *user, unsigned no, struct buf *out)
{
	struct torture *torture = user;

	if (torture->over)
		return false;
	torture->deeds[no] = promise_choose(&torture->promises[no], roll(torture));
	promise_ask(&torture->promises[no], torture->deeds[no], torture->shared, out);
	return true;
}

static void answer(void *user, unsigned no, const struct swarm_answer *answer)
{
	struct torture *torture = user;

	if (answer->rsc / 1000 == 2) {
		promise_keep(&torture->promises[no], torture->deeds[no]);
		torture->kept++;
	} else {
		fprintf(stderr, "torture: client %u, deed %d: rsc %d: %.*s\n", no, torture->deeds[no],
		        answer->rsc, SLICE_ARG(answer->body));
		torture->refused = true;
	}
	torture->deeds[no] = DEED_NONE;
}

/* Loads the node for so long, kills it, and takes the answers that were still on their way. */
static bool load_and_kill(struct torture *torture, int64_t us)
{
	struct swarm_handler handler = {.next = next, .answer = answer, .user = torture};
	struct reactor reactor;
	struct swarm *swarm;
	int64_t begun = clock_wall_steady(), killed;
	bool good = reactor_init(&reactor) == 0;

	torture->over = false;
	good = good && swarm_create(&reactor, torture->victim.port, CLIENTS, 0, &handler, &swarm) == 0;
	if (!good) {
		fprintf(stderr, "torture: the node can't be connected to\n");
		return false;
	}
	swarm_start(swarm);
	while (!torture->refused && swarm_alive(swarm) && clock_wall_steady() - begun < us)
		reactor_turn(&reactor, 200);
	if (swarm_alive(swarm) < CLIENTS) {
		fprintf(stderr, "torture: the node hung up before it was killed\n");
		good = false;
	}
	victim_kill(&torture->victim);
	killed = clock_wall_steady();
	torture->over = true;
	while (swarm_alive(swarm) && clock_wall_steady() - killed < DRAIN)
		reactor_turn(&reactor, 1000);
	swarm_destroy(swarm);
	reactor_finish(&reactor);
	return good && !torture->refused;
}

/* --- looking --- */

static bool fsck(struct torture *torture)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		/* Its good news is not ours to print. */
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		execl(torture->dure, torture->dure, "fsck", "--data-dir", torture->victim.dir, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "torture: dure fsck --data-dir %s is not content\n", torture->victim.dir);
		return false;
	}
	return true;
}

static bool call(struct m2m_client *client, int op, const char *to, int ty, const char *rn, int rsc)
{
	struct arena arena;
	struct m2m_answer answer;
	struct m2m_request request = {.op = op, .to = to, .ty = ty};
	bool good;

	arena_init(&arena);
	if (rn) {
		struct val *pc = val_obj(&arena),
		           *content =
		                   val_put(pc, ty == 2 ? SLICE("m2m:ae") : SLICE("m2m:cnt"), val_obj(&arena));

		val_put(content, SLICE("rn"), val_str(&arena, slice_of(rn)));
		if (ty == 2) {
			val_put(content, SLICE("api"), val_str(&arena, SLICE("N.torture")));
			val_put(content, SLICE("rr"), val_bool(&arena, false));
			val_push(val_put(content, SLICE("srv"), val_arr(&arena)),
			         val_str(&arena, SLICE("3")));
		}
		request.pc = pc;
	}
	good = m2m_call(client, &arena, &request, &answer) == 0 && answer.rsc == rsc;
	if (!good)
		fprintf(stderr, "torture: %s: rsc %d instead of %d: %.*s\n", to, answer.rsc, rsc,
		        SLICE_ARG(answer.body));
	arena_finish(&arena);
	return good;
}

static bool look(struct torture *torture, struct m2m_client *client)
{
	bool done[CLIENTS] = {false}, good;

	good = inquest_shared(client, torture->shared, torture->promises, torture->deeds, CLIENTS, done);
	for (unsigned i = 0; i < CLIENTS; i++) {
		bool box_done = false;

		good = inquest_box(client, &torture->promises[i], torture->deeds[i], &box_done) && good;
		torture->found_done += done[i] || box_done;
		torture->deeds[i] = DEED_NONE;
	}
	return good;
}

/* A new shared container for the next round; the one before goes, so that its readings are being deleted
 * meanwhile. */
static bool prepare(struct torture *torture, struct m2m_client *client, uint64_t round)
{
	char path[80];

	if (round == 0 && !call(client, 1, "cse-in", 2, "torture", 2001))
		return false;
	if (*torture->before) {
		snprintf(path, sizeof(path), "cse-in/torture/%s", torture->before);
		if (!call(client, 3 + 1, path, 0, NULL, 2002))
			return false;
	}
	memcpy(torture->before, torture->shared, sizeof(torture->before));
	snprintf(torture->shared, sizeof(torture->shared), "shared-%" PRIu64, round);
	for (unsigned i = 0; i < CLIENTS; i++)
		torture->promises[i].shared = 0;
	return call(client, 1, "cse-in/torture", 3, torture->shared, 2001);
}

/* --- rounds --- */

static bool start(struct torture *torture)
{
	struct timespec nap = {0};

	if (roll(torture) % 5 == 0) {
		/* Killed while it starts: at any moment of the first 20 ms. */
		nap.tv_nsec = (long)(roll(torture) % 20000000);
		if (victim_start(&torture->victim) < 0)
			return false;
		nanosleep(&nap, NULL);
		victim_kill(&torture->victim);
	}
	if (victim_start(&torture->victim) == 0 && victim_is_ready(&torture->victim))
		return true;
	fprintf(stderr, "torture: the node does not start\n");
	return false;
}

static bool play(struct torture *torture, uint64_t round)
{
	struct m2m_client *client;
	char url[64];
	bool good;

	if (round > 0 && !fsck(torture))
		return false;
	if (!start(torture))
		return false;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", torture->victim.port);
	if (m2m_create(&(struct m2m_config){.url = url, .originator = "Ctorture"}, &client) < 0)
		return false;
	good = (round == 0 || look(torture, client)) && prepare(torture, client, round);
	m2m_destroy(client);
	return good && load_and_kill(torture, (int64_t)(roll(torture) % LOAD_MOST));
}

static bool play_last(struct torture *torture)
{
	struct m2m_client *client;
	char url[64];
	bool good;

	if (!fsck(torture) || !start(torture))
		return false;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", torture->victim.port);
	if (m2m_create(&(struct m2m_config){.url = url, .originator = "Ctorture"}, &client) < 0)
		return false;
	good = look(torture, client);
	m2m_destroy(client);
	if (good && !victim_stop(&torture->victim)) {
		fprintf(stderr, "torture: the node did not end well\n");
		good = false;
	}
	return good && fsck(torture);
}

int main(int argc, char **argv)
{
	static struct torture torture = {.dice = 0x2545f4914f6cdd1d};
	uint64_t rounds, seed = 1, round;
	bool good = true;

	if (argc < 5 || !slice_u64(slice_of(argv[4]), &rounds) ||
	    (argc > 5 && !slice_u64(slice_of(argv[5]), &seed))) {
		fputs("usage: torture DURED DURE DIRECTORY ROUNDS [SEED]\n", stderr);
		return 2;
	}
	torture.victim = (struct victim){.dured = argv[1], .dir = argv[3]};
	torture.dure = argv[2];
	torture.dice += seed * 0x9e3779b97f4a7c15;
	for (unsigned i = 0; i < CLIENTS; i++)
		torture.promises[i] = (struct promise){.client = i, .box = 1};
	mkdir(argv[3], 0700);
	signal(SIGPIPE, SIG_IGN);
	for (round = 0; good && round < rounds; round++) {
		good = play(&torture, round);
		if (isatty(1))
			printf("\rround %" PRIu64 " of %" PRIu64 ", %" PRIu64 " acknowledged ", round + 1,
			       rounds, torture.kept);
		fflush(stdout);
	}
	good = good && play_last(&torture);
	victim_kill(&torture.victim);
	printf("%skilled %" PRIu64 " times (seed %" PRIu64 "): %" PRIu64 " acknowledged, %" PRIu64
	       " more were done when it was killed: %s\n",
	       isatty(1) ? "\r" : "", round, seed, torture.kept, torture.found_done,
	       good ? "all there, in order, nothing half" : "NOT as promised");
	return good ? 0 : 1;
}
