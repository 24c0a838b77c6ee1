/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_mqtt.h"

#include <stdio.h>

#include "base/unit.h"

static const struct id_self self = {
        {"//dure.local", 12},
        {"/id-in", 6},
        {"cse-in", 6},
};

static const struct {
	const char *topic;
	enum wire_mqtt_kind kind;
	const char *originator, *receiver;
	bool has_type;
	enum encoding encoding;
	const char *answer;
} good[] = {
        {"/oneM2M/req/Cmeter/id-in/json", WIRE_MQTT_REQ, "Cmeter", "id-in", true, ENCODING_JSON,
         "/oneM2M/resp/Cmeter/id-in/json"},
        {"/oneM2M/req/id-mn:Cx/id-in/cbor", WIRE_MQTT_REQ, "id-mn:Cx", "id-in", true, ENCODING_CBOR,
         "/oneM2M/resp/id-mn:Cx/id-in/cbor"},
        {"/oneM2M/reg_req/cred/id-in/xml", WIRE_MQTT_REG_REQ, "cred", "id-in", true, ENCODING_XML,
         "/oneM2M/reg_resp/cred/id-in/xml"},
        {"/oneM2M/req/Cmeter/id-in", WIRE_MQTT_REQ, "Cmeter", "id-in", false, ENCODING_JSON,
         "/oneM2M/resp/Cmeter/id-in"},
        {"/oneM2M/req/:other.sp:id-x/:dure.local:id-in/JSON", WIRE_MQTT_REQ, ":other.sp:id-x",
         ":dure.local:id-in", true, ENCODING_JSON, "/oneM2M/resp/:other.sp:id-x/:dure.local:id-in/json"},
        {"/oneM2M/resp/id-in/Cmeter/json", WIRE_MQTT_RESP, "id-in", "Cmeter", true, ENCODING_JSON, NULL},
        {"/oneM2M/reg_resp/id-in/id-x/json", WIRE_MQTT_REG_RESP, "id-in", "id-x", true, ENCODING_JSON, NULL},
};

UNIT(topics_are_taken_apart_and_answered)
{
	struct wire_mqtt_topic topic, answer;
	struct buf buf;

	buf_init(&buf, NULL);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(wire_mqtt_read_topic(slice_of(good[i].topic), &topic));
		assert_int_equal(topic.kind, good[i].kind);
		assert_slice(topic.originator, good[i].originator);
		assert_slice(topic.receiver, good[i].receiver);
		assert_int_equal(topic.has_type, good[i].has_type);
		assert_int_equal(topic.encoding, good[i].encoding);
		if (!good[i].answer)
			continue;
		answer = wire_mqtt_answer_topic(&topic);
		buf.len = 0;
		wire_mqtt_write_topic(&buf, &answer);
		assert_slice(buf_slice(&buf), good[i].answer);
		assert_int_equal(buf.ptr[buf.len], '\0');
	}
	buf_finish(&buf);
}

static const char *const bad[] = {
        "",
        "/",
        "oneM2M/req/a/b/json",
        "//oneM2M/req/a/b/json",
        "/onem2m/req/a/b/json",
        "/oneM2M",
        "/oneM2M/",
        "/oneM2M/req",
        "/oneM2M/req/",
        "/oneM2M/req/a",
        "/oneM2M/req/a/",
        "/oneM2M/req//b/json",
        "/oneM2M/req/a//json",
        "/oneM2M/req/a/b/",
        "/oneM2M/req/a/b/text",
        "/oneM2M/req/a/b/json/",
        "/oneM2M/req/a/b/json/c",
        "/oneM2M/ask/a/b/json",
        "/oneM2M/req/+/b/json",
        "/oneM2M/req/a/#/json",
        "/oneM2M/req/a b/c/json",
        "/oneM2M/req/a\nb/c/json",
};

UNIT(other_topics_are_none_of_ours)
{
	struct wire_mqtt_topic topic;
	char longest[1024];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (wire_mqtt_read_topic(slice_of(bad[i]), &topic))
			fail_msg("%s was taken", bad[i]);
	snprintf(longest, sizeof(longest), "/oneM2M/req/%0255d/b/json", 0);
	assert_true(wire_mqtt_read_topic(slice_of(longest), &topic));
	snprintf(longest, sizeof(longest), "/oneM2M/req/%0256d/b/json", 0);
	assert_false(wire_mqtt_read_topic(slice_of(longest), &topic));
}

