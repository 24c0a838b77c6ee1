/* SPDX-License-Identifier: Apache-2.0 */
/* A door is a binding. Those that the options do not ask for are not opened, and cost nothing. */
#include "dured/doors.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "dured/poa.h"
#include "model/rsc.h"

#define DOORS_MOST 5

struct doors {
	struct doors_needs needs;
	struct tls_context *tls;
	struct bind_ws *ws;
	struct bind_http *http, *https;
	struct bind_coap *coap;
	struct bind_mqtt *mqtt;
	struct binding *bindings[DOORS_MOST];
	size_t count;
	const char *files[4]; /* with ports, to be removed at the end */
	size_t file_count;
};

static const char *given(const char *text)
{
	return *text ? text : NULL;
}

static void doors_add(struct doors *doors, struct binding *binding)
{
	assert(doors->count < DOORS_MOST);
	doors->bindings[doors->count++] = binding;
}

/* What went wrong with a door, in a sentence that names its option. */
static int doors_explain(int r, const char *option, const char *value, struct why *why)
{
	char reason[sizeof(why->text)];

	if (r == 0)
		return 0;
	snprintf(reason, sizeof(reason), "%s", r > 0 ? why->text : strerror(-r));
	return refuse(why, RSC_BAD_REQUEST, "%s %s: %s", option, value, reason);
}

/* ---- opening ---- */

static int doors_psk(void *user, struct slice identity, uint8_t *key, size_t cap, size_t *ret_len)
{
	return auth_psk_key(user, identity, key, cap, ret_len);
}

/* The web origins that may call, or NULL. */
static const char *const *doors_origins(struct config *config)
{
	const char *const *origins = config_list(config, config->http_cors_origin);

	return origins[0] ? origins : NULL;
}

static int open_ws(struct doors *doors, struct why *why)
{
	const struct doors_needs *needs = &doors->needs;
	struct ws_limits limits = ws_limits_default;
	const struct bind_ws_config ws = {
	        .limits = &limits,
	        .connections = (size_t)needs->config->http_max_connections,
	        .cors_origins = doors_origins(needs->config),
	};
	int r;

	limits.message = (size_t)needs->config->http_max_body;
	r = bind_ws_create(needs->loop, needs->engine, &ws, &doors->ws);
	if (r)
		return doors_explain(r, "websocket", "", why);
	doors_add(doors, bind_ws_binding(doors->ws));
	outbox_add(needs->outbox, BIND_WS_SCHEME, bind_ws_send, doors->ws);
	outbox_add_route(needs->outbox, bind_ws_route, doors->ws);
	return 0;
}

static int open_http_at(struct doors *doors, const char *option, const char *listen, struct tls_context *tls,
                        struct why *why, struct bind_http **ret)
{
	const struct doors_needs *needs = &doors->needs;
	struct config *config = needs->config;
	struct http_limits limits = http_limits_default;
	const struct bind_http_config http = {
	        .listen = listen,
	        .limits = &limits,
	        .prefix = config->http_root,
	        .cors_origins = doors_origins(config),
	        .pages = needs->pages,
	        .page_count = needs->page_count,
	        .tls = tls,
	        .auth = needs->auth,
	        .upgrade = bind_ws_upgrade,
	        .upgrade_ctx = doors->ws,
	};
	int r;

	limits.body = (size_t)config->http_max_body;
	limits.connections = (size_t)config->http_max_connections;
	limits.head_us = config->http_head_timeout;
	limits.body_us = config->http_body_timeout;
	limits.idle_us = config->http_idle_timeout;
	r = bind_http_create(needs->loop, needs->engine, &http, ret);
	if (r == 0)
		doors_add(doors, bind_http_binding(*ret));
	return doors_explain(r, option, listen, why);
}

static int open_http(struct doors *doors, struct why *why)
{
	return open_http_at(doors, "http-listen", doors->needs.config->http_listen, NULL, why, &doors->http);
}

