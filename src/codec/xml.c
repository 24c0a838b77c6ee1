/* SPDX-License-Identifier: Apache-2.0 */
/* libxml2 finds the elements, its SAX callbacks put them into the arena. It gets no chance to do more: a DTD
 * never reaches it, nothing is ever loaded, and the first thing that is wrong stops it. */
#include "codec/xml.h"
#include "codec/xml_library.h"
#include "codec/xml_scan.h"

#include <errno.h>
#include <stdio.h>

#define XML_BAD 4000 /* BAD_REQUEST of spec/rsc.def; this room does not know the table */

const struct xml_limits xml_limits_default = {.depth = 64, .elements = 100000, .attrs = 32};

struct xml_reader {
	struct arena *arena;
	const struct xml_limits *limits;
	struct why *why;
	int result; /* of the first refusal */
	const struct xml_library *library;
	xmlParserCtxtPtr parser;
	struct xml_elem *root, *open;
	struct buf text;         /* of the innermost element, so far */
	const xmlChar *ns_known; /* the last namespace, as the parser's dictionary has it */
	struct slice ns_copy;
	unsigned depth, elements;
};

static void xml_stop(struct xml_reader *reader, unsigned line, const char *sentence)
{
	if (reader->result == 0)
		reader->result = refuse(reader->why, XML_BAD, "line %u: %s", line, sentence);
	reader->library->stop(reader->parser);
}

static unsigned xml_line(const struct xml_reader *reader)
{
	return reader->parser->input ? (unsigned)reader->parser->input->line : 0;
}

static struct slice xml_copy(struct xml_reader *reader, const xmlChar *text)
{
	return text ? arena_copy(reader->arena, slice_of((const char *)text)) : SLICE("");
}

/* Namespaces are long and nearly always the same. */
static struct slice xml_copy_ns(struct xml_reader *reader, const xmlChar *uri)
{
	if (!uri)
		return SLICE("");
	if (uri != reader->ns_known) {
		reader->ns_known = uri;
		reader->ns_copy = xml_copy(reader, uri);
	}
	return reader->ns_copy;
}

static bool xml_is_blank(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] != ' ' && text.ptr[i] != '\n' && text.ptr[i] != '\t' && text.ptr[i] != '\r')
			return false;
	return true;
}

/* Each is five pointers: name, prefix, namespace, and where the value begins and ends. */
static void xml_add_attrs(struct xml_reader *reader, struct xml_elem *elem, const xmlChar **attrs, int count)
{
	struct xml_attr **link = &elem->attrs;

	for (int i = 0; i < count; i++, attrs += 5) {
		struct xml_attr *attr = arena_new(reader->arena, struct xml_attr);

		attr->name = xml_copy(reader, attrs[0]);
		attr->prefix = xml_copy(reader, attrs[1]);
		attr->ns = xml_copy_ns(reader, attrs[2]);
		attr->value = arena_copy(reader->arena,
		                         slice_make((const char *)attrs[3], (size_t)(attrs[4] - attrs[3])));
		*link = attr;
		link = &attr->next;
	}
}

static void xml_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int ns_count,
                      const xmlChar **namespaces, int attr_count, int defaulted, const xmlChar **attrs)
{
	struct xml_reader *reader = ctx;
	struct xml_elem *elem, *above = reader->open;

	if (reader->result)
		return;
	if (!xml_is_blank(buf_slice(&reader->text))) {
		xml_stop(reader, xml_line(reader), "text stands beside an element");
		return;
	}
	if (++reader->depth > reader->limits->depth || ++reader->elements > reader->limits->elements) {
		xml_stop(reader, xml_line(reader), "too many elements, or nested too deep");
		return;
	}
	reader->text.len = 0;
	elem = arena_new(reader->arena, struct xml_elem);
	elem->ns = xml_copy_ns(reader, uri);
	elem->name = xml_copy(reader, name);
	elem->prefix = xml_copy(reader, prefix);
	elem->line = xml_line(reader);
	elem->above = above;
	xml_add_attrs(reader, elem, attrs, attr_count);
	if (!above)
		reader->root = elem;
	else if (above->last)
		above->last->next = elem;
	else
		above->first = elem;
	if (above)
		above->last = elem;
	reader->open = elem;
}

