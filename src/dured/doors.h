/* SPDX-License-Identifier: Apache-2.0 */
/* Everything of the node that listens or connects, opened and closed in one place, as the options say. */
#ifndef DURE_DURED_DOORS_H
#define DURE_DURED_DOORS_H

#include "auth/auth.h"
#include "bind/bind_coap.h"
#include "bind/bind_http.h"
#include "bind/bind_mqtt.h"
#include "bind/bind_ws.h"
#include "dured/config.h"
#include "peer/outbox.h"

struct doors;

/* What they need of the house; all of it must outlive them. */
struct doors_needs {
	struct loop *loop;
	struct engine *engine;
	struct outbox *outbox; /* gets further ways out */
	struct auth *auth;
	struct config *config;              /* texts are added to its arena */
	const struct bind_http_page *pages; /* on the HTTP doors */
	size_t page_count;
};

/* Opens them, writes their ports into the data directory (http.port, https.port, coap.port, coaps.port), and
 * tells the engine its points of access. 0, or a refusal or fault with a sentence in why that names the
 * option. */
MUST_CHECK int doors_create(const struct doors_needs *needs, struct why *why, struct doors **ret);
/* NULL is fine. */
void doors_destroy(struct doors *doors);
/* Certificates and the like, again; what can't be read stays as it was, and is logged. */
void doors_reload(struct doors *doors);
/* No more requests; true when none is under way any more. */
bool doors_drain(struct doors *doors);

int doors_http_port(const struct doors *doors);

/* What they have seen, for /metrics. */
struct doors_stats {
	struct http_stats http, https;
	struct bind_ws_stats ws;
	struct coap_stats coap;
	struct bind_mqtt_stats mqtt;
};
void doors_stats(const struct doors *doors, struct doors_stats *ret);

#endif
