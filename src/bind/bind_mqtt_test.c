/* SPDX-License-Identifier: Apache-2.0 */
/* The binding with a real broker, an engine and a store in memory behind it, and a device that speaks MQTT.
 * All in one loop; everything waits for what must happen, with a bound. */
#include "bind/bind_mqtt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/credential_file.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/unit.h"
#include "codec/json.h"
#include "model/type.h"
#include "net/mqtt_broker.h"
#include "wire/wire_body.h"
#include "wire/wire_mqtt.h"

#define PATIENCE_US 20000000
#define HEARD_MOST  4096

struct heard {
	char *topic;
	struct slice payload;
};

struct device {
	struct mqtt *mqtt;
	int connected;
	size_t count;
	struct heard heard[HEARD_MOST];
};

struct node {
	struct loop *loop;
	struct store *store;
	struct engine *engine;
	struct bind_mqtt *bind;
	struct loop_hook commit;
	struct mqtt_broker broker;
	struct device device;
	struct req_peer peer; /* of the last request */
	struct bind_mqtt_config config;
	const char *brokers[3];
	/* of the last request sent by the node */
	bool told;
	int result;
	int64_t rsc;
	struct arena arena;
};

#define until(node, condition)                                                                               \
	do {                                                                                                 \
		int64_t until_end = clock_wall_steady() + PATIENCE_US;                                       \
		while (!(condition) && clock_wall_steady() < until_end)                                      \
			loop_turn((node)->loop, 10000);                                                      \
		assert_true(condition);                                                                      \
	} while (0)

static void node_commit(struct loop_hook *hook)
{
	struct node *node = container_of(hook, struct node, commit);

	if (engine_end_turn(node->engine))
		loop_again(node->loop);
}

static int node_admit(void *ctx, struct req *req, struct why *why)
{
	((struct node *)ctx)->peer = req->peer;
	return 0;
}

static void device_connected(void *user, struct mqtt *mqtt)
{
	((struct device *)user)->connected++;
}

static void device_message(void *user, struct mqtt *mqtt, struct slice topic, struct slice payload)
{
	struct device *device = user;
	struct heard *heard = &device->heard[device->count++];

	assert_true(device->count < HEARD_MOST);
	heard->topic = strndup(topic.ptr, topic.len);
	heard->payload = slice_make(malloc(payload.len + 1), payload.len);
	if (payload.len)
		memcpy((char *)(uintptr_t)heard->payload.ptr, payload.ptr, payload.len);
	((char *)(uintptr_t)heard->payload.ptr)[payload.len] = '\0';
}

static void device_begin(struct node *node, struct device *device, const char *url, const char *filter)
{
	struct mqtt_handler handler = {
	        .connected = device_connected, .message = device_message, .user = device};
	struct why why = {0};

	*device = (struct device){0};
	assert_int_equal(
	        mqtt_create(node->loop, &(struct mqtt_config){.url = url}, &handler, &why, &device->mqtt), 0);
	assert_int_equal(mqtt_subscribe(device->mqtt, filter, 1), 0);
	until(node, device->connected);
	/* The broker has our subscription when we hear ourselves. */
	assert_int_equal(mqtt_publish(device->mqtt, "/oneM2M/probe", SLICE("?"), 1), 0);
	until(node, device->count == 1);
}

static void device_end(struct device *device)
{
	mqtt_destroy(device->mqtt);
	for (size_t i = 0; i < device->count; i++) {
		free(device->heard[i].topic);
		free((char *)(uintptr_t)device->heard[i].payload.ptr);
	}
}

static uint64_t node_connected(const struct node *node)
{
	struct bind_mqtt_stats stats;

	bind_mqtt_stats(node->bind, &stats);
	return stats.connected;
}

static void node_open(struct node *node)
{
	struct why why = {0};

	node->config.brokers = node->brokers;
	if (bind_mqtt_create(node->loop, node->engine, &node->config, &why, &node->bind) != 0)
		fail_msg("%s", why.text);
	until(node, node_connected(node) == 1);
}

/* Set config before. */
static void node_begin(struct node *node)
{
	static const char *const poa[] = {NULL};
	const struct engine_config engine = {.cse_id = "/id-in",
	                                     .cse_name = "cse-in",
	                                     .sp_id = "//sp.example",
	                                     .admin = "CAdmin",
	                                     .cse_type = 1,
	                                     .poa = poa,
	                                     .default_lifetime_us = 3600000000,
	                                     .max_lifetime_us = 7200000000,
	                                     .request_timeout_us = 1000000,
	                                     .request_lifetime_us = 60000000,
	                                     .expiration_interval_us = 60000000};
	const struct ports ports = {.admission = {.admit = node_admit, .ctx = node}};
	struct why why = {0};

	type_init();
	node->commit.run = node_commit;
	arena_init(&node->arena);
	assert_int_equal(mqtt_broker_start(&node->broker, NULL), 0);
	assert_int_equal(loop_create(&node->loop), 0);
	assert_int_equal(store_mem_create(&node->store), 0);
	assert_int_equal(
	        engine_create(&engine, node->store, loop_timers(node->loop), &ports, &why, &node->engine), 0);
	loop_add_hook(node->loop, &node->commit);
	node->brokers[0] = node->broker.url;
	node_open(node);
	device_begin(node, &node->device, node->broker.url, "/oneM2M/#");
}

