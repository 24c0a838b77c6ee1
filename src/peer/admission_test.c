/* SPDX-License-Identifier: Apache-2.0 */
/* The gate before a real engine: who is let in as whom, and how often. */
#include <stdio.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/log.h"
#include "engine/world.h"
#include "peer/admission.h"

static const char *const exact[] = {"Cmeter", NULL}, *const stem[] = {"C*", NULL};
static const char *const all[] = {"*", NULL};
static const char *const admin[] = {"CAdmin", NULL}, *const cse[] = {"/id-mn", NULL};
static struct identity meter = {"c-1", "meter", IDENTITY_TOKEN, exact, false};
static struct identity fleet = {"c-2", "", IDENTITY_CERTIFICATE, stem, false};
static struct identity boss = {"c-3", "boss", IDENTITY_PASSWORD, admin, false};
static struct identity neighbour = {"c-4", "mn", IDENTITY_PSK, cse, false};
static struct identity everybody = {"c-6", "everybody", IDENTITY_TOKEN, all, false};
static struct identity gone = {"c-5", "gone", IDENTITY_TOKEN, exact, true};

static const struct req_peer local = {.ip = "127.0.0.1", .local = true};
static const struct req_peer far = {.ip = "192.0.2.1"}, farther = {.ip = "192.0.2.2"};
static const struct req_peer broker = {.local = true, .relayed = true};
static const struct req_peer proxied = {.ip = "127.0.0.1", .relayed = true};
static const struct req_peer local_tls = {.ip = "::1"};

static struct world world;
static struct admission_gate *gate;

static void begin(const struct admission_config *config)
{
	struct ports ports = {.outbound = {.send = NULL}};

	gate = admission_create(config);
	ports.admission = admission_port(gate);
	world_open_with(&world, &ports);
	world.more = NULL;
}

static void end(void)
{
	world_close(&world);
	admission_destroy(gate);
}

static int ask_as(struct req_peer peer, const struct identity *identity, const char *from, const char *text)
{
	struct req *req = req_create(world.engine);
	struct val *object;

	assert_int_equal(json_read_relaxed(&req->arena, slice_of(text), NULL, &object), 0);
	if (from)
		val_put(object, SLICE("fr"), val_str(&req->arena, slice_of(from)));
	val_put(object, SLICE("rqi"), val_str(&req->arena, SLICE("r1")));
	val_put(object, SLICE("rvi"), val_str(&req->arena, SLICE("3")));
	assert_int_equal(prim_read(&req->in, &req->arena, object, PRIM_REQ, NULL), 0);
	peer.identity = identity;
	req->peer = peer;
	req->answered = world_answered;
	req->user = &world;
	world.rsc = 0;
	engine_submit(req);
	world_turn(&world);
	return world.rsc;
}

#define READ   "{op: 2, to: 'cse-in'}"
#define MAKE   "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {api: 'N.m', rr: false, srv: ['3']}}}"
#define NESTED "{op: 1, to: 'cse-in/Cmeter', ty: 3, pc: {'m2m:cnt': {}}}"

