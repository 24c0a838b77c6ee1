/* SPDX-License-Identifier: Apache-2.0 */
/* Any value of an Authorization header: nobody is known here, so nobody is proven, and the brake takes it. */
#include "auth/auth.h"
#include "base/log.h"
#include "base/utf8.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct auth_config config = {"/nowhere/credentials", "/nowhere/credentials.key"};
	static const struct log_config log = {.level = LOG_ERROR};
	static struct auth *auth;
	static int64_t now = 1000000000;
	const struct identity *who = NULL;
	struct slice value = slice_make((const char *)bytes, len);
	struct arena arena;
	struct why why = {0};
	struct val *claims;
	int r;

	if (!auth) {
		log_open(&log);
		r = auth_create(&config, NULL, &auth);
		assert(r == 0);
	}
	now += 1000;
	r = auth_header(auth, len % 2 ? "192.0.2.1" : NULL, now, value, &why, &who);
	assert((r == 0 || r == 4107) && !who);
	assert(utf8_is_valid(slice_of(why.text)));
	arena_init(&arena);
	r = auth_claims(auth, &arena, value, now, &why, &claims);
	assert(r == 4107);
	arena_finish(&arena);
	return 0;
}
