/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to primitives: one loop over the options, path and query put together on the way, then what they
 * say about the operation and the body. */
#include "wire/wire_coap.h"

#include "base/utf8.h"
#include "model/rsc.h"
#include "wire/wire_body.h"
#include "wire/wire_coap_number.h"
#include "wire/wire_query.h"
#include "wire/wire_url.h"

struct reading {
	struct arena *arena;
	struct why *why;
	struct prim *prim;
	enum prim_direction direction;
	struct wire_coap_form *form;
	struct buf path, query;
	size_t segments;
	bool has_op;
	int64_t op;    /* of the query */
	uint64_t seen; /* parameters that came in options */
	const struct wire_media_type *body_type, *accept;
	bool has_format, has_accept;
	uint32_t format;
};

size_t wire_coap_numbers(uint16_t numbers[2 * PRIM_COUNT])
{
	size_t count = 0;

	for (int i = 0; i < PRIM_COUNT; i++) {
		if (prim_rows[i].option)
			numbers[count++] = prim_rows[i].option;
		if (prim_rows[i].older && prim_rows[i].older != prim_rows[i].option)
			numbers[count++] = prim_rows[i].older;
	}
	return count;
}

static int coap_text(struct reading *reading, struct slice text, const char *what)
{
	if (!utf8_is_valid(text) || (text.len > 0 && memchr(text.ptr, 0, text.len)))
		return refuse(reading->why, RSC_BAD_REQUEST, "%s is not text in UTF-8", what);
	return 0;
}

/* Of at most four bytes. */
static uint32_t coap_uint(struct slice value)
{
	uint32_t n = 0;

	for (size_t i = 0; i < value.len; i++)
		n = n << 8 | (unsigned char)value.ptr[i];
	return n;
}

/* A parameter in an option of its own. */
static int coap_parameter(struct reading *reading, const struct prim_row *row,
                          const struct wire_coap_option *option)
{
	int r;

	if (!(row->direction & reading->direction))
		return 0;
	if (row->older == option->number && row->older != row->option)
		reading->form->older = true;
	if (reading->seen & (UINT64_C(1) << row->id))
		return refuse(reading->why, RSC_BAD_REQUEST, "option %u (%s) stands there twice",
		              option->number, row->sn);
	reading->seen |= UINT64_C(1) << row->id;
	if (option->value.len > wire_coap_longest(row))
		return refuse(reading->why, RSC_BAD_REQUEST, "option %u (%s) is longer than %zu bytes",
		              option->number, row->sn, wire_coap_longest(row));
	if (row->how == PRIM_INT) {
		reading->prim->at[row->id] = val_int(reading->arena, coap_uint(option->value));
		return 0;
	}
	r = coap_text(reading, option->value, row->sn);
	return r != 0 ? r
	              : prim_set_text(reading->prim, reading->arena, row,
	                              arena_copy(reading->arena, option->value), reading->why);
}

/* "_" and "~" in front stand for the two longer forms of an address. */
static int coap_segment(struct reading *reading, struct slice segment)
{
	int r = coap_text(reading, segment, "the path");

	if (r != 0)
		return r;
	if (segment.len > 0 && memchr(segment.ptr, '/', segment.len))
		return refuse(reading->why, RSC_BAD_REQUEST, "the path hides a '/' in one of its options");
	if (reading->segments > 0)
		buf_add_char(&reading->path, '/');
	if (reading->segments++ == 0 && slice_is(segment, SLICE("_")))
		buf_add_char(&reading->path, '/');
	else if (reading->segments > 1 || !slice_is(segment, SLICE("~")))
		buf_add_slice(&reading->path, segment);
	return 0;
}

/* As in a query of HTTP, where all this must be escaped; a '+' separates values in both. */
static void coap_query_add(struct buf *query, struct slice pair)
{
	if (query->len > 0)
		buf_add_char(query, '&');
	for (bool first = true; pair.len > 0; pair = slice_skip(pair, 1)) {
		char c = pair.ptr[0];

		if (c == '+' || (c == '=' && first))
			buf_add_char(query, c);
		else
			wire_url_encode(query, slice_make(&c, 1));
		first = first && c != '=';
	}
}

