/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions over a BIO of our own that holds one datagram in and sends each one out at once. The listener is a
 * session that has not begun: OpenSSL answers strangers with it (HelloVerifyRequest) until one brings his
 * cookie back; then it becomes his session and a new one listens. */
#include "net/coap_dtls.h"

#include <errno.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/coap_dtls_setup.h"

#define DTLS_MTU       1232 /* what passes everywhere: IPv6's 1280 without its headers */
#define DTLS_COOKIE_US 30000000
#define DTLS_SENDER    40

struct coap_dtls {
	const struct coap_config *config;
	bool server;
	SSL_CTX *context;
	BIO_METHOD *method;
	BIO_ADDR *nobody;
	struct coap_dtls_session *listener;
	unsigned char secret[32]; /* of the cookies */
};

struct coap_dtls_session {
	struct coap_dtls *dtls;
	SSL *ssl;
	coap_dtls_send_fn *send;
	void *user;
	struct slice in; /* the datagram OpenSSL may read */
	bool peek;
	bool learned;        /* the handshake was through once: who it is has been read */
	struct slice sender; /* while listening, */
	uint64_t age;        /* in half minutes */
	struct coap_dtls_peer peer;
	struct tls_certificate *certificate; /* what peer shows */
	char psk[256];
	const char *error; /* a constant; NULL: none */
};

static int dtls_bio_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

