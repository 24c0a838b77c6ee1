/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions, whole: what is told to whom, when, and what happens when nobody listens. */
#include "engine/place.h"
#include "engine/world.h"

/* A subscription of the container by its owner, told at his own address: needs no verification. */
static void subscribe(struct world *w, const char *rest)
{
	struct slice text = arena_printf(&w->arena,
	                                 "{op: 1, to: 'cse-in/home/c', ty: 23, pc: {'m2m:sub': {rn: 's', nu: "
	                                 "['http://me/n'], %s}}}",
	                                 rest);

	assert_int_equal(ask(w, "Cme", arena_text(&w->arena, text)), 2001);
}

static void put(struct world *w, const char *con)
{
	struct slice text = arena_printf(
	        &w->arena, "{op: 1, to: 'cse-in/home/c', ty: 4, pc: {'m2m:cin': {con: '%s'}}}", con);

	assert_int_equal(ask(w, "Cme", arena_text(&w->arena, text)), 2001);
}

UNIT(notifications_come_in_order_one_at_a_time)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}");
	assert_int_equal(w.count, 0);
	put(&w, "1");
	put(&w, "2");
	assert_int_equal(w.count, 1);
	assert_sent(&w, "\"con\":\"1\"");
	assert_sent(&w, "\"net\":3");
	assert_sent(&w, "\"sur\":\"/id-in/sub-");
	assert_sent(&w, "\"to\":\"http://me/n\"");
	assert_int_equal(w.engine->stats.notifications_waiting, 2);
	world_answer(&w, 2000);
	assert_int_equal(w.count, 1);
	assert_sent(&w, "\"con\":\"2\"");
	world_answer(&w, 2000);
	assert_int_equal(w.count, 0);
	assert_int_equal(w.engine->stats.notifications_waiting, 0);
	assert_int_equal(w.engine->stats.notifications_sent, 2);
	assert_true(engine_is_idle(w.engine));
	world_close(&w);
}

UNIT(nothing_leaves_before_the_commit)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}");
	world_submit(&w, "Cme", "{op: 1, to: 'cse-in/home/c', ty: 4, pc: {'m2m:cin': {con: '1'}}}");
	timers_run(&w.timers, clock_now(), 1000);
	assert_int_equal(w.count, 0);
	engine_end_turn(w.engine);
	assert_int_equal(w.count, 1);
	/* The next is queued while the first is answered, in the same turn. */
	world_submit(&w, "Cme", "{op: 1, to: 'cse-in/home/c', ty: 4, pc: {'m2m:cin': {con: '2'}}}");
	struct sent *sent = w.first;
	struct prim good = {.at = {NULL}};

	good.at[PRIM_rsc] = val_int(&w.arena, 2000);
	w.first = NULL;
	w.end = &w.first;
	sent->done(sent->user, 0, &good);
	assert_null(w.first);
	engine_end_turn(w.engine);
	assert_sent(&w, "\"con\":\"2\"");
	world_close(&w);
}

UNIT(a_failing_target_is_tried_again_and_then_given_up)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}");
	put(&w, "1");
	put(&w, "2");
	for (int i = 0; i < 3; i++) {
		world_answer(&w, 0);
		assert_int_equal(w.count, 0);
		world_pass(&w, (SECOND << i) - 1000);
		assert_int_equal(w.count, 0);
		world_pass(&w, 2000);
		assert_int_equal(w.count, 1);
		assert_sent(&w, "\"con\":\"1\"");
	}
	world_answer(&w, 5000);
	assert_int_equal(w.engine->stats.notifications_dropped, 2);
	assert_int_equal(w.engine->stats.notifications_waiting, 0);
	/* It comes back: what is new is told when the back-off is over. */
	put(&w, "3");
	assert_int_equal(w.count, 0);
	world_pass(&w, 9 * SECOND);
	assert_sent(&w, "\"con\":\"3\"");
	world_answer(&w, 2000);
	put(&w, "4");
	assert_sent(&w, "\"con\":\"4\"");
	world_close(&w);
}

