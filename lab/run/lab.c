/* SPDX-License-Identifier: Apache-2.0 */
/* Meeting the server: who it is, what time it has, what it can; and one request and its answer. */
#include "lab/run/lab.h"

#include "base/clock.h"

#define LAB_MEET_US  10000000
#define LAB_AGAIN_US 100000

struct slice lab_rqi(struct lab *lab, struct arena *arena)
{
	return arena_printf(arena, "lab-%s-%u", lab->session, ++lab->requests);
}

bool lab_call(struct lab *lab, struct arena *arena, const struct call *call, int64_t wait_us,
              struct reply *ret)
{
	const struct transport *transport = lab->place->transport;
	struct pending *pending = transport->start(lab->place, arena, call, (struct slice){0});
	int64_t end = clock_wall_steady() + wait_us;
	bool done;

	while (!(done = transport->done(pending, arena, ret)) && clock_wall_steady() < end)
		if (loop_turn(lab->loop, 50000) < 0)
			break;
	if (!done)
		*ret = (struct reply){.error = "no answer came in time"};
	transport->destroy(pending);
	return done && !ret->error;
}

static bool lab_ask(struct lab *lab, struct arena *arena, int op, struct slice to, const struct val *pc,
                    int64_t wait_us, struct reply *ret)
{
	struct call call = {.op = op,
	                    .ty = op == 1 ? 3 : -1,
	                    .to = to,
	                    .fr = lab->server.admin,
	                    .pc = pc,
	                    .rqi = lab_rqi(lab, arena),
	                    .rvi = slice_of(lab->release)};

	return lab_call(lab, arena, &call, wait_us, ret);
}

/* The server's clock: currentTime of the CSEBase, or the creation time of a container made to be looked at.
 */
static int lab_time(struct lab *lab, struct arena *arena, const struct val *cb, struct why *why)
{
	struct slice text, ri;
	struct reply reply;
	int64_t now;

	if (!val_is_str(val_find(cb, "ctm"), &text) || !clock_parse(text, &now)) {
		struct val *pc = val_obj(arena);

		val_put(pc, SLICE("m2m:cnt"), val_obj(arena));
		if (!lab_ask(lab, arena, 1, lab->server.cse_name, pc, LAB_MEET_US, &reply) ||
		    reply.rsc != 2001 || !reply.pc || !reply.pc->first ||
		    !val_is_str(val_find(reply.pc->first, "ct"), &text) ||
		    !val_is_str(val_find(reply.pc->first, "ri"), &ri) || !clock_parse(text, &now))
			return refuse(
			        why, 4000,
			        "the server's time is not to be had: a container could not be made as %.*s "
			        "(%d %s); is --originator right?",
			        SLICE_ARG(lab->server.admin), reply.rsc, reply.error ? reply.error : "");
		struct slice made = arena_copy(arena, ri);

		(void)lab_ask(lab, arena, 4, made, NULL, LAB_MEET_US, &reply);
	}
	lab->clock = now;
	lab->skew = now - clock_now();
	return 0;
}

/* The CSEBase. Behind a broker the server may not have said yet what it listens to: then nobody hears us, and
 * we say it again. */
static bool lab_base(struct lab *lab, struct arena *arena, struct reply *ret)
{
	int64_t end = clock_wall_steady() + LAB_MEET_US;
	bool broker = lab->place->transport->brokered;

	while (!lab_ask(lab, arena, 2, lab->server.cse_name, NULL, broker ? LAB_AGAIN_US : LAB_MEET_US, ret))
		if (!broker || clock_wall_steady() > end)
			return false;
	return true;
}

int lab_meet(struct lab *lab, struct arena *arena, struct why *why)
{
	struct reply reply;
	const struct val *cb, *srt;
	struct slice text;

	if (!lab_base(lab, arena, &reply))
		return refuse(why, 4000, "%s://%s:%s: %s", lab->place->transport->name, lab->place->host,
		              lab->place->port, reply.error);
	if (reply.rsc != 2000 || !reply.pc || !(cb = val_find(reply.pc, "m2m:cb")))
		return refuse(
		        why, 4000,
		        "a retrieve of %.*s as %.*s was answered %d (%s): are --cse-name and --originator "
		        "right?",
		        SLICE_ARG(lab->server.cse_name), SLICE_ARG(lab->server.admin), reply.rsc,
		        reply.body_fault ? reply.body_fault : "no CSEBase in it");
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
