/* SPDX-License-Identifier: Apache-2.0 */
/* wslay takes single frames apart and puts them together; what a sequence of frames may be, is said here.
 * wslay's own messages are not used: they keep a list entry for each fragment, and cannot be stopped between
 * two messages when the answers pile up. */
#include "net/ws_frames.h"

#include <assert.h>
#include <sys/random.h>

#include <wslay/wslay.h>

#include "base/mem.h"
#include "base/utf8.h"

static ssize_t frames_recv(uint8_t *bytes, size_t len, int flags, void *user)
{
	struct ws_frames *frames = user;
	size_t n = frames->feed.len < len ? frames->feed.len : len;

	if (n == 0)
		return -1;
	memcpy(bytes, frames->feed.ptr, n);
	frames->feed = slice_skip(frames->feed, n);
	return (ssize_t)n;
}

static ssize_t frames_send(const uint8_t *bytes, size_t len, int flags, void *user)
{
	struct ws_frames *frames = user;

	buf_add(frames->out, bytes, len);
	return (ssize_t)len;
}

static int frames_mask(uint8_t *mask, size_t len, void *user)
{
	/* Not a secret kept from anybody but proxies; a kernel that has none left would be a broken one. */
	return getrandom(mask, len, 0) == (ssize_t)len ? 0 : -1;
}

void ws_frames_init(struct ws_frames *frames, bool client, size_t limit)
{
	static const struct wslay_frame_callbacks callbacks = {frames_send, frames_recv, frames_mask};

	*frames = (struct ws_frames){.client = client, .limit = limit};
	buf_init(&frames->gathered, NULL);
	if (wslay_frame_context_init(&frames->wslay, &callbacks, frames) != 0)
		mem_none(sizeof(*frames));
}

void ws_frames_finish(struct ws_frames *frames)
{
	wslay_frame_context_free(frames->wslay);
	frames->wslay = NULL;
	buf_finish(&frames->gathered);
}

void ws_frames_feed(struct ws_frames *frames, struct slice bytes)
{
	frames->feed = bytes;
}

static enum ws_event frames_bad(struct ws_got *ret, int code, const char *sentence)
{
	*ret = (struct ws_got){.code = code, .sentence = sentence};
	return WS_BAD;
}

/* May a frame begin like this, here? NULL: it may. RFC 6455 5.2, 5.4, 5.5 */
static const char *frames_begin(struct ws_frames *frames, const struct wslay_frame_iocb *frame)
{
	if (frame->rsv)
		return "a reserved bit is set, and no extension was agreed on";
	if (!frame->mask != frames->client)
		return frames->client ? "a frame of a server is masked" : "a frame of a client is not masked";
	switch (frame->opcode) {
	case WS_OP_MORE:
		return frames->opcode ? NULL : "a continuation of nothing";
	case WS_OP_TEXT:
	case WS_OP_BINARY:
		if (frames->opcode)
			return "a message begins within another";
		frames->opcode = frame->opcode;
		return NULL;
	case WS_OP_CLOSE:
	case WS_OP_PING:
	case WS_OP_PONG:
		frames->control_len = 0;
		return NULL;
	default:
		return "a frame of an unknown kind";
	}
}

/* Codes that may stand in a close frame. RFC 6455 7.4 */
static bool frames_is_code(int code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
	       (code >= 3000 && code <= 4999);
}

static enum ws_event frames_close(const struct ws_frames *frames, struct ws_got *ret)
{
	struct slice payload = {frames->control, frames->control_len};

	*ret = (struct ws_got){.code = WS_NO_CODE};
	if (payload.len == 0)
		return WS_CLOSE;
	if (payload.len == 1)
		return frames_bad(ret, WS_PROTOCOL, "half a code in a close frame");
	ret->code = (uint8_t)payload.ptr[0] << 8 | (uint8_t)payload.ptr[1];
	ret->bytes = slice_skip(payload, 2);
	if (!frames_is_code(ret->code))
		return frames_bad(ret, WS_PROTOCOL, "a code that no close frame may carry");
	if (!utf8_is_valid(ret->bytes))
		return frames_bad(ret, WS_NOT_UTF8, "the reason of a close frame is not UTF-8");
	return WS_CLOSE;
}