static void node_end(struct node *node)
{
	device_end(&node->device);
	bind_mqtt_destroy(node->bind);
	engine_destroy(node->engine);
	node->store->ops->destroy(node->store);
	loop_destroy(node->loop);
	mqtt_broker_stop(&node->broker);
	arena_finish(&node->arena);
}

static void node_say(struct node *node, const char *topic, const char *payload)
{
	assert_int_equal(mqtt_publish(node->device.mqtt, topic, slice_of(payload), 1), 0);
}

static size_t heard_on(const struct device *device, const char *topic)
{
	size_t count = 0;

	for (size_t i = 0; i < device->count; i++)
		count += strcmp(device->heard[i].topic, topic) == 0;
	return count;
}

/* The n-th (from 0) that came on the topic. */
static struct slice heard_at(const struct device *device, const char *topic, size_t n)
{
	for (size_t i = 0; i < device->count; i++)
		if (strcmp(device->heard[i].topic, topic) == 0 && n-- == 0)
			return device->heard[i].payload;
	fail_msg("nothing on %s", topic);
	return SLICE("");
}

static bool has(struct slice text, const char *part)
{
	return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* Says it and waits for the answer. */
static struct slice node_ask(struct node *node, const char *topic, const char *answer, const char *payload)
{
	size_t before = heard_on(&node->device, answer);

	node_say(node, topic, payload);
	until(node, heard_on(&node->device, answer) > before);
	return heard_at(&node->device, answer, before);
}

#define REQ  "/oneM2M/req/CAdmin/id-in/json"
#define RESP "/oneM2M/resp/CAdmin/id-in/json"

#define CREATE_A                                                                                             \
	"{\"op\":1,\"to\":\"cse-in\",\"fr\":\"CAdmin\",\"rqi\":\"1\",\"rvi\":\"3\",\"ty\":3,"                \
	"\"pc\":{\"m2m:cnt\":{\"rn\":\"a\"}}}"

UNIT(a_container_is_made_and_read)
{
	struct node node = {.config = {.qos = 1}};
	struct bind_mqtt_stats stats;
	struct slice got;

	node_begin(&node);
	got = node_ask(&node, REQ, RESP, CREATE_A);
	assert_true(has(got, "\"rsc\":2001"));
	assert_true(has(got, "\"rqi\":\"1\""));
	assert_true(has(got, "\"rvi\":\"3\""));
	assert_true(has(got, "\"to\":\"CAdmin\""));
	assert_true(has(got, "\"fr\":\"/id-in\""));
	assert_true(has(got, "\"rn\":\"a\""));
	got = node_ask(&node, "/oneM2M/req/CAdmin/id-in", "/oneM2M/resp/CAdmin/id-in",
	               "{\"op\":2,\"to\":\"cse-in/a\",\"fr\":\"CAdmin\",\"rqi\":\"2\",\"rvi\":\"3\"}");
	assert_true(has(got, "\"rsc\":2000"));
	got = node_ask(&node, "/oneM2M/req/id-in:CAdmin/:sp.example:id-in/json",
	               "/oneM2M/resp/id-in:CAdmin/:sp.example:id-in/json",
	               "{\"op\":2,\"to\":\"cse-in/b\",\"fr\":\"CAdmin\",\"rqi\":\"3\",\"rvi\":\"3\"}");
	assert_true(has(got, "\"rsc\":4004"));
	assert_true(node.peer.local);
	assert_null(node.peer.identity);
	/* An older peer wraps. */
	got = node_ask(&node, REQ, RESP,
	               "{\"m2m:rqp\":{\"op\":2,\"to\":\"cse-in/a\",\"fr\":\"CAdmin\",\"rqi\":\"4\",\"rvi\":"
	               "\"3\"}}");
	assert_true(has(got, "\"rsc\":2000"));
	bind_mqtt_stats(node.bind, &stats);
	assert_int_equal(stats.brokers, 1);
	assert_int_equal(stats.connects, 1);
	assert_int_equal(stats.received, 4);
	assert_int_equal(stats.sent, 4);
	assert_int_equal(stats.repeated, 0);
	node_end(&node);
}

UNIT(the_answer_speaks_as_the_request_does)
{
	struct node node = {.config = {.qos = 0, .clean = true}};
	struct why why = {0};
	struct val *object;
	struct prim prim, answer;

	node_begin(&node);
	for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
		const struct wire_mqtt_topic topic = {.kind = WIRE_MQTT_REQ,
		                                      .originator = SLICE("CAdmin"),
		                                      .receiver = SLICE("id-in"),
		                                      .has_type = true,
		                                      .encoding = (enum encoding)encoding};
		const struct wire_mqtt_topic back = wire_mqtt_answer_topic(&topic);
		struct buf to, from, bytes;
		struct slice got;

		buf_init(&to, &node.arena);
		buf_init(&from, &node.arena);
		buf_init(&bytes, &node.arena);
		wire_mqtt_write_topic(&to, &topic);
		wire_mqtt_write_topic(&from, &back);
		assert_int_equal(json_read(&node.arena,
		                           SLICE("{\"op\":2,\"to\":\"cse-in\",\"fr\":\"CAdmin\",\"rqi\":"
		                                 "\"x\",\"rvi\":\"3\"}"),
		                           NULL, &why, &object),
		                 0);
		prim = (struct prim){0};
		assert_int_equal(prim_read(&prim, &node.arena, object, PRIM_REQ, &why), 0);
		wire_payload_write(&bytes, (enum encoding)encoding, &prim, PRIM_REQ);
		assert_int_equal(mqtt_publish(node.device.mqtt, to.ptr, buf_slice(&bytes), 1), 0);
		until(&node, heard_on(&node.device, from.ptr) == 1);
		got = heard_at(&node.device, from.ptr, 0);
		assert_int_equal(
		        wire_payload_read(&node.arena, (enum encoding)encoding, got, PRIM_RSP, &why, &answer),
		        0);
		assert_int_equal(prim_int(&answer, PRIM_rsc, 0), 2000);
		assert_slice(prim_text(&answer, PRIM_rqi), "x");
		assert_slice(val_get(val_find(answer.at[PRIM_pc], "m2m:cb"), SLICE("csi"))->text, "/id-in");
	}
	node_end(&node);
}

