/* SPDX-License-Identifier: Apache-2.0 */
/* TLS between two of our own, or one of ours and bare OpenSSL, over a pair of sockets in one thread: who is
 * trusted, who is not and why, keys instead of certificates, resumption, new files under a living house. */
#include "net/tls_test.h"
#include "net/tls_private.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static struct tls_files files;

struct pair {
	int fd[2]; /* server, client */
	struct tls_session *server, *client;
};

static void pair_begin(struct pair *pair, struct tls_context *server, struct tls_context *client,
                       const char *name)
{
	*pair = (struct pair){0};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair->fd), 0);
	assert_int_equal(tls_session_accept(server, pair->fd[0], &pair->server), 0);
	if (client)
		assert_int_equal(tls_session_connect(client, pair->fd[1], name, &pair->client), 0);
}

static void pair_end(struct pair *pair)
{
	tls_session_destroy(pair->client);
	tls_session_destroy(pair->server);
	close(pair->fd[0]);
	close(pair->fd[1]);
}

/* Both speak until a word has gone each way (0), or one of them gives up. */
static int pair_shake(struct pair *pair, char heard[2])
{
	/* Each step is tried until it is done: 1. */
	ssize_t done[4] = {0};

	heard[0] = heard[1] = 0;
	for (int i = 0; i < 50 && done[3] != 1; i++) {
		if (done[0] != 1)
			done[0] = tls_write(pair->client, "c", 1);
		if (done[1] != 1)
			done[1] = tls_read(pair->server, &heard[0], 1);
		if (done[1] == 1 && done[2] != 1)
			done[2] = tls_write(pair->server, "s", 1);
		if (done[0] == 1)
			done[3] = tls_read(pair->client, &heard[1], 1);
		for (int k = 0; k < 4; k++)
			if (done[k] < 0 && done[k] != -EAGAIN)
				return (int)done[k];
	}
	return heard[0] == 'c' && heard[1] == 's' ? 0 : -ETIMEDOUT;
}

static bool names_have(const struct tls_peer *peer, const char *name)
{
	for (const char *const *at = peer->names; *at; at++)
		if (strcmp(*at, name) == 0)
			return true;
	return false;
}

UNIT(two_of_ours_know_each_other)
{
	struct tls_context *server = tls_test_context(&files, true, "server", "ca", "crl");
	struct tls_context *client = tls_test_context(&files, false, "client", "ca", "crl");
	const struct tls_peer *peer;
	struct pair pair;
	char heard[2];

	pair_begin(&pair, server, client, "localhost");
	peer = tls_session_peer(pair.server);
	assert_false(tls_is_ready(pair.server));
	assert_false(peer->verified);
	assert_null(peer->names[0]);
	assert_int_equal(pair_shake(&pair, heard), 0);
	assert_true(tls_is_ready(pair.server));
	assert_true(peer->verified);
	assert_true(names_have(peer, "URI:https://dure.test/id-in/Cclient"));
	assert_true(names_have(peer, "DNS:client.dure.test"));
	assert_true(names_have(peer, "CN:client"));
	assert_int_equal(strlen(peer->fingerprint), 64);
	assert_int_equal(peer->psk.len, 0);
	assert_true(names_have(tls_session_peer(pair.client), "DNS:localhost"));
	assert_string_equal(tls_session_error(pair.server), "");
	/* A goodbye is an end; and the contexts may go first. */
	tls_context_destroy(server);
	tls_context_destroy(client);
	tls_end(pair.client);
	assert_int_equal(tls_read(pair.server, heard, 1), 0);
	assert_int_equal(tls_read(pair.client, heard, 1), -EPIPE);
	pair_end(&pair);
}

