/* SPDX-License-Identifier: Apache-2.0 */
/* The manners of a receiver stand in one table; what they do to a request, in box_serve (and for HTTP, where
 * there are more ways to misbehave, in box_http.c). */
#include "lab/run/box.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "lab/run/box_private.h"
#include "lab/run/lex.h"

static const struct {
	const char *how;
	enum box_manner manner;
	bool http; /* nothing else can do that */
} box_manners[] = {{"", BOX_ANSWERS, false},        {"answers", BOX_ANSWERS, false},
                   {"refuses", BOX_REFUSES, false}, {"slow", BOX_SLOW, false},
                   {"hangs", BOX_HANGS, false},     {"hangs-up", BOX_HANGS_UP, true},
                   {"drips", BOX_DRIPS, true},      {"garbage", BOX_GARBAGE, true},
                   {"as", BOX_ANSWERS, false},      {"answers-with", BOX_WITH, false}};

int boxes_create(struct loop *loop, const struct boxes_config *config, struct why *why, struct boxes **ret)
{
	struct boxes *boxes = calloc(1, sizeof *boxes);

	if (!boxes)
		return -ENOMEM;
	boxes->loop = loop;
	boxes->config = *config;
	arena_init(&boxes->spare);
	boxes->arena = &boxes->spare;
	int r = box_http_create(boxes, &boxes->http);

	if (r == 0 && config->way == BOX_COAP)
		r = box_coap_create(boxes, why, &boxes->coap);
	if (r)
		boxes_destroy(boxes);
	else
		*ret = boxes;
	return r;
}

/* A request that waits for its answer. */
struct box_turn {
	struct timer timer;
	struct boxes *boxes;
	struct val *response, *late; /* late: when the case ends first */
	void (*answer)(void *user, const struct val *response);
	void *user;
	struct box_turn *next;
};

static void box_turn_end(struct box_turn *turn, const struct val *response)
{
	struct box_turn **at = &turn->boxes->turns;

	while (*at != turn)
		at = &(*at)->next;
	*at = turn->next;
	timer_clear(loop_timers(turn->boxes->loop), &turn->timer);
	turn->answer(turn->user, response);
	free(turn);
}

void boxes_reset(struct boxes *boxes, struct arena *arena)
{
	while (boxes->turns)
		box_turn_end(boxes->turns, boxes->turns->late);
	if (boxes->http)
		box_http_reset(boxes->http);
	boxes->first = NULL;
	boxes->poas = NULL;
	arena_reset(&boxes->spare);
	boxes->arena = arena ? arena : &boxes->spare;
	boxes->turn++;
}

void boxes_destroy(struct boxes *boxes)
{
	if (!boxes)
		return;
	boxes_reset(boxes, NULL);
	box_http_destroy(boxes->http);
	box_coap_destroy(boxes->coap);
	arena_finish(&boxes->spare);
	free(boxes);
}

struct arena *boxes_arena(const struct boxes *boxes)
{
	return boxes->arena;
}

static struct box *box_find(const struct boxes *boxes, struct slice name)
{
	for (struct box *box = boxes->first; box; box = box->next)
		if (slice_is(box->name, name))
			return box;
	return NULL;
}

struct box *box_by_path(struct boxes *boxes, struct slice path)
{
	struct slice part;
	uint64_t turn;

	if (!slice_cut(&path, '/', &part) || !slice_u64(part, &turn) || turn != boxes->turn)
		return NULL;
	slice_cut(&path, '/', &part);
	for (size_t i = 0; i < part.len; i++)
		if (part.ptr[i] == '?')
			part.len = i;
	return box_find(boxes, part);
}

struct box *box_by_who(struct boxes *boxes, struct slice who)
{
	struct slice part;

	while (memchr(who.ptr ? who.ptr : "", '/', who.len))
		slice_cut(&who, '/', &part);
	for (struct box *box = boxes->first; box; box = box->next)
		if (box->who.len && slice_is(box->who, who))
			return box;
	for (const struct box_poa *poa = boxes->poas; poa; poa = poa->next)
		if (slice_is(poa->who, who))
			return poa->box;
	return NULL;
}

/* The first of the URLs that is a receiver's. */
static struct box *box_by_url(const struct boxes *boxes, const struct val *urls)
{
	val_each (urls, url)
		for (struct box *box = boxes->first; box; box = box->next)
			if (slice_is(box->url, url->text))
				return box;
	return NULL;
}

