/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a stranger, cut where the second byte says: the events are the same as uncut. The first byte says
 * which end we are. What we write of it, the other end reads back. */
#include <assert.h>

#include "base/utf8.h"
#include "net/ws_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LIMIT 2000

/* Puts what came into one line, so that two runs can be compared. */
static bool fuzz_note(struct buf *log, enum ws_event event, const struct ws_got *got)
{
	buf_printf(log, "%d %d %d %zu ", event, got->binary, got->code, got->bytes.len);
	buf_add_slice(log, got->bytes);
	assert(got->bytes.len <= LIMIT);
	if (event == WS_MESSAGE && !got->binary)
		assert(utf8_is_valid(got->bytes));
	if (event == WS_BAD)
		assert(got->sentence &&
		       (got->code == WS_PROTOCOL || got->code == WS_TOO_BIG || got->code == WS_NOT_UTF8));
	return event != WS_BAD;
}

static void fuzz_echo(const struct ws_got *got, struct ws_frames *writer, struct ws_frames *reader)
{
	struct buf out;
	struct ws_got back;

	buf_init(&out, NULL);
	ws_frames_write(writer, &out, got->binary ? WS_OP_BINARY : WS_OP_TEXT, got->bytes);
	ws_frames_feed(reader, buf_slice(&out));
	assert(ws_frames_next(reader, &back) == WS_MESSAGE);
	assert(slice_is(back.bytes, got->bytes) && back.binary == got->binary);
	assert(ws_frames_next(reader, &back) == WS_MORE);
	buf_finish(&out);
}

static void fuzz_read(bool client, struct slice first, struct slice second, struct buf *log)
{
	struct ws_frames frames, writer, reader;
	struct ws_got got;
	enum ws_event event;
	bool good = true;

	ws_frames_init(&frames, client, LIMIT);
	ws_frames_init(&writer, client, LIMIT);
	ws_frames_init(&reader, !client, LIMIT);
	for (int i = 0; i < 2 && good; i++) {
		ws_frames_feed(&frames, i == 0 ? first : second);
		while (good && (event = ws_frames_next(&frames, &got)) != WS_MORE) {
			good = fuzz_note(log, event, &got);
			if (event == WS_MESSAGE)
				fuzz_echo(&got, &writer, &reader);
		}
		assert(!good || frames.feed.len == 0);
	}
	assert(frames.gathered.len <= LIMIT);
	ws_frames_finish(&frames);
	ws_frames_finish(&writer);
	ws_frames_finish(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data + 2, size - 2};
	struct buf whole, cut;
	size_t at;

	if (size < 2)
		return 0;
	at = text.len * data[1] / 256;
	buf_init(&whole, NULL);
	buf_init(&cut, NULL);
	fuzz_read(data[0] & 1, text, SLICE(""), &whole);
	fuzz_read(data[0] & 1, slice_make(text.ptr, at), slice_skip(text, at), &cut);
	assert(slice_is(buf_slice(&whole), buf_slice(&cut)));
	buf_finish(&whole);
	buf_finish(&cut);
	return 0;
}
