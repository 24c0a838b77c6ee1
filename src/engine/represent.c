/* SPDX-License-Identifier: Apache-2.0 */
/* Writing resources: first the attributes that are fields of ours, then those kept as they came. */
#include "engine/represent.h"

#include "base/clock.h"
#include "engine/box.h"
#include "engine/engine_private.h"

static void add_text(struct buf *buf, const char *name, struct slice text)
{
	buf_add_slice(buf, slice_of(name));
	json_write_str(buf, text);
}

static void add_number(struct buf *buf, const char *name, uint64_t n)
{
	buf_add_slice(buf, slice_of(name));
	buf_add_u64(buf, n);
}

static void add_time(struct buf *buf, const char *name, int64_t us)
{
	char *at;
	buf_add_slice(buf, slice_of(name));
	at = buf_room(buf, CLOCK_TEXT + 2);
	at[0] = '"';
	clock_print(us, at + 1);
	at[CLOCK_TEXT + 1] = '"';
	buf->len += CLOCK_TEXT + 2;
}

static void add_box(struct buf *buf, const struct node *node)
{
	const struct box *box = node->box;
	add_number(buf, ",\"st\":", box->s.st);
	if (node->type->number == TYPE_FCNT && !box->fcied)
		return;
	add_number(buf, ",\"cni\":", box->s.cni);
	add_number(buf, ",\"cbs\":", box->s.cbs);
}

void represent_node(struct buf *buf, const struct engine *engine, const struct node *node)
{
	add_text(buf, "\"rn\":", node->rn);
	add_number(buf, ",\"ty\":", node->type->number);
	add_text(buf, ",\"ri\":", node->ri);
	add_text(buf, ",\"pi\":", node->parent ? node->parent->ri : SLICE(""));
	add_time(buf, ",\"ct\":", node->ct);
	add_time(buf, ",\"lt\":", node->lt);
	if (node->et)
		add_time(buf, ",\"et\":", node->et);
	if (node->box)
		add_box(buf, node);
	if (!node->parent)
		add_time(buf, ",\"ctm\":", clock_now());
	if (node->body.len) {
		buf_add_char(buf, ',');
		buf_add_slice(buf, node->body);
	}
}

void represent_inst(struct buf *buf, const struct node *node, const struct store_inst *inst)
{
	char text[BOX_ID_TEXT];
	struct slice ri = box_print_id(node, inst, text);
	add_text(buf, "\"rn\":", inst->rn.len ? inst->rn : ri);
	add_number(buf, ",\"ty\":", inst->ty);
	add_text(buf, ",\"ri\":", ri);
	add_text(buf, ",\"pi\":", node->ri);
	add_time(buf, ",\"ct\":", inst->ct);
	add_time(buf, ",\"lt\":", inst->lt);
	add_time(buf, ",\"et\":", inst->et);
	if (inst->ty == TYPE_CIN)
		add_number(buf, ",\"st\":", inst->st);
	add_number(buf, ",\"cs\":", inst->cs);
	if (inst->cr.len)
		add_text(buf, inst->ty == TYPE_CIN ? ",\"cr\":" : ",\"org\":", inst->cr);
	if (inst->body.len) {
		buf_add_char(buf, ',');
		buf_add_slice(buf, inst->body);
	}
}

static struct val *read_back(struct buf *buf, struct arena *arena)
{
	struct val *v;
	buf_add_char(buf, '}');
	if (json_read(arena, buf_slice(buf), &json_limits_own, NULL, &v))
		return val_obj(arena); /* cannot be: we wrote it */
	return v;
}

struct val *represent_node_val(const struct engine *engine, const struct node *node, struct arena *arena)
{
	struct buf buf;
	buf_init(&buf, arena);
	buf_add_char(&buf, '{');
	represent_node(&buf, engine, node);
	return read_back(&buf, arena);
}

struct val *represent_inst_val(const struct node *node, const struct store_inst *inst, struct arena *arena)
{
	struct buf buf;
	buf_init(&buf, arena);
	buf_add_char(&buf, '{');
	represent_inst(&buf, node, inst);
	return read_back(&buf, arena);
}

struct val *represent_wrap(struct arena *arena, const char *root, struct slice members)
{
	struct val *pc = val_obj(arena);
	val_put(pc, slice_of(root), val_json(arena, members));
	return pc;
}

struct val *represent_node_pc(const struct engine *engine, const struct node *node, struct arena *arena)
{
	struct buf buf;
	buf_init(&buf, arena);
	buf_room(&buf, 320 + node->body.len);
	buf_add_char(&buf, '{');
	represent_node(&buf, engine, node);
	buf_add_char(&buf, '}');
	return represent_wrap(arena, node->type->root, buf_slice(&buf));
}

const struct type *represent_inst_type(const struct node *node, const struct store_inst *inst)
{
	/* The instances of a specialization carry its name. */
	const struct type *own = inst->ty == TYPE_FCI ? type_instance(node->type) : NULL;
	return own ? own : type_find(inst->ty);
}

struct val *represent_inst_pc(const struct node *node, const struct store_inst *inst, struct arena *arena)
{
	struct buf buf;
	buf_init(&buf, arena);
	buf_room(&buf, 360 + inst->body.len);
	buf_add_char(&buf, '{');
	represent_inst(&buf, node, inst);
	buf_add_char(&buf, '}');
	return represent_wrap(arena, represent_inst_type(node, inst)->root, buf_slice(&buf));
}

struct val *represent_ref(const struct engine *engine, const struct node *node, const struct store_inst *inst,
                          int drt, struct arena *arena)
{
	struct val *ref = val_obj(arena);
	struct slice name = inst ? box_name(node, inst, arena) : node->rn;
	struct slice address;
	if (drt == 2)
		address = inst ? box_id(node, inst, arena) : node->ri;
	else
		address = inst ? arena_printf(arena, "%.*s/%.*s", SLICE_ARG(tree_path(node, arena)),
		                              SLICE_ARG(name))
		               : tree_path(node, arena);
	val_put(ref, SLICE("nm"), val_str(arena, name));
	val_put(ref, SLICE("typ"), val_int(arena, inst ? inst->ty : node->type->number));
	val_put(ref, SLICE("val"), val_str(arena, address));
	if (!inst && type_has(node->type, TRAIT_SPECIALIZED) && node->type->definition)
		val_put(ref, SLICE("spty"), val_str(arena, slice_of(node->type->definition)));
	return ref;
}
