/* SPDX-License-Identifier: Apache-2.0 */
/* Verification. For an AE that is registered here its policies are asked first, for the creator of the
 * subscription and for this CSE; then the target itself is, over the wire. Targets that are URLs are asked
 * the same way: nobody is notified who did not say yes. */
#include "engine/verify.h"

#include "engine/access.h"
#include "engine/call.h"
#include "engine/deliver.h"
#include "engine/engine_private.h"
#include "engine/type/sub.h"
#include "model/rsc.h"

static struct slice verify_without_slash(struct slice url)
{
	return url.len && url.ptr[url.len - 1] == '/' ? slice_make(url.ptr, url.len - 1) : url;
}

bool verify_is_originator(struct req *req, struct slice target)
{
	struct engine *engine = req->engine;
	const struct node *node;
	const struct val *poa;

	if (!id_is_url(target)) {
		node = call_find(engine, target);
		return slice_is(id_sp_relative(&engine->self, node ? node->ri : target, &req->arena),
		                req->from);
	}
	node = call_find(engine, req->from);
	poa = node ? node_attr(node, SLICE("poa"), &req->arena) : NULL;
	if (poa)
		val_each (poa, url)
			if (slice_is(verify_without_slash(url->text), verify_without_slash(target)))
				return true;
	return false;
}

/* The NOTIFY right on an AE hosted here. The CSE itself needs one only where the AE says who may. */
static enum step_result verify_rights(struct req *req, struct slice target)
{
	struct engine *engine = req->engine;
	const struct node *node = id_is_url(target) ? NULL : call_find(engine, target);
	struct access_ask ask;

	if (!node || node->type->number != TYPE_AE)
		return STEP_NEXT;
	access_ask_of(&ask, req, ACCESS_NOTIFY);
	if (!access_permits(engine, node, &ask))
		return req_refuse(req, RSC_SUBSCRIPTION_CREATOR_HAS_NO_PRIVILEGE,
		                  "nu: %.*s may not notify %.*s", SLICE_ARG(req->fr), SLICE_ARG(target));
	ask.from = engine->self.csi;
	ask.is_admin = false;
	ask.grants = NULL; /* they are the originator's */
	if (node_attr(node, SLICE("acpi"), &req->arena) && !access_permits(engine, node, &ask))
		return req_refuse(req, RSC_SUBSCRIPTION_HOST_HAS_NO_PRIVILEGE,
		                  "nu: this CSE may not notify %.*s", SLICE_ARG(target));
	return STEP_NEXT;
}

static bool verify_knows(const struct val *list, struct slice target)
{
	if (list)
		val_each (list, known)
			if (slice_is(known->text, target))
				return true;
	return false;
}

static void verify_ask(struct req *req, struct deliver_wait *wait, size_t i, struct slice target,
                       struct slice ri)
{
	struct engine *engine = req->engine;
	struct val *pc = val_obj(&req->arena), *sgn = val_put(pc, SLICE("m2m:sgn"), val_obj(&req->arena));
	struct prim request;

	val_put(sgn, SLICE("vrq"), val_bool(&req->arena, true));
	val_put(sgn, SLICE("sur"), val_str(&req->arena, sub_reference(engine, ri, &req->arena)));
	val_put(sgn, SLICE("cr"), val_str(&req->arena, req->fr));
	deliver_request(engine, &req->arena, target, pc, &request);
	deliver_wait_send(wait, i, target, &request);
}

static enum step_result verify_begin(struct req *req, const struct val *nu, const struct val *known,
                                     struct slice ri)
{
	struct slice *targets = arena_array(&req->arena, nu->count + 1, struct slice);
	struct deliver_wait *wait;
	size_t count = 0;

	val_each (nu, target) {
		if (verify_knows(known, target->text) || verify_is_originator(req, target->text))
			continue;
		if (verify_rights(req, target->text) == STEP_DONE)
			return STEP_DONE;
		targets[count++] = target->text;
	}
	if (count == 0)
		return STEP_NEXT;
	wait = deliver_wait_begin(req, count);
	for (size_t i = 0; i < count; i++)
		verify_ask(req, wait, i, targets[i], ri);
	return STEP_WAIT;
}

enum step_result verify_targets(struct req *req, const struct val *nu, const struct val *known,
                                struct slice ri)
{
	struct deliver_wait *wait = req->wait;

	if (!wait)
		return verify_begin(req, nu, known, ri);
	req->wait = NULL;
	for (size_t i = 0; i < wait->count; i++) {
		const struct deliver_answer *answer = &wait->answers[i];

		if (answer->result == 0 && rsc_is_good(answer->rsc))
			continue;
		if (answer->result == 0 && (answer->rsc == RSC_SUBSCRIPTION_CREATOR_HAS_NO_PRIVILEGE ||
		                            answer->rsc == RSC_SUBSCRIPTION_HOST_HAS_NO_PRIVILEGE))
			return req_refuse(req, answer->rsc, "nu: the target says so");
		return req_refuse(req, RSC_SUBSCRIPTION_VERIFICATION_INITIATION_FAILED,
		                  answer->result ? "nu: a target could not be reached for verification"
		                                 : "nu: a target refused the verification");
	}
	return STEP_NEXT;
}
