/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: what they say, whether they are for us, and those that are kept here as <token>. Who may be trusted
 * to sign is the vouch port's business; nothing of a token is believed that the port has not seen at this
 * moment, so that a signer who is no longer trusted is not, whatever was kept. TS-0003 7.3, TS-0001 10.2.3.17
 */
#ifndef DURE_ENGINE_CLAIM_H
#define DURE_ENGINE_CLAIM_H

#include "engine/req.h"

struct claim {
	struct val *claims;  /* m2m:tokenClaimSet */
	struct slice id;     /* tkid */
	struct slice holder; /* SP-relative */
	int64_t from, until; /* notBefore, notAfter */
};

/* Has it checked, and holds it valid at `now` (with 60 s of skew) and its claims against their shape. 0, a
 * refusal (4103, with the reason), or a fault. */
MUST_CHECK int claim_read(const struct engine *engine, struct slice text, int64_t now, struct arena *arena,
                          struct why *why, struct claim *ret);
/* Does the originator of this request hold it, and is it for this CSE? A token that names no audience is for
 * nobody. 0 or a refusal (4103). */
MUST_CHECK int claim_is_for(const struct claim *token, const struct req *req, struct why *why);
/* "local@lowercase-domain", the grammar of roleIDs and tokenIDs. TS-0001 7.2 */
bool claim_is_id(struct slice id);

/* The text of the <token> with this tokenID hosted here, in the arena; empty: there is none. */
struct slice claim_kept(struct engine *engine, struct slice id, struct arena *arena);

#endif
