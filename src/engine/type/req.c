/* SPDX-License-Identifier: Apache-2.0 */
/* <request>: written by nonblocking.c alone. TS-0001 9.6.12 */
#include "engine/type_ops.h"
#include "model/rsc.h"

static enum step_result may_update(struct req *req, struct val *next)
{
	return req_refuse(req, RSC_OPERATION_NOT_ALLOWED, "to: a <request> is written by the CSE alone");
}

const struct type_ops type_ops_req = {.number = TYPE_REQ, .may_update = may_update};