#define AE(fr, rqi)                                                                                          \
	"{\"op\":1,\"to\":\"cse-in\",\"fr\":\"" fr "\",\"rqi\":\"" rqi                                       \
	"\",\"rvi\":\"3\",\"ty\":2,\"pc\":{\"m2m:ae\":{\"api\":\"N.x\",\"rr\":true,\"srv\":[\"3\"]}}}"

UNIT(registrations_have_topics_of_their_own_and_are_remembered)
{
	struct node node = {.config = {.qos = 1}};
	struct slice got, url;
	char aei[64] = "", text[128];

	node_begin(&node);
	got = node_ask(&node, "/oneM2M/reg_req/some-credential/id-in/json",
	               "/oneM2M/reg_resp/some-credential/id-in/json", AE("C", "1"));
	assert_true(has(got, "\"rsc\":2001"));
	assert_int_equal(sscanf(strstr(got.ptr, "\"aei\":\"") + 7, "%63[^\"]", aei), 1);
	snprintf(text, sizeof(text), "/id-in/%s", aei);
	url = bind_mqtt_route(node.bind, slice_of(text), false, &node.arena);
	snprintf(text, sizeof(text), "mqtt-session://id-in:%s", aei);
	assert_slice(url, text);
	got = node_ask(&node, "/oneM2M/reg_req/Cmeter/id-in/json", "/oneM2M/reg_resp/Cmeter/id-in/json",
	               AE("Cmeter", "2"));
	assert_true(has(got, "\"rsc\":2001"));
	assert_slice(bind_mqtt_route(node.bind, SLICE("/id-in/Cmeter"), true, &node.arena), "");
	assert_slice(bind_mqtt_route(node.bind, SLICE("/id-in/Cmeter"), false, &node.arena),
	             "mqtt-session://id-in:Cmeter");
	assert_slice(bind_mqtt_route(node.bind, SLICE("/id-in/Cnobody"), false, &node.arena), "");
	node_end(&node);
}

