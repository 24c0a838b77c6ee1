/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to primitives. Everything the result holds is in the arena, nothing points back into the message.
 * What a header or a query key becomes, the rows of prim.def say. */
#include "wire/wire_http.h"

#include <strings.h>

#include "base/utf8.h"
#include "model/rsc.h"
#include "wire/wire_body.h"
#include "wire/wire_media.h"
#include "wire/wire_query.h"
#include "wire/wire_url.h"

/* One reading. */
struct reading {
	struct arena *arena;
	struct why *why;
	struct prim *prim;
	enum prim_direction direction;
	struct wire_media media; /* of the Content-Type; name empty: there is none */
	struct wire_accept accept;
};

static bool http_is(struct slice name, const char *literal)
{
	return name.len == strlen(literal) && (name.ptr[0] | 0x20) == literal[0] &&
	       strncasecmp(name.ptr, literal, name.len) == 0;
}

/* What stands between the values of a header that is a list. */
static char http_mark(enum prim_id id)
{
	return id == PRIM_rtu ? '&' : '+';
}

static int http_list(struct reading *reading, const struct prim_row *row, struct slice text)
{
	struct val *list = val_arr(reading->arena);
	struct slice piece;

	while (slice_cut(&text, http_mark(row->id), &piece)) {
		while (piece.len > 0 && piece.ptr[0] == ' ')
			piece = slice_skip(piece, 1);
		while (piece.len > 0 && piece.ptr[piece.len - 1] == ' ')
			piece.len--;
		if (piece.len > 0)
			val_push(list, val_str(reading->arena, arena_copy(reading->arena, piece)));
	}
	reading->prim->at[row->id] = list;
	return 0;
}

static int http_parameter(struct reading *reading, const struct prim_row *row, struct slice text)
{
	if (reading->prim->at[row->id])
		return refuse(reading->why, RSC_BAD_REQUEST, "the header %s stands there twice", row->header);
	if (!utf8_is_valid(text))
		return refuse(reading->why, RSC_BAD_REQUEST, "the header %s is not UTF-8", row->header);
	switch (row->how) {
	case PRIM_LIST:
		return http_list(reading, row, text);
	case PRIM_TEXT:
		reading->prim->at[row->id] = val_str(reading->arena, arena_copy(reading->arena, text));
		return 0;
	case PRIM_OBJECT:
	case PRIM_INT:
	case PRIM_BOOL:
	case PRIM_TIME:
	case PRIM_INTS:
		break;
	}
	return prim_set_text(reading->prim, reading->arena, row, arena_copy(reading->arena, text),
	                     reading->why);
}

/* Tokens look like "aaa.bbb.ccc", several joined with '+'; "Basic ..." and "Bearer ..." are not ours. */
static int http_tokens(struct reading *reading, struct slice text)
{
	const char *dot = text.len ? memchr(text.ptr, '.', text.len) : NULL;

	if (!dot || memchr(text.ptr, ' ', text.len) || !utf8_is_valid(text))
		return 0;
	return http_list(reading, &prim_rows[PRIM_tkns], text);
}

static int http_header_read(struct reading *reading, const struct wire_http_header *header)
{
	const struct prim_row *row;

	if (header->name.len > 6 && strncasecmp(header->name.ptr, "X-M2M-", 6) == 0) {
		row = prim_by_header(header->name);
		if (!row || !(row->direction & reading->direction))
			return 0;
		return http_parameter(reading, row, header->value);
	}
	if (http_is(header->name, "content-type")) {
		if (reading->media.name.ptr)
			return refuse(reading->why, RSC_BAD_REQUEST,
			              "the header Content-Type stands there twice");
		return wire_media_read(header->value, reading->why, &reading->media);
	}
	if (reading->direction == PRIM_RSP)
		return 0;
	if (http_is(header->name, "accept"))
		wire_media_accept(header->value, &reading->accept);
	else if (http_is(header->name, "authorization"))
		return http_tokens(reading, header->value);
	return 0;
}

/* All headers, also behind one that is refused: the answer wants the request identifier. */
static int http_headers_read(struct reading *reading, const struct wire_http_header *headers, size_t count)
{
	struct why *why = reading->why;
	int first = 0;

	for (size_t i = 0; i < count; i++) {
		int r = http_header_read(reading, &headers[i]);

		if (r != 0 && first == 0) {
			first = r;
			reading->why = NULL;
		}
	}
	reading->why = why;
	return first;
}

/* The row of ty is filled by Content-Type, the operation by the method and by whether there is a ty. */
static int http_operation(struct reading *reading, struct slice method)
{
	struct arena *arena = reading->arena;
	struct prim *prim = reading->prim;
	int op = 0;

	if (slice_is(method, SLICE("GET")) || slice_is(method, SLICE("HEAD")))
		op = OP_RETRIEVE;
	else if (slice_is(method, SLICE("PUT")))
		op = OP_UPDATE;
	else if (slice_is(method, SLICE("DELETE")))
		op = OP_DELETE;
	else if (slice_is(method, SLICE("POST")))
		op = reading->media.ty.ptr ? OP_CREATE : OP_NOTIFY;
	if (op == 0)
		return refuse(reading->why, RSC_OPERATION_NOT_ALLOWED,
		              "the method %.*s means nothing here, expected GET, POST, PUT or DELETE",
		              SLICE_ARG(method));
	prim->at[PRIM_op] = val_int(arena, op);
	if (op != OP_CREATE)
		return 0;
	return wire_query_value(arena, PRIM_INT, "ty", arena_copy(arena, reading->media.ty), reading->why,
	                        &prim->at[PRIM_ty]);
}

