/* SPDX-License-Identifier: Apache-2.0 */
/* One TLS connection over a socket that is somebody else's. OpenSSL shakes hands within the first reads and
 * writes; as soon as it is through, who stands at the other end is written down once.
 *
 * OpenSSL's buffers are 34 KB a connection. SSL_MODE_RELEASE_BUFFERS would take and free them with each
 * message; so only those that were not among the last to speak give theirs back. */
#include "net/tls_certificate.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/mem.h"

struct tls_session {
	SSL *ssl;
	struct tls_context *context;
	struct tls_peer peer;
	struct tls_certificate *certificate; /* what peer shows; NULL: none */
	const char *error;                   /* of OpenSSL's tables, or "" */
	uint32_t wants;                      /* EPOLLIN or EPOLLOUT */
	int place;                           /* in the ring of those with buffers; -1: none */
	bool used;                           /* since the ring's hand last passed */
	bool ready, broken;                  /* broken: OpenSSL wants no more calls */
	bool drained;                        /* the last read found nothing whole */
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

int tls_session_connect(struct tls_context *context, int fd, const char *name, struct tls_session **ret)
{
	struct tls_session *session;
	int r = session_create(context, fd, &session);

	if (r != 0)
		return r;
	SSL_set_connect_state(session->ssl);
	if (!tls_certificate_expect(session->ssl, name)) {
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
	tls_certificate_destroy(session->certificate);
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

	session->ready = true;
	session->certificate = tls_certificate_of(ssl);
	if (session->certificate) {
		session->peer.verified = true;
		session->peer.names = (const char *const *)session->certificate->names;
		session->peer.fingerprint = session->certificate->fingerprint;
	}
	if (session->context->server && session->context->config.psk)
		session->peer.psk = session_psk(ssl);
	ERR_clear_error();
}

/* ---- reading and writing ---- */

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
	session->error = tls_certificate_reason(ssl);
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
