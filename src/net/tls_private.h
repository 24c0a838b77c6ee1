/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of TLS, shared by tls_context.c (what a house has: certificates, whom it trusts) and tls.c (one
 * connection). OpenSSL's headers are included here for all who need them: coap_dtls*.c too. */
#ifndef DURE_NET_TLS_PRIVATE_H
#define DURE_NET_TLS_PRIVATE_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/tls.h"

#define TLS_HOT_MOST     128 /* sessions of a context that keep their buffers */
#define TLS_PSK_NAME_MAX 256 /* bytes of an identity; what is longer is a ticket of ours */

struct tls_context {
	int refs; /* the owner's and one of each session */
	bool server;
	struct tls_config config; /* its texts are ours */
	SSL_CTX *ctx;
	BIO_METHOD *socket;
	struct tls_session *hot[TLS_HOT_MOST]; /* those with buffers, in a ring */
	size_t hand;                           /* who is looked at next when a place is needed */
};

void tls_context_release(struct tls_context *context);

/* tls_pem.c: the files into a context, for TLS and DTLS alike; the peer's certificate is asked for when it
 * can be verified. 0, a refusal (4000) that names file and reason, or -errno. */
MUST_CHECK int tls_pem_load(SSL_CTX *ctx, const struct tls_pem *pem, bool server, struct why *why);

/* tls_socket.c. NULL: no memory. */
BIO_METHOD *tls_socket_method(void);
BIO *tls_socket_create(BIO_METHOD *method, int fd);

#endif
