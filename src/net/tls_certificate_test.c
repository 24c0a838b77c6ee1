/* SPDX-License-Identifier: Apache-2.0 */
/* Odd certificates, each shown to a TLS and to a DTLS server: both must see the same names and fingerprint,
 * or both must refuse. */
#include "net/tls_certificate.h"

#include <sys/epoll.h>

#include "net/coap_test.h"
#include "net/tls_test.h"

#define ODD_TEXT 4096

static struct tls_files files;

struct common {
	int type;
	const char *bytes;
	int len;
};

#define UTF8(text)                                                                                           \
	{                                                                                                    \
		V_ASN1_UTF8STRING, text, sizeof(text) - 1                                                    \
	}
#define BMP(text)                                                                                            \
	{                                                                                                    \
		V_ASN1_BMPSTRING, text, sizeof(text) - 1                                                     \
	}

struct odd {
	const char *what;
	struct common common[3]; /* bytes NULL: none */
	struct {
		int kind; /* GEN_URI, GEN_DNS; 0: none */
		const char *bytes;
		int len;
	} alt[2];
	int alts;           /* that many "DNS:n" besides */
	int extensions;     /* subjectAltName: 1 or 0 times */
	const char *names;  /* each ended by a space; NULL: the handshake fails */
	const char *signer; /* NULL: ca */
};

#define URI(text)                                                                                            \
	{                                                                                                    \
		GEN_URI, text, sizeof(text) - 1                                                              \
	}
#define DNS(text)                                                                                            \
	{                                                                                                    \
		GEN_DNS, text, sizeof(text) - 1                                                              \
	}

static const struct odd odds[] = {
        {"ordinary",
         {UTF8("meter")},
         {URI("https://a.example/m"), DNS("m.example")},
         0,
         1,
         "URI:https://a.example/m DNS:m.example CN:meter "},
        {"no alternative name", {UTF8("meter")}, {{0}}, 0, 0, "CN:meter "},
        {"two common names", {UTF8("meter"), UTF8("admin")}, {DNS("m")}, 0, 1, "DNS:m "},
        {"the same common name twice", {UTF8("meter"), UTF8("meter")}, {DNS("m")}, 0, 1, "DNS:m "},
        {"a control character", {UTF8("me\nter")}, {DNS("m\r\nx"), DNS("m")}, 0, 1, "DNS:m "},
        {"a DEL", {UTF8("meter\x7f")}, {DNS("m\x7f"), DNS("m")}, 0, 1, "DNS:m "},
        {"a control character of two bytes", {UTF8("me\xc2\x85ter")}, {DNS("m")}, 0, 1, "DNS:m "},
        {"a NUL", {UTF8("admin\0.evil")}, {URI("https://a.example\0.evil"), DNS("a\0b")}, 0, 1, ""},
        {"BMPString", {BMP("\0m\0\xe9\x20\xac")}, {{0}}, 0, 0, "CN:m\xc3\xa9\xe2\x82\xac "},
        {"BMPString with a NUL", {BMP("\0m\0\0\0x")}, {DNS("m")}, 0, 1, "DNS:m "},
        {"not ASCII where it must be",
         {UTF8("meter")},
         {DNS("m\xc3\xa9"), DNS("m")},
         0,
         1,
         "DNS:m CN:meter "},
        {"an empty name", {UTF8("meter")}, {DNS("")}, 0, 1, "CN:meter "},
        {"as many as are read",
         {UTF8("meter")},
         {{0}},
         32,
         1,
         "DNS:0 DNS:1 DNS:2 DNS:3 DNS:4 DNS:5 DNS:6 DNS:7 DNS:8 DNS:9 DNS:10 DNS:11 DNS:12 DNS:13 DNS:14 "
         "DNS:15 DNS:16 DNS:17 DNS:18 DNS:19 DNS:20 DNS:21 DNS:22 DNS:23 DNS:24 DNS:25 DNS:26 DNS:27 "
         "DNS:28 DNS:29 DNS:30 DNS:31 CN:meter "},
        {"one more", {UTF8("meter")}, {{0}}, 33, 1, ""},
        {"an authority that nobody trusts", {UTF8("meter")}, {DNS("m")}, 0, 1, NULL, "stranger-ca"},
};

