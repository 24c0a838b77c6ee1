/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to reach somebody: points of access in turn, polling channels, other CSEs, and what is kept of a
 * notification in the store. */
#include "engine/note.h"
#include "engine/place.h"
#include "engine/world.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(points_of_access_are_tried_in_turn),     unit(targets_of_every_form),
	        unit(a_notification_for_an_ae_goes_on_to_it), unit(the_end_comes_while_calls_are_under_way),
	        unit(notes_read_back_what_was_written),       unit(places_are_shared_by_host),
	};

	return unit_main(tests);
}
