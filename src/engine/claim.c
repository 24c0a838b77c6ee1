/* SPDX-License-Identifier: Apache-2.0 */
/* Reading tokens. */
#include "engine/claim.h"

#include "base/clock.h"
#include "engine/engine_private.h"
#include "engine/grant.h"
#include "engine/type/tk.h"
#include "model/check.h"
#include "model/grammar.h"
#include "model/rsc.h"

#define CLAIM_SKEW INT64_C(60000000) /* between the signer's clock and ours */

/* The letters of both halves, and those of the local one alone. */
static bool claim_is_letter(char c, bool local)
{
	if (grammar_digit(c) || c == '.' || c == '-' || (c >= 'a' && c <= 'z'))
		return true;
	return local && (grammar_alpha(c) || c == '_');
}

bool claim_is_id(struct slice id)
{
	const char *at = id.len ? memchr(id.ptr, '@', id.len) : NULL;
	size_t local = at ? (size_t)(at - id.ptr) : 0;

	if (!local || local + 1 == id.len || id.len > 255)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (i != local && !claim_is_letter(id.ptr[i], i < local))
			return false;
	return true;
}

static int claim_check_times(struct claim *token, int64_t now, struct why *why)
{
	struct slice from = val_find(token->claims, "tknb")->text;
	struct slice until = val_find(token->claims, "tkna")->text;

	/* The shape has seen that both are timestamps. */
	if (!clock_parse(from, &token->from) || !clock_parse(until, &token->until))
		return refuse(why, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "its times can't be read");
	if (now < token->from - CLAIM_SKEW)
		return refuse(why, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "it is not valid before %.*s",
		              SLICE_ARG(from));
	if (now >= token->until + CLAIM_SKEW)
		return refuse(why, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "it expired at %.*s", SLICE_ARG(until));
	return 0;
}

int claim_read(const struct engine *engine, struct slice text, int64_t now, struct arena *arena,
               struct why *why, struct claim *ret)
{
	const struct vouch *vouch = &engine->ports.vouch;
	struct claim token = {0};
	int r;

	if (text.len > GRANT_TOKEN_BYTES_MOST)
		return refuse(why, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "it is longer than %d bytes",
		              GRANT_TOKEN_BYTES_MOST);
	if (!vouch->claims)
		return refuse(why, RSC_ORIGINATOR_HAS_NO_PRIVILEGE,
		              "nobody who signs tokens is trusted here");
	r = vouch->claims(vouch->ctx, arena, text, why, &token.claims);
	if (!r)
		r = check_shape(shape_find(SLICE("tokenClaimSet")), token.claims, "token", why);
	if (r)
		return r;
	token.id = val_find(token.claims, "tkid")->text;
	token.holder = id_sp_relative(&engine->self, val_find(token.claims, "tkhd")->text, arena);
	r = claim_check_times(&token, now, why);
	if (!r)
		*ret = token;
	return r;
}

int claim_is_for(const struct claim *token, const struct req *req, struct why *why)
{
	const struct id_self *self = &req->engine->self;
	const struct val *audience = val_find(token->claims, "tkau");
	struct arena arena;
	bool ours = false;

	if (!req->from.len || !slice_is(token->holder, req->from))
		return refuse(why, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "it was issued to %.*s",
		              SLICE_ARG(token->holder));
	arena_init(&arena);
	if (audience)
		val_each (audience, one)
			ours = ours || slice_is(id_sp_relative(self, one->text, &arena), self->csi);
	arena_finish(&arena);
	return ours ? 0
	            : refuse(why, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "its audience does not name %.*s",
	                     SLICE_ARG(self->csi));
}

struct slice claim_kept(struct engine *engine, struct slice id, struct arena *arena)
{
	const struct node *node = tk_find(engine, id);
	struct slice text = {NULL, 0};

	(void)(node && val_is_str(node_attr(node, SLICE("tkob"), arena), &text));
	return text;
}