static const struct row {
	enum admission_mode mode;
	const struct req_peer *peer;
	const struct identity *identity;
	const char *from;
	int rsc;
} rows[] = {
        /* On loopback everybody is believed, unless it is to be proven there too. */
        {ADMISSION_BEYOND_LOOPBACK, &local, NULL, "Cmeter", 2000},
        {ADMISSION_BEYOND_LOOPBACK, &local, NULL, "CAdmin", 2000},
        {ADMISSION_BEYOND_LOOPBACK, &local, NULL, "/id-mn", 2000},
        {ADMISSION_ALWAYS, &local, NULL, "Cmeter", 4107},
        {ADMISSION_ALWAYS, &local, NULL, "CAdmin", 4107},
        {ADMISSION_NEVER, &local, NULL, "CAdmin", 2000},
        /* TLS on loopback is no plain connection: who uses it has a proof. */
        {ADMISSION_BEYOND_LOOPBACK, &local_tls, NULL, "Cmeter", 4107},
        {ADMISSION_NEVER, &local_tls, NULL, "CAdmin", 2000},
        /* Beyond it. */
        {ADMISSION_BEYOND_LOOPBACK, &far, NULL, "Cmeter", 4107},
        {ADMISSION_BEYOND_LOOPBACK, &far, NULL, "/id-mn", 4107},
        {ADMISSION_NEVER, &far, NULL, "Cmeter", 2000},
        {ADMISSION_NEVER, &far, NULL, "CAdmin", 4107},
        {ADMISSION_NEVER, &far, NULL, "/id-in/CAdmin", 4107},
        {ADMISSION_BEYOND_LOOPBACK, &(const struct req_peer){0}, NULL, "Cmeter", 4107},
        /* Proofs count everywhere, for whom they name. */
        {ADMISSION_BEYOND_LOOPBACK, &far, &meter, "Cmeter", 2000},
        {ADMISSION_BEYOND_LOOPBACK, &far, &meter, "/id-in/Cmeter", 2000},
        {ADMISSION_BEYOND_LOOPBACK, &far, &meter, "//dure.local/id-in/Cmeter", 2000},
        {ADMISSION_BEYOND_LOOPBACK, &far, &meter, "/id-other/Cmeter", 4106},
        {ADMISSION_BEYOND_LOOPBACK, &far, &meter, "Cmeter2", 4106},
        {ADMISSION_BEYOND_LOOPBACK, &local, &meter, "Cother", 4106},
        {ADMISSION_NEVER, &local, &meter, "Cother", 4106},
        {ADMISSION_ALWAYS, &far, &gone, "Cmeter", 4107},
        {ADMISSION_ALWAYS, &local, &gone, "Cmeter", 4107},
        {ADMISSION_ALWAYS, &far, &neighbour, "/id-mn", 2000},
        {ADMISSION_ALWAYS, &far, &neighbour, "/id-mn/Cx", 2000},
        {ADMISSION_ALWAYS, &far, &neighbour, "/id-mn2", 4106},
        {ADMISSION_ALWAYS, &far, &neighbour, "/id-mn2/Cx", 4106},
        {ADMISSION_ALWAYS, &far, &neighbour, "Cx", 4106},
        /* The administrator has to be named. */
        {ADMISSION_ALWAYS, &far, &boss, "CAdmin", 2000},
        {ADMISSION_ALWAYS, &far, &boss, "/id-in/CAdmin", 2000},
        {ADMISSION_ALWAYS, &far, &fleet, "CAdmin", 4106},
        {ADMISSION_BEYOND_LOOPBACK, &local, &fleet, "CAdmin", 4106},
        {ADMISSION_ALWAYS, &far, &fleet, "Cany", 2000},
        /* So has our own name, under which others hear from us. */
        {ADMISSION_ALWAYS, &far, &everybody, "/id-in", 4106},
        {ADMISSION_ALWAYS, &far, &everybody, "//dure.local/id-in", 4106},
        {ADMISSION_ALWAYS, &far, &everybody, "CAdmin", 4106},
        {ADMISSION_ALWAYS, &far, &everybody, "/id-mn", 2000},
        {ADMISSION_NEVER, &far, NULL, "/id-in", 4107},
        {ADMISSION_BEYOND_LOOPBACK, &local, NULL, "/id-in", 2000},
        /* A broker or a proxy on this machine is not somebody on it. */
        {ADMISSION_BEYOND_LOOPBACK, &broker, NULL, "Cmeter", 2000},
        {ADMISSION_BEYOND_LOOPBACK, &broker, NULL, "CAdmin", 4107},
        {ADMISSION_BEYOND_LOOPBACK, &broker, NULL, "/id-in", 4107},
        {ADMISSION_BEYOND_LOOPBACK, &broker, &boss, "CAdmin", 2000},
        {ADMISSION_NEVER, &broker, NULL, "CAdmin", 4107},
        {ADMISSION_BEYOND_LOOPBACK, &proxied, NULL, "Cmeter", 4107},
        {ADMISSION_NEVER, &proxied, NULL, "Cmeter", 2000},
        {ADMISSION_NEVER, &proxied, NULL, "CAdmin", 4107},
        {ADMISSION_BEYOND_LOOPBACK, &proxied, &meter, "Cmeter", 2000},
};

