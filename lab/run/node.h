/* SPDX-License-Identifier: Apache-2.0 */
/* Our own node, started for the lab: dured-virtual with a data directory of its own, whose time we move
 * through its standard input ("pass MICROSECONDS" and then "passed" comes back). */
#ifndef DURE_LAB_NODE_H
#define DURE_LAB_NODE_H

#include "base/fail.h"
#include "net/loop.h"

struct node_process;

/* Starts `program` and waits until its door ("http", "coap": the file DOOR.port) is open. options: further
 * arguments, NULL-terminated, may be NULL. 0, a refusal with a sentence, or -errno. */
MUST_CHECK int node_start(struct loop *loop, const char *program, const char *const *options,
                          const char *door, struct why *why, struct node_process **ret);
/* Ends it and removes its directory (kept when keep is true, and told). NULL is fine. */
void node_stop(struct node_process *node, bool keep);
/* Of the door. */
int node_port(const struct node_process *node);
const char *node_directory(const struct node_process *node);
bool node_is_alive(struct node_process *node);
/* Moves its time and waits until it has done what was due meanwhile; receivers are served while we wait. */
MUST_CHECK int node_pass(struct node_process *node, int64_t us, struct why *why);

#endif