UNIT(who_speaks_stands_in_the_topic)
{
	struct node node = {.config = {.qos = 1}};
	struct slice got;

	node_begin(&node);
	got = node_ask(&node, "/oneM2M/req/Cother/id-in/json", "/oneM2M/resp/Cother/id-in/json", CREATE_A);
	assert_true(has(got, "\"rsc\":4106"));
	assert_true(has(got, "\"rqi\":\"1\""));
	assert_true(has(got, "Cother"));
	got = node_ask(&node, REQ, RESP,
	               "{\"op\":2,\"to\":\"cse-in/a\",\"fr\":\"CAdmin\",\"rqi\":\"2\",\"rvi\":\"3\"}");
	assert_true(has(got, "\"rsc\":4004"));
	/* A registration may come by a credential, on a machine of our own; but a broker that is trusted to
	 * prove who speaks must have proven that too. */
	got = node_ask(&node, "/oneM2M/reg_req/Cother/id-in/json", "/oneM2M/reg_resp/Cother/id-in/json",
	               AE("Cx", "3"));
	assert_true(has(got, "\"rsc\":2001"));
	bind_mqtt_destroy(node.bind);
	node.config.broker_is_trusted = true;
	node_open(&node);
	got = node_ask(&node, "/oneM2M/reg_req/Cother/id-in/json", "/oneM2M/reg_resp/Cother/id-in/json",
	               AE("CAdmin", "4"));
	assert_true(has(got, "\"rsc\":4106"));
	got = node_ask(&node, "/oneM2M/reg_req/Cother/id-in/json", "/oneM2M/reg_resp/Cother/id-in/json",
	               AE("C", "5"));
	assert_true(has(got, "\"rsc\":2001"));
	assert_true(node.peer.local);
	got = node_ask(&node, "/oneM2M/reg_req/12-lab/id-in/json", "/oneM2M/reg_resp/12-lab/id-in/json",
	               AE("Cnew", "6"));
	assert_true(has(got, "\"rsc\":2001"));
	assert_true(node.peer.relayed); /* a name that nobody vouches for is never the administrator's */
	node_ask(&node, REQ, RESP,
	         "{\"op\":2,\"to\":\"cse-in\",\"fr\":\"CAdmin\",\"rqi\":\"7\",\"rvi\":\"3\"}");
	assert_false(node.peer.relayed); /* on this machine, and trusted */
	node_end(&node);
}

/* Credentials for MQTT: `meter` has a name, `fleet` a star. */
static struct auth *node_credentials(const char *folder)
{
	static const char *const one[] = {"Cmeter", "Cother", NULL}, *const many[] = {"Cf*", NULL};
	static char file[100], key[110];
	struct credential_list list = {.count = 0};
	struct credential *made;
	struct auth *auth = NULL;
	struct why why = {0};

	snprintf(file, sizeof(file), "%s/credentials", folder);
	snprintf(key, sizeof(key), "%s.key", file);
	arena_init(&list.arena);
	for (int i = 0; i < 2; i++) {
		made = credential_file_add(&list);
		made->id = i ? "c-2" : "c-1";
		made->name = i ? "fleet" : "meter";
		made->kind = IDENTITY_MQTT;
		made->originators = i ? many : one;
	}
	assert_int_equal(credential_file_write(file, &list), 0);
	credential_file_finish(&list);
	assert_int_equal(auth_create(&(struct auth_config){file, key}, &why, &auth), 0);
	unlink(file);
	return auth;
}

/* A broker keeps its users to their topics, but of what it calls Cfevil nothing proves that he is the fleet:
 * a topic of a registration must not lead to all names that a star covers. */
UNIT(a_star_lends_its_names_to_nobody_else)
{
	static const struct {
		const char *topic, *payload, *rsc;
	} rows[] = {
	        {"req/Cfevil", AE("Cfgood", "1"), "4106"},
	        {"reg_req/Cfevil", AE("Cfgood", "2"), "4106"},
	        {"reg_req/Cfevil", AE("Cmeter", "3"), "4106"},
	        {"reg_req/Cfevil", AE("Cfevil", "4"), "2001"},
	        {"reg_req/Cmeter", AE("Cother", "5"), "2001"},
	        {"reg_req/Cmeter", AE("Cmeter", "6"), "2001"},
	        {"reg_req/Cstranger", AE("C", "7"), "4107"},
	        {"reg_req/Cstranger", AE("Cmeter", "8"), "4107"},
	        {"reg_req/Cmeter",
	         "{\"op\":2,\"to\":\"cse-in\",\"fr\":\"Cother\",\"rqi\":\"9\",\"rvi\":\"3\"}", "4106"},
	};
	struct node node = {.config = {.qos = 1, .broker_is_trusted = true}};
	char folder[] = "/tmp/dure-mqtt-test-XXXXXX", topic[80], answer[80], wanted[20];

	assert_non_null(mkdtemp(folder));
	node.config.auth = node_credentials(folder);
	node_begin(&node);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool reg = strncmp(rows[i].topic, "reg_", 4) == 0;
		struct slice got;

		snprintf(topic, sizeof(topic), "/oneM2M/%s/id-in/json", rows[i].topic);
		snprintf(answer, sizeof(answer), "/oneM2M/%sresp%s/id-in/json", reg ? "reg_" : "",
		         strchr(rows[i].topic, '/'));
		snprintf(wanted, sizeof(wanted), "\"rsc\":%s", rows[i].rsc);
		got = node_ask(&node, topic, answer, rows[i].payload);
		if (!has(got, wanted))
			fail_msg("row %zu: no %s in %.*s", i, wanted, SLICE_ARG(got));
		if (*rows[i].rsc == '2')
			assert_non_null(node.peer.identity);
	}
	node_end(&node);
	auth_destroy(node.config.auth);
	rmdir(folder);
}

