/* SPDX-License-Identifier: Apache-2.0 */
#include "dured/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

static void head(struct buf *buf, const char *name, const char *type, const char *help)
{
	buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(struct buf *buf, const char *name, const char *type, const char *help, uint64_t value)
{
	head(buf, name, type, help);
	buf_printf(buf, "%s %" PRIu64 "\n", name, value);
}

static void seconds(struct buf *buf, const char *name, const char *type, const char *help, uint64_t us)
{
	head(buf, name, type, help);
	buf_printf(buf, "%s %.6f\n", name, (double)us / 1e6);
}

static void write_engine(struct buf *buf, const struct engine_stats *stats)
{
	static const char *const names[] = {"", "create", "retrieve", "update", "delete", "notify"};
	head(buf, "dure_requests_total", "counter", "Requests handled, by operation.");
	for (size_t op = 1; op <= 5; op++)
		buf_printf(buf, "dure_requests_total{operation=\"%s\"} %" PRIu64 "\n", names[op],
		           stats->requests[op]);
	head(buf, "dure_responses_total", "counter", "Responses, by class of the response status code.");
	for (size_t class = 1; class <= 6; class ++)
		buf_printf(buf, "dure_responses_total{class=\"%zuxxx\"} %" PRIu64 "\n", class,
		           stats->answers[class]);
	head(buf, "dure_refusals_total", "counter", "Requests refused, by the first two digits of the code.");
	for (size_t i = 40; i < 70; i++)
		if (stats->refused[i])
			buf_printf(buf, "dure_refusals_total{code=\"%zuxx\"} %" PRIu64 "\n", i,
			           stats->refused[i]);
	one(buf, "dure_resources", "gauge", "Resources held, instances not counted.", stats->resources);
	one(buf, "dure_instances", "gauge", "Instances held.", stats->instances);
	one(buf, "dure_notifications_sent_total", "counter", "Notifications delivered.",
	    stats->notifications_sent);
	one(buf, "dure_notifications_failed_total", "counter", "Attempts to notify that failed.",
	    stats->notifications_failed);
	one(buf, "dure_notifications_dropped_total", "counter", "Notifications given up.",
	    stats->notifications_dropped);
	one(buf, "dure_notifications_waiting", "gauge", "Notifications not yet delivered.",
	    stats->notifications_waiting);
	one(buf, "dure_store_can_write", "gauge", "1 while the store can write.", stats->can_write);
}

static void write_store(struct buf *buf, const struct store_stats *stats)
{
	one(buf, "dure_store_commits_total", "counter", "Batches made durable.", stats->commits);
	one(buf, "dure_store_appended_total", "counter", "Instances appended.", stats->appended);
	one(buf, "dure_store_folded_total", "counter", "Instances moved from the journal to their place.",
	    stats->folded);
	one(buf, "dure_store_journal_records", "gauge", "Records in the journal.", stats->journal);
	one(buf, "dure_store_faults_total", "counter", "Commits that failed.", stats->faults);
	seconds(buf, "dure_store_commit_seconds_total", "counter", "Time spent in commits.",
	        stats->commit_us_sum);
	seconds(buf, "dure_store_commit_seconds_max", "gauge", "The longest commit.", stats->commit_us_max);
}

static uint64_t resident_bytes(void)
{
	uint64_t pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	if (!file)
		return 0;
	if (fscanf(file, "%*u %" SCNu64, &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void metrics_write(struct buf *buf, const struct engine *engine, const struct store *store,
                   int64_t started_us)
{
	struct engine_stats engine_now;
	struct store_stats store_now = {0};
	engine_stats(engine, &engine_now);
	store->ops->stats(store, &store_now);
	head(buf, "dure_build_info", "gauge", "The version that runs.");
	buf_printf(buf, "dure_build_info{version=\"%s\"} 1\n", DURE_VERSION);
	one(buf, "process_start_time_seconds", "gauge", "When the node started, in seconds since 1970.",
	    (uint64_t)started_us / 1000000);
	one(buf, "process_resident_memory_bytes", "gauge", "Memory in use.", resident_bytes());
	write_engine(buf, &engine_now);
	write_store(buf, &store_now);
}

/* ---- the doors ---- */

/* A row: a figure of a door. */
struct row {
	const char *name, *type, *help;
	uint64_t value;
};

static void rows(struct buf *buf, const char *door, const struct row *row, size_t count)
{
	char name[96];
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "dure_%s_%s", door, row[i].name);
		one(buf, name, row[i].type, row[i].help, row[i].value);
	}
}
#define ROWS(buf, door, table) rows((buf), (door), (table), sizeof(table) / sizeof((table)[0]))

static void write_http(struct buf *buf, const char *door, const struct http_stats *stats)
{
	const struct row table[] = {
	        {"connections", "gauge", "Connections open.", stats->open},
	        {"connections_total", "counter", "Connections accepted.", stats->accepted},
	        {"requests_total", "counter", "HTTP requests read.", stats->requests},
	        {"malformed_total", "counter", "HTTP requests that were malformed or too large.",
	         stats->malformed},
	        {"timed_out_total", "counter", "Connections cut because they were too slow.",
	         stats->timed_out},
	        {"handshakes_failed_total", "counter", "TLS handshakes that failed.",
	         stats->handshakes_failed},
	        {"received_bytes_total", "counter", "Bytes read.", stats->bytes_in},
	        {"sent_bytes_total", "counter", "Bytes written.", stats->bytes_out},
	};
	ROWS(buf, door, table);
}

static void write_ws(struct buf *buf, const struct bind_ws_stats *stats)
{
	const struct row table[] = {
	        {"connections", "gauge", "WebSocket connections open.", stats->open},
	        {"connections_total", "counter", "WebSocket connections accepted.", stats->accepted},
	        {"received_total", "counter", "Primitives received.", stats->received},
	        {"sent_total", "counter", "Primitives sent.", stats->sent},
	        {"malformed_total", "counter", "Messages that were malformed.", stats->malformed},
	        {"dropped_total", "counter", "Answers whose connection had gone.", stats->dropped},
	};
	ROWS(buf, "websocket", table);
}

static void write_coap(struct buf *buf, const struct coap_stats *stats)
{
	const struct row table[] = {
	        {"requests_total", "counter", "CoAP requests received.", stats->requests},
	        {"answers_total", "counter", "CoAP answers sent.", stats->answers},
	        {"calls_total", "counter", "CoAP requests sent.", stats->calls},
	        {"timeouts_total", "counter", "CoAP requests nobody answered.", stats->timeouts},
	        {"malformed_total", "counter", "CoAP messages that were malformed.", stats->malformed},
	        {"sessions", "gauge", "CoAP peers remembered and DTLS sessions.", stats->sessions},
	};
	ROWS(buf, "coap", table);
}

static void write_mqtt(struct buf *buf, const struct bind_mqtt_stats *stats)
{
	const struct row table[] = {
	        {"brokers", "gauge", "MQTT brokers in use.", stats->brokers},
	        {"connected", "gauge", "MQTT brokers connected to now.", stats->connected},
	        {"connects_total", "counter", "Connections made to brokers.", stats->connects},
	        {"received_total", "counter", "Primitives received.", stats->received},
	        {"sent_total", "counter", "Primitives sent.", stats->sent},
	        {"repeated_total", "counter", "Requests that came again and were not done again.",
	         stats->repeated},
	        {"malformed_total", "counter", "Payloads that were malformed.", stats->malformed},
	        {"dropped_total", "counter", "Primitives that could not be sent.", stats->dropped},
	};
	ROWS(buf, "mqtt", table);
}

void metrics_write_doors(struct buf *buf, const struct doors_stats *stats)
{
	write_http(buf, "http", &stats->http);
	write_http(buf, "https", &stats->https);
	write_ws(buf, &stats->ws);
	write_coap(buf, &stats->coap);
	write_mqtt(buf, &stats->mqtt);
}

/* ---- who may come in ---- */

static void write_proofs(struct buf *buf, const char *name, const char *help, const uint64_t *values)
{
	static const char *const kinds[IDENTITY_KIND_COUNT] = {"password",    "token", "psk",
	                                                       "certificate", "mqtt",  "issuer"};
	head(buf, name, "counter", help);
	for (size_t i = 0; i < IDENTITY_KIND_COUNT; i++)
		buf_printf(buf, "%s{kind=\"%s\"} %" PRIu64 "\n", name, kinds[i], values[i]);
}

void metrics_write_guard(struct buf *buf, const struct guard_stats *stats)
{
	const struct admission_stats *admission = &stats->admission;
	const struct {
		const char *reason;
		uint64_t value;
	} refused[] = {
	        {"unproven", admission->unproven},
	        {"revoked", admission->revoked},
	        {"somebody_else", admission->somebody_else},
	        {"requests", admission->requests},
	        {"bytes", admission->bytes},
	        {"resources", admission->resources},
	        {"subscriptions", admission->subscriptions},
	};
	write_proofs(buf, "dure_identity_proven_total", "Proofs of identity accepted.", stats->auth.proven);
	write_proofs(buf, "dure_identity_refused_total", "Proofs of identity refused.", stats->auth.refused);
	one(buf, "dure_identity_braked_total", "counter",
	    "Guesses refused unheard, after too many wrong ones.", stats->auth.braked);
	head(buf, "dure_admission_refused_total", "counter", "Requests refused at the door, by reason.");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		buf_printf(buf, "dure_admission_refused_total{reason=\"%s\"} %" PRIu64 "\n",
		           refused[i].reason, refused[i].value);
	one(buf, "dure_admission_accounts", "gauge", "Accounts of quotas held.", admission->accounts);
}
