/* SPDX-License-Identifier: Apache-2.0 */
/* Access control rules, read once and asked often. TS-0003 7.1.3, TS-0001 9.6.2 */
#ifndef DURE_ENGINE_ACCESS_RULE_H
#define DURE_ENGINE_ACCESS_RULE_H

#include "engine/access.h"

enum { ACCESS_ORIGINATORS_MOST = 10000 }; /* entries of all rules of one set together */

struct access_net {
	unsigned char bytes[16];
	unsigned bits;
	bool v6;
};

struct access_circle {
	double latitude, longitude, radius; /* degrees, degrees, metres */
};

struct access_context {
	struct slice *windows;
	size_t window_count;
	struct access_net *nets;
	size_t net_count;
	bool has_nets, has_region;
	bool has_circle;
	struct access_circle circle;
};

struct access_object {
	uint32_t target;      /* 0: any */
	struct slice special; /* cnd or mgd of the target; empty: any */
	uint32_t *children;
	size_t child_count;
};

struct access_rule {
	unsigned ops;
	bool all, authenticated;
	bool has_roles;            /* some originator is a roleID: it has an '@' */
	struct slice *originators; /* SP-relative where they are IDs */
	bool *wild;
	size_t originator_count;
	struct access_context *contexts;
	size_t context_count;
	struct access_object *objects;
	size_t object_count;
	struct slice *names; /* aca */
	size_t name_count;
	bool has_names;
};

struct access_rules {
	struct access_rule *rules;
	size_t count;
};

/* Reads a setOfAcrs; everything in arena. Refuses (4000) what is no rule. */
MUST_CHECK int access_rule_read(const struct id_self *self, const struct val *set, struct arena *arena,
                                struct why *why, struct access_rules *ret);
/* Does some rule permit? target: the node whose policy this is applied to. */
bool access_rule_permits(const struct engine *engine, const struct access_rules *rules,
                         const struct node *target, const struct access_ask *ask);
/* Adds the role IDs it names to the list. */
void access_rule_roles(const struct access_rule *rule, struct val *list, struct arena *arena);

#endif
