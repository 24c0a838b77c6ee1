/* SPDX-License-Identifier: Apache-2.0 */
/* The reading of a reply, byte by byte as it comes: the client's half of HTTP/1.1, without sockets. It is a
 * little more lenient than the server's half, since devices answer as they can: lines may end with LF alone,
 * and what the reason phrase says nobody reads. How long a body is must be beyond doubt here too (RFC
 * 9112 6.3). */
#ifndef DURE_NET_HTTP_REPLY_H
#define DURE_NET_HTTP_REPLY_H

#include "base/buf.h"
#include "net/http_parse.h"

#define HTTP_REPLY_HEAD_MAX 65536
#define HTTP_REPLY_INTERIM  16 /* 100 Continue and the like before the reply */

struct http_reply_reader {
	int state;
	int status;
	bool is_head;    /* the reply to a HEAD: no body follows; set by the user after begin */
	bool keep_alive; /* the connection may be used again */
	bool too_large;
	const char *error; /* a sentence; static */
	size_t body_max;
	size_t scanned; /* of head: looked at for its end */
	unsigned interims;
	uint64_t left; /* of a body of known length */
	struct http_chunked chunked;
	struct buf head;   /* as it came; on the heap */
	struct buf fields; /* name NUL value NUL ... */
	struct buf body;
};

void http_reply_init(struct http_reply_reader *reader, size_t body_max);
void http_reply_finish(struct http_reply_reader *reader);
/* Ready for the next reply on the same connection. */
void http_reply_begin(struct http_reply_reader *reader);
/* DONE: all is there, and nothing behind it (else keep_alive is false). BAD: error says why. */
enum http_outcome http_reply_feed(struct http_reply_reader *reader, struct slice bytes);
/* The other side has ended: DONE when that is how the body ends, else BAD. */
enum http_outcome http_reply_end(struct http_reply_reader *reader);
/* Has any byte of it come? */
bool http_reply_has_begun(const struct http_reply_reader *reader);
/* The value of the first header of that name, any case; NULL: none. */
const char *http_reply_field(const struct http_reply_reader *reader, const char *name);

#endif
