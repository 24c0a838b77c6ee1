/* SPDX-License-Identifier: Apache-2.0 */
/* Requests out of steps: words become parameters and headers, bodies get their root. */
#include "lab/run/play.h"

#include "base/buf.h"
#include "codec/json.h"
#include "model/type.h"

static bool play_is(const struct word *word, const char *text)
{
	return !word->quoted && slice_is_text(word->text, text);
}

bool play_join(struct play *play, const struct word *words, size_t count, struct slice *ret)
{
	struct buf buf;

	buf_init(&buf, play->arena);
	for (size_t i = 0; i < count; i++) {
		struct slice text = words[i].text;
		struct why why = {0};
		struct val *v;
		int r = 0;

		if (!words[i].quoted || slice_starts(text, SLICE("text(")) ||
		    slice_starts(text, SLICE("times("))) {
			r = names_bare(&play->names, text, &why, &v);
			if (r == 0)
				text = v->text;
		} else {
			(void)!names_text(&play->names, text, &why,
			                  &text); /* a dollar that names nothing is a dollar */
		}
		if (r)
			return play_failf(play, "%s", why.text);
		buf_add_slice(&buf, text);
	}
	*ret = buf_slice(&buf);
	if (!ret->ptr)
		ret->ptr = "";
	return true;
}

/* The value of PARAM=...: a list in brackets is joined, a bare word may be a time, an address, a receiver. */
/* PARAM=[a, b]: joined the way HTTP wants it. */
static bool play_list(struct play *play, const struct val *list, char mark, struct slice *ret)
{
	struct why why = {0};
	struct val *v;
	struct buf buf;

	if (names_body(&play->names, list, &why, &v) != 0)
		return play_failf(play, "%s", why.text);
	buf_init(&buf, play->arena);
	val_each (v, member) {
		if (member != v->first)
			buf_add_char(&buf, mark);
		buf_add_slice(&buf, member->text);
	}
	*ret = (struct slice){buf.len ? buf.ptr : "", buf.len};
	return true;
}

/* Is a bare word behind PARAM= one of those that stand for something else? */
static bool play_is_bare(struct play *play, struct slice text)
{
	struct slice url;

	return text.len > 1 && (text.ptr[0] == '@' || names_is_address(text) ||
	                        slice_starts(text, SLICE("text(")) || slice_starts(text, SLICE("times(")) ||
	                        slice_is_text(text, "nowhere") || boxes_url(play->lab->boxes, text, &url));
}

/* The value of PARAM=...: a list in brackets is joined, a bare word may be a time, an address, a receiver. */
static bool play_value(struct play *play, const struct word *word, struct slice name, struct slice text,
                       struct slice *ret)
{
	struct why why = {0};
	struct val *v;
	int r = 0;

	if (word->body)
		return play_list(play, word->body, slice_is_text(name, "nu") ? '&' : '+', ret);
	*ret = text;
	if (!word->quoted && play_is_bare(play, text)) {
		r = names_bare(&play->names, text, &why, &v);
		if (r == 0)
			*ret = v->text;
	} else if (!word->quoted) {
		r = names_text(&play->names, text, &why, ret);
	}
	if (!ret->ptr)
		ret->ptr = "";
	return r == 0 || play_failf(play, "%s", why.text);
}

static bool play_param(struct play *play, const struct word *word, struct call *call)
{
	struct slice value = word->text, name;

	slice_cut(&value, '=', &name);
	bool none = !word->quoted && slice_is_text(value, "none");

	if (!play_value(play, word, name, value, &value))
		return false;
	if (none)
		value = (struct slice){0};
	if (slice_is_text(name, "fr"))
		call->fr = value;
	else if (slice_is_text(name, "rqi"))
		call->rqi = value;
	else if (slice_is_text(name, "rvi"))
		call->rvi = value;
	else if (call->param_count == TRANSPORT_PARAMS)
		return play_failf(play, "expected at most %d parameters", TRANSPORT_PARAMS);
	else {
		call->params[call->param_count].name = name;
		call->params[call->param_count++].value = value;
	}
	return true;
}

static bool play_is_header(const struct word *word)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-0123456789";
	struct slice text = word->text;
	size_t i = 0;

	while (i < text.len && text.ptr[i] && strchr(letters, text.ptr[i]))
		i++;
	return i && i < text.len && text.ptr[i] == ':' && (word->quoted || i + 1 == text.len);
}

