/* SPDX-License-Identifier: Apache-2.0 */
/* Who a request comes from, by header, certificate, key, or not at all; and who is heard at the upgrade. Real
 * credentials, real TLS; a spy in the place of the admission port writes down whom the engine was told of. */
#include "auth/credential_file.h"
#include "auth/seal.h"
#include "bind/bind_http_test.h"
#include "engine/ports.h"
#include "net/tls_caller.h"

#define PASSWORD "correct horse battery"
#define TOKEN    "dure-testtesttesttesttesttesttesttesttesttest"
#define KEY      "0123456789abcdef"
#define BASIC    "Authorization: Basic bWV0ZXI6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5\r\n"
#define GET      "GET /cse-in HTTP/1.1\r\n" FROM
#define END      "\r\n"

static struct tls_files files;
static char credentials[100], key_file[100];
static struct auth *auth;
static struct credential_list list;

struct spy {
	char seen[100]; /* "c-1 remote", "- local": whom the engine was told of */
	char tokens[100];
	int upgrades;
};

static int spy_admit(void *ctx, struct req *req, struct why *why)
{
	struct spy *spy = ctx;
	const struct val *tokens = req->in.at[PRIM_tkns];

	snprintf(spy->seen, sizeof(spy->seen), "%s %s%s%s", req->peer.identity ? req->peer.identity->id : "-",
	         req->peer.local     ? "local"
	         : req->peer.relayed ? ""
	                             : "remote",
	         req->peer.local && req->peer.relayed ? " " : "", req->peer.relayed ? "relayed" : "");
	assert_string_equal(req->peer.ip, "127.0.0.1");
	spy->tokens[0] = 0;
	if (tokens)
		val_each (tokens, token)
			snprintf(spy->tokens + strlen(spy->tokens), 50, "%.*s|", SLICE_ARG(token->text));
	return 0;
}

static bool spy_upgrade(void *ctx, struct http_exchange *exchange, const struct req_peer *peer)
{
	struct spy *spy = ctx;

	snprintf(spy->seen, sizeof(spy->seen), "%s %s", peer->identity ? peer->identity->id : "-",
	         peer->local ? "local" : "remote");
	if (!slice_is(http_header(exchange, SLICE("upgrade")), SLICE("websocket")))
		return false;
	spy->upgrades++;
	http_answer(exchange, 426, SLICE("X-Spy: yes\r\n"), SLICE(""));
	return true;
}

/* ---- credentials ---- */

static struct credential *add(const char *id, enum identity_kind kind, const char *name, const char *secret)
{
	static const char *const any[] = {"*", NULL};
	struct credential *one = credential_file_add(&list);

	one->id = id;
	one->kind = kind;
	one->name = name;
	one->originators = any;
	one->secret = secret;
	return one;
}

/* A fresh one has heard no wrong guesses yet. */
static void auth_fresh(void)
{
	struct auth_config config = {credentials, key_file};
	struct why why = {0};

	auth_destroy(auth);
	if (auth_create(&config, &why, &auth) != 0)
		fail_msg("%s", why.text);
}

static void auth_begin(void)
{
	static char hash[SEAL_PASSWORD], token[8 + 2 * SEAL_DIGEST];
	uint8_t key[SEAL_KEY], digest[SEAL_DIGEST];

	snprintf(credentials, sizeof(credentials), "%s/credentials", files.dir);
	snprintf(key_file, sizeof(key_file), "%s/wrap.key", files.dir);
	arena_init(&list.arena);
	assert_int_equal(seal_key_make(key_file, NULL, key), 0);
	assert_int_equal(seal_password(SLICE(PASSWORD), hash), 0);
	seal_digest(SLICE(TOKEN), digest);
	memcpy(token, "sha256:", 7);
	seal_hex(digest, sizeof(digest), token + 7);
	add("c-1", IDENTITY_PASSWORD, "meter", hash);
	add("c-2", IDENTITY_TOKEN, "", token);
	add("c-3", IDENTITY_PSK, "meter@dure.test",
	    arena_text(&list.arena, seal_wrap(key, SLICE(KEY), &list.arena)));
	add("c-4", IDENTITY_CERTIFICATE, "URI:https://dure.test/id-in/Cclient", "");
	assert_int_equal(credential_file_write(credentials, &list), 0);
}

static int test_key(void *user, struct slice identity, uint8_t *key, size_t cap, size_t *ret_len)
{
	return auth_psk_key(user, identity, key, cap, ret_len);
}

static int bare_key(void *user, struct slice identity, uint8_t *key, size_t cap, size_t *ret_len)
{
	memcpy(key, KEY, 16);
	*ret_len = 16;
	return 0;
}

