/* SPDX-License-Identifier: Apache-2.0 */
/* What differs from TLS: method, suites, and that sessions are not resumed. */
#include "net/coap_dtls_setup.h"

#include <errno.h>

#define SETUP_REFUSED 4000

/* TS-0003 demands the CCM_8 suites and the CBC ones; the better ones come first. */
#define SETUP_BY_CERTIFICATE "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AESCCM:ECDHE-ECDSA-AES128-SHA256"
#define SETUP_BY_KEY                                                                                         \
	"ECDHE-PSK-CHACHA20-POLY1305:PSK-AES128-GCM-SHA256:PSK-AES256-GCM-SHA384:PSK-CHACHA20-POLY1305:"     \
	"PSK-AES128-CCM:PSK-AES256-CCM:PSK-AES128-CCM8:PSK-AES256-CCM8:"                                     \
	"ECDHE-PSK-AES128-CBC-SHA256:PSK-AES128-CBC-SHA256"

int coap_dtls_setup(const struct coap_config *config, bool server, struct why *why, SSL_CTX **ret)
{
	/* The server takes what the client likes best; who has a key for it shows that. */
	const char *suites = !server && config->client_psk_identity ? SETUP_BY_KEY ":" SETUP_BY_CERTIFICATE
	                                                            : SETUP_BY_CERTIFICATE ":" SETUP_BY_KEY;
	SSL_CTX *context;
	int r;

	if (server && !(config->pem.cert && config->pem.cert[0]) && !config->psk)
		return refuse(why, SETUP_REFUSED, "%s needs a certificate or pre-shared keys",
		              config->secure_listen);
	ERR_clear_error();
	context = SSL_CTX_new(server ? DTLS_server_method() : DTLS_client_method());
	if (!context)
		return fault(-EIO, "OpenSSL cannot begin");
	SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(context, 1);
	if (SSL_CTX_set_cipher_list(context, suites) != 1) {
		SSL_CTX_free(context);
		return fault(-EIO, "OpenSSL knows none of our suites");
	}
	r = tls_pem_load(context, &config->pem, server, why);
	if (r != 0)
		SSL_CTX_free(context);
	else
		*ret = context;
	return r;
}
