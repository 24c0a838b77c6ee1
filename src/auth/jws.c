/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that speaks to OpenSSL's EVP. */
#include "auth/jws.h"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>

#include "auth/seal.h"
#include "base/base64.h"
#include "base/clock.h"
#include "codec/json.h"

#define REFUSED    4107
#define SKEW       INT64_C(60000000)
#define HALF       32 /* bytes of r, and of s, of ES256 */
#define DER_MOST   (2 * (HALF + 3) + 2)
#define PEM_MOST   4096
#define HEADER_MAX 1024

/* ---- reading ---- */

static int read_part(struct arena *arena, struct slice text, const char *what, struct why *why,
                     struct val **ret)
{
	static const struct json_limits limits = {.depth = 12, .values = 2000};
	struct slice bytes;

	if (!base64url_decode(arena, text, &bytes))
		return refuse(why, REFUSED, "token: its %s is no base64url", what);
	if (json_read(arena, bytes, &limits, NULL, ret) != 0 || (*ret)->kind != VAL_OBJ)
		return refuse(why, REFUSED, "token: its %s is no JSON object", what);
	return 0;
}

/* What a header may not ask for: other rules for reading the rest. */
static int check_header(const struct val *header, struct why *why, struct slice *ret_algorithm)
{
	static const char *const never[] = {"crit", "b64", "zip", "enc"};

	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		if (val_get(header, slice_of(never[i])))
			return refuse(why, REFUSED, "token: its header has \"%s\", which is not taken",
			              never[i]);
	if (!val_is_str(val_find(header, "alg"), ret_algorithm))
		return refuse(why, REFUSED, "token: its header names no algorithm");
	return 0;
}

int jws_read(struct arena *arena, struct slice text, struct why *why, struct jws *ret)
{
	struct slice rest = text, part[3];
	struct val *header;
	size_t dots = 0;
	int r;

	if (text.len > JWS_MAX)
		return refuse(why, REFUSED, "token: longer than %d bytes", JWS_MAX);
	for (size_t i = 0; i < text.len; i++)
		dots += text.ptr[i] == '.';
	if (dots == 4)
		return refuse(why, REFUSED, "token: encrypted tokens are not taken");
	if (dots != 2)
		return refuse(why, REFUSED, "token: expected header.claims.signature");
	for (size_t i = 0; i < 3; i++)
		if (!slice_cut(&rest, '.', &part[i]) || part[i].len == 0)
			return refuse(why, REFUSED, "token: a part of it is empty");
	if (part[0].len > HEADER_MAX)
		return refuse(why, REFUSED, "token: its header is too long");
	r = read_part(arena, part[0], "header", why, &header);
	if (r == 0)
		r = check_header(header, why, &ret->algorithm);
	if (r == 0)
		r = read_part(arena, part[1], "claims", why, &ret->claims);
	if (r)
		return r;
	if (!base64url_decode(arena, part[2], &ret->signature))
		return refuse(why, REFUSED, "token: its signature is no base64url");
	ret->claimed = slice_make(text.ptr, part[0].len + 1 + part[1].len);
	return 0;
}

/* ---- times ---- */

static bool read_time(const struct val *claims, const char *oneM2M, const char *jwt, bool *there,
                      int64_t *ret)
{
	const struct val *v = val_get(claims, slice_of(oneM2M));
	struct slice text;

	*there = true;
	if (v)
		return val_is_str(v, &text) && clock_parse(text, ret);
	v = val_get(claims, slice_of(jwt));
	*there = v != NULL;
	if (!v)
		return true;
	if (!val_is_int(v, ret) || *ret < 0 || *ret > INT64_MAX / 1000000)
		return false;
	*ret *= 1000000;
	return true;
}

int jws_check_times(const struct val *claims, int64_t now_us, struct why *why)
{
	int64_t from, until;
	bool has_from, has_until;

	if (!read_time(claims, "tknb", "nbf", &has_from, &from) ||
	    !read_time(claims, "tkna", "exp", &has_until, &until))
		return refuse(why, REFUSED, "token: its times cannot be read");
	if (has_from && now_us < from - SKEW)
		return refuse(why, REFUSED, "token: it is not valid yet");
	if (has_until && now_us > until && now_us - until > SKEW)
		return refuse(why, REFUSED, "token: it has expired");
	return 0;
}

