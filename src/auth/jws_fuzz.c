/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever calls itself a token: it is taken apart or refused, and it is never signed by another algorithm
 * than the key's. The first byte chooses the issuer's algorithm. */
#include "auth/jws.h"
#include "auth/jws_test.h"
#include "base/utf8.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct {
		const char *algorithm, *key;
	} rows[] = {
	        {"HS256", TEST_SECRET},
	        {"ES256", TEST_ES256_KEY},
	        {"EdDSA", TEST_EDDSA_KEY},
	};
	struct slice text = slice_make((const char *)bytes, len);
	struct arena arena;
	struct jws token;
	struct why why = {0};
	size_t row;
	int r;

	if (len == 0)
		return 0;
	row = (size_t)bytes[0] % 3;
	text = slice_skip(text, 1);
	arena_init(&arena);
	r = jws_read(&arena, text, &why, &token);
	assert(r == 0 || r == 4107);
	assert(utf8_is_valid(slice_of(why.text)));
	if (r == 0) {
		bool good = jws_is_signed(&token, rows[row].algorithm, slice_of(rows[row].key));

		assert(!good || slice_is_text(token.algorithm, rows[row].algorithm));
		r = jws_check_times(token.claims, INT64_C(1795305600000000), &why);
		assert(r == 0 || r == 4107);
	}
	jws_key_algorithm(text);
	arena_finish(&arena);
	return 0;
}
