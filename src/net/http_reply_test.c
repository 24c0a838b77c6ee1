/* SPDX-License-Identifier: Apache-2.0 */
/* Replies, whole and cut in two at every place. */
#include "base/unit.h"
#include "net/http_reply.h"

#define BODY_MAX 20

static const struct reply {
	const char *text;
	bool is_head, ends; /* ends: the other side closes behind it */
	int status;         /* 0: BAD */
	const char *body, *field;
	bool keep_alive;
} replies[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: \t y \r\n\r\nhello", false, false, 200, "hello", "y",
         true},
        {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", false, false, 200, "", NULL, true},
        {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", false, false, 200, "", NULL, true},
        {"HTTP/1.1 200 OK\nX:y\nContent-Length: 2\n\nhi", false, false, 200, "hi", "y", true},
        {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, false, 200, "hi", NULL, false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: Keep-Alive\r\n\r\nhi", false, false, 200, "hi",
         NULL, true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", false, false, 200, "hi", NULL,
         false},
        {"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", false, false, 204, "", "y", true},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n", false, false, 304, "", NULL, true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", true, false, 200, "", NULL, true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhe\r\n3;x\r\nllo\r\n0\r\nT: 1\r\n\r\n",
         false, false, 200, "hello", NULL, true},
        {"HTTP/1.1 200 OK\r\n\r\nhello", false, true, 200, "hello", NULL, false},
        {"HTTP/1.1 200 OK\r\n\r\n", false, true, 200, "", NULL, false},
        {"HTTP/1.1 100 Continue\r\nX: z\r\n\r\nHTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 201 Made\r\nX: "
         "y\r\nContent-Length: 1\r\n\r\n!",
         false, false, 201, "!", "y", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", false, false, 200, "hi", NULL,
         true},

        {"rubbish", false, true, 0, NULL, NULL, false},
        {"HTTP/2.0 200 OK\r\n\r\n", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 99 X\r\n\r\n", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 2000 X\r\n\r\n", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 abc X\r\n\r\n", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 101 Switching\r\n\r\n", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 200 OK\r\nX : y\r\n\r\n", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", false, true, 0, NULL, NULL,
         false},
        {"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false, true,
         0, NULL, NULL, false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 200 OK\r\nContent-Le", false, true, 0, NULL, NULL, false},
        {"", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n", false, false, 0, NULL, NULL, false},
        {"HTTP/1.1 200 OK\r\n\r\n123456789012345678901", false, true, 0, NULL, NULL, false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n", false, false, 0, NULL, NULL, false},
};

static enum http_outcome read_reply(struct http_reply_reader *reader, const struct reply *reply, size_t cut)
{
	struct slice text = slice_of(reply->text);
	enum http_outcome outcome = HTTP_MORE;

	http_reply_begin(reader);
	reader->is_head = reply->is_head;
	outcome = http_reply_feed(reader, slice_make(text.ptr, cut));
	if (outcome == HTTP_MORE)
		outcome = http_reply_feed(reader, slice_skip(text, cut));
	if (outcome == HTTP_MORE && reply->ends)
		outcome = http_reply_end(reader);
	return outcome;
}

UNIT(replies_are_read)
{
	struct http_reply_reader reader;

	http_reply_init(&reader, BODY_MAX);
	for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		for (size_t cut = 0; cut <= strlen(replies[i].text); cut++) {
			enum http_outcome outcome = read_reply(&reader, &replies[i], cut);
			const char *field = http_reply_field(&reader, "x");

			if (outcome != (replies[i].status ? HTTP_DONE : HTTP_BAD))
				print_error("reply %zu cut %zu: %d %s\n", i, cut, outcome, reader.error);
			assert_int_equal(outcome, replies[i].status ? HTTP_DONE : HTTP_BAD);
			if (outcome == HTTP_BAD) {
				assert_non_null(reader.error);
				continue;
			}
			assert_int_equal(reader.status, replies[i].status);
			assert_slice(buf_slice(&reader.body), replies[i].body);
			assert_int_equal(reader.keep_alive, replies[i].keep_alive);
			assert_int_equal(field != NULL, replies[i].field != NULL);
			if (field)
				assert_string_equal(field, replies[i].field);
		}
	}
	http_reply_finish(&reader);
}

UNIT(what_stands_behind_a_reply_spoils_the_connection)
{
	struct http_reply_reader reader;

	http_reply_init(&reader, BODY_MAX);
	http_reply_begin(&reader);
	assert_int_equal(
	        http_reply_feed(&reader, SLICE("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP")),
	        HTTP_DONE);
	assert_false(reader.keep_alive);
	http_reply_finish(&reader);
}

UNIT(heads_and_interims_are_bounded)
{
	struct http_reply_reader reader;
	enum http_outcome outcome = HTTP_MORE;
	size_t n = 0;

	http_reply_init(&reader, BODY_MAX);
	http_reply_begin(&reader);
	outcome = http_reply_feed(&reader, SLICE("HTTP/1.1 200 OK\r\n"));
	for (; outcome == HTTP_MORE && n < 100000; n++)
		outcome = http_reply_feed(&reader, SLICE("X: y\r\n"));
	assert_int_equal(outcome, HTTP_BAD);
	assert_true(n < 20000);
	http_reply_begin(&reader);
	for (n = 0, outcome = HTTP_MORE; outcome == HTTP_MORE && n < 100; n++)
		outcome = http_reply_feed(&reader, SLICE("HTTP/1.1 100 Continue\r\n\r\n"));
	assert_int_equal(outcome, HTTP_BAD);
	assert_true(n < 20);
	http_reply_finish(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(replies_are_read),
	                                   unit(what_stands_behind_a_reply_spoils_the_connection),
	                                   unit(heads_and_interims_are_bounded)};

	return unit_main(tests);
}
