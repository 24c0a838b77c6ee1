/* SPDX-License-Identifier: Apache-2.0 */
/* The opening handshake (RFC 6455 4.2.1): is it one, which encoding, and may a page of that
 * origin. A browser sends a page's WebSocket requests anywhere without asking, also to a node on the machine
 * of whoever looks at the page; so origins are held to the same list as CORS. A page can send no header of
 * its own either, so a token comes as a subprotocol that is offered and never agreed to. */
#include "bind/bind_origin.h"
#include "bind/bind_ws_private.h"
#include "model/rsc.h"
#include "net/http_parse.h"

static struct slice shake_trim(struct slice text)
{
	while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = slice_skip(text, 1);
	while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* Is the word in a list, in any of the headers of that name? */
static bool shake_lists(const struct http_exchange *exchange, struct slice name, struct slice word)
{
	for (size_t i = 0; i < exchange->header_count; i++) {
		struct slice rest = exchange->headers[i].value, part;

		if (!http_parse_same(exchange->headers[i].name, name))
			continue;
		while (slice_cut(&rest, ',', &part))
			if (http_parse_same(shake_trim(part), word))
				return true;
	}
	return false;
}

bool shake_is_asked(const struct http_exchange *exchange)
{
	return slice_is(exchange->method, SLICE("GET")) &&
	       shake_lists(exchange, SLICE("Upgrade"), SLICE("websocket"));
}

/* Takes a beginning off, in any case of letters. */
static bool shake_skip(struct slice *text, struct slice beginning)
{
	if (text->len < beginning.len || !http_parse_same(slice_make(text->ptr, beginning.len), beginning))
		return false;
	*text = slice_skip(*text, beginning.len);
	return true;
}

/* "oneM2M.json", "oneM2M.R2.0.json", "onem2m.r2.0.JSON" */
static bool shake_protocol(struct slice text, enum encoding *ret)
{
	if (!shake_skip(&text, SLICE("oneM2M.")))
		return false;
	(void)shake_skip(&text, SLICE("R2.0."));
	return encoding_parse(text, ret);
}

struct slice bind_ws_bearer(const struct http_exchange *exchange)
{
	for (size_t i = 0; i < exchange->header_count; i++) {
		struct slice rest = exchange->headers[i].value, part;

		if (!http_parse_same(exchange->headers[i].name, SLICE("Sec-WebSocket-Protocol")))
			continue;
		while (slice_cut(&rest, ',', &part)) {
			part = shake_trim(part);
			if (shake_skip(&part, SLICE("dure.bearer.")))
				return part;
		}
	}
	return (struct slice){NULL, 0};
}

/* The first that was offered and that we speak. */
static bool shake_choose(const struct http_exchange *exchange, struct shake *ret)
{
	for (size_t i = 0; i < exchange->header_count; i++) {
		struct slice rest = exchange->headers[i].value, part;

		if (!http_parse_same(exchange->headers[i].name, SLICE("Sec-WebSocket-Protocol")))
			continue;
		while (slice_cut(&rest, ',', &part)) {
			ret->protocol = shake_trim(part);
			if (shake_protocol(ret->protocol, &ret->encoding))
				return true;
		}
	}
	return false;
}

/* Programs come from nowhere; pages from us, or from where they may. */
static bool shake_origin(const struct http_exchange *exchange, const char *const *origins, bool local)
{
	switch (bind_origin_of(exchange, origins)) {
	case BIND_ORIGIN_NONE:
	case BIND_ORIGIN_NAMED:
	case BIND_ORIGIN_ANY:
		return true;
	case BIND_ORIGIN_OWN:
		return local || http_peer(exchange);
	case BIND_ORIGIN_FOREIGN:
		break;
	}
	return false;
}

static bool shake_refuse(struct shake *shake, int status, int rsc, const char *sentence)
{
	shake->status = status;
	shake->rsc = rsc;
	shake->sentence = sentence;
	return false;
}

bool shake_read(const struct http_exchange *exchange, const char *const *origins, bool local,
                struct shake *ret)
{
	*ret = (struct shake){0};
	if (!shake_lists(exchange, SLICE("Connection"), SLICE("upgrade")) || exchange->body.len > 0)
		return shake_refuse(ret, 400, RSC_BAD_REQUEST,
		                    "Connection: expected Upgrade beside Upgrade: websocket, and no body");
	if (!slice_is(http_header(exchange, SLICE("Sec-WebSocket-Version")), SLICE("13")))
		return shake_refuse(ret, 426, RSC_BAD_REQUEST, "Sec-WebSocket-Version: expected 13");
	if (!ws_accept_key(exchange->arena, http_header(exchange, SLICE("Sec-WebSocket-Key")), &ret->accept))
		return shake_refuse(ret, 400, RSC_BAD_REQUEST,
		                    "Sec-WebSocket-Key: expected 16 bytes in base64");
	if (!shake_origin(exchange, origins, local))
		return shake_refuse(ret, 403, RSC_ORIGINATOR_HAS_NO_PRIVILEGE,
		                    "Origin: pages of this origin may not connect");
	if (!shake_choose(exchange, ret))
		return shake_refuse(
		        ret, 400, RSC_BAD_REQUEST,
		        "Sec-WebSocket-Protocol: expected oneM2M.json, oneM2M.cbor or oneM2M.xml");
	return true;
}
