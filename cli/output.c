/* SPDX-License-Identifier: Apache-2.0 */
/* Tables on a terminal. */
#include "cli/output.h"

#include "base/utf8.h"
#include "codec/json.h"

#define WIDEST 48

void output_init(struct output_table *table, struct arena *arena, size_t columns)
{
	*table = (struct output_table){.arena = arena, .columns = columns};
}

void output_row(struct output_table *table, const struct slice *cells)
{
	if (table->count == table->cap) {
		size_t cap = table->cap ? table->cap * 2 : 32;
		struct slice *more = arena_array(table->arena, cap * table->columns, struct slice);
		if (table->count)
			memcpy(more, table->cells, table->count * table->columns * sizeof(*more));
		table->cells = more;
		table->cap = cap;
	}
	for (size_t i = 0; i < table->columns; i++)
		table->cells[table->count * table->columns + i] = output_safe(table->arena, cells[i]);
	table->count++;
}

void output_print(const struct output_table *table, const char *indent, FILE *file)
{
	size_t width[OUTPUT_COLUMNS_MAX] = {0};
	for (size_t i = 0; i < table->count * table->columns; i++) {
		size_t w = output_width(table->cells[i]);
		if (w <= WIDEST && w > width[i % table->columns])
			width[i % table->columns] = w;
	}
	for (size_t row = 0; row < table->count; row++) {
		const struct slice *cells = table->cells + row * table->columns;
		size_t columns = table->columns;
		fputs(indent, file);
		/* Nothing behind the last word of a line, so that no line ends in blanks. */
		while (columns > 1 && !cells[columns - 1].len)
			columns--;
		for (size_t i = 0; i < columns; i++) {
			fprintf(file, "%.*s", SLICE_ARG(cells[i]));
			size_t w = output_width(cells[i]);
			if (i + 1 < columns)
				fprintf(file, "%*s", (int)((w < width[i] ? width[i] - w : 0) + 2), "");
		}
		fputc('\n', file);
	}
}

/* One code point of well-formed UTF-8; returns its length. */
static size_t take_point(struct slice text, uint32_t *ret)
{
	unsigned char c = (unsigned char)text.ptr[0];
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t point = len == 1 ? c : c & (0xffu >> (len + 1));
	for (size_t i = 1; i < len && i < text.len; i++)
		point = point << 6 | ((unsigned char)text.ptr[i] & 0x3f);
	*ret = point;
	return len < text.len ? len : text.len;
}

struct range {
	uint32_t first, last;
};

static bool is_in(uint32_t point, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

static bool is_wide(uint32_t point)
{
	static const struct range wide[] = {
	        {0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
	        {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
	};
	return is_in(point, wide, sizeof(wide) / sizeof(wide[0]));
}

/* What moves the cursor, or turns the direction of writing. */
static bool is_control(uint32_t point)
{
	static const struct range controls[] = {
	        {0, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069}};
	return is_in(point, controls, sizeof(controls) / sizeof(controls[0]));
}

size_t output_width(struct slice text)
{
	size_t width = 0;
	while (text.len) {
		uint32_t point;
		text = slice_skip(text, take_point(text, &point));
		width += is_wide(point) ? 2 : 1;
	}
	return width;
}

struct slice output_safe(struct arena *arena, struct slice text)
{
	bool valid = utf8_is_valid(text);
	struct buf buf;
	buf_init(&buf, arena);
	while (text.len) {
		uint32_t point = (unsigned char)text.ptr[0];
		size_t len = valid ? take_point(text, &point) : 1;
		if (point == '\n')
			buf_add_lit(&buf, "\\n");
		else if (point == '\t')
			buf_add_char(&buf, ' ');
		else if (is_control(point) || (!valid && point > 0x7f))
			buf_add_char(&buf, '?');
		else
			buf_add(&buf, text.ptr, len);
		text = slice_skip(text, len);
	}
	return buf_slice(&buf);
}

struct slice output_text(struct arena *arena, const struct val *v)
{
	struct slice text;
	if (!v)
		return SLICE("");
	if (val_is_str(v, &text))
		return text;
	struct buf buf;
	buf_init(&buf, arena);
	json_write(&buf, v);
	return buf_slice(&buf);
}

void output_json(struct arena *arena, const struct val *v, FILE *file)
{
	struct buf buf;
	buf_init(&buf, arena);
	json_write_pretty(&buf, v);
	if (!buf.len || buf.ptr[buf.len - 1] != '\n')
		buf_add_char(&buf, '\n');
	fwrite(buf.ptr, 1, buf.len, file);
}
