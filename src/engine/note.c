/* SPDX-License-Identifier: Apache-2.0 */
/* A notification and what it tells. A thousand subscriptions of one container share one tale, so a note
 * itself is some fifty bytes. */
#include "engine/note.h"

#include <stdlib.h>

#include "base/mem.h"

#define NOTE_FORM 1 /* first byte of a stored note */

struct tale *note_tale(size_t *account, int op, int64_t at, struct slice from, struct slice rep)
{
	size_t size = sizeof(struct tale) + from.len + rep.len;
	struct tale *tale = mem_take(size);
	char *text = (char *)(tale + 1);

	if (from.len)
		memcpy(text, from.ptr, from.len);
	if (rep.len)
		memcpy(text + from.len, rep.ptr, rep.len);
	*tale = (struct tale){.refs = 1,
	                      .op = op,
	                      .at = at,
	                      .from = slice_make(text, from.len),
	                      .rep = slice_make(text + from.len, rep.len),
	                      .size = size,
	                      .account = account};
	*account += size;
	return tale;
}

void note_tale_hold(struct tale *tale)
{
	tale->refs++;
}

void note_tale_drop(struct tale *tale)
{
	if (!tale || --tale->refs > 0)
		return;
	*tale->account -= tale->size;
	free(tale);
}

struct note *note_create(enum note_kind kind, int net, struct tale *tale)
{
	struct note *note = mem_zero(1, sizeof(*note));

	note->kind = (uint8_t)kind;
	note->net = (uint8_t)net;
	note->tale = tale;
	note_tale_hold(tale);
	return note;
}

void note_destroy(struct note *note)
{
	if (!note)
		return;
	note_tale_drop(note->tale);
	free(note);
}

static struct val *note_nev(const struct note *note, struct arena *arena)
{
	const struct tale *tale = note->tale;
	struct val *nev = val_obj(arena);

	if (tale->rep.len)
		val_put(nev, SLICE("rep"), val_json(arena, tale->rep));
	if (note->net)
		val_put(nev, SLICE("net"), val_int(arena, note->net));
	if ((note->net == 0 || note->with_or) && tale->op) {
		struct val *om = val_put(nev, SLICE("om"), val_obj(arena));

		val_put(om, SLICE("op"), val_int(arena, tale->op));
		val_put(om, SLICE("or"), val_str(arena, tale->from));
	}
	return nev;
}

struct val *note_sgn(const struct note *note, struct slice sur, struct slice nfu, struct arena *arena)
{
	struct val *sgn = val_obj(arena);

	if (note->kind == NOTE_GONE)
		val_put(sgn, SLICE("sud"), val_bool(arena, true));
	else
		val_put(sgn, SLICE("nev"), note_nev(note, arena));
	val_put(sgn, SLICE("sur"), val_str(arena, sur));
	if (nfu.len)
		val_put(sgn, SLICE("nfu"), val_str(arena, nfu));
	return sgn;
}

static void note_write_text(struct buf *buf, struct slice text)
{
	buf_add_varint(buf, text.len);
	buf_add_slice(buf, text);
}

static bool note_read_text(struct slice *rest, struct slice *ret)
{
	uint64_t len;

	if (!buf_take_varint(rest, &len) || len > rest->len)
		return false;
	*ret = slice_make(rest->ptr, len);
	*rest = slice_skip(*rest, len);
	return true;
}

void note_write(const struct note *note, struct slice target, struct slice sur, struct buf *buf)
{
	const struct tale *tale = note->tale;

	buf_add_varint(buf, NOTE_FORM);
	buf_add_varint(buf, note->kind);
	buf_add_varint(buf, note->net);
	buf_add_varint(buf, note->with_or);
	buf_add_varint(buf, (uint64_t)tale->op);
	buf_add_varint(buf, (uint64_t)tale->at);
	note_write_text(buf, target);
	note_write_text(buf, sur);
	note_write_text(buf, tale->from);
	note_write_text(buf, tale->rep);
}

struct note *note_read(size_t *account, struct slice body, struct slice *ret_target, struct slice *ret_sur)
{
	uint64_t n[6];
	struct slice target, sur, from, rep;
	struct tale *tale;
	struct note *note;

	for (size_t i = 0; i < 6; i++)
		if (!buf_take_varint(&body, &n[i]))
			return NULL;
	if (n[0] != NOTE_FORM || n[1] >= NOTE_KIND_COUNT || n[2] > UINT8_MAX || n[4] > 5 || n[5] > INT64_MAX)
		return NULL;
	if (!note_read_text(&body, &target) || !note_read_text(&body, &sur) ||
	    !note_read_text(&body, &from) || !note_read_text(&body, &rep))
		return NULL;
	tale = note_tale(account, (int)n[4], (int64_t)n[5], from, rep);
	note = note_create((enum note_kind)n[1], (int)n[2], tale);
	note->with_or = n[3] != 0;
	note_tale_drop(tale);
	*ret_target = target;
	*ret_sur = sur;
	return note;
}
