/* SPDX-License-Identifier: Apache-2.0 */
/* The only door to libsodium: hashes of passwords and tokens, keys wrapped by a key, chance, comparing
 * without telling, and forgetting. */
#ifndef DURE_AUTH_SEAL_H
#define DURE_AUTH_SEAL_H

#include "base/fail.h"

#define SEAL_DIGEST   32
#define SEAL_KEY      32
#define SEAL_PASSWORD 128 /* the text of a password's hash, with its NUL */
#define SEAL_PLAIN    256 /* the longest that can be wrapped */

/* Before anything else; may be called again. 0 or -EIO. */
int seal_start(void);
void seal_random(void *bytes, size_t len);
/* Takes as long whatever stands in them. */
bool seal_equal(const void *a, const void *b, size_t len);
void seal_wipe(void *bytes, size_t len);

/* SHA-256: good for secrets that are random themselves, and for fingerprints. */
void seal_digest(struct slice bytes, uint8_t ret[SEAL_DIGEST]);
/* BLAKE2b under a key of this process: of what must be found again but cannot be guessed at. */
void seal_keyed(const uint8_t key[SEAL_KEY], struct slice bytes, uint8_t ret[SEAL_DIGEST]);

/* Argon2id, 19 MiB, two passes: some 20 ms on purpose. 0 or -ENOMEM. */
int seal_password(struct slice password, char ret[SEAL_PASSWORD]);
/* As slow as seal_password, whatever comes out. */
bool seal_password_is(const char *hash, struct slice password);
/* A hash that we made, or one as cheap: a file must not make us take a gigabyte. */
bool seal_password_is_sane(const char *hash);

/* Reads the wrapping key from its file. 0; a refusal (4000) that names the file and the way out: missing,
 * readable by others, of a wrong length; or -errno. */
MUST_CHECK int seal_key_read(const char *file, struct why *why, uint8_t ret[SEAL_KEY]);
/* The same; a missing one is made (0600). */
MUST_CHECK int seal_key_make(const char *file, struct why *why, uint8_t ret[SEAL_KEY]);
/* The wrapped form, a text in the arena. plain: at most SEAL_PLAIN bytes. */
struct slice seal_wrap(const uint8_t key[SEAL_KEY], struct slice plain, struct arena *arena);
/* False: not wrapped by this key, or longer than cap. Wipe ret when done with it. */
bool seal_unwrap(const uint8_t key[SEAL_KEY], struct slice wrapped, uint8_t *ret, size_t cap,
                 size_t *ret_len);
/* Bytes as hexadecimal text (lower case, with NUL) and back; false: not 2 * len such digits. */
void seal_hex(const uint8_t *bytes, size_t len, char *ret);
bool seal_unhex(struct slice text, uint8_t *ret, size_t len);

#endif