static int open_https(struct doors *doors, struct why *why)
{
	const struct config *config = doors->needs.config;
	const struct tls_config tls = {
	        .pem.cert = given(config->tls_cert),
	        .pem.key = given(config->tls_key),
	        .pem.ca = given(config->tls_ca),
	        .pem.crl = given(config->tls_crl),
	        .psk = doors_psk,
	        .user = doors->needs.auth,
	};
	int r;

	if (!*config->https_listen)
		return 0;
	if (!*config->tls_cert || !*config->tls_key)
		return refuse(why, RSC_BAD_REQUEST, "https-listen %s: needs tls-cert and tls-key",
		              config->https_listen);
	r = tls_context_create(&tls, true, why, &doors->tls);
	if (r)
		return doors_explain(r, "https-listen", config->https_listen, why);
	return open_http_at(doors, "https-listen", config->https_listen, doors->tls, why, &doors->https);
}

/* Without a door of its own, too: what it sends to coap:// targets leaves by it. */
static int open_coap(struct doors *doors, struct why *why)
{
	const struct doors_needs *needs = &doors->needs;
	const struct config *config = needs->config;
	const struct bind_coap_config coap = {
	        .listen = given(config->coap_listen),
	        .secure_listen = given(config->coaps_listen),
	        .pem = {.cert = given(config->tls_cert),
	                .key = given(config->tls_key),
	                .ca = given(config->tls_ca),
	                .crl = given(config->tls_crl)},
	        .client_identity = given(config->coap_identity),
	        .client_key = given(config->coap_key),
	        .old_options = config->coap_old_options,
	        .message = (size_t)config->http_max_body,
	        .auth = needs->auth,
	};
	int r = bind_coap_create(needs->loop, needs->engine, &coap, why, &doors->coap);

	if (r)
		return doors_explain(r, *config->coap_listen ? "coap-listen" : "coaps-listen",
		                     *config->coap_listen ? config->coap_listen : config->coaps_listen, why);
	doors_add(doors, bind_coap_binding(doors->coap));
	outbox_add(needs->outbox, "coap://", bind_coap_send, doors->coap);
	outbox_add(needs->outbox, "coaps://", bind_coap_send, doors->coap);
	return 0;
}

/* Likewise: brokers that only targets name are connected to when they are needed. */
static int open_mqtt(struct doors *doors, struct why *why)
{
	const struct doors_needs *needs = &doors->needs;
	struct config *config = needs->config;
	const struct bind_mqtt_config mqtt = {
	        .brokers = config_list(config, config->mqtt_broker),
	        .password_file = given(config->mqtt_password_file),
	        .ca = given(config->tls_ca),
	        .cert = given(config->tls_cert),
	        .key = given(config->tls_key),
	        .clean = config->mqtt_clean,
	        .qos = config->mqtt_qos[0] - '0',
	        .broker_is_trusted = config->mqtt_trust_broker,
	        .message = (size_t)config->http_max_body,
	        .auth = needs->auth,
	};
	int r = bind_mqtt_create(needs->loop, needs->engine, &mqtt, why, &doors->mqtt);

	if (r)
		return doors_explain(r, "mqtt-broker", config->mqtt_broker, why);
	if (mqtt.brokers[0] && !mqtt.broker_is_trusted)
		log_warn("dured",
		         "mqtt-broker: who publishes there is not known; AEs are believed if it is on this "
		         "machine, the administrator is not (see mqtt-trust-broker)");
	doors_add(doors, bind_mqtt_binding(doors->mqtt));
	outbox_add(needs->outbox, "mqtt://", bind_mqtt_send, doors->mqtt);
	outbox_add(needs->outbox, "mqtts://", bind_mqtt_send, doors->mqtt);
	outbox_add(needs->outbox, "mqtt-session://", bind_mqtt_send, doors->mqtt);
	outbox_add_route(needs->outbox, bind_mqtt_route, doors->mqtt);
	return 0;
}

/* ---- what others must know of them ---- */

static int port_write(const char *path, const char *temporary, int port)
{
	FILE *file = fopen(temporary, "we");
	bool written;

	if (!file)
		return -errno;
	written = fprintf(file, "%d\n", port) > 0;
	return fclose(file) == 0 && written && rename(temporary, path) == 0 ? 0 : -errno;
}

/* The port, for those who start a node with port 0: written whole, then moved into place. On a full or
 * read-only disk the node runs all the same: what can be read can be served. */
