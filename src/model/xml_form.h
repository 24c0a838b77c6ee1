/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables say of a name that stands in a certain place: the knowledge that reading and writing XML
 * share. Only the xml_*.c include this. */
#ifndef DURE_MODEL_XML_FORM_H
#define DURE_MODEL_XML_FORM_H

#include "model/prim.h"
#include "model/type.h"

#define XML_FORM_M2M  "http://www.onem2m.org/xml/protocols"
#define XML_FORM_XSI  "http://www.w3.org/2001/XMLSchema-instance"
#define XML_FORM_XS   "http://www.w3.org/2001/XMLSchema"
#define XML_FORM_JSON "urn:dure:json"

/* Where a name stands; all of it NULL and 0: nothing is known. */
struct xml_place {
	const struct type *type;       /* in a resource */
	const struct shape *shape;     /* in a complex value */
	enum prim_direction direction; /* in a primitive */
};

enum xml_is { XML_IS_TEXT, XML_IS_NUMBER, XML_IS_TRUTH, XML_IS_OBJECT };

struct xml_form {
	enum xml_is is; /* the value, or each of the list. TEXT: or whatever its elements tell */
	bool known;     /* the place has such a name */
	bool list;
	bool alone;              /* a list that is one element in any case: a root */
	bool keeps;              /* an empty element is "", [] or {}, as this can't be null */
	bool refers;             /* an object whose nm and typ are XML attributes, and its val the text */
	struct xml_place inside; /* of an object */
};

struct xml_form xml_form_of(const struct xml_place *place, struct slice name);
/* Does the value of that name travel as an XML attribute of the element around it? */
bool xml_form_is_attribute(const struct xml_place *place, bool refers, struct slice name);

/* The prefix that our names have for a namespace, and the other way round; both empty: not one of the known.
 */
struct slice xml_form_prefix(struct slice ns);
struct slice xml_form_namespace(struct slice prefix);

/* xsi:type, by the part of its value behind the colon. */
enum xml_hint {
	XML_HINT_NONE,
	XML_HINT_NUMBER,
	XML_HINT_TRUTH,
	XML_HINT_STRING,
	XML_HINT_ESCAPED,
	XML_HINT_OBJECT,
	XML_HINT_ARRAY,
	XML_HINT_NULL,
	XML_HINT_VALUE, /* the one element inside is the value, where a list was expected */
};
enum xml_hint xml_form_hint(struct slice type);

/* Letters, digits, '_', '-', '.', and not beginning with "xml"? Such names we write as they are. */
bool xml_form_is_name(struct slice name);

#endif