UNIT(a_refusal_drops_one_and_goes_on)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}");
	put(&w, "1");
	put(&w, "2");
	world_answer(&w, 4000);
	assert_sent(&w, "\"con\":\"2\"");
	world_close(&w);
}

UNIT(pending_all_waits_pending_latest_keeps_the_newest)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}, pn: 2");
	put(&w, "1");
	put(&w, "2");
	for (int i = 0; i < 12; i++) {
		world_answer(&w, 0);
		world_pass(&w, 300 * SECOND);
	}
	assert_sent(&w, "\"con\":\"1\"");
	world_answer(&w, 0);
	assert_int_equal(ask(&w, "Cme", "{op: 3, to: 'cse-in/home/c/s', pc: {'m2m:sub': {pn: 1}}}"), 2004);
	put(&w, "3");
	world_pass(&w, 300 * SECOND);
	assert_sent(&w, "\"con\":\"3\"");
	world_answer(&w, 2000);
	assert_int_equal(w.count, 0);
	world_close(&w);
}

UNIT(a_batch_leaves_when_full_or_when_its_time_has_come)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}, bn: {num: 3, dur: 'PT10S'}");
	put(&w, "1");
	put(&w, "2");
	assert_int_equal(w.count, 0);
	put(&w, "3");
	put(&w, "4");
	assert_sent(&w, "\"m2m:agn\":{\"m2m:sgn\":[");
	assert_sent(&w, "\"con\":\"3\"");
	assert_null(memmem(w.first->text.ptr, w.first->text.len, "\"con\":\"4\"", 9));
	world_answer(&w, 2000);
	assert_int_equal(w.count, 0);
	world_pass(&w, 10 * SECOND + 1);
	assert_sent(&w, "\"con\":\"4\"");
	world_close(&w);
}

UNIT(latest_in_a_batch_is_the_newest_alone)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}, bn: {num: 3, dur: 'PT10S'}, ln: true");
	put(&w, "1");
	put(&w, "2");
	put(&w, "3");
	assert_int_equal(w.count, 1);
	assert_sent(&w, "\"con\":\"3\"");
	assert_sent(&w, "\"ec\":4");
	assert_null(memmem(w.first->text.ptr, w.first->text.len, "\"con\":\"2\"", 9));
	world_close(&w);
}

UNIT(the_rate_is_kept)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}, rl: {mnn: 2, tww: 'PT10S'}");
	for (int i = 0; i < 5; i++)
		put(&w, "x");
	world_answer(&w, 2000);
	world_answer(&w, 2000);
	assert_int_equal(w.count, 0);
	world_pass(&w, 10 * SECOND);
	assert_int_equal(w.count, 1);
	world_answer(&w, 2000);
	world_answer(&w, 2000);
	assert_int_equal(w.count, 0);
	world_close(&w);
}

UNIT(the_counter_ends_the_subscription_and_says_so)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}, exc: 2, su: 'http://su/'");
	put(&w, "1");
	put(&w, "2");
	world_answer(&w, 2000);
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: 'cse-in/home/c/s'}"), 2000);
	assert_pc(&w, "\"exc\":1");
	world_answer(&w, 2000);
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: 'cse-in/home/c/s'}"), 4004);
	assert_sent(&w, "\"sud\":true");
	assert_sent(&w, "\"to\":\"http://su/\"");
	world_answer(&w, 0);
	world_pass(&w, SECOND);
	assert_sent(&w, "\"sud\":true");
	world_answer(&w, 2000);
	assert_int_equal(w.count, 0);
	world_close(&w);
}

