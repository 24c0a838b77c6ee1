/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses on their way into and out of URLs: percent-encoding, and the two marks that stand for the longer
 * address forms. TS-0009 6.2
 *
 *     cse-in/a        <->  /cse-in/a
 *     /id-in/a        <->  /~/id-in/a
 *     //sp.ex/id-in/a <->  /_/sp.ex/id-in/a */
#ifndef DURE_WIRE_WIRE_URL_H
#define DURE_WIRE_WIRE_URL_H

#include "base/buf.h"
#include "base/fail.h"

/* Undoes percent-encoding; '+' stays a plus. Refuses (4000) a broken escape, %00 and what is not UTF-8 then.
 * Without escapes the text itself is given back. */
MUST_CHECK int wire_url_decode(struct arena *arena, struct slice text, struct why *why, struct slice *ret);

/* The path of a request target (before '?') to `to`. Refuses a '/' that hides in an escape. "%23", like '#',
 * begins the fragment. */
MUST_CHECK int wire_url_read_path(struct arena *arena, struct slice path, struct why *why,
                                  struct slice *ret_to);
/* The other way round, appended. */
void wire_url_write_path(struct buf *buf, struct slice to);

/* Appends, with everything but unreserved characters escaped. */
void wire_url_encode(struct buf *buf, struct slice text);

#endif
