/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials made as `dure credential` makes them, proofs as the bindings bring them. At the end the log of
 * all this is searched for the secrets. */
#include "auth/auth.h"
#include "auth/brake.h"
#include "auth/credential_file.h"
#include "auth/jws_test.h"
#include "auth/seal.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECOND   INT64_C(1000000)
#define PASSWORD "correct horse battery"
#define TOKEN    "dure-testtesttesttesttesttesttesttesttesttest"
#define PSK      "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10"

static char folder[] = "/tmp/dure-auth-test-XXXXXX";
static char file[80], key_file[80], log_file[80];
static struct auth_config config = {file, key_file};
static struct credential_list list;
static int64_t now = 1000 * SECOND;

static void add(const char *id, enum identity_kind kind, const char *name, const char *const *originators,
                const char *secret, const char *algorithm)
{
	struct credential *one = credential_file_add(&list);

	one->id = id;
	one->kind = kind;
	one->name = name;
	one->originators = originators;
	one->secret = secret;
	one->algorithm = algorithm;
}

static void write_file(void)
{
	assert_int_equal(credential_file_write(file, &list), 0);
}

/* One of each kind. */
static void make_file(void)
{
	static const char *const meter[] = {"Cmeter", NULL}, *const any[] = {"C*", NULL};
	static const char *const cse[] = {"/id-mn", NULL}, *const nobody[] = {NULL};
	static char hash[SEAL_PASSWORD], token[8 + 2 * SEAL_DIGEST];
	uint8_t key[SEAL_KEY], digest[SEAL_DIGEST];

	arena_init(&list.arena);
	assert_int_equal(seal_key_make(key_file, NULL, key), 0);
	assert_int_equal(seal_password(SLICE(PASSWORD), hash), 0);
	seal_digest(SLICE(TOKEN), digest);
	memcpy(token, "sha256:", 7);
	seal_hex(digest, sizeof(digest), token + 7);
	add("c-1", IDENTITY_PASSWORD, "meter", meter, hash, "");
	add("c-2", IDENTITY_TOKEN, "", any, token, "");
	add("c-3", IDENTITY_PSK, "psk@example", cse,
	    arena_text(&list.arena, seal_wrap(key, SLICE(PSK), &list.arena)), "");
	add("c-4", IDENTITY_CERTIFICATE, "URI:urn:meter:1", meter, "", "");
	add("c-5", IDENTITY_CERTIFICATE,
	    "SHA256:AB:00000000000000000000000000000000000000000000000000000000000000", cse, "", "");
	add("c-6", IDENTITY_MQTT, "user1", meter, "", "");
	add("c-7", IDENTITY_MQTT, "user2", any, "", "");
	add("c-8", IDENTITY_ISSUER, "das", nobody,
	    arena_text(&list.arena, seal_wrap(key, SLICE(TEST_SECRET), &list.arena)), "HS256");
	write_file();
}

static struct auth *make_auth(void)
{
	struct auth *auth;
	struct why why = {0};

	if (auth_create(&config, &why, &auth) != 0)
		fail_msg("%s", why.text);
	return auth;
}

static int mqtt(struct auth *auth, const char *originator, const struct identity **ret)
{
	const struct slice form = slice_of(originator);
	struct why why = {0};

	return auth_mqtt(auth, &form, 1, &why, ret);
}

UNIT(auth_without_a_file_knows_nobody)
{
	static const struct auth_config none = {"/tmp/dure-auth-test-none/credentials",
	                                        "/tmp/dure-auth-test-none/key"};
	const struct identity *who = NULL;
	struct why why = {0};
	struct auth *auth;
	uint8_t key[64];
	size_t len;

	assert_int_equal(auth_create(&none, &why, &auth), 0);
	assert_int_equal(auth_watch_fd(auth), -1);
	assert_int_equal(auth_token(auth, NULL, now, SLICE("x"), &why, &who), 4107);
	assert_int_equal(auth_password(auth, NULL, now, SLICE("x"), SLICE("y"), &why, &who), 4107);
	assert_int_equal(auth_certificate(auth, NULL, NULL, &why, &who), 4107);
	assert_int_equal(auth_psk_key(auth, SLICE("x"), key, sizeof(key), &len), -2);
	assert_int_equal(mqtt(auth, "Cmeter", &who), 0);
	assert_null(who);
	auth_destroy(auth);
	auth_destroy(NULL);
}

