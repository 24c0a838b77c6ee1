/* SPDX-License-Identifier: Apache-2.0 */
/* Reads flexContainer definitions from JSON: those of sdt/, which are compiled in, and those of a site.
 *
 *   { "about": "...", "definitions": [
 *     {"root": "acme:lamp", "name": "lamp", "kind": "module class", "cnd": "com.acme.lamp", "doc": "...",
 *      "attributes": [
 *        {"sn": "brght", "ln": "brightness", "kind": "UINT", "create": "MUST", "update": "MAY",
 *         "many": "ONE", "announced": "ASKED", "doc": "..."}],
 *      "children": ["acme:bulb"]} ] }
 *
 * An attribute needs sn and kind; "many" is ONE for those that a CREATE must give and OPT for others. Without
 * "children" any flexContainer may stand below. Nothing is registered unless the whole text is right. */
#include <errno.h>
#include <stdio.h>

#include "codec/json.h"
#include "model/grammar.h"
#include "model/rsc.h"
#include "model/type_private.h"

#define LONGEST_TEXT     ((size_t)4 << 20)
#define MOST_DEFINITIONS 5000
#define MOST_ATTRIBUTES  100
#define MOST_CHILDREN    500
#define LONGEST_NAME     64

/* The string member `name`, or "" when it is not there and need not be. */
static int type_load_string(const struct val *object, const char *name, bool must, struct slice *ret,
                            struct why *why)
{
	const struct val *v = val_get(object, slice_of(name));

	*ret = slice_of("");
	if (!v && !must)
		return 0;
	if (!v)
		return refuse(why, RSC_BAD_REQUEST, "\"%s\" is missing", name);
	if (!val_is_str(v, ret) || (must && ret->len == 0) || memchr(ret->ptr, 0, ret->len))
		return refuse(why, RSC_BAD_REQUEST, "\"%s\": expected a string, not %s", name,
		              val_kind_name(v));
	return 0;
}

/* The string member `name` as its place among the words, or `otherwise`. */
static int type_load_word(const struct val *object, const char *name, const char *const *words,
                          unsigned otherwise, unsigned *ret, struct why *why)
{
	struct slice text;
	int r = type_load_string(object, name, false, &text, why);

	*ret = otherwise;
	if (r || text.len == 0)
		return r;
	for (unsigned i = 0; words[i]; i++)
		if (slice_is_text(text, words[i])) {
			*ret = i;
			return 0;
		}
	return refuse(why, RSC_BAD_REQUEST, "\"%s\": \"%.*s\" is not one of its words", name,
	              SLICE_ARG(text));
}

static int type_load_kind(const struct val *object, enum kind *ret, struct why *why)
{
	struct slice text;
	int r = type_load_string(object, "kind", true, &text, why);

	if (r)
		return r;
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		if (kind != KIND_ENUM && slice_is_text(text, kind_word((enum kind)kind))) {
			*ret = (enum kind)kind;
			return 0;
		}
	return refuse(why, RSC_BAD_REQUEST, "\"kind\": \"%.*s\" is not a kind of spec/kind.def",
	              SLICE_ARG(text));
}

static int type_load_known(const struct val *object, const char *const *names, struct why *why)
{
	if (object->kind != VAL_OBJ)
		return refuse(why, RSC_BAD_REQUEST, "expected an object, not %s", val_kind_name(object));
	val_each (object, member) {
		size_t i = 0;

		while (names[i] && !slice_is_text(member->name, names[i]))
			i++;
		if (!names[i])
			return refuse(why, RSC_BAD_REQUEST, "\"%.*s\" is not known here",
			              SLICE_ARG(member->name));
	}
	return 0;
}

/* The words of a row: who may set it, how many there are, is it announced. */
static int type_load_attr_words(const struct val *v, struct attr *attr, struct why *why)
{
	static const char *const mays[] = {"MUST", "MAY", "NO", NULL};
	static const char *const cards[] = {"ONE", "OPT", "LIST", "ONELIST", NULL};
	static const char *const announces[] = {"NEVER", "ALWAYS", "ASKED", NULL};
	unsigned create, update, card, announced;
	int r;

	if ((r = type_load_word(v, "create", mays, MAY_MAY, &create, why)) ||
	    (r = type_load_word(v, "update", mays, MAY_MAY, &update, why)) ||
	    (r = type_load_word(v, "many", cards, create == MAY_MUST ? CARD_ONE : CARD_OPT, &card, why)) ||
	    (r = type_load_word(v, "announced", announces, ANNOUNCED_ASKED, &announced, why)))
		return r;
	attr->create = (enum may)create;
	attr->update = (enum may)update;
	attr->card = (enum card)card;
	attr->announced = (enum announced)announced;
	return 0;
}

