/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"
#include "codec/json.h"
#include "model/kind.h"
#include "model/type.h"

#include <stdlib.h>
#include <unistd.h>

UNIT(type_is_found_by_all_its_names)
{
	const struct type *cnt = type_find(3);

	assert_string_equal(cnt->root, "m2m:cnt");
	assert_ptr_equal(cnt, type_by_root(SLICE("m2m:cnt")));
	assert_ptr_equal(cnt, type_by_name(SLICE("cnt")));
	assert_ptr_equal(cnt, type_by_name(SLICE("container")));
	assert_null(type_find(33));
	assert_null(type_find(127));
	assert_null(type_find(128));
	assert_null(type_find(9999));
	assert_null(type_find(10033));
	assert_null(type_find(UINT32_MAX));
	assert_null(type_by_root(SLICE("m2m:cn")));
	assert_null(type_by_root(SLICE("m2m:cntAnnc")));
	assert_null(type_by_root(SLICE("m2m:cntInst")));
	assert_null(type_by_root(SLICE("")));
	assert_null(type_by_root(SLICE("A")));
	assert_null(type_by_root(SLICE("Annc")));
}

UNIT(type_attr_finds_every_row_of_every_type)
{
	size_t at = 0, types = 0;

	for (const struct type *type; (type = type_next(&at)); types++) {
		assert_true(type->attr_count > 0);
		for (size_t i = 0; i < type->attr_count; i++) {
			struct slice sn = slice_of(type->attrs[i].sn);

			assert_int_equal(sn.len, type->attrs[i].sn_len);
			assert_ptr_equal(type_attr(type, sn), &type->attrs[i]);
			assert_true(type->attrs[i].kind != KIND_ENUM || type->attrs[i].in);
		}
		assert_null(type_attr(type, SLICE("nix")));
		assert_null(type_attr(type, SLICE("")));
		assert_non_null(type_attr(type, SLICE("ri")));
	}
	assert_true(types > 74 + 31 + 270);
}

/* No row is there twice, and what stands below names types that exist. */
UNIT(type_rows_are_sound)
{
	size_t at = 0;

	for (const struct type *type; (type = type_next(&at));) {
		for (size_t i = 0; i < type->attr_count; i++)
			for (size_t k = 0; k < i; k++)
				assert_string_not_equal(type->attrs[i].sn, type->attrs[k].sn);
		for (size_t i = 0; i < type->child_count; i++) {
			assert_non_null(type_find(type->children[i]));
			assert_true(type_may_hold(type, type->children[i]));
			for (size_t k = 0; k < i; k++)
				assert_int_not_equal(type->children[i], type->children[k]);
		}
	}
}

/* The enumeration m2m:resourceType is the list of types once more. */
UNIT(type_numbers_are_those_of_the_enumeration)
{
	const struct enumeration *in = enumeration_find(SLICE("resourceType"));
	size_t at = 0, count = 0;

	for (const struct type *type; (type = type_next(&at));)
		if (type == type_find(type->number)) {
			assert_string_equal(enumeration_name(in, type->number), type->ln);
			count++;
		}
	assert_int_equal(count, in->count);
}

UNIT(type_twin_has_what_is_announced)
{
	const struct type *twin = type_find(10003);

	assert_string_equal(twin->root, "m2m:cntA");
	assert_string_equal(twin->ln, "containerAnnc");
	assert_ptr_equal(twin->original, type_find(3));
	assert_ptr_equal(type_twin(type_find(3)), twin);
	assert_int_equal(type_attr(twin, SLICE("lnk"))->create, MAY_MUST);
	assert_int_equal(type_attr(twin, SLICE("mni"))->create, MAY_MAY);
	assert_int_equal(type_attr(twin, SLICE("li"))->create, MAY_MAY);
	assert_int_equal(type_attr(twin, SLICE("rn"))->create, MAY_MAY);
	assert_int_equal(type_attr(twin, SLICE("ri"))->create, MAY_NO);
	assert_null(type_attr(twin, SLICE("cni")));
	assert_null(type_attr(twin, SLICE("at")));
	assert_int_equal(type_attr(type_find(10001), SLICE("pv"))->create, MAY_MUST);
	assert_non_null(type_attr(type_find(10005), SLICE("et")));
	assert_null(type_find(10023)); /* subscriptions are not announced */
	assert_null(type_twin(type_find(23)));
	assert_null(type_twin(twin));
	assert_true(type_may_hold(twin, 10004));
	assert_true(type_may_hold(twin, 23));
	assert_false(type_may_hold(twin, 2));
}

