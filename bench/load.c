/* SPDX-License-Identifier: Apache-2.0 */
/* Loads an HTTP server and tells in one line how it did. One thread; our own, so that nginx and dured are
 * asked by the very same client with the very same bytes.
 *
 *     load --port 8080 --connections 64 --seconds 4 --over 1000 'GET /cse-in/bench/c%c'
 *
 * order.h tells how requests are written; several take turns. It ends after --seconds or --count answers.
 * With
 * --sink PORT it is the subscriber too: then it stops asking, waits until every notification it caused came
 * in, and the rate is requests by the whole time. */
#include "base/clock.h"
#include "bench/measure.h"
#include "bench/order.h"
#include "bench/sink.h"
#include "bench/swarm.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ORDERS_MOST   16
#define LATE          (60 * 1000000) /* us that the last answers and notifications may take */
#define COUNT_SECONDS 600            /* with --count: the end of all patience */

enum pick { PICK_RANDOM, PICK_ROUND };

struct load {
	/* asked for */
	uint64_t port, connections, over, count, first, sink_port, notified_each;
	double seconds, rate;
	const char *originator, *type, *tls_ca;
	enum pick pick;
	bool plain_answers, may_refuse;
	struct order orders[ORDERS_MOST];
	size_t order_count;
	/* seen */
	struct buf scratch;
	uint64_t asked;
	struct measure m;
	int64_t stop_at;
	bool stopped;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	interrupted = signal;
}

static bool next(void *user, unsigned connection, struct buf *out)
{
	struct load *load = user;
	struct order_values values = {.originator = load->originator,
	                              .type = load->type,
	                              .number = load->first + load->asked,
	                              .turn = load->asked / load->order_count};

	if (load->stopped || (load->count && load->asked >= load->count))
		return false;
	values.container =
	        load->pick == PICK_ROUND ? values.turn % load->over : measure_draw(&load->m, load->over);
	order_write(&load->orders[load->asked % load->order_count], &values, &load->scratch, out);
	load->asked++;
	return true;
}

static void answer(void *user, unsigned connection, const struct swarm_answer *answer)
{
	struct load *load = user;
	bool good = answer->status / 100 == 2 && (load->plain_answers || answer->rsc / 1000 == 2);
	int64_t now = clock_wall_steady();

	if (measure_answer(&load->m, now - answer->us, now, answer->body.len) && !good)
		measure_refuse(&load->m, "HTTP %d, rsc %d: %.*s", answer->status, answer->rsc,
		               answer->body.len > 200 ? 200 : (int)answer->body.len, answer->body.ptr);
}

static void lost(void *user, unsigned connection)
{
	struct load *load = user;

	measure_lose(&load->m, "a connection");
}

static bool is_over(struct load *load, const struct swarm *swarm, const struct sink *sink)
{
	int64_t now = clock_wall_steady();

	if (interrupted || now >= load->stop_at)
		load->stopped = true;
	if (load->m.lost && swarm_alive(swarm) == 0)
		return true;
	if (!load->stopped && !(load->count && load->asked >= load->count))
		return false;
	if (swarm_busy(swarm))
		return now > load->stop_at + LATE;
	if (!sink || !load->notified_each)
		return true;
	if (sink_count(sink) >= load->asked * load->notified_each)
		return true;
	return interrupted || now > load->stop_at + LATE;
}

static int load_tls(const struct load *load, struct tls_context **ret)
{
	const struct tls_config config = {.pem.ca = load->tls_ca};
	struct why why = {0};
	int r = load->tls_ca ? tls_context_create(&config, false, &why, ret) : 0;

	if (r > 0)
		fprintf(stderr, "load: %s\n", why.text);
	return r > 0 ? -EINVAL : r;
}

static int run(struct load *load)
{
	struct swarm_handler handler = {.next = next, .answer = answer, .lost = lost, .user = load};
	struct reactor reactor;
	struct swarm *swarm = NULL;
	struct sink *sink = NULL;
	int r = reactor_init(&reactor);

	if (r == 0)
		r = load_tls(load, &handler.tls);
	if (r == 0 && load->sink_port)
		r = sink_create(&reactor, (uint16_t)load->sink_port, &sink);
	if (r == 0)
		r = swarm_create(&reactor, (uint16_t)load->port, (unsigned)load->connections, load->rate,
		                 &handler, &swarm);
	if (r < 0) {
		fprintf(stderr, "load: port %" PRIu64 ": %s\n", load->port, strerror(-r));
		sink_destroy(sink);
		reactor_finish(&reactor);
		return 1;
	}
	measure_begin(&load->m);
	load->stop_at = load->m.begun + (int64_t)((load->m.warm + load->seconds) * 1e6);
	swarm_start(swarm);
	while (r == 0 && !is_over(load, swarm, sink))
		r = reactor_turn(&reactor, swarm_tick(swarm, 5000));
	load->m.notified = sink ? sink_count(sink) : 0;
	measure_report(&load->m, "load");
	bool told = !sink || sink_count(sink) >= load->asked * load->notified_each;
	if (!told)
		fprintf(stderr, "load: not all notifications came: %" PRIu64 " of %" PRIu64 "\n",
		        sink_count(sink), load->asked * load->notified_each);
	swarm_destroy(swarm);
	sink_destroy(sink);
	reactor_finish(&reactor);
	tls_context_destroy(handler.tls);
	return load->m.lost || (load->m.refused && !load->may_refuse) || !told || r < 0;
}

