/* SPDX-License-Identifier: Apache-2.0 */
/* The labels query. A label is `key` or `key:value`.
 *
 *     key            some label has this key          key EQ v, key:v    it has this value
 *     NT key         no label has it                  key NE v           it is there, but never with this
 * value key IN (a,b)   it has one of these values       key NI (a,b)       it is there, but with none of
 * these
 *
 * Several are joined by AND and OR; AND binds closer. TS-0001 8.1.2 (labelsQuery) */
#include "engine/filter_private.h"
#include "model/rsc.h"

#define FILTER_LBQ_LENGTH 2048
#define FILTER_LBQ_VALUES 64

static struct slice filter_lbq_trim(struct slice s)
{
	while (s.len && s.ptr[0] == ' ')
		s = slice_skip(s, 1);
	while (s.len && s.ptr[s.len - 1] == ' ')
		s.len--;
	return s;
}

static bool filter_lbq_word(struct slice *rest, struct slice *ret)
{
	size_t n = 0;

	*rest = filter_lbq_trim(*rest);
	while (n < rest->len && rest->ptr[n] != ' ' && rest->ptr[n] != '(')
		n++;
	*ret = slice_make(rest->ptr, n);
	*rest = filter_lbq_trim(slice_skip(*rest, n));
	return n > 0;
}

/* "(a,b)" */
static bool filter_lbq_list(struct arena *arena, struct slice rest, struct filter_lbq_atom *atom)
{
	struct slice value;

	if (rest.len < 3 || rest.ptr[0] != '(' || rest.ptr[rest.len - 1] != ')')
		return false;
	rest = slice_make(rest.ptr + 1, rest.len - 2);
	atom->values = arena_array(arena, FILTER_LBQ_VALUES, struct slice);
	while (slice_cut(&rest, ',', &value)) {
		value = filter_lbq_trim(value);
		if (value.len == 0 || atom->count == FILTER_LBQ_VALUES)
			return false;
		atom->values[atom->count++] = value;
	}
	return atom->count > 0;
}

static bool filter_lbq_one(struct arena *arena, struct slice value, struct filter_lbq_atom *atom)
{
	atom->values = arena_array(arena, 1, struct slice);
	atom->values[0] = value;
	atom->count = 1;
	return value.len > 0;
}

static bool filter_lbq_read_atom(struct arena *arena, struct slice rest, struct filter_lbq_atom *atom)
{
	struct slice word, value;

	if (!filter_lbq_word(&rest, &atom->key))
		return false;
	if (slice_is(atom->key, SLICE("NT"))) {
		atom->op = FILTER_LBQ_NOT;
		return filter_lbq_word(&rest, &atom->key) && rest.len == 0;
	}
	if (rest.len == 0) {
		value = atom->key;
		if (!memchr(value.ptr, ':', value.len))
			return true;
		(void)slice_cut(&value, ':', &atom->key);
		atom->op = FILTER_LBQ_EQ;
		return atom->key.len && filter_lbq_one(arena, value, atom);
	}
	if (!filter_lbq_word(&rest, &word))
		return false;
	if (slice_is(word, SLICE("EQ")) || slice_is(word, SLICE("NE"))) {
		atom->op = word.ptr[0] == 'E' ? FILTER_LBQ_EQ : FILTER_LBQ_NE;
		return filter_lbq_one(arena, rest, atom);
	}
	atom->op = slice_is(word, SLICE("IN")) ? FILTER_LBQ_IN : FILTER_LBQ_NI;
	return (slice_is(word, SLICE("IN")) || slice_is(word, SLICE("NI"))) &&
	       filter_lbq_list(arena, rest, atom);
}

/* What stands before the next " AND " or " OR "; *ret_or tells which. */
static bool filter_lbq_cut(struct slice *rest, struct slice *ret_atom, bool *ret_or)
{
	struct slice s = *rest;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		struct slice here = slice_skip(s, i);
		bool is_or = slice_starts(here, SLICE(" OR "));

		if (!is_or && !slice_starts(here, SLICE(" AND ")))
			continue;
		*ret_atom = slice_make(s.ptr, i);
		*rest = slice_skip(here, is_or ? 4 : 5);
		*ret_or = is_or;
		return true;
	}
	*ret_atom = s;
	*rest = slice_skip(s, s.len);
	*ret_or = true;
	return true;
}

int filter_lbq_read(struct arena *arena, struct slice text, struct why *why, struct filter_lbq **ret)
{
	struct filter_lbq *first = NULL, **end = &first;
	struct filter_lbq_atom **atoms = NULL;
	struct slice rest = filter_lbq_trim(text), atom;
	bool is_or;

	if (rest.len == 0 || rest.len > FILTER_LBQ_LENGTH)
		return refuse(why, RSC_CONTENTS_UNACCEPTABLE,
		              "lbq: expected a labels query of at most %d bytes", FILTER_LBQ_LENGTH);
	while (filter_lbq_cut(&rest, &atom, &is_or)) {
		if (!atoms) {
			*end = arena_new(arena, struct filter_lbq);
			atoms = &(*end)->atoms;
			end = &(*end)->next;
		}
		*atoms = arena_new(arena, struct filter_lbq_atom);
		if (!filter_lbq_read_atom(arena, filter_lbq_trim(atom), *atoms))
			return refuse(why, RSC_CONTENTS_UNACCEPTABLE,
			              "lbq: \"%.*s\" is none of key, NT key, key:v, key EQ v, key NE v, key "
			              "IN (a,b), "
			              "key NI (a,b)",
			              SLICE_ARG(atom));
		atoms = is_or ? NULL : &(*atoms)->next;
	}
	if (atoms)
		return refuse(why, RSC_CONTENTS_UNACCEPTABLE, "lbq: something must follow AND");
	*ret = first;
	return 0;
}

static bool filter_lbq_value(const struct filter_lbq_atom *atom, struct slice value)
{
	for (size_t i = 0; i < atom->count; i++) {
		if (slice_matches(value, atom->values[i]))
			return true;
	}
	return false;
}

static bool filter_lbq_atom_holds(const struct filter_lbq_atom *atom, const struct slice *labels,
                                  size_t count)
{
	bool key = false, value = false;

	for (size_t i = 0; i < count; i++) {
		struct slice rest = labels[i], name;

		if (!slice_cut(&rest, ':', &name) || !slice_is(name, atom->key))
			continue;
		key = true;
		value |= filter_lbq_value(atom, rest);
	}
	switch (atom->op) {
	case FILTER_LBQ_HAS:
		return key;
	case FILTER_LBQ_NOT:
		return !key;
	case FILTER_LBQ_EQ:
	case FILTER_LBQ_IN:
		return value;
	case FILTER_LBQ_NE:
	case FILTER_LBQ_NI:
		return key && !value;
	}
	return false;
}

bool filter_lbq_holds(const struct filter_lbq *lbq, const struct slice *labels, size_t count)
{
	for (; lbq; lbq = lbq->next) {
		const struct filter_lbq_atom *atom = lbq->atoms;

		while (atom && filter_lbq_atom_holds(atom, labels, count))
			atom = atom->next;
		if (!atom)
			return true;
	}
	return false;
}