static int dtls_bio_read(BIO *bio, char *room, int cap)
{
	struct coap_dtls_session *session = BIO_get_data(bio);
	size_t len = session->in.len;

	BIO_clear_retry_flags(bio);
	if (len == 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	if (len > (size_t)cap)
		len = (size_t)cap;
	memcpy(room, session->in.ptr, len);
	if (!session->peek)
		session->in = SLICE("");
	return (int)len;
}

static int dtls_bio_write(BIO *bio, const char *bytes, int len)
{
	struct coap_dtls_session *session = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (session->send)
		session->send(session->user, slice_make(bytes, (size_t)len));
	return len;
}

static long dtls_bio_ctrl(BIO *bio, int what, long number, void *pointer)
{
	struct coap_dtls_session *session = BIO_get_data(bio);

	(void)pointer;
	switch (what) {
	case BIO_CTRL_DGRAM_SET_PEEK_MODE:
		session->peek = number != 0;
		return 1;
	case BIO_CTRL_FLUSH:
	case BIO_CTRL_DUP:
	case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
		return 1;
	default:
		return 0;
	}
}

/* A cookie is the sender's address and about when, signed. */
static bool dtls_sign(const struct coap_dtls_session *session, uint64_t age, unsigned char ret[32])
{
	unsigned char text[DTLS_SENDER + sizeof(age)];
	size_t len = session->sender.len < DTLS_SENDER ? session->sender.len : DTLS_SENDER;
	unsigned int ret_len;

	if (len > 0)
		memcpy(text, session->sender.ptr, len);
	memcpy(text + len, &age, sizeof(age));
	return HMAC(EVP_sha256(), session->dtls->secret, sizeof(session->dtls->secret), text,
	            len + sizeof(age), ret, &ret_len) != NULL;
}

static int dtls_cookie(SSL *ssl, unsigned char *cookie, unsigned int *len)
{
	const struct coap_dtls_session *session = SSL_get_app_data(ssl);

	*len = 32;
	return dtls_sign(session, session->age, cookie);
}

static int dtls_cookie_check(SSL *ssl, const unsigned char *cookie, unsigned int len)
{
	const struct coap_dtls_session *session = SSL_get_app_data(ssl);
	unsigned char right[32];

	for (uint64_t ago = 0; len == sizeof(right) && ago < 2; ago++)
		if (dtls_sign(session, session->age - ago, right) &&
		    CRYPTO_memcmp(cookie, right, sizeof(right)) == 0)
			return 1;
	return 0;
}

/* An identity that is not known gets a key that nobody has, so that guessing names tells nothing. */
static unsigned int dtls_psk_server(SSL *ssl, const char *identity, unsigned char *key, unsigned int cap)
{
	struct coap_dtls_session *session = SSL_get_app_data(ssl);
	const struct coap_config *config = session->dtls->config;
	struct slice name = slice_of(identity);
	size_t len = 0;

	session->peer.who = NULL;
	if (name.len < sizeof(session->psk) &&
	    config->psk(config->user, name, key, cap, &len, &session->peer.who) == 0) {
		memcpy(session->psk, name.ptr, name.len);
		session->peer.psk = slice_make(session->psk, name.len);
		return (unsigned int)len;
	}
	return RAND_bytes(key, 32) == 1 ? 32 : 0;
}

static unsigned int dtls_psk_client(SSL *ssl, const char *hint, char *identity, unsigned int identity_cap,
                                    unsigned char *key, unsigned int cap)
{
	const struct coap_dtls_session *session = SSL_get_app_data(ssl);
	const struct coap_config *config = session->dtls->config;

	(void)hint;
	if (config->client_psk_key.len > cap || strlen(config->client_psk_identity) >= identity_cap)
		return 0;
	snprintf(identity, identity_cap, "%s", config->client_psk_identity);
	memcpy(key, config->client_psk_key.ptr, config->client_psk_key.len);
	return (unsigned int)config->client_psk_key.len;
}

/* The context of OpenSSL, made anew from the files. */
static int dtls_load(struct coap_dtls *dtls, struct why *why, SSL_CTX **ret)
{
	const struct coap_config *config = dtls->config;
	SSL_CTX *context;
	int r = coap_dtls_setup(config, dtls->server, why, &context);

	if (r != 0)
		return r;
	SSL_CTX_set_cookie_generate_cb(context, dtls_cookie);
	SSL_CTX_set_cookie_verify_cb(context, dtls_cookie_check);
	if (dtls->server && config->psk)
		SSL_CTX_set_psk_server_callback(context, dtls_psk_server);
	if (!dtls->server && config->client_psk_identity)
		SSL_CTX_set_psk_client_callback(context, dtls_psk_client);
	*ret = context;
	return 0;
}

int coap_dtls_create(const struct coap_config *config, bool server, struct why *why, struct coap_dtls **ret)
{
	struct coap_dtls *dtls = mem_zero(1, sizeof(*dtls));
	int r;

	dtls->config = config;
	dtls->server = server;
	r = dtls_load(dtls, why, &dtls->context);
	if (r != 0) {
		free(dtls);
		return r;
	}
	dtls->method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
	dtls->nobody = BIO_ADDR_new();
	if (!dtls->method || !dtls->nobody || RAND_bytes(dtls->secret, sizeof(dtls->secret)) != 1) {
		coap_dtls_destroy(dtls);
		return fault(-EIO, "OpenSSL cannot begin");
	}
	BIO_meth_set_create(dtls->method, dtls_bio_create);
	BIO_meth_set_read(dtls->method, dtls_bio_read);
	BIO_meth_set_write(dtls->method, dtls_bio_write);
	BIO_meth_set_ctrl(dtls->method, dtls_bio_ctrl);
	*ret = dtls;
	return 0;
}

void coap_dtls_destroy(struct coap_dtls *dtls)
{
	if (!dtls)
		return;
	coap_dtls_end(dtls->listener);
	SSL_CTX_free(dtls->context);
	BIO_meth_free(dtls->method);
	BIO_ADDR_free(dtls->nobody);
	OPENSSL_cleanse(dtls->secret, sizeof(dtls->secret));
	free(dtls);
}

int coap_dtls_reload(struct coap_dtls *dtls, struct why *why)
{
	SSL_CTX *context;
	int r = dtls_load(dtls, why, &context);

	if (r != 0)
		return r;
	SSL_CTX_free(dtls->context);
	dtls->context = context;
	coap_dtls_end(dtls->listener);
	dtls->listener = NULL;
	return 0;
}

static struct coap_dtls_session *dtls_new(struct coap_dtls *dtls)
{
	struct coap_dtls_session *session = mem_zero(1, sizeof(*session));
	BIO *bio = BIO_new(dtls->method);

	session->dtls = dtls;
	session->ssl = SSL_new(dtls->context);
	if (!bio || !session->ssl) {
		BIO_free(bio);
		coap_dtls_end(session);
		return NULL;
	}
	BIO_set_data(bio, session);
	SSL_set_bio(session->ssl, bio, bio);
	SSL_set_app_data(session->ssl, session);
	SSL_set_options(session->ssl, SSL_OP_COOKIE_EXCHANGE | SSL_OP_NO_QUERY_MTU);
	SSL_set_mtu(session->ssl, DTLS_MTU);
	return session;
}

/* Who it is, once the handshake is through. A certificate that is here has been verified. */
static void dtls_learn(struct coap_dtls_session *session)
{
	if (session->learned)
		return;
	session->learned = true;
	session->certificate = tls_certificate_of(session->ssl);
	if (!session->certificate)
		return;
	session->peer.names = (const char *const *)session->certificate->names;
	session->peer.fingerprint = session->certificate->fingerprint;
}

/* What OpenSSL says to a result that is not good: 0 to go on, or -EPROTO. */
static int dtls_result(struct coap_dtls_session *session, int result)
{
	int error = SSL_get_error(session->ssl, result);

	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		ERR_clear_error();
		return 0;
	}
	if (error == SSL_ERROR_ZERO_RETURN)
		session->error = "the other side closed the session";
	else
		session->error = tls_certificate_reason(session->ssl);
	return -EPROTO;
}

