/* SPDX-License-Identifier: Apache-2.0 */
/* The subscriber of the benchmarks: an HTTP server that thanks for every notification and counts it. */
#ifndef DURE_BENCH_SINK_H
#define DURE_BENCH_SINK_H

#include "bench/reactor.h"

struct sink;

/* Listens on 127.0.0.1. 0 or -errno. */
int sink_create(struct reactor *reactor, uint16_t port, struct sink **ret);
void sink_destroy(struct sink *sink);
/* Notifications taken; the questions whether the subscription is wanted (vrq) are not counted among them. */
uint64_t sink_count(const struct sink *sink);

#endif
