/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/jws_test.h"
#include "auth/jws.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/unit.h"
#include "codec/json.h"

static struct arena arena;

static void must_read(const char *text, struct jws *token)
{
	struct why why = {0};

	if (jws_read(&arena, slice_of(text), &why, token) != 0)
		fail_msg("%s", why.text);
}

UNIT(jws_signed_by_its_key)
{
	static const struct {
		const char *text, *algorithm, *key;
	} rows[] = {
	        {TEST_HS256, "HS256", TEST_SECRET},
	        {TEST_ES256, "ES256", TEST_ES256_KEY},
	        {TEST_EDDSA, "EdDSA", TEST_EDDSA_KEY},
	};
	size_t count = sizeof(rows) / sizeof(*rows);

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++) {
			struct jws token;

			must_read(rows[i].text, &token);
			assert_slice(val_find(token.claims, "tkhd")->text, "Cmeter");
			assert_int_equal(jws_is_signed(&token, rows[k].algorithm, slice_of(rows[k].key)),
			                 i == k);
		}
}

UNIT(jws_tampered_with_is_not_signed)
{
	static const char *const texts[] = {TEST_HS256, TEST_ES256, TEST_EDDSA};
	static const char *const keys[] = {TEST_SECRET, TEST_ES256_KEY, TEST_EDDSA_KEY};
	static const char *const algorithms[] = {"HS256", "ES256", "EdDSA"};

	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(texts[i]);

		for (size_t at = 0; at + 1 < len; at += 7) {
			char *text = arena_text(&arena, slice_of(texts[i]));
			struct jws token;

			text[at] = text[at] == 'A' ? 'B' : 'A';
			if (strcmp(text, texts[i]) != 0 &&
			    jws_read(&arena, slice_of(text), NULL, &token) == 0)
				assert_false(jws_is_signed(&token, algorithms[i], slice_of(keys[i])));
		}
	}
}

UNIT(jws_algorithm_is_never_its_own_choice)
{
	struct jws token;

	must_read(TEST_NONE, &token);
	assert_false(jws_is_signed(&token, "none", SLICE("")));
	assert_false(jws_is_signed(&token, "HS256", SLICE(TEST_SECRET)));
	must_read(TEST_CONFUSED, &token);
	assert_false(jws_is_signed(&token, "ES256", SLICE(TEST_ES256_KEY)));
	must_read(TEST_HS256, &token);
	assert_false(jws_is_signed(&token, "HS256", SLICE("")));
	must_read(TEST_ES256, &token);
	assert_false(jws_is_signed(&token, "ES256", SLICE(TEST_P384_KEY)));
	assert_false(jws_is_signed(&token, "ES256", SLICE("no key")));
}

UNIT(jws_refuses_what_it_cannot_take)
{
	static const struct {
		const char *text, *word;
	} rows[] = {
	        {"", "expected header"},
	        {"a", "expected header"},
	        {"a.b", "expected header"},
	        {"a.b.c.d", "expected header"},
	        {"a.b.c.d.e", "encrypted"},
	        {"..", "empty"},
	        {"e30.e30.", "empty"},
	        {"e30.e30.AA", "names no algorithm"},
	        {"!!.e30.AA", "no base64url"},
	        {"W10.e30.AA", "no JSON object"},
	        {"eyJhbGciOiJIUzI1NiJ9.W10.AA", "no JSON object"},
	        {"eyJhbGciOiJIUzI1NiJ9.e30.A", "signature"},
	        {TEST_CRIT, "crit"},
	};
	struct jws token;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct why why = {0};

		assert_int_equal(jws_read(&arena, slice_of(rows[i].text), &why, &token), 4107);
		if (!strstr(why.text, rows[i].word))
			fail_msg("\"%s\" says: %s", rows[i].text, why.text);
	}
}

UNIT(jws_has_its_time)
{
	static const struct {
		const char *claims, *now;
		bool good;
	} rows[] = {
	        {"{}", "20261122T000000", true},
	        {"{\"tknb\":\"20261122T000100\"}", "20261122T000000", true},
	        {"{\"tknb\":\"20261122T000101\"}", "20261122T000000", false},
	        {"{\"tkna\":\"20261122T000000\"}", "20261122T000100", true},
	        {"{\"tkna\":\"20261122T000000\"}", "20261122T000101", false},
	        {"{\"tkna\":\"soon\"}", "20261122T000000", false},
	        {"{\"tkna\":7}", "20261122T000000", false},
	        {"{\"exp\":1}", "20261122T000000", false},
	        {"{\"exp\":99999999999}", "20261122T000000", true},
	        {"{\"exp\":9223372036854775807}", "20261122T000000", false},
	        {"{\"nbf\":99999999999}", "20261122T000000", false},
	        {"{\"nbf\":-1}", "20261122T000000", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct val *claims;
		struct why why = {0};
		int64_t now;

		assert_int_equal(json_read(&arena, slice_of(rows[i].claims), NULL, &why, &claims), 0);
		assert_true(clock_parse(slice_of(rows[i].now), &now));
		if ((jws_check_times(claims, now, &why) == 0) != rows[i].good)
			fail_msg("row %zu: %s", i, why.text);
	}
}

UNIT(jws_keys_have_their_algorithm)
{
	assert_string_equal(jws_key_algorithm(SLICE(TEST_ES256_KEY)), "ES256");
	assert_string_equal(jws_key_algorithm(SLICE(TEST_EDDSA_KEY)), "EdDSA");
	assert_null(jws_key_algorithm(SLICE(TEST_P384_KEY)));
	assert_null(jws_key_algorithm(SLICE(TEST_SECRET)));
	assert_null(jws_key_algorithm(SLICE("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(jws_signed_by_its_key),
	        unit(jws_tampered_with_is_not_signed),
	        unit(jws_algorithm_is_never_its_own_choice),
	        unit(jws_refuses_what_it_cannot_take),
	        unit(jws_has_its_time),
	        unit(jws_keys_have_their_algorithm),
	};
	int r;

	arena_init(&arena);
	r = unit_main(tests);
	arena_finish(&arena);
	return r;
}
