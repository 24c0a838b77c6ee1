/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the steps of a case: a row of the table for each verb. The first step that does not come true ends
 * it; then all that was made is removed, so that the next case finds a clean place. */
#include "lab/run/play.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

#define PLAY_ANSWER_US 15000000
#define PLAY_OWN_US    4000000 /* of our own node, whose time we move */

bool play_fail(struct play *play, const struct play_flight *flight, struct slice expected,
               struct slice answer)
{
	struct complaint *complaint = arena_new(play->arena, struct complaint);

	*complaint = (struct complaint){.line = play->step->line,
	                                .step = play->step->text,
	                                .request = flight ? flight->shown : (struct slice){0},
	                                .expected = expected,
	                                .answer = answer,
	                                .next = play->outcome->complaints};
	play->outcome->complaints = complaint;
	play->outcome->verdict = VERDICT_FAILED;
	return false;
}

bool play_failf(struct play *play, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return play_fail(play, NULL, arena_copy(play->arena, slice_of(text)), (struct slice){0});
}

void play_fault(struct play *play, const struct play_flight *flight, struct slice fault, struct slice answer)
{
	enum verdict before = play->outcome->verdict;
	struct slice told = arena_printf(play->arena, "form: %.*s", SLICE_ARG(fault));

	for (const struct complaint *c = play->outcome->complaints; c; c = c->next)
		if (slice_is(c->expected, told))
			return;
	play_fail(play, flight, told, answer);
	if (play->lab->lenient)
		play->outcome->verdict = before;
}

/* --- the verbs --- */

static void play_record(struct play *play, const struct play_flight *flight, const struct reply *reply);

static bool play_await(struct play *play, struct play_flight *flight, struct reply *ret)
{
	struct lab *lab = play->lab;
	const struct transport *transport = lab->place->transport;
	int64_t end = clock_wall_steady() + (lab->node ? PLAY_OWN_US : PLAY_ANSWER_US + lab->patience_us);
	bool done;

	while (!(done = transport->done(flight->pending, play->arena, ret)) && clock_wall_steady() < end)
		if (loop_turn(lab->loop, 50000) < 0)
			break;
	if (!done)
		*ret = (struct reply){.error = "no answer came in time"};
	transport->destroy(flight->pending);
	flight->pending = NULL;
	play_record(play, flight, ret);
	return done;
}

static bool play_request(struct play *play, const struct step *step)
{
	struct play_flight flight = {0};
	struct reply reply;

	if (!play_prepare(play, step, &flight))
		return false;
	play_send(play, &flight);
	play_await(play, &flight, &reply);
	return play_judge(play, &flight, step->expect, &reply);
}

static bool play_hostile(struct play *play, const struct step *step)
{
	struct play_flight flight = {.call = {.ty = -1}};
	struct reply reply;

	if (!play_bytes(play, step, &flight))
		return false;
	play_await(play, &flight, &reply);
	return play_judge(play, &flight, step->expect, &reply);
}

/* Sees to it that the server has what was sent before the story goes on: it answers something that was asked
 * after it, on the same way. (Two ways into our own node, a socket and its standard input, keep no order.) */
static bool play_settle(struct play *play)
{
	struct call call = {.op = 2,
	                    .ty = -1,
	                    .to = play->lab->server.cse_name,
	                    .fr = play->lab->server.admin,
	                    .rqi = lab_rqi(play->lab, play->arena),
	                    .rvi = slice_of(play->lab->release)};
	struct reply reply;

	(void)lab_call(play->lab, play->arena, &call, PLAY_OWN_US, &reply);
	return true;
}

static bool play_later(struct play *play, const struct step *step)
{
	struct play_flight *flight = arena_new(play->arena, struct play_flight);

	if (!play_prepare(play, step, flight))
		return false;
	flight->name = step->name;
	flight->next = play->flights;
	play->flights = flight;
	play_send(play, flight);
	return play_settle(play);
}

