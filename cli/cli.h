/* SPDX-License-Identifier: Apache-2.0 */
/* What every command has in its hands: the options, the operands, the language, the client. */
#ifndef DURE_CLI_CLI_H
#define DURE_CLI_CLI_H

#include "cli/command.h"
#include "client/client.h"

#include <stdio.h>

/* How dure ends. */
enum cli_exit {
	CLI_GOOD = 0,
	CLI_REFUSED = 1, /* the CSE said no, or the work could not be done */
	CLI_USAGE = 2,   /* the command line was wrong */
	CLI_NOBODY = 3,  /* nobody answered */
};

struct cli {
	struct arena arena; /* for the whole run */
	const struct command *command;
	const char *option[OPTION_COUNT]; /* NULL: not given; a switch that was given: "" */
	const char **operands;
	int operand_count;
	enum language language;
	bool json; /* --output json */
	const char *at, *as, *data_dir;
	const char *token, *password; /* what proves who asks; NULL: nothing */
	int64_t timeout_us;
	struct m2m_client *client; /* made by cli_client */
};

/* Connections of cli->client: enough to fetch many values at once. */
#define CLI_CONNECTIONS 8

/* Reads the command line into *cli, with the environment behind it. CLI_GOOD, or CLI_USAGE (said why).
 * command stays NULL when none was named. */
int cli_read(struct cli *cli, int argc, char **argv);
void cli_finish(struct cli *cli);

/* What a client of ours is made with: where, who, how long, and the trace of --verbose. */
struct m2m_config cli_config(const struct cli *cli, unsigned connections);
/* Makes the client at the first call; CLI_GOOD or another exit (said why). */
int cli_client(struct cli *cli);
/* One request and its answer. CLI_GOOD when it was done; else says why on stderr and gives the exit. */
int cli_call(struct cli *cli, const struct m2m_request *request, struct m2m_answer *ret);
/* Says why an answer is not good: who did not answer, or what was refused. Gives the exit. */
int cli_refused(struct cli *cli, const struct m2m_answer *answer, const char *what);

/* A number given with an option; `otherwise` when not given. False: not a number in that range (said so). */
bool cli_number(struct cli *cli, enum option_id id, uint64_t least, uint64_t most, uint64_t otherwise,
                uint64_t *ret);
/* "how to call this" on stderr; gives CLI_USAGE. */
int cli_usage(struct cli *cli);

/* The commands. Each gives its exit. */
int verbs_get(struct cli *cli);
int verbs_create(struct cli *cli);
int verbs_set(struct cli *cli);
int verbs_delete(struct cli *cli);
int find_run(struct cli *cli);
int watch_run(struct cli *cli);
int tree_run(struct cli *cli);
int explain_run(struct cli *cli);
int replay_run(struct cli *cli);
int home_run(struct cli *cli);
int status_run(struct cli *cli);
int offline_backup(struct cli *cli);
int offline_restore(struct cli *cli);
int offline_fsck(struct cli *cli);
int credential_run(struct cli *cli);
int completion_run(struct cli *cli);
int help_run(struct cli *cli);

#endif
