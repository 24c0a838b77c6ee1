/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs. Every refusal is the same sentence for an unknown name, a wrong secret and a revoked credential,
 * and takes as long. */
#include "auth/auth_private.h"

#include <errno.h>
#include <strings.h>

#include "auth/address.h"
#include "auth/jws.h"
#include "base/base64.h"
#include "base/log.h"

#define REFUSED    4107
#define HEADER_MAX 4096 /* of an Authorization value that proves somebody */

static int say_refused(struct auth *auth, enum identity_kind kind, const char *peer, struct why *why,
                       const char *sentence)
{
	auth->stats.refused[kind]++;
	log_debug("auth", "%s refused a proof: %s", peer ? peer : "somebody", sentence);
	return refuse(why, REFUSED, "%s", sentence);
}

static int proven(struct auth *auth, const struct holder *holder, const struct identity **ret)
{
	auth->stats.proven[holder->identity.kind]++;
	*ret = &holder->identity;
	return 0;
}

/* Is the address not heard at this moment? Then says until when. */
static bool is_braked(struct auth *auth, enum identity_kind kind, const char *peer, int64_t now_us,
                      struct why *why)
{
	int64_t wait = peer ? brake_wait(auth->brake, address_key(peer), now_us) : 0;

	if (!wait)
		return false;
	auth->stats.refused[kind]++;
	auth->stats.braked++;
	refuse(why, REFUSED, "too many wrong proofs came from this address: come back in %d s",
	       (int)((wait + 999999) / 1000000));
	return true;
}

static void guessed_wrong(struct auth *auth, const char *peer, int64_t now_us)
{
	if (!peer)
		return;
	brake_wrong(auth->brake, address_key(peer), now_us);
	if (brake_wait(auth->brake, address_key(peer), now_us) > 0)
		log_warn("auth", "wrong proofs from %s: it is not heard for a while", peer);
}

/* ---- passwords ---- */

/* Where the digest of a name and password that passed would stand. */
static struct passed *passed_place(struct auth *auth, struct slice name, struct slice password,
                                   uint8_t digest[SEAL_DIGEST])
{
	char text[CREDENTIAL_TEXT + 1 + CREDENTIAL_PASSWORD_MOST];
	size_t len = 0, place;

	memcpy(text, name.ptr, name.len);
	len = name.len;
	text[len++] = '\0';
	if (password.len)
		memcpy(text + len, password.ptr, password.len);
	len += password.len;
	seal_keyed(auth->process_key, slice_make(text, len), digest);
	seal_wipe(text, sizeof(text));
	memcpy(&place, digest, sizeof(place));
	return &auth->passed[place & (AUTH_PASSED - 1)];
}

/* The hash of somebody who is not there, made when it is first needed. */
static const char *nobodys_hash(struct auth *auth)
{
	if (!*auth->nobody && seal_password(SLICE("nobody"), auth->nobody) != 0)
		auth->nobody[0] = '\0';
	return auth->nobody;
}

int auth_password(struct auth *auth, const char *peer, int64_t now_us, struct slice name,
                  struct slice password, struct why *why, const struct identity **ret)
{
	static const char wrong[] = "this user and password are not known here";
	const struct holder *holder;
	uint8_t digest[SEAL_DIGEST];
	struct passed *passed;
	bool good;

	if (is_braked(auth, IDENTITY_PASSWORD, peer, now_us, why))
		return REFUSED;
	if (name.len == 0 || name.len > CREDENTIAL_TEXT || password.len > CREDENTIAL_PASSWORD_MOST) {
		guessed_wrong(auth, peer, now_us);
		return say_refused(auth, IDENTITY_PASSWORD, peer, why, wrong);
	}
	passed = passed_place(auth, name, password, digest);
	if (passed->holder && seal_equal(passed->digest, digest, sizeof(digest)))
		return proven(auth, passed->holder, ret);
	if (!brake_spend(auth->brake, now_us)) {
		auth->stats.braked++;
		return say_refused(auth, IDENTITY_PASSWORD, peer, why,
		                   "too many passwords are being tried: come back in a second");
	}
	holder = auth_find(auth, IDENTITY_PASSWORD, name);
	good = seal_password_is(holder ? holder->credential.secret : nobodys_hash(auth), password);
	if (!good || !holder) {
		guessed_wrong(auth, peer, now_us);
		return say_refused(auth, IDENTITY_PASSWORD, peer, why, wrong);
	}
	memcpy(passed->digest, digest, sizeof(digest));
	passed->holder = holder;
	return proven(auth, holder, ret);
}

