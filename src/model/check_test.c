/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"
#include "codec/json.h"
#include "model/check.h"

struct check_case {
	const char *root, *json;
	const char *says; /* NULL: it is fine */
};

static void run(const struct check_case *cases, size_t count,
                int (*check)(const struct type *type, const struct val *rep, struct why *why))
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < count; i++) {
		const struct type *type = type_by_root(slice_of(cases[i].root));
		struct why why = {0};
		struct val *rep;
		int r;

		assert_int_equal(json_read(&arena, slice_of(cases[i].json), NULL, &why, &rep), 0);
		r = check(type, rep, &why);
		if (!cases[i].says && r)
			fail_msg("%s %s: refused: %s", cases[i].root, cases[i].json, why.text);
		if (cases[i].says && (r != 4000 || !strstr(why.text, cases[i].says)))
			fail_msg("%s %s: %d \"%s\" does not say \"%s\"", cases[i].root, cases[i].json, r,
			         why.text, cases[i].says);
	}
	arena_finish(&arena);
}

static const struct check_case creates[] = {
        {"m2m:cnt", "{}", NULL},
        {"m2m:cnt", "{\"rn\":\"a\",\"mni\":5,\"lbl\":[\"a\",\"k:v\"],\"et\":\"20301122T093000\"}", NULL},
        {"m2m:cnt", "{\"mni\":18446744073709551615}", NULL},
        {"m2m:cnt", "{\"mni\":\"5\"}", "mni: expected a whole number, 0 or more, not a string"},
        {"m2m:cnt", "{\"mni\":-5}", "mni: expected a whole number, 0 or more, not -5"},
        {"m2m:cnt", "{\"mni\":2.0}", "mni: expected a whole number, 0 or more, not 2.0"},
        {"m2m:cnt", "{\"mni\":1e3}", "mni: expected"},
        {"m2m:cnt", "{\"mni\":18446744073709551616}", "mni: expected"},
        {"m2m:cnt", "{\"mni\":null}", "null is for taking attributes away"},
        {"m2m:cnt", "{\"mni\":true}", "not true"},
        {"m2m:cnt", "{\"mni\":[1]}", "not an array"},
        {"m2m:cnt", "{\"mnx\":1}", "mnx: a container has no such attribute"},
        {"m2m:cnt", "{\"ri\":\"x\"}", "ri: cannot be given"},
        {"m2m:cnt", "{\"cni\":1}", "cni: cannot be given"},
        {"m2m:cnt", "{\"cr\":null}", NULL},
        {"m2m:cnt", "{\"cr\":\"CAe\"}", "cr: only null"},
        {"m2m:acp", "{\"cr\":null}", "no such attribute"},
        {"m2m:cnt", "{\"lbl\":[]}", "lbl: the list may not be empty"},
        {"m2m:cnt", "{\"lbl\":\"a\"}", "lbl: expected a list (each a label"},
        {"m2m:cnt", "{\"lbl\":[1]}", "lbl: expected a label"},
        {"m2m:cnt", "{\"lbl\":[\"\"]}", "lbl: expected a label"},
        {"m2m:cnt", "{\"lbl\":[null]}", "not null"},
        {"m2m:cnt", "{\"disr\":\"true\"}", "disr: expected true or false"},
        {"m2m:cnt", "{\"rn\":\"a/b\"}", "rn: expected a resource name"},
        {"m2m:cnt", "{\"rn\":\"\"}", "rn: expected a resource name"},
        {"m2m:cnt", "{\"et\":\"2030\"}", "et: expected a time such as"},
        {"m2m:cnt", "{\"et\":\"20300230T000000\"}", "et: expected"},
        {"m2m:cnt", "[]", "expected an object"},
        {"m2m:cnt", "7", "expected an object"},
        {"m2m:cin", "{\"con\":\"1\"}", NULL},
        {"m2m:cin", "{\"con\":{\"a\":[1]},\"cnf\":\"application/json:0\",\"rn\":\"x\"}", NULL},
        {"m2m:cin", "{}", "con (content) is missing: a new contentInstance must have it"},
        {"m2m:cin", "{\"con\":null}", "con: null"},
        {"m2m:cin", "{\"con\":\"1\",\"dcnt\":0}", "dcnt: expected a whole number, 1 or more"},
        {"m2m:cin", "{\"con\":\"1\",\"acpi\":[\"a\"]}", "acpi: a contentInstance has no such attribute"},
        {"m2m:cin", "{\"con\":\"1\",\"conr\":{\"urir\":[{\"nm\":\"a\",\"uri\":\"http://a\"}]}}", NULL},
        {"m2m:cin", "{\"con\":\"1\",\"conr\":{\"urir\":[{\"nm\":\"a\"}]}}",
         "conr/urir: uri (URI) is missing"},
        {"m2m:cin", "{\"con\":\"1\",\"loc\":{\"typ\":1,\"crd\":[1.5,2]}}", NULL},
        {"m2m:cin", "{\"con\":\"1\",\"loc\":{\"typ\":9,\"crd\":[]}}",
         "loc/typ: 9 is not a geometryType (1 Point"},
        {"m2m:ae", "{\"api\":\"N.a\",\"rr\":false,\"srv\":[\"2a\",\"3\"]}", NULL},
        {"m2m:ae", "{\"rr\":false,\"srv\":[\"2a\"]}", "api (App-ID) is missing"},
        {"m2m:ae", "{\"api\":\"N.a\",\"rr\":false}", "srv (supportedReleaseVersions) is missing"},
        {"m2m:ae", "{\"api\":\"N.a\",\"rr\":false,\"srv\":[\"9\"]}",
         "srv: expected 1, 2, 2a, 3, 4 or 5, not \"9\""},
        {"m2m:ae", "{\"api\":\"N.a\",\"rr\":false,\"srv\":[]}", "may not be empty"},
        {"m2m:ae", "{\"api\":\"N.a\",\"rr\":false,\"srv\":[\"3\"],\"poa\":[\"nowhere\"]}",
         "poa: expected a point"},
        {"m2m:grp", "{\"mnm\":5,\"mid\":[]}", NULL},
        {"m2m:grp", "{\"mnm\":5,\"mid\":[\"a\"],\"mt\":20002,\"csy\":3}", NULL},
        {"m2m:grp", "{\"mnm\":0,\"mid\":[]}", "mnm: expected"},
        {"m2m:grp", "{\"mnm\":1,\"mid\":[],\"csy\":7}",
         "csy: 7 is not a consistencyStrategy (1 ABANDON_MEMBER, 2 ABANDON_GROUP, 3 SET_MIXED)"},
        {"m2m:grp", "{\"mnm\":1,\"mid\":[],\"mt\":4294967300}", "mt: 4294967300 is not a memberType"},
        {"m2m:sub", "{\"nu\":[\"http://a\"],\"enc\":{\"net\":[1,3],\"chty\":[4]}}", NULL},
        {"m2m:sub", "{\"nu\":[\"http://a\"],\"enc\":{\"net\":[12]}}",
         "enc/net: 12 is not a notificationEventType (1 Update_of_Resource"},
        {"m2m:sub", "{\"nu\":[\"a\"],\"enc\":{\"net\":3}}", "enc/net: expected a list"},
        {"m2m:sub", "{\"nu\":[\"a\"],\"enc\":{\"nix\":3}}",
         "enc/nix: a eventNotificationCriteria has no such member"},
        {"m2m:sub", "{\"nu\":[\"a\"],\"enc\":{\"chty\":[4294967300]}}",
         "enc/chty: expected the number of a resource type"},
        {"m2m:sub", "{\"nu\":[]}", "nu: the list may not be empty"},
        {"m2m:sub", "{\"nu\":[\"a\"],\"bn\":{\"num\":5,\"dur\":\"PT1M\"}}", NULL},
        {"m2m:sub", "{\"nu\":[\"a\"],\"bn\":{\"num\":5,\"dur\":\"1 minute\"}}",
         "bn/dur: expected a duration"},
        {"m2m:acp", "{\"pv\":{\"acr\":[{\"acor\":[\"all\"],\"acop\":63}]},\"pvs\":{\"acr\":[]}}", NULL},
        {"m2m:acp", "{\"pv\":{\"acr\":[{\"acor\":[\"all\"],\"acop\":64}]},\"pvs\":{}}",
         "pv/acr/acop: expected a sum"},
        {"m2m:acp", "{\"pv\":{\"acr\":[{\"acor\":[\"all\"]}]},\"pvs\":{}}",
         "pv/acr: acop (accessControlOperations) is missing"},
        {"m2m:acp",
         "{\"pv\":{\"acr\":[{\"acor\":[\"C*\"],\"acop\":1,\"acco\":[{\"actw\":[\"* * 8-18 * * 1-5 "
         "*\"],\"acip\":"
         "{\"ipv4\":[\"10.0.0.0/"
         "8\"],\"ipv6\":[\"::1\"]},\"aclr\":{\"accr\":[1,2.5,3],\"accc\":[\"KR\"]}}],\"acod\":"
         "[{\"chty\":[3,4],\"spty\":{\"cnd\":\"x\"}}]}]},\"pvs\":{}}",
         NULL},
        {"m2m:sch", "{\"se\":{\"sce\":[\"0 0 12 * * * *\"]}}", NULL},
        {"m2m:sch", "{\"se\":{\"sce\":[]}}", "se/sce: the list may not be empty"},
        {"m2m:sch", "{\"se\":{\"sce\":[\"61 * * * * * *\"]}}", "se/sce: expected seven fields"},
        {"cod:binSh", "{\"cnd\":\"org.onem2m.common.moduleclass.binarySwitch\",\"state\":true}", NULL},
        {"cod:binSh", "{\"cnd\":\"org.onem2m.common.moduleclass.binarySwitch\"}", "state (state) is missing"},
        {"cod:binSh", "{\"cnd\":\"x\",\"state\":1}", "state: expected true or false, not a number"},
        {"m2m:fwr", "{\"mgd\":1001,\"vr\":\"1\",\"fwn\":\"n\",\"url\":\"http://a\",\"ud\":false}", NULL},
        {"m2m:fwr", "{\"mgd\":7,\"vr\":\"1\",\"fwn\":\"n\",\"url\":\"http://a\",\"ud\":false}",
         "mgd: 7 is not"},
        {"m2m:cntA", "{\"lnk\":\"/id-mn/x\",\"mni\":3}", NULL},
        {"m2m:cntA", "{}", "lnk (link) is missing"},
};

