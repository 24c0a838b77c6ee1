/* SPDX-License-Identifier: Apache-2.0 */
/* What a type does besides holding attributes. A type that only holds has no entry; those that act have a
 * file in type/ and one line in type_ops.c. Every function may be NULL. */
#ifndef DURE_ENGINE_TYPE_OPS_H
#define DURE_ENGINE_TYPE_OPS_H

#include "engine/steps.h"

struct virtual_child {
	const char *name; /* "la" */
	unsigned ops;     /* bit n set: operation n is allowed (1 << OP_RETRIEVE | ...) */
	bool takes_path;  /* the rest of the address belongs to it (fopt/a/b) */
	enum step_result (*run)(struct req *req); /* instead of execute; authorizes by itself */
};

struct type_ops {
	uint32_t number;
	/* CREATE, after check_create: may refuse, complete req->rep (read-only attributes with defaults), or
	 * wait. Called again after a wait. */
	enum step_result (*may_create)(struct req *req);
	/* UPDATE, after check_update: `next` is the body as it would be; may refuse, change it, or wait. */
	enum step_result (*may_update)(struct req *req, struct val *next);
	enum step_result (*may_delete)(struct req *req);
	/* Derives node->extra and the like from the body; called after load, create and update. */
	int (*compile)(struct engine *engine, struct node *node, struct why *why);
	/* After the node was made or changed (once; not at load). */
	void (*created)(struct req *req, struct node *node);
	void (*changed)(struct req *req, struct node *node);
	/* The node is about to go (deletion, expiry); `removed` sees it whole. */
	void (*removed)(struct engine *engine, struct node *node);
	/* Frees extra; also when the engine ends. */
	void (*forget)(struct engine *engine, struct node *node);
	const struct virtual_child *virtual_children; /* ended by name NULL */
};

/* NULL: the type only holds. Announced twins and specializations have the entry of their number. */
const struct type_ops *type_ops_find(uint32_t number);
/* The virtual child of that name below a node of this type, or NULL. */
const struct virtual_child *type_ops_virtual(const struct type *type, struct slice name);

extern const struct type_ops type_ops_acp, type_ops_ae, type_ops_cnt, type_ops_cin, type_ops_csr,
        type_ops_dac, type_ops_fcnt, type_ops_grp, type_ops_pch, type_ops_req, type_ops_rol, type_ops_sch,
        type_ops_sub, type_ops_mgo, type_ops_tk;

#endif