UNIT(type_management_objects)
{
	const struct type *fwr = type_by_root(SLICE("m2m:fwr"));

	assert_int_equal(fwr->number, 13);
	assert_string_equal(fwr->definition, "1001");
	assert_true(type_has(fwr, TRAIT_SPECIALIZED));
	assert_non_null(type_attr(fwr, SLICE("mgd")));
	assert_non_null(type_attr(fwr, SLICE("vr")));
	assert_non_null(type_attr(fwr, SLICE("et")));
	assert_null(type_attr(type_find(13), SLICE("vr")));
	assert_non_null(type_by_root(SLICE("dcfg:wific")));
	assert_int_equal(type_by_root(SLICE("m2m:fwrA"))->number, 10013);
	assert_ptr_equal(type_find(13), type_by_root(SLICE("m2m:mgo")));
	assert_true(type_may_hold(fwr, 23));
}

UNIT(type_flex_containers)
{
	const struct type *sw = type_by_root(SLICE("cod:binSh"));
	const struct type *twin = type_by_root(SLICE("cod:binShAnnc"));
	const struct type *instance = type_by_root(SLICE("cod:binShInst"));

	assert_int_equal(sw->number, 28);
	assert_string_equal(sw->sn, "binSh");
	assert_ptr_equal(sw, type_by_definition(SLICE("org.onem2m.common.moduleclass.binarySwitch")));
	assert_null(type_by_definition(SLICE("org.onem2m.nothing")));
	assert_null(type_by_definition(SLICE("1001")));
	assert_int_equal(type_attr(sw, SLICE("state"))->create, MAY_MUST);
	assert_int_equal(type_attr(sw, SLICE("cnd"))->create, MAY_MUST);
	assert_string_equal(sw->child_roots[0], "cod:togge");
	assert_int_equal(twin->number, 10028);
	assert_string_equal(twin->child_roots[1], "cod:toggeAnnc");
	assert_non_null(type_attr(twin, SLICE("state")));
	assert_ptr_equal(twin->original, sw);
	assert_ptr_equal(type_twin(sw), twin);
	assert_int_equal(instance->number, 58);
	assert_true(type_has(instance, TRAIT_INSTANCE));
	assert_non_null(type_attr(instance, SLICE("state")));
	assert_non_null(type_attr(instance, SLICE("org")));
	assert_null(type_attr(instance, SLICE("cnd")));
	assert_ptr_equal(type_instance(sw), instance);
	assert_null(type_instance(type_find(28)));
	assert_null(type_by_root(SLICE("cod:binShInstAnnc")));
	assert_null(type_by_root(SLICE("cod:binShAnncInst")));
	assert_int_equal(type_by_root(SLICE("m2m:gisA"))->number, 10028);
	assert_null(type_by_root(SLICE("m2m:gisAnnc")));
	assert_null(type_by_root(SLICE("cod:binShA")));
	assert_ptr_equal(type_find(28), type_by_root(SLICE("m2m:fcnt")));
}

UNIT(type_supported_ones_are_those_of_the_plan)
{
	static const uint32_t implemented[] = {1,  2,  3,  4,  5,  9,  13, 14, 15,
	                                       16, 17, 18, 23, 28, 31, 32, 34, 58};
	size_t count = 0;

	for (uint32_t n = 0; n < 128; n++)
		count += type_find(n) && !type_has(type_find(n), TRAIT_RECORD);
	assert_int_equal(count, sizeof implemented / sizeof implemented[0]);
	for (size_t i = 0; i < sizeof implemented / sizeof implemented[0]; i++)
		assert_false(type_has(type_find(implemented[i]), TRAIT_RECORD));
	assert_true(type_has(type_find(TYPE_CIN), TRAIT_INSTANCE | TRAIT_ANNOUNCEABLE));
	assert_int_equal(CNT_mni, type_attr(type_find(3), SLICE("mni")) - type_find(3)->attrs);
}

static int load(const char *json, struct why *why)
{
	char path[] = "/tmp/dure-type-test-XXXXXX";
	int fd = mkstemp(path), r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, json, strlen(json)), strlen(json));
	close(fd);
	r = type_load_definitions(path, why);
	unlink(path);
	return r;
}

UNIT(type_loads_what_a_site_defines)
{
	struct why why = {0};
	const struct type *lamp;

	assert_int_equal(
	        load("{\"about\":\"ours\",\"definitions\":[{\"root\":\"acme:lamp\",\"name\":\"lamp\","
	             "\"cnd\":\"com.acme.lamp\",\"attributes\":[{\"sn\":\"brg\",\"kind\":\"UINT\",\"create\":"
	             "\"MUST\"},{\"sn\":\"cols\",\"kind\":\"TEXT\",\"many\":\"LIST\",\"update\":\"NO\"}]}]}",
	             &why),
	        0);
	lamp = type_by_root(SLICE("acme:lamp"));
	assert_ptr_equal(lamp, type_by_definition(SLICE("com.acme.lamp")));
	assert_int_equal(type_attr(lamp, SLICE("brg"))->card, CARD_ONE);
	assert_int_equal(type_attr(lamp, SLICE("cols"))->card, CARD_LIST);
	assert_int_equal(type_attr(lamp, SLICE("cols"))->update, MAY_NO);
	assert_null(lamp->child_roots);
	assert_non_null(type_by_root(SLICE("acme:lampAnnc")));
	assert_int_equal(type_load_definitions("/nowhere/at/all.json", &why), 4000);
}