UNIT(deletion_of_the_parent_is_told_after_all)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [2, 3]}, su: 'http://me/n'");
	put(&w, "1");
	assert_int_equal(ask(&w, "Cme", "{op: 4, to: 'cse-in/home/c'}"), 2002);
	assert_sent(&w, "\"con\":\"1\"");
	world_answer(&w, 2000);
	assert_sent(&w, "\"net\":2");
	assert_sent(&w, "\"rn\":\"c\"");
	/* It is kept for the next life, too. */
	engine_destroy(w.engine);
	w.first = NULL;
	w.end = &w.first;
	world_start(&w);
	world_turn(&w);
	assert_sent(&w, "\"net\":2");
	assert_sent(&w, "\"sur\":\"/id-in/sub-");
	world_answer(&w, 2000);
	assert_sent(&w, "\"sud\":true");
	world_answer(&w, 2000);
	assert_null(w.first);
	world_close(&w);
}

UNIT(what_was_not_delivered_survives)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}");
	put(&w, "1");
	put(&w, "2");
	put(&w, "3");
	world_answer(&w, 2000);
	engine_destroy(w.engine);
	w.first = NULL;
	w.end = &w.first;
	world_start(&w);
	world_turn(&w);
	assert_int_equal(w.engine->stats.notifications_waiting, 2);
	assert_sent(&w, "\"con\":\"2\"");
	world_answer(&w, 2000);
	assert_sent(&w, "\"con\":\"3\"");
	world_answer(&w, 2000);
	put(&w, "4");
	assert_sent(&w, "\"con\":\"4\"");
	world_close(&w);
}

UNIT(targets_are_asked_before)
{
	static const char text[] =
	        "{op: 1, to: 'cse-in/home/c', ty: 23, pc: {'m2m:sub': {rn: 's', nu: ['http://you/n']}}}";
	struct world w;

	make_home(&w);
	assert_int_equal(ask(&w, "Cme", text), 0);
	assert_sent(&w, "\"vrq\":true");
	assert_sent(&w, "\"cr\":\"Cme\"");
	assert_sent(&w, "\"sur\":\"/id-in/sub-");
	world_answer(&w, 0);
	assert_int_equal(w.rsc, 5204);
	assert_int_equal(ask(&w, "Cme", text), 0);
	world_answer(&w, 4101);
	assert_int_equal(w.rsc, 4101);
	assert_int_equal(ask(&w, "Cme", text), 0);
	world_answer(&w, 4000);
	assert_int_equal(w.rsc, 5204);
	assert_int_equal(ask(&w, "Cme", text), 0);
	world_answer(&w, 2000);
	assert_int_equal(w.rsc, 2001);
	assert_pc(&w, "\"cr\":\"Cme\"");
	assert_pc(&w, "\"nct\":1");
	/* Only new ones are asked at an update. */
	assert_int_equal(ask(&w, "Cme",
	                     "{op: 3, to: 'cse-in/home/c/s', pc: {'m2m:sub': {nu: ['http://you/n',"
	                     "'http://he/n']}}}"),
	                 0);
	assert_string_equal(arena_text(&w.arena, w.first->url), "http://he/n");
	world_answer(&w, 2000);
	assert_int_equal(w.rsc, 2004);
	world_close(&w);
}

UNIT(updates_by_content_type_and_attributes)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [1], atr: ['mni']}, nct: 2");
	assert_int_equal(ask(&w, "Cme", "{op: 3, to: 'cse-in/home/c', pc: {'m2m:cnt': {lbl: ['a']}}}"), 2004);
	assert_int_equal(w.count, 0);
	assert_int_equal(ask(&w, "Cme", "{op: 3, to: 'cse-in/home/c', pc: {'m2m:cnt': {mni: 5}}}"), 2004);
	assert_sent(&w, "\"rep\":{\"m2m:cnt\":{\"mni\":5}}");
	world_answer(&w, 2000);
	assert_int_equal(
	        ask(&w, "Cme", "{op: 3, to: 'cse-in/home/c/s', pc: {'m2m:sub': {nct: 3, enc: {net: [1]}}}}"),
	        2004);
	assert_int_equal(ask(&w, "Cme", "{op: 3, to: 'cse-in/home/c', pc: {'m2m:cnt': {lbl: null}}}"), 2004);
	assert_sent(&w, "\"rep\":{\"m2m:uri\":\"/id-in/cnt-");
	world_close(&w);
}

