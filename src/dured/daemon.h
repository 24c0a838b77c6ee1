/* SPDX-License-Identifier: Apache-2.0 */
/* The node put together: store, engine, bindings and loop, in this order up and in the reverse order down. */
#ifndef DURE_DURED_DAEMON_H
#define DURE_DURED_DAEMON_H

#include "dured/config.h"

struct daemon;

/* Starts everything; what goes wrong is said on stderr in a sentence that names the way out. 0, or not 0. */
MUST_CHECK int daemon_create(struct config *config, struct daemon **ret);
/* Serves until SIGTERM or SIGINT, then finishes what is under way. 0 or -errno. */
MUST_CHECK int daemon_run(struct daemon *daemon);
void daemon_destroy(struct daemon *daemon);
/* Does the configuration make sense? Says on stderr what does not. 0 or 2. */
int daemon_check(const struct config *config);

#endif