UNIT(an_end_without_goodbye_is_an_end)
{
	struct tls_context *server = tls_test_context(&files, true, "server", NULL, NULL);
	struct tls_context *client = tls_test_context(&files, false, NULL, "ca", NULL);
	struct pair pair;
	char heard[2];

	pair_begin(&pair, server, client, "localhost");
	assert_int_equal(pair_shake(&pair, heard), 0);
	assert_int_equal(tls_read(pair.server, heard, 1), -EAGAIN);
	shutdown(pair.fd[1], SHUT_RDWR);
	assert_int_equal(tls_read(pair.server, heard, 1), 0);
	assert_int_equal(tls_write(pair.server, "x", 1), -EPIPE);
	pair_end(&pair);
	pair_begin(&pair, server, client, "localhost");
	assert_int_equal(tls_write(pair.client, "x", 1), -EAGAIN);
	assert_int_equal(tls_read(pair.server, heard, 1), -EAGAIN);
	shutdown(pair.fd[1], SHUT_RDWR);
	assert_int_equal(tls_read(pair.server, heard, 1), -EPROTO);
	assert_true(tls_session_error(pair.server)[0]);
	pair_end(&pair);
	tls_context_destroy(server);
	tls_context_destroy(client);
}

UNIT(who_brings_no_certificate_is_nobody)
{
	struct tls_context *server = tls_test_context(&files, true, "server", "ca", NULL);
	struct tls_context *client = tls_test_context(&files, false, NULL, "ca", NULL);
	struct pair pair;
	char heard[2];

	pair_begin(&pair, server, client, "127.0.0.1");
	assert_int_equal(pair_shake(&pair, heard), 0);
	assert_false(tls_session_peer(pair.server)->verified);
	assert_null(tls_session_peer(pair.server)->fingerprint);
	pair_end(&pair);
	tls_context_destroy(server);
	tls_context_destroy(client);
}

static const struct {
	const char *server, *client, *name;
	const char *server_says, *client_says; /* why it failed; NULL: it did not */
} meetings[] = {
        {"server", "client", "localhost", NULL, NULL},
        {"server", "client", "127.0.0.1", NULL, NULL},
        {"server", "client", "::1", NULL, NULL},
        {"server", "client-middle", "localhost", NULL, NULL},
        {"server", "client-second", "localhost", NULL, NULL},
        {"server", "client-revoked", "localhost", "certificate revoked", NULL},
        {"server", "client-wrong-usage", "localhost", "unsuitable certificate purpose", NULL},
        {"server", "client-stranger", "localhost", "unable to get local issuer certificate", NULL},
        {"server", "client", "other.example", NULL, "hostname mismatch"},
        {"server", "client", "127.0.0.2", NULL, "IP address mismatch"},
        {"server-wrong-name", "client", "localhost", NULL, "hostname mismatch"},
        {"server-wrong-usage", "client", "localhost", NULL, "unsuitable certificate purpose"},
        {"server-revoked", "client", "localhost", NULL, "certificate revoked"},
        {"server-stranger", "client", "localhost", NULL, "unable to get local issuer certificate"},
};

UNIT(good_and_bad_certificates)
{
	for (size_t i = 0; i < sizeof(meetings) / sizeof(*meetings); i++) {
		struct tls_context *server = tls_test_context(&files, true, meetings[i].server, "ca", "crl");
		struct tls_context *client = tls_test_context(&files, false, meetings[i].client, "ca", "crl");
		bool bad = meetings[i].server_says || meetings[i].client_says;
		struct pair pair;
		char heard[2];
		int r;

		pair_begin(&pair, server, client, meetings[i].name);
		r = pair_shake(&pair, heard);
		if ((r == 0) == bad)
			print_error("%s, %s: %d\n", meetings[i].server, meetings[i].client, r);
		assert_int_equal(r == 0, !bad);
		assert_int_equal(heard[0] || heard[1], !bad);
		if (meetings[i].server_says)
			assert_string_equal(tls_session_error(pair.server), meetings[i].server_says);
		if (meetings[i].client_says)
			assert_string_equal(tls_session_error(pair.client), meetings[i].client_says);
		assert_int_equal(tls_session_peer(pair.server)->verified, !bad);
		pair_end(&pair);
		tls_context_destroy(server);
		tls_context_destroy(client);
	}
}

