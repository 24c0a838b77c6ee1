/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/credential.h"

#include <ctype.h>

#include "auth/seal.h"
#include "base/base64.h"
#include "base/utf8.h"

#define REFUSED 4000

static const struct kind_row {
	const char *name;
	bool secret;
} kinds[IDENTITY_KIND_COUNT] = {
        [IDENTITY_PASSWORD] = {"password", true}, [IDENTITY_TOKEN] = {"token", true},
        [IDENTITY_PSK] = {"psk", true},           [IDENTITY_CERTIFICATE] = {"certificate", false},
        [IDENTITY_MQTT] = {"mqtt", false},        [IDENTITY_ISSUER] = {"issuer", true},
};

const char *credential_kind_name(enum identity_kind kind)
{
	return kinds[kind].name;
}

bool credential_kind_read(struct slice name, enum identity_kind *ret)
{
	for (int i = 0; i < IDENTITY_KIND_COUNT; i++)
		if (slice_is_text(name, kinds[i].name)) {
			*ret = (enum identity_kind)i;
			return true;
		}
	return false;
}

bool credential_has_secret(enum identity_kind kind)
{
	return kinds[kind].secret;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~/", c));
}

bool credential_is_originator(struct slice text)
{
	if (text.len == 0 || text.len > CREDENTIAL_TEXT)
		return false;
	if (text.ptr[text.len - 1] == '*')
		text.len--;
	for (size_t i = 0; i < text.len; i++)
		if (!is_letter(text.ptr[i]))
			return false;
	return true;
}

bool credential_fits(const char *pattern, struct slice originator)
{
	struct slice p = slice_of(pattern);

	if (p.len && p.ptr[p.len - 1] == '*')
		return slice_starts(originator, slice_make(p.ptr, p.len - 1));
	return slice_is(p, originator);
}

static bool starts(struct slice text, const char *prefix)
{
	return slice_starts(text, slice_of(prefix));
}

const char *credential_certificate_name(struct arena *arena, struct slice name)
{
	char *text = arena_text(arena, name), *to = text;
	bool digest = starts(name, "SHA256:");
	size_t keep = digest ? 7 : 4;

	if (!digest && !starts(name, "DNS:"))
		return text;
	to += keep;
	for (const char *from = text + keep; *from; from++)
		if (!digest || *from != ':')
			*to++ = (char)tolower((unsigned char)*from);
	*to = '\0';
	return text;
}

static int check_certificate(struct slice name, struct why *why)
{
	uint8_t digest[SEAL_DIGEST];

	if (starts(name, "SHA256:"))
		return seal_unhex(slice_skip(name, 7), digest, sizeof(digest))
		               ? 0
		               : refuse(why, REFUSED,
		                        "name: a SHA-256 fingerprint has 64 hexadecimal digits");
	if ((starts(name, "URI:") && name.len > 4) || (starts(name, "DNS:") && name.len > 4) ||
	    (starts(name, "CN:") && name.len > 3))
		return 0;
	return refuse(why, REFUSED,
	              "name: \"%.*s\" names no certificate: expected URI:..., DNS:..., CN:... or SHA256:...",
	              SLICE_ARG(name));
}

static int check_name(const struct credential *credential, struct why *why)
{
	struct slice name = slice_of(credential->name);

	if (name.len > CREDENTIAL_TEXT || !utf8_is_valid(name))
		return refuse(why, REFUSED, "name: expected at most %d bytes of UTF-8", CREDENTIAL_TEXT);
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 0x7f)
			return refuse(why, REFUSED, "name: a control character stands in it");
	if (credential->kind == IDENTITY_TOKEN)
		return 0;
	if (!name.len)
		return refuse(why, REFUSED, "name: a credential of kind %s needs one",
		              credential_kind_name(credential->kind));
	if (credential->kind == IDENTITY_PASSWORD && strchr(credential->name, ':'))
		return refuse(why, REFUSED, "name: a user's name has no colon");
	return credential->kind == IDENTITY_CERTIFICATE ? check_certificate(name, why) : 0;
}

static int check_originators(const struct credential *credential, struct why *why)
{
	size_t count = 0;

	for (; credential->originators[count]; count++) {
		if (count == CREDENTIAL_ORIGINATORS)
			return refuse(why, REFUSED, "originators: more than %d", CREDENTIAL_ORIGINATORS);
		if (!credential_is_originator(slice_of(credential->originators[count])))
			return refuse(
			        why, REFUSED,
			        "originators: \"%s\" is none: expected an AE-ID or CSE-ID such as Cmeter, "
			        "/id-mn, or with one star at the end: C*",
			        credential->originators[count]);
	}
	if (count == 0 && credential->kind != IDENTITY_ISSUER)
		return refuse(why, REFUSED, "originators: nobody is named; expected at least one");
	return 0;
}

static bool is_token_digest(const char *secret)
{
	struct slice text = slice_of(secret);
	uint8_t digest[SEAL_DIGEST];

	return starts(text, "sha256:") && seal_unhex(slice_skip(text, 7), digest, sizeof(digest));
}

static int check_issuer(const struct credential *credential, struct why *why)
{
	static const char *const algorithms[] = {"HS256", "ES256", "EdDSA"};
	bool wrapped = starts(slice_of(credential->secret), "box:");

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		if (strcmp(credential->algorithm, algorithms[i]) == 0)
			return wrapped == (i == 0) ? 0
			                           : refuse(why, REFUSED, "secret: it is no key for %s",
			                                    credential->algorithm);
	return refuse(why, REFUSED, "algorithm: expected HS256, ES256 or EdDSA");
}

static int check_secret(const struct credential *credential, struct why *why)
{
	const char *secret = credential->secret;

	if (strlen(secret) > CREDENTIAL_SECRET)
		return refuse(why, REFUSED, "secret: it is too long");
	if (*credential->revoked)
		return 0;
	switch (credential->kind) {
	case IDENTITY_PASSWORD:
		return seal_password_is_sane(secret)
		               ? 0
		               : refuse(why, REFUSED, "secret: expected an Argon2id hash of bounded cost");
	case IDENTITY_TOKEN:
		return is_token_digest(secret)
		               ? 0
		               : refuse(why, REFUSED, "secret: expected sha256: and 64 hexadecimal digits");
	case IDENTITY_PSK:
		return starts(slice_of(secret), "box:")
		               ? 0
		               : refuse(why, REFUSED, "secret: expected a wrapped key");
	case IDENTITY_ISSUER:
		return check_issuer(credential, why);
	case IDENTITY_CERTIFICATE:
	case IDENTITY_MQTT:
	case IDENTITY_KIND_COUNT:
		break;
	}
	return *secret ? refuse(why, REFUSED, "secret: a credential of this kind has none") : 0;
}

int credential_check(const struct credential *credential, struct why *why)
{
	struct slice id = slice_of(credential->id);
	int r = 0;

	if (id.len == 0 || id.len > 32)
		r = refuse(why, REFUSED, "id: expected 1 to 32 letters, digits and hyphens");
	for (size_t i = 0; r == 0 && i < id.len; i++)
		if (!is_letter(id.ptr[i]) || strchr("._~/", id.ptr[i]))
			r = refuse(why, REFUSED, "id: expected letters, digits and hyphens");
	if (r == 0)
		r = check_name(credential, why);
	if (r == 0)
		r = check_originators(credential, why);
	return r ? r : check_secret(credential, why);
}
