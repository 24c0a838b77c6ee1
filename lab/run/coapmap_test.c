/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP as the lab says it, byte for byte; and every way an answer can be wrong. */
#include "base/unit.h"

#include "lab/run/coapmap.h"
#include "model/type.h"

static struct arena arena;
static struct place place = {.encoding = ENCODING_JSON};

static const struct coap_opt *option_of(const struct coap_message *message, uint16_t number, size_t nth)
{
	for (size_t i = 0; i < message->option_count; i++)
		if (message->options[i].number == number && nth-- == 0)
			return &message->options[i];
	return NULL;
}

static void add(struct coap_message *message, uint16_t number, struct slice value)
{
	message->options[message->option_count++] = (struct coap_opt){number, value};
}

UNIT(coapmap_says_a_create)
{
	struct coap_message message;
	struct call call = {.op = 1,
	                    .ty = 10001,
	                    .to = SLICE("/id-in/cse-in/a"),
	                    .fr = SLICE("Cmeter"),
	                    .rqi = SLICE("r1"),
	                    .rvi = SLICE("3"),
	                    .text = SLICE("{}")};

	call.params[0].name = SLICE("rcn");
	call.params[0].value = SLICE("0");
	call.params[1].name = SLICE("rqet");
	call.params[1].value = SLICE("20260101T000000,123456");
	call.param_count = 2;
	assert_null(coapmap_write_call(&arena, &place, &call, &message));
	assert_int_equal(message.code, 2);
	assert_true(message.confirmable);
	assert_slice(option_of(&message, 11, 0)->value, "~");
	assert_slice(option_of(&message, 11, 1)->value, "id-in");
	assert_slice(option_of(&message, 11, 3)->value, "a");
	assert_slice(option_of(&message, 15, 0)->value, "rcn=0");
	assert_slice(option_of(&message, 279, 0)->value, "Cmeter");
	assert_slice(option_of(&message, 283, 0)->value, "r1");
	assert_slice(option_of(&message, 271, 0)->value, "3");
	assert_slice(option_of(&message, 267, 0)->value, "\x27\x11");
	assert_slice(option_of(&message, 291, 0)->value, "20260101T000000");
	assert_slice(option_of(&message, 12, 0)->value, "2");
	assert_slice(message.payload, "{}");
}

UNIT(coapmap_says_what_it_cannot)
{
	static const struct {
		const char *name, *value, *reason;
	} rows[] = {{"rqet", "5000", "rqet in 15 bytes"},
	            {"ec", "abc", "ec as a number"},
	            {"gstn", "1", "no option for gstn"}};
	struct coap_message message;
	char *name = arena_take(&arena, 301);

	memset(name, 'x', 300);
	name[300] = 0;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct call call = {.op = 2, .ty = -1, .to = SLICE("cse-in")};

		call.params[0].name = slice_of(rows[i].name);
		call.params[0].value = slice_of(rows[i].value);
		call.param_count = 1;
		const char *reason = coapmap_write_call(&arena, &place, &call, &message);

		if (!reason || !strstr(reason, rows[i].reason))
			fail_msg("row %zu: \"%s\" is not in \"%s\"", i, rows[i].reason, reason ? reason : "");
	}
	struct call call = {.op = 2, .ty = -1, .to = slice_of(name)};

	assert_non_null(coapmap_write_call(&arena, &place, &call, &message));
}

UNIT(coapmap_non_blocking_is_a_post)
{
	struct call call = {.op = 2, .ty = -1, .to = SLICE("cse-in")};
	struct coap_message message;

	call.params[0].name = SLICE("rt");
	call.params[0].value = SLICE("1");
	call.param_count = 1;
	assert_null(coapmap_write_call(&arena, &place, &call, &message));
	assert_int_equal(message.code, 2);
	assert_slice(option_of(&message, 15, 0)->value, "rt=1");
	assert_slice(option_of(&message, 15, 1)->value, "op=2");
}

static struct reply read_answer(int op, const struct coap_message *answer)
{
	struct call call = {.op = op, .ty = -1, .rqi = SLICE("r1")};
	struct reply reply = {0};

	coapmap_read_answer(&arena, &place, &call, answer, &reply);
	return reply;
}