UNIT(what_comes_twice_is_done_once)
{
	struct node node = {.config = {.qos = 1}};
	struct bind_mqtt_stats stats;
	struct slice first, second;

	node_begin(&node);
	first = node_ask(&node, REQ, RESP, CREATE_A);
	second = node_ask(&node, REQ, RESP, CREATE_A);
	assert_true(slice_is(first, second));
	assert_true(has(second, "\"rsc\":2001"));
	/* In one breath: one of the two is answered anew, or both once. */
	node_say(&node, REQ, "{\"op\":4,\"to\":\"cse-in/a\",\"fr\":\"CAdmin\",\"rqi\":\"d\",\"rvi\":\"3\"}");
	second = node_ask(&node, REQ, RESP,
	                  "{\"op\":4,\"to\":\"cse-in/a\",\"fr\":\"CAdmin\",\"rqi\":\"d\",\"rvi\":\"3\"}");
	assert_true(has(second, "\"rsc\":2002"));
	/* Another identifier: another request. */
	second = node_ask(&node, REQ, RESP,
	                  "{\"op\":4,\"to\":\"cse-in/a\",\"fr\":\"CAdmin\",\"rqi\":\"e\",\"rvi\":\"3\"}");
	until(&node, heard_on(&node.device, RESP) >= 4);
	assert_false(has(second, "\"rqi\":\"e\",\"rsc\":2002"));
	bind_mqtt_stats(node.bind, &stats);
	assert_int_equal(stats.repeated, 2);
	node_end(&node);
}

UNIT(a_retrieve_is_done_anew)
{
	static const char get[] =
	        "{\"op\":2,\"to\":\"cse-in/a\",\"fr\":\"CAdmin\",\"rqi\":\"same\",\"rvi\":\"3\"}";
	struct node node = {.config = {.qos = 1}};

	node_begin(&node);
	assert_true(has(node_ask(&node, REQ, RESP, get), "\"rsc\":4004"));
	assert_true(has(node_ask(&node, REQ, RESP, CREATE_A), "\"rsc\":2001"));
	assert_true(has(node_ask(&node, REQ, RESP, get), "\"rsc\":2000"));
	node_end(&node);
}

UNIT(nonsense_is_dropped_or_refused)
{
	static const char *const silent[][2] = {
	        {REQ, ""},
	        {REQ, "x"},
	        {REQ, "{\"op\":1"},
	        {REQ, "[]"},
	        {REQ, "{\"op\":2,\"to\":\"cse-in\",\"fr\":\"CAdmin\"}"},
	        {"/oneM2M/req/CAdmin/id-in/cbor", "\xff\xff"},
	        {"/oneM2M/req/CAdmin/id-in/xml", "<a><b></a>"},
	        {"/oneM2M/req/CAdmin/id-in/text", CREATE_A},
	        {"/oneM2M/req/CAdmin/id-in/json/x", CREATE_A},
	        {"/oneM2M/req/CAdmin/id-mn/json", CREATE_A},
	        {"/oneM2M/resp/id-in/Cx/json", "{\"rsc\":2000,\"rqi\":\"nobody asked\"}"},
	        {"/oneM2M/resp/id-in/Cx/json", "}{"},
	};
	struct node node = {.config = {.qos = 1}};
	char text[2048];
	struct slice got;

	node_begin(&node);
	for (size_t i = 0; i < sizeof(silent) / sizeof(*silent); i++)
		node_say(&node, silent[i][0], silent[i][1]);
	got = node_ask(&node, REQ, RESP,
	               "{\"op\":\"two\",\"to\":\"cse-in\",\"fr\":\"CAdmin\",\"rqi\":\"7\",\"rvi\":\"3\"}");
	assert_true(has(got, "\"rsc\":4000"));
	assert_true(has(got, "\"rqi\":\"7\""));
	assert_true(has(got, "m2m:dbg"));
	assert_int_equal(heard_on(&node.device, RESP), 1);
	snprintf(text, sizeof(text),
	         "{\"op\":2,\"to\":\"cse-in\",\"fr\":\"C%01000d\",\"rqi\":\"8\",\"rvi\":\"3\"}", 0);
	got = node_ask(&node, REQ, RESP, text);
	assert_true(has(got, "\"rsc\":4106") || has(got, "\"rsc\":4000"));
	node_end(&node);
}

