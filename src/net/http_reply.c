/* SPDX-License-Identifier: Apache-2.0 */
/* Head first, whole; then it is clear how the body ends: by its length, by its chunks, with the connection,
 * or before it began. */
#include "net/http_reply.h"

#include <strings.h>

enum reply_state { REPLY_HEAD, REPLY_LENGTH, REPLY_CHUNKS, REPLY_UNTIL_CLOSE, REPLY_DONE, REPLY_BAD };

#define REPLY_KEEP 16384 /* buffers larger than this are given back between replies */

void http_reply_init(struct http_reply_reader *reader, size_t body_max)
{
	*reader = (struct http_reply_reader){.body_max = body_max};
	buf_init(&reader->head, NULL);
	buf_init(&reader->fields, NULL);
	buf_init(&reader->body, NULL);
}

void http_reply_finish(struct http_reply_reader *reader)
{
	buf_finish(&reader->head);
	buf_finish(&reader->fields);
	buf_finish(&reader->body);
}

static void reply_empty(struct buf *buf)
{
	if (buf->cap > REPLY_KEEP)
		buf_finish(buf);
	buf->len = 0;
}

void http_reply_begin(struct http_reply_reader *reader)
{
	reply_empty(&reader->head);
	reply_empty(&reader->fields);
	reply_empty(&reader->body);
	reader->state = REPLY_HEAD;
	reader->status = 0;
	reader->is_head = reader->keep_alive = reader->too_large = false;
	reader->error = NULL;
	reader->scanned = 0;
	reader->interims = 0;
	reader->left = 0;
	reader->chunked = (struct http_chunked){0};
}

bool http_reply_has_begun(const struct http_reply_reader *reader)
{
	return reader->status > 0 || reader->head.len > 0;
}

const char *http_reply_field(const struct http_reply_reader *reader, const char *name)
{
	struct slice rest = buf_slice(&reader->fields);

	while (rest.len > 0) {
		const char *value = rest.ptr + strlen(rest.ptr) + 1;

		if (strcasecmp(rest.ptr, name) == 0)
			return value;
		rest = slice_skip(rest, (size_t)(value - rest.ptr) + strlen(value) + 1);
	}
	return NULL;
}

static enum http_outcome reply_bad(struct http_reply_reader *reader, const char *error)
{
	reader->state = REPLY_BAD;
	reader->error = error;
	reader->keep_alive = false;
	return HTTP_BAD;
}

/* The length of the head with its empty line; 0: it is not whole yet. */
static size_t reply_head_len(struct http_reply_reader *reader)
{
	struct slice head = buf_slice(&reader->head);
	const char *lf;

	while (reader->scanned < head.len &&
	       (lf = memchr(head.ptr + reader->scanned, '\n', head.len - reader->scanned))) {
		size_t next = (size_t)(lf - head.ptr) + 1;

		if (next < head.len && head.ptr[next] == '\n')
			return next + 1;
		if (next + 1 < head.len && head.ptr[next] == '\r' && head.ptr[next + 1] == '\n')
			return next + 2;
		/* The line behind it may not be here yet: look again from this one. */
		if (next + 1 >= head.len) {
			reader->scanned = next - 1;
			return 0;
		}
		reader->scanned = next;
	}
	reader->scanned = head.len;
	return 0;
}

static struct slice reply_line(struct slice *rest)
{
	struct slice line;

