/* SPDX-License-Identifier: Apache-2.0 */
/* Where notifications come in: a small HTTP receiver that answers verifications and notifications with 2000
 * and hands the events on. */
#ifndef DURE_CLI_RECEIVER_H
#define DURE_CLI_RECEIVER_H

#include "cli/cli.h"

struct receiver;

struct receiver_event {
	unsigned number;       /* which URL it came to */
	int64_t net;           /* event type; 0: not told */
	struct slice root;     /* "m2m:cin"; empty: no representation */
	const struct val *rep; /* may be NULL */
	bool deleted;          /* the subscription is gone */
	const struct val *sgn; /* the whole notification; good until the callback returns */
};
typedef void receiver_fn(void *user, const struct receiver_event *event);

/* listen as http_server_create. 0 or -errno. */
int receiver_create(const char *listen, receiver_fn *fn, void *user, struct receiver **ret);
void receiver_destroy(struct receiver *receiver);
/* The URL whose notifications carry that number. */
struct slice receiver_url(const struct receiver *receiver, unsigned number, struct arena *arena);
/* Takes what has come, waiting at most wait_us. 0 or -errno. */
int receiver_turn(struct receiver *receiver, int64_t wait_us);
/* m2m_call that goes on receiving meanwhile: a CSE verifies a subscriber before it answers the create. Exits
 * as cli_call. */
int receiver_call(struct receiver *receiver, struct cli *cli, const struct m2m_request *request,
                  struct m2m_answer *ret);
/* A subscription to make: whose, to what, for which events ("1,3"), under which name (NULL: any). */
struct receiver_wish {
	const char *path, *net;
	const char *originator; /* NULL: the client's */
	const char *name;
	unsigned number; /* of the URL */
};
/* Makes it. *ret_sub is its address. Exits as cli_call. */
int receiver_subscribe(struct receiver *receiver, struct cli *cli, const struct receiver_wish *wish,
                       const char **ret_sub);

#endif
