/* SPDX-License-Identifier: Apache-2.0 */
/* Representations and primitives as XML: the value tree of JSON to and from a document, by the tables.
 * TS-0004 8
 *
 *   {"m2m:cnt":{"rn":"a",        <m2m:cnt xmlns:m2m="http://www.onem2m.org/xml/protocols" rn="a">
 *     "mni":5,                     <mni>5</mni>
 *     "lbl":["x","y"],             <lbl>x y</lbl>
 *     "ch":[{"nm":"b","typ":4,     <ch nm="b" typ="4">cse/a/b</ch>
 *            "val":"cse/a/b"}],
 *     "m2m:cin":[{"rn":"c"}]}}     <m2m:cin rn="c"/> </m2m:cnt>
 *
 * The row of a name says what its text becomes: number, truth, list (one element with blanks between the
 * values, or an element for each; objects always the latter), object. Without a row, text is a string and
 * elements are an object, or a list when a name comes again. An empty element is null, but for a list or a
 * text that cannot be null it is empty. Whatever would come back as something else is written with xsi:type:
 *
 *   xs:integer xs:decimal xs:double xs:boolean   what they say      <con xsi:type="xs:decimal">12.50</con>
 *   xs:string                                    text as it stands: empty, or one member of a list that has
 * blanks json:string                                  text with the escapes of JSON, for characters XML does
 * not have json:object json:array json:null             members, elements of any name, nothing
 *
 * where json: is urn:dure:json. An element whose name is none in XML is <json:member json:name="...">. So
 * every value comes back as it was; only XML attributes (rn, nm, typ) come first. */
#ifndef DURE_MODEL_XML_MAP_H
#define DURE_MODEL_XML_MAP_H

#include "base/buf.h"
#include "base/fail.h"
#include "codec/val.h"

/* A document to an object of one member: the root element. All of it is in the arena. Refuses with 4000 and
 * "line N: ...". What the tables do not know is kept as text, so that it is refused like in JSON. */
MUST_CHECK int xml_map_read(struct arena *arena, struct slice bytes, struct why *why, struct val **ret);
/* The other way round; v is an object of one member. VAL_JSON is read and written. */
void xml_map_write(struct buf *buf, const struct val *v);

#endif
