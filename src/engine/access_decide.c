/* SPDX-License-Identifier: Apache-2.0 */
/* Asking rules: a rule permits when all its parts do; one permitting rule is enough. TS-0003 7.1.5 */
#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>

#include "engine/engine_private.h"
#include "engine/grant.h"
#include "model/schedule.h"

static bool is_group_member(const struct engine *engine, struct slice entry, struct slice from)
{
	struct node *group = tree_find(&engine->tree, &engine->self, entry);
	if (!group || group->type->number != TYPE_GRP)
		return false;
	struct arena arena;
	arena_init(&arena);
	bool found = false;
	const struct val *members = node_attr(group, SLICE("mid"), &arena);
	if (members)
		val_each (members, member)
			found = found || slice_is(id_sp_relative(&engine->self, member->text, &arena), from);
	arena_finish(&arena);
	return found;
}

/* "//sp.example" or "sp.example": everybody of that provider. SP-relative originators are ours. */
static bool is_our_domain(const struct engine *engine, struct slice entry)
{
	struct slice sp = engine->self.sp;
	return slice_is(entry, sp) || slice_is(entry, slice_skip(sp, 2));
}

static bool matches_domain(const struct engine *engine, struct slice entry, struct slice from)
{
	if (is_our_domain(engine, entry))
		return from.len < 2 || from.ptr[0] != '/' || from.ptr[1] != '/';
	/* A foreign originator keeps its absolute form: //sp.other/cse/ae. */
	return entry.len > 2 && slice_starts(entry, SLICE("//")) && slice_starts(from, entry) &&
	       from.len > entry.len && from.ptr[entry.len] == '/';
}

/* A role counts when it was proven, and not for being claimed. TS-0003 7.4 */
static bool role_matches(const struct access_rule *rule, const struct node *target,
                         const struct grants *grants)
{
	if (!grants)
		return false;
	for (size_t i = 0; i < rule->originator_count; i++)
		if (grant_has_role(grants, rule->originators[i], target))
			return true;
	return false;
}

static bool originator_matches(const struct engine *engine, const struct access_rule *rule,
                               const struct node *target, const struct access_ask *ask)
{
	if (rule->all || (rule->has_roles && role_matches(rule, target, ask->grants)))
		return true;
	struct arena arena;
	bool found = false;
	for (size_t i = 0; i < rule->originator_count && !found; i++)
		if (!rule->wild[i])
			found = slice_is(rule->originators[i], ask->from) ||
			        matches_domain(engine, rule->originators[i], ask->from);
	arena_init(&arena);
	for (size_t i = 0; i < rule->originator_count && !found; i++)
		if (rule->wild[i])
			found = id_matches(&engine->self, rule->originators[i], ask->from, &arena);
		else
			found = is_group_member(engine, rule->originators[i], ask->from);
	arena_finish(&arena);
	return found;
}

static bool in_net(const struct access_net *net, const char *ip)
{
	unsigned char bytes[16] = {0};
	bool v6 = strchr(ip, ':') != NULL;
	if (v6 != net->v6 || inet_pton(v6 ? AF_INET6 : AF_INET, ip, bytes) != 1)
		return false;
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	if (memcmp(bytes, net->bytes, whole) != 0)
		return false;
	unsigned char mask = (unsigned char)(0xff00u >> rest);
	return !rest || (bytes[whole] & mask) == (net->bytes[whole] & mask);
}

static double metres_between(const struct access_circle *circle, double latitude, double longitude)
{
	const double degree = 0.017453292519943295, earth = 6371000.0;
	double dlat = (latitude - circle->latitude) * degree, dlon = (longitude - circle->longitude) * degree;
	double a = sin(dlat / 2) * sin(dlat / 2) +
	           cos(circle->latitude * degree) * cos(latitude * degree) * sin(dlon / 2) * sin(dlon / 2);
	return 2 * earth * asin(sqrt(a > 1 ? 1 : a));
}