UNIT(admission_lets_in_who_may)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int rsc;

		begin(&(struct admission_config){.mode = rows[i].mode});
		rsc = ask_as(*rows[i].peer, rows[i].identity, rows[i].from, READ);
		if (rsc != rows[i].rsc)
			fail_msg("row %zu: %d instead of %d: %.*s", i, rsc, rows[i].rsc, SLICE_ARG(world.pc));
		end();
	}
}

UNIT(admission_registers_who_may_have_any_name)
{
	begin(&(struct admission_config){.mode = ADMISSION_ALWAYS});
	assert_int_equal(ask_as(far, &meter, NULL, MAKE), 4106);
	assert_int_equal(ask_as(far, &meter, "C", MAKE), 4106);
	assert_int_equal(ask_as(far, NULL, NULL, MAKE), 4107);
	assert_int_equal(ask_as(far, &meter, "Cmeter", MAKE), 2001);
	assert_int_equal(ask_as(far, &fleet, NULL, MAKE), 2001);
	assert_int_equal(ask_as(far, &fleet, "C", MAKE), 2001);
	end();
}

UNIT(admission_says_what_would_do)
{
	struct admission_stats stats;

	begin(&(struct admission_config){.mode = ADMISSION_BEYOND_LOOPBACK});
	ask_as(far, NULL, "Cmeter", READ);
	assert_pc(&world, "dure credential");
	ask_as(far, &meter, "Cother", READ);
	assert_pc(&world, "Cother");
	ask_as(far, &gone, "Cmeter", READ);
	assert_pc(&world, "c-5 was revoked");
	admission_stats(gate, &stats);
	assert_int_equal(stats.unproven, 1);
	assert_int_equal(stats.somebody_else, 1);
	assert_int_equal(stats.revoked, 1);
	assert_int_equal(stats.accounts, 0);
	end();
}

UNIT(admission_charges_strangers_by_address)
{
	const struct admission_config config = {.mode = ADMISSION_NEVER, .rates = {.requests = 10}};
	struct admission_stats stats;
	int fine = 0;

	begin(&config);
	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "Cname%d", i);
		fine += ask_as(far, NULL, name, READ) == 2000;
	}
	assert_int_equal(fine, 20);
	assert_int_equal(world.rsc, 4139);
	assert_pc(&world, "10 requests a second");
	assert_pc(&world, "come back in 100 ms");
	assert_int_equal(ask_as(farther, NULL, "Cname1", READ), 2000);
	assert_int_equal(ask_as(far, &meter, "Cmeter", READ), 2000);
	clock_pass(SECOND / 10);
	assert_int_equal(ask_as(far, NULL, "Cname1", READ), 2000);
	assert_int_equal(ask_as(far, NULL, "Cname1", READ), 4139);
	admission_stats(gate, &stats);
	assert_int_equal(stats.requests, 81);
	assert_int_equal(stats.accounts, 3);
	end();
}

/* Behind a broker a new name costs nothing, so it is worth nothing. */
UNIT(admission_charges_a_broker_as_one)
{
	const struct admission_config config = {.rates = {.requests = 10}};
	int fine = 0;

	begin(&config);
	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "Cname%d", i);
		fine += ask_as(broker, NULL, name, READ) == 2000;
	}
	assert_int_equal(fine, 20);
	assert_int_equal(ask_as(broker, &meter, "Cmeter", READ), 2000);
	end();
}

/* What was admitted and waits for its time is done only if the proof is still good then. */
UNIT(admission_looks_again_when_a_request_has_waited)
{
	struct identity late = meter;
	struct admission_stats stats;

	begin(&(struct admission_config){.mode = ADMISSION_ALWAYS});
	assert_int_equal(ask_as(far, &late, "Cmeter", MAKE), 2001);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask_as(far, &late, "Cmeter",
		                        "{op: 1, to: 'cse-in', ty: 1, oet: 500, pc: {'m2m:acp': {pv: {acr: "
		                        "[]}, pvs: {acr: [{acor: [Cmeter], acop: 63}]}}}}"),
		                 0);
		late.revoked = i == 1;
		clock_pass(SECOND);
		world_turn(&world);
		assert_int_equal(world.rsc, i ? 4107 : 2001);
	}
	admission_stats(gate, &stats);
	assert_int_equal(stats.revoked, 1);
	end();
}

