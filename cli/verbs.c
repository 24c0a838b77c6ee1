/* SPDX-License-Identifier: Apache-2.0 */
/* get, create, set, delete: one request each. */
#include "cli/cli.h"
#include "cli/representation.h"
#include "cli/show.h"
#include "codec/json.h"
#include "model/prim.h"

#include <stdlib.h>

/* Adds "key=value" to a query; value NULL adds nothing. */
static void query_add(struct cli *cli, struct buf *query, const char *key, const char *value)
{
	if (!value)
		return;
	if (query->len)
		buf_add_char(query, '&');
	buf_printf(query, "%s=", key);
	buf_add_slice(query, m2m_escape(&cli->arena, slice_of(value)));
}

static const char *query_text(struct buf *query)
{
	if (!query->len)
		return NULL;
	buf_add_char(query, '\0');
	return query->ptr;
}

int verbs_get(struct cli *cli)
{
	struct m2m_request request = {.op = OP_RETRIEVE, .to = cli->operands[0]};
	struct m2m_answer answer;
	struct buf query;
	buf_init(&query, &cli->arena);
	query_add(cli, &query, "rcn", cli->option[OPTION_GET_rcn]);
	struct slice rest = slice_of(cli->option[OPTION_GET_attr]), name;
	for (bool first = true; slice_cut(&rest, ',', &name); first = false) {
		buf_add_slice(&query, first ? (query.len ? SLICE("&atrl=") : SLICE("atrl=")) : SLICE("+"));
		buf_add_slice(&query, m2m_escape(&cli->arena, name));
	}
	if (cli->option[OPTION_GET_query])
		buf_printf(&query, "%s%s", query.len ? "&" : "", cli->option[OPTION_GET_query]);
	request.query = query_text(&query);
	int r = cli_call(cli, &request, &answer);
	if (!r)
		show_content(cli, answer.pc);
	return r;
}

/* The text of --json, or all of stdin for "-". */
static bool json_text(struct cli *cli, const char *given, struct slice *ret)
{
	*ret = slice_of(given);
	if (strcmp(given, "-") != 0)
		return true;
	struct buf buf;
	buf_init(&buf, &cli->arena);
	size_t got;
	do {
		got = fread(buf_room(&buf, 65536), 1, 65536, stdin);
		buf.len += got;
	} while (got && buf.len < ((size_t)64 << 20));
	*ret = buf_slice(&buf);
	return !ferror(stdin);
}

/* Is it {"m2m:cnt":{...}} already, and not a bare representation? */
static bool has_root(const struct val *v)
{
	return v->kind == VAL_OBJ && v->count == 1 && memchr(v->first->name.ptr, ':', v->first->name.len);
}

static int read_json(struct cli *cli, const char *given, struct val **ret)
{
	struct why why = {0};
	struct slice text;
	if (!json_text(cli, given, &text)) {
		fprintf(stderr, "%s", T(cli, STDIN_BROKE));
		return CLI_USAGE;
	}
	if (json_read(&cli->arena, text, NULL, &why, ret) == 0)
		return CLI_GOOD;
	fprintf(stderr, T(cli, BAD_JSON), why.text);
	return CLI_USAGE;
}

static int read_words(struct cli *cli, const struct type *type, int first, struct val **ret)
{
	struct why why = {0};
	size_t count = (size_t)(cli->operand_count - first);
	if (representation_read(&cli->arena, type, cli->operands + first, count, &why, ret) == 0)
		return CLI_GOOD;
	fprintf(stderr, T(cli, BAD_WORD), why.text, type ? type->sn : "cnt");
	return CLI_USAGE;
}