/* tokens and op are in the query here, but not in that of HTTP. */
static int coap_query(struct reading *reading, struct slice pair)
{
	struct slice value = pair, key = SLICE("");
	int r = coap_text(reading, pair, "the query");

	if (r != 0)
		return r;
	if (memchr(pair.ptr ? pair.ptr : "", '=', pair.len))
		slice_cut(&value, '=', &key);
	if (slice_is(key, SLICE("op"))) {
		if (reading->has_op || !slice_i64(value, &reading->op) || reading->op < OP_CREATE ||
		    reading->op > OP_NOTIFY)
			return refuse(reading->why, RSC_BAD_REQUEST, "op: expected one number from 1 to 5");
		reading->has_op = true;
		return 0;
	}
	if (slice_is(key, SLICE("tkns")))
		return prim_set_text(reading->prim, reading->arena, &prim_rows[PRIM_tkns],
		                     arena_copy(reading->arena, value), reading->why);
	coap_query_add(&reading->query, pair);
	return 0;
}

/* An elective option: one that is too long, or comes a second time, counts as one that is not known, and is
 * passed over. RFC 7252 5.4.3, 5.4.5 */
static void coap_format(struct reading *reading, const struct wire_coap_option *option)
{
	if (reading->has_format || option->value.len > 2)
		return;
	reading->has_format = true;
	reading->format = coap_uint(option->value);
	reading->body_type = wire_media_of_format(reading->format);
}

static int coap_accept(struct reading *reading, const struct wire_coap_option *option)
{
	if (reading->has_accept)
		return refuse(reading->why, RSC_BAD_REQUEST, "Accept stands there twice");
	if (option->value.len > 2)
		return refuse(reading->why, RSC_BAD_REQUEST, "Accept is longer than 2 bytes");
	reading->has_accept = true;
	reading->accept = wire_media_of_format(coap_uint(option->value));
	return 0;
}

static int coap_option(struct reading *reading, const struct wire_coap_option *option)
{
	const struct prim_row *row = prim_by_option(option->number);

	if (row)
		return coap_parameter(reading, row, option);
	switch (option->number) {
	case WIRE_COAP_FORMAT:
		coap_format(reading, option);
		return 0;
	case WIRE_COAP_URI_PATH:
		return reading->direction == PRIM_REQ ? coap_segment(reading, option->value) : 0;
	case WIRE_COAP_URI_QUERY:
		return reading->direction == PRIM_REQ ? coap_query(reading, option->value) : 0;
	case WIRE_COAP_ACCEPT:
		return reading->direction == PRIM_REQ ? coap_accept(reading, option) : 0;
	}
	return 0;
}

/* All options, also behind one that is refused: the answer wants the request identifier. */
static int coap_options(struct reading *reading, const struct wire_coap_message *message)
{
	struct why *why = reading->why;
	int first = 0;

	for (size_t i = 0; i < message->option_count; i++) {
		int r = coap_option(reading, &message->options[i]);

		if (r != 0 && first == 0) {
			first = r;
			reading->why = NULL;
		}
	}
	reading->why = why;
	return first;
}

/* The operation from the method; POST is a CREATE when there is a type, else a NOTIFY, unless the query says
 * what it is: so do requests that may be answered later. TS-0008 6.2.1 */
static int coap_operation(struct reading *reading, uint8_t code)
{
	static const uint8_t methods[] = {0, OP_RETRIEVE, 0, OP_UPDATE, OP_DELETE};
	int64_t op = code < sizeof(methods) ? methods[code] : 0;

	if (code == WIRE_COAP_POST)
		op = reading->has_op ? reading->op : reading->prim->at[PRIM_ty] ? OP_CREATE : OP_NOTIFY;
	if (op == 0)
		return refuse(reading->why, RSC_OPERATION_NOT_ALLOWED,
		              "the method 0.%02u means nothing here, expected GET, POST, PUT or DELETE",
		              code);
	if (reading->has_op && reading->op != op)
		return refuse(reading->why, RSC_BAD_REQUEST, "op in the query says other than the method");
	reading->prim->at[PRIM_op] = val_int(reading->arena, op);
	return 0;
}

static int coap_body(struct reading *reading, struct slice body)
{
	struct val *pc;
	int r;

	if (body.len == 0)
		return 0;
	if (reading->has_format && !reading->body_type)
		return refuse(reading->why, RSC_UNSUPPORTED_MEDIA_TYPE,
		              "the body has Content-Format %u, expected one of JSON, CBOR or XML",
		              reading->format);
	r = wire_body_read(reading->arena, reading->body_type ? reading->body_type->encoding : ENCODING_JSON,
	                   arena_copy(reading->arena, body), reading->why, &pc);
	if (r != 0)
		return r;
	if (reading->prim->at[PRIM_pc])
		return refuse(reading->why, RSC_BAD_REQUEST, "a body stands beside atrl in the query");
	reading->prim->at[PRIM_pc] = pc;
	return 0;
}

