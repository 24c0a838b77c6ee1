/* SPDX-License-Identifier: Apache-2.0 */
/* home: the made-up household of home_generator.c, living in a CSE.
 *
 * Rooms are containers below an AE; sensors are containers in their room, devices are flexContainers of
 * TS-0023 with their module class below. We play all of them at once, subscribe to each, and show both what
 * we send and what the CSE tells us about it. */
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/ensure.h"
#include "cli/home_generator.h"
#include "cli/interrupt.h"
#include "cli/receiver.h"
#include "cli/show.h"
#include "model/prim.h"
#include "model/rsc.h"
#include "model/type.h"

#define READINGS_KEPT 1000 /* in each container: the demonstration runs for days */
#define GRACE_US      (3 * 1000 * 1000)

struct home {
	struct cli *cli;
	const char *cse, *name, *top, *originator;
	const char *paths[HOME_SENSOR_COUNT]; /* where its events go */
	const char *subs[HOME_SENSOR_COUNT];
	struct home_generator *generator;
	struct receiver *receiver;
	double speed; /* 0: as fast as it goes */
	uint64_t sent, done, errors, notified;
	bool silent;
};

/* ---- building ---- */

static const char *join(struct cli *cli, const char *a, const char *b)
{
	return arena_text(&cli->arena, arena_printf(&cli->arena, "%s/%s", a, b));
}

static const char *label(struct cli *cli, const char *key, const char *value)
{
	return arena_text(&cli->arena, arena_printf(&cli->arena, "%s:%s", key, value));
}

static struct val *flex(struct cli *cli, const char *root, const char *name, const char *const *labels)
{
	const struct type *type = type_by_root(slice_of(root));
	struct val *rep = ensure_named(&cli->arena, name, labels);
	if (type && type->definition)
		val_put(rep, SLICE("cnd"), val_str(&cli->arena, slice_of(type->definition)));
	return rep;
}

static int build_sensor(struct home *home, size_t number)
{
	struct cli *cli = home->cli;
	const struct home_generator_sensor *sensor = &home_generator_sensors[number];
	const char *room = join(cli, home->top, sensor->room), *path = join(cli, room, sensor->name);
	const char *labels[] = {label(cli, "room", sensor->room), label(cli, "type", sensor->type), NULL};
	const char *room_labels[] = {labels[0], NULL};
	/* Rooms come again with each sensor; made once, they are there. */
	int r = ensure_resource(cli, home->top, TYPE_CNT, "m2m:cnt",
	                        ensure_named(&cli->arena, sensor->room, room_labels), home->originator, NULL);
	if (r)
		return r;
	if (sensor->form == HOME_READING) {
		struct val *rep = ensure_named(&cli->arena, sensor->name, labels);
		val_put(rep, SLICE("mni"), val_int(&cli->arena, READINGS_KEPT));
		home->paths[number] = path;
		return ensure_resource(cli, room, TYPE_CNT, "m2m:cnt", rep, home->originator, NULL);
	}
	r = ensure_resource(cli, room, TYPE_FCNT, sensor->device,
	                    flex(cli, sensor->device, sensor->name, labels), home->originator, NULL);
	if (r)
		return r;
	struct val *module = flex(cli, sensor->root, sensor->module, labels);
	val_put(module, slice_of(sensor->point), val_json(&cli->arena, slice_of(sensor->start)));
	home->paths[number] = join(cli, path, sensor->module);
	return ensure_resource(cli, path, TYPE_FCNT, sensor->root, module, home->originator, NULL);
}

static int subscribe(struct home *home, unsigned number)
{
	struct cli *cli = home->cli;
	struct m2m_answer answer;
	/* One of a run that was killed may still stand there; whether it did does not matter. */
	struct m2m_request request = {.op = OP_DELETE,
	                              .to = join(cli, home->paths[number], "dure-home"),
	                              .originator = home->originator};
	m2m_call(cli->client, &cli->arena, &request, &answer);
	struct receiver_wish wish = {.path = home->paths[number],
	                             .net = home_generator_sensors[number].form == HOME_READING ? "3" : "1",
	                             .originator = home->originator,
	                             .name = "dure-home",
	                             .number = number};
	return receiver_subscribe(home->receiver, cli, &wish, &home->subs[number]);
}

static int build(struct home *home)
{
	struct cli *cli = home->cli;
	int r = cli_client(cli);
	if (!r)
		r = ensure_ae(cli, home->cse, home->name, home->originator, "N.dure.home");
	for (unsigned i = 0; !r && i < HOME_SENSOR_COUNT && !interrupt_asked(); i++)
		r = build_sensor(home, i);
	for (unsigned i = 0; !r && i < HOME_SENSOR_COUNT && !interrupt_asked(); i++)
		r = subscribe(home, i);
	return r;
}