/* What create and set send: --json (with its root or bare), or NAME=VALUE words. */
static int read_content(struct cli *cli, enum option_id json, const struct type *type, const char *root,
                        int first_word, struct val **ret_pc)
{
	struct val *rep = NULL;
	int r = cli->option[json] ? read_json(cli, cli->option[json], &rep)
	                          : read_words(cli, type, first_word, &rep);
	if (r)
		return r;
	if (has_root(rep) && cli->option[json]) {
		*ret_pc = rep;
		return CLI_GOOD;
	}
	*ret_pc = val_obj(&cli->arena);
	val_put(*ret_pc, slice_of(root), rep);
	return CLI_GOOD;
}

/* The definition of a flexContainer follows from its root. */
static void add_definition(struct cli *cli, const struct type *type, const struct val *pc)
{
	struct val *rep = pc->first;
	if (type->number == TYPE_FCNT && type->definition && rep->kind == VAL_OBJ && !val_find(rep, "cnd"))
		val_put(rep, SLICE("cnd"), val_str(&cli->arena, slice_of(type->definition)));
}

int verbs_create(struct cli *cli)
{
	const char *word = cli->operands[1];
	const struct type *type = representation_type(slice_of(word));
	if (!type) {
		fprintf(stderr, T(cli, NO_SUCH_TYPE), word);
		return CLI_USAGE;
	}
	struct val *pc;
	struct m2m_answer answer;
	int r = read_content(cli, OPTION_CREATE_json, type, type->root, 2, &pc);
	if (r)
		return r;
	add_definition(cli, type, pc);
	struct buf query;
	buf_init(&query, &cli->arena);
	query_add(cli, &query, "rcn", cli->option[OPTION_CREATE_rcn]);
	struct m2m_request request = {.op = OP_CREATE,
	                              .to = cli->operands[0],
	                              .ty = (int)type->number,
	                              .pc = pc,
	                              .query = query_text(&query)};
	r = cli_call(cli, &request, &answer);
	if (!r)
		show_content(cli, answer.pc);
	return r;
}

/* The root name of what stands at a path: an update must carry it. */
static int root_of(struct cli *cli, const char *path, const char **ret_root, const struct type **ret_type)
{
	struct m2m_answer answer;
	struct m2m_request request = {.op = OP_RETRIEVE, .to = path};
	int r = cli_call(cli, &request, &answer);
	if (r)
		return r;
	const struct val *rep = show_representation(answer.pc);
	if (!rep) {
		fprintf(stderr, T(cli, GARBAGE), cli->at, "{\"m2m:...\":{...}}");
		return CLI_REFUSED;
	}
	*ret_root = arena_text(&cli->arena, rep->name);
	*ret_type = type_by_root(rep->name);
	return CLI_GOOD;
}

int verbs_set(struct cli *cli)
{
	const char *root;
	const struct type *type;
	struct val *pc;
	struct m2m_answer answer;
	if (!cli->option[OPTION_SET_json] && cli->operand_count < 2)
		return cli_usage(cli);
	int r = root_of(cli, cli->operands[0], &root, &type);
	if (!r)
		r = read_content(cli, OPTION_SET_json, type, root, 1, &pc);
	if (r)
		return r;
	struct buf query;
	buf_init(&query, &cli->arena);
	query_add(cli, &query, "rcn", cli->option[OPTION_SET_rcn]);
	struct m2m_request request = {
	        .op = OP_UPDATE, .to = cli->operands[0], .pc = pc, .query = query_text(&query)};
	r = cli_call(cli, &request, &answer);
	if (!r)
		show_content(cli, answer.pc);
	return r;
}

int verbs_delete(struct cli *cli)
{
	struct m2m_answer answer;
	struct buf query;
	buf_init(&query, &cli->arena);
	query_add(cli, &query, "rcn", cli->option[OPTION_DELETE_rcn]);
	struct m2m_request request = {.op = OP_DELETE, .to = cli->operands[0], .query = query_text(&query)};
	int r = cli_call(cli, &request, &answer);
	if (r)
		return r;
	if (answer.pc)
		show_content(cli, answer.pc);
	else if (!cli->json)
		printf(T(cli, DELETED), cli->operands[0]);
	return CLI_GOOD;
}