UNIT(what_is_late_or_wants_no_answer_gets_none)
{
	struct node node = {.config = {.qos = 1}};
	struct bind_mqtt_stats stats;

	node_begin(&node);
	node_say(&node, REQ,
	         "{\"op\":1,\"to\":\"cse-in\",\"fr\":\"CAdmin\",\"rqi\":\"1\",\"rvi\":\"3\",\"ty\":3,"
	         "\"rqet\":\"20200101T000000\",\"pc\":{\"m2m:cnt\":{\"rn\":\"late\"}}}");
	node_say(&node, REQ,
	         "{\"op\":1,\"to\":\"cse-in\",\"fr\":\"CAdmin\",\"rqi\":\"2\",\"rvi\":\"3\",\"ty\":3,"
	         "\"rt\":{\"rtv\":5},\"pc\":{\"m2m:cnt\":{\"rn\":\"quiet\"}}}");
	assert_true(has(
	        node_ask(&node, REQ, RESP,
	                 "{\"op\":2,\"to\":\"cse-in/quiet\",\"fr\":\"CAdmin\",\"rqi\":\"3\",\"rvi\":\"3\"}"),
	        "\"rsc\":2000"));
	assert_true(has(
	        node_ask(&node, REQ, RESP,
	                 "{\"op\":2,\"to\":\"cse-in/late\",\"fr\":\"CAdmin\",\"rqi\":\"4\",\"rvi\":\"3\"}"),
	        "\"rsc\":4004"));
	assert_int_equal(heard_on(&node.device, RESP), 2);
	bind_mqtt_stats(node.bind, &stats);
	assert_int_equal(stats.dropped, 1);
	node_end(&node);
}

UNIT(answers_reach_the_client_when_the_broker_is_back)
{
	struct node node = {.config = {.qos = 1}};
	struct slice got;
	char text[512];

	node_begin(&node);
	for (int round = 0; round < 3; round++) {
		snprintf(text, sizeof(text),
		         "{\"op\":1,\"to\":\"cse-in\",\"fr\":\"CAdmin\",\"rqi\":\"k%d\",\"rvi\":\"3\",\"ty\":"
		         "3,"
		         "\"pc\":{\"m2m:cnt\":{\"rn\":\"k%d\"}}}",
		         round, round);
		got = node_ask(&node, REQ, RESP, text);
		assert_true(has(got, "\"rsc\":2001"));
		mqtt_broker_kill(&node.broker);
		until(&node, node_connected(&node) == 0 && !mqtt_is_connected(node.device.mqtt));
		assert_int_equal(mqtt_broker_again(&node.broker), 0);
		until(&node, node_connected(&node) == 1 && mqtt_is_connected(node.device.mqtt));
		/* The device heard nothing of it, or believes so. */
		got = node_ask(&node, REQ, RESP, text);
		assert_true(has(got, "\"rsc\":2001"));
	}
	node_end(&node);
}

UNIT(a_kept_session_brings_what_came_while_we_were_away)
{
	struct node node = {.config = {.qos = 1}};
	struct binding *binding;

	node_begin(&node);
	binding = bind_mqtt_binding(node.bind);
	assert_string_equal(binding->name, "mqtt");
	assert_true(binding->drain(binding));
	node_say(&node, REQ, CREATE_A);
	for (int i = 0; i < 5; i++)
		loop_turn(node.loop, 10000);
	assert_int_equal(heard_on(&node.device, RESP), 0);
	bind_mqtt_destroy(node.bind);
	node_open(&node);
	until(&node, heard_on(&node.device, RESP) == 1);
	assert_true(has(heard_at(&node.device, RESP, 0), "\"rsc\":2001"));
	node_end(&node);
}

/* --- outwards --- */

static void node_told(void *user, int result, const struct prim *response)
{
	struct node *node = user;

	node->told = true;
	node->result = result;
	node->rsc = response ? prim_int(response, PRIM_rsc, -1) : 0;
}

static int node_send(struct node *node, const char *url, const char *to, const char *rqi, int64_t timeout)
{
	struct prim request = {0};
	struct val *pc = val_obj(&node->arena);

	request.at[PRIM_op] = val_int(&node->arena, OP_NOTIFY);
	request.at[PRIM_to] = val_str(&node->arena, slice_of(to));
	request.at[PRIM_fr] = val_str(&node->arena, SLICE("/id-in"));
	request.at[PRIM_rqi] = val_str(&node->arena, slice_of(rqi));
	request.at[PRIM_rvi] = val_str(&node->arena, SLICE("3"));
	val_put(pc, SLICE("m2m:sgn"), val_obj(&node->arena));
	request.at[PRIM_pc] = pc;
	node->told = false;
	return bind_mqtt_send(node->bind, slice_of(url), &request, timeout, node_told, node);
}