static int type_load_attr(const struct val *v, struct attr *ret, struct why *why)
{
	static const char *const names[] = {"sn",   "ln",        "kind", "create", "update",
	                                    "many", "announced", "doc",  NULL};
	struct slice sn, ln, doc;
	enum kind kind = KIND_ANY;
	int r;

	if ((r = type_load_known(v, names, why)) || (r = type_load_string(v, "sn", true, &sn, why)) ||
	    (r = type_load_string(v, "ln", false, &ln, why)) ||
	    (r = type_load_string(v, "doc", false, &doc, why)) || (r = type_load_kind(v, &kind, why)) ||
	    (r = type_load_attr_words(v, ret, why)))
		return r;
	if (!grammar_is_ncname(sn) || sn.len > LONGEST_NAME || ln.len > LONGEST_NAME * 2)
		return refuse(why, RSC_BAD_REQUEST, "\"sn\": \"%.*s\" is not a name", SLICE_ARG(sn));
	ret->sn = arena_text(type_arena(), sn);
	ret->ln = arena_text(type_arena(), ln.len ? ln : sn);
	ret->sn_len = (uint8_t)sn.len;
	ret->kind = kind;
	ret->doc = doc.len ? arena_text(type_arena(), doc) : "";
	return 0;
}

static int type_load_attrs(const struct val *list, struct build *build, struct why *why)
{
	struct attr *rows;
	int r;

	if (!list)
		return 0;
	if (list->kind != VAL_ARR || list->count > MOST_ATTRIBUTES)
		return refuse(why, RSC_BAD_REQUEST, "\"attributes\": expected a list of at most %d",
		              MOST_ATTRIBUTES);
	rows = arena_array(type_arena(), list->count + 1, struct attr);
	build->own = rows;
	val_each (list, v) {
		struct attr *row = &rows[build->own_count];

		r = type_load_attr(v, row, why);
		if (r)
			return r;
		if (type_attr(build->from, slice_of(row->sn)))
			return refuse(why, RSC_BAD_REQUEST, "%s: every flexContainer has this attribute",
			              row->sn);
		for (size_t i = 0; i < build->own_count; i++)
			if (strcmp(rows[i].sn, row->sn) == 0)
				return refuse(why, RSC_BAD_REQUEST, "%s: there twice", row->sn);
		build->own_count++;
	}
	return 0;
}

static int type_load_children(const struct val *list, struct type *type, struct why *why)
{
	const char **roots;
	struct slice root;

	if (!list)
		return 0;
	if (list->kind != VAL_ARR || list->count > MOST_CHILDREN)
		return refuse(why, RSC_BAD_REQUEST, "\"children\": expected a list of at most %d",
		              MOST_CHILDREN);
	roots = arena_array(type_arena(), list->count + 1, const char *);
	type->child_roots = roots;
	val_each (list, v) {
		if (!val_is_str(v, &root) || root.len > LONGEST_NAME)
			return refuse(why, RSC_BAD_REQUEST, "\"children\": expected root names");
		roots[type->child_root_count++] = arena_text(type_arena(), root);
	}
	return 0;
}

/* "space:name", and not one of ours in disguise: Annc and Inst at the end belong to derived types. */
static bool type_load_is_root(struct slice root)
{
	struct slice space;

	return root.len <= LONGEST_NAME && slice_cut(&root, ':', &space) && grammar_is_ncname(space) &&
	       grammar_is_ncname(root);
}

