/* SPDX-License-Identifier: Apache-2.0 */
/* The fourth step: do the policies allow it? (Pacts, consents and the ledger will stand here too.)
 * TS-0001 11.3 */
#include "engine/access.h"
#include "engine/engine_private.h"
#include "engine/filter.h"
#include "engine/steps.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

static int denied(struct req *req, const char *what)
{
	return req_refuse(req, RSC_ORIGINATOR_HAS_NO_PRIVILEGE,
	                  "%.*s may not %s %.*s: no access control policy allows it", SLICE_ARG(req->fr),
	                  what, SLICE_ARG(prim_text(&req->in, PRIM_to)));
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
	return access_permits(req->engine, req->target, &ask) ? STEP_NEXT : denied(req, "create below");
}

static int authorize_update(struct req *req)
{
	struct access_ask ask;
	access_ask_of(&ask, req, ACCESS_UPDATE);
	if (!val_find(req->rep, "acpi"))
		return access_permits(req->engine, req->target, &ask) ? STEP_NEXT : denied(req, "update");
	if (req->rep->count > 1)
		return req_refuse(req, RSC_BAD_REQUEST, "acpi: must be the only attribute of an update");
	return access_permits_acpi(req->engine, req->target, &ask) ? STEP_NEXT
	                                                           : denied(req, "change the policies of");
}

int step_authorize(struct req *req)
{
	struct access_ask ask;
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
		return access_permits(req->engine, req->target, &ask) ? STEP_NEXT : denied(req, "retrieve");
	case OP_DELETE:
		access_ask_of(&ask, req, ACCESS_DELETE);
		return access_permits(req->engine, req->target, &ask) ? STEP_NEXT : denied(req, "delete");
	case OP_NOTIFY:
		access_ask_of(&ask, req, ACCESS_NOTIFY);
		return access_permits(req->engine, req->target, &ask) ? STEP_NEXT : denied(req, "notify");
	}
	return STEP_NEXT;
}