static struct tls_context *house(void)
{
	struct tls_config config = {.pem.cert = tls_file(&files, "server", "pem"),
	                            .pem.key = tls_file(&files, "server", "key"),
	                            .pem.ca = tls_file(&files, "ca", "pem"),
	                            .psk = test_key,
	                            .user = auth};
	struct tls_context *context;
	struct why why = {0};

	assert_int_equal(tls_context_create(&config, true, &why, &context), 0);
	return context;
}

static struct tls_context *keyed(void)
{
	struct tls_config config = {
	        .pem.ca = tls_file(&files, "ca", "pem"), .psk = bare_key, .psk_identity = "meter@dure.test"};
	struct tls_context *context;
	struct why why = {0};

	assert_int_equal(tls_context_create(&config, false, &why, &context), 0);
	return context;
}

/* ---- the tests ---- */

static const struct {
	const char *how;  /* "plain", "nobody" (TLS), "key", or a certificate */
	const char *more; /* headers */
	const char *rsc;  /* of the answer */
	const char *seen; /* whom the engine was told of; NULL: it was not asked */
	const char *tokens;
} rows[] = {
        {"plain", "", "2000", "- local", ""},
        {"plain", BASIC, "2000", "c-1 local", ""},
        {"plain", "Authorization: Bearer " TOKEN "\r\n", "2000", "c-2 local", ""},
        {"plain", "authorization: bearer " TOKEN "\r\n", "2000", "c-2 local", ""},
        {"plain", "Authorization: Bearer wrong\r\n", "4107", NULL, ""},
        {"plain", "Authorization: Basic rubbish\r\n", "4107", NULL, ""},
        {"plain", "Authorization: aa.bb.cc+dd.ee.ff.gg.hh\r\n", "2000", "- local",
         "aa.bb.cc|dd.ee.ff.gg.hh|"},
        {"plain", "Authorization: aa.bb.cc\r\n" BASIC, "2000", "c-1 local", "aa.bb.cc|"},
        {"plain", BASIC "Authorization: aa.bb.cc\r\n", "2000", "c-1 local", "aa.bb.cc|"},
        {"plain", BASIC "Authorization: Bearer " TOKEN "\r\n", "4107", NULL, ""},
        {"plain", BASIC "authorization: Bearer wrong\r\n", "4107", NULL, ""},
        /* Who relays is believed for nobody, but may bring his own proof. */
        {"plain", "Via: 1.1 proxy\r\n", "2000", "- relayed", ""},
        {"plain", "forwarded: for=192.0.2.1\r\n", "2000", "- relayed", ""},
        {"plain", "X-Forwarded-For: 192.0.2.1\r\n", "2000", "- relayed", ""},
        {"plain", "x-real-ip: 192.0.2.1\r\n", "2000", "- relayed", ""},
        {"plain", "Via: 1.1 proxy\r\n" BASIC, "2000", "c-1 relayed", ""},
        /* A page of another origin is nobody on this machine, whatever its browser runs on. FROM says Host:
           a. */
        {"plain", "Origin: http://a\r\n", "2000", "- local", ""},
        {"plain", "Origin: http://a\r\nSec-Fetch-Site: same-origin\r\n", "2000", "- local", ""},
        {"plain", "Sec-Fetch-Site: none\r\n", "2000", "- local", ""},
        {"plain", "Origin: http://evil.example\r\n", "2000", "- relayed", ""},
        {"plain", "Origin: http://a:81\r\n", "2000", "- relayed", ""},
        {"plain", "Origin: https://a\r\n", "2000", "- relayed", ""},
        {"plain", "Origin: null\r\n", "2000", "- relayed", ""},
        {"plain", "origin: \r\n", "2000", "- relayed", ""},
        {"plain", "Sec-Fetch-Site: cross-site\r\n", "2000", "- relayed", ""},
        {"plain", "sec-fetch-site: same-site\r\n", "2000", "- relayed", ""},
        {"plain", "Origin: http://a\r\nSec-Fetch-Site: cross-site\r\n", "2000", "- relayed", ""},
        {"plain", "Origin: http://evil.example\r\n" BASIC, "2000", "c-1 relayed", ""},
        /* One that is named is an AE here, though no administrator (peer/admission.c). */
        {"plain", "Origin: https://good.example\r\n", "2000", "- local relayed", ""},
        {"plain", "Origin: https://good.example\r\nSec-Fetch-Site: cross-site\r\n", "2000", "- local relayed",
         ""},
        {"plain", "Origin: https://good.example\r\nVia: 1.1 proxy\r\n", "2000", "- relayed", ""},
        {"nobody", "", "2000", "- remote", ""},
        {"nobody", BASIC, "2000", "c-1 remote", ""},
        {"nobody", "Authorization: Bearer wrong\r\n", "4107", NULL, ""},
        {"client", "", "2000", "c-4 remote", ""},
        {"client", "Authorization: aa.bb.cc\r\n", "2000", "c-4 remote", "aa.bb.cc|"},
        {"client", BASIC, "2000", "c-1 remote", ""},
        {"client", "Authorization: Bearer wrong\r\n", "4107", NULL, ""},
        {"client-second", "", "4107", NULL, ""}, /* we trust who signed it, but know nobody of that name */
        {"client-second", BASIC, "2000", "c-1 remote", ""},
        {"key", "", "2000", "c-3 remote", ""},
        {"key", BASIC, "2000", "c-1 remote", ""},
};

