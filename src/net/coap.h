/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP (RFC 7252) in our loop: messages in and out, block-wise both ways (RFC 7959) without anybody noticing,
 * confirmable ones sent again until they are confirmed, a request that comes again answered without being
 * done again; plain or over DTLS 1.2. One `struct coap` serves and calls. What an option means is nobody's
 * business here. What strangers can make it keep is bounded: doc/adr/0008. */
#ifndef DURE_NET_COAP_H
#define DURE_NET_COAP_H

#include "base/arena.h"
#include "base/fail.h"
#include "net/loop.h"
#include "net/tls.h"

struct coap;

#define COAP_OPTIONS_MAX 64

struct coap_opt {
	uint16_t number;
	struct slice value;
};

struct coap_message {
	uint8_t code;     /* class in the upper three bits: 0x01 GET, 0x45 2.05 */
	bool confirmable; /* of a request: sent or to be sent as such */
	struct coap_opt options[COAP_OPTIONS_MAX];
	size_t option_count;
	struct slice payload; /* whole */
};

/* One request that came, until coap_answer. */
struct coap_exchange {
	struct coap_message request; /* valid until answered */
	struct arena *arena;         /* goes with the exchange */
	const char *peer;            /* "127.0.0.1" */
	bool secure;                 /* DTLS */
	struct slice psk;            /* DTLS: the identity whose key was used */
	const void *who;             /* what config.psk said of that key when it gave it */
	const char *const *names;    /* DTLS: of the peer's certificate, as in net/tls.h; NULL: none */
	const char *fingerprint;     /* likewise. psk and these two are valid only until `request` returns */
	void *user;                  /* the receiver's */
};

struct coap_config {
	const char *listen;        /* "127.0.0.1:5683"; port 0 picks one; NULL: no plain door */
	const char *secure_listen; /* coaps; NULL: none */
	struct tls_pem pem;        /* for DTLS */
	/* Pre-shared keys of those who come: the key, or -ENOENT. NULL: none. *ret_who, NULL before, is the
	 * receiver's: it stays with the session, whose key may be another's tomorrow. */
	int (*psk)(void *user, struct slice identity, uint8_t *key, size_t cap, size_t *ret_len,
	           const void **ret_who);
	/* What we show those we go to: identity and key; NULL: certificates only. */
	const char *client_psk_identity;
	struct slice client_psk_key;
	size_t message;        /* largest payload, all blocks together (default 1 MiB) */
	size_t sessions;       /* DTLS sessions and peers remembered (default 10,000) */
	const uint16_t *known; /* option numbers that are ours to understand, besides those of RFC 7252 */
	size_t known_count;
	void (*request)(void *user, struct coap_exchange *exchange); /* NULL: calls only */
	void *user;
};

struct coap_stats {
	uint64_t requests, answers, calls, timeouts, malformed, sessions;
};

/* 0, a refusal (a bad file), or -errno. Texts are copied. */
MUST_CHECK int coap_create(struct loop *loop, const struct coap_config *config, struct why *why,
                           struct coap **ret);
/* Calls under way end without `done`; exchanges not yet answered go nowhere (still answer them). */
void coap_destroy(struct coap *coap);
/* The files again, for new handshakes. */
MUST_CHECK int coap_reload(struct coap *coap, struct why *why);
int coap_port(const struct coap *coap);        /* 0: no plain door */
int coap_secure_port(const struct coap *coap); /* 0: none */
/* Takes no more requests; true when none waits for its answer. */
bool coap_drain(struct coap *coap);
void coap_stats(const struct coap *coap, struct coap_stats *ret);

/* Exactly once per exchange, which ends with it. Piggy-backed when it comes within half a second, else as a
 * message of its own; confirmable if the request was.
 * Options in any order; those about blocks are added. A code of 0: no answer, only the acknowledgement. */
void coap_answer(struct coap_exchange *exchange, const struct coap_message *answer);

/* Sends a request to coap://host:port or coaps://host:port (the path stands in the options). Numeric hosts
 * and localhost. 0 or -errno; done exactly once, later: 0 with the answer (valid until it returns),
 * -ETIMEDOUT, -ECONNREFUSED, -EPROTO, -ECANCELED (destroyed). */
int coap_call(struct coap *coap, struct slice url, const struct coap_message *request, int64_t timeout_us,
              void (*done)(void *user, int result, const struct coap_message *answer), void *user);

#endif
