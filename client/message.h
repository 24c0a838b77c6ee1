/* SPDX-License-Identifier: Apache-2.0 */
/* A request as an HTTP message, and an HTTP reply as an answer; no sockets. Private to client/. TS-0009 */
#ifndef DURE_CLIENT_MESSAGE_H
#define DURE_CLIENT_MESSAGE_H

#include "client/client.h"
#include "client/transport.h"

/* What all requests of a client share. */
struct message_self {
	const char *url, *originator, *release;
	const char *proof; /* the value of Authorization; NULL: none */
	int64_t timeout_us;
};

/* Fills method, url, headers and body of *ret; all in arena. */
void message_write(const struct message_self *self, const struct m2m_request *request, const char *rqi,
                   struct arena *arena, struct transport_call *ret);
/* The answer, copied into arena. */
void message_read(const struct transport_reply *reply, struct arena *arena, struct m2m_answer *ret);
/* The path of a `to`: "a/b" is /a/b, "/cse/a" is /~/cse/a, "//sp/cse/a" is /_/sp/cse/a. */
void message_path(struct buf *buf, struct slice to);

#endif
