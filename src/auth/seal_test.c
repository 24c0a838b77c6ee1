/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/seal.h"
#include "base/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/dure-seal-test-XXXXXX";
static char key_file[64];

UNIT(seal_hashes_passwords)
{
	char hash[SEAL_PASSWORD], again[SEAL_PASSWORD];

	assert_int_equal(seal_password(SLICE("open sesame"), hash), 0);
	assert_int_equal(seal_password(SLICE("open sesame"), again), 0);
	assert_string_not_equal(hash, again);
	assert_true(seal_password_is(hash, SLICE("open sesame")));
	assert_false(seal_password_is(hash, SLICE("open sesam")));
	assert_false(seal_password_is(hash, SLICE("")));
	assert_true(seal_password_is_sane(hash));
	assert_int_equal(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
}

UNIT(seal_refuses_costly_hashes)
{
	static const char *const rows[] = {
	        "",
	        "plain",
	        "$argon2i$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
	        "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdA$aGFzaA",
	        "$argon2id$v=19$m=19456,t=1000,p=1$c2FsdA$aGFzaA",
	        "$argon2id$v=19$m=19456,t=2,p=9$c2FsdA$aGFzaA",
	        "$argon2id$v=19$m=-1,t=2,p=1$c2FsdA$aGFzaA",
	        "$argon2id$v=19$t=2,m=19456,p=1$c2FsdA$aGFzaA",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_false(seal_password_is_sane(rows[i]));
}

UNIT(seal_makes_its_key_once)
{
	uint8_t one[SEAL_KEY], two[SEAL_KEY];
	struct why why = {0};
	struct stat st;

	assert_int_equal(seal_key_read(key_file, &why, one), 4000);
	assert_non_null(strstr(why.text, key_file));
	assert_int_equal(seal_key_make(key_file, &why, one), 0);
	assert_int_equal(seal_key_make(key_file, &why, two), 0);
	assert_memory_equal(one, two, SEAL_KEY);
	assert_int_equal(stat(key_file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(chmod(key_file, 0644), 0);
	assert_int_equal(seal_key_read(key_file, &why, two), 4000);
	assert_non_null(strstr(why.text, "chmod"));
	assert_int_equal(chmod(key_file, 0600), 0);
	assert_int_equal(truncate(key_file, 31), 0);
	assert_int_equal(seal_key_read(key_file, &why, two), 4000);
	assert_int_equal(unlink(key_file), 0);
}

UNIT(seal_wraps_and_unwraps)
{
	uint8_t key[SEAL_KEY], other[SEAL_KEY], plain[64];
	struct arena arena;
	struct slice wrapped;
	size_t len;

	arena_init(&arena);
	seal_random(key, sizeof(key));
	seal_random(other, sizeof(other));
	wrapped = seal_wrap(key, SLICE("sixteen letters!"), &arena);
	assert_true(slice_starts(wrapped, SLICE("box:")));
	assert_true(seal_unwrap(key, wrapped, plain, sizeof(plain), &len));
	assert_slice(slice_make((char *)plain, len), "sixteen letters!");
	assert_true(seal_unwrap(key, wrapped, plain, 16, &len));
	assert_false(seal_unwrap(key, wrapped, plain, 15, &len));
	assert_false(seal_unwrap(other, wrapped, plain, sizeof(plain), &len));
	assert_false(seal_unwrap(key, SLICE("box:"), plain, sizeof(plain), &len));
	assert_false(seal_unwrap(key, SLICE("box:AAAA"), plain, sizeof(plain), &len));
	((char *)(uintptr_t)wrapped.ptr)[wrapped.len - 3] ^= 1;
	assert_false(seal_unwrap(key, wrapped, plain, sizeof(plain), &len));
	assert_int_equal(seal_wrap(key, slice_make((char *)plain, SEAL_PLAIN + 1), &arena).len, 0);
	arena_finish(&arena);
}

UNIT(seal_writes_hexadecimal)
{
	uint8_t bytes[3] = {0x00, 0xab, 0xff}, back[3];
	char text[7];

	seal_hex(bytes, 3, text);
	assert_string_equal(text, "00abff");
	assert_true(seal_unhex(SLICE("00ABff"), back, 3));
	assert_memory_equal(bytes, back, 3);
	assert_false(seal_unhex(SLICE("00abf"), back, 3));
	assert_false(seal_unhex(SLICE("00abfg"), back, 3));
	assert_false(seal_unhex(SLICE("00abff00"), back, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(seal_hashes_passwords),  unit(seal_refuses_costly_hashes), unit(seal_makes_its_key_once),
	        unit(seal_wraps_and_unwraps), unit(seal_writes_hexadecimal),
	};
	int r;

	if (seal_start() != 0 || !mkdtemp(folder))
		return 1;
	snprintf(key_file, sizeof(key_file), "%s/key", folder);
	r = unit_main(tests);
	rmdir(folder);
	return r;
}
