/* SPDX-License-Identifier: Apache-2.0 */
/* Primitives to messages. */
#include "base/url.h"
#include "model/rsc.h"
#include "wire/wire_body.h"
#include "wire/wire_coap.h"
#include "wire/wire_coap_number.h"
#include "wire/wire_query.h"
#include "wire/wire_target.h"
#include "wire/wire_url.h"

struct writing {
	struct arena *arena;
	const struct wire_coap_form *form;
	struct wire_coap_message *message;
};

static void write_option(struct writing *writing, uint16_t number, struct slice value)
{
	struct wire_coap_message *message = writing->message;

	if (message->option_count < WIRE_COAP_OPTIONS)
		message->options[message->option_count++] = (struct wire_coap_option){number, value};
}

static void write_number(struct writing *writing, uint16_t number, uint32_t n)
{
	char *bytes = arena_take(writing->arena, 4);
	size_t len = 0;

	for (int shift = 24; shift >= 0; shift -= 8)
		if (len > 0 || n >> shift)
			bytes[len++] = (char)(n >> shift);
	write_option(writing, number, slice_make(bytes, len));
}

/* Lists are joined as in the headers of HTTP. */
static struct slice write_joined(struct writing *writing, const struct val *list, const char *mark)
{
	struct buf buf;

	buf_init(&buf, writing->arena);
	val_each (list, one) {
		if (one != list->first)
			buf_add_slice(&buf, slice_of(mark));
		if (one->kind != VAL_OBJ) {
			buf_add_slice(&buf, one->text);
		} else if (val_find(one, "lti") && val_find(one, "tkid")) {
			buf_add_slice(&buf, val_find(one, "lti")->text);
			buf_add_char(&buf, ':');
			buf_add_slice(&buf, val_find(one, "tkid")->text);
		}
	}
	return buf_slice(&buf);
}

static struct slice write_text(struct writing *writing, enum prim_id id, const struct val *v)
{
	const struct val *pairs;

	switch (v->kind) {
	case VAL_TRUE:
		return SLICE("true");
	case VAL_FALSE:
		return SLICE("false");
	case VAL_ARR:
		return write_joined(writing, v, id == PRIM_rtu ? "&" : "+");
	case VAL_OBJ:
		pairs = val_find(v, "ltia");
		return pairs ? write_joined(writing, pairs, " + ") : SLICE("");
	default:
		return v->text;
	}
}

/* All parameters that travel in options of their own. */
static void write_parameters(struct writing *writing, const struct prim *prim, enum prim_direction direction)
{
	for (int i = 0; i < PRIM_COUNT; i++) {
		const struct prim_row *row = &prim_rows[i];
		uint16_t number = writing->form->older && row->older ? row->older : row->option;
		struct slice text;
		int64_t n;

		if (!prim->at[i] || !number || !(row->direction & direction))
			continue;
		if (row->how == PRIM_INT) {
			if (val_is_int(prim->at[i], &n) && n >= 0 && n >> 8 * wire_coap_longest(row) == 0)
				write_number(writing, number, (uint32_t)n);
			continue;
		}
		text = write_text(writing, row->id, prim->at[i]);
		if (text.len <= wire_coap_longest(row))
			write_option(writing, number, text);
	}
}

/* An address, segment by segment. */
static void write_path(struct writing *writing, uint16_t number, struct slice to)
{
	struct slice segment;

	if (slice_starts(to, SLICE("//"))) {
		write_option(writing, number, SLICE("_"));
		to = slice_skip(to, 2);
	} else if (slice_starts(to, SLICE("/"))) {
		write_option(writing, number, SLICE("~"));
		to = slice_skip(to, 1);
	}
	while (slice_cut(&to, '/', &segment))
		write_option(writing, number, segment);
}

static void write_body(struct writing *writing, const struct val *pc)
{
	const struct wire_media_type *type = writing->form->type;
	struct buf buf;

	if (!pc || (pc->kind == VAL_OBJ && pc->count == 0))
		return;
	if (!type)
		type = wire_media_of(ENCODING_JSON, WIRE_CONTENT_ANY);
	buf_init(&buf, writing->arena);
	wire_body_write(&buf, type->encoding, pc);
	writing->message->body = buf_slice(&buf);
	write_number(writing, WIRE_COAP_FORMAT, type->format);
}

/* TS-0008 6.2.4: two codes depend on more than the response status code. */
static int write_code(const struct prim *request, int rsc, bool has_location)
{
	int64_t op = request ? prim_int(request, PRIM_op, OP_RETRIEVE) : OP_RETRIEVE;

	if (rsc == RSC_OK)
		return op == OP_RETRIEVE ? 205 : 204;
	if (rsc == RSC_ACCEPTED_NON_BLOCKING_REQUEST_ASYNCH && !has_location)
		return 204;
	return rsc_coap(rsc);
}

