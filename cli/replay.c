/* SPDX-License-Identifier: Apache-2.0 */
/* replay: a log of home events becomes contentInstances, one for each event.
 *
 * Below an AE stands one container for each sensor (or for each home, and below it for each device). All
 * requests of one container go through one lane of the client, so its events arrive in the order of the file,
 * however many connections work at once. At the end the CSE is asked how many it holds. */
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/ensure.h"
#include "cli/event_log.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/values.h"
#include "model/prim.h"
#include "model/rsc.h"

#include <errno.h>
#include <time.h>

#define ERRORS_SHOWN 10

/* What is remembered of a request until its answer comes. */
struct sent_event {
	struct replay *replay;
	uint32_t line;
	uint32_t box;
};

struct replay {
	struct cli *cli;
	struct event_log log;
	struct m2m_client *client; /* with as many connections as asked for */
	struct progress progress;
	const char *cse, *home, *originator;
	const char **paths;           /* of the boxes */
	int64_t *before;              /* instances the boxes held already; -1: unknown */
	double speed;                 /* 0: as fast as it goes */
	struct sent_event *under_way; /* one for each event */
	uint64_t sent, done, errors;
	const char *silence; /* why the CSE stopped answering; NULL while it does */
	int64_t us;          /* it took */
};

/* ---- making the containers ---- */

static int make_box(struct replay *replay, size_t number, const char **parents, size_t *parent_count)
{
	struct cli *cli = replay->cli;
	const struct event_log_box *box = &replay->log.boxes[number];
	const char *above =
	        arena_text(&cli->arena, arena_printf(&cli->arena, "%s/%s", replay->cse, replay->home));
	struct arena arena;
	bool made = false;
	int r = CLI_GOOD;
	arena_init(&arena);
	if (box->parent) {
		/* Boxes of one home come in any order: is its container made already? */
		size_t i = 0;
		while (i < *parent_count && strcmp(parents[i], box->parent) != 0)
			i++;
		if (i == *parent_count) {
			const char *labels[] = {box->labels[0], NULL};
			struct val *rep = ensure_named(&arena, box->parent, labels);
			r = ensure_resource(cli, above, 3, "m2m:cnt", rep, replay->originator, NULL);
			parents[(*parent_count)++] = box->parent;
		}
		above = arena_text(&cli->arena, arena_printf(&cli->arena, "%s/%s", above, box->parent));
	}
	if (!r)
		r = ensure_resource(cli, above, 3, "m2m:cnt", ensure_named(&arena, box->name, box->labels),
		                    replay->originator, &made);
	replay->paths[number] = arena_text(&cli->arena, arena_printf(&cli->arena, "%s/%s", above, box->name));
	replay->before[number] = made ? 0 : -1;
	arena_finish(&arena);
	return r;
}

/* How many instances the boxes hold; only of those for which wanted(number). */
static int count_held(struct replay *replay, bool unknown_only, int64_t *held)
{
	struct cli *cli = replay->cli;
	struct values_item *items = arena_array(&cli->arena, replay->log.box_count + 1, struct values_item);
	for (size_t i = 0; i < replay->log.box_count; i++)
		if (!unknown_only || held[i] < 0)
			items[i].path = replay->paths[i];
	int r = values_fetch(cli, items, replay->log.box_count);
	for (size_t i = 0; i < replay->log.box_count; i++)
		if (items[i].path && !val_is_int(val_find(items[i].rep, "cni"), &held[i]))
			held[i] = -1;
	return r;
}

static int make_boxes(struct replay *replay)
{
	struct cli *cli = replay->cli;
	size_t count = replay->log.box_count, parent_count = 0;
	const char **parents = arena_array(&cli->arena, count + 1, const char *);
	replay->paths = arena_array(&cli->arena, count + 1, const char *);
	replay->before = arena_array(&cli->arena, count + 1, int64_t);
	int r = ensure_ae(cli, replay->cse, replay->home, replay->originator, "N.dure.replay");
	for (size_t i = 0; !r && i < count && !interrupt_asked(); i++)
		r = make_box(replay, i, parents, &parent_count);
	return !r && !interrupt_asked() ? count_held(replay, true, replay->before) : r;
}

/* ---- sending ---- */