static int type_load_one(const struct val *v, struct build **ret, struct why *why)
{
	static const char *const names[] = {"root", "name",       "kind",     "cnd",
	                                    "doc",  "attributes", "children", NULL};
	const struct type *base = type_find(TYPE_FCNT);
	struct build *build = arena_new(type_arena(), struct build);
	struct slice root, name, kind, cnd, doc;
	int r;

	if ((r = type_load_known(v, names, why)) || (r = type_load_string(v, "root", true, &root, why)) ||
	    (r = type_load_string(v, "name", true, &name, why)) ||
	    (r = type_load_string(v, "kind", false, &kind, why)) ||
	    (r = type_load_string(v, "cnd", false, &cnd, why)) ||
	    (r = type_load_string(v, "doc", false, &doc, why)))
		return r;
	if (!type_load_is_root(root))
		return refuse(why, RSC_BAD_REQUEST, "\"root\": expected space:name, not \"%.*s\"",
		              SLICE_ARG(root));
	build->form = TYPE_FORM_SPECIAL;
	build->from = base;
	build->type = *base;
	build->type.attrs = NULL;
	build->type.root = arena_text(type_arena(), root);
	build->type.sn = strchr(build->type.root, ':') + 1;
	build->type.ln = arena_text(type_arena(), name);
	build->type.definition = cnd.len ? arena_text(type_arena(), cnd) : NULL;
	build->type.doc = arena_text(type_arena(), doc.len ? doc : kind);
	r = type_load_attrs(val_find(v, "attributes"), build, why);
	if (r == 0)
		r = type_load_children(val_find(v, "children"), &build->type, why);
	*ret = build;
	return r;
}

/* Puts "in which definition" before what was wrong. */
static int type_load_in(struct why *why, size_t place, const struct val *v)
{
	struct slice root = {NULL, 0};
	struct why inner;

	if (!why)
		return RSC_BAD_REQUEST;
	inner = *why;
	(void)val_is_str(val_find(v, "root"), &root);
	return refuse(why, RSC_BAD_REQUEST, "definition %zu (%.*s): %s", place,
	              root.len > LONGEST_NAME ? 0 : (int)root.len, root.ptr ? root.ptr : "", inner.text);
}

static int type_load_list(struct arena *scratch, const struct val *list, struct why *why)
{
	struct build **builds;
	size_t count = 0;

	if (!list || list->kind != VAL_ARR || list->count > MOST_DEFINITIONS)
		return refuse(why, RSC_BAD_REQUEST,
		              "expected {\"definitions\": [...]} with at most %d definitions",
		              MOST_DEFINITIONS);
	builds = arena_array(scratch, list->count + 1, struct build *);
	val_each (list, v) {
		struct build **build = &builds[count++];

		if (type_load_one(v, build, why) != 0)
			return type_load_in(why, count, v);
		if (type_by_root(slice_of((*build)->type.root)))
			return refuse(why, RSC_BAD_REQUEST, "definition %zu: %s is defined already", count,
			              (*build)->type.root);
		for (size_t i = 0; i + 1 < count; i++)
			if (strcmp(builds[i]->type.root, (*build)->type.root) == 0)
				return refuse(why, RSC_BAD_REQUEST, "definition %zu: %s is there twice",
				              count, (*build)->type.root);
	}
	for (size_t i = 0; i < count; i++)
		(void)type_register(builds[i]);
	return 0;
}

int type_load_text(struct slice json, struct why *why)
{
	static const char *const names[] = {"about", "definitions", NULL};
	struct arena scratch;
	struct val *v;
	int r;

	arena_init(&scratch);
	r = json_read(&scratch, json, NULL, why, &v);
	if (r == 0)
		r = type_load_known(v, names, why);
	if (r == 0)
		r = type_load_list(&scratch, val_find(v, "definitions"), why);
	arena_finish(&scratch);
	return r;
}

int type_load_definitions(const char *path, struct why *why)
{
	struct arena arena;
	struct why inner = {0};
	FILE *file = fopen(path, "re");
	size_t len;
	char *text;
	int r;

	if (!file)
		return refuse(why, RSC_BAD_REQUEST, "%s: %s", path, strerror(errno));
	arena_init(&arena);
	text = arena_take(&arena, LONGEST_TEXT);
	len = fread(text, 1, LONGEST_TEXT, file);
	if (ferror(file))
		r = refuse(why, RSC_BAD_REQUEST, "%s: cannot be read", path);
	else if (len == LONGEST_TEXT)
		r = refuse(why, RSC_BAD_REQUEST, "%s: longer than %zu bytes", path, LONGEST_TEXT);
	else if ((r = type_load_text(slice_make(text, len), &inner)) > 0)
		r = refuse(why, RSC_BAD_REQUEST, "%s: %s", path, inner.text);
	(void)fclose(file);
	arena_finish(&arena);
	return r;
}
