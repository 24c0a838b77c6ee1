/* SPDX-License-Identifier: Apache-2.0 */
/* A table of requests, each as its options, and the primitive it becomes, as one JSON object; and the way
 * back. */
#include "wire/wire_coap.h"

#include <stdio.h>

#include "base/unit.h"
#include "codec/json.h"
#include "model/rsc.h"
#include "model/type.h"

#define GET     1
#define POST    2
#define PUT     3
#define DELETE  4
#define CODE(n) (uint8_t)((n) / 100 << 5 | (n) % 100)

struct row {
	uint8_t code;
	const char
	        *options; /* "11=cse-in 15=rcn=4 267=0x03": blanks between, hex for numbers, _ for a blank */
	const char *body;
	int result;
	const char *prim; /* what it becomes, or the sentence of the refusal */
};

#define WHO " 279=Cme 283=r 271=3"
#define IS  "\"fr\":\"Cme\",\"rqi\":\"r\",\"rvi\":\"3\""

static const struct row requests[] = {
        {GET, "11=cse-in" WHO, "", 0, "{\"op\":2,\"to\":\"cse-in\"," IS "}"},
        {GET, "11=cse-in 11=a 11=la" WHO, "", 0, "{\"op\":2,\"to\":\"cse-in/a/la\"," IS "}"},
        {GET, "11=~ 11=id-in 11=x" WHO, "", 0, "{\"op\":2,\"to\":\"/id-in/x\"," IS "}"},
        {GET, "11=_ 11=sp.ex 11=id-in" WHO, "", 0, "{\"op\":2,\"to\":\"//sp.ex/id-in\"," IS "}"},
        {GET, "11=a 11=~ 11=_" WHO, "", 0, "{\"op\":2,\"to\":\"a/~/_\"," IS "}"},
        {GET, "" WHO, "", 0, "{\"op\":2,\"to\":\"\"," IS "}"},
        {PUT, "11=a 12=0x32" WHO, "{\"m2m:cnt\":{}}", 0,
         "{\"op\":3,\"to\":\"a\",\"pc\":{\"m2m:cnt\":{}}," IS "}"},
        {DELETE, "11=a" WHO, "", 0, "{\"op\":4,\"to\":\"a\"," IS "}"},
        {POST, "11=a 267=0x03 12=0x2711" WHO, "{\"m2m:cnt\":{}}", 0,
         "{\"op\":1,\"to\":\"a\",\"ty\":3,\"pc\":{\"m2m:cnt\":{}}," IS "}"},
        {POST, "11=a" WHO, "{\"m2m:sgn\":{}}", 0, "{\"op\":5,\"to\":\"a\",\"pc\":{\"m2m:sgn\":{}}," IS "}"},
        {POST, "11=a 15=op=2 15=rt=1" WHO, "", 0, "{\"op\":2,\"to\":\"a\",\"rt\":{\"rtv\":1}," IS "}"},
        {POST, "11=a 15=op=1 267=0x03 263=http://x&coap://y 15=rt=2" WHO, "{\"m2m:cnt\":{}}", 0,
         "{\"op\":1,\"to\":\"a\",\"ty\":3,\"rt\":{\"rtv\":2,\"nu\":[\"http://x\",\"coap://y\"]},"
         "\"pc\":{\"m2m:cnt\":{}}," IS "}"},
        /* the query, as in HTTP, but not escaped */
        {GET, "11=a 15=fu=1 15=lbl=a+b 15=ty=2+3 15=cr=S%m 15=c.lbl=x" WHO, "", 0,
         "{\"op\":2,\"to\":\"a\",\"fc\":{\"fu\":1,\"lbl\":[\"a\",\"b\"],\"ty\":[2,3],"
         "\"atr\":[{\"nm\":\"cr\",\"val\":\"S%m\"}],\"catr\":[{\"nm\":\"lbl\",\"val\":\"x\"}]}," IS "}"},
        {GET, "11=a 15=lbl=two_words 15=atrl=ri+rn" WHO, "", 0,
         "{\"op\":2,\"to\":\"a\",\"pc\":{\"m2m:atrl\":[\"ri\",\"rn\"]},\"fc\":{\"lbl\":[\"two words\"]}," IS
         "}"},
        {GET, "11=a 15=lbl=x=y&z?" WHO, "", 0,
         "{\"op\":2,\"to\":\"a\",\"fc\":{\"lbl\":[\"x=y&z?\"]}," IS "}"},
        {GET, "11=a 15=tkns=a.b.c+d.e.f 15=tids=t1+t2 15=tqi=true" WHO, "", 0,
         "{\"op\":2,\"to\":\"a\",\"tkns\":[\"a.b.c\",\"d.e.f\"],\"tids\":[\"t1\",\"t2\"],\"tqi\":true," IS
         "}"},
        /* every other option */
        {GET,
         "11=a 259=20260101T000000 291=5000 295=20270101T000000 299=1000 303=0x02 311=g 331=v 335=/a+/b "
         "339=s" WHO,
         "", 0,
         "{\"op\":2,\"to\":\"a\",\"ot\":\"20260101T000000\",\"rqet\":\"5000\",\"rset\":\"20270101T000000\","
         "\"oet\":\"1000\",\"ec\":2,\"gid\":\"g\",\"vsi\":\"v\",\"grtm\":[\"/a\",\"/b\"],\"aus\":[\"s\"]," IS
         "}"},
        /* the older numbers */
        {GET, "11=a 256=Cme 257=r 271=3 260=5000 262=1 264=0x02 266=g", "", 0,
         "{\"op\":2,\"to\":\"a\",\"rqet\":\"5000\",\"oet\":\"1\",\"ec\":2,\"gid\":\"g\"," IS "}"},
        /* options of an answer, and those that mean nothing, are passed over */
        {GET, "11=a 307=0x07d0 3=host 60=0x10 2048=x" WHO, "", 0, "{\"op\":2,\"to\":\"a\"," IS "}"},
        /* refused */
        {GET, "11=a 279=Cme", "", RSC_BAD_REQUEST, "283 (request identifier) is missing"},
        {GET, "11=a 279=Cother" WHO, "", RSC_BAD_REQUEST, "279 (fr) stands there twice"},
        {GET, "11=a 256=Cother" WHO, "", RSC_BAD_REQUEST, "279 (fr) stands there twice"},
        {GET, "11=a 331=\xff" WHO, "", RSC_BAD_REQUEST, "vsi is not text in UTF-8"},
        {GET, "11=\xc3\x28" WHO, "", RSC_BAD_REQUEST, "the path is not text in UTF-8"},
        {GET, "11=a 15=lbl=\xff" WHO, "", RSC_BAD_REQUEST, "the query is not text in UTF-8"},
        {GET, "11=a/b" WHO, "", RSC_BAD_REQUEST, "the path hides a '/'"},
        {GET, "11=a 303=0x0102" WHO, "", RSC_BAD_REQUEST, "303 (ec) is longer than 1 bytes"},
        {POST, "11=a 267=0x010203" WHO, "", RSC_BAD_REQUEST, "267 (ty) is longer than 2 bytes"},
        {GET, "11=a 291=never" WHO, "", RSC_BAD_REQUEST, "rqet: expected a time"},
        {GET, "11=a 15=op=2 15=op=2" WHO, "", RSC_BAD_REQUEST, "op: expected one number"},
        {POST, "11=a 15=op=9" WHO, "", RSC_BAD_REQUEST, "op: expected one number"},
        {GET, "11=a 15=op=4" WHO, "", RSC_BAD_REQUEST, "says other than the method"},
        {GET, "11=a 15=rcn=4 15=rcn=5" WHO, "", RSC_BAD_REQUEST, "names rcn twice"},
        {GET, "11=a 15=fu=x" WHO, "", RSC_CONTENTS_UNACCEPTABLE, "fu: expected a whole number"},
        {GET, "11=a 15=" WHO, "", 0, "{\"op\":2,\"to\":\"a\"," IS "}"},
        {5, "11=a" WHO, "", RSC_OPERATION_NOT_ALLOWED, "the method 0.05 means nothing"},
        {PUT, "11=a 12=0x2a" WHO, "{}", RSC_UNSUPPORTED_MEDIA_TYPE, "Content-Format 42"},
        /* an elective option that is wrong counts as none */
        {PUT, "11=a 12=0x32 12=0x2a" WHO, "{\"m2m:cnt\":{}}", 0,
         "{\"op\":3,\"to\":\"a\",\"pc\":{\"m2m:cnt\":{}}," IS "}"},
        {PUT, "11=a 12=0x00002a 12=0x32" WHO, "{\"m2m:cnt\":{}}", 0,
         "{\"op\":3,\"to\":\"a\",\"pc\":{\"m2m:cnt\":{}}," IS "}"},
        {PUT, "11=a 12=0x32" WHO, "{", RSC_BAD_REQUEST, ""},
        {PUT, "11=a 12=0x32" WHO, "{\"a\":1,\"b\":2}", RSC_BAD_REQUEST, "exactly one member"},
        {PUT, "11=a 15=atrl=ri" WHO, "{\"m2m:cnt\":{}}", RSC_BAD_REQUEST, "beside atrl"},
        {GET, "11=a 17=0x2a" WHO, "", RSC_NOT_ACCEPTABLE, "Accept allows nothing"},
        {GET, "11=a 17=0x3c 17=0x3c" WHO, "", RSC_BAD_REQUEST, "Accept stands there twice"},
};

