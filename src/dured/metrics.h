/* SPDX-License-Identifier: Apache-2.0 */
/* The node's figures in the text format of Prometheus, version 0.0.4. */
#ifndef DURE_DURED_METRICS_H
#define DURE_DURED_METRICS_H

#include "engine/engine.h"
#include "net/http.h"

/* Writes all metrics. */
void metrics_write(struct buf *buf, const struct engine *engine, const struct store *store,
                   const struct http_stats *http, int64_t started_us);

#endif
