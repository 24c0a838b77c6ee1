/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs as a table: what each wants before its body, and whether an answer may be expected of it. */
#include "lab/run/step.h"

#include "base/buf.h"

#define STEP_WORDS 64

enum step_traits {
	STEP_NAMED = 1,  /* the first word is its name */
	STEP_BODY = 2,   /* may have a body */
	STEP_ANSWER = 4, /* may have -> */
};

static const struct step_verb {
	const char *name;
	unsigned traits;
	size_t least, most; /* words, without the name */
	const char *form;
} step_verbs[VERB_COUNT] = {
        [VERB_AS] = {"as", 0, 1, 1, "as WHO"},
        [VERB_CREATE] = {"create", STEP_BODY | STEP_ANSWER, 2, STEP_WORDS,
                         "create PARENT TYPE [PARAM] [BODY] [-> EXPECT]"},
        [VERB_GET] = {"get", STEP_BODY | STEP_ANSWER, 1, STEP_WORDS, "get PATH [PARAM] [-> EXPECT]"},
        [VERB_SET] = {"set", STEP_BODY | STEP_ANSWER, 1, STEP_WORDS,
                      "set PATH [TYPE] [PARAM] BODY [-> EXPECT]"},
        [VERB_DELETE] = {"delete", STEP_BODY | STEP_ANSWER, 1, STEP_WORDS, "delete PATH [PARAM] [-> EXPECT]"},
        [VERB_NOTIFY] = {"notify", STEP_BODY | STEP_ANSWER, 1, STEP_WORDS,
                         "notify PATH [PARAM] BODY [-> EXPECT]"},
        [VERB_FIND] = {"find", STEP_ANSWER, 1, STEP_WORDS, "find PATH [PARAM] [-> EXPECT]"},
        [VERB_RAW] = {"raw", STEP_ANSWER, 2, STEP_WORDS,
                      "raw METHOD TARGET [\"Header: v\"] [body TEXT] [-> EXPECT]"},
        [VERB_BYTES] = {"bytes", STEP_ANSWER, 1, STEP_WORDS, "bytes TEXT [-> EXPECT]"},
        [VERB_LATER] = {"later", STEP_NAMED, 0, 0, "later NAME VERB ..."},
        [VERB_AWAIT] = {"await", STEP_NAMED | STEP_ANSWER, 0, 0, "await NAME [-> EXPECT]"},
        [VERB_LET] = {"let", STEP_NAMED, 0, 0, "let NAME = answer.PATH | heard.PATH | VALUE"},
        [VERB_LISTEN] = {"listen", STEP_NAMED | STEP_BODY, 0, 2, "listen BOX [HOW [ARGUMENT | BODY]]"},
        [VERB_HEAR] = {"hear", STEP_NAMED | STEP_BODY, 1, 4, "hear BOX WHAT [net=N] [PATTERN]"},
        [VERB_SILENCE] = {"silence", STEP_NAMED, 0, 0, "silence BOX"},
        [VERB_PASS] = {"pass", 0, 1, 1, "pass TIME"},
        [VERB_TOPOLOGY] = {"topology", 0, 1, STEP_WORDS, "topology NAME"},
};

static int step_verb(struct lex *lex, enum verb *ret)
{
	struct word word;
	size_t at;

	lex_peek(lex);
	at = lex->at;
	int r = lex_word(lex, &word);

	if (r)
		return r;
	for (int verb = 0; verb < VERB_COUNT; verb++)
		if (!word.quoted && slice_is_text(word.text, step_verbs[verb].name)) {
			*ret = (enum verb)verb;
			return 0;
		}
	lex->at = at;
	return lex_refuse(
	        lex,
	        "expected a verb (as create get set delete notify find raw bytes later await let listen "
	        "hear silence pass), found \"%.*s\"",
	        (int)(word.text.len > 40 ? 40 : word.text.len), word.text.ptr);
}

static int step_words(struct lex *lex, struct word **ret_words, size_t *ret_count)
{
	struct word words[STEP_WORDS];
	size_t n = 0;

	while (lex_peek(lex) == LEX_WORD) {
		if (n == STEP_WORDS)
			return lex_refuse(lex, "expected at most %d words", STEP_WORDS);
		int r = lex_word(lex, &words[n++]);

		if (r)
			return r;
	}
	*ret_words = arena_array(lex->arena, n, struct word);
	*ret_count = n;
	if (n)
		memcpy(*ret_words, words, n * sizeof *words);
	return 0;
}

/* 2001 · 4117|4105 · 4xxx|closed */
static bool step_is_codes(struct slice text)
{
	struct slice one, rest = text;

	while (slice_cut(&rest, '|', &one)) {
		bool good = one.len >= 3 && one.len <= 4 && one.ptr[0] != 'x';

		for (size_t i = 0; i < one.len; i++)
			good = good && (one.ptr[i] == 'x' || (one.ptr[i] >= '0' && one.ptr[i] <= '9'));
		if (!good && !slice_is_text(one, "closed"))
			return false;
	}
	return text.len > 0;
}

