/* SPDX-License-Identifier: Apache-2.0 */
/* The node's figures in the text format of Prometheus, version 0.0.4. Each appends its part. */
#ifndef DURE_DURED_METRICS_H
#define DURE_DURED_METRICS_H

#include "dured/doors.h"
#include "dured/guard.h"
#include "engine/engine.h"

/* The process, the engine and the store. */
void metrics_write(struct buf *buf, const struct engine *engine, const struct store *store,
                   int64_t started_us);
void metrics_write_doors(struct buf *buf, const struct doors_stats *stats);
void metrics_write_guard(struct buf *buf, const struct guard_stats *stats);

#endif
