/* SPDX-License-Identifier: Apache-2.0 */
/* Calls as whole primitives, and responses as the lab reads them, in each encoding. */
#include "base/unit.h"

#include "codec/json.h"
#include "lab/run/content.h"
#include "model/type.h"

static struct arena arena;

static struct call call_with(const char *const *params)
{
	struct call call = {.op = 2,
	                    .ty = -1,
	                    .to = SLICE("cse-in"),
	                    .fr = SLICE("Cx"),
	                    .rqi = SLICE("r"),
	                    .rvi = SLICE("3")};

	for (; *params; params += 2) {
		call.params[call.param_count].name = slice_of(params[0]);
		call.params[call.param_count++].value = slice_of(params[1]);
	}
	return call;
}

UNIT(content_puts_parameters_where_they_belong)
{
	static const struct {
		const char *params[6], *json;
	} rows[] = {
	        {{"rcn", "4"}, "\"rcn\":4"},
	        {{"rcn", "abc"}, "\"rcn\":\"abc\""},
	        {{"lbl", "a+b", "ty", "3"}, "\"fc\":{\"lbl\":[\"a\",\"b\"],\"ty\":[3]}"},
	        {{"lbl", "a", "lbl", "b"}, "\"fc\":{\"lbl\":[\"a\",\"b\"]}"},
	        {{"fu", "1", "fu", "9"}, "\"fc\":{\"fu\":[1,9]}"},
	        {{"cr", "Sam"}, "\"fc\":{\"atr\":[{\"nm\":\"cr\",\"val\":\"Sam\"}]}"},
	        {{"c.lbl", "x", "p.cr", "y"},
	         "\"fc\":{\"catr\":[{\"nm\":\"lbl\",\"val\":\"x\"}],\"patr\":[{\"nm\":\"cr\",\"val\":\"y\"}]"
	         "}"},
	        {{"rt", "2", "nu", "http://a&http://b"},
	         "\"rt\":{\"rtv\":2,\"nu\":[\"http://a\",\"http://b\"]}"},
	        {{"atrl", "ri+lbl"}, "\"pc\":{\"m2m:atrl\":[\"ri\",\"lbl\"]}"},
	        {{"da", "true"}, "\"da\":true"},
	        {{"tkns", "a+b"}, "\"tkns\":[\"a\",\"b\"]"},
	        {{"rqet", "5000"}, "\"rqet\":\"5000\""},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct call call = call_with(rows[i].params);
		char *text = arena_text(&arena, content_call(&arena, ENCODING_JSON, &call));

		if (!strstr(text, rows[i].json))
			fail_msg("row %zu: %s is not in %s", i, rows[i].json, text);
	}
}

UNIT(content_comes_back_from_every_encoding)
{
	for (int e = 0; e < ENCODING_COUNT; e++) {
		const char *const params[] = {"lbl", "a", "rt", "1", NULL};
		struct call call = call_with(params);
		const char *fault;
		struct why why = {0};
		struct val *back;
		int64_t n;

		struct slice bytes = content_call(&arena, (enum encoding)e, &call);

		if (content_read_primitive(&arena, (enum encoding)e, bytes, &why, &back, &fault) != 0)
			fail_msg("%s: %s", encoding_name((enum encoding)e), why.text);
		assert_null(fault);
		assert_true(val_is_int(val_find(back, "op"), &n));
		assert_int_equal(n, 2);
		assert_true(val_is_int(val_find(val_find(back, "rt"), "rtv"), &n));
		assert_int_equal(n, 1);
		assert_non_null(val_find(val_find(back, "fc"), "lbl"));
	}
}

UNIT(content_text_stands_where_pc_would)
{
	const char *const none[] = {NULL};
	struct call call = call_with(none);

	call.text = SLICE("{\"m2m:cnt\":{\"rn\" : \"x\"}}");
	char *text = arena_text(&arena, content_call(&arena, ENCODING_JSON, &call));

	assert_non_null(strstr(text, ",\"pc\":{\"m2m:cnt\":{\"rn\" : \"x\"}}}"));
}

UNIT(content_judges_responses)
{
	static const struct {
		const char *json, *fault;
	} rows[] = {
	        {"{\"rsc\":2000,\"rqi\":\"r\",\"rvi\":\"3\",\"pc\":{\"m2m:uril\":[]}}", NULL},
	        {"{\"rsc\":\"2000\",\"rqi\":\"r\"}", "rsc is a string"},
	        {"{\"rsc\":2000,\"op\":2}", "no parameter \"op\""},
	        {"{\"rsc\":2000,\"nonsense\":2}", "no parameter \"nonsense\""},
	        {"{\"m2m:rsp\":{\"rsc\":2000}}", "no m2m:rqp or m2m:rsp"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply = {0};
		struct why why = {0};
		struct val *primitive;

		assert_int_equal(content_read_primitive(&arena, ENCODING_JSON, slice_of(rows[i].json), &why,
		                                        &primitive, &reply.form_fault),
		                 0);
		content_reply(&arena, primitive, &reply);
		if (!rows[i].fault != !reply.form_fault ||
		    (rows[i].fault && !strstr(reply.form_fault, rows[i].fault)))
			fail_msg("row %zu: \"%s\"", i, reply.form_fault ? reply.form_fault : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(content_puts_parameters_where_they_belong), unit(content_comes_back_from_every_encoding),
	        unit(content_text_stands_where_pc_would), unit(content_judges_responses)};

	arena_init(&arena);
	type_init();
	int r = unit_main(tests);

	arena_finish(&arena);
	return r;
}
