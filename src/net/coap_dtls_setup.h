/* SPDX-License-Identifier: Apache-2.0 */
/* What of DTLS is settled before the first datagram: certificates, keys, whom we trust, which suites; and
 * what is read out of a certificate. Private to coap_dtls.c; through this header both know OpenSSL. */
#ifndef DURE_NET_COAP_DTLS_SETUP_H
#define DURE_NET_COAP_DTLS_SETUP_H

#include <openssl/rand.h>

#include "base/fail.h"
#include "net/coap.h"
#include "net/tls_private.h" /* which brings OpenSSL */

/* 0, a refusal (4000) that names file and reason, or -errno. */
MUST_CHECK int coap_dtls_setup(const struct coap_config *config, bool server, struct why *why, SSL_CTX **ret);
/* The server must be this name or numeric address. False: OpenSSL has no memory. */
bool coap_dtls_expect(SSL *ssl, const char *host);
/* "URI:...", "DNS:...", "CN:...", NULL; the list and each name are free()d by the caller. */
char **coap_dtls_names(const X509 *certificate);
/* SHA-256 in hex. */
void coap_dtls_fingerprint(const X509 *certificate, char ret[65]);
/* Why the session failed: what was wrong with the certificate, or OpenSSL's reason. */
void coap_dtls_reason(SSL *ssl, char *room, size_t cap);

#endif