static void event_done(void *user, const struct m2m_answer *answer)
{
	const struct sent_event *sent = user;
	struct replay *replay = sent->replay;
	replay->done++;
	if (answer->rsc == RSC_CREATED)
		return;
	replay->errors++;
	if (!answer->http)
		replay->silence = answer->error;
	if (replay->errors > ERRORS_SHOWN)
		return;
	struct cli *cli = replay->cli;
	struct slice reason = output_safe(&cli->arena, m2m_reason(answer, &cli->arena));
	progress_clear(&replay->progress);
	fprintf(stderr, T(cli, REPLAY_EVENT_FAILED), sent->line, replay->paths[sent->box], answer->rsc,
	        SLICE_ARG(reason));
	if (replay->errors == ERRORS_SHOWN)
		fprintf(stderr, "%s", T(cli, REPLAY_MORE_ERRORS));
}

static int send_event(struct replay *replay, const struct event_log_event *event)
{
	struct arena arena;
	struct sent_event *sent = &replay->under_way[replay->sent];
	*sent = (struct sent_event){replay, event->line, event->box};
	arena_init(&arena);
	struct val *pc = val_obj(&arena);
	val_put(pc, SLICE("m2m:cin"), event_log_instance(&replay->log, event, &arena));
	struct m2m_request request = {.op = OP_CREATE,
	                              .to = replay->paths[event->box],
	                              .ty = 4,
	                              .pc = pc,
	                              .query = "rcn=0",
	                              .lane = event->box + 1};
	int r = m2m_send(replay->client, &request, event_done, sent);
	arena_finish(&arena);
	replay->sent += !r;
	return r;
}

/* Lets answers come in until `due` (clock_steady). */
static int wait_until(struct replay *replay, int64_t due)
{
	for (;;) {
		int r = m2m_run(replay->client, false);
		int64_t left = due - clock_steady();
		if (r || left <= 0 || interrupt_asked() || replay->silence)
			return r;
		left = left < 20000 ? left : 20000;
		struct timespec pause = {0, (long)left * 1000};
		nanosleep(&pause, NULL);
		progress_show(&replay->progress, replay->done, replay->errors);
	}
}

static int send_all(struct replay *replay)
{
	struct event_log *log = &replay->log;
	int64_t started = clock_steady();
	double due = (double)started;
	int r = 0;
	replay->under_way = arena_array(&replay->cli->arena, log->event_count, struct sent_event);
	progress_init(&replay->progress, replay->cli->language, log->event_count);
	for (size_t i = 0; !r && i < log->event_count && !interrupt_asked() && !replay->silence; i++) {
		if (replay->speed > 0 && i) {
			int64_t gap = event_log_gap(log, &log->events[i - 1], &log->events[i]);
			due += (double)gap / replay->speed;
			r = wait_until(replay, (int64_t)due);
			if (interrupt_asked() || replay->silence)
				break;
		}
		if (!r)
			r = send_event(replay, &log->events[i]);
		progress_show(&replay->progress, replay->done, replay->errors);
	}
	/* When nobody answers, the others in the lanes are not waited for. */
	if (!r && !replay->silence)
		r = m2m_run(replay->client, true);
	replay->us = clock_steady() - started;
	progress_end(&replay->progress, replay->done, replay->errors);
	return r;
}

/* ---- the end ---- */

static void print_json(const struct replay *replay, uint64_t held, bool known)
{
	double seconds = (double)replay->us / 1e6;
	printf("{\"events\":%zu,\"sent\":%llu,\"errors\":%llu,\"bad_lines\":%llu,\"seconds\":%.3f,\"rate\":%."
	       "1f,"
	       "\"containers\":%zu,\"held\":",
	       replay->log.event_count, (unsigned long long)replay->sent, (unsigned long long)replay->errors,
	       (unsigned long long)replay->log.bad, seconds, seconds > 0 ? (double)replay->done / seconds : 0,
	       replay->log.box_count);
	if (known)
		printf("%llu}\n", (unsigned long long)held);
	else
		printf("null}\n");
}

static void print_table(const struct replay *replay, uint64_t held, bool known)
{
	struct cli *cli = replay->cli;
	double seconds = (double)replay->us / 1e6;
	printf(T(cli, REPLAY_SUMMARY), replay->log.event_count, (unsigned long long)replay->sent,
	       (unsigned long long)replay->errors, (unsigned long long)replay->log.bad, seconds,
	       seconds > 0 ? (double)replay->done / seconds : 0);
	if (known)
		printf(T(cli, REPLAY_HELD), (unsigned long long)held, replay->log.box_count, replay->cse,
		       replay->home,
		       held == replay->done - replay->errors ? T(cli, EQUAL) : T(cli, NOT_EQUAL));
}

