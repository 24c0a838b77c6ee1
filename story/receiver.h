/* SPDX-License-Identifier: Apache-2.0 */
/* Receivers of notifications for tests from outside: processes of their own, each with a temper, that write
 * down what they hear where the test can read it. */
#ifndef DURE_STORY_RECEIVER_H
#define DURE_STORY_RECEIVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define RECEIVER_HEARD_MOST 100000

enum receiver_temper {
	RECEIVER_GOOD,
	RECEIVER_HANGS,    /* takes the request and never answers */
	RECEIVER_DRIPS,    /* answers a byte a second */
	RECEIVER_RUBBISH,  /* answers with what is no HTTP */
	RECEIVER_LIES,     /* answers with HTTP that makes no sense */
	RECEIVER_CLOSES,   /* hangs up instead of an answer */
	RECEIVER_REFUSES,  /* answers with 4101 */
	RECEIVER_SENDS_ON, /* answers with a redirection to nowhere */
	RECEIVER_FLOODS,   /* answers without end */
	RECEIVER_TEMPERS
};

/* What all lives of a receiver have heard, in order: "/s/<who>" was told of the content <what>. */
struct receiver_heard {
	_Atomic uint32_t verified, count;
	struct {
		uint32_t who, what;
	} rows[RECEIVER_HEARD_MOST];
};

struct receiver {
	pid_t pid; /* 0: away */
	int port;  /* the first of them */
	int ports;
	struct receiver_heard *heard; /* shared with the process */
};

/* Up to 1,000 ports in a row are listened on; the first is picked, and kept over restarts. from_the_start:
 * its temper shows already when it is asked for verification. False: no ports could be had. */
bool receiver_start(struct receiver *receiver, enum receiver_temper temper, bool from_the_start, int ports);
/* kill -9; the receiver may be started again, on the same ports. */
void receiver_away(struct receiver *receiver);
/* For good. */
void receiver_end(struct receiver *receiver);
/* Waits until it heard so many, at most `us`. */
bool receiver_wait(const struct receiver *receiver, uint32_t count, int64_t us);

#endif
