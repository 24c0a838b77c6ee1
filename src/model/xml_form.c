/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of attributes, of shapes and of primitives, resource roots, and the few global elements that are
 * neither: all become the same few words. TS-0004 8.3, TS-0004 6.5 */
#include "model/xml_form.h"

#include <strings.h>

#include "model/grammar.h"
#include "model/kind.h"

/* The content roots that are no resources. bindings.md 9, core.md 1.3 */
static const struct xml_global {
	const char *name;
	enum { GLOBAL_TEXT, GLOBAL_TEXTS, GLOBAL_SHAPE, GLOBAL_PRIM, GLOBAL_ANY } what;
	const char *shape;
	enum prim_direction direction;
} xml_globals[] = {
        {"m2m:rqp", GLOBAL_PRIM, NULL, PRIM_REQ},
        {"m2m:rsp", GLOBAL_PRIM, NULL, PRIM_RSP},
        {"m2m:sgn", GLOBAL_SHAPE, "notification", 0},
        {"m2m:agn", GLOBAL_SHAPE, "aggregatedNotification", 0},
        {"m2m:agr", GLOBAL_SHAPE, "aggregatedResponse", 0},
        {"m2m:agrq", GLOBAL_SHAPE, "aggregatedRequest", 0},
        {"m2m:rrl", GLOBAL_SHAPE, "listOfChildResourceRef", 0},
        {"m2m:seci", GLOBAL_SHAPE, "securityInfo", 0},
        {"m2m:tqf", GLOBAL_SHAPE, "dynAuthTokenReqInfo", 0},
        {"m2m:tsn", GLOBAL_SHAPE, "timeSeriesNotification", 0},
        {"m2m:rce", GLOBAL_ANY, NULL, 0},
        {"m2m:uril", GLOBAL_TEXTS, NULL, 0},
        {"m2m:atrl", GLOBAL_TEXTS, NULL, 0},
        {"m2m:uri", GLOBAL_TEXT, NULL, 0},
        {"m2m:dbg", GLOBAL_TEXT, NULL, 0},
};

static enum xml_is form_is_of_kind(enum kind kind)
{
	if (kind_is_number(kind))
		return XML_IS_NUMBER;
	return kind == KIND_BOOL ? XML_IS_TRUTH : kind == KIND_OBJECT ? XML_IS_OBJECT : XML_IS_TEXT;
}

static struct xml_form form_of_row(const struct attr *row)
{
	struct xml_form form = {.is = form_is_of_kind(row->kind), .known = true, .list = attr_is_list(row)};

	form.inside.shape = row->shape;
	if (row->card == CARD_ONELIST)
		form.keeps = row->may_be_empty;
	else if (row->card == CARD_ONE)
		form.keeps = row->kind == KIND_ANY || row->kind == KIND_TEXT;
	form.refers = row->shape && shape_member(row->shape, SLICE("nm")) &&
	              shape_member(row->shape, SLICE("typ")) && shape_member(row->shape, SLICE("val"));
	return form;
}

static struct xml_form form_of_shape(const struct shape *shape, struct slice name)
{
	const struct attr *row = shape_member(shape, name);

	return row ? form_of_row(row) : (struct xml_form){.is = XML_IS_TEXT};
}

static struct xml_form form_of_prim(const struct prim_row *row)
{
	struct xml_form form = {.known = true};

	switch (row->how) {
	case PRIM_LIST:
		form.list = true;
		break;
	case PRIM_TEXT:
	case PRIM_TIME:
		break;
	case PRIM_INTS:
		form.list = true;
		form.is = XML_IS_NUMBER;
		break;
	case PRIM_INT:
		form.is = XML_IS_NUMBER;
		break;
	case PRIM_BOOL:
		form.is = XML_IS_TRUTH;
		break;
	case PRIM_OBJECT:
		form.is = XML_IS_OBJECT;
		break;
	}
	if (row->id == PRIM_fc)
		form.inside.shape = shape_find(SLICE("filterCriteria"));
	else if (row->id == PRIM_ati)
		form.inside.shape = shape_find(SLICE("dynAuthLocalTokenIdAssignments"));
	else if (row->id == PRIM_tqf)
		form.inside.shape = shape_find(SLICE("dynAuthTokenReqInfo"));
	if (row->id == PRIM_rt) {
		form.is = XML_IS_OBJECT;
		form.inside.shape = shape_find(SLICE("responseTypeInfo"));
	}
	return form;
}

static struct xml_form form_of_global(const struct xml_global *global)
{
	struct xml_form form = {.known = true, .keeps = true};

	form.list = form.alone = global->what == GLOBAL_TEXTS;
	form.is = global->what == GLOBAL_TEXT || global->what == GLOBAL_TEXTS ? XML_IS_TEXT : XML_IS_OBJECT;
	if (global->shape)
		form.inside.shape = shape_find(slice_of(global->shape));
	form.inside.direction = global->direction;
	return form;
}

static const struct xml_global *form_find_global(struct slice name)
{
	for (size_t i = 0; i < sizeof(xml_globals) / sizeof(*xml_globals); i++)
		if (slice_is_text(name, xml_globals[i].name))
			return &xml_globals[i];
	return NULL;
}

/* A name with a colon: a resource, or one of the globals. Below a resource stand lists of resources; a shape
 * that has a member of that name knows better whether it is a list. */
