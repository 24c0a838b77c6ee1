/* SPDX-License-Identifier: Apache-2.0 */
/* A request's own life: made, refused or answered, ended. Ended requests are kept a while for their arenas.
 */
#include "engine/req.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/steps.h"
#include "model/rsc.h"

enum { SPARE_MAX = 256 };

struct req *req_create(struct engine *engine)
{
	struct req *req = engine->spare;
	if (req) {
		engine->spare = req->next;
		engine->spare_count--;
		struct arena arena = req->arena;
		*req = (struct req){.arena = arena};
	} else {
		req = mem_zero(1, sizeof(*req));
		arena_init(&req->arena);
	}
	req->engine = engine;
	req->now = clock_now();
	req->rcn = -1;
	return req;
}

void req_inherit(struct req *sub, const struct req *req)
{
	sub->peer = req->peer;
	sub->peer.ip = req->peer.ip ? arena_text(&sub->arena, slice_of(req->peer.ip)) : NULL;
	sub->peer.inner = true;
}

void req_hold(struct req *req)
{
	req->refs++;
}

void req_release(struct req *req)
{
	if (--req->refs == 0 && req->ended)
		req_destroy(req);
}

void req_destroy(struct req *req)
{
	if (!req)
		return;
	req->ended = true;
	if (req->refs)
		return;
	struct engine *engine = req->engine;
	timer_clear(engine->timers, &req->timer);
	if (engine->spare_count < SPARE_MAX) {
		arena_reset(&req->arena);
		req->next = engine->spare;
		engine->spare = req;
		engine->spare_count++;
		return;
	}
	arena_finish(&req->arena);
	free(req);
}

struct slice req_reserve_ri(struct req *req)
{
	while (!req->made_ri.len) {
		struct tree *tree = &req->engine->tree;
		req->made_no = tree_take_no(tree);
		req->made_ri = tree_name_of(req->type, req->made_no, &req->arena);
		if (tree_by_ri(tree, req->made_ri))
			req->made_ri.len = 0;
	}
	return req->made_ri;
}

void req_good(struct req *req, int rsc, struct val *pc)
{
	req->out.at[PRIM_rsc] = val_int(&req->arena, rsc);
	req->out.at[PRIM_pc] = pc;
}

int req_fail(struct req *req, int result)
{
	int rsc = result > 0 ? result : RSC_INTERNAL_SERVER_ERROR;
	struct val *pc = val_obj(&req->arena);
	struct slice text = slice_of(req->why.text);
	if (result < 0)
		text = SLICE("the server met a fault of its own; its log tells more");
	val_put(pc, SLICE("m2m:dbg"),
	        val_str(&req->arena, text.len ? arena_copy(&req->arena, text) : slice_of(rsc_sentence(rsc))));
	req_good(req, rsc, pc);
	return STEP_DONE;
}

int req_refuse(struct req *req, int rsc, const char *format, ...)
{
	char text[sizeof(req->why.text)];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return req_fail(req, refuse(&req->why, rsc, "%s", text));
}
