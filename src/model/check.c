/* SPDX-License-Identifier: Apache-2.0 */
/* One loop for all types: each attribute that came is held against its row, and those that must come are
 * counted. Sentences are only put together when something is wrong; until then a place is a chain of names on
 * the stack. */
#include "model/check.h"

#include <stdio.h>

#include "model/grammar.h"
#include "model/kind.h"
#include "model/rsc.h"
#include "model/schedule.h"

/* Where a value stands: "enc/net". */
struct check_place {
	const struct check_place *above; /* NULL: outermost */
	struct slice name;
};

struct check_text {
	char text[100];
};

static size_t check_print_place(const struct check_place *place, char *text, size_t size)
{
	size_t len = place->above ? check_print_place(place->above, text, size) : 0;
	int more =
	        snprintf(text + len, size - len, "%s%.*s", place->above ? "/" : "", SLICE_ARG(place->name));

	return more < 0 || (size_t)more >= size - len ? size - 1 : len + (size_t)more;
}

static struct check_text check_where(const struct check_place *place)
{
	struct check_text where;

	check_print_place(place, where.text, sizeof where.text);
	return where;
}

/* The value as it may stand in a sentence: itself when its form is right and only its value is not, else its
 * form. */
static struct check_text check_show(const struct val *v, bool number_wanted)
{
	struct check_text shown;
	int len = (int)(v->text.len > 40 ? 40 : v->text.len);

	if (v->kind == VAL_NUM && number_wanted)
		snprintf(shown.text, sizeof shown.text, "%.*s", len, v->text.ptr);
	else if (v->kind == VAL_STR && !number_wanted)
		snprintf(shown.text, sizeof shown.text, "\"%.*s%s", len, v->text.ptr,
		         v->text.len > 40 ? "...\"" : "\"");
	else
		snprintf(shown.text, sizeof shown.text, "%s", val_kind_name(v));
	return shown;
}

static int check_refuse_kind(const struct attr *attr, const struct val *v, const struct check_place *place,
                             struct why *why)
{
	return refuse(why, RSC_BAD_REQUEST, "%s: expected %s, not %s", check_where(place).text,
	              attr->kind == KIND_ENUM ? "a number" : kind_doc(attr->kind),
	              check_show(v, kind_is_number(attr->kind)).text);
}

static int check_refuse_enum(const struct attr *attr, const struct val *v, const struct check_place *place,
                             struct why *why)
{
	const struct enumeration *in = attr->in;
	char list[180];
	size_t len = 0;

	list[0] = 0;
	for (size_t i = 0; i < in->count && len < sizeof list; i++)
		len += (size_t)snprintf(list + len, sizeof list - len, "%s%lld %s", i ? ", " : "",
		                        (long long)in->values[i].number, in->values[i].name);
	return refuse(why, RSC_BAD_REQUEST, "%s: %.*s is not a %s (%s%s)", check_where(place).text,
	              (int)(v->text.len > 24 ? 24 : v->text.len), v->text.ptr, in->name, list,
	              len >= sizeof list ? " ..." : "");
}

static int check_members(const struct shape *shape, const struct val *v, const struct check_place *place,
                         struct why *why);

static int check_single(const struct attr *attr, const struct val *v, const struct check_place *place,
                        struct why *why)
{
	int64_t n;

	if (!kind_holds(attr->kind, v))
		return check_refuse_kind(attr, v, place, why);
	if (attr->shape)
		return check_members(attr->shape, v, place, why);
	if (attr->in && (!val_is_int(v, &n) || !enumeration_name(attr->in, n)))
		return check_refuse_enum(attr, v, place, why);
	return 0;
}

/* What is kept for each entry beside the list itself (labels stand in an index), or walked at each request,
 * has to be bounded more closely than by the size of a message. */
static unsigned check_most(const struct attr *attr)
{
	return attr->kind == KIND_LABEL ? CHECK_LABELS_MOST : CHECK_LIST_MOST;
}

static int check_any(const struct attr *attr, const struct val *v, const struct check_place *place,
                     struct why *why)
{
	int r;

	if (!attr_is_list(attr))
		return check_single(attr, v, place, why);
	if (v->kind != VAL_ARR)
		return refuse(why, RSC_BAD_REQUEST, "%s: expected a list (each %s), not %s",
		              check_where(place).text, kind_doc(attr->kind), val_kind_name(v));
	if (v->count > check_most(attr))
		return refuse(why, RSC_BAD_REQUEST, "%s: a list of %u, at most %u are taken",
		              check_where(place).text, v->count, check_most(attr));
	if (v->count == 0 && !attr->may_be_empty)
		return refuse(why, RSC_BAD_REQUEST, "%s: the list may not be empty", check_where(place).text);
	val_each (v, element) {
		r = check_single(attr, element, place, why);
		if (r)
			return r;
	}
	return 0;
}

static int check_members(const struct shape *shape, const struct val *v, const struct check_place *place,
                         struct why *why)
{
	uint64_t seen = 0;
	int r;

