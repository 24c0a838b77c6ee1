/* SPDX-License-Identifier: Apache-2.0 */
/* Who a certificate names. Whatever could be read in two ways proves nothing: a name with a control character
 * or a NUL in it, of another encoding than it claims, one of several common names; and no name at all when
 * there are more than we read or they cannot be read, so that nobody is known by the first few of them. */
#include "net/tls_certificate.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"

static bool certificate_is_text(struct slice text, bool ascii)
{
	if (text.len == 0 || text.len > TLS_CERTIFICATE_NAME || !utf8_is_valid(text))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c < ' ' || c == 127 || (ascii && c > 127))
			return false;
		/* U+0080 to U+009F are control characters too. */
		if (c == 0xc2 && (unsigned char)text.ptr[i + 1] < 0xa0)
			return false;
	}
	return true;
}

/* The text with the word for its kind before it; NULL: it is no name. */
static char *certificate_name(const char *kind, const unsigned char *bytes, int len, bool ascii)
{
	struct slice text = slice_make((const char *)bytes, len > 0 ? (size_t)len : 0);
	size_t head = strlen(kind);
	char *name;

	if (!certificate_is_text(text, ascii))
		return NULL;
	name = mem_take(head + text.len + 1);
	memcpy(name, kind, head);
	memcpy(name + head, text.ptr, text.len);
	name[head + text.len] = 0;
	return name;
}

/* How many of the alternative names count; -1: there are more than we read, or they cannot be read. */
static int certificate_alt_names(const X509 *cert, char **names)
{
	int critical, count = 0;
	GENERAL_NAMES *all = X509_get_ext_d2i(cert, NID_subject_alt_name, &critical, NULL);

	if (!all)
		return critical == -1 ? 0 : -1;
	if (sk_GENERAL_NAME_num(all) > TLS_CERTIFICATE_NAMES)
		count = -1;
	for (int i = 0; count >= 0 && i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(all, i);
		const ASN1_STRING *text = name->d.ia5;

		if (name->type != GEN_URI && name->type != GEN_DNS)
			continue;
		names[count] =
		        certificate_name(name->type == GEN_URI ? "URI:" : "DNS:", ASN1_STRING_get0_data(text),
		                         ASN1_STRING_length(text), true);
		count += names[count] != NULL;
	}
	GENERAL_NAMES_free(all);
	return count;
}

static char *certificate_common_name(const X509 *cert)
{
	X509_NAME *subject = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *text = NULL;
	char *name;
	int len;

	if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return NULL;
	len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	name = certificate_name("CN:", text, len, false);
	OPENSSL_free(text);
	return name;
}

struct tls_certificate *tls_certificate_read(const X509 *cert)
{
	struct tls_certificate *certificate = mem_zero(1, sizeof(*certificate));
	char *names[TLS_CERTIFICATE_NAMES + 1];
	int alternative = certificate_alt_names(cert, names);
	char *common = alternative < 0 ? NULL : certificate_common_name(cert);
	size_t count = alternative < 0 ? 0 : (size_t)alternative;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (common)
		names[count++] = common;
	certificate->names = mem_zero(count + 1, sizeof(*names));
	if (count > 0)
		memcpy(certificate->names, names, count * sizeof(*names));
	if (X509_digest(cert, EVP_sha256(), digest, &len) != 1)
		len = 0;
	for (unsigned i = 0; i < len && i < 32; i++)
		snprintf(certificate->fingerprint + (size_t)i * 2, 3, "%02x", digest[i]);
	ERR_clear_error();
	return certificate;
}

struct tls_certificate *tls_certificate_of(SSL *ssl)
{
	const X509 *cert = SSL_get0_peer_certificate(ssl);

	if (!cert || SSL_get_verify_result(ssl) != X509_V_OK ||
	    !(SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) ||
	    X509_cmp_current_time(X509_get0_notAfter(cert)) <= 0)
		return NULL;
	return tls_certificate_read(cert);
}

void tls_certificate_destroy(struct tls_certificate *certificate)
{
	if (!certificate)
		return;
	for (char **name = certificate->names; *name; name++)
		free(*name);
	free(certificate->names);
	free(certificate);
}

bool tls_certificate_expect(SSL *ssl, const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];
	bool good;

	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1) {
		good = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
	} else {
		SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		good = host[0] && SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
	}
	ERR_clear_error();
	return good;
}

const char *tls_certificate_reason(const SSL *ssl)
{
	unsigned long error = ERR_peek_error();
	long verified = SSL_get_verify_result(ssl);
	const char *text = NULL;

	if (verified != X509_V_OK)
		text = X509_verify_cert_error_string(verified);
	else if (error)
		text = ERR_reason_error_string(error);
	ERR_clear_error();
	return text ? text : "the protocol was broken";
}
