/* SPDX-License-Identifier: Apache-2.0 */
/* oneM2M over HTTP as the lab writes it by hand. TS-0009 6.2-6.4 */
#include "lab/run/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "lab/run/content.h"

/* The parameters that HTTP carries as headers; all others are query arguments. */
static const struct transport_header {
	const char *sn, *header;
} transport_headers[] = {
        {"rqi", "X-M2M-RI"},    {"rvi", "X-M2M-RVI"},      {"fr", "X-M2M-Origin"}, {"gid", "X-M2M-GID"},
        {"rtu", "X-M2M-RTU"},   {"nu", "X-M2M-RTU"},       {"ot", "X-M2M-OT"},     {"rqet", "X-M2M-RET"},
        {"rset", "X-M2M-RST"},  {"oet", "X-M2M-OET"},      {"ec", "X-M2M-EC"},     {"vsi", "X-M2M-VSI"},
        {"rsc", "X-M2M-RSC"},   {"cnst", "X-M2M-CTS"},     {"cnot", "X-M2M-CTO"},  {"grtm", "X-M2M-GTM"},
        {"gstn", "X-M2M-GSTN"}, {"tkns", "Authorization"}, {"ati", "X-M2M-ATI"},   {"asri", "X-M2M-ASRI"},
        {"aus", "X-M2M-AS"},
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
	struct slice value;

	return call_header(call, name, &value);
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

/* What notifications say they are, what others do. TS-0004 6.7 */
static const char *const transport_media[ENCODING_COUNT] = {"application/json", "application/cbor",
                                                            "application/xml"};

static void transport_head(struct buf *buf, const struct place *place, const struct call *call)
{
	const char *media = transport_media[place->encoding];
	char type[96];

	transport_put(buf, call, "X-M2M-Origin", call->fr);
	transport_put(buf, call, "X-M2M-RI", call->rqi);
	transport_put(buf, call, "X-M2M-RVI", call->rvi);
	transport_put(buf, call, "Accept", slice_of(media));
	for (size_t i = 0; i < call->param_count; i++)
		if (transport_header(call->params[i].name))
			transport_put(buf, call, transport_header(call->params[i].name),
			              call->params[i].value);
	if (call->pc || call->text.ptr || call->op == 1) {
		if (call->op == 1 && call->ty >= 0)
			snprintf(type, sizeof type, "%s;ty=%lld", media, (long long)call->ty);
		else
			snprintf(type, sizeof type, "%s", media);
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

static struct slice transport_bytes(const struct place *place, struct arena *arena, const struct call *call)
{
	struct slice body = content_of(arena, place->encoding, call);
	struct buf buf;

	buf_init(&buf, arena);
	buf_printf(&buf, "%s %s", transport_method(call->op), place->prefix);
	transport_target(&buf, call);
	buf_printf(&buf, " HTTP/1.1\r\nHost: %s:%s\r\n", place->host, place->port);
	transport_head(&buf, place, call);
	if (body.ptr || call->op != 2)
		if (!transport_is_named(call, "Content-Length"))
			buf_printf(&buf, "Content-Length: %zu\r\n", body.len);
	buf_add_lit(&buf, "\r\n");
	buf_add_slice(&buf, body);
	return buf_slice(&buf);
}

static struct slice transport_show(struct place *place, struct arena *arena, const struct call *call)
{
	struct buf buf;

	buf_init(&buf, arena);
	buf_printf(&buf, "%s ", transport_method(call->op));
	transport_target(&buf, call);
	buf_add_lit(&buf, "\r\n");
	transport_head(&buf, place, call);
	content_show(&buf, call);
	return buf_slice(&buf);
}

/* A request under way is a line, and what it asked for. */
struct pending {
	struct line *line;
	const struct place *place;
	bool raw;
	bool picky; /* the answer must come in the encoding of the place */
};

static struct pending *transport_start(struct place *place, struct arena *arena, const struct call *call,
                                       struct slice bytes)
{
	struct pending *pending = arena_new(arena, struct pending);

	*pending = (struct pending){.place = place, .raw = bytes.ptr != NULL};
	pending->picky = !pending->raw && !transport_is_named(call, "Accept");
	if (!pending->raw)
		bytes = transport_bytes(place, arena, call);
	pending->line = line_start((struct line_place *)place, arena, bytes, pending->raw,
	                           slice_starts(bytes, SLICE("HEAD ")));
	return pending;
}

/* The encoding that a Content-Type names; false: none of ours. */
static bool transport_encoding(const char *type, enum encoding *ret)
{
	for (int i = 0; i < ENCODING_COUNT; i++) {
		const char *slash = strchr(transport_media[i], '/'), *at = strcasestr(type, slash + 1);

		if (at && at > type && (at[-1] == '/' || at[-1] == '+')) {
			*ret = (enum encoding)i;
			return true;
		}
	}
	return false;
}

static void transport_content(struct arena *arena, const struct pending *pending, struct reply *reply)
{
	enum encoding encoding = pending->raw ? ENCODING_JSON : pending->place->encoding;
	const char *type = message_header(reply->message, "Content-Type");
	struct why why = {0};

	if (!reply->body.len)
		return;
	if (type && !transport_encoding(type, &encoding)) {
		reply->body_fault = "its Content-Type is none of JSON, CBOR and XML";
		return;
	}
	if (pending->picky && encoding != pending->place->encoding)
		reply->form_fault = arena_printf(arena, "%s was asked for, and %s came",
		                                 transport_media[pending->place->encoding], type)
		                            .ptr;
	if (content_read(arena, encoding, reply->body, &why, &reply->pc) != 0) {
		reply->body_fault = arena_text(arena, slice_of(why.text));
		reply->pc = NULL;
	}
}

static struct val *transport_params(struct arena *arena, const struct message *message)
{
	struct val *params = val_obj(arena);

	for (size_t i = 0; i < sizeof transport_headers / sizeof *transport_headers; i++) {
		const char *value = message_header(message, transport_headers[i].header);

		if (value)
			val_put(params, slice_of(transport_headers[i].sn), val_str(arena, slice_of(value)));
	}
	return params;
}

static bool transport_done(struct pending *pending, struct arena *arena, struct reply *ret)
{
	struct line *line = pending->line;
	uint64_t rsc;

	if (!line->done)
		return false;
	*ret = (struct reply){.error = line->error, .closed = line->closed};
	if (line->error)
		return true;
	struct message *message = arena_new(arena, struct message); /* outlives the line */

	*message = line->message;
	ret->message = message;
	ret->http = message_status(message);
	ret->body = message->body;
	ret->rqi = message_header(message, "X-M2M-RI");
	ret->rvi = message_header(message, "X-M2M-RVI");
	ret->params = transport_params(arena, message);
	const char *text = message_header(message, "X-M2M-RSC");

	if (text && slice_u64(slice_of(text), &rsc) && rsc < 100000)
		ret->rsc = (int)rsc;
	transport_content(arena, pending, ret);
	return true;
}

static void transport_destroy(struct pending *pending)
{
	line_destroy(pending->line);
	pending->line = NULL;
}

static int transport_open(const struct place_config *config, struct why *why, struct place **ret)
{
	struct line_place *place = calloc(1, sizeof *place);

	if (!place)
		return -ENOMEM;
	int r = place_init(&place->place, &transport_http, config, why);

	place->idle.fd = -1;
	if (r == 0 && place->place.secure)
		r = tls_context_create(&(struct tls_config){.pem.ca = config->ca}, false, why, &place->tls);
	if (r)
		free(place);
	else
		*ret = &place->place;
	return r;
}

static void transport_close(struct place *place)
{
	struct line_place *line = (struct line_place *)place;

	line_place_rest(line);
	tls_context_destroy(line->tls);
	free(line);
}

const struct transport transport_http = {
        .name = "http",
        .secure = "https",
        .port = "80",
        .open = transport_open,
        .close = transport_close,
        .start = transport_start,
        .done = transport_done,
        .destroy = transport_destroy,
        .show = transport_show,
};
