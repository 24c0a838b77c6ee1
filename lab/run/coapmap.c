/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/coapmap.h"

#include "base/buf.h"
#include "lab/run/content.h"

enum {
	COAP_ETAG = 4,
	COAP_LOCATION_PATH = 8,
	COAP_URI_PATH = 11,
	COAP_FORMAT = 12,
	COAP_MAX_AGE = 14,
	COAP_URI_QUERY = 15,
	COAP_ACCEPT = 17
};

enum coapmap_kind { COAPMAP_TEXT, COAPMAP_STAMP, COAPMAP_UINT };

/* TS-0008 6.2.2.4; all critical, none may be repeated. */
static const struct coapmap_row {
	uint16_t number, old; /* old: of earlier releases, where it is another one */
	const char *sn;
	enum coapmap_kind kind;
	size_t most; /* bytes */
} coapmap_rows[] = {
        {259, 0, "ot", COAPMAP_STAMP, 15},     {263, 0, "nu", COAPMAP_TEXT, 255},
        {267, 0, "ty", COAPMAP_UINT, 2},       {271, 0, "rvi", COAPMAP_TEXT, 2},
        {275, 0, "asri", COAPMAP_TEXT, 255},   {279, 256, "fr", COAPMAP_TEXT, 255},
        {283, 257, "rqi", COAPMAP_TEXT, 255},  {291, 260, "rqet", COAPMAP_STAMP, 15},
        {295, 261, "rset", COAPMAP_STAMP, 15}, {299, 262, "oet", COAPMAP_STAMP, 15},
        {303, 264, "ec", COAPMAP_UINT, 1},     {307, 265, "rsc", COAPMAP_UINT, 2},
        {311, 266, "gid", COAPMAP_TEXT, 255},  {319, 0, "cnot", COAPMAP_UINT, 2},
        {323, 0, "cnst", COAPMAP_UINT, 2},     {327, 0, "ati", COAPMAP_TEXT, 255},
        {331, 0, "vsi", COAPMAP_TEXT, 255},    {335, 0, "grtm", COAPMAP_TEXT, 512},
        {339, 0, "aus", COAPMAP_TEXT, 255},
};
#define COAPMAP_ROWS (sizeof coapmap_rows / sizeof *coapmap_rows)

const uint16_t coapmap_known[] = {259, 263, 267, 271, 275, 279, 283, 291, 295, 299, 303, 307, 311, 319,
                                  323, 327, 331, 335, 339, 256, 257, 260, 261, 262, 264, 265, 266};
const size_t coapmap_known_count = sizeof coapmap_known / sizeof *coapmap_known;

/* Content formats; the first of each row is the one for anything. */
static const uint16_t coapmap_formats[ENCODING_COUNT][6] = {
        [ENCODING_JSON] = {50, 10001, 10003, 10007, 10009},
        [ENCODING_CBOR] = {60, 10010, 10011, 10012, 10013},
        [ENCODING_XML] = {41, 10014, 10002, 10006, 10008, 10000},
};

static bool coapmap_encoding(uint64_t format, enum encoding *ret)
{
	for (int e = 0; e < ENCODING_COUNT; e++)
		for (size_t i = 0; i < 6; i++)
			if (coapmap_formats[e][i] && coapmap_formats[e][i] == format) {
				*ret = (enum encoding)e;
				return true;
			}
	return false;
}

/* Which code goes with which response status code. TS-0008 6.2.4 */
static const struct coapmap_code {
	uint8_t code;
	uint16_t rscs[32];
} coapmap_codes[] = {
        {0x41, {2001, 1001, 1002}},
        {0x42, {2002}},
        {0x44, {2004, 2000, 1002}},
        {0x45, {2000}},
        {0x80,
         {4000, 4102, 4104, 4110, 4123, 4124, 4143, 5106, 5219, 5220, 6010, 6022, 6023, 6024, 6028, 6029}},
        {0x82, {4120, 4122}},
        {0x83, {4101, 4103, 4105, 4106, 4107, 4108, 4109, 4111, 4112, 4113, 4114, 4115,
                4116, 4117, 4126, 4127, 5105, 5203, 5205, 5208, 5214, 5215, 5218, 5222}},
        {0x84, {4004, 4118, 4119, 4121, 5103, 5107, 6003, 6005}},
        {0x85, {4005}},
        {0x86, {5207}},
        {0x8f, {4015}},
        {0xa0, {5000, 5204, 5209, 5210, 5211, 5212, 5216, 5217, 5221, 6020, 6021, 6025, 6026}},
        {0xa1, {4001, 4125, 5001, 5206}},
        {0xa4, {4008, 6030, 6031}},
};
#define COAPMAP_CODES (sizeof coapmap_codes / sizeof *coapmap_codes)

