/* SPDX-License-Identifier: Apache-2.0 */
/* No list of attributes here: a member of a representation is a row of its type's table, and of that row's
 * kind, or it is a fault. */
#include "lab/run/inspect.h"

#include "model/check.h"
#include "model/rsc.h"
#include "model/type.h"

#define INSPECT_DEPTH 40

enum inspect_how { INSPECT_WHOLE, INSPECT_PART };

static struct slice inspect_content(struct arena *arena, const struct val *pc, enum inspect_how how,
                                    unsigned depth);

static bool inspect_is_root(struct slice name)
{
	return name.len && memchr(name.ptr, ':', name.len);
}

/* Content that is no resource. TS-0004 7.5.2 */
static bool inspect_is_other(struct slice root)
{
	static const char *const others[] = {"m2m:uri", "m2m:uril", "m2m:rrl",  "m2m:dbg",  "m2m:sgn",
	                                     "m2m:agn", "m2m:seci", "m2m:atrl", "m2m:qres", "m2m:tgp",
	                                     "m2m:tsn", "m2m:ctx",  "m2m:tqf"};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (slice_is_text(root, others[i]))
			return true;
	return false;
}

/* Child resources within their parent (rcn 4 and 8): "m2m:cin": [ {...}, ... ] */
static struct slice inspect_children(struct arena *arena, const struct val *list, unsigned depth)
{
	if (list->kind != VAL_ARR)
		return arena_printf(arena, "%.*s: children stand in a list", SLICE_ARG(list->name));
	val_each (list, child) {
		struct val *one = val_obj(arena);

		val_put(one, list->name, val_copy(arena, child));
		struct slice fault = inspect_content(arena, one, INSPECT_PART, depth + 1);

		if (fault.len)
			return fault;
	}
	return (struct slice){0};
}

static struct slice inspect_member(struct arena *arena, const struct type *type, const struct val *member,
                                   unsigned depth)
{
	struct why why = {0};
	const struct attr *attr = type_attr(type, member->name);

	if (inspect_is_root(member->name))
		return inspect_children(arena, member, depth);
	if (slice_is_text(member->name, "ch") && member->kind == VAL_ARR)
		return (struct slice){0};
	if (!attr)
		return arena_printf(arena, "%s has no attribute \"%.*s\"", type->root,
		                    SLICE_ARG(member->name));
	if (member->kind == VAL_NULL)
		return (struct slice){0};
	if (type->number == TYPE_CB && slice_is_text(member->name, "pi") && member->kind == VAL_STR &&
	    !member->text.len)
		return (struct slice){0}; /* the CSEBase has no parent: TS-0001 9.6.1.3.1 */
	char *where = arena_text(arena, member->name);

	if (check_value(attr, member, where, &why) != 0)
		return arena_printf(arena, "%s: %s", type->root, why.text);
	return (struct slice){0};
}

static struct slice inspect_resource(struct arena *arena, const struct type *type, const struct val *rep,
                                     enum inspect_how how, unsigned depth)
{
	if (rep->kind != VAL_OBJ)
		return arena_printf(arena, "%s is %s, not an object", type->root, val_kind_name(rep));
	val_each (rep, member) {
		struct slice fault = inspect_member(arena, type, member, depth);

		if (fault.len)
			return fault;
	}
	for (size_t i = 0; how == INSPECT_WHOLE && i < type->attr_count; i++) {
		const struct attr *attr = &type->attrs[i];

		if ((attr->card == CARD_ONE || attr->card == CARD_ONELIST) &&
		    !val_get(rep, slice_of(attr->sn)))
			return arena_printf(arena, "%s lacks %s (%s), which is always there", type->root,
			                    attr->sn, attr->ln);
	}
	return (struct slice){0};
}

/* The responses of a fan-out: each has a code and its own content. */
static struct slice inspect_responses(struct arena *arena, const struct val *agr, unsigned depth)
{
	const struct val *list = val_find(agr, "m2m:rsp");

	if (!list || list->kind != VAL_ARR)
		return SLICE("m2m:agr holds a list m2m:rsp");
	val_each (list, rsp) {
		uint64_t rsc;
		struct slice rqi;
		const struct val *pc = val_find(rsp, "pc");

		if (!val_is_uint(val_find(rsp, "rsc"), &rsc))
			return SLICE("an aggregated response has a number rsc");
		if (!val_is_str(val_find(rsp, "rqi"), &rqi))
			return SLICE("an aggregated response has a text rqi");
		struct slice fault =
		        pc ? inspect_content(arena, pc, INSPECT_PART, depth + 1) : (struct slice){0};

		if (fault.len)
			return fault;
	}
	return (struct slice){0};
}

