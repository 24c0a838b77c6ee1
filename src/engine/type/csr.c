/* SPDX-License-Identifier: Apache-2.0 */
/* <remoteCSE>: the record of another CSE that registered here, and the way to those below it. TS-0001 9.6.4
 */
#include "engine/type/csr.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

enum { IN_CSE = 1, ASN_CSE = 3 };

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
	int64_t cst = 0;
	if (engine->config.cse_type != IN_CSE && val_is_int(val_find(req->rep, "cst"), &cst) &&
	    cst == IN_CSE && !req->is_admin)
		return req_refuse(
		        req, RSC_OPERATION_NOT_ALLOWED,
		        "cst: an IN-CSE registers nowhere; only the administrator may say that it is "
		        "our registrar");
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

/* ---- who is reached through it ---- */

/* A CSE-ID that leads to a node; all stand in engine->cses. */
struct csr_name {
	struct slice id; /* stands behind the struct csr */
	struct node *node;
	bool own; /* its csi, not one of dcse */
};

/* node->extra */
struct csr {
	bool release1;
	size_t count;
	struct csr_name names[];
};

static uint64_t csr_hash(const struct engine *engine, struct slice id)
{
	return slice_hash(id, engine->tree.seed);
}

static void csr_forget(struct engine *engine, struct node *node)
{
	struct csr *csr = node->extra;

	if (engine->registrar == node)
		engine->registrar = NULL;
	if (!csr)
		return;
	for (size_t i = 0; i < csr->count; i++)
		map_remove(&engine->cses, csr_hash(engine, csr->names[i].id), &csr->names[i]);
	free(csr);
	node->extra = NULL;
}

static bool csr_speaks_only_first(const struct val *srv)
{
	if (!srv || !srv->first)
		return false;
	val_each (srv, release)
		if (!slice_is(release->text, SLICE("1")))
			return false;
	return true;
}

/* Its own CSE-ID and those of its descendants, SP-relative, in the arena. */
static struct slice *csr_names(const struct engine *engine, const struct val *body, struct arena *arena,
                               size_t *ret_count)
{
	const struct val *csi = val_find(body, "csi"), *dcse = val_find(body, "dcse");
	struct slice *names = arena_array(arena, 1 + (dcse ? dcse->count : 0), struct slice);
	size_t count = 0;

	names[count++] = csi ? id_sp_relative(&engine->self, csi->text, arena) : SLICE("");
	if (dcse)
		val_each (dcse, id)
			names[count++] = id_sp_relative(&engine->self, id->text, arena);
	*ret_count = count;
	return names;
}

static int csr_compile(struct engine *engine, struct node *node, struct why *why)
{
	const struct val *body;
	struct slice *names;
	struct arena arena;
	struct csr *csr;
	size_t count, bytes = 0;
	int64_t cst = 0;
	char *text;

	csr_forget(engine, node);
	arena_init(&arena);
	body = node_body(node, &arena);
	names = csr_names(engine, body, &arena, &count);
	for (size_t i = 0; i < count; i++)
		bytes += names[i].len;
	csr = mem_zero(1, sizeof(*csr) + count * sizeof(csr->names[0]) + bytes);
	text = (char *)&csr->names[count];
	csr->release1 = csr_speaks_only_first(val_find(body, "srv"));
	for (size_t i = 0; i < count; i++) {
		struct slice id = names[i];

		/* What leads back to us is no way. */
		if (!id.len || slice_is(id, engine->self.csi))
			continue;
		csr->names[csr->count] =
		        (struct csr_name){slice_make(memcpy(text, id.ptr, id.len), id.len), node, i == 0};
		map_add(&engine->cses, csr_hash(engine, id), &csr->names[csr->count++]);
		text += id.len;
	}
	if (engine->config.cse_type != IN_CSE && val_is_int(val_find(body, "cst"), &cst) && cst == IN_CSE)
		engine->registrar = node;
	arena_finish(&arena);
	node->extra = csr;
	return 0;
}

struct slice csr_id(const struct id_self *self, const struct id_to *to)
{
	if (to->scope != ID_ABSOLUTE || slice_is(to->sp, self->sp))
		return to->cse;
	return slice_make(to->sp.ptr, to->sp.len + to->cse.len); /* they stand side by side */
}

struct node *csr_named(const struct engine *engine, struct slice cse)
{
	struct node *found = NULL;
	const struct csr_name *name;
	size_t at = 0;

	while ((name = map_next_under(&engine->cses, csr_hash(engine, cse), &at))) {
		if (!slice_is(name->id, cse))
			continue;
		found = name->node;
		if (name->own)
			break;
	}
	return found;
}

struct node *csr_find(const struct engine *engine, struct slice cse)
{
	struct node *found = csr_named(engine, cse);

	return found ? found : engine->registrar;
}

bool csr_is_release1(const struct node *node)
{
	const struct csr *csr = node->extra;

	return csr && csr->release1;
}

const struct type_ops type_ops_csr = {
        .number = TYPE_CSR,
        .may_create = may_create,
        .compile = csr_compile,
        .forget = csr_forget,
};
