/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 messages as the lab reads them. It has a reader of its own on purpose: a judge who read with the
 * eyes of the server under test would share its mistakes. */
#ifndef DURE_LAB_MESSAGE_H
#define DURE_LAB_MESSAGE_H

#include "base/arena.h"

#define MESSAGE_HEADERS 64

struct message {
	struct slice first; /* "HTTP/1.1 200 OK" or "POST /x HTTP/1.1" */
	struct {
		const char *name, *value;
	} headers[MESSAGE_HEADERS];
	size_t header_count;
	struct slice body;
	size_t size; /* bytes it took, head and body */
	bool closes; /* the connection ends with it */
};

enum message_state { MESSAGE_MORE, MESSAGE_WHOLE, MESSAGE_BROKEN };

/* Reads one message from the start of bytes; texts are copied into arena on MESSAGE_WHOLE. eof: no more bytes
 * will come. no_body: an answer that has none whatever it says (to HEAD, 204, 304). */
enum message_state message_read(struct arena *arena, struct slice bytes, bool eof, bool no_body,
                                struct message *ret);

/* The header of that name, in any case; NULL: absent. */
const char *message_header(const struct message *message, const char *name);
/* The status of a reply, 0 when the first line is none. */
int message_status(const struct message *message);

#endif
