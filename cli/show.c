/* SPDX-License-Identifier: Apache-2.0 */
/* Resources as tables and as short values, by the tables of model/. */
#include "cli/show.h"

#include "cli/output.h"
#include "model/type.h"

const struct val *show_representation(const struct val *pc)
{
	if (!pc || pc->kind != VAL_OBJ || pc->count != 1 || pc->first->kind != VAL_OBJ)
		return NULL;
	return pc->first;
}

static void show_object(struct cli *cli, const struct val *rep)
{
	const struct type *type = type_by_root(rep->name);
	struct output_table table;
	printf("%.*s%s%s\n", SLICE_ARG(output_safe(&cli->arena, rep->name)), type ? "  " : "",
	       type ? type->ln : "");
	output_init(&table, &cli->arena, 3);
	val_each (rep, member) {
		const struct attr *attr = type ? type_attr(type, member->name) : NULL;
		struct slice cells[] = {member->name, output_text(&cli->arena, member),
		                        slice_of(attr ? attr->ln : "")};
		output_row(&table, cells);
	}
	output_print(&table, "  ", stdout);
}

static void show_references(struct cli *cli, const struct val *list)
{
	struct output_table table;
	output_init(&table, &cli->arena, 2);
	val_each (list, member) {
		int64_t number = 0;
		const struct val *ty = val_find(member, "typ");
		val_is_int(ty, &number);
		const struct type *type = number > 0 ? type_find((uint32_t)number) : NULL;
		const struct val *where = val_find(member, "val");
		struct slice cells[] = {type ? slice_of(type->sn) : output_text(&cli->arena, ty),
		                        output_text(&cli->arena, where ? where : member)};
		output_row(&table, cells);
	}
	output_print(&table, "", stdout);
}

void show_content(struct cli *cli, const struct val *pc)
{
	if (!pc)
		return;
	if (cli->json) {
		output_json(&cli->arena, pc, stdout);
		return;
	}
	if (pc->kind != VAL_OBJ) {
		printf("%.*s\n", SLICE_ARG(output_safe(&cli->arena, output_text(&cli->arena, pc))));
		return;
	}
	val_each (pc, member) {
		const struct val *references = val_find(member, "rrf");
		if (references && references->kind == VAL_ARR)
			show_references(cli, references);
		else if (member->kind == VAL_OBJ)
			show_object(cli, member);
		else if (member->kind == VAL_ARR)
			val_each (member, entry) {
				struct slice text = output_text(&cli->arena, entry);
				printf("%.*s\n", SLICE_ARG(output_safe(&cli->arena, text)));
			}
		else
			printf("%.*s\n",
			       SLICE_ARG(output_safe(&cli->arena, output_text(&cli->arena, member))));
	}
}

/* The attributes that every flexContainer has say nothing about the device. */
static bool is_housekeeping(struct slice sn)
{
	const struct type *type = type_find(TYPE_FCNT);
	return slice_is(sn, SLICE("dgt")) || slice_is(sn, SLICE("ch")) || (type && type_attr(type, sn)) ||
	       memchr(sn.ptr, ':', sn.len);
}

struct slice show_value(struct arena *arena, struct slice root, const struct val *rep)
{
	struct buf buf;
	const struct val *con = val_find(rep, "con");
	const struct type *type = type_by_root(root);
	int64_t ty = 0;
	if (con)
		return output_safe(arena, output_text(arena, con));
	if (!rep || rep->kind != VAL_OBJ)
		return SLICE("");
	val_is_int(val_find(rep, "ty"), &ty);
	if (type)
		ty = type->number;
	if (ty != TYPE_FCNT)
		return SLICE("");
	buf_init(&buf, arena);
	val_each (rep, member) {
		if (!member->name.len || is_housekeeping(member->name))
			continue;
		if (buf.len)
			buf_add_char(&buf, ' ');
		buf_add_slice(&buf, member->name);
		buf_add_char(&buf, '=');
		buf_add_slice(&buf, output_text(arena, member));
	}
	return output_safe(arena, buf_slice(&buf));
}