static const struct {
	const char *id, *level, *back;
} ids[] = {
        {"Cmeter", "Cmeter", "/id-in/Cmeter"},
        {"/id-in/Cmeter", "id-in:Cmeter", "/id-in/Cmeter"},
        {"/Smeter", "Smeter", "/Smeter"},
        {"/id-mn", "id-mn", "/id-mn"},
        {"//other.sp/id-mn", ":other.sp:id-mn", "//other.sp/id-mn"},
        {"//other.sp/id-mn/Cx", ":other.sp:id-mn:Cx", "//other.sp/id-mn/Cx"},
};

UNIT(identifiers_become_levels_and_back)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		assert_slice(wire_mqtt_escape(slice_of(ids[i].id), &arena), ids[i].level);
		assert_slice(wire_mqtt_unescape(&self, slice_of(ids[i].level), &arena), ids[i].back);
		assert_true(wire_mqtt_is(&self, slice_of(ids[i].level), slice_of(ids[i].id), &arena));
	}
	arena_finish(&arena);
}

static const struct {
	const char *level, *id;
	bool is;
} pairs[] = {
        {"Cmeter", "Cmeter", true},
        {"Cmeter", "/id-in/Cmeter", true},
        {"Cmeter", "//dure.local/id-in/Cmeter", true},
        {"id-in:Cmeter", "Cmeter", true},
        {":dure.local:id-in:Cmeter", "Cmeter", true},
        {":dure.local:id-in:Cmeter", "/id-in/Cmeter", true},
        {"Cmeter", "Cother", false},
        {"Cmeter", "/id-mn/Cmeter", false},
        {"id-mn:Cmeter", "Cmeter", false},
        {"id-mn:Cmeter", "/id-mn/Cmeter", true},
        {"Sx", "Sx", true},
        {"Sx", "/Sx", true},
        {"id-in:Sx", "Sx", false},
        {"id-mn", "/id-mn", true},
        {":dure.local:id-mn", "/id-mn", true},
        {":other.sp:id-mn", "/id-mn", false},
        {":other.sp:id-mn", "//other.sp/id-mn", true},
        {"CAdmin", "CAdmin", true},
        {"id-in:CAdmin", "CAdmin", true},
        {"Cmeter", "", false},
        {"", "", false},
        {":", "/", false},
        {":dure.local:", "x", false},
};

UNIT(a_level_stands_for_some_identifiers_and_not_for_others)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (wire_mqtt_is(&self, slice_of(pairs[i].level), slice_of(pairs[i].id), &arena) !=
		    pairs[i].is)
			fail_msg("\"%s\" and \"%s\"", pairs[i].level, pairs[i].id);
	assert_true(wire_mqtt_is_us(&self, SLICE("id-in")));
	assert_true(wire_mqtt_is_us(&self, SLICE(":dure.local:id-in")));
	assert_false(wire_mqtt_is_us(&self, SLICE("id-mn")));
	arena_finish(&arena);
}

UNIT(a_cse_subscribes_to_what_is_for_it)
{
	const char *filters[WIRE_MQTT_FILTERS];
	struct arena arena;

	arena_init(&arena);
	wire_mqtt_filters(&self, &arena, filters);
	assert_string_equal(filters[0], "/oneM2M/req/+/id-in/#");
	assert_string_equal(filters[1], "/oneM2M/reg_req/+/id-in/#");
	assert_string_equal(filters[2], "/oneM2M/resp/id-in/#");
	assert_string_equal(filters[3], "/oneM2M/req/+/:dure.local:id-in/#");
	assert_string_equal(filters[4], "/oneM2M/resp/:dure.local:id-in/#");
	assert_string_equal(wire_mqtt_answer_filter(&self, &arena), "/oneM2M/resp/id-in/#");
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(topics_are_taken_apart_and_answered),
	        unit(other_topics_are_none_of_ours),
	        unit(identifiers_become_levels_and_back),
	        unit(a_level_stands_for_some_identifiers_and_not_for_others),
	        unit(a_cse_subscribes_to_what_is_for_it),
	};

	return unit_main(tests);
}