UNIT(requests_of_ours_are_answered_or_not)
{
	struct node node = {.config = {.qos = 1}};
	char url[128];

	node_begin(&node);
	assert_int_equal(node_send(&node, node.broker.url, "Cmeter", "n1", 5000000), 0);
	until(&node, heard_on(&node.device, "/oneM2M/req/id-in/id-in:Cmeter/json") == 1);
	assert_true(has(heard_at(&node.device, "/oneM2M/req/id-in/id-in:Cmeter/json", 0), "\"op\":5"));
	assert_false(node.told);
	/* Not for us, not from whom it was sent to, not of that name. */
	node_say(&node, "/oneM2M/resp/id-mn/id-in:Cmeter/json", "{\"rsc\":2000,\"rqi\":\"n1\"}");
	node_say(&node, "/oneM2M/resp/id-in/Cthief/json", "{\"rsc\":2000,\"rqi\":\"n1\"}");
	node_say(&node, "/oneM2M/resp/id-in/id-in:Cmeter/json", "{\"rsc\":2000,\"rqi\":\"n2\"}");
	node_say(&node, "/oneM2M/resp/id-in/id-in:Cmeter/json", "{\"rsc\":5103,\"rqi\":\"n1\"}");
	until(&node, node.told);
	assert_int_equal(node.result, 0);
	assert_int_equal(node.rsc, 5103);
	/* A topic of its own, in CBOR. */
	snprintf(url, sizeof(url), "%s//oneM2M/of/mine?ct=cbor", node.broker.url);
	assert_int_equal(node_send(&node, url, url, "n3", 5000000), 0);
	until(&node, heard_on(&node.device, "/oneM2M/of/mine") == 1);
	assert_false(has(heard_at(&node.device, "/oneM2M/of/mine", 0), "{"));
	node_say(&node, "/oneM2M/resp/id-in/whoever/json", "{\"m2m:rsp\":{\"rsc\":2000,\"rqi\":\"n3\"}}");
	until(&node, node.told);
	assert_int_equal(node.rsc, 2000);
	assert_int_equal(node_send(&node, node.broker.url, "Cmeter", "n4", 100000), 0);
	until(&node, node.told);
	assert_int_equal(node.result, -ETIMEDOUT);
	assert_int_equal(node_send(&node, node.broker.url, "C+meter", "n5", 100000), -EINVAL);
	assert_int_equal(node_send(&node, node.broker.url, node.broker.url, "n5", 100000), -EINVAL);
	assert_int_equal(node_send(&node, "mqtt://", "Cmeter", "n5", 100000), -EINVAL);
	/* Not in the name of others. */
	snprintf(url, sizeof(url), "%s//oneM2M/reg_req/Cx/id-in/json", node.broker.url);
	assert_int_equal(node_send(&node, url, url, "n5", 100000), -EACCES);
	snprintf(url, sizeof(url), "%s//oneM2M/req/Cx/id-in/json", node.broker.url);
	assert_int_equal(node_send(&node, url, url, "n5", 100000), -EACCES);
	assert_int_equal(node_send(&node, "mqtt-session://id-in:Cx", "Cx", "n5", 100000), -EHOSTUNREACH);
	node_end(&node);
}

UNIT(who_was_heard_is_reached_the_same_way)
{
	struct node node = {.config = {.qos = 1}};

	node_begin(&node);
	node_ask(&node, "/oneM2M/reg_req/Cmeter/id-in/json", "/oneM2M/reg_resp/Cmeter/id-in/json",
	         AE("Cmeter", "1"));
	assert_int_equal(node_send(&node, "mqtt-session://id-in:Cmeter", "Cmeter", "n1", 5000000), 0);
	until(&node, heard_on(&node.device, "/oneM2M/req/id-in/Cmeter/json") == 1);
	node_say(&node, "/oneM2M/resp/id-in/Cmeter/json", "{\"rsc\":2000,\"rqi\":\"n1\"}");
	until(&node, node.told);
	assert_int_equal(node.rsc, 2000);
	/* Also by a point of access at that broker, and by the structured name of the AE. */
	node_ask(&node, REQ, RESP,
	         "{\"op\":1,\"to\":\"cse-in\",\"fr\":\"Cx\",\"rqi\":\"1\",\"rvi\":\"3\",\"ty\":2}");
	assert_int_equal(node_send(&node, node.broker.url, "/id-in/Cmeter", "n2", 5000000), 0);
	until(&node, heard_on(&node.device, "/oneM2M/req/id-in/Cmeter/json") == 2);
	bind_mqtt_destroy(node.bind);
	assert_true(node.told);
	assert_int_equal(node.result, -ECANCELED);
	node_open(&node);
	node_end(&node);
}