UNIT(coapmap_reads_a_good_answer)
{
	struct coap_message answer = {.code = 0x45, .payload = SLICE("{\"m2m:cnt\":{\"rn\":\"a\"}}")};

	add(&answer, 12, SLICE("\x27\x11"));
	add(&answer, 283, SLICE("r1"));
	add(&answer, 271, SLICE("3"));
	add(&answer, 307, SLICE("\x07\xd0"));
	struct reply reply = read_answer(2, &answer);

	assert_null(reply.form_fault);
	assert_null(reply.body_fault);
	assert_int_equal(reply.rsc, 2000);
	assert_string_equal(reply.rqi, "r1");
	assert_string_equal(message_header(reply.message, "Content-Format"), "10001");
	assert_non_null(val_find(reply.pc, "m2m:cnt"));
}

UNIT(coapmap_finds_every_fault)
{
	static const struct {
		uint8_t code;
		int op;
		uint16_t number, second;
		const char *value, *rsc, *payload, *fault;
	} rows[] = {
	        {0x44, 2, 0, 0, "", "\x07\xd0", "", "2000 does not go with 2.04"},
	        {0x45, 5, 0, 0, "", "\x07\xd0", "", "2000 does not go with 2.05"},
	        {0x84, 1, 0, 0, "", "\x0f\xa0", "", "4000 does not go with 4.04"},
	        {0x41, 1, 0, 0, "", "\x0f\xa4", "", "does not go with 2.01"},
	        {0x45, 2, 283, 283, "a", "\x07\xd0", "", "stands there twice"},
	        {0x45, 2, 259, 0, "2026", "\x07\xd0", "", "option 259"},
	        {0x45, 2, 0, 0, "", "\x07\xd0", "{}", "without a content format"},
	        {0x45, 2, 12, 0, "\x2f", "\x07\xd0", "{}", "none of ours"},
	        {0x45, 2, 12, 0, "\x3c", "\x07\xd0", "\xa0", "not the one asked for"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct coap_message answer = {.code = rows[i].code, .payload = slice_of(rows[i].payload)};

		add(&answer, 307, slice_of(rows[i].rsc));
		if (rows[i].number)
			add(&answer, rows[i].number, slice_of(rows[i].value));
		if (rows[i].second)
			add(&answer, rows[i].second, slice_of(rows[i].value));
		struct reply reply = read_answer(rows[i].op, &answer);

		if (!reply.form_fault || !strstr(reply.form_fault, rows[i].fault))
			fail_msg("row %zu: \"%s\" is not in \"%s\"", i, rows[i].fault,
			         reply.form_fault ? reply.form_fault : "");
	}
}

UNIT(coapmap_reads_a_notification)
{
	struct coap_message message = {.code = 2, .payload = SLICE("{\"m2m:sgn\":{}}")}, answer;
	struct val *primitive;
	struct slice path, text;

	add(&message, 11, SLICE("12"));
	add(&message, 11, SLICE("box"));
	add(&message, 12, SLICE("2"));
	add(&message, 279, SLICE("/id-in"));
	add(&message, 283, SLICE("n1"));
	assert_null(coapmap_read_request(&arena, ENCODING_JSON, &message, &primitive, &path));
	assert_slice(path, "12/box");
	assert_true(val_is_str(val_find(primitive, "rqi"), &text));
	assert_slice(text, "n1");
	assert_non_null(val_find(val_find(primitive, "pc"), "m2m:sgn"));
	assert_non_null(coapmap_read_request(&arena, ENCODING_CBOR, &message, &primitive, &path));

	struct val *response = val_obj(&arena);

	val_put(response, SLICE("rsc"), val_int(&arena, 4103));
	val_put(response, SLICE("rqi"), val_str(&arena, SLICE("n1")));
	coapmap_write_answer(&arena, ENCODING_JSON, response, &answer);
	assert_int_equal(answer.code, 0x83);
	assert_slice(option_of(&answer, 307, 0)->value, "\x10\x07");
	assert_slice(option_of(&answer, 283, 0)->value, "n1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(coapmap_says_a_create),          unit(coapmap_says_what_it_cannot),
	        unit(coapmap_non_blocking_is_a_post), unit(coapmap_reads_a_good_answer),
	        unit(coapmap_finds_every_fault),      unit(coapmap_reads_a_notification)};

	arena_init(&arena);
	type_init();
	int r = unit_main(tests);

	arena_finish(&arena);
	return r;
}
