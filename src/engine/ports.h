/* SPDX-License-Identifier: Apache-2.0 */
/* The two needs of the engine that point upwards. It declares them; dured fills them at start. Nothing else
 * goes up. */
#ifndef DURE_ENGINE_PORTS_H
#define DURE_ENGINE_PORTS_H

#include "base/fail.h"
#include "model/prim.h"

struct req;

/* Sends a request primitive to an address and tells the answer. */
struct outbound {
	/* Sends to a URL. 0: `done` will be called exactly once, later, never from within. -errno: it could
	 * not be tried (unknown scheme, no room): `done` is not called. The primitive is encoded before it
	 * returns. */
	int (*send)(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
	            void (*done)(void *user, int result, const struct prim *response), void *user);
	/* done's result: 0 (response is set, valid until done returns) or -errno (nobody answered; response
	 * NULL). */
	void *ctx;
};

/* May this originator do this now? Charged on every request. ctx may be NULL with both functions NULL:
 * everybody may. */
struct admission {
	int (*admit)(void *ctx, const struct req *req, struct why *why);
	void *ctx;
};

#endif
