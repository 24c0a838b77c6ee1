/* SPDX-License-Identifier: Apache-2.0 */
/* backup, restore, fsck: work on a data directory, with or without a dured running on it. */
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "store/store.h"
#include "store/store_admin.h"

#include <errno.h>
#include <sys/stat.h>

static int failed(struct cli *cli, int r, const struct why *why)
{
	fprintf(stderr, T(cli, OFFLINE_FAILED), *why->text ? why->text : strerror(-r));
	return CLI_REFUSED;
}

struct copying {
	struct progress progress;
	uint64_t done;
};

static int copied(void *user, uint64_t done, uint64_t all)
{
	struct copying *copying = user;
	copying->progress.total = all;
	copying->done = done;
	progress_show(&copying->progress, done, 0);
	return interrupt_asked();
}

int offline_backup(struct cli *cli)
{
	struct why why = {0};
	struct copying copying;
	struct stat file;
	progress_init(&copying.progress, cli->language, 1);
	copying.done = 0;
	interrupt_catch();
	int r = store_sqlite_backup(cli->data_dir, cli->operands[0], copied, &copying, &why);
	progress_clear(&copying.progress);
	if (r)
		return failed(cli, r, &why);
	unsigned long long bytes = stat(cli->operands[0], &file) == 0 ? (unsigned long long)file.st_size : 0;
	if (cli->json)
		printf("{\"bytes\":%llu}\n", bytes);
	else
		printf(T(cli, BACKUP_DONE), cli->data_dir, cli->operands[0], bytes);
	return CLI_GOOD;
}

int offline_restore(struct cli *cli)
{
	struct why why = {0};
	struct stat file;
	const char *there = arena_text(&cli->arena, arena_printf(&cli->arena, "%s/dure.db", cli->data_dir));
	if (!cli->option[OPTION_RESTORE_replace] && stat(there, &file) == 0) {
		fprintf(stderr, T(cli, RESTORE_OCCUPIED), cli->data_dir);
		return CLI_REFUSED;
	}
	int r = store_sqlite_restore(cli->operands[0], cli->data_dir, &why);
	if (r)
		return failed(cli, r, &why);
	if (!cli->json)
		printf(T(cli, RESTORE_DONE), cli->operands[0], cli->data_dir, cli->data_dir);
	return CLI_GOOD;
}

static void tell(void *user, const char *sentence)
{
	struct cli *cli = user;
	printf("%.*s\n", SLICE_ARG(output_safe(&cli->arena, slice_of(sentence))));
}

int offline_fsck(struct cli *cli)
{
	struct store *store;
	struct why why = {0};
	struct store_config config = {.dir = cli->data_dir, .read_only = true};
	int r = store_sqlite_create(&config, &why, &store);
	if (r)
		return failed(cli, r, &why);
	int breaches = store->ops->check(store, tell, cli);
	store->ops->destroy(store);
	if (breaches < 0)
		return failed(cli, breaches, &why);
	if (cli->json)
		printf("{\"breaches\":%d}\n", breaches);
	else if (breaches)
		printf(T(cli, FSCK_BREACHES), breaches, cli->data_dir);
	else
		printf(T(cli, FSCK_CLEAN), cli->data_dir);
	return breaches ? CLI_REFUSED : CLI_GOOD;
}
