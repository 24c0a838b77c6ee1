/* SPDX-License-Identifier: Apache-2.0 */
/* Signed tokens: JWS in its compact form, "header.claims.signature", each base64url. RFC 7515. Only HS256,
 * ES256 and EdDSA; which of them is never the token's choice but its issuer's. */
#ifndef DURE_AUTH_JWS_H
#define DURE_AUTH_JWS_H

#include "base/fail.h"
#include "codec/val.h"

#define JWS_MAX 8192 /* bytes of a whole token */

struct jws {
	struct slice algorithm; /* as the header says */
	struct slice claimed;   /* what is signed: header and claims as they came */
	struct slice signature; /* raw bytes */
	struct val *claims;     /* an object; not to be believed before jws_is_signed */
};

/* Takes it apart. 0, or a refusal (4107). All of *ret is in the arena or points into text. */
MUST_CHECK int jws_read(struct arena *arena, struct slice text, struct why *why, struct jws *ret);
/* Is it signed with this key, by this algorithm? key: raw bytes (HS256), or a public key in PEM. */
bool jws_is_signed(const struct jws *token, const char *algorithm, struct slice key);
/* The algorithm that a public key in PEM is for: "ES256" (P-256), "EdDSA" (Ed25519); NULL: no such key. */
const char *jws_key_algorithm(struct slice pem);
/* Its times: not-before and not-after (tknb, tkna; also nbf, exp) around now_us of clock_now, 60 s of skew.
 * 0, or a refusal (4107). */
MUST_CHECK int jws_check_times(const struct val *claims, int64_t now_us, struct why *why);

#endif
