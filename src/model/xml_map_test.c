/* SPDX-License-Identifier: Apache-2.0 */
/* Every type of the tables, with everything its rows allow, there and back through each encoding; then the
 * things that rows do not tell: lists, hints, odd texts, notifications, primitives. */
#include "base/unit.h"

#include <stdio.h>

#include "codec/cbor.h"
#include "codec/json.h"
#include "model/type.h"
#include "model/xml_map.h"

static struct arena arena;

static int setup(void **state)
{
	type_init();
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_finish(&arena);
	return 0;
}

static struct slice json_of(const struct val *v)
{
	struct buf buf;

	buf_init(&buf, &arena);
	json_write(&buf, v);
	return buf_slice(&buf);
}

static struct slice xml_of(const struct val *v)
{
	struct buf buf;

	buf_init(&buf, &arena);
	xml_map_write(&buf, v);
	return buf_slice(&buf);
}

static struct val *read_json(struct slice text)
{
	struct val *v = NULL;
	struct why why = {0};

	if (json_read(&arena, text, NULL, &why, &v))
		fail_msg("%.*s: %s", SLICE_ARG(text), why.text);
	return v;
}

/* The value comes back from XML and from CBOR with the very bytes of its JSON. */
static void there_and_back(const struct val *v)
{
	struct slice json = json_of(v), xml;
	struct val *back = NULL;
	struct why why = {0};
	struct buf cbor;

	buf_init(&cbor, &arena);
	cbor_write(&cbor, v);
	if (cbor_read(&arena, buf_slice(&cbor), NULL, &why, &back) || !slice_is(json_of(back), json))
		fail_msg("%.*s\nas CBOR: %s", SLICE_ARG(json), why.text);
	/* From the tree and from its text. */
	xml = xml_of(val_json(&arena, json));
	assert_true(slice_is(xml, xml_of(v)));
	if (xml_map_read(&arena, xml, &why, &back))
		fail_msg("%.*s\n%.*s\n%s", SLICE_ARG(json), SLICE_ARG(xml), why.text);
	if (!slice_is(json_of(back), json))
		fail_msg("%.*s\nwent as %.*s\nand came as %.*s", SLICE_ARG(json), SLICE_ARG(xml),
		         SLICE_ARG(json_of(back)));
}

/* ---- everything a type can have ---- */

static struct val *sample_object(const struct shape *shape, unsigned depth);

static struct val *sample_text(enum kind kind)
{
	static const char *const texts[KIND_COUNT] = {[KIND_TIMESTAMP] = "20261122T093000,123456",
	                                              [KIND_DURATION] = "PT1H",
	                                              [KIND_DATE] = "2026-11-22",
	                                              [KIND_TIMEOFDAY] = "09:30:00",
	                                              [KIND_LABEL] = "key:value",
	                                              [KIND_URI] = "/id-in/cse-in/a",
	                                              [KIND_ID] = "CAe1",
	                                              [KIND_POA] = "http://127.0.0.1:8080/?a=1&b=<2>",
	                                              [KIND_SCHEDULE] = "* * 0-5 2,6,10 * * *",
	                                              [KIND_CONTENTINFO] = "text/plain:0",
	                                              [KIND_TEXT] = "some text",
	                                              [KIND_ABSREL] = "10000",
	                                              [KIND_BASE64] = "AAAA"};

	return val_str(&arena, slice_of(texts[kind] ? texts[kind] : "text"));
}

static struct val *sample_value(const struct attr *attr, unsigned depth)
{
	struct val *v;

	if (attr->kind == KIND_OBJECT)
		return sample_object(attr->shape, depth);
	if (attr->kind == KIND_FLOAT)
		return val_num(&arena, SLICE("12.50"));
	switch ((int)attr->kind) {
	case KIND_BOOL:
		return val_bool(&arena, true);
	case KIND_JSONARR:
		v = val_arr(&arena);
		val_push(v, val_str(&arena, SLICE("a b")));
		val_push(v, val_int(&arena, 1));
		return v;
	case KIND_ANY:
		return val_str(&arena, SLICE(" content\n"));
	case KIND_UINT:
	case KIND_POSINT:
	case KIND_INT:
	case KIND_OPS:
	case KIND_EVENTCAT:
	case KIND_PORT:
	case KIND_TYPENUMBER:
	case KIND_ENUM:
		return val_int(&arena, 4);
	}
	return sample_text(attr->kind);
}

