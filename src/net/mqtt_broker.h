/* SPDX-License-Identifier: Apache-2.0 */
/* A real broker (mosquitto) of one's own, for tests and the lab: on a free port of 127.0.0.1, with a
 * directory that goes away with it. Not part of the node. Its sister for shell is story/broker.sh. */
#ifndef DURE_NET_MQTT_BROKER_H
#define DURE_NET_MQTT_BROKER_H

#include <stdbool.h>
#include <sys/types.h>

struct mqtt_broker {
	pid_t pid; /* 0: it does not run */
	int port;
	char dir[64];  /* its configuration, log and database */
	char url[64];  /* "mqtt://127.0.0.1:PORT" */
	bool has_made; /* the directory is there */
};

/* Is there a mosquitto on this machine? */
bool mqtt_broker_is_there(void);
/* Starts one and waits until it answers. more: further lines of mosquitto.conf(5), in which "@" stands for
 * the directory; NULL: none. Anybody may do anything unless more says `allow_anonymous false`; queues are not
 * bounded. 0 or -errno (-ETIMEDOUT: it did not come up; its log is in dir). It ends with us. */
int mqtt_broker_start(struct mqtt_broker *broker, const char *more);
/* kill -9. */
void mqtt_broker_kill(struct mqtt_broker *broker);
/* Starts it again with the same port and directory. 0 or -errno. */
int mqtt_broker_again(struct mqtt_broker *broker);
/* Ends it and takes the directory away. Fine when it was never started. */
void mqtt_broker_stop(struct mqtt_broker *broker);

#endif
