/* SPDX-License-Identifier: Apache-2.0 */
/* What auth.c keeps and auth_prove.c asks. */
#ifndef DURE_AUTH_AUTH_PRIVATE_H
#define DURE_AUTH_AUTH_PRIVATE_H

#include "auth/auth.h"
#include "auth/brake.h"
#include "auth/credential.h"
#include "auth/seal.h"
#include "base/map.h"

/* A credential in memory, as long as struct auth: connections keep pointers to the identity. */
struct holder {
	struct identity identity;
	struct arena arena;
	struct credential credential; /* its texts in the arena */
	struct holder *next;          /* of all there ever were */
	bool kept;                    /* while loading: the file has it as it was */
};

/* A way to a holder: by the name or the digest that is shown to us. Those of one loading stand in one arena.
 */
struct door {
	enum identity_kind kind;
	struct slice key;
	struct holder *holder;
	struct door *next; /* of those that a map cannot find: MQTT users with a star */
};

/* A password that was right: its keyed digest, so that the next request does not hash anew. */
struct passed {
	uint8_t digest[SEAL_DIGEST];
	const struct holder *holder;
};

enum { AUTH_PASSED = 1024 }; /* places; a power of two */

struct auth {
	const char *file, *key_file; /* own copies */
	struct holder *holders;
	struct map ids;       /* of live holders, by identifier */
	struct arena arena;   /* of doors */
	struct map doors;     /* of live holders */
	struct door *starred; /* MQTT users whose originators have a star */
	bool has_mqtt;        /* there are such credentials, or were: revoking the last one opens nothing */
	uint64_t seed;
	uint8_t process_key[SEAL_KEY]; /* of keyed digests */
	uint8_t wrap_key[SEAL_KEY];
	bool has_wrap_key;
	char nobody[SEAL_PASSWORD]; /* the hash that an unknown user is held against */
	struct passed passed[AUTH_PASSED];
	struct brake *brake;
	int watch;
	struct auth_stats stats;
};

/* The live holder behind a name or digest; NULL: none. */
struct holder *auth_find(const struct auth *auth, enum identity_kind kind, struct slice key);

#endif