UNIT(bad_mixtures_are_refused)
{
	static const char *const bad[] = {
	        "enc: {net: [1], om: [{ops: 2}]}",
	        "enc: {net: [3], atr: ['lbl']}",
	        "enc: {net: [1], chty: [4]}",
	        "enc: {net: [3], chty: [2]}",
	        "enc: {net: [8]}",
	        "enc: {net: [1], md: {num: 1, dur: 'PT1S'}}",
	        "enc: {net: [2]}, nct: 2",
	        "enc: {net: [7]}",
	        "bn: {}",
	        "rl: {mnn: 0, tww: 'PT1S'}",
	        "enc: {om: [{}]}",
	        "exc: 0",
	        "psn: 0",
	};
	struct world w;

	make_home(&w);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct slice text = arena_printf(
		        &w.arena,
		        "{op: 1, to: 'cse-in/home/c', ty: 23, pc: {'m2m:sub': {nu: ['http://me/n'], %s}}}",
		        bad[i]);

		if (ask(&w, "Cme", arena_text(&w.arena, text)) != 4000)
			fail_msg("%s: %d", bad[i], w.rsc);
	}
	world_close(&w);
}

UNIT(a_blocking_update_asks_first)
{
	static const char sub[] =
	        "{op: 1, to: 'cse-in/home/c', ty: 23, pc: {'m2m:sub': {nu: ['Cme'], enc: {net: [7]}}}}";
	static const char set[] = "{op: 3, to: 'cse-in/home/c', pc: {'m2m:cnt': {mni: 7}}}";
	struct world w;

	make_home(&w);
	assert_int_equal(ask(&w, "Cme", sub), 2001);
	assert_int_equal(ask(&w, "Cme", sub), 4124);
	assert_int_equal(ask(&w, "Cme", set), 0);
	assert_sent(&w, "\"net\":7");
	world_answer(&w, 4005);
	assert_int_equal(w.rsc, 4127);
	assert_int_equal(ask(&w, "Cme", set), 0);
	world_answer(&w, 0);
	assert_int_equal(w.rsc, 5107);
	assert_int_equal(ask(&w, "Cme", set), 0);
	world_answer(&w, 2000);
	assert_int_equal(w.rsc, 2004);
	world_close(&w);
}

UNIT(polling_brings_what_waits)
{
	struct world w;

	make_home(&w);
	assert_int_equal(ask(&w, "Cyou",
	                     "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {rn: 'you', api: 'N.y', rr: false,"
	                     " srv: ['3']}}}"),
	                 2001);
	assert_int_equal(ask(&w, "Cme", "{op: 1, to: 'cse-in/you', ty: 15, pc: {'m2m:pch': {rn: 'p'}}}"),
	                 4103);
	assert_int_equal(ask(&w, "Cyou", "{op: 1, to: 'cse-in/you', ty: 15, pc: {'m2m:pch': {rn: 'p'}}}"),
	                 2001);
	assert_int_equal(ask(&w, "Cyou", "{op: 1, to: 'cse-in/you', ty: 15, pc: {'m2m:pch': {rn: 'q'}}}"),
	                 4105);
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: 'cse-in/you/p/pcu'}"), 4103);
	/* Nobody there: the deadline. */
	assert_int_equal(ask(&w, "Cyou", "{op: 2, to: 'cse-in/you/p/pcu', rqet: '5000'}"), 0);
	world_pass(&w, 6 * SECOND);
	assert_int_equal(w.rsc, 4008);
	/* The administrator notifies it: the poll that waits gets it, its answer goes back. */
	assert_int_equal(ask(&w, "Cyou", "{op: 2, to: 'cse-in/you/p/pcu'}"), 0);
	assert_int_equal(ask(&w, "CAdmin", "{op: 5, to: 'Cyou', pc: {'m2m:sgn': {sur: 'x'}}}"), 2000);
	assert_pc(&w, "{\"m2m:rqp\":{");
	assert_pc(&w, "\"rqi\":\"r1\"");
	assert_int_equal(
	        ask(&w, "Cyou", "{op: 5, to: 'cse-in/you/p/pcu', pc: {'m2m:rsp': {rqi: 'nix', rsc: 2000}}}"),
	        4004);
	w.answered = 0;
	ask(&w, "Cyou", "{op: 5, to: 'cse-in/you/p/pcu', pc: {'m2m:rsp': {rqi: 'r1', rsc: 4005}}}");
	assert_int_equal(w.answered, 2);
	assert_int_equal(w.rsc, 4005);
	/* One that waits in the channel when the channel goes: not reached. */
	assert_int_equal(ask(&w, "CAdmin", "{op: 5, to: 'Cyou', pc: {'m2m:sgn': {sur: 'x'}}}"), 0);
	w.answered = 0;
	ask(&w, "Cyou", "{op: 4, to: 'cse-in/you/p'}");
	world_turn(&w);
	assert_int_equal(w.answered, 2);
	assert_int_equal(w.rsc_before, 2002);
	assert_int_equal(w.rsc, 5103);
	world_close(&w);
}

