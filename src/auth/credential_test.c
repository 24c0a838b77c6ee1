/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/credential.h"
#include "base/unit.h"

UNIT(credential_knows_originators)
{
	static const char *const good[] = {"Cmeter", "/id-mn", "C*", "*", "//sp.example/id/Cx", "a.b_c~d"};
	static const char *const bad[] = {"", "C*x", "**", "C meter", "C\n", "C\xc3\xa9", "C:1"};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(credential_is_originator(slice_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(credential_is_originator(slice_of(bad[i])));
}

UNIT(credential_patterns_fit)
{
	assert_true(credential_fits("Cmeter", SLICE("Cmeter")));
	assert_false(credential_fits("Cmeter", SLICE("Cmeter2")));
	assert_false(credential_fits("Cmeter", SLICE("Cmete")));
	assert_true(credential_fits("Cm*", SLICE("Cmeter")));
	assert_true(credential_fits("Cm*", SLICE("Cm")));
	assert_false(credential_fits("Cm*", SLICE("C")));
	assert_true(credential_fits("*", SLICE("/id-mn")));
}

UNIT(credential_writes_certificate_names_one_way)
{
	static const struct {
		const char *given, *expected;
	} rows[] = {
	        {"SHA256:AB:cd:01", "SHA256:abcd01"},
	        {"DNS:Meter.Example", "DNS:meter.example"},
	        {"URI:urn:Dev:1", "URI:urn:Dev:1"},
	        {"CN:Meter 1", "CN:Meter 1"},
	        {"DNS:", "DNS:"},
	        {"", ""},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(credential_certificate_name(&arena, slice_of(rows[i].given)),
		                    rows[i].expected);
	arena_finish(&arena);
}

static struct credential good_one(enum identity_kind kind)
{
	static const char *const one[] = {"Cmeter", NULL};

	return (struct credential){.id = "c-1",
	                           .name = "meter",
	                           .kind = kind,
	                           .originators = one,
	                           .secret = "",
	                           .algorithm = "",
	                           .created = "",
	                           .revoked = ""};
}

static void must_say(const struct credential *credential, const char *word)
{
	struct why why = {0};

	if (!word) {
		assert_int_equal(credential_check(credential, &why), 0);
		return;
	}
	assert_int_equal(credential_check(credential, &why), 4000);
	if (!strstr(why.text, word))
		fail_msg("\"%s\" does not say \"%s\"", why.text, word);
}

UNIT(credential_check_names_what_is_wrong)
{
	static const char *const nobody[] = {NULL};
	struct credential one = good_one(IDENTITY_MQTT);

	must_say(&one, NULL);
	one.id = "";
	must_say(&one, "id:");
	one.id = "c/1";
	must_say(&one, "id:");
	one.id = "c-0123456789012345678901234567890123456789";
	must_say(&one, "id:");
	one = good_one(IDENTITY_MQTT);
	one.name = "";
	must_say(&one, "name:");
	one.name = "a\tb";
	must_say(&one, "control");
	one.name = "\xff";
	must_say(&one, "UTF-8");
	one = good_one(IDENTITY_MQTT);
	one.originators = nobody;
	must_say(&one, "nobody is named");
	one.kind = IDENTITY_ISSUER;
	one.algorithm = "HS256";
	one.secret = "box:x";
	must_say(&one, NULL);
	one.algorithm = "none";
	must_say(&one, "HS256, ES256 or EdDSA");
	one.algorithm = "ES256";
	must_say(&one, "no key for ES256");
}

UNIT(credential_check_wants_secrets_that_fit)
{
	struct credential one = good_one(IDENTITY_PASSWORD);

	one.secret = "secret";
	must_say(&one, "Argon2id");
	one.revoked = "20261122T000000";
	one.secret = "";
	must_say(&one, NULL);
	one = good_one(IDENTITY_PASSWORD);
	one.name = "a:b";
	must_say(&one, "colon");
	one = good_one(IDENTITY_TOKEN);
	one.secret = "sha256:12";
	must_say(&one, "64 hexadecimal");
	one = good_one(IDENTITY_PSK);
	must_say(&one, "wrapped");
	one = good_one(IDENTITY_MQTT);
	one.secret = "x";
	must_say(&one, "has none");
	one = good_one(IDENTITY_CERTIFICATE);
	must_say(&one, "names no certificate");
	one.name = "SHA256:abcd";
	must_say(&one, "64 hexadecimal");
	one.name = "URI:urn:dev:1";
	must_say(&one, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(credential_knows_originators),
	        unit(credential_patterns_fit),
	        unit(credential_writes_certificate_names_one_way),
	        unit(credential_check_names_what_is_wrong),
	        unit(credential_check_wants_secrets_that_fit),
	};

	return unit_main(tests);
}