	val_each (v, child) {
		const struct check_place here = {place, child->name};
		const struct attr *member = shape_member(shape, child->name);
		uint64_t bit;

		if (!member)
			return refuse(why, RSC_BAD_REQUEST, "%s: a %s has no such member",
			              check_where(&here).text, shape->name);
		bit = 1ULL << (member - shape->members);
		if (seen & bit)
			return refuse(why, RSC_BAD_REQUEST, "%s: given twice", check_where(&here).text);
		seen |= bit;
		r = check_any(member, child, &here, why);
		if (r)
			return r;
	}
	for (size_t i = 0; i < shape->count; i++) {
		const struct attr *member = &shape->members[i];

		if ((member->card == CARD_ONE || member->card == CARD_ONELIST) && !(seen >> i & 1))
			return refuse(why, RSC_BAD_REQUEST, "%s: %s (%s) is missing", check_where(place).text,
			              member->sn, member->ln);
	}
	return 0;
}

int check_value(const struct attr *attr, const struct val *v, const char *where, struct why *why)
{
	const struct check_place place = {NULL, slice_of(where)};

	return check_any(attr, v, &place, why);
}

int check_shape(const struct shape *shape, const struct val *v, const char *where, struct why *why)
{
	const struct check_place place = {NULL, slice_of(where)};

	if (v->kind != VAL_OBJ)
		return refuse(why, RSC_BAD_REQUEST, "%s: expected an object, not %s", where,
		              val_kind_name(v));
	return check_members(shape, v, &place, why);
}

/* Which attributes came, by their place in the table. */
struct check_seen {
	uint64_t bits[4];
};

static bool check_see(struct check_seen *seen, size_t place)
{
	uint64_t bit = 1ULL << (place & 63), *bits = &seen->bits[place >> 6 & 3];
	bool before = *bits & bit;

	*bits |= bit;
	return before;
}

static int check_refuse_missing(const struct type *type, struct check_seen *seen, struct why *why)
{
	for (size_t i = 0; i < type->attr_count; i++)
		if (type->attrs[i].create == MAY_MUST && !check_see(seen, i))
			return refuse(why, RSC_BAD_REQUEST, "%s (%s) is missing: a new %s must have it",
			              type->attrs[i].sn, type->attrs[i].ln, type->ln);
	return 0;
}

static bool check_is_creator(const struct attr *attr)
{
	return attr->sn_len == 2 && memcmp(attr->sn, "cr", 2) == 0;
}

/* null: on CREATE only for the creator, who is asked for that way; on UPDATE for what may go. A new
 * expirationTime is asked for with null, too.   TS-0004 7.3.3.3, TS-0004 7.3.3.4 */
static int check_null(const struct attr *attr, bool create, struct why *why)
{
	bool may_go =
	        attr->card == CARD_OPT || attr->card == CARD_LIST || slice_is_text(SLICE("et"), attr->sn);

	if (create && !check_is_creator(attr))
		return refuse(why, RSC_BAD_REQUEST, "%s: null is for taking attributes away with UPDATE",
		              attr->sn);
	if (!create && !may_go)
		return refuse(why, RSC_BAD_REQUEST, "%s: cannot be taken away", attr->sn);
	return 0;
}

static int check_attribute(const struct type *type, const struct attr *attr, const struct val *v, bool create,
                           struct why *why)
{
	const struct check_place place = {NULL, {attr->sn, attr->sn_len}};

	if ((create ? attr->create : attr->update) == MAY_NO)
		return refuse(why, RSC_BAD_REQUEST, "%s: cannot be %s", attr->sn,
		              create                           ? "given; the CSE sets it"
		              : attr->create == MAY_NO         ? "changed; the CSE sets it"
		              : type_has(type, TRAIT_INSTANCE) ? "changed"
		                                               : "changed once it is created");
	if (v->kind == VAL_NULL)
		return check_null(attr, create, why);
	if (create && check_is_creator(attr))
		return refuse(why, RSC_BAD_REQUEST, "cr: only null can be sent; the CSE fills in who asked");
	return check_any(attr, v, &place, why);
}

static int check_content(const struct type *type, const struct val *rep, bool create, struct why *why)
{
	struct check_seen seen = {{0}};
	unsigned musts = 0;
	int r;

	if (!rep || rep->kind != VAL_OBJ)
		return refuse(why, RSC_BAD_REQUEST, "%s: expected an object with its attributes, not %s",
		              type->root, val_kind_name(rep));
	val_each (rep, v) {
		const struct attr *attr = type_attr(type, v->name);

		if (!attr)
			return refuse(why, RSC_BAD_REQUEST, "%.*s: a %s has no such attribute",
			              v->name.len > 60 ? 60 : (int)v->name.len, v->name.ptr, type->ln);
		if (check_see(&seen, (size_t)(attr - type->attrs)))
			return refuse(why, RSC_BAD_REQUEST, "%s: given twice", attr->sn);
		r = check_attribute(type, attr, v, create, why);
		if (r)
			return r;
		musts += attr->create == MAY_MUST;
	}
	return create && musts < type->musts ? check_refuse_missing(type, &seen, why) : 0;
}

int check_create(const struct type *type, const struct val *rep, struct why *why)
{
	return check_content(type, rep, true, why);
}

int check_update(const struct type *type, const struct val *rep, struct why *why)
{
	return check_content(type, rep, false, why);
}

bool check_resource_name(struct slice name)
{
	return grammar_is_name(name);
}

bool check_unreserved(struct slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!grammar_unreserved(id.ptr[i]))
			return false;
	return id.len > 0;
}

bool check_schedule_entry(struct slice entry)
{
	return schedule_is_valid(entry);
}