static int coap_target(struct reading *reading)
{
	reading->prim->at[PRIM_to] = val_str(reading->arena, buf_slice(&reading->path));
	return wire_query_read(reading->arena, buf_slice(&reading->query), reading->why, reading->prim);
}

static void coap_begin(struct reading *reading)
{
	*reading->prim = (struct prim){0};
	*reading->form = (struct wire_coap_form){0};
	buf_init(&reading->path, reading->arena);
	buf_init(&reading->query, reading->arena);
}

int wire_coap_read(struct arena *arena, const struct wire_coap_message *message, struct why *why,
                   struct prim *ret, struct wire_coap_form *ret_form)
{
	struct reading reading = {
	        .arena = arena, .why = why, .prim = ret, .direction = PRIM_REQ, .form = ret_form};
	int r;

	coap_begin(&reading);
	r = coap_options(&reading, message);
	ret_form->type = reading.accept ? reading.accept : reading.body_type;
	if (r == 0)
		r = coap_operation(&reading, message->code);
	if (r == 0)
		r = coap_target(&reading);
	if (r == 0 && prim_text(ret, PRIM_rqi).len == 0)
		r = refuse(why, RSC_BAD_REQUEST, "option 283 (request identifier) is missing");
	if (r == 0 && reading.has_accept && !reading.accept)
		r = refuse(why, RSC_NOT_ACCEPTABLE,
		           "Accept allows nothing that can be sent, which is JSON, CBOR or XML");
	if (r == 0)
		r = coap_body(&reading, message->body);
	return r;
}

/* The response status code that says most nearly what a code says. */
static int coap_nearest(uint8_t code)
{
	static const struct {
		uint8_t code;
		int rsc;
	} near[] = {
	        {WIRE_COAP_CODE(400), RSC_BAD_REQUEST},
	        {WIRE_COAP_CODE(401), RSC_ORIGINATOR_HAS_NO_PRIVILEGE},
	        {WIRE_COAP_CODE(403), RSC_ORIGINATOR_HAS_NO_PRIVILEGE},
	        {WIRE_COAP_CODE(404), RSC_NOT_FOUND},
	        {WIRE_COAP_CODE(405), RSC_OPERATION_NOT_ALLOWED},
	        {WIRE_COAP_CODE(406), RSC_NOT_ACCEPTABLE},
	        {WIRE_COAP_CODE(415), RSC_UNSUPPORTED_MEDIA_TYPE},
	        {WIRE_COAP_CODE(501), RSC_NOT_IMPLEMENTED},
	        {WIRE_COAP_CODE(502), RSC_TARGET_NOT_REACHABLE},
	        {WIRE_COAP_CODE(503), RSC_TARGET_NOT_REACHABLE},
	        {WIRE_COAP_CODE(504), RSC_REQUEST_TIMEOUT},
	};

	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		if (near[i].code == code)
			return near[i].rsc;
	if (code >> 5 == 2)
		return RSC_OK;
	return code >> 5 == 4 ? RSC_BAD_REQUEST : RSC_INTERNAL_SERVER_ERROR;
}

int wire_coap_read_reply(struct arena *arena, const struct wire_coap_message *message, struct why *why,
                         struct prim *ret)
{
	struct wire_coap_form form;
	struct reading reading = {
	        .arena = arena, .why = why, .prim = ret, .direction = PRIM_RSP, .form = &form};
	struct why lost;
	int r;

	coap_begin(&reading);
	r = coap_options(&reading, message);
	if (r != 0)
		return r;
	if (ret->at[PRIM_rsc]) {
		int64_t rsc = prim_int(ret, PRIM_rsc, 0);

		if (rsc < 1000 || rsc > 9999)
			return refuse(why, RSC_BAD_REQUEST, "option 307 is no response status code");
		return coap_body(&reading, message->body);
	}
	/* Not one of us, or an old one: its code counts, and of its body what makes sense. */
	ret->at[PRIM_rsc] = val_int(arena, coap_nearest(message->code));
	reading.why = &lost;
	if (reading.body_type && coap_body(&reading, message->body) != 0)
		ret->at[PRIM_pc] = NULL;
	return 0;
}
