/* SPDX-License-Identifier: Apache-2.0 */
/* Only the marks are looked at: '<' and what follows it, quotes within a tag. That is enough to count, and
 * what it takes for a tag so does every parser, up to the first error. (libxml2 would compare each attribute
 * of an element with each other one, and expand what a DTD says.) */
#include "codec/xml_scan.h"

#include <strings.h>

#include "base/utf8.h"

#define XML_BAD 4000 /* BAD_REQUEST of spec/rsc.def; this room does not know the table */

struct scan {
	const char *at, *end, *start;
	const struct xml_limits *limits;
	struct why *why;
	unsigned depth, elements;
};

static int scan_refuse(const struct scan *scan, const char *sentence)
{
	unsigned line = 1;

	for (const char *at = scan->start; at < scan->at; at++)
		line += *at == '\n';
	return refuse(scan->why, XML_BAD, "line %u: %s", line, sentence);
}

static bool scan_starts(const struct scan *scan, const char *text)
{
	return slice_starts(slice_make(scan->at, (size_t)(scan->end - scan->at)), slice_of(text));
}

/* To behind the next `text`; to the end when there is none. */
static void scan_skip(struct scan *scan, const char *text)
{
	size_t left = (size_t)(scan->end - scan->at);
	const char *found = memmem(scan->at, left, text, strlen(text));

	scan->at = found ? found + strlen(text) : scan->end;
}

/* <?xml version="1.0" encoding="UTF-8"?>: another encoding is refused. */
static int scan_declaration(struct scan *scan)
{
	const char *end = memmem(scan->at, (size_t)(scan->end - scan->at), "?>", 2), *name;
	struct slice text, value;
	char quote;

	if (!end)
		return 0;
	text = slice_make(scan->at, (size_t)(end - scan->at));
	name = memmem(text.ptr, text.len, "encoding", 8);
	if (!name)
		return 0;
	for (name += 8; name < end && *name != '"' && *name != '\''; name++)
		;
	if (name >= end)
		return 0;
	quote = *name++;
	value = slice_make(name, (size_t)(end - name));
	if (slice_cut(&value, quote, &text) && text.len == 5 && strncasecmp(text.ptr, "UTF-8", 5) == 0)
		return 0;
	return scan_refuse(scan, "the encoding is not UTF-8");
}

/* A start tag; scan->at stands at its '<'. */
static int scan_tag(struct scan *scan)
{
	const char *at = scan->at + 1, *quoted;
	unsigned attrs = 0;

	for (; at < scan->end && *at != '>'; at++) {
		if (*at != '"' && *at != '\'')
			continue;
		quoted = memchr(at + 1, *at, (size_t)(scan->end - at - 1));
		if (!quoted)
			break;
		at = quoted;
		attrs++;
	}
	if (attrs > scan->limits->attrs)
		return scan_refuse(scan, "an element has too many attributes");
	scan->elements += 1 + attrs;
	if (scan->elements > scan->limits->elements)
		return scan_refuse(scan, "more elements than are allowed here");
	if (at[-1] != '/') {
		if (++scan->depth > scan->limits->depth)
			return scan_refuse(scan, "elements are nested too deep");
	}
	scan->at = at < scan->end ? at + 1 : scan->end;
	return 0;
}

/* What begins with '<'; scan->at stands there. */
static int scan_mark(struct scan *scan)
{
	char next = scan->end - scan->at > 1 ? scan->at[1] : 0;

	if (next == '?') {
		scan_skip(scan, "?>");
	} else if (next == '/') {
		scan->depth -= scan->depth > 0;
		scan_skip(scan, ">");
	} else if (next != '!') {
		return scan_tag(scan);
	} else if (scan_starts(scan, "<!--")) {
		scan->at += 4; /* "<!-->" is no comment */
		scan_skip(scan, "-->");
	} else if (scan_starts(scan, "<![CDATA[")) {
		scan_skip(scan, "]]>");
	} else {
		return scan_refuse(scan, "a document type (DTD) is not taken");
	}
	return 0;
}

int xml_scan(struct slice bytes, const struct xml_limits *limits, struct why *why)
{
	struct scan scan = {.at = bytes.ptr, .limits = limits, .why = why};
	size_t good = utf8_valid_length(bytes);
	int r = 0;

	scan.start = scan.at = bytes.len ? bytes.ptr : "";
	scan.end = scan.at + bytes.len;
	if (good != bytes.len || memchr(scan.at, 0, bytes.len)) {
		scan.at += good != bytes.len ? good : 0;
		return scan_refuse(&scan, "the text is not UTF-8, or holds the character U+0000");
	}
	if (slice_starts(bytes, SLICE("\xef\xbb\xbf")))
		scan.at += 3;
	if (scan_starts(&scan, "<?xml"))
		r = scan_declaration(&scan);
	while (r == 0) {
		const char *mark = memchr(scan.at, '<', (size_t)(scan.end - scan.at));

		if (!mark)
			return 0;
		scan.at = mark;
		r = scan_mark(&scan);
	}
	return r;
}
