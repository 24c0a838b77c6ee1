/* SPDX-License-Identifier: Apache-2.0 */
/* Names to addresses without blocking the loop: a thread of its own asks, and tells by a pipe. */
#ifndef DURE_NET_MQTT_RESOLVE_H
#define DURE_NET_MQTT_RESOLVE_H

#include "net/loop.h"

#define MQTT_ADDRESS      64 /* bytes of one, as text */
#define MQTT_ADDRESS_MOST 8  /* that are kept of a name */

struct mqtt_resolve;

/* As text, "127.0.0.1", "fe80::1%eth0"; count 0: the name is not known. */
struct mqtt_addresses {
	size_t count;
	char text[MQTT_ADDRESS_MOST][MQTT_ADDRESS];
};

/* Is it an address already? Asks nobody. */
bool mqtt_resolve_is_address(const char *host);
/* done is called once, by the loop, and never from within; then it is over. 0 or -errno. */
int mqtt_resolve_start(struct loop *loop, const char *host,
                       void (*done)(void *user, const struct mqtt_addresses *addresses), void *user,
                       struct mqtt_resolve **ret);
/* done will not be called any more. The thread ends when the system has answered it. */
void mqtt_resolve_cancel(struct mqtt_resolve *resolve);

#endif