UNIT(a_schedule_holds_up_what_may_wait)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}, pn: 2");
	assert_int_equal(ask(&w, "Cme",
	                     "{op: 1, to: 'cse-in/home/c/s', ty: 18, pc: {'m2m:sch': {rn: 'w', se: {sce:"
	                     " ['0-9 0 * * * * *']}}}}"),
	                 2001);
	clock_pass(3600 * SECOND - clock_now() % (3600 * SECOND) + 30 * SECOND);
	put(&w, "1");
	put(&w, "2");
	assert_int_equal(w.count, 0);
	for (int i = 0; i < 3600 && !w.count; i += 5)
		world_pass(&w, 5 * SECOND);
	assert_int_equal(w.count, 1);
	assert_sent(&w, "\"con\":\"1\"");
	world_answer(&w, 2000);
	assert_sent(&w, "\"con\":\"2\"");
	world_answer(&w, 2000);
	clock_pass(30 * SECOND);
	put(&w, "3");
	assert_int_equal(w.count, 0);
	assert_int_equal(ask(&w, "Cme", "{op: 4, to: 'cse-in/home/c/s/w'}"), 2002);
	assert_sent(&w, "\"con\":\"3\"");
	world_close(&w);
}

UNIT(past_events_are_told_at_first)
{
	struct world w;

	make_home(&w);
	put(&w, "1");
	put(&w, "2");
	put(&w, "3");
	subscribe(&w, "enc: {net: [3]}, psn: 2");
	assert_sent(&w, "\"con\":\"2\"");
	world_answer(&w, 2000);
	assert_sent(&w, "\"con\":\"3\"");
	world_answer(&w, 2000);
	assert_int_equal(w.count, 0);
	world_close(&w);
}

UNIT(operations_are_monitored)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {om: [{ops: 2, or: '/id-in/CAd*'}]}, eeno: true");
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: 'cse-in/home/c'}"), 2000);
	assert_int_equal(w.count, 0);
	assert_int_equal(ask(&w, "CAdmin", "{op: 2, to: 'cse-in/home/c'}"), 2000);
	assert_sent(&w, "\"om\":{\"op\":2,\"or\":\"/id-in/CAdmin\"}");
	world_close(&w);
}

UNIT(statistics_are_kept)
{
	struct world w;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}, nse: true");
	put(&w, "1");
	world_answer(&w, 2000);
	assert_int_equal(ask(&w, "Cme", "{op: 2, to: 'cse-in/home/c/s'}"), 2000);
	assert_pc(&w, "\"nsi\":[{\"tg\":\"http://me/n\",\"rqs\":1,\"rsr\":1,\"noec\":1}]");
	assert_int_equal(ask(&w, "Cme", "{op: 3, to: 'cse-in/home/c/s', pc: {'m2m:sub': {nse: true}}}"),
	                 2004);
	assert_pc(&w, "\"rqs\":0");
	world_close(&w);
}

