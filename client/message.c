/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP form of requests and answers. What comes back is a stranger's: whatever it is, it becomes an
 * answer or a sentence, never a crash. */
#include "client/message.h"

#include "codec/json.h"
#include "model/rsc.h"

#include <strings.h>

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

static void add_escaped(struct buf *buf, struct slice text, const char *also)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (is_plain(c) || (c && strchr(also, c))) {
			buf_add_char(buf, c);
			continue;
		}
		buf_add_char(buf, '%');
		buf_add_char(buf, hex[(unsigned char)c >> 4]);
		buf_add_char(buf, hex[(unsigned char)c & 15]);
	}
}

struct slice m2m_escape(struct arena *arena, struct slice text)
{
	struct buf buf;
	buf_init(&buf, arena);
	add_escaped(&buf, text, "*:/,");
	return buf_slice(&buf);
}

void message_path(struct buf *buf, struct slice to)
{
	if (slice_starts(to, SLICE("//"))) {
		buf_add_lit(buf, "/_/");
		to = slice_skip(to, 2);
	} else if (slice_starts(to, SLICE("/"))) {
		buf_add_lit(buf, "/~");
	} else {
		buf_add_char(buf, '/');
	}
	add_escaped(buf, to, "/:@");
}

/* Does the caller bring a line of this name himself? */
static bool is_brought(const struct m2m_request *request, const char *name)
{
	size_t len = strlen(name);
	for (const char *const *line = request->headers; line && *line; line++)
		if (strncasecmp(*line, name, len) == 0 && ((*line)[len] == ':' || (*line)[len] == ';'))
			return true;
	return false;
}

struct lines {
	const struct m2m_request *request;
	struct arena *arena;
	const char **at;
	size_t count;
};

static void lines_add(struct lines *lines, const char *name, const char *value)
{
	if (is_brought(lines->request, name))
		return;
	/* curl's way to send a header without a value is a semicolon. */
	struct slice line = *value ? arena_printf(lines->arena, "%s: %s", name, value)
	                           : arena_printf(lines->arena, "%s;", name);
	lines->at[lines->count++] = arena_text(lines->arena, line);
}

static const char *method_of(int op)
{
	switch (op) {
	case 2:
		return "GET";
	case 3:
		return "PUT";
	case 4:
		return "DELETE";
	default:
		return "POST";
	}
}

void message_write(const struct message_self *self, const struct m2m_request *request, const char *rqi,
                   struct arena *arena, struct transport_call *ret)
{
	size_t brought = 0;
	while (request->headers && request->headers[brought])
		brought++;
	struct lines lines = {request, arena, arena_array(arena, brought + 9, const char *), 0};
	lines_add(&lines, "X-M2M-Origin", request->originator ? request->originator : self->originator);
	lines_add(&lines, "X-M2M-RI", rqi);
	lines_add(&lines, "X-M2M-RVI", self->release);
	lines_add(&lines, "Accept", "application/json");
	if (self->proof)
		lines_add(&lines, "Authorization", self->proof);
	if (request->op == 1)
		lines_add(&lines, "Content-Type",
		          arena_text(arena, arena_printf(arena, "application/json;ty=%d", request->ty)));
	else if (request->pc)
		lines_add(&lines, "Content-Type", "application/json");
	for (size_t i = 0; i < brought; i++)
		lines.at[lines.count++] = arena_text(arena, slice_of(request->headers[i]));

	struct buf url, body;
	buf_init(&url, arena);
	buf_add_slice(&url, slice_of(self->url));
	message_path(&url, slice_of(request->to));
	if (request->query && *request->query)
		buf_printf(&url, "?%s", request->query);
	buf_add_char(&url, '\0');
	buf_init(&body, arena);
	if (request->pc)
		json_write(&body, request->pc);

