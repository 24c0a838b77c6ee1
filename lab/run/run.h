/* SPDX-License-Identifier: Apache-2.0 */
/* All cases over one way: the server is started or met, every case is played, and what came out is in the
 * report. */
#ifndef DURE_LAB_RUN_H
#define DURE_LAB_RUN_H

#include "lab/run/cert.h"
#include "lab/run/report.h"
#include "lab/run/way.h"
#include "net/mqtt_broker.h"

struct run {
	const struct options *options;
	const char *program; /* our own node */
	const struct way *way;
	bool tells; /* a failed case is told at once */
	struct lab lab;
	struct arena arena;
	struct mqtt_broker broker;
	struct cert cert;
	char url[300];        /* where the server is, or the broker that it is found at */
	const char *issuers;  /* a file that says whose tokens our node is to trust; NULL: none */
	struct report report; /* its results have their cases already */
};

/* Init with the members above `lab`, and report.results. 0; 2 after having said why it could not begin.
 * The texts of complaints stay until run_finish. */
int run_play(struct run *run);
void run_finish(struct run *run);
/* A signal asks for an early end. */
void run_stop(void);
bool run_is_stopped(void);
/* dured-virtual beside this program, or in the build tree, or in the path. */
const char *run_program(const struct options *options, const char *self, struct arena *arena);

#endif
