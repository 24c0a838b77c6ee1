/* SPDX-License-Identifier: Apache-2.0 */
#include "model/prim.h"

#include "base/clock.h"
#include "base/unit.h"
#include "codec/json.h"
#include "model/type.h"

static struct slice json_of(struct arena *arena, const struct val *v)
{
	struct buf buf;

	buf_init(&buf, arena);
	json_write(&buf, v);
	return buf_slice(&buf);
}

UNIT(prim_rows_are_found)
{
	assert_int_equal(prim_by_name(SLICE("rqi"))->id, PRIM_rqi);
	assert_int_equal(prim_by_header(SLICE("x-m2m-origin"))->id, PRIM_fr);
	assert_int_equal(prim_by_header(SLICE("X-M2M-RTU"))->id, PRIM_rtu);
	assert_int_equal(prim_by_query(SLICE("rcn"))->id, PRIM_rcn);
	assert_null(prim_by_name(SLICE("")));
	assert_null(prim_by_name(SLICE("nix")));
	assert_null(prim_by_header(SLICE("")));
	assert_null(prim_by_header(SLICE("X-M2M-")));
	assert_null(prim_by_header(SLICE("X-M2M-R")));
	assert_null(prim_by_header(SLICE("X-M2M-RII")));
	assert_null(prim_by_header(SLICE("Content-Type")));
	assert_null(prim_by_query(SLICE("")));
	assert_null(prim_by_query(SLICE("lbl")));
	assert_null(prim_by_query(SLICE("ty")));
}

/* A filter row has a member of m2m:filterCriteria, and the other way round. */
UNIT(prim_filters_are_those_of_the_shape)
{
	const struct shape *shape = shape_find(SLICE("filterCriteria"));
	const struct filter_row *row;
	size_t at = 0;

	while ((row = filter_row_next(&at))) {
		const struct attr *member = shape_member(shape, slice_of(row->sn));

		assert_non_null(member);
		assert_string_equal(member->ln, row->ln);
		assert_int_equal(row->multi, attr_is_list(member));
		assert_ptr_equal(filter_row_find(slice_of(row->sn)), row);
		assert_null(prim_by_query(slice_of(row->sn)));
	}
	assert_int_equal(at, shape->count);
	assert_null(filter_row_find(SLICE("nix")));
	assert_null(filter_row_find(SLICE("")));
}

UNIT(prim_text_becomes_values)
{
	static const struct {
		const char *sn, *text, *json; /* NULL: refused */
	} cases[] = {
	        {"fr", "CAdmin", "\"CAdmin\""},
	        {"rqi", "", "\"\""},
	        {"rcn", "5", "5"},
	        {"rcn", "-5", "-5"},
	        {"rcn", "5.0", NULL},
	        {"rcn", "", NULL},
	        {"rcn", "99999999999999999999", NULL},
	        {"da", "true", "true"},
	        {"da", "false", "false"},
	        {"da", "1", NULL},
	        {"rqet", "20261122T093000", "\"20261122T093000\""},
	        {"rqet", "5000", "\"5000\""},
	        {"rqet", "-5000", NULL},
	        {"rqet", "tomorrow", NULL},
	        {"rqet", "9999999999999999", NULL},
	        {"tids", "a+b+c", "[\"a\",\"b\",\"c\"]"},
	        {"tids", "a b", "[\"a\",\"b\"]"},
	        {"tids", "", "[]"},
	        {"rtu", "http://a/x+y&http://b", "[\"http://a/x+y\",\"http://b\"]"},
	        {"rtu", "", "[]"},
	        {"pc", "{}", NULL},
	        {"ati", "l1:t1 + l2:t2",
	         "{\"ltia\":[{\"lti\":\"l1\",\"tkid\":\"t1\"},{\"lti\":\"l2\",\"tkid\":\"t2\"}]}"},
	        {"ati", "l1", NULL},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct prim_row *row = prim_by_name(slice_of(cases[i].sn));
		struct prim prim = {{NULL}};
		struct why why = {0};
		int r = prim_set_text(&prim, &arena, row, slice_of(cases[i].text), &why);

		assert_int_equal(r, cases[i].json ? 0 : 4000);
		if (cases[i].json)
			assert_slice(json_of(&arena, prim.at[row->id]), cases[i].json);
		else
			assert_false(prim_has(&prim, row->id));
	}
	arena_finish(&arena);
}

UNIT(prim_text_twice)
{
	struct prim prim = {{NULL}};
	struct arena arena;

	arena_init(&arena);
	assert_int_equal(prim_set_text(&prim, &arena, &prim_rows[PRIM_fr], SLICE("a"), NULL), 0);
	assert_int_equal(prim_set_text(&prim, &arena, &prim_rows[PRIM_fr], SLICE("b"), NULL), 4000);
	assert_slice(prim_text(&prim, PRIM_fr), "a");
	assert_int_equal(prim_set_text(&prim, &arena, &prim_rows[PRIM_tids], SLICE("a"), NULL), 0);
	assert_int_equal(prim_set_text(&prim, &arena, &prim_rows[PRIM_tids], SLICE("b"), NULL), 0);
	assert_int_equal(prim.at[PRIM_tids]->count, 2);
	arena_finish(&arena);
}

