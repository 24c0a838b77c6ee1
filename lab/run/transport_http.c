/* SPDX-License-Identifier: Apache-2.0 */
/* oneM2M over HTTP as the lab writes it by hand. TS-0009 6.2-6.4 */
#include "lab/run/transport.h"

#include <stdio.h>
#include <strings.h>

#include "base/buf.h"
#include "codec/json.h"

/* The parameters that HTTP carries as headers; all others are query arguments. */
static const struct transport_header {
	const char *sn, *header;
} transport_headers[] = {
        {"rqi", "X-M2M-RI"},    {"rvi", "X-M2M-RVI"},  {"fr", "X-M2M-Origin"}, {"gid", "X-M2M-GID"},
        {"rtu", "X-M2M-RTU"},   {"nu", "X-M2M-RTU"},   {"ot", "X-M2M-OT"},     {"rqet", "X-M2M-RET"},
        {"rset", "X-M2M-RST"},  {"oet", "X-M2M-OET"},  {"ec", "X-M2M-EC"},     {"vsi", "X-M2M-VSI"},
        {"rsc", "X-M2M-RSC"},   {"cnst", "X-M2M-CTS"}, {"cnot", "X-M2M-CTO"},  {"grtm", "X-M2M-GTM"},
        {"gstn", "X-M2M-GSTN"}, {"ati", "X-M2M-ATI"},  {"asri", "X-M2M-ASRI"}, {"aus", "X-M2M-AS"},
};

static const char *transport_header(struct slice sn)
{
	for (size_t i = 0; i < sizeof transport_headers / sizeof *transport_headers; i++)
		if (slice_is_text(sn, transport_headers[i].sn))
			return transport_headers[i].header;
	return NULL;
}

/* Percent-encodes; `keep` stays as it is, beside what is unreserved. */
static void transport_encode(struct buf *buf, struct slice text, const char *keep)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		             (c && strchr("-._~", c)) || (c && strchr(keep, c));

		if (plain) {
			buf_add_char(buf, (char)c);
		} else {
			buf_add_char(buf, '%');
			buf_add_char(buf, hex[c >> 4]);
			buf_add_char(buf, hex[c & 15]);
		}
	}
}

/* //sp/cse/x -> /_/sp/cse/x, /cse/x -> /~/cse/x, x -> /x; '#attr' becomes %23attr: a fragment is never sent.
 */
static void transport_target(struct buf *buf, const struct call *call)
{
	struct slice to = call->to;
	char mark = '?';

	if (slice_starts(to, SLICE("//"))) {
		buf_add_lit(buf, "/_");
		to = slice_skip(to, 1);
	} else if (slice_starts(to, SLICE("/"))) {
		buf_add_lit(buf, "/~");
	} else {
		buf_add_lit(buf, "/");
	}
	transport_encode(buf, to, "/!$'()*,;:@");
	for (size_t i = 0; i < call->param_count; i++) {
		if (transport_header(call->params[i].name))
			continue;
		buf_add_char(buf, mark);
		mark = '&';
		transport_encode(buf, call->params[i].name, "");
		buf_add_char(buf, '=');
		transport_encode(buf, call->params[i].value, "+*,:/");
	}
}

static bool transport_is_named(const struct call *call, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < call->header_count; i++)
		if (call->headers[i].len > len && call->headers[i].ptr[len] == ':' &&
		    strncasecmp(call->headers[i].ptr, name, len) == 0)
			return true;
	return false;
}

static void transport_put(struct buf *buf, const struct call *call, const char *name, struct slice value)
{
	if (!value.ptr || transport_is_named(call, name))
		return;
	buf_add(buf, name, strlen(name));
	buf_add_lit(buf, ": ");
	buf_add_slice(buf, value);
	buf_add_lit(buf, "\r\n");
}

static void transport_head(struct buf *buf, const struct call *call)
{
	char type[96];

	transport_put(buf, call, "X-M2M-Origin", call->fr);
	transport_put(buf, call, "X-M2M-RI", call->rqi);
	transport_put(buf, call, "X-M2M-RVI", call->rvi);
	transport_put(buf, call, "Accept", SLICE("application/json"));
	for (size_t i = 0; i < call->param_count; i++)
		if (transport_header(call->params[i].name))
			transport_put(buf, call, transport_header(call->params[i].name),
			              call->params[i].value);
	if (call->body.ptr || call->op == 1) {
		if (call->op == 1 && call->ty >= 0)
			snprintf(type, sizeof type, "application/json;ty=%lld", (long long)call->ty);
		else
			snprintf(type, sizeof type, "application/json");
		transport_put(buf, call, "Content-Type", slice_of(type));
	}
	for (size_t i = 0; i < call->header_count; i++)
		if (call->headers[i].ptr[call->headers[i].len - 1] != ':') {
			buf_add_slice(buf, call->headers[i]);
			buf_add_lit(buf, "\r\n");
		}
}

