/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets on their way in: from a file, from stdin, or typed without an echo. Never from the command line,
 * which everybody on the machine can read. */
#ifndef DURE_CLI_SECRET_H
#define DURE_CLI_SECRET_H

#include "cli/cli.h"

/* The text of a file ("-": stdin) without the line end at its end, at most `most` bytes and not empty; in the
 * arena. CLI_GOOD or CLI_REFUSED (said why). */
int secret_read(struct cli *cli, const char *path, size_t most, struct slice *ret);
/* Asks the terminal for the password of `user`; twice: two must be equal. As secret_read. */
int secret_ask(struct cli *cli, const char *user, bool twice, struct slice *ret);
/* The password of --password-file, of $DURE_PASSWORD, or asked for. */
int secret_password(struct cli *cli, const char *user, bool twice, struct slice *ret);
/* Fills cli->token and cli->password as options and environment say. */
int secret_proof(struct cli *cli);
void secret_wipe(struct slice secret);

#endif