void boxes_found_at(struct boxes *boxes, struct slice path, struct slice who, const struct val *urls)
{
	struct box_poa *poa = boxes->poas;
	struct box *box = box_by_url(boxes, urls);

	while (poa && !slice_is(poa->path, path))
		poa = poa->next;
	if (!box || (!poa && !who.len))
		return;
	if (!poa) {
		poa = arena_new(boxes->arena, struct box_poa);
		poa->path = path;
		poa->next = boxes->poas;
		boxes->poas = poa;
	}
	if (who.len)
		poa->who = who;
	poa->box = box;
}

/* --- listening --- */

bool box_is_http(struct slice how, struct slice argument)
{
	for (size_t i = 0; i < sizeof box_manners / sizeof *box_manners; i++)
		if (slice_is_text(how, box_manners[i].how))
			return box_manners[i].http || (box_manners[i].manner == BOX_ANSWERS && argument.len &&
			                               !slice_is_text(how, "as"));
	return false;
}

/* Its address. ct says which encoding it wants. TS-0001 9.6.8, TS-0004 7.5.1.2.2 */
static struct slice box_url(const struct boxes *boxes, const struct box *box, bool http)
{
	const char *ct = encoding_name(boxes->config.encoding);
	enum box_way way = http ? BOX_HTTP : boxes->config.way;
	struct arena *arena = boxes->arena;

	if (box->who.len)
		return box->who;
	if (way == BOX_COAP)
		return arena_printf(arena, "coap://127.0.0.1:%d/%u/%.*s?ct=%s", box_coap_port(boxes->coap),
		                    boxes->turn, SLICE_ARG(box->name), ct);
	if (way == BOX_MQTT) /* the path is the topic, which begins with a slash: TS-0010 6.6 */
		return arena_printf(arena, "%s//oneM2M/req/%s/lab:%u:%.*s/%s?ct=%s", boxes->config.broker,
		                    boxes->config.cse, boxes->turn, SLICE_ARG(box->name), ct, ct);
	return arena_printf(arena, "http://127.0.0.1:%d/%u/%.*s%s%s", box_http_port(boxes->http), boxes->turn,
	                    SLICE_ARG(box->name), boxes->config.encoding == ENCODING_JSON ? "" : "?ct=",
	                    boxes->config.encoding == ENCODING_JSON ? "" : ct);
}

static int box_manner(struct box *box, const struct box_wish *wish, struct why *why)
{
	size_t row = 0, rows = sizeof box_manners / sizeof *box_manners;
	uint64_t code = 0;

	while (row < rows && !slice_is_text(wish->how, box_manners[row].how))
		row++;
	if (row == rows)
		return refuse(why, 4000,
		              "expected answers, answers-with, refuses, slow, hangs, hangs-up, drips, "
		              "garbage or as, found %.*s",
		              SLICE_ARG(wish->how));
	box->manner = box_manners[row].manner;
	if (slice_is_text(wish->how, "as")) {
		box->who = wish->argument;
		return wish->argument.len ? 0 : refuse(why, 4000, "expected WHO behind as");
	}
	if (box->manner == BOX_SLOW ? !lex_time(wish->argument, &box->after)
	                            : wish->argument.len && !slice_u64(wish->argument, &code))
		return refuse(why, 4000, "expected a time or a code behind %.*s, found %.*s",
		              SLICE_ARG(wish->how), SLICE_ARG(wish->argument));
	if ((box->manner == BOX_WITH) != (wish->content != NULL))
		return refuse(why, 4000, "a body goes with answers-with, and only with it");
	box->code = box->manner == BOX_REFUSES && !code ? 4103 : (int)code;
	box->content = wish->content;
	return 0;
}

int boxes_listen(struct boxes *boxes, struct slice name, const struct box_wish *wish, struct why *why)
{
	struct box *box = box_find(boxes, name);
	bool fresh = !box;

	if (fresh) {
		box = arena_new(boxes->arena, struct box);
		box->name = name;
		box->next = boxes->first;
		boxes->first = box;
	}
	int r = box_manner(box, wish, why);

	if (r == 0 && fresh)
		box->url = box_url(boxes, box, wish->http);
	return r;
}

bool boxes_url(const struct boxes *boxes, struct slice name, struct slice *ret_url)
{
	const struct box *box = box_find(boxes, name);

	if (box)
		*ret_url = box->url;
	return box != NULL;
}

