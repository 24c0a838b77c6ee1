/* SPDX-License-Identifier: Apache-2.0 */
/* The one reader of certificates, for TLS and DTLS: whom a verified certificate names, its fingerprint, and
 * why a handshake failed. One certificate is one identity, by whichever binding it is shown. */
#ifndef DURE_NET_TLS_CERTIFICATE_H
#define DURE_NET_TLS_CERTIFICATE_H

#include "net/tls_private.h" /* which brings OpenSSL */

#define TLS_CERTIFICATE_NAMES 32   /* of the subjectAltName; a certificate with more proves no name */
#define TLS_CERTIFICATE_NAME  1024 /* bytes of one; a longer one proves nothing */

struct tls_certificate {
	/* "URI:...", "DNS:..." of the subjectAltName in its order, then "CN:..."; NULL-terminated. A name
	 * counts when it is UTF-8 (subjectAltName: ASCII) without control characters; a common name only when
	 * it is the only one, since which of several is meant cannot be told. */
	char **names;
	char fingerprint[65]; /* SHA-256, small hex digits */
};

/* What the other side of a finished handshake proved by certificate: chain, purpose, life and revocation were
 * verified, and it has not expired since a resumed session began. NULL: nothing was. The caller's. */
struct tls_certificate *tls_certificate_of(SSL *ssl);
/* Likewise, of a certificate that was verified. */
struct tls_certificate *tls_certificate_read(const X509 *cert);
void tls_certificate_destroy(struct tls_certificate *certificate); /* NULL is fine */
/* The other side must be this host name or numeric address, and is told so (SNI). False: it is no name. */
bool tls_certificate_expect(SSL *ssl, const char *host);
/* Why the handshake failed: what was wrong with the certificate, or OpenSSL's reason, or that the protocol
 * was broken. A constant. Empties OpenSSL's queue of errors. */
const char *tls_certificate_reason(const SSL *ssl);

#endif
