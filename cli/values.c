/* SPDX-License-Identifier: Apache-2.0 */
/* Many small requests in flight at once. */
#include "cli/values.h"

#include "cli/interrupt.h"
#include "cli/show.h"
#include "model/prim.h"
#include "model/rsc.h"

struct fetch {
	struct cli *cli;
	struct values_item *item;
	const char **silence; /* why nobody answered; stays NULL when somebody did */
};

static void fetched(void *user, const struct m2m_answer *answer)
{
	struct fetch *fetch = user;
	if (!answer->http)
		*fetch->silence = answer->error;
	const struct val *rep = rsc_is_good(answer->rsc) ? show_representation(answer->pc) : NULL;
	if (!rep)
		return;
	struct val *copy = val_copy(&fetch->cli->arena, rep);
	fetch->item->rep = copy;
	fetch->item->root = arena_copy(&fetch->cli->arena, rep->name);
}

int values_fetch(struct cli *cli, struct values_item *items, size_t count)
{
	const char *silence = NULL;
	int r = cli_client(cli);
	for (size_t i = 0; !r && i < count && !silence && !interrupt_asked(); i++) {
		if (!items[i].path)
			continue;
		struct fetch *fetch = arena_new(&cli->arena, struct fetch);
		*fetch = (struct fetch){cli, &items[i], &silence};
		struct slice to = items[i].newest ? arena_printf(&cli->arena, "%s/la", items[i].path)
		                                  : slice_of(items[i].path);
		struct m2m_request request = {.op = OP_RETRIEVE, .to = arena_text(&cli->arena, to)};
		if (m2m_send(cli->client, &request, fetched, fetch) != 0)
			r = CLI_REFUSED;
	}
	if (!r && m2m_run(cli->client, true) != 0)
		r = CLI_REFUSED;
	if (!r && silence) {
		fprintf(stderr, T(cli, NOBODY), cli->at, silence);
		r = CLI_NOBODY;
	}
	return r;
}