/* ---- keys and signatures ---- */

static EVP_PKEY *public_key(struct slice pem)
{
	EVP_PKEY *key = NULL;
	OSSL_DECODER_CTX *decoder;
	const unsigned char *at = (const unsigned char *)pem.ptr;
	size_t len = pem.len;

	if (pem.len == 0 || pem.len > PEM_MOST)
		return NULL;
	decoder = OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", NULL, NULL, EVP_PKEY_PUBLIC_KEY, NULL, NULL);
	if (decoder && OSSL_DECODER_from_data(decoder, &at, &len) != 1)
		key = NULL;
	OSSL_DECODER_CTX_free(decoder);
	return key;
}

static const char *algorithm_of(EVP_PKEY *key)
{
	char group[64];
	size_t len;

	if (EVP_PKEY_is_a(key, "ED25519"))
		return "EdDSA";
	if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof(group), &len) == 1 &&
	    strcmp(group, "prime256v1") == 0)
		return "ES256";
	return NULL;
}

const char *jws_key_algorithm(struct slice pem)
{
	EVP_PKEY *key = public_key(pem);
	const char *algorithm = key ? algorithm_of(key) : NULL;

	EVP_PKEY_free(key);
	return algorithm;
}

/* One INTEGER of DER: positive, as short as can be. */
static uint8_t *der_integer(uint8_t *to, const uint8_t *from)
{
	size_t skip = 0;

	while (skip < HALF - 1 && from[skip] == 0)
		skip++;
	*to++ = 2;
	*to++ = (uint8_t)(HALF - skip + (from[skip] >> 7));
	if (from[skip] & 0x80)
		*to++ = 0;
	memcpy(to, from + skip, HALF - skip);
	return to + HALF - skip;
}

/* JWS has r and s side by side; OpenSSL wants SEQUENCE { r, s }. */
static size_t der_signature(const uint8_t *raw, uint8_t der[DER_MOST])
{
	uint8_t *end = der_integer(der_integer(der + 2, raw), raw + HALF);

	der[0] = 0x30;
	der[1] = (uint8_t)(end - der - 2);
	return (size_t)(end - der);
}

static bool is_signed_by(EVP_PKEY *key, const EVP_MD *digest, struct slice claimed, const void *signature,
                         size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good =
	        ctx && EVP_DigestVerifyInit(ctx, NULL, digest, NULL, key) == 1 &&
	        EVP_DigestVerify(ctx, signature, len, (const unsigned char *)claimed.ptr, claimed.len) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

static bool is_signed_public(const struct jws *token, const char *algorithm, struct slice pem)
{
	uint8_t der[DER_MOST];
	EVP_PKEY *key;
	bool good = false;

	if (token->signature.len != 2 * (size_t)HALF)
		return false;
	key = public_key(pem);
	if (key && algorithm_of(key) && strcmp(algorithm_of(key), algorithm) == 0) {
		if (strcmp(algorithm, "EdDSA") == 0)
			good = is_signed_by(key, NULL, token->claimed, token->signature.ptr,
			                    token->signature.len);
		else
			good = is_signed_by(key, EVP_sha256(), token->claimed, der,
			                    der_signature((const uint8_t *)token->signature.ptr, der));
	}
	EVP_PKEY_free(key);
	return good;
}

static bool is_signed_secret(const struct jws *token, struct slice secret)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, (const unsigned char *)secret.ptr,
	                                             secret.len);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char mac[HALF];
	size_t len = sizeof(mac);
	bool good = key && ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	            EVP_DigestSign(ctx, mac, &len, (const unsigned char *)token->claimed.ptr,
	                           token->claimed.len) == 1 &&
	            len == token->signature.len && seal_equal(mac, token->signature.ptr, len);

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	seal_wipe(mac, sizeof(mac));
	return good;
}

bool jws_is_signed(const struct jws *token, const char *algorithm, struct slice key)
{
	if (!slice_is_text(token->algorithm, algorithm))
		return false;
	if (strcmp(algorithm, "HS256") == 0)
		return key.len > 0 && is_signed_secret(token, key);
	return (strcmp(algorithm, "ES256") == 0 || strcmp(algorithm, "EdDSA") == 0) &&
	       is_signed_public(token, algorithm, key);
}