static void odd_add_alt(GENERAL_NAMES *all, int kind, const char *bytes, int len)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	assert_int_equal(ASN1_STRING_set(text, bytes, len), 1);
	GENERAL_NAME_set0_value(name, kind, text);
	assert_true(sk_GENERAL_NAME_push(all, name) > 0);
}

static void odd_add_alts(X509 *cert, const struct odd *odd)
{
	GENERAL_NAMES *all = GENERAL_NAMES_new();
	char text[8];

	for (int i = 0; i < 2; i++)
		if (odd->alt[i].kind)
			odd_add_alt(all, odd->alt[i].kind, odd->alt[i].bytes, odd->alt[i].len);
	for (int i = 0; i < odd->alts; i++)
		odd_add_alt(all, GEN_DNS, text, snprintf(text, sizeof(text), "%d", i));
	for (int i = 0; i < odd->extensions; i++)
		assert_int_equal(X509_add1_ext_i2d(cert, NID_subject_alt_name, all, 0, X509V3_ADD_APPEND), 1);
	GENERAL_NAMES_free(all);
}

static EVP_PKEY *odd_key(const char *name)
{
	BIO *file = BIO_new_file(tls_file(&files, name, "key"), "r");
	EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);

	assert_non_null(key);
	BIO_free(file);
	return key;
}

/* odd.pem, with the key of `client`. */
static void odd_write(const struct odd *odd)
{
	const char *authority = odd->signer ? odd->signer : "ca";
	EVP_PKEY *key = odd_key("client"), *signer = odd_key(authority);
	BIO *in = BIO_new_file(tls_file(&files, authority, "pem"), "r");
	BIO *out = BIO_new_file(tls_file(&files, "odd", "pem"), "w");
	X509 *ca = PEM_read_bio_X509(in, NULL, NULL, NULL), *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);

	assert_int_equal(X509_set_version(cert, X509_VERSION_3), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 77);
	X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	for (int i = 0; i < 3; i++)
		if (odd->common[i].bytes)
			assert_int_equal(
			        X509_NAME_add_entry_by_NID(subject, NID_commonName, odd->common[i].type,
			                                   (const unsigned char *)odd->common[i].bytes,
			                                   odd->common[i].len, -1, 0),
			        1);
	assert_int_equal(X509_set_issuer_name(cert, X509_get_subject_name(ca)), 1);
	assert_int_equal(X509_set_pubkey(cert, key), 1);
	odd_add_alts(cert, odd);
	assert_true(X509_sign(cert, signer, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(out, cert), 1);
	X509_free(cert);
	X509_free(ca);
	BIO_free(in);
	BIO_free(out);
	EVP_PKEY_free(key);
	EVP_PKEY_free(signer);
}

static struct tls_pem odd_pem(const char *cert, const char *key)
{
	return (struct tls_pem){.cert = tls_file(&files, cert, "pem"),
	                        .key = tls_file(&files, key, "key"),
	                        .ca = tls_file(&files, "ca", "pem")};
}