/* ---- tokens, certificates, keys ---- */

/* A right token is taken also from an address that guesses: 256 random bits are not guessed, and its
 * neighbours behind the same address would suffer. What the brake saves us is the noise. */
int auth_token(struct auth *auth, const char *peer, int64_t now_us, struct slice token, struct why *why,
               const struct identity **ret)
{
	const struct holder *holder = NULL;
	uint8_t digest[SEAL_DIGEST];

	if (token.len > 0 && token.len <= CREDENTIAL_TEXT) {
		seal_digest(token, digest);
		holder = auth_find(auth, IDENTITY_TOKEN, slice_make((const char *)digest, sizeof(digest)));
	}
	if (holder)
		return proven(auth, holder, ret);
	if (is_braked(auth, IDENTITY_TOKEN, peer, now_us, why))
		return REFUSED;
	guessed_wrong(auth, peer, now_us);
	return say_refused(auth, IDENTITY_TOKEN, peer, why, "this token is not known here");
}

static const struct holder *by_fingerprint(const struct auth *auth, const char *fingerprint)
{
	struct arena arena;
	const struct holder *holder;

	arena_init(&arena);
	holder = auth_find(auth, IDENTITY_CERTIFICATE,
	                   slice_of(credential_certificate_name(
	                           &arena, arena_printf(&arena, "SHA256:%s", fingerprint))));
	arena_finish(&arena);
	return holder;
}

static const struct holder *by_name(const struct auth *auth, const char *name)
{
	struct arena arena;
	const struct holder *holder;

	arena_init(&arena);
	holder = auth_find(auth, IDENTITY_CERTIFICATE,
	                   slice_of(credential_certificate_name(&arena, slice_of(name))));
	arena_finish(&arena);
	return holder;
}

int auth_certificate(struct auth *auth, const char *const *names, const char *fingerprint, struct why *why,
                     const struct identity **ret)
{
	const struct holder *holder = fingerprint ? by_fingerprint(auth, fingerprint) : NULL;

	for (; !holder && names && *names; names++)
		if (strncmp(*names, "SHA256:", 7) != 0)
			holder = by_name(auth, *names);
	if (holder)
		return proven(auth, holder, ret);
	return say_refused(auth, IDENTITY_CERTIFICATE, NULL, why,
	                   "this certificate names nobody who is known here");
}

int auth_psk_key(struct auth *auth, struct slice name, uint8_t *key, size_t cap, size_t *ret_len)
{
	const struct holder *holder = auth_find(auth, IDENTITY_PSK, name);

	if (!holder || !auth->has_wrap_key)
		return -ENOENT;
	if (!seal_unwrap(auth->wrap_key, slice_of(holder->credential.secret), key, cap, ret_len)) {
		log_error("auth", "credential %s: its key was not wrapped by %s", holder->identity.id,
		          auth->key_file);
		return -ENOENT;
	}
	return 0;
}

int auth_psk(struct auth *auth, struct slice name, struct why *why, const struct identity **ret)
{
	const struct holder *holder = auth_find(auth, IDENTITY_PSK, name);

	if (holder)
		return proven(auth, holder, ret);
	return say_refused(auth, IDENTITY_PSK, NULL, why, "this key is not known here any more");
}

static const struct holder *by_star(const struct auth *auth, struct slice originator)
{
	for (const struct door *door = auth->starred; door; door = door->next)
		if (identity_may(&door->holder->identity, originator, SLICE("")))
			return door->holder;
	return NULL;
}

