/* SPDX-License-Identifier: Apache-2.0 */
/* The connections. Ours take requests and answers and live as long as the binding; those that a target named
 * take answers only, and leave when nobody has needed them for a while. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "bind/bind_mqtt_private.h"
#include "net/mqtt_url.h"

#define GUESTS_MOST 32
#define GUEST_IDLE  60000000 /* us */
#define GUEST_LOOK  10000000

static void broker_connected(void *user, struct mqtt *mqtt)
{
	bind_mqtt_out_connected(user);
}

static void broker_message(void *user, struct mqtt *mqtt, struct slice topic, struct slice payload)
{
	struct broker *broker = user;
	struct bind_mqtt *bind = broker->bind;
	struct wire_mqtt_topic parts;

	bind->stats.received++;
	if (!wire_mqtt_read_topic(topic, &parts)) {
		bind->stats.malformed++;
		log_warn("mqtt", "%s: a message on a topic that means nothing here: %.*s", broker->name,
		         topic.len > 200 ? 200 : (int)topic.len, topic.ptr);
		return;
	}
	switch (parts.kind) {
	case WIRE_MQTT_REQ:
	case WIRE_MQTT_REG_REQ:
		if (broker->ours)
			bind_mqtt_in(broker, &parts, topic, payload);
		break;
	case WIRE_MQTT_RESP:
	case WIRE_MQTT_REG_RESP:
	case WIRE_MQTT_KIND_COUNT:
		bind_mqtt_out_answer(broker, &parts, payload);
		break;
	}
}

static int broker_subscribe(struct broker *broker)
{
	const struct id_self *self = engine_self(broker->bind->engine);
	const char *filters[WIRE_MQTT_FILTERS];
	struct arena arena;
	int r = 0;

	arena_init(&arena);
	wire_mqtt_filters(self, &arena, filters);
	if (!broker->ours)
		r = mqtt_subscribe(broker->mqtt, wire_mqtt_answer_filter(self, &arena),
		                   broker->bind->config.qos);
	for (size_t i = 0; r == 0 && broker->ours && i < WIRE_MQTT_FILTERS; i++)
		r = mqtt_subscribe(broker->mqtt, filters[i], broker->bind->config.qos);
	arena_finish(&arena);
	return r;
}

/* Connects and subscribes. client_id NULL: a guest. */
static int broker_create(struct bind_mqtt *bind, const char *url, const char *client_id, struct why *why,
                         struct broker **ret)
{
	const struct bind_mqtt_config *config = &bind->config;
	const struct mqtt_config mqtt = {
	        .url = url,
	        .client_id = client_id,
	        .clean = client_id == NULL || config->clean,
	        .ca = config->ca,
	        .cert = config->cert,
	        .key = config->key,
	        .password_file = client_id && strchr(url, '@') ? config->password_file : NULL,
	        .message = config->message,
	        .in_flight = client_id ? 10000 : 1000,
	};
	struct broker *broker = mem_zero(1, sizeof(*broker));
	const struct mqtt_handler handler = {
	        .connected = broker_connected, .message = broker_message, .user = broker};
	int r;

	broker->bind = bind;
	broker->ours = client_id != NULL;
	broker->idle_since = loop_wall(bind->loop);
	r = mqtt_create(bind->loop, &mqtt, &handler, why, &broker->mqtt);
	if (r == 0) {
		broker->name = mqtt_name(broker->mqtt);
		r = broker_subscribe(broker);
	}
	if (r != 0) {
		mqtt_destroy(broker->mqtt);
		free(broker);
		return r;
	}
	broker->next = bind->brokers;
	bind->brokers = broker;
	*ret = broker;
	return 0;
}

int bind_mqtt_broker_add(struct bind_mqtt *bind, const char *url, struct why *why)
{
	struct slice client_id = wire_mqtt_escape(engine_self(bind->engine)->csi, &bind->arena);
	struct broker *broker;
	struct mqtt_url parts;
	int r = mqtt_url_read(slice_of(url), &bind->arena, why, &parts);

	if (r == 0)
		r = broker_create(bind, url, arena_text(&bind->arena, client_id), why, &broker);
	if (r != 0)
		return r;
	broker->tls = parts.tls;
	broker->local = bind_is_loopback(parts.host) || strcmp(parts.host, "localhost") == 0;
	bind->stats.brokers++;
	return 0;
}

/* Guests that nobody needs any more go; all of them at once when `hurry`, to make room. */
static void broker_sweep(struct bind_mqtt *bind, bool hurry)
{
	int64_t before = loop_wall(bind->loop) - (hurry ? 0 : GUEST_IDLE);
	struct broker **at = &bind->brokers;

	while (*at) {
		struct broker *broker = *at;

		if (broker->ours || broker->first || broker->idle_since > before) {
			at = &broker->next;
			continue;
		}
		*at = broker->next;
		bind->guest_count--;
		bind_mqtt_broker_destroy(broker);
	}
}

void bind_mqtt_broker_look(struct timer *timer)
{
	struct bind_mqtt *bind = container_of(timer, struct bind_mqtt, idle);

	broker_sweep(bind, bind->guest_count >= GUESTS_MOST);
	if (bind->guest_count > 0)
		timer_set(loop_wall_timers(bind->loop), timer, loop_wall(bind->loop) + GUEST_LOOK);
}

struct broker *bind_mqtt_broker_find(struct bind_mqtt *bind, struct slice url, const char *name, bool tls)
{
	struct why why = {0};
	struct broker *found = NULL;
	char *text;
	int r;

	/* Ours stand behind guests in the list, but a name is never both. */
	for (struct broker *broker = bind->brokers; broker; broker = broker->next)
		if (broker->tls == tls && strcmp(broker->name, name) == 0)
			return broker;
	if (bind->guest_count >= GUESTS_MOST) {
		/* Not here: we may be within a handler of one that would go. */
		timer_set(loop_wall_timers(bind->loop), &bind->idle, loop_wall(bind->loop));
		return NULL;
	}
	text = strndup(url.ptr, url.len);
	r = text ? broker_create(bind, text, NULL, &why, &found) : -ENOMEM;
	free(text);
	if (r != 0) {
		log_debug("mqtt", "%s: %s", name, r > 0 ? why.text : strerror(-r));
		return NULL;
	}
	found->tls = tls;
	bind->guest_count++;
	if (!timer_is_set(&bind->idle))
		timer_set(loop_wall_timers(bind->loop), &bind->idle, loop_wall(bind->loop) + GUEST_LOOK);
	return found;
}

void bind_mqtt_broker_destroy(struct broker *broker)
{
	mqtt_destroy(broker->mqtt);
	free(broker);
}

int bind_mqtt_broker_publish(struct broker *broker, const char *topic, struct slice payload)
{
	struct bind_mqtt *bind = broker->bind;
	int r = mqtt_publish(broker->mqtt, topic, payload, bind->config.qos);

	if (r == 0) {
		bind->stats.sent++;
		return 0;
	}
	bind->stats.dropped++;
	log_warn("mqtt", "%s: a message could not be sent: %s", broker->name, strerror(-r));
	return r;
}
