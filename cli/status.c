/* SPDX-License-Identifier: Apache-2.0 */
/* status: is it alive, is it ready, who is it, how much has it done. */
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/show.h"
#include "model/prim.h"
#include "model/rsc.h"

struct status {
	struct cli *cli;
	struct output_table table;
	struct val *json;
};

static void add(struct status *status, const char *name, struct slice text)
{
	struct slice cells[] = {slice_of(name), text};
	output_row(&status->table, cells);
	val_put(status->json, slice_of(name), val_str(&status->cli->arena, text));
}

/* A page that is there or not: other servers have none, and that is said, not refused. */
static int add_page(struct status *status, const char *path)
{
	struct cli *cli = status->cli;
	struct m2m_answer answer;
	if (m2m_fetch(cli->client, &cli->arena, path, &answer) != 0)
		return cli_refused(cli, &answer, path);
	struct slice body = answer.body;
	while (body.len && (body.ptr[body.len - 1] == '\n' || body.ptr[body.len - 1] == '\r'))
		body.len--;
	if (answer.http == 200)
		add(status, path, body.len && body.len < 200 ? body : SLICE("ok"));
	else
		add(status, path,
		    arena_printf(&cli->arena, "%d %.*s", answer.http, body.len < 200 ? (int)body.len : 200,
		                 body.ptr ? body.ptr : ""));
	return CLI_GOOD;
}

static int add_base(struct status *status)
{
	static const char *const wanted[] = {"csi", "cst", "ri", "rn", "poa", "srv", "srt", "ct", "lt"};
	struct cli *cli = status->cli;
	struct m2m_answer answer;
	const char *name = cli->option[OPTION_STATUS_cse] ? cli->option[OPTION_STATUS_cse] : "cse-in";
	struct m2m_request request = {.op = OP_RETRIEVE, .to = name};
	int r = cli_call(cli, &request, &answer);
	if (r)
		return r;
	const struct val *rep = show_representation(answer.pc);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct val *v = val_get(rep, slice_of(wanted[i]));
		if (v)
			add(status, wanted[i], output_text(&cli->arena, v));
	}
	return CLI_GOOD;
}

/* Prometheus text: lines "name{labels} value". Buckets and what is zero would only hide the rest. */
static int add_metrics(struct status *status)
{
	struct cli *cli = status->cli;
	struct m2m_answer answer;
	if (m2m_fetch(cli->client, &cli->arena, "/metrics", &answer) != 0)
		return cli_refused(cli, &answer, "/metrics");
	struct slice rest = answer.http == 200 ? answer.body : SLICE(""), line;
	while (slice_cut(&rest, '\n', &line)) {
		const char *blank = line.len ? memrchr(line.ptr, ' ', line.len) : NULL;
		if (!blank || line.ptr[0] == '#')
			continue;
		struct slice name = slice_make(line.ptr, (size_t)(blank - line.ptr));
		struct slice value = slice_skip(line, name.len + 1);
		if (slice_matches(name, SLICE("*_bucket*")) || slice_is(value, SLICE("0")) || !name.len)
			continue;
		add(status, arena_text(&cli->arena, name), value);
	}
	return CLI_GOOD;
}

int status_run(struct cli *cli)
{
	struct status status = {.cli = cli, .json = val_obj(&cli->arena)};
	output_init(&status.table, &cli->arena, 2);
	int r = cli_client(cli);
	if (r)
		return r;
	add(&status, "at", slice_of(cli->at));
	r = add_page(&status, "/healthz");
	if (!r)
		r = add_page(&status, "/readyz");
	if (!r)
		r = add_base(&status);
	if (!r)
		r = add_metrics(&status);
	if (cli->json)
		output_json(&cli->arena, status.json, stdout);
	else
		output_print(&status.table, "", stdout);
	return r;
}
