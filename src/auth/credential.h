/* SPDX-License-Identifier: Apache-2.0 */
/* One credential as it stands in the file, and what it must be. */
#ifndef DURE_AUTH_CREDENTIAL_H
#define DURE_AUTH_CREDENTIAL_H

#include "auth/auth.h"

enum {
	CREDENTIAL_TEXT = 255,        /* bytes of a name, of an originator */
	CREDENTIAL_ORIGINATORS = 256, /* of one credential */
	CREDENTIAL_SECRET = 4096,     /* bytes of a secret as it stands in the file */
	CREDENTIAL_KEY = 16,          /* the shortest key of a credential, bytes */
	CREDENTIAL_KEY_MOST = 256,
	CREDENTIAL_PASSWORD_MOST = 256,
};

/* All texts NUL-terminated and never NULL; they live where the list does. */
struct credential {
	const char *id; /* "c-4f2a" */
	const char *name;
	enum identity_kind kind;
	const char *const *originators; /* NULL-terminated */
	/* password: Argon2id; token: "sha256:..."; psk: wrapped; issuer: wrapped (HS256) or a public key in
	 * PEM; the others and revoked ones: "". */
	const char *secret;
	const char *algorithm; /* issuer: "HS256", "ES256", "EdDSA"; else "" */
	const char *created;   /* m2m:timestamp */
	const char *revoked;   /* m2m:timestamp; "": it is not */
};

/* The word for a kind, as `dure credential --kind` and the file have it. */
const char *credential_kind_name(enum identity_kind kind);
bool credential_kind_read(struct slice name, enum identity_kind *ret);
/* A credential of this kind needs a secret. */
bool credential_has_secret(enum identity_kind kind);
/* 0, or a refusal (4000) that says what is wrong with it and what was expected. */
MUST_CHECK int credential_check(const struct credential *credential, struct why *why);
/* "Cmeter", "/id-mn", "C*": letters, digits, '-', '.', '_', '~', '/', and at most one '*' at the end. */
bool credential_is_originator(struct slice text);
/* A certificate's name in the one form that is compared: "SHA256:ab01..." in lower case without colons,
 * "DNS:" in lower case. Others stay. In the arena, NUL-terminated. */
const char *credential_certificate_name(struct arena *arena, struct slice name);
/* Does that pattern ("C*", "Cmeter") fit? */
bool credential_fits(const char *pattern, struct slice originator);

#endif