/* "2001", "http 405": where the code stands is where a complaint points. */
static int step_codes(struct lex *lex, struct expect *expect)
{
	struct word word;

	for (;;) {
		lex_peek(lex);
		size_t at = lex->at;
		int r = lex_word(lex, &word);

		if (r)
			return r;
		if (!expect->http && slice_is_text(word.text, "http")) {
			expect->http = true;
			continue;
		}
		expect->codes = word.text;
		if (step_is_codes(word.text))
			return 0;
		lex->at = at;
		return lex_refuse(
		        lex, "expected a code behind ->, such as 2001, 4117|4105, 4xxx, http 405 or closed");
	}
}

/* `nothing` and `#3` stand where a pattern might. */
static void step_short_pattern(struct lex *lex, struct expect *expect)
{
	if (!expect->param_count || expect->pattern)
		return;
	struct slice first = expect->params[0].text;

	if (slice_is_text(first, "nothing"))
		expect->nothing = true;
	else if (slice_starts(first, SLICE("#")))
		expect->pattern = val_json(lex->arena, first);
	else
		return;
	expect->params++;
	expect->param_count--;
}

static int step_expect(struct lex *lex, struct step *step)
{
	struct expect *expect = arena_new(lex->arena, struct expect);

	lex_arrow(lex);
	step->expect = expect;
	int r = step_codes(lex, expect);

	if (r == 0 && lex_peek(lex) == LEX_BODY)
		r = lex_body(lex, &expect->pattern);
	if (r == 0)
		r = step_words(lex, &expect->params, &expect->param_count);
	if (r)
		return r;
	step_short_pattern(lex, expect);
	for (size_t i = 0; i < expect->param_count; i++)
		if (!memchr(expect->params[i].text.ptr, '=', expect->params[i].text.len) &&
		    !memchr(expect->params[i].text.ptr, ':', expect->params[i].text.len))
			return lex_refuse(lex, "expected NAME=PATTERN or Header:PATTERN, found \"%.*s\"",
			                  SLICE_ARG(expect->params[i].text));
	return 0;
}

/* let NAME = ... */
static int step_let(struct lex *lex, struct step *step)
{
	struct word word;
	int r = lex_word(lex, &word);

	if (r == 0 && !slice_is_text(word.text, "="))
		return lex_refuse(lex, "expected '=' (%s)", step_verbs[VERB_LET].form);
	if (r == 0 && lex_peek(lex) == LEX_END)
		return lex_refuse(lex, "expected a value (%s)", step_verbs[VERB_LET].form);
	return r ? r : lex_body(lex, &step->body);
}

static int step_count(struct lex *lex, const struct step *step, enum verb verb)
{
	const struct step_verb *row = &step_verbs[verb];

	if (step->word_count < row->least || step->word_count > row->most)
		return lex_refuse(lex, "expected `%s`", row->form);
	if (verb == VERB_PASS && !lex_time(step->words[0].text, (int64_t *)&step->us))
		return lex_refuse(lex, "expected a time such as 10s or 250ms");
	if (verb == VERB_SET && !step->body && step->word_count < 2)
		return lex_refuse(lex, "expected a body (%s)", row->form);
	return 0;
}

static int step_rest(struct lex *lex, enum verb verb, struct step *step)
{
	const struct step_verb *row = &step_verbs[verb];
	int r = step_words(lex, &step->words, &step->word_count);

	if (r == 0 && (row->traits & STEP_BODY) && lex_peek(lex) == LEX_BODY) {
		struct word *more;
		size_t count;

		r = lex_body(lex, &step->body);
		if (r == 0)
			r = step_words(lex, &more, &count);
		if (r == 0 && count)
			return lex_refuse(lex, "expected nothing but -> behind the body");
	}
	if (r == 0)
		r = step_count(lex, step, verb);
	if (r == 0 && (row->traits & STEP_ANSWER) && lex_peek(lex) == LEX_ARROW)
		r = step_expect(lex, step);
	if (r == 0 && lex_peek(lex) != LEX_END)
		return lex_refuse(lex, "expected the end of `%s`", row->form);
	return r;
}

static int step_name(struct lex *lex, struct step *step)
{
	struct word word;

	if (lex_peek(lex) != LEX_WORD)
		return lex_refuse(lex, "expected a name (%s)", step_verbs[step->verb].form);
	int r = lex_word(lex, &word);

	step->name = word.text;
	return r;
}

int step_read(struct lex *lex, struct lab_case *lab_case, struct step *ret)
{
	int r = step_verb(lex, &ret->verb);

	ret->line = lex->line;
	ret->text = lex->text;
	ret->inner = ret->verb;
	if (r == 0 && (step_verbs[ret->verb].traits & STEP_NAMED))
		r = step_name(lex, ret);
	if (r)
		return r;
	if (ret->verb == VERB_LET)
		r = step_let(lex, ret);
	if (ret->verb == VERB_LATER) {
		r = step_verb(lex, &ret->inner);
		if (r == 0 && ret->inner > VERB_FIND)
			return lex_refuse(lex,
			                  "expected create get set delete notify or find behind later NAME");
		if (r == 0 && ret->inner == VERB_AS)
			return lex_refuse(lex,
			                  "expected create get set delete notify or find behind later NAME");
	}
	if (ret->verb == VERB_TOPOLOGY)
		lab_case->topology = true;
	return r ? r : step_rest(lex, ret->inner, ret);
}
