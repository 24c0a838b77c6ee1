/* SPDX-License-Identifier: Apache-2.0 */
/* The CoAP binding, in and out, with and without DTLS. TS-0008 */
#ifndef DURE_BIND_BIND_COAP_H
#define DURE_BIND_BIND_COAP_H

#include "auth/auth.h"
#include "bind/bind.h"
#include "engine/engine.h"
#include "net/coap.h"

struct bind_coap;

struct bind_coap_config {
	const char *listen, *secure_listen; /* "127.0.0.1:5683"; NULL or "": no such door */
	struct tls_pem pem;                 /* for DTLS */
	const char *client_identity,
	        *client_key; /* pre-shared key for coaps targets; client_key is a file with hex */
	bool old_options;    /* speak the numbers 256 to 267 of earlier releases, in answers and
	                        notifications too; requests may use either set at any time */
	size_t message;      /* largest body, bytes (default 1 MiB) */
	struct auth *auth;   /* NULL: nobody can prove who they are */
};

/* 0, a refusal (a bad file, no way to listen), or -errno. engine may be NULL: then it only sends. */
MUST_CHECK int bind_coap_create(struct loop *loop, struct engine *engine,
                                const struct bind_coap_config *config, struct why *why,
                                struct bind_coap **ret);
void bind_coap_destroy(struct bind_coap *bind);
struct binding *bind_coap_binding(struct bind_coap *bind);
MUST_CHECK int bind_coap_reload(struct bind_coap *bind, struct why *why);
int bind_coap_port(const struct bind_coap *bind);
int bind_coap_secure_port(const struct bind_coap *bind);
void bind_coap_stats(const struct bind_coap *bind, struct coap_stats *ret);

/* Sends a request primitive to a coap or coaps URL; ?ct=cbor chooses the encoding. ctx is the struct
 * bind_coap. */
bind_send bind_coap_send;

#endif
