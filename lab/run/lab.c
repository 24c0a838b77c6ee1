/* SPDX-License-Identifier: Apache-2.0 */
/* Meeting the server: who it is, what time it has, what it can; and one request and its answer. */
#include "lab/run/lab.h"

#include "base/clock.h"
#include "model/type.h"

#define LAB_MEET_US 10000000

struct slice lab_rqi(struct lab *lab, struct arena *arena)
{
	return arena_printf(arena, "lab-%s-%u", lab->session, ++lab->requests);
}

bool lab_call(struct lab *lab, struct arena *arena, const struct call *call, int64_t wait_us,
              struct reply *ret)
{
	struct pending *pending = lab->transport.start(&lab->transport, arena, call, (struct slice){0});
	int64_t end = clock_wall_steady() + wait_us;
	bool done;

	while (!(done = lab->transport.done(pending, arena, ret)) && clock_wall_steady() < end)
		if (loop_turn(lab->loop, 50000) < 0)
			break;
	if (!done)
		*ret = (struct reply){.error = "no answer came in time"};
	lab->transport.destroy(pending);
	return done && !ret->error;
}

static bool lab_ask(struct lab *lab, struct arena *arena, int op, struct slice to, struct slice body,
                    struct reply *ret)
{
	struct call call = {.op = op,
	                    .ty = op == 1 ? 3 : -1,
	                    .to = to,
	                    .fr = lab->server.admin,
	                    .body = body,
	                    .rqi = lab_rqi(lab, arena),
	                    .rvi = slice_of(lab->release)};

	return lab_call(lab, arena, &call, LAB_MEET_US, ret);
}

/* The server's clock: currentTime of the CSEBase, or the creation time of a container made to be looked at.
 */
static int lab_time(struct lab *lab, struct arena *arena, const struct val *cb, struct why *why)
{
	struct slice text, ri;
	struct reply reply;
	int64_t now;

	if (!val_is_str(val_find(cb, "ctm"), &text) || !clock_parse(text, &now)) {
		if (!lab_ask(lab, arena, 1, lab->server.cse_name, SLICE("{\"m2m:cnt\":{}}"), &reply) ||
		    reply.rsc != 2001 || !reply.pc || !reply.pc->first ||
		    !val_is_str(val_find(reply.pc->first, "ct"), &text) ||
		    !val_is_str(val_find(reply.pc->first, "ri"), &ri) || !clock_parse(text, &now))
			return refuse(
			        why, 4000,
			        "the server's time is not to be had: a container could not be made as %.*s "
			        "(%d %s); is --originator right?",
			        SLICE_ARG(lab->server.admin), reply.rsc, reply.error ? reply.error : "");
		struct slice made = arena_copy(arena, ri);

		(void)lab_ask(lab, arena, 4, made, (struct slice){0}, &reply);
	}
	lab->clock = now;
	lab->skew = now - clock_now();
	return 0;
}

int lab_meet(struct lab *lab, struct arena *arena, struct why *why)
{
	struct reply reply;
	const struct val *cb, *srt;
	struct slice text;

	if (!lab_ask(lab, arena, 2, lab->server.cse_name, (struct slice){0}, &reply))
		return refuse(why, 4000, "http://%s:%s: %s", lab->place.host, lab->place.port, reply.error);
	if (reply.rsc != 2000 || !reply.pc || !(cb = val_find(reply.pc, "m2m:cb")))
		return refuse(
		        why, 4000,
		        "GET /%.*s as %.*s was answered %d (HTTP %d): are --cse-name and --originator right?",
		        SLICE_ARG(lab->server.cse_name), SLICE_ARG(lab->server.admin), reply.rsc, reply.http);
	if (val_is_str(val_find(cb, "csi"), &text) && !slice_is(text, lab->server.cse_id))
		return refuse(why, 4000, "the server is %.*s, not %.*s: is --cse-id right?", SLICE_ARG(text),
		              SLICE_ARG(lab->server.cse_id));
	srt = val_find(cb, "srt");
	if (srt && srt->kind == VAL_ARR && !lab->types) {
		uint64_t *types = arena_array(arena, srt->count, uint64_t);

		val_each (srt, number)
			if (val_is_uint(number, &types[lab->type_count]))
				lab->type_count++;
		lab->types = types;
	}
	return lab_time(lab, arena, cb, why);
}

static bool lab_lacks(const struct lab *lab, struct slice feature)
{
	struct slice rest = lab->lacks, one;

	while (slice_cut(&rest, ',', &one))
		if (slice_is(one, feature))
			return true;
	return false;
}

static bool lab_has_type(const struct lab *lab, struct arena *arena, struct slice word)
{
	const struct type *type = type_by_root(word);

	if (!type)
		type = type_by_root(arena_printf(arena, "m2m:%.*s", SLICE_ARG(word)));
	if (!type || type_has(type, TRAIT_VIRTUAL) || !lab->types)
		return true;
	for (size_t i = 0; i < lab->type_count; i++)
		if (lab->types[i] == type->number)
			return true;
	return false;
}

const char *lab_skip(const struct lab *lab, struct arena *arena, const struct lab_case *lab_case)
{
	if (lab_case->topology)
		return "it wants a topology of several members, which is not built yet";
	if (!lab->node && lab_case->passes > lab->patience_us)
		return "it lets more time pass than --patience allows";
	for (size_t i = 0; i < lab_case->need_count; i++) {
		struct slice need = lab_case->needs[i];

		if (slice_is_text(need, "virtual-time") && !lab->node)
			return "it needs virtual time, which only our own node has";
		if (lab_lacks(lab, need))
			return arena_printf(arena, "the server lacks %.*s", SLICE_ARG(need)).ptr;
		if (!lab_has_type(lab, arena, need))
			return arena_printf(arena, "the server does not support the type %.*s (srt)",
			                    SLICE_ARG(need))
			        .ptr;
	}
	return NULL;
}
