/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways the logs write a time. */
#ifndef DURE_CLI_EVENT_LOG_TIME_H
#define DURE_CLI_EVENT_LOG_TIME_H

#include "base/slice.h"

/* "2012-11-11 21:14:21" or "19-Nov-2008 22:47:46" as microseconds since 1970, taken as UTC. False for
 * anything else. */
bool event_log_time(struct slice text, int64_t *ret_us);

#endif
