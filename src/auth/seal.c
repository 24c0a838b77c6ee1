/* SPDX-License-Identifier: Apache-2.0 */
/* libsodium, in our words. Parameters of Argon2id are the least that OWASP asks for (19 MiB, two passes, one
 * lane): more would only make our one loop stand still for longer. */
#include "auth/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"

#define PASSES      2
#define MEMORY      ((size_t)19 << 20)
#define MEMORY_MOST 65536 /* KiB, in a hash of a file */
#define PASSES_MOST 10
#define REFUSED     4000

_Static_assert(SEAL_PASSWORD == crypto_pwhash_STRBYTES, "libsodium's hashes have another length");
_Static_assert(SEAL_KEY == crypto_secretbox_KEYBYTES, "libsodium's keys have another length");
_Static_assert(SEAL_DIGEST == crypto_hash_sha256_BYTES, "SHA-256 has 32 bytes");

int seal_start(void)
{
	return sodium_init() < 0 ? -EIO : 0;
}

void seal_random(void *bytes, size_t len)
{
	randombytes_buf(bytes, len);
}

bool seal_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void seal_wipe(void *bytes, size_t len)
{
	if (len)
		sodium_memzero(bytes, len);
}

void seal_digest(struct slice bytes, uint8_t ret[SEAL_DIGEST])
{
	crypto_hash_sha256(ret, (const unsigned char *)bytes.ptr, bytes.len);
}

void seal_keyed(const uint8_t key[SEAL_KEY], struct slice bytes, uint8_t ret[SEAL_DIGEST])
{
	crypto_generichash(ret, SEAL_DIGEST, (const unsigned char *)bytes.ptr, bytes.len, key, SEAL_KEY);
}

int seal_password(struct slice password, char ret[SEAL_PASSWORD])
{
	return crypto_pwhash_str_alg(ret, password.ptr, password.len, PASSES, MEMORY,
	                             crypto_pwhash_ALG_ARGON2ID13)
	               ? -ENOMEM
	               : 0;
}

bool seal_password_is(const char *hash, struct slice password)
{
	return crypto_pwhash_str_verify(hash, password.ptr ? password.ptr : "", password.len) == 0;
}

/* "m=19456,t=2,p=1$": takes one of them. */
static bool take_number(struct slice *rest, struct slice name, char mark, uint64_t most)
{
	struct slice part;
	uint64_t n;

	if (!slice_starts(*rest, name) || !slice_cut(rest, mark, &part))
		return false;
	return slice_u64(slice_skip(part, name.len), &n) && n >= 1 && n <= most;
}

bool seal_password_is_sane(const char *hash)
{
	struct slice rest = slice_of(hash), head = SLICE("$argon2id$v=19$");

	if (rest.len >= SEAL_PASSWORD || !slice_starts(rest, head))
		return false;
	rest = slice_skip(rest, head.len);
	return take_number(&rest, SLICE("m="), ',', MEMORY_MOST) &&
	       take_number(&rest, SLICE("t="), ',', PASSES_MOST) && take_number(&rest, SLICE("p="), '$', 1);
}

/* Reads an open key file; 0, a refusal, or -errno. */
static int read_key(int fd, const char *file, struct why *why, uint8_t ret[SEAL_KEY])
{
	struct stat st;
	uint8_t bytes[SEAL_KEY + 1];
	ssize_t got;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (st.st_mode & 077)
		return refuse(why, REFUSED, "%s: others may read this key; chmod 600 it", file);
	got = read(fd, bytes, sizeof(bytes));
	if (got == SEAL_KEY)
		memcpy(ret, bytes, SEAL_KEY);
	seal_wipe(bytes, sizeof(bytes));
	if (got < 0)
		return -errno;
	return got == SEAL_KEY
	               ? 0
	               : refuse(why, REFUSED, "%s: expected a key of 32 bytes; put the old file back", file);
}

int seal_key_read(const char *file, struct why *why, uint8_t ret[SEAL_KEY])
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), r;

	if (fd < 0 && errno == ENOENT)
		return refuse(
		        why, REFUSED,
		        "%s: the key that unwraps pre-shared keys is missing; put it back, or add these "
		        "credentials anew",
		        file);
	if (fd < 0)
		return refuse(why, REFUSED, "%s: %s", file, strerror(errno));
	r = read_key(fd, file, why, ret);
	close(fd);
	return r;
}

int seal_key_make(const char *file, struct why *why, uint8_t ret[SEAL_KEY])
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), r = 0;

	if (fd < 0 && errno == EEXIST)
		return seal_key_read(file, why, ret);
	if (fd < 0)
		return refuse(why, REFUSED, "%s: %s", file, strerror(errno));
	seal_random(ret, SEAL_KEY);
	if (write(fd, ret, SEAL_KEY) != SEAL_KEY || fsync(fd) != 0)
		r = refuse(why, REFUSED, "%s: the key could not be written", file);
	close(fd);
	if (r)
		unlink(file);
	return r;
}

#define BOX_PREFIX "box:"
#define BOX_MORE   (crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)

struct slice seal_wrap(const uint8_t key[SEAL_KEY], struct slice plain, struct arena *arena)
{
	uint8_t box[BOX_MORE + SEAL_PLAIN];
	struct slice text;

	if (plain.len > SEAL_PLAIN)
		return SLICE("");
	seal_random(box, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, (const unsigned char *)plain.ptr, plain.len,
	                      box, key);
	text = base64url_encode(arena, slice_make((const char *)box, BOX_MORE + plain.len));
	return arena_printf(arena, BOX_PREFIX "%.*s", SLICE_ARG(text));
}

bool seal_unwrap(const uint8_t key[SEAL_KEY], struct slice wrapped, uint8_t *ret, size_t cap, size_t *ret_len)
{
	struct arena arena;
	struct slice box;
	bool good;

	if (!slice_starts(wrapped, SLICE(BOX_PREFIX)) || wrapped.len > 2 * (BOX_MORE + SEAL_PLAIN))
		return false;
	arena_init(&arena);
	good = base64url_decode(&arena, slice_skip(wrapped, strlen(BOX_PREFIX)), &box) &&
	       box.len >= BOX_MORE && box.len - BOX_MORE <= cap &&
	       crypto_secretbox_open_easy(ret, (const unsigned char *)box.ptr + crypto_secretbox_NONCEBYTES,
	                                  box.len - crypto_secretbox_NONCEBYTES,
	                                  (const unsigned char *)box.ptr, key) == 0;
	if (good)
		*ret_len = box.len - BOX_MORE;
	arena_finish(&arena);
	return good;
}

void seal_hex(const uint8_t *bytes, size_t len, char *ret)
{
	sodium_bin2hex(ret, 2 * len + 1, bytes, len);
}

bool seal_unhex(struct slice text, uint8_t *ret, size_t len)
{
	size_t got;

	return text.len == 2 * len && sodium_hex2bin(ret, len, text.ptr, text.len, NULL, &got, NULL) == 0 &&
	       got == len;
}
