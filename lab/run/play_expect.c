/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: is the code the one, does the content fit, are the parameters there; and the form of every answer.
 */
#include "lab/run/play.h"

#include "base/buf.h"
#include "lab/run/inspect.h"
#include "lab/run/match.h"

struct slice play_show_reply(struct arena *arena, const struct reply *reply)
{
	struct buf buf;

	if (reply->error)
		return slice_of(reply->error);
	buf_init(&buf, arena);
	buf_printf(&buf, "%d", reply->rsc);
	if (reply->http)
		buf_printf(&buf, " (HTTP %d)", reply->http);
	if (reply->status)
		buf_printf(&buf, " (%s)", reply->status);
	if (reply->body.len) {
		buf_add_char(&buf, ' ');
		buf_add(&buf, reply->body.ptr, reply->body.len > 2000 ? 2000 : reply->body.len);
	}
	return buf_slice(&buf);
}

static struct slice play_show_expect(struct arena *arena, const struct expect *expect)
{
	if (!expect)
		return SLICE("2xxx, any success");
	return arena_printf(arena, "%s%.*s", expect->http ? "HTTP " : "", SLICE_ARG(expect->codes));
}

/* { con: "1" } is of the resource, { m2m:rce: ... } of the whole content where that is its root, [ ... ] of
 * the one list in it. */
static const struct val *play_part(const struct val *pattern, const struct val *pc)
{
	const struct val *first = pattern->first;

	if (first && first->kind == VAL_JSON && slice_is_text(first->name, "!"))
		first = first->next;
	if (pattern->kind == VAL_OBJ && first && val_get(pc, first->name))
		return pc;
	return pc && pc->kind == VAL_OBJ ? pc->first : NULL;
}

static bool play_judge_params(struct play *play, const struct play_flight *flight,
                              const struct expect *expect, const struct reply *reply)
{
	for (size_t i = 0; i < expect->param_count; i++) {
		struct slice pattern = expect->params[i].text, name;
		size_t at = 0;

		while (at < pattern.len && pattern.ptr[at] != '=' && pattern.ptr[at] != ':')
			at++;
		bool header = at < pattern.len && pattern.ptr[at] == ':';

		name = (struct slice){pattern.ptr, at};
		pattern = slice_skip(pattern, at + 1);
		while (pattern.len && pattern.ptr[0] == ' ')
			pattern = slice_skip(pattern, 1);
		const char *found = !header ? reply_param(play->arena, reply, name)
		                    : reply->message
		                            ? message_header(reply->message, arena_text(play->arena, name))
		                            : NULL;

		if (!match_text(&play->names, pattern, found))
			return play_fail(
			        play, flight,
			        arena_printf(play->arena, "%.*s %.*s", SLICE_ARG(name), SLICE_ARG(pattern)),
			        found ? slice_of(found) : SLICE("nothing"));
	}
	return true;
}

static bool play_judge_code(struct play *play, const struct play_flight *flight, const struct expect *expect,
                            const struct reply *reply)
{
	struct slice want = play_show_expect(play->arena, expect), have = play_show_reply(play->arena, reply);

	struct slice codes = expect ? expect->codes : (struct slice){0}, one;

	while (reply->closed && slice_cut(&codes, '|', &one))
		if (slice_is_text(one, "closed"))
			return true;
	if (reply->error)
		return play_fail(play, flight, want, have);
	int code = expect && expect->http ? reply->http : reply->rsc;

	return match_code(expect ? expect->codes : SLICE("2xxx"), code) ||
	       play_fail(play, flight, want, have);
}

/* Everything of an answer that `answer.` can reach. */
static const struct val *play_answer(struct arena *arena, const struct reply *reply)
{
	struct val *whole = val_obj(arena), *headers = val_obj(arena);

	val_put(whole, SLICE("rsc"), val_int(arena, reply->rsc));
	if (reply->rqi)
		val_put(whole, SLICE("rqi"), val_str(arena, slice_of(reply->rqi)));
	for (size_t i = 0; reply->message && i < reply->message->header_count; i++)
		val_put(headers, slice_of(reply->message->headers[i].name),
		        val_str(arena, slice_of(reply->message->headers[i].value)));
	val_put(whole, SLICE("header"), headers);
	if (reply->pc && reply->pc->kind == VAL_OBJ)
		val_each (reply->pc, member)
			val_put(whole, member->name, val_copy(arena, member));
	return whole;
}

