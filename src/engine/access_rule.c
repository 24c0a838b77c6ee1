/* SPDX-License-Identifier: Apache-2.0 */
/* Reading rules. They were checked against their shape already; what is left is what a shape can't say. */
#include "engine/access_rule.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "model/rsc.h"

static size_t count_of(const struct val *list)
{
	return list && list->kind == VAL_ARR ? list->count : 0;
}

static struct slice *read_texts(const struct val *list, struct arena *arena, size_t *ret_count)
{
	struct slice *texts = arena_array(arena, count_of(list) + 1, struct slice);
	size_t n = 0;
	if (count_of(list))
		val_each (list, item)
			if (item->kind == VAL_STR)
				texts[n++] = arena_copy(arena, item->text);
	*ret_count = n;
	return texts;
}

static int read_net(struct slice text, bool v6, struct access_net *ret, struct why *why)
{
	char address[64];
	struct slice rest = text, host;
	uint64_t bits = v6 ? 128 : 32;
	bool has_bits = memchr(text.ptr, '/', text.len) != NULL;
	slice_cut(&rest, '/', &host);
	if (host.len >= sizeof(address) || (has_bits && (!slice_u64(rest, &bits) || bits > (v6 ? 128 : 32))))
		return refuse(why, RSC_BAD_REQUEST, "acip: %.*s is no address or network", SLICE_ARG(text));
	memcpy(address, host.ptr, host.len);
	address[host.len] = '\0';
	*ret = (struct access_net){.v6 = v6, .bits = (unsigned)bits};
	if (inet_pton(v6 ? AF_INET6 : AF_INET, address, ret->bytes) != 1)
		return refuse(why, RSC_BAD_REQUEST, "acip: %.*s is no address or network", SLICE_ARG(text));
	return 0;
}

static int read_nets(const struct val *acip, struct arena *arena, struct access_context *context,
                     struct why *why)
{
	const struct val *lists[2] = {val_find(acip, "ipv4"), val_find(acip, "ipv6")};
	context->nets = arena_array(arena, count_of(lists[0]) + count_of(lists[1]) + 1, struct access_net);
	context->has_nets = true;
	for (int v6 = 0; v6 < 2; v6++) {
		if (!count_of(lists[v6]))
			continue;
		val_each (lists[v6], item) {
			int r = read_net(item->text, v6, &context->nets[context->net_count++], why);
			if (r)
				return r;
		}
	}
	return 0;
}

static int read_region(const struct val *aclr, struct access_context *context, struct why *why)
{
	const struct val *circle = val_find(aclr, "accr");
	context->has_region = true;
	if (!circle)
		return 0;
	double numbers[3] = {0};
	size_t n = 0;
	if (circle->kind == VAL_ARR && circle->count == 3)
		val_each (circle, item) {
			char text[64] = {0};
			if (item->text.len >= sizeof(text) ||
			    (item->kind != VAL_NUM && item->kind != VAL_STR))
				break;
			memcpy(text, item->text.ptr, item->text.len);
			char *end;
			numbers[n] = strtod(text, &end);
			n += *end == '\0' && end != text;
		}
	if (n != 3)
		return refuse(why, RSC_BAD_REQUEST,
		              "accr: expected three numbers: latitude, longitude, metres");
	context->has_circle = true;
	context->circle = (struct access_circle){numbers[0], numbers[1], numbers[2]};
	return 0;
}

static int read_contexts(const struct val *acco, struct arena *arena, struct access_rule *rule,
                         struct why *why)
{
	/* One context may come as a plain object. */
	const struct val *first = acco->kind == VAL_ARR ? acco->first : acco;
	rule->contexts =
	        arena_array(arena, acco->kind == VAL_ARR ? acco->count + 1 : 1, struct access_context);
	for (const struct val *item = first; item; item = acco->kind == VAL_ARR ? item->next : NULL) {
		struct access_context *context = &rule->contexts[rule->context_count++];
		const struct val *acip = val_find(item, "acip"), *aclr = val_find(item, "aclr");
		const struct val *actw = val_find(item, "actw");
		context->windows = read_texts(actw, arena, &context->window_count);
		int r = acip ? read_nets(acip, arena, context, why) : 0;
		if (!r && aclr)
			r = read_region(aclr, context, why);
		if (r)
			return r;
	}
	return 0;
}

