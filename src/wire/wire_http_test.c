/* SPDX-License-Identifier: Apache-2.0 */
/* Messages both ways, as tables; and every row of prim.def that travels in a header or the query. */
#include "base/unit.h"

#include "wire/wire_http.h"
#include <stdio.h>

#include "codec/json.h"
#include "model/rsc.h"
#include "model/type.h"

#define MAX_HEADERS 8

/* "Name: value" lines, ended by NULL. */
static size_t headers_of(const char *const *lines, struct wire_http_header *headers)
{
	size_t n = 0;

	for (; lines[n]; n++) {
		const char *colon = strchr(lines[n], ':');

		headers[n].name = slice_make(lines[n], (size_t)(colon - lines[n]));
		headers[n].value = slice_of(colon[1] ? colon + 2 : "");
	}
	return n;
}

static const struct request_row {
	const char *method, *target;
	const char *headers[MAX_HEADERS];
	const char *body;
	int result;
	const char *primitive; /* as JSON; or, when refused, a part of the sentence */
} requests[] = {
        {"GET",
         "/cse-in/a?rcn=4&lbl=x+y%2Bz&ty=2&ty=3",
         {"X-M2M-RI: 1", "X-M2M-Origin: CAdmin", "X-M2M-RVI: 3", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"cse-in/"
         "a\",\"fr\":\"CAdmin\",\"rqi\":\"1\",\"rcn\":4,\"fc\":{\"lbl\":[\"x\",\"y+z\"],\"ty\":[2,3]},"
         "\"rvi\":\"3\"}"},
        {"HEAD", "/~/id-in/a", {"X-M2M-RI: 1", NULL}, "", 0, "{\"op\":2,\"to\":\"/id-in/a\",\"rqi\":\"1\"}"},
        {"GET",
         "/%7E/id-in/a%20b",
         {"X-M2M-RI: 1", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"/id-in/a b\",\"rqi\":\"1\"}"},
        {"GET",
         "/_/sp.example/id-in/a",
         {"X-M2M-RI: 1", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"//sp.example/id-in/a\",\"rqi\":\"1\"}"},
        {"GET", "/a%23lbl", {"X-M2M-RI: 1", NULL}, "", 0, "{\"op\":2,\"to\":\"a#lbl\",\"rqi\":\"1\"}"},
        {"GET",
         "/a#lbl?rcn=1",
         {"X-M2M-RI: 1", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a#lbl\",\"rqi\":\"1\",\"rcn\":1}"},
        {"GET", "/", {"X-M2M-RI: 1", NULL}, "", 0, "{\"op\":2,\"to\":\"\",\"rqi\":\"1\"}"},
        {"GET", "?rcn=1", {"X-M2M-RI: 1", NULL}, "", 0, "{\"op\":2,\"to\":\"\",\"rqi\":\"1\",\"rcn\":1}"},
        {"GET",
         "/a?&&rcn=1&",
         {"X-M2M-RI: 1", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\",\"rcn\":1}"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/json;ty=3", NULL},
         "{\"m2m:cnt\":{}}",
         0,
         "{\"op\":1,\"to\":\"a\",\"rqi\":\"1\",\"ty\":3,\"pc\":{\"m2m:cnt\":{}}}"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: APPLICATION/Vnd.onem2m-res+JSON ; charset=\"UTF-8\"; TY = \"4\"",
          NULL},
         " {\"m2m:cin\" : {\"con\":1.50}} ",
         0,
         "{\"op\":1,\"to\":\"a\",\"rqi\":\"1\",\"ty\":4,\"pc\":{\"m2m:cin\":{\"con\":1.50}}}"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/vnd.onem2m-ntfy+json", NULL},
         "{\"m2m:sgn\":{}}",
         0,
         "{\"op\":5,\"to\":\"a\",\"rqi\":\"1\",\"pc\":{\"m2m:sgn\":{}}}"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", NULL},
         "{\"m2m:sgn\":{}}",
         0,
         "{\"op\":5,\"to\":\"a\",\"rqi\":\"1\",\"pc\":{\"m2m:sgn\":{}}}"},
        {"PUT",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/json", NULL},
         "{\"m2m:cnt\":{\"lbl\":null}}",
         0,
         "{\"op\":3,\"to\":\"a\",\"rqi\":\"1\",\"pc\":{\"m2m:cnt\":{\"lbl\":null}}}"},
        {"DELETE",
         "/a",
         {"x-m2m-ri: 1", "x-M2M-oRiGiN:", NULL},
         "",
         0,
         "{\"op\":4,\"to\":\"a\",\"fr\":\"\",\"rqi\":\"1\"}"},
        {"GET",
         "/a?atrl=ri+lbl",
         {"X-M2M-RI: 1", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\",\"pc\":{\"m2m:atrl\":[\"ri\",\"lbl\"]}}"},
        {"GET",
         "/a?cr=Sam+Max&c.lbl=x&p.cr=y%3D",
         {"X-M2M-RI: 1", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\",\"fc\":{\"atr\":[{\"nm\":\"cr\",\"val\":\"Sam\"},{\"nm\":"
         "\"cr\",\"val\":"
         "\"Max\"}],\"catr\":[{\"nm\":\"lbl\",\"val\":\"x\"}],\"patr\":[{\"nm\":\"cr\",\"val\":\"y=\"}]}}"},
        {"GET",
         "/a?rt=2",
         {"X-M2M-RI: 1", "X-M2M-RTU: http://a/b&http://c", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\",\"rt\":{\"rtv\":2,\"nu\":[\"http://a/b\",\"http://c\"]}}"},
        {"GET",
         "/a?lbl=%EA%B0%80",
         {"X-M2M-RI: 1", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\",\"fc\":{\"lbl\":[\"\xea\xb0\x80\"]}}"},
        {"GET",
         "/a",
         {"X-M2M-RI: 1", "Authorization: aa.bb.cc+dd.ee.ff", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\",\"tkns\":[\"aa.bb.cc\",\"dd.ee.ff\"]}"},
        {"GET",
         "/a",
         {"X-M2M-RI: 1", "Authorization: Bearer aa.bb.cc", "X-M2M-XYZ: 1", "X-M2M-RSC: 2000", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\"}"},
        {"GET",
         "/a",
         {"X-M2M-RI: 1", "Accept: text/html, application/*;q=0.1", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\"}"},
        {"GET", "/a", {"X-M2M-RI: 1", "Accept:", NULL}, "", 0, "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\"}"},
        {"GET",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: text/plain", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\"}"},

        {"GET", "/a", {"X-M2M-Origin: C", NULL}, "", RSC_BAD_REQUEST, "X-M2M-RI"},
        {"GET", "/a", {"X-M2M-RI:", NULL}, "", RSC_BAD_REQUEST, "X-M2M-RI"},
        {"GET", "/a", {"X-M2M-RI: 1", "X-M2M-RI: 2", NULL}, "", RSC_BAD_REQUEST, "twice"},
        {"GET", "/a", {"X-M2M-RI: \xff", NULL}, "", RSC_BAD_REQUEST, "UTF-8"},
        {"PATCH", "/a", {"X-M2M-RI: 1", NULL}, "", RSC_OPERATION_NOT_ALLOWED, "PATCH"},
        {"get", "/a", {"X-M2M-RI: 1", NULL}, "", RSC_OPERATION_NOT_ALLOWED, "get"},
        {"GET", "/a%2Fb", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "'/'"},
        {"GET", "/a%00b", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "escape"},
        {"GET", "/a%", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "escape"},
        {"GET", "/a%4", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "escape"},
        {"GET", "/a%zz", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "escape"},
        {"GET", "/a%FF", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "UTF-8"},
        {"GET", "/a?lbl=%ED%A0%80", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "UTF-8"},
        {"GET", "/a?rcn=1&rcn=1", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "rcn twice"},
        {"GET",
         "/a?crb=20260101T000000&crb=20260101T000000",
         {"X-M2M-RI: 1", NULL},
         "",
         RSC_BAD_REQUEST,
         "crb twice"},
        {"GET", "/a?rcn=x", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "rcn"},
        {"GET", "/a?rcn=", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "rcn"},
        {"GET", "/a?rcn", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "rcn"},
        {"GET", "/a?ty=2+x", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "ty"},
        {"GET", "/a?lbl=a++b", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "lbl"},
        {"GET", "/a?lbl=a+", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "lbl"},
        {"GET", "/a?1x=y", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "1x"},
        {"GET", "/a?c.=y", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "key"},
        {"GET", "/a?a%20b=y", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "a b"},
        {"GET", "/a?=y", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "key"},
        {"GET", "/a?atr=y", {"X-M2M-RI: 1", NULL}, "", RSC_BAD_REQUEST, "atr"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: text/plain;ty=3", NULL},
         "{}",
         RSC_UNSUPPORTED_MEDIA_TYPE,
         "text/plain"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/xml; ty=3", NULL},
         "<m2m:cnt xmlns:m2m=\"http://www.onem2m.org/xml/protocols\" rn=\"b\"><mni>5</mni></m2m:cnt>",
         0,
         "{\"op\":1,\"to\":\"a\",\"rqi\":\"1\",\"ty\":3,\"pc\":{\"m2m:cnt\":{\"rn\":\"b\",\"mni\":5}}}"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/vnd.onem2m-res+cbor;ty=3", NULL},
         "\xa1\x67m2m:cnt\xa1\x63mni\x05",
         0,
         "{\"op\":1,\"to\":\"a\",\"rqi\":\"1\",\"ty\":3,\"pc\":{\"m2m:cnt\":{\"mni\":5}}}"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/xml", NULL},
         "<a>",
         RSC_BAD_REQUEST,
         "line 1"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/xml", NULL},
         "{}",
         RSC_BAD_REQUEST,
         "line 1"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/cbor", NULL},
         "{}",
         RSC_BAD_REQUEST,
         "byte 0"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/cbor", NULL},
         "\x01",
         RSC_BAD_REQUEST,
         "one member"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/xml; charset=latin1", NULL},
         "<a/>",
         RSC_UNSUPPORTED_MEDIA_TYPE,
         "UTF-8"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/json; charset=utf-16", NULL},
         "{}",
         RSC_UNSUPPORTED_MEDIA_TYPE,
         "UTF-8"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/json;ty=x", NULL},
         "{}",
         RSC_BAD_REQUEST,
         "ty"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/json;ty=3;ty=4", NULL},
         "{}",
         RSC_BAD_REQUEST,
         "ty"},
        {"POST",
         "/a",
         {"X-M2M-RI: 1", "Content-Type: application/json;ty=4294967300000000000000", NULL},
         "{}",
         RSC_BAD_REQUEST,
         "ty"},
        {"POST", "/a", {"X-M2M-RI: 1", "Content-Type: json", NULL}, "{}", RSC_BAD_REQUEST, "Content-Type"},
        {"POST", "/a", {"X-M2M-RI: 1", NULL}, "{}", RSC_BAD_REQUEST, "one member"},
        {"POST", "/a", {"X-M2M-RI: 1", NULL}, "{\"a\":1,\"b\":2}", RSC_BAD_REQUEST, "one member"},
        {"POST", "/a", {"X-M2M-RI: 1", NULL}, "[1]", RSC_BAD_REQUEST, "one member"},
        {"POST", "/a", {"X-M2M-RI: 1", NULL}, "3", RSC_BAD_REQUEST, "one member"},
        {"POST", "/a", {"X-M2M-RI: 1", NULL}, "{\"a\":1}x", RSC_BAD_REQUEST, "line 1"},
        {"POST", "/a", {"X-M2M-RI: 1", NULL}, "{\"a\":", RSC_BAD_REQUEST, "line 1"},
        {"GET", "/a?atrl=ri", {"X-M2M-RI: 1", NULL}, "{\"m2m:atrl\":[\"ri\"]}", RSC_BAD_REQUEST, "atrl"},
        {"GET", "/a", {"X-M2M-RI: 1", "Accept: text/xml", NULL}, "", RSC_NOT_ACCEPTABLE, "Accept"},
        {"GET",
         "/a",
         {"X-M2M-RI: 1", "Accept: application/xml", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\"}"},
        {"GET",
         "/a",
         {"X-M2M-RI: 1", "Accept: application/json;q=0, */*", NULL},
         "",
         0,
         "{\"op\":2,\"to\":\"a\",\"rqi\":\"1\"}"},
        {"GET",
         "/a",
         {"X-M2M-RI: 1", "Accept: application/json; q=0.000", NULL},
         "",
         RSC_NOT_ACCEPTABLE,
         "Accept"},
        {"GET", "/a", {"X-M2M-RI: 1", "X-M2M-RET: soon", NULL}, "", RSC_BAD_REQUEST, "rqet"},
        {"GET", "/a", {"X-M2M-RI: 1", "X-M2M-EC: x", NULL}, "", RSC_BAD_REQUEST, "ec"},
};

static int read_request(struct arena *arena, const struct request_row *row, struct why *why,
                        struct prim *prim)
{
	struct wire_http_header headers[MAX_HEADERS];
	struct wire_http_request message = {slice_of(row->method), slice_of(row->target), slice_of(row->body),
	                                    headers, 0};

	message.header_count = headers_of(row->headers, headers);
	return wire_http_read(arena, &message, why, prim);
}

UNIT(requests_are_read)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		const struct request_row *row = &requests[i];
		struct why why = {0};
		struct arena arena;
		struct prim prim;
		struct buf text;
		int r;

		arena_init(&arena);
		buf_init(&text, &arena);
		r = read_request(&arena, row, &why, &prim);
		if (r != row->result)
			print_error("request %zu: %d %s\n", i, r, why.text);
		assert_int_equal(r, row->result);
		if (r == 0) {
			json_write(&text, prim_write(&prim, &arena));
			assert_slice(buf_slice(&text), row->primitive);
		} else {
			assert_int_equal(why.rsc, r);
			if (!strstr(why.text, row->primitive))
				print_error("request %zu: %s\n", i, why.text);
			assert_non_null(strstr(why.text, row->primitive));
		}
		arena_finish(&arena);
	}
}

/* A refusal still knows whose request it was. */
UNIT(refusals_keep_the_identifier)
{
	static const struct request_row row = {
	        "PATCH", "/%", {"X-M2M-EC: x", "X-M2M-RVI: 3", "X-M2M-RI: 77", NULL}, "", 0, NULL};
	struct why why = {0};
	struct arena arena;
	struct prim prim;

	arena_init(&arena);
	assert_int_equal(read_request(&arena, &row, &why, &prim), RSC_BAD_REQUEST);
	assert_slice(prim_text(&prim, PRIM_rqi), "77");
	assert_slice(prim_text(&prim, PRIM_rvi), "3");
	assert_non_null(strstr(why.text, "ec"));
	arena_finish(&arena);
}

/* A value that the row's kind allows, and what it is as JSON. */
static const struct {
	const char *text, *json;
} samples[] = {
        [PRIM_TEXT] = {"some text", "\"some text\""},
        [PRIM_INT] = {"7", "7"},
        [PRIM_BOOL] = {"true", "true"},
        [PRIM_TIME] = {"20260102T030405", "\"20260102T030405\""},
        [PRIM_LIST] = {"a", "[\"a\"]"},
        [PRIM_INTS] = {"5", "[5]"},
        [PRIM_OBJECT] = {"a:b", "{\"ltia\":[{\"lti\":\"a\",\"tkid\":\"b\"}]}"},
};

static void check_row(const struct prim_row *row, const struct prim *prim, struct arena *arena)
{
	struct buf text;

	buf_init(&text, arena);
	assert_non_null(prim->at[row->id]);
	json_write(&text, prim->at[row->id]);
	assert_slice(buf_slice(&text), samples[row->how].json);
}

UNIT(every_row_with_a_header_is_read)
{
	for (int i = 0; i < PRIM_COUNT; i++) {
		const struct prim_row *row = &prim_rows[i];
		struct wire_http_header headers[2] = {
		        {SLICE("X-M2M-RI"), SLICE("1")},
		        {slice_of(row->header), slice_of(samples[row->how].text)}};
		struct wire_http_request message = {SLICE("GET"), SLICE("/a"), SLICE(""), headers, 2};
		struct arena arena;
		struct why why;
		struct prim prim;

		if (!row->header[0] || i == PRIM_rqi || i == PRIM_rsc)
			continue;
		arena_init(&arena);
		if (row->direction & PRIM_REQ) {
			assert_int_equal(wire_http_read(&arena, &message, &why, &prim), 0);
			check_row(row, &prim, &arena);
		}
		if (row->direction & PRIM_RSP) {
			assert_int_equal(
			        wire_http_read_reply(&arena, 200, headers, 2, SLICE(""), &why, &prim), 0);
			check_row(row, &prim, &arena);
		}
		arena_finish(&arena);
	}
}

UNIT(every_row_with_a_query_key_is_read)
{
	for (int i = 0; i < PRIM_COUNT; i++) {
		const struct prim_row *row = &prim_rows[i];
		struct wire_http_header headers[1] = {{SLICE("X-M2M-RI"), SLICE("1")}};
		struct wire_http_request message = {SLICE("GET"), SLICE(""), SLICE(""), headers, 1};
		struct arena arena;
		struct why why;
		struct prim prim;

		if (!row->query[0])
			continue;
		arena_init(&arena);
		message.target = arena_printf(&arena, "/a?%s=%s", row->query, samples[row->how].text);
		assert_int_equal(wire_http_read(&arena, &message, &why, &prim), 0);
		check_row(row, &prim, &arena);
		arena_finish(&arena);
	}
}

UNIT(every_filter_is_read)
{
	const struct filter_row *row;
	size_t at = 0;

	while ((row = filter_row_next(&at))) {
		struct wire_http_header headers[1] = {{SLICE("X-M2M-RI"), SLICE("1")}};
		struct wire_http_request message = {SLICE("GET"), SLICE(""), SLICE(""), headers, 1};
		const char *value = row->how == PRIM_TEXT ? "text" : samples[row->how].text;
		struct arena arena;
		struct why why;
		struct prim prim;

		arena_init(&arena);
		message.target = arena_printf(&arena, "/a?%s=%s", row->sn, value);
		assert_int_equal(wire_http_read(&arena, &message, &why, &prim),
		                 row->how == PRIM_OBJECT ? RSC_BAD_REQUEST : 0);
		if (row->how != PRIM_OBJECT)
			assert_non_null(val_get(prim.at[PRIM_fc], slice_of(row->sn)));
		arena_finish(&arena);
	}
}

static const struct response_row {
	const char *primitive;
	int status;
	const char *headers, *body;
} responses[] = {
        {"{\"rsc\":2000,\"rqi\":\"1\",\"rvi\":\"3\",\"pc\":{\"m2m:cnt\":{\"ri\":\"x\"}}}", 200,
         "X-M2M-RI: 1\r\nX-M2M-RVI: 3\r\nX-M2M-RSC: 2000\r\nContent-Type: application/json\r\n",
         "{\"m2m:cnt\":{\"ri\":\"x\"}}"},
        {"{\"rsc\":2001,\"rqi\":\"1\",\"pc\":{\"m2m:cnt\":{\"ri\":\"x1\"}}}", 201,
         "X-M2M-RI: 1\r\nX-M2M-RSC: 2001\r\nContent-Location: x1\r\nContent-Type: application/json\r\n",
         "{\"m2m:cnt\":{\"ri\":\"x1\"}}"},
        {"{\"rsc\":2001,\"rqi\":\"1\",\"pc\":{\"m2m:uri\":\"cse-in/a\"}}", 201,
         "X-M2M-RI: 1\r\nX-M2M-RSC: 2001\r\nContent-Location: cse-in/a\r\nContent-Type: application/json\r\n",
         "{\"m2m:uri\":\"cse-in/a\"}"},
        {"{\"rsc\":2001,\"rqi\":\"1\",\"pc\":{\"m2m:rce\":{\"uri\":\"cse-in/a\",\"m2m:cnt\":{}}}}", 201,
         "X-M2M-RI: 1\r\nX-M2M-RSC: 2001\r\nContent-Location: cse-in/a\r\nContent-Type: application/json\r\n",
         "{\"m2m:rce\":{\"uri\":\"cse-in/a\",\"m2m:cnt\":{}}}"},
        {"{\"rsc\":2001,\"rqi\":\"1\"}", 201, "X-M2M-RI: 1\r\nX-M2M-RSC: 2001\r\n", ""},
        {"{\"rsc\":2002,\"rqi\":\"1\",\"pc\":{}}", 200, "X-M2M-RI: 1\r\nX-M2M-RSC: 2002\r\n", ""},
        {"{\"rsc\":4004,\"rqi\":\"a\\r\\nX-Evil: 1\",\"pc\":{\"m2m:dbg\":\"no\"}}", 404,
         "X-M2M-RI: a??X-Evil: 1\r\nX-M2M-RSC: 4004\r\nContent-Type: application/json\r\n",
         "{\"m2m:dbg\":\"no\"}"},
        {"{\"rsc\":2000,\"rqi\":\"1\",\"cnst\":1,\"cnot\":10,\"ot\":\"20260101T000000\"}", 200,
         "X-M2M-RI: 1\r\nX-M2M-OT: 20260101T000000\r\nX-M2M-RSC: 2000\r\nX-M2M-CTS: 1\r\nX-M2M-CTO: 10\r\n",
         ""},
        {"{\"rsc\":4103,\"rqi\":\"1\",\"pc\":{\"m2m:dbg\":\"x\"},\"tqf\":{\"a\":1}}", 403,
         "X-M2M-RI: 1\r\nX-M2M-RSC: 4103\r\nContent-Type: application/json\r\n", "{\"m2m:tqf\":{\"a\":1}}"},
        {"{\"rsc\":2000,\"rqi\":\"1\",\"ati\":{\"ltia\":[{\"lti\":\"a\",\"tkid\":\"b\"},{\"lti\":\"c\","
         "\"tkid\":\"d\"}]}}",
         200, "X-M2M-RI: 1\r\nX-M2M-RSC: 2000\r\nX-M2M-ATI: a:b + c:d\r\n", ""},
        {"{\"rsc\":9999,\"rqi\":\"1\"}", 500, "X-M2M-RI: 1\r\nX-M2M-RSC: 9999\r\n", ""},
};

static void prim_of(struct arena *arena, const char *json, enum prim_direction direction, struct prim *prim)
{
	struct val *v;

	assert_int_equal(json_read(arena, slice_of(json), NULL, NULL, &v), 0);
	assert_int_equal(prim_read(prim, arena, v, direction, NULL), 0);
}

UNIT(responses_are_written)
{
	for (size_t i = 0; i < sizeof(responses) / sizeof(*responses); i++) {
		struct arena arena;
		struct prim prim;
		struct buf headers, body;

		arena_init(&arena);
		buf_init(&headers, &arena);
		buf_init(&body, &arena);
		prim_of(&arena, responses[i].primitive, PRIM_RSP, &prim);
		assert_int_equal(wire_http_write(NULL, &prim, &headers, &body), responses[i].status);
		assert_slice(buf_slice(&headers), responses[i].headers);
		assert_slice(buf_slice(&body), responses[i].body);
		arena_finish(&arena);
	}
}

/* The engine gives whole resources as text. */
UNIT(the_location_is_found_in_text)
{
	static const struct {
		const char *json, *location;
	} rows[] = {
	        {"{\"rn\":\"a\",\"ri\":\"cnt-1\",\"x\":1}", "Content-Location: cnt-1\r\n"},
	        {"{\"x\":\"\\\"ri\\\":\\\"\",\"y\":{\"ri\":\"no\"},\"z\":[{\"ri\":\"no\"}],\"ri\":\"yes\"}",
	         "Content-Location: yes\r\n"},
	        {"{\"x\":{\"ri\":\"no\"}}", ""},
	        {"{}", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena arena;
		struct prim prim = {0};
		struct buf headers, body;
		char want[128];

		arena_init(&arena);
		buf_init(&headers, &arena);
		buf_init(&body, &arena);
		prim.at[PRIM_rsc] = val_int(&arena, 2001);
		prim.at[PRIM_pc] = val_obj(&arena);
		val_put(prim.at[PRIM_pc], SLICE("m2m:cnt"), val_json(&arena, slice_of(rows[i].json)));
		assert_int_equal(wire_http_write(NULL, &prim, &headers, &body), 201);
		snprintf(want, sizeof(want), "X-M2M-RSC: 2001\r\n%sContent-Type: application/json\r\n",
		         rows[i].location);
		assert_slice(buf_slice(&headers), want);
		arena_finish(&arena);
	}
}

UNIT(the_answer_has_the_type_that_is_liked)
{
	static const struct {
		const char *accept, *sent, *type;
	} rows[] = {
	        {"*/*", NULL, "application/json"},
	        {"application/vnd.onem2m-res+json", NULL, "application/vnd.onem2m-res+json"},
	        {"application/vnd.onem2m-res+json, application/json", NULL, "application/json"},
	        {"application/json;q=0.5, application/vnd.onem2m-res+json;q=0.6", NULL,
	         "application/vnd.onem2m-res+json"},
	        {"application/*;q=0.5,application/vnd.onem2m-res+json", NULL,
	         "application/vnd.onem2m-res+json"},
	        {"", NULL, "application/json"},
	        {NULL, NULL, "application/json"},
	        {NULL, "application/json;ty=3", "application/json"},
	        {NULL, "application/cbor;ty=3", "application/cbor"},
	        {NULL, "Application/Vnd.oneM2M-res+XML; ty=3", "application/xml"},
	        {NULL, "text/plain", "application/json"},
	        {NULL, "?", "application/json"},
	        {"*/*", "application/cbor;ty=3", "application/cbor"},
	        {"application/*", "application/xml", "application/xml"},
	        {"application/json", "application/xml", "application/json"},
	        {"application/json;q=0.9, application/cbor", NULL, "application/cbor"},
	        {"application/json, application/cbor", "application/cbor", "application/cbor"},
	        {"application/json, application/cbor", NULL, "application/json"},
	        {"application/xml;q=0.2, application/cbor;q=0.1, */*;q=0", NULL, "application/xml"},
	        {"application/json;q=0, */*;q=0.1", NULL, "application/vnd.onem2m-res+json"},
	        {"text/html, application/vnd.onem2m-ntfy+xml", NULL, "application/xml"},
	        {"text/html", "application/cbor", "application/json"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct wire_http_header headers[2];
		struct wire_http_request message = {.headers = headers};

		if (rows[i].accept)
			headers[message.header_count++] =
			        (struct wire_http_header){SLICE("ACCEPT"), slice_of(rows[i].accept)};
		if (rows[i].sent)
			headers[message.header_count++] =
			        (struct wire_http_header){SLICE("content-type"), slice_of(rows[i].sent)};
		assert_slice(wire_http_answer_type(&message), rows[i].type);
	}
}

UNIT(answers_have_the_encoding_of_their_type)
{
	static const struct {
		const char *type, *body;
	} rows[] = {
	        {"application/json", "{\"m2m:cnt\":{\"rn\":\"a\"}}"},
	        {"application/vnd.onem2m-res+json", "{\"m2m:cnt\":{\"rn\":\"a\"}}"},
	        {"application/cbor", "\xa1\x67m2m:cnt\xa1\x62rn\x61"
	                             "a"},
	        {"application/vnd.onem2m-res+xml",
	         "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	         "<m2m:cnt xmlns:m2m=\"http://www.onem2m.org/xml/protocols\" rn=\"a\"/>"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena arena;
		struct prim prim;
		struct buf headers, body;
		char want[100];

		arena_init(&arena);
		buf_init(&headers, &arena);
		buf_init(&body, &arena);
		prim_of(&arena, "{\"rsc\":2000,\"pc\":{\"m2m:cnt\":{\"rn\":\"a\"}}}", PRIM_RSP, &prim);
		assert_int_equal(wire_http_write_as(NULL, &prim, slice_of(rows[i].type), &headers, &body),
		                 200);
		snprintf(want, sizeof(want), "X-M2M-RSC: 2000\r\nContent-Type: %s\r\n", rows[i].type);
		assert_slice(buf_slice(&headers), want);
		assert_slice(buf_slice(&body), rows[i].body);
		arena_finish(&arena);
	}
}

static const struct sent_row {
	const char *primitive, *base, *method, *url, *headers, *body;
} sents[] = {
        {"{\"op\":5,\"to\":\"http://a:1/n\",\"fr\":\"/"
         "id-in\",\"rqi\":\"1\",\"rvi\":\"3\",\"pc\":{\"m2m:sgn\":{}}}",
         "http://a:1/n", "POST", "http://a:1/n",
         "X-M2M-Origin: /id-in|X-M2M-RI: 1|X-M2M-RVI: 3|Accept: application/json|Content-Type: "
         "application/json|",
         "{\"m2m:sgn\":{}}"},
        {"{\"op\":5,\"to\":\"Cae\",\"fr\":\"/id-in\",\"rqi\":\"1\",\"pc\":{\"m2m:sgn\":{}}}", "http://a:1",
         "POST", "http://a:1",
         "X-M2M-Origin: /id-in|X-M2M-RI: 1|Accept: application/json|Content-Type: application/json|",
         "{\"m2m:sgn\":{}}"},
        {"{\"op\":5,\"to\":\"/id-in/Cae\",\"fr\":\"/id-in\",\"rqi\":\"1\",\"pc\":{\"m2m:sgn\":{}}}",
         "http://a:1", "POST", "http://a:1/~/id-in/Cae",
         "X-M2M-Origin: /id-in|X-M2M-RI: 1|Accept: application/json|Content-Type: application/json|",
         "{\"m2m:sgn\":{}}"},
        {"{\"op\":1,\"to\":\"/id-b/x "
         "y\",\"fr\":\"C\",\"rqi\":\"1\",\"ty\":4,\"pc\":{\"m2m:cin\":{\"con\":\"\"}},\"rcn\":0}",
         "http://a:1/root/", "POST", "http://a:1/root/~/id-b/x%20y?rcn=0",
         "X-M2M-Origin: C|X-M2M-RI: 1|Accept: application/json|Content-Type: application/json;ty=4|",
         "{\"m2m:cin\":{\"con\":\"\"}}"},
        {"{\"op\":2,\"to\":\"//sp/id-b/"
         "x\",\"fr\":\"C\",\"rqi\":\"1\",\"pc\":{\"m2m:atrl\":[\"ri\",\"lbl\"]},\"rt\":{\"rtv\":2,"
         "\"nu\":[\"http://x\",\"http://y\"]},\"fc\":{\"lbl\":[\"a "
         "b\",\"c+d\"],\"fu\":1,\"atr\":[{\"nm\":\"cr\",\"val\":\"x\"}],"
         "\"catr\":{\"nm\":\"lbl\",\"val\":\"y\"}},\"da\":true}",
         "http://a", "GET", "http://a/_/sp/id-b/x?rt=2&da=true&lbl=a%20b+c%2Bd&fu=1&cr=x&c.lbl=y&atrl=ri+lbl",
         "X-M2M-Origin: C|X-M2M-RI: 1|X-M2M-RTU: http://x&http://y|Accept: application/json|", ""},
        {"{\"op\":5,\"to\":\"http://a/"
         "n?ct=cbor\",\"fr\":\"C\",\"rqi\":\"1\",\"pc\":{\"m2m:sgn\":{\"vrq\":true}}}",
         "http://a/n?ct=cbor", "POST", "http://a/n",
         "X-M2M-Origin: C|X-M2M-RI: 1|Accept: application/cbor|Content-Type: application/cbor|",
         "\xa1\x67m2m:sgn\xa1\x63vrq\xf5"},
        {"{\"op\":5,\"to\":\"\",\"fr\":\"C\",\"rqi\":\"1\",\"pc\":{\"m2m:sgn\":{}}}",
         "http://a/n?x=1&ct=application/vnd.onem2m-ntfy%2Bxml&y=ct", "POST", "http://a/n?x=1&y=ct",
         "X-M2M-Origin: C|X-M2M-RI: 1|Accept: application/xml|Content-Type: application/vnd.onem2m-ntfy+xml|",
         "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<m2m:sgn xmlns:m2m=\"http://www.onem2m.org/xml/protocols\"/>"},
        {"{\"op\":5,\"to\":\"\",\"fr\":\"C\",\"rqi\":\"1\",\"pc\":{\"m2m:sgn\":{}}}", "http://a/n?ct=yaml",
         "POST", "http://a/n?ct=yaml",
         "X-M2M-Origin: C|X-M2M-RI: 1|Accept: application/json|Content-Type: application/json|",
         "{\"m2m:sgn\":{}}"},
        {"{\"op\":2,\"to\":\"/id-b/x\",\"fr\":\"C\",\"rqi\":\"1\",\"tkns\":[\"a.b.c\",\"d.e.f\"]}",
         "http://a", "GET", "http://a/~/id-b/x",
         "X-M2M-Origin: C|X-M2M-RI: 1|Authorization: a.b.c+d.e.f|Accept: application/json|", ""},
        {"{\"op\":4,\"to\":\"x\",\"fr\":\"C\\nX-Evil: 1\",\"rqi\":\"1\"}", "http://a", "DELETE", "http://a/x",
         "X-M2M-Origin: C?X-Evil: 1|X-M2M-RI: 1|Accept: application/json|", ""},
};

UNIT(requests_are_written)
{
	for (size_t i = 0; i < sizeof(sents) / sizeof(*sents); i++) {
		struct arena arena;
		struct prim prim;
		struct buf headers, body;
		struct slice url;

		arena_init(&arena);
		buf_init(&headers, &arena);
		buf_init(&body, &arena);
		prim_of(&arena, sents[i].primitive, PRIM_REQ, &prim);
		assert_string_equal(wire_http_write_request(&prim, slice_of(sents[i].base), &arena, &headers,
		                                            &body, &url),
		                    sents[i].method);
		for (size_t j = 0; j < headers.len; j++)
			if (headers.ptr[j] == 0)
				headers.ptr[j] = '|';
		assert_slice(url, sents[i].url);
		assert_slice(buf_slice(&headers), sents[i].headers);
		assert_slice(buf_slice(&body), sents[i].body);
		arena_finish(&arena);
	}
}

static const struct reply_row {
	int status;
	const char *headers[MAX_HEADERS];
	const char *body;
	int result;
	const char *primitive;
} replies[] = {
        {200, {"X-M2M-RSC: 2000", "X-M2M-RI: 1", NULL}, "", 0, "{\"rqi\":\"1\",\"rsc\":2000}"},
        {200, {"X-M2M-RSC: 2000", NULL}, "{\"m2m:cnt\":{}}", 0, "{\"pc\":{\"m2m:cnt\":{}},\"rsc\":2000}"},
        {404,
         {"X-M2M-RSC: 4004", "Content-Type: application/json", NULL},
         "{\"m2m:dbg\":\"x\"}",
         0,
         "{\"pc\":{\"m2m:dbg\":\"x\"},\"rsc\":4004}"},
        {200,
         {"X-M2M-RSC: 2000", "Content-Type: application/cbor", NULL},
         "\xa1\x67m2m:cnt\xa1\x62rn\x61"
         "a",
         0,
         "{\"pc\":{\"m2m:cnt\":{\"rn\":\"a\"}},\"rsc\":2000}"},
        {200,
         {"X-M2M-RSC: 2000", "Content-Type: application/vnd.onem2m-res+xml", NULL},
         "<m2m:cnt xmlns:m2m='http://www.onem2m.org/xml/protocols' rn='a'/>",
         0,
         "{\"pc\":{\"m2m:cnt\":{\"rn\":\"a\"}},\"rsc\":2000}"},
        {200, {"X-M2M-RSC: 2000", "Content-Type: application/xml", NULL}, "<html>", RSC_BAD_REQUEST, ""},
        {200, {"Content-Type: application/xml", NULL}, "<html>", 0, "{\"rsc\":2000}"},
        {200, {NULL}, "", 0, "{\"rsc\":2000}"},
        {204, {"Content-Type: text/html", NULL}, "<html>", 0, "{\"rsc\":2000}"},
        {200, {"Content-Type: application/json", NULL}, "{\"ok\":", 0, "{\"rsc\":2000}"},
        {200, {"Content-Type: application/json", NULL}, "{\"ok\":1}", 0, "{\"pc\":{\"ok\":1},\"rsc\":2000}"},
        {403, {NULL}, "no", 0, "{\"rsc\":4103}"},
        {404, {NULL}, "no", 0, "{\"rsc\":4004}"},
        {418, {NULL}, "", 0, "{\"rsc\":4000}"},
        {301, {NULL}, "", 0, "{\"rsc\":5103}"},
        {503, {NULL}, "", 0, "{\"rsc\":5103}"},
        {599, {NULL}, "", 0, "{\"rsc\":5000}"},
        {200, {"X-M2M-RSC: 2000", NULL}, "rubbish", RSC_BAD_REQUEST, ""},
        {200, {"X-M2M-RSC: ok", NULL}, "", RSC_BAD_REQUEST, ""},
        {200, {"X-M2M-RSC: 2000", "X-M2M-RSC: 2001", NULL}, "", RSC_BAD_REQUEST, ""},
};

UNIT(replies_are_read)
{
	for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		struct wire_http_header headers[MAX_HEADERS];
		size_t count = headers_of(replies[i].headers, headers);
		struct arena arena;
		struct why why;
		struct prim prim;
		struct buf text;

		arena_init(&arena);
		buf_init(&text, &arena);
		assert_int_equal(wire_http_read_reply(&arena, replies[i].status, headers, count,
		                                      slice_of(replies[i].body), &why, &prim),
		                 replies[i].result);
		if (replies[i].result == 0) {
			json_write(&text, prim_write(&prim, &arena));
			assert_slice(buf_slice(&text), replies[i].primitive);
		}
		arena_finish(&arena);
	}
}

int main(void)
{
	type_init();
	const struct CMUnitTest tests[] = {
	        unit(requests_are_read),
	        unit(refusals_keep_the_identifier),
	        unit(every_row_with_a_header_is_read),
	        unit(every_row_with_a_query_key_is_read),
	        unit(every_filter_is_read),
	        unit(responses_are_written),
	        unit(the_location_is_found_in_text),
	        unit(the_answer_has_the_type_that_is_liked),
	        unit(answers_have_the_encoding_of_their_type),
	        unit(requests_are_written),
	        unit(replies_are_read),
	};

	return unit_main(tests);
}