struct box_heard *boxes_take(struct boxes *boxes, struct slice name)
{
	struct box *box = box_find(boxes, name);
	struct box_heard *heard = box ? box->first : NULL;

	if (heard)
		box->first = heard->next;
	return heard;
}

/* --- hearing --- */

struct slice box_content_fault(const struct val *pc)
{
	if (!pc || pc->kind != VAL_OBJ || pc->count != 1 ||
	    !memchr(pc->first->name.ptr, ':', pc->first->name.len))
		return SLICE("the content has one member, such as m2m:sgn");
	return (struct slice){0};
}

void box_keep(struct boxes *boxes, struct box *box, struct val *whole, const struct val *pc,
              struct slice fault)
{
	struct box_heard *heard = arena_new(boxes->arena, struct box_heard);

	if (pc && pc->kind == VAL_OBJ)
		val_each (pc, member)
			val_put(whole, arena_copy(boxes->arena, member->name),
			        val_copy(boxes->arena, member));
	heard->whole = whole;
	heard->fault = arena_copy(boxes->arena, fault);
	if (box->first)
		box->last->next = heard;
	else
		box->first = heard;
	box->last = heard;
}

/* What a request primitive to a receiver must look like. TS-0004 6.4.1, 7.5 */
static struct slice box_fault(const struct val *primitive, const char *fault)
{
	int64_t op;
	struct slice text;

	if (fault)
		return slice_of(fault);
	if (!val_is_int(val_find(primitive, "op"), &op) || op != 5)
		return SLICE("a notification has op 5");
	if (!val_is_str(val_find(primitive, "fr"), &text))
		return SLICE("a notification says who it is from (fr)");
	if (!val_is_str(val_find(primitive, "rqi"), &text))
		return SLICE("a notification has a request identifier (rqi)");
	if (!val_is_str(val_find(primitive, "rvi"), &text))
		return SLICE("a notification says its release (rvi)");
	if (val_find(primitive, "rsc"))
		return SLICE("a request has no rsc");
	if (val_find(primitive, "ty"))
		return SLICE("a notification has no ty");
	return box_content_fault(val_find(primitive, "pc"));
}

static void box_hear(struct boxes *boxes, struct box *box, const struct val *primitive, const char *fault)
{
	struct val *whole = val_obj(boxes->arena);

	val_each (primitive, member)
		if (!slice_is_text(member->name, "pc"))
			val_put(whole, arena_copy(boxes->arena, member->name),
			        val_copy(boxes->arena, member));
	box_keep(boxes, box, whole, val_find(primitive, "pc"), box_fault(primitive, fault));
}

static struct val *box_response(struct arena *arena, const struct box *box, const struct val *primitive)
{
	struct val *out = val_obj(arena);
	const struct val *rqi = val_find(primitive, "rqi");
	/* Nobody is there: for an entity that speaks the same way, as if it could not be reached. */
	int rsc = !box ? 5103 : box->manner == BOX_REFUSES ? box->code : 2000;

	val_put(out, SLICE("rsc"), val_int(arena, rsc));
	if (rqi)
		val_put(out, SLICE("rqi"), val_copy(arena, rqi));
	val_put(out, SLICE("rvi"), val_str(arena, SLICE("3")));
	if (box && box->content)
		val_put(out, SLICE("pc"), val_copy(arena, box->content));
	return out;
}

static void box_turn_timer(struct timer *timer)
{
	struct box_turn *turn = container_of(timer, struct box_turn, timer);

	box_turn_end(turn, turn->response);
}

void box_serve(struct boxes *boxes, struct box *box, const struct val *primitive, const char *fault,
               void (*answer)(void *user, const struct val *response), void *user)
{
	struct arena *arena = boxes->arena;
	struct box_turn *turn;

	if (box)
		box_hear(boxes, box, primitive, fault);
	struct val *response = box_response(arena, box, primitive);

	if (!box || (box->manner != BOX_HANGS && box->manner != BOX_SLOW)) {
		answer(user, response);
		return;
	}
	turn = calloc(1, sizeof *turn);
	if (!turn)
		abort();
	*turn = (struct box_turn){.timer.run = box_turn_timer,
	                          .boxes = boxes,
	                          .response = response,
	                          .late = box_response(arena, NULL, primitive),
	                          .answer = answer,
	                          .user = user,
	                          .next = boxes->turns};
	boxes->turns = turn;
	if (box->manner == BOX_SLOW)
		timer_set(loop_timers(boxes->loop), &turn->timer, clock_now() + box->after);
}