UNIT(a_thousand_subscriptions_of_one_that_hangs_leave_room)
{
	struct world w;

	make_home(&w);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(
		        ask(&w, "Cme",
		            "{op: 1, to: 'cse-in/home/c', ty: 23, pc: {'m2m:sub': {nu: ['http://me/n'],"
		            "enc: {net: [3], chty: [4]}}}}"),
		        2001);
	put(&w, "1");
	for (int i = 0; i < 10; i++)
		world_turn(&w);
	assert_int_equal(w.count, PLACE_BUSY_MOST);
	for (int i = 0; i < 1000; i++)
		world_answer(&w, 2000);
	assert_int_equal(w.count, 0);
	assert_int_equal(w.engine->stats.notifications_sent, 1000);
	assert_int_equal(w.engine->stats.notifications_waiting, 0);
	world_close(&w);
}

/* Fails once, then is well again. */
static const struct store_ops *well;

static int fail_to_commit(struct store *store)
{
	store->ops = well;
	return store->ops->commit(store) == 0 ? -ENOSPC : -EIO;
}

UNIT(a_store_that_fails_loses_nobody_on_his_way)
{
	struct world w;
	struct store_ops ill;

	make_home(&w);
	subscribe(&w, "enc: {net: [3]}, su: 'http://su/'");
	put(&w, "1");
	well = w.store->ops;
	ill = *well;
	ill.commit = fail_to_commit;
	w.store->ops = &ill;
	assert_int_equal(ask(&w, "Cme", "{op: 1, to: 'cse-in/home/c', ty: 4, pc: {'m2m:cin': {con: '2'}}}"),
	                 5000);
	/* What was under way when memory was loaded anew comes back, and is nobody's any more. */
	world_answer(&w, 2000);
	world_pass(&w, 2 * SECOND);
	assert_true(engine_can_write(w.engine));
	assert_sent(&w, "\"con\":\"1\"");
	world_answer(&w, 2000);
	while (w.count)
		world_answer(&w, 2000);
	put(&w, "3");
	assert_sent(&w, "\"con\":\"3\"");
	world_close(&w);
}

UNIT(the_backlog_of_a_subscription_has_an_end)
{
	struct world w;

	make_home(&w);
	w.engine->config.backlog_most = 3;
	subscribe(&w, "enc: {net: [3]}, pn: 2");
	put(&w, "1"); /* leaves, and hangs */
	for (int i = 2; i <= 6; i++)
		put(&w, i < 6 ? "old" : "new");
	/* One on its way, and the three newest. */
	assert_int_equal(w.engine->stats.notifications_dropped, 2);
	assert_int_equal(w.engine->stats.notifications_waiting, 4);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(notifications_come_in_order_one_at_a_time),
	        unit(nothing_leaves_before_the_commit),
	        unit(a_failing_target_is_tried_again_and_then_given_up),
	        unit(a_refusal_drops_one_and_goes_on),
	        unit(pending_all_waits_pending_latest_keeps_the_newest),
	        unit(a_batch_leaves_when_full_or_when_its_time_has_come),
	        unit(latest_in_a_batch_is_the_newest_alone),
	        unit(the_rate_is_kept),
	        unit(the_counter_ends_the_subscription_and_says_so),
	        unit(deletion_of_the_parent_is_told_after_all),
	        unit(what_was_not_delivered_survives),
	        unit(targets_are_asked_before),
	        unit(updates_by_content_type_and_attributes),
	        unit(bad_mixtures_are_refused),
	        unit(a_blocking_update_asks_first),
	        unit(polling_brings_what_waits),
	        unit(a_schedule_holds_up_what_may_wait),
	        unit(past_events_are_told_at_first),
	        unit(operations_are_monitored),
	        unit(statistics_are_kept),
	        unit(a_thousand_subscriptions_of_one_that_hangs_leave_room),
	        unit(a_store_that_fails_loses_nobody_on_his_way),
	        unit(the_backlog_of_a_subscription_has_an_end),
	};

	return unit_main(tests);
}