static struct val *sample_attr(const struct attr *attr, unsigned depth)
{
	struct val *list;

	if (!attr_is_list(attr))
		return sample_value(attr, depth);
	list = val_arr(&arena);
	if (depth % 3 != 2 || !attr->may_be_empty)
		val_push(list, sample_value(attr, depth));
	if (depth % 2)
		val_push(list, sample_value(attr, depth));
	return list;
}

static struct val *sample_object(const struct shape *shape, unsigned depth)
{
	struct val *v = val_obj(&arena);

	for (size_t i = 0; shape && i < shape->count && depth < 9; i++)
		if (depth < 4 || shape->members[i].card == CARD_ONE || shape->members[i].card == CARD_ONELIST)
			val_put(v, slice_of(shape->members[i].sn),
			        sample_attr(&shape->members[i], depth + 1));
	return v;
}

static void check_type(const struct type *type)
{
	struct val *pc = val_obj(&arena), *rep = val_put(pc, slice_of(type->root), val_obj(&arena));

	val_put(rep, SLICE("rn"), val_str(&arena, SLICE("name")));
	for (size_t i = 0; i < type->attr_count; i++)
		if (strcmp(type->attrs[i].sn, "rn") != 0)
			val_put(rep, slice_of(type->attrs[i].sn), sample_attr(&type->attrs[i], i % 3));
	there_and_back(pc);
	arena_reset(&arena);
}

UNIT(every_type_comes_back)
{
	const struct type *type;
	size_t at = 0, count = 0;

	while ((type = type_next(&at))) {
		check_type(type);
		count++;
		if (type_twin(type))
			check_type(type_twin(type));
		if (type->number == TYPE_FCNT && type_instance(type))
			check_type(type_instance(type));
	}
	assert_true(count > 300);
}

UNIT(every_shape_comes_back)
{
	const struct shape *shape;
	size_t at = 0;

	/* In something that holds it: shapes have no roots of their own. */
	while ((shape = shape_next(&at))) {
		const struct val *object = sample_object(shape, 0);
		struct val *pc = val_obj(&arena);

		val_put(pc, SLICE("m2m:rce"), val_copy(&arena, object));
		there_and_back(pc);
		arena_reset(&arena);
	}
}

/* ---- what rows do not tell ---- */

