/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the MQTT binding share: bind_mqtt.c (its life), _broker.c (connections), _in.c (requests
 * to us), _out.c (requests of ours), _route.c (who speaks where). */
#ifndef DURE_BIND_BIND_MQTT_PRIVATE_H
#define DURE_BIND_BIND_MQTT_PRIVATE_H

#include "base/map.h"
#include "bind/bind_mqtt.h"
#include "bind/recent.h"
#include "wire/wire_mqtt.h"

/* A connection: configured (ours), or made for a target that named it. */
struct broker {
	struct broker *next;
	struct bind_mqtt *bind;
	struct mqtt *mqtt;
	const char *name; /* "host:port"; heap */
	bool ours, tls;
	bool local;            /* on loopback */
	struct sending *first; /* ours that wait for an answer from there */
	int64_t idle_since;
};

/* A request on its walk through the engine. In its arena. */
struct walk {
	struct walk *prev, *next;
	struct bind_mqtt *bind; /* NULL: gone meanwhile */
	struct broker *broker;
	struct wire_mqtt_topic topic;
	struct recent_key key;
};

struct bind_mqtt {
	struct binding binding;
	struct loop *loop;
	struct engine *engine;
	struct bind_mqtt_config config; /* without its texts, but for what is needed to connect */
	struct arena arena;             /* those texts */
	struct broker *brokers;
	size_t guest_count; /* of those that are not ours */
	struct timer idle;  /* looks for guests that nobody needs */
	struct recent *recent;
	struct walk *walks;
	size_t walk_count;
	struct map sendings; /* by rqi */
	struct route_table *routes;
	bool closing;
	struct bind_mqtt_stats stats;
};

/* --- bind_mqtt_broker.c --- */

/* A configured one. 0, a refusal or -errno. */
MUST_CHECK int bind_mqtt_broker_add(struct bind_mqtt *bind, const char *url, struct why *why);
/* The one of that name, connected to when there is none. NULL: too many, or the URL makes no sense. */
struct broker *bind_mqtt_broker_find(struct bind_mqtt *bind, struct slice url, const char *name, bool tls);
void bind_mqtt_broker_destroy(struct broker *broker);
/* The run of bind->idle. */
void bind_mqtt_broker_look(struct timer *timer);
/* Publishes with the configured quality; what can't be sent is logged and counted. 0 or -errno. */
int bind_mqtt_broker_publish(struct broker *broker, const char *topic, struct slice payload);

/* --- bind_mqtt_in.c --- */

/* A request came in on the topic. */
void bind_mqtt_in(struct broker *broker, const struct wire_mqtt_topic *topic, struct slice whole_topic,
                  struct slice payload);
/* Requests under way are answered into nothing from now on. */
void bind_mqtt_in_abandon(struct bind_mqtt *bind);

/* --- bind_mqtt_out.c --- */

/* An answer came in. */
void bind_mqtt_out_answer(struct broker *broker, const struct wire_mqtt_topic *topic, struct slice payload);
/* The connection stands: what waits for it leaves. */
void bind_mqtt_out_connected(struct broker *broker);
/* All that wait for answers are told result. */
void bind_mqtt_out_cancel(struct bind_mqtt *bind, int result);

/* --- bind_mqtt_route.c --- */

/* Where somebody was heard last: the broker, how it was named there, in which encoding it spoke. */
struct route {
	struct route *prev, *next; /* who spoke last stands first */
	struct slice entity;       /* SP-relative; behind the struct */
	struct slice level;        /* behind it too */
	struct broker *broker;
	enum encoding encoding;
};

struct route_table *bind_mqtt_route_create(void);
void bind_mqtt_route_destroy(struct route_table *table);
/* It has spoken. */
void bind_mqtt_route_spoke(struct route_table *table, struct slice entity, struct slice level,
                           struct broker *broker, enum encoding encoding);
/* NULL: never heard. */
const struct route *bind_mqtt_route_find(const struct route_table *table, struct slice entity);

#endif
