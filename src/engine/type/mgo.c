/* SPDX-License-Identifier: Apache-2.0 */
/* <mgmtObj>: data of a device, in one of its specializations. TS-0001 9.6.15 */
#include "engine/engine_private.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

static enum step_result may_create(struct req *req)
{
	const struct val *mgd = val_find(req->rep, "mgd"), *mgs = val_find(req->rep, "mgs");
	if (req->type->definition && !slice_is_text(mgd->text, req->type->definition))
		return req_refuse(req, RSC_BAD_REQUEST, "mgd: %.*s does not belong to %s, expected %s",
		                  SLICE_ARG(mgd->text), req->type->root, req->type->definition);
	if (mgs)
		return req_refuse(req, RSC_BAD_REQUEST, "mgs: goes with mgd 0 only");
	return STEP_NEXT;
}

const struct type_ops type_ops_mgo = {.number = TYPE_MGO, .may_create = may_create};
