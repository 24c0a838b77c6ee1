/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the MQTT binding: brokers are connected to, and at the end left. */
#include "bind/bind_mqtt_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"

#define REMEMBER_US    600000000
#define REMEMBER_COUNT 65536
#define REMEMBER_BYTES (32u << 20)
#define MESSAGE_MOST   (1u << 20)

/* Requests that still come stay with the brokers, which give them to our next life. */
static bool mqtt_drain(struct binding *binding)
{
	struct bind_mqtt *bind = container_of(binding, struct bind_mqtt, binding);

	for (struct broker *broker = bind->brokers; broker; broker = broker->next)
		if (broker->ours)
			mqtt_pause(broker->mqtt);
	return bind->walks == NULL;
}

static void mqtt_destroy_binding(struct binding *binding)
{
	bind_mqtt_destroy(container_of(binding, struct bind_mqtt, binding));
}

static const char *mqtt_text(struct bind_mqtt *bind, const char *text)
{
	return text && *text ? arena_text(&bind->arena, slice_of(text)) : NULL;
}

static void mqtt_configure(struct bind_mqtt *bind, const struct bind_mqtt_config *config)
{
	struct recent_config recent = {
	        .count = config->remember ? config->remember : REMEMBER_COUNT,
	        .bytes = REMEMBER_BYTES,
	        .keep_us = config->remember_us ? config->remember_us : REMEMBER_US,
	};

	bind->config = *config;
	bind->config.brokers = NULL;
	bind->config.password_file = mqtt_text(bind, config->password_file);
	bind->config.ca = mqtt_text(bind, config->ca);
	bind->config.cert = mqtt_text(bind, config->cert);
	bind->config.key = mqtt_text(bind, config->key);
	bind->config.message = config->message ? config->message : MESSAGE_MOST;
	recent_create(&recent, &bind->recent);
}

/* A password without a user would be said to nobody: that is a mistake. */
static int mqtt_check_password(const struct bind_mqtt *bind, const char *const *brokers, struct why *why)
{
	bool has_user = false;

	for (; brokers && *brokers; brokers++)
		has_user = has_user || strchr(*brokers, '@');
	return bind->config.password_file && !has_user
	               ? refuse(why, 4000, "mqtt: a password file, but no user in the URL of a broker")
	               : 0;
}

int bind_mqtt_create(struct loop *loop, struct engine *engine, const struct bind_mqtt_config *config,
                     struct why *why, struct bind_mqtt **ret)
{
	struct bind_mqtt *bind = mem_zero(1, sizeof(*bind));
	int r;

	bind->binding = (struct binding){"mqtt", mqtt_drain, mqtt_destroy_binding};
	bind->loop = loop;
	bind->engine = engine;
	arena_init(&bind->arena);
	map_init(&bind->sendings);
	bind->idle.run = bind_mqtt_broker_look;
	bind->routes = bind_mqtt_route_create();
	mqtt_configure(bind, config);
	r = mqtt_check_password(bind, config->brokers, why);
	for (size_t i = 0; r == 0 && config->brokers && config->brokers[i]; i++)
		r = bind_mqtt_broker_add(bind, config->brokers[i], why);
	if (r != 0) {
		bind_mqtt_destroy(bind);
		return r;
	}
	*ret = bind;
	return 0;
}

void bind_mqtt_destroy(struct bind_mqtt *bind)
{
	if (!bind)
		return;
	bind->closing = true;
	bind_mqtt_in_abandon(bind);
	bind_mqtt_out_cancel(bind, -ECANCELED);
	timer_clear(loop_wall_timers(bind->loop), &bind->idle);
	while (bind->brokers) {
		struct broker *broker = bind->brokers;

		bind->brokers = broker->next;
		bind_mqtt_broker_destroy(broker);
	}
	map_finish(&bind->sendings);
	bind_mqtt_route_destroy(bind->routes);
	recent_destroy(bind->recent);
	arena_finish(&bind->arena);
	free(bind);
}

struct binding *bind_mqtt_binding(struct bind_mqtt *bind)
{
	return &bind->binding;
}

void bind_mqtt_stats(const struct bind_mqtt *bind, struct bind_mqtt_stats *ret)
{
	*ret = bind->stats;
	for (const struct broker *broker = bind->brokers; broker; broker = broker->next) {
		struct mqtt_stats stats;

		mqtt_stats(broker->mqtt, &stats);
		if (broker->ours) {
			ret->connected += stats.connected;
			ret->connects += stats.connects;
			ret->dropped += stats.dropped;
		}
	}
}