struct world {
	struct node node;
	struct spy spy;
	struct ports ports;
	struct bind_http_config config;
};

static void world_begin(struct world *world, bool secure)
{
	static const char *const origins[] = {"https://good.example", NULL};

	auth_fresh();
	*world = (struct world){.ports.admission.admit = spy_admit};
	world->ports.admission.ctx = &world->spy;
	world->config = (struct bind_http_config){.auth = auth,
	                                          .tls = secure ? house() : NULL,
	                                          .cors_origins = origins,
	                                          .upgrade = spy_upgrade,
	                                          .upgrade_ctx = &world->spy};
	node_begin_with(&world->node, &world->config, &world->ports);
}

static void world_end(struct world *world)
{
	node_end(&world->node);
	tls_context_destroy(world->config.tls);
}

static void world_call(struct world *world, const char *how, struct secure *secure)
{
	int port = bind_http_port(world->node.bind);

	if (strcmp(how, "key") == 0)
		secure_begin_with(world->node.loop, port, secure, keyed());
	else
		secure_begin(&files, world->node.loop, port, secure, strcmp(how, "nobody") == 0 ? NULL : how);
}

/* Asks, and waits for the code. */
static void world_ask(struct world *world, struct secure *secure, const char *message, const char *rsc)
{
	char line[40];

	snprintf(line, sizeof(line), "X-M2M-RSC: %s\r\n", rsc);
	snprintf(world->spy.seen, sizeof(world->spy.seen), "not asked");
	if (!secure) {
		node_ask(&world->node, message, line);
		return;
	}
	secure->caller.got.len = 0;
	secure_send(secure, slice_of(message));
	if (!secure_wait(secure, line, 1)) {
		print_error("no %s in\n%.*s\n", line, SLICE_ARG(buf_slice(&secure->caller.got)));
		fail();
	}
}

UNIT(who_it_is)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool plain = strcmp(rows[i].how, "plain") == 0;
		struct world world;
		struct secure secure;
		char message[600];

		world_begin(&world, !plain);
		if (!plain)
			world_call(&world, rows[i].how, &secure);
		snprintf(message, sizeof(message), "%s%s%s", GET, rows[i].more, END);
		for (int twice = 0; twice < 2; twice++) {
			world_ask(&world, plain ? NULL : &secure, message, rows[i].rsc);
			assert_string_equal(world.spy.seen, rows[i].seen ? rows[i].seen : "not asked");
			if (rows[i].seen)
				assert_string_equal(world.spy.tokens, rows[i].tokens);
			/* The answer tells which request it is of. */
			assert_int_equal(
			        caller_count(plain ? &world.node.caller : &secure.caller, "X-M2M-RI: 42"), 1);
		}
		if (!plain)
			secure_end(&secure);
		world_end(&world);
	}
}

/* A page whose name leads here is not somebody on this machine. */
UNIT(who_calls_by_a_name_that_could_be_anybodys_is_not_on_this_machine)
{
	static const struct {
		const char *host, *seen;
	} hosts[] = {
	        {"127.0.0.1", "- local"},
	        {"127.0.0.1:8080", "- local"},
	        {"[::1]:8080", "- local"},
	        {"localhost", "- local"},
	        {"LocalHost:8080", "- local"},
	        {"box:8080", "- local"},
	        {"a.localhost:1", "- local"},
	        {"", "- local"},
	        {"stranger.example", "- relayed"},
	        {"stranger.example:8080", "- relayed"},
	        {"127.0.0.1.stranger.example", "- relayed"},
	        {"localhost.stranger.example", "- relayed"},
	        {"127.0.0.1.nip.io:8080", "- relayed"},
	        {"alocalhost.", "- relayed"},
	};
	struct world world;
	char message[300];

	world_begin(&world, false);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		snprintf(message, sizeof(message),
		         "GET /cse-in HTTP/1.1\r\nHost: %s\r\nX-M2M-Origin: CAdmin\r\nX-M2M-RI: 42\r\n"
		         "X-M2M-RVI: 3\r\n\r\n",
		         hosts[i].host);
		world_ask(&world, NULL, message, "2000");
		if (strcmp(world.spy.seen, hosts[i].seen) != 0)
			fail_msg("%s: %s instead of %s", hosts[i].host, world.spy.seen, hosts[i].seen);
	}
	world_end(&world);
}

