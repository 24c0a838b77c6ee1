/* SPDX-License-Identifier: Apache-2.0 */
/* Primitives to messages: responses to HTTP answers, requests to HTTP requests. */
#include <strings.h>

#include "model/rsc.h"
#include "wire/wire_body.h"
#include "wire/wire_http.h"
#include "wire/wire_media.h"
#include "wire/wire_query.h"
#include "wire/wire_target.h"
#include "wire/wire_url.h"

/* A value in a header: nothing in it may end the line. A tab within it is lawful (RFC 9110 5.5). */
static void write_text(struct buf *buf, struct slice text)
{
	char *at = buf_room(buf, text.len);

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		at[i] = (c < ' ' && c != '\t') || c == 127 ? '?' : text.ptr[i];
	}
	buf->len += text.len;
}

/* assignedTokenIdentifiers: "local:token + local:token" */
static void write_tokens(struct buf *buf, const struct val *list)
{
	if (!list)
		return;
	val_each (list, pair) {
		const struct val *local = val_find(pair, "lti"), *token = val_find(pair, "tkid");

		if (!local || !token)
			continue;
		if (pair != list->first)
			buf_add_lit(buf, " + ");
		write_text(buf, local->text);
		buf_add_char(buf, ':');
		write_text(buf, token->text);
	}
}

static void write_value(struct buf *buf, enum prim_id id, const struct val *v)
{
	if (v->kind == VAL_TRUE) {
		buf_add_lit(buf, "true");
	} else if (v->kind == VAL_FALSE) {
		buf_add_lit(buf, "false");
	} else if (v->kind == VAL_OBJ) {
		write_tokens(buf, val_find(v, "ltia"));
	} else if (v->kind != VAL_ARR) {
		write_text(buf, v->text);
	} else {
		val_each (v, one) {
			if (one != v->first)
				buf_add_char(buf, id == PRIM_rtu ? '&' : '+');
			write_text(buf, one->text);
		}
	}
}

/* All parameters that travel in headers; `end` ends each line. */
static void write_headers(const struct prim *prim, enum prim_direction direction, struct slice end,
                          struct buf *buf)
{
	for (int i = 0; i < PRIM_COUNT; i++) {
		const struct prim_row *row = &prim_rows[i];

		if (!prim->at[i] || !row->header[0] || !(row->direction & direction))
			continue;
		buf_add_slice(buf, slice_of(row->header));
		buf_add_lit(buf, ": ");
		write_value(buf, row->id, prim->at[i]);
		buf_add_slice(buf, end);
	}
}

/* A body that is one member of our own. */
static void write_alone(struct buf *body, enum encoding encoding, const char *name, const struct val *v)
{
	struct val pc = {.kind = VAL_OBJ}, head = *v;

	head.next = NULL;
	val_put(&pc, slice_of(name), &head);
	wire_body_write(body, encoding, &pc);
}

/* What a type of ours stands for, its last letter tells: json, cbor, xml. */
static enum encoding write_encoding(struct slice type)
{
	char last = type.len ? type.ptr[type.len - 1] : 0;

	return last == 'r' ? ENCODING_CBOR : last == 'l' ? ENCODING_XML : ENCODING_JSON;
}

int wire_http_write_as(const struct prim *request, const struct prim *response, struct slice type,
                       struct buf *headers, struct buf *body)
{
	int rsc = (int)prim_int(response, PRIM_rsc, RSC_INTERNAL_SERVER_ERROR);
	enum encoding encoding = write_encoding(type);
	const struct val *pc = response->at[PRIM_pc];
	bool created = rsc == RSC_CREATED && (!request || prim_int(request, PRIM_op, OP_CREATE) == OP_CREATE);

	write_headers(response, PRIM_RSP, SLICE("\r\n"), headers);
	if (created) {
		struct slice location = wire_target_location(pc);

		if (location.len > 0) {
			buf_add_lit(headers, "Content-Location: ");
			write_text(headers, location);
			buf_add_lit(headers, "\r\n");
		}
	}
	if (response->at[PRIM_tqf] && !rsc_is_good(rsc)) {
		/* TS-0009 6.5: it takes the place of the debug text. */
		write_alone(body, encoding, "m2m:tqf", response->at[PRIM_tqf]);
	} else if (pc && (pc->kind != VAL_OBJ || pc->count > 0)) {
		wire_body_write(body, encoding, pc);
	}
	if (body->len > 0) {
		buf_add_lit(headers, "Content-Type: ");
		buf_add_slice(headers, type);
		buf_add_lit(headers, "\r\n");
	}
	return rsc_http(rsc);
}

int wire_http_write(const struct prim *request, const struct prim *response, struct buf *headers,
                    struct buf *body)
{
	return wire_http_write_as(request, response, SLICE("application/json"), headers, body);
}

static struct slice write_url(const struct prim *request, int64_t op, struct slice base, struct arena *arena)
{
	struct slice to = prim_text(request, PRIM_to);
	struct buf url;

	buf_init(&url, arena);
	if (wire_target_needs_path(op, to)) {
		while (base.len > 0 && base.ptr[base.len - 1] == '/')
			base.len--;
		buf_add_slice(&url, base);
		wire_url_write_path(&url, to);
		wire_query_write(request, &url);
	} else {
		buf_add_slice(&url, base);
	}
	buf_add_char(&url, 0);
	return slice_make(url.ptr, url.len - 1);
}

const char *wire_http_write_request(const struct prim *request, struct slice base, struct arena *arena,
                                    struct buf *headers, struct buf *body, struct slice *ret_url)
{
	static const char *const methods[] = {"POST", "POST", "GET", "PUT", "DELETE", "POST"};
	const struct wire_media_type *type = wire_media_take(arena, &base);
	int64_t op = prim_int(request, PRIM_op, OP_NOTIFY);
	const struct val *pc = request->at[PRIM_pc];

	if (!type)
		type = wire_media_of(ENCODING_JSON, WIRE_CONTENT_ANY);
	if (op < OP_CREATE || op > OP_NOTIFY)
		op = OP_NOTIFY;
	*ret_url = write_url(request, op, base, arena);
	write_headers(request, PRIM_REQ, slice_make("", 1), headers);
	if (request->at[PRIM_tkns]) {
		buf_add_lit(headers, "Authorization: ");
		write_value(headers, PRIM_tkns, request->at[PRIM_tkns]);
		buf_add_char(headers, 0);
	}
	buf_add_lit(headers, "Accept: ");
	buf_add_slice(headers, wire_media_of(type->encoding, WIRE_CONTENT_ANY)->name);
	buf_add_char(headers, 0);
	/* A list of attributes went into the query. */
	if (pc && pc->count > 0 && !val_find(pc, "m2m:atrl"))
		wire_body_write(body, type->encoding, pc);
	if (body->len > 0 || op == OP_CREATE) {
		buf_add_lit(headers, "Content-Type: ");
		buf_add_slice(headers, type->name);
		if (op == OP_CREATE) {
			buf_add_lit(headers, ";ty=");
			buf_add_i64(headers, prim_int(request, PRIM_ty, 0));
		}
		buf_add_char(headers, 0);
	}
	return methods[op];
}
