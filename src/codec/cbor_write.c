/* SPDX-License-Identifier: Apache-2.0 */
/* Writing CBOR in its preferred form (RFC 8949 4.1): lengths known, heads as short as they can be. Depth is
 * bounded by what was read or built, so this may recurse. */
#include "base/utf8.h"
#include "codec/cbor.h"
#include "codec/cbor_json.h"
#include "codec/cbor_number.h"

/* Text that is no UTF-8: U+FFFD for each byte that is wrong, as JSON is written. */
static void cbor_write_broken(struct buf *buf, struct slice text)
{
	struct buf good;

	buf_init(&good, NULL);
	while (text.len > 0) {
		size_t n = utf8_valid_length(text);

		buf_add(&good, text.ptr, n);
		text = slice_skip(text, n);
		if (text.len > 0)
			buf_add_lit(&good, "\xef\xbf\xbd");
		text = slice_skip(text, 1);
	}
	cbor_add_head(buf, CBOR_TEXT, good.len);
	buf_add_slice(buf, buf_slice(&good));
	buf_finish(&good);
}

/* Short and ASCII, as names are? */
static inline bool text_is_plain(struct slice text)
{
	uint32_t first = 0, last = 0;

	if (text.len < 4 || text.len > 8)
		return false;
	memcpy(&first, text.ptr, 4);
	memcpy(&last, text.ptr + text.len - 4, 4);
	return !((first | last) & 0x80808080u);
}

static void cbor_write_text(struct buf *buf, struct slice text)
{
	char *at;

	if (!text_is_plain(text) && !utf8_is_valid(text)) {
		cbor_write_broken(buf, text);
		return;
	}
	at = buf->cap - buf->len < text.len + 9 ? buf_room(buf, text.len + 9) : buf->ptr + buf->len;
	at = cbor_put_head(at, CBOR_TEXT, text.len);
	if (text.len)
		memcpy(at, text.ptr, text.len);
	buf->len = (size_t)(at - buf->ptr) + text.len;
}

static void cbor_write_value(struct buf *buf, const struct val *v)
{
	switch (v ? v->kind : VAL_NULL) {
	case VAL_NULL:
	case VAL_KIND_COUNT:
		buf_add_char(buf, (char)CBOR_NULL);
		break;
	case VAL_FALSE:
		buf_add_char(buf, (char)CBOR_FALSE);
		break;
	case VAL_TRUE:
		buf_add_char(buf, (char)CBOR_TRUE);
		break;
	case VAL_NUM:
		cbor_number_write(buf, v->text);
		break;
	case VAL_JSON:
		cbor_json_write(buf, v->text);
		break;
	case VAL_STR:
		cbor_write_text(buf, v->text);
		break;
	case VAL_ARR:
		cbor_add_head(buf, CBOR_ARRAY, v->count);
		val_each (v, child)
			cbor_write_value(buf, child);
		break;
	case VAL_OBJ:
		cbor_add_head(buf, CBOR_MAP, v->count);
		val_each (v, child) {
			cbor_write_text(buf, child->name);
			cbor_write_value(buf, child);
		}
		break;
	}
}

void cbor_write(struct buf *buf, const struct val *v)
{
	/* Most are smaller, and then it never grows. */
	buf_room(buf, 512);
	cbor_write_value(buf, v);
}
