/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a resource unless it is there already. */
#ifndef DURE_CLI_ENSURE_H
#define DURE_CLI_ENSURE_H

#include "cli/cli.h"

/* Creates `rep` (with its rn) of type ty and root below parent as originator (NULL: the client's). An
 * existing one of that name is fine: *ret_made tells (may be NULL). Exits as cli_call. */
int ensure_resource(struct cli *cli, const char *parent, int ty, const char *root, struct val *rep,
                    const char *originator, bool *ret_made);
/* An AE of that name below the CSEBase, with the AE-ID `originator`. */
int ensure_ae(struct cli *cli, const char *cse, const char *name, const char *originator, const char *api);
/* A representation with a name and labels ("room:kitchen", ..., NULL at the end). */
struct val *ensure_named(struct arena *arena, const char *name, const char *const *labels);

#endif
