/* SPDX-License-Identifier: Apache-2.0 */
/* A line to the server: bytes go out, one HTTP reply comes back. The bytes are sent exactly as given, which
 * is why the lab does not use a client library: hostile ones would be mended on the way. */
#ifndef DURE_LAB_LINE_H
#define DURE_LAB_LINE_H

#include "lab/run/transport.h"
#include "net/stream.h"

/* Where the server is, and one idle connection to it. */
struct line_place {
	struct place place;
	struct tls_context *tls; /* NULL: plain */
	struct stream idle;      /* its fd is -1: none */
};

struct line {
	struct watch watch;
	struct stream stream;
	struct line_place *place;
	struct arena *arena; /* of the case: the message goes there */
	struct slice out;    /* what to send; lives as long as the line */
	size_t sent;
	char *in;
	size_t in_len, in_cap;
	bool reused;       /* an idle connection, which may have ended without our knowing */
	bool fresh;        /* a connection of its own, not an idle one */
	bool no_body;      /* the answer to HEAD */
	bool done;         /* message is there, or error */
	const char *error; /* NULL, or why there is no message */
	bool closed;       /* the other side closed without one */
	struct message message;
};

/* Closes the idle connection. */
void line_place_rest(struct line_place *place);

/* Starts sending. Never NULL: a line that cannot be opened is done at once, with an error. Destroy it when
 * read. */
struct line *line_start(struct line_place *place, struct arena *arena, struct slice bytes, bool fresh,
                        bool no_body);
void line_destroy(struct line *line);

#endif
