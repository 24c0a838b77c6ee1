/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns. Objects want at least their members, lists the same members in any order, unless a `!` says
 * exactly; bare words are questions (*, absent, >3, #2, ~a*b), or stand for what they stand for in a body. */
#include "lab/run/match.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "codec/json.h"

#define MATCH_LIST 256

struct match {
	struct names *names;
	struct slice path;      /* where we are: "m2m:cnt/lbl" */
	struct slice complaint; /* the first one */
	bool quiet;             /* trying out: nobody reads the complaint */
};

static bool match_any(struct match *match, const struct val *pattern, const struct val *found);

static struct slice match_show(struct match *match, const struct val *v)
{
	struct buf buf;

	if (!v)
		return SLICE("nothing");
	buf_init(&buf, match->names->arena);
	json_write(&buf, v);
	if (buf.len > 300) {
		buf.len = 300;
		while (buf.len && ((unsigned char)buf.ptr[buf.len - 1] & 0xc0) == 0x80)
			buf.len--;
		buf_add_lit(&buf, "...");
	}
	return buf_slice(&buf);
}

static bool match_complain(struct match *match, const struct val *pattern, const struct val *found,
                           const char *note)
{
	if (!match->quiet && !match->complaint.len) {
		struct slice want = match_show(match, pattern), have = match_show(match, found);

		match->complaint =
		        arena_printf(match->names->arena, "%.*s%sexpected %.*s, found %.*s%s%s",
		                     SLICE_ARG(match->path), match->path.len ? ": " : "", SLICE_ARG(want),
		                     SLICE_ARG(have), note ? " -- " : "", note ? note : "");
	}
	return false;
}

/* --- bare words --- */

static bool match_number(struct slice text, double *ret)
{
	char copy[64], *end;

	if (!text.len || text.len >= sizeof copy)
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = 0;
	*ret = strtod(copy, &end);
	return *end == 0;
}

/* -1, 0, 1; 2: the two cannot be compared. Numbers as numbers, times as times, else texts. */
static int match_compare(const struct val *a, const struct val *b)
{
	double x, y;
	int64_t s, t;

	if (match_number(a->text, &x) && match_number(b->text, &y))
		return x < y ? -1 : x > y;
	if (clock_parse(a->text, &s) && clock_parse(b->text, &t))
		return s < t ? -1 : s > t;
	if (a->kind != VAL_STR || b->kind != VAL_STR)
		return 2;
	size_t len = a->text.len < b->text.len ? a->text.len : b->text.len;
	int r = len ? memcmp(a->text.ptr, b->text.ptr, len) : 0;

	return r < 0 ? -1 : r > 0 ? 1 : (a->text.len > b->text.len) - (a->text.len < b->text.len);
}

/* The right side of a comparison: a number as it stands, or a word. */
static const struct val *match_right(struct match *match, struct slice word)
{
	struct why why = {0};
	struct val *v;

	if (json_read(match->names->arena, word, NULL, &why, &v) == 0)
		return v;
	return names_bare(match->names, word, &why, &v) == 0 ? v : NULL;
}

/* ">3", "<=@now", "!=$x": 0 no, 1 yes, -1: this is no comparison. */
static int match_relation(struct match *match, struct slice word, const struct val *found)
{
	static const struct {
		const char *sign;
		bool less, same, more;
	} signs[] = {{">=", 0, 1, 1}, {"<=", 1, 1, 0}, {"!=", 1, 0, 1}, {">", 0, 0, 1}, {"<", 1, 0, 0}};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (!slice_starts(word, slice_of(signs[i].sign)))
			continue;
		const struct val *right = match_right(match, slice_skip(word, strlen(signs[i].sign)));
		int r = found && right ? match_compare(found, right) : 2;

		if (r == 2)
			return !strcmp(signs[i].sign, "!=") && found && right && !val_equal(found, right);
		return r < 0 ? signs[i].less : r == 0 ? signs[i].same : signs[i].more;
	}
	return -1;
}

