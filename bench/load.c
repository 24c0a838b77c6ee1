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
#include "bench/histogram.h"
#include "bench/order.h"
#include "bench/sink.h"
#include "bench/swarm.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define ORDERS_MOST   16
#define LATE          (60 * 1000000) /* us that the last answers and notifications may take */
#define COUNT_SECONDS 600            /* with --count: the end of all patience */

enum pick { PICK_RANDOM, PICK_ROUND };

struct load {
	/* asked for */
	uint64_t port, connections, over, count, first, sink_port, notified_each, pid;
	double seconds, warm, rate;
	const char *originator, *type, *tls_ca;
	enum pick pick;
	bool plain_answers, may_refuse;
	struct order orders[ORDERS_MOST];
	size_t order_count;
	/* seen */
	struct buf scratch;
	uint64_t asked, answered, refused, lost, bytes, random;
	struct histogram times;
	int64_t counting_from, begun, stop_at;
	uint64_t server_ns; /* what the server had used when counting began */
	bool stopped;
	char trouble[300];
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	interrupted = signal;
}

/* The processor time that the server used since it began, ns: on a machine with other work to do this says
 * more than the rate. 0 when not asked for. */
static uint64_t server_time(const struct load *load)
{
	char path[64];
	uint64_t ns = 0;

	if (!load->pid)
		return 0;
	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/schedstat", load->pid);
	FILE *file = fopen(path, "re");
	if (file && fscanf(file, "%" SCNu64, &ns) != 1)
		ns = 0;
	if (file)
		fclose(file);
	return ns;
}

static uint64_t draw(struct load *load)
{
	load->random ^= load->random << 13;
	load->random ^= load->random >> 7;
	load->random ^= load->random << 17;
	return load->random;
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
	values.container = (load->pick == PICK_ROUND ? values.turn : draw(load)) % load->over;
	order_write(&load->orders[load->asked % load->order_count], &values, &load->scratch, out);
	load->asked++;
	return true;
}

static void answer(void *user, unsigned connection, const struct swarm_answer *answer)
{
	struct load *load = user;
	bool good = answer->status / 100 == 2 && (load->plain_answers || answer->rsc / 1000 == 2);

	if (load->counting_from < 0) {
		if (clock_wall_steady() < load->begun + (int64_t)(load->warm * 1e6))
			return;
		load->counting_from = clock_wall_steady();
		load->server_ns = server_time(load);
	}
	load->answered++;
	load->bytes += answer->body.len;
	histogram_add(&load->times, answer->us);
	if (good)
		return;
	if (!load->refused++)
		snprintf(load->trouble, sizeof(load->trouble), "HTTP %d, rsc %d: %.*s", answer->status,
		         answer->rsc, answer->body.len > 200 ? 200 : (int)answer->body.len, answer->body.ptr);
}

static void lost(void *user, unsigned connection)
{
	struct load *load = user;

	load->lost++;
}

static bool is_over(struct load *load, const struct swarm *swarm, const struct sink *sink)
{
	int64_t now = clock_wall_steady();

	if (interrupted || now >= load->stop_at)
		load->stopped = true;
	if (load->lost && swarm_alive(swarm) == 0)
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

static double cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void report(const struct load *load, const struct sink *sink)
{
	double took = (double)(clock_wall_steady() - load->counting_from) / 1e6;
	double whole = (double)(clock_wall_steady() - load->begun) / 1e6;
	double answers = load->answered ? (double)load->answered : 1.0;

	if (load->counting_from < 0)
		took = whole;
	printf("rate=%.0f answers=%" PRIu64 " refused=%" PRIu64 " lost=%" PRIu64 " bytes=%.0f p50=%" PRId64
	       " p99=%" PRId64 " p999=%" PRId64 " max=%" PRId64 " notified=%" PRIu64
	       " seconds=%.3f cpu=%.2f server_us=%.2f\n",
	       (double)load->answered / took, load->answered, load->refused, load->lost,
	       load->answered ? (double)load->bytes / (double)load->answered : 0.0,
	       histogram_at(&load->times, 0.5), histogram_at(&load->times, 0.99),
	       histogram_at(&load->times, 0.999), load->times.max, sink ? sink_count(sink) : 0, took,
	       cpu_seconds() / whole, (double)(server_time(load) - load->server_ns) / 1e3 / answers);
	if (load->refused || load->lost)
		fprintf(stderr, "load: %" PRIu64 " refused, %" PRIu64 " lost. %s\n", load->refused,
		        load->lost, load->trouble);
}

static int load_tls(const struct load *load, struct tls_context **ret)
{
	const struct tls_config config = {.ca = load->tls_ca};
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
	load->begun = clock_wall_steady();
	load->server_ns = server_time(load);
	load->counting_from = load->warm > 0 ? -1 : load->begun;
	load->stop_at = load->begun + (int64_t)((load->warm + load->seconds) * 1e6);
	swarm_start(swarm);
	while (r == 0 && !is_over(load, swarm, sink))
		r = reactor_turn(&reactor, swarm_tick(swarm, 5000));
	report(load, sink);
	bool told = !sink || sink_count(sink) >= load->asked * load->notified_each;
	if (!told)
		fprintf(stderr, "load: not all notifications came: %" PRIu64 " of %" PRIu64 "\n",
		        sink_count(sink), load->asked * load->notified_each);
	swarm_destroy(swarm);
	sink_destroy(sink);
	reactor_finish(&reactor);
	tls_context_destroy(handler.tls);
	return load->lost || (load->refused && !load->may_refuse) || !told || r < 0;
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
                {'P', offsetof(struct load, pid)},   {'e', offsetof(struct load, notified_each)},
},
  real[] = {
          {'s', offsetof(struct load, seconds)},
          {'w', offsetof(struct load, warm)},
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
	if (!(load->rate >= 0) || !(load->warm >= 0))
		return false;
	if (!(load->seconds > 0))
		load->seconds = load->count ? COUNT_SECONDS : 4;
	return load->port && load->port < 65536 && load->order_count && load->connections && load->over;
}

int main(int argc, char **argv)
{
	static struct load load = {
	        .connections = 64, .over = 1, .originator = "CAdmin", .random = 0x9e3779b97f4a7c15};

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
