/* SPDX-License-Identifier: Apache-2.0 */
/* The rules between the attributes of a subscription: which event types go together with which content types
 * and which criteria. TS-0001 9.6.8, TS-0004 7.4.8 */
#include "engine/type/sub_rules.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/url.h"
#include "engine/type/sub.h"
#include "model/rsc.h"

#define SUB_TARGETS_MOST 100  /* in nu */
#define SUB_LIST_MOST    1000 /* in atr, chty, om */
#define BIT(n)           (1u << (n))

/* Which content types each event type allows, and the one that it has when none is named. */
static const struct sub_net_rule {
	unsigned allowed;
	int usual;
} sub_net_rules[] = {
        [NET_UPDATE] = {BIT(NCT_ALL) | BIT(NCT_MODIFIED) | BIT(NCT_ID), NCT_ALL},
        [NET_DELETE] = {BIT(NCT_ALL) | BIT(NCT_ID), NCT_ALL},
        [NET_CREATE_CHILD] = {BIT(NCT_ALL) | BIT(NCT_ID), NCT_ALL},
        [NET_DELETE_CHILD] = {BIT(NCT_ALL) | BIT(NCT_ID), NCT_ALL},
        [NET_RETRIEVE_NOTHING] = {BIT(NCT_ALL) | BIT(NCT_ID), NCT_ALL},
        [NET_TRIGGER] = {BIT(4), 4},
        [NET_BLOCKING_UPDATE] = {BIT(NCT_MODIFIED), NCT_MODIFIED},
        [NET_MISSING_DATA] = {BIT(5), 5},
};
enum { NET_COUNT = sizeof(sub_net_rules) / sizeof(sub_net_rules[0]) };

static int sub_rules_monitors(const struct val *om, struct why *why)
{
	val_each (om, one)
		if (!val_find(one, "ops") && !val_find(one, "or"))
			return refuse(why, RSC_BAD_REQUEST, "enc/om: each needs ops, or, or both");
	return 0;
}

int sub_rules_nets(const struct val *enc, uint32_t *ret_nets, struct why *why)
{
	const struct val *net = val_find(enc, "net"), *om = val_find(enc, "om");
	uint32_t nets = 0;

	if (net && om)
		return refuse(why, RSC_BAD_REQUEST, "enc: net and om exclude each other");
	if (net)
		val_each (net, one) {
			int64_t n;

			if (!val_is_int(one, &n) || n < 1 || n >= NET_COUNT)
				return refuse(why, RSC_BAD_REQUEST, "enc/net: expected numbers from 1 to %d",
				              NET_COUNT - 1);
			nets |= BIT(n);
		}
	if (om && sub_rules_monitors(om, why))
		return why ? why->rsc : RSC_BAD_REQUEST;
	*ret_nets = nets || om ? nets : BIT(NET_UPDATE);
	return 0;
}

int sub_rules_nct(uint32_t nets)
{
	for (int n = 1; n < NET_COUNT; n++)
		if (nets & BIT(n))
			return sub_net_rules[n].usual;
	return NCT_ALL;
}

static int sub_rules_content(const struct val *rep, uint32_t nets, struct why *why)
{
	unsigned allowed = nets ? ~0u : BIT(NCT_ALL) | BIT(NCT_MODIFIED) | BIT(NCT_ID);
	int64_t nct = sub_rules_nct(nets);

	for (int n = 1; n < NET_COUNT; n++)
		if (nets & BIT(n))
			allowed &= sub_net_rules[n].allowed;
	(void)val_is_int(val_find(rep, "nct"), &nct);
	if (nct < 1 || nct > 31 || !(allowed & BIT(nct)))
		return refuse(why, RSC_BAD_REQUEST,
		              "nct: %" PRId64 " does not go with the event types in enc/net", nct);
	return 0;
}

static int sub_rules_child_types(const struct node *parent, const struct val *chty, struct why *why)
{
	val_each (chty, one) {
		uint64_t number = 0;

		if (!val_is_uint(one, &number) || number > UINT32_MAX ||
		    !type_may_hold(parent->type, (uint32_t)number))
			return refuse(why, RSC_BAD_REQUEST,
			              "enc/chty: a <%s> can't have a child of type %" PRIu64,
			              parent->type->ln, number);
	}
	return 0;
}

/* Events that only some resources know, and criteria that nobody here evaluates. */
static int sub_rules_special(const struct node *parent, const struct val *enc, uint32_t nets, struct why *why)
{
	bool missing = nets & BIT(NET_MISSING_DATA), md = val_find(enc, "md") != NULL;

	if ((md || missing) && parent->type->number != TYPE_TS)
		return refuse(why, RSC_BAD_REQUEST, "enc: md and net 8 are for a <timeSeries>");
	if (md != missing)
		return refuse(why, RSC_BAD_REQUEST, "enc: md and net 8 need each other");
	if (nets & BIT(NET_TRIGGER) && parent->type->number != TYPE_AE)
		return refuse(why, RSC_BAD_REQUEST, "enc/net: 6 is for an <AE>");
	if (nets & BIT(NET_TRIGGER))
		return refuse(why, RSC_NOT_IMPLEMENTED, "enc/net: 6 (triggers) is not supported");
	if (val_find(enc, "aq"))
		return refuse(why, RSC_NOT_IMPLEMENTED, "enc/aq: is not supported");
	return 0;
}

