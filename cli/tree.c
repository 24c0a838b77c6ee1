/* SPDX-License-Identifier: Apache-2.0 */
/* tree: one discovery of everything but instances, and the latest value of each container beside it. */
#include "cli/cli.h"
#include "cli/discover.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/values.h"
#include "model/prim.h"
#include "model/type.h"

#include <stdlib.h>

#define TREE_MOST 100000 /* lines nobody reads */

struct tree_node {
	const char *path;
	struct slice name;
	const struct type *type;
	struct slice value;
	size_t depth;
	bool last; /* among its siblings */
};

/* Parents before children, and children of one parent together: compare segment by segment. */
static int by_path(const void *a, const void *b)
{
	const char *x = ((const struct tree_node *)a)->path, *y = ((const struct tree_node *)b)->path;
	while (*x && *x == *y) {
		x++;
		y++;
	}
	int cx = *x == '/' ? 1 : (unsigned char)*x, cy = *y == '/' ? 1 : (unsigned char)*y;
	return cx - cy;
}

/* Asks for every type but instances, of which there may be millions. */
static void add_types(struct buf *query)
{
	size_t at = 0;
	uint32_t before = 0;
	for (const struct type *type; (type = type_next(&at));) {
		if (type->number >= TYPE_ANNOUNCED || type->number == before ||
		    type_has(type, TRAIT_INSTANCE) || type_has(type, TRAIT_VIRTUAL) || type->definition)
			continue;
		before = type->number;
		buf_printf(query, "&ty=%u", type->number);
	}
}

static size_t depth_of(const char *path, size_t skip)
{
	size_t depth = 0;
	for (const char *p = path; *p; p++)
		depth += *p == '/';
	return depth > skip ? depth - skip : 0;
}

static void set_node(struct tree_node *node, const struct discover_hit *hit, size_t skip)
{
	const char *slash = strrchr(hit->path, '/');
	node->path = hit->path;
	node->name = slice_of(slash ? slash + 1 : hit->path);
	node->type = hit->ty > 0 ? type_find((uint32_t)hit->ty) : NULL;
	node->depth = depth_of(hit->path, skip);
}

/* A node is the last of its siblings when no later one of its depth comes before a shallower one. */
static void mark_last(struct tree_node *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t next = i + 1;
		while (next < count && nodes[next].depth > nodes[i].depth)
			next++;
		nodes[i].last = next == count || nodes[next].depth < nodes[i].depth;
	}
}

static int fill_values(struct cli *cli, struct tree_node *nodes, size_t count)
{
	struct values_item *items = arena_array(&cli->arena, count + 1, struct values_item);
	for (size_t i = 0; i < count; i++) {
		uint32_t number = nodes[i].type ? nodes[i].type->number : 0;
		if (number == TYPE_CNT || number == TYPE_FCNT)
			items[i].path = nodes[i].path;
		items[i].newest = number == TYPE_CNT;
	}
	int r = values_fetch(cli, items, count);
	for (size_t i = 0; !r && i < count; i++) {
		if (!items[i].rep)
			continue;
		nodes[i].value = show_value(&cli->arena, items[i].root, items[i].rep);
		if (!items[i].newest && type_by_root(items[i].root))
			nodes[i].type = type_by_root(items[i].root);
	}
	return r;
}

static const char *type_name(const struct tree_node *node)
{
	if (!node->type)
		return "";
	return node->type->definition ? node->type->root : node->type->sn;
}

static void print_tree(struct cli *cli, const char *top, const struct tree_node *nodes, size_t count)
{
	bool open[128] = {false}; /* does the parent at that depth have more children? */
	struct output_table table;
	output_init(&table, &cli->arena, 3);
	struct slice head[] = {slice_of(top), SLICE(""), SLICE("")};
	output_row(&table, head);
	for (size_t i = 0; i < count; i++) {
		struct buf line;
		size_t depth = nodes[i].depth < 127 ? nodes[i].depth : 127;
		buf_init(&line, &cli->arena);
		for (size_t d = 1; d < depth; d++)
			buf_add_slice(&line, open[d] ? SLICE("│  ") : SLICE("   "));
		buf_add_slice(&line, nodes[i].last ? SLICE("└─ ") : SLICE("├─ "));
		buf_add_slice(&line, nodes[i].name);
		open[depth] = !nodes[i].last;
		struct slice cells[] = {buf_slice(&line), slice_of(type_name(&nodes[i])), nodes[i].value};
		output_row(&table, cells);
	}
	output_print(&table, "", stdout);
}

static void print_json(struct cli *cli, const struct tree_node *nodes, size_t count)
{
	struct val *list = val_arr(&cli->arena);
	for (size_t i = 0; i < count; i++) {
		struct val *entry = val_push(list, val_obj(&cli->arena));
		val_put(entry, SLICE("path"), val_str(&cli->arena, slice_of(nodes[i].path)));
		val_put(entry, SLICE("type"), val_str(&cli->arena, slice_of(type_name(&nodes[i]))));
		if (nodes[i].value.len)
			val_put(entry, SLICE("value"), val_str(&cli->arena, nodes[i].value));
	}
	output_json(&cli->arena, list, stdout);
}

/* The structured address of the top, which the children's addresses begin with; what was asked for when there
 * are no children. */
static const char *top_of(struct cli *cli, const struct tree_node *nodes, size_t count, const char *asked)
{
	const char *slash = count ? strrchr(nodes[0].path, '/') : NULL;
	if (!slash)
		return asked;
	return arena_text(&cli->arena, slice_make(nodes[0].path, (size_t)(slash - nodes[0].path)));
}

/* The found ones in the order of drawing. */
static struct tree_node *plant(struct cli *cli, const struct discover *found)
{
	struct tree_node *nodes = arena_array(&cli->arena, found->count + 1, struct tree_node);
	size_t skip = SIZE_MAX;
	for (size_t i = 0; i < found->count; i++) {
		size_t depth = depth_of(found->hits[i].path, 0);
		skip = depth < skip ? depth : skip;
	}
	for (size_t i = 0; i < found->count; i++)
		set_node(&nodes[i], &found->hits[i], skip ? skip - 1 : 0);
	qsort(nodes, found->count, sizeof(*nodes), by_path);
	mark_last(nodes, found->count);
	return nodes;
}

int tree_run(struct cli *cli)
{
	const char *top = cli->operand_count ? cli->operands[0] : "-";
	uint64_t depth;
	struct buf query;
	struct discover found;
	if (!cli_number(cli, OPTION_TREE_depth, 1, 100, 0, &depth))
		return CLI_USAGE;
	buf_init(&query, &cli->arena);
	buf_printf(&query, "fu=1&rcn=6");
	add_types(&query);
	if (depth)
		buf_printf(&query, "&lvl=%llu", (unsigned long long)depth);
	int r = discover_run(cli, top, buf_slice(&query), true, TREE_MOST, &found);
	if (r)
		return r;
	struct tree_node *nodes = plant(cli, &found);
	if (!cli->option[OPTION_TREE_no_values])
		r = fill_values(cli, nodes, found.count);
	if (r)
		return r;
	if (cli->json)
		print_json(cli, nodes, found.count);
	else
		print_tree(cli, top_of(cli, nodes, found.count, top), nodes, found.count);
	if (found.cut)
		fprintf(stderr, "%s", T(cli, FOUND_MORE));
	return CLI_GOOD;
}