static const char *const contents[] = {
        "{\"m2m:cnt\":{}}",
        "{\"m2m:cnt\":null}",
        "{\"m2m:cnt\":[]}",
        "{\"m2m:cnt\":\"x\"}",
        "{\"m2m:cnt\":{\"rn\":\"a\"}}",
        "{\"m2m:cnt\":{\"rn\":7}}",
        "{\"m2m:cnt\":{\"rn\":null,\"lbl\":null,\"mni\":null,\"cr\":null}}",
        "{\"m2m:cnt\":{\"rn\":\" a<&>\\\"' b\\n\\t\"}}",
        "{\"m2m:cnt\":{\"lbl\":[]}}",
        "{\"m2m:cnt\":{\"lbl\":\"x\"}}",
        "{\"m2m:cnt\":{\"lbl\":\"\"}}",
        "{\"m2m:cnt\":{\"lbl\":5}}",
        "{\"m2m:cnt\":{\"lbl\":{}}}",
        "{\"m2m:cnt\":{\"lbl\":{\"a\":[1]}}}",
        "{\"m2m:cnt\":{\"lbl\":[\"a b\"]}}",
        "{\"m2m:cnt\":{\"lbl\":[\"a b\",\"c\"]}}",
        "{\"m2m:cnt\":{\"lbl\":[\"c\",\"a b\",\"\",\" \"]}}",
        "{\"m2m:cnt\":{\"lbl\":[\"\"]}}",
        "{\"m2m:cnt\":{\"lbl\":[1,\"a\",true]}}",
        "{\"m2m:cnt\":{\"lbl\":[null]}}",
        "{\"m2m:cnt\":{\"lbl\":[[]]}}",
        "{\"m2m:cnt\":{\"lbl\":[[\"a\"],null,{}]}}",
        "{\"m2m:cnt\":{\"lbl\":[{}]}}",
        "{\"m2m:cnt\":{\"lbl\":[\"\\u0001\"]}}",
        "{\"m2m:cnt\":{\"mni\":\"x\",\"mbs\":\"5\",\"mia\":true,\"disr\":\"true\",\"st\":\"\"}}",
        "{\"m2m:cnt\":{\"mni\":\" 5\",\"mbs\":{\"a\":1},\"disr\":1}}",
        "{\"m2m:cnt\":{\"disr\":false,\"mni\":-0,\"mbs\":1E3,\"mia\":12345678901234567890123}}",
        "{\"m2m:cnt\":{\"nosuch\":1,\"nosuch2\":\"x\",\"nosuch3\":[1,2],\"nosuch4\":[],\"nosuch5\":{}}}",
        "{\"m2m:cnt\":{\"\":1,\"a "
        "b\":2,\"1\":3,\"a:b\":4,\":\":5,\"a:b:c\":6,\"json:x\":7,\"xmlns\":8,\"xml:a\":9}}",
        "{\"m2m:cnt\":{\"xsi:type\":\"x\",\"m2m:cin\":{\"con\":1},\"m2m:nosuch\":[{\"a\":1}],\"item\":[[[]]]}"
        "}",
        "{\"m2m:cnt\":{\"\\uc628\\ub3c4\":\"\\ud55c\",\"\\u0001\":\"\\u0002\",\"\\\"\":\"\\\\\"}}",
        "{\"m2m:cnt\":{\"m2m:cin\":[{\"rn\":\"a\",\"con\":\"1\"},{\"con\":\"2\"},{}],\"m2m:cnt\":[{\"m2m:"
        "cin\":"
        "[{\"con\":3}]}],\"m2m:sub\":[]}}",
        "{\"m2m:cnt\":{\"rn\":\"a\",\"ch\":[{\"nm\":\"x\",\"typ\":4,\"val\":\"cse/a/"
        "x\"},{\"nm\":\"y\",\"typ\":\"4\","
        "\"val\":\"\"},{\"val\":\"z\"},{\"nm\":\"z\"},{\"nm\":\"f\",\"typ\":28,\"val\":\"v\",\"spty\":{"
        "\"cnd\":"
        "\"a.b\"}},{}]}}",
        "{\"m2m:cnt\":{\"ch\":[]}}",
        "{\"m2m:rrl\":{\"rrf\":[{\"nm\":\"x\",\"typ\":4,\"val\":\"cse/a/x\"}]}}",
        "{\"m2m:rrl\":{\"rrf\":[]}}",
        "{\"m2m:uril\":[\"cse-in/a\",\"cse-in/b\"]}",
        "{\"m2m:uril\":[\"cse-in/a b\",\"c\"]}",
        "{\"m2m:uril\":[\"cse-in/a b\"]}",
        "{\"m2m:uril\":[]}",
        "{\"m2m:uril\":null}",
        "{\"m2m:uri\":\"cse-in/a\"}",
        "{\"m2m:uri\":\"\"}",
        "{\"m2m:atrl\":[\"ri\",\"lbl\"]}",
        "{\"m2m:dbg\":\"mni: \\\"x\\\" <is> no & number\"}",
        "{\"m2m:dbg\":{\"a\":1}}",
        "{\"m2m:rce\":{\"m2m:cnt\":{\"rn\":\"a\",\"ri\":\"x\"},\"uri\":\"cse-in/a\"}}",
        "{\"m2m:sgn\":{}}",
        "{\"m2m:sgn\":{\"vrq\":true,\"sur\":\"cse-in/a/s\"}}",
        "{\"m2m:sgn\":{\"nev\":{\"rep\":{\"m2m:cin\":{\"rn\":\"a\",\"con\":\"1\"}},\"net\":3},\"sur\":\"cse-"
        "in/a/s\"}}",
        "{\"m2m:sgn\":{\"nev\":{\"rep\":{\"m2m:uri\":\"cse-in/"
        "a\"},\"net\":3,\"om\":{\"op\":1,\"or\":\"C\"}}}}",
        "{\"m2m:sgn\":{\"nev\":{\"rep\":{},\"net\":3}}}",
        "{\"m2m:sgn\":{\"nev\":{\"rep\":{\"m2m:tsn\":{\"mdlt\":[\"1\",\"2\"],\"mdc\":2}}}}}",
        "{\"m2m:sgn\":{\"idr\":{\"or\":\"C\",\"fc\":{\"lbl\":[\"a\"],\"ty\":[2,3],\"atr\":[{\"nm\":\"cr\","
        "\"val\":"
        "\"x\"}]}}}}",
        "{\"m2m:agn\":{\"m2m:sgn\":[{\"sur\":\"a\"},{\"sur\":\"b\",\"nev\":{\"rep\":{\"m2m:cnt\":{}}}}]}}",
        "{\"m2m:agn\":{\"m2m:sgn\":[{\"sur\":\"a\"}]}}",
        "{\"m2m:agn\":{\"m2m:sgn\":[]}}",
        "{\"m2m:agr\":{\"m2m:rsp\":[{\"rsc\":2000,\"rqi\":\"1\",\"fr\":\"a\",\"pc\":{\"m2m:cin\":{\"con\":"
        "\"1\"}}},"
        "{\"rsc\":4004,\"rqi\":\"2\",\"pc\":{\"m2m:dbg\":\"no\"}}]}}",
        "{\"m2m:agr\":{\"m2m:rsp\":[]}}",
        "{\"m2m:rsp\":{\"rsc\":2001,\"rqi\":\"1\",\"pc\":{\"m2m:uril\":[\"a\",\"b\"]},\"ot\":"
        "\"20261122T093000\"}}",
        "{\"m2m:rsp\":{\"rsc\":2000,\"rqi\":\"1\",\"pc\":{\"m2m:uril\":[\"a b\",\"b\"]},\"cnst\":1}}",
        "{\"m2m:rqp\":{\"op\":1,\"to\":\"cse-in\",\"fr\":\"C\",\"rqi\":\"1\",\"ty\":4,\"pc\":{\"m2m:cin\":{"
        "\"rn\":\"x\","
        "\"con\":{\"a\":[1,{}]}}},\"rvi\":\"3\"}}",
        "{\"m2m:rqp\":{\"op\":2,\"to\":\"\",\"rqi\":\"1\",\"rt\":{\"rtv\":2,\"nu\":[\"http://"
        "a\"]},\"rcn\":4,\"fc\":{"
        "\"lbl\":[\"a "
        "b\"],\"ty\":[2],\"crb\":\"20261122T093000\",\"fu\":1,\"lim\":5,\"geom\":[[1,2]]},\"da\":true,"
        "\"rqet\":5000,\"tkns\":[\"a.b.c\"]}}",
        "{\"m2m:rqp\":{\"op\":2,\"rt\":3,\"ec\":\"x\",\"nosuch\":1,\"grtm\":[],\"rids\":[\"a\",\"b\"]}}",
        "{\"m2m:rqp\":[{\"op\":1,\"rqi\":\"1\"},{\"op\":2,\"rqi\":\"2\"}]}",
        "{\"m2m:rqp\":{\"op\":5,\"pc\":{\"m2m:rqp\":{\"op\":1,\"pc\":{\"m2m:sgn\":{\"nev\":{\"rep\":{\"m2m:"
        "cin\":{}}}}}}}}}",
        "{\"m2m:rsp\":{\"rsc\":4103,\"tqf\":{\"dasi\":[{\"uri\":\"http://"
        "a\"}]},\"ati\":{\"ltia\":[{\"lti\":\"a\","
        "\"tkid\":\"b\"}]}}}",
        "{\"m2m:seci\":{\"sit\":1,\"dreq\":{\"or\":\"C\",\"op\":2,\"oip\":{\"ip4\":\"127.0.0.1\"},\"trid\":"
        "\"x\",\"orid\":"
        "[\"r1\",\"r2\"]}}}",
        "{\"m2m:acp\":{\"pv\":{\"acr\":[{\"acor\":[\"all\",\"C1\"],\"acop\":63}]},\"pvs\":{\"acr\":[]}}}",
        "{\"m2m:acp\":{\"pv\":{},\"pvs\":{\"acr\":[{}]}}}",
        "{\"m2m:grp\":{\"mid\":[],\"mnm\":3}}",
        "{\"m2m:grp\":{\"mid\":null}}",
        "{\"m2m:sub\":{\"nu\":[\"http://"
        "a?b=c&d=e\"],\"enc\":{\"net\":[1,3],\"atr\":[\"con\"]},\"bn\":{\"num\":3}}}",
        "{\"cod:binSh\":{\"cnd\":\"org.onem2m.common.moduleclass.binarySwitch\",\"powSe\":true,\"rn\":5}}",
        "{\"acme:lamp\":{\"rn\":\"a\",\"cnd\":\"com.acme\",\"on\":true,\"lvl\":0.50,\"acme:bulb\":[{\"rn\":"
        "\"b\"}]}}",
        "{\"m2m:bat\":{\"mgd\":1006,\"btl\":5,\"bts\":1}}",
        "{\"ok\":1}",
        "{\"a\":1,\"b\":2}",
        "{}",
        "[1,\"a\",null]",
        "\"x\"",
};

