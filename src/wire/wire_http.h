/* SPDX-License-Identifier: Apache-2.0 */
/* oneM2M over HTTP as pure functions: messages to primitives and back. No sockets. TS-0009 */
#ifndef DURE_WIRE_WIRE_HTTP_H
#define DURE_WIRE_WIRE_HTTP_H

#include "base/buf.h"
#include "base/fail.h"
#include "model/prim.h"

struct wire_http_header {
	struct slice name, value;
};

/* A message as net/ gives it. */
struct wire_http_request {
	struct slice method, target, body;
	const struct wire_http_header *headers;
	size_t header_count;
};

/* Request message to primitive: method and Content-Type to op and ty, path to `to`, headers and query to
 * parameters and filter criteria, body to pc. Refuses with the code the standard wants: 4000, 4015, 5207.
 * On a refusal *ret still holds what was understood (rqi, rvi), so that the answer can carry it. All of *ret
 * is in the arena; the message may go. */
MUST_CHECK int wire_http_read(struct arena *arena, const struct wire_http_request *message, struct why *why,
                              struct prim *ret);

/* Response primitive to message: the HTTP status is returned; header lines ("Name: value\r\n") and body are
 * appended. `request` may be NULL; it decides Content-Location and the like. */
int wire_http_write(const struct prim *request, const struct prim *response, struct buf *headers,
                    struct buf *body);
/* The same with a media type of one's choice, as wire_http_answer_type finds it in the request: what its
 * Accept likes best, without one the encoding of its body, "application/json" when nothing is told or can be
 * had. */
int wire_http_write_as(const struct prim *request, const struct prim *response, struct slice type,
                       struct buf *headers, struct buf *body);
struct slice wire_http_answer_type(const struct wire_http_request *message);

/* Request primitive (a notification, a forwarded request) to message. `base` is the target URL (poa or nu);
 * for a notification to a plain URL nothing is appended to its path. `ct=` in its query chooses the encoding
 * and is taken off. Header lines as above, each ended by a NUL byte instead of CRLF. Returns the method. */
const char *wire_http_write_request(const struct prim *request, struct slice base, struct arena *arena,
                                    struct buf *headers, struct buf *body, struct slice *ret_url);

/* Reply message to response primitive, all of it in the arena. A 2xx without X-M2M-RSC is 2000; another
 * status without it becomes the nearest code, and a body that makes no sense is passed over. With it, a body
 * that cannot be read is refused with 4000. */
MUST_CHECK int wire_http_read_reply(struct arena *arena, int status, const struct wire_http_header *headers,
                                    size_t header_count, struct slice body, struct why *why,
                                    struct prim *ret);

#endif
