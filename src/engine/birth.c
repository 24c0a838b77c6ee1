/* SPDX-License-Identifier: Apache-2.0 */
/* The CSEBase is not created by any request: it is written here, once, and its changeable attributes anew at
 * every start. TS-0001 9.6.3 */
#include "engine/birth.h"

#include "base/clock.h"
#include "base/log.h"
#include "codec/json.h"
#include "engine/engine_private.h"
#include "engine/tree_private.h"
#include "engine/type_ops.h"
#include "model/rsc.h"

/* Everybody may see the CSEBase and find what he may find; make a policy or a node of his own below it. */
static const char acp_body[] = "\"pv\":{\"acr\":[{\"acor\":[\"all\"],\"acop\":34},"
                               "{\"acor\":[\"all\"],\"acop\":1,\"acod\":[{\"chty\":[1,14]}]}]},"
                               "\"pvs\":{\"acr\":[{\"acor\":[\"%s\"],\"acop\":63}]}";

static void add_number(struct buf *buf, size_t *count, const struct type *type)
{
	if (type)
		buf_printf(buf, "%s%u", (*count)++ ? "," : "", type->number);
}

/* Those that do what they should, then their announced twins. */
static void add_supported_types(struct buf *buf)
{
	size_t count = 0;
	buf_add_lit(buf, ",\"srt\":[");
	for (uint32_t number = 1; number < 100; number++) {
		const struct type *type = type_find(number);
		if (type && !type_has(type, TRAIT_RECORD))
			add_number(buf, &count, type);
	}
	for (uint32_t number = 1; number < 100; number++) {
		const struct type *type = type_find(number);
		if (type && !type_has(type, TRAIT_RECORD))
			add_number(buf, &count, type_twin(type));
	}
	buf_add_lit(buf, "]");
}

static void add_poa(struct buf *buf, const char *const *poa)
{
	buf_add_lit(buf, ",\"poa\":[");
	for (size_t i = 0; poa && poa[i]; i++) {
		buf_add(buf, ",", i ? 1 : 0);
		json_write_str(buf, slice_of(poa[i]));
	}
	buf_add_lit(buf, "]");
}

static void write_base(struct buf *buf, const struct engine *engine, struct slice acpi)
{
	buf_printf(buf, "\"cst\":%d,\"csi\":", engine->config.cse_type);
	json_write_str(buf, engine->self.csi);
	add_supported_types(buf);
	add_poa(buf, engine->config.poa);
	buf_add_lit(buf,
	            ",\"csz\":[\"json\",\"cbor\",\"xml\"],\"srv\":[\"2a\",\"3\",\"4\",\"5\"],\"acpi\":[");
	json_write_str(buf, acpi);
	buf_add_char(buf, ']');
}

static struct node *make_base(struct engine *engine)
{
	const struct node_seed seed = {
	        .type = type_find(TYPE_CB),
	        .no = tree_take_no(&engine->tree),
	        .ct = clock_now(),
	        .ri = slice_skip(engine->self.csi, 1),
	        .rn = engine->self.name,
	};
	struct node *base = tree_make(&engine->tree, &seed);
	base->extra = engine;
	tree_put(&engine->tree, base);
	return base;
}

static struct node *make_policy(struct engine *engine, struct arena *arena)
{
	const char *admin = engine->config.admin && *engine->config.admin ? engine->config.admin : "CAdmin";
	int64_t now = clock_now();
	const struct node_seed seed = {
	        .parent = engine->tree.base,
	        .type = type_find(TYPE_ACP),
	        .ct = now,
	        .et = now + engine->config.max_lifetime_us,
	        .rn = SLICE("acp-cse"),
	        .owner = engine->self.csi,
	        .body = arena_printf(arena, acp_body, admin),
	};
	return tree_add(&engine->tree, &seed);
}

int birth_base(struct engine *engine, struct why *why)
{
	struct tree *tree = &engine->tree;
	struct arena arena;
	int r = 0;
	arena_init(&arena);
	if (!tree->base) {
		make_base(engine);
		r = type_ops_find(TYPE_ACP)->compile(engine, make_policy(engine, &arena), why);
		log_info("engine", "a new CSE %.*s is born", SLICE_ARG(engine->self.csi));
	} else if (!slice_is(tree->base->ri, slice_skip(engine->self.csi, 1)) ||
	           !slice_is(tree->base->rn, engine->self.name)) {
		r = refuse(why, RSC_BAD_REQUEST,
		           "the store belongs to CSE /%.*s named %.*s, not to %.*s named %.*s: set --cse-id "
		           "and --cse-name "
		           "as they were, or use another --data-dir",
		           SLICE_ARG(tree->base->ri), SLICE_ARG(tree->base->rn), SLICE_ARG(engine->self.csi),
		           SLICE_ARG(engine->self.name));
	}
	arena_finish(&arena);
	if (!r)
		birth_refresh(engine);
	return r;
}

void birth_refresh(struct engine *engine)
{
	struct tree *tree = &engine->tree;
	const struct node *acp = tree_child(tree, tree->base, SLICE("acp-cse"));
	struct buf body;
	buf_init(&body, NULL);
	write_base(&body, engine, acp ? acp->ri : SLICE("acp-cse"));
	if (!slice_is(tree->base->body, buf_slice(&body)))
		tree_change(tree, tree->base, buf_slice(&body), clock_now(), 0);
	buf_finish(&body);
}