static struct xml_form form_of_root(const struct xml_place *place, struct slice name)
{
	const struct type *type = type_by_root(name);
	const struct xml_global *global = type ? NULL : form_find_global(name);
	struct xml_form form = {.is = XML_IS_TEXT}, member;

	if (type) {
		form = (struct xml_form){.is = XML_IS_OBJECT, .known = true, .inside.type = type};
		form.list = place->type != NULL;
		form.keeps = !form.list;
	} else if (global) {
		form = form_of_global(global);
	}
	if (place->shape && global) {
		member = form_of_shape(place->shape, slice_skip(name, 4));
		form.list = member.known && member.list;
		form.keeps = form.keeps && !form.list;
	}
	return form;
}

struct xml_form xml_form_of(const struct xml_place *place, struct slice name)
{
	const struct attr *row;
	const struct prim_row *prim;

	if (name.len && memchr(name.ptr, ':', name.len))
		return form_of_root(place, name);
	if (place->type) {
		row = type_attr(place->type, name);
		if (row)
			return form_of_row(row);
		if (slice_is(name, SLICE("ch"))) /* rcn 5 */
			return form_of_shape(shape_find(SLICE("listOfChildResourceRef")), SLICE("rrf"));
	} else if (place->shape) {
		return form_of_shape(place->shape, name);
	} else if (place->direction) {
		prim = prim_by_name(name);
		if (prim && (prim->direction & place->direction))
			return form_of_prim(prim);
	}
	return (struct xml_form){.is = XML_IS_TEXT};
}

bool xml_form_is_attribute(const struct xml_place *place, bool refers, struct slice name)
{
	if (place->type)
		return slice_is(name, SLICE("rn"));
	return refers && (slice_is(name, SLICE("nm")) || slice_is(name, SLICE("typ")));
}

/* The models of TS-0023 have a namespace for each domain. */
static const struct {
	const char *prefix, *ns;
} xml_namespaces[] = {
        {"m2m", XML_FORM_M2M},
        {"xsi", XML_FORM_XSI},
        {"xs", XML_FORM_XS},
        {"json", XML_FORM_JSON},
        {"agd", XML_FORM_M2M "/agriculturedomain"},
        {"cid", XML_FORM_M2M "/citydomain"},
        {"cod", XML_FORM_M2M "/commondomain"},
        {"hed", XML_FORM_M2M "/healthdomain"},
        {"hod", XML_FORM_M2M "/homedomain"},
        {"mad", XML_FORM_M2M "/manufacturingdomain"},
        {"mdd", XML_FORM_M2M "/managementdomain"},
        {"psd", XML_FORM_M2M "/publicsafetydomain"},
        {"rad", XML_FORM_M2M "/railwaydomain"},
        {"ved", XML_FORM_M2M "/vehiculardomain"},
};
#define NAMESPACES (sizeof(xml_namespaces) / sizeof(*xml_namespaces))

struct slice xml_form_prefix(struct slice ns)
{
	for (size_t i = 0; i < NAMESPACES; i++)
		if (slice_is_text(ns, xml_namespaces[i].ns))
			return slice_of(xml_namespaces[i].prefix);
	return SLICE("");
}

struct slice xml_form_namespace(struct slice prefix)
{
	for (size_t i = 0; i < NAMESPACES; i++)
		if (slice_is_text(prefix, xml_namespaces[i].prefix))
			return slice_of(xml_namespaces[i].ns);
	return SLICE("");
}

enum xml_hint xml_form_hint(struct slice type)
{
	static const struct {
		const char *name;
		enum xml_hint hint;
	} hints[] = {
	        {"string", XML_HINT_STRING},  {"integer", XML_HINT_NUMBER},
	        {"decimal", XML_HINT_NUMBER}, {"double", XML_HINT_NUMBER},
	        {"boolean", XML_HINT_TRUTH},  {"object", XML_HINT_OBJECT},
	        {"array", XML_HINT_ARRAY},    {"null", XML_HINT_NULL},
	        {"value", XML_HINT_VALUE},    {"escaped", XML_HINT_ESCAPED},
	        {"int", XML_HINT_NUMBER},     {"long", XML_HINT_NUMBER},
	        {"float", XML_HINT_NUMBER},   {"nonNegativeInteger", XML_HINT_NUMBER},
	        {"short", XML_HINT_NUMBER},   {"positiveInteger", XML_HINT_NUMBER},
	        {"byte", XML_HINT_NUMBER},    {"unsignedInt", XML_HINT_NUMBER},
	};
	const char *colon = type.len ? memchr(type.ptr, ':', type.len) : NULL;
	struct slice name = colon ? slice_skip(type, (size_t)(colon - type.ptr) + 1) : type;

	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (slice_is_text(name, hints[i].name))
			return hints[i].hint;
	return XML_HINT_NONE;
}

bool xml_form_is_name(struct slice name)
{
	if (name.len == 0 || (!grammar_alpha(name.ptr[0]) && name.ptr[0] != '_') ||
	    (name.len >= 3 && strncasecmp(name.ptr, "xml", 3) == 0))
		return false;
	for (size_t i = 1; i < name.len; i++)
		if (!grammar_alpha(name.ptr[i]) && !grammar_digit(name.ptr[i]) && !strchr("_-.", name.ptr[i]))
			return false;
	return memchr(name.ptr, 0, name.len) == NULL;
}