/* The options as the table writes them. */
static void make_message(struct arena *arena, const struct row *row, struct wire_coap_message *ret)
{
	struct slice rest = slice_of(row->options), one, number;
	uint64_t n;

	*ret = (struct wire_coap_message){.code = row->code, .body = slice_of(row->body)};
	while (slice_cut(&rest, ' ', &one)) {
		char *bytes;
		size_t len = 0;

		if (one.len == 0)
			continue;
		assert_true(slice_cut(&one, '=', &number) && slice_u64(number, &n));
		bytes = arena_take(arena, one.len + 1);
		if (slice_starts(one, SLICE("0x")))
			for (size_t i = 2; i + 1 < one.len; i += 2) {
				unsigned byte;

				assert_int_equal(sscanf(one.ptr + i, "%2x", &byte), 1);
				bytes[len++] = (char)byte;
			}
		else
			for (; len < one.len; len++)
				bytes[len] =
				        one.ptr[len] == '_' && one.len > 1 && len > 0 ? ' ' : one.ptr[len];
		ret->options[ret->option_count++] =
		        (struct wire_coap_option){(uint16_t)n, slice_make(bytes, len)};
	}
}

static void assert_prim(struct arena *arena, const struct prim *prim, const char *json)
{
	struct val *wanted, *got = prim_write(prim, arena);
	struct why why;
	struct buf buf;

	assert_int_equal(json_read(arena, slice_of(json), NULL, &why, &wanted), 0);
	if (val_equal(got, wanted))
		return;
	buf_init(&buf, arena);
	json_write(&buf, got);
	print_error("%.*s\nis not\n%s\n", SLICE_ARG(buf_slice(&buf)), json);
	fail();
}