int auth_mqtt(struct auth *auth, const struct slice *forms, size_t count, struct why *why,
              const struct identity **ret)
{
	const struct holder *holder = NULL;

	*ret = NULL;
	if (!auth->has_mqtt)
		return 0;
	for (size_t i = 0; i < count && !holder; i++)
		holder = auth_find(auth, IDENTITY_MQTT, forms[i]);
	for (size_t i = 0; i < count && !holder; i++)
		holder = by_star(auth, forms[i]);
	if (holder)
		return proven(auth, holder, ret);
	return say_refused(auth, IDENTITY_MQTT, NULL, why,
	                   "no MQTT credential allows this originator; see dure credential add --kind mqtt");
}

/* ---- the Authorization header ---- */

static bool is_scheme(struct slice value, const char *scheme, struct slice *ret_rest)
{
	size_t len = strlen(scheme);

	if (value.len <= len || value.ptr[len] != ' ' || strncasecmp(value.ptr, scheme, len) != 0)
		return false;
	value = slice_skip(value, len);
	while (value.len && value.ptr[0] == ' ')
		value = slice_skip(value, 1);
	while (value.len && value.ptr[value.len - 1] == ' ')
		value.len--;
	*ret_rest = value;
	return true;
}

static int basic(struct auth *auth, const char *peer, int64_t now_us, struct slice text, struct why *why,
                 const struct identity **ret)
{
	struct slice pair = {0}, name;
	struct arena arena;
	int r;

	arena_init(&arena);
	if (text.len > HEADER_MAX || !base64_decode(&arena, text, &pair) || !pair.len ||
	    !memchr(pair.ptr, ':', pair.len)) {
		r = say_refused(auth, IDENTITY_PASSWORD, peer, why,
		                "Authorization: expected base64 of user:password behind Basic");
	} else {
		struct slice rest = pair;

		slice_cut(&rest, ':', &name);
		r = auth_password(auth, peer, now_us, name, rest, why, ret);
	}
	seal_wipe((void *)(uintptr_t)pair.ptr, pair.len);
	arena_finish(&arena);
	return r;
}

int auth_header(struct auth *auth, const char *peer, int64_t now_us, struct slice value, struct why *why,
                const struct identity **ret)
{
	struct slice rest;

	*ret = NULL;
	if (is_scheme(value, "Bearer", &rest))
		return auth_token(auth, peer, now_us, rest, why, ret);
	if (is_scheme(value, "Basic", &rest))
		return basic(auth, peer, now_us, rest, why, ret);
	return 0;
}

/* ---- signed tokens ---- */

static bool is_signed(struct auth *auth, const struct holder *issuer, const struct jws *token)
{
	const struct credential *credential = &issuer->credential;
	uint8_t key[SEAL_PLAIN];
	size_t len = 0;
	bool good;

	if (strcmp(credential->algorithm, "HS256") != 0)
		return jws_is_signed(token, credential->algorithm, slice_of(credential->secret));
	good = auth->has_wrap_key &&
	       seal_unwrap(auth->wrap_key, slice_of(credential->secret), key, sizeof(key), &len) &&
	       jws_is_signed(token, credential->algorithm, slice_make((const char *)key, len));
	seal_wipe(key, sizeof(key));
	return good;
}

int auth_claims(struct auth *auth, struct arena *arena, struct slice text, int64_t now_us, struct why *why,
                struct val **ret_claims)
{
	const struct holder *issuer = NULL;
	struct why detail = {0};
	struct jws token;
	struct slice name;
	int r = jws_read(arena, text, &detail, &token);

	if (r)
		return r < 0 ? r : say_refused(auth, IDENTITY_ISSUER, NULL, why, detail.text);
	if (val_is_str(val_find(token.claims, "tkis"), &name))
		issuer = auth_find(auth, IDENTITY_ISSUER, name);
	if (!issuer || !is_signed(auth, issuer, &token))
		return say_refused(auth, IDENTITY_ISSUER, NULL, why,
		                   "token: it is not signed by an issuer who is trusted here");
	r = jws_check_times(token.claims, now_us, &detail);
	if (r)
		return r < 0 ? r : say_refused(auth, IDENTITY_ISSUER, NULL, why, detail.text);
	auth->stats.proven[IDENTITY_ISSUER]++;
	*ret_claims = token.claims;
	return 0;
}