/* --- options --- */

static bool coapmap_add(struct coap_message *message, uint16_t number, struct slice value)
{
	if (message->option_count == COAP_OPTIONS_MAX)
		return false;
	message->options[message->option_count++] = (struct coap_opt){number, value};
	return true;
}

static struct slice coapmap_uint(struct arena *arena, uint64_t n)
{
	char bytes[8];
	size_t len = 0;

	for (int shift = 56; shift >= 0; shift -= 8)
		if (len || (n >> shift) & 255)
			bytes[len++] = (char)((n >> shift) & 255);
	return arena_copy(arena, (struct slice){bytes, len});
}

static uint64_t coapmap_number(struct slice value)
{
	uint64_t n = 0;

	for (size_t i = 0; i < value.len && i < 8; i++)
		n = n << 8 | (unsigned char)value.ptr[i];
	return n;
}

static const struct coapmap_row *coapmap_row(struct slice sn)
{
	for (size_t i = 0; i < COAPMAP_ROWS; i++)
		if (slice_is_text(sn, coapmap_rows[i].sn))
			return &coapmap_rows[i];
	return NULL;
}

static const struct coap_opt *coapmap_find(const struct coap_message *message, uint16_t number)
{
	for (size_t i = 0; i < message->option_count; i++)
		if (message->options[i].number == number)
			return &message->options[i];
	return NULL;
}

/* One parameter as an option. NULL, or why it cannot be. */
static const char *coapmap_put(struct arena *arena, struct coap_message *message, const char *sn,
                               struct slice value)
{
	const struct coapmap_row *row = coapmap_row(slice_of(sn));
	uint64_t n;

	if (!value.ptr)
		return NULL;
	if (row->kind == COAPMAP_STAMP && value.len > row->most && value.ptr[15] == ',')
		value.len = row->most; /* without fractions of a second */
	if (row->kind == COAPMAP_UINT) {
		if (!slice_u64(value, &n))
			return arena_printf(arena, "CoAP carries %s as a number", sn).ptr;
		value = coapmap_uint(arena, n);
	}
	if (value.len > row->most || (row->kind == COAPMAP_STAMP && value.len != row->most))
		return arena_printf(arena, "CoAP carries %s in %zu bytes", sn, row->most).ptr;
	return coapmap_add(message, row->number, value) ? NULL : "that many options";
}

static const char *coapmap_segment(struct coap_message *message, uint16_t number, struct slice text)
{
	if (text.len > 255)
		return "CoAP carries 255 bytes in a part of a path or query";
	return coapmap_add(message, number, text) ? NULL : "that many parts of a path or query";
}

/* //sp/cse/x -> _ sp cse x; /cse/x -> ~ cse x. TS-0008 6.2.2.3 */
static const char *coapmap_path(struct coap_message *message, const struct place *place, struct slice to)
{
	struct slice prefix = slice_of(place->prefix), part;
	const char *reason = NULL;

	while (slice_cut(&prefix, '/', &part))
		if (part.len && !reason)
			reason = coapmap_segment(message, COAP_URI_PATH, part);
	if (slice_starts(to, SLICE("//"))) {
		reason = coapmap_segment(message, COAP_URI_PATH, SLICE("_"));
		to = slice_skip(to, 2);
	} else if (slice_starts(to, SLICE("/"))) {
		reason = coapmap_segment(message, COAP_URI_PATH, SLICE("~"));
		to = slice_skip(to, 1);
	}
	bool slash = to.len && to.ptr[to.len - 1] == '/';

	while (!reason && slice_cut(&to, '/', &part))
		reason = coapmap_segment(message, COAP_URI_PATH, part);
	return reason || !slash ? reason : coapmap_segment(message, COAP_URI_PATH, (struct slice){"", 0});
}

/* Non-blocking and flexible requests are POST and say their operation. TS-0008 6.2.1 */
static bool coapmap_waits(const struct call *call)
{
	for (size_t i = 0; i < call->param_count; i++)
		if (slice_is_text(call->params[i].name, "rt") && !slice_is_text(call->params[i].value, "3"))
			return false;
	return true;
}

