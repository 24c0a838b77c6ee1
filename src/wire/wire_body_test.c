/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies and whole primitives in each encoding. What is compared is their JSON. */
#include "base/unit.h"

#include "codec/json.h"
#include "model/type.h"
#include "wire/wire_body.h"

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

static struct val *value_of(const char *json)
{
	struct val *v = NULL;

	assert_int_equal(json_read(&arena, slice_of(json), NULL, NULL, &v), 0);
	return v;
}

UNIT(bodies_come_back)
{
	static const char *const bodies[] = {
	        "{\"m2m:cin\":{\"rn\":\"a\",\"con\":12.50}}",
	        "{\"m2m:uril\":[\"a\",\"b\"]}",
	        "{\"m2m:dbg\":\"no\"}",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
			struct val *pc = NULL;
			struct buf buf;

			buf_init(&buf, &arena);
			wire_body_write(&buf, (enum encoding)encoding, value_of(bodies[i]));
			assert_int_equal(
			        wire_body_read(&arena, (enum encoding)encoding, buf_slice(&buf), NULL, &pc),
			        0);
			assert_slice(json_of(pc), bodies[i]);
		}
}

UNIT(a_body_has_one_member)
{
	static const struct {
		enum encoding encoding;
		const char *bytes;
	} rows[] = {
	        {ENCODING_JSON, "{}"},
	        {ENCODING_JSON, "[1]"},
	        {ENCODING_JSON, "{\"a\":1,\"b\":2}"},
	        {ENCODING_JSON, ""},
	        {ENCODING_CBOR, "\xa0"},
	        {ENCODING_CBOR, "\x81\x01"},
	        {ENCODING_CBOR, ""},
	        {ENCODING_CBOR, "{\"a\":1}"},
	        {ENCODING_XML, ""},
	        {ENCODING_XML, "{\"a\":1}"},
	        {ENCODING_XML, "<a>"},
	        {ENCODING_XML, "<j:root xmlns:j=\"urn:dure:json\"><a/></j:root>"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct why why = {0};
		struct val *pc;

		assert_int_equal(wire_body_read(&arena, rows[i].encoding, slice_of(rows[i].bytes), &why, &pc),
		                 4000);
		assert_true(why.text[0]);
	}
}

static const struct {
	const char *primitive;
	enum prim_direction direction;
} payloads[] = {
        {"{\"op\":2,\"to\":\"cse-in\",\"fr\":\"C\",\"rqi\":\"1\",\"rvi\":\"3\"}", PRIM_REQ},
        {"{\"op\":1,\"to\":\"cse-in\",\"fr\":\"C\",\"rqi\":\"1\",\"ty\":4,\"pc\":{\"m2m:cin\":{\"con\":\"1\"}"
         "},"
         "\"rt\":{\"rtv\":2,\"nu\":[\"http://a\"]},\"rcn\":0}",
         PRIM_REQ},
        {"{\"op\":2,\"to\":\"\",\"rqi\":\"1\",\"rt\":{\"rtv\":3},\"fc\":{\"lbl\":[\"a b\"],\"fu\":1}}",
         PRIM_REQ},
        {"{\"rqi\":\"1\",\"pc\":{\"m2m:uril\":[\"a\"]},\"rvi\":\"3\",\"rsc\":2000}", PRIM_RSP},
};

UNIT(primitives_come_back)
{
	for (size_t i = 0; i < sizeof(payloads) / sizeof(*payloads); i++)
		for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
			enum prim_direction direction = PRIM_BOTH;
			struct prim prim, back, any;
			struct buf buf;

			buf_init(&buf, &arena);
			assert_int_equal(prim_read(&prim, &arena, value_of(payloads[i].primitive),
			                           payloads[i].direction, NULL),
			                 0);
			wire_payload_write(&buf, (enum encoding)encoding, &prim, payloads[i].direction);
			assert_int_equal(wire_payload_read(&arena, (enum encoding)encoding, buf_slice(&buf),
			                                   payloads[i].direction, NULL, &back),
			                 0);
			assert_true(slice_is(json_of(prim_write(&back, &arena)),
			                     json_of(prim_write(&prim, &arena))));
			assert_int_equal(wire_payload_read_any(&arena, (enum encoding)encoding,
			                                       buf_slice(&buf), NULL, &any, &direction),
			                 0);
			assert_int_equal(direction, payloads[i].direction);
		}
}

