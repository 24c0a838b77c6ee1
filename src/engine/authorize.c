/* SPDX-License-Identifier: Apache-2.0 */
/* The fourth step: do the policies allow it? (Pacts, consents and the ledger will stand here too.)
 * TS-0001 11.3 */
#include <errno.h>

#include "engine/box.h"
#include "engine/consult.h"
#include "engine/engine_private.h"
#include "engine/filter.h"
#include "engine/grant.h"
#include "engine/steps.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

static int decide(struct req *req, struct access_ask *ask, const char *what)
{
	while (!access_permits(req->engine, req->target, ask)) {
		int result = consult_denied(req, req->target, ask, "%.*s may not %s %.*s", SLICE_ARG(req->fr),
		                            what, SLICE_ARG(prim_text(&req->in, PRIM_to)));
		if (result != STEP_NEXT)
			return result;
	}
	return STEP_NEXT;
}

static int authorize_create(struct req *req)
{
	int64_t ty = prim_int(&req->in, PRIM_ty, 0);
	req->type = ty > 0 && ty < 100000 ? type_find((uint32_t)ty) : NULL;
	/* Registration is open; a service subscription would stand here. TS-0001 10.2.2.2 */
	if (ty == TYPE_AE || ty == TYPE_CSR)
		return STEP_NEXT;
	struct access_ask ask;
	access_ask_of(&ask, req, ACCESS_CREATE);
	/* A polling channel is made by the one it belongs to. */
	if (ty == TYPE_PCH && slice_is(req->from, req->target->owner))
		return STEP_NEXT;
	return decide(req, &ask, "create below");
}

/* Who says whom to ask when the policies say no changes the policies: daci needs the rights of acpi, too. */
static int authorize_update(struct req *req)
{
	struct access_ask ask;
	access_ask_of(&ask, req, ACCESS_UPDATE);
	bool acpi = val_find(req->rep, "acpi") != NULL, daci = val_find(req->rep, "daci") != NULL;
	if (acpi && req->rep->count > 1)
		return req_refuse(req, RSC_BAD_REQUEST, "acpi: must be the only attribute of an update");
	if ((acpi || daci) && !access_permits_acpi(req->engine, req->target, &ask))
		return req_refuse(
		        req, RSC_ORIGINATOR_HAS_NO_PRIVILEGE,
		        "%.*s may not change the policies of %.*s: no access control policy allows it",
		        SLICE_ARG(req->fr), SLICE_ARG(prim_text(&req->in, PRIM_to)));
	return acpi ? STEP_NEXT : decide(req, &ask, "update");
}

/* Back from asking: what was fetched may have gone meanwhile. */
static int fetch_again(struct req *req)
{
	if (!req->seq || req->virtual_child)
		return STEP_NEXT;
	int r = box_get(&req->engine->tree, req->target, req->seq, req->now, &req->arena, req->inst);
	if (r == -ENOENT)
		return req_refuse(req, RSC_NOT_FOUND, "to: the resource was deleted meanwhile");
	return r ? req_fail(req, r) : STEP_NEXT;
}

int step_authorize(struct req *req)
{
	struct access_ask ask;
	int r = grant_is_claimed(req) ? grant_read(req) : 0;
	if (r)
		return req_fail(req, r);
	if (req->consult && fetch_again(req) == STEP_DONE)
		return STEP_DONE;
	if (req->virtual_child)
		return STEP_NEXT; /* each authorizes by itself: fopt asks otherwise than la */
	switch (req->op) {
	case OP_CREATE:
		return authorize_create(req);
	case OP_UPDATE:
		return authorize_update(req);
	case OP_RETRIEVE:
		if (filter_is_discovery(req->filter))
			return STEP_NEXT; /* asks for DISCOVERY, of every hit */
		access_ask_of(&ask, req, ACCESS_RETRIEVE);
		return decide(req, &ask, "retrieve");
	case OP_DELETE:
		access_ask_of(&ask, req, ACCESS_DELETE);
		return decide(req, &ask, "delete");
	case OP_NOTIFY:
		access_ask_of(&ask, req, ACCESS_NOTIFY);
		return decide(req, &ask, "notify");
	}
	return STEP_NEXT;
}