static const char *coapmap_params(struct arena *arena, const struct call *call, struct coap_message *ret)
{
	const char *reason = NULL;

	for (size_t i = 0; !reason && i < call->param_count; i++) {
		struct slice name = call->params[i].name, value = call->params[i].value;
		const struct coapmap_row *row = slice_is_text(name, "ty") ? NULL : coapmap_row(name);

		if (!value.ptr)
			continue;
		if (row)
			reason = coapmap_put(arena, ret, row->sn, value);
		else if (slice_is_text(name, "gstn"))
			reason = "CoAP has no option for gstn";
		else
			reason = coapmap_segment(
			        ret, COAP_URI_QUERY,
			        arena_printf(arena, "%.*s=%.*s", SLICE_ARG(name), SLICE_ARG(value)));
	}
	if (!reason && !coapmap_waits(call))
		reason = coapmap_segment(ret, COAP_URI_QUERY, arena_printf(arena, "op=%d", call->op));
	return reason;
}

/* "Accept: 60" in place of what would be sent. */
static void coapmap_format(struct arena *arena, const struct call *call, const char *word, uint16_t number,
                           uint16_t otherwise, struct coap_message *ret)
{
	struct slice said;
	uint64_t n = otherwise;

	if (call_header(call, word, &said) && !slice_u64(said, &n))
		return;
	coapmap_add(ret, number, coapmap_uint(arena, n));
}

/* "Option-65000: text", "Type: NON", "Code: 0.05" */
static void coapmap_words(const struct call *call, struct coap_message *ret)
{
	for (size_t i = 0; i < call->header_count; i++) {
		struct slice value = call->headers[i], name;
		uint64_t n;

		slice_cut(&value, ':', &name);
		if (value.len && value.ptr[0] == ' ')
			value = slice_skip(value, 1);
		if (slice_is_text(name, "Type"))
			ret->confirmable = !slice_is_text(value, "NON");
		else if (slice_is_text(name, "Code") && value.len == 4)
			ret->code = (uint8_t)((value.ptr[0] - '0') << 5 |
			                      ((value.ptr[2] - '0') * 10 + value.ptr[3] - '0'));
		else if (slice_starts(name, SLICE("Option-")) && slice_u64(slice_skip(name, 7), &n))
			coapmap_add(ret, (uint16_t)n, value);
	}
}

const char *coapmap_write_call(struct arena *arena, const struct place *place, const struct call *call,
                               struct coap_message *ret)
{
	static const uint8_t methods[] = {2, 2, 1, 3, 4, 2};
	uint16_t format = coapmap_formats[place->encoding][0];
	const char *reason;

	*ret = (struct coap_message){.code = methods[call->op > 5 ? 0 : call->op], .confirmable = true};
	if (!coapmap_waits(call))
		ret->code = 2;
	if ((reason = coapmap_path(ret, place, call->to)) ||
	    (reason = coapmap_put(arena, ret, "fr", call->fr)) ||
	    (reason = coapmap_put(arena, ret, "rqi", call->rqi)) ||
	    (reason = coapmap_put(arena, ret, "rvi", call->rvi)) ||
	    (reason = coapmap_params(arena, call, ret)))
		return reason;
	if (call->ty >= 0)
		reason = coapmap_put(arena, ret, "ty", arena_printf(arena, "%lld", (long long)call->ty));
	ret->payload = content_of(arena, place->encoding, call);
	if (ret->payload.ptr)
		coapmap_format(arena, call, "Content-Format", COAP_FORMAT, format, ret);
	coapmap_format(arena, call, "Accept", COAP_ACCEPT, format, ret);
	coapmap_words(call, ret);
	return reason;
}

/* --- answers --- */

/* A code that the table does not name goes with the class that its first digit names. */
static const char *coapmap_code_fault(struct arena *arena, uint8_t code, int rsc, int op)
{
	bool known = false;

	if (rsc == 2000 && (op == 2) != (code == 0x45))
		return arena_printf(arena, "2000 does not go with %d.%02d here", code >> 5, code & 31).ptr;
	for (size_t i = 0; i < COAPMAP_CODES; i++)
		for (size_t k = 0; k < 32 && coapmap_codes[i].rscs[k]; k++) {
			if (coapmap_codes[i].rscs[k] != rsc)
				continue;
			known = true;
			if (coapmap_codes[i].code == code)
				return NULL;
		}
	if (!known && rsc / 1000 == code >> 5)
		return NULL;
	return arena_printf(arena, "%d does not go with %d.%02d", rsc, code >> 5, code & 31).ptr;
}

static void coapmap_header(struct message *message, const char *name, const char *value)
{
	if (message->header_count == MESSAGE_HEADERS)
		return;
	message->headers[message->header_count].name = name;
	message->headers[message->header_count++].value = value;
}

/* What stands for headers, so that a case can look at it. */
static struct message *coapmap_headers(struct arena *arena, const struct coap_message *answer)
{
	struct message *message = arena_new(arena, struct message);
	struct buf path;

