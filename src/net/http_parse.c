/* SPDX-License-Identifier: Apache-2.0 */
/* Reading HTTP/1.1. Two passes over a head: the first finds its end, as bytes arrive; the second understands
 * it when it is whole, so that it never has to stop in the middle of a name. A chunked body is read byte by
 * byte between the chunks and in whole pieces within them. */
#include "net/http_parse.h"

#include <strings.h>

#include "base/url.h"

#define METHOD_MAX         32
#define CHUNK_EXTRA_MAX    4096 /* extensions and trailers of one body together */
#define REQUEST_LINE_EXTRA 48   /* what a request line has beside its target: method, version, blanks */

enum { CHAR_TOKEN = 1, CHAR_VALUE = 2, CHAR_TARGET = 4, CHAR_HOST = 8 };

/* clang-format off */
static const unsigned char http_chars[256] = {
	 0,  0,  0,  0,  0,  0,  0,  0,  0,  2,  0,  0,  0,  0,  0,  0,
	 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
	 2, 15,  6,  7, 15, 15, 15, 15, 14, 14, 15, 15,  6, 15, 15,  6,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 14, 14,  6, 14,  6,  6,
	 6, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 14,  6, 14, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 14, 15, 14, 15,  0,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
};
/* clang-format on */

static bool http_all(struct slice text, int kind)
{
	for (size_t i = 0; i < text.len; i++)
		if (!(http_chars[(unsigned char)text.ptr[i]] & kind))
			return false;
	return true;
}

bool http_parse_is_token(struct slice text)
{
	return text.len > 0 && http_all(text, CHAR_TOKEN);
}

bool http_parse_same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

static enum http_outcome http_bad(struct http_bad *bad, int status, const char *sentence)
{
	bad->status = status;
	bad->sentence = sentence;
	return HTTP_BAD;
}

/* Could these first bytes still become a request line? Keeps us from waiting for the rest of a TLS greeting.
 */
static enum http_outcome http_scan_begin(struct slice in, struct http_bad *bad)
{
	size_t i = 0;

	while (i < in.len && i <= METHOD_MAX && (http_chars[(unsigned char)in.ptr[i]] & CHAR_TOKEN))
		i++;
	if (i > METHOD_MAX)
		return http_bad(bad, 400, "the method is longer than 32 bytes");
	if (i < in.len && (in.ptr[i] != ' ' || i == 0))
		return http_bad(bad, 400, "the request does not begin with a method");
	return HTTP_MORE;
}

enum http_outcome http_parse_scan(struct http_scan *scan, struct slice in, const struct http_limits *limits,
                                  size_t *ret_len, struct http_bad *bad)
{
	const char *lf;

	while (scan->at < in.len && (lf = memchr(in.ptr + scan->at, '\n', in.len - scan->at))) {
		size_t at = (size_t)(lf - in.ptr);

		if (at == 0 || lf[-1] != '\r')
			return http_bad(bad, 400, "a line ends with LF alone, expected CR LF");
		if (at - 1 == scan->line) {
			if (scan->line == 0)
				return http_bad(bad, 400, "the request line is empty");
			if (at + 1 > limits->head)
				return http_bad(bad, 431, "the request line and headers are too large");
			*ret_len = at + 1;
			return HTTP_DONE;
		}
		scan->at = scan->line = at + 1;
	}
	scan->at = in.len;
	if (scan->line == 0 && in.len > limits->target + REQUEST_LINE_EXTRA)
		return http_bad(bad, 414, "the request target is too long");
	if (in.len > limits->head)
		return http_bad(bad, 431, "the request line and headers are too large");
	return http_scan_begin(in, bad);
}

/* Takes the next line from a whole head, without its CR LF. */
static struct slice http_line(struct slice *rest)
{
	const char *lf = memchr(rest->ptr, '\n', rest->len);
	struct slice line = {rest->ptr, (size_t)(lf - rest->ptr) - 1};

	*rest = slice_skip(*rest, line.len + 2);
	return line;
}

static enum http_outcome http_target(struct http_head *head, struct http_bad *bad)
{
	struct slice t = head->target;
	struct url url;

