/* SPDX-License-Identifier: Apache-2.0 */
/* A judge must be able to say no: answers that are wrong in every way a server can get them wrong. */
#include "base/unit.h"

#include "codec/json.h"
#include "lab/run/inspect.h"
#include "model/type.h"

static struct arena arena;

static struct slice inspect(int op, int rsc, int http, const char *rqi, const char *body, const char *param)
{
	struct call call = {
	        .op = op, .ty = -1, .to = SLICE("cse-in/x"), .rqi = SLICE("r1"), .rvi = SLICE("3")};
	struct reply reply = {.rsc = rsc, .http = http, .rqi = rqi, .rvi = "3"};
	struct why why = {0};

	if (param) {
		call.params[0].name = SLICE("rcn");
		call.params[0].value = slice_of(param);
		call.param_count = 1;
	}
	if (body)
		assert_int_equal(json_read(&arena, slice_of(body), NULL, &why, &reply.pc), 0);
	return inspect_reply(&arena, &call, &reply);
}

#define CNT                                                                                                  \
	"\"rn\":\"x\",\"ty\":3,\"ri\":\"c1\",\"pi\":\"p\",\"ct\":\"20260101T000000\",\"lt\":"                \
	"\"20260101T000000\","                                                                               \
	"\"et\":\"20270101T000000\",\"st\":0,\"cni\":0,\"cbs\":0"

UNIT(inspect_lets_good_answers_pass)
{
	assert_int_equal(inspect(2, 2000, 200, "r1", "{\"m2m:cnt\":{" CNT "}}", NULL).len, 0);
	assert_int_equal(inspect(2, 2000, 200, "r1", "{\"m2m:cnt\":{\"rn\":\"x\"}}", "9").len, 0);
	assert_int_equal(
	        inspect(2, 2000, 200, "r1", "{\"m2m:cnt\":{" CNT ",\"m2m:cin\":[{\"con\":\"1\"}]}}", "4").len,
	        0);
	assert_int_equal(inspect(2, 2000, 200, "r1", "{\"m2m:uril\":[\"a\"]}", NULL).len, 0);
	assert_int_equal(inspect(1, 4105, 409, "r1", "{\"m2m:dbg\":\"taken\"}", NULL).len, 0);
	assert_int_equal(inspect(4, 2002, 200, "r1", NULL, NULL).len, 0);
	assert_int_equal(
	        inspect(1, 2001, 201, "r1", "{\"m2m:rce\":{\"uri\":\"a\",\"m2m:cnt\":{\"rn\":\"x\"}}}", "3")
	                .len,
	        0);
}

UNIT(inspect_finds_every_fault)
{
	static const struct {
		int op, rsc, http;
		const char *rqi, *body, *fault;
	} rows[] = {
	        {2, 0, 200, "r1", NULL, "no response status code"},
	        {2, 2999, 200, "r1", NULL, "is no response status code"},
	        {2, 4004, 200, "r1", NULL, "goes with HTTP 404"},
	        {2, 2000, 200, "r2", NULL, "request identifier"},
	        {2, 2000, 200, NULL, NULL, "request identifier"},
	        {2, 2000, 200, "r1", "{\"m2m:cnt\":{\"rn\":\"x\"}}", "lacks"},
	        {2, 2000, 200, "r1", "{\"m2m:cnt\":{" CNT ",\"nosuch\":1}}", "no attribute \"nosuch\""},
	        {2, 2000, 200, "r1", "{\"m2m:cnt\":{" CNT ",\"mni\":\"5\"}}", "mni"},
	        {2, 2000, 200, "r1", "{\"m2m:cnt\":{" CNT ",\"lbl\":\"a\"}}", "lbl"},
	        {2, 2000, 200, "r1", "{\"m2m:cnt\":{" CNT ",\"m2m:cin\":{}}}", "children stand in a list"},
	        {2, 2000, 200, "r1", "{\"m2m:cnt\":{" CNT ",\"m2m:cin\":[{\"cs\":\"x\"}]}}", "cs"},
	        {2, 2000, 200, "r1", "{\"m2m:cnt\":[]}", "not an object"},
	        {2, 2000, 200, "r1", "{\"m2m:cnt\":{},\"m2m:grp\":{}}", "exactly one member"},
	        {2, 2000, 200, "r1", "{\"m2m:nothing\":{}}", "is called m2m:nothing"},
	        {2, 2000, 200, "r1", "{\"m2m:agr\":{\"m2m:rsp\":[{\"rsc\":\"2000\"}]}}", "number rsc"},
	        {1, 2001, 201, "r1", "{\"m2m:rce\":{\"uri\":\"a\"}}", "m2m:rce"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct slice fault =
		        inspect(rows[i].op, rows[i].rsc, rows[i].http, rows[i].rqi, rows[i].body, NULL);

		if (!fault.len || !strstr(arena_text(&arena, fault), rows[i].fault))
			fail_msg("row %zu: \"%s\" is not in \"%.*s\"", i, rows[i].fault, SLICE_ARG(fault));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(inspect_lets_good_answers_pass),
	                                   unit(inspect_finds_every_fault)};

	arena_init(&arena);
	type_init();
	int r = unit_main(tests);

	arena_finish(&arena);
	return r;
}
