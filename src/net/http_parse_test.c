/* SPDX-License-Identifier: Apache-2.0 */
/* Good and bad messages; each is read whole, and cut in two at every place, with the same outcome. */
#include "base/unit.h"
#include "net/http_parse.h"

#define H "Host: a\r\n"

static const struct good {
	const char *text, *method, *target;
	uint64_t length;
	bool chunked, keep_alive;
	size_t headers;
} goods[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", 0, false, true, 1},
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET", "/", 0, false, true, 1},
        {"GET /a?b=c%20d HTTP/1.1\r\nhost:a:8080\r\nX: \t y z \t\r\n\r\n", "GET", "/a?b=c%20d", 0, false,
         true, 2},
        {"GET / HTTP/1.0\r\n\r\n", "GET", "/", 0, false, false, 0},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET", "/", 0, false, true, 1},
        {"GET / HTTP/1.1\r\n" H "Connection: foo , CLOSE\r\n\r\n", "GET", "/", 0, false, false, 2},
        {"GET / HTTP/1.1\r\n" H "Connection: foo\r\nConnection: close\r\n\r\n", "GET", "/", 0, false, false,
         3},
        {"POST /x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n", "POST", "/x", 5, false, true, 2},
        {"POST /x HTTP/1.1\r\n" H "Content-Length: 0000000000000000005\r\n\r\n", "POST", "/x", 5, false, true,
         2},
        {"POST /x HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n", "POST", "/x", 0, true, true, 2},
        {"PROPFIND http://a.example:80/x?y HTTP/1.1\r\n" H "\r\n", "PROPFIND", "/x?y", 0, false, true, 1},
        {"GET HTTPS://a.example HTTP/1.1\r\n" H "\r\n", "GET", "/", 0, false, true, 1},
        {"GET http://a.example?x=/y HTTP/1.1\r\n" H "\r\n", "GET", "?x=/y", 0, false, true, 1},
        {"OPTIONS * HTTP/1.1\r\n" H "\r\n", "OPTIONS", "*", 0, false, true, 1},
        {"GET /~/id-in/{x}|^\"<> HTTP/1.1\r\n" H "\r\n", "GET", "/~/id-in/{x}|^\"<>", 0, false, true, 1},
        {"!#$%&'*+-.^_`|~aZ9 / HTTP/1.1\r\n" H "\r\n", "!#$%&'*+-.^_`|~aZ9", "/", 0, false, true, 1},
        {"GET / HTTP/1.1\r\n" H "X: \xea\xb0\x80\r\n\r\n", "GET", "/", 0, false, true, 2},
        {"GET / HTTP/1.1\r\n" H "X:\r\n\r\n", "GET", "/", 0, false, true, 2},
};

static const struct bad {
	const char *text;
	int status;
} bads[] = {
        {"\r\n", 400},
        {" GET / HTTP/1.1\r\n" H "\r\n", 400},
        {"\x16\x03\x01\x02", 400},
        {"GET  / HTTP/1.1\r\n" H "\r\n", 400},
        {"GET / \r\n" H "\r\n", 400},
        {"GET /\r\n" H "\r\n", 400},
        {"GET\r\n" H "\r\n", 400},
        {"GET / HTTP/1.1 \r\n" H "\r\n", 400},
        {"GET / x HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /\t HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /\x80 HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /\x7f HTTP/1.1\r\n" H "\r\n", 400},
        {"GET x HTTP/1.1\r\n" H "\r\n", 400},
        {"GET * HTTP/1.1\r\n" H "\r\n", 400},
        {"GET ftp://a/ HTTP/1.1\r\n" H "\r\n", 400},
        {"CONNECT a:80 HTTP/1.1\r\n" H "\r\n", 400},
        {"GET / http/1.1\r\n" H "\r\n", 400},
        {"GET / HTTP/1.x\r\n" H "\r\n", 400},
        {"GET / HTTP/11\r\n" H "\r\n", 400},
        {"GET / HTTP/2.0\r\n" H "\r\n", 505},
        {"GET / HTTP/1.2\r\n" H "\r\n", 505},
        {"GET / HTTP/0.9\r\n" H "\r\n", 505},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ / HTTP/1.1\r\n" H "\r\n", 400},
        {"G(T / HTTP/1.1\r\n" H "\r\n", 400},
        {"GET / HTTP/1.1\n" H "\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H "X : b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H " X: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H "\tX: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H ": b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H "X\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H "X\x80: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H "X: a\x01\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H "X: a\x7f\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H "HOST: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: u@b\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Content-Length: \r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Content-Length: -5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5, 5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 9999999999\r\n\r\n", 413},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Expect: 200-ok\r\n\r\n", 417},
};

struct outcome {
	enum http_outcome outcome;
	struct http_bad bad;
	struct http_head head;
	struct http_header headers[HTTP_HEADERS_MAX];
};