/* The representation in the content of a CREATE's answer: rcn 1, 3 or 9. */
static const struct val *play_made(const struct reply *reply, struct slice *ret_uri)
{
	const struct val *first = reply->pc && reply->pc->kind == VAL_OBJ ? reply->pc->first : NULL;

	*ret_uri = (struct slice){0};
	if (first && slice_is_text(first->name, "m2m:uri") && val_is_str(first, ret_uri))
		return NULL;
	if (first && slice_is_text(first->name, "m2m:rce")) {
		(void)val_is_str(val_find(first, "uri"), ret_uri);
		val_each (first, member)
			if (memchr(member->name.ptr, ':', member->name.len))
				return member;
		return NULL;
	}
	return first;
}

/* The name of what was made: from the answer, from what was sent, or from the address told. */
static struct slice play_made_name(const struct val *rep, const struct val *body, struct slice uri)
{
	const struct val *inner = val_find(body, "rn") || !body ? body : body->first;
	struct slice name;

	if (val_is_str(val_find(rep, "rn"), &name) || val_is_str(val_find(inner, "rn"), &name))
		return name;
	while (uri.len && memchr(uri.ptr, '/', uri.len))
		slice_cut(&uri, '/', &name);
	return uri;
}

/* The root of what was made; with rcn 0 it is only in what we sent. */
static struct slice play_made_root(const struct val *rep, const struct call *call)
{
	struct slice sent = call->text, root;

	if (rep && memchr(rep->name.ptr, ':', rep->name.len))
		return rep->name;
	if (call->pc && call->pc->first)
		return call->pc->first->name;
	if (sent.ptr && slice_cut(&sent, '"', &root) && slice_cut(&sent, '"', &root))
		return root;
	return (struct slice){0};
}

/* Remembers what was made, so that ri:~/x works and all can be removed again. */
static void play_remember(struct play *play, const struct play_flight *flight, const struct reply *reply)
{
	struct slice uri, ri = {0};
	const struct val *rep = play_made(reply, &uri);

	if (flight->call.op != 1 || reply->rsc != 2001)
		return;
	(void)val_is_str(val_find(rep, "ri"), &ri);
	struct slice name = play_made_name(rep, flight->step->body, uri);

	if (!name.len)
		name = ri;
	if (!name.len)
		return;
	struct names_made *made =
	        names_make(&play->names,
	                   arena_printf(play->arena, "%.*s/%.*s", SLICE_ARG(flight->path), SLICE_ARG(name)));

	made->ri = ri;
	made->ours = true;
	made->root = play_made_root(rep, &flight->call);
}

/* Who was made: "Cmeter", "id-mn". */
static struct slice play_made_who(const struct val *made, const struct val *sent, struct slice from)
{
	struct slice who = from, part;

	if (!val_is_str(val_find(made, "aei"), &who))
		(void)val_is_str(val_find(sent, "csi"), &who);
	while (who.len && memchr(who.ptr, '/', who.len))
		slice_cut(&who, '/', &part);
	return who;
}

/* An AE or CSE that says where it is to be found. */
static void play_found_at(struct play *play, const struct play_flight *flight, const struct reply *reply)
{
	const struct call *call = &flight->call;
	const struct val *sent = call->pc && call->pc->kind == VAL_OBJ ? call->pc->first : NULL;
	const struct val *poa = val_find(sent, "poa");

	if (!poa || poa->kind != VAL_ARR)
		return;
	if (reply->rsc == 2001 && play->names.made)
		boxes_found_at(play->lab->boxes, play->names.made->path,
		               play_made_who(reply->pc ? reply->pc->first : NULL, sent, call->fr), poa);
	else if (reply->rsc == 2004)
		boxes_found_at(play->lab->boxes, flight->path, (struct slice){0}, poa);
}

bool play_judge(struct play *play, struct play_flight *flight, const struct expect *expect,
                const struct reply *reply)
{
	struct slice complaint, fault;

	play->names.answer = play_answer(play->arena, reply);
	play_remember(play, flight, reply);
	play_found_at(play, flight, reply);
	if (flight->verb != VERB_RAW && flight->verb != VERB_BYTES) {
		fault = inspect_reply(play->arena, &flight->call, reply);
		if (fault.len)
			play_fault(play, flight, fault, play_show_reply(play->arena, reply));
	}
	if (!play_judge_code(play, flight, expect, reply))
		return false;
	if (!expect)
		return true;
	if (expect->nothing && reply->body.len)
		return play_fail(play, flight, SLICE("no content"), play_show_reply(play->arena, reply));
	if (expect->pattern &&
	    !match_value(&play->names, expect->pattern, play_part(expect->pattern, reply->pc), &complaint))
		return play_fail(play, flight, complaint, play_show_reply(play->arena, reply));
	return play_judge_params(play, flight, expect, reply);
}
