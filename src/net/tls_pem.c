/* SPDX-License-Identifier: Apache-2.0 */
/* The files of TLS and DTLS into an SSL_CTX: certificate and key, whom we trust, what was revoked. Each that
 * is no good is refused with a sentence that names it. */
#include "net/tls_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PEM_REFUSED   4000
#define PEM_DEPTH     4  /* authorities between a certificate and the one we trust */
#define PEM_CLIENT_CA 64 /* names of authorities told to clients; more would not help them */

/* Nobody is there to type one. */
static int pem_no_password(char *buf, int size, int rwflag, void *user)
{
	return 0;
}

/* Says what is wrong with a file; when it cannot even be opened, that. */
static int pem_refuse(struct why *why, const char *file, const char *wrong)
{
	FILE *opened = fopen(file, "re");

	ERR_clear_error();
	if (!opened)
		return refuse(why, PEM_REFUSED, "%s: %s", file, strerror(errno));
	fclose(opened);
	return refuse(why, PEM_REFUSED, "%s: %s", file, wrong);
}

static int pem_load_key(SSL_CTX *ctx, const struct tls_pem *pem, struct why *why)
{
	BIO *file = BIO_new_file(pem->key, "r");
	EVP_PKEY *pkey = file ? PEM_read_bio_PrivateKey(file, NULL, pem_no_password, NULL) : NULL;
	int r = 0;

	if (!pkey)
		r = pem_refuse(why, pem->key, "no private key in PEM, or one behind a password");
	else if (X509_check_private_key(SSL_CTX_get0_certificate(ctx), pkey) != 1)
		r = refuse(why, PEM_REFUSED, "%s: the key does not fit the certificate of %s", pem->key,
		           pem->cert);
	else if (SSL_CTX_use_PrivateKey(ctx, pkey) != 1)
		r = pem_refuse(why, pem->key, "the key is of no use for TLS");
	ERR_clear_error();
	EVP_PKEY_free(pkey);
	BIO_free(file);
	return r;
}

static int pem_load_own(SSL_CTX *ctx, const struct tls_pem *pem, struct why *why)
{
	if (!pem->cert && !pem->key)
		return 0;
	if (!pem->cert)
		return refuse(why, PEM_REFUSED, "%s: a key without a certificate", pem->key);
	if (SSL_CTX_use_certificate_chain_file(ctx, pem->cert) != 1)
		return pem_refuse(why, pem->cert, "no certificate in PEM that TLS can use");
	if (X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(ctx))) < 0)
		return refuse(why, PEM_REFUSED, "%s: the certificate has expired", pem->cert);
	if (!pem->key)
		return refuse(why, PEM_REFUSED, "%s: a certificate without a key", pem->cert);
	return pem_load_key(ctx, pem, why);
}

static int pem_load_trust(SSL_CTX *ctx, const struct tls_pem *pem, bool server, struct why *why)
{
	STACK_OF(X509_NAME) * names;

	if (!server || pem->ca)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_verify_depth(ctx, PEM_DEPTH);
	if (!pem->ca)
		return server || SSL_CTX_set_default_verify_paths(ctx) == 1 ? 0 : -EIO;
	if (SSL_CTX_load_verify_file(ctx, pem->ca) != 1)
		return pem_refuse(why, pem->ca, "no certificate in PEM");
	names = server ? SSL_load_client_CA_file(pem->ca) : NULL;
	if (names && sk_X509_NAME_num(names) <= PEM_CLIENT_CA)
		SSL_CTX_set_client_CA_list(ctx, names);
	else
		sk_X509_NAME_pop_free(names, X509_NAME_free);
	return 0;
}

static int pem_load_crl(SSL_CTX *ctx, const struct tls_pem *pem, struct why *why)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	X509_LOOKUP *lookup;

	if (!pem->crl)
		return 0;
	lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
	if (!lookup)
		return -ENOMEM;
	if (X509_load_crl_file(lookup, pem->crl, X509_FILETYPE_PEM) < 1)
		return pem_refuse(why, pem->crl, "no revocation list in PEM");
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return 0;
}

int tls_pem_load(SSL_CTX *ctx, const struct tls_pem *pem, bool server, struct why *why)
{
	int r = pem_load_own(ctx, pem, why);

	if (r == 0)
		r = pem_load_trust(ctx, pem, server, why);
	if (r == 0)
		r = pem_load_crl(ctx, pem, why);
	ERR_clear_error();
	return r;
}

static const char *pem_copy(const char *path)
{
	return path && path[0] ? strdup(path) : NULL;
}

struct tls_pem tls_pem_copy(const struct tls_pem *pem)
{
	return (struct tls_pem){.cert = pem_copy(pem->cert),
	                        .key = pem_copy(pem->key),
	                        .ca = pem_copy(pem->ca),
	                        .crl = pem_copy(pem->crl)};
}

void tls_pem_finish(struct tls_pem *pem)
{
	const char *paths[] = {pem->cert, pem->key, pem->ca, pem->crl};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		free((char *)(uintptr_t)paths[i]);
	*pem = (struct tls_pem){0};
}
