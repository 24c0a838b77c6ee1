/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to reach somebody: points of access in turn, polling channels, other CSEs, and what is kept of a
 * notification in the store. */
#include "engine/note.h"
#include "engine/place.h"
#include "engine/queue.h"
#include "engine/world.h"

#include <stdio.h>

struct outcome {
	int called, result, rsc;
};

static void told(void *user, int result, const struct prim *response)
{
	struct outcome *outcome = user;

	outcome->called++;
	outcome->result = result;
	outcome->rsc = response ? (int)prim_int(response, PRIM_rsc, 0) : 0;
}

/* Sends a notification to this target. */
static void send_to(struct world *w, const char *target, struct outcome *outcome)
{
	struct prim request;

	*outcome = (struct outcome){0};
	deliver_request(w->engine, &w->arena, slice_of(target), val_obj(&w->arena), &request);
	deliver_send(w->engine, slice_of(target), &request, 10 * SECOND, told, outcome);
	assert_int_equal(outcome->called, 0);
}

static void make_entities(struct world *w)
{
	make_home(w);
	assert_int_equal(ask(w, "Ctwo",
	                     "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {rn: 'two', api: 'N.t', rr: true,"
	                     " srv: ['3'], poa: ['http://one', 'http://two']}}}"),
	                 2001);
	assert_int_equal(ask(w, "Cdeaf",
	                     "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {rn: 'deaf', api: 'N.d', rr: false,"
	                     " srv: ['3'], poa: ['http://deaf']}}}"),
	                 2001);
	assert_int_equal(ask(w, "Sx",
	                     "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {rn: 'sx', api: 'N.s', rr: true,"
	                     " srv: ['3'], poa: ['http://sx']}}}"),
	                 2001);
	assert_int_equal(ask(w, "Cxml",
	                     "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {rn: 'xml', api: 'N.x', rr: true,"
	                     " srv: ['3'], csz: ['xml', 'cbor'], poa: ['http://xml/n']}}}"),
	                 2001);
	assert_int_equal(ask(w, "/id-mn",
	                     "{op: 1, to: 'cse-in', ty: 16, pc: {'m2m:csr': {rn: 'mn', cb: '/id-mn/cse-mn',"
	                     " csi: '/id-mn', rr: true, srv: ['3'], poa: ['http://mn']}}}"),
	                 2001);
}

UNIT(points_of_access_are_tried_in_turn)
{
	struct world w;
	struct outcome outcome;

	make_entities(&w);
	send_to(&w, "Ctwo", &outcome);
	assert_slice(w.first->url, "http://one");
	world_answer(&w, 0);
	assert_int_equal(outcome.called, 0);
	assert_slice(w.first->url, "http://two");
	world_answer(&w, 4005);
	assert_int_equal(outcome.called, 1);
	assert_int_equal(outcome.result, 0);
	assert_int_equal(outcome.rsc, 4005);
	send_to(&w, "/id-in/cse-in/two", &outcome);
	world_answer(&w, 0);
	world_answer(&w, 0);
	assert_int_equal(outcome.called, 1);
	assert_true(outcome.result < 0);
	world_close(&w);
}

UNIT(targets_of_every_form)
{
	static const struct {
		const char *target, *url;
	} rows[] = {
	        {"http://x/y?ct=json", "http://x/y?ct=json"},
	        {"http://x/y?a=b", "http://x/y?a=b"},
	        {"Sx", "http://sx"},
	        {"Cxml", "http://xml/n?ct=xml"},
	        {"/Sx", "http://sx"},
	        {"//dure.local/id-in/Cme", "http://me/n"},
	        {"cse-in/home", "http://me/n"},
	        {"/id-mn", "http://mn"},
	        {"/id-mn/Cfar", "http://mn"},
	        {"Cdeaf", NULL},
	        {"Cnobody", NULL},
	        {"/id-asn", NULL},
	        {"cse-in/home/c", NULL},
	        {"//other.example/id-x/Cy", NULL},
	        {"", NULL},
	        {"\x01", NULL},
	};
	struct world w;
	struct outcome outcome;

	make_entities(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_to(&w, rows[i].target, &outcome);
		world_turn(&w);
		assert_int_equal(outcome.called, rows[i].url ? 0 : 1);
		if (!rows[i].url) {
			assert_true(outcome.result < 0);
			continue;
		}
		assert_slice(w.first->url, rows[i].url);
		world_answer(&w, 2000);
		assert_int_equal(outcome.called, 1);
	}
	/* Ourselves: heard. */
	send_to(&w, "/id-in", &outcome);
	world_turn(&w);
	assert_int_equal(outcome.rsc, 2000);
	assert_true(engine_is_idle(w.engine));
	world_close(&w);
}

