/* SPDX-License-Identifier: Apache-2.0 */
/* What a request may do besides what its originator may: the roles that were issued to him, the permissions
 * of tokens he holds, and what an authorization server granted for this one request. It is all read before
 * the policies are asked, and only ever widens what they allow. What was claimed and not believed does no
 * harm by itself: the first such claim is told when access is missing then. TS-0003 7.3, 7.4 */
#ifndef DURE_ENGINE_GRANT_H
#define DURE_ENGINE_GRANT_H

#include "engine/access_rule.h"

enum {
	GRANT_ROLES_MOST = 100,        /* of one request */
	GRANT_TOKENS_MOST = 16,        /* the same */
	GRANT_PERMISSIONS_MOST = 100,  /* the same, of all its tokens */
	GRANT_RESOURCES_MOST = 1000,   /* named by one permission */
	GRANT_TOKEN_BYTES_MOST = 16384 /* of one token */
};

/* Rules for some resources. */
struct grant_permission {
	struct access_rules rules;
	bool everywhere; /* no resource was named */
	uint64_t *nodes; /* their numbers */
	size_t node_count;
};

struct grant_role {
	struct slice id;
	const struct grant_permission *where; /* NULL: everywhere */
};

/* A token that was believed. */
struct grant_token {
	struct slice id, text;
	int64_t until;
};

struct grants {
	struct grant_role *roles;
	size_t role_count;
	struct grant_permission *permissions;
	size_t permission_count;
	struct grant_token *tokens; /* that came as themselves: they may be given short names */
	size_t token_count, tokens_seen;
	const struct req
	        *req; /* whose they are: the members of a fan-out look at those of the one who asked */
	struct slice complaint; /* about the first claim that was not believed; empty: none */
};

/* Does it bring claims, not read yet? Most requests bring none. */
static inline bool grant_is_claimed(const struct req *req)
{
	const struct prim *in = &req->in;

	return (in->at[PRIM_rids] || in->at[PRIM_tkns] || in->at[PRIM_tids] || in->at[PRIM_ltids]) &&
	       !req->grants;
}
/* Reads rids, tkns, tids and ltids of a request into req->grants, once. 0; a refusal (4000) when they can't
 * be read at all; a fault. */
MUST_CHECK int grant_read(struct req *req);
/* Those of the request, made when there are none. Never NULL. */
struct grants *grant_of(struct req *req);
/* Takes one more token, from an authorization server. 0, also when it was not believed, or a fault. */
MUST_CHECK int grant_take(struct req *req, struct slice token);
/* Takes rules for one resource. Too many: forgotten. */
void grant_allow(struct req *req, const struct access_rules *rules, const struct node *node);
/* Notes why something claimed did not count; the first time only. */
void grant_complain(struct req *req, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Does one of these permissions allow it? */
bool grant_permits(const struct engine *engine, const struct grants *grants, const struct node *node,
                   const struct access_ask *ask);
/* Was this role proven, for this resource (NULL: for all)? */
bool grant_has_role(const struct grants *grants, struct slice role, const struct node *node);

/* The answer is good: tells in `ati` the short names of the tokens that came. */
void grant_finish(struct req *req);

/* At the end of the engine: frees the short names of tokens and what servers granted for longer. */
void grant_forget(struct engine *engine);

#endif