/* Where is the originator? What its AE says of itself (loc, a point); else nobody knows. The country of a
 * point can't be told from here, so a region of countries alone never matches. */
static bool in_region(const struct engine *engine, const struct access_context *context, struct slice from)
{
	if (!context->has_circle)
		return false;
	struct slice rest = slice_skip(from, 1), part;
	while (slice_cut(&rest, '/', &part) && rest.len)
		;
	struct node *ae = tree_by_ri(&engine->tree, part);
	if (!ae || ae->type->number != TYPE_AE)
		return false;
	struct arena arena;
	arena_init(&arena);
	const struct val *loc = node_attr(ae, SLICE("loc"), &arena), *crd = val_find(loc, "crd");
	double longitude, latitude;
	char text[128];
	bool known = false;
	if (crd && crd->text.len && crd->text.len < sizeof(text)) {
		memcpy(text, crd->text.ptr, crd->text.len);
		text[crd->text.len] = '\0';
		known = sscanf(text, " [ %lf , %lf", &longitude, &latitude) == 2;
	}
	arena_finish(&arena);
	return known && metres_between(&context->circle, latitude, longitude) <= context->circle.radius;
}

static bool context_holds(const struct engine *engine, const struct access_context *context,
                          const struct access_ask *ask)
{
	bool holds = context->window_count == 0;
	for (size_t i = 0; i < context->window_count && !holds; i++)
		holds = schedule_holds(context->windows[i], ask->now);
	if (holds && context->has_nets) {
		holds = false;
		for (size_t i = 0; i < context->net_count && !holds && ask->peer && ask->peer->ip; i++)
			holds = in_net(&context->nets[i], ask->peer->ip);
	}
	return holds && (!context->has_region || in_region(engine, context, ask->from));
}

static bool contexts_hold(const struct engine *engine, const struct access_rule *rule,
                          const struct access_ask *ask)
{
	for (size_t i = 0; i < rule->context_count; i++)
		if (context_holds(engine, &rule->contexts[i], ask))
			return true;
	return rule->context_count == 0;
}

static bool object_fits(const struct access_object *object, const struct node *target,
                        const struct type *child)
{
	if (object->target && object->target != target->type->number)
		return false;
	if (object->special.len &&
	    (!target->type->definition || !slice_is_text(object->special, target->type->definition)))
		return false;
	for (size_t i = 0; i < object->child_count; i++)
		if (object->children[i] == child->number)
			return true;
	return false;
}

static bool objects_fit(const struct access_rule *rule, const struct node *target,
                        const struct access_ask *ask)
{
	if (!rule->object_count || ask->op != ACCESS_CREATE || !ask->child || !target)
		return true;
	for (size_t i = 0; i < rule->object_count; i++)
		if (object_fits(&rule->objects[i], target, ask->child))
			return true;
	return false;
}

static bool covers(const struct access_rule *rule, struct slice name)
{
	for (size_t i = 0; i < rule->name_count; i++)
		if (slice_is(rule->names[i], name))
			return true;
	return false;
}

/* A rule with attribute names covers requests that touch nothing else. */
static bool names_fit(const struct access_rule *rule, const struct access_ask *ask)
{
	if (!rule->has_names)
		return true;
	if (!ask->names || !ask->names->first)
		return false;
	val_each (ask->names, item)
		if (!covers(rule, ask->names->kind == VAL_OBJ ? item->name : item->text))
			return false;
	return true;
}

bool access_rule_permits(const struct engine *engine, const struct access_rules *rules,
                         const struct node *target, const struct access_ask *ask)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct access_rule *rule = &rules->rules[i];
		if ((rule->ops & ask->op) &&
		    (!rule->authenticated || (ask->peer && ask->peer->authenticated)) &&
		    originator_matches(engine, rule, target, ask) && contexts_hold(engine, rule, ask) &&
		    objects_fit(rule, target, ask) && names_fit(rule, ask))
			return true;
	}
	return false;
}
