/* SPDX-License-Identifier: Apache-2.0 */
/* Resources for people. */
#ifndef DURE_CLI_SHOW_H
#define DURE_CLI_SHOW_H

#include "cli/cli.h"

/* Prints what an answer carries: as JSON, or as a table of attributes with their long names. NULL is fine. */
void show_content(struct cli *cli, const struct val *pc);
/* What a resource says at this moment, in a few words: the content of an instance, the data points of a
 * flexContainer; empty for others. `root` names the representation ("m2m:cin"). */
struct slice show_value(struct arena *arena, struct slice root, const struct val *rep);
/* The representation inside {"m2m:cin":{...}}; NULL when it is no such thing. */
const struct val *show_representation(const struct val *pc);

#endif
