/* SPDX-License-Identifier: Apache-2.0 */
/* Welcome to dure, the command line of oneM2M for people.
 *
 * main reads the command line (cli.c) by the table of commands (commands.def), finds the command's function
 * here, and runs it. Commands speak to a CSE through client/, the public door, and to nothing else; only
 * backup, restore, fsck and credential open a data directory, because they must work while no dured runs.
 * What is said to people stands in messages.def, in English and Korean. */
#include "cli/cli.h"

#include "model/type.h"

#include <signal.h>

static int version_run(struct cli *cli)
{
	(void)cli;
	puts("dure " DURE_VERSION);
	return CLI_GOOD;
}

static int (*const functions[COMMAND_COUNT])(struct cli *) = {
        [COMMAND_GET] = verbs_get,
        [COMMAND_CREATE] = verbs_create,
        [COMMAND_SET] = verbs_set,
        [COMMAND_DELETE] = verbs_delete,
        [COMMAND_FIND] = find_run,
        [COMMAND_WATCH] = watch_run,
        [COMMAND_TREE] = tree_run,
        [COMMAND_EXPLAIN] = explain_run,
        [COMMAND_REPLAY] = replay_run,
        [COMMAND_HOME] = home_run,
        [COMMAND_STATUS] = status_run,
        [COMMAND_BACKUP] = offline_backup,
        [COMMAND_RESTORE] = offline_restore,
        [COMMAND_FSCK] = offline_fsck,
        [COMMAND_CREDENTIAL] = credential_run,
        [COMMAND_COMPLETION] = completion_run,
        [COMMAND_HELP] = help_run,
        [COMMAND_VERSION] = version_run,
};

int main(int argc, char **argv)
{
	struct cli cli;
	/* Output into a pipe that closed ("| head") ends us by its errors, checked where much is written. */
	signal(SIGPIPE, SIG_IGN);
	int r = cli_read(&cli, argc, argv);
	if (r == CLI_GOOD) {
		type_init();
		if (cli.option[OPTION_GLOBAL_version])
			r = version_run(&cli);
		else if (cli.option[OPTION_GLOBAL_help] || !cli.command)
			r = help_run(&cli);
		else
			r = functions[cli.command->id](&cli);
		if (!cli.command && !cli.option[OPTION_GLOBAL_help] && !cli.option[OPTION_GLOBAL_version])
			r = CLI_USAGE;
	}
	cli_finish(&cli);
	if (fflush(stdout) != 0 && r == CLI_GOOD)
		r = CLI_REFUSED;
	return r;
}