static int match_kind(struct slice word, const struct val *found)
{
	static const struct {
		const char *word;
		enum val_kind a, b;
	} kinds[] = {{"number", VAL_NUM, VAL_NUM},
	             {"text", VAL_STR, VAL_STR},
	             {"list", VAL_ARR, VAL_ARR},
	             {"object", VAL_OBJ, VAL_OBJ},
	             {"bool", VAL_FALSE, VAL_TRUE}};
	int64_t us;

	if (slice_is_text(word, "time"))
		return found && found->kind == VAL_STR && clock_parse(found->text, &us);
	if (slice_is_text(word, "*"))
		return found && found->kind != VAL_NULL;
	if (slice_is_text(word, "absent"))
		return !found;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (slice_is_text(word, kinds[i].word))
			return found && (found->kind == kinds[i].a || found->kind == kinds[i].b);
	return -1;
}

/* "#3", "#>3" */
static bool match_size(struct match *match, struct slice word, const struct val *found)
{
	if (!found || (found->kind != VAL_ARR && found->kind != VAL_OBJ))
		return false;
	const struct val *count = val_int(match->names->arena, found->count);
	int r = match_relation(match, slice_skip(word, 1), count);

	return r >= 0 ? r : slice_is(count->text, slice_skip(word, 1));
}

/* Questions: kinds, comparisons, sizes, texts with stars. 0 no, 1 yes, -1: the word is no question. */
static int match_question(struct match *match, struct slice word, const struct val *found)
{
	int r = match_kind(word, found);

	if (r < 0 && word.len && strchr("<>!", word.ptr[0]))
		r = match_relation(match, word, found);
	if (r < 0 && word.len > 1 && word.ptr[0] == '#')
		r = match_size(match, word, found);
	if (r < 0 && word.len > 1 && word.ptr[0] == '~' && !names_is_address(word))
		r = found && (found->kind == VAL_STR || found->kind == VAL_NUM) &&
		    slice_matches(found->text, slice_skip(word, 1));
	return r;
}

static bool match_one(struct match *match, struct slice word, const struct val *found)
{
	bool text = found && found->kind == VAL_STR;
	struct why why = {0};
	struct val *v;
	int r = match_question(match, word, found);

	if (r >= 0)
		return r;
	if (json_read(match->names->arena, word, NULL, &why, &v) == 0)
		return found && val_equal(v, found);
	if (slice_starts(word, SLICE("at:~")))
		return text && names_is_at(match->names, word, found->text);
	if (names_bare(match->names, word, &why, &v) != 0)
		return match_complain(match, found, found, why.text);
	if (names_is_address(word) && text)
		return names_same(match->names, v->text, found->text);
	return found && val_equal(v, found);
}

/* Alternatives: any of a|b|c, with no bar inside brackets. */
static bool match_bare(struct match *match, struct slice word, const struct val *found)
{
	size_t start = 0, depth = 0;

	for (size_t i = 0; i <= word.len; i++) {
		if (i < word.len && word.ptr[i] == '(')
			depth++;
		else if (i < word.len && word.ptr[i] == ')' && depth)
			depth--;
		else if (i == word.len || (word.ptr[i] == '|' && !depth)) {
			if (match_one(match, (struct slice){word.ptr + start, i - start}, found))
				return true;
			start = i + 1;
		}
	}
	return false;
}

/* --- objects and lists --- */

static bool match_is_word(const struct val *v, const char *word)
{
	return v && v->kind == VAL_JSON && slice_is_text(v->text, word);
}

static bool match_object(struct match *match, const struct val *pattern, const struct val *found)
{
	bool exact = match_is_word(val_find(pattern, "!"), "!");
	struct slice here = match->path;

	if (!found || found->kind != VAL_OBJ)
		return match_complain(match, pattern, found, NULL);
	val_each (pattern, want) {
		if (match_is_word(want, "!") && slice_is_text(want->name, "!"))
			continue;
		if (!match->quiet)
			match->path = arena_printf(match->names->arena, "%.*s%s%.*s", SLICE_ARG(here),
			                           here.len ? "/" : "", SLICE_ARG(want->name));
		bool fits = match_any(match, want, val_get(found, want->name));

		match->path = here;
		if (!fits)
			return false;
	}
	if (exact)
		val_each (found, have)
			if (!val_get(pattern, have->name))
				return match_complain(match, NULL, have,
				                      arena_printf(match->names->arena,
				                                   "\"%.*s\" should not be there",
				                                   SLICE_ARG(have->name))
				                              .ptr);
	return true;
}

