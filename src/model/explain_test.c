/* SPDX-License-Identifier: Apache-2.0 */
#include "model/explain.h"

#include "base/unit.h"
#include "codec/json.h"
#include "model/type_private.h"

static struct buf buf;

static void says(const char *text)
{
	buf_add_char(&buf, 0);
	if (!strstr(buf.ptr, text))
		fail_msg("\"%s\" is not in: %.2000s", text, buf.ptr);
	buf.len = 0;
}

UNIT(explain_a_type)
{
	explain_type(&buf, type_find(3));
	says("container (cnt, type 3): a box of readings, newest last\n");
	explain_type(&buf, type_find(3));
	says("  mni   UINT            0..1  may     may     asked      maxNrOfInstances");
	explain_type(&buf, type_find(3));
	says("announced as: m2m:cntA (10003)");
	explain_type(&buf, type_find(3));
	says("\nParents:\n    ae cnt cb");
	explain_type(&buf, type_by_root(SLICE("cod:binSh")));
	says("cnd: org.onem2m.common.moduleclass.binarySwitch");
	explain_type(&buf, type_by_root(SLICE("cod:binShAnnc")));
	says("Children of its model:\n    cod:togge cod:toggeAnnc");
}

UNIT(explain_finds_what_is_asked_for)
{
	static const struct {
		const char *what, *says;
	} cases[] = {
	        {"cnt", "container (cnt, type 3)"},
	        {"container", "container (cnt, type 3)"},
	        {"3", "container (cnt, type 3)"},
	        {"m2m:fwr", "mgd: 1001"},
	        {"4103", "4103 ORIGINATOR_HAS_NO_PRIVILEGE"},
	        {"NOT_FOUND", "HTTP: 404   CoAP: 4.04"},
	        {"memberType", "20002  latest"},
	        {"rateLimit", "mnn"},
	        {"UINT", "a whole number, 0 or more"},
	        {"X", NULL},
	        {"99999999999", NULL},
	        {"", NULL},
	        {"rqi",
	         "requestIdentifier (rqi): a parameter of requests and responses; HTTP header X-M2M-RI"},
	        {"mni", "attribute of cnt fcnt"},
	        {"maxNrOfInstances", "most instances to keep"},
	        {"types", "contentInstance"},
	        {"codes", "5207"},
	        {"parameters", "X-M2M-Origin"},
	        {"filters", "createdBefore"},
	        {"kinds", "m2m:timestamp"},
	        {"names", "eventNotificationCriteria"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool found = explain_find(&buf, slice_of(cases[i].what));

		assert_int_equal(found, cases[i].says != NULL);
		if (!found)
			assert_int_equal(buf.len, 0);
		else
			says(cases[i].says);
	}
}

/* What explain_json says of all types can be read, and a definition in it can be loaded again. */
UNIT(explain_json_can_be_read)
{
	struct arena arena;
	struct why why = {0};
	struct val *v;

	arena_init(&arena);
	explain_json(&buf);
	if (json_read(&arena, buf_slice(&buf), NULL, &why, &v) != 0)
		fail_msg("%s", why.text);
	assert_true(val_find(v, "types")->count > 100);
	assert_true(val_find(v, "definitions")->count >= 270);
	assert_int_equal(val_find(v, "enumerations")->count, 77);
	assert_int_equal(val_find(v, "codes")->count, 98);
	buf.len = 0;
	explain_json_type(&buf, type_by_root(SLICE("cod:binSh")));
	says("{\"root\":\"cod:binSh\",\"name\":\"binarySwitch\",\"kind\":\"module class\",\"cnd\":");
	arena_finish(&arena);
}

/* A site may take one of ours as a pattern: what is printed can be loaded under another name. */
UNIT(explain_json_is_a_definition)
{
	const struct type *ours = type_by_root(SLICE("hod:deWSe")), *theirs;
	struct why why = {0};

	buf_add_lit(&buf, "{\"definitions\":[");
	explain_json_type(&buf, ours);
	buf_add_lit(&buf, "]}");
	memcpy(strstr(buf.ptr, "hod:"), "tst:", 4);
	if (type_load_text(buf_slice(&buf), &why) != 0)
		fail_msg("%s", why.text);
	buf.len = 0;
	theirs = type_by_root(SLICE("tst:deWSe"));
	assert_int_equal(theirs->attr_count, ours->attr_count);
	assert_int_equal(theirs->child_root_count, ours->child_root_count);
}

UNIT(explain_mdoc_is_mdoc)
{
	explain_mdoc_types(&buf);
	says(".Ss accessControlPolicy (acp, 1)\n");
	explain_mdoc_params(&buf);
	says(".It Cm \\&rqi\nrequestIdentifier; header\nX\\-M2M\\-RI\n");
	explain_mdoc_codes(&buf);
	says(".It 4004\nNOT_FOUND (HTTP 404):\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(explain_a_type),           unit(explain_finds_what_is_asked_for),
	        unit(explain_json_can_be_read), unit(explain_json_is_a_definition),
	        unit(explain_mdoc_is_mdoc),
	};
	int failed;

	type_init();
	buf_init(&buf, NULL);
	failed = unit_main(tests);
	buf_finish(&buf);
	return failed;
}