static void read_head(struct slice text, size_t cut, const struct http_limits *limits, struct outcome *ret)
{
	struct http_scan scan = {0};
	size_t len = 0;

	memset(ret, 0, sizeof(*ret));
	ret->head.headers = ret->headers;
	ret->outcome = HTTP_MORE;
	if (cut < text.len)
		ret->outcome = http_parse_scan(&scan, slice_make(text.ptr, cut), limits, &len, &ret->bad);
	if (ret->outcome == HTTP_MORE)
		ret->outcome = http_parse_scan(&scan, text, limits, &len, &ret->bad);
	if (ret->outcome == HTTP_DONE)
		ret->outcome = http_parse_head(slice_make(text.ptr, len), limits, &ret->head, &ret->bad);
}

UNIT(good_heads_are_understood)
{
	for (size_t i = 0; i < sizeof(goods) / sizeof(*goods); i++) {
		struct slice text = slice_of(goods[i].text);

		for (size_t cut = 0; cut <= text.len; cut++) {
			struct outcome o;

			read_head(text, cut, &http_limits_default, &o);
			if (o.outcome != HTTP_DONE)
				print_error("good %zu cut %zu: %d %s\n", i, cut, o.bad.status,
				            o.bad.sentence);
			assert_int_equal(o.outcome, HTTP_DONE);
			assert_slice(o.head.method, goods[i].method);
			assert_slice(o.head.target, goods[i].target);
			assert_int_equal(o.head.length, goods[i].length);
			assert_int_equal(o.head.chunked, goods[i].chunked);
			assert_int_equal(o.head.keep_alive, goods[i].keep_alive);
			assert_int_equal(o.head.header_count, goods[i].headers);
		}
	}
}

UNIT(bad_heads_are_refused)
{
	for (size_t i = 0; i < sizeof(bads) / sizeof(*bads); i++) {
		struct slice text = slice_of(bads[i].text);

		for (size_t cut = 0; cut <= text.len; cut++) {
			struct outcome o;

			read_head(text, cut, &http_limits_default, &o);
			if (o.outcome != HTTP_BAD || o.bad.status != bads[i].status)
				print_error("bad %zu cut %zu: %d %d\n", i, cut, o.outcome, o.bad.status);
			assert_int_equal(o.outcome, HTTP_BAD);
			assert_int_equal(o.bad.status, bads[i].status);
			assert_non_null(o.bad.sentence);
		}
	}
}

UNIT(nul_bytes_are_refused)
{
	static const char *const texts[] = {
	        "GET /@ HTTP/1.1\r\n" H "\r\n", "GET / HTTP/1.1\r\n" H "X: @\r\n\r\n",
	        "GET / HTTP/1.1\r\n" H "X@: y\r\n\r\n", "G@T / HTTP/1.1\r\n" H "\r\n"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct outcome o;
		char text[128];
		size_t len = strlen(texts[i]);

		memcpy(text, texts[i], len);
		*(char *)memchr(text, '@', len) = 0;
		read_head(slice_make(text, len), len, &http_limits_default, &o);
		assert_int_equal(o.outcome, HTTP_BAD);
		assert_int_equal(o.bad.status, 400);
	}
}

UNIT(headers_are_trimmed)
{
	struct outcome o;

	read_head(SLICE("GET / HTTP/1.1\r\nHost: a\r\nX: \t y z \t\r\n\r\n"), 0, &http_limits_default, &o);
	assert_slice(o.headers[1].name, "X");
	assert_slice(o.headers[1].value, "y z");
}

UNIT(limits_hold)
{
	struct http_limits limits = http_limits_default;
	struct outcome o;

	limits.head = 64;
	limits.target = 16;
	limits.body = 10;
	read_head(SLICE("GET /123456789012345 HTTP/1.1\r\nHost: a\r\n\r\n"), 0, &limits, &o);
	assert_int_equal(o.outcome, HTTP_DONE);
	read_head(SLICE("GET /1234567890123456 HTTP/1.1\r\nHost: a\r\n\r\n"), 0, &limits, &o);
	assert_int_equal(o.bad.status, 414);
	/* Already before the line has an end. */
	read_head(SLICE("GET /12345678901234567890123456789012345678901234567890123456789012345678901"), 0,
	          &limits, &o);
	assert_int_equal(o.bad.status, 414);
	read_head(SLICE("GET / HTTP/1.1\r\nHost: a\r\nX: 12345678901234567890123456789012345\r\n\r\n"), 0,
	          &limits, &o);
	assert_int_equal(o.bad.status, 431);
	read_head(SLICE("GET / HTTP/1.1\r\nHost: a\r\nX: 12345678901234567890123456789012345678"), 0, &limits,
	          &o);
	assert_int_equal(o.bad.status, 431);
	read_head(SLICE("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"), 0, &limits, &o);
	assert_int_equal(o.bad.status, 413);
}