/* What a TLS server makes of it; false: it refused. */
static bool odd_over_tls(char names[ODD_TEXT], char fingerprint[65])
{
	const struct tls_config configs[] = {{.pem = odd_pem("server", "server")},
	                                     {.pem = odd_pem("odd", "client")}};
	struct tls_context *contexts[2];
	struct tls_session *sessions[2];
	struct why why = {0};
	ssize_t got = -EAGAIN;
	char byte;
	int fds[2];
	bool good;

	for (int i = 0; i < 2; i++)
		assert_int_equal(tls_context_create(&configs[i], i == 0, &why, &contexts[i]), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(tls_session_accept(contexts[0], fds[0], &sessions[0]), 0);
	assert_int_equal(tls_session_connect(contexts[1], fds[1], "localhost", &sessions[1]), 0);
	for (int i = 0; i < 20 && got == -EAGAIN; i++) {
		tls_read(sessions[1], &byte, 1);
		got = tls_read(sessions[0], &byte, 1);
		if (tls_is_ready(sessions[0]))
			break;
	}
	good = tls_is_ready(sessions[0]) && tls_session_peer(sessions[0])->verified;
	names[0] = fingerprint[0] = 0;
	for (const char *const *name = tls_session_peer(sessions[0])->names; good && *name; name++)
		snprintf(names + strlen(names), ODD_TEXT - strlen(names), "%s ", *name);
	if (good)
		snprintf(fingerprint, 65, "%s", tls_session_peer(sessions[0])->fingerprint);
	for (int i = 0; i < 2; i++) {
		tls_session_destroy(sessions[i]);
		tls_context_destroy(contexts[i]);
		close(fds[i]);
	}
	return good;
}

static bool odd_over_dtls(char names[ODD_TEXT], char fingerprint[65])
{
	struct coap_config server = {.secure_listen = "127.0.0.1:0", .pem = odd_pem("server", "server")};
	struct coap_config client = {.pem = odd_pem("odd", "client")};
	struct world world;
	bool good;

	world_begin(&world, &server, &client);
	good = world_ask(&world, 1, SLICE("")) == 0 && world.fingerprint[0];
	snprintf(names, ODD_TEXT, "%s", world.names);
	snprintf(fingerprint, 65, "%s", world.fingerprint);
	world_end(&world);
	return good;
}

UNIT(an_odd_certificate_is_one_identity_by_either_binding)
{
	for (size_t i = 0; i < sizeof(odds) / sizeof(odds[0]); i++) {
		char tls[ODD_TEXT], dtls[ODD_TEXT], fingerprints[2][65];
		bool good[2];

		odd_write(&odds[i]);
		good[0] = odd_over_tls(tls, fingerprints[0]);
		good[1] = odd_over_dtls(dtls, fingerprints[1]);
		print_message("# %s: %s\n", odds[i].what, good[0] ? tls : "refused");
		assert_int_equal(good[0], odds[i].names != NULL);
		assert_int_equal(good[1], odds[i].names != NULL);
		if (!odds[i].names)
			continue;
		assert_string_equal(tls, odds[i].names);
		assert_string_equal(dtls, odds[i].names);
		assert_int_equal(strlen(fingerprints[0]), 64);
		assert_string_equal(fingerprints[0], fingerprints[1]);
	}
}

UNIT(a_name_that_is_too_long_proves_nothing)
{
	char bytes[1026];
	struct odd odd = {.common = {UTF8("meter")}, .extensions = 1};

	memset(bytes, 'a', sizeof(bytes));
	for (int len = 1024; len < 1026; len++) {
		char tls[ODD_TEXT], dtls[ODD_TEXT], fingerprints[2][65];

		odd.alt[0].kind = GEN_URI;
		odd.alt[0].bytes = bytes;
		odd.alt[0].len = len;
		odd_write(&odd);
		assert_true(odd_over_tls(tls, fingerprints[0]));
		assert_true(odd_over_dtls(dtls, fingerprints[1]));
		assert_int_equal(strlen(tls), (len == 1024 ? 4 + 1024 + 1 : 0) + sizeof("CN:meter ") - 1);
		assert_string_equal(tls, dtls);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(an_odd_certificate_is_one_identity_by_either_binding),
	        unit(a_name_that_is_too_long_proves_nothing),
	};
	int r;

	tls_files_begin(&files);
	r = unit_main(tests);
	tls_files_end(&files);
	return r;
}
