/* SPDX-License-Identifier: Apache-2.0 */
/* The MQTT binding: our CSE as a client of one or more brokers, receiver and originator. TS-0010
 *
 * A request that a broker hands us twice (it was killed, or the line was cut), or that a client repeats, byte
 * for byte, because it heard nothing, is done once: requests that changed something are remembered with their
 * answers. In memory: a node that is started anew has forgotten them. */
#ifndef DURE_BIND_BIND_MQTT_H
#define DURE_BIND_BIND_MQTT_H

#include "auth/auth.h"
#include "bind/bind.h"
#include "engine/engine.h"
#include "net/mqtt.h"

struct bind_mqtt;

struct bind_mqtt_config {
	const char *const *brokers;  /* URLs, NULL-terminated */
	const char *password_file;   /* NULL or "": what stands in the URLs */
	const char *ca, *cert, *key; /* for mqtts; NULL or "": the system's, none */
	bool clean;                  /* clean sessions; false as TS-0010 6.3 wants it */
	int qos;                     /* 0 or 1, of what we send */
	bool broker_is_trusted;      /* it keeps its users to their own topics: the originator of the topic is
	                                proven. Else, and of a broker elsewhere without credentials, nobody is
	                                believed to be on this machine (peer.relayed) */
	int64_t remember_us;         /* how long request identifiers are remembered (default 10 min) */
	size_t remember;             /* and how many (default 65,536) */
	size_t message;              /* largest payload (default 1 MiB) */
	struct auth *auth;           /* NULL: nobody can prove who they are */
};

struct bind_mqtt_stats {
	uint64_t brokers, connected, connects, received, sent, repeated, malformed, dropped;
};

/* 0, a refusal (a bad URL or file), or -errno. A broker that is not there is no fault. */
MUST_CHECK int bind_mqtt_create(struct loop *loop, struct engine *engine,
                                const struct bind_mqtt_config *config, struct why *why,
                                struct bind_mqtt **ret);
void bind_mqtt_destroy(struct bind_mqtt *bind);
struct binding *bind_mqtt_binding(struct bind_mqtt *bind);
void bind_mqtt_stats(const struct bind_mqtt *bind, struct bind_mqtt_stats *ret);

/* Sends a request primitive to mqtt(s)://host:port (topic /oneM2M/req/<us>/<receiver>/<type>, the receiver
 * taken from `to`) or to mqtt(s)://host:port/any/topic (that topic). Brokers that are not among ours are
 * connected to when needed and left when idle. ctx is the struct bind_mqtt. */
bind_send bind_mqtt_send;
/* For outbound.route: entities that have spoken by MQTT and have no point of access.
 * "mqtt-session://id-in:Cmeter" */
struct slice bind_mqtt_route(void *ctx, struct slice entity, bool addressed, struct arena *arena);

#endif
