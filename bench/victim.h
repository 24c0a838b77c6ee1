/* SPDX-License-Identifier: Apache-2.0 */
/* A dured that is started to be killed. */
#ifndef DURE_BENCH_VICTIM_H
#define DURE_BENCH_VICTIM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct victim {
	const char *dured, *dir;
	pid_t pid;     /* 0: none runs */
	uint16_t port; /* once it is ready */
};

/* Forks and executes; does not wait until it is ready. 0 or -errno. */
int victim_start(struct victim *victim);
/* Waits until it can be connected to, 30 s at most. False when it ended or never got there. */
bool victim_is_ready(struct victim *victim);
/* SIGKILL, and waits for the end. */
void victim_kill(struct victim *victim);
/* SIGTERM, and waits. True when it ended well. */
bool victim_stop(struct victim *victim);

#endif
