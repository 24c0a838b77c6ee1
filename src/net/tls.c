/* SPDX-License-Identifier: Apache-2.0 */
/* One TLS connection over a socket that is somebody else's. OpenSSL shakes hands within the first reads and
 * writes; as soon as it is through, who stands at the other end is written down once.
 *
 * OpenSSL's buffers are 34 KB a connection. SSL_MODE_RELEASE_BUFFERS would take and free them with each
 * message; so only those that were not among the last to speak give theirs back. */
#include "net/tls_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/mem.h"

#define TLS_NAMES_MOST 32 /* of a certificate; what stands behind proves nothing */

struct tls_session {
	SSL *ssl;
	struct tls_context *context;
	struct tls_peer peer;
	char **names;       /* those of peer, ours; NULL: none */
	char *fingerprint;  /* that of peer, ours */
	const char *error;  /* of OpenSSL's tables, or "" */
	uint32_t wants;     /* EPOLLIN or EPOLLOUT */
	int place;          /* in the ring of those with buffers; -1: none */
	bool used;          /* since the ring's hand last passed */
	bool ready, broken; /* broken: OpenSSL wants no more calls */
	bool drained;       /* the last read found nothing whole */
};

static const char *const session_nobody[] = {NULL};

/* ---- who keeps buffers ---- */

/* Takes a place in the ring, from somebody who has not spoken since the hand last passed him. */
static void session_warm(struct tls_session *session)
{
	struct tls_context *context = session->context;
	struct tls_session *other;

	while ((other = context->hot[context->hand]) && other->used) {
		other->used = false;
		context->hand = (context->hand + 1) % TLS_HOT_MOST;
	}
	if (other) {
		other->place = -1;
		/* Not when they are in use; whoever has half a record here has not spoken his last. */
		SSL_free_buffers(other->ssl);
	}
	context->hot[context->hand] = session;
	session->place = (int)context->hand;
	context->hand = (context->hand + 1) % TLS_HOT_MOST;
}

static void session_use(struct tls_session *session)
{
	session->used = true;
	if (session->place < 0)
		session_warm(session);
}

static void session_cool(struct tls_session *session)
{
	if (session->place >= 0)
		session->context->hot[session->place] = NULL;
}

/* ---- its life ---- */

static int session_create(struct tls_context *context, int fd, struct tls_session **ret)
{
	struct tls_session *session = mem_zero(1, sizeof(*session));
	BIO *bio;

	session->ssl = SSL_new(context->ctx);
	session->context = context;
	context->refs++;
	session->peer.names = session_nobody;
	session->wants = EPOLLIN;
	session->error = "";
	session->place = -1;
	session->drained = true;
	bio = tls_socket_create(context->socket, fd);
	if (session->ssl && bio)
		SSL_set_bio(session->ssl, bio, bio);
	else
		BIO_free(bio);
	if (!session->ssl || !bio) {
		ERR_clear_error();
		session->broken = true;
		tls_session_destroy(session);
		return -ENOMEM;
	}
	*ret = session;
	return 0;
}

int tls_session_accept(struct tls_context *context, int fd, struct tls_session **ret)
{
	int r = session_create(context, fd, ret);

	if (r == 0)
		SSL_set_accept_state((*ret)->ssl);
	return r;
}

static bool session_is_address(const char *name)
{
	struct in6_addr address;

	return inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
}

int tls_session_connect(struct tls_context *context, int fd, const char *name, struct tls_session **ret)
{
	struct tls_session *session;
	int r = session_create(context, fd, &session);
	bool good;

	if (r != 0)
		return r;
	SSL_set_connect_state(session->ssl);
	if (session_is_address(name)) {
		good = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session->ssl), name) == 1;
	} else {
		SSL_set_hostflags(session->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		good = SSL_set1_host(session->ssl, name) == 1 &&
		       SSL_set_tlsext_host_name(session->ssl, name) == 1;
	}
	if (!good) {
		ERR_clear_error();
		tls_session_destroy(session);
		return -EINVAL;
	}
	*ret = session;
	return 0;
}

void tls_session_destroy(struct tls_session *session)
{
	if (!session)
		return;
	tls_end(session);
	session_cool(session);
	SSL_free(session->ssl);
	for (char **name = session->names; name && *name; name++)
		free(*name);
	free(session->names);
	free(session->fingerprint);
	tls_context_release(session->context);
	free(session);
}

void tls_end(struct tls_session *session)
{
	if (session->broken || !session->ready)
		return;
	session->broken = true;
	SSL_shutdown(session->ssl);
	ERR_clear_error();
}

/* ---- who it is ---- */

/* A text that a stranger wrote, with the word before it; NULL when it holds what no name holds. */
static char *session_name(const char *kind, const unsigned char *bytes, int len)
{
	char *name;

	if (len <= 0 || len > 1024)
		return NULL;
	for (int i = 0; i < len; i++)
		if (bytes[i] <= ' ' && bytes[i] != ' ')
			return NULL;
	name = mem_take(strlen(kind) + (size_t)len + 1);
	memcpy(name, kind, strlen(kind));
	memcpy(name + strlen(kind), bytes, (size_t)len);
	name[strlen(kind) + (size_t)len] = 0;
	return name;
}

static size_t session_alt_names(X509 *cert, char **names)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	size_t count = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(all) && count < TLS_NAMES_MOST; i++) {
		int kind;
		ASN1_STRING *text = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all, i), &kind);

		if (kind != GEN_URI && kind != GEN_DNS)
			continue;
		names[count] = session_name(kind == GEN_URI ? "URI:" : "DNS:", ASN1_STRING_get0_data(text),
		                            ASN1_STRING_length(text));
		if (names[count])
			count++;
	}
	GENERAL_NAMES_free(all);
	return count;
}