UNIT(type_refuses_definitions_that_are_wrong)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
	        {"", "line 1"},
	        {"[]", "expected an object"},
	        {"{}", "definitions"},
	        {"{\"definitions\":7}", "definitions"},
	        {"{\"definitions\":[7]}", "definition 1"},
	        {"{\"definitions\":[{}]}", "\"root\" is missing"},
	        {"{\"definitions\":[{\"root\":\"x:y\"}]}", "\"name\" is missing"},
	        {"{\"definitions\":[{\"root\":\"xy\",\"name\":\"n\"}]}", "space:name"},
	        {"{\"definitions\":[{\"root\":\"x:y:z\",\"name\":\"n\"}]}", "space:name"},
	        {"{\"definitions\":[{\"root\":\"m2m:cnt\",\"name\":\"n\"}]}", "defined already"},
	        {"{\"definitions\":[{\"root\":\"cod:binShAnnc\",\"name\":\"n\"}]}", "defined already"},
	        {"{\"definitions\":[{\"root\":\"x:y\",\"name\":\"n\"},{\"root\":\"x:y\",\"name\":\"n\"}]}",
	         "twice"},
	        {"{\"definitions\":[{\"root\":\"x:y\",\"name\":\"n\",\"what\":1}]}", "\"what\" is not known"},
	        {"{\"definitions\":[{\"root\":\"x:y\",\"name\":\"n\",\"children\":{}}]}", "children"},
	        {"{\"definitions\":[{\"root\":\"x:y\",\"name\":\"n\",\"children\":[1]}]}", "children"},
	        {"{\"definitions\":[{\"root\":\"x:y\",\"name\":\"n\",\"attributes\":[{\"sn\":\"a\"}]}]}",
	         "\"kind\" is missing"},
	        {"{\"definitions\":[{\"root\":\"x:y\",\"name\":\"n\",\"attributes\":[{\"sn\":\"a\",\"kind\":"
	         "\"ENUM\"}]}]}",
	         "not a kind"},
	        {"{\"definitions\":[{\"root\":\"x:y\",\"name\":\"n\",\"attributes\":[{\"sn\":\"a "
	         "b\",\"kind\":\"INT\"}]}]}",
	         "not a name"},
	        {"{\"definitions\":[{\"root\":\"x:y\",\"name\":\"n\",\"attributes\":[{\"sn\":\"cnd\","
	         "\"kind\":\"INT\"}]}]}",
	         "every flexContainer"},
	        {"{\"definitions\":[{\"root\":\"x:y\",\"name\":\"n\",\"attributes\":[{\"sn\":\"a\",\"kind\":"
	         "\"INT\"},"
	         "{\"sn\":\"a\",\"kind\":\"INT\"}]}]}",
	         "twice"},
	        {"{\"definitions\":[{\"root\":\"x:y\",\"name\":\"n\",\"attributes\":[{\"sn\":\"a\",\"kind\":"
	         "\"INT\","
	         "\"create\":\"PERHAPS\"}]}]}",
	         "PERHAPS"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct why why = {0};

		assert_int_equal(load(cases[i].json, &why), 4000);
		if (!strstr(why.text, cases[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].json, why.text, cases[i].says);
		assert_null(type_by_root(SLICE("x:y")));
	}
}

UNIT(type_shapes_and_enumerations)
{
	const struct shape *acr = shape_find(SLICE("accessControlRule"));
	const struct enumeration *in = enumeration_find(SLICE("notificationEventType"));
	const struct shape *shape;
	size_t at = 0;

	assert_string_equal(shape_member(acr, SLICE("acop"))->ln, "accessControlOperations");
	assert_null(shape_member(acr, SLICE("acox")));
	assert_null(shape_find(SLICE("nothing")));
	assert_string_equal(enumeration_name(in, 3), "Create_of_Direct_Child_Resource");
	assert_null(enumeration_name(in, 0));
	assert_null(enumeration_find(SLICE("nothing")));
	/* check.c counts the members in the bits of a word. */
	while ((shape = shape_next(&at)))
		assert_in_range(shape->count, 1, 64);
	at = 0;
	while ((in = enumeration_next(&at)))
		assert_true(in->count > 0);
	assert_int_equal(at, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(type_is_found_by_all_its_names),
	        unit(type_attr_finds_every_row_of_every_type),
	        unit(type_rows_are_sound),
	        unit(type_numbers_are_those_of_the_enumeration),
	        unit(type_twin_has_what_is_announced),
	        unit(type_management_objects),
	        unit(type_flex_containers),
	        unit(type_supported_ones_are_those_of_the_plan),
	        unit(type_loads_what_a_site_defines),
	        unit(type_refuses_definitions_that_are_wrong),
	        unit(type_shapes_and_enumerations),
	};

	type_init();
	type_init(); /* twice does no harm */
	return unit_main(tests);
}
