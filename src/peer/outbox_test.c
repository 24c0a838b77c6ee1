/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox against our own server as the target: what arrives, what is held back, what is told. */
#include "net/http_test.h"
#include "peer/outbox.h"

#include "codec/json.h"

struct outcome {
	int calls, result;
	int64_t rsc;
};

static void outcome_done(void *user, int result, const struct prim *response)
{
	struct outcome *outcome = user;

	outcome->calls++;
	outcome->result = result;
	outcome->rsc = response ? prim_int(response, PRIM_rsc, 0) : 0;
}

struct sender {
	struct world world;
	struct outbox *outbox;
	struct outbound port;
	struct arena arena;
	struct prim request;
	char url[64];
};

static void sender_begin(struct sender *sender, const struct outbox_config *config)
{
	struct val *v;

	world_begin(&sender->world);
	assert_int_equal(outbox_create(sender->world.loop, config, &sender->outbox), 0);
	sender->port = outbox_port(sender->outbox);
	arena_init(&sender->arena);
	assert_int_equal(
	        json_read(
	                &sender->arena,
	                SLICE("{\"op\":5,\"to\":\"http://x/n\",\"fr\":\"/id-in\",\"rqi\":\"1\",\"rvi\":\"3\","
	                      "\"pc\":{\"m2m:sgn\":{\"vrq\":true}}}"),
	                NULL, NULL, &v),
	        0);
	assert_int_equal(prim_read(&sender->request, &sender->arena, v, PRIM_REQ, NULL), 0);
	snprintf(sender->url, sizeof(sender->url), "http://127.0.0.1:%d/n",
	         http_server_port(sender->world.server));
}

static void sender_end(struct sender *sender)
{
	outbox_destroy(sender->outbox);
	arena_finish(&sender->arena);
	world_end(&sender->world);
}

static int sender_send(struct sender *sender, const char *url, int64_t timeout_us, struct outcome *outcome)
{
	*outcome = (struct outcome){0};
	return sender->port.send(sender->port.ctx, slice_of(url), &sender->request, timeout_us, outcome_done,
	                         outcome);
}

UNIT(a_notification_arrives)
{
	struct sender sender = {0};
	struct outcome outcome;

	sender.world.later = true;
	sender_begin(&sender, NULL);
	assert_int_equal(sender_send(&sender, sender.url, 1000000, &outcome), 0);
	assert_int_equal(outbox_busy(sender.outbox), 1);
	world_until(&sender.world, sender.world.waits == 1);
	assert_slice(sender.world.waiting[0]->method, "POST");
	assert_slice(sender.world.waiting[0]->target, "/n");
	assert_slice(sender.world.waiting[0]->body, "{\"m2m:sgn\":{\"vrq\":true}}");
	assert_slice(http_header(sender.world.waiting[0], SLICE("x-m2m-origin")), "/id-in");
	assert_slice(http_header(sender.world.waiting[0], SLICE("content-type")), "application/json");
	http_answer(sender.world.waiting[0], 403, SLICE("X-M2M-RSC: 4103\r\n"),
	            SLICE("{\"m2m:dbg\":\"no\"}"));
	world_until(&sender.world, outcome.calls == 1);
	assert_int_equal(outcome.result, 0);
	assert_int_equal(outcome.rsc, 4103);
	assert_int_equal(outbox_busy(sender.outbox), 0);
	sender_end(&sender);
}

UNIT(a_plain_server_that_says_200_is_fine)
{
	struct sender sender = {0};
	struct outcome outcome;

	sender_begin(&sender, NULL);
	assert_int_equal(sender_send(&sender, sender.url, 1000000, &outcome), 0);
	world_until(&sender.world, outcome.calls == 1);
	assert_int_equal(outcome.result, 0);
	assert_int_equal(outcome.rsc, 2000);
	sender_end(&sender);
}

UNIT(rubbish_with_a_code_is_no_answer)
{
	struct sender sender = {0};
	struct outcome outcome;

	sender.world.later = true;
	sender_begin(&sender, NULL);
	assert_int_equal(sender_send(&sender, sender.url, 1000000, &outcome), 0);
	world_until(&sender.world, sender.world.waits == 1);
	http_answer(sender.world.waiting[0], 200, SLICE("X-M2M-RSC: 2000\r\n"), SLICE("rubbish"));
	world_until(&sender.world, outcome.calls == 1);
	assert_int_equal(outcome.result, -EBADMSG);
	sender_end(&sender);
}

UNIT(only_known_schemes)
{
	struct sender sender = {0};
	struct outcome outcome;

	sender_begin(&sender, NULL);
	assert_int_equal(sender_send(&sender, "mqtt://127.0.0.1/x", 1000, &outcome), -EPROTONOSUPPORT);
	assert_int_equal(sender_send(&sender, "http://", 1000, &outcome), -EPROTONOSUPPORT);
	assert_int_equal(sender_send(&sender, "", 1000, &outcome), -EPROTONOSUPPORT);
	sender_end(&sender);
}

