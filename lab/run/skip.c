/* SPDX-License-Identifier: Apache-2.0 */
/* What cannot be told to this server, or over this binding, or in this encoding, and why. A case that speaks
 * HTTP itself (raw, bytes, header words, HTTP statuses) is of HTTP. (What only the request shows, play_call.c
 * finds.) */
#include "lab/run/lab.h"
#include "model/type.h"

static bool skip_lacks(const struct lab *lab, struct slice feature)
{
	struct slice rest = lab->lacks, one;

	while (slice_cut(&rest, ',', &one))
		if (slice_is(one, feature))
			return true;
	return false;
}

static bool skip_has_type(const struct lab *lab, struct arena *arena, struct slice word)
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

static const char *skip_server(const struct lab *lab, struct arena *arena, const struct lab_case *lab_case)
{
	if (lab_case->topology)
		return "it wants a topology of several members, which is not built yet";
	if (!lab->node && lab_case->passes > lab->patience_us)
		return "it lets more time pass than --patience allows";
	for (size_t i = 0; i < lab_case->need_count; i++) {
		struct slice need = lab_case->needs[i];

		if (slice_is_text(need, "virtual-time") && !lab->node)
			return "it needs virtual time, which only our own node has";
		if (skip_lacks(lab, need))
			return arena_printf(arena, "the server lacks %.*s", SLICE_ARG(need)).ptr;
		if (!skip_has_type(lab, arena, need))
			return arena_printf(arena, "the server does not support the type %.*s (srt)",
			                    SLICE_ARG(need))
			        .ptr;
	}
	return NULL;
}

static bool skip_is_header(const struct word *word)
{
	const char *colon =
	        word->text.len && !word->body ? memchr(word->text.ptr, ':', word->text.len) : NULL;
	size_t len = colon ? (size_t)(colon - word->text.ptr) : 0;
	const char *equals = len ? memchr(word->text.ptr, '=', len) : NULL;

	return colon && !equals && word->text.ptr[0] >= 'A' && word->text.ptr[0] <= 'Z' &&
	       (word->quoted || len + 1 == word->text.len);
}

/* Does an expectation look at headers ("Content-Location:*")? */
static bool skip_expects_header(const struct expect *expect)
{
	for (size_t i = 0; expect && i < expect->param_count; i++) {
		struct slice text = expect->params[i].text;
		size_t at = 0;

		while (at < text.len && text.ptr[at] != '=' && text.ptr[at] != ':')
			at++;
		if (at < text.len && text.ptr[at] == ':')
			return true;
	}
	return false;
}

/* Is there a header among the words behind the path of a request? */
static bool skip_speaks(const struct step *step)
{
	bool header = false;

	if (step->verb == VERB_HEAR || step->verb == VERB_LISTEN)
		return false;
	for (size_t i = 1; i < step->word_count; i++) {
		if (!step->words[i].quoted && slice_is_text(step->words[i].text, "body"))
			break;
		header = header || skip_is_header(&step->words[i]);
	}
	return header;
}

static bool skip_needs(const struct lab_case *lab_case, const char *name)
{
	for (size_t i = 0; i < lab_case->need_count; i++)
		if (slice_is_text(lab_case->needs[i], name))
			return true;
	return false;
}

/* Does it need the way (binding or encoding) of this name, or another one? */
static const char *skip_way(const struct lab *lab, struct arena *arena, const struct lab_case *lab_case)
{
	const struct transport *found;
	enum encoding encoding;
	bool secure;

	for (size_t i = 0; i < lab_case->need_count; i++) {
		struct slice need = lab_case->needs[i];

		if ((transport_find(need, &found, &secure) && found != lab->place->transport) ||
		    (encoding_parse(need, &encoding) && encoding != lab->place->encoding))
			return arena_printf(arena, "it is of %.*s", SLICE_ARG(need)).ptr;
	}
	return NULL;
}

/* What cannot be behind a broker. */
static const char *skip_broker(const struct lab *lab, const struct lab_case *lab_case)
{
	if (!lab->place->transport->brokered)
		return NULL;
	if (skip_needs(lab_case, "originator-address"))
		return "an originator behind a broker has no address";
	if (skip_needs(lab_case, "late-answer")) /* TS-0010 6.4.3 */
		return "what a broker brings too late is dropped";
	return NULL;
}

static const char *skip_step(const struct lab *lab, const struct lab_case *lab_case, const struct step *step)
{
	const struct transport *transport = lab->place->transport;
	bool header = skip_speaks(step), http = transport == &transport_http;

	if (!http && (step->verb == VERB_RAW || step->verb == VERB_BYTES))
		return "it sends bytes of HTTP";
	if (!http && step->expect && step->expect->http)
		return "it wants an HTTP status";
	if (!http && (header || skip_expects_header(step->expect)) && !skip_needs(lab_case, transport->name))
		return "it speaks of HTTP headers";
	if (step->verb == VERB_LISTEN && step->word_count && slice_is_text(step->words[0].text, "as") &&
	    !transport->sessions)
		return "nobody is reached without an address over this binding";
	return NULL;
}

const char *lab_skip(const struct lab *lab, struct arena *arena, const struct lab_case *lab_case)
{
	const char *reason = skip_way(lab, arena, lab_case);

	if (!reason)
		reason = skip_broker(lab, lab_case);
	for (size_t i = 0; !reason && i < lab_case->step_count; i++)
		reason = skip_step(lab, lab_case, &lab_case->steps[i]);
	return reason ? reason : skip_server(lab, arena, lab_case);
}
