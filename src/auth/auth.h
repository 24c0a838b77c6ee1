/* SPDX-License-Identifier: Apache-2.0 */
/* Who may speak as whom: the credentials of this node, what they prove, and how slowly they can be guessed.
 *
 * A credential has a name, a kind, a secret or none, and the identifiers that its holder may use as
 * originator. They stand in one file (auth/credential_file.h), written by `dure credential`, read here; a
 * change is noticed at once. Secrets are hashed (passwords by Argon2id, tokens by SHA-256: they are 256
 * random bits) or, where the protocol needs the key itself (pre-shared keys), wrapped by a key that stands in
 * a file of its own. Nothing here knows a protocol. TS-0003 6.1, 8.2 */
#ifndef DURE_AUTH_AUTH_H
#define DURE_AUTH_AUTH_H

#include "base/fail.h"
#include "codec/val.h"

struct auth;

enum identity_kind {
	IDENTITY_PASSWORD,    /* a name and a password: HTTP basic */
	IDENTITY_TOKEN,       /* a bearer token: HTTP, WebSocket */
	IDENTITY_PSK,         /* a pre-shared key: TLS and DTLS; its name is the KpsaID */
	IDENTITY_CERTIFICATE, /* name: "URI:...", "DNS:..." or "CN:..." as in net/tls.h, or "SHA256:" and the
	                         fingerprint */
	IDENTITY_MQTT,        /* a user of the broker, who keeps users to their topics */
	IDENTITY_ISSUER,      /* who signs tokens of TS-0003 7.3: its secret is the key */
	IDENTITY_KIND_COUNT
};

/* What was proven. Lives as long as struct auth; `revoked` may become true meanwhile. */
struct identity {
	const char *id;   /* "c-4f2a": for logs and `dure credential revoke` */
	const char *name; /* of the credential */
	enum identity_kind kind;
	const char *const *originators; /* NULL-terminated: "Cmeter", "/id-mn", "C*", "*" */
	bool revoked;
};

struct auth_config {
	const char *file;     /* of the credentials; missing: there are none */
	const char *key_file; /* that wraps keys; made (0600) when the first key is added */
};

/* 0, a refusal that names file and line, or -errno. */
MUST_CHECK int auth_create(const struct auth_config *config, struct why *why, struct auth **ret);
void auth_destroy(struct auth *auth);
/* Reads the file again: what is no longer there, or marked so, is revoked. On a refusal all stays as it was.
 */
MUST_CHECK int auth_reload(struct auth *auth, struct why *why);
/* A descriptor that becomes readable when the file changed (then call auth_reload); -1: none. */
int auth_watch_fd(const struct auth *auth);

/* Each proves somebody: 0 and *ret, or a refusal (4107) in a sentence that does not tell what was wrong with
 * it. peer: the address they come from, for the brake; may be NULL. After some wrong guesses from an address
 * it is refused unheard for a while, which doubles. now_us is of clock_wall_steady. */
MUST_CHECK int auth_password(struct auth *auth, const char *peer, int64_t now_us, struct slice name,
                             struct slice password, struct why *why, const struct identity **ret);
MUST_CHECK int auth_token(struct auth *auth, const char *peer, int64_t now_us, struct slice token,
                          struct why *why, const struct identity **ret);
/* names and fingerprint of a certificate that TLS has verified, as in net/tls.h. */
MUST_CHECK int auth_certificate(struct auth *auth, const char *const *names, const char *fingerprint,
                                struct why *why, const struct identity **ret);
/* A pre-shared key: for the handshake (0 and its length, or -ENOENT), and who it was afterwards. */
int auth_psk_key(struct auth *auth, struct slice name, uint8_t *key, size_t cap, size_t *ret_len);
MUST_CHECK int auth_psk(struct auth *auth, struct slice name, struct why *why, const struct identity **ret);
/* The value of an HTTP Authorization header, also within a WebSocket handshake: "Basic ...", "Bearer ...". A
 * value that is neither (the tokens of oneM2M: a.b.c) gives 0 and *ret NULL. */
MUST_CHECK int auth_header(struct auth *auth, const char *peer, int64_t now_us, struct slice value,
                           struct why *why, const struct identity **ret);
/* The MQTT credential that allows this originator, given by the broker's word for the topic; none: 4107.
 * forms: the ways to write its identifier, count of them; one that is named goes before a star. When there
 * never were any MQTT credentials, revoked ones neither, *ret is NULL and 0 is returned: the caller knows
 * whether the broker is believed. */
MUST_CHECK int auth_mqtt(struct auth *auth, const struct slice *forms, size_t count, struct why *why,
                         const struct identity **ret);
/* Is one of these among its originators, letter by letter and not by a star? */
bool identity_names(const struct identity *identity, const struct slice *forms, size_t count);

/* May it speak as `fr` (as sent, or SP-relative: both are given)? Patterns end in at most one '*'. An empty
 * fr, "C" and "S" (an AE that registers) need a pattern with a star. */
bool identity_may(const struct identity *identity, struct slice fr, struct slice sp_relative);

/* A signed token (JWS compact, HS256, ES256 or EdDSA) of one of our issuers: its claims (m2m:tokenClaimSet
 * members), in the arena. Signature, issuer, not-before and not-after (60 s of skew) are checked; whose it is
 * and for whom is the caller's to check. now_us is of clock_now. 4107 with a sentence. JWE is 4107 too:
 * "encrypted tokens are not taken". TS-0003 7.3 */
MUST_CHECK int auth_claims(struct auth *auth, struct arena *arena, struct slice token, int64_t now_us,
                           struct why *why, struct val **ret_claims);

struct auth_stats {
	uint64_t proven[IDENTITY_KIND_COUNT], refused[IDENTITY_KIND_COUNT], braked;
};
void auth_stats(const struct auth *auth, struct auth_stats *ret);

#endif