UNIT(check_create_holds_content_against_the_table)
{
	run(creates, sizeof creates / sizeof creates[0], check_create);
}

UNIT(check_update_holds_content_against_the_table)
{
	static const struct check_case cases[] = {
	        {"m2m:cnt", "{}", NULL},
	        {"m2m:cnt", "{\"mni\":5,\"lbl\":null}", NULL},
	        {"m2m:cnt", "{\"mni\":null,\"acpi\":null,\"et\":null}", NULL},
	        {"m2m:cnt", "{\"rn\":\"b\"}", "rn: cannot be changed once it is created"},
	        {"m2m:cnt", "{\"ct\":\"20301122T093000\"}", "ct: cannot be changed; the CSE sets it"},
	        {"m2m:cnt", "{\"cr\":null}", "cr: cannot be changed once it is created"},
	        {"m2m:ae", "{\"rr\":null}", "rr: cannot be taken away"},
	        {"m2m:ae", "{\"api\":\"N.b\"}", "api: cannot be changed"},
	        {"m2m:cin", "{\"con\":\"2\"}", "con: cannot be changed"},
	        {"m2m:grp", "{\"mid\":null}", "mid: cannot be taken away"},
	        {"m2m:sub", "{\"nct\":null}", "nct: cannot be taken away"},
	        {"cod:binSh", "{\"state\":null}", "state: cannot be taken away"},
	        {"cod:binSh", "{\"state\":false,\"dgt\":null}", NULL},
	        {"cod:binSh", "{\"cnd\":\"x\"}", "cnd: cannot be changed"},
	};

	run(cases, sizeof cases / sizeof cases[0], check_update);
}

