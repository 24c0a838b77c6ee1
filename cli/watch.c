/* SPDX-License-Identifier: Apache-2.0 */
/* watch: subscribes with a URL of our own, shows what comes, and takes the subscriptions away again. */
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/receiver.h"
#include "cli/show.h"
#include "codec/json.h"
#include "model/prim.h"

#include <time.h>

struct watching {
	struct cli *cli;
	uint64_t seen, most; /* most 0: no end */
	int gone;            /* subscriptions that the CSE took away */
};

static const char *event_name(struct cli *cli, int64_t net)
{
	switch (net) {
	case 1:
		return T(cli, EVENT_UPDATE);
	case 2:
		return T(cli, EVENT_DELETE);
	case 3:
		return T(cli, EVENT_CHILD);
	case 4:
		return T(cli, EVENT_CHILD_GONE);
	case 5:
		return T(cli, EVENT_MISSING);
	default:
		return "";
	}
}

static void print_json(struct arena *arena, const char *path, const struct val *sgn)
{
	struct buf line;
	struct val *object = val_obj(arena);
	val_put(object, SLICE("path"), val_str(arena, slice_of(path)));
	val_put(object, SLICE("m2m:sgn"), val_copy(arena, sgn));
	buf_init(&line, arena);
	json_write(&line, object);
	printf("%.*s\n", SLICE_ARG(buf_slice(&line)));
}

static void take_event(void *user, const struct receiver_event *event)
{
	struct watching *watching = user;
	struct cli *cli = watching->cli;
	if (event->number >= (unsigned)cli->operand_count ||
	    (watching->most && watching->seen >= watching->most))
		return;
	const char *path = cli->operands[event->number];
	struct arena arena;
	arena_init(&arena);
	if (cli->json) {
		print_json(&arena, path, event->sgn);
	} else if (event->deleted) {
		printf(T(cli, WATCH_GONE), path);
	} else {
		char clock[16];
		time_t now = time(NULL);
		struct tm tm;
		strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
		struct slice value = show_value(&arena, event->root, event->rep);
		struct slice name;
		if (!value.len && val_is_str(val_find(event->rep, "rn"), &name))
			value = arena_printf(&arena, "%.*s %.*s", SLICE_ARG(event->root), SLICE_ARG(name));
		printf("%s  %s  %s  %.*s\n", clock, path, event_name(cli, event->net), SLICE_ARG(value));
	}
	fflush(stdout);
	watching->gone += event->deleted;
	watching->seen++;
	arena_finish(&arena);
}

/* The list of --net as numbers only: it becomes part of a JSON list. */
static bool is_net(struct slice text)
{
	struct slice part;
	uint64_t number;
	if (!text.len)
		return false;
	while (slice_cut(&text, ',', &part))
		if (!slice_u64(part, &number) || number < 1 || number > 10)
			return false;
	return true;
}

static void unsubscribe(struct cli *cli, struct receiver *receiver, const char *const *subs, int count)
{
	for (int i = 0; i < count; i++) {
		struct m2m_answer answer;
		struct m2m_request request = {.op = OP_DELETE, .to = subs[i]};
		receiver_call(receiver, cli, &request, &answer);
	}
}

static int watch_all(struct cli *cli, struct receiver *receiver, struct watching *watching, const char *net)
{
	const char **subs = arena_array(&cli->arena, (size_t)cli->operand_count, const char *);
	int made = 0, r = CLI_GOOD;
	while (made < cli->operand_count && !r) {
		struct receiver_wish wish = {
		        .path = cli->operands[made], .net = net, .number = (unsigned)made};
		r = receiver_subscribe(receiver, cli, &wish, &subs[made]);
		made += !r;
	}
	if (!r)
		fprintf(stderr, T(cli, WATCHING), made);
	while (!r && !interrupt_asked() && !ferror(stdout) && watching->gone < made &&
	       (!watching->most || watching->seen < watching->most))
		if (receiver_turn(receiver, 200 * 1000) != 0)
			r = CLI_REFUSED;
	if (watching->gone < made)
		unsubscribe(cli, receiver, subs, made);
	return r;
}

int watch_run(struct cli *cli)
{
	struct watching watching = {.cli = cli};
	struct receiver *receiver;
	const char *net = cli->option[OPTION_WATCH_net] ? cli->option[OPTION_WATCH_net] : "1,3";
	const char *listen =
	        cli->option[OPTION_WATCH_listen] ? cli->option[OPTION_WATCH_listen] : "127.0.0.1:0";
	if (!cli_number(cli, OPTION_WATCH_count, 1, UINT32_MAX, 0, &watching.most))
		return CLI_USAGE;
	if (!is_net(slice_of(net))) {
		fprintf(stderr, T(cli, BAD_NET), net);
		return CLI_USAGE;
	}
	int r = receiver_create(listen, take_event, &watching, &receiver);
	if (r) {
		fprintf(stderr, T(cli, CANNOT_LISTEN), listen, strerror(-r));
		return CLI_REFUSED;
	}
	interrupt_catch();
	r = watch_all(cli, receiver, &watching, net);
	receiver_destroy(receiver);
	return r;
}
