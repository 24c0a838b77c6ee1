/* SPDX-License-Identifier: Apache-2.0 */
/* Homes are made once and fed often. */
#include "cli/ensure.h"

#include "model/prim.h"
#include "model/rsc.h"

int ensure_resource(struct cli *cli, const char *parent, int ty, const char *root, struct val *rep,
                    const char *originator, bool *ret_made)
{
	struct arena arena;
	struct m2m_answer answer;
	if (ret_made)
		*ret_made = false;
	int r = cli_client(cli);
	if (r)
		return r;
	/* There may be thousands: each answer has a memory of its own. */
	arena_init(&arena);
	struct val *pc = val_obj(&arena);
	val_put(pc, slice_of(root), rep);
	struct m2m_request request = {.op = OP_CREATE,
	                              .to = parent,
	                              .ty = ty,
	                              .pc = pc,
	                              .query = "rcn=0",
	                              .originator = originator};
	bool is_there = m2m_call(cli->client, &arena, &request, &answer) == 0 &&
	                (answer.rsc == RSC_CONFLICT || answer.rsc == RSC_ORIGINATOR_HAS_ALREADY_REGISTERED);
	if (rsc_is_good(answer.rsc)) {
		if (ret_made)
			*ret_made = true;
	} else if (!is_there) {
		struct slice name = SLICE("");
		val_is_str(val_find(rep, "rn"), &name);
		struct slice what = arena_printf(&cli->arena, "%s/%.*s", parent, SLICE_ARG(name));
		r = cli_refused(cli, &answer, arena_text(&cli->arena, what));
	}
	arena_finish(&arena);
	return r;
}

struct val *ensure_named(struct arena *arena, const char *name, const char *const *labels)
{
	struct val *rep = val_obj(arena);
	val_put(rep, SLICE("rn"), val_str(arena, slice_of(name)));
	if (!labels || !*labels)
		return rep;
	struct val *list = val_put(rep, SLICE("lbl"), val_arr(arena));
	for (; *labels; labels++)
		val_push(list, val_str(arena, slice_of(*labels)));
	return rep;
}

int ensure_ae(struct cli *cli, const char *cse, const char *name, const char *originator, const char *api)
{
	struct val *rep = ensure_named(&cli->arena, name, NULL);
	val_put(rep, SLICE("api"), val_str(&cli->arena, slice_of(api)));
	val_put(rep, SLICE("rr"), val_bool(&cli->arena, false));
	val_push(val_put(rep, SLICE("srv"), val_arr(&cli->arena)), val_str(&cli->arena, SLICE("3")));
	return ensure_resource(cli, cse, 2, "m2m:ae", rep, originator, NULL);
}