UNIT(auth_proves_passwords_once)
{
	struct auth *auth = make_auth();
	const struct identity *who = NULL;
	struct why why = {0};
	int64_t began;

	assert_int_equal(auth_password(auth, "::1", now, SLICE("meter"), SLICE(PASSWORD), &why, &who), 0);
	assert_string_equal(who->id, "c-1");
	assert_int_equal(who->kind, IDENTITY_PASSWORD);
	/* The second time is not hashed anew: a thousand of them are quicker than one hash. */
	began = clock_wall_steady();
	for (int i = 0; i < 1000; i++)
		assert_int_equal(auth_password(auth, "::1", now, SLICE("meter"), SLICE(PASSWORD), &why, &who),
		                 0);
	assert_true(clock_wall_steady() - began < SECOND);
	assert_int_equal(auth_password(auth, "::1", now, SLICE("meter"), SLICE("wrong"), &why, &who), 4107);
	assert_int_equal(auth_password(auth, "::1", now, SLICE("other"), SLICE(PASSWORD), &why, &who), 4107);
	auth_destroy(auth);
}

UNIT(auth_does_not_hear_who_guesses)
{
	struct auth *auth = make_auth();
	const struct identity *who = NULL;
	struct auth_stats stats;
	struct why why = {0};

	for (int i = 0; i < BRAKE_FREE; i++)
		assert_int_equal(auth_token(auth, "192.0.2.1", now, SLICE("guess"), &why, &who), 4107);
	/* The right password is not heard now, whereas somebody else's is, and so is a right token. */
	assert_int_equal(auth_password(auth, "192.0.2.1", now, SLICE("meter"), SLICE(PASSWORD), &why, &who),
	                 4107);
	assert_non_null(strstr(why.text, "come back in 1 s"));
	assert_int_equal(auth_password(auth, "192.0.2.2", now, SLICE("meter"), SLICE(PASSWORD), &why, &who),
	                 0);
	assert_int_equal(auth_token(auth, "192.0.2.1", now, SLICE(TOKEN), &why, &who), 0);
	assert_int_equal(
	        auth_password(auth, "192.0.2.1", now + SECOND, SLICE("meter"), SLICE(PASSWORD), &why, &who),
	        0);
	auth_stats(auth, &stats);
	assert_int_equal(stats.braked, 1);
	assert_int_equal(stats.refused[IDENTITY_TOKEN], BRAKE_FREE);
	assert_int_equal(stats.refused[IDENTITY_PASSWORD], 1);
	assert_int_equal(stats.proven[IDENTITY_PASSWORD], 2);
	assert_int_equal(stats.proven[IDENTITY_TOKEN], 1);
	auth_destroy(auth);
}

/* Wrong passwords from ever new addresses: few are hashed. */
UNIT(auth_hashes_so_often_a_second)
{
	struct auth *auth = make_auth();
	const struct identity *who = NULL;
	struct auth_stats stats;
	struct why why = {0};
	int64_t began = clock_wall_steady();

	for (int i = 0; i < 2000; i++) {
		char ip[32];

		snprintf(ip, sizeof(ip), "10.0.%d.%d", i / 250, i % 250);
		assert_int_equal(auth_password(auth, ip, now, SLICE("meter"), SLICE("guess"), &why, &who),
		                 4107);
	}
	assert_true(clock_wall_steady() - began < 5 * SECOND);
	auth_stats(auth, &stats);
	assert_int_equal(stats.braked, 2000 - BRAKE_CHECKS);
	auth_destroy(auth);
}

