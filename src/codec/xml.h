/* SPDX-License-Identifier: Apache-2.0 */
/* XML 1.0 in UTF-8 to a tree of elements, and the escaping that writing it needs. Strict and small: no DTD,
 * no entities but the five, nothing external; depth, elements and attributes are bounded before the parser
 * (libxml2) sees a byte. An element holds elements or text, not both. */
#ifndef DURE_CODEC_XML_H
#define DURE_CODEC_XML_H

#include "base/buf.h"
#include "base/fail.h"

struct xml_attr {
	struct slice ns, name, value; /* ns: the URI of its namespace; empty: none. name: without prefix */
	struct slice prefix;
	struct xml_attr *next;
};

struct xml_elem {
	struct slice ns, name, prefix;
	struct slice text;      /* all of it, blanks too; empty when there are elements inside */
	struct xml_attr *attrs; /* in order; declarations of namespaces are none */
	struct xml_elem *first; /* inside */
	struct xml_elem *next;  /* behind it */
	struct xml_elem *above;
	struct xml_elem *last;
	unsigned line;
};

#define xml_each(elem, child) for (const struct xml_elem *child = (elem)->first; child; child = child->next)

struct xml_limits {
	unsigned depth;    /* nesting, the root counts one */
	unsigned elements; /* with attributes, in all */
	unsigned attrs;    /* of one element, with the namespaces it declares */
};
/* 64 deep, 100,000 elements, 32 attributes each. */
extern const struct xml_limits xml_limits_default;

/* Reads a document; all of it is copied to the arena. limits may be NULL (the default). Refuses with 4000 and
 * "line N: ...". */
MUST_CHECK int xml_read(struct arena *arena, struct slice bytes, const struct xml_limits *limits,
                        struct why *why, struct xml_elem **ret_root);

/* Can XML hold these characters: UTF-8 without U+FFFE, U+FFFF and the control characters but tab and the ends
 * of lines? */
bool xml_can_hold(struct slice text);
/* Appends text that XML can hold, escaped: between tags, or in the double quotes of an attribute. */
void xml_write_text(struct buf *buf, struct slice text);
void xml_write_quoted(struct buf *buf, struct slice text);

#endif