static void read_numbers(const struct val *list, struct arena *arena, struct access_object *object)
{
	object->children = arena_array(arena, count_of(list) + 1, uint32_t);
	int64_t n;
	if (count_of(list))
		val_each (list, item)
			if (val_is_int(item, &n))
				object->children[object->child_count++] = (uint32_t)n;
}

static void read_objects(const struct val *acod, struct arena *arena, struct access_rule *rule)
{
	const struct val *first = acod->kind == VAL_ARR ? acod->first : acod;
	rule->objects = arena_array(arena, acod->kind == VAL_ARR ? acod->count + 1 : 1, struct access_object);
	for (const struct val *item = first; item; item = acod->kind == VAL_ARR ? item->next : NULL) {
		struct access_object *object = &rule->objects[rule->object_count++];
		int64_t n;
		if (val_is_int(val_find(item, "ty"), &n))
			object->target = (uint32_t)n;
		const struct val *spty = val_find(item, "spty");
		if (spty && spty->kind == VAL_OBJ && spty->first)
			spty = spty->first;
		if (spty)
			object->special = arena_copy(arena, spty->text);
		read_numbers(val_find(item, "chty"), arena, object);
	}
}

/* "owner@example.com" and nothing else has an '@'. */
static bool is_role(struct slice entry)
{
	return entry.len && memchr(entry.ptr, '@', entry.len);
}

void access_rule_roles(const struct access_rule *rule, struct val *list, struct arena *arena)
{
	for (size_t i = 0; rule->has_roles && i < rule->originator_count; i++)
		if (is_role(rule->originators[i]))
			val_push(list, val_str(arena, arena_copy(arena, rule->originators[i])));
}

static void read_originators(const struct id_self *self, const struct val *acor, struct arena *arena,
                             struct access_rule *rule)
{
	rule->originators = read_texts(acor, arena, &rule->originator_count);
	rule->wild = arena_array(arena, rule->originator_count + 1, bool);
	for (size_t i = 0; i < rule->originator_count; i++) {
		struct slice *entry = &rule->originators[i];
		if (slice_is(*entry, SLICE("all")))
			rule->all = true;
		if (is_role(*entry)) {
			rule->has_roles = true; /* its text as it is; no wildcards in it */
			continue;
		}
		rule->wild[i] = entry->len && memchr(entry->ptr, '*', entry->len);
		if (!rule->wild[i])
			*entry = arena_copy(arena, id_sp_relative(self, *entry, arena));
	}
}

static int read_rule(const struct id_self *self, const struct val *acr, struct arena *arena,
                     struct access_rule *rule, struct why *why)
{
	int64_t ops = 0;
	const struct val *acco = val_find(acr, "acco"), *acod = val_find(acr, "acod"),
	                 *aca = val_find(acr, "aca");
	read_originators(self, val_find(acr, "acor"), arena, rule);
	if (!val_is_int(val_find(acr, "acop"), &ops) || ops < 0 || ops > 63)
		return refuse(why, RSC_BAD_REQUEST, "acop: expected a number from 0 to 63");
	rule->ops = (unsigned)ops;
	(void)val_is_bool(val_find(acr, "acaf"), &rule->authenticated);
	rule->has_names = aca != NULL;
	rule->names = read_texts(aca, arena, &rule->name_count);
	if (acod)
		read_objects(acod, arena, rule);
	return acco ? read_contexts(acco, arena, rule, why) : 0;
}

int access_rule_read(const struct id_self *self, const struct val *set, struct arena *arena, struct why *why,
                     struct access_rules *ret)
{
	const struct val *acr = val_find(set, "acr");
	*ret = (struct access_rules){arena_array(arena, count_of(acr) + 1, struct access_rule), 0};
	if (!count_of(acr))
		return 0;
	size_t entries = 0;
	val_each (acr, item) {
		struct access_rule *rule = &ret->rules[ret->count++];
		int r = read_rule(self, item, arena, rule, why);
		if (r)
			return r;
		entries += rule->originator_count;
	}
	return entries <= ACCESS_ORIGINATORS_MOST
	               ? 0
	               : refuse(why, RSC_BAD_REQUEST,
	                        "acor: %zu entries in all rules together, at most %d are taken; a group can "
	                        "stand for many",
	                        entries, ACCESS_ORIGINATORS_MOST);
}