static const struct {
	const char *cert, *key, *ca, *crl, *says;
} configs[] = {
        {"none.pem", "server.key", NULL, NULL, "none.pem: No such file"},
        {"server.pem", "none.key", NULL, NULL, "none.key: No such file"},
        {"server.pem", "server.key", "none.pem", NULL, "none.pem: No such file"},
        {"server.pem", "server.key", "ca.pem", "none.pem", "none.pem: No such file"},
        {"openssl.cnf", "server.key", NULL, NULL, "openssl.cnf: no certificate in PEM"},
        {"server.pem", "openssl.cnf", NULL, NULL, "openssl.cnf: no private key in PEM"},
        {"server.pem", "server.key", "openssl.cnf", NULL, "openssl.cnf: no certificate in PEM"},
        {"server.pem", "server.key", "ca.pem", "ca.pem", "ca.pem: no revocation list in PEM"},
        {"server.pem", "client.key", NULL, NULL, "client.key: the key does not fit the certificate of"},
        {"server-expired.pem", "server-expired.key", NULL, NULL,
         "server-expired.pem: the certificate has expired"},
        {"server.pem", "locked.key", NULL, NULL,
         "locked.key: no private key in PEM, or one behind a password"},
        {"server.pem", NULL, NULL, NULL, "server.pem: a certificate without a key"},
        {NULL, "server.key", NULL, NULL, "needs a certificate"},
        {NULL, NULL, NULL, NULL, "needs a certificate"},
};

UNIT(bad_files_are_refused_by_name)
{
	char command[200];

	snprintf(command, sizeof(command),
	         "cd '%s' && openssl ec -in server.key -aes128 -passout pass:x -out locked.key 2>/dev/null",
	         files.dir);
	assert_int_equal(system(command), 0);
	for (size_t i = 0; i < sizeof(configs) / sizeof(*configs); i++) {
		const char *names[] = {configs[i].cert, configs[i].key, configs[i].ca, configs[i].crl};
		char paths[4][128];
		struct tls_config config = {0};
		const char **fields[] = {&config.pem.cert, &config.pem.key, &config.pem.ca, &config.pem.crl};
		struct tls_context *context = NULL;
		struct why why = {0};

		for (int k = 0; k < 4; k++)
			if (names[k]) {
				snprintf(paths[k], sizeof(paths[k]), "%s/%s", files.dir, names[k]);
				*fields[k] = paths[k];
			}
		assert_int_equal(tls_context_create(&config, true, &why, &context), 4000);
		if (!strstr(why.text, configs[i].says))
			print_error("\"%s\" does not say \"%s\"\n", why.text, configs[i].says);
		assert_non_null(strstr(why.text, configs[i].says));
		assert_null(context);
	}
}

/* ---- keys ---- */

static int test_psk(void *user, struct slice identity, uint8_t *key, size_t cap, size_t *ret_len)
{
	if (!slice_is(identity, SLICE("meter@dure.test")) && !slice_is(identity, SLICE("other@dure.test")))
		return -ENOENT;
	assert_true(cap >= 16);
	memcpy(key, user, 16);
	*ret_len = 16;
	return 0;
}

static struct tls_context *psk_context(bool server, const char *cert, const char *identity, const char *key)
{
	struct tls_config config = {.pem.cert = tls_file(&files, cert, "pem"),
	                            .pem.key = tls_file(&files, cert, "key"),
	                            .pem.ca = tls_file(&files, "ca", "pem"),
	                            .psk = test_psk,
	                            .user = (void *)(uintptr_t)key,
	                            .psk_identity = identity};
	struct tls_context *context;
	struct why why = {0};

	assert_int_equal(tls_context_create(&config, server, &why, &context), 0);
	return context;
}

