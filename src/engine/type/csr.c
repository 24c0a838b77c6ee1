/* SPDX-License-Identifier: Apache-2.0 */
/* <remoteCSE>: the record of another CSE that registered here. Sending to it comes with Mcc. TS-0001 9.6.4 */
#include "engine/engine_private.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

enum { ASN_CSE = 3 };

/* Its CSE-ID: who registers says it with fr; the administrator may name another in csi. */
static struct slice cse_id_of(const struct req *req)
{
	const struct val *csi = val_find(req->rep, "csi");
	return req->is_admin && csi ? csi->text : req->from;
}

static enum step_result may_create(struct req *req)
{
	struct engine *engine = req->engine;
	struct slice csi = cse_id_of(req);
	if (engine->config.cse_type == ASN_CSE)
		return req_refuse(req, RSC_OPERATION_NOT_ALLOWED, "to: an ASN-CSE registers nobody");
	if (!id_is_cse(csi))
		return req_refuse(req, RSC_OPERATION_NOT_ALLOWED,
		                  "fr: only a CSE (an ID such as /mn-1) registers as <remoteCSE>");
	if (slice_is(csi, engine->self.csi))
		return req_refuse(req, RSC_BAD_REQUEST, "fr: %.*s is this CSE itself", SLICE_ARG(csi));
	const struct val *said = val_find(req->rep, "csi");
	if (said && !slice_is(id_sp_relative(&engine->self, said->text, &req->arena), csi))
		return req_refuse(req, RSC_BAD_REQUEST, "csi: %.*s is not the originator %.*s",
		                  SLICE_ARG(said->text), SLICE_ARG(csi));
	bool absolute = slice_starts(csi, SLICE("//"));
	struct slice ri = slice_skip(csi, absolute ? 2 : 1);
	if (absolute) { /* another provider's: no slash may stand in a resource ID */
		char *copy = arena_text(&req->arena, ri);
		for (char *c = copy; *c; c++)
			*c = *c == '/' ? '.' : *c;
		ri.ptr = copy;
	}
	if (tree_by_ri(&engine->tree, ri))
		return req_refuse(req, RSC_ORIGINATOR_HAS_ALREADY_REGISTERED,
		                  "fr: %.*s has registered already", SLICE_ARG(csi));
	req->made_ri = ri;
	req->made_owner = csi;
	val_set(req->rep, SLICE("csi"), val_str(&req->arena, csi));
	return STEP_NEXT;
}

const struct type_ops type_ops_csr = {.number = TYPE_CSR, .may_create = may_create};
