/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of MQTT brokers, taken apart: mqtt://[user[:password]@]host[:port][/topic][?query] */
#ifndef DURE_NET_MQTT_URL_H
#define DURE_NET_MQTT_URL_H

#include "base/fail.h"

struct mqtt_url {
	bool tls;
	const char *user, *password; /* percent-decoded; NULL: none */
	const char *host;            /* lower case, without brackets */
	int port;                    /* 1883 or 8883 when the URL names none */
	const char *name;            /* "host:1883", "[::1]:1883": the broker, without secrets */
	struct slice topic;          /* what follows the '/' behind the host, percent-decoded; empty: none */
	struct slice query;          /* what follows the '?', as it stands */
};

/* All of *ret is in the arena. A refusal (4000) with a sentence that never shows the password. */
MUST_CHECK int mqtt_url_read(struct slice url, struct arena *arena, struct why *why, struct mqtt_url *ret);

#endif