UNIT(requests_become_primitives)
{
	type_init();
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct wire_coap_message message;
		struct wire_coap_form form;
		struct arena arena;
		struct prim prim;
		struct why why = {0};
		int r;

		arena_init(&arena);
		make_message(&arena, &requests[i], &message);
		r = wire_coap_read(&arena, &message, &why, &prim, &form);
		if (r != requests[i].result)
			print_error("%s: %d, %s\n", requests[i].options, r, why.text);
		assert_int_equal(r, requests[i].result);
		if (r == 0)
			assert_prim(&arena, &prim, requests[i].prim);
		else if (!strstr(why.text, requests[i].prim))
			fail_msg("\"%s\" does not say \"%s\"", why.text, requests[i].prim);
		/* What was understood stays, for the answer. */
		if (r != 0 && strstr(requests[i].options, "283=r"))
			assert_slice(prim_text(&prim, PRIM_rqi), "r");
		arena_finish(&arena);
	}
}

UNIT(strings_end_somewhere)
{
	char text[600];
	struct wire_coap_message message = {.code = GET};
	struct wire_coap_form form;
	struct arena arena;
	struct prim prim;
	struct why why;

	arena_init(&arena);
	memset(text, 'x', sizeof(text));
	message.option_count = 2;
	message.options[0] = (struct wire_coap_option){283, slice_make(text, 255)};
	message.options[1] = (struct wire_coap_option){335, slice_make(text, 512)};
	assert_int_equal(wire_coap_read(&arena, &message, &why, &prim, &form), 0);
	message.options[0].value.len = 256;
	assert_int_equal(wire_coap_read(&arena, &message, &why, &prim, &form), RSC_BAD_REQUEST);
	message.options[0].value.len = 255;
	message.options[1].value.len = 513;
	assert_int_equal(wire_coap_read(&arena, &message, &why, &prim, &form), RSC_BAD_REQUEST);
	message.options[0].value = SLICE("a\0b");
	assert_int_equal(wire_coap_read(&arena, &message, &why, &prim, &form), RSC_BAD_REQUEST);
	arena_finish(&arena);
}