static bool play_later_answer(struct play *play, const struct step *step)
{
	struct play_flight **at = &play->flights, *flight;
	struct reply reply;

	while (*at && !slice_is((*at)->name, step->name))
		at = &(*at)->next;
	flight = *at;
	if (!flight)
		return play_failf(play, "nothing was sent as \"later %.*s\"", SLICE_ARG(step->name));
	*at = flight->next;
	play_await(play, flight, &reply);
	return play_judge(play, flight, step->expect, &reply);
}

static bool play_as(struct play *play, const struct step *step)
{
	const struct word *word = &step->words[0];
	struct why why = {0};

	if (!word->quoted && slice_is_text(word->text, "admin"))
		play->from = play->lab->server.admin;
	else if (!word->quoted && slice_is_text(word->text, "nobody"))
		play->from = (struct slice){0};
	else if (word->quoted)
		play->from = word->text.len ? word->text : SLICE("");
	else if (names_address(&play->names, word->text, &why, &play->from, NULL) != 0)
		return play_failf(play, "%s", why.text);
	return true;
}

static bool play_let(struct play *play, const struct step *step)
{
	struct why why = {0};
	struct val *v;

	if (names_body(&play->names, step->body, &why, &v) != 0)
		return play_failf(play, "%s", why.text);
	names_let(&play->names, step->name, v);
	return true;
}

/* A receiver keeps its address; so one that is to misbehave as only HTTP can later on is of HTTP from the
 * start. */
static bool play_is_http(const struct play *play, struct slice name)
{
	for (size_t i = 0; i < play->lab_case->step_count; i++) {
		const struct step *step = &play->lab_case->steps[i];

		if (step->verb == VERB_LISTEN && slice_is(step->name, name) && step->word_count &&
		    box_is_http(step->words[0].text,
		                step->word_count > 1 ? step->words[1].text : (struct slice){0}))
			return true;
	}
	return false;
}

static bool play_listen(struct play *play, const struct step *step)
{
	struct box_wish wish = {.http = play_is_http(play, step->name)};
	struct why why = {0};
	struct val *content = NULL;

	if (step->word_count > 0)
		wish.how = step->words[0].text;
	if (step->word_count > 1)
		wish.argument = step->words[1].text;
	if (step->body && names_body(&play->names, step->body, &why, &content) != 0)
		return play_failf(play, "%s", why.text);
	wish.content = content;
	return boxes_listen(play->lab->boxes, step->name, &wish, &why) == 0 ||
	       play_failf(play, "%s", why.text);
}

static bool play_pass(struct play *play, const struct step *step)
{
	struct lab *lab = play->lab;
	struct why why = {0};

	if (lab->node) {
		if (node_pass(lab->node, step->us, &why) != 0)
			return play_failf(play, "%s", why.text);
		lab->clock += step->us;
		play->names.clock = lab->clock;
		return true;
	}
	int64_t end = clock_wall_steady() + step->us;

	while (clock_wall_steady() < end)
		if (loop_turn(lab->loop, 50000) < 0)
			break;
	return true;
}

static bool play_topology(struct play *play, const struct step *step)
{
	return play_failf(play, "topologies of several members are not built yet");
}

static bool (*const play_verbs[VERB_COUNT])(struct play *, const struct step *) = {
        [VERB_AS] = play_as,         [VERB_CREATE] = play_request,     [VERB_GET] = play_request,
        [VERB_SET] = play_request,   [VERB_DELETE] = play_request,     [VERB_NOTIFY] = play_request,
        [VERB_FIND] = play_request,  [VERB_RAW] = play_hostile,        [VERB_BYTES] = play_hostile,
        [VERB_LATER] = play_later,   [VERB_AWAIT] = play_later_answer, [VERB_LET] = play_let,
        [VERB_LISTEN] = play_listen, [VERB_HEAR] = play_hear,          [VERB_SILENCE] = play_silence,
        [VERB_PASS] = play_pass,     [VERB_TOPOLOGY] = play_topology,
};

/* --- the record --- */

