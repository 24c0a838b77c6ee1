/* SPDX-License-Identifier: Apache-2.0 */
/* <token>: a token kept for its holder, who may then name it by its ID instead of sending it. It is checked
 * when it comes and again whenever it is used; the attributes beside it repeat what it says and can't say
 * anything else. TS-0001 9.6.39, TS-0003 7.3 */
#include "engine/type/tk.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/claim.h"
#include "engine/engine_private.h"
#include "model/rsc.h"

/* What the token claims, the attributes say too. */
static const char *const tk_claims[] = {"vr", "tkis", "tkau", "tkhd", "tknb", "tkna", "tknm", "tkps", "tkex"};

static enum step_result tk_complete(struct req *req, const struct claim *token)
{
	for (size_t i = 0; i < sizeof(tk_claims) / sizeof(tk_claims[0]); i++) {
		struct slice name = slice_of(tk_claims[i]);
		const struct val *claimed = val_get(token->claims, name), *said = val_get(req->rep, name);

		if (said && !val_equal(said, claimed))
			return req_refuse(req, RSC_BAD_REQUEST, "%s: is not what the token says",
			                  tk_claims[i]);
		if (claimed && !said)
			val_put(req->rep, name, val_copy(&req->arena, claimed));
	}
	if (!val_find(req->rep, "et") && token->until < req->made_et)
		req->made_et = token->until > req->now ? token->until : req->now + 1000000;
	return STEP_NEXT;
}

static enum step_result tk_may_create(struct req *req)
{
	struct slice id = val_find(req->rep, "tkid")->text;
	struct claim token;
	struct why why = {0};
	int r;

	if (!claim_is_id(id))
		return req_refuse(req, RSC_BAD_REQUEST,
		                  "tkid: \"%.*s\" is no token ID, expected one such as t1@example.com",
		                  SLICE_ARG(id));
	if (tk_find(req->engine, id))
		return req_refuse(req, RSC_CONFLICT, "tkid: a token %.*s is kept here already",
		                  SLICE_ARG(id));
	r = claim_read(req->engine, val_find(req->rep, "tkob")->text, req->now, &req->arena, &why, &token);
	if (r < 0)
		return req_fail(req, r);
	if (r)
		return req_refuse(req, RSC_CONTENTS_UNACCEPTABLE, "tkob: the token was not taken: %s",
		                  why.text);
	if (!slice_is(token.id, id))
		return req_refuse(req, RSC_BAD_REQUEST, "tkid: the token calls itself %.*s",
		                  SLICE_ARG(token.id));
	return tk_complete(req, &token);
}

static bool tk_matches(const void *value, const void *key)
{
	const struct node *node = value;

	return slice_is(*(const struct slice *)node->extra, *(const struct slice *)key);
}

const struct node *tk_find(const struct engine *engine, struct slice id)
{
	return map_find(&engine->tokens, slice_hash(id, engine->tree.seed), tk_matches, &id);
}

static void tk_forget(struct engine *engine, struct node *node)
{
	struct slice *id = node->extra;

	if (!id)
		return;
	map_remove(&engine->tokens, slice_hash(*id, engine->tree.seed), node);
	free(id);
	node->extra = NULL;
}

/* node->extra: the tokenID. */
static int tk_compile(struct engine *engine, struct node *node, struct why *why)
{
	struct arena arena;
	struct slice text = {"", 0}, *id;

	tk_forget(engine, node);
	arena_init(&arena);
	(void)val_is_str(node_attr(node, SLICE("tkid"), &arena), &text);
	id = mem_zero(1, sizeof(*id) + text.len);
	*id = slice_make(memcpy(id + 1, text.ptr, text.len), text.len);
	arena_finish(&arena);
	node->extra = id;
	map_add(&engine->tokens, slice_hash(*id, engine->tree.seed), node);
	return 0;
}

const struct type_ops type_ops_tk = {
        .number = TYPE_TK,
        .may_create = tk_may_create,
        .compile = tk_compile,
        .forget = tk_forget,
};
