/* SPDX-License-Identifier: Apache-2.0 */
/* What of DTLS is settled before the first datagram: certificates, keys, whom we trust, which suites. Private
 * to coap_dtls.c; through this header both know OpenSSL. */
#ifndef DURE_NET_COAP_DTLS_SETUP_H
#define DURE_NET_COAP_DTLS_SETUP_H

#include <openssl/rand.h>

#include "base/fail.h"
#include "net/coap.h"
#include "net/tls_certificate.h" /* which brings OpenSSL */

/* 0, a refusal (4000) that names file and reason, or -errno. */
MUST_CHECK int coap_dtls_setup(const struct coap_config *config, bool server, struct why *why, SSL_CTX **ret);
#endif
