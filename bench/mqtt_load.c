/* SPDX-License-Identifier: Apache-2.0 */
/* Round trips through an MQTT broker, and how they did in one line (the fields of bench/load).
 *
 *     mqtt_load --broker 1883 --clients 64 --seconds 4 --pid PID '{"op":2,"to":"cse-in/c%c",...}'
 *     mqtt_load --broker 1883 --echo BYTES
 *
 * Each client has a connection of its own, asks on /oneM2M/req/Cload<n>/<receiver>/json, and asks again when
 * the answer has come. In the payload %c becomes a number drawn below --over, %n a number that counts, %f the
 * originator. --echo is the yardstick's other side: one client that answers every request with so many bytes,
 * nothing read, nothing done. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/slice.h"
#include "bench/measure.h"
#include "net/mqtt.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS_MOST 1024
#define PAYLOAD_MOST 8192

struct bench {
	uint64_t broker, clients, over, qos, echo, count;
	double seconds;
	const char *receiver, *order;
	struct loop *loop;
	struct client *client;
	struct measure m;
	uint64_t asked;
	bool stopped;
};

struct client {
	struct bench *bench;
	struct mqtt *mqtt;
	char request[96], name[32];
	int64_t since; /* 0: nothing asked */
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	interrupted = signal;
}

static size_t fill(struct client *client, char out[PAYLOAD_MOST])
{
	struct bench *bench = client->bench;
	size_t len = 0;

	for (const char *at = bench->order; *at && len < PAYLOAD_MOST - 64; at++) {
		if (*at != '%' || !at[1])
			out[len++] = *at;
		else if (*++at == 'c')
			len += (size_t)snprintf(out + len, 24, "%" PRIu64,
			                        measure_draw(&bench->m, bench->over));
		else if (*at == 'n')
			len += (size_t)snprintf(out + len, 24, "%" PRIu64, bench->asked);
		else if (*at == 'f')
			len += (size_t)snprintf(out + len, 32, "%s", client->name);
	}
	return len;
}

static void ask(struct client *client)
{
	struct bench *bench = client->bench;
	char payload[PAYLOAD_MOST];
	size_t len = fill(client, payload);

	if (bench->stopped || (bench->count && bench->asked >= bench->count))
		return;
	bench->asked++;
	client->since = clock_wall_steady();
	if (mqtt_publish(client->mqtt, client->request, slice_make(payload, len), (int)bench->qos) != 0)
		measure_lose(&bench->m, "cannot publish");
}

static void on_connected(void *user, struct mqtt *mqtt)
{
	ask(user);
}

static void on_answer(void *user, struct mqtt *mqtt, struct slice topic, struct slice payload)
{
	struct client *client = user;
	struct bench *bench = client->bench;

	measure_answer(&bench->m, client->since, clock_wall_steady(), payload.len);
	if (!memmem(payload.ptr, payload.len, "\"rsc\":2", 7))
		measure_refuse(&bench->m, "%.*s", payload.len > 250 ? 250 : (int)payload.len, payload.ptr);
	client->since = 0;
	ask(client);
}

/* The echo asks itself: when it hears that, the broker has its subscription, and it says so. */
static void on_echo_connected(void *user, struct mqtt *mqtt)
{
	struct client *client = user;

	if (mqtt_publish(mqtt, client->request, SLICE("ready?"), 1) != 0)
		measure_lose(&client->bench->m, "cannot publish");
}

/* The other side: a constant on the topic of the answer. */
static void on_echo(void *user, struct mqtt *mqtt, struct slice topic, struct slice payload)
{
	static char constant[PAYLOAD_MOST] = "{\"rsc\":2000,\"rqi\":\"1\",\"pc\":\"";
	struct client *client = user;
	char answer[256];
	size_t head = strlen(constant);

	if (slice_is(topic, slice_of(client->request))) {
		puts("ready");
		fflush(stdout);
	}
	if (!constant[sizeof(constant) - 2])
		memset(constant + head, 'x', sizeof(constant) - 1 - head);
	if (topic.len > sizeof("/oneM2M/req/") && topic.len < sizeof(answer) - 2) {
		snprintf(answer, sizeof(answer), "/oneM2M/resp/%.*s",
		         (int)(topic.len - (sizeof("/oneM2M/req/") - 1)),
		         topic.ptr + sizeof("/oneM2M/req/") - 1);
		if (mqtt_publish(mqtt, answer, slice_make(constant, client->bench->echo),
		                 (int)client->bench->qos) != 0)
			measure_lose(&client->bench->m, "cannot publish");
	}
}

