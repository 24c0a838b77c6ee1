/* SPDX-License-Identifier: Apache-2.0 */
/* <AE>: registration gives it its identity. TS-0001 10.2.2.2, TS-0004 7.4.5 */
#include "engine/engine_private.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

/* The part of fr that names the AE here: "Cabc", or what follows our CSE-ID or a lone slash. */
static struct slice stem_of(const struct req *req)
{
	struct slice stem = req->fr, csi = req->engine->self.csi;
	if (slice_starts(stem, csi) && stem.len > csi.len && stem.ptr[csi.len] == '/')
		return slice_skip(stem, csi.len + 1);
	if (stem.len > 1 && stem.ptr[0] == '/' && stem.ptr[1] == 'S')
		return slice_skip(stem, 1);
	return stem;
}

/* A stem nobody has: "C" or "S" and the number of the resource to be. */
static struct slice new_stem(struct req *req, char first)
{
	struct tree *tree = &req->engine->tree;
	struct slice stem;
	do {
		req->made_no = tree_take_no(tree);
		struct slice name = tree_name_of(req->type, req->made_no, &req->arena);
		stem = arena_printf(&req->arena, "%c%.*s", first, SLICE_ARG(name));
	} while (tree_by_ri(tree, stem));
	return stem;
}

static int choose_stem(struct req *req, struct slice *ret)
{
	struct slice stem = stem_of(req);
	/* The administrator registers AEs for others: each gets a name of its own. */
	if (!stem.len || slice_is(stem, SLICE("C")) || req->is_admin)
		*ret = new_stem(req, 'C');
	else if (slice_is(stem, SLICE("S")))
		*ret = new_stem(req, 'S');
	else if (!id_is_ae_stem(stem))
		return req_refuse(req, RSC_BAD_REQUEST,
		                  "fr: \"%.*s\" can't be an AE-ID: expected a stem that starts with C or S, "
		                  "or just C, S or nothing",
		                  SLICE_ARG(req->fr));
	else if (tree_by_ri(&req->engine->tree, stem))
		return req_refuse(req, RSC_ORIGINATOR_HAS_ALREADY_REGISTERED,
		                  "fr: %.*s has registered already", SLICE_ARG(stem));
	else
		*ret = stem;
	return STEP_NEXT;
}

static enum step_result may_create(struct req *req)
{
	struct slice api = val_find(req->rep, "api")->text, stem;
	if (id_is_cse(stem_of(req)))
		return req_refuse(req, RSC_BAD_REQUEST, "fr: a CSE does not register as an AE");
	if (!api.len || !memchr("RrN", api.ptr[0], 3))
		return req_refuse(req, RSC_BAD_REQUEST,
		                  "api: \"%.*s\" is no App-ID: it starts with R (registered) or N (not)",
		                  SLICE_ARG(api));
	if (choose_stem(req, &stem) == STEP_DONE)
		return STEP_DONE;
	req->made_ri = stem;
	req->made_owner = id_sp_relative(&req->engine->self, stem, &req->arena);
	val_set(req->rep, SLICE("aei"), val_str(&req->arena, stem));
	return STEP_NEXT;
}

const struct type_ops type_ops_ae = {.number = TYPE_AE, .may_create = may_create};
