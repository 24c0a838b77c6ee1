/* SPDX-License-Identifier: Apache-2.0 */
/* Access control: may this originator do this operation on that resource? TS-0003 7.1 */
#ifndef DURE_ENGINE_ACCESS_H
#define DURE_ENGINE_ACCESS_H

#include "engine/req.h"
#include "engine/tree.h"

enum access_op {
	ACCESS_CREATE = 1,
	ACCESS_RETRIEVE = 2,
	ACCESS_UPDATE = 4,
	ACCESS_DELETE = 8,
	ACCESS_NOTIFY = 16,
	ACCESS_DISCOVERY = 32,
};

/* What is asked. */
struct access_ask {
	struct slice from; /* SP-relative */
	bool is_admin;
	enum access_op op;
	const struct type *child; /* CREATE: what is to be created; else NULL */
	const struct val *names; /* the attributes touched (object members or a list of names), for `aca`; may
	                            be NULL */
	const struct req_peer *peer; /* may be NULL: no address, not authenticated */
	const struct grants *grants; /* roles and permissions besides; may be NULL */
	int64_t now;
};
void access_ask_of(struct access_ask *ask, const struct req *req, enum access_op op);

/* Permit? Instances are decided by their node: pass that. */
bool access_permits(const struct engine *engine, const struct node *node, const struct access_ask *ask);
/* By these policies alone (a list of ACP addresses): macp of a group. Unreachable ones grant nothing. */
bool access_permits_by(const struct engine *engine, const struct val *acpi, const struct node *node,
                       const struct access_ask *ask);
/* UPDATE of acpi itself: selfPrivileges of the policies it names now; without any, the creator. */
bool access_permits_acpi(const struct engine *engine, const struct node *node, const struct access_ask *ask);

/* The role IDs that the policies of a resource name, a list in the arena; NULL: none. */
struct val *access_roles(const struct engine *engine, const struct node *node, struct arena *arena);

/* For type/acp.c: compiles pv and pvs of an ACP node into node->extra. Refuses (4000) rules that are none. */
MUST_CHECK int access_compile(const struct engine *engine, struct node *node, struct why *why);
void access_forget(struct node *node);

#endif
