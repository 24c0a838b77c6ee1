/* SPDX-License-Identifier: Apache-2.0 */
/* <contentInstance>: one reading. Made and deleted, never changed. TS-0001 9.6.7, TS-0004 7.4.7 */
#include <inttypes.h>

#include "codec/json.h"
#include "engine/box.h"
#include "engine/engine_private.h"
#include "engine/type/cnt.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

size_t cnt_content_size(struct arena *arena, const struct val *con)
{
	if (con->kind == VAL_STR || con->kind == VAL_NUM)
		return con->text.len;
	struct buf buf;
	buf_init(&buf, arena);
	json_write(&buf, con);
	return buf.len;
}

static enum step_result may_create(struct req *req)
{
	const struct box *box = req->target->box;
	const struct val *con = val_find(req->rep, "con");
	size_t size = cnt_content_size(&req->arena, con);
	if (size > box->mbs)
		return req_refuse(req, RSC_NOT_ACCEPTABLE,
		                  "con: %zu bytes are more than the container may hold (mbs %" PRIu64 ")",
		                  size, box->mbs);
	if (val_find(req->rep, "dcnt"))
		return req_refuse(req, RSC_NOT_IMPLEMENTED, "dcnt: is not supported");
	if (box->mia != INT64_MAX && req->made_et > req->now + box->mia)
		req->made_et = req->now + box->mia;
	val_set(req->rep, SLICE("cs"), val_int(&req->arena, (int64_t)size));
	return STEP_NEXT;
}

const struct type_ops type_ops_cin = {.number = TYPE_CIN, .may_create = may_create};