static int sub_rules_criteria(const struct node *parent, const struct val *enc, uint32_t nets,
                              struct why *why)
{
	static const char *const lists[] = {"atr", "chty", "om"};
	const struct val *chty = val_find(enc, "chty");

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct val *list = val_get(enc, slice_of(lists[i]));

		if (list && list->count > SUB_LIST_MOST)
			return refuse(why, RSC_BAD_REQUEST, "enc/%s: at most %d entries", lists[i],
			              SUB_LIST_MOST);
	}
	if (val_find(enc, "atr") && !(nets & (BIT(NET_UPDATE) | BIT(NET_BLOCKING_UPDATE))))
		return refuse(why, RSC_BAD_REQUEST, "enc/atr: only goes with net 1 and 7");
	if (chty && !(nets & (BIT(NET_CREATE_CHILD) | BIT(NET_DELETE_CHILD))))
		return refuse(why, RSC_BAD_REQUEST, "enc/chty: only goes with net 3 and 4");
	if (chty && sub_rules_child_types(parent, chty, why))
		return why->rsc;
	return sub_rules_special(parent, enc, nets, why);
}

/* A blocking update is asked of one entity, and nothing else is wished for. TS-0001 9.6.8 */
static int sub_rules_blocking(const struct val *rep, const struct val *enc, uint32_t nets, struct why *why)
{
	static const char *const others[] = {"exc", "gpi", "nfu", "bn",   "rl",  "psn",  "pn", "nsp",
	                                     "ln",  "nec", "su",  "acrs", "nse", "eeno", "ma"};
	const struct val *nu = val_find(rep, "nu");

	if (!(nets & BIT(NET_BLOCKING_UPDATE)))
		return 0;
	if (nets != BIT(NET_BLOCKING_UPDATE))
		return refuse(why, RSC_BAD_REQUEST, "enc/net: 7 stands alone");
	if (nu->count != 1 || id_is_url(nu->first->text))
		return refuse(why, RSC_BAD_REQUEST, "nu: net 7 needs exactly one target, a resource ID");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (val_get(rep, slice_of(others[i])))
			return refuse(why, RSC_BAD_REQUEST, "%s: does not go with net 7", others[i]);
	val_each (enc, member)
		if (!slice_is_text(member->name, "net") && !slice_is_text(member->name, "atr"))
			return refuse(why, RSC_BAD_REQUEST, "enc/%.*s: does not go with net 7",
			              SLICE_ARG(member->name));
	return 0;
}

static int sub_rules_duration(const struct val *v, const char *where, struct why *why)
{
	struct slice text;
	int64_t us;

	if (!v)
		return 0;
	if (!val_is_str(v, &text) || !clock_parse_duration(text, &us) || us <= 0)
		return refuse(why, RSC_BAD_REQUEST, "%s: expected a duration above 0, such as PT10S", where);
	return 0;
}

static int sub_rules_flow(const struct val *rep, struct why *why)
{
	const struct val *bn = val_find(rep, "bn"), *rl = val_find(rep, "rl");
	uint64_t n;
	int r;

	if (bn && !val_find(bn, "num") && !val_find(bn, "dur"))
		return refuse(why, RSC_BAD_REQUEST, "bn: needs num, dur, or both");
	if (val_is_uint(val_find(bn, "num"), &n) && n == 0)
		return refuse(why, RSC_BAD_REQUEST, "bn/num: must be above 0");
	if (val_is_uint(val_find(rl, "mnn"), &n) && n == 0)
		return refuse(why, RSC_BAD_REQUEST, "rl/mnn: must be above 0");
	r = sub_rules_duration(val_find(bn, "dur"), "bn/dur", why);
	if (!r)
		r = sub_rules_duration(val_find(rl, "tww"), "rl/tww", why);
	if (!r)
		r = sub_rules_duration(val_find(rep, "ma"), "ma", why);
	return r;
}

/* Targets that are addresses must be ones that can be called. */
static int sub_rules_targets(const struct val *nu, struct why *why)
{
	struct url url;

	if (nu->count > SUB_TARGETS_MOST)
		return refuse(why, RSC_BAD_REQUEST, "nu: at most %d targets", SUB_TARGETS_MOST);
	val_each (nu, target) {
		const char *wrong = id_is_url(target->text) ? url_read(target->text, &url) : NULL;

		if (wrong)
			return refuse(why, RSC_BAD_REQUEST, "nu: \"%.*s\" is no address: %s",
			              SLICE_ARG(url_root(target->text)), wrong);
	}
	return 0;
}

int sub_rules_check(const struct node *parent, const struct val *rep, struct why *why)
{
	const struct val *enc = val_find(rep, "enc"), *nu = val_find(rep, "nu");
	uint32_t nets;
	int r = sub_rules_targets(nu, why);

	if (!r)
		r = sub_rules_nets(enc, &nets, why);
	if (!r)
		r = sub_rules_content(rep, nets, why);
	if (!r)
		r = sub_rules_criteria(parent, enc, nets, why);
	if (!r && enc)
		r = sub_rules_blocking(rep, enc, nets, why);
	if (!r)
		r = sub_rules_flow(rep, why);
	return r;
}