/* The most particular common name: the last. */
static char *session_common_name(X509 *cert)
{
	X509_NAME *subject = X509_get_subject_name(cert);
	int at = -1, next;
	unsigned char *text = NULL;
	char *name = NULL;

	while ((next = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0)
		at = next;
	if (at >= 0) {
		int len = ASN1_STRING_to_UTF8(&text,
		                              X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));

		name = session_name("CN:", text, len);
		OPENSSL_free(text);
	}
	return name;
}

static void session_certificate(struct tls_session *session, X509 *cert)
{
	char *names[TLS_NAMES_MOST + 1], *common = session_common_name(cert);
	size_t count = session_alt_names(cert, names);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (common)
		names[count++] = common;
	session->names = mem_zero(count + 1, sizeof(*names));
	if (count > 0)
		memcpy(session->names, names, count * sizeof(*names));
	session->peer.names = (const char *const *)session->names;
	if (X509_digest(cert, EVP_sha256(), digest, &len) == 1) {
		session->fingerprint = mem_zero(len + 1, 2);
		for (unsigned i = 0; i < len; i++)
			snprintf(session->fingerprint + (size_t)i * 2, 3, "%02x", digest[i]);
		session->peer.fingerprint = session->fingerprint;
	}
	session->peer.verified = true;
}

/* The identity whose key began this session, or the one it resumes. */
static struct slice session_psk(SSL *ssl)
{
	SSL_SESSION *kept = SSL_get_session(ssl);
	const char *name;
	void *data = NULL;
	size_t len = 0;

	if (SSL_version(ssl) == TLS1_3_VERSION) {
		if (SSL_session_reused(ssl) && kept)
			SSL_SESSION_get0_ticket_appdata(kept, &data, &len);
		return slice_make(data, data ? len : 0);
	}
	name = SSL_get_psk_identity(ssl);
	return slice_of(name ? name : "");
}

/* The handshake is through. A session that is resumed keeps what was verified when it began, but not beyond
 * the certificate's life. */
static void session_greet(struct tls_session *session)
{
	SSL *ssl = session->ssl;
	X509 *cert = SSL_get0_peer_certificate(ssl);

	session->ready = true;
	if (cert && SSL_get_verify_result(ssl) == X509_V_OK && (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) &&
	    X509_cmp_current_time(X509_get0_notAfter(cert)) > 0)
		session_certificate(session, cert);
	if (session->context->server && session->context->config.psk)
		session->peer.psk = session_psk(ssl);
	ERR_clear_error();
}

/* ---- reading and writing ---- */

static void session_note(struct tls_session *session)
{
	unsigned long error = ERR_peek_error();
	long verified = SSL_get_verify_result(session->ssl);
	const char *text = NULL;

	if (verified != X509_V_OK)
		text = X509_verify_cert_error_string(verified);
	else if (error)
		text = ERR_reason_error_string(error);
	session->error = text ? text : "the protocol was broken";
}

/* SSL_get_error judges by OpenSSL's queue of errors, which others in this thread use too, and cleaning it
 * before each call costs; so it has the last word here, not the first. */
static ssize_t session_fail(struct tls_session *session, int result, int error)
{
	SSL *ssl = session->ssl;

	if (SSL_want_read(ssl) && BIO_should_read(SSL_get_rbio(ssl))) {
		session->wants = EPOLLIN;
		return -EAGAIN;
	}
	if (SSL_want_write(ssl) && BIO_should_write(SSL_get_wbio(ssl))) {
		session->wants = EPOLLOUT;
		return -EAGAIN;
	}
	if (session->ready && (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN))
		return 0;
	session->broken = true;
	if (SSL_get_error(ssl, result) == SSL_ERROR_SYSCALL) {
		session->error = error ? "the connection broke" : "the other side left";
		return error ? -error : -ECONNRESET;
	}
	session_note(session);
	ERR_clear_error();
	return -EPROTO;
}

ssize_t tls_read(struct tls_session *session, void *bytes, size_t len)
{
	size_t n = 0;
	int result, error;

	if (session->broken)
		return -EPIPE;
	session_use(session);
	errno = 0;
	result = SSL_read_ex(session->ssl, bytes, len, &n);
	error = errno;
	if (!session->ready && SSL_is_init_finished(session->ssl))
		session_greet(session);
	session->drained = result != 1;
	return result == 1 ? (ssize_t)n : session_fail(session, result, error);
}

ssize_t tls_write(struct tls_session *session, const void *bytes, size_t len)
{
	size_t n = 0;
	ssize_t failed;
	int result, error;

	if (session->broken)
		return -EPIPE;
	if (len == 0)
		return 0;
	session_use(session);
	errno = 0;
	result = SSL_write_ex(session->ssl, bytes, len, &n);
	error = errno;
	if (!session->ready && SSL_is_init_finished(session->ssl))
		session_greet(session);
	if (result == 1)
		return (ssize_t)n;
	failed = session_fail(session, result, error);
	return failed == 0 ? -EPIPE : failed;
}

uint32_t tls_wants(const struct tls_session *session)
{
	return session->wants;
}

bool tls_has_more(const struct tls_session *session)
{
	return !session->drained && !session->broken && SSL_has_pending(session->ssl) == 1;
}

bool tls_is_ready(const struct tls_session *session)
{
	return session->ready;
}

const struct tls_peer *tls_session_peer(const struct tls_session *session)
{
	return &session->peer;
}

const char *tls_session_error(const struct tls_session *session)
{
	return session->error;
}
