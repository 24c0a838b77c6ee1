/* SPDX-License-Identifier: Apache-2.0 */
/* explain: the tables of the standard, as model/explain.h writes them. Needs no server. */
#include "model/explain.h"

#include "cli/cli.h"
#include "cli/output.h"

/* The manual page dure-resources(7). */
static void print_mdoc(struct buf *page)
{
	buf_add_lit(page, ".\\\" SPDX-License-Identifier: Apache-2.0\n"
	                  ".\\\" Made by `dure explain --mdoc` from the tables of spec/.\n"
	                  ".Dd $Mdocdate$\n.Dt DURE-RESOURCES 7\n.Os Dure\n.Sh NAME\n.Nm dure-resources\n"
	                  ".Nd resource types, parameters and codes of oneM2M, as Dure knows them\n"
	                  ".Sh DESCRIPTION\nThese are the tables that\n.Xr dured 8\nserves and checks by.\n"
	                  ".Xr dure 1\nshows them with\n.Ql dure explain .\n");
	explain_mdoc_types(page);
	explain_mdoc_params(page);
	explain_mdoc_codes(page);
	buf_add_lit(page, ".Sh SEE ALSO\n.Xr dure 1 ,\n.Xr dured 8\n");
}

static bool write_page(struct cli *cli, struct buf *page)
{
	const char *what = cli->operand_count ? cli->operands[0] : NULL;
	const struct type *type = what ? type_by_name(slice_of(what)) : NULL;
	if (what && !type)
		type = type_by_root(slice_of(what));
	if (cli->option[OPTION_EXPLAIN_mdoc])
		print_mdoc(page);
	else if (cli->json && type)
		explain_json_type(page, type);
	else if (cli->json)
		explain_json(page);
	else if (!what)
		explain_types(page);
	else
		return explain_find(page, slice_of(what));
	return true;
}

int explain_run(struct cli *cli)
{
	struct buf page;
	buf_init(&page, &cli->arena);
	if (!write_page(cli, &page)) {
		fprintf(stderr, T(cli, NOTHING_TO_EXPLAIN), cli->operands[0]);
		return CLI_REFUSED;
	}
	fwrite(page.ptr, 1, page.len, stdout);
	if (cli->json && page.len && page.ptr[page.len - 1] != '\n')
		putchar('\n');
	return CLI_GOOD;
}
