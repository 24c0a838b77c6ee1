/* SPDX-License-Identifier: Apache-2.0 */
/* Reads words and bodies of a statement. The text comes from people, so that every refusal says where and
 * what was expected; depth and length are bounded all the same, because the fuzzer is no person. */
#include "lab/run/lex.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "codec/json.h"

#define LEX_DEPTH 24

int lex_refuse(const struct lex *lex, const char *format, ...)
{
	unsigned line = lex->line, column = 1;
	char sentence[256];
	va_list args;

	for (size_t i = 0; i < lex->at && i < lex->text.len; i++) {
		column++;
		if (lex->text.ptr[i] == '\n') {
			line++;
			column = 1;
		}
	}
	va_start(args, format);
	vsnprintf(sentence, sizeof sentence, format, args);
	va_end(args);
	return refuse(lex->why, 4000, "%s:%u:%u: %s", lex->file, line, column, sentence);
}

static int lex_char(const struct lex *lex, size_t ahead)
{
	return lex->at + ahead < lex->text.len ? (unsigned char)lex->text.ptr[lex->at + ahead] : -1;
}

static bool lex_is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void lex_skip(struct lex *lex)
{
	for (;;) {
		int c = lex_char(lex, 0);

		if (c == '#' && (lex_is_blank(lex_char(lex, 1)) || lex_char(lex, 1) < 0) &&
		    (lex->at == 0 || lex_is_blank(lex->text.ptr[lex->at - 1])))
			while (lex_char(lex, 0) >= 0 && lex_char(lex, 0) != '\n')
				lex->at++;
		else if (lex_is_blank(c))
			lex->at++;
		else
			return;
	}
}

enum lex_next lex_peek(struct lex *lex)
{
	lex_skip(lex);
	int c = lex_char(lex, 0);

	if (c < 0)
		return LEX_END;
	if (c == '-' && lex_char(lex, 1) == '>')
		return LEX_ARROW;
	if (c == '!')
		c = lex_char(lex, 1);
	return c == '{' || c == '[' ? LEX_BODY : LEX_WORD;
}

void lex_arrow(struct lex *lex)
{
	lex->at += 2;
}

/* A "..." string, decoded by the JSON reader, or a '...' string, verbatim. */
static int lex_quoted(struct lex *lex, struct slice *ret)
{
	size_t start = lex->at;
	int quote = lex_char(lex, 0), c;
	struct val *v;

	for (lex->at++; (c = lex_char(lex, 0)) != quote; lex->at++) {
		if (c < 0 || c == '\n') {
			lex->at = start;
			return lex_refuse(lex, "expected the closing quote on the same line");
		}
		if (c == '\\' && quote == '"')
			lex->at++;
	}
	lex->at++;
	struct slice whole = {lex->text.ptr + start, lex->at - start};

	if (quote == '\'') {
		*ret = (struct slice){whole.ptr + 1, whole.len - 2};
		return 0;
	}
	struct why why = {0};

	if (json_read(lex->arena, whole, NULL, &why, &v) != 0) {
		lex->at = start;
		return lex_refuse(lex, "expected a string: %s", why.text);
	}
	*ret = v->text;
	return 0;
}

/* Goes over (...) with quotes in it, as in times(3,"[)"). */
static int lex_parens(struct lex *lex, struct buf *buf)
{
	size_t start = lex->at;
	int c;

	while ((c = lex_char(lex, 0)) >= 0 && c != '\n') {
		if (c == '"' || c == '\'') {
			size_t from = lex->at;
			struct slice unused;
			int r = lex_quoted(lex, &unused);

			if (r)
				return r;
			buf_add(buf, lex->text.ptr + from, lex->at - from);
			continue;
		}
		buf_add_char(buf, (char)c);
		lex->at++;
		if (c == ')')
			return 0;
	}
	lex->at = start;
	return lex_refuse(lex, "expected ')' on the same line");
}

/* The characters of one bare word, until a blank or one of `stops`. */
static int lex_run(struct lex *lex, const char *stops, struct buf *buf, bool *ret_quoted)
{
	for (;;) {
		int c = lex_char(lex, 0), r = 0;

		if (c < 0 || lex_is_blank(c) || strchr(stops, c))
			return 0;
		if (c == '"' || c == '\'') {
			struct slice part;

			r = lex_quoted(lex, &part);
			if (r == 0)
				buf_add_slice(buf, part);
			*ret_quoted = true;
		} else if (c == '(') {
			r = lex_parens(lex, buf);
		} else {
			buf_add_char(buf, (char)c);
			lex->at++;
		}
		if (r)
			return r;
	}
}

int lex_word(struct lex *lex, struct word *ret)
{
	struct buf buf;
	bool quoted = false;

	lex_skip(lex);
	buf_init(&buf, lex->arena);
	int r = lex_run(lex, "[{", &buf, &quoted);

	if (r)
		return r;
	*ret = (struct word){.text = buf_slice(&buf), .quoted = quoted};
	if (lex_char(lex, 0) == '[' || lex_char(lex, 0) == '{') {
		if (!buf.len || (buf.ptr[buf.len - 1] != '=' && buf.ptr[buf.len - 1] != ':'))
			return lex_refuse(lex, "expected a blank before the bracket");
		return lex_body(lex, &ret->body);
	}
	return 0;
}