UNIT(contents_come_back)
{
	for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++)
		there_and_back(read_json(slice_of(contents[i])));
}

/* Whatever stands in con. */
UNIT(content_of_any_kind_comes_back)
{
	static const char *const values[] = {"1",
	                                     "-0",
	                                     "12.50",
	                                     "1E3",
	                                     "12345678901234567890123",
	                                     "0.0",
	                                     "true",
	                                     "false",
	                                     "null",
	                                     "\"\"",
	                                     "\" \"",
	                                     "\"a\"",
	                                     "\" a\\n\"",
	                                     "\"\\r\\n\"",
	                                     "\"\\t\"",
	                                     "\"\\u0001\\u001f\\u007f\"",
	                                     "\"\\ufffe\\uffff\\uffef\"",
	                                     "\"12\"",
	                                     "\"true\"",
	                                     "\"]]>\"",
	                                     "\"<a/>&amp;&lt;\"",
	                                     "\"{\\\"a\\\":\\\"b\\\"}\"",
	                                     "\"\\ud83d\\ude00\"",
	                                     "\"\\u0085\"",
	                                     "[]",
	                                     "[[]]",
	                                     "[1,2.0,\"a\",true,null,{},[]]",
	                                     "{}",
	                                     "{\"a\":{}}",
	                                     "{\"a\":null}",
	                                     "{\"a\":\"\"}",
	                                     "{\"a\":[{\"b\":1},{\"b\":2}]}",
	                                     "{\"val\":\"x\"}",
	                                     "{\"nm\":\"x\",\"typ\":1,\"val\":\"x\"}",
	                                     "{\"rn\":\"x\"}",
	                                     "{\"item\":[\"item\"]}",
	                                     "{\"m2m:cin\":{\"con\":1}}",
	                                     "{\"m2m:cin\":[{\"con\":1}]}",
	                                     "{\"m2m:uril\":[\"a\"]}"};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		there_and_back(read_json(arena_printf(&arena, "{\"m2m:cin\":{\"con\":%s}}", values[i])));
		there_and_back(read_json(arena_printf(&arena, "{\"m2m:cin\":{\"nosuch\":%s}}", values[i])));
		there_and_back(read_json(arena_printf(&arena, "{\"m2m:cin\":{\"lbl\":[%s]}}", values[i])));
		there_and_back(
		        read_json(arena_printf(&arena, "{\"m2m:cin\":{\"lbl\":[%s,\"x\"]}}", values[i])));
		there_and_back(
		        read_json(arena_printf(&arena, "{\"m2m:acp\":{\"pv\":{\"acr\":[%s]}}}", values[i])));
		there_and_back(read_json(arena_printf(&arena, "{\"m2m:cin\":%s}", values[i])));
		there_and_back(read_json(arena_printf(&arena, "{\"m2m:cnt\":{\"m2m:cin\":%s}}", values[i])));
		there_and_back(read_json(arena_printf(&arena, "{\"m2m:uril\":[%s]}", values[i])));
		there_and_back(read_json(
		        arena_printf(&arena, "{\"m2m:rqp\":{\"rt\":%s,\"op\":%s}}", values[i], values[i])));
	}
}

