/* SPDX-License-Identifier: Apache-2.0 */
/* Media types: what a body says it is, what the other side is willing to read, and the numbers that CoAP has
 * for the same. TS-0009 6.4; the types themselves TS-0004 6.7 */
#ifndef DURE_WIRE_WIRE_MEDIA_H
#define DURE_WIRE_WIRE_MEDIA_H

#include "base/fail.h"
#include "codec/encoding.h"

/* What a body holds, as far as its type tells: application/json tells nothing. */
enum wire_content {
	WIRE_CONTENT_ANY,
	WIRE_CONTENT_RES,  /* vnd.onem2m-res: a resource */
	WIRE_CONTENT_NTFY, /* vnd.onem2m-ntfy: m2m:sgn or m2m:agn */
	WIRE_CONTENT_PREQ, /* vnd.onem2m-preq: a whole request primitive */
	WIRE_CONTENT_PRSP, /* vnd.onem2m-prsp: a whole response primitive */
	WIRE_CONTENT_COUNT
};

/* A row for each type there is. */
struct wire_media_type {
	struct slice name; /* "application/vnd.onem2m-res+json" */
	enum encoding encoding;
	enum wire_content content;
	uint16_t format; /* CoAP Content-Format; 50 is application/json. TS-0008 6.2.3 */
};

/* NULL: no such type. Names in any case, without parameters or blanks. */
const struct wire_media_type *wire_media_find(struct slice name);
const struct wire_media_type *wire_media_of_format(unsigned format);
const struct wire_media_type *wire_media_of(enum encoding encoding,
                                            enum wire_content content); /* never NULL */
/* The same of any form that a `ct=` takes: a whole type (a blank or nothing may stand for its '+', which URLs
 * eat), its part behind "application/", or "json", "cbor", "xml". */
const struct wire_media_type *wire_media_find_short(struct slice name);

struct wire_media {
	const struct wire_media_type *type; /* NULL: none of ours, or not in UTF-8 */
	struct slice name;                  /* as sent */
	struct slice ty;                    /* the parameter `ty`; ptr NULL: absent */
};

/* The encoding that a Content-Type names, JSON for those that are none of ours: no more is looked at. */
enum encoding wire_media_encoding(struct slice value);
/* Reads a Content-Type. Refuses (4000) what is none, and two `ty`. */
MUST_CHECK int wire_media_read(struct slice value, struct why *why, struct wire_media *ret);

/* What the Accept headers allow, in thousandths; -1: not named. Begin with {0}. */
struct wire_accept {
	bool seen; /* there was such a header; the rest means nothing before */
	const struct wire_media_type
	        *only;             /* all there is: one type without parameters; NULL: see the rest */
	int16_t application, star; /* application/ * and * / * */
	int16_t weight[ENCODING_COUNT][WIRE_CONTENT_COUNT];
};

/* Adds a header; what cannot be read in it counts as not there. */
void wire_media_accept(struct slice value, struct wire_accept *accept);
/* The type an answer should carry: the one liked best; among equals that of `preferred` (the encoding of the
 * request, JSON when it has none), then the plain one. NULL: none is acceptable (5207). */
const struct wire_media_type *wire_media_answer(const struct wire_accept *accept, enum encoding preferred);

/* The type that `ct=` in the query of a notification target asks for; the argument is taken off *url then
 * (what is left may be in the arena). NULL, and *url as it was: there is none that we know. */
const struct wire_media_type *wire_media_take(struct arena *arena, struct slice *url);

#endif