UNIT(auth_reads_authorization_headers)
{
	static const struct {
		const char *value, *id; /* "": refused, NULL: not for us */
	} rows[] = {
	        {"Bearer " TOKEN, "c-2"},
	        {"bearer  " TOKEN " ", "c-2"},
	        {"Bearer x", ""},
	        {"Basic bWV0ZXI6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5", "c-1"},
	        {"Basic bWV0ZXI6eA==", ""},
	        {"Basic bWV0ZXI=", ""},
	        {"Basic !!", ""},
	        {"Basic", NULL},
	        {"a.b.c", NULL},
	        {"", NULL},
	        {"Digest x", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct auth *auth = make_auth();
		const struct identity *who = NULL;
		struct why why = {0};
		int r = auth_header(auth, NULL, now, slice_of(rows[i].value), &why, &who);

		if (rows[i].id && !*rows[i].id) {
			assert_int_equal(r, 4107);
		} else {
			assert_int_equal(r, 0);
			if (rows[i].id)
				assert_string_equal(who->id, rows[i].id);
			else
				assert_null(who);
		}
		auth_destroy(auth);
	}
}

UNIT(auth_knows_certificates)
{
	static const char *const names[] = {"DNS:other", "URI:urn:meter:1", "CN:x", NULL};
	static const char *const stranger[] = {"DNS:other", "SHA256:ab", NULL};
	struct auth *auth = make_auth();
	const struct identity *who = NULL;
	struct why why = {0};

	assert_int_equal(auth_certificate(auth, names, "00", &why, &who), 0);
	assert_string_equal(who->id, "c-4");
	assert_int_equal(auth_certificate(auth, stranger,
	                                  "AB00000000000000000000000000000000000000000000000000000000000000",
	                                  &why, &who),
	                 0);
	assert_string_equal(who->id, "c-5");
	assert_int_equal(auth_certificate(auth, stranger, "00", &why, &who), 4107);
	auth_destroy(auth);
}

UNIT(auth_gives_keys_to_handshakes)
{
	struct auth *auth = make_auth();
	const struct identity *who = NULL;
	struct why why = {0};
	uint8_t key[64];
	size_t len = 0;

	assert_int_equal(auth_psk_key(auth, SLICE("psk@example"), key, sizeof(key), &len), 0);
	assert_int_equal(len, 16);
	assert_memory_equal(key, PSK, 16);
	assert_int_equal(auth_psk_key(auth, SLICE("psk@example"), key, 8, &len), -2);
	assert_int_equal(auth_psk_key(auth, SLICE("stranger"), key, sizeof(key), &len), -2);
	assert_int_equal(auth_psk(auth, SLICE("psk@example"), &why, &who), 0);
	assert_string_equal(who->originators[0], "/id-mn");
	assert_int_equal(auth_psk(auth, SLICE("stranger"), &why, &who), 4107);
	auth_destroy(auth);
}

UNIT(auth_knows_mqtt_users)
{
	struct auth *auth = make_auth();
	const struct identity *who = NULL;

	assert_int_equal(mqtt(auth, "Cmeter", &who), 0);
	assert_string_equal(who->name, "user1");
	assert_int_equal(mqtt(auth, "Cother", &who), 0);
	assert_string_equal(who->name, "user2");
	assert_int_equal(mqtt(auth, "/id-mn", &who), 4107);
	assert_null(who);
	auth_destroy(auth);
}

/* However an identifier is written it is one proof, right or wrong; and a name goes before any star. */
UNIT(auth_counts_the_forms_of_a_name_once)
{
	const struct slice unknown[] = {SLICE("/id-mn"), SLICE("//sp/id-mn"), SLICE("id-mn")};
	const struct slice known[] = {SLICE("Call"), SLICE("Cmeter")};
	struct auth *auth = make_auth();
	const struct identity *who = NULL;
	struct auth_stats stats;
	struct why why = {0};

	assert_int_equal(auth_mqtt(auth, unknown, 3, &why, &who), 4107);
	assert_int_equal(auth_mqtt(auth, known, 2, &why, &who), 0);
	assert_string_equal(who->name, "user1");
	auth_stats(auth, &stats);
	assert_int_equal(stats.refused[IDENTITY_MQTT], 1);
	assert_int_equal(stats.proven[IDENTITY_MQTT], 1);
	auth_destroy(auth);
}

/* Without any MQTT credential a trusted broker is believed; not so after the last one was revoked. */
UNIT(auth_revokes_the_last_mqtt_user_and_opens_nothing)
{
	struct credential_list before = list;
	struct credential *at = list.at;
	struct auth *auth = make_auth();
	const struct identity *who = NULL;
	struct why why = {0};

	list.at = memcpy(mem_take(list.count * sizeof(*at)), at, list.count * sizeof(*at));
	for (size_t i = 0; i < list.count; i++)
		if (list.at[i].kind == IDENTITY_MQTT)
			list.at[i].revoked = "20261122T093000";
	write_file();
	assert_int_equal(auth_reload(auth, &why), 0);
	assert_int_equal(mqtt(auth, "Cmeter", &who), 4107);
	auth_destroy(auth);
	auth = make_auth();
	assert_int_equal(mqtt(auth, "Cmeter", &who), 4107);
	auth_destroy(auth);
	free(list.at);
	list = before;
	write_file();
}

UNIT(auth_believes_its_issuers)
{
	struct auth *auth = make_auth();
	struct why why = {0};
	struct val *claims = NULL;
	struct arena arena;
	int64_t day;

	arena_init(&arena);
	assert_true(clock_parse(SLICE("20261122T000000"), &day));
	assert_int_equal(auth_claims(auth, &arena, SLICE(TEST_HS256), day, &why, &claims), 0);
	assert_slice(val_find(claims, "tkhd")->text, "Cmeter");
	assert_int_equal(
	        auth_claims(auth, &arena, SLICE(TEST_HS256), day + 30 * 86400 * SECOND, &why, &claims), 4107);
	assert_non_null(strstr(why.text, "expired"));
	assert_int_equal(
	        auth_claims(auth, &arena, SLICE(TEST_HS256), day - 30 * 86400 * SECOND, &why, &claims), 4107);
	/* Another algorithm than the issuer's, another issuer, another form. */
	assert_int_equal(auth_claims(auth, &arena, SLICE(TEST_ES256), day, &why, &claims), 4107);
	assert_int_equal(auth_claims(auth, &arena, SLICE(TEST_NONE), day, &why, &claims), 4107);
	assert_int_equal(auth_claims(auth, &arena, SLICE(TEST_STRANGER), day, &why, &claims), 4107);
	assert_int_equal(auth_claims(auth, &arena, SLICE("a.b.c.d.e"), day, &why, &claims), 4107);
	assert_non_null(strstr(why.text, "encrypted"));
	arena_finish(&arena);
	auth_destroy(auth);
}

UNIT(auth_notices_changes)
{
	struct auth *auth = make_auth();
	struct pollfd poll_fd = {.fd = auth_watch_fd(auth), .events = POLLIN};
	const struct identity *token = NULL, *password = NULL, *who = NULL;
	struct why why = {0};

	assert_true(poll_fd.fd >= 0);
	assert_int_equal(auth_token(auth, NULL, now, SLICE(TOKEN), &why, &token), 0);
	assert_int_equal(auth_password(auth, NULL, now, SLICE("meter"), SLICE(PASSWORD), &why, &password), 0);
	assert_int_equal(poll(&poll_fd, 1, 0), 0);
	list.at[1].revoked = "20261122T000000";
	write_file();
	assert_int_equal(poll(&poll_fd, 1, 5000), 1);
	assert_int_equal(auth_reload(auth, &why), 0);
	assert_int_equal(poll(&poll_fd, 1, 0), 0);
	assert_true(token->revoked);
	assert_false(password->revoked);
	assert_int_equal(auth_token(auth, NULL, now, SLICE(TOKEN), &why, &who), 4107);
	assert_int_equal(auth_password(auth, NULL, now, SLICE("meter"), SLICE(PASSWORD), &why, &who), 0);
	assert_ptr_equal(who, password);
	/* What cannot be read changes nothing. */
	assert_int_equal(truncate(file, 30), 0);
	assert_int_equal(auth_reload(auth, &why), 4000);
	assert_non_null(strstr(why.text, file));
	assert_false(password->revoked);
	/* A file that is gone revokes all. */
	unlink(file);
	assert_int_equal(auth_reload(auth, &why), 0);
	assert_true(password->revoked);
	assert_int_equal(auth_password(auth, NULL, now, SLICE("meter"), SLICE(PASSWORD), &why, &who), 4107);
	list.at[1].revoked = "";
	write_file();
	assert_int_equal(auth_reload(auth, &why), 0);
	/* It is back, as somebody new: who was sent away stays so. */
	assert_int_equal(auth_token(auth, NULL, now, SLICE(TOKEN), &why, &who), 0);
	assert_ptr_not_equal(who, token);
	assert_true(token->revoked);
	auth_destroy(auth);
}

UNIT(auth_says_what_is_wrong_with_the_key_file)
{
	struct auth *auth;
	struct why why = {0};
	char aside[96];

	snprintf(aside, sizeof(aside), "%s.aside", key_file);
	assert_int_equal(rename(key_file, aside), 0);
	assert_int_equal(auth_create(&config, &why, &auth), 4000);
	assert_non_null(strstr(why.text, key_file));
	assert_int_equal(rename(aside, key_file), 0);
}

UNIT(identity_may_speak_as)
{
	static const char *const exact[] = {"Cmeter", "/id-mn", NULL};
	static const char *const stem[] = {"Cm*", NULL}, *const all[] = {"*", NULL},
	                         *const c[] = {"C*", NULL};
	static const char *const s[] = {"S*", NULL}, *const relative[] = {"/id-in/C*", NULL},
	                         *const bare[] = {"C", NULL};
	static const struct {
		const char *const *originators;
		const char *fr, *sp;
		bool may;
	} rows[] = {
	        {exact, "Cmeter", "/id-in/Cmeter", true},
	        {exact, "Cother", "/id-in/Cother", false},
	        {exact, "/id-mn", "/id-mn", true},
	        {exact, "/id-mn2", "/id-mn2", false},
	        {exact, "", "", false},
	        {exact, "C", "/id-in/C", false},
	        {stem, "Cmeter", "/id-in/Cmeter", true},
	        {stem, "C", "/id-in/C", false},
	        {stem, "", "", false},
	        {c, "", "", true},
	        {c, "C", "/id-in/C", true},
	        {c, "S", "/S", false},
	        {c, "Sx", "/Sx", false},
	        {s, "", "", true},
	        {s, "S", "/S", true},
	        {all, "", "", true},
	        {all, "C", "", true},
	        {all, "/id-mn", "/id-mn", true},
	        {relative, "Cx", "/id-in/Cx", true},
	        {relative, "C", "/id-in/C", true},
	        {relative, "Cx", "/id-other/Cx", false},
	        {bare, "C", "/id-in/C", false},
	        {c, "/id-other/Cx", "/id-other/Cx", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct identity identity = {.originators = rows[i].originators};

		if (identity_may(&identity, slice_of(rows[i].fr), slice_of(rows[i].sp)) != rows[i].may)
			fail_msg("row %zu: \"%s\"", i, rows[i].fr);
	}
}

/* Last: nothing secret stands in the log. */
UNIT(auth_log_has_no_secrets)
{
	static const char *const secrets[] = {
	        PASSWORD, TOKEN, "horse", "argon2", "sha256:", "box:", TEST_SECRET, "guess", "bWV0ZXI6"};
	static char text[1 << 20];
	FILE *log = fopen(log_file, "r");
	size_t len;

	assert_non_null(log);
	len = fread(text, 1, sizeof(text) - 1, log);
	fclose(log);
	assert_true(len > 100);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		assert_null(strstr(text, secrets[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(auth_without_a_file_knows_nobody),
	        unit(auth_proves_passwords_once),
	        unit(auth_does_not_hear_who_guesses),
	        unit(auth_hashes_so_often_a_second),
	        unit(auth_reads_authorization_headers),
	        unit(auth_knows_certificates),
	        unit(auth_gives_keys_to_handshakes),
	        unit(auth_knows_mqtt_users),
	        unit(auth_counts_the_forms_of_a_name_once),
	        unit(auth_revokes_the_last_mqtt_user_and_opens_nothing),
	        unit(auth_believes_its_issuers),
	        unit(auth_notices_changes),
	        unit(auth_says_what_is_wrong_with_the_key_file),
	        unit(identity_may_speak_as),
	        unit(auth_log_has_no_secrets),
	};
	const struct log_config log = {.level = LOG_DEBUG, .file = log_file};
	int r;

	if (seal_start() != 0 || !mkdtemp(folder))
		return 1;
	snprintf(file, sizeof(file), "%s/credentials", folder);
	snprintf(key_file, sizeof(key_file), "%s/credentials.key", folder);
	snprintf(log_file, sizeof(log_file), "%s/log", folder);
	if (log_open(&log) != 0)
		return 1;
	make_file();
	r = unit_main(tests);
	log_close();
	arena_finish(&list.arena);
	unlink(file);
	unlink(key_file);
	unlink(log_file);
	rmdir(folder);
	return r;
}