/* The form on the wire, in both directions. */
#define M2M "xmlns:m2m=\"http://www.onem2m.org/xml/protocols\""

static const struct {
	const char *json, *xml;
} forms[] = {
        {"{\"m2m:cnt\":{\"rn\":\"a\",\"mni\":5,\"lbl\":[\"x\",\"y\"],\"disr\":true,\"m2m:cin\":[{\"rn\":"
         "\"b\",\"con\":\"1\"}]}}",
         "<m2m:cnt " M2M
         " rn=\"a\"><mni>5</mni><lbl>x y</lbl><disr>true</disr><m2m:cin rn=\"b\"><con>1</con></m2m:cin>"
         "</m2m:cnt>"},
        {"{\"m2m:cnt\":{\"lbl\":null}}", "<m2m:cnt " M2M "><lbl/></m2m:cnt>"},
        {"{\"m2m:cnt\":{\"rn\":\"a\",\"ch\":[{\"nm\":\"b\",\"typ\":4,\"val\":\"cse/a/b\"}]}}",
         "<m2m:cnt " M2M " rn=\"a\"><ch nm=\"b\" typ=\"4\">cse/a/b</ch></m2m:cnt>"},
        {"{\"m2m:uril\":[\"a\",\"b\"]}", "<m2m:uril " M2M ">a b</m2m:uril>"},
        {"{\"m2m:sub\":{\"enc\":{\"net\":[1,3]}}}", "<m2m:sub " M2M "><enc><net>1 3</net></enc></m2m:sub>"},
        {"{\"cod:binSh\":{\"state\":true}}",
         "<cod:binSh "
         "xmlns:cod=\"http://www.onem2m.org/xml/protocols/commondomain\"><state>true</state></cod:binSh>"},
        {"{\"m2m:rqp\":{\"op\":1,\"to\":\"a\",\"ty\":4,\"pc\":{\"m2m:cin\":{\"con\":\"1\"}}}}",
         "<m2m:rqp " M2M "><op>1</op><to>a</to><ty>4</ty><pc><m2m:cin><con>1</con></m2m:cin></pc></m2m:rqp>"},
};

