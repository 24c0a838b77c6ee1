/* SPDX-License-Identifier: Apache-2.0 */
/* What a house has for TLS: its certificate and key, whom it trusts, what was revoked, the keys of its
 * devices. All of it stands in an SSL_CTX that is never changed; reading the files again makes a new one, and
 * sessions keep the one they began with. With the old one go the keys of its tickets, so that nobody whose
 * certificate was revoked meanwhile comes back by resumption. */
#include "net/tls_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"

#define TLS_REFUSED  4000
#define TLS_TICKET_S 3600 /* how long a session can be resumed */
#define TLS_PSK_MOST 512  /* bytes of a key */

/* TS-0003 8.2: at least PSK-AES128-CBC-SHA256 and ECDHE-ECDSA-AES128-SHA256; what is better is taken first.
 */
#define TLS_SUITES                                                                                           \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                                         \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                                         \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"                                         \
	"ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256"
#define TLS_SUITES_PSK                                                                                       \
	":ECDHE-PSK-CHACHA20-POLY1305:ECDHE-PSK-AES128-CBC-SHA256:PSK-AES128-GCM-SHA256:PSK-AES128-CBC-"     \
	"SHA256"
/* The first is also the hash that pre-shared keys are bound to. */
#define TLS_SUITES_1_3 "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

static int context_key(SSL *ssl, const void *identity, size_t len, uint8_t *key, size_t cap, size_t *ret_len)
{
	const struct tls_context *context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (len == 0 || len > TLS_PSK_NAME_MAX)
		return -ENOENT;
	return context->config.psk(context->config.user, slice_make(identity, len), key, cap, ret_len);
}

/* TLS 1.3. The identity is written on the session that the key makes: it stays with it, also through
 * resumption, and cannot be had without the key. */
static int context_find_psk(SSL *ssl, const unsigned char *identity, size_t len, SSL_SESSION **ret)
{
	static const unsigned char suite[] = {0x13, 0x01}; /* TLS_AES_128_GCM_SHA256 */
	uint8_t key[TLS_PSK_MOST];
	SSL_SESSION *session;
	size_t key_len;

	*ret = NULL;
	if (context_key(ssl, identity, len, key, sizeof(key), &key_len) != 0)
		return 1; /* a ticket perhaps */
	session = SSL_SESSION_new();
	if (session && SSL_SESSION_set1_master_key(session, key, key_len) == 1 &&
	    SSL_SESSION_set_cipher(session, SSL_CIPHER_find(ssl, suite)) == 1 &&
	    SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION) == 1 &&
	    SSL_SESSION_set1_ticket_appdata(session, identity, len) == 1) {
		*ret = session;
	} else {
		SSL_SESSION_free(session);
	}
	OPENSSL_cleanse(key, sizeof(key));
	return *ret ? 1 : 0;
}

/* TLS 1.2. OpenSSL would also ask it for TLS 1.3, where the identity would not be kept. */
static unsigned context_psk_server(SSL *ssl, const char *identity, unsigned char *key, unsigned cap)
{
	size_t len;

	if (SSL_version(ssl) != TLS1_2_VERSION || !identity ||
	    context_key(ssl, identity, strlen(identity), key, cap, &len) != 0)
		return 0;
	return (unsigned)len;
}

static unsigned context_psk_client(SSL *ssl, const char *hint, char *identity, unsigned identity_cap,
                                   unsigned char *key, unsigned cap)
{
	const struct tls_context *context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	const char *name = context->config.psk_identity;
	size_t len;

	if (strlen(name) >= identity_cap || context_key(ssl, name, strlen(name), key, cap, &len) != 0)
		return 0;
	memcpy(identity, name, strlen(name) + 1);
	return (unsigned)len;
}

/* What does not depend on files. 0 or -errno. */
static int context_settings(SSL_CTX *ctx, struct tls_context *context)
{
	const struct tls_config *config = &context->config;
	bool good = SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1;

	SSL_CTX_set_app_data(ctx, context);
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
	                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* One recv for a record instead of two. */
	SSL_CTX_set_read_ahead(ctx, 1);
	/* Nothing is kept here for those who are gone: they bring their session with them, as a ticket. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(ctx, TLS_TICKET_S);
	SSL_CTX_set_num_tickets(ctx, 1);
	if (context->server)
		good = good && SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"dure", 4) == 1;
	good = good && SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1 &&
	       SSL_CTX_set_ciphersuites(ctx, TLS_SUITES_1_3) == 1 &&
	       SSL_CTX_set_cipher_list(ctx, config->psk ? TLS_SUITES TLS_SUITES_PSK : TLS_SUITES) == 1;
	if (config->psk && context->server) {
		SSL_CTX_set_psk_find_session_callback(ctx, context_find_psk);
		SSL_CTX_set_psk_server_callback(ctx, context_psk_server);
	} else if (config->psk && config->psk_identity) {
		SSL_CTX_set_psk_client_callback(ctx, context_psk_client);
	}
	ERR_clear_error();
	return good ? 0 : -EIO;
}

static int context_load(struct tls_context *context, struct why *why, SSL_CTX **ret)
{
	SSL_CTX *ctx = SSL_CTX_new(context->server ? TLS_server_method() : TLS_client_method());
	int r;

	if (!ctx)
		return fault(-ENOMEM, "TLS cannot be had");
	r = context_settings(ctx, context);
	if (r == 0)
		r = tls_pem_load(ctx, &context->config.pem, context->server, why);
	if (r == 0)
		*ret = ctx;
	else
		SSL_CTX_free(ctx);
	return r;
}

int tls_context_create(const struct tls_config *config, bool server, struct why *why,
                       struct tls_context **ret)
{
	struct tls_context *context;
	int r;

	if (server && !(config->pem.cert && config->pem.cert[0]) && !config->psk)
		return refuse(why, TLS_REFUSED, "a server needs a certificate and its key");
	context = mem_zero(1, sizeof(*context));
	context->refs = 1;
	context->server = server;
	context->config = *config;
	context->config.pem = tls_pem_copy(&config->pem);
	context->config.psk_identity = config->psk_identity ? strdup(config->psk_identity) : NULL;
	context->socket = tls_socket_method();
	r = context->socket ? context_load(context, why, &context->ctx) : -ENOMEM;
	if (r != 0)
		tls_context_release(context);
	else
		*ret = context;
	return r;
}

void tls_context_release(struct tls_context *context)
{
	if (--context->refs > 0)
		return;
	SSL_CTX_free(context->ctx);
	BIO_meth_free(context->socket);
	tls_pem_finish(&context->config.pem);
	free((void *)(uintptr_t)context->config.psk_identity);
	free(context);
}

void tls_context_destroy(struct tls_context *context)
{
	if (context)
		tls_context_release(context);
}

int tls_context_reload(struct tls_context *context, struct why *why)
{
	SSL_CTX *ctx;
	int r = context_load(context, why, &ctx);

	if (r != 0)
		return r;
	SSL_CTX_free(context->ctx);
	context->ctx = ctx;
	return 0;
}
