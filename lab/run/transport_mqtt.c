/* SPDX-License-Identifier: Apache-2.0 */
/* Primitives by a broker's topics. We are every originator at once: the broker of a test keeps nobody to his
 * own. TS-0010 6.4, TS-0010 6.5 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "lab/run/box.h"
#include "lab/run/content.h"
#include "lab/run/post.h"
#include "net/mqtt.h"

#define MQTT_CONNECT_US 10000000
#define MQTT_MESSAGE    (64u << 20)
#define MQTT_QOS        0

struct mqtt_place {
	struct place place;
	struct post post;
	struct mqtt *mqtt;
};

/* "/id-in/Cmeter" -> "id-in:Cmeter", "//sp/id-in" -> ":sp:id-in". TS-0010 6.4.2 */
static void transport_level(struct buf *buf, struct slice id)
{
	if (slice_starts(id, SLICE("//"))) {
		buf_add_char(buf, ':');
		id = slice_skip(id, 2);
	} else if (slice_starts(id, SLICE("/"))) {
		id = slice_skip(id, 1);
	}
	for (size_t i = 0; i < id.len; i++)
		buf_add_char(buf, id.ptr[i] == '/' ? ':' : id.ptr[i]);
}

/* An AE that has no AE-ID yet registers under the name of its credential. TS-0010 6.4.4 */
static bool transport_registers(const struct call *call)
{
	return call->op == 1 && call->ty == 2 &&
	       (call->fr.len == 0 || slice_is_text(call->fr, "C") || slice_is_text(call->fr, "S"));
}

static struct slice transport_topic(const struct place *place, struct arena *arena, const struct call *call,
                                    bool response)
{
	bool registers = transport_registers(call);
	struct slice said;
	struct buf buf;

	buf_init(&buf, arena);
	if (call_header(call, "Topic", &said) && !response)
		return said;
	if (call_header(call, "Answer-Topic", &said) && response)
		return said;
	buf_printf(&buf, "/oneM2M/%s%s/", registers ? "reg_" : "", response ? "resp" : "req");
	transport_level(&buf, registers ? SLICE("12-lab") : call->fr.len ? call->fr : SLICE("nobody"));
	buf_add_char(&buf, '/');
	transport_level(&buf, place->server->cse_id);
	buf_printf(&buf, "/%s", encoding_name(place->encoding));
	return buf_slice(&buf);
}

/* --- what comes --- */

struct transport_letter { /* a request of the server that is not answered yet */
	struct mqtt_place *place;
	char *topic;
};

static void transport_respond(void *user, const struct val *response)
{
	struct transport_letter *letter = user;
	struct mqtt_place *place = letter->place;
	struct arena arena;

	arena_init(&arena);
	if (place->mqtt)
		mqtt_publish(place->mqtt, letter->topic,
		             content_primitive(&arena, place->place.encoding, response), MQTT_QOS);
	arena_finish(&arena);
	free(letter->topic);
	free(letter);
}

/* "lab:12:box" is a receiver with an address; anything else an entity that listens as itself. */
static struct box *transport_box(struct mqtt_place *place, struct slice receiver)
{
	char path[256];

	if (!slice_starts(receiver, SLICE("lab:")))
		return box_by_who(place->place.boxes, receiver);
	receiver = slice_skip(receiver, 4);
	if (receiver.len >= sizeof path)
		return NULL;
	for (size_t i = 0; i < receiver.len; i++)
		path[i] = receiver.ptr[i] == ':' ? '/' : receiver.ptr[i];
	return box_by_path(place->place.boxes, (struct slice){path, receiver.len});
}

static void transport_request(struct mqtt_place *place, struct slice topic, const struct val *primitive,
                              const char *fault)
{
	struct transport_letter *letter = calloc(1, sizeof *letter);
	struct slice rest = slice_skip(topic, strlen("/oneM2M/req/")), from, receiver;

	slice_cut(&rest, '/', &from);
	slice_cut(&rest, '/', &receiver);
	if (!letter || asprintf(&letter->topic, "/oneM2M/resp/%.*s/%.*s/%.*s", SLICE_ARG(from),
	                        SLICE_ARG(receiver), SLICE_ARG(rest)) < 0)
		abort();
	letter->place = place;
	if (!slice_is_text(rest, encoding_name(place->place.encoding)))
		fault = "the topic says another encoding";
	box_serve(place->place.boxes, transport_box(place, receiver), primitive, fault, transport_respond,
	          letter);
}