/* The codecs refuse doubles; should one come all the same, it must not stand in for another that is missing.
 */
UNIT(check_counts_doubles_once)
{
	const struct type *ae = type_by_root(SLICE("m2m:ae"));
	struct arena arena;
	struct why why = {0};
	struct val *rep;

	arena_init(&arena);
	rep = val_obj(&arena);
	for (size_t i = 0; i < 3; i++)
		val_put(rep, SLICE("api"), val_str(&arena, SLICE("N.a")));
	assert_int_equal(check_create(ae, rep, &why), 4000);
	assert_string_equal(why.text, "api: given twice");
	arena_finish(&arena);
}

UNIT(check_single_values)
{
	struct arena arena;
	struct why why = {0};
	struct val *v;

	arena_init(&arena);
	assert_int_equal(json_read(&arena, SLICE("{\"crb\":7}"), NULL, &why, &v), 0);
	assert_int_equal(check_shape(shape_find(SLICE("filterCriteria")), v, "fc", &why), 4000);
	assert_string_equal(why.text, "fc/crb: expected a time such as 20261122T093000, not a number");
	assert_int_equal(check_shape(shape_find(SLICE("filterCriteria")), val_int(&arena, 1), "fc", &why),
	                 4000);
	assert_int_equal(check_value(type_attr(type_find(3), SLICE("mni")), val_int(&arena, 1), "x", &why),
	                 0);
	assert_true(check_resource_name(SLICE("a.b-c_9")));
	assert_false(check_resource_name(SLICE("-a")));
	assert_false(check_resource_name(SLICE("a~")));
	assert_true(check_unreserved(SLICE("a~-._9")));
	assert_false(check_unreserved(SLICE("")));
	assert_false(check_unreserved(SLICE("a/b")));
	assert_true(check_schedule_entry(SLICE("* * * * * * *")));
	arena_finish(&arena);
}

/* A container with so many labels. */
static int check_labelled(unsigned count, struct why *why)
{
	struct arena arena;
	struct val *rep, *labels;
	int r;

	arena_init(&arena);
	rep = val_obj(&arena);
	labels = val_put(rep, SLICE("lbl"), val_arr(&arena));
	for (unsigned i = 0; i < count; i++)
		val_push(labels, val_str(&arena, SLICE("a")));
	r = check_create(type_find(3), rep, why);
	arena_finish(&arena);
	return r;
}

UNIT(check_lists_have_an_end)
{
	struct why why = {0};

	assert_int_equal(check_labelled(CHECK_LABELS_MOST, &why), 0);
	assert_int_equal(check_labelled(90000, &why), 4000);
	assert_string_equal(why.text, "lbl: a list of 90000, at most 1000 are taken");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(check_create_holds_content_against_the_table),
	        unit(check_update_holds_content_against_the_table),
	        unit(check_counts_doubles_once),
	        unit(check_single_values),
	        unit(check_lists_have_an_end),
	};

	type_init();
	return unit_main(tests);
}
