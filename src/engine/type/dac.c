/* SPDX-License-Identifier: Apache-2.0 */
/* <dynamicAuthorizationConsultation>: where to ask when the policies say no (consult.c asks).
 * TS-0001 9.6.40, TS-0004 7.4.36 */
#include "engine/type/dac.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/engine_private.h"
#include "model/rsc.h"

#define DAC_POINTS_MOST 8

static enum step_result dac_check(struct req *req)
{
	const struct val *dap = val_find(req->rep, "dap");

	if (dap && dap->kind == VAL_ARR && dap->count > DAC_POINTS_MOST)
		return req_refuse(req, RSC_BAD_REQUEST, "dap: at most %d points of access", DAC_POINTS_MOST);
	return STEP_NEXT;
}

static enum step_result dac_may_create(struct req *req)
{
	return dac_check(req);
}

static enum step_result dac_may_update(struct req *req, struct val *next)
{
	return dac_check(req);
}

const struct val *dac_points(const struct node *node, int64_t now, struct arena *arena, int64_t *ret_until)
{
	const struct val *body = node_body(node, arena), *dal = val_find(body, "dal");
	bool enabled = false;

	*ret_until = 0;
	if (!val_is_bool(val_find(body, "dae"), &enabled) || !enabled || (node->et && node->et <= now))
		return NULL;
	if (dal && (!clock_parse(dal->text, ret_until) || *ret_until <= now))
		return NULL;
	return val_find(body, "dap");
}

static int dac_compile(struct engine *engine, struct node *node, struct why *why)
{
	if (!node->extra)
		node->extra = mem_zero(1, sizeof(struct dac));
	return 0;
}

static void dac_forget(struct engine *engine, struct node *node)
{
	free(node->extra);
	node->extra = NULL;
}

const struct type_ops type_ops_dac = {
        .number = TYPE_DAC,
        .may_create = dac_may_create,
        .may_update = dac_may_update,
        .compile = dac_compile,
        .forget = dac_forget,
};
