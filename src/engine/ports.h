/* SPDX-License-Identifier: Apache-2.0 */
/* The needs of the engine that point upwards: to send, to ask whether a stranger may and has had enough, and
 * to have a token checked. It declares them; dured fills them at start. Nothing else goes up. */
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
	/* Whether an AE or CSE (SP-relative: "/id-in/Cmeter", "/id-mn") can be reached by a connection that
	 * it opened itself: then the URL to send to, in the arena, else an empty slice. addressed: it has
	 * points of access, so a mere guess is not wanted. May be NULL. */
	struct slice (*route)(void *ctx, struct slice entity, bool addressed, struct arena *arena);
	void *ctx;
};

/* May this originator do this now? */
struct admission {
	/* Asked once for every request, when fr and op are known: is it who it says (else 4106, 4107), and is
	 * its allowance not spent (4139)? Sets req->peer.authenticated. NULL: everybody may, nobody is
	 * authenticated. Each member of a fan-out is told, too (peer.inner is set): it costs, but is not
	 * refused. */
	int (*admit)(void *ctx, struct req *req, struct why *why);
	/* Of one that was admitted and goes on after a long wait: does its proof still stand (else 4107)?
	 * Also of what we made for it. NULL: yes. */
	int (*still)(void *ctx, const struct req *req, struct why *why);
	/* Before a resource is made, req->type, also the <request> of a non-blocking request: how many
	 * subscriptions and how many resources in all its owner has already (instances are not counted; they
	 * are asked for, and counted, by none). May be asked twice for one that had to wait. A refusal
	 * (4139), or 0. NULL: no limit. */
	int (*grow)(void *ctx, const struct req *req, uint64_t subscriptions, uint64_t resources,
	            struct why *why);
	void *ctx;
};

/* Checks tokens that come with requests. */
struct vouch {
	/* The claims of a token as auth_claims has them; a refusal when it is not to be trusted. NULL: no
	 * token is. */
	int (*claims)(void *ctx, struct arena *arena, struct slice token, struct why *why,
	              struct val **ret_claims);
	void *ctx;
};

/* All of them; the contexts stay the caller's and must outlive the engine. */
struct ports {
	struct outbound outbound;
	struct admission admission;
	struct vouch vouch;
};

#endif