UNIT(a_key_instead_of_a_certificate)
{
	static const struct {
		const char *cert, *identity, *key, *says;
	} rows[] = {
	        {NULL, "meter@dure.test", "0123456789abcdef", NULL},
	        {"server", "meter@dure.test", "0123456789abcdef", NULL},
	        {NULL, "meter@dure.test", "0123456789abcdeF", "binder does not verify"},
	        {NULL, "nobody", "0123456789abcdef", "no suitable signature algorithm"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct tls_context *server = psk_context(true, rows[i].cert, NULL, "0123456789abcdef");
		struct tls_context *client = psk_context(false, NULL, rows[i].identity, rows[i].key);
		const struct tls_peer *peer;
		struct pair pair;
		char heard[2];

		pair_begin(&pair, server, client, "localhost");
		peer = tls_session_peer(pair.server);
		assert_int_equal(pair_shake(&pair, heard) != 0, rows[i].says != NULL);
		assert_slice(peer->psk, rows[i].says ? "" : "meter@dure.test");
		assert_false(peer->verified);
		if (rows[i].says && strcmp(rows[i].identity, "nobody") != 0)
			assert_string_equal(tls_session_error(pair.server), rows[i].says);
		pair_end(&pair);
		tls_context_destroy(server);
		tls_context_destroy(client);
	}
}

/* ---- bare OpenSSL as a client: what ours does not do ---- */

struct bare {
	SSL_CTX *ctx;
	SSL *ssl;
};

static SSL_SESSION *bare_ticket; /* the last one that a server gave */

static int bare_new_session(SSL *ssl, SSL_SESSION *session)
{
	SSL_SESSION_free(bare_ticket);
	bare_ticket = session;
	return 1;
}

static unsigned bare_psk(SSL *ssl, const char *hint, char *identity, unsigned identity_cap,
                         unsigned char *key, unsigned cap)
{
	snprintf(identity, identity_cap, "%s", "other@dure.test");
	memcpy(key, "0123456789abcdef", 16);
	return 16;
}

static void bare_begin(struct bare *bare, int fd, int version, const char *cert, const char *suites)
{
	bare->ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(bare->ctx, version);
	SSL_CTX_set_max_proto_version(bare->ctx, version);
	SSL_CTX_set_session_cache_mode(bare->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(bare->ctx, bare_new_session);
	if (suites) {
		SSL_CTX_set_psk_client_callback(bare->ctx, bare_psk);
		assert_int_equal(SSL_CTX_set_cipher_list(bare->ctx, suites), 1);
	}
	if (cert) {
		SSL_CTX_use_certificate_file(bare->ctx, tls_file(&files, cert, "pem"), SSL_FILETYPE_PEM);
		SSL_CTX_use_PrivateKey_file(bare->ctx, tls_file(&files, cert, "key"), SSL_FILETYPE_PEM);
	}
	bare->ssl = SSL_new(bare->ctx);
	SSL_set_fd(bare->ssl, fd);
	SSL_set_connect_state(bare->ssl);
	if (bare_ticket)
		SSL_set_session(bare->ssl, bare_ticket);
}

/* A word each way; false: it failed. */
static bool bare_shake(struct bare *bare, struct pair *pair)
{
	char heard = 0;
	bool said = false, answered = false;

	for (int i = 0; i < 50; i++) {
		if (!said)
			said = SSL_write(bare->ssl, "c", 1) == 1;
		if (!answered && tls_read(pair->server, &heard, 1) == 1)
			answered = tls_write(pair->server, "s", 1) == 1;
		if (said && SSL_read(bare->ssl, &heard, 1) == 1)
			return heard == 's';
	}
	ERR_clear_error();
	return false;
}

static void bare_end(struct bare *bare)
{
	SSL_free(bare->ssl);
	SSL_CTX_free(bare->ctx);
}

static void bare_forget(void)
{
	SSL_SESSION_free(bare_ticket);
	bare_ticket = NULL;
}

/* Meets the server; says whether it was by resumption. */
static bool bare_meet(struct tls_context *server, int version, const char *cert, const char *suites,
                      struct pair *pair)
{
	struct bare bare;
	bool reused;

	pair_begin(pair, server, NULL, NULL);
	bare_begin(&bare, pair->fd[1], version, cert, suites);
	assert_true(bare_shake(&bare, pair));
	reused = SSL_session_reused(bare.ssl) == 1;
	SSL_shutdown(bare.ssl);
	bare_end(&bare);
	return reused;
}

UNIT(a_resumed_session_keeps_who_it_was)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	for (int i = 0; i < 2; i++) {
		struct tls_context *server = tls_test_context(&files, true, "server", "ca", "crl");
		struct why why = {0};
		struct pair pair;

		for (int round = 0; round < 3; round++) {
			const struct tls_peer *peer;
			/* The last one after new files were read: those tickets are worth nothing. */
			if (round == 2)
				assert_int_equal(tls_context_reload(server, &why), 0);
			assert_int_equal(bare_meet(server, versions[i], "client", NULL, &pair), round == 1);
			peer = tls_session_peer(pair.server);
			assert_true(peer->verified);
			assert_true(names_have(peer, "CN:client"));
			pair_end(&pair);
		}
		bare_forget();
		tls_context_destroy(server);
	}
}

UNIT(keys_in_tls_1_2_and_through_resumption)
{
	static const struct {
		int version;
		const char *suites;
		bool first;
	} rows[] = {
	        {TLS1_2_VERSION, "PSK-AES128-CBC-SHA256", false},
	        {TLS1_2_VERSION, "ECDHE-PSK-CHACHA20-POLY1305", false},
	        {TLS1_3_VERSION, "PSK-AES128-GCM-SHA256", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct tls_context *server = psk_context(true, "server", NULL, "0123456789abcdef");

		for (int round = 0; round < 2; round++) {
			struct pair pair;
			/* In TLS 1.3 a key is itself a kind of resumption. */
			bool reused = bare_meet(server, rows[i].version, NULL, rows[i].suites, &pair);

			assert_int_equal(reused, round == 1 || rows[i].first);
			assert_slice(tls_session_peer(pair.server)->psk, "other@dure.test");
			assert_false(tls_session_peer(pair.server)->verified);
			pair_end(&pair);
		}
		bare_forget();
		tls_context_destroy(server);
	}
}

UNIT(the_suites_of_the_standard_are_there)
{
	struct tls_context *server = tls_test_context(&files, true, "server", "ca", NULL);
	struct pair pair;

	bare_meet(server, TLS1_2_VERSION, "client", "ECDHE-ECDSA-AES128-SHA256", &pair);
	assert_true(tls_session_peer(pair.server)->verified);
	pair_end(&pair);
	bare_forget();
	tls_context_destroy(server);
}

/* ---- the house goes on ---- */

static void copy_file(const char *from, const char *kind, const char *to)
{
	char command[300];

	snprintf(command, sizeof(command), "cd '%s' && cp %s.%s %s.%s", files.dir, from, kind, to, kind);
	assert_int_equal(system(command), 0);
}

UNIT(files_are_read_anew_while_connections_live)
{
	struct tls_context *server, *client = tls_test_context(&files, false, "client", "ca", NULL);
	struct pair old, fresh;
	struct why why = {0};
	char heard[2], first[65];

	copy_file("server", "pem", "live");
	copy_file("server", "key", "live");
	server = tls_test_context(&files, true, "live", "ca", NULL);
	pair_begin(&old, server, client, "localhost");
	assert_int_equal(pair_shake(&old, heard), 0);
	snprintf(first, sizeof(first), "%s", tls_session_peer(old.client)->fingerprint);
	/* Half of a new pair: the key does not fit. */
	copy_file("server-second", "pem", "live");
	assert_int_equal(tls_context_reload(server, &why), 4000);
	assert_non_null(strstr(why.text, "live.key: the key does not fit"));
	pair_begin(&fresh, server, client, "localhost");
	assert_int_equal(pair_shake(&fresh, heard), 0);
	assert_string_equal(tls_session_peer(fresh.client)->fingerprint, first);
	pair_end(&fresh);
	copy_file("server-second", "key", "live");
	assert_int_equal(tls_context_reload(server, &why), 0);
	pair_begin(&fresh, server, client, "localhost");
	assert_int_equal(pair_shake(&fresh, heard), 0);
	assert_string_not_equal(tls_session_peer(fresh.client)->fingerprint, first);
	pair_end(&fresh);
	assert_int_equal(pair_shake(&old, heard), 0);
	pair_end(&old);
	tls_context_destroy(server);
	tls_context_destroy(client);
}

UNIT(what_is_not_tls_is_told)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "http request"},
	        {"\x10\x1a\x01\x04MQTT and more of it", "wrong version number"},
	        {"\x16\x03\x01\x00\x20\x01\x00\x00\x1c rubbish, rubbish and rubbish", ""},
	};
	struct tls_context *server = tls_test_context(&files, true, "server", NULL, NULL);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct pair pair;
		char byte;
		size_t len = i == 2 ? 37 : strlen(rows[i].text);

		pair_begin(&pair, server, NULL, NULL);
		assert_int_equal(send(pair.fd[1], rows[i].text, len, 0), len);
		assert_int_equal(tls_read(pair.server, &byte, 1), -EPROTO);
		if (rows[i].says[0])
			assert_string_equal(tls_session_error(pair.server), rows[i].says);
		assert_true(tls_session_error(pair.server)[0]);
		assert_int_equal(tls_read(pair.server, &byte, 1), -EPIPE);
		assert_int_equal(tls_write(pair.server, "x", 1), -EPIPE);
		pair_end(&pair);
	}
	tls_context_destroy(server);
}

