/* SPDX-License-Identifier: Apache-2.0 */
/* A line to the server: bytes go out, one HTTP reply comes back. The bytes are sent exactly as given, which
 * is why the lab does not use a client library: hostile ones would be mended on the way. */
#ifndef DURE_LAB_LINE_H
#define DURE_LAB_LINE_H

#include "base/fail.h"
#include "lab/run/message.h"
#include "net/loop.h"

/* Where the server is, and one idle connection to it. */
struct line_place {
	struct loop *loop;
	char host[256];
	char port[8];
	char prefix[256]; /* of the path: "/base", or "" */
	int idle;         /* descriptor, or -1 */
};

struct line {
	struct watch watch;
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

/* "http://host:port/prefix"; refuses others with a sentence. */
MUST_CHECK int line_place_init(struct line_place *place, struct loop *loop, const char *url, struct why *why);
void line_place_finish(struct line_place *place);

/* Starts sending. Never NULL: a line that cannot be opened is done at once, with an error. Destroy it when
 * read. */
struct line *line_start(struct line_place *place, struct arena *arena, struct slice bytes, bool fresh,
                        bool no_body);
void line_destroy(struct line *line);

#endif