UNIT(a_notification_for_an_ae_goes_on_to_it)
{
	struct world w;

	make_entities(&w);
	assert_int_equal(ask(&w, "CAdmin", "{op: 5, to: 'Ctwo', pc: {'m2m:sgn': {sur: 'x'}}}"), 0);
	assert_sent(&w, "\"fr\":\"/id-in/CAdmin\"");
	world_answer(&w, 2000);
	assert_int_equal(w.rsc, 2000);
	assert_int_equal(ask(&w, "CAdmin", "{op: 5, to: 'Cdeaf', pc: {'m2m:sgn': {sur: 'x'}}}"), 5103);
	assert_int_equal(ask(&w, "Cme", "{op: 5, to: 'Ctwo', pc: {'m2m:sgn': {sur: 'x'}}}"), 4103);
	/* Deleted while it was asked. */
	assert_int_equal(ask(&w, "CAdmin", "{op: 5, to: 'Ctwo', pc: {'m2m:sgn': {sur: 'x'}}}"), 0);
	assert_int_equal(ask(&w, "Ctwo", "{op: 4, to: 'Ctwo'}"), 2002);
	world_answer(&w, 2000);
	assert_int_equal(w.rsc, 4004);
	world_close(&w);
}

UNIT(the_end_comes_while_calls_are_under_way)
{
	struct world w;
	struct outcome outcome;

	make_entities(&w);
	send_to(&w, "http://x", &outcome);
	world_submit(&w, "CAdmin", "{op: 5, to: 'Ctwo', pc: {'m2m:sgn': {sur: 'x'}}}");
	world_submit(&w, "Cme", "{op: 1, to: 'cse-in/home/c', ty: 23, pc: {'m2m:sub': {nu: ['http://y']}}}");
	assert_int_equal(w.count, 3);
	world_close(&w);
	assert_int_equal(outcome.result, -ECANCELED);
}

UNIT(notes_read_back_what_was_written)
{
	size_t account = 0;
	struct tale *tale = note_tale(&account, 3, 1234567, SLICE("/id-in/Cme"), SLICE("{\"m2m:cnt\":{}}"));
	struct note *note = note_create(NOTE_EVENT, 1, tale), *back;
	struct slice target, sur;
	struct buf buf;

	buf_init(&buf, NULL);
	note->with_or = true;
	note_write(note, SLICE("http://x"), SLICE("/id-in/sub-1"), &buf);
	back = note_read(&account, buf_slice(&buf), &target, &sur);
	assert_non_null(back);
	assert_slice(target, "http://x");
	assert_slice(sur, "/id-in/sub-1");
	assert_slice(back->tale->rep, "{\"m2m:cnt\":{}}");
	assert_slice(back->tale->from, "/id-in/Cme");
	assert_int_equal(back->tale->at, 1234567);
	assert_int_equal(back->net, 1);
	assert_true(back->with_or);
	note_destroy(back);
	/* Cut short anywhere: none. */
	for (size_t len = 0; len < buf.len; len++)
		assert_null(note_read(&account, slice_make(buf.ptr, len), &target, &sur));
	note_destroy(note);
	note_tale_drop(tale);
	buf_finish(&buf);
	assert_int_equal(account, 0);
}

UNIT(places_are_shared_by_host)
{
	struct map places;
	struct place *a, *b, *c;

	map_init(&places);
	a = place_hold(&places, SLICE("http://x:1/a"));
	b = place_hold(&places, SLICE("http://x:1/b"));
	c = place_hold(&places, SLICE("http://x:2"));
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	assert_false(place_is_full(a, 512));
	a->busy = PLACE_BUSY_MOST;
	assert_true(place_is_full(a, 512));
	/* The less there is for all, the less for each; but one always. */
	a->busy = 20;
	assert_false(place_is_full(a, 100));
	assert_true(place_is_full(a, 40));
	a->busy = 0;
	assert_false(place_is_full(a, 0));
	place_drop(&places, a);
	place_drop(&places, b);
	place_drop(&places, c);
	assert_int_equal(places.count, 0);
	map_finish(&places);
}