/* The log tells of each kind once, and later how often it came meanwhile. */
UNIT(admission_tells_without_flooding)
{
	static const char file[] = "/tmp/dure-admission-test.log";
	char text[2000] = "";
	FILE *log;

	unlink(file);
	assert_int_equal(log_open(&(struct log_config){.level = LOG_INFO, .file = file}), 0);
	begin(&(struct admission_config){.mode = ADMISSION_ALWAYS});
	for (int i = 0; i < 1000; i++) {
		ask_as(far, NULL, "Cmeter", READ);
		ask_as(far, &meter, "Cother", READ);
	}
	clock_pass(11 * SECOND);
	ask_as(farther, NULL, "Cmeter", READ);
	end();
	log_close();
	log = fopen(file, "re");
	assert_non_null(log);
	text[fread(text, 1, sizeof(text) - 1, log)] = '\0';
	fclose(log);
	unlink(file);
	assert_non_null(strstr(text, "refused: Cmeter from 192.0.2.1 without a proof"));
	assert_non_null(strstr(text, "refused: Cother from 192.0.2.1 with a credential of somebody else"));
	assert_non_null(strstr(text, "from 192.0.2.2 without a proof (4107), credential none; 999 more"));
	assert_in_range(strlen(text), 100, 600);
}

UNIT(admission_charges_the_proven_by_name)
{
	const struct admission_config config = {.mode = ADMISSION_ALWAYS, .rates = {.requests = 10}};
	int fine = 0;

	begin(&config);
	/* From wherever it comes. */
	for (int i = 0; i < 100; i++)
		fine += ask_as(i % 2 ? far : farther, &meter, "Cmeter", READ) == 2000;
	assert_int_equal(fine, 20);
	/* Names under a star share one allowance. */
	fine = 0;
	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "Cname%d", i);
		fine += ask_as(far, &fleet, name, READ) == 2000;
	}
	assert_int_equal(fine, 20);
	end();
}

UNIT(admission_charges_nobody_at_home)
{
	const struct admission_config config = {.rates = {.requests = 1, .bytes = 1}, .resources = 1};
	struct admission_stats stats;

	begin(&config);
	for (int i = 0; i < 100; i++)
		assert_int_equal(ask_as(local, NULL, "Cmeter", READ), 2000);
	for (int i = 0; i < 100; i++)
		assert_int_equal(ask_as(far, &boss, "CAdmin", READ), 2000);
	admission_stats(gate, &stats);
	assert_int_equal(stats.accounts, 0);
	end();
}

UNIT(admission_weighs_what_is_sent)
{
	const struct admission_config config = {.rates = {.bytes = 3000}};
	char text[8192];

	begin(&config);
	snprintf(text, sizeof(text), "{op: 1, to: 'cse-in/x', ty: 4, pc: {'m2m:cin': {con: '%06000d'}}}", 7);
	assert_int_equal(ask_as(far, &meter, "Cmeter", text), 4004);
	assert_int_equal(ask_as(far, &meter, "Cmeter", READ), 4139);
	assert_pc(&world, "3000 bytes a second");
	clock_pass(SECOND);
	assert_int_equal(ask_as(far, &meter, "Cmeter", READ), 2000);
	end();
}

UNIT(admission_weighs_tokens_by_the_work_they_are)
{
	const struct admission_config config = {.mode = ADMISSION_ALWAYS, .rates = {.bytes = 100000}};

	begin(&config);
	assert_int_equal(ask_as(far, &meter, "Cmeter",
	                        "{op: 2, to: 'cse-in', tkns: ['a.b.c', 'd.e.f', 'g.h.i',"
	                        " 'j.k.l', 'm.n.o']}"),
	                 2000);
	assert_int_equal(ask_as(far, &meter, "Cmeter", READ), 4139);
	clock_pass(SECOND);
	assert_int_equal(ask_as(far, &meter, "Cmeter", READ), 2000);
	end();
}