UNIT(without_credentials_nobody_is_looked_at)
{
	struct world world;

	world_begin(&world, false);
	world_end(&world);
	world.config.auth = NULL;
	node_begin_with(&world.node, &world.config, &world.ports);
	world_ask(&world, NULL, GET "Authorization: Bearer wrong\r\n" END, "2000");
	assert_string_equal(world.spy.seen, "- local");
	node_end(&world.node);
}

UNIT(at_the_upgrade_too)
{
	struct world world;
	struct secure secure;

	world_begin(&world, false);
	node_ask(&world.node, "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" BASIC END,
	         "X-Spy: yes");
	assert_string_equal(world.spy.seen, "c-1 local");
	node_ask(&world.node,
	         "GET /ws HTTP/1.1\r\nHost: a\r\nupgrade: websocket\r\nAuthorization: Bearer no\r\n" END,
	         "X-M2M-RSC: 4107\r\n");
	assert_int_equal(node_has(&world.node, "HTTP/1.1 403 \r\n"), 1);
	assert_int_equal(world.spy.upgrades, 1);
	/* A page offers its token as a subprotocol. */
	node_ask(&world.node,
	         "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
	         "Sec-WebSocket-Protocol: oneM2M.json, Dure.Bearer." TOKEN "\r\n" END,
	         "X-Spy: yes");
	assert_string_equal(world.spy.seen, "c-2 local");
	assert_int_equal(node_has(&world.node, TOKEN), 0);
	node_ask(&world.node,
	         "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
	         "Sec-WebSocket-Protocol: dure.bearer.wrong\r\n" END,
	         "X-M2M-RSC: 4107\r\n");
	node_ask(&world.node,
	         "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" BASIC
	         "Sec-WebSocket-Protocol: dure.bearer." TOKEN "\r\n" END,
	         "two proofs");
	assert_int_equal(world.spy.upgrades, 2);
	/* Another protocol is declined by going on. */
	world_ask(&world, NULL, GET "Upgrade: h2c\r\n" END, "2000");
	world_ask(&world, NULL, "DELETE /cse-in/no HTTP/1.1\r\n" FROM "Upgrade: websocket\r\n" END, "4004");
	assert_int_equal(world.spy.upgrades, 2);
	world_end(&world);
	world_begin(&world, true);
	world_call(&world, "client", &secure);
	secure_send(&secure, SLICE("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" END));
	assert_true(secure_wait(&secure, "X-Spy: yes", 1));
	assert_string_equal(world.spy.seen, "c-4 remote");
	secure_end(&secure);
	world_end(&world);
}

UNIT(who_is_revoked_is_so_at_once)
{
	struct world world;
	struct secure client, key;
	uint8_t wrap[SEAL_KEY];
	struct why why = {0};

	world_begin(&world, true);
	world_call(&world, "client", &client);
	world_call(&world, "key", &key);
	world_ask(&world, &client, GET END, "2000");
	world_ask(&world, &key, GET END, "2000");
	for (size_t i = 0; i < list.count; i++) {
		list.at[i].revoked = "20260101T000000";
		list.at[i].secret = "";
	}
	assert_int_equal(credential_file_write(credentials, &list), 0);
	if (auth_reload(auth, &why) != 0)
		fail_msg("%s", why.text);
	for (int twice = 0; twice < 2; twice++) {
		world_ask(&world, &client, GET END, "4107");
		world_ask(&world, &key, GET END, "4107");
		assert_string_equal(world.spy.seen, "not asked");
	}
	/* And it is somebody again when there is a new credential. But who came with the old key has not
	 * shown the new one. */
	add("c-9", IDENTITY_CERTIFICATE, "URI:https://dure.test/id-in/Cclient", "");
	assert_int_equal(seal_key_read(key_file, &why, wrap), 0);
	add("c-10", IDENTITY_PSK, "meter@dure.test",
	    arena_text(&list.arena, seal_wrap(wrap, SLICE("another key 0123"), &list.arena)));
	assert_int_equal(credential_file_write(credentials, &list), 0);
	assert_int_equal(auth_reload(auth, &why), 0);
	world_ask(&world, &client, GET END, "2000");
	assert_string_equal(world.spy.seen, "c-9 remote");
	world_ask(&world, &key, GET END, "4107");
	secure_end(&client);
	secure_end(&key);
	world_end(&world);
}

static int begin(void **state)
{
	tls_files_begin(&files);
	auth_begin();
	return 0;
}

static int end(void **state)
{
	auth_destroy(auth);
	credential_file_finish(&list);
	tls_files_end(&files);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(who_it_is),
	        unit(who_calls_by_a_name_that_could_be_anybodys_is_not_on_this_machine),
	        unit(without_credentials_nobody_is_looked_at),
	        unit(at_the_upgrade_too),
	        unit(who_is_revoked_is_so_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin, end);
}
