/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP messages that are none, or two at once, or cut where it hurts. */
#include <stdio.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "story/hostile.h"

#define WHO        "X-M2M-Origin: CAdmin\r\nX-M2M-RI: r1\r\nX-M2M-RVI: 3\r\n"
#define HEAD       "Host: here\r\n" WHO
#define GET        "GET /cse-in/home HTTP/1.1\r\n" HEAD "\r\n"
#define POST       "POST /cse-in/home HTTP/1.1\r\n" HEAD "Content-Type: application/json;ty=3\r\n"
#define BODY       "{\"m2m:cnt\":{}}" /* 14 bytes */
#define T(literal) SLICE_INIT(literal)

static const struct {
	const char *name;
	struct slice bytes;
	int status;
} messages[] = {
        {"a TLS greeting", T("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), 400},
        {"bytes that are nothing", T("\x00\xff\x00\xff\r\n\r\n"), 400},
        {"a request of HTTP/0.9", T("GET /cse-in/home\r\n\r\n"), 400},
        {"HTTP/2's preface", T("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400},
        {"HTTP/9.9", T("GET /cse-in/home HTTP/9.9\r\n" HEAD "\r\n"), 505},
        {"http/1.1 in small letters", T("GET /cse-in/home http/1.1\r\n" HEAD "\r\n"), 400},
        {"no target", T("GET HTTP/1.1\r\n" HEAD "\r\n"), 400},
        {"two blanks", T("GET  /cse-in/home HTTP/1.1\r\n" HEAD "\r\n"), 400},
        {"a target without slash", T("GET cse-in/home HTTP/1.1\r\n" HEAD "\r\n"), 400},
        {"line feeds alone", T("GET /cse-in/home HTTP/1.1\nHost: here\n\n"), 400},
        {"no Host", T("GET /cse-in/home HTTP/1.1\r\n" WHO "\r\n"), 400},
        {"two Hosts", T("GET /cse-in/home HTTP/1.1\r\nHost: a\r\n" HEAD "\r\n"), 400},
        {"a header without colon", T("GET /cse-in/home HTTP/1.1\r\n" HEAD "nothing\r\n\r\n"), 400},
        {"a header without name", T("GET /cse-in/home HTTP/1.1\r\n" HEAD ": x\r\n\r\n"), 400},
        {"a blank before the colon", T("GET /cse-in/home HTTP/1.1\r\n" HEAD "A : x\r\n\r\n"), 400},
        {"a folded header", T("GET /cse-in/home HTTP/1.1\r\n" HEAD "A: x\r\n y\r\n\r\n"), 400},
        {"a NUL in a header", T("GET /cse-in/home HTTP/1.1\r\n" HEAD "A: x\0y\r\n\r\n"), 400},
        {"a CR in a header", T("GET /cse-in/home HTTP/1.1\r\n" HEAD "A: x\ry\r\n\r\n"), 400},
        {"X-M2M-Origin twice", T("GET /cse-in/home HTTP/1.1\r\n" HEAD "X-M2M-Origin: Ca\r\n\r\n"), 400},
        {"X-M2M-RI twice", T("GET /cse-in/home HTTP/1.1\r\n" HEAD "x-m2m-ri: r2\r\n\r\n"), 400},
        {"Content-Type twice",
         T(POST "Content-Type: application/json;ty=4\r\nContent-Length: 14\r\n\r\n" BODY), 400},
        {"ty twice",
         T("POST /cse-in/home HTTP/1.1\r\n" HEAD
           "Content-Type: application/json;ty=3;ty=4\r\nContent-Length: 14\r\n\r\n" BODY),
         400},
        {"another media type",
         T("POST /cse-in/home HTTP/1.1\r\n" HEAD
           "Content-Type: text/html;ty=3\r\nContent-Length: 14\r\n\r\n" BODY),
         415},
        {"another character set",
         T("POST /cse-in/home HTTP/1.1\r\n" HEAD
           "Content-Type: application/json;ty=3;charset=utf-16\r\nContent-Length: 14\r\n\r\n" BODY),
         415},
        {"a media type that is none",
         T("POST /cse-in/home HTTP/1.1\r\n" HEAD "Content-Type: ;ty=3\r\nContent-Length: 14\r\n\r\n" BODY),
         400},
        {"an answer nobody can send", T("GET /cse-in/home HTTP/1.1\r\n" HEAD "Accept: image/png\r\n\r\n"),
         406},
        {"Content-Length below zero", T(POST "Content-Length: -14\r\n\r\n" BODY), 400},
        {"Content-Length with a plus", T(POST "Content-Length: +14\r\n\r\n" BODY), 400},
        {"Content-Length in hexadecimal", T(POST "Content-Length: 0xe\r\n\r\n" BODY), 400},
        {"Content-Length empty", T(POST "Content-Length: \r\n\r\n" BODY), 400},
        {"Content-Length a word", T(POST "Content-Length: many\r\n\r\n" BODY), 400},
        {"Content-Length a list", T(POST "Content-Length: 14, 14\r\n\r\n" BODY), 400},
        {"Content-Length of 20 digits", T(POST "Content-Length: 99999999999999999999\r\n\r\n" BODY), 400},
        {"Content-Length of 2^64 + 14", T(POST "Content-Length: 18446744073709551630\r\n\r\n" BODY), 400},
        {"Content-Length of 2^63 - 1", T(POST "Content-Length: 9223372036854775807\r\n\r\n" BODY), 413},
        {"two Content-Lengths", T(POST "Content-Length: 14\r\nContent-Length: 5\r\n\r\n" BODY), 400},
        {"two Content-Lengths that agree", T(POST "Content-Length: 14\r\nContent-Length: 14\r\n\r\n" BODY),
         400},
        {"Content-Length too short", T(POST "Content-Length: 5\r\n\r\n" BODY), 400},
        {"Content-Length beside chunked",
         T(POST "Content-Length: 14\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n" BODY "\r\n0\r\n\r\n"), 400},
        {"chunked twice",
         T(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n" BODY "\r\n0\r\n\r\n"),
         400},
        {"another coding before chunked", T(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501},
        {"chunked in HTTP/1.0",
         T("POST /cse-in/home HTTP/1.0\r\n" HEAD "Content-Type: application/json;ty=3\r\n"
           "Transfer-Encoding: chunked\r\n\r\ne\r\n" BODY "\r\n0\r\n\r\n"),
         400},
        {"a chunk size that is none", T(POST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n" BODY), 400},
        {"a chunk size below zero", T(POST "Transfer-Encoding: chunked\r\n\r\n-e\r\n" BODY), 400},
        {"a chunk size of 16 digits", T(POST "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" BODY),
         400},
        {"a chunk of 4 GB", T(POST "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n" BODY), 413},
        {"a chunk longer than its size",
         T(POST "Transfer-Encoding: chunked\r\n\r\n5\r\n" BODY "\r\n0\r\n\r\n"), 400},
        {"an expectation nobody can meet", T(POST "Expect: the worst\r\nContent-Length: 14\r\n\r\n" BODY),
         417},
};

static const struct {
	const char *method;
	int status;
} methods[] = {
        {"PATCH", 405},  {"TRACE", 405}, {"FOO", 405},      {"get", 405},
        {"Get", 405},    {"G", 405},     {"PROPFIND", 405}, {"M-SEARCH", 405},
        {"X'OR'1", 405}, {"(GET)", 400}, {"GET\x01", 400},  {"AMETHODOFMORETHANTHIRTYTWOLETTERSINALL", 400},
};

static void message_methods(struct story *story)
{
	char title[80];

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		struct ask ask = {.method = methods[i].method};

		snprintf(title, sizeof(title), "the method %.*s", (int)strcspn(methods[i].method, "\x01"),
		         methods[i].method);
		hostile_refused(story, title, &ask, methods[i].status,
		                methods[i].status == 405 ? 4005 : 4000);
	}
	hostile_refused_raw(story, "the method CONNECT", SLICE("CONNECT here:80 HTTP/1.1\r\n" HEAD "\r\n"),
	                    400, 4000);
}

/* What was asked before the garbage is answered, then comes a refusal, then the end. */
static void message_garbage_behind(struct story *story)
{
	struct answer good = {0}, bad = {0};
	struct line line;
	bool ended;

	story_connect(story, &line);
	story_send(&line, SLICE(GET "\x01\x02garbage\r\n\r\n" GET));
	story_hear(story, &line, &good);
	story_hear(story, &line, &bad);
	ended = story_hear_end(&line, STORY_PATIENCE_US);
	story_check(story, good.status == 200 && story_is_refusal(&bad, 400, 4000),
	            "garbage behind a good request: the one is answered, the other refused");
	story_check(story, ended && line.in.len == 0 && story_is_well(story),
	            "and nothing behind the garbage is listened to");
	story_hang_up(&line);
	story_forget(story);
}

/* A body longer than announced: its rest is read as the next request, and refused as such. */
static void message_length_short(struct story *story)
{
	struct answer first = {0}, second = {0};
	struct line line;

	story_connect(story, &line);
	story_send(&line, SLICE(POST "Content-Length: 14\r\n\r\n" BODY "{\"m2m:cnt\":{}}\r\n\r\n"));
	story_hear(story, &line, &first);
	story_hear(story, &line, &second);
	story_check(story, first.rsc == 2001 && story_is_refusal(&second, 400, 4000) && story_is_well(story),
	            "what stands behind the body is no part of it");
	story_hang_up(&line);
	story_forget(story);
}

/* Announced but never sent: the end of the connection is the end of the request. */
static void message_length_long(struct story *story)
{
	int64_t before = story_metric(story, "dure_resources");
	struct answer answer = {0};
	struct line line;

	story_connect(story, &line);
	story_send(&line, SLICE(POST "Content-Length: 15\r\n\r\n" BODY));
	shutdown(line.fd, SHUT_WR);
	story_hear(story, &line, &answer);
	story_check(story, story_is_refusal(&answer, 400, 4000) && story_is_well(story),
	            "a body shorter than announced is refused at its end");
	story_hang_up(&line);
	story_check(story, story_metric(story, "dure_resources") == before, "and nothing was created");
	story_forget(story);
}

#define PIPELINED 1000

/* A thousand requests in one write; the answers come in order. */
static void message_pipelined(struct story *story, const char *name, bool create)
{
	struct line line;
	struct buf bytes;
	int right = 0;
	int64_t began;

	buf_init(&bytes, NULL);
	for (int i = 0; i < PIPELINED; i++) {
		char rqi[16], body[60];
		struct ask ask = {.method = "GET", .rqi = rqi};

		snprintf(rqi, sizeof(rqi), "p%d", i);
		snprintf(body, sizeof(body), "{\"m2m:cin\":{\"con\":%d}}", i);
		if (create)
			ask = (struct ask){
			        .path = "/cse-in/home/pipe", .rqi = rqi, .ty = 4, .body = slice_of(body)};
		story_write(&bytes, &ask);
	}
	story_connect(story, &line);
	began = clock_wall_steady();
	story_send(&line, buf_slice(&bytes));
	for (int i = 0; i < PIPELINED; i++) {
		struct answer answer;
		char rqi[16];

		snprintf(rqi, sizeof(rqi), "p%d", i);
		if (!story_hear(story, &line, &answer))
			break;
		right += answer.rsc == (create ? 2001 : 2000) && slice_is_text(answer.rqi, rqi);
	}
	if (right != PIPELINED)
		story_note("%d of %d are right", right, PIPELINED);
	story_check(story, right == PIPELINED && story_is_well(story), "%s", name);
	story_check(story, clock_wall_steady() - began < 3 * STORY_QUICK_US, "and none waits for a timer");
	story_hang_up(&line);
	buf_finish(&bytes);
	story_forget(story);
}

static void message_pipelines(struct story *story)
{
	struct ask ask = {.method = "GET", .path = "/cse-in/home/pipe"};
	struct answer answer;

	story_create(story, "/cse-in/home", 3, "{\"m2m:cnt\":{\"rn\":\"pipe\"}}");
	message_pipelined(story, "1,000 retrieves in one write are answered in order", false);
	message_pipelined(story, "1,000 creates in one write are answered in order", true);
	story_ask(story, &ask, &answer);
	story_check(story, story_has(answer.body, "\"cni\":1000,"), "and made 1,000 instances");
	ask.path = "/cse-in/home/pipe/la";
	story_ask(story, &ask, &answer);
	story_check(story, story_has(answer.body, "\"con\":999}"), "of which the last is the newest");
	story_forget(story);
}

#define SPLIT_AT_ONCE 16

/* The whole, cut before byte `from` and each of those behind it up to `to`: the first part of each on its own
 * connection, then a good request so that they are surely read, then the rest. How many were answered right.
 */
static size_t message_split_some(struct story *story, struct slice whole, size_t from, size_t to, int rsc)
{
	struct line lines[SPLIT_AT_ONCE];
	size_t right = 0;

	for (size_t i = from; i < to; i++) {
		story_connect(story, &lines[i - from]);
		story_send(&lines[i - from], slice_make(whole.ptr, i));
	}
	story_is_well(story);
	for (size_t i = from; i < to; i++) {
		struct answer answer;

		story_send(&lines[i - from], slice_skip(whole, i));
		right += story_hear(story, &lines[i - from], &answer) && answer.rsc == rsc;
		story_hang_up(&lines[i - from]);
	}
	return right;
}

static void message_split(struct story *story, const char *name, struct slice whole, int rsc)
{
	size_t right = 0;

	for (size_t from = 1; from < whole.len; from += SPLIT_AT_ONCE) {
		size_t to = from + SPLIT_AT_ONCE < whole.len ? from + SPLIT_AT_ONCE : whole.len;

		right += message_split_some(story, whole, from, to, rsc);
	}
	if (right != whole.len - 1)
		story_note("%zu of %zu are right", right, whole.len - 1);
	story_check(story, right == whole.len - 1 && story_is_well(story), "%s", name);
	story_forget(story);
}

/* One byte at a time. */
static void message_bytes(struct story *story)
{
	struct slice whole = SLICE(POST "Content-Length: 14\r\n\r\n" BODY);
	struct answer answer = {0};
	struct line line;

	story_connect(story, &line);
	for (size_t i = 0; i < whole.len; i++)
		story_send(&line, slice_make(whole.ptr + i, 1));
	story_hear(story, &line, &answer);
	story_check(story, answer.rsc == 2001 && story_is_well(story),
	            "a request sent byte by byte is understood");
	story_hang_up(&line);
	story_forget(story);
}

void hostile_message(struct story *story)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++)
		hostile_refused_raw(story, messages[i].name, messages[i].bytes, messages[i].status, 0);
	message_methods(story);
	message_garbage_behind(story);
	message_length_short(story);
	message_length_long(story);
	message_pipelines(story);
	message_split(story, "a retrieve split over two packets at every byte", SLICE(GET), 2000);
	message_split(story, "a create split over two packets at every byte",
	              SLICE(POST "Content-Length: 14\r\n\r\n" BODY), 2001);
	message_split(story, "a chunked create split over two packets at every byte",
	              SLICE(POST "Transfer-Encoding: "
	                         "chunked\r\n\r\n7;a=b\r\n{\"m2m:c\r\n7\r\nnt\":{}}\r\n0\r\nX: y\r\n\r\n"),
	              2001);
	message_bytes(story);
}
