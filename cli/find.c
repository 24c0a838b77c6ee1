/* SPDX-License-Identifier: Apache-2.0 */
/* find: discovery by filter criteria. */
#include "cli/cli.h"
#include "cli/discover.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/values.h"
#include "model/type.h"

static bool has_key(const char *word, const char *key)
{
	size_t len = strlen(key);
	return strncmp(word, key, len) == 0 && word[len] == '=';
}

static int read_filters(struct cli *cli, struct buf *query)
{
	bool usage_given = false;
	for (int i = 1; i < cli->operand_count; i++) {
		usage_given = usage_given || has_key(cli->operands[i], "fu");
		if (!discover_filter(&cli->arena, query, slice_of(cli->operands[i]))) {
			fprintf(stderr, T(cli, BAD_FILTER), cli->operands[i]);
			return CLI_USAGE;
		}
	}
	if (!usage_given)
		buf_printf(query, "%sfu=1", query->len ? "&" : "");
	return CLI_GOOD;
}

static struct values_item *fetch_values(struct cli *cli, const struct discover *found, int *ret)
{
	struct values_item *items = arena_array(&cli->arena, found->count + 1, struct values_item);
	for (size_t i = 0; i < found->count; i++)
		items[i].path = found->hits[i].path;
	*ret = values_fetch(cli, items, found->count);
	return items;
}

static void print_json(struct cli *cli, const struct discover *found, const struct values_item *items)
{
	struct val *list = val_arr(&cli->arena);
	for (size_t i = 0; i < found->count; i++) {
		struct val *path = val_str(&cli->arena, slice_of(found->hits[i].path));
		if (!items) {
			val_push(list, path);
			continue;
		}
		struct val *entry = val_push(list, val_obj(&cli->arena));
		val_put(entry, SLICE("path"), path);
		if (items[i].rep)
			val_put(entry, items[i].root, val_copy(&cli->arena, items[i].rep));
	}
	output_json(&cli->arena, list, stdout);
}

static void print_table(struct cli *cli, const struct discover *found, const struct values_item *items)
{
	struct output_table table;
	output_init(&table, &cli->arena, items ? 4 : 1);
	for (size_t i = 0; i < found->count; i++) {
		struct slice cells[4] = {slice_of(found->hits[i].path)};
		if (items) {
			const struct type *type = type_by_root(items[i].root);
			cells[1] = type ? slice_of(type->sn) : items[i].root;
			cells[2] = output_text(&cli->arena, val_find(items[i].rep, "ct"));
			cells[3] = show_value(&cli->arena, items[i].root, items[i].rep);
		}
		output_row(&table, cells);
	}
	output_print(&table, "", stdout);
	fprintf(stderr, T(cli, FOUND), found->count);
	if (found->cut)
		fprintf(stderr, "%s", T(cli, FOUND_MORE));
}

int find_run(struct cli *cli)
{
	struct buf query;
	struct discover found;
	struct values_item *items = NULL;
	buf_init(&query, &cli->arena);
	int r = read_filters(cli, &query);
	if (!r)
		r = discover_run(cli, cli->operands[0], buf_slice(&query),
		                 cli->option[OPTION_FIND_all] != NULL, SIZE_MAX, &found);
	if (!r && cli->option[OPTION_FIND_values])
		items = fetch_values(cli, &found, &r);
	if (r)
		return r;
	if (cli->json)
		print_json(cli, &found, items);
	else
		print_table(cli, &found, items);
	return CLI_GOOD;
}