/* What stands behind the path (and type): parameters, headers, `body` and its texts. */
static bool play_words(struct play *play, const struct word *words, size_t count, struct call *call)
{
	for (size_t i = 0; i < count; i++) {
		const struct word *word = &words[i];

		if (play_is(word, "body"))
			return play_join(play, word + 1, count - i - 1, &call->text);
		if (play_is_header(word)) {
			if (call->header_count == TRANSPORT_PARAMS)
				return play_failf(play, "expected at most %d headers", TRANSPORT_PARAMS);
			struct slice *header = &call->headers[call->header_count++];
			struct why why = {0};

			*header = word->text;
			(void)!names_text(&play->names, word->text, &why, header);
		} else if (word->text.len && memchr(word->text.ptr, '=', word->text.len)) {
			if (!play_param(play, word, call))
				return false;
		} else {
			return play_failf(play, "expected NAME=VALUE, \"Header: value\" or body, found %.*s",
			                  SLICE_ARG(word->text));
		}
	}
	return true;
}

/* "cnt", "cod:binSh", "bat", "3", "none": the number and the root of what is to be made. */
static bool play_type(struct play *play, const struct word *word, int64_t *ret_ty, struct slice *ret_root)
{
	uint64_t number;

	*ret_root = (struct slice){0};
	if (play_is(word, "none")) {
		*ret_ty = -1;
		return true;
	}
	if (slice_u64(word->text, &number)) {
		const struct type *type = number < UINT32_MAX ? type_find((uint32_t)number) : NULL;

		*ret_ty = (int64_t)number;
		*ret_root = type ? slice_of(type->root) : (struct slice){0};
		return true;
	}
	struct slice root = word->text;

	if (!memchr(root.ptr, ':', root.len))
		root = arena_printf(play->arena, "m2m:%.*s", SLICE_ARG(root));
	const struct type *type = type_by_root(root);

	if (!type)
		type = type_by_name(word->text);
	if (!type)
		return play_failf(play, "no resource type is called %.*s", SLICE_ARG(word->text));
	*ret_ty = type->number;
	*ret_root = type_by_root(root) ? root : slice_of(type->root);
	return true;
}

/* The body with its root round it. */
static bool play_body(struct play *play, const struct step *step, struct slice root, struct call *call)
{
	struct why why = {0};
	struct val *v;

	if (!step->body)
		return true;
	if (names_body(&play->names, step->body, &why, &v) != 0)
		return play_failf(play, "%s", why.text);
	bool rooted = v->kind == VAL_OBJ && v->first && memchr(v->first->name.ptr, ':', v->first->name.len);

	if (!rooted && !root.len)
		return play_failf(
		        play,
		        "expected the root of the body, as in { m2m:cnt: {...} }, or the type before it");
	if (!rooted) {
		struct val *whole = val_obj(play->arena);

		val_put(whole, root, v);
		v = whole;
	}
	call->pc = v;
	return true;
}

/* set PATH [TYPE]: is the second word a type? */
static bool play_has_type(const struct step *step, enum verb verb)
{
	const struct word *word = &step->words[1];

	return verb == VERB_CREATE || (verb == VERB_SET && step->word_count > 1 && !word->quoted &&
	                               !word->body && !memchr(word->text.ptr, '=', word->text.len) &&
	                               !play_is(word, "body") && !play_is_header(word));
}

/* A text that is good JSON can be told in another encoding, and within a primitive, too. NULL, or why this
 * one cannot. */
static const char *play_translate(struct play *play, struct call *call)
{
	const struct place *place = play->lab->place;
	bool json = place->encoding == ENCODING_JSON;
	struct why why = {0};
	struct val *v;

	if (!call->text.len || (json && !place->transport->whole))
		return NULL;
	if (json_read(play->arena, call->text, NULL, &why, &v) != 0)
		return "it breaks the content, which is JSON, letter by letter";
	if (json)
		return NULL;
	if (place->encoding == ENCODING_XML &&
	    (v->kind != VAL_OBJ || v->count != 1 || v->first->kind != VAL_OBJ))
		return "it is no content that XML could write";
	call->pc = v;
	call->text = (struct slice){0};
	return NULL;
}

/* Not everything can be said over every binding and in every encoding. Then the case is skipped, and says
 * why. */
static bool play_sayable(struct play *play, const struct step *step, struct call *call)
{
	struct place *place = play->lab->place;
	const char *reason = play_translate(play, call);

	if (!reason && place->transport->unsayable)
		reason = place->transport->unsayable(place, play->arena, call);
	if (!reason || play->outcome->verdict != VERDICT_PASSED)
		return !reason;
	play->outcome->verdict = VERDICT_SKIPPED;
	play->outcome->reason = arena_printf(play->arena, "line %u: %s", step->line, reason);
	return false;
}