/* A group is no way to have more done than one may ask for: it is done, and paid for. */
UNIT(admission_charges_a_fan_out_for_its_members)
{
	const struct admission_config config = {.mode = ADMISSION_ALWAYS, .rates = {.requests = 10}};

	begin(&config);
	assert_int_equal(ask_as(far, &meter, "Cmeter", MAKE), 2001);
	assert_int_equal(ask_as(far, &meter, "Cmeter",
	                        "{op: 1, to: 'cse-in/Cmeter', ty: 9, pc: {'m2m:grp': {rn: g, mnm: 100, mid: ["
	                        "'cse-in', 'Cmeter']}}}"),
	                 2001);
	for (int i = 0; i < 6; i++)
		assert_int_equal(ask_as(far, &meter, "Cmeter", "{op: 2, to: 'cse-in/Cmeter/g/fopt'}"), 2000);
	/* Two and six times three of twenty. */
	assert_int_equal(ask_as(far, &meter, "Cmeter", READ), 4139);
	clock_pass(SECOND / 10);
	assert_int_equal(ask_as(far, &meter, "Cmeter", "{op: 2, to: 'cse-in/Cmeter/g/fopt'}"), 2000);
	assert_pc(&world, "m2m:cb");
	clock_pass(2 * SECOND / 10);
	assert_int_equal(ask_as(far, &meter, "Cmeter", READ), 4139);
	clock_pass(SECOND / 10);
	assert_int_equal(ask_as(far, &meter, "Cmeter", READ), 2000);
	/* At home nobody counts. */
	for (int i = 0; i < 30; i++)
		assert_int_equal(ask_as(far, &boss, "CAdmin", "{op: 2, to: 'cse-in/Cmeter/g/fopt'}"), 2000);
	end();
}

UNIT(admission_lets_owners_grow_so_far)
{
	const struct admission_config config = {.resources = 4, .subscriptions = 1};
	const char *sub =
	        "{op: 1, to: 'cse-in/Cmeter', ty: 23, pc: {'m2m:sub': {nu: ['Cmeter'], enc: {net: [3]}}}}";
	struct admission_stats stats;

	begin(&config);
	assert_int_equal(
	        ask_as(far, &meter, "Cmeter",
	               "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {rn: Cmeter, api: 'N.m', rr: true,"
	               " srv: ['3']}}}"),
	        2001);
	assert_int_equal(ask_as(far, &meter, "Cmeter", sub), 2001);
	assert_int_equal(ask_as(far, &meter, "Cmeter", sub), 4139);
	assert_pc(&world, "1 of 1 subscriptions");
	for (int i = 0; i < 2; i++)
		assert_int_equal(ask_as(far, &meter, "Cmeter", NESTED), 2001);
	assert_int_equal(ask_as(far, &meter, "Cmeter", NESTED), 4139);
	assert_pc(&world, "4 of 4 resources");
	/* The house itself has no limits. */
	assert_int_equal(ask_as(local, NULL, "Cmeter", NESTED), 2001);
	assert_int_equal(ask_as(far, &boss, "CAdmin", NESTED), 2001);
	admission_stats(gate, &stats);
	assert_int_equal(stats.subscriptions, 1);
	assert_int_equal(stats.resources, 1);
	end();
}

UNIT(admission_knows_its_modes)
{
	enum admission_mode mode = ADMISSION_MODE_COUNT;

	assert_true(admission_mode_read("always", &mode));
	assert_int_equal(mode, ADMISSION_ALWAYS);
	assert_false(admission_mode_read("sometimes", &mode));
	admission_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(admission_lets_in_who_may),
	        unit(admission_registers_who_may_have_any_name),
	        unit(admission_says_what_would_do),
	        unit(admission_charges_strangers_by_address),
	        unit(admission_charges_a_broker_as_one),
	        unit(admission_looks_again_when_a_request_has_waited),
	        unit(admission_tells_without_flooding),
	        unit(admission_charges_the_proven_by_name),
	        unit(admission_charges_nobody_at_home),
	        unit(admission_weighs_what_is_sent),
	        unit(admission_weighs_tokens_by_the_work_they_are),
	        unit(admission_charges_a_fan_out_for_its_members),
	        unit(admission_lets_owners_grow_so_far),
	        unit(admission_knows_its_modes),
	};

	return unit_main(tests);
}
