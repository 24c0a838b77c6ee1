/* SPDX-License-Identifier: Apache-2.0 */
/* Media types: what a body says it is, and what the other side is willing to read. TS-0009 6.4;
 * the types themselves TS-0004 6.7 */
#ifndef DURE_WIRE_WIRE_MEDIA_H
#define DURE_WIRE_WIRE_MEDIA_H

#include "base/fail.h"

struct wire_media {
	bool is_json;      /* one of the JSON types, in UTF-8 */
	struct slice name; /* as sent */
	struct slice ty;   /* the parameter `ty`; ptr NULL: absent */
};

/* Reads a Content-Type. Refuses (4000) what is none, and two `ty`. */
MUST_CHECK int wire_media_read(struct slice value, struct why *why, struct wire_media *ret);

/* What an Accept header allows so far, in thousandths; init with WIRE_ACCEPT_NONE. */
struct wire_accept {
	bool seen; /* there was such a header */
	int json, res,
	        any; /* application/json, application/vnd.onem2m-res+json, other JSON forms; -1: not named */
	int application, star; /* application/ * and * / * */
};
#define WIRE_ACCEPT_NONE ((struct wire_accept){false, -1, -1, -1, -1, -1})

/* Adds a header; what cannot be read in it counts as not there. */
void wire_media_accept(struct slice value, struct wire_accept *accept);
/* May we answer with JSON at all? Yes when there was no such header. */
bool wire_media_is_acceptable(const struct wire_accept *accept);
/* The type an answer should carry. */
struct slice wire_media_answer(const struct wire_accept *accept);

#endif