void wire_coap_write(struct arena *arena, const struct prim *request, const struct prim *response,
                     const struct wire_coap_form *form, struct wire_coap_message *ret)
{
	struct writing writing = {arena, form, ret};
	int rsc = (int)prim_int(response, PRIM_rsc, RSC_INTERNAL_SERVER_ERROR);
	struct slice location = SLICE("");
	int code;

	ret->option_count = 0;
	ret->body = SLICE("");
	if (rsc == RSC_CREATED || rsc == RSC_ACCEPTED_NON_BLOCKING_REQUEST_SYNCH ||
	    rsc == RSC_ACCEPTED_NON_BLOCKING_REQUEST_ASYNCH)
		location = wire_target_location(response->at[PRIM_pc]);
	code = write_code(request, rsc, location.len > 0);
	ret->code = WIRE_COAP_CODE(code);
	if (location.len > 0 && code == 201)
		write_path(&writing, WIRE_COAP_LOCATION_PATH, location);
	if (code == 205 || code >= 400)
		write_option(&writing, WIRE_COAP_MAX_AGE, SLICE("")); /* 0: nobody may keep it */
	write_parameters(&writing, response, PRIM_RSP);
	if (response->at[PRIM_tqf] && !rsc_is_good(rsc)) {
		struct val *pc = val_obj(arena);

		val_put(pc, SLICE("m2m:tqf"), val_copy(arena, response->at[PRIM_tqf]));
		write_body(&writing, pc);
	} else {
		write_body(&writing, response->at[PRIM_pc]);
	}
}

/* Options for what stands between the marks of a URL; what cannot be decoded goes as it is. */
static void write_url_pieces(struct writing *writing, uint16_t number, struct slice text, char mark)
{
	struct slice piece, plain;

	while (slice_cut(&text, mark, &piece)) {
		if (wire_url_decode(writing->arena, piece, NULL, &plain) != 0)
			plain = piece;
		if (plain.len > 0)
			write_option(writing, number, plain);
	}
}

/* Path and query of the target, then those of the request. */
static void write_target(struct writing *writing, const struct prim *request, int64_t op, bool by_query,
                         struct slice url)
{
	struct slice to = prim_text(request, PRIM_to), path = slice_skip(url, url_root(url).len);
	struct slice query = path;
	struct buf buf;

	while (query.len > 0 && query.ptr[0] != '?')
		query = slice_skip(query, 1);
	path.len -= query.len;
	write_url_pieces(writing, WIRE_COAP_URI_PATH, slice_skip(path, 1), '/');
	write_url_pieces(writing, WIRE_COAP_URI_QUERY, slice_skip(query, 1), '&');
	if (by_query)
		write_option(writing, WIRE_COAP_URI_QUERY, arena_printf(writing->arena, "op=%d", (int)op));
	if (!wire_target_needs_path(op, to))
		return;
	write_path(writing, WIRE_COAP_URI_PATH, to);
	buf_init(&buf, writing->arena);
	wire_query_write(request, &buf);
	write_url_pieces(writing, WIRE_COAP_URI_QUERY, slice_skip(buf_slice(&buf), 1), '&');
	if (request->at[PRIM_tkns])
		write_option(writing, WIRE_COAP_URI_QUERY,
		             arena_printf(writing->arena, "tkns=%.*s",
		                          SLICE_ARG(write_joined(writing, request->at[PRIM_tkns], "+"))));
}

void wire_coap_write_request(struct arena *arena, const struct prim *request, struct slice url,
                             const struct wire_coap_form *form, struct wire_coap_message *ret)
{
	static const uint8_t methods[] = {
	        0, WIRE_COAP_POST, WIRE_COAP_GET, WIRE_COAP_PUT, WIRE_COAP_DELETE, WIRE_COAP_POST};
	struct writing writing = {arena, form, ret};
	int64_t op = prim_int(request, PRIM_op, OP_NOTIFY);
	const struct wire_media_type *type =
	        form->type ? form->type : wire_media_of(ENCODING_JSON, WIRE_CONTENT_ANY);
	int64_t rt = prim_int(request, PRIM_rt, 0);
	/* Whoever may be answered later (nonBlockingRequest, flexBlocking) asks by POST. */
	bool by_query = rt == 1 || rt == 2 || rt == 4;

	if (op < OP_CREATE || op > OP_NOTIFY)
		op = OP_NOTIFY;
	ret->option_count = 0;
	ret->body = SLICE("");
	ret->code = by_query ? (uint8_t)WIRE_COAP_POST : methods[op];
	write_target(&writing, request, op, by_query, url);
	write_parameters(&writing, request, PRIM_REQ);
	write_number(&writing, WIRE_COAP_ACCEPT, type->format);
	/* A list of attributes went into the query. */
	if (!val_find(request->at[PRIM_pc], "m2m:atrl"))
		write_body(&writing, request->at[PRIM_pc]);
}
