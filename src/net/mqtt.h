/* SPDX-License-Identifier: Apache-2.0 */
/* A client of an MQTT 3.1.1 broker in our loop, by libmosquitto. It connects, stays connected (back-off from
 * 100 ms to 30 s, with jitter), and subscribes anew after each connect. */
#ifndef DURE_NET_MQTT_H
#define DURE_NET_MQTT_H

#include "base/fail.h"
#include "net/loop.h"

struct mqtt;

struct mqtt_config {
	const char *url;       /* mqtt://[user[:password]@]host[:1883], mqtts://...[:8883] */
	const char *client_id; /* NULL: made up */
	bool clean;     /* a clean session; false: the broker keeps subscriptions and messages of QoS 1 */
	const char *ca; /* PEM file for mqtts; NULL: the system's */
	const char *cert, *key;    /* our own; NULL: none */
	const char *password_file; /* takes the place of the password in the URL; NULL: none */
	int keepalive_s;           /* default 30 */
	bool retained;    /* messages that the broker had retained are taken too; false: passed over, they are
	                     old */
	size_t message;   /* largest payload taken (default 1 MiB); larger ones are passed over and logged */
	size_t in_flight; /* QoS 1 messages not yet confirmed by the broker (default 1000); above it, and
	                     while there is no connection, at most that many wait, then mqtt_publish is
	                     -ENOBUFS */
};

struct mqtt_handler {
	void (*connected)(void *user, struct mqtt *mqtt);    /* each time; may be NULL */
	void (*disconnected)(void *user, struct mqtt *mqtt); /* each time; may be NULL */
	/* Valid until it returns. */
	void (*message)(void *user, struct mqtt *mqtt, struct slice topic, struct slice payload);
	void *user;
};

struct mqtt_stats {
	uint64_t connects, received, published, dropped;
	bool connected;
};

/* Reads the URL and starts connecting; a broker that is not there is no fault. 0, a refusal that says what is
 * wrong with the configuration, or -errno. */
MUST_CHECK int mqtt_create(struct loop *loop, const struct mqtt_config *config,
                           const struct mqtt_handler *handler, struct why *why, struct mqtt **ret);
/* Disconnects. A kept session stays kept. NULL is fine. Not from within a handler. */
void mqtt_destroy(struct mqtt *mqtt);
/* Takes no more messages; what is unread stays with the broker for a kept session. What is published still
 * leaves. For the end. */
void mqtt_pause(struct mqtt *mqtt);
/* Remembered, and said to the broker now and after each connect. qos 0 or 1. 0 or -errno. */
int mqtt_subscribe(struct mqtt *mqtt, const char *topic, int qos);
int mqtt_unsubscribe(struct mqtt *mqtt, const char *topic);
/* QoS 1 waits while there is no connection and is sent again after it was lost; QoS 0 is -ENOTCONN then. */
int mqtt_publish(struct mqtt *mqtt, const char *topic, struct slice payload, int qos);
bool mqtt_is_connected(const struct mqtt *mqtt);
/* "127.0.0.1:1883", for logs and to find the broker of a URL again. */
const char *mqtt_name(const struct mqtt *mqtt);
void mqtt_stats(const struct mqtt *mqtt, struct mqtt_stats *ret);

#endif
