/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of RFC 6455 as a pure reader and writer over bytes: no sockets, no time. Only for ws.c and what
 * belongs to it. */
#ifndef DURE_NET_WS_FRAMES_H
#define DURE_NET_WS_FRAMES_H

#include "base/buf.h"

#define WS_CONTROL_MAX 125

enum ws_opcode {
	WS_OP_MORE = 0,
	WS_OP_TEXT = 1,
	WS_OP_BINARY = 2,
	WS_OP_CLOSE = 8,
	WS_OP_PING = 9,
	WS_OP_PONG = 10
};

enum ws_code {
	WS_NORMAL = 1000,
	WS_AWAY = 1001,
	WS_PROTOCOL = 1002,
	WS_UNSUPPORTED = 1003,
	WS_NO_CODE = 1005,
	WS_ABNORMAL = 1006,
	WS_NOT_UTF8 = 1007,
	WS_POLICY = 1008,
	WS_TOO_BIG = 1009
};

enum ws_event { WS_MORE, WS_MESSAGE, WS_PING, WS_PONG, WS_CLOSE, WS_BAD };

struct wslay_frame_context;

struct ws_frames {
	struct wslay_frame_context *wslay;
	struct slice feed;   /* what was given and not taken yet */
	struct buf *out;     /* while writing */
	bool client;         /* this end masks, and takes no mask */
	bool within;         /* a frame */
	size_t limit;        /* bytes of a message */
	uint64_t left;       /* of the frame, still to come */
	uint8_t opcode;      /* of the message that is being gathered; 0: none */
	uint8_t control_len; /* of the control frame being gathered */
	bool delivered;      /* `gathered` was given away: forget it */
	struct buf gathered; /* of the message; on the heap, only while one is incomplete */
	char control[WS_CONTROL_MAX];
};

/* What came. bytes are valid until the next call. */
struct ws_got {
	struct slice bytes; /* of a message, ping or pong; of a close: the reason */
	bool binary;
	int code;             /* of a close (1005: none was sent); BAD: with which code to close */
	const char *sentence; /* BAD: static */
};

void ws_frames_init(struct ws_frames *frames, bool client, size_t limit);
void ws_frames_finish(struct ws_frames *frames);
/* Sets what is read next; only when the last feed was used up, or together with what was left of it. The
 * bytes must stay until ws_frames_next said WS_MORE or the rest was taken away. */
void ws_frames_feed(struct ws_frames *frames, struct slice bytes);
/* The next whole thing. After WS_BAD nothing more can be read. */
enum ws_event ws_frames_next(struct ws_frames *frames, struct ws_got *ret);
/* Appends a whole frame to out. */
void ws_frames_write(struct ws_frames *frames, struct buf *out, enum ws_opcode opcode, struct slice payload);
/* Appends a close frame. */
void ws_frames_write_close(struct ws_frames *frames, struct buf *out, int code, const char *reason);

#endif