UNIT(payloads_are_flat_but_in_xml)
{
	struct prim prim = {{NULL}};
	struct buf buf;

	buf_init(&buf, &arena);
	prim.at[PRIM_rsc] = val_int(&arena, 2000);
	prim.at[PRIM_op] = val_int(&arena, 1); /* no parameter of a response */
	wire_payload_write(&buf, ENCODING_JSON, &prim, PRIM_RSP);
	assert_slice(buf_slice(&buf), "{\"rsc\":2000}");
	buf.len = 0;
	wire_payload_write(&buf, ENCODING_CBOR, &prim, PRIM_RSP);
	assert_slice(buf_slice(&buf), "\xa1\x63rsc\x19\x07\xd0");
	buf.len = 0;
	wire_payload_write(&buf, ENCODING_XML, &prim, PRIM_RSP);
	assert_slice(buf_slice(&buf),
	             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<m2m:rsp "
	             "xmlns:m2m=\"http://www.onem2m.org/xml/protocols\"><rsc>2000</rsc></m2m:rsp>");
}

UNIT(responses_are_in_the_order_of_the_schema)
{
	struct prim prim;
	struct buf buf;

	assert_int_equal(
	        prim_read(&prim, &arena,
	                  value_of("{\"ot\":\"20260101T000000\",\"cnst\":1,\"fr\":\"C\",\"to\":\"a\",\"pc\":{"
	                           "\"m2m:uril\":[\"a\"]},\"rqi\":\"1\",\"rsc\":2000}"),
	                  PRIM_RSP, NULL),
	        0);
	buf_init(&buf, &arena);
	wire_payload_write(&buf, ENCODING_XML, &prim, PRIM_RSP);
	for (const char *const *name = (const char *const[]){"<rsc>", "<rqi>", "<pc>", "<to>", "<fr>", "<ot>",
	                                                     "<cnst>", NULL},
	                       *at = buf.ptr;
	     *name; name++) {
		at = memmem(at, buf.len - (size_t)(at - buf.ptr), *name, strlen(*name));
		assert_non_null(at);
	}
}

/* What comes from others, and what of it is understood. */
UNIT(payloads_of_others)
{
	static const struct {
		const char *json;
		int result;
		const char *rqi;
		enum prim_direction direction;
	} rows[] = {
	        {"{\"m2m:rqp\":{\"op\":2,\"to\":\"a\",\"rqi\":\"1\"}}", 0, "1", PRIM_REQ},
	        {"{\"m2m:rsp\":{\"rsc\":2000,\"rqi\":\"1\"}}", 0, "1", PRIM_RSP},
	        {"{\"rsc\":\"x\",\"rqi\":\"1\"}", 4000, "1", PRIM_RSP},
	        {"{\"op\":\"x\",\"rqi\":\"1\"}", 4000, "1", PRIM_REQ},
	        {"{\"rqi\":\"1\",\"nosuch\":2}", 4000, "1", PRIM_REQ},
	        {"{\"rqi\":1,\"op\":2}", 4000, "", PRIM_REQ},
	        {"{\"m2m:rqp\":[]}", 4000, "", PRIM_REQ},
	        {"[]", 4000, "", PRIM_REQ},
	        {"{", 4000, "", PRIM_REQ},
	        {"{}", 0, "", PRIM_REQ},
	};
	struct why why = {0};
	struct prim prim;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		enum prim_direction direction = PRIM_BOTH;

		assert_int_equal(wire_payload_read_any(&arena, ENCODING_JSON, slice_of(rows[i].json), &why,
		                                       &prim, &direction),
		                 rows[i].result);
		assert_slice(prim_text(&prim, PRIM_rqi), rows[i].rqi);
		assert_int_equal(direction, rows[i].direction);
	}
	assert_int_equal(wire_payload_read(&arena, ENCODING_JSON, SLICE("{\"m2m:rsp\":{\"rqi\":\"7\"}}"),
	                                   PRIM_REQ, &why, &prim),
	                 4000);
	assert_slice(prim_text(&prim, PRIM_rqi), "7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(bodies_come_back, setup, teardown),
	        cmocka_unit_test_setup_teardown(a_body_has_one_member, setup, teardown),
	        cmocka_unit_test_setup_teardown(primitives_come_back, setup, teardown),
	        cmocka_unit_test_setup_teardown(payloads_are_flat_but_in_xml, setup, teardown),
	        cmocka_unit_test_setup_teardown(responses_are_in_the_order_of_the_schema, setup, teardown),
	        cmocka_unit_test_setup_teardown(payloads_of_others, setup, teardown),
	};

	return unit_main(tests);
}
