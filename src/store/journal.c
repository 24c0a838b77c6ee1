/* SPDX-License-Identifier: Apache-2.0 */
/* Writing and reading journal records. The reader trusts nothing: the file may have been damaged. */
#include "store/journal.h"

enum { FLAG_EARLY = 1, FLAG_KNOWN = 1 }; /* known: it has an expiration time */

/* Signed numbers, small ones short whatever their sign. */
static uint64_t zigzag(int64_t n)
{
	return ((uint64_t)n << 1) ^ (uint64_t)(n >> 63);
}

static int64_t zagzig(uint64_t n)
{
	return (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
}

static void add_time(struct buf *buf, int64_t us, int64_t base)
{
	buf_add_varint(buf, zigzag((int64_t)((uint64_t)us - (uint64_t)base)));
}

static bool take_time(struct slice *rest, int64_t base, int64_t *ret)
{
	uint64_t n;

	if (!buf_take_varint(rest, &n))
		return false;
	*ret = (int64_t)((uint64_t)zagzig(n) + (uint64_t)base);
	return true;
}

static void add_text(struct buf *buf, struct slice text)
{
	buf_add_varint(buf, text.len);
	buf_add_slice(buf, text);
}

static bool take_text(struct slice *rest, struct slice *ret)
{
	struct slice after = *rest; /* a broken one is not eaten: that is how the walk over labels sees it */
	uint64_t len;

	if (!buf_take_varint(&after, &len) || len > after.len)
		return false;
	*ret = slice_make(after.ptr, (size_t)len);
	*rest = slice_skip(after, (size_t)len);
	return true;
}

static void add_box(struct buf *buf, const struct store_box *box, int64_t base)
{
	buf_add_varint(buf, box->no);
	buf_add_varint(buf, box->next);
	buf_add_varint(buf, box->first);
	buf_add_varint(buf, box->cni);
	buf_add_varint(buf, box->cbs);
	buf_add_varint(buf, box->st);
	add_time(buf, box->lt, base);
}

static bool take_box(struct slice *rest, int64_t base, struct store_box *ret)
{
	return buf_take_varint(rest, &ret->no) && buf_take_varint(rest, &ret->next) &&
	       buf_take_varint(rest, &ret->first) && buf_take_varint(rest, &ret->cni) &&
	       buf_take_varint(rest, &ret->cbs) && buf_take_varint(rest, &ret->st) &&
	       take_time(rest, base, &ret->lt);
}

void journal_pack(struct buf *buf, const struct slice *labels, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_text(buf, labels[i]);
}

bool journal_next_label(struct slice *packed, struct slice *ret)
{
	return packed->len > 0 && take_text(packed, ret);
}

void journal_unpack(struct slice packed, struct arena *arena, struct store_inst *inst)
{
	struct slice rest = packed, label, *labels;
	size_t count = 0;

	while (journal_next_label(&rest, &label))
		count++;
	inst->labels = NULL;
	inst->label_count = count;
	if (!count)
		return;
	inst->labels = labels = arena_array(arena, count, struct slice);
	for (rest = packed; journal_next_label(&rest, &label);)
		*labels++ = label;
}

static size_t varint_len(uint64_t n)
{
	size_t len = 1;

	while (n >>= 7)
		len++;
	return len;
}

void journal_add_inst(struct buf *buf, const struct store_inst *inst)
{
	size_t packed = 0;

	for (size_t i = 0; i < inst->label_count; i++)
		packed += varint_len(inst->labels[i].len) + inst->labels[i].len;
	add_time(buf, inst->ct, 0);
	buf_add_varint(buf, inst->seq);
	buf_add_varint(buf, inst->ty);
	add_time(buf, inst->lt, inst->ct);
	buf_add_varint(buf, inst->et ? FLAG_KNOWN : 0);
	if (inst->et)
		add_time(buf, inst->et, inst->ct);
	buf_add_varint(buf, inst->st);
	buf_add_varint(buf, inst->cs);
	buf_add_varint(buf, inst->early ? FLAG_EARLY : 0);
	add_text(buf, inst->rn);
	add_text(buf, inst->cr);
	buf_add_varint(buf, packed);
	journal_pack(buf, inst->labels, inst->label_count);
	add_text(buf, inst->body);
}

static bool take_inst_numbers(struct slice *rest, struct store_inst *ret)
{
	uint64_t ty, known, flags;

	if (!take_time(rest, 0, &ret->ct) || !buf_take_varint(rest, &ret->seq) ||
	    !buf_take_varint(rest, &ty) || !take_time(rest, ret->ct, &ret->lt) ||
	    !buf_take_varint(rest, &known) || known > FLAG_KNOWN)
		return false;
	ret->et = 0;
	if (known && (!take_time(rest, ret->ct, &ret->et) || !ret->et))
		return false; /* "none" has one writing */
	if (!buf_take_varint(rest, &ret->st) || !buf_take_varint(rest, &ret->cs) ||
	    !buf_take_varint(rest, &flags) || flags > FLAG_EARLY)
		return false;
	ret->ty = (uint32_t)ty;
	ret->early = flags & FLAG_EARLY;
	return ty <= UINT32_MAX && ret->seq > 0;
}

static bool take_inst(struct slice *rest, struct journal_record *ret)
{
	const char *begin = rest->ptr;
	struct slice walk, label;

	if (!take_inst_numbers(rest, &ret->inst) || !take_text(rest, &ret->inst.rn) ||
	    !take_text(rest, &ret->inst.cr) || !take_text(rest, &ret->packed) ||
	    !take_text(rest, &ret->inst.body))
		return false;
	for (walk = ret->packed; journal_next_label(&walk, &label);)
		ret->inst.label_count++;
	ret->raw = slice_make(begin, (size_t)(rest->ptr - begin));
	return walk.len == 0;
}

bool journal_take_inst(struct slice *block, struct journal_record *ret)
{
	struct slice rest = *block;

	*ret = (struct journal_record){.kind = JOURNAL_APPEND};
	if (!rest.len || !take_inst(&rest, ret))
		return false;
	*block = rest;
	return true;
}

void journal_begin(struct buf *buf)
{
	buf_add_char(buf, JOURNAL_FORMAT);
}

bool journal_open(struct slice *blob)
{
	if (!blob->len || blob->ptr[0] != JOURNAL_FORMAT)
		return false;
	*blob = slice_skip(*blob, 1);
	return true;
}

void journal_add(struct buf *buf, const struct journal_record *record)
{
	buf_add_char(buf, (char)record->kind);
	switch (record->kind) {
	case JOURNAL_APPEND:
		journal_add_inst(buf, &record->inst);
		add_box(buf, &record->box, record->inst.ct);
		break;
	case JOURNAL_DROP:
		add_box(buf, &record->box, 0);
		buf_add_varint(buf, record->inst.seq);
		break;
	case JOURNAL_TRIM:
	case JOURNAL_BOX:
		add_box(buf, &record->box, 0);
		break;
	case JOURNAL_REMOVE:
	case JOURNAL_NOTE_DONE:
		buf_add_varint(buf, record->no);
		break;
	case JOURNAL_NOTE:
		buf_add_varint(buf, record->note.id);
		buf_add_varint(buf, record->note.row);
		add_text(buf, record->note.body);
		break;
	}
}

static bool take_append(struct slice *blob, struct journal_record *ret)
{
	if (!take_inst(blob, ret) || !take_box(blob, ret->inst.ct, &ret->box))
		return false;
	ret->inst.box = ret->box.no;
	return true;
}

bool journal_take(struct slice *blob, struct journal_record *ret)
{
	struct slice rest = *blob;
	bool ok = false;

	if (!rest.len)
		return false;
	*ret = (struct journal_record){.kind = (enum journal_kind)rest.ptr[0]};
	rest = slice_skip(rest, 1);
	switch (ret->kind) {
	case JOURNAL_APPEND:
		ok = take_append(&rest, ret);
		break;
	case JOURNAL_DROP:
		ok = take_box(&rest, 0, &ret->box) && buf_take_varint(&rest, &ret->inst.seq);
		ret->inst.box = ret->box.no;
		break;
	case JOURNAL_TRIM:
	case JOURNAL_BOX:
		ok = take_box(&rest, 0, &ret->box);
		break;
	case JOURNAL_REMOVE:
	case JOURNAL_NOTE_DONE:
		ok = buf_take_varint(&rest, &ret->no);
		break;
	case JOURNAL_NOTE:
		ok = buf_take_varint(&rest, &ret->note.id) && buf_take_varint(&rest, &ret->note.row) &&
		     take_text(&rest, &ret->note.body);
		break;
	}
	if (ok)
		*blob = rest;
	return ok;
}