UNIT(what_is_sent_while_the_broker_is_away_waits_for_it)
{
	struct node node = {.config = {.qos = 1}};

	node_begin(&node);
	mqtt_broker_kill(&node.broker);
	until(&node, node_connected(&node) == 0);
	assert_int_equal(node_send(&node, node.broker.url, "Cmeter", "n1", 100000), 0);
	until(&node, node.told);
	assert_int_equal(node.result, -ETIMEDOUT);
	assert_int_equal(node_send(&node, node.broker.url, "Cmeter", "n2", 10000000), 0);
	assert_int_equal(mqtt_broker_again(&node.broker), 0);
	until(&node, mqtt_is_connected(node.device.mqtt));
	until(&node, node_connected(&node) == 1);
	/* The device may have come too late to hear it, and its answer may come before we listen. */
	for (int i = 0; i < 200 && !node.told; i++) {
		node_say(&node, "/oneM2M/resp/id-in/id-in:Cmeter/json", "{\"rsc\":2000,\"rqi\":\"n2\"}");
		loop_turn(node.loop, 50000);
	}
	until(&node, node.told);
	assert_int_equal(node.result, 0);
	for (size_t i = 0; i < node.device.count; i++)
		assert_false(has(node.device.heard[i].payload, "\"n1\""));
	node_end(&node);
}

UNIT(brokers_of_others_are_connected_to_when_needed)
{
	struct node node = {.config = {.qos = 0}};
	struct bind_mqtt_stats stats;
	struct mqtt_broker other;
	struct device device;
	char url[128];

	node_begin(&node);
	assert_int_equal(mqtt_broker_start(&other, NULL), 0);
	device_begin(&node, &device, other.url, "#");
	snprintf(url, sizeof(url), "%s/some/topic", other.url);
	assert_int_equal(node_send(&node, url, url, "n1", 10000000), 0);
	until(&node, heard_on(&device, "some/topic") == 1);
	assert_int_equal(mqtt_publish(device.mqtt, "/oneM2M/resp/id-in/x/json",
	                              SLICE("{\"rsc\":2000,\"rqi\":\"n1\"}"), 0),
	                 0);
	until(&node, node.told);
	assert_int_equal(node.rsc, 2000);
	/* It is no door: nobody there can ask us anything. */
	assert_int_equal(mqtt_publish(device.mqtt, REQ, slice_of(CREATE_A), 1), 0);
	assert_int_equal(node_send(&node, url, url, "n2", 10000000), 0);
	until(&node, heard_on(&device, "some/topic") == 2);
	bind_mqtt_stats(node.bind, &stats);
	assert_int_equal(stats.brokers, 1);
	assert_int_equal(heard_on(&device, RESP), 0);
	/* And there are only so many. */
	node.told = false;
	for (int i = 0; i < 31; i++) {
		snprintf(url, sizeof(url), "mqtt://127.0.0.1:%d/t", 1 + i);
		node.told = false;
		assert_int_equal(node_send(&node, url, url, "n3", 10000000), 0);
	}
	assert_int_equal(node_send(&node, "mqtt://127.0.0.1:50/t", "x", "n4", 10000000), -EBUSY);
	device_end(&device);
	node_end(&node);
	assert_int_equal(node.result, -ECANCELED);
	mqtt_broker_stop(&other);
}

UNIT(bad_configurations_are_refused)
{
	struct node node = {.config = {.qos = 1}};
	struct bind_mqtt *none;
	struct why why = {0};
	const char *bad[] = {"http://x", NULL};

	node_begin(&node);
	assert_int_equal(bind_mqtt_create(node.loop, node.engine, &(struct bind_mqtt_config){.brokers = bad},
	                                  &why, &none),
	                 4000);
	bad[0] = "mqtt://x";
	assert_int_equal(bind_mqtt_create(node.loop, node.engine,
	                                  &(struct bind_mqtt_config){.brokers = bad, .password_file = "/x"},
	                                  &why, &none),
	                 4000);
	node_end(&node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(a_container_is_made_and_read),
	        unit(the_answer_speaks_as_the_request_does),
	        unit(registrations_have_topics_of_their_own_and_are_remembered),
	        unit(who_speaks_stands_in_the_topic),
	        unit(a_star_lends_its_names_to_nobody_else),
	        unit(what_comes_twice_is_done_once),
	        unit(a_retrieve_is_done_anew),
	        unit(nonsense_is_dropped_or_refused),
	        unit(what_is_late_or_wants_no_answer_gets_none),
	        unit(answers_reach_the_client_when_the_broker_is_back),
	        unit(a_kept_session_brings_what_came_while_we_were_away),
	        unit(requests_of_ours_are_answered_or_not),
	        unit(who_was_heard_is_reached_the_same_way),
	        unit(what_is_sent_while_the_broker_is_away_waits_for_it),
	        unit(brokers_of_others_are_connected_to_when_needed),
	        unit(bad_configurations_are_refused),
	};

	log_open(&(struct log_config){.level = LOG_WARN});
	if (!mqtt_broker_is_there()) {
		puts("1..0 # SKIP mosquitto is not installed");
		return 0;
	}
	return unit_main(tests);
}
