/* SPDX-License-Identifier: Apache-2.0 */
/* TLS for streams, by OpenSSL; nobody else includes its headers for it. A context holds
 * certificates and what is trusted, and can be loaded anew while connections live; a session is one
 * connection. TLS 1.2 and 1.3. Idle sessions keep no buffers. RFC 8446 */
#ifndef DURE_NET_TLS_H
#define DURE_NET_TLS_H

#include <sys/types.h>

#include "base/fail.h"

struct tls_context;
struct tls_session;

/* Paths of PEM files; NULL or "": none. */
struct tls_pem {
	const char *cert; /* the chain; servers need it (unless there are keys), clients may */
	const char *key;
	const char *ca;  /* those we trust; none: the peer's certificate is not asked for (server), the
	                    system's  are trusted (client) */
	const char *crl; /* revocations, checked for the whole chain then */
};

struct tls_pem tls_pem_copy(const struct tls_pem *pem); /* "" becomes NULL */
void tls_pem_finish(struct tls_pem *pem);               /* frees the texts of a copy */

struct tls_config {
	struct tls_pem pem;
	/* Pre-shared keys: the key of an identity, or -ENOENT. NULL: none. */
	int (*psk)(void *user, struct slice identity, uint8_t *key, size_t cap, size_t *ret_len);
	void *user;
	const char *psk_identity; /* clients: whose key is offered; NULL: none */
};

/* Who is at the other end. Lives as long as the session. */
struct tls_peer {
	bool verified; /* a certificate chain that we trust, fit for a client (or server), not expired, not
	                  revoked */
	const char *const *names; /* NULL-terminated, may be empty; see net/tls_certificate.h */
	const char *fingerprint;  /* SHA-256 of the certificate, 64 small hex digits, or NULL */
	struct slice psk;         /* the identity whose key was used; empty: none */
};

/* Reads the files. 0, a refusal (4000) that names file and reason (a key that does not fit the certificate,
 * an expired certificate), or -errno. config and its texts are copied. */
MUST_CHECK int tls_context_create(const struct tls_config *config, bool server, struct why *why,
                                  struct tls_context **ret);
/* NULL is fine. Sessions keep what they need of it. */
void tls_context_destroy(struct tls_context *context);
/* Reads the files again; on a refusal the old ones stay in use. Sessions go on as they are. */
MUST_CHECK int tls_context_reload(struct tls_context *context, struct why *why);

/* A session over a connected non-blocking socket, which stays the caller's. 0 or -errno. */
int tls_session_accept(struct tls_context *context, int fd, struct tls_session **ret);
/* name: whom the certificate must name; also sent as SNI. */
int tls_session_connect(struct tls_context *context, int fd, const char *name, struct tls_session **ret);
/* Says goodbye, if that can be done at once: nothing can be read or written any more. The socket stays open.
 */
void tls_end(struct tls_session *session);
/* Likewise, and frees it. NULL is fine. */
void tls_session_destroy(struct tls_session *session);

/* As recv and send, negative errno instead of errno: n > 0; 0 at the end; -EAGAIN when the socket must become
 * readable or writable first, see tls_wants; -EPROTO and others for good. The handshake happens in them. */
ssize_t tls_read(struct tls_session *session, void *bytes, size_t len);
ssize_t tls_write(struct tls_session *session, const void *bytes, size_t len);
/* EPOLLIN or EPOLLOUT: what the last -EAGAIN waits for. */
uint32_t tls_wants(const struct tls_session *session);
/* Decrypted bytes wait: read before sleeping. */
bool tls_has_more(const struct tls_session *session);
/* The handshake is through. */
bool tls_is_ready(const struct tls_session *session);
/* Who it is; all empty before the handshake is through. */
const struct tls_peer *tls_session_peer(const struct tls_session *session);
/* Why it failed, for the log: "certificate has expired". "" when it did not. */
const char *tls_session_error(const struct tls_session *session);

#endif
