/* SPDX-License-Identifier: Apache-2.0 */
/* DTLS 1.2 for datagrams that somebody else sends and receives: by OpenSSL, whose headers nobody else
 * includes for it. A context holds certificates, keys and what is trusted; a session is one peer. Nothing is
 * kept of a stranger before he has sent back a cookie (RFC 6347 4.2.1). The suites are those of TS-0003. */
#ifndef DURE_NET_COAP_DTLS_H
#define DURE_NET_COAP_DTLS_H

#include <sys/types.h>

#include "base/fail.h"
#include "net/coap.h"

struct coap_dtls;
struct coap_dtls_session;

/* Who is at the other end; all empty before the handshake is through. Lives as long as the session. */
struct coap_dtls_peer {
	struct slice psk;         /* the identity whose key was used */
	const void *who;          /* what config.psk said of it */
	const char *const *names; /* of its certificate: "URI:...", "DNS:...", "CN:..."; NULL: none shown */
	const char *fingerprint;  /* SHA-256 of it in hex; NULL likewise */
};

typedef void coap_dtls_send_fn(void *user, struct slice datagram);

/* Reads the files and keys that config names. 0, a refusal (4000) that names file and reason, or -errno.
 * config must outlive it. */
MUST_CHECK int coap_dtls_create(const struct coap_config *config, bool server, struct why *why,
                                struct coap_dtls **ret);
/* Sessions must be gone. NULL is fine. */
void coap_dtls_destroy(struct coap_dtls *dtls);
/* The files again, for new sessions; on a refusal the old ones stay in use. */
MUST_CHECK int coap_dtls_reload(struct coap_dtls *dtls, struct why *why);

/* A datagram of somebody who has no session. NULL: it was answered with a cookie, or was nothing; else the
 * session that begins with it. sender: the bytes of his address, at most 40; send and user as for the
 * session. A cookie is good for half a minute at least, a whole one at most: one that was overheard is soon
 * worthless.
 */
struct coap_dtls_session *coap_dtls_listen(struct coap_dtls *dtls, struct slice sender, struct slice datagram,
                                           int64_t now_us, coap_dtls_send_fn *send, void *user);
/* A session to a server that must prove to be `host` (a name or a numeric address), or share our key. NULL:
 * OpenSSL could not. */
struct coap_dtls_session *coap_dtls_connect(struct coap_dtls *dtls, const char *host, coap_dtls_send_fn *send,
                                            void *user);
void coap_dtls_end(struct coap_dtls_session *session); /* says goodbye; NULL is fine */
void coap_dtls_set_sender(struct coap_dtls_session *session, coap_dtls_send_fn *send, void *user);

/* Takes a datagram (empty: none) and writes what it says into room. Bytes, 0 when there is nothing (more),
 * or -EPROTO: the session is over. Call again with an empty datagram until 0. */
ssize_t coap_dtls_receive(struct coap_dtls_session *session, struct slice datagram, char *room, size_t cap);
/* 0 or -EPROTO. */
int coap_dtls_write(struct coap_dtls_session *session, struct slice bytes);
bool coap_dtls_is_ready(const struct coap_dtls_session *session);
/* Microseconds until coap_dtls_again must be called, -1: never. */
int64_t coap_dtls_wait(struct coap_dtls_session *session);
/* Sends what got lost of the handshake once more. -EPROTO: it was tried often enough. */
int coap_dtls_again(struct coap_dtls_session *session);
const struct coap_dtls_peer *coap_dtls_peer(const struct coap_dtls_session *session);
/* Why it ended, for the log. */
const char *coap_dtls_error(const struct coap_dtls_session *session);

#endif