UNIT(the_form_is_that_of_the_standard)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct slice xml = xml_of(read_json(slice_of(forms[i].json)));
		const char *end = memchr(xml.ptr, '\n', xml.len);

		assert_slice(slice_skip(xml, (size_t)(end - xml.ptr) + 1), forms[i].xml);
	}
}

/* What others may write. */
static const struct {
	const char *xml, *json;
} foreign[] = {
        {"<?xml version='1.0'?><!-- hello --><m2m:cnt " M2M "/>\n<!-- bye -->", "{\"m2m:cnt\":{}}"},
        {"\xef\xbb\xbf<?xml version=\"1.0\" encoding='utf-8' standalone=\"yes\"?>\n<m2m:cnt " M2M
         ">\n  <mni> 5\n</mni>\n</m2m:cnt>",
         "{\"m2m:cnt\":{\"mni\":5}}"},
        {"<ns2:cnt xmlns:ns2=\"http://www.onem2m.org/xml/protocols\" rn=\"a\"><ns2:cin/></ns2:cnt>",
         "{\"m2m:cnt\":{\"rn\":\"a\",\"m2m:cin\":null}}"},
        {"<cnt "
         "xmlns=\"http://www.onem2m.org/xml/protocols\"><mni>5</mni><nosuch>1</nosuch><cin><con>1</con></"
         "cin></cnt>",
         "{\"m2m:cnt\":{\"mni\":5,\"nosuch\":\"1\",\"m2m:cin\":[{\"con\":\"1\"}]}}"},
        {"<cnt><mni>5</mni></cnt>", "{\"cnt\":{\"mni\":\"5\"}}"},
        {"<m2m:cnt " M2M
         " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"a b\" "
         "xml:lang=\"ko\"><rn>a</rn></m2m:cnt>",
         "{\"m2m:cnt\":{\"rn\":\"a\"}}"},
        {"<m2m:cnt " M2M " nosuch=\"1\" mni=\"5\" lbl=\"a b\"/>",
         "{\"m2m:cnt\":{\"nosuch\":\"1\",\"mni\":5,\"lbl\":[\"a\",\"b\"]}}"},
        {"<m2m:cnt " M2M "><lbl>a</lbl><lbl>b c</lbl><mni>1</mni><lbl>d</lbl></m2m:cnt>",
         "{\"m2m:cnt\":{\"lbl\":[\"a\",\"b c\",\"d\"],\"mni\":1}}"},
        {"<m2m:sub " M2M "><enc><net>1</net><net>3</net></enc></m2m:sub>",
         "{\"m2m:sub\":{\"enc\":{\"net\":[1,3]}}}"},
        {"<m2m:cnt " M2M "><disr>1</disr></m2m:cnt>", "{\"m2m:cnt\":{\"disr\":true}}"},
        {"<m2m:cin " M2M "><con/></m2m:cin>", "{\"m2m:cin\":{\"con\":\"\"}}"},
        {"<m2m:cin " M2M "><con>20</con></m2m:cin>", "{\"m2m:cin\":{\"con\":\"20\"}}"},
        {"<m2m:cin " M2M "><con><![CDATA[<!DOCTYPE html><a>&amp;</a>]]></con></m2m:cin>",
         "{\"m2m:cin\":{\"con\":\"<!DOCTYPE html><a>&amp;</a>\"}}"},
        {"<m2m:cin " M2M "><con>&lt;&#65;&#x42;&gt;&apos;&quot;&amp;</con></m2m:cin>",
         "{\"m2m:cin\":{\"con\":\"<AB>'\\\"&\"}}"},
        {"<m2m:cin " M2M "><con><t>1</t><t>2</t><u a=\"1\">x</u></con></m2m:cin>",
         "{\"m2m:cin\":{\"con\":{\"t\":[\"1\",\"2\"],\"u\":{\"a\":\"1\",\"val\":\"x\"}}}}"},
        {"<m2m:cnt " M2M
         " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"><lbl i:nil=\"true\"/></m2m:cnt>",
         "{\"m2m:cnt\":{\"lbl\":null}}"},
        {"<m2m:rqp " M2M "><op>2</op><rt>3</rt></m2m:rqp>", "{\"m2m:rqp\":{\"op\":2,\"rt\":3}}"},
        {"<m2m:grp " M2M "><mid/></m2m:grp>", "{\"m2m:grp\":{\"mid\":[]}}"},
        {"<m2m:cnt " M2M "><?pi x?><mni>5</mni></m2m:cnt>", "{\"m2m:cnt\":{\"mni\":5}}"},
        {"<m2m:cnt " M2M "><mni>+5</mni><mbs>0x5</mbs><disr>yes</disr></m2m:cnt>",
         "{\"m2m:cnt\":{\"mni\":\"+5\",\"mbs\":\"0x5\",\"disr\":\"yes\"}}"},
        {"<a:lamp xmlns:a=\"urn:acme\"><a:b/></a:lamp>", "{\"a:lamp\":{\"a:b\":null}}"},
};

