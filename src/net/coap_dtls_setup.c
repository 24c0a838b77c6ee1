/* SPDX-License-Identifier: Apache-2.0 */
/* Files to an SSL_CTX, each with a sentence when it is no good; a certificate to names. */
#include "net/coap_dtls_setup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define SETUP_REFUSED   4000
#define SETUP_NAMES_MAX 64
#define SETUP_NAME_MOST 1024
#define SETUP_DEPTH     4

/* TS-0003 demands the CCM_8 suites and the CBC ones; the better ones come first. */
#define SETUP_BY_CERTIFICATE "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AESCCM:ECDHE-ECDSA-AES128-SHA256"
#define SETUP_BY_KEY                                                                                         \
	"ECDHE-PSK-CHACHA20-POLY1305:PSK-AES128-GCM-SHA256:PSK-AES256-GCM-SHA384:PSK-CHACHA20-POLY1305:"     \
	"PSK-AES128-CCM:PSK-AES256-CCM:PSK-AES128-CCM8:PSK-AES256-CCM8:"                                     \
	"ECDHE-PSK-AES128-CBC-SHA256:PSK-AES128-CBC-SHA256"

static bool setup_given(const char *file)
{
	return file && file[0];
}

static int setup_refuse(struct why *why, const char *what, const char *file)
{
	unsigned long error = ERR_peek_last_error();
	const char *reason = error ? ERR_reason_error_string(error) : NULL;

	ERR_clear_error();
	return refuse(why, SETUP_REFUSED, "%s %s: %s", what, file, reason ? reason : "not to be used");
}

static int setup_certificate(SSL_CTX *context, const struct coap_config *config, struct why *why)
{
	const X509 *certificate;

	if (!setup_given(config->cert))
		return 0;
	if (!setup_given(config->key))
		return refuse(why, SETUP_REFUSED, "certificate %s: its key is missing", config->cert);
	if (SSL_CTX_use_certificate_chain_file(context, config->cert) != 1)
		return setup_refuse(why, "certificate", config->cert);
	if (SSL_CTX_use_PrivateKey_file(context, config->key, SSL_FILETYPE_PEM) != 1)
		return setup_refuse(why, "key", config->key);
	if (SSL_CTX_check_private_key(context) != 1)
		return refuse(why, SETUP_REFUSED, "key %s does not fit the certificate %s", config->key,
		              config->cert);
	certificate = SSL_CTX_get0_certificate(context);
	if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
		return refuse(why, SETUP_REFUSED, "certificate %s has expired", config->cert);
	return 0;
}

static int setup_trust(SSL_CTX *context, const struct coap_config *config, bool server, struct why *why)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);

	if (!setup_given(config->ca)) {
		/* A server does not ask then; a client trusts whom the system trusts. */
		if (!server && SSL_CTX_set_default_verify_paths(context) != 1)
			ERR_clear_error();
	} else if (SSL_CTX_load_verify_locations(context, config->ca, NULL) != 1) {
		return setup_refuse(why, "authorities", config->ca);
	} else if (server) {
		SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(config->ca));
	}
	if (setup_given(config->crl)) {
		X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());

		if (!lookup || X509_load_crl_file(lookup, config->crl, X509_FILETYPE_PEM) <= 0)
			return setup_refuse(why, "revocations", config->crl);
		X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	}
	SSL_CTX_set_verify_depth(context, SETUP_DEPTH);
	if (setup_given(config->ca) || !server)
		SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	return 0;
}

/* A key that is locked is refused; nobody is asked for its password on a terminal. */
static int setup_no_password(char *room, int cap, int writing, void *user)
{
	return -1;
}

int coap_dtls_setup(const struct coap_config *config, bool server, struct why *why, SSL_CTX **ret)
{
	/* The server takes what the client likes best; who has a key for it shows that. */
	const char *suites = !server && config->client_psk_identity ? SETUP_BY_KEY ":" SETUP_BY_CERTIFICATE
	                                                            : SETUP_BY_CERTIFICATE ":" SETUP_BY_KEY;
	SSL_CTX *context;
	int r;

	if (server && !setup_given(config->cert) && !config->psk)
		return refuse(why, SETUP_REFUSED, "%s needs a certificate or pre-shared keys",
		              config->secure_listen);
	ERR_clear_error();
	context = SSL_CTX_new(server ? DTLS_server_method() : DTLS_client_method());
	if (!context)
		return fault(-EIO, "OpenSSL cannot begin");
	SSL_CTX_set_default_passwd_cb(context, setup_no_password);
	SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(context, 1);
	if (SSL_CTX_set_cipher_list(context, suites) != 1) {
		SSL_CTX_free(context);
		return fault(-EIO, "OpenSSL knows none of our suites");
	}
	r = setup_certificate(context, config, why);
	if (r == 0)
		r = setup_trust(context, config, server, why);
	if (r != 0)
		SSL_CTX_free(context);
	else
		*ret = context;
	return r;
}

bool coap_dtls_expect(SSL *ssl, const char *host)
{
	unsigned char address[16];

	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
	return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

/* "URI:" and the text; NULL when it holds what no name holds. */
static char *setup_name(const char *kind, const ASN1_STRING *text)
{
	size_t len = (size_t)ASN1_STRING_length(text), head = strlen(kind);
	const unsigned char *bytes = ASN1_STRING_get0_data(text);
	char *name;

	for (size_t i = 0; i < len; i++)
		if (bytes[i] < ' ' || bytes[i] == 127)
			return NULL;
	if (len == 0 || len > SETUP_NAME_MOST)
		return NULL;
	name = mem_take(head + len + 1);
	memcpy(name, kind, head);
	memcpy(name + head, bytes, len);
	name[head + len] = 0;
	return name;
}

char **coap_dtls_names(const X509 *certificate)
{
	char **names = mem_zero(SETUP_NAMES_MAX + 1, sizeof(*names));
	GENERAL_NAMES *list = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	X509_NAME *subject = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	size_t count = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(list) && count < SETUP_NAMES_MAX - 1; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);

		if (name->type == GEN_URI)
			names[count] = setup_name("URI:", name->d.uniformResourceIdentifier);
		else if (name->type == GEN_DNS)
			names[count] = setup_name("DNS:", name->d.dNSName);
		count += names[count] != NULL;
	}
	GENERAL_NAMES_free(list);
	if (at >= 0)
		names[count] = setup_name("CN:", X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	return names;
}

void coap_dtls_fingerprint(const X509 *certificate, char ret[65])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	ret[0] = 0;
	if (X509_digest(certificate, EVP_sha256(), digest, &len) != 1)
		return;
	for (unsigned int i = 0; i < len && i < 32; i++)
		snprintf(ret + (size_t)i * 2, 3, "%02x", digest[i]);
}

void coap_dtls_reason(SSL *ssl, char *room, size_t cap)
{
	long verify = SSL_get_verify_result(ssl);
	unsigned long error = ERR_peek_error();
	const char *reason = error ? ERR_reason_error_string(error) : NULL;

	if (verify != X509_V_OK)
		reason = X509_verify_cert_error_string(verify);
	snprintf(room, cap, "%s", reason ? reason : "broken off");
	ERR_clear_error();
}