static int lex_value(struct lex *lex, unsigned depth, struct val **ret);

/* true false null and numbers are what JSON makes of them; other words stay words. */
static struct val *lex_bare(struct lex *lex, struct slice word)
{
	struct why why = {0};
	struct val *v;
	char c = word.len ? word.ptr[0] : ' ';

	if ((c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n') &&
	    json_read(lex->arena, word, NULL, &why, &v) == 0)
		return v;
	return val_json(lex->arena, word);
}

static int lex_name(struct lex *lex, struct slice *ret)
{
	int c = lex_char(lex, 0), r;
	size_t start = lex->at;

	if (c == '"' || c == '\'') {
		r = lex_quoted(lex, ret);
		if (r)
			return r;
		if (lex_char(lex, 0) != ':')
			return lex_refuse(lex, "expected ':' behind the name");
		lex->at++;
		return 0;
	}
	while ((c = lex_char(lex, 0)) >= 0 && !lex_is_blank(c) && !strchr(",{}[]\"", c))
		lex->at++;
	if (lex->at - start < 2 || lex->text.ptr[lex->at - 1] != ':') {
		lex->at = start;
		return lex_refuse(lex, "expected a name with ':' and a blank behind it");
	}
	*ret = (struct slice){lex->text.ptr + start, lex->at - 1 - start};
	return 0;
}

static int lex_members(struct lex *lex, struct val *into, char close, unsigned depth)
{
	for (;;) {
		struct slice name = {0};
		struct val *v;
		int r = 0;

		lex_skip(lex);
		if (lex_char(lex, 0) == close) {
			lex->at++;
			return 0;
		}
		if (lex_char(lex, 0) < 0)
			return lex_refuse(lex, "expected '%c'", close);
		if (into->kind == VAL_OBJ)
			r = lex_name(lex, &name);
		if (r == 0)
			r = lex_value(lex, depth, &v);
		if (r)
			return r;
		if (into->kind == VAL_OBJ && val_get(into, name))
			return lex_refuse(lex, "the name \"%.*s\" stands here twice", SLICE_ARG(name));
		if (into->kind == VAL_OBJ)
			val_put(into, name, v);
		else
			val_push(into, v);
		lex_skip(lex);
		if (lex_char(lex, 0) == ',')
			lex->at++;
		else if (lex_char(lex, 0) != close &&
		         !(into->kind == VAL_ARR && slice_is_text(v->text, "...")))
			return lex_refuse(lex, "expected ',' or '%c'", close);
	}
}

/* An object or a list; exact: a `!` stood before it. */
static int lex_brackets(struct lex *lex, bool exact, unsigned depth, struct val **ret)
{
	bool object = lex_char(lex, 0) == '{';
	struct val *v = object ? val_obj(lex->arena) : val_arr(lex->arena);

	if (exact && object)
		val_put(v, SLICE("!"), val_json(lex->arena, SLICE("!")));
	else if (exact)
		val_push(v, val_json(lex->arena, SLICE("!")));
	lex->at++;
	*ret = v;
	return lex_members(lex, v, object ? '}' : ']', depth + 1);
}

static int lex_value(struct lex *lex, unsigned depth, struct val **ret)
{
	if (depth > LEX_DEPTH)
		return lex_refuse(lex, "expected at most %d brackets within each other", LEX_DEPTH);
	if (lex_peek(lex) == LEX_BODY) {
		bool exact = lex_char(lex, 0) == '!';

		lex->at += exact;
		return lex_brackets(lex, exact, depth, ret);
	}
	struct buf buf;
	bool quoted = false;

	buf_init(&buf, lex->arena);
	int r = lex_run(lex, ",]}{[", &buf, &quoted);

	if (r)
		return r;
	if (!buf.len && !quoted)
		return lex_refuse(lex, "expected a value");
	*ret = quoted ? val_str(lex->arena, buf_slice(&buf)) : lex_bare(lex, buf_slice(&buf));
	return 0;
}

int lex_body(struct lex *lex, struct val **ret)
{
	return lex_value(lex, 1, ret);
}

bool lex_time(struct slice text, int64_t *ret_us)
{
	static const struct {
		const char *unit;
		int64_t us;
	} units[] = {{"us", 1},       {"ms", 1000},      {"s", 1000000},
	             {"m", 60000000}, {"h", 3600000000}, {"d", 86400000000}};
	size_t digits = 0;
	uint64_t n;

	while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
		digits++;
	if (digits > 9 || !slice_u64((struct slice){text.ptr, digits}, &n))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (slice_is_text(slice_skip(text, digits), units[i].unit)) {
			*ret_us = (int64_t)n * units[i].us;
			return true;
		}
	return false;
}
