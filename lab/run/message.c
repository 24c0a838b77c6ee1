/* SPDX-License-Identifier: Apache-2.0 */
/* A message is looked at again whenever bytes came; it is small, and simple is better than quick here. */
#include "lab/run/message.h"

#include <strings.h>

#include "base/buf.h"

#define MESSAGE_MAX (64u << 20)

const char *message_header(const struct message *message, const char *name)
{
	for (size_t i = 0; i < message->header_count; i++)
		if (strcasecmp(message->headers[i].name, name) == 0)
			return message->headers[i].value;
	return NULL;
}

int message_status(const struct message *message)
{
	uint64_t status;

	if (!slice_starts(message->first, SLICE("HTTP/1.")) || message->first.len < 12 ||
	    !slice_u64((struct slice){message->first.ptr + 9, 3}, &status))
		return 0;
	return (int)status;
}

static bool message_line(struct slice *rest, struct slice *ret)
{
	const char *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;

	if (!end)
		return false;
	*ret = (struct slice){rest->ptr, (size_t)(end - rest->ptr)};
	*rest = slice_skip(*rest, ret->len + 1);
	if (ret->len && ret->ptr[ret->len - 1] == '\r')
		ret->len--;
	return true;
}

static struct slice message_trim(struct slice s)
{
	while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = slice_skip(s, 1);
	while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static enum message_state message_head(struct arena *arena, struct slice *rest, struct message *ret)
{
	struct slice line, name;

	if (!message_line(rest, &line))
		return MESSAGE_MORE;
	ret->first = arena_copy(arena, line);
	for (;;) {
		if (!message_line(rest, &line))
			return MESSAGE_MORE;
		if (!line.len)
			return MESSAGE_WHOLE;
		if (ret->header_count == MESSAGE_HEADERS || !memchr(line.ptr, ':', line.len))
			return MESSAGE_BROKEN;
		slice_cut(&line, ':', &name);
		ret->headers[ret->header_count].name = arena_text(arena, name);
		ret->headers[ret->header_count++].value = arena_text(arena, message_trim(line));
	}
}

static bool message_hex(struct slice s, size_t *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && s.ptr[i] != ';'; i++) {
		const char *digits = "0123456789abcdef", *at = strchr(digits, s.ptr[i] | 0x20);

		if (!s.ptr[i] || !at || n > MESSAGE_MAX)
			return i > 0 && (s.ptr[i] == ' ');
		n = n * 16 + (size_t)(at - digits);
		*ret = n;
	}
	return s.len > 0;
}

static enum message_state message_chunks(struct arena *arena, struct slice *rest, struct message *ret)
{
	struct slice line;
	struct buf buf;
	size_t size = 0;

	buf_init(&buf, arena);
	for (;;) {
		if (!message_line(rest, &line))
			return MESSAGE_MORE;
		if (!message_hex(line, &size) || buf.len > MESSAGE_MAX)
			return MESSAGE_BROKEN;
		if (rest->len < size + (size ? 2 : 0))
			return MESSAGE_MORE;
		buf_add(&buf, rest->ptr, size);
		*rest = slice_skip(*rest, size + (size ? 2 : 0));
		if (size)
			continue;
		do
			if (!message_line(rest, &line))
				return MESSAGE_MORE;
		while (line.len);
		ret->body = buf_slice(&buf);
		return MESSAGE_WHOLE;
	}
}

static enum message_state message_body(struct arena *arena, struct slice *rest, bool eof, struct message *ret)
{
	const char *length = message_header(ret, "Content-Length"),
	           *coding = message_header(ret, "Transfer-Encoding");
	uint64_t n = 0;

	if (coding && strcasecmp(coding, "chunked") == 0)
		return message_chunks(arena, rest, ret);
	if (length && (!slice_u64(slice_of(length), &n) || n > MESSAGE_MAX))
		return MESSAGE_BROKEN;
	if (!length && message_status(ret)) { /* a reply without a length goes on to the end */
		if (!eof)
			return MESSAGE_MORE;
		n = rest->len;
		ret->closes = true;
	}
	if (rest->len < n)
		return MESSAGE_MORE;
	ret->body = arena_copy(arena, (struct slice){rest->ptr, n});
	*rest = slice_skip(*rest, n);
	return MESSAGE_WHOLE;
}

/* The end of the head is looked for first, so that an unfinished one costs nothing. */
static bool message_has_head(struct slice bytes)
{
	return bytes.ptr && bytes.len >= 4 &&
	       (memmem(bytes.ptr, bytes.len, "\r\n\r\n", 4) || memmem(bytes.ptr, bytes.len, "\n\n", 2));
}

enum message_state message_read(struct arena *arena, struct slice bytes, bool eof, bool no_body,
                                struct message *ret)
{
	struct slice rest = bytes;
	struct message message = {0};

	if (!message_has_head(bytes))
		return eof && bytes.len ? MESSAGE_BROKEN : MESSAGE_MORE;
	enum message_state state = message_head(arena, &rest, &message);
	int status = message_status(&message);

	if (state == MESSAGE_WHOLE && !no_body && status != 204 && status != 304)
		state = message_body(arena, &rest, eof, &message);
	if (state == MESSAGE_MORE && eof)
		state = MESSAGE_BROKEN;
	if (state != MESSAGE_WHOLE)
		return state;
	const char *connection = message_header(&message, "Connection");

	message.closes = message.closes || (connection && strcasecmp(connection, "close") == 0);
	message.size = bytes.len - rest.len;
	*ret = message;
	return MESSAGE_WHOLE;
}