/* Finds each wanted member its own found one, moving earlier choices where that helps (augmenting paths). */
static bool match_assign(const bool *fits, size_t want, size_t have, size_t i, int *owner, bool *seen)
{
	for (size_t j = 0; j < have; j++) {
		if (!fits[i * have + j] || seen[j])
			continue;
		seen[j] = true;
		if (owner[j] < 0 || match_assign(fits, want, have, (size_t)owner[j], owner, seen)) {
			owner[j] = (int)i;
			return true;
		}
	}
	return false;
}

static bool match_bag(struct match *match, const struct val *first, size_t want, const struct val *pattern,
                      const struct val *found)
{
	size_t have = found->count, i = 0;
	bool quiet = match->quiet;
	bool *fits = arena_array(match->names->arena, want * have + 1, bool);
	bool *seen = arena_array(match->names->arena, have + 1, bool);
	int *owner = arena_array(match->names->arena, have + 1, int);

	match->quiet = true;
	for (const struct val *w = first; w; w = w->next, i++) {
		size_t j = 0;

		val_each (found, h)
			fits[i * have + j++] = match_any(match, w, h);
	}
	match->quiet = quiet;
	memset(owner, 0xff, (have + 1) * sizeof *owner);
	i = 0;
	for (const struct val *w = first; w; w = w->next, i++) {
		memset(seen, 0, have + 1);
		if (!match_assign(fits, want, have, i, owner, seen)) {
			struct slice missing = match_show(match, w);

			return match_complain(
			        match, pattern, found,
			        arena_printf(match->names->arena, "no member fits %.*s", SLICE_ARG(missing))
			                .ptr);
		}
	}
	return true;
}

static bool match_list(struct match *match, const struct val *pattern, const struct val *found)
{
	const struct val *first = pattern->first;
	bool exact = match_is_word(first, "!"), some = match_is_word(first, "...");
	size_t want = pattern->count - (exact || some);

	if (exact || some)
		first = first->next;
	if (!found || found->kind != VAL_ARR || want > MATCH_LIST || found->count > 10 * MATCH_LIST)
		return match_complain(match, pattern, found, NULL);
	if (some ? found->count < want : found->count != want)
		return match_complain(match, pattern, found, "another number of members");
	if (!exact)
		return match_bag(match, first, want, pattern, found);
	const struct val *have = found->first;

	for (const struct val *w = first; w; w = w->next, have = have->next)
		if (!match_any(match, w, have))
			return match_complain(match, pattern, found, NULL);
	return true;
}

static bool match_any(struct match *match, const struct val *pattern, const struct val *found)
{
	bool fits;

	if (pattern->kind == VAL_OBJ)
		return match_object(match, pattern, found);
	if (pattern->kind == VAL_ARR)
		return match_list(match, pattern, found);
	if (pattern->kind == VAL_JSON)
		fits = match_bare(match, pattern->text, found);
	else if (pattern->kind == VAL_NUM && found && found->kind == VAL_NUM)
		fits = match_compare(pattern, found) == 0;
	else
		fits = found && val_equal(pattern, found);
	return fits || match_complain(match, pattern, found, NULL);
}

bool match_value(struct names *names, const struct val *pattern, const struct val *found,
                 struct slice *ret_complaint)
{
	struct match match = {.names = names};
	bool fits = match_any(&match, pattern, found);

	if (!fits)
		*ret_complaint = match.complaint;
	return fits;
}

bool match_text(struct names *names, struct slice pattern, const char *found)
{
	struct match match = {.names = names, .quiet = true};
	const struct val *v = found ? val_str(names->arena, slice_of(found)) : NULL;

	struct slice one, rest = pattern;

	while (found && slice_cut(&rest, '|', &one))
		if (slice_is_text(one, found))
			return true;
	uint64_t n;

	if (match_bare(&match, pattern, v))
		return true;
	/* A number in a header is a text and a number. */
	return found && slice_u64(slice_of(found), &n) &&
	       match_bare(&match, pattern, val_int(names->arena, (int64_t)n));
}

bool match_code(struct slice codes, int code)
{
	struct slice one;

	while (slice_cut(&codes, '|', &one)) {
		int rest = code;
		bool fits = one.len > 0;

		for (size_t i = one.len; i-- > 0; rest /= 10)
			fits = fits && (one.ptr[i] == 'x' || one.ptr[i] - '0' == rest % 10);
		if (fits && rest == 0)
			return true;
	}
	return false;
}
