/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON. What comes out can always be read again, even when a string holds odd bytes: what is no
 * UTF-8 becomes U+FFFD. Depth is bounded by what was read or built, so this may recurse. */
#include "base/utf8.h"
#include "codec/json_scan.h"

static void json_write_escape(struct buf *buf, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *found = c ? strchr(from, c) : NULL;
	char *at = buf_room(buf, 6);

	at[0] = '\\';
	if (found) {
		at[1] = to[found - from];
		buf->len += 2;
		return;
	}
	memcpy(at + 1, "u00", 3);
	at[4] = hex[c >> 4];
	at[5] = hex[c & 15];
	buf->len += 6;
}

/* The odd string: with escapes, or with bytes that may be no UTF-8. */
static void json_write_slowly(struct buf *buf, struct slice text)
{
	size_t good = 0, i = 0;

	buf_add_char(buf, '"');
	while (i < text.len) {
		unsigned char c = (unsigned char)text.ptr[i];
		size_t from = i;

		if (i >= good)
			good = i + utf8_valid_length(slice_skip(text, i));
		if (i >= good) {
			buf_add_lit(buf, "\xef\xbf\xbd");
			i++;
			continue;
		}
		if (c == '"' || c == '\\' || c < 0x20) {
			json_write_escape(buf, c);
			i++;
			continue;
		}
		while (i < good && text.ptr[i] != '"' && text.ptr[i] != '\\' &&
		       (unsigned char)text.ptr[i] >= 0x20)
			i++;
		buf_add(buf, text.ptr + from, i - from);
	}
	buf_add_char(buf, '"');
}

/* The string in its quotes and one character behind it; `behind` 0: none. */
static inline void json_write_text(struct buf *buf, struct slice text, char behind)
{
	const char *end = text.len ? text.ptr + text.len : text.ptr;
	bool high;
	char *at;

	if (__builtin_expect(json_scan_plain(text.ptr, end, &high) != end || high, 0)) {
		json_write_slowly(buf, text);
		if (behind)
			buf_add_char(buf, behind);
		return;
	}
	at = buf->cap - buf->len < text.len + 3 ? buf_room(buf, text.len + 3) : buf->ptr + buf->len;
	at[0] = '"';
	if (text.len)
		memcpy(at + 1, text.ptr, text.len);
	at[text.len + 1] = '"';
	at[text.len + 2] = behind;
	buf->len += text.len + 2 + (behind != 0);
}

void json_write_str(struct buf *buf, struct slice text)
{
	json_write_text(buf, text, 0);
}

void json_write_members(struct buf *buf, const struct val *obj)
{
	for (const struct val *v = obj->first; v; v = v->next) {
		json_write_text(buf, v->name, ':');
		json_write(buf, v);
		if (v->next)
			buf_add_char(buf, ',');
	}
}

static void json_write_items(struct buf *buf, const struct val *arr)
{
	for (const struct val *v = arr->first; v; v = v->next) {
		json_write(buf, v);
		if (v->next)
			buf_add_char(buf, ',');
	}
}

void json_write(struct buf *buf, const struct val *v)
{
	switch (v ? v->kind : VAL_NULL) {
	case VAL_NULL:
	case VAL_KIND_COUNT:
		buf_add_lit(buf, "null");
		break;
	case VAL_FALSE:
		buf_add_lit(buf, "false");
		break;
	case VAL_TRUE:
		buf_add_lit(buf, "true");
		break;
	case VAL_NUM:
	case VAL_JSON:
		buf_add_slice(buf, v->text);
		break;
	case VAL_STR:
		json_write_text(buf, v->text, 0);
		break;
	case VAL_ARR:
		buf_add_char(buf, '[');
		json_write_items(buf, v);
		buf_add_char(buf, ']');
		break;
	case VAL_OBJ:
		buf_add_char(buf, '{');
		json_write_members(buf, v);
		buf_add_char(buf, '}');
		break;
	}
}

static void json_write_line(struct buf *buf, unsigned indent)
{
	char *at = buf_room(buf, 1 + 2 * (size_t)indent);

	at[0] = '\n';
	memset(at + 1, ' ', 2 * (size_t)indent);
	buf->len += 1 + 2 * (size_t)indent;
}

static void json_write_indented(struct buf *buf, const struct val *v, unsigned indent);

/* A value that is JSON already: read it to indent it. What cannot be read is written as it is. */
static void json_write_indented_json(struct buf *buf, struct slice json, unsigned indent)
{
	static const struct json_limits limits = {.depth = 1000, .values = UINT32_MAX};
	struct arena arena;
	struct val *v;

	arena_init(&arena);
	if (json_read(&arena, json, &limits, NULL, &v) == 0)
		json_write_indented(buf, v, indent);
	else
		buf_add_slice(buf, json);
	arena_finish(&arena);
}

static void json_write_indented(struct buf *buf, const struct val *v, unsigned indent)
{
	bool is_obj = v && v->kind == VAL_OBJ;

	if (v && v->kind == VAL_JSON) {
		json_write_indented_json(buf, v->text, indent);
		return;
	}
	if (!v || !v->first) {
		json_write(buf, v);
		return;
	}
	buf_add_char(buf, is_obj ? '{' : '[');
	for (const struct val *child = v->first; child; child = child->next) {
		json_write_line(buf, indent + 1);
		if (is_obj) {
			json_write_text(buf, child->name, ':');
			buf_add_char(buf, ' ');
		}
		json_write_indented(buf, child, indent + 1);
		if (child->next)
			buf_add_char(buf, ',');
	}
	json_write_line(buf, indent);
	buf_add_char(buf, is_obj ? '}' : ']');
}

void json_write_pretty(struct buf *buf, const struct val *v)
{
	json_write_indented(buf, v, 0);
}
