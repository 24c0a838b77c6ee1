/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of ours. Each is encoded at once and waits for an answer with its identifier; while the broker is
 * away it waits here and not in the connection, so that what nobody waits for any more is not sent late. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/url.h"
#include "bind/bind_mqtt_private.h"
#include "engine/call.h"
#include "engine/tree.h"
#include "net/mqtt_url.h"
#include "wire/wire_body.h"
#include "wire/wire_media.h"

#define SENDINGS_MOST 16384

struct sending {
	struct sending *prev, *next; /* of its broker */
	struct broker *broker;
	struct slice rqi, level; /* level: who must answer; empty: whoever does */
	const char *topic;
	struct slice payload; /* until it was published */
	bool published;
	struct timer timer;
	void (*done)(void *user, int result, const struct prim *response);
	void *user;
	struct arena arena;
};

/* Where a request goes. */
struct place {
	struct broker *broker;
	struct slice level; /* the receiver; empty: the topic is anybody's */
	enum encoding encoding;
	struct buf topic;
};

static void sending_end(struct sending *sending, int result, const struct prim *response)
{
	struct broker *broker = sending->broker;

	*(sending->prev ? &sending->prev->next : &broker->first) = sending->next;
	if (sending->next)
		sending->next->prev = sending->prev;
	map_remove(&broker->bind->sendings, slice_hash(sending->rqi, 0), sending);
	timer_clear(loop_wall_timers(broker->bind->loop), &sending->timer);
	broker->idle_since = loop_wall(broker->bind->loop);
	sending->done(sending->user, result, response);
	arena_finish(&sending->arena);
	free(sending);
}

static void sending_timeout(struct timer *timer)
{
	sending_end(container_of(timer, struct sending, timer), -ETIMEDOUT, NULL);
}

static int sending_publish(struct sending *sending)
{
	int r = bind_mqtt_broker_publish(sending->broker, sending->topic, sending->payload);

	sending->published = r == 0;
	return r;
}

void bind_mqtt_out_connected(struct broker *broker)
{
	/* What was published already is kept by the connection itself, which sends it again. */
	for (struct sending *sending = broker->first; sending; sending = sending->next)
		if (!sending->published)
			sending_publish(sending);
}

void bind_mqtt_out_cancel(struct bind_mqtt *bind, int result)
{
	for (struct broker *broker = bind->brokers; broker; broker = broker->next)
		while (broker->first)
			sending_end(broker->first, result, NULL);
}

/* --- the answer --- */

struct wanted {
	struct broker *broker;
	struct slice rqi, level;
};

static bool sending_is(const void *value, const void *key)
{
	const struct sending *sending = value;
	const struct wanted *wanted = key;

	return sending->broker == wanted->broker && slice_is(sending->rqi, wanted->rqi) &&
	       (sending->level.len == 0 || slice_is(sending->level, wanted->level));
}

void bind_mqtt_out_answer(struct broker *broker, const struct wire_mqtt_topic *topic, struct slice payload)
{
	struct bind_mqtt *bind = broker->bind;
	struct wanted wanted = {.broker = broker, .level = topic->receiver};
	struct sending *sending;
	struct why why = {0};
	struct arena arena;
	struct prim prim;
	int r;

	if (!wire_mqtt_is_us(engine_self(bind->engine), topic->originator))
		return;
	arena_init(&arena);
	r = wire_payload_read(&arena, topic->encoding, payload, PRIM_RSP, &why, &prim);
	wanted.rqi = prim_text(&prim, PRIM_rqi);
	sending = map_find(&bind->sendings, slice_hash(wanted.rqi, 0), sending_is, &wanted);
	if (r != 0) {
		bind->stats.malformed++;
		log_warn("mqtt", "%s: an answer of %.*s makes no sense: %s", broker->name,
		         SLICE_ARG(topic->receiver), r > 0 ? why.text : "it could not be read");
	}
	/* An answer that nobody waits for: it came twice, or too late. */
	if (sending)
		sending_end(sending, r == 0 ? 0 : -EBADMSG, r == 0 ? &prim : NULL);
	arena_finish(&arena);
}

/* --- where to --- */

/* The level of whom `to` means: as it was heard last, else by its identifier. */
static struct slice place_level(struct bind_mqtt *bind, struct slice to, struct arena *arena)
{
	const struct id_self *self = engine_self(bind->engine);
	const struct node *node = call_find(bind->engine, to);
	struct val *csi = node ? node_attr(node, SLICE("csi"), arena) : NULL;
	struct slice id = csi ? csi->text : node ? arena_copy(arena, node->ri) : to;
	const struct route *route;

	id = id_sp_relative(self, id, arena);
	route = bind_mqtt_route_find(bind->routes, id);
	return arena_copy(arena, route ? route->level : wire_mqtt_escape(id, arena));
}