static const char *transport_method(int op)
{
	static const char *const methods[] = {"POST", "POST", "GET", "PUT", "DELETE", "POST"};

	return methods[op > 5 ? 0 : op];
}

static struct slice transport_bytes(const struct transport *transport, struct arena *arena,
                                    const struct call *call)
{
	struct buf buf;

	buf_init(&buf, arena);
	buf_printf(&buf, "%s %s", transport_method(call->op), transport->place->prefix);
	transport_target(&buf, call);
	buf_printf(&buf, " HTTP/1.1\r\nHost: %s:%s\r\n", transport->place->host, transport->place->port);
	transport_head(&buf, call);
	if (call->body.ptr || call->op != 2)
		if (!transport_is_named(call, "Content-Length"))
			buf_printf(&buf, "Content-Length: %zu\r\n", call->body.len);
	buf_add_lit(&buf, "\r\n");
	buf_add_slice(&buf, call->body);
	return buf_slice(&buf);
}

static struct slice transport_show(struct arena *arena, const struct call *call)
{
	struct buf buf;

	buf_init(&buf, arena);
	buf_printf(&buf, "%s ", transport_method(call->op));
	transport_target(&buf, call);
	buf_add_lit(&buf, "\r\n");
	transport_head(&buf, call);
	if (call->body.ptr) {
		struct slice body = call->body;

		buf_add_lit(&buf, "\r\n");
		buf_add(&buf, body.ptr, body.len > 2000 ? 2000 : body.len);
		if (body.len > 2000)
			buf_printf(&buf, "... (%zu bytes)", body.len);
	}
	return buf_slice(&buf);
}

/* struct pending is a line and nothing more here. */
static struct pending *transport_start(const struct transport *transport, struct arena *arena,
                                       const struct call *call, struct slice bytes)
{
	bool raw = bytes.ptr != NULL;

	if (!raw)
		bytes = transport_bytes(transport, arena, call);
	return (struct pending *)line_start(transport->place, arena, bytes, raw,
	                                    slice_starts(bytes, SLICE("HEAD ")));
}

static void transport_content(struct arena *arena, struct reply *reply)
{
	struct why why = {0};
	struct val *pc;
	const char *type = message_header(reply->message, "Content-Type");

	if (!reply->body.len)
		return;
	if (type && !strstr(type, "json")) {
		reply->body_fault = "its Content-Type is not JSON";
		return;
	}
	if (json_read(arena, reply->body, NULL, &why, &pc) != 0)
		reply->body_fault = arena_text(arena, slice_of(why.text));
	else
		reply->pc = pc;
}

static bool transport_done(struct pending *pending, struct arena *arena, struct reply *ret)
{
	struct line *line = (struct line *)pending;
	uint64_t rsc;

	if (!line->done)
		return false;
	*ret = (struct reply){.error = line->error, .closed = line->closed};
	if (line->error)
		return true;
	struct message *message = arena_new(arena, struct message); /* outlives the line */

	*message = line->message;
	ret->message = message;
	ret->http = message_status(&line->message);
	ret->body = line->message.body;
	ret->rqi = message_header(&line->message, "X-M2M-RI");
	ret->rvi = message_header(&line->message, "X-M2M-RVI");
	const char *text = message_header(&line->message, "X-M2M-RSC");

	if (text && slice_u64(slice_of(text), &rsc) && rsc < 100000)
		ret->rsc = (int)rsc;
	transport_content(arena, ret);
	return true;
}

static void transport_destroy(struct pending *pending)
{
	line_destroy((struct line *)pending);
}

static const char *transport_param(const struct reply *reply, struct slice name)
{
	const char *header = transport_header(name);

	return header && reply->message ? message_header(reply->message, header) : NULL;
}

const struct transport transport_http = {
        .name = "http",
        .start = transport_start,
        .done = transport_done,
        .destroy = transport_destroy,
        .param = transport_param,
        .show = transport_show,
};