	if (!http_all(t, CHAR_TARGET))
		return http_bad(bad, 400, "the request target has a byte that must be percent-encoded");
	if (t.len > 0 && t.ptr[0] == '/')
		return HTTP_DONE;
	if (slice_is(t, SLICE("*")) && slice_is(head->method, SLICE("OPTIONS")))
		return HTTP_DONE;
	if (!url_has_scheme(t, "http") && !url_has_scheme(t, "https"))
		return http_bad(bad, 400, "the request target begins neither with / nor with http://");
	if (url_read(t, &url) || url.has_user)
		return http_bad(bad, 400, "the request target is no address as in http://host:port/path");
	head->target = url.target.len > 0 ? url.target : SLICE("/");
	return HTTP_DONE;
}

static enum http_outcome http_version(struct slice v, bool *ret_is_1_1, struct http_bad *bad)
{
	if (v.len != 8 || memcmp(v.ptr, "HTTP/", 5) != 0 || v.ptr[5] < '0' || v.ptr[5] > '9' ||
	    v.ptr[6] != '.' || v.ptr[7] < '0' || v.ptr[7] > '9')
		return http_bad(bad, 400, "the request line does not end with HTTP/1.1");
	if (v.ptr[5] != '1' || v.ptr[7] > '1')
		return http_bad(bad, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
	*ret_is_1_1 = v.ptr[7] == '1';
	return HTTP_DONE;
}

static enum http_outcome http_request_line(struct slice line, const struct http_limits *limits,
                                           struct http_head *head, bool *ret_is_1_1, struct http_bad *bad)
{
	const char *blank = memchr(line.ptr, ' ', line.len);
	struct slice rest;