static void place_topic(struct bind_mqtt *bind, struct place *place)
{
	const struct wire_mqtt_topic topic = {
	        .kind = WIRE_MQTT_REQ,
	        .originator = wire_mqtt_escape(engine_self(bind->engine)->csi, place->topic.arena),
	        .receiver = place->level,
	        .has_type = true,
	        .encoding = place->encoding,
	};

	wire_mqtt_write_topic(&place->topic, &topic);
}

/* "mqtt-session://id-in:Cmeter": somebody who was heard. */
static int place_session(struct bind_mqtt *bind, struct slice level, struct arena *arena, struct place *ret)
{
	const struct route *route = bind_mqtt_route_find(
	        bind->routes, wire_mqtt_unescape(engine_self(bind->engine), level, arena));

	if (!route)
		return -EHOSTUNREACH;
	ret->broker = route->broker;
	ret->level = arena_copy(arena, route->level);
	ret->encoding = route->encoding;
	place_topic(bind, ret);
	return 0;
}

/* mqtt://host, a point of access: the receiver's topic there. mqtt://host/any/topic: that topic. */
static int place_url(struct bind_mqtt *bind, struct slice url, const struct prim *request,
                     struct arena *arena, struct place *ret)
{
	const struct wire_media_type *type = wire_media_take(arena, &url);
	struct wire_mqtt_topic topic;
	struct mqtt_url parts;
	struct slice to = prim_text(request, PRIM_to);
	int r = mqtt_url_read(url, arena, NULL, &parts);

	if (r != 0)
		return -EINVAL;
	ret->encoding = type ? type->encoding : ENCODING_JSON;
	if (parts.topic.len > 0) {
		buf_add_slice(&ret->topic, parts.topic);
		buf_add_char(&ret->topic, '\0');
		if (wire_mqtt_read_topic(parts.topic, &topic)) {
			/* Nobody makes us speak in the name of others. */
			if (topic.kind != WIRE_MQTT_REQ ||
			    !wire_mqtt_is_us(engine_self(bind->engine), topic.originator))
				return -EACCES;
			ret->level = topic.receiver;
			ret->encoding = type ? ret->encoding : topic.encoding;
		}
	} else {
		/* A target that is only a URL has no name to be called by. */
		if (id_is_url(to))
			return -EINVAL;
		ret->level = place_level(bind, to, arena);
		if (ret->level.len == 0 || ret->level.len > WIRE_MQTT_LEVEL_MOST)
			return -EINVAL;
		place_topic(bind, ret);
	}
	ret->broker = bind_mqtt_broker_find(bind, url_root(url), parts.name, parts.tls);
	return ret->broker ? 0 : -EBUSY;
}

static int place_find(struct bind_mqtt *bind, struct slice url, const struct prim *request,
                      struct arena *arena, struct place *ret)
{
	static const struct slice session = SLICE_INIT("mqtt-session://");

	if (slice_starts(url, session))
		return place_session(bind, slice_skip(url, session.len), arena, ret);
	return place_url(bind, url, request, arena, ret);
}

/* --- sending --- */

static void sending_encode(struct sending *sending, const struct prim *request, enum encoding encoding)
{
	struct buf buf;

	buf_init(&buf, &sending->arena);
	wire_payload_write(&buf, encoding, request, PRIM_REQ);
	sending->payload = buf_slice(&buf);
	sending->rqi = arena_copy(&sending->arena, prim_text(request, PRIM_rqi));
}

static void sending_wait(struct sending *sending, int64_t timeout_us)
{
	struct broker *broker = sending->broker;
	struct loop *loop = broker->bind->loop;

	sending->next = broker->first;
	if (sending->next)
		sending->next->prev = sending;
	broker->first = sending;
	map_add(&broker->bind->sendings, slice_hash(sending->rqi, 0), sending);
	sending->timer.run = sending_timeout;
	timer_set(loop_wall_timers(loop), &sending->timer, loop_wall(loop) + timeout_us);
}

int bind_mqtt_send(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                   void (*done)(void *user, int result, const struct prim *response), void *user)
{
	struct bind_mqtt *bind = ctx;
	struct sending *sending;
	struct place place = {0};
	int r = 0;

	if (bind->closing || bind->sendings.count >= SENDINGS_MOST)
		return bind->closing ? -ECANCELED : -EBUSY;
	sending = mem_zero(1, sizeof(*sending));
	arena_init(&sending->arena);
	buf_init(&place.topic, &sending->arena);
	r = place_find(bind, url, request, &sending->arena, &place);
	if (r == 0) {
		sending->broker = place.broker;
		sending->level = place.level;
		sending->topic = place.topic.ptr;
		sending->done = done;
		sending->user = user;
		sending_encode(sending, request, place.encoding);
	}
	if (r == 0 && mqtt_is_connected(place.broker->mqtt))
		r = sending_publish(sending);
	if (r != 0) {
		arena_finish(&sending->arena);
		free(sending);
		return r;
	}
	sending_wait(sending, timeout_us);
	return 0;
}