/* Subscribes so often, as this originator, to what goes to a target that never answers. */
static void subscribe(struct world *w, const char *from, const char *target, int times)
{
	char text[200];

	for (int i = 0; i < times; i++) {
		snprintf(text, sizeof(text),
		         "{op: 1, to: 'cse-in/%s/c', ty: 23, pc: {'m2m:sub': {nu: ['http://%s/%d'], enc: "
		         "{net: "
		         "[3], chty: [4]}, pn: 2}}}",
		         from, target, i);
		world_submit(w, from, text);
		world_turn(w);
		world_answer(w, 2000);
		world_turn(w);
		assert_int_equal(w->rsc, 2001);
	}
}

static void tell_of(struct world *w, const char *from, int times)
{
	char text[400];

	for (int i = 0; i < times; i++) {
		snprintf(text, sizeof(text),
		         "{op: 1, to: 'cse-in/%s/c', ty: 4, pc: {'m2m:cin': {con: '%0200d'}}}", from, i);
		assert_int_equal(ask(w, from, text), 2001);
	}
}

static size_t waiting_of(struct world *w, const char *owner)
{
	const struct share *share;
	size_t at = 0, count = 0;

	while ((share = map_next(&w->engine->deliver->shares, &at)))
		if (slice_is_text(share->owner, owner))
			for (const struct queue *queue = share->queues; queue; queue = queue->share_next)
				count += queue->count;
	return count;
}

/* Memory is used up by one with many slow targets: what waits of others stays, and they may have more. */
UNIT(one_owner_does_not_push_out_anothers_notifications)
{
	static const char *const owners[] = {"Cgreedy", "Cmodest", "Cother"};
	struct engine_stats stats;
	struct deliver *deliver;
	struct world w;
	char text[200];

	world_open(&w);
	deliver = w.engine->deliver;
	deliver->most_bytes = 128 << 10;
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text),
		         "{op: 1, to: 'cse-in', ty: 2, pc: {'m2m:ae': {rn: '%s', api: 'N.h', rr: true, srv: "
		         "['3']}}}",
		         owners[i]);
		assert_int_equal(ask(&w, owners[i], text), 2001);
		snprintf(text, sizeof(text), "{op: 1, to: 'cse-in/%s', ty: 3, pc: {'m2m:cnt': {rn: 'c'}}}",
		         owners[i]);
		assert_int_equal(ask(&w, owners[i], text), 2001);
	}
	subscribe(&w, "Cmodest", "slow", 1);
	subscribe(&w, "Cgreedy", "hang", 8);
	subscribe(&w, "Cother", "late", 1);
	tell_of(&w, "Cmodest", 21);
	assert_int_equal(waiting_of(&w, "/id-in/Cmodest"), 20); /* one is on its way */
	tell_of(&w, "Cgreedy", 1000);
	engine_stats(w.engine, &stats);
	assert_true(stats.notifications_dropped > 1000);
	assert_int_equal(waiting_of(&w, "/id-in/Cmodest"), 20);
	tell_of(&w, "Cother", 41);
	assert_int_equal(waiting_of(&w, "/id-in/Cother"), 40);
	assert_int_equal(waiting_of(&w, "/id-in/Cmodest"), 20);
	assert_in_range(deliver->tale_bytes + deliver->note_count * sizeof(struct note), 64 << 10, 129 << 10);
	/* Who wants more than his part gets it as long as nobody else needs it, and no longer. */
	tell_of(&w, "Cother", 1000);
	assert_true(waiting_of(&w, "/id-in/Cother") > 100);
	assert_true(waiting_of(&w, "/id-in/Cgreedy") > 100);
	assert_int_equal(waiting_of(&w, "/id-in/Cmodest"), 20);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(points_of_access_are_tried_in_turn),
	        unit(targets_of_every_form),
	        unit(a_notification_for_an_ae_goes_on_to_it),
	        unit(the_end_comes_while_calls_are_under_way),
	        unit(notes_read_back_what_was_written),
	        unit(places_are_shared_by_host),
	        unit(one_owner_does_not_push_out_anothers_notifications),
	};

	return unit_main(tests);
}