enum { MANY = 300, LONG = 5000 };

/* Hears a long text to its end; whoever could only say a part of it goes on. */
static void pair_hear(struct pair *pair, const char *text)
{
	char got[LONG];
	size_t len = 0;

	for (int k = 0; k < 20 && len < LONG - 1; k++) {
		ssize_t n = tls_read(pair->server, got, sizeof(got));

		assert_true(n > 0 || n == -EAGAIN);
		if (n > 0) {
			len += (size_t)n;
			continue;
		}
		assert_false(tls_has_more(pair->server));
		n = tls_write(pair->client, text, LONG);
		assert_true(n > 0 || n == -EAGAIN);
	}
	assert_true(len >= LONG - 1);
}

/* More speak in turn than keep their buffers, some with a record that is cut in two. */
UNIT(many_share_few_buffers)
{
	struct tls_context *server = tls_test_context(&files, true, "server", NULL, NULL);
	struct tls_context *client = tls_test_context(&files, false, NULL, "ca", NULL);
	struct pair *pairs = calloc(MANY, sizeof(*pairs));
	char text[LONG], got;

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < MANY; i++) {
		char heard[2];

		pair_begin(&pairs[i], server, client, "localhost");
		assert_int_equal(pair_shake(&pairs[i], heard), 0);
	}
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < MANY; i++) {
			int small = i % 2 ? 4096 : 0; /* the socket takes only a part */

			if (small)
				setsockopt(pairs[i].fd[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
			text[0] = (char)i;
			assert_true(tls_write(pairs[i].client, text, LONG) > 0 || small);
			assert_true(tls_read(pairs[i].server, &got, 1) == 1 || small);
		}
		for (int i = 0; i < MANY; i++) {
			text[0] = (char)i;
			pair_hear(&pairs[i], text);
		}
	}
	for (int i = 0; i < MANY; i++)
		pair_end(&pairs[i]);
	free(pairs);
	tls_context_destroy(server);
	tls_context_destroy(client);
}

static int begin(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	tls_files_begin(&files);
	return 0;
}

static int end(void **state)
{
	tls_files_end(&files);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(two_of_ours_know_each_other),
	        unit(an_end_without_goodbye_is_an_end),
	        unit(who_brings_no_certificate_is_nobody),
	        unit(good_and_bad_certificates),
	        unit(bad_files_are_refused_by_name),
	        unit(a_key_instead_of_a_certificate),
	        unit(a_resumed_session_keeps_who_it_was),
	        unit(keys_in_tls_1_2_and_through_resumption),
	        unit(the_suites_of_the_standard_are_there),
	        unit(files_are_read_anew_while_connections_live),
	        unit(what_is_not_tls_is_told),
	        unit(many_share_few_buffers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin, end);
}