static struct slice inspect_content(struct arena *arena, const struct val *pc, enum inspect_how how,
                                    unsigned depth)
{
	const struct val *inner;

	if (depth > INSPECT_DEPTH)
		return (struct slice){0};
	if (pc->kind != VAL_OBJ || pc->count != 1)
		return SLICE("the content has exactly one member");
	struct slice root = pc->first->name;

	if (inspect_is_other(root))
		return (struct slice){0};
	if (slice_is_text(root, "m2m:rce")) {
		inner = pc->first->first;
		while (inner && !inspect_is_root(inner->name))
			inner = inner->next;
		if (!inner || !val_find(pc->first, "uri"))
			return SLICE("m2m:rce holds a resource and its uri");
		struct val *one = val_obj(arena);

		val_put(one, inner->name, val_copy(arena, inner));
		return inspect_content(arena, one, INSPECT_PART, depth + 1);
	}
	if (slice_is_text(root, "m2m:agr"))
		return inspect_responses(arena, pc->first, depth);
	if (slice_is_text(root, "m2m:rqp") || slice_is_text(root, "m2m:rsp"))
		return (struct slice){0};
	const struct type *type = type_by_root(root);

	if (!type)
		return arena_printf(arena, "no resource and no other content is called %.*s",
		                    SLICE_ARG(root));
	return inspect_resource(arena, type, pc->first, how, depth);
}

struct slice inspect_part(struct arena *arena, const struct val *rep)
{
	return inspect_content(arena, rep, INSPECT_PART, 0);
}

/* Must the answer hold every mandatory attribute? A plain retrieve of a resource does. */
static bool inspect_is_whole(const struct call *call, const struct reply *reply)
{
	if (call->op != 2 || reply->rsc != RSC_OK || memchr(call->to.ptr, '#', call->to.len) || call->pc ||
	    call->text.ptr)
		return false;
	for (size_t i = 0; i < call->param_count; i++) {
		struct slice name = call->params[i].name, value = call->params[i].value;

		if (slice_is_text(name, "atrl") || slice_is_text(name, "fu"))
			return false;
		if (slice_is_text(name, "rcn") && !slice_is_text(value, "1") && !slice_is_text(value, "4") &&
		    !slice_is_text(value, "5"))
			return false;
	}
	return true;
}

/* The parameters every answer carries. */
static struct slice inspect_parameters(struct arena *arena, const struct call *call,
                                       const struct reply *reply)
{
	if (!reply->rsc)
		return SLICE("the answer says no response status code (rsc)");
	if (!strcmp(rsc_name(reply->rsc), "UNKNOWN"))
		return arena_printf(arena, "%d is no response status code", reply->rsc);
	if (reply->http && reply->http != rsc_http(reply->rsc))
		return arena_printf(arena, "%d goes with HTTP %d, not %d", reply->rsc, rsc_http(reply->rsc),
		                    reply->http);
	if (call->rqi.ptr && (!reply->rqi || !slice_is_text(call->rqi, reply->rqi)))
		return arena_printf(arena, "the request identifier was \"%.*s\", the answer's is \"%s\"",
		                    SLICE_ARG(call->rqi), reply->rqi ? reply->rqi : "");
	if (!reply->rvi && call->rvi.ptr && !slice_is_text(call->rvi, "1"))
		return SLICE("the answer says no release (rvi)");
	return (struct slice){0};
}

struct slice inspect_reply(struct arena *arena, const struct call *call, const struct reply *reply)
{
	if (reply->error)
		return (struct slice){0};
	struct slice fault = inspect_parameters(arena, call, reply);

	if (fault.len)
		return fault;
	if (reply->form_fault)
		return slice_of(reply->form_fault);
	if (reply->body_fault)
		return arena_printf(arena, "the content cannot be read: %s", reply->body_fault);
	if (!reply->pc)
		return (struct slice){0};
	return inspect_content(arena, reply->pc, inspect_is_whole(call, reply) ? INSPECT_WHOLE : INSPECT_PART,
	                       0);
}
