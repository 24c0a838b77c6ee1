/* SPDX-License-Identifier: Apache-2.0 */
/* Strict: whoever answers anything but what was asked for does not speak WebSocket with us. */
#include "net/ws_handshake.h"

#include <openssl/sha.h>

#include "base/base64.h"
#include "base/url.h"
#include "net/http_parse.h"
#include "net/ws.h"

/* RFC 6455 1.3 */
#define WS_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

bool ws_accept_key(struct arena *arena, struct slice key, struct slice *ret)
{
	struct slice nonce, text;
	unsigned char digest[SHA_DIGEST_LENGTH];

	if (key.len != 24 || !base64_decode(arena, key, &nonce) || nonce.len != 16)
		return false;
	text = arena_printf(arena, "%.*s" WS_GUID, SLICE_ARG(key));
	SHA1((const unsigned char *)text.ptr, text.len, digest);
	*ret = base64_encode(arena, slice_make((const char *)digest, sizeof(digest)));
	return true;
}

bool ws_url_read(struct slice text, struct ws_url *ret)
{
	struct url url;

	*ret = (struct ws_url){0};
	if (url_read(text, &url) || url.has_user)
		return false;
	ret->secure = url_has_scheme(text, "wss");
	if (!ret->secure && !url_has_scheme(text, "ws"))
		return false;
	ret->host = url.host;
	ret->port = url.port ? url.port : ret->secure ? 443 : 80;
	ret->authority = url.authority;
	ret->path = url.target;
	return true;
}

size_t ws_handshake_scan(struct slice in)
{
	const char *end = in.len ? memmem(in.ptr, in.len, "\r\n\r\n", 4) : NULL;

	return end ? (size_t)(end - in.ptr) + 4 : 0;
}

/* The headers that decide, as far as they have been seen. */
struct seen {
	bool upgrade, connection, accept, protocol;
};

static struct slice handshake_trim(struct slice text)
{
	while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = slice_skip(text, 1);
	while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* One of the words of a list? */
static bool handshake_lists(struct slice list, struct slice word)
{
	struct slice part;

	while (slice_cut(&list, ',', &part))
		if (http_parse_same(handshake_trim(part), word))
			return true;
	return false;
}

static bool handshake_once(bool *seen, bool is_right)
{
	bool first = !*seen;

	*seen = true;
	return first && is_right;
}

static const char *handshake_header(struct slice name, struct slice value, const struct ws_expected *expected,
                                    struct seen *seen)
{
	if (http_parse_same(name, SLICE("Upgrade")))
		return handshake_once(&seen->upgrade, http_parse_same(value, SLICE("websocket")))
		               ? NULL
		               : "Upgrade: expected websocket, once";
	if (http_parse_same(name, SLICE("Connection")))
		return handshake_once(&seen->connection, handshake_lists(value, SLICE("upgrade")))
		               ? NULL
		               : "Connection: expected Upgrade, once";
	if (http_parse_same(name, SLICE("Sec-WebSocket-Accept")))
		return handshake_once(&seen->accept, slice_is(value, expected->accept))
		               ? NULL
		               : "Sec-WebSocket-Accept: not the answer to our key";
	if (http_parse_same(name, SLICE("Sec-WebSocket-Protocol")))
		return handshake_once(&seen->protocol,
		                      expected->protocol.len > 0 && slice_is(value, expected->protocol))
		               ? NULL
		               : "Sec-WebSocket-Protocol: not the one that was offered";
	if (http_parse_same(name, SLICE("Sec-WebSocket-Extensions")) && value.len > 0)
		return "Sec-WebSocket-Extensions: none was offered";
	return NULL;
}

/* "HTTP/1.1 101 whatever" */
static bool handshake_status(struct slice line)
{
	return slice_starts(line, SLICE("HTTP/1.1 101")) && (line.len == 12 || line.ptr[12] == ' ');
}

static const char *handshake_line(struct slice line, bool first, const struct ws_expected *expected,
                                  struct seen *seen)
{
	struct slice name;

	if (line.len == 0 || line.ptr[line.len - 1] != '\r')
		return "a line does not end with CR LF";
	line.len--;
	if (memchr(line.ptr, '\r', line.len) || memchr(line.ptr, 0, line.len))
		return "a byte that no header may have";
	if (first)
		return handshake_status(line) ? NULL : "the answer is not 101 Switching Protocols";
	if (line.len == 0)
		return NULL;
	if (!memchr(line.ptr, ':', line.len) || !slice_cut(&line, ':', &name) || !http_parse_is_token(name))
		return "a line that is no header";
	return handshake_header(name, handshake_trim(line), expected, seen);
}

const char *ws_handshake_check(struct slice head, const struct ws_expected *expected)
{
	struct seen seen = {0};
	struct slice line;

	for (bool first = true; slice_cut(&head, '\n', &line); first = false) {
		const char *wrong = handshake_line(line, first, expected, &seen);

		if (wrong)
			return wrong;
	}
	if (!seen.upgrade || !seen.connection || !seen.accept)
		return "Upgrade, Connection and Sec-WebSocket-Accept are not all there";
	if (expected->protocol.len > 0 && !seen.protocol)
		return "the subprotocol was not agreed to";
	return NULL;
}