	buf_init(&path, arena);
	coapmap_header(message, "Code",
	               arena_printf(arena, "%d.%02d", answer->code >> 5, answer->code & 31).ptr);
	for (size_t i = 0; i < answer->option_count; i++) {
		const struct coap_opt *option = &answer->options[i];
		unsigned long long n = coapmap_number(option->value);

		if (option->number == COAP_LOCATION_PATH)
			buf_printf(&path, "/%.*s", SLICE_ARG(option->value));
		else if (option->number == COAP_FORMAT || option->number == COAP_MAX_AGE)
			coapmap_header(message, option->number == COAP_FORMAT ? "Content-Format" : "Max-Age",
			               arena_printf(arena, "%llu", n).ptr);
		else if (option->number == COAP_ETAG)
			coapmap_header(message, "ETag", arena_printf(arena, "%llx", n).ptr);
		else
			coapmap_header(message, arena_printf(arena, "Option-%u", option->number).ptr,
			               arena_text(arena, option->value));
	}
	if (path.len)
		coapmap_header(message, "Location-Path", arena_text(arena, buf_slice(&path)));
	return message;
}

/* The options of ours as an object; what is wrong with one is told. */
static const char *coapmap_take(struct arena *arena, const struct coap_message *message, bool old,
                                struct val *out)
{
	const char *fault = NULL;

	for (size_t i = 0; i < COAPMAP_ROWS; i++) {
		const struct coapmap_row *row = &coapmap_rows[i];
		const struct coap_opt *option = coapmap_find(message, row->number);

		if (!option && old && row->old)
			option = coapmap_find(message, row->old);
		if (!option)
			continue;
		if (option->value.len > row->most ||
		    (row->kind == COAPMAP_STAMP && option->value.len != row->most))
			fault = arena_printf(arena, "option %u (%s) has %zu bytes", row->number, row->sn,
			                     option->value.len)
			                .ptr;
		if (row->kind == COAPMAP_UINT)
			val_put(out, slice_of(row->sn),
			        val_int(arena, (int64_t)(coapmap_number(option->value) & 0xffffff)));
		else
			val_put(out, slice_of(row->sn), val_str(arena, arena_copy(arena, option->value)));
	}
	for (size_t i = 0; i + 1 < message->option_count; i++)
		for (size_t k = i + 1; k < message->option_count; k++)
			if (message->options[i].number > 255 &&
			    message->options[i].number == message->options[k].number)
				fault = arena_printf(arena, "option %u stands there twice",
				                     message->options[i].number)
				                .ptr;
	return fault;
}

static void coapmap_content(struct arena *arena, const struct place *place, const struct call *call,
                            const struct coap_message *answer, struct reply *ret)
{
	const struct coap_opt *format = coapmap_find(answer, COAP_FORMAT);
	enum encoding encoding = place->encoding;
	struct why why = {0};
	struct slice said;

	ret->body = arena_copy(arena, answer->payload);
	if (!answer->payload.len)
		return;
	if (!format) /* RFC 7252 5.5.2: a diagnostic payload is text for people */
		ret->form_fault = "there is a payload without a content format";
	else if (!coapmap_encoding(coapmap_number(format->value), &encoding))
		ret->form_fault = "its content format is none of ours";
	else if (encoding != place->encoding && !call_header(call, "Accept", &said))
		ret->form_fault = "its content format is not the one asked for";
	if (content_read(arena, encoding, ret->body, &why, &ret->pc) != 0) {
		ret->body_fault = arena_text(arena, slice_of(why.text));
		ret->pc = NULL;
	}
}

void coapmap_read_answer(struct arena *arena, const struct place *place, const struct call *call,
                         const struct coap_message *answer, struct reply *ret)
{
	struct val *params = val_obj(arena);
	struct slice said;
	int64_t rsc;

	/* Who asks by the numbers of earlier releases is answered by them. */
	ret->form_fault = coapmap_take(arena, answer, call_header(call, "Option-256", &said), params);
	ret->status = arena_printf(arena, "CoAP %d.%02d", answer->code >> 5, answer->code & 31).ptr;
	ret->params = params;
	ret->message = coapmap_headers(arena, answer);
	ret->rqi = reply_param(arena, ret, SLICE("rqi"));
	ret->rvi = reply_param(arena, ret, SLICE("rvi"));
	if (val_is_int(val_find(params, "rsc"), &rsc))
		ret->rsc = (int)rsc;
	if (!ret->form_fault && ret->rsc)
		ret->form_fault = coapmap_code_fault(arena, answer->code, ret->rsc, call->op);
	coapmap_content(arena, place, call, answer, ret);
}