static void play_write(FILE *f, struct slice s)
{
	fputc('"', f);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void play_record(struct play *play, const struct play_flight *flight, const struct reply *reply)
{
	FILE *f = play->lab->record;

	if (!f)
		return;
	fputs("{\"case\":", f);
	play_write(f, play->lab_case->name);
	fprintf(f, ",\"line\":%u,\"step\":", flight->step->line);
	play_write(f, flight->step->text);
	fprintf(f, ",\"rsc\":%d,\"http\":%d,\"answer\":", reply->rsc, reply->http);
	play_write(f, reply->error ? slice_of(reply->error) : reply->body);
	fputs("}\n", f);
}

/* --- before and after --- */

static int play_look_up(void *user, struct slice path, struct slice *ret_ri, struct why *why)
{
	struct play *play = user;
	struct call call = {.op = 2,
	                    .ty = -1,
	                    .to = path,
	                    .fr = play->lab->server.admin,
	                    .rqi = lab_rqi(play->lab, play->arena),
	                    .rvi = slice_of(play->lab->release)};
	struct reply reply;
	const struct val *rep;

	if (!lab_call(play->lab, play->arena, &call, PLAY_OWN_US, &reply) || !reply.pc ||
	    !(rep = reply.pc->first) || !val_is_str(val_find(rep, "ri"), ret_ri))
		return refuse(why, 4000, "the ID of %.*s is not to be had: %d", SLICE_ARG(path), reply.rsc);
	return 0;
}

static bool play_box(void *user, struct slice name, struct slice *ret_url)
{
	const struct play *play = user;
	const struct place *place = play->lab->place;

	if (boxes_url(play->lab->boxes, name, ret_url))
		return true;
	if (!place->transport->brokered || !slice_is_text(name, "broker"))
		return false;
	*ret_url = arena_printf(play->arena, "%s://%s:%s", place->transport->name, place->host, place->port);
	return true;
}

/* Is it below something else that this case made? */
static bool play_is_below(const struct play *play, const struct names_made *made)
{
	for (const struct names_made *other = play->names.made; other; other = other->next)
		if (other != made && other->ours && made->path.len > other->path.len &&
		    slice_starts(made->path, other->path) && made->path.ptr[other->path.len] == '/')
			return true;
	return false;
}

/* Removes all that was made, newest first; what stands below other things goes with them. */
static void play_clean(struct play *play)
{
	struct lab *lab = play->lab;

	for (const struct names_made *made = play->names.made; made; made = made->next) {
		struct call call = {.op = 4,
		                    .ty = -1,
		                    .fr = lab->server.admin,
		                    .rqi = lab_rqi(lab, play->arena),
		                    .rvi = slice_of(lab->release)};
		struct reply reply;

		if (!made->ours || play_is_below(play, made))
			continue;
		call.to = made->ri.len ? made->ri : made->path;
		if (!lab_call(lab, play->arena, &call, PLAY_OWN_US, &reply) ||
		    (reply.rsc != 2002 && reply.rsc != 4004))
			play->outcome->dirty = true;
	}
}

void play_case(struct lab *lab, struct arena *arena, const struct lab_case *lab_case, struct outcome *ret)
{
	struct play play = {
	        .lab = lab, .arena = arena, .lab_case = lab_case, .outcome = ret, .from = lab->server.admin};
	int64_t start = clock_wall_steady();

	*ret = (struct outcome){.verdict = VERDICT_PASSED};
	play.names = (struct names){.server = &lab->server,
	                            .arena = arena,
	                            .clock = lab->clock,
	                            .skew = lab->skew,
	                            .is_virtual = lab->node != NULL,
	                            .user = &play,
	                            .look_up = play_look_up,
	                            .box = play_box};
	boxes_reset(lab->boxes, arena);
	if (lab->place->transport->reset)
		lab->place->transport->reset(lab->place);
	/* For paths within quotes: $cse is "cse-in", $csi "id-in". */
	names_let(&play.names, SLICE("cse"), val_str(arena, lab->server.cse_name));
	names_let(&play.names, SLICE("csi"), val_str(arena, slice_skip(lab->server.cse_id, 1)));
	for (size_t i = 0; i < lab_case->step_count; i++) {
		play.step = &lab_case->steps[i];
		if (!play_verbs[play.step->verb](&play, play.step))
			break;
	}
	while (play.flights) {
		lab->place->transport->destroy(play.flights->pending);
		play.flights = play.flights->next;
	}
	play_clean(&play);
	ret->took_us = clock_wall_steady() - start;
}