static void xml_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct xml_reader *reader = ctx;
	struct xml_elem *elem = reader->open;

	if (reader->result || !elem)
		return;
	if (!elem->first)
		elem->text = arena_copy(reader->arena, buf_slice(&reader->text));
	else if (!xml_is_blank(buf_slice(&reader->text)))
		xml_stop(reader, xml_line(reader), "text stands beside an element");
	reader->text.len = 0;
	reader->depth--;
	reader->open = elem->above;
}

static void xml_characters(void *ctx, const xmlChar *text, int len)
{
	struct xml_reader *reader = ctx;

	if (!reader->result && len > 0)
		buf_add(&reader->text, text, (size_t)len);
}

static void xml_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	struct xml_reader *reader = ctx;

	xml_stop(reader, xml_line(reader), "a document type (DTD) is not taken");
}

static void xml_error(void *ctx, xmlErrorPtr error)
{
	struct xml_reader *reader = ctx;
	struct slice text = slice_of(error->message ? error->message : "no XML");
	char sentence[200];

	if (error->level < XML_ERR_ERROR)
		return;
	while (text.len > 0 && text.ptr[text.len - 1] == '\n')
		text.len--;
	snprintf(sentence, sizeof(sentence), "%.*s", text.len > 180 ? 180 : (int)text.len, text.ptr);
	xml_stop(reader, error->line > 0 ? (unsigned)error->line : 1, sentence);
}

/* initialized says that these are callbacks of the second kind, which know namespaces. Those not named are
 * not called. */
static const xmlSAXHandler xml_callbacks = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = xml_start,
        .endElementNs = xml_end,
        .characters = xml_characters,
        .cdataBlock = xml_characters,
        .ignorableWhitespace = xml_characters,
        .internalSubset = xml_doctype,
        .externalSubset = xml_doctype,
        .serror = xml_error,
};

static int xml_parse(struct xml_reader *reader, struct slice bytes)
{
	const struct xml_library *library = xml_library();
	xmlParserCtxtPtr parser = library ? library->create(bytes.ptr, (int)bytes.len) : NULL;

	if (!parser)
		return fault(library ? -ENOMEM : -ELIBACC, "xml: no parser");
	reader->library = library;
	reader->parser = parser;
	/* NOENT: "&amp;" is '&' in attributes too. There are no other entities, as there is no DTD. */
	library->use_options(parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_NOENT);
	*parser->sax = xml_callbacks;
	parser->userData = reader;
	if (library->parse(parser) != 0 || !parser->wellFormed)
		xml_stop(reader, xml_line(reader), "this is no XML");
	if (reader->result == 0 && (!reader->root || reader->open))
		xml_stop(reader, xml_line(reader), "there is no element");
	library->destroy(parser);
	return reader->result;
}

int xml_read(struct arena *arena, struct slice bytes, const struct xml_limits *limits, struct why *why,
             struct xml_elem **ret_root)
{
	struct xml_reader reader = {
	        .arena = arena, .limits = limits ? limits : &xml_limits_default, .why = why};
	int r;

	if (bytes.len == 0 || bytes.len > INT32_MAX / 2)
		return refuse(why, XML_BAD, "line 1: the text is empty, or too long; XML was expected");
	r = xml_scan(bytes, reader.limits, why);
	if (r != 0)
		return r;
	buf_init(&reader.text, NULL);
	r = xml_parse(&reader, bytes);
	buf_finish(&reader.text);
	if (r == 0)
		*ret_root = reader.root;
	return r;
}
