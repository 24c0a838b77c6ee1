/* SPDX-License-Identifier: Apache-2.0 */
/* Who may come in: the credentials of this node, kept up with their file, and what the engine asks about
 * them. */
#ifndef DURE_DURED_GUARD_H
#define DURE_DURED_GUARD_H

#include "auth/auth.h"
#include "dured/config.h"
#include "net/loop.h"
#include "peer/admission.h"

struct guard;

/* Reads the credentials (none is fine) and watches their file. config gives names and limits; loop and config
 * must outlive it. 0, a refusal that names file and line, or -errno. */
MUST_CHECK int guard_create(struct loop *loop, struct config *config, struct why *why, struct guard **ret);
/* After those who were given its ports. NULL is fine. */
void guard_destroy(struct guard *guard);
/* Reads the file again; what can't be read is logged, and all stays as it was. */
void guard_reload(struct guard *guard);

/* For the bindings; valid as long as the guard. */
struct auth *guard_auth(struct guard *guard);
/* Fills the engine's ports of admission and vouching. */
void guard_fill_ports(struct guard *guard, struct ports *ports);

struct guard_stats {
	struct auth_stats auth;
	struct admission_stats admission;
};
void guard_stats(const struct guard *guard, struct guard_stats *ret);

#endif