/* ---- living ---- */

static void take_notification(void *user, const struct receiver_event *event)
{
	struct home *home = user;
	if (event->number >= HOME_SENSOR_COUNT || event->deleted)
		return;
	struct arena arena;
	arena_init(&arena);
	struct slice value = show_value(&arena, event->root, event->rep);
	home->notified++;
	if (home->cli->json)
		printf("{\"notified\":\"%s\"}\n", home->paths[event->number]);
	else
		printf(T(home->cli, HOME_NOTIFIED), home->paths[event->number], SLICE_ARG(value));
	arena_finish(&arena);
}

static void event_done(void *user, const struct m2m_answer *answer)
{
	struct home *home = user;
	home->done++;
	if (rsc_is_good(answer->rsc))
		return;
	home->errors++;
	home->silent = home->silent || !answer->http;
	if (home->errors <= 10)
		cli_refused(home->cli, answer, "event");
}

static const char *weekday(struct cli *cli, const struct clock_civil *day)
{
	/* Three letters each in English, one syllable in Korean. */
	static const char *const names[LANGUAGE_COUNT][7] = {
	        {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
	        {"일", "월", "화", "수", "목", "금", "토"},
	};
	return names[cli->language][day->weekday];
}

static void print_event(struct home *home, const struct home_generator_event *event)
{
	const struct home_generator_sensor *sensor = &home_generator_sensors[event->sensor];
	struct clock_civil day;
	clock_civil(event->at, &day);
	if (home->cli->json)
		printf("{\"at\":\"%04d%02d%02dT%02d%02d%02d\",\"event\":\"%s\",\"value\":\"%s\"}\n", day.year,
		       day.month, day.day, day.hour, day.minute, day.second, home->paths[event->sensor],
		       event->value);
	else
		printf("%s %02d:%02d:%02d  %s/%s = %s\n", weekday(home->cli, &day), day.hour, day.minute,
		       day.second, sensor->room, sensor->name, event->value);
}

static int send_event(struct home *home, const struct home_generator_event *event)
{
	const struct home_generator_sensor *sensor = &home_generator_sensors[event->sensor];
	struct arena arena;
	arena_init(&arena);
	struct val *pc = val_obj(&arena);
	struct m2m_request request = {.to = home->paths[event->sensor],
	                              .pc = pc,
	                              .query = "rcn=0",
	                              .originator = home->originator,
	                              .lane = 1};
	if (sensor->form == HOME_READING) {
		struct val *cin = val_put(pc, SLICE("m2m:cin"), val_obj(&arena));
		val_put(cin, SLICE("con"), val_str(&arena, slice_of(event->value)));
		request.op = OP_CREATE;
		request.ty = TYPE_CIN;
	} else {
		struct val *rep = val_put(pc, slice_of(sensor->root), val_obj(&arena));
		val_put(rep, slice_of(sensor->point), val_json(&arena, slice_of(event->value)));
		request.op = OP_UPDATE;
	}
	int r = m2m_send(home->cli->client, &request, event_done, home);
	home->sent += !r;
	arena_finish(&arena);
	return r;
}

static bool goes_on(const struct home *home)
{
	return !interrupt_asked() && !home->silent && !ferror(stdout);
}

/* Sends, receives and prints until `due` (clock_steady); looks round at least once. */
static int live_until(struct home *home, int64_t due)
{
	int r;
	do {
		r = m2m_run(home->cli->client, false);
		int64_t left = due - clock_steady();
		int64_t wait = left <= 0 ? 0 : left < 5000 || !m2m_busy(home->cli->client) ? left : 5000;
		if (!r)
			r = receiver_turn(home->receiver, wait < 100000 ? wait : 100000);
		fflush(stdout);
	} while (!r && clock_steady() < due && goes_on(home));
	return r;
}

/* What is under way may arrive, and what the CSE has to tell about it. */
static int wait_for_rest(struct home *home)
{
	int64_t end = clock_steady() + GRACE_US;
	int r = 0;
	while (!r && !home->silent && clock_steady() < end &&
	       (m2m_busy(home->cli->client) || home->notified + home->errors < home->sent))
		r = live_until(home, clock_steady() + 20000);
	return r;
}

static bool is_first_night(const struct home_generator_event *event)
{
	struct clock_civil civil;
	clock_civil(event->at, &civil);
	return home_generator_day(event) == 0 && civil.hour < 6;
}

static int live(struct home *home, unsigned days)
{
	struct home_generator_event event;
	int64_t before = 0;
	double due = (double)clock_steady();
	int r = 0;
	while (!r && goes_on(home)) {
		home_generator_next(home->generator, &event);
		if (days && home_generator_day(&event) >= days)
			break;
		/* Who looks on need not wait for the first night to pass. */
		if (home->speed > 0 && before && !is_first_night(&event))
			due += (double)(event.at - before) / home->speed;
		before = event.at;
		r = live_until(home, (int64_t)due);
		if (r || !goes_on(home))
			break;
		print_event(home, &event);
		r = send_event(home, &event);
	}
	return r ? r : wait_for_rest(home);
}

static void unsubscribe(struct home *home)
{
	for (unsigned i = 0; i < HOME_SENSOR_COUNT && !home->silent; i++) {
		struct m2m_answer answer;
		struct m2m_request request = {
		        .op = OP_DELETE, .to = home->subs[i], .originator = home->originator};
		if (home->subs[i])
			receiver_call(home->receiver, home->cli, &request, &answer);
	}
}

static void welcome(struct home *home, unsigned long long seed)
{
	struct cli *cli = home->cli;
	const char *at = cli->at, *top = home->top;
	const char *head = "-H 'X-M2M-RI: 1' -H 'X-M2M-RVI: 3'";
	if (cli->json)
		return;
	printf(T(cli, HOME_WELCOME), seed, at, top, cli->as);
	printf("  curl -H 'X-M2M-Origin: %s' %s '%s/%s/living/thermostat/temperature'\n", cli->as, head, at,
	       top);
	printf("  curl -H 'X-M2M-Origin: %s' %s '%s/%s?fu=1&ty=3&lbl=room:kitchen'\n", cli->as, head, at,
	       top);
	printf("  curl -H 'X-M2M-Origin: %s' %s -H 'Content-Type: application/json;ty=4' \\\n"
	       "       -d '{\"m2m:cin\":{\"con\":\"open\"}}' '%s/%s/entrance/door'\n\n",
	       cli->as, head, at, top);
	fflush(stdout);
}

static int play(struct home *home, unsigned long long seed, unsigned days)
{
	struct cli *cli = home->cli;
	int r = build(home);
	if (!r && !interrupt_asked()) {
		welcome(home, seed);
		r = live(home, days);
		if (r) {
			fprintf(stderr, T(cli, FAULT), strerror(-r));
			r = CLI_REFUSED;
		}
	}
	unsubscribe(home);
	if (!cli->json)
		printf(T(cli, HOME_SUMMARY), (unsigned long long)home->done,
		       (unsigned long long)home->notified, (unsigned long long)home->errors);
	if (home->silent)
		return CLI_NOBODY;
	return r ? r : home->errors ? CLI_REFUSED : CLI_GOOD;
}

static bool read_speed(struct home *home)
{
	const char *text = home->cli->option[OPTION_HOME_speed];
	uint64_t times;
	if (text && strcmp(text, "max") == 0)
		return true;
	if (!cli_number(home->cli, OPTION_HOME_speed, 1, 1000000000, 600, &times))
		return false;
	home->speed = (double)times;
	return true;
}

int home_run(struct cli *cli)
{
	struct home home = {.cli = cli, .cse = "cse-in", .name = "home"};
	uint64_t seed, days;
	if (!read_speed(&home) || !cli_number(cli, OPTION_HOME_seed, 0, UINT64_MAX, 1, &seed) ||
	    !cli_number(cli, OPTION_HOME_days, 1, 100000, 0, &days))
		return CLI_USAGE;
	if (cli->option[OPTION_HOME_cse])
		home.cse = cli->option[OPTION_HOME_cse];
	if (cli->option[OPTION_HOME_name])
		home.name = cli->option[OPTION_HOME_name];
	home.top = join(cli, home.cse, home.name);
	home.originator = arena_text(&cli->arena, arena_printf(&cli->arena, "C%s", home.name));
	int r = receiver_create("127.0.0.1:0", take_notification, &home, &home.receiver);
	if (r) {
		fprintf(stderr, T(cli, CANNOT_LISTEN), "127.0.0.1:0", strerror(-r));
		return CLI_REFUSED;
	}
	home.generator = home_generator_create(seed);
	interrupt_catch();
	r = home.generator ? play(&home, (unsigned long long)seed, (unsigned)days) : CLI_REFUSED;
	home_generator_destroy(home.generator);
	receiver_destroy(home.receiver);
	return r;
}
