/* SPDX-License-Identifier: Apache-2.0 */
/* Who may come in, and whom we go to, by certificates and by keys. */
#include "net/coap_test.h"
#include "net/tls_test.h"

static struct tls_files files;

static struct coap_config certified(const char *cert, const char *ca, const char *crl)
{
	return (struct coap_config){.pem.cert = tls_file(&files, cert, "pem"),
	                            .pem.key = tls_file(&files, cert, "key"),
	                            .pem.ca = tls_file(&files, ca, "pem"),
	                            .pem.crl = tls_file(&files, crl, "pem")};
}

UNIT(certificates_prove_both_sides)
{
	static const struct {
		const char *server, *client;
		bool good;
	} rows[] = {
	        {"server", "client", true},
	        {"server", "client-middle", true},
	        {"server", NULL, true}, /* nobody proven; what that is worth the receiver knows */
	        {"server", "client-revoked", false},
	        {"server", "client-wrong-usage", false},
	        {"server", "client-stranger", false},
	        {"server-revoked", "client", false},
	        {"server-wrong-name", "client", false},
	        {"server-wrong-usage", "client", false},
	        {"server-stranger", "client", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct coap_config server = certified(rows[i].server, "ca", "crl");
		struct coap_config client = certified(rows[i].client, "ca", "crl");
		struct world world;

		server.secure_listen = "127.0.0.1:0";
		world_begin(&world, &server, &client);
		assert_int_equal(world_ask(&world, 1, SLICE("hello")), rows[i].good ? 0 : -EPROTO);
		if (rows[i].good && rows[i].client) {
			assert_string_equal(world.name, "URI:https://dure.test/id-in/Cclient");
			assert_int_equal(strlen(world.fingerprint), 64);
		} else {
			assert_string_equal(world.name, "");
		}
		assert_string_equal(world.psk, "");
		world_end(&world);
	}
}

UNIT(files_that_are_no_good_are_refused)
{
	static const struct {
		const char *cert, *key, *ca, *crl, *word;
	} rows[] = {
	        {"server.pem", NULL, NULL, NULL, "server.pem: a certificate without a key"},
	        {"server.pem", "client.key", NULL, NULL,
	         "client.key: the key does not fit the certificate of"},
	        {"nothing.pem", "server.key", NULL, NULL, "nothing.pem: No such file"},
	        {"server.key", "server.key", NULL, NULL, "server.key: no certificate in PEM"},
	        {"server-expired.pem", "server-expired.key", NULL, NULL,
	         "server-expired.pem: the certificate has expired"},
	        {"server.pem", "server.key", "server.key", NULL, "server.key: no certificate in PEM"},
	        {"server.pem", "server.key", "ca.pem", "server.pem", "server.pem: no revocation list in PEM"},
	        {NULL, NULL, NULL, NULL, "needs"},
	};
	struct loop *loop;

	assert_int_equal(loop_create(&loop), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const names[] = {rows[i].cert, rows[i].key, rows[i].ca, rows[i].crl};
		struct coap_config config = {.secure_listen = "127.0.0.1:0"};
		const char **fields[] = {&config.pem.cert, &config.pem.key, &config.pem.ca, &config.pem.crl};
		char paths[4][128];
		struct coap *coap = NULL;
		struct why why = {0};

		for (int k = 0; k < 4; k++)
			if (names[k]) {
				snprintf(paths[k], sizeof(paths[k]), "%s/%s", files.dir, names[k]);
				*fields[k] = paths[k];
			}
		assert_int_equal(coap_create(loop, &config, &why, &coap), 4000);
		assert_non_null(strstr(why.text, rows[i].word));
	}
	loop_destroy(loop);
}

/* A wrong key is not answered: what it makes cannot be read. */
static void ask_in_vain(struct world *world)
{
	world_call(world, 1, SLICE("hello"), true, 500000);
	assert_true(world_until(world, &world->done, world->calls));
	assert_true(world->result < 0);
}

UNIT(keys_prove_both_sides)
{
	struct coap_config server = {.secure_listen = "127.0.0.1:0", .psk = world_psk};
	struct coap_config client = {.client_psk_identity = "meter",
	                             .client_psk_key = SLICE("0123456789abcdef")};
	struct world world;

	world_begin(&world, &server, &client);
	assert_int_equal(world_ask(&world, 1, SLICE("hello")), 0);
	assert_string_equal(world.psk, "meter");
	assert_string_equal(world.who, "the meter's");
	assert_slice(buf_slice(&world.payload), "hello");
	world.answer_size = 50000;
	assert_int_equal(world_ask(&world, 1, SLICE("")), 0);
	assert_int_equal(world.payload.len, 50000);
	world_end(&world);
	client.client_psk_key = SLICE("0123456789abcdeX");
	world_begin(&world, &server, &client);
	ask_in_vain(&world);
	world_end(&world);
	client.client_psk_identity = "stranger";
	world_begin(&world, &server, &client);
	ask_in_vain(&world);
	assert_int_equal(world.requests, 0);
	world_end(&world);
}

UNIT(one_door_for_keys_and_certificates)
{
	struct coap_config server = certified("server", "ca", NULL), client = certified("client", "ca", NULL);
	struct world world;

	server.secure_listen = "127.0.0.1:0";
	server.psk = world_psk;
	world_begin(&world, &server, &client);
	assert_int_equal(world_ask(&world, 1, SLICE("")), 0);
	assert_string_equal(world.name, "URI:https://dure.test/id-in/Cclient");
	world_end(&world);
	client = (struct coap_config){.client_psk_identity = "meter",
	                              .client_psk_key = SLICE("0123456789abcdef")};
	world_begin(&world, &server, &client);
	assert_int_equal(world_ask(&world, 1, SLICE("")), 0);
	assert_string_equal(world.psk, "meter");
	world_end(&world);
}

UNIT(files_are_read_anew_while_sessions_live)
{
	struct coap_config server = certified("server", "ca", "crl"),
	                   client = certified("client", "ca", "crl");
	struct world world;
	struct coap_stats stats;
	char command[300];

	snprintf(command, sizeof(command), "cd '%s' && cp server.pem live.pem && cp server.key live.key",
	         files.dir);
	assert_int_equal(system(command), 0);
	server.pem.cert = tls_file(&files, "live", "pem");
	server.pem.key = tls_file(&files, "live", "key");
	server.secure_listen = "127.0.0.1:0";
	world_begin(&world, &server, &client);
	assert_int_equal(world_ask(&world, 1, SLICE("")), 0);
	snprintf(command, sizeof(command),
	         "cd '%s' && cp server-wrong-name.pem live.pem && cp server-wrong-name.key live.key",
	         files.dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(coap_reload(world.server, &world.why), 0);
	/* The old session goes on; a new one sees the new certificate. */
	assert_int_equal(world_ask(&world, 1, SLICE("")), 0);
	coap_stats(world.server, &stats);
	assert_int_equal(stats.sessions, 1);
	coap_destroy(world.client);
	assert_int_equal(coap_create(world.loop, &client, &world.why, &world.client), 0);
	assert_int_equal(world_ask(&world, 1, SLICE("")), -EPROTO);
	snprintf(command, sizeof(command), "cd '%s' && rm live.pem", files.dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(coap_reload(world.server, &world.why), 4000);
	world_end(&world);
}

UNIT(a_flood_of_hellos_keeps_nothing)
{
	/* A ClientHello of DTLS 1.2 without a cookie, as openssl s_client sends it: one PSK suite, no
	 * extensions. */
	static const char hello[] = "\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x36"
	                            "\x01\x00\x00\x2a\x00\x00\x00\x00\x00\x00\x00\x2a"
	                            "\xfe\xfd"
	                            "0123456789abcdef0123456789abcdef"
	                            "\x00\x00\x00\x02\x00\xa8\x01\x00";
	struct coap_config server = {.secure_listen = "127.0.0.1:0", .psk = world_psk};
	struct coap_config client = {.client_psk_identity = "meter",
	                             .client_psk_key = SLICE("0123456789abcdef")};
	struct world world;
	struct coap_stats stats;
	struct slice verify = SLICE("");
	char room[2000];
	int fd;

	world_begin(&world, &server, &client);
	for (int i = 0; i < 3000; i++) {
		fd = world_socket(&world);
		assert_int_equal(send(fd, hello, sizeof(hello) - 1, 0), sizeof(hello) - 1);
		if (i % 32 == 31)
			verify = world_hear(&world, fd, 100000, room);
		close(fd);
	}
	/* What comes back is a HelloVerifyRequest, and no more bytes than came. */
	assert_true(verify.len > 14 && verify.ptr[0] == 22 && verify.ptr[13] == 3);
	assert_true(verify.len <= sizeof(hello) + 32);
	coap_stats(world.server, &stats);
	assert_int_equal(stats.sessions, 0);
	assert_int_equal(world_ask(&world, 1, SLICE("hello")), 0);
	/* Rubbish of all kinds within a session's address changes nothing for others. */
	fd = world_socket(&world);
	world_say(fd, "\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x01\x00");
	world_say(fd, "\x17\xfe\xfd\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02\x01\x00");
	world_say(fd, "x");
	assert_slice(world_hear(&world, fd, 50000, room), "");
	assert_int_equal(world_ask(&world, 1, SLICE("hello")), 0);
	close(fd);
	world_end(&world);
}

UNIT(the_quietest_session_leaves_for_a_new_one)
{
	struct coap_config server = {.secure_listen = "127.0.0.1:0", .psk = world_psk, .sessions = 3};
	struct coap_config client = {.client_psk_identity = "meter",
	                             .client_psk_key = SLICE("0123456789abcdef")};
	struct world world;
	struct coap_stats stats;

	world_begin(&world, &server, &client);
	for (int i = 0; i < 10; i++) {
		coap_destroy(world.client);
		assert_int_equal(coap_create(world.loop, &client, &world.why, &world.client), 0);
		assert_int_equal(world_ask(&world, 1, SLICE("")), 0);
		coap_stats(world.server, &stats);
		assert_true(stats.sessions <= 3);
	}
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(certificates_prove_both_sides),
	        unit(files_that_are_no_good_are_refused),
	        unit(keys_prove_both_sides),
	        unit(one_door_for_keys_and_certificates),
	        unit(files_are_read_anew_while_sessions_live),
	        unit(a_flood_of_hellos_keeps_nothing),
	        unit(the_quietest_session_leaves_for_a_new_one),
	};
	int r;

	tls_files_begin(&files);
	r = unit_main(tests);
	tls_files_end(&files);
	return r;
}
