/* SPDX-License-Identifier: Apache-2.0 */
/* Escaping for XML. */
#include "base/utf8.h"
#include "codec/xml.h"

/* What a character needs: nothing, an escape everywhere, an escape in quotes only, or another document. */
enum { WRITE_PLAIN = '0', WRITE_ALWAYS, WRITE_QUOTED, WRITE_NEVER };

/* Of the first 64 characters; those behind need nothing. */
static const char write_needs[] = "33333333322331333333333333333333"
                                  "00200010000000000000000000001010";

static inline int write_need(char c)
{
	unsigned char index = (unsigned char)c;

	return index < 64 ? write_needs[index] : WRITE_PLAIN;
}

bool xml_can_hold(struct slice text)
{
	bool high = false;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		high |= c >= 0x80;
		if (write_need(text.ptr[i]) == WRITE_NEVER)
			return false;
		/* U+FFFE and U+FFFF */
		if (c == 0xef && text.len - i > 2 && (unsigned char)text.ptr[i + 1] == 0xbf &&
		    (unsigned char)text.ptr[i + 2] >= 0xbe)
			return false;
	}
	return !high || utf8_is_valid(text);
}

static void write_escape(struct buf *buf, char c)
{
	switch (c) {
	case '&':
		buf_add_lit(buf, "&amp;");
		break;
	case '<':
		buf_add_lit(buf, "&lt;");
		break;
	case '>':
		buf_add_lit(buf, "&gt;");
		break;
	case '"':
		buf_add_lit(buf, "&quot;");
		break;
	default:
		buf_printf(buf, "&#%d;", c);
		break;
	}
}

static void write_escaped(struct buf *buf, struct slice text, int most)
{
	size_t from = 0;

	for (size_t i = 0; i < text.len; i++) {
		int need = write_need(text.ptr[i]);

		if (__builtin_expect(need == WRITE_PLAIN || need > most, 1))
			continue;
		buf_add(buf, text.ptr + from, i - from);
		write_escape(buf, text.ptr[i]);
		from = i + 1;
	}
	buf_add(buf, text.ptr + from, text.len - from);
}

void xml_write_text(struct buf *buf, struct slice text)
{
	write_escaped(buf, text, WRITE_ALWAYS);
}

void xml_write_quoted(struct buf *buf, struct slice text)
{
	write_escaped(buf, text, WRITE_QUOTED);
}