static int http_target_read(struct reading *reading, struct slice target)
{
	const char *mark = target.len ? memchr(target.ptr, '?', target.len) : NULL;
	size_t n = mark ? (size_t)(mark - target.ptr) : target.len;
	struct slice to;
	int r = wire_url_read_path(reading->arena, slice_make(target.ptr, n), reading->why, &to);

	if (r != 0)
		return r;
	reading->prim->at[PRIM_to] = val_str(reading->arena, to);
	if (!mark)
		return 0;
	return wire_query_read(reading->arena, slice_skip(target, n + 1), reading->why, reading->prim);
}

/* What a body without Content-Type is taken for, and an answer to a request that says nothing. */
static enum encoding http_encoding(const struct wire_media *media)
{
	return media->type ? media->type->encoding : ENCODING_JSON;
}

static int http_body_read(struct reading *reading, struct slice body)
{
	enum encoding encoding = http_encoding(&reading->media);
	struct val *pc;
	int r;

	if (body.len == 0)
		return 0;
	if (reading->media.name.len > 0 && !reading->media.type)
		return refuse(reading->why, RSC_UNSUPPORTED_MEDIA_TYPE,
		              "the body is %.*s, expected application/json, application/cbor or "
		              "application/xml, in UTF-8",
		              SLICE_ARG(reading->media.name));
	if (encoding != ENCODING_XML) /* which points to nothing outside the arena */
		body = arena_copy(reading->arena, body);
	r = wire_body_read(reading->arena, encoding, body, reading->why, &pc);
	if (r != 0)
		return r;
	if (reading->prim->at[PRIM_pc])
		return refuse(reading->why, RSC_BAD_REQUEST, "a body stands beside atrl in the query");
	reading->prim->at[PRIM_pc] = pc;
	return 0;
}

int wire_http_read(struct arena *arena, const struct wire_http_request *message, struct why *why,
                   struct prim *ret)
{
	struct reading reading = {arena, why, ret, PRIM_REQ, {0}, {0}};
	int r;

	*ret = (struct prim){0};
	r = http_headers_read(&reading, message->headers, message->header_count);
	if (r == 0)
		r = http_operation(&reading, message->method);
	if (r == 0)
		r = http_target_read(&reading, message->target);
	if (r == 0 && prim_text(ret, PRIM_rqi).len == 0)
		r = refuse(why, RSC_BAD_REQUEST, "the header X-M2M-RI (request identifier) is missing");
	if (r == 0 && reading.accept.seen &&
	    !wire_media_answer(&reading.accept, http_encoding(&reading.media)))
		r = refuse(why, RSC_NOT_ACCEPTABLE,
		           "Accept allows nothing that can be sent, which is JSON, CBOR or XML");
	if (r == 0)
		r = http_body_read(&reading, message->body);
	return r;
}

struct slice wire_http_answer_type(const struct wire_http_request *message)
{
	enum encoding encoding = ENCODING_JSON;
	const struct wire_media_type *type;
	struct wire_accept accept = {0};

	for (size_t i = 0; i < message->header_count; i++) {
		const struct wire_http_header *header = &message->headers[i];

		if (http_is(header->name, "accept"))
			wire_media_accept(header->value, &accept);
		else if (http_is(header->name, "content-type"))
			encoding = wire_media_encoding(header->value);
	}
	type = wire_media_answer(&accept, encoding);
	return type ? type->name : SLICE("application/json");
}

/* The response status code that says most nearly what an HTTP status says. */
static int http_nearest(int status)
{
	static const struct {
		int status, rsc;
	} near[] = {
	        {400, RSC_BAD_REQUEST},
	        {401, RSC_ORIGINATOR_HAS_NO_PRIVILEGE},
	        {403, RSC_ORIGINATOR_HAS_NO_PRIVILEGE},
	        {404, RSC_NOT_FOUND},
	        {405, RSC_OPERATION_NOT_ALLOWED},
	        {406, RSC_NOT_ACCEPTABLE},
	        {408, RSC_REQUEST_TIMEOUT},
	        {409, RSC_CONFLICT},
	        {415, RSC_UNSUPPORTED_MEDIA_TYPE},
	        {501, RSC_NOT_IMPLEMENTED},
	        {502, RSC_TARGET_NOT_REACHABLE},
	        {503, RSC_TARGET_NOT_REACHABLE},
	        {504, RSC_REQUEST_TIMEOUT},
	};

	if (status >= 200 && status < 300)
		return RSC_OK;
	for (size_t i = 0; i < sizeof(near) / sizeof(*near); i++)
		if (near[i].status == status)
			return near[i].rsc;
	if (status >= 300 && status < 400)
		return RSC_TARGET_NOT_REACHABLE;
	return status < 500 ? RSC_BAD_REQUEST : RSC_INTERNAL_SERVER_ERROR;
}

int wire_http_read_reply(struct arena *arena, int status, const struct wire_http_header *headers,
                         size_t header_count, struct slice body, struct why *why, struct prim *ret)
{
	struct reading reading = {arena, why, ret, PRIM_RSP, {0}, {0}};
	struct why lost;
	int r;

	*ret = (struct prim){0};
	r = http_headers_read(&reading, headers, header_count);
	if (r != 0)
		return r;
	if (ret->at[PRIM_rsc]) {
		int64_t rsc = prim_int(ret, PRIM_rsc, 0);

		if (rsc < 1000 || rsc > 9999)
			return refuse(why, RSC_BAD_REQUEST,
			              "the header X-M2M-RSC is no response status code");
		return http_body_read(&reading, body);
	}
	/* Not one of us, or an old one: its status counts, and of its body what makes sense. */
	ret->at[PRIM_rsc] = val_int(arena, http_nearest(status));
	reading.why = &lost;
	if (reading.media.type && http_body_read(&reading, body) != 0)
		ret->at[PRIM_pc] = NULL;
	return 0;
}