static const struct {
	const char *json;
	enum prim_direction direction;
	const char *again; /* NULL: refused */
} primitives[] = {
        {"{}", PRIM_REQ, "{}"},
        {"{\"op\":1,\"to\":\"a\",\"fr\":\"C\",\"rqi\":\"1\",\"ty\":3,\"pc\":{\"m2m:cnt\":{}},\"rvi\":"
         "\"3\"}",
         PRIM_REQ,
         "{\"op\":1,\"to\":\"a\",\"fr\":\"C\",\"rqi\":\"1\",\"ty\":3,\"pc\":{\"m2m:cnt\":{}},\"rvi\":"
         "\"3\"}"},
        {"{\"rvi\":\"3\",\"op\":2}", PRIM_REQ, "{\"op\":2,\"rvi\":\"3\"}"},
        {"{\"rt\":2}", PRIM_REQ, "{\"rt\":{\"rtv\":2}}"},
        {"{\"rt\":{\"rtv\":2,\"nu\":[\"http://a\"]}}", PRIM_REQ,
         "{\"rt\":{\"rtv\":2,\"nu\":[\"http://a\"]}}"},
        {"{\"rt\":{\"rtv\":2,\"nu\":[]}}", PRIM_REQ, "{\"rt\":{\"rtv\":2,\"nu\":[]}}"},
        {"{\"rt\":{\"nu\":[]}}", PRIM_REQ, NULL},
        {"{\"rt\":{\"rtv\":\"2\"}}", PRIM_REQ, NULL},
        {"{\"rt\":{\"rtv\":2,\"x\":1}}", PRIM_REQ, NULL},
        {"{\"rtu\":[\"a\"]}", PRIM_REQ, NULL},
        {"{\"rqet\":5000}", PRIM_REQ, "{\"rqet\":5000}"},
        {"{\"rqet\":\"5000\"}", PRIM_REQ, "{\"rqet\":\"5000\"}"},
        {"{\"rqet\":-1}", PRIM_REQ, NULL},
        {"{\"rqet\":true}", PRIM_REQ, NULL},
        {"{\"fc\":{\"fu\":1}}", PRIM_REQ, "{\"fc\":{\"fu\":1}}"},
        {"{\"fc\":[]}", PRIM_REQ, NULL},
        {"{\"op\":\"1\"}", PRIM_REQ, NULL},
        {"{\"op\":1.0}", PRIM_REQ, NULL},
        {"{\"fr\":1}", PRIM_REQ, NULL},
        {"{\"fr\":null}", PRIM_REQ, NULL},
        {"{\"da\":\"true\"}", PRIM_REQ, NULL},
        {"{\"tids\":[\"a\",1]}", PRIM_REQ, NULL},
        {"{\"nix\":1}", PRIM_REQ, NULL},
        {"{\"rsc\":2000}", PRIM_REQ, NULL},
        {"{\"rsc\":2000,\"rqi\":\"1\"}", PRIM_RSP, "{\"rqi\":\"1\",\"rsc\":2000}"},
        {"{\"op\":1}", PRIM_RSP, NULL},
        {"[]", PRIM_REQ, NULL},
};

UNIT(prim_reads_and_writes_whole_primitives)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof primitives / sizeof primitives[0]; i++) {
		struct prim prim = {{NULL}};
		struct why why = {0};
		struct val *v;
		int r;

		assert_int_equal(json_read(&arena, slice_of(primitives[i].json), NULL, NULL, &v), 0);
		r = prim_read(&prim, &arena, v, primitives[i].direction, &why);
		if (r != (primitives[i].again ? 0 : 4000))
			fail_msg("%s: %d %s", primitives[i].json, r, why.text);
		if (primitives[i].again) {
			assert_slice(json_of(&arena, prim_write(&prim, &arena)), primitives[i].again);
			/* What was read is untouched by writing. */
			assert_slice(json_of(&arena, prim_write(&prim, &arena)), primitives[i].again);
		}
	}
	assert_int_equal(prim_read(&(struct prim){{NULL}}, &arena, NULL, PRIM_REQ, NULL), 4000);
	arena_finish(&arena);
}

UNIT(prim_values)
{
	struct prim prim = {{NULL}};
	struct arena arena;
	int64_t us, wanted;

	arena_init(&arena);
	assert_int_equal(prim_int(&prim, PRIM_rcn, 7), 7);
	assert_true(prim_bool(&prim, PRIM_da, true));
	assert_int_equal(prim_text(&prim, PRIM_fr).len, 0);
	prim.at[PRIM_rcn] = val_int(&arena, 5);
	prim.at[PRIM_da] = val_bool(&arena, false);
	prim.at[PRIM_fr] = val_str(&arena, SLICE("C"));
	assert_int_equal(prim_int(&prim, PRIM_rcn, 7), 5);
	assert_int_equal(prim_int(&prim, PRIM_fr, 7), 7);
	assert_false(prim_bool(&prim, PRIM_da, true));
	assert_slice(prim_text(&prim, PRIM_fr), "C");
	assert_slice(prim_text(&prim, PRIM_rcn), "5");
	assert_true(clock_parse(SLICE("20261122T093000"), &wanted));
	assert_true(prim_time(val_str(&arena, SLICE("20261122T093000")), 5, &us) && us == wanted);
	assert_true(prim_time(val_str(&arena, SLICE("1000")), 5, &us) && us == 1000005);
	assert_true(prim_time(val_int(&arena, 1000), 5, &us) && us == 1000005);
	assert_false(prim_time(val_int(&arena, -1), 5, &us));
	assert_false(prim_time(val_str(&arena, SLICE("9999999999999999")), 5, &us));
	assert_false(prim_time(val_bool(&arena, true), 5, &us));
	assert_false(prim_time(NULL, 5, &us));
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(prim_rows_are_found),
	        unit(prim_filters_are_those_of_the_shape),
	        unit(prim_text_becomes_values),
	        unit(prim_text_twice),
	        unit(prim_reads_and_writes_whole_primitives),
	        unit(prim_values),
	};

	return unit_main(tests);
}