struct coap_dtls_session *coap_dtls_listen(struct coap_dtls *dtls, struct slice sender, struct slice datagram,
                                           int64_t now_us, coap_dtls_send_fn *send, void *user)
{
	struct coap_dtls_session *session = dtls->listener;
	int r;

	/* A record of type handshake that holds a ClientHello, or nothing of ours: no need to wake OpenSSL.
	 */
	if (datagram.len < 14 || datagram.ptr[0] != 22 || datagram.ptr[13] != 1)
		return NULL;
	if (!session)
		session = dtls->listener = dtls_new(dtls);
	if (!session)
		return NULL;
	session->send = send;
	session->user = user;
	session->sender = sender;
	session->age = (uint64_t)(now_us / DTLS_COOKIE_US);
	session->in = datagram;
	ERR_clear_error();
	r = DTLSv1_listen(session->ssl, dtls->nobody);
	if (r <= 0) {
		ERR_clear_error();
		session->in = SLICE("");
		session->send = NULL;
		if (r < 0) {
			/* Worse than a stranger without a cookie: begin afresh. */
			coap_dtls_end(session);
			dtls->listener = NULL;
		}
		return NULL;
	}
	dtls->listener = NULL;
	r = SSL_accept(session->ssl);
	session->in = SLICE("");
	session->sender = SLICE("");
	if (r <= 0 && dtls_result(session, r) != 0) {
		log_debug("coap", "DTLS: %s", session->error);
		coap_dtls_end(session);
		return NULL;
	}
	return session;
}

struct coap_dtls_session *coap_dtls_connect(struct coap_dtls *dtls, const char *host, coap_dtls_send_fn *send,
                                            void *user)
{
	struct coap_dtls_session *session = dtls_new(dtls);
	int r;

	if (!session)
		return NULL;
	session->send = send;
	session->user = user;
	ERR_clear_error();
	r = tls_certificate_expect(session->ssl, host) ? SSL_connect(session->ssl) : 0;
	if (r <= 0 && dtls_result(session, r) != 0) {
		coap_dtls_end(session);
		return NULL;
	}
	return session;
}

void coap_dtls_end(struct coap_dtls_session *session)
{
	if (!session)
		return;
	if (session->ssl && session->send && !session->error && SSL_is_init_finished(session->ssl))
		SSL_shutdown(session->ssl);
	ERR_clear_error();
	SSL_free(session->ssl);
	tls_certificate_destroy(session->certificate);
	free(session);
}

void coap_dtls_set_sender(struct coap_dtls_session *session, coap_dtls_send_fn *send, void *user)
{
	session->send = send;
	session->user = user;
}

ssize_t coap_dtls_receive(struct coap_dtls_session *session, struct slice datagram, char *room, size_t cap)
{
	int r;

	session->in = datagram;
	ERR_clear_error();
	r = SSL_read(session->ssl, room, cap > INT32_MAX ? INT32_MAX : (int)cap);
	session->in = SLICE("");
	if (SSL_is_init_finished(session->ssl))
		dtls_learn(session);
	return r > 0 ? r : dtls_result(session, r);
}

int coap_dtls_write(struct coap_dtls_session *session, struct slice bytes)
{
	int r;

	ERR_clear_error();
	r = SSL_write(session->ssl, bytes.ptr, (int)bytes.len);
	return r > 0 ? 0 : dtls_result(session, r);
}

bool coap_dtls_is_ready(const struct coap_dtls_session *session)
{
	return SSL_is_init_finished(session->ssl);
}

int64_t coap_dtls_wait(struct coap_dtls_session *session)
{
	struct timeval left;

	if (!DTLSv1_get_timeout(session->ssl, &left))
		return -1;
	return (int64_t)left.tv_sec * 1000000 + left.tv_usec;
}

int coap_dtls_again(struct coap_dtls_session *session)
{
	ERR_clear_error();
	if (DTLSv1_handle_timeout(session->ssl) >= 0)
		return 0;
	session->error = "no answer to the handshake";
	ERR_clear_error();
	return -EPROTO;
}

const struct coap_dtls_peer *coap_dtls_peer(const struct coap_dtls_session *session)
{
	return &session->peer;
}

const char *coap_dtls_error(const struct coap_dtls_session *session)
{
	return session->error ? session->error : "";
}