	slice_cut(rest, '\n', &line);
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* "HTTP/1.1 200 whatever" */
static bool reply_status(struct http_reply_reader *reader, struct slice line)
{
	uint64_t status;

	if (line.len < 12 || memcmp(line.ptr, "HTTP/1.", 7) != 0 ||
	    (line.ptr[7] != '0' && line.ptr[7] != '1') || line.ptr[8] != ' ' ||
	    !slice_u64(slice_make(line.ptr + 9, 3), &status) || status < 100 ||
	    (line.len > 12 && line.ptr[12] != ' '))
		return false;
	reader->status = (int)status;
	reader->keep_alive = line.ptr[7] == '1';
	return true;
}

static bool reply_add_field(struct http_reply_reader *reader, struct slice line)
{
	struct slice name;

	if (!slice_cut(&line, ':', &name) || !http_parse_is_token(name) || memchr(name.ptr, 0, name.len))
		return false;
	while (line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
		line = slice_skip(line, 1);
	while (line.len > 0 && (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\t'))
		line.len--;
	if (line.len > 0 && (memchr(line.ptr, 0, line.len) || memchr(line.ptr, '\r', line.len)))
		return false;
	buf_add_slice(&reader->fields, name);
	buf_add_char(&reader->fields, 0);
	buf_add_slice(&reader->fields, line);
	buf_add_char(&reader->fields, 0);
	return true;
}

/* Content-Length: several must be equal. False: it is no number, or they differ. */
static bool reply_length(const struct http_reply_reader *reader, bool *ret_is, uint64_t *ret_length)
{
	struct slice rest = buf_slice(&reader->fields);

	*ret_is = false;
	while (rest.len > 0) {
		const char *value = rest.ptr + strlen(rest.ptr) + 1;
		uint64_t length;

		if (strcasecmp(rest.ptr, "Content-Length") == 0) {
			if (!slice_u64(slice_of(value), &length) || (*ret_is && length != *ret_length))
				return false;
			*ret_is = true;
			*ret_length = length;
		}
		rest = slice_skip(rest, (size_t)(value - rest.ptr) + strlen(value) + 1);
	}
	return true;
}

/* May the connection be used again, as far as the head tells? */
static bool reply_keeps(const struct http_reply_reader *reader)
{
	const char *connection = http_reply_field(reader, "Connection");

	if (!connection)
		return reader->keep_alive;
	return strcasecmp(connection, "keep-alive") == 0 ||
	       (reader->keep_alive && !strcasestr(connection, "close"));
}

static bool reply_is_bare(const struct http_reply_reader *reader)
{
	return reader->is_head || reader->status == 204 || reader->status == 304;
}

/* The head is understood: how does the body end? */
static enum http_outcome reply_body_begins(struct http_reply_reader *reader)
{
	const char *coding = http_reply_field(reader, "Transfer-Encoding");
	bool has_length;

	reader->keep_alive = reply_keeps(reader);
	if (!reply_length(reader, &has_length, &reader->left) || (coding && has_length))
		return reply_bad(reader, "the length of the reply is in doubt");
	if (coding && strcasecmp(coding, "chunked") != 0)
		return reply_bad(reader, "the reply has a Transfer-Encoding that is not understood");
	if (reply_is_bare(reader) || (has_length && reader->left == 0)) {
		reader->state = REPLY_DONE;
		return HTTP_MORE;
	}
	if (has_length && reader->left > reader->body_max) {
		reader->too_large = true;
		return reply_bad(reader, "the reply is too large");
	}
	reader->state = coding ? REPLY_CHUNKS : has_length ? REPLY_LENGTH : REPLY_UNTIL_CLOSE;
	if (reader->state == REPLY_UNTIL_CLOSE)
		reader->keep_alive = false;
	return HTTP_MORE;
}

/* The head is whole. */
static enum http_outcome reply_head(struct http_reply_reader *reader, struct slice head)
{
	struct slice line = reply_line(&head);

	if (!reply_status(reader, line))
		return reply_bad(reader, "the reply is not HTTP/1.1");
	for (line = reply_line(&head); line.len > 0; line = reply_line(&head))
		if (!reply_add_field(reader, line))
			return reply_bad(reader, "the reply has a malformed header");
	if (reader->status == 101)
		return reply_bad(reader, "the reply switches to another protocol");
	if (reader->status >= 200)
		return reply_body_begins(reader);
	reader->fields.len = 0;
	if (++reader->interims > HTTP_REPLY_INTERIM)
		return reply_bad(reader, "the reply does not come to its point");
	return HTTP_MORE;
}

static enum http_outcome reply_add_body(struct http_reply_reader *reader, struct slice bytes)
{
	if (reader->body.len + bytes.len > reader->body_max) {
		reader->too_large = true;
		return reply_bad(reader, "the reply is too large");
	}
	buf_add_slice(&reader->body, bytes);
	return HTTP_MORE;
}

static enum http_outcome reply_feed_head(struct http_reply_reader *reader, struct slice *rest)
{
	size_t before = reader->head.len, len;
	enum http_outcome outcome;

	buf_add_slice(&reader->head, *rest);
	if (before == 0 &&
	    memcmp(reader->head.ptr, "HTTP/1.", reader->head.len < 7 ? reader->head.len : 7) != 0)
		return reply_bad(reader, "the reply is not HTTP/1.1");
	len = reply_head_len(reader);
	if (len > HTTP_REPLY_HEAD_MAX || (len == 0 && reader->head.len > HTTP_REPLY_HEAD_MAX))
		return reply_bad(reader, "the head of the reply is too large");
	if (len == 0) {
		*rest = slice_skip(*rest, rest->len);
		return HTTP_MORE;
	}
	outcome = reply_head(reader, slice_make(reader->head.ptr, len));
	*rest = slice_skip(*rest, len - before);
	reader->head.len = reader->scanned = 0;
	return outcome;
}

static enum http_outcome reply_feed_length(struct http_reply_reader *reader, struct slice *rest)
{
	size_t n = rest->len < reader->left ? rest->len : (size_t)reader->left;
	enum http_outcome outcome = reply_add_body(reader, slice_make(rest->ptr, n));

	*rest = slice_skip(*rest, n);
	reader->left -= n;
	if (reader->left == 0 && outcome == HTTP_MORE)
		reader->state = REPLY_DONE;
	return outcome;
}

static enum http_outcome reply_feed_chunks(struct http_reply_reader *reader, struct slice *rest)
{
	struct http_limits limits = {.body = reader->body_max};
	struct http_bad bad;
	struct slice piece;

	switch (http_parse_chunked(&reader->chunked, rest, &limits, &piece, &bad)) {
	case HTTP_DATA:
		return reply_add_body(reader, piece);
	case HTTP_DONE:
		reader->state = REPLY_DONE;
		break;
	case HTTP_BAD:
		reader->too_large = bad.status == 413;
		return reply_bad(reader, bad.status == 413 ? "the reply is too large"
		                                           : "the chunks of the reply are malformed");
	case HTTP_MORE:
		break;
	}
	return HTTP_MORE;
}

enum http_outcome http_reply_feed(struct http_reply_reader *reader, struct slice rest)
{
	enum http_outcome outcome = HTTP_MORE;

	while (rest.len > 0 && outcome == HTTP_MORE) {
		switch ((enum reply_state)reader->state) {
		case REPLY_HEAD:
			outcome = reply_feed_head(reader, &rest);
			break;
		case REPLY_LENGTH:
			outcome = reply_feed_length(reader, &rest);
			break;
		case REPLY_CHUNKS:
			outcome = reply_feed_chunks(reader, &rest);
			break;
		case REPLY_UNTIL_CLOSE:
			outcome = reply_add_body(reader, rest);
			rest = slice_skip(rest, rest.len);
			break;
		case REPLY_DONE:
			/* More than the reply: whose is it? Not to be used again. */
			reader->keep_alive = false;
			return HTTP_DONE;
		case REPLY_BAD:
			return HTTP_BAD;
		}
	}
	return outcome == HTTP_MORE && reader->state == REPLY_DONE ? HTTP_DONE : outcome;
}

enum http_outcome http_reply_end(struct http_reply_reader *reader)
{
	if (reader->state == REPLY_UNTIL_CLOSE || reader->state == REPLY_DONE) {
		reader->state = REPLY_DONE;
		return HTTP_DONE;
	}
	if (reader->state == REPLY_BAD)
		return HTTP_BAD;
	return reply_bad(reader, http_reply_has_begun(reader) ? "the reply ended in the middle"
	                                                      : "the connection ended without a reply");
}