	ret->method = method_of(request->op);
	ret->url = url.ptr;
	ret->headers = lines.at;
	ret->body = buf_slice(&body);
	/* A POST or PUT always says how long it is, also when empty. */
	if (!ret->body.ptr && (ret->method[0] == 'P'))
		ret->body = SLICE("");
	ret->timeout_us = self->timeout_us;
}

/* The value of a header line of that name; false when absent. */
static bool find_header(struct slice headers, struct slice name, struct slice *ret)
{
	struct slice line;
	while (slice_cut(&headers, '\n', &line)) {
		if (line.len <= name.len || line.ptr[name.len] != ':' ||
		    strncasecmp(line.ptr, name.ptr, name.len) != 0)
			continue;
		line = slice_skip(line, name.len + 1);
		while (line.len && strchr(" \t\r", line.ptr[line.len - 1]))
			line.len--;
		while (line.len && strchr(" \t", line.ptr[0]))
			line = slice_skip(line, 1);
		*ret = line;
		return true;
	}
	return false;
}

/* What an answer keeps for header(). */
struct message_private {
	struct arena *arena;
	struct slice headers;
};

static const char *answer_header(const struct m2m_answer *answer, const char *name)
{
	const struct message_private *private = answer->private;
	struct slice value;
	if (!private || !find_header(private->headers, slice_of(name), &value))
		return NULL;
	return arena_text(private->arena, value);
}

/* Servers that leave out X-M2M-RSC have said it with the HTTP status. */
static int rsc_of_http(int status)
{
	static const struct {
		int status, rsc;
	} rows[] = {{201, RSC_CREATED},
	            {202, RSC_ACCEPTED},
	            {403, RSC_ORIGINATOR_HAS_NO_PRIVILEGE},
	            {404, RSC_NOT_FOUND},
	            {405, RSC_OPERATION_NOT_ALLOWED},
	            {409, RSC_CONFLICT}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].rsc;
	if (status >= 200 && status < 300)
		return RSC_OK;
	return status >= 500 ? RSC_INTERNAL_SERVER_ERROR : RSC_BAD_REQUEST;
}

static int read_rsc(struct slice headers, int status)
{
	struct slice text;
	uint64_t number;
	if (find_header(headers, SLICE("X-M2M-RSC"), &text) && slice_u64(text, &number) && number >= 1000 &&
	    number <= 9999)
		return (int)number;
	return rsc_of_http(status);
}

void message_read(const struct transport_reply *reply, struct arena *arena, struct m2m_answer *ret)
{
	*ret = (struct m2m_answer){.header = answer_header};
	if (!reply->status) {
		ret->error = reply->why;
		return;
	}
	struct message_private *private = arena_new(arena, struct message_private);
	private->arena = arena;
	private->headers = arena_copy(arena, reply->headers);
	ret->private = private;
	ret->http = reply->status;
	ret->rsc = read_rsc(private->headers, reply->status);
	ret->body = arena_copy(arena, reply->body);
	find_header(private->headers, SLICE("X-M2M-RI"), &ret->rqi);
	find_header(private->headers, SLICE("Content-Location"), &ret->content_location);
	if (!ret->body.len)
		return;
	/* A tree may be large: what we asked for may be deeper than what a stranger may send a server. */
	static const struct json_limits limits = {.depth = 128, .values = 10 * 1000 * 1000};
	struct why why = {0};
	if (json_read(arena, ret->body, &limits, &why, &ret->pc) != 0) {
		ret->pc = NULL;
		ret->garbage = arena_text(arena, slice_of(why.text));
	}
}

struct slice m2m_reason(const struct m2m_answer *answer, struct arena *arena)
{
	struct slice text;
	if (!answer->rsc)
		return slice_of(answer->error ? answer->error : "nobody answered");
	const struct val *said = val_find(answer->pc, "m2m:dbg");
	if (val_is_str(said, &text) && text.len)
		return text;
	if (val_is_str(val_find(said, "dbg"), &text) && text.len)
		return text;
	return arena_printf(arena, "%s: %s", rsc_name(answer->rsc), rsc_sentence(answer->rsc));
}