bool play_prepare(struct play *play, const struct step *step, struct play_flight *flight)
{
	static const int ops[VERB_COUNT] = {[VERB_CREATE] = 1, [VERB_GET] = 2,    [VERB_SET] = 3,
	                                    [VERB_DELETE] = 4, [VERB_NOTIFY] = 5, [VERB_FIND] = 2};
	struct call *call = &flight->call;
	struct why why = {0};
	struct slice root = {0};
	size_t at = 1;

	flight->step = step;
	flight->verb = step->inner;
	call->op = ops[step->inner];
	call->ty = -1;
	call->fr = play->from;
	call->rqi = lab_rqi(play->lab, play->arena);
	call->rvi = slice_of(play->lab->release);
	if (step->words[0].quoted)
		call->to = flight->path = step->words[0].text;
	else if (names_address(&play->names, step->words[0].text, &why, &call->to, &flight->path) != 0)
		return play_failf(play, "%s", why.text);
	if (step->inner == VERB_FIND) {
		call->params[call->param_count].name = SLICE("fu");
		call->params[call->param_count++].value = SLICE("1");
	}
	if (play_has_type(step, step->inner)) {
		at = 2;
		if (!play_type(play, &step->words[1], &call->ty, &root))
			return false;
	} else if (step->inner == VERB_SET) {
		const struct names_made *made = names_find(&play->names, flight->path);

		root = made                                                 ? made->root
		       : slice_is(flight->path, play->lab->server.cse_name) ? SLICE("m2m:cb")
		                                                            : root;
	}
	if (!play_body(play, step, root, call) ||
	    !play_words(play, step->words + at, step->word_count - at, call))
		return false;
	if (!play_sayable(play, step, call))
		return false;
	flight->shown = play->lab->place->transport->show(play->lab->place, play->arena, call);
	return true;
}

void play_send(struct play *play, struct play_flight *flight)
{
	struct place *place = play->lab->place;

	play->outcome->requests++;
	flight->pending = place->transport->start(place, play->arena, &flight->call, (struct slice){0});
}

/* --- raw and bytes --- */

static bool play_target(struct play *play, const struct word *word, struct slice *ret)
{
	struct why why = {0};

	*ret = word->text;
	if (!word->quoted && names_is_address(word->text)) {
		if (names_address(&play->names, word->text, &why, ret, NULL) != 0)
			return play_failf(play, "%s", why.text);
		*ret = arena_printf(play->arena, "/%.*s", SLICE_ARG(*ret));
		return true;
	}
	if (!word->quoted && memchr(word->text.ptr, '(', word->text.len))
		return play_join(play, word, 1, ret);
	(void)!names_text(&play->names, word->text, &why, ret); /* a dollar that names nothing is a dollar */
	return true;
}

/* A header, unless the case names it itself (`Name:` alone takes it away). */
static void play_header(struct buf *out, const struct call *call, const char *name, struct slice value)
{
	struct slice said;

	if (value.ptr && !call_header(call, name, &said))
		buf_printf(out, "%s: %.*s\r\n", name, SLICE_ARG(value));
}

static bool play_raw(struct play *play, const struct step *step, struct buf *out)
{
	const struct place *place = play->lab->place;
	struct call call = {.op = 5, .ty = -1};
	struct slice target;

	if (!play_target(play, &step->words[1], &target) ||
	    !play_words(play, step->words + 2, step->word_count - 2, &call))
		return false;
	buf_printf(out, "%.*s %s%.*s HTTP/1.1\r\n", SLICE_ARG(step->words[0].text), place->prefix,
	           SLICE_ARG(target));
	play_header(out, &call, "X-M2M-Origin", play->from);
	play_header(out, &call, "X-M2M-RI", lab_rqi(play->lab, play->arena));
	play_header(out, &call, "X-M2M-RVI", slice_of(play->lab->release));
	play_header(out, &call, "Host", arena_printf(play->arena, "%s:%s", place->host, place->port));
	if (call.text.ptr)
		play_header(out, &call, "Content-Length", arena_printf(play->arena, "%zu", call.text.len));
	for (size_t h = 0; h < call.header_count; h++)
		if (call.headers[h].ptr[call.headers[h].len - 1] != ':')
			buf_printf(out, "%.*s\r\n", SLICE_ARG(call.headers[h]));
	buf_add_lit(out, "\r\n");
	buf_add_slice(out, call.text);
	return true;
}

bool play_bytes(struct play *play, const struct step *step, struct play_flight *flight)
{
	struct slice bytes = {0};
	struct buf buf;

	buf_init(&buf, play->arena);
	flight->step = step;
	flight->verb = step->verb;
	if (step->verb == VERB_RAW ? !play_raw(play, step, &buf)
	                           : !play_join(play, step->words, step->word_count, &bytes))
		return false;
	if (step->verb == VERB_RAW)
		bytes = buf_slice(&buf);
	flight->shown = (struct slice){bytes.ptr, bytes.len > 2000 ? 2000 : bytes.len};
	play->outcome->requests++;
	flight->pending =
	        play->lab->place->transport->start(play->lab->place, play->arena, &flight->call, bytes);
	return true;
}