UNIT(other_forms_are_read)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		struct why why = {0};
		struct val *v = NULL;

		if (xml_map_read(&arena, slice_of(foreign[i].xml), &why, &v))
			fail_msg("%s: %s", foreign[i].xml, why.text);
		assert_slice(json_of(v), foreign[i].json);
	}
}

static const struct {
	const char *xml, *sentence;
} wrong[] = {
        {"<m2m:cnt " M2M "><mni>5</mni><mni>6</mni></m2m:cnt>", "line 1: \"mni\" stands twice in cnt"},
        {"<m2m:cnt " M2M " mni=\"5\">\n<mni>6</mni></m2m:cnt>", "twice"},
        {"<m2m:cnt " M2M "><nosuch/><mni/><nosuch/></m2m:cnt>", "\"nosuch\" stands twice"},
        {"<m2m:cnt><mni/></m2m:cnt>", "line 1: Namespace prefix m2m"},
        {"<m2m:cin " M2M "><con>text<b/></con></m2m:cin>", "text stands beside an element"},
        {"<m2m:cin " M2M
         " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><con xsi:type=\"json:escaped\">\"</con>"
         "</m2m:cin>",
         "not escaped"},
};

UNIT(what_is_wrong_is_refused)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct why why = {0};
		struct val *v;

		assert_int_equal(xml_map_read(&arena, slice_of(wrong[i].xml), &why, &v), 4000);
		if (!strstr(why.text, wrong[i].sentence))
			fail_msg("%s: %s", wrong[i].xml, why.text);
	}
}

