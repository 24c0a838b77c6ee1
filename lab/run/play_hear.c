/* SPDX-License-Identifier: Apache-2.0 */
/* What receivers heard: the next thing must be of the wanted sort and fit the pattern; or nothing may come.
 */
#include "lab/run/play.h"

#include "base/buf.h"
#include "base/clock.h"
#include "codec/json.h"
#include "lab/run/inspect.h"
#include "lab/run/match.h"

#define PLAY_HEAR_US 3000000 /* on our own node: only the machine is waited for */

static struct slice play_show(struct arena *arena, const struct val *v)
{
	struct buf buf;

	if (!v)
		return SLICE("nothing");
	buf_init(&buf, arena);
	json_write(&buf, v);
	return buf_slice(&buf);
}

static bool play_true(const struct val *obj, const char *name)
{
	bool truth = false;

	return val_is_bool(val_get(obj, slice_of(name)), &truth) && truth;
}

/* The part of what was heard that WHAT speaks of; NULL when it is of another sort. */
static const struct val *play_heard(struct slice what, const struct val *whole)
{
	const struct val *sgn = val_find(whole, "m2m:sgn"), *nev = val_find(sgn, "nev");

	if (slice_is_text(what, "any"))
		return whole;
	if (slice_is_text(what, "batch"))
		return val_find(whole, "m2m:agn");
	if (slice_is_text(what, "response"))
		return val_find(whole, "m2m:rsp");
	if (slice_is_text(what, "verify"))
		return play_true(sgn, "vrq") ? sgn : NULL;
	if (slice_is_text(what, "deletion"))
		return play_true(sgn, "sud") ? sgn : NULL;
	if (slice_is_text(what, "notify"))
		return nev && !play_true(sgn, "vrq") && !play_true(sgn, "sud") ? nev : NULL;
	return slice_is_text(what, "sgn") ? sgn : NULL;
}

/* notify { cin: {...} } means { m2m:cin: {...} }. */
static const struct val *play_rooted(struct arena *arena, const struct val *pattern)
{
	if (pattern->kind != VAL_OBJ)
		return pattern;
	struct val *out = val_obj(arena);

	val_each (pattern, member) {
		struct slice name = member->name;

		if (!memchr(name.ptr, ':', name.len) && !slice_is_text(name, "!"))
			name = arena_printf(arena, "m2m:%.*s", SLICE_ARG(name));
		val_put(out, name, val_copy(arena, member));
	}
	return out;
}

/* The next thing heard. Some servers verify targets that are URLs and others do not: a case that does not ask
 * for the verification passes it over. */
static struct box_heard *play_next(struct play *play, struct slice name, struct slice what)
{
	bool wants =
	        slice_is_text(what, "verify") || slice_is_text(what, "sgn") || slice_is_text(what, "any");
	struct box_heard *heard;

	do
		heard = boxes_take(play->lab->boxes, name);
	while (heard && !wants && play_true(val_find(heard->whole, "m2m:sgn"), "vrq"));
	return heard;
}

static struct box_heard *play_wait(struct play *play, struct slice name, struct slice what)
{
	int64_t end = clock_wall_steady() + (play->lab->node ? PLAY_HEAR_US : play->lab->patience_us);
	struct box_heard *heard;

	while (!(heard = play_next(play, name, what)) && clock_wall_steady() < end)
		if (loop_turn(play->lab->loop, 20000) < 0)
			break;
	return heard;
}

static bool play_hear_words(struct play *play, const struct step *step, const struct val *whole)
{
	const struct val *nev = val_find(val_find(whole, "m2m:sgn"), "nev");

	for (size_t i = 1; i < step->word_count; i++) {
		struct slice pattern = step->words[i].text, name;

		slice_cut(&pattern, '=', &name);
		const struct val *found =
		        slice_is_text(name, "net") ? val_find(nev, "net") : val_get(whole, name);
		char *text = found && (found->kind == VAL_STR || found->kind == VAL_NUM)
		                     ? arena_text(play->arena, found->text)
		                     : NULL;

		if (!match_text(&play->names, pattern, text))
			return play_fail(
			        play, NULL,
			        arena_printf(play->arena, "%.*s %.*s", SLICE_ARG(name), SLICE_ARG(pattern)),
			        play_show(play->arena, whole));
	}
	return true;
}

/* any { m2m:sgn: {...} } is of all that came, any { sit: 1 } of the content's root. */
static const struct val *play_content(const struct val *pattern, const struct val *whole)
{
	if (pattern->kind == VAL_OBJ && pattern->first && !val_get(whole, pattern->first->name))
		val_each (whole, member)
			if (memchr(member->name.ptr, ':', member->name.len))
				return member;
	return whole;
}

bool play_hear(struct play *play, const struct step *step)
{
	struct slice what = step->words[0].text, complaint;
	struct box_heard *heard = play_wait(play, step->name, what);
	bool notify = slice_is_text(what, "notify");

	if (!heard)
		return play_fail(
		        play, NULL,
		        arena_printf(play->arena, "%.*s at %.*s", SLICE_ARG(what), SLICE_ARG(step->name)),
		        SLICE("nothing came"));
	play->names.heard = heard->whole;
	if (heard->fault.len)
		play_fault(play, NULL, heard->fault, play_show(play->arena, heard->whole));
	const struct val *part = play_heard(what, heard->whole);
	struct slice shown = play_show(play->arena, heard->whole);

	if (!part)
		return play_fail(
		        play, NULL,
		        arena_printf(play->arena, "%.*s at %.*s", SLICE_ARG(what), SLICE_ARG(step->name)),
		        shown);
	const struct val *rep = val_find(part, "rep");

	if (notify && rep) {
		struct slice fault = inspect_part(play->arena, rep);

		if (fault.len)
			play_fault(play, NULL, fault, shown);
	}
	if (!play_hear_words(play, step, heard->whole))
		return false;
	if (!step->body)
		return true;
	const struct val *pattern = notify ? play_rooted(play->arena, step->body) : step->body;

	if (slice_is_text(what, "any"))
		part = play_content(pattern, part);
	if (!match_value(&play->names, pattern, notify ? rep : part, &complaint))
		return play_fail(play, NULL, complaint, shown);
	return true;
}

bool play_silence(struct play *play, const struct step *step)
{
	struct lab *lab = play->lab;
	int64_t wait = lab->node ? 0 : lab->patience_us < 1000000 ? lab->patience_us : 1000000;
	int64_t end = clock_wall_steady() + wait;
	struct box_heard *heard;
	struct why why = {0};

	/* Our node says so itself when nothing is due and nothing is on its way any more. */
	for (int i = 0; lab->node && i < 2; i++)
		if (node_pass(lab->node, 0, &why) != 0)
			return play_failf(play, "%s", why.text);
	while (!(heard = play_next(play, step->name, SLICE("anything"))) && clock_wall_steady() < end)
		if (loop_turn(lab->loop, 5000) < 0)
			break;
	return !heard ||
	       play_fail(play, NULL, arena_printf(play->arena, "silence at %.*s", SLICE_ARG(step->name)),
	                 play_show(play->arena, heard->whole));
}