UNIT(the_form_of_the_answer_follows_the_question)
{
	static const struct {
		const char *options;
		bool older;
		unsigned format; /* 0: none asked for */
	} rows[] = {
	        {"11=a" WHO, false, 0},
	        {"11=a 17=0x3c" WHO, false, 60},
	        {"11=a 12=0x3c" WHO, false, 60},
	        {"11=a 12=0x3c 17=0x29" WHO, false, 41},
	        {"11=a 17=0x2711" WHO, false, 10001},
	        {"11=a 256=Cme 257=r 17=0x271a", true, 10010},
	        {"11=a 279=Cme 257=r", true, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row row = {GET, rows[i].options, "", 0, ""};
		struct wire_coap_message message;
		struct wire_coap_form form;
		struct arena arena;
		struct prim prim;
		struct why why;

		arena_init(&arena);
		make_message(&arena, &row, &message);
		assert_int_equal(wire_coap_read(&arena, &message, &why, &prim, &form), 0);
		assert_int_equal(form.older, rows[i].older);
		assert_int_equal(form.type ? form.type->format : 0, rows[i].format);
		arena_finish(&arena);
	}
}

static struct prim make_prim(struct arena *arena, const char *json, enum prim_direction direction)
{
	struct prim prim;
	struct val *object;
	struct why why = {0};

	assert_int_equal(json_read(arena, slice_of(json), NULL, &why, &object), 0);
	assert_int_equal(prim_read(&prim, arena, object, direction, &why), 0);
	return prim;
}

/* "11=a 267=0x03" of a message. */
static const char *show(struct arena *arena, const struct wire_coap_message *message)
{
	struct buf buf;

	buf_init(&buf, arena);
	for (size_t i = 0; i < message->option_count; i++) {
		const struct wire_coap_option *option = &message->options[i];
		bool text = option->value.len > 0;

		buf_printf(&buf, "%s%u=", i ? " " : "", option->number);
		for (size_t k = 0; k < option->value.len; k++)
			text = text && option->value.ptr[k] >= '!' && option->value.ptr[k] <= '~';
		if (option->number == 12 || option->number == 17 || !text)
			for (size_t k = 0; k < option->value.len; k++)
				buf_printf(&buf, "%s%02x", k ? "" : "0x",
				           (unsigned char)option->value.ptr[k]);
		else
			buf_add_slice(&buf, option->value);
	}
	buf_add_char(&buf, 0);
	return buf.ptr;
}

UNIT(responses_become_messages)
{
	static const struct {
		int op;
		bool older;
		const char *prim;
		int code;
		const char *options, *body;
	} rows[] = {
	        {OP_RETRIEVE, false,
	         "{\"rsc\":2000,\"rqi\":\"r\",\"rvi\":\"3\",\"pc\":{\"m2m:cnt\":{\"rn\":\"a\"}}}", 205,
	         "14= 283=r 271=3 307=0x07d0 12=0x32", "{\"m2m:cnt\":{\"rn\":\"a\"}}"},
	        {OP_RETRIEVE, true, "{\"rsc\":2000,\"rqi\":\"r\",\"rvi\":\"3\"}", 205,
	         "14= 257=r 271=3 265=0x07d0", ""},
	        {OP_NOTIFY, false, "{\"rsc\":2000,\"rqi\":\"r\"}", 204, "283=r 307=0x07d0", ""},
	        {OP_CREATE, false, "{\"rsc\":2001,\"rqi\":\"r\",\"pc\":{\"m2m:cnt\":{\"ri\":\"cnt-1\"}}}",
	         201, "8=cnt-1 283=r 307=0x07d1 12=0x32", "{\"m2m:cnt\":{\"ri\":\"cnt-1\"}}"},
	        {OP_CREATE, false, "{\"rsc\":2001,\"rqi\":\"r\",\"pc\":{\"m2m:uri\":\"/id-in/cse-in/a\"}}",
	         201, "8=~ 8=id-in 8=cse-in 8=a 283=r 307=0x07d1 12=0x32",
	         "{\"m2m:uri\":\"/id-in/cse-in/a\"}"},
	        {OP_UPDATE, false, "{\"rsc\":2004,\"rqi\":\"r\"}", 204, "283=r 307=0x07d4", ""},
	        {OP_DELETE, false, "{\"rsc\":2002,\"rqi\":\"r\"}", 202, "283=r 307=0x07d2", ""},
	        {OP_CREATE, false, "{\"rsc\":1001,\"rqi\":\"r\",\"pc\":{\"m2m:uri\":\"cse-in/req1\"}}", 201,
	         "8=cse-in 8=req1 283=r 307=0x03e9 12=0x32", "{\"m2m:uri\":\"cse-in/req1\"}"},
	        {OP_CREATE, false, "{\"rsc\":1002,\"rqi\":\"r\"}", 204, "283=r 307=0x03ea", ""},
	        {OP_CREATE, false, "{\"rsc\":4105,\"rqi\":\"r\"}", 403, "14= 283=r 307=0x1009", ""},
	        {OP_CREATE, false, "{\"rsc\":5207,\"rqi\":\"r\"}", 406, "14= 283=r 307=0x1457", ""},
	        {OP_RETRIEVE, false,
	         "{\"rsc\":2000,\"rqi\":\"r\",\"cnst\":1,\"cnot\":300,\"ati\":{\"ltia\":[{\"lti\":\"a\","
	         "\"tkid\":\"b\"},"
	         "{\"lti\":\"c\",\"tkid\":\"d\"}]},\"asri\":true}",
	         205, "14= 283=r 307=0x07d0 323=0x01 319=0x012c 327=0x613a62202b20633a64 275=true", ""},
	        {OP_RETRIEVE, false, "{\"rsc\":2000,\"rqi\":\"r\",\"cnst\":1,\"cnot\":70000}", 205,
	         "14= 283=r 307=0x07d0 323=0x01", ""}, /* an option that is too long helps nobody */
	        {OP_RETRIEVE, false,
	         "{\"rsc\":4103,\"rqi\":\"r\",\"tqf\":{\"a\":1},\"pc\":{\"m2m:dbg\":\"no\"}}", 403,
	         "14= 283=r 307=0x1007 12=0x32", "{\"m2m:tqf\":{\"a\":1}}"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct wire_coap_form form = {.older = rows[i].older};
		struct wire_coap_message message;
		struct prim request = {0}, response;
		struct arena arena;

		arena_init(&arena);
		request.at[PRIM_op] = val_int(&arena, rows[i].op);
		response = make_prim(&arena, rows[i].prim, PRIM_RSP);
		wire_coap_write(&arena, &request, &response, &form, &message);
		assert_int_equal(message.code, CODE(rows[i].code));
		assert_string_equal(show(&arena, &message), rows[i].options);
		assert_slice(message.body, rows[i].body);
		arena_finish(&arena);
	}
}

UNIT(requests_become_messages)
{
	static const struct {
		const char *url, *prim;
		uint8_t code;
		const char *options, *body;
	} rows[] = {
	        {"coap://h:1/hear/me?k=v",
	         "{\"op\":5,\"to\":\"coap://h:1/hear/me\",\"fr\":\"/"
	         "id\",\"rqi\":\"r\",\"pc\":{\"m2m:sgn\":{}}}",
	         POST, "11=hear 11=me 15=k=v 279=/id 283=r 17=0x32 12=0x32", "{\"m2m:sgn\":{}}"},
	        {"coap://h", "{\"op\":5,\"to\":\"Cme\",\"fr\":\"/id\",\"rqi\":\"r\",\"pc\":{\"m2m:sgn\":{}}}",
	         POST, "279=/id 283=r 17=0x32 12=0x32", "{\"m2m:sgn\":{}}"},
	        {"coap://h",
	         "{\"op\":5,\"to\":\"/id-in/Cme\",\"fr\":\"/id\",\"rqi\":\"r\",\"pc\":{\"m2m:sgn\":{}}}",
	         POST, "11=~ 11=id-in 11=Cme 279=/id 283=r 17=0x32 12=0x32", "{\"m2m:sgn\":{}}"},
	        {"coaps://[::1]/root/",
	         "{\"op\":1,\"to\":\"/id-in/"
	         "cse-in\",\"ty\":3,\"fr\":\"C\",\"rqi\":\"r\",\"pc\":{\"m2m:cnt\":{}}}",
	         POST, "11=root 11=~ 11=id-in 11=cse-in 279=C 283=r 267=0x03 17=0x32 12=0x32",
	         "{\"m2m:cnt\":{}}"},
	        {"coap://h",
	         "{\"op\":2,\"to\":\"//sp/id/x\",\"rqi\":\"r\",\"rcn\":4,\"fc\":{\"lbl\":[\"a b\",\"c\"]}}",
	         GET, "11=_ 11=sp 11=id 11=x 15=rcn=4 15=0x6c626c3d6120622b63 283=r 17=0x32", ""},
	        {"coap://h", "{\"op\":2,\"to\":\"a\",\"rqi\":\"r\",\"pc\":{\"m2m:atrl\":[\"ri\"]}}", GET,
	         "11=a 15=atrl=ri 283=r 17=0x32", ""},
	        {"coap://h", "{\"op\":4,\"to\":\"a\",\"rqi\":\"r\",\"rt\":{\"rtv\":1},\"tkns\":[\"a.b.c\"]}",
	         POST, "15=op=4 11=a 15=rt=1 15=tkns=a.b.c 283=r 17=0x32", ""},
	        {"coap://h/a%20b", "{\"op\":5,\"to\":\"\",\"rqi\":\"r\"}", POST, "11=0x612062 283=r 17=0x32",
	         ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct wire_coap_form form = {0};
		struct wire_coap_message message;
		struct prim request;
		struct arena arena;

		arena_init(&arena);
		request = make_prim(&arena, rows[i].prim, PRIM_REQ);
		wire_coap_write_request(&arena, &request, slice_of(rows[i].url), &form, &message);
		assert_int_equal(message.code, rows[i].code);
		/* Sorted by the row of the parameter, path and query first. */
		assert_string_equal(show(&arena, &message), rows[i].options);
		assert_slice(message.body, rows[i].body);
		arena_finish(&arena);
	}
}

UNIT(replies_become_primitives)
{
	static const struct {
		int code;
		const char *options, *body;
		int result;
		const char *prim;
	} rows[] = {
	        {205, "283=r 307=0x07d0 12=0x32", "{\"m2m:cnt\":{}}", 0,
	         "{\"rsc\":2000,\"rqi\":\"r\",\"pc\":{\"m2m:cnt\":{}}}"},
	        {205, "257=r 265=0x07d0", "", 0, "{\"rsc\":2000,\"rqi\":\"r\"}"},
	        {204, "", "", 0, "{\"rsc\":2000}"},
	        {205, "12=0x00", "some words", 0, "{\"rsc\":2000}"},
	        {205, "12=0x32", "{no JSON", 0, "{\"rsc\":2000}"},
	        {404, "", "", 0, "{\"rsc\":4004}"},
	        {402, "", "", 0, "{\"rsc\":4000}"},
	        {504, "", "", 0, "{\"rsc\":4008}"},
	        {505, "", "", 0, "{\"rsc\":5000}"},
	        {205, "327=a:b_+_c:d 307=0x07d0", "", 0,
	         "{\"rsc\":2000,\"ati\":{\"ltia\":[{\"lti\":\"a\",\"tkid\":\"b\"},{\"lti\":\"c\",\"tkid\":"
	         "\"d\"}]}}"},
	        {205, "307=0x07d0 12=0x32", "{no JSON", RSC_BAD_REQUEST, ""},
	        {205, "307=0x01", "", RSC_BAD_REQUEST, ""},
	        {205, "307=0x07d0 307=0x07d0", "", RSC_BAD_REQUEST, ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row row = {CODE(rows[i].code), rows[i].options, rows[i].body, 0, ""};
		struct wire_coap_message message;
		struct arena arena;
		struct prim prim;
		struct why why;
		int r;

		arena_init(&arena);
		make_message(&arena, &row, &message);
		r = wire_coap_read_reply(&arena, &message, &why, &prim);
		assert_int_equal(r, rows[i].result);
		if (r == 0)
			assert_prim(&arena, &prim, rows[i].prim);
		arena_finish(&arena);
	}
}

UNIT(all_numbers_are_known_once)
{
	uint16_t numbers[2 * PRIM_COUNT];
	size_t count = wire_coap_numbers(numbers);

	assert_int_equal(count, 19 + 8);
	for (size_t i = 0; i < count; i++) {
		assert_non_null(prim_by_option(numbers[i]));
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(numbers[i], numbers[k]);
	}
	assert_null(prim_by_option(0));
	assert_null(prim_by_option(258));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(requests_become_primitives),
	        unit(strings_end_somewhere),
	        unit(the_form_of_the_answer_follows_the_question),
	        unit(responses_become_messages),
	        unit(requests_become_messages),
	        unit(replies_become_primitives),
	        unit(all_numbers_are_known_once),
	};

	return unit_main(tests);
}