UNIT(too_many_headers_are_refused)
{
	char text[4096] = "GET / HTTP/1.1\r\nHost: a\r\n";
	struct outcome o;
	size_t len = strlen(text);

	for (int i = 0; i < HTTP_HEADERS_MAX - 1; i++, len += 5)
		memcpy(text + len, "X: y\r\n", 6), len++;
	memcpy(text + len, "\r\n", 2);
	read_head(slice_make(text, len + 2), 0, &http_limits_default, &o);
	assert_int_equal(o.outcome, HTTP_DONE);
	memcpy(text + len, "X: y\r\n\r\n", 8);
	read_head(slice_make(text, len + 8), 0, &http_limits_default, &o);
	assert_int_equal(o.bad.status, 431);
}

static const struct chunks {
	const char *text, *body, *rest;
	int status;
} chunks[] = {
        {"0\r\n\r\n", "", "", 0},
        {"5\r\nhello\r\n0\r\n\r\n", "hello", "", 0},
        {"5\r\nhello\r\n6\r\n world\r\n000\r\n\r\nGET", "hello world", "GET", 0},
        {"A;x=y\r\n0123456789\r\n0;z\r\n\r\n", "0123456789", "", 0},
        {"a ; x=\"y\"\r\n0123456789\r\n0\r\nX-Trailer: 1\r\nY: 2\r\n\r\n", "0123456789", "", 0},
        {"\r\n", "", "", 400},
        {";\r\n", "", "", 400},
        {"x\r\n", "", "", 400},
        {"-1\r\n", "", "", 400},
        {"0x5\r\nhello\r\n", "", "", 400},
        {"5\nhello\r\n", "", "", 400},
        {"5\r\nhello0\r\n\r\n", "", "", 400},
        {"5\r\nhello\n0\r\n\r\n", "", "", 400},
        {"5\r\nhello\r0\r\n\r\n", "", "", 400},
        {"5\rhello\r\n", "", "", 400},
        {"0\r\nX: \x01\r\n\r\n", "", "", 400},
        {"0\r\n\rX", "", "", 400},
        {"0\r\nX: y\n\r\n", "", "", 400},
        {"ffffffffffffffff\r\n", "", "", 400},
        {"0000000000000000\r\n\r\n", "", "", 400},
        {"fffffffffffffff\r\n", "", "", 413},
        {"65\r\n", "", "", 413},
};

static enum http_outcome read_chunks(struct http_chunked *chunked, struct slice *rest, char *body,
                                     size_t *len, struct http_bad *bad)
{
	struct http_limits limits = http_limits_default;
	enum http_outcome outcome;
	struct slice data;

	limits.body = 100;
	while ((outcome = http_parse_chunked(chunked, rest, &limits, &data, bad)) == HTTP_DATA) {
		memcpy(body + *len, data.ptr, data.len);
		*len += data.len;
	}
	return outcome;
}

UNIT(chunked_bodies_are_read)
{
	for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
		struct slice text = slice_of(chunks[i].text);

		for (size_t cut = 0; cut <= text.len; cut++) {
			struct http_chunked chunked = {0};
			struct http_bad bad = {0};
			struct slice rest = {text.ptr, cut};
			char body[128];
			size_t len = 0;
			enum http_outcome outcome = read_chunks(&chunked, &rest, body, &len, &bad);

			if (outcome == HTTP_MORE) {
				rest = slice_skip(text, cut);
				outcome = read_chunks(&chunked, &rest, body, &len, &bad);
			} else {
				rest.len = text.len - (size_t)(rest.ptr - text.ptr);
			}
			if (bad.status != chunks[i].status)
				print_error("chunks %zu cut %zu: %s\n", i, cut, bad.sentence);
			assert_int_equal(bad.status, chunks[i].status);
			assert_int_equal(outcome, chunks[i].status ? HTTP_BAD : HTTP_DONE);
			if (outcome == HTTP_BAD)
				continue;
			assert_slice(slice_make(body, len), chunks[i].body);
			assert_slice(rest, chunks[i].rest);
		}
	}
}

UNIT(chunk_extras_are_bounded)
{
	static const char *const begins[] = {"5;", "0\r\nX: "};

	for (size_t i = 0; i < 2; i++) {
		struct http_chunked chunked = {0};
		struct http_bad bad = {0};
		struct slice rest = slice_of(begins[i]);
		char body[8];
		size_t len = 0, n = 0;
		enum http_outcome outcome = read_chunks(&chunked, &rest, body, &len, &bad);

		for (; outcome == HTTP_MORE && n < 10000; n++) {
			rest = SLICE("x");
			outcome = read_chunks(&chunked, &rest, body, &len, &bad);
		}
		assert_int_equal(bad.status, 431);
		assert_true(n < 5000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(good_heads_are_understood),
	        unit(bad_heads_are_refused),
	        unit(nul_bytes_are_refused),
	        unit(headers_are_trimmed),
	        unit(limits_hold),
	        unit(too_many_headers_are_refused),
	        unit(chunked_bodies_are_read),
	        unit(chunk_extras_are_bounded),
	};

	return unit_main(tests);
}
