/* SPDX-License-Identifier: Apache-2.0 */
/* <accessControlPolicy>: its rules are read when it is made or changed, so that a bad one never gets in.
 * TS-0001 9.6.2 */
#include "engine/access_rule.h"
#include "engine/engine_private.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

static int check_rules(struct req *req, const struct val *rep)
{
	struct access_rules rules;
	const struct val *pv = val_find(rep, "pv"), *pvs = val_find(rep, "pvs");
	int r = pv ? access_rule_read(&req->engine->self, pv, &req->arena, &req->why, &rules) : 0;
	if (!r && pvs) {
		r = access_rule_read(&req->engine->self, pvs, &req->arena, &req->why, &rules);
		if (!r && !rules.count)
			r = refuse(&req->why, RSC_BAD_REQUEST,
			           "pvs: needs at least one rule, or nobody could ever change the policy");
	}
	return r ? req_fail(req, r) : STEP_NEXT;
}

static enum step_result may_create(struct req *req)
{
	return check_rules(req, req->rep);
}

static enum step_result may_update(struct req *req, struct val *next)
{
	return check_rules(req, req->rep);
}

static int compile(struct engine *engine, struct node *node, struct why *why)
{
	return access_compile(engine, node, why);
}

static void forget(struct engine *engine, struct node *node)
{
	access_forget(node);
}

const struct type_ops type_ops_acp = {
        .number = TYPE_ACP,
        .may_create = may_create,
        .may_update = may_update,
        .compile = compile,
        .forget = forget,
};