/* Values are bounded as in JSON: 32 deep, 100,000 in all, however they are written. */
UNIT(values_are_bounded)
{
	struct why why = {0};
	struct val *v;

	for (int deep = 28; deep < 40; deep++) {
		struct buf json, xml;

		buf_init(&json, &arena);
		buf_init(&xml, &arena);
		buf_add_lit(&json, "{\"m2m:cin\":{\"con\":");
		for (int i = 0; i < deep; i++)
			buf_add_lit(&json, "[");
		for (int i = 0; i < deep; i++)
			buf_add_lit(&json, "]");
		buf_add_lit(&json, "}}");
		xml_map_write(&xml, val_json(&arena, buf_slice(&json)));
		assert_int_equal(xml_map_read(&arena, buf_slice(&xml), &why, &v), deep + 2 <= 32 ? 0 : 4000);
	}
	for (int count = 99990; count < 100010; count += 5) {
		struct buf xml;

		buf_init(&xml, &arena);
		buf_add_lit(&xml, "<m2m:cnt " M2M "><lbl>");
		for (int i = 0; i < count; i++)
			buf_add_lit(&xml, "a ");
		buf_add_lit(&xml, "</lbl></m2m:cnt>");
		assert_int_equal(xml_map_read(&arena, buf_slice(&xml), &why, &v),
		                 count + 2 <= 100000 ? 0 : 4000);
		arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(every_type_comes_back, setup, teardown),
	        cmocka_unit_test_setup_teardown(every_shape_comes_back, setup, teardown),
	        cmocka_unit_test_setup_teardown(contents_come_back, setup, teardown),
	        cmocka_unit_test_setup_teardown(content_of_any_kind_comes_back, setup, teardown),
	        cmocka_unit_test_setup_teardown(the_form_is_that_of_the_standard, setup, teardown),
	        cmocka_unit_test_setup_teardown(other_forms_are_read, setup, teardown),
	        cmocka_unit_test_setup_teardown(what_is_wrong_is_refused, setup, teardown),
	        cmocka_unit_test_setup_teardown(values_are_bounded, setup, teardown),
	};

	return unit_main(tests);
}
