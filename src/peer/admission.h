/* SPDX-License-Identifier: Apache-2.0 */
/* The engine asks at its first step: may this originator do this now? Fills the port `admission`.
 *
 * 4106: who speaks has proven to be somebody else. 4107: a proof is needed, and there is none, or it was
 * revoked. 4139: the allowance is spent. Two names are the node's own, the administrator's and its CSE-ID:
 * nobody has them by a star, and without a proof only who is on this machine, with nobody in between. Of each
 * kind of refusal the log has one line in ten seconds. TS-0003 7.2.1 */
#ifndef DURE_PEER_ADMISSION_H
#define DURE_PEER_ADMISSION_H

#include "engine/ports.h"
#include "peer/quota.h"

struct admission_gate;

/* Who must prove who they are. */
enum admission_mode {
	ADMISSION_BEYOND_LOOPBACK, /* all but plain connections on loopback */
	ADMISSION_ALWAYS,
	ADMISSION_NEVER, /* nobody; the administrator's originator is believed on loopback only, even so */
	ADMISSION_MODE_COUNT
};

/* Limits: 0: none. They hold for all but the administrator and those who are believed on loopback. */
struct admission_config {
	enum admission_mode mode;
	struct quota_rates rates;          /* by originator; of strangers by address */
	uint64_t resources, subscriptions; /* one originator may own, instances not counted */
};

struct admission_gate *admission_create(const struct admission_config *config);
void admission_destroy(struct admission_gate *gate); /* NULL is fine */
/* The port, to be given to the engine; valid as long as the gate. */
struct admission admission_port(struct admission_gate *gate);
/* "beyond-loopback", "always", "never". False: another word. */
bool admission_mode_read(const char *text, enum admission_mode *ret);

struct admission_stats {
	uint64_t unproven;      /* 4107: no proof where one is needed */
	uint64_t revoked;       /* 4107: with a credential that was revoked meanwhile */
	uint64_t somebody_else; /* 4106 */
	uint64_t requests, bytes, resources, subscriptions; /* 4139, by limit */
	uint64_t accounts;                                  /* held now */
};
void admission_stats(const struct admission_gate *gate, struct admission_stats *ret);

#endif