	if (!blank)
		return http_bad(bad, 400, "the request line is not: method, blank, target, blank, version");
	head->method = slice_make(line.ptr, (size_t)(blank - line.ptr));
	if (!http_parse_is_token(head->method)) {
		head->method = SLICE("");
		return http_bad(bad, 400, "the request does not begin with a method");
	}
	if (head->method.len > METHOD_MAX)
		return http_bad(bad, 400, "the method is longer than 32 bytes");
	rest = slice_skip(line, head->method.len + 1);
	blank = memchr(rest.ptr, ' ', rest.len);
	if (!blank)
		return http_bad(bad, 400, "the request line has no version");
	head->target = slice_make(rest.ptr, (size_t)(blank - rest.ptr));
	if (head->target.len > limits->target)
		return http_bad(bad, 414, "the request target is too long");
	if (http_target(head, bad) == HTTP_BAD) {
		head->target = SLICE("");
		return HTTP_BAD;
	}
	return http_version(slice_skip(rest, (size_t)(blank - rest.ptr) + 1), ret_is_1_1, bad);
}

static struct slice http_trim(struct slice s)
{
	while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = slice_skip(s, 1);
	while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static enum http_outcome http_field(struct slice line, struct http_header *ret, struct http_bad *bad)
{
	size_t n = 0;

	while (n < line.len && (http_chars[(unsigned char)line.ptr[n]] & CHAR_TOKEN))
		n++;
	if (n == 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
		return http_bad(bad, 400, "a header is folded over two lines");
	if (n == 0 || n == line.len || line.ptr[n] != ':')
		return http_bad(bad, 400, "a header does not begin with a name and a colon");
	ret->name = slice_make(line.ptr, n);
	ret->value = http_trim(slice_skip(line, n + 1));
	if (!http_all(ret->value, CHAR_VALUE))
		return http_bad(bad, 400, "a header has a control character in its value");
	return HTTP_DONE;
}

/* What the headers that steer the connection have said so far. */
struct http_steer {
	bool is_1_1, close, keep;
	unsigned hosts, lengths, codings, expects;
	uint64_t length;
};

static enum http_outcome http_obey_connection(struct slice value, struct http_steer *steer,
                                              struct http_bad *bad)
{
	struct slice part;

	while (slice_cut(&value, ',', &part)) {
		part = http_trim(part);
		if (http_parse_same(part, SLICE("close")))
			steer->close = true;
		else if (http_parse_same(part, SLICE("keep-alive")))
			steer->keep = true;
	}
	return HTTP_DONE;
}

static enum http_outcome http_obey_host(struct slice value, struct http_steer *steer, struct http_bad *bad)
{
	if (!http_all(value, CHAR_HOST))
		return http_bad(bad, 400, "the Host header is not one host");
	if (steer->hosts++ > 0)
		return http_bad(bad, 400, "there are two Host headers");
	return HTTP_DONE;
}

static enum http_outcome http_obey_expect(struct slice value, struct http_steer *steer, struct http_bad *bad)
{
	steer->expects++;
	if (!http_parse_same(value, SLICE("100-continue")))
		return http_bad(bad, 417, "the only expectation that can be met is 100-continue");
	return HTTP_DONE;
}

static enum http_outcome http_obey_length(struct slice value, struct http_steer *steer, struct http_bad *bad)
{
	if (steer->lengths++ > 0)
		return http_bad(bad, 400, "there are two Content-Length headers");
	if (value.len > 19 || !slice_u64(value, &steer->length))
		return http_bad(bad, 400, "Content-Length is not a number");
	return HTTP_DONE;
}

static enum http_outcome http_obey_coding(struct slice value, struct http_steer *steer, struct http_bad *bad)
{
	if (steer->codings++ > 0)
		return http_bad(bad, 400, "there are two Transfer-Encoding headers");
	if (!http_parse_same(value, SLICE("chunked")))
		return http_bad(bad, 501, "the only Transfer-Encoding understood is chunked");
	return HTTP_DONE;
}

/* The few headers that the connection itself must obey. */
static const struct {
	struct slice name;
	enum http_outcome (*obey)(struct slice value, struct http_steer *steer, struct http_bad *bad);
} http_steering[] = {
        {{"host", 4}, http_obey_host},
        {{"expect", 6}, http_obey_expect},
        {{"connection", 10}, http_obey_connection},
        {{"content-length", 14}, http_obey_length},
        {{"transfer-encoding", 17}, http_obey_coding},
};

static enum http_outcome http_obey(const struct http_header *field, struct http_steer *steer,
                                   struct http_bad *bad)
{
	for (size_t i = 0; i < sizeof(http_steering) / sizeof(*http_steering); i++)
		if (http_parse_same(field->name, http_steering[i].name))
			return http_steering[i].obey(field->value, steer, bad);
	return HTTP_DONE;
}

/* Do the headers agree with each other? */
static enum http_outcome http_judge(const struct http_steer *steer, const struct http_limits *limits,
                                    struct http_head *head, struct http_bad *bad)
{
	if (steer->is_1_1 && steer->hosts == 0)
		return http_bad(bad, 400, "the Host header is missing");
	if (steer->codings > 0 && steer->lengths > 0)
		return http_bad(bad, 400, "Content-Length stands beside Transfer-Encoding");
	if (steer->codings > 0 && !steer->is_1_1)
		return http_bad(bad, 400, "Transfer-Encoding is not allowed in HTTP/1.0");
	if (steer->length > limits->body)
		return http_bad(bad, 413, "the body is too large");
	head->is_1_0 = !steer->is_1_1;
	head->chunked = steer->codings > 0;
	head->length = steer->length;
	head->keep_alive = !steer->close && (steer->is_1_1 || steer->keep);
	head->expects_continue = steer->expects > 0 && steer->is_1_1;
	return HTTP_DONE;
}

enum http_outcome http_parse_head(struct slice in, const struct http_limits *limits, struct http_head *head,
                                  struct http_bad *bad)
{
	struct http_steer steer = {0};
	struct slice line;

	head->method = head->target = SLICE("");
	head->header_count = 0;
	line = http_line(&in);
	if (http_request_line(line, limits, head, &steer.is_1_1, bad) == HTTP_BAD)
		return HTTP_BAD;
	for (line = http_line(&in); line.len > 0; line = http_line(&in)) {
		struct http_header *field = &head->headers[head->header_count];

		if (head->header_count == HTTP_HEADERS_MAX)
			return http_bad(bad, 431, "there are more than 64 headers");
		if (http_field(line, field, bad) == HTTP_BAD || http_obey(field, &steer, bad) == HTTP_BAD)
			return HTTP_BAD;
		head->header_count++;
	}
	return http_judge(&steer, limits, head, bad);
}

enum chunk_state {
	CHUNK_SIZE,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_BYTES,
	CHUNK_BYTES_CR,
	CHUNK_BYTES_LF,
	CHUNK_TRAILER,
	CHUNK_TRAILER_LF
};

static int http_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum http_outcome http_chunk_size(struct http_chunked *chunked, char c, struct http_bad *bad)
{
	int digit = http_hex(c);

	if (digit >= 0) {
		if (++chunked->digits > 15)
			return http_bad(bad, 400, "a chunk size has too many digits");
		chunked->left = chunked->left * 16 + (uint64_t)digit;
		return HTTP_MORE;
	}
	if (chunked->digits == 0 || (c != '\r' && c != ';' && c != ' ' && c != '\t'))
		return http_bad(bad, 400, "a chunk does not begin with its size");
	chunked->state = c == '\r' ? CHUNK_SIZE_LF : CHUNK_EXTENSION;
	return HTTP_MORE;
}

/* A byte of an extension or a trailer: bounded, looked at, dropped. */
static enum http_outcome http_chunk_extra(struct http_chunked *chunked, char c, int next,
                                          struct http_bad *bad)
{
	if (c == '\r') {
		chunked->state = next;
		return HTTP_MORE;
	}
	if (!(http_chars[(unsigned char)c] & CHAR_VALUE))
		return http_bad(bad, 400, "a chunk extension or trailer has a control character");
	if (++chunked->extra > CHUNK_EXTRA_MAX)
		return http_bad(bad, 431, "the chunk extensions and trailers are too large");
	chunked->line_is_empty = false;
	return HTTP_MORE;
}

/* The size line is through. */
static enum http_outcome http_chunk_begin(struct http_chunked *chunked, const struct http_limits *limits,
                                          struct http_bad *bad)
{
	chunked->digits = 0;
	if (chunked->left > limits->body || chunked->total + chunked->left > limits->body)
		return http_bad(bad, 413, "the body is too large");
	chunked->total += chunked->left;
	chunked->state = chunked->left > 0 ? CHUNK_BYTES : CHUNK_TRAILER;
	chunked->line_is_empty = true;
	return HTTP_MORE;
}

/* One byte between the pieces. */
static enum http_outcome http_chunk_step(struct http_chunked *chunked, char c,
                                         const struct http_limits *limits, struct http_bad *bad)
{
	switch ((enum chunk_state)chunked->state) {
	case CHUNK_SIZE:
		return http_chunk_size(chunked, c, bad);
	case CHUNK_EXTENSION:
		return http_chunk_extra(chunked, c, CHUNK_SIZE_LF, bad);
	case CHUNK_SIZE_LF:
		if (c == '\n')
			return http_chunk_begin(chunked, limits, bad);
		break;
	case CHUNK_BYTES:
		break;
	case CHUNK_BYTES_CR:
		chunked->state = CHUNK_BYTES_LF;
		if (c == '\r')
			return HTTP_MORE;
		return http_bad(bad, 400, "a chunk is longer than its size");
	case CHUNK_BYTES_LF:
		chunked->state = CHUNK_SIZE;
		if (c == '\n')
			return HTTP_MORE;
		break;
	case CHUNK_TRAILER:
		return http_chunk_extra(chunked, c, CHUNK_TRAILER_LF, bad);
	case CHUNK_TRAILER_LF:
		if (c != '\n')
			break;
		if (chunked->line_is_empty)
			return HTTP_DONE;
		chunked->line_is_empty = true;
		chunked->state = CHUNK_TRAILER;
		return HTTP_MORE;
	}
	return http_bad(bad, 400, "a line of the chunked body does not end with CR LF");
}

enum http_outcome http_parse_chunked(struct http_chunked *chunked, struct slice *rest,
                                     const struct http_limits *limits, struct slice *ret_data,
                                     struct http_bad *bad)
{
	while (rest->len > 0) {
		enum http_outcome outcome;

		if (chunked->state == CHUNK_BYTES) {
			size_t n = rest->len < chunked->left ? rest->len : (size_t)chunked->left;

			*ret_data = slice_make(rest->ptr, n);
			*rest = slice_skip(*rest, n);
			chunked->left -= n;
			if (chunked->left == 0)
				chunked->state = CHUNK_BYTES_CR;
			return HTTP_DATA;
		}
		outcome = http_chunk_step(chunked, rest->ptr[0], limits, bad);
		*rest = slice_skip(*rest, 1);
		if (outcome != HTTP_MORE)
			return outcome;
	}
	return HTTP_MORE;
}