/* How many more the CSE holds than before; false when it does not tell. */
static bool count_new(struct replay *replay, uint64_t *ret)
{
	int64_t *held = arena_array(&replay->cli->arena, replay->log.box_count + 1, int64_t);
	*ret = 0;
	if (replay->silence || count_held(replay, false, held) != CLI_GOOD)
		return false;
	for (size_t i = 0; i < replay->log.box_count; i++) {
		if (held[i] < 0 || replay->before[i] < 0)
			return false;
		*ret += (uint64_t)(held[i] - replay->before[i]);
	}
	return true;
}

static int summary(struct replay *replay)
{
	struct cli *cli = replay->cli;
	uint64_t held;
	bool known = count_new(replay, &held);
	if (cli->json)
		print_json(replay, held, known);
	else
		print_table(replay, held, known);
	if (replay->silence) {
		fprintf(stderr, T(cli, NOBODY), cli->at, replay->silence);
		return CLI_NOBODY;
	}
	bool whole = replay->done == replay->log.event_count && !replay->errors && !replay->log.bad;
	return whole && known && held == replay->done ? CLI_GOOD : CLI_REFUSED;
}

static void tell_line(void *user, uint64_t line, const char *why)
{
	struct replay *replay = user;
	if (replay->log.bad <= ERRORS_SHOWN)
		fprintf(stderr, T(replay->cli, REPLAY_BAD_LINE), replay->cli->operands[0],
		        (unsigned long long)line, why);
	if (replay->log.bad == ERRORS_SHOWN)
		fprintf(stderr, "%s", T(replay->cli, REPLAY_MORE_ERRORS));
}

static bool read_speed(struct replay *replay)
{
	const char *text = replay->cli->option[OPTION_REPLAY_speed];
	uint64_t times;
	if (!text || strcmp(text, "max") == 0)
		return true;
	replay->speed = 1;
	if (strcmp(text, "real") == 0)
		return true;
	if (!cli_number(replay->cli, OPTION_REPLAY_speed, 1, 1000000000, 0, &times))
		return false;
	replay->speed = (double)times;
	return true;
}

/* "dir/ordonez-b.txt.gz" gives the home "ordonez-b". */
static const char *home_of(struct cli *cli, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct slice name = slice_of(slash ? slash + 1 : path), stem;
	return event_log_name(&cli->arena, slice_cut(&name, '.', &stem) ? stem : name);
}

static int feed(struct replay *replay, uint64_t connections)
{
	struct cli *cli = replay->cli;
	int r = make_boxes(replay);
	if (r || interrupt_asked())
		return r ? r : CLI_REFUSED;
	fprintf(stderr, T(cli, REPLAY_START), replay->log.event_count, replay->log.box_count, replay->cse,
	        replay->home, cli->at);
	struct m2m_config config = cli_config(cli, (unsigned)connections);
	config.originator = replay->originator;
	r = m2m_create(&config, &replay->client);
	if (!r)
		r = send_all(replay);
	m2m_destroy(replay->client);
	if (r) {
		fprintf(stderr, T(cli, FAULT), strerror(-r));
		return CLI_REFUSED;
	}
	return summary(replay);
}

int replay_run(struct cli *cli)
{
	struct replay replay = {.cli = cli};
	uint64_t limit, connections;
	const char *path = cli->operands[0];
	if (!read_speed(&replay) || !cli_number(cli, OPTION_REPLAY_limit, 1, UINT32_MAX, 0, &limit) ||
	    !cli_number(cli, OPTION_REPLAY_connections, 1, 256, 8, &connections))
		return CLI_USAGE;
	replay.cse = cli->option[OPTION_REPLAY_cse] ? cli->option[OPTION_REPLAY_cse] : "cse-in";
	replay.home = cli->option[OPTION_REPLAY_home] ? cli->option[OPTION_REPLAY_home] : home_of(cli, path);
	replay.originator = arena_text(&cli->arena, arena_printf(&cli->arena, "C%s", replay.home));
	interrupt_catch();
	int r = event_log_read(path, cli->option[OPTION_REPLAY_names], (size_t)limit, tell_line, &replay,
	                       &replay.log);
	if (r == 0) {
		r = feed(&replay, connections);
	} else {
		fprintf(stderr, T(cli, REPLAY_CANNOT_READ), path,
		        r == -ENODATA ? T(cli, REPLAY_NO_EVENTS) : strerror(-r));
		r = CLI_REFUSED;
	}
	event_log_finish(&replay.log);
	return r;
}