static bool client_begin(struct bench *bench, size_t n)
{
	struct client *client = &bench->client[n];
	struct mqtt_handler handler = {.connected = on_connected, .message = on_answer, .user = client};
	struct mqtt_config config = {.clean = true, .in_flight = 10000, .keepalive_s = 60};
	struct why why = {0};
	char url[64], filter[96];

	client->bench = bench;
	snprintf(url, sizeof(url), "mqtt://127.0.0.1:%" PRIu64, bench->broker);
	snprintf(client->name, sizeof(client->name), "Cload%zu", n);
	snprintf(client->request, sizeof(client->request), "/oneM2M/req/%s/%.20s/json", client->name,
	         bench->receiver);
	snprintf(filter, sizeof(filter), "/oneM2M/resp/%s/+/+", client->name);
	if (bench->echo) {
		handler = (struct mqtt_handler){
		        .connected = on_echo_connected, .message = on_echo, .user = client};
		snprintf(client->request, sizeof(client->request), "/oneM2M/req/self/%.20s/json",
		         bench->receiver);
		snprintf(filter, sizeof(filter), "/oneM2M/req/+/%.20s/#", bench->receiver);
	}
	config.url = url;
	if (mqtt_create(bench->loop, &config, &handler, &why, &client->mqtt) != 0) {
		fprintf(stderr, "mqtt_load: %s\n", why.text);
		return false;
	}
	return mqtt_subscribe(client->mqtt, filter, (int)bench->qos) == 0;
}

static bool is_over(struct bench *bench)
{
	int64_t now = clock_wall_steady();

	if (interrupted)
		return true;
	if (bench->echo)
		return false;
	if (bench->count && bench->m.answered >= bench->count)
		return true;
	return now >= bench->m.begun + (int64_t)((bench->m.warm + bench->seconds) * 1e6);
}

static int run(struct bench *bench)
{
	size_t count = bench->echo ? 1 : bench->clients;
	int r = loop_create(&bench->loop);

	if (r != 0)
		return 1;
	bench->client = mem_zero(count, sizeof(*bench->client));
	measure_begin(&bench->m);
	for (size_t i = 0; i < count; i++)
		if (!client_begin(bench, i))
			return 1;
	while (r >= 0 && !is_over(bench))
		r = loop_turn(bench->loop, 5000);
	bench->stopped = true;
	if (!bench->echo)
		measure_report(&bench->m, "mqtt_load");
	for (size_t i = 0; i < count; i++)
		mqtt_destroy(bench->client[i].mqtt);
	free(bench->client);
	loop_destroy(bench->loop);
	return !bench->echo && (bench->m.refused || bench->m.lost || !bench->m.answered);
}

static int usage(void)
{
	fputs("usage: mqtt_load --broker PORT [options] PAYLOAD\n"
	      "  --clients N      connections, one request in flight on each (64)\n"
	      "  --seconds S      how long (4)    --warm S  not counted before    --count N  or how many\n"
	      "  --over N         %c is drawn from 0..N-1 (1)\n"
	      "  --qos 0|1        of all we publish and subscribe to (1)\n"
	      "  --receiver ID    who answers, as a topic names it (id-in)\n"
	      "  --pid PID        the server: tell the processor time of one request\n"
	      "mqtt_load --broker PORT --echo BYTES   answers everything with so many bytes, until it is "
	      "ended\n",
	      stderr);
	return 2;
}

static const struct option options[] = {
        {"broker", required_argument, NULL, 'b'},
        {"clients", required_argument, NULL, 'n'},
        {"seconds", required_argument, NULL, 's'},
        {"warm", required_argument, NULL, 'w'},
        {"over", required_argument, NULL, 'o'},
        {"qos", required_argument, NULL, 'q'},
        {"receiver", required_argument, NULL, 'r'},
        {"pid", required_argument, NULL, 'P'},
        {"echo", required_argument, NULL, 'e'},
        {"count", required_argument, NULL, 'c'},
        {NULL, 0, NULL, 0},
};

/* Where the whole numbers go. */
static const struct {
	int option;
	size_t at;
} whole[] = {
        {'b', offsetof(struct bench, broker)}, {'n', offsetof(struct bench, clients)},
        {'o', offsetof(struct bench, over)},   {'q', offsetof(struct bench, qos)},
        {'P', offsetof(struct bench, m.pid)},  {'e', offsetof(struct bench, echo)},
        {'c', offsetof(struct bench, count)},
};

static bool take_option(struct bench *bench, int option)
{
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		if (whole[i].option == option)
			return slice_u64(slice_of(optarg), (uint64_t *)(void *)((char *)bench + whole[i].at));
	if (option == 's')
		return sscanf(optarg, "%lf", &bench->seconds) == 1;
	if (option == 'w')
		return sscanf(optarg, "%lf", &bench->m.warm) == 1;
	if (option == 'r')
		bench->receiver = optarg;
	return option != '?';
}

int main(int argc, char **argv)
{
	static struct bench bench = {.clients = 64, .over = 1, .qos = 1, .seconds = 4, .receiver = "id-in"};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take_option(&bench, option))
			return usage();
	bench.order = optind < argc ? argv[optind] : "";
	if (!bench.broker || bench.broker > 65535 || !bench.clients || bench.clients > CLIENTS_MOST ||
	    !bench.over || bench.qos > 1 || bench.echo >= PAYLOAD_MOST || (!bench.echo && optind >= argc))
		return usage();
	if (log_open(&(struct log_config){.level = LOG_WARN}) != 0)
		return 1;
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	return run(&bench);
}