/* A port that nobody has now, for those who can't pick one by themselves. */
static int tell_free_port(void)
{
	int fd = reactor_listen(0);

	if (fd < 0)
		return 1;
	printf("%d\n", reactor_port(fd));
	close(fd);
	return 0;
}

static int usage(void)
{
	fputs("usage: load --port PORT [options] ORDER...\n"
	      "  --connections N    keep-alive connections, one request in flight on each (64)\n"
	      "  --seconds S        how long (4)          --count N   or how many requests\n"
	      "  --warm S           not counted before\n"
	      "  --rate N           requests/s by the clock; latency counts from when each was due\n"
	      "  --over N           %c is drawn from 0..N-1 (1)\n"
	      "  --round            %c goes round instead of being drawn\n"
	      "  --first N          the first %n (0)\n"
	      "  --originator ID    X-M2M-Origin (CAdmin)\n"
	      "  --type MEDIA       of bodies and of answers; %xa1 in an order is a byte\n"
	      "  --tls CA           speaks HTTPS, and trusts these authorities (PEM)\n"
	      "  --sink PORT        take notifications there    --each N   so many for each request\n"
	      "  --pid PID          the server: tell the processor time of one request\n"
	      "  --plain-answers    a plain web server: no X-M2M-RSC comes back\n"
	      "  --may-refuse       refusals are no failure\n"
	      "load --free-port     only tells a port that is free\n",
	      stderr);
	return 2;
}

static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},    {"connections", required_argument, NULL, 'n'},
        {"seconds", required_argument, NULL, 's'}, {"count", required_argument, NULL, 'c'},
        {"warm", required_argument, NULL, 'w'},    {"rate", required_argument, NULL, 'r'},
        {"over", required_argument, NULL, 'o'},    {"round", no_argument, NULL, 'R'},
        {"first", required_argument, NULL, 'f'},   {"originator", required_argument, NULL, 'O'},
        {"sink", required_argument, NULL, 'S'},    {"each", required_argument, NULL, 'e'},
        {"pid", required_argument, NULL, 'P'},     {"plain-answers", no_argument, NULL, 'l'},
        {"may-refuse", no_argument, NULL, 'm'},    {"type", required_argument, NULL, 'T'},
        {"tls", required_argument, NULL, 't'},     {NULL, 0, NULL, 0},
};

/* Where the numbers go. */
static const struct {
	int option;
	size_t at;
} whole[] =
        {
                {'p', offsetof(struct load, port)},  {'n', offsetof(struct load, connections)},
                {'c', offsetof(struct load, count)}, {'o', offsetof(struct load, over)},
                {'f', offsetof(struct load, first)}, {'S', offsetof(struct load, sink_port)},
                {'P', offsetof(struct load, m.pid)}, {'e', offsetof(struct load, notified_each)},
},
  real[] = {
          {'s', offsetof(struct load, seconds)},
          {'w', offsetof(struct load, m.warm)},
          {'r', offsetof(struct load, rate)},
};

static bool take_option(struct load *load, int option)
{
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		if (whole[i].option == option)
			return slice_u64(slice_of(optarg), (uint64_t *)(void *)((char *)load + whole[i].at));
	for (size_t i = 0; i < sizeof(real) / sizeof(*real); i++)
		if (real[i].option == option)
			return sscanf(optarg, "%lf", (double *)(void *)((char *)load + real[i].at)) == 1;
	if (option == 'O')
		load->originator = optarg;
	if (option == 'T')
		load->type = optarg;
	if (option == 't')
		load->tls_ca = optarg;
	load->pick = option == 'R' ? PICK_ROUND : load->pick;
	load->plain_answers = load->plain_answers || option == 'l';
	load->may_refuse = load->may_refuse || option == 'm';
	return option != '?';
}

static bool take_options(struct load *load, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take_option(load, option))
			return false;
	for (; optind < argc && load->order_count < ORDERS_MOST; optind++)
		if (!order_read(&load->orders[load->order_count++], argv[optind]))
			return false;
	if (!(load->rate >= 0) || !(load->m.warm >= 0))
		return false;
	if (!(load->seconds > 0))
		load->seconds = load->count ? COUNT_SECONDS : 4;
	return load->port && load->port < 65536 && load->order_count && load->connections && load->over;
}

int main(int argc, char **argv)
{
	static struct load load = {.connections = 64, .over = 1, .originator = "CAdmin"};

	if (argc == 2 && strcmp(argv[1], "--free-port") == 0)
		return tell_free_port();
	if (!take_options(&load, argc, argv))
		return usage();
	buf_init(&load.scratch, NULL);
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	int r = run(&load);
	buf_finish(&load.scratch);
	return r;
}