static void write_port(struct doors *doors, const char *name, int port)
{
	struct config *config = doors->needs.config;
	const char *path, *temporary;
	int r;

	if (port <= 0 || (strcmp(config->store, "memory") == 0 && access(config->data_dir, W_OK) != 0))
		return;
	path = arena_text(&config->arena, arena_printf(&config->arena, "%s/%s", config->data_dir, name));
	temporary = arena_text(&config->arena, arena_printf(&config->arena, "%s.new", path));
	r = port_write(path, temporary, port);
	if (r == 0) {
		doors->files[doors->file_count++] = path;
		return;
	}
	log_warn("dured", "%s could not be written: %s; the port is %d", path, strerror(-r), port);
	/* One that is older would send whoever reads it elsewhere. */
	unlink(temporary);
	unlink(path);
}

/* http.port comes last: who waits for it finds the others. */
static int write_ports(struct doors *doors, struct why *why)
{
	const struct {
		const char *name;
		int port;
	} ports[] = {
	        {"https.port", doors->https ? bind_http_port(doors->https) : 0},
	        {"coap.port", bind_coap_port(doors->coap)},
	        {"coaps.port", bind_coap_secure_port(doors->coap)},
	        {"http.port", bind_http_port(doors->http)},
	};

	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		write_port(doors, ports[i].name, ports[i].port);
	return 0;
}

/* Without configured points of access ours are where the doors stand. */
static void set_own_poa(struct doors *doors)
{
	struct config *config = doors->needs.config;
	const struct poa_listener listeners[] = {
	        {"http", config->http_listen, bind_http_port(doors->http), config->http_root},
	        {"https", config->https_listen, doors->https ? bind_http_port(doors->https) : 0,
	         config->http_root},
	        {"coap", config->coap_listen, bind_coap_port(doors->coap), ""},
	        {"coaps", config->coaps_listen, bind_coap_secure_port(doors->coap), ""},
	};

	if (!*config->poa)
		engine_set_poa(doors->needs.engine,
		               poa_own(config, listeners, sizeof(listeners) / sizeof(*listeners)));
}

/* ---- the whole ---- */

int doors_create(const struct doors_needs *needs, struct why *why, struct doors **ret)
{
	static int (*const opens[])(struct doors *, struct why *) = {open_ws,   open_http, open_https,
	                                                             open_coap, open_mqtt, write_ports};
	struct doors *doors = mem_zero(1, sizeof(*doors));
	int r = 0;

	doors->needs = *needs;
	for (size_t i = 0; r == 0 && i < sizeof(opens) / sizeof(*opens); i++)
		r = opens[i](doors, why);
	if (r) {
		doors_destroy(doors);
		return r;
	}
	set_own_poa(doors);
	*ret = doors;
	return 0;
}

void doors_destroy(struct doors *doors)
{
	if (!doors)
		return;
	/* HTTP goes before WebSocket, which stands behind it. */
	while (doors->count > 0) {
		struct binding *binding = doors->bindings[--doors->count];

		binding->destroy(binding);
	}
	tls_context_destroy(doors->tls);
	for (size_t i = 0; i < doors->file_count; i++)
		unlink(doors->files[i]);
	free(doors);
}

void doors_reload(struct doors *doors)
{
	struct why why = {0};
	int r = doors->tls ? tls_context_reload(doors->tls, &why) : 0;

	if (r == 0)
		r = bind_coap_reload(doors->coap, &why);
	if (r)
		log_warn("dured", "certificates stay as they were: %s", r > 0 ? why.text : strerror(-r));
}

bool doors_drain(struct doors *doors)
{
	bool idle = true;

	for (size_t i = 0; i < doors->count; i++)
		idle = doors->bindings[i]->drain(doors->bindings[i]) && idle;
	return idle;
}

int doors_http_port(const struct doors *doors)
{
	return bind_http_port(doors->http);
}

void doors_stats(const struct doors *doors, struct doors_stats *ret)
{
	*ret = (struct doors_stats){0};
	bind_http_stats(doors->http, &ret->http);
	if (doors->https)
		bind_http_stats(doors->https, &ret->https);
	bind_ws_stats(doors->ws, &ret->ws);
	bind_coap_stats(doors->coap, &ret->coap);
	bind_mqtt_stats(doors->mqtt, &ret->mqtt);
}