struct courier {
	int trips;
	void (*done)(void *user, int result, const struct prim *response);
	void *user;
};

static int courier_send(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                        void (*done)(void *user, int result, const struct prim *response), void *user)
{
	struct courier *courier = ctx;

	courier->trips++;
	courier->done = done;
	courier->user = user;
	return 0;
}

static struct slice courier_route(void *ctx, struct slice entity, bool addressed, struct arena *arena)
{
	return slice_is_text(entity, "/id-in/Cphone") ? SLICE("Pigeon://Cphone") : SLICE("");
}

UNIT(further_ways_out_are_added)
{
	struct courier courier = {0};
	struct sender sender = {0};
	struct outcome outcome;
	struct slice url;

	sender_begin(&sender, NULL);
	outbox_add(sender.outbox, "pigeon://", courier_send, &courier);
	outbox_add_route(sender.outbox, courier_route, NULL);
	url = sender.port.route(sender.port.ctx, SLICE("/id-in/Cphone"), false, &sender.arena);
	assert_slice(url, "Pigeon://Cphone");
	assert_int_equal(sender_send(&sender, url.ptr, 1000, &outcome), 0);
	assert_int_equal(courier.trips, 1);
	courier.done(courier.user, 0, &sender.request);
	assert_int_equal(outcome.calls, 1);
	assert_int_equal(sender.port.route(sender.port.ctx, SLICE("/id-in/Cother"), false, &sender.arena).len,
	                 0);
	sender_end(&sender);
}

/* Only so many at once, all in the end, in their order. */
UNIT(what_is_too_much_waits)
{
	enum { MANY = 50 };
	struct outbox_config config = {.per_target = 3, .waiting = MANY - 3};
	struct sender sender = {0};
	struct outcome outcomes[MANY], extra;
	size_t answered = 0;

	sender.world.later = true;
	sender_begin(&sender, &config);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(sender_send(&sender, sender.url, 10000000, &outcomes[i]), 0);
	assert_int_equal(sender_send(&sender, sender.url, 10000000, &extra), -EBUSY);
	while (answered < MANY) {
		size_t want = answered + 3 < MANY ? answered + 3 : MANY;

		world_until(&sender.world, sender.world.waits == want);
		for (int i = 0; i < 3; i++)
			loop_turn(sender.world.loop, 0);
		assert_int_equal(sender.world.waits, want);
		world_answer(&sender.world, sender.world.waiting[answered++]);
	}
	world_until(&sender.world, outbox_busy(sender.outbox) == 0);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(outcomes[i].rsc, 2000);
	sender_end(&sender);
}

/* A target that hangs: the waiting are told in time, from then on it gets half as many, others are not held
 * up, and when it comes back, so does its share. */
UNIT(one_that_hangs_gets_half_as_many)
{
	struct outbox_config config = {.per_target = 3};
	struct sender sender = {0};
	struct outcome outcomes[8];
	struct http_stats stats;

	sender.world.later = true;
	sender_begin(&sender, &config);
	for (int i = 0; i < 5; i++)
		assert_int_equal(sender_send(&sender, sender.url, 50000, &outcomes[i]), 0);
	world_until(&sender.world, outbox_busy(sender.outbox) == 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(outcomes[i].calls, 1);
		assert_int_equal(outcomes[i].result, -ETIMEDOUT);
	}
	/* All that was sent has arrived, is answered too late, and its connections have ended. */
	do {
		loop_turn(sender.world.loop, 1000);
		while (sender.world.waits > 0)
			world_answer(&sender.world, sender.world.waiting[--sender.world.waits]);
		http_server_stats(sender.world.server, &stats);
	} while (stats.open > 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sender_send(&sender, sender.url, 10000000, &outcomes[i]), 0);
	world_until(&sender.world, sender.world.waits == 2);
	for (int i = 0; i < 5; i++)
		loop_turn(sender.world.loop, 0);
	assert_int_equal(sender.world.waits, 2);
	world_answer(&sender.world, sender.world.waiting[0]);
	world_until(&sender.world, sender.world.waits == 3);
	sender_end(&sender);
}

UNIT(destroyed_with_work_under_way)
{
	struct outbox_config config = {.per_target = 2};
	struct sender sender = {0};
	struct outcome outcomes[5];

	sender.world.later = true;
	sender_begin(&sender, &config);
	for (int i = 0; i < 5; i++)
		assert_int_equal(sender_send(&sender, sender.url, 1000000, &outcomes[i]), 0);
	world_until(&sender.world, sender.world.waits == 2);
	sender_end(&sender);
	for (int i = 0; i < 5; i++)
		assert_int_equal(outcomes[i].calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(a_notification_arrives),           unit(a_plain_server_that_says_200_is_fine),
	        unit(rubbish_with_a_code_is_no_answer), unit(only_known_schemes),
	        unit(further_ways_out_are_added),       unit(what_is_too_much_waits),
	        unit(one_that_hangs_gets_half_as_many), unit(destroyed_with_work_under_way),
	};

	return unit_main(tests);
}
