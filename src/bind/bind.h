/* SPDX-License-Identifier: Apache-2.0 */
/* What all bindings have in common. A binding joins a protocol of net/, its mapping in wire/ and the engine:
 *
 *     bytes come -> net/ makes a message of them -> req_create -> wire/ reads it into req->in ->
 * engine_submit
 *     -> the engine calls req->answered -> wire/ writes req->out as a message -> net/ sends it -> req_destroy
 *
 * and, outwards, sends a request primitive and reads the reply (a bind_send, used by peer/). */
#ifndef DURE_BIND_BIND_H
#define DURE_BIND_BIND_H

#include "model/prim.h"

/* A way in. */
struct binding {
	const char *name; /* "http" */
	/* Takes no more requests; true when none is under way any more. May be called again and again. */
	bool (*drain)(struct binding *binding);
	/* Ends it. Requests still under way are answered into nothing. */
	void (*destroy)(struct binding *binding);
};

/* Is that an address of loopback: 127.0.0.0/8, ::1, or the former within IPv6? NULL: no. */
bool bind_is_loopback(const char *ip);

/* A way out: as outbound.send in engine/ports.h. done is called exactly once when 0 was returned, and never
 * from within; result 0 (response is set until it returns) or -errno; -ECANCELED when what sends is
 * destroyed. */
typedef int bind_send(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                      void (*done)(void *user, int result, const struct prim *response), void *user);

#endif
