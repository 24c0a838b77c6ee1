/* SPDX-License-Identifier: Apache-2.0 */
/* Blocking, by OpenSSL. Sessions last until the program ends. */
#include "bench/idle_dtls.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

struct ssl_ctx_st *idle_dtls_context(const char *cert, const char *key)
{
	SSL_CTX *context = SSL_CTX_new(DTLS_client_method());

	if (context && cert && key &&
	    (SSL_CTX_use_certificate_chain_file(context, cert) != 1 ||
	     SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1))
		return NULL;
	return context;
}

struct ssl_st *idle_dtls_open(struct ssl_ctx_st *context, int fd)
{
	SSL *session = context ? SSL_new(context) : NULL;
	BIO *bio = session ? BIO_new_dgram(fd, BIO_NOCLOSE) : NULL;
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);

	if (!bio || getpeername(fd, (struct sockaddr *)&peer, &len) != 0)
		return NULL;
	BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &peer);
	SSL_set_bio(session, bio, bio);
	return SSL_connect(session) == 1 ? session : NULL;
}

ssize_t idle_dtls_write(struct ssl_st *session, const void *bytes, size_t len)
{
	return SSL_write(session, bytes, (int)len);
}

ssize_t idle_dtls_read(struct ssl_st *session, void *bytes, size_t len)
{
	return SSL_read(session, bytes, (int)len);
}