/* --- requests that come --- */

const char *coapmap_read_request(struct arena *arena, enum encoding encoding,
                                 const struct coap_message *request, struct val **ret_primitive,
                                 struct slice *ret_path)
{
	const struct coap_opt *format = coapmap_find(request, COAP_FORMAT);
	struct val *out = *ret_primitive = val_obj(arena), *pc;
	const char *fault = coapmap_take(arena, request, false, out);
	enum encoding found = encoding;
	struct why why = {0};
	struct buf path;

	buf_init(&path, arena);
	for (size_t i = 0; i < request->option_count; i++)
		if (request->options[i].number == COAP_URI_PATH)
			buf_printf(&path, "%s%.*s", path.len ? "/" : "",
			           SLICE_ARG(request->options[i].value));
	*ret_path = buf_slice(&path);
	val_put(out, SLICE("op"), val_int(arena, 5));
	val_put(out, SLICE("method"), val_str(arena, SLICE("POST")));
	if (request->code != 2)
		fault = "a notification is a POST";
	if (!format || !coapmap_encoding(coapmap_number(format->value), &found) || found != encoding)
		fault = "the content format of a notification is that of its target";
	if (content_read(arena, found, arena_copy(arena, request->payload), &why, &pc) == 0)
		val_put(out, SLICE("pc"), pc);
	else if (!fault)
		fault = arena_printf(arena, "the content cannot be read: %s", why.text).ptr;
	return fault;
}

void coapmap_write_answer(struct arena *arena, enum encoding encoding, const struct val *response,
                          struct coap_message *ret)
{
	const struct val *pc = val_find(response, "pc");
	struct slice rqi, rvi;
	int64_t rsc = 5000;

	(void)val_is_int(val_find(response, "rsc"), &rsc);
	*ret = (struct coap_message){.code = 0x44};
	for (size_t i = 0; rsc != 2000 && i < COAPMAP_CODES; i++)
		for (size_t k = 0; k < 32; k++)
			if (coapmap_codes[i].rscs[k] == rsc)
				ret->code = coapmap_codes[i].code;
	coapmap_add(ret, 307, coapmap_uint(arena, (uint64_t)rsc));
	if (val_is_str(val_find(response, "rqi"), &rqi))
		coapmap_add(ret, 283, rqi);
	if (val_is_str(val_find(response, "rvi"), &rvi))
		coapmap_add(ret, 271, rvi);
	if (!pc)
		return;
	ret->payload = content_write(arena, encoding, pc);
	coapmap_add(ret, COAP_FORMAT, coapmap_uint(arena, coapmap_formats[encoding][0]));
}

static void coapmap_show_option(struct buf *buf, const struct coap_opt *option)
{
	const struct coapmap_row *row = NULL;

	for (size_t k = 0; k < COAPMAP_ROWS; k++)
		row = coapmap_rows[k].number == option->number ? &coapmap_rows[k] : row;
	if (option->number == COAP_FORMAT || option->number == COAP_ACCEPT ||
	    (row && row->kind == COAPMAP_UINT))
		buf_printf(buf, "\r\n%u %s: %llu", option->number, row ? row->sn : "",
		           (unsigned long long)coapmap_number(option->value));
	else if (row || option->number > COAP_ACCEPT)
		buf_printf(buf, "\r\n%u %s: %.*s", option->number, row ? row->sn : "",
		           SLICE_ARG(option->value));
}

struct slice coapmap_show(struct arena *arena, const struct coap_message *message, const struct call *call)
{
	static const char *const methods[] = {"", "GET", "POST", "PUT", "DELETE"};
	struct buf buf;
	char mark = '?';

	buf_init(&buf, arena);
	buf_printf(&buf, "%s %s ", message->confirmable ? "CON" : "NON",
	           message->code < 5 ? methods[message->code] : "?");
	for (size_t i = 0; i < message->option_count; i++)
		if (message->options[i].number == COAP_URI_PATH)
			buf_printf(&buf, "/%.*s", SLICE_ARG(message->options[i].value));
	for (size_t i = 0; i < message->option_count; i++)
		if (message->options[i].number == COAP_URI_QUERY) {
			buf_printf(&buf, "%c%.*s", mark, SLICE_ARG(message->options[i].value));
			mark = '&';
		}
	for (size_t i = 0; i < message->option_count; i++)
		coapmap_show_option(&buf, &message->options[i]);
	buf_add_lit(&buf, "\r\n");
	content_show(&buf, call);
	return buf_slice(&buf);
}
