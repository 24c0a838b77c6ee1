/* SPDX-License-Identifier: Apache-2.0 */
/* Long operations go on in slices, in fair order, and end with those who wanted them. */
#include <stdio.h>

#include "engine/world.h"

enum { CHILDREN = 300, HUNDRED = 100 };

static struct order {
	char who[4096];
	size_t count;
} order;

static void answered(struct req *req)
{
	assert_true(order.count < sizeof(order.who));
	order.who[order.count++] = req->from.ptr[req->from.len - 1];
	world_answered(req);
}

static void search(struct world *w, const char *from)
{
	struct req *req = req_create(w->engine);
	struct why why = {0};
	struct val *object;

	assert_int_equal(json_read_relaxed(&req->arena,
	                                   SLICE("{op: 2, to: 'cse-in', rqi: 'r', rvi: '3', fc: {fu: 1, ms: "
	                                         "'20200101T000000'}}"),
	                                   &why, &object),
	                 0);
	val_put(object, SLICE("fr"), val_str(&req->arena, slice_of(from)));
	assert_int_equal(prim_read(&req->in, &req->arena, object, PRIM_REQ, &why), 0);
	req->answered = answered;
	req->user = w;
	engine_submit(req);
}

static void make_many(struct world *w)
{
	char text[160];

	world_open(w);
	order.count = 0;
	for (int i = 0; i < CHILDREN; i++) {
		snprintf(text, sizeof(text), "{op: 1, to: 'cse-in', ty: 3, pc: {'m2m:cnt': {rn: 'c%d'}}}", i);
		assert_int_equal(ask(w, "CAdmin", text), 2001);
	}
	w->engine->work.units_most = 64;
	work_next_turn(w->engine);
}

UNIT(work_lets_a_short_request_end_at_once)
{
	struct world w;

	make_many(&w);
	w.engine->work.units_most = 0;
	world_submit(&w, "CAdmin", "{op: 2, to: 'cse-in/c7'}");
	assert_int_equal(w.rsc, 2000);
	assert_false(work_is_left(w.engine));
	world_close(&w);
}

UNIT(work_goes_on_in_later_turns)
{
	struct world w;

	make_many(&w);
	search(&w, "CAdmin");
	assert_int_equal(order.count, 0);
	assert_true(work_is_left(w.engine));
	assert_false(engine_is_idle(w.engine));
	for (int turns = 1; order.count == 0; turns++) {
		assert_true(turns < 10);
		assert_true(engine_end_turn(w.engine) || order.count);
	}
	assert_int_equal(w.rsc, 2000);
	assert_false(work_is_left(w.engine));
	world_close(&w);
}

/* A hundred searches of one originator stand in the queue when another's comes: it has every second slice. */
UNIT(work_is_fair_among_originators)
{
	struct world w;
	size_t before = 0;

	make_many(&w);
	for (int i = 0; i < HUNDRED; i++)
		search(&w, "CAdmin");
	search(&w, "/id-other/CAdmin2");
	assert_int_equal(w.engine->work.count, HUNDRED + 1);
	while (order.count < HUNDRED + 1)
		engine_end_turn(w.engine);
	while (order.who[before] != '2')
		before++;
	assert_true(before < 3);
	world_close(&w);
}

UNIT(work_ends_with_the_engine)
{
	struct world w;

	make_many(&w);
	search(&w, "CAdmin");
	engine_stop(w.engine);
	assert_int_equal(w.rsc, 5000);
	assert_false(work_is_left(w.engine));
	world_close(&w);
}

struct counting {
	struct work_job job;
	int left, runs;
};

static bool count_down(struct engine *engine, struct work_job *job)
{
	struct counting *counting = container_of(job, struct counting, job);

	counting->runs++;
	do {
		if (counting->left-- == 0)
			return false;
	} while (!work_spent(engine, 1));
	return true;
}

UNIT(work_runs_jobs_until_they_are_done)
{
	struct counting first = {{.run = count_down, .key = 1}, 640, 0};
	struct counting second = {{.run = count_down, .key = 1}, 0, 0};
	struct counting never = {{.run = count_down, .key = 2}, 1, 0};
	struct world w;

	make_many(&w);
	work_queue(w.engine, &first.job);
	work_queue(w.engine, &first.job);
	work_queue(w.engine, &second.job);
	work_queue(w.engine, &never.job);
	work_cancel(w.engine, &never.job);
	work_cancel(w.engine, &never.job);
	assert_int_equal(w.engine->work.count, 2);
	engine_end_turn(w.engine);
	assert_int_equal(second.runs, 1);
	while (work_is_left(w.engine))
		engine_end_turn(w.engine);
	assert_int_equal(first.runs, 11);
	assert_int_equal(never.runs, 0);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(work_lets_a_short_request_end_at_once), unit(work_goes_on_in_later_turns),
	        unit(work_is_fair_among_originators),        unit(work_ends_with_the_engine),
	        unit(work_runs_jobs_until_they_are_done),
	};

	return unit_main(tests);
}
