/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP messages as the lab reads them. */
#include "base/unit.h"

#include "lab/run/message.h"

static struct arena arena;

static enum message_state read_all(const char *text, bool eof, struct message *ret)
{
	return message_read(&arena, slice_of(text), eof, false, ret);
}

UNIT(message_reads_whole_ones)
{
	struct message m;

	assert_int_equal(
	        read_all("HTTP/1.1 200 OK\r\nX-M2M-RSC: 2000\r\nContent-Length: 2\r\n\r\nhixx", false, &m),
	        MESSAGE_WHOLE);
	assert_int_equal(message_status(&m), 200);
	assert_string_equal(message_header(&m, "x-m2m-rsc"), "2000");
	assert_slice(m.body, "hi");
	assert_int_equal(m.size, 57);
	assert_int_equal(read_all("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
	                          "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
	                          false, &m),
	                 MESSAGE_WHOLE);
	assert_slice(m.body, "abcde");
	assert_int_equal(read_all("POST /x HTTP/1.1\r\n\r\n", false, &m), MESSAGE_WHOLE);
	assert_int_equal(read_all("HTTP/1.1 200 OK\r\n\r\nto the end", true, &m), MESSAGE_WHOLE);
	assert_slice(m.body, "to the end");
	assert_true(m.closes);
}

UNIT(message_waits_for_more)
{
	static const char *const rows[] = {
	        "",
	        "HTTP",
	        "HTTP/1.1 200 OK\r\n",
	        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
	        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
	        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"};
	struct message m;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(read_all(rows[i], false, &m), MESSAGE_MORE);
	for (size_t i = 1; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(read_all(rows[i], true, &m), MESSAGE_BROKEN);
}

UNIT(message_refuses_broken_ones)
{
	static const char *const rows[] = {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
	                                   "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
	                                   "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
	                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"};
	struct message m;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(read_all(rows[i], false, &m), MESSAGE_BROKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(message_reads_whole_ones), unit(message_waits_for_more),
	                                   unit(message_refuses_broken_ones)};

	arena_init(&arena);
	int r = unit_main(tests);

	arena_finish(&arena);
	return r;
}
