/* SPDX-License-Identifier: Apache-2.0 */
/* Contents and whole primitives as bytes, in each encoding; and primitives made of calls, for the bindings
 * that carry them whole. TS-0004 8 */
#ifndef DURE_LAB_CONTENT_H
#define DURE_LAB_CONTENT_H

#include "base/buf.h"
#include "lab/run/transport.h"

/* {"m2m:cnt": {...}} as bytes, and back. Refuses with a sentence. */
struct slice content_write(struct arena *arena, enum encoding encoding, const struct val *pc);
MUST_CHECK int content_read(struct arena *arena, enum encoding encoding, struct slice bytes, struct why *why,
                            struct val **ret);
/* The content of a call as it is sent: its text as it stands, or pc written. ptr NULL: none. */
struct slice content_of(struct arena *arena, enum encoding encoding, const struct call *call);
/* Its content for people: as JSON, at most some of it, behind an empty line. */
void content_show(struct buf *buf, const struct call *call);

/* The call as one flat object: {"op":1,"to":...,"pc":{...}}. */
struct val *content_request(struct arena *arena, const struct call *call);
/* A request or a response primitive as bytes. */
struct slice content_primitive(struct arena *arena, enum encoding encoding, const struct val *primitive);
/* A call as such bytes; a text of its own stands where pc would. */
struct slice content_call(struct arena *arena, enum encoding encoding, const struct call *call);
/* Bytes into one flat object. What is wrong with its form besides is told in *ret_fault (NULL: nothing): a
 * wrapper where none belongs. Refuses with a sentence when it cannot be read. */
MUST_CHECK int content_read_primitive(struct arena *arena, enum encoding encoding, struct slice bytes,
                                      struct why *why, struct val **ret, const char **ret_fault);
/* A response primitive into a reply. */
void content_reply(struct arena *arena, struct val *primitive, struct reply *ret);

#endif