/* A piece of a control frame, which may stand between the fragments of a message. */
static enum ws_event frames_control(struct ws_frames *frames, const struct wslay_frame_iocb *frame,
                                    struct ws_got *ret)
{
	/* wslay lets no longer one pass. */
	assert(frames->control_len + frame->data_length <= WS_CONTROL_MAX);
	if (frame->data_length)
		memcpy(frames->control + frames->control_len, frame->data, frame->data_length);
	frames->control_len = (uint8_t)(frames->control_len + frame->data_length);
	if (frames->within)
		return WS_MORE;
	if (frame->opcode == WS_OP_CLOSE)
		return frames_close(frames, ret);
	*ret = (struct ws_got){.bytes = {frames->control, frames->control_len}};
	return frame->opcode == WS_OP_PING ? WS_PING : WS_PONG;
}

/* A piece of a message. One that comes in one piece is never copied. */
static enum ws_event frames_data(struct ws_frames *frames, const struct wslay_frame_iocb *frame,
                                 struct ws_got *ret)
{
	struct slice piece = {(const char *)frame->data, frame->data_length};
	bool whole = frame->fin && !frames->within;

	if (frames->left + piece.len > frames->limit - frames->gathered.len)
		return frames_bad(ret, WS_TOO_BIG, "a message larger than is taken here");
	*ret = (struct ws_got){.bytes = piece, .binary = frames->opcode == WS_OP_BINARY};
	if (!whole || frames->gathered.len > 0) {
		buf_add_slice(&frames->gathered, piece);
		ret->bytes = buf_slice(&frames->gathered);
	}
	if (!whole)
		return WS_MORE;
	frames->opcode = 0;
	frames->delivered = true;
	if (!ret->binary && !utf8_is_valid(ret->bytes))
		return frames_bad(ret, WS_NOT_UTF8, "a text that is not UTF-8");
	return WS_MESSAGE;
}

enum ws_event ws_frames_next(struct ws_frames *frames, struct ws_got *ret)
{
	enum ws_event event = WS_MORE;

	if (frames->delivered) {
		frames->delivered = false;
		buf_finish(&frames->gathered);
	}
	while (event == WS_MORE) {
		struct wslay_frame_iocb frame = {0};
		ssize_t n = wslay_frame_recv(frames->wslay, &frame);
		const char *wrong;

		if (n == WSLAY_ERR_WANT_READ)
			return WS_MORE;
		if (n < 0)
			return frames_bad(ret, WS_PROTOCOL, "a length that is not allowed there");
		if (!frames->within) {
			wrong = frames_begin(frames, &frame);
			if (wrong)
				return frames_bad(ret, WS_PROTOCOL, wrong);
			frames->left = frame.payload_length;
		}
		frames->left -= (uint64_t)n;
		frames->within = frames->left > 0;
		event = frame.opcode >= WS_OP_CLOSE ? frames_control(frames, &frame, ret)
		                                    : frames_data(frames, &frame, ret);
	}
	return event;
}

void ws_frames_write(struct ws_frames *frames, struct buf *out, enum ws_opcode opcode, struct slice payload)
{
	struct wslay_frame_iocb frame = {
	        .fin = 1,
	        .opcode = (uint8_t)opcode,
	        .payload_length = payload.len,
	        .mask = frames->client,
	        .data = (const uint8_t *)payload.ptr,
	        .data_length = payload.len,
	};
	ssize_t n;

	frames->out = out;
	n = wslay_frame_send(frames->wslay, &frame);
	assert(n == (ssize_t)payload.len);
}

void ws_frames_write_close(struct ws_frames *frames, struct buf *out, int code, const char *reason)
{
	char payload[WS_CONTROL_MAX] = {(char)(code >> 8), (char)code};
	struct slice text = slice_of(reason);

	if (code == WS_NO_CODE) {
		ws_frames_write(frames, out, WS_OP_CLOSE, SLICE(""));
		return;
	}
	if (text.len > sizeof(payload) - 2)
		text.len = utf8_valid_length(slice_make(text.ptr, sizeof(payload) - 2));
	if (text.len)
		memcpy(payload + 2, text.ptr, text.len);
	ws_frames_write(frames, out, WS_OP_CLOSE, slice_make(payload, 2 + text.len));
}