static void transport_message(void *user, struct mqtt *mqtt, struct slice topic, struct slice payload)
{
	struct mqtt_place *place = user;
	bool request = slice_starts(topic, SLICE("/oneM2M/req/"));
	struct arena arena;
	const char *fault;
	struct val *primitive;

	arena_init(&arena);
	const struct post_message message = {.channel = place,
	                                     .topic = topic,
	                                     .bytes = payload,
	                                     .header = "Topic",
	                                     .value = arena_text(&arena, topic)};

	post_take(&place->post, &message, &primitive, &fault);
	if (primitive && request)
		transport_request(place, topic, primitive, fault);
	arena_finish(&arena);
}

/* --- the way --- */

static void transport_close(struct place *place)
{
	struct mqtt_place *mqtt = (struct mqtt_place *)place;

	mqtt_destroy(mqtt->mqtt);
	free(mqtt);
}

/* Answers to anybody, and what the server asks of anybody. */
static int transport_subscribe(struct mqtt_place *place)
{
	static const char *const patterns[] = {"/oneM2M/resp/+/%.*s/+", "/oneM2M/reg_resp/+/%.*s/+",
	                                       "/oneM2M/req/%.*s/+/+"};
	struct slice cse = slice_skip(place->place.server->cse_id, 1);
	char topic[512];
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof patterns / sizeof *patterns; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(topic, sizeof topic, patterns[i], SLICE_ARG(cse));
#pragma GCC diagnostic pop
		r = mqtt_subscribe(place->mqtt, topic, MQTT_QOS);
	}
	return r;
}

static int transport_open(const struct place_config *config, struct why *why, struct place **ret)
{
	struct mqtt_place *place = calloc(1, sizeof *place);
	struct mqtt_handler handler = {.message = transport_message, .user = place};
	int64_t end = clock_wall_steady() + MQTT_CONNECT_US;
	char client[64];
	const struct mqtt_config mqtt = {.url = config->url,
	                                 .client_id = client,
	                                 .clean = true,
	                                 .ca = config->ca,
	                                 .message = MQTT_MESSAGE};

	if (!place)
		return -ENOMEM;
	snprintf(client, sizeof client, "dure-lab-%ld", (long)getpid());
	int r = place_init(&place->place, &transport_mqtt, config, why);

	place->post.place = &place->place;
	if (r == 0)
		r = mqtt_create(config->loop, &mqtt, &handler, why, &place->mqtt);
	if (r == 0)
		r = transport_subscribe(place);
	while (r == 0 && !mqtt_is_connected(place->mqtt)) {
		if (clock_wall_steady() > end)
			r = refuse(why, 4000, "%s: no broker is there", config->url);
		else
			loop_turn(config->loop, 10000);
	}
	if (r)
		transport_close(&place->place);
	else
		*ret = &place->place;
	return r;
}

static const char *transport_unsayable(struct place *place, struct arena *arena, const struct call *call)
{
	struct slice topic = transport_topic(place, arena, call, false);

	for (size_t i = 0; i < topic.len; i++)
		if (!topic.ptr[i] || strchr("+#", topic.ptr[i]))
			return "MQTT has no topic with + or # in it";
	return call->fr.len > 255 ? "MQTT has no level as long as that" : NULL;
}

static struct pending *transport_start(struct place *place, struct arena *arena, const struct call *call,
                                       struct slice bytes)
{
	struct mqtt_place *mqtt = (struct mqtt_place *)place;
	struct slice payload = content_call(arena, place->encoding, call);
	struct pending *pending = post_start(&mqtt->post, arena, call, mqtt, payload);
	int r = mqtt_publish(mqtt->mqtt, arena_text(arena, transport_topic(place, arena, call, false)),
	                     payload, MQTT_QOS);

	pending->topic = transport_topic(place, arena, call, true);
	if (r) {
		pending->done = true;
		pending->reply.error = arena_printf(arena, "the broker is away: %s", strerror(-r)).ptr;
	}
	return pending;
}

static struct slice transport_show(struct place *place, struct arena *arena, const struct call *call)
{
	struct slice topic = transport_topic(place, arena, call, false);
	struct slice payload = content_call(arena, ENCODING_JSON, call);

	return arena_printf(arena, "%.*s\r\n%.*s", SLICE_ARG(topic),
	                    (int)(payload.len > 3000 ? 3000 : payload.len), payload.ptr);
}

const struct transport transport_mqtt = {
        .name = "mqtt",
        .secure = "mqtts",
        .port = "1883",
        .brokered = true,
        .whole = true,
        .sessions = true,
        .open = transport_open,
        .close = transport_close,
        .unsayable = transport_unsayable,
        .start = transport_start,
        .done = post_done,
        .destroy = post_destroy,
        .show = transport_show,
};
